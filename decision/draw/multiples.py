"""Small multiples of a decision tree: one for each option of the first decision.

Where one picture would be too large to read, each option has a tree of its own, all in the
same type, with columns in the same places and lines of the same widths, so that they are
compared at a glance (Tufte 1990, *Envisioning Information*, ch. 4). In each tree what is
best after its option is heavy and blue.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from decision.draw.alt import describe
from decision.draw.layout.sheet import SPACE, Sheet
from decision.draw.layout.unfold import unfolded
from decision.draw.marks import hover
from decision.draw.numbers import amount, decimals, signed
from decision.draw.style import INK, QUIET, measure, paper, plain, shortened, write
from decision.draw.tree_words import account, key_lines
from decision.draw.trees import KEY_HEIGHT, KEY_LINE, Ink, draw_sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from decision.tree import Tree

__all__ = ["small_trees"]

TITLE, HEAD = 10.0, 24.0
NAME = 60.0
GAP = 18.0
PAGE = 760.0
"""Trees stand side by side as far as that is wide, in points."""


def small_trees(tree: Tree, *, leaves: int = 16, likely: bool = False) -> Figure:
    """Draw a small tree for every branch of the first fork, all on one scale.

    Parameters
    ----------
    tree : Tree
        As `decision.unroll` gives it.
    leaves : int
        Most rows of each.
    likely : bool
        As for `draw.tree`: what is unfolded in each.

    Returns
    -------
    Figure
        Its Axes stand in the order of the branches; the last holds the key.

    Raises
    ------
    ValueError
        If `leaves` is below 1, or the tree has no fork.
    """
    first = tree.nodes[tree.root]
    if leaves < 1 or not first.branches:
        raise ValueError("small trees need a first fork, and at least one leaf each")
    before = (first.name,)
    sheets = [
        Sheet(part, unfolded(part, leaves, None, likely, before))
        for part in (replace(tree, root=branch.to) for branch in first.branches)
    ]
    _align(sheets)
    heads = _heads(tree, sheets)
    wide = max(*(sheet.width for sheet in sheets), *map(_head_width, heads))
    across = max(1, min(len(sheets), int((PAGE + GAP) // (wide + GAP))))
    rows = [sheets[i : i + across] for i in range(0, len(sheets), across)]
    highs = [HEAD + max(sheet.bottom for sheet in row) for row in rows]
    key = key_lines(max(sheets, key=lambda sheet: len(sheet.forks)))
    foot = KEY_HEIGHT + KEY_LINE * (len(key) - 1)
    size = across * wide + (across - 1) * GAP, sum(highs) + foot
    figure = Figure(figsize=(size[0] / 72, size[1] / 72), dpi=144, facecolor="white")
    for i, sheet in enumerate(sheets):
        row, column = divmod(i, across)
        corner = column * (wide + GAP), size[1] - sum(highs[: row + 1])
        ax = _axes(figure, corner, (wide, highs[row] - HEAD), size)
        draw_sheet(ax, sheet, 1.0)
        _write_head(ax, heads[i], first.branches[i].chosen is True)
        describe(ax, f"{heads[i][0]} {heads[i][1]}. {account(sheet)}")
    _draw_key(figure, sheets[0], key, foot, size)
    return figure


def _align(sheets: list[Sheet]) -> None:
    """Give trees the same decimals, and the same columns where they have the same names."""
    worths = [sheet.worth(sheet.root) for sheet in sheets]
    places = max(decimals([worths], significant=2), *(sheet.places for sheet in sheets))
    for sheet in sheets:
        sheet.settle(places)
    if len({tuple(sheet.names) for sheet in sheets}) == 1:
        lefts = [max(each) for each in zip(*(s.lefts for s in sheets), strict=True)]
        for sheet in sheets:
            sheet.lefts = list(lefts)


def _heads(tree: Tree, sheets: list[Sheet]) -> list[tuple[str, str]]:
    """Return each branch's name, and what it is worth or how probable it is."""
    branches = tree.nodes[tree.root].branches
    worths = [sheet.worth(sheet.root) for sheet in sheets]
    places = sheets[0].places
    best = max(worths)
    told = []
    for branch, worth in zip(branches, worths, strict=True):
        name = plain(branch.label.replace("_", " "))
        if branch.probability is not None:
            told.append((name, f"probability {branch.probability:.2g}, {amount(worth, places)}"))
        elif branch.chosen:
            told.append((name, f"{amount(worth, places)}, the best"))
        else:
            told.append((name, f"{amount(worth, places)} ({signed(worth - best, places)})"))
    return told


def _head_width(head: tuple[str, str]) -> float:
    """Return the least width of a tree under its head: a long name can be cut, not a number."""
    name, worth = head
    return 2 * SPACE + 24 + min(measure(name, TITLE, True), NAME) + measure(worth, TITLE, True)


def _axes(
    figure: Figure, corner: tuple[float, float], box: tuple[float, float], size: tuple[float, float]
) -> Axes:
    """Return Axes whose unit is a point, y downwards."""
    ax = figure.add_axes(
        (corner[0] / size[0], corner[1] / size[1], box[0] / size[0], box[1] / size[1])
    )
    return paper(ax, *box)[0]


def _write_head(ax: Axes, head: tuple[str, str], best: bool) -> None:
    name, worth = head
    left, right = SPACE, ax.get_xlim()[1]
    name = shortened(name, right - left - measure(worth, TITLE, best) - 24, TITLE / 1.13)
    gid = hover("", f"{head[0]}: {worth}")
    write(ax, left, -4, name, TITLE, bold=True, gid=gid)
    place = left + measure(name, TITLE, True) + 8
    write(ax, place, -4, worth, TITLE, bold=best, color=INK if best else QUIET, gid=gid)
    line = [left, right - SPACE]
    ax.plot(line, [2, 2], color=QUIET, linewidth=0.7, clip_on=False)


def _draw_key(
    figure: Figure,
    sheet: Sheet,
    key: list[list[tuple[str, str]]],
    foot: float,
    size: tuple[float, float],
) -> None:
    ax = _axes(figure, (0.0, 0.0), (size[0], foot), size)
    ink = Ink(ax, sheet, 1.0)
    for i, line in enumerate(key):
        ink.key_line(line, KEY_HEIGHT / 2 + KEY_LINE * i)
