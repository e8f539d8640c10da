"""How often each option is best when all inputs are drawn, with what chance adds.

A row for each option: the dot is its share of the draws, the line across it reaches two
standard errors to both sides. The share's error is that of the number of draws alone; it
says nothing of whether the ranges are right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

from decision.draw.alt import describe
from decision.draw.dots import (
    ROW,
    TYPE,
    Dot,
    draw_dots,
    option_lines,
    shifted,
    widest,
    write_options,
)
from decision.draw.looks import look_of
from decision.draw.style import INK, framed, shortened, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from decision.analysis.shares import Uncertainty

__all__ = ["uncertainty"]

PLOT = 300.0
NAME = 170.0


def uncertainty(found: Uncertainty, ax: Axes | None = None) -> Axes:
    """Draw the share of draws in which each option is best.

    Parameters
    ----------
    found : Uncertainty
        As `decision.uncertainty` gives it.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made. The x axis is in per cent.

    Returns
    -------
    Axes
    """
    names = [shortened(option.replace("_", " "), NAME, TYPE) for option in found.options]
    shares, errors = 100 * found.best_share, 200 * found.share_errors
    dots = [
        Dot(
            float(share),
            f"{share:.0f}%" if share in (0, 100) else f"{share:.1f}%",
            best=option == found.best,
            look=look_of(option, found.options),
            says=f"{option.replace('_', ' ')}: best in {share:.1f}% of the draws, ± {error:.1f}",
            reach=min(100.0, float(share + error)),
        )
        for option, share, error in zip(found.options, shares, errors, strict=True)
    ]
    written = [option_lines(option, NAME) for option in found.options]
    size = (PLOT, ROW * len(dots))
    ax = ax or _figure(widest(written), size)
    scale = draw_dots(ax, dots, size, origin=0.0)
    for row, (share, error) in enumerate(zip(shares, errors, strict=True)):
        ends = [max(0.0, float(share - error)), min(100.0, float(share + error))]
        bar = Line2D(ends, [row, row], color=INK, marker="|", gid=f"error-{row}", zorder=4)
        bar.set(linewidth=1.0 * scale, markersize=9 * scale, markeredgewidth=1.0 * scale)
        ax.add_line(bar)
    write_options(ax, written, scale)
    kind = found.draw if isinstance(found.draw, str) else "other"
    low, high = ax.get_xlim()
    place = shifted(ax, 0, -28 * scale, "below")
    said = f"Share of {found.draws:,} {kind} draws in which it is best (%)"
    write(ax, (low + high) / 2, 0.0, said, TYPE * scale, ha="center", transform=place)
    parts = [
        f"{name} {share:.1f}% (± {error:.1f})"
        for name, share, error in zip(names, shares, errors, strict=True)
    ]
    often = names[int(shares.argmax())]
    best = f" Most often best is {often}."
    if found.best:
        best += f" Best at base is {found.best.replace('_', ' ')}."
    describe(ax, f"{said}, ± two standard errors: {'; '.join(parts)}.{best}")
    return ax


def _figure(name: float, size: tuple[float, float]) -> Axes:
    left = name + 20
    right, top, bottom = 20.0, 12.0, 38.0
    return framed(size, left, right, top, bottom)
