"""The tree as text that unfolds branch by branch, without a script.

A tree of thousands of paths does not fit a page: branches are listed level by level until
so many stand in it, and what lies below is only told by its value.
"""

from __future__ import annotations

from collections import deque

from markupsafe import Markup

from decision.draw.numbers import decimals_of_range, probability
from decision.report.words.showing import rounded
from decision.tree import Tree, TreeNode

__all__ = ["outline"]

MOST = 250
"""Branches in the page."""


def outline(tree: Tree, most: int = MOST) -> Markup:
    """Return the tree as nested elements that fold; the best choice is in bold."""
    deep = _shown_to(tree, most)
    places = decimals_of_range([_worth(node) for node in tree.nodes])
    note = "" if deep is None else f" Cut off after {deep} levels: more would not fit."
    top = tree.nodes[tree.root]
    lines = Markup("<ul>{}</ul>").format(_branches(tree, top, deep, places, 0))
    intro = f"{_caption(tree, top)}: worth {rounded(_worth(top), places)}.{note}"
    return Markup('<div class="outline"><p class="soft">{}</p>{}</div>').format(intro, lines)


def _worth(node: TreeNode) -> float:
    certain = node.certain_equivalent
    return node.expected_value if certain is None else certain


def _caption(tree: Tree, node: TreeNode) -> str:
    return tree.model.nodes[node.name].caption if node.name in tree.model.nodes else node.name


def _shown_to(tree: Tree, most: int) -> int | None:
    """Levels that fit, None where all do; the tree, not the graph that shares its parts."""
    level = deque([tree.root])
    count = deep = 0
    while level:
        below = [branch.to for one in level for branch in tree.nodes[one].branches]
        count += len(below)
        if count > most and deep:
            return deep
        level, deep = deque(below), deep + 1
    return None


def _branches(tree: Tree, node: TreeNode, deep: int | None, places: int, level: int) -> Markup:
    return Markup("").join(
        _branch(tree, branch.to, _label(branch, tree, places), deep, places, level + 1)
        for branch in node.branches
    )


def _label(branch: object, tree: Tree, places: int) -> Markup:
    label, odds = getattr(branch, "label", ""), getattr(branch, "probability", None)
    name = label.replace("_", " ")
    value = rounded(_worth(tree.nodes[getattr(branch, "to", 0)]), places)
    if getattr(branch, "chosen", None):
        return Markup("<strong>{}</strong> {}").format(name, value)
    chance = "" if odds is None else f" ({probability(odds)})"
    return Markup('{}<span class="soft">{}</span> {}').format(name, chance, value)


def _branch(
    tree: Tree, identity: int, label: Markup, deep: int | None, places: int, level: int
) -> Markup:
    node = tree.nodes[identity]
    if not node.branches or (deep is not None and level >= deep):
        return Markup("<li>{}</li>").format(label)
    inside = _branches(tree, node, deep, places, level)
    return Markup(
        '<li><details><summary>{}</summary><p class="soft">{}</p><ul>{}</ul></details></li>'
    ).format(label, _caption(tree, node), inside)
