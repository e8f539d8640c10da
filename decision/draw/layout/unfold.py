"""Which part of a decision tree is drawn when there is no room for all of it.

*By levels*: as many levels as the rows suffice for, so that like is compared with like.
*By likelihood*: from the root on, the branch is unfolded next that the best strategy most
probably comes to, so that the picture follows the advice and says of the rest what it is
worth. Either way a fork with more branches than there is room for keeps the most probable
of them, or the best options, and has one row for all the others: of chances with their
expectation, of options with the best of them.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING

from decision.draw.layout.tidy import Fork, fork_at, is_cut, placed
from decision.tree.nodes import TreeNode

if TYPE_CHECKING:
    from decision.tree import Branch, Tree

__all__ = ["deepest", "follow", "leaves_at", "spread", "unfolded"]

WIDE = 12
"""Branches of a fork, at most, where a whole level has no room."""
OFF = 0.02
"""How much a branch that is not chosen counts, beside the one that is."""


def unfolded(
    tree: Tree,
    leaves: int,
    depth: int | None = None,
    likely: bool = False,
    before: tuple[str, ...] = (),
) -> Fork:
    """Return as much of a tree as has room in so many rows.

    `before` are the variables settled before the tree's root.
    """
    if likely:
        return follow(tree, leaves, depth, before)
    whole = deepest(tree, leaves, depth)
    narrow = deepest(tree, leaves, depth, WIDE)
    widest = WIDE if narrow > whole and leaves >= WIDE else leaves
    return spread(tree, narrow if widest == WIDE else whole, widest, before)


# -- how deep ------------------------------------------------------------------------


def leaves_at(tree: Tree, depth: int, widest: int | None = None) -> int:
    """Count the leaves of the tree unrolled to a depth, with forks of at most `widest`."""
    known: dict[tuple[int, int], int] = {}

    def leaves(number: int, left: int) -> int:
        node = fork_at(tree, number)[0]
        if not node.branches or not left:
            return 1
        key = (number, left)
        if key not in known:
            kept, others = _kept(tree, node, widest)
            known[key] = sum(leaves(b.to, left - 1) for b in kept) + bool(others)
        return known[key]

    return leaves(tree.root, depth)


def deepest(tree: Tree, leaves: int, depth: int | None = None, widest: int | None = None) -> int:
    """Return the greatest depth, at least 1 and at most `depth`, that has room."""
    reached = 1
    held = leaves_at(tree, 1, widest)
    while reached != depth:
        following = leaves_at(tree, reached + 1, widest)
        if following > leaves or (following == held and not _goes_on(tree, reached)):
            break
        reached, held = reached + 1, following
    return reached


def _goes_on(tree: Tree, depth: int) -> bool:
    """Whether any branch is left at a depth."""
    level = {tree.root}
    for _ in range(depth):
        level = {branch.to for number in level for branch in fork_at(tree, number)[0].branches}
    return any(fork_at(tree, number)[0].branches for number in level)


# -- branches -------------------------------------------------------------------------


def _kept(
    tree: Tree, node: TreeNode, widest: int | None
) -> tuple[Sequence[Branch], Sequence[Branch]]:
    """Return the branches that are drawn, in the tree's order, and the others."""
    branches = node.branches
    if widest is None or len(branches) <= widest:
        return branches, ()
    if node.kind == "decision":
        ranks = [(b.chosen is True, _worth(tree.nodes[b.to])) for b in branches]
    else:
        ranks = [(False, b.probability or 0.0) for b in branches]
    order = sorted(range(len(branches)), key=lambda i: ranks[i], reverse=True)
    first = set(order[: max(widest - 1, 1)])
    return (
        [b for i, b in enumerate(branches) if i in first],
        [b for i, b in enumerate(branches) if i not in first],
    )


def _worth(node: TreeNode) -> float:
    certain = node.certain_equivalent
    return node.expected_value if certain is None else certain


class _Growth:
    """Grows the forks of a tree, branch by branch."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.ends: dict[int, int] = {}

    def holds(self, number: int) -> int:
        """Return how many ends there are below a node, 0 if the tree was cut at a depth."""
        if self.tree.unfolding.depth is not None:
            return 0
        waiting = [number]
        while waiting:  # a tree may be deeper than Python's stack
            top = waiting[-1]
            branches = fork_at(self.tree, top)[0].branches
            unknown = [b.to for b in branches if b.to not in self.ends]
            if unknown:
                waiting += unknown
                continue
            self.ends[top] = sum(self.ends[b.to] for b in branches) or 1
            waiting.pop()
        return self.ends[number]

    def root(self, before: tuple[str, ...]) -> Fork:
        node, passed = fork_at(self.tree, self.tree.root)
        return self.closed(Fork(node, history=(*before, *passed)), self.tree.root)

    def closed(self, fork: Fork, number: int) -> Fork:
        """Fold what hangs at a fork."""
        fork.folded = bool(fork.node.branches) or is_cut(self.tree, fork.history)
        fork.holds = self.holds(number) if fork.node.branches else 0
        return fork

    def open(self, fork: Fork, widest: int | None) -> list[Fork]:
        """Unfold one level: return the branches that could be unfolded further."""
        kept, others = _kept(self.tree, fork.node, widest)
        fork.folded, fork.holds = False, 0
        for branch in kept:
            node, passed = fork_at(self.tree, branch.to)
            child = self.child(fork, node, branch.label, branch.probability, branch.chosen)
            child.history = (*child.history, *passed)
            fork.children.append(self.closed(child, branch.to))
        grown = [child for child in fork.children if child.node.branches]
        if others:
            fork.children.append(self.rest(fork, others))
        return grown

    def child(
        self, fork: Fork, node: TreeNode, label: str, odds: float | None, chosen: bool | None
    ) -> Fork:
        return Fork(
            node,
            parent=fork,
            label=label,
            odds=odds,
            chosen=chosen,
            depth=fork.depth + 1,
            history=(*fork.history, fork.node.name),
            best=fork.best and chosen is not False,
        )

    def rest(self, fork: Fork, others: Sequence[Branch]) -> Fork:
        """Return the one row for all branches of a fork that are not drawn."""
        nodes = [self.tree.nodes[b.to] for b in others]
        chance = fork.node.kind == "chance"
        odds = math.fsum(b.probability or 0.0 for b in others) if chance else None
        if odds is None:
            best = max(nodes, key=_worth)
            mean, certain = best.expected_value, best.certain_equivalent
        else:
            shares = [(b.probability or 0.0) / odds if odds else 0.0 for b in others]
            mean = math.fsum(p * n.expected_value for p, n in zip(shares, nodes, strict=True))
            certain = self.certain(shares, nodes)
        node = TreeNode(-1, "end", "", mean, (), certain)
        label = f"{len(others)} others"
        child = self.child(fork, node, label, odds, None if chance else False)
        child.folded, child.others = True, len(others)
        child.holds = sum(self.holds(b.to) for b in others)
        return child

    def certain(self, shares: Sequence[float], nodes: Sequence[TreeNode]) -> float | None:
        """Return the certain equivalent of several, under exponential utility."""
        tolerance = self.tree.model.risk
        if tolerance is None:
            return None
        worths = [-_worth(node) / tolerance for node in nodes]
        top = max(worths)
        mixed = zip(shares, worths, strict=True)
        return -tolerance * (top + math.log(math.fsum(p * math.exp(w - top) for p, w in mixed)))


# -- trees ------------------------------------------------------------------------------


def spread(tree: Tree, depth: int, widest: int | None = None, before: tuple[str, ...] = ()) -> Fork:
    """Unroll a tree to a depth and give every fork its row."""
    growth = _Growth(tree)
    root = growth.root(before)
    level = [root] if root.node.branches else []
    for _ in range(depth):
        level = [child for fork in level for child in growth.open(fork, widest)]
    return placed(root)


def follow(tree: Tree, leaves: int, depth: int | None = None, before: tuple[str, ...] = ()) -> Fork:
    """Unroll a tree where the best strategy most probably comes, in so many rows."""
    growth, number = _Growth(tree), count()
    root = growth.root(before)
    widest = min(WIDE, max(leaves, 2))
    waiting = [(-1.0, next(number), root)] if root.node.branches else []
    rows = 1
    while waiting:
        odds, _, fork = heapq.heappop(waiting)
        wide = min(len(fork.node.branches), widest)
        if fork.depth == depth:
            continue
        if rows + wide - 1 > leaves and fork is not root:
            break  # what is less likely is not unfolded in its stead
        rows += wide - 1
        for child in growth.open(fork, widest):
            part = child.odds if child.odds is not None else 1.0 if child.chosen else OFF
            heapq.heappush(waiting, (odds * part, next(number), child))
    return placed(root)
