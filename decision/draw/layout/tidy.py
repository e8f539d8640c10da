"""A decision tree on paper: time in columns, an outcome a row.

Each variable has a column, so that a branch which skips one (because it cannot happen, or
is forced) runs through it; leaves stand in equal rows, a little further apart where an
earlier branch parts, and a fork stands midway between its outermost branches (tidy
drawing; Reingold and Tilford 1981, IEEE Trans. Softw. Eng. SE-7(2), made simple by
columns of equal leaves). The tree comes with equal subtrees shared; here each is drawn
where it hangs, as deep as rows suffice. A chance node all of whose branches lead to one
subtree makes no difference and is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decision.tree import Tree, TreeNode

__all__ = ["Fork", "deepest", "leaves_at", "spread"]

PARTING = 0.25
"""Of a row, added for each level at which two neighbouring leaves have parted."""


@dataclass(eq=False)
class Fork:
    """A node of the tree where it hangs: with its branch, its children and its row."""

    node: TreeNode
    parent: Fork | None = None
    label: str = ""
    odds: float | None = None
    chosen: bool | None = None
    """Of the branch that leads here."""
    depth: int = 0
    history: tuple[str, ...] = ()
    """Variables on the way here, with those passed over since nothing differs after them."""
    best: bool = True
    """Whether the best strategy comes here."""
    folded: bool = False
    """Whether what hangs here is not drawn."""
    children: list[Fork] = field(default_factory=list)
    row: float = 0.0

    @property
    def lone(self) -> bool:
        """Whether all that hangs here is a single row."""
        return len(self.children) < 2 and all(child.lone for child in self.children)

    def walk(self) -> Iterator[Fork]:
        """Yield this fork and all below, upper branches first."""
        yield self
        for child in self.children:
            yield from child.walk()


def leaves_at(tree: Tree, depth: int) -> int:
    """Count the leaves of the tree unrolled to a depth."""
    known: dict[tuple[int, int], int] = {}

    def count(number: int, left: int) -> int:
        branches = _fork_at(tree, number)[0].branches
        if not branches or not left:
            return 1
        key = (number, left)
        if key not in known:
            known[key] = sum(count(branch.to, left - 1) for branch in branches)
        return known[key]

    return count(tree.root, depth)


def _fork_at(tree: Tree, number: int) -> tuple[TreeNode, tuple[str, ...]]:
    """The node, or what follows if nothing differs after it, and what was passed over."""
    node, passed = tree.nodes[number], tuple[str, ...]()
    while node.kind == "chance" and len({branch.to for branch in node.branches}) == 1:
        passed = (*passed, node.name)
        node = tree.nodes[node.branches[0].to]
    return node, passed


def deepest(tree: Tree, leaves: int, depth: int | None = None) -> int:
    """Return the greatest depth, at least 1 and at most `depth`, that has room."""
    reached = 1
    count = leaves_at(tree, 1)
    while reached != depth:
        following = leaves_at(tree, reached + 1)
        if following > leaves or (following == count and not _goes_on(tree, reached)):
            break
        reached, count = reached + 1, following
    return reached


def _goes_on(tree: Tree, depth: int) -> bool:
    """Whether any branch is left at a depth."""
    level = {tree.root}
    for _ in range(depth):
        level = {branch.to for number in level for branch in _fork_at(tree, number)[0].branches}
    return any(_fork_at(tree, number)[0].branches for number in level)


def _is_cut(tree: Tree, history: tuple[str, ...]) -> bool:
    """Whether an end is no outcome but an expectation: the tree was unrolled only so far."""
    unfolding, levels = tree.unfolding, tree.unfolding.course.levels
    if unfolding.fold and len(levels) > unfolding.course.fold:
        return True
    return len(history) == unfolding.depth and history[-1] != levels[-1].name


def spread(tree: Tree, depth: int) -> Fork:
    """Unroll a tree to a depth and give every fork its row."""

    def grow(fork: Fork) -> Fork:
        if fork.depth == depth or not fork.node.branches:
            fork.folded = bool(fork.node.branches) or _is_cut(tree, fork.history)
            return fork
        for branch in fork.node.branches:
            node, passed = _fork_at(tree, branch.to)
            child = Fork(
                node,
                parent=fork,
                label=branch.label,
                odds=branch.probability,
                chosen=branch.chosen,
                depth=fork.depth + 1,
                history=(*fork.history, fork.node.name, *passed),
                best=fork.best and branch.chosen is not False,
            )
            fork.children.append(grow(child))
        return fork

    node, passed = _fork_at(tree, tree.root)
    root = grow(Fork(node, history=passed))
    row, parted, before = 1.0, 0, -1
    for fork in root.walk():
        parted = min(parted, fork.depth)
        if fork.children:
            continue
        if before >= 0:
            row += 1.0 + PARTING * (max(before, fork.depth) - parted)
        fork.row, parted, before = row, depth, fork.depth
    for fork in reversed(list(root.walk())):
        if fork.children:
            fork.row = (fork.children[0].row + fork.children[-1].row) / 2
    return root
