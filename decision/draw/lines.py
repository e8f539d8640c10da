"""Arcs in ink: round corners, a head at the end, and no crossing that looks like a branch.

Every net (the arcs from one node that are drawn alike) has a white casing, so that where
two nets cross the later one leaves a gap in the earlier one, while the branches of a net
join without one. Blue lines touch a decision; they and what a decision knows come last.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path

from decision.draw.layout.placement import Arc
from decision.draw.style import COLOURS, FAINT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_arcs", "draw_arrow"]

LINE, CASING, CORNER = 1.0, 1.4, 5.0
HEAD_LENGTH, HEAD_WIDTH = 6.2, 5.0
DASHES = (0, (4.0, 2.2))
BLUE, GREY = COLOURS["blue"], "#4A4A4A"

Point = tuple[float, float]


def draw_arcs(
    ax: Axes,
    arcs: Sequence[Arc],
    kinds: Mapping[str, str],
    lit: Collection[str],
    scale: float,
) -> None:
    """Draw net by net, the pale ones first, each with a white casing below its own lines."""
    nets: dict[tuple[bool, bool, bool, str], list[Arc]] = {}
    for arc in arcs:
        bright = not lit or bool(set(lit) & {arc.source, arc.target})
        information = arc.kind == "information"
        blue = information or kinds[arc.source] == "decision"
        nets.setdefault((bright, blue, information, arc.source), []).append(arc)
    for level, net in enumerate(sorted(nets)):
        bright, blue, information, source = net
        colour = (BLUE if blue else GREY) if bright else FAINT
        lines, heads = zip(*(_with_head(arc.points) for arc in nets[net]), strict=True)
        # One path for the net: drawn one by one, the shared piece would look heavier.
        path = Path.make_compound_path(*map(_rounded, lines))
        z = 1 + level / len(nets)
        ax.add_patch(_stroke(path, "white", LINE + 2 * CASING, scale, zorder=z - 1e-4))
        stroke = _stroke(path, colour, LINE, scale, zorder=z)
        stroke.set_gid(f"{'' if bright else 'pale-'}{'known' if information else 'arcs'}-{source}")
        if information:
            stroke.set_linestyle(DASHES)
        ax.add_patch(stroke)
        for arc, head in zip(nets[net], heads, strict=True):
            name = f"arc-{arc.source}-{arc.target}"
            ax.add_patch(
                Polygon(head, closed=True, facecolor=colour, linewidth=0, zorder=3, gid=name)
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
