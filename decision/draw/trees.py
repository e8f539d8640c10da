"""The decision tree: what can happen, in which order, and what it is worth.

Squares are decisions, circles chance nodes, and every line ends in a triangle: a filled
one is an outcome, a hollow one a subtree that is folded away and has its expected value.
A chance branch is as wide as it is probable; the best choice is heavy and blue, its label
bold, and whatever the best strategy never comes to is grey.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.patches import Circle, Patch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from decision.draw.alt import describe
from decision.draw.layout.sheet import FAN, HEADING, LEADING, NODE, SPACE, TYPE, Sheet
from decision.draw.layout.tidy import Fork
from decision.draw.layout.unfold import unfolded
from decision.draw.marks import hover
from decision.draw.style import COLOURS, INK, KINDS, QUIET, measure, paper, write
from decision.draw.tree_words import account, key_lines, key_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from decision.tree import Tree

__all__ = ["draw_sheet", "tree"]

THIN, HEAVY, WIDEST = 0.7, 3.0, 3.6
PALE = "#9A9A9A"
BEST = COLOURS["blue"]
KEY_HEIGHT, KEY_LINE = 24.0, 14.0


def tree(
    tree: Tree,
    ax: Axes | None = None,
    *,
    depth: int | None = None,
    leaves: int = 60,
    likely: bool = False,
) -> Axes:
    """Draw a decision tree of any size, what there is no room for folded.

    Parameters
    ----------
    tree : Tree
        As `decision.unroll` gives it.
    ax : Axes, optional
        Drawn into, scaled to fit; else a figure of the right size is made.
    depth : int, optional
        Levels of branches to show; default as many as the leaves allow.
    leaves : int
        Most rows: a deeper tree is folded earlier, but one level is always drawn. A fork with
        more branches than there is room for keeps the most probable, or the best options,
        and has one row for the others.
    likely : bool
        Whether to unfold where the best strategy most probably comes, instead of level by
        level: for a tree of hundreds of branches, of which the levels would show but the
        first two or three.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `depth` or `leaves` is below 1.

    Notes
    -----
    Values have as many decimals as it takes to tell apart what can be chosen between; in
    brackets stands what an option has less than the best one. With an attitude to risk
    they are certain equivalents, which the choices go by.
    """
    if leaves < 1 or (depth is not None and depth < 1):
        raise ValueError("a tree is drawn with at least one level and one leaf")
    sheet = Sheet(tree, unfolded(tree, leaves, depth, likely))
    key = key_lines(sheet)
    width = max(sheet.width, *(key_width(line) + 2 * SPACE for line in key))
    ax, scale = paper(ax, width, sheet.bottom + KEY_HEIGHT + KEY_LINE * (len(key) - 1))
    draw_sheet(ax, sheet, scale)
    Ink(ax, sheet, scale).key(key)
    describe(ax, account(sheet))
    return ax


def draw_sheet(ax: Axes, sheet: Sheet, scale: float) -> None:
    """Draw a tree without its key."""
    ink = Ink(ax, sheet, scale)
    ink.headings()
    for fork in sheet.forks:
        for child in fork.children:
            ink.branch(fork, child)
        ink.node(fork)
        ink.words(fork)


class Ink:
    """Draws the parts of a sheet."""

    def __init__(self, ax: Axes, sheet: Sheet, scale: float) -> None:
        self.ax, self.sheet, self.scale = ax, sheet, scale

    def write(self, x: float, y: float, text: str, size: float = TYPE, **how: object) -> None:
        if text:
            write(self.ax, x, y, text, size * self.scale, **how)

    def headings(self) -> None:
        sheet = self.sheet
        lefts = [left - NODE for left in sheet.lefts[:-1]]
        lefts += [sheet.end_left, sheet.then_left]
        for left, lines in zip(lefts, sheet.headings, strict=False):
            for i, line in enumerate(reversed(lines)):
                self.write(left, sheet.top - 8 - LEADING * i, line, HEADING, bold=True)

    def branch(self, fork: Fork, child: Fork) -> None:
        """A line that leaves upright, bends, and runs level to the child."""
        x, y, end, level = *self._place(fork), *self._place(child)
        end -= 0 if child.children else NODE - 1  # at a triangle's tip
        bend = x + FAN - 3
        if level == y:
            path = Path([(x, y), (end, y)])
        else:
            path = Path(
                [(x, y), (x, level), (bend, level), (end, level)],
                [Path.MOVETO, Path.CURVE3, Path.CURVE3, Path.LINETO],
            )
        chosen = child.chosen is True
        colour = BEST if chosen and child.best else INK if child.best else PALE
        self.ax.add_patch(
            PathPatch(
                path,
                facecolor="none",
                edgecolor=colour,
                linewidth=_line_width(child.odds, chosen) * self.scale,
                capstyle="butt",
                joinstyle="round",
                zorder=2 + 0.5 * child.best + 0.25 * chosen,
                gid=hover(
                    f"branch-{fork.node.name}-{child.label}-{round(4 * child.row)}",
                    self.sheet.says(child),
                ),
            )
        )

    def _place(self, fork: Fork) -> tuple[float, float]:
        return self.sheet.x(fork), self.sheet.y(fork)

    def node(self, fork: Fork) -> None:
        x, y = self._place(fork)
        kind = fork.node.kind if fork.children else "folded" if fork.folded else "end"
        self.symbol(kind, x, y, fork.best, self.sheet.says(fork))

    def symbol(self, kind: str, x: float, y: float, best: bool = True, says: str = "") -> None:
        fill, edge = KINDS.get(kind, ("white", INK))
        look: dict[str, Any] = {
            "facecolor": fill if best else "white",
            "edgecolor": edge if best else PALE,
            "linewidth": 1.2 * self.scale,
            "zorder": 4.0,
            "gid": hover("", says),
        }
        if kind == "decision":
            patch: Patch = Rectangle((x - NODE, y - NODE), 2 * NODE, 2 * NODE, **look)
        elif kind == "chance":
            patch = Circle((x, y), NODE, **look)
        else:
            tip, tall = x - NODE - 1, NODE + 0.6
            corners = [(tip, y), (x + NODE, y - tall), (x + NODE, y + tall)]
            if kind == "end":
                look["facecolor"] = look["edgecolor"]
            patch = Polygon(corners, closed=True, joinstyle="miter", **look)
        self.ax.add_patch(patch)

    def words(self, fork: Fork) -> None:
        words, (x, y) = self.sheet.of(fork), self._place(fork)
        says = hover("", self.sheet.says(fork))
        parent, colour = fork.parent, INK if fork.best else QUIET
        if parent is None:
            self.write(x - NODE - 5, y + 0.36 * TYPE, words.value, bold=True, ha="right")
            return
        chosen = fork.chosen is True
        half = _line_width(fork.odds, chosen) / 2
        above = y - half - 2.4
        left = self.sheet.x(parent) + FAN
        self.write(left, above, words.state, bold=chosen, color=colour, gid=says)
        odds = left + measure(words.state, TYPE, chosen) + 5
        self.write(odds, above, words.odds, color=QUIET)
        if fork.children and not fork.lone:
            self.value(fork, left, y + half + 2.2 + 0.76 * TYPE, chosen, colour)
        elif fork.children:
            self.value(fork, x - NODE - SPACE / 2 - words.end_width, above, chosen, colour)
        else:
            self.value(fork, self.sheet.end_left, y + 0.36 * TYPE, chosen, colour)
            self.write(self.sheet.then_left, y + 0.36 * TYPE, words.then, color=colour)

    def value(self, fork: Fork, x: float, y: float, bold: bool, colour: str) -> None:
        words = self.sheet.of(fork)
        gid = hover("", self.sheet.says(fork))
        self.write(x, y, words.value, bold=bold, color=colour, gid=gid)
        self.write(x + measure(words.value, TYPE, bold) + 4, y, words.behind, color=QUIET)

    def key(self, lines: list[list[tuple[str, str]]]) -> None:
        for i, line in enumerate(lines):
            self.key_line(line, self.sheet.bottom + KEY_HEIGHT / 2 + KEY_LINE * i)

    def key_line(self, line: list[tuple[str, str]], y: float) -> None:
        x = SPACE + NODE
        for symbol, text in line:
            if symbol == "chosen":
                ends = [(x - NODE, y), (x + 14, y)]
                self.ax.add_patch(
                    PathPatch(Path(ends), edgecolor=BEST, linewidth=HEAVY * self.scale, zorder=2)
                )
                x += 14 - NODE
            elif symbol == "width":
                corners = [(x - NODE, y), (x + 14, y - 1.8), (x + 14, y + 1.8)]
                self.ax.add_patch(Polygon(corners, closed=True, facecolor=INK, linewidth=0))
                x += 14 - NODE
            else:
                self.symbol(symbol, x, y)
            self.write(x + NODE + 5, y + 0.36 * TYPE, text, color=QUIET)
            x += NODE + 5 + measure(text, TYPE) + 18


def _line_width(odds: float | None, chosen: bool) -> float:
    """Points: by probability at a chance node, else heavy if it is the best choice."""
    if odds is None:
        return HEAVY if chosen else THIN
    return THIN + (WIDEST - THIN) * odds
