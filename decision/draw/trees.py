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

from decision.draw.alt import describe, listed
from decision.draw.layout.sheet import FAN, HEADING, LEADING, NODE, SPACE, TYPE, Sheet
from decision.draw.layout.tidy import Fork, deepest, spread
from decision.draw.numbers import probability
from decision.draw.style import COLOURS, INK, KINDS, QUIET, measure, paper, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from decision.tree import Tree

__all__ = ["tree"]

THIN, HEAVY, WIDEST = 0.7, 3.0, 3.6
PALE = "#9A9A9A"
BEST = COLOURS["blue"]
KEY_HEIGHT = 24.0


def tree(tree: Tree, ax: Axes | None = None, *, depth: int | None = None, leaves: int = 60) -> Axes:
    """Draw a decision tree, folded to a depth.

    Parameters
    ----------
    tree : Tree
        As `decision.unroll` gives it.
    ax : Axes, optional
        Drawn into, scaled to fit; else a figure of the right size is made.
    depth : int, optional
        Levels of branches to show; default as many as the leaves allow.
    leaves : int
        Most rows: a deeper tree is folded earlier, but one level is always drawn.

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
    root = spread(tree, deepest(tree, leaves, depth))
    sheet = Sheet(tree, root)
    width = max(sheet.width, _key_width(sheet) + 2 * SPACE)
    ax, scale = paper(ax, width, sheet.bottom + KEY_HEIGHT)
    ink = _Ink(ax, sheet, scale)
    ink.headings()
    for fork in sheet.forks:
        for child in fork.children:
            ink.branch(fork, child)
        ink.node(fork)
        ink.words(fork)
    ink.key()
    describe(ax, _account(sheet))
    return ax


class _Ink:
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
                gid=f"branch-{fork.node.name}-{child.label}-{round(4 * child.row)}",
            )
        )

    def _place(self, fork: Fork) -> tuple[float, float]:
        return self.sheet.x(fork), self.sheet.y(fork)

    def node(self, fork: Fork) -> None:
        x, y = self._place(fork)
        if fork.children:
            self.symbol(fork.node.kind, x, y, fork.best)
        else:
            self.symbol("folded" if fork.folded else "end", x, y, fork.best)

    def symbol(self, kind: str, x: float, y: float, best: bool = True) -> None:
        fill, edge = KINDS.get(kind, ("white", INK))
        look: dict[str, Any] = {
            "facecolor": fill if best else "white",
            "edgecolor": edge if best else PALE,
            "linewidth": 1.2 * self.scale,
            "zorder": 4.0,
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
        parent, colour = fork.parent, INK if fork.best else QUIET
        if parent is None:
            self.write(x - NODE - 5, y + 0.36 * TYPE, words.value, bold=True, ha="right")
            return
        chosen = fork.chosen is True
        half = _line_width(fork.odds, chosen) / 2
        above = y - half - 2.4
        left = self.sheet.x(parent) + FAN
        self.write(left, above, words.state, bold=chosen, color=colour)
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
        self.write(x, y, words.value, bold=bold, color=colour)
        self.write(x + measure(words.value, TYPE, bold) + 4, y, words.behind, color=QUIET)

    def key(self) -> None:
        x, y = SPACE + NODE, self.sheet.bottom + KEY_HEIGHT / 2
        for symbol, text in _key(self.sheet):
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


def _key(sheet: Sheet) -> list[tuple[str, str]]:
    kinds = {fork.node.kind for fork in sheet.forks if fork.children}
    entries: list[tuple[str, str]] = [
        (kind, kind) for kind in ("decision", "chance") if kind in kinds
    ]
    if any(fork.folded for fork in sheet.forks):
        entries.append(("folded", f"folded subtree, with its {sheet.measure.lower()}"))
    if any(fork.node.kind == "end" and not fork.folded for fork in sheet.forks):
        entries.append(("end", "outcome"))
    if "decision" in kinds:
        entries.append(("chosen", "best choice"))
    if "chance" in kinds:
        entries.append(("width", "wider: more probable"))
    return entries


def _key_width(sheet: Sheet) -> float:
    return sum(2 * NODE + 23 + 10 + measure(text, TYPE) for _, text in _key(sheet))


def _account(sheet: Sheet) -> str:
    """Return the tree in words: its size, the first fork, and the most probable best course."""
    model, root = sheet.model, sheet.root
    leaves = [fork for fork in sheet.forks if not fork.children]
    folded = sum(fork.folded for fork in leaves)
    caption = {name: model.nodes[name].caption for name in sheet.names}
    words = [
        f"Decision tree of {model.title or 'a model'}: "
        f"{listed(caption.values(), 'and then')}; "
        f"{len(leaves)} row{'' if len(leaves) == 1 else 's'}"
        + (f", {folded} of them folded subtrees" if folded else "")
        + f". {sheet.measure} {sheet.of(root).value} ({sheet.unit})."
    ]
    first = root.node.name
    told = []
    for child in root.children:
        its = sheet.of(child)
        extra = [f"probability {its.odds}"] if its.odds else []
        extra += ["the best choice"] if child.chosen else []
        extra += [f"{its.behind.strip('()')} from the best"] if its.behind else []
        told.append(f"{its.state} {its.value}" + (f" ({', '.join(extra)})" if extra else ""))
    if told:
        words.append(f"{caption[first]}: {'; '.join(told)}.")
    course, odds, fork = [], 1.0, root
    while fork.children:
        on = [child for child in fork.children if child.best]
        name, fork = fork.node.name, max(on, key=lambda child: child.odds or 0.0)
        odds *= 1.0 if fork.odds is None else fork.odds
        course.append(f"{caption[name]} {sheet.of(fork).state}")
    if len(course) > 1:
        words.append(
            f"Taking the best choice and the likeliest branch each time: {', '.join(course)} "
            f"(probability {probability(odds)}, {sheet.measure.lower()} {sheet.of(fork).value})."
        )
    return " ".join(words)
