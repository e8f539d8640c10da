"""A decision tree on paper: time in columns, an outcome a row.

Each variable has a column, so that a branch which skips one (because it cannot happen, or
is forced) runs through it; leaves stand in equal rows, a little further apart where an
earlier branch parts, and a fork stands midway between its outermost branches (tidy
drawing; Reingold and Tilford 1981, IEEE Trans. Softw. Eng. SE-7(2), made simple by
columns of equal leaves). The tree comes with equal subtrees shared; here each is drawn
where it hangs, as deep as rows suffice. A chance node all of whose branches lead to one
subtree makes no difference and is passed over. What there is no room for is folded into a
row (`unfold`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decision.tree import Tree, TreeNode

__all__ = ["Fork", "fork_at", "is_cut", "placed"]

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
    holds: int = 0
    """How many ends are folded away here, as far as the tree was unrolled."""
    others: int = 0
    """How many branches this row stands for, if for more than one."""
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


def fork_at(tree: Tree, number: int) -> tuple[TreeNode, tuple[str, ...]]:
    """The node, or what follows if nothing differs after it, and what was passed over."""
    node, passed = tree.nodes[number], tuple[str, ...]()
    while node.kind == "chance" and len({branch.to for branch in node.branches}) == 1:
        passed = (*passed, node.name)
        node = tree.nodes[node.branches[0].to]
    return node, passed


def is_cut(tree: Tree, history: tuple[str, ...]) -> bool:
    """Whether an end is no outcome but an expectation: the tree was unrolled only so far."""
    unfolding, levels = tree.unfolding, tree.unfolding.course.levels
    if unfolding.fold and len(levels) > unfolding.course.fold:
        return True
    return len(history) == unfolding.depth and history[-1] != levels[-1].name


def placed(root: Fork) -> Fork:
    """Give every fork its row."""
    row, parted, before = 1.0, 0, -1
    for fork in root.walk():
        parted = min(parted, fork.depth)
        if fork.children:
            continue
        if before >= 0:
            row += 1.0 + PARTING * (max(before, fork.depth) - parted)
        fork.row, parted, before = row, fork.depth, fork.depth
    for fork in reversed(list(root.walk())):
        if fork.children:
            fork.row = (fork.children[0].row + fork.children[-1].row) / 2
    return root
