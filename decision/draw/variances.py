"""Which inputs the doubt about a difference comes from: shares of its variance.

A row an input. The thick bar is its first-order share, what it adds alone; the dot is its
total share, what it adds alone and together with others: where the dot stands far from the
bar's end, it matters by way of other inputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

from decision.draw.alt import describe
from decision.draw.dots import ROW, TYPE, Dot, draw_dots, in_lines, shifted, widest, write_options
from decision.draw.marks import hover
from decision.draw.style import INK, QUIET, framed, measure, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["sobol"]

PLOT = 300.0
NAME = 380.0
SAID = "Share of the variance of the difference (%)"
KEY = "bar: alone (first order) · dot: with others too (total)"


def sobol(frame: pd.DataFrame, ax: Axes | None = None, *, most: int = 10) -> Axes:
    """Draw the inputs with the largest shares of the variance.

    Parameters
    ----------
    frame : DataFrame
        As `decision.sobol` gives it: index input, columns `first` and `total`.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made. The x axis is in per cent.
    most : int
        Rows, at most: the largest totals.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        Where the difference never moves.
    """
    shown = frame[frame["total"].notna()].sort_values("total", ascending=False, kind="stable")
    shown = shown.head(most)
    if shown.empty:
        raise ValueError("the difference never moves: there is nothing to draw")
    # Estimates of what is nothing fall on both sides of 0.
    first = [100 * max(0.0, float(share)) for share in shown["first"]]
    total = [100 * max(0.0, float(share)) for share in shown["total"]]
    names = [in_lines(str(name), NAME) for name in shown.index]
    told = [
        f"{name}: {alone:.0f}% of the variance alone, {whole:.0f}% with others too"
        for name, alone, whole in zip(shown.index, first, total, strict=True)
    ]
    dots = [
        Dot(whole, f"{whole:.0f}%", says=says, reach=max(alone, whole))
        for alone, whole, says in zip(first, total, told, strict=True)
    ]
    size = (PLOT, ROW * len(dots))
    ax = ax or _figure(names, size)
    scale = draw_dots(ax, dots, size, origin=0.0)
    for row, share in enumerate(first):
        bar = Line2D([0, share], [row, row], color="#9AA5AE", zorder=2)
        bar.set(linewidth=9 * scale, gid=hover(f"first-{row}", told[row]))
        bar.set_solid_capstyle("butt")
        ax.add_line(bar)
    write_options(ax, names, scale)
    for text, down, colour in ((SAID, 28, INK), (KEY, 41, QUIET)):
        place = shifted(ax, 0, -down * scale, "below")
        right = ax.get_xlim()[1]
        write(ax, right, 0.0, text, TYPE * scale, ha="right", color=colour, transform=place)
    parts = [
        f"{name} {alone:.0f}% alone, {whole:.0f}% with others too"
        for name, alone, whole in zip(shown.index, first, total, strict=True)
    ]
    largest = f"The difference owes most of its doubt to {shown.index[0]}"
    describe(ax, f"{SAID}: {'; '.join(parts)}. {largest}.")
    return ax


def _figure(names: Sequence[Sequence[str]], size: tuple[float, float]) -> Axes:
    below = measure(KEY, TYPE) - size[0]
    left = max(widest(names), below) + 20
    right, top, bottom = 12.0, 8.0, 50.0
    return framed(size, left, right, top, bottom)
