"""Which option is best where, of two inputs: a map with its borders.

An area for each option, its name in it or, where it is too small, beside the map. The circle
is where the model stands. Borders stand where they were found (`squares`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import OffsetFrom
from matplotlib.ticker import MaxNLocator

from decision.draw.alt import describe, listed
from decision.draw.dots import TYPE, shifted
from decision.draw.looks import look_of, named
from decision.draw.marks import hover
from decision.draw.numbers import amount, decimals_of_range
from decision.draw.rooms import LEADING, PLOT, has_base, place_of
from decision.draw.squares import Point, cut_out
from decision.draw.style import INK, QUIET, measure, plain, wrap, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from decision.analysis.pairs import Regions

__all__ = ["regions"]

BESIDE = 150.0
SMALL = TYPE - 1
BASE = "circle: where the model stands"


def regions(found: Regions, ax: Axes | None = None, *, contours: bool = False) -> Axes:
    """Draw which option is best all over the ranges of two inputs.

    Parameters
    ----------
    found : Regions
        As `decision.two_way` gives it.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made. Its axes are in the inputs'
        own units.
    contours : bool
        Whether to draw lines of equal margin of the best option over the second.

    Returns
    -------
    Axes
    """
    ax = ax or _figure(found)
    points = 72 / ax.figure.dpi
    scale = min(1.0, ax.bbox.width * points / PLOT[0], ax.bbox.height * points / PLOT[1])
    ax.set_xlim(found.xs[0], found.xs[-1])
    ax.set_ylim(found.ys[0], found.ys[-1])
    for side in ("top", "left", "right", "bottom"):
        ax.spines[side].set(color=INK, linewidth=0.9 * scale)
    ax.tick_params(left=False, labelleft=False, bottom=False, labelbottom=False)
    areas, lines = cut_out(found)
    for option, polygons in areas.items():
        _fill(ax, found, option, polygons, scale)
    border = LineCollection(lines, colors=INK, linewidths=1.5 * scale, zorder=3, gid="borders")
    border.set_capstyle("round")
    ax.add_collection(border, autolim=False)
    if contours:
        _draw_contours(ax, found, scale)
    _draw_base(ax, found, scale)
    _write_scales(ax, found, scale)
    _write_names(ax, found, scale)
    describe(ax, _account(found))
    return ax


def _figure(found: Regions) -> Axes:
    across, up = map(len, _titles(found))
    left, top, bottom = 58.0, 14.0 + LEADING * up, 26.0 + LEADING * (across + 1)
    outside = [_option(found, i) for i in _present(found) if not place_of(found, i, 1.0)[1]]
    right = 14.0 + max((min(measure(n, TYPE), BESIDE) + 14 for n in outside), default=0.0)
    width, height = left + PLOT[0] + right, top + PLOT[1] + bottom
    figure = Figure(figsize=(width / 72, height / 72), dpi=144, facecolor="white")
    return figure.add_axes((left / width, bottom / height, PLOT[0] / width, PLOT[1] / height))


def _present(found: Regions) -> list[int]:
    return sorted(set(found.best.ravel().tolist()))


def _option(found: Regions, option: int) -> str:
    return named(found.options[option] if option >= 0 else None, TYPE, BESIDE)


def _fill(
    ax: Axes, found: Regions, option: int, polygons: Sequence[list[Point]], scale: float
) -> None:
    vertices: list[Point] = []
    codes: list[Any] = []
    for polygon in polygons:
        vertices += [*polygon, polygon[0]]
        codes += [Path.MOVETO, *[Path.LINETO] * (len(polygon) - 1), Path.CLOSEPOLY]
    name = found.options[option] if option >= 0 else None
    look = look_of(name, found.options)
    area = PathPatch(Path(vertices, codes), facecolor=look.tint, edgecolor="none", zorder=1)
    share = float((found.best == option).mean())
    says = f"{named(name, TYPE, 1e9)}: best at {share:.0%} of the points"
    area.set(gid=hover(f"area-{name or 'none'}", says), linewidth=0.0)
    ax.add_patch(area)
    if look.hatch:
        hatched = PathPatch(
            Path(vertices, codes), facecolor="none", edgecolor=look.colour, zorder=1.5
        )
        hatched.set(hatch=look.hatch, linewidth=0.0, gid=hover("", says))
        ax.add_patch(hatched)


def _write_names(ax: Axes, found: Regions, scale: float) -> None:
    beside = []
    for option in _present(found):
        (x, y), lines = place_of(found, option, scale)
        if not lines:
            beside.append((y, x, option))
            continue
        for i, line in enumerate(lines):
            up = ((len(lines) - 1) / 2 - i) * LEADING * scale
            place = shifted(ax, 0, up - 0.36 * TYPE * scale)
            said = write(ax, x, y, line, TYPE * scale, ha="center", transform=place)
            said.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.8 * scale})
            said.set_gid(f"name-{option}")
    _write_beside(ax, found, beside, scale)


def _write_beside(
    ax: Axes, found: Regions, beside: list[tuple[float, float, int]], scale: float
) -> None:
    """Write names right of the map, about as high as their areas, with a line to each."""
    low, high = ax.get_ylim()
    tall = ax.bbox.height * 72 / ax.figure.dpi
    last = np.inf
    for y, x, option in sorted(beside, reverse=True):
        last = min((y - low) / (high - low) * tall, last - 15 * scale)
        up = max(last, 4 * scale) - 0.5 * tall  # from the middle of the map
        place = shifted(ax, 12 * scale, up - 0.36 * TYPE * scale, "right")
        middle = (low + high) / 2
        write(ax, 1.0, middle, _option(found, option), TYPE * scale, transform=place)
        line = ax.annotate(
            "",
            (x, y),
            (9 * scale, up),
            xycoords="data",
            textcoords=OffsetFrom(ax.patch, (1.0, 0.5)),
            annotation_clip=False,
            zorder=4,
            arrowprops={"arrowstyle": "-", "color": INK, "shrinkA": 0, "shrinkB": 0},
        )
        if line.arrow_patch is not None:
            line.arrow_patch.set(linewidth=0.7 * scale)
        ax.add_line(Line2D([x], [y], color=INK, marker="o", markersize=3 * scale, zorder=4))


def _draw_base(ax: Axes, found: Regions, scale: float) -> None:
    x, y = found.base
    if not has_base(found):
        return
    dot = Line2D([x], [y], marker="o", markersize=8 * scale, markerfacecolor="white")
    dot.set_gid(hover("base", f"the model stands at {x:.4g} and {y:.4g}"))
    dot.set(markeredgecolor=INK, markeredgewidth=1.6 * scale, zorder=6, clip_on=False)
    ax.add_line(dot)


def _write_scales(ax: Axes, found: Regions, scale: float) -> None:
    size = SMALL * scale
    for across, numbers in ((True, found.xs), (False, found.ys)):
        low, high = float(numbers[0]), float(numbers[-1])
        marks = [float(t) for t in MaxNLocator(5).tick_values(low, high) if low <= t <= high]
        places = decimals_of_range(marks) if len(marks) > 1 else 2
        for mark in marks:
            text = amount(mark + 0.0, places)
            if across:
                place = shifted(ax, 0, -13 * scale, "below")
                write(ax, mark, 0.0, text, size, ha="center", color=QUIET, transform=place)
            else:
                place = shifted(ax, -6 * scale, -0.36 * size, "left")
                write(ax, 0.0, mark, text, size, ha="right", color=QUIET, transform=place)
    below, above = _titles(found)
    for row, said in enumerate(below):
        place = shifted(ax, 0, -(28 + LEADING * row) * scale, "below")
        write(ax, ax.get_xlim()[1], 0.0, said, TYPE * scale, ha="right", transform=place)
    place = shifted(ax, 0, -(28 + LEADING * len(below)) * scale, "below")
    key = {"ha": "right", "color": QUIET, "transform": place}
    if has_base(found):
        write(ax, ax.get_xlim()[1], 0.0, BASE, size, **key)
    for row, said in enumerate(reversed(above)):
        place = shifted(ax, -50 * scale, (10 + LEADING * row) * scale, "left")
        write(ax, 0.0, ax.get_ylim()[1], said, TYPE * scale, transform=place)


def _titles(found: Regions) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is written along both axes, in lines."""
    room = PLOT[0] + 50
    return wrap(found.x, room, TYPE, 2), wrap(found.y, room, TYPE, 2)


def _draw_contours(ax: Axes, found: Regions, scale: float) -> None:
    """Draw lines of equal margin, with how much it is."""
    margin = found.margin.to_numpy()
    if np.isnan(margin).all() or min(margin.shape) < 2:
        return
    top = float(np.nanmax(margin))
    levels = [t for t in MaxNLocator(4).tick_values(0.0, top) if 0 < t < top]
    if not levels:
        return
    drawn = ax.contour(found.xs, found.ys, margin, levels, colors=INK, linewidths=0.7 * scale)
    drawn.set(linestyle="dotted", zorder=2.5, gid="margins")
    places = decimals_of_range(levels) if len(levels) > 1 else 2
    for level, path in zip(levels, drawn.get_paths(), strict=True):
        vertices = np.asarray(path.vertices)
        if len(vertices):
            x, y = vertices[len(vertices) // 2].tolist()
            said = write(ax, x, y, amount(float(level), places), SMALL * scale, ha="center")
            said.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.8})


def _account(found: Regions) -> str:
    share = {i: float((found.best == i).mean()) for i in _present(found)}
    parts = [
        f"{named(found.options[i] if i >= 0 else None, TYPE, 1e9)} at {part:.0%} of the points"
        for i, part in sorted(share.items(), key=lambda item: -item[1])
    ]
    ends = " and ".join(
        f"{plain(text)} from {values[0]:.4g} to {values[-1]:.4g}"
        for text, values in ((found.x, found.xs), (found.y, found.ys))
    )
    kinds = sorted({border.how for border in found.crossings})
    borders = f" Borders along the grid's lines: {listed(kinds)}." if kinds else ""
    x, y = found.base
    base = "" if np.isnan(x + y) else f" The model stands at {x:.4g} and {y:.4g}."
    return f"Best {plain(found.by)} over {ends}: {'; '.join(parts)}.{base}{borders}"
