"""The corners of the inputs in which a branch loses: what each input lies between there.

A row an input. The grey line is all that was drawn of it, by share of the draws, so that every
input has the same length; the thick part is what belongs to the corner, and the open dot is
where the input is at base. Above each corner stands how often the branch loses in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

from decision.analysis.likelihood import percent
from decision.draw.alt import describe
from decision.draw.dots import ROW, TYPE, draw_scale, shifted
from decision.draw.marks import hover
from decision.draw.style import FAINT, INK, QUIET, framed, measure, plain, shortened, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from decision.analysis.corners import Corner, Discovery, Limit

__all__ = ["discovery"]

PLOT = 260.0
NAME = 400.0
KEY = "Share of the draws below (%); the dot: at base"


def discovery(found: Discovery, ax: Axes | None = None) -> Axes:
    """Draw the corners in which a branch loses as ranges of their inputs.

    Parameters
    ----------
    found : Discovery
        As `decision.discover` gives it.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made. The x axis is the share of the
        draws below, in per cent.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        Where no corner was found.
    """
    if not found.corners:
        raise ValueError("no corner was found: there is nothing to draw")
    limits = [limit for corner in found.corners for limit in corner.limits]
    names = [_name(limit) for limit in limits]
    heads = [_head(found, corner, i) for i, corner in enumerate(found.corners)]
    rows = len(limits) + len(heads)
    left = max(measure(name, TYPE) for name in names) + 20
    left = max(left, max(measure(head, TYPE, True) for head in heads) - PLOT)
    size = (PLOT, ROW * rows)
    ax = ax or _figure(left, size)
    scale = _prepared(ax, rows, size)
    row = 0
    for corner, head in zip(found.corners, heads, strict=True):
        below = shifted(ax, 0, -0.36 * TYPE * scale)
        write(ax, 100, row, head, TYPE * scale, ha="right", bold=True, transform=below)
        row += 1
        for limit in corner.limits:
            _draw_range(ax, row, limit, scale)
            place = shifted(ax, -8 * scale, -0.36 * TYPE * scale, "left")
            write(ax, 0.0, row, _name(limit), TYPE * scale, ha="right", color=INK, transform=place)
            row += 1
    place = shifted(ax, 0, -28 * scale, "below")
    write(ax, 100, 0.0, KEY, TYPE * scale, ha="right", color=QUIET, transform=place)
    describe(ax, _account(found))
    return ax


def _name(limit: Limit) -> str:
    """Return an input with its limits; a long name is cut, its limits stay."""
    before, name, after = limit.says.partition(limit.input)
    room = NAME - measure(before + after, TYPE)
    return f"{before}{shortened(name, max(room, 60.0), TYPE)}{after}"


def _head(found: Discovery, corner: Corner, place: int) -> str:
    option = shortened(found.option.replace("_", " "), 150, TYPE)
    lost, of_all = percent(corner.density), percent(found.share)
    who = f"{option} loses in {lost} (in all: {of_all})" if place == 0 else f"rest: in {lost}"
    return f"{who}; covers {percent(corner.coverage)} of its losses"


def _figure(left: float, size: tuple[float, float]) -> Axes:
    right, top, bottom = 16.0, 8.0, 38.0
    return framed(size, left, right, top, bottom)


def _prepared(ax: Axes, rows: int, size: tuple[float, float]) -> float:
    points = 72 / ax.figure.dpi
    scale = min(1.0, ax.bbox.width * points / size[0], ax.bbox.height * points / size[1])
    ax.set_xlim(-4, 104)
    ax.set_ylim(rows - 0.5, -0.5)
    for side in ("top", "left", "right", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(left=False, labelleft=False, bottom=False, labelbottom=False)
    draw_scale(ax, None, scale, 5)
    return scale


def _draw_range(ax: Axes, row: int, limit: Limit, scale: float) -> None:
    track = Line2D([0, 100], [row, row], color=FAINT, linewidth=1.2 * scale, zorder=1)
    ends = [100 * limit.low_rank, 100 * limit.high_rank]
    part = Line2D(ends, [row, row], color="#6F7B85", linewidth=7 * scale, zorder=2)
    part.set_solid_capstyle("butt")
    says = f"{limit.says}: {ends[0]:.0f} to {ends[1]:.0f}% of the draws"
    part.set_gid(hover(f"range-{row}", says))
    base = Line2D([100 * limit.base_rank], [row], marker="o", zorder=3, color=INK)
    base.set_gid(
        hover("", f"{limit.input} at base: above {100 * limit.base_rank:.0f}% of the draws")
    )
    base.set(markersize=7 * scale, markerfacecolor="white", markeredgewidth=1.4 * scale)
    for line in (track, part, base):
        ax.add_line(line)


def _account(found: Discovery) -> str:
    parts = []
    for i, corner in enumerate(found.corners):
        says = " and ".join(limit.says for limit in corner.limits)
        inside = all(
            limit.low_rank <= limit.base_rank <= limit.high_rank for limit in corner.limits
        )
        base = "base lies inside" if inside else "base lies outside"
        parts.append(f"{_head(found, corner, i)}: where {says}; {base}")
    return plain(f"Corners of the inputs in which a branch loses. {'. '.join(parts)}.")
