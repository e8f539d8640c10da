"""A rainbow: what every option is worth along one input, a curve for each.

The upper edge of the curves is what the best option is worth; it is drawn thick. A dot
stands where the best changes, a small ring where two others change places.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from decision.draw.alt import describe, listed
from decision.draw.dots import TYPE, option_lines, shifted, widest
from decision.draw.looks import Look, look_of, named
from decision.draw.marks import Mark, hover
from decision.draw.numbers import amount, decimals, decimals_of_range
from decision.draw.style import FAINT, INK, QUIET, plain, wrap, write

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["rainbow"]

PLOT = (330.0, 230.0)
BESIDE, APART, LEADING = 170.0, 13.0, 12.0
SMALL = TYPE - 1
MARKS = ["best option", "kind of point"]


def rainbow(frame: pd.DataFrame, ax: Axes | None = None, *, unit: str = "points") -> Axes:
    """Draw what every option is worth along one input.

    Parameters
    ----------
    frame : DataFrame
        As `decision.rainbow` gives it.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made. The x axis is the input, the
        y axis is in `unit`.
    unit : str
        Of the total.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        Where no option can be had.
    """
    options = [str(name) for name in frame.columns if name not in MARKS]
    curves = {o: frame[o].to_numpy(dtype=float) for o in options}
    curves = {o: worths for o, worths in curves.items() if not np.isnan(worths).all()}
    if not curves:
        raise ValueError("no option can be had: there is nothing to draw")
    numbers = frame.index.to_numpy(dtype=float)
    title = wrap(str(frame.index.name or "input"), PLOT[0] + 50, TYPE, 2)
    written = {option: option_lines(option, BESIDE) for option in curves}
    ax = ax or _figure(widest(list(written.values())), title)
    points = 72 / ax.figure.dpi
    scale = min(1.0, ax.bbox.width * points / PLOT[0], ax.bbox.height * points / PLOT[1])
    for side in ("top", "left", "right", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(left=False, labelleft=False, bottom=False, labelbottom=False)
    ax.set_xlim(numbers[0], numbers[-1])
    worths = np.concatenate([w[~np.isnan(w)] for w in curves.values()])
    low, high = float(worths.min()), float(worths.max())
    aside = 0.06 * (high - low) or max(abs(low), 1.0)
    ax.set_ylim(low - aside, high + aside)
    _write_scales(ax, title, unit, scale)
    told = _told(frame, options)
    for option, worth in curves.items():
        gid = hover(f"curve-{option}", f"{told.get(option, option)} {unit}")
        best = _best(frame, option)
        _draw_curve(ax, gid, look_of(option, options), (numbers, worth), best, scale)
    _draw_points(ax, frame, options, scale)
    _write_names(ax, curves, written, scale)
    describe(ax, _account(frame, options, unit))
    return ax


def _figure(name: float, title: Sequence[str]) -> Axes:
    left, top, bottom = 58.0, 28.0, 26.0 + LEADING * len(title)
    right = 34.0 + name
    width, height = left + PLOT[0] + right, top + PLOT[1] + bottom
    figure = Figure(figsize=(width / 72, height / 72), dpi=144, facecolor="white")
    return figure.add_axes((left / width, bottom / height, PLOT[0] / width, PLOT[1] / height))


def _draw_curve(
    ax: Axes,
    gid: Mark,
    look: Look,
    curve: tuple[np.ndarray, np.ndarray],
    best: np.ndarray,
    scale: float,
) -> None:
    x, y = curve
    line = Line2D(x, y, color=look.colour, linestyle=look.dash, linewidth=1.5 * scale, zorder=3)
    line.set_gid(gid)
    ax.add_line(line)
    thick = Line2D(x, np.where(best, y, np.nan), color=look.colour)
    thick.set(linewidth=4.5 * scale, alpha=0.45, zorder=2, solid_capstyle="butt")
    thick.set_gid(hover(str(gid).replace("curve-", "best-", 1), gid.says))
    ax.add_line(thick)


def _best(frame: pd.DataFrame, option: str) -> np.ndarray:
    """Return at which numbers an option is best, break-evens where it begins or ends included."""
    top = frame["best option"].to_numpy() == option
    even = frame["kind of point"].str.contains("break-even").to_numpy()
    beside = np.append(top[1:], False) | np.append(False, top[:-1])
    return np.asarray(top | (beside & even))


def _draw_points(ax: Axes, frame: pd.DataFrame, options: Sequence[str], scale: float) -> None:
    low = ax.get_ylim()[0]
    for x, row in frame.iterrows():
        kinds = str(row["kind of point"]).split(", ")
        number = float(x)  # type: ignore[arg-type]
        values = row[list(options)].to_numpy(dtype=float)
        if "base" in kinds:
            line = ax.axvline(number, color=QUIET, linewidth=0.9 * scale, zorder=1, gid="base")
            line.set_linestyle((0, (2, 2)))
            place = shifted(ax, 0, (ax.bbox.height * 72 / ax.figure.dpi) + 3 * scale)
            said = "base"
            write(ax, number, low, said, SMALL * scale, ha="center", color=QUIET, transform=place)
        if "break-even" in kinds:
            dot = Line2D([number], [np.nanmax(values)], marker="o", markersize=6 * scale)
            says = f"the best changes at {number:.4g}"
            dot.set(color=INK, zorder=6, gid=hover("break-even", says))
            ax.add_line(dot)
        elif "crossing" in kinds:
            for value in _meeting(values):
                ring = Line2D([number], [value], marker="o", markersize=4 * scale, zorder=5)
                ring.set(color=INK, markerfacecolor="white", markeredgewidth=0.8 * scale)
                ring.set_gid(hover("crossing", f"two options are worth the same at {number:.4g}"))
                ax.add_line(ring)


def _meeting(values: np.ndarray) -> list[float]:
    """Return the worth at which the two options meet that come closest."""
    known = np.sort(values[~np.isnan(values)])
    if len(known) < 2:
        return []
    return [float(known[int(np.diff(known).argmin())])]


def _write_scales(ax: Axes, title: Sequence[str], unit: str, scale: float) -> None:
    (low, high), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    size = SMALL * scale
    marks = [float(t) for t in MaxNLocator(5).tick_values(low, high) if low <= t <= high]
    places = decimals_of_range(marks) if len(marks) > 1 else 2
    for mark in marks:
        place = shifted(ax, 0, -13 * scale, "below")
        text = amount(mark + 0.0, places)
        write(ax, mark, 0.0, text, size, ha="center", color=QUIET, transform=place)
        tick = Line2D([mark], [0.0], color=QUIET, marker="|", markersize=3 * scale)
        tick.set(clip_on=False, transform=ax.get_xaxis_transform())
        ax.add_line(tick)
    ax.axhline(bottom, color=QUIET, linewidth=0.9 * scale, zorder=0)
    marks = [float(t) for t in MaxNLocator(5).tick_values(bottom, top) if bottom <= t <= top]
    places = decimals_of_range(marks) if len(marks) > 1 else 2
    for mark in marks:
        place = shifted(ax, -6 * scale, -0.36 * size, "left")
        text = amount(mark + 0.0, places)
        write(ax, 0.0, mark, text, size, ha="right", color=QUIET, transform=place)
        ax.axhline(mark, color=FAINT, linewidth=0.6 * scale, zorder=0)
    for row, said in enumerate(title):
        place = shifted(ax, 0, -(28 + LEADING * row) * scale, "below")
        write(ax, high, 0.0, said, TYPE * scale, ha="right", transform=place)
    place = shifted(ax, -50 * scale, 14 * scale, "left")
    said = f"Total of each option ({plain(unit)})"
    write(ax, 0.0, top, said, TYPE * scale, color=QUIET, transform=place)


def _write_names(
    ax: Axes, curves: dict[str, np.ndarray], written: dict[str, tuple[str, ...]], scale: float
) -> None:
    """Write each option's name beside the end of its curve, with a line where it had to move."""
    low, high = ax.get_ylim()
    tall = ax.bbox.height * 72 / ax.figure.dpi
    wide = ax.bbox.width * 72 / ax.figure.dpi
    ends = {o: float(w[~np.isnan(w)][-1]) for o, w in curves.items()}
    order = sorted(ends, key=lambda o: -ends[o])
    at = [(ends[o] - low) / (high - low) * tall for o in order]
    apart = APART + (LEADING - 2 if max(map(len, written.values())) > 1 else 0.0)
    for option, end, place in zip(order, at, _spread(at, apart * scale, tall), strict=True):
        x = [1.0, 1.0 + 16 * scale / wide]
        lead = Line2D(x, [end / tall, place / tall], color=QUIET, linewidth=0.7 * scale)
        lead.set(clip_on=False, transform=ax.transAxes)
        ax.add_line(lead)
        lines = written[option]
        for i, line in enumerate(lines):
            up = ((len(lines) - 1) / 2 - i) * (LEADING - 2) - 0.36 * TYPE
            beside = shifted(ax, 20 * scale, place + up * scale, "right")
            write(ax, 1.0, low, line, TYPE * scale, transform=beside, gid=f"name-{option}")


def _spread(at: Sequence[float], apart: float, tall: float) -> list[float]:
    """Return heights, from the top down, no two nearer than `apart`, as near as can be."""
    places = list(at)
    for _ in range(200):
        moved = False
        for i in range(len(places) - 1):
            lack = apart - (places[i] - places[i + 1])
            if lack > 1e-6:
                places[i] += lack / 2
                places[i + 1] -= lack / 2
                moved = True
        if not moved:
            break
    return places


def _told(frame: pd.DataFrame, options: Sequence[str]) -> dict[str, str]:
    """Return every curve in words: its option, and its totals at both ends."""
    ends = frame.iloc[[0, -1]]
    places = decimals([ends[o].dropna().tolist() for o in options], significant=2)
    parts = {}
    for option in options:
        left, right = (float(value) for value in ends[option])
        if not np.isnan(left + right):
            said = f"from {amount(left, places)} to {amount(right, places)}"
            parts[option] = f"{named(option, TYPE, 1e9)} {said}"
    return parts


def _account(frame: pd.DataFrame, options: Sequence[str], unit: str) -> str:
    numbers = frame.index.to_numpy(dtype=float)
    parts = list(_told(frame, options).values())
    changes = frame.index[frame["kind of point"].str.contains("break-even")]
    flips = (
        f"The best changes at {listed(f'{float(x):.3g}' for x in changes)}."
        if len(changes)
        else "The best is the same all along."
    )
    first = next((b for b in frame["best option"] if b is not None), None)
    return (
        f"Totals ({plain(unit)}) along {plain(str(frame.index.name))} from {numbers[0]:.4g} to "
        f"{numbers[-1]:.4g}: {'; '.join(parts)}. At the low end "
        f"{named(first, TYPE, 1e9)} is best. {flips}"
    )
