"""Arcs in ink: round corners, a head at the end, and no crossing that looks like a branch.

Every net (the arcs from one node that are drawn alike) has a white casing, so that where
two nets cross the later one leaves a gap in the earlier one, while the branches of a net
join without one. Blue lines touch a decision; they and what a decision knows come last.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path

from decision.draw.layout.placement import Arc
from decision.draw.marks import hover
from decision.draw.style import COLOURS, FAINT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_arcs", "draw_arrow"]

LINE, CASING, CORNER = 1.0, 1.4, 5.0
HEAD_LENGTH, HEAD_WIDTH = 6.2, 5.0
DASHES = (0, (4.0, 2.2))
BLUE, GREY, LIGHTER = COLOURS["blue"], "#4A4A4A", "#767676"
MANY = 70
"""So many arcs are a web: in lighter ink, so that the nodes stand out."""

Point = tuple[float, float]


def draw_arcs(
    ax: Axes,
    arcs: Sequence[Arc],
    kinds: Mapping[str, str],
    lit: Collection[str],
    scale: float,
    captions: Mapping[str, str],
) -> None:
    """Draw net by net, the pale ones first, each with a white casing below its own lines."""
    grey = GREY if len(arcs) < MANY else LIGHTER
    nets: dict[tuple[bool, bool, bool, str], list[Arc]] = {}
    for arc in arcs:
        bright = not lit or bool(set(lit) & {arc.source, arc.target})
        information = arc.kind == "information"
        blue = information or kinds[arc.source] == "decision"
        nets.setdefault((bright, blue, information, arc.source), []).append(arc)
    for level, net in enumerate(sorted(nets)):
        bright, blue, information, source = net
        colour = (BLUE if blue else grey) if bright else FAINT
        lines, heads = zip(*(_with_head(arc.points) for arc in nets[net]), strict=True)
        apart = lines if information else _once(lines)  # cut dashes would be out of step
        path = Path.make_compound_path(*map(_rounded, apart))
        z = 1 + level / len(nets)
        ax.add_patch(_stroke(path, "white", LINE + 2 * CASING, scale, zorder=z - 1e-4))
        stroke = _stroke(path, colour, LINE, scale, zorder=z)
        name = f"{'' if bright else 'pale-'}{'known' if information else 'arcs'}-{source}"
        stroke.set_gid(hover(name, f"from {captions[source]}"))
        if information:
            stroke.set_linestyle(DASHES)
        ax.add_patch(stroke)
        for arc, head in zip(nets[net], heads, strict=True):
            verb = "is known at" if information else "influences"
            says = f"{captions[arc.source]} {verb} {captions[arc.target]}"
            gid = hover(f"arc-{arc.source}-{arc.target}", says)
            ax.add_patch(
                Polygon(head, closed=True, facecolor=colour, linewidth=0, zorder=3, gid=gid)
            )


def _stroke(path: Path, colour: str, width: float, scale: float, zorder: float) -> PathPatch:
    return PathPatch(
        path,
        facecolor="none",
        edgecolor=colour,
        linewidth=width * scale,
        capstyle="butt",
        joinstyle="round",
        zorder=zorder,
    )


def _with_head(
    points: Sequence[Point],
) -> tuple[list[Point], list[Point]]:
    """Return a line that ends inside its arrow's head, and the head."""
    (x0, y0), (x, y) = points[-2:]
    length = float(np.hypot(x - x0, y - y0))
    u, v = (x - x0) / length, (y - y0) / length
    back, wide = HEAD_LENGTH, HEAD_WIDTH / 2
    base = (x - back * u, y - back * v)
    head = [
        (x, y),
        (base[0] - wide * v, base[1] + wide * u),
        (base[0] + wide * v, base[1] - wide * u),
    ]
    return [*points[:-1], (x - 0.8 * back * u, y - 0.8 * back * v)], head


def _once(lines: Sequence[list[Point]]) -> list[list[Point]]:
    """Cut off what an earlier line of the net draws: ink twice on paper is heavier."""
    apart: list[list[Point]] = []
    for i, line in enumerate(lines):
        shared = max((_shared(line, other) for other in lines[:i]), default=0.0)
        start = shared - 2 * CORNER
        corners = [reach for reach in _reaches(line)[1:] if reach <= shared]
        for reach in reversed(corners):  # a bend is drawn whole or not at all
            if start < reach + 2 * CORNER:
                start = min(start, reach - 2 * CORNER)
        apart.append(_cut(line, start) if start > 0 else line)
    return apart


def _reaches(line: Sequence[Point]) -> list[float]:
    """How far along a line each of its points is."""
    found = [0.0]
    for (x, y), (x2, y2) in pairwise(line):
        found.append(found[-1] + float(np.hypot(x2 - x, y2 - y)))
    return found


def _shared(line: Sequence[Point], other: Sequence[Point]) -> float:
    """How far two lines from one point run together."""
    together = 0.0
    for (start, end), (start2, end2) in zip(pairwise(line), pairwise(other), strict=False):
        one, two = np.subtract(end, start), np.subtract(end2, start2)
        length, length2 = float(np.hypot(*one)), float(np.hypot(*two))
        if start != start2 or not np.allclose(one / length, two / length2):
            break
        together += min(length, length2)
        if end != end2:
            break
    return together


def _cut(line: Sequence[Point], start: float) -> list[Point]:
    """Return what is left of a line from some way along it."""
    reaches = _reaches(line)
    i = next(i for i, reach in enumerate(reaches) if reach > start)
    (x, y), (x2, y2) = line[i - 1], line[i]
    part = (start - reaches[i - 1]) / (reaches[i] - reaches[i - 1])
    return [(x + part * (x2 - x), y + part * (y2 - y)), *line[i:]]


def _rounded(points: Sequence[Point]) -> Path:
    """Return a line whose corners are round; a short step becomes one smooth curve."""
    vertices, codes = [points[0]], [Path.MOVETO]
    i = 1
    while i < len(points) - 1:
        before, corner, after = points[i - 1], points[i], points[i + 1]
        step = abs(after[1] - corner[1])
        if i + 2 < len(points) and corner[0] == after[0] and step < 2 * CORNER:
            x, turn = corner[0], CORNER
            vertices += [(x - turn, corner[1]), corner, after, (x + turn, after[1])]
            codes += [Path.LINETO, *[Path.CURVE4] * 3]
            i += 2
            continue
        vertices += [_towards(corner, before), corner, _towards(corner, after)]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
        i += 1
    return Path([*vertices, points[-1]], [*codes, Path.LINETO])


def _towards(corner: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    (x, y), (x2, y2) = corner, end
    length = float(np.hypot(x2 - x, y2 - y))
    part = min(CORNER, length / 2) / length
    return x + part * (x2 - x), y + part * (y2 - y)


def draw_arrow(ax: Axes, start: Point, end: Point, information: bool, scale: float) -> None:
    """Draw one straight arrow, for the key."""
    line, head = _with_head([start, end])
    stroke = _stroke(Path(line), BLUE if information else GREY, LINE, scale, zorder=1)
    if information:
        stroke.set_linestyle(DASHES)
    ax.add_patch(stroke)
    ax.add_patch(
        Polygon(head, closed=True, facecolor=stroke.get_edgecolor(), linewidth=0, zorder=3)
    )
