"""How sure each branch is: its cumulative curve, on one scale for all.

A curve says how probable an amount of at most x is; the further right, the more of it.
Where the amounts are at least 0 and span orders of magnitude, as deaths do, the scale is
logarithmic and a curve says how probable at least x is: what is worst stands out at the
right, and what is lacking to 1 at the left end is the chance of none at all.

Lines differ in colour and in dash, so that grey paper tells them apart.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from decision.analysis.wording import significant
from decision.draw.alt import describe
from decision.draw.dots import LEADING, TYPE, option_lines, shifted, widest
from decision.draw.looks import Look, look_of
from decision.draw.marks import hover
from decision.draw.numbers import amount, decimals, decimals_of_range, probability
from decision.draw.style import FAINT, INK, QUIET, plain, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["risk_profile"]

PLOT = (320.0, 190.0)
NAME, ROW, SAMPLE = 170.0, 16.0, 26.0
TAIL = 0.01
"""Probability of the lowest amounts that may be cut off."""
ORDERS = 3
"""Orders of magnitude from which a scale is logarithmic."""
Curves = dict[str, tuple[np.ndarray, np.ndarray]]


def risk_profile(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    name: str | None = None,
    unit: str | None = None,
) -> Axes:
    """Draw how probable each amount is, a curve for each branch.

    Parameters
    ----------
    frame : DataFrame
        As `decision.risk_profile` gives it: its first column is the option; `x`, `p`.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made. The x axis is in `unit`, or
        in its decimal logarithm where amounts of at least 0 span three orders of
        magnitude; the y axis is a probability.
    name, unit : str, optional
        Of what is drawn; default what `decision.risk_profile` says of it.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        For another frame, and where there is no branch to draw.
    """
    if not {"x", "p"} <= set(frame.columns):
        raise ValueError("this frame has no columns x and p; give what risk_profile() returns")
    if frame.empty:
        raise ValueError("no branch can be had: there is nothing to draw")
    curves: Curves = {
        str(option): (rows["x"].to_numpy(dtype=float), rows["p"].to_numpy(dtype=float))
        for option, rows in frame.groupby(frame.columns[0], sort=False)
    }
    name = plain(name if name is not None else frame.attrs.get("name", "Total"))
    unit = plain(unit if unit is not None else frame.attrs.get("unit", "points"))
    orders = _spans_orders(curves)
    names = {option: plain(option.replace("_", " ")) for option in curves}
    written = [option_lines(option, NAME) for option in curves]
    ax = ax or _figure(widest(written))
    points = 72 / ax.figure.dpi
    scale = min(1.0, ax.bbox.width * points / PLOT[0], ax.bbox.height * points / PLOT[1])
    for side in ("top", "left", "right", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(left=False, labelleft=False, bottom=False, labelbottom=False)
    low, high, top = _limits(curves, orders)
    ax.set_xlim(low, high)
    ax.set_ylim(0.0, top)
    _draw_scales(ax, orders, scale)
    every = _every(frame, curves)
    told = _told(curves, names, orders)
    down = 10.0
    for (option, (x, p)), lines in zip(curves.items(), written, strict=True):
        look = look_of(option, every)
        steps = _at_least(x, p, low, high) if orders else _at_most(x, p, low, high)
        line = Line2D(*steps, color=look.colour, linestyle=look.dash, zorder=3)
        line.set(linewidth=1.7 * scale, gid=hover(f"curve-{option}", told[option]))
        ax.add_line(line)
        _write_name(ax, down, lines, look, scale)
        down += ROW + LEADING * (len(lines) - 1)
    said = f"{name} ({unit})" if unit else name
    left_out = "" if orders else _left_out(curves, low)
    said = f"{said}, {left_out}" if left_out else said
    place = shifted(ax, 0, -28 * scale, "below")
    write(ax, (low + high) / 2, 0.0, said, TYPE * scale, ha="center", color=INK, transform=place)
    said = "Probability of at least so much" if orders else "Probability of at most so much"
    place = shifted(ax, -28 * scale, 8 * scale, "left")
    write(ax, 0.0, top, said, TYPE * scale, color=QUIET, transform=place)
    means = {option: float(p @ x) for option, (x, p) in curves.items()}
    most, least = (names[pick(means, key=means.__getitem__)] for pick in (max, min))
    finding = f" The mean is highest with {most}, lowest with {least}." if len(means) > 1 else ""
    describe(ax, f"{_account(told, name, unit, orders, left_out)}{finding}")
    return ax


def _every(frame: pd.DataFrame, curves: Curves) -> tuple[str, ...]:
    """Return all options, those that are closed too: their order says how each looks."""
    known = tuple(frame.attrs.get("options", ()))
    return known if set(curves) <= set(known) else tuple(curves)


def _spans_orders(curves: Curves) -> bool:
    x = np.concatenate([x for x, _ in curves.values()])
    above = x[x > 0]
    return bool(x.min() >= 0 and len(above) and above.max() >= 10**ORDERS * above.min())


def _limits(curves: Curves, orders: bool) -> tuple[float, float, float]:
    x = np.concatenate([x for x, _ in curves.values()])
    if orders:
        above = np.log10(x[x > 0])
        most = max(float(p[x > 0].sum()) for x, p in curves.values())
        return math.floor(above.min() - 0.05), math.ceil(above.max() + 0.05), min(1.05 * most, 1.05)
    low, high = _shown(curves, float(x.min())), float(x.max())
    aside = 0.04 * (high - low) or max(abs(low), 1.0)
    return low - aside, high + aside, 1.02


def _shown(curves: Curves, least: float) -> float:
    """Return where the scale begins: a long tail that hardly anything is in is cut off.

    Otherwise four branches that lie between 90 and 99 are one line beside 180 points of
    nothing. The chance of what is cut off is said at the axis.
    """
    most = max(float(x[-1]) for x, _ in curves.values())
    start = min(float(x[np.searchsorted(np.cumsum(p), TAIL)]) for x, p in curves.values())
    return start if start - least > most - start else least


def _left_out(curves: Curves, low: float) -> str:
    """Return what the scale does not show, in words."""
    below = [float(p[x < low].sum()) for x, p in curves.values()]
    if not any(below):
        return ""
    least = amount(min(float(x[0]) for x, _ in curves.values()))
    lowest, highest = (f"{significant(100 * b, 2)}%" for b in (min(below), max(below)))
    share = highest if lowest == highest else f"{lowest} to {highest}"
    return f"{share} lower, down to {least}"


def _at_most(
    x: np.ndarray, p: np.ndarray, low: float, high: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of P(X ≤ x)."""
    start = float(p[x < low].sum())
    x, p = x[x >= low], p[x >= low]
    heights = np.concatenate([[start], start + np.cumsum(p)])
    return np.concatenate([[low], np.repeat(x, 2), [high]]), np.repeat(heights, 2)


def _at_least(
    x: np.ndarray, p: np.ndarray, low: float, high: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of P(X ≥ x) for x above 0, along the logarithm of x."""
    p, x = p[x > 0], np.log10(x[x > 0])
    heights = np.concatenate([np.cumsum(p[::-1])[::-1], [0.0]])
    return np.concatenate([[low], np.repeat(x, 2), [high]]), np.repeat(heights, 2)


def _figure(name: float) -> Axes:
    left, top, bottom = 40.0, 26.0, 38.0
    right = SAMPLE + 32 + name
    width, height = left + PLOT[0] + right, top + PLOT[1] + bottom
    figure = Figure(figsize=(width / 72, height / 72), dpi=144, facecolor="white")
    return figure.add_axes((left / width, bottom / height, PLOT[0] / width, PLOT[1] / height))


def _draw_scales(ax: Axes, orders: bool, scale: float) -> None:
    (low, high), (_, top) = ax.get_xlim(), ax.get_ylim()
    size = (TYPE - 1) * scale
    across = [float(t) for t in MaxNLocator(5, integer=orders).tick_values(low, high)]
    across = [t for t in across if low <= t <= high]
    places = 0 if orders else decimals_of_range(across)
    for mark in across:
        text = amount(10**mark, max(0, -round(mark))) if orders else amount(mark + 0.0, places)
        place = shifted(ax, 0, -13 * scale, "below")
        write(ax, mark, 0.0, text, size, ha="center", color=QUIET, transform=place)
        tick = Line2D([mark], [0.0], color=QUIET, marker="|", markersize=3 * scale)
        tick.set(clip_on=False, transform=ax.get_xaxis_transform())
        ax.add_line(tick)
    up = [0.0, 0.25, 0.5, 0.75, 1.0]
    if orders:
        up = [float(t) for t in MaxNLocator(4).tick_values(0.0, top) if 0 <= t <= min(top, 1.0)]
    places = decimals_of_range(up)
    for mark in up:
        place = shifted(ax, -6 * scale, -0.36 * size, "left")
        text = amount(mark, places)
        write(ax, 0.0, mark, text, size, ha="right", color=QUIET, transform=place)
        ax.axhline(mark, color=QUIET if not mark else FAINT, linewidth=0.7 * scale, zorder=0)


def _write_name(ax: Axes, down: float, lines: Sequence[str], look: Look, scale: float) -> None:
    """Write a branch's name beside the plot, after a piece of its line."""
    top = ax.get_ylim()[1]
    place = shifted(ax, 12 * scale, -down * scale, "right")
    end = 1.0 + SAMPLE * scale / (ax.bbox.width * 72 / ax.figure.dpi)
    sample = Line2D([1.0, end], [top, top], color=look.colour, linestyle=look.dash)
    sample.set(linewidth=1.7 * scale, clip_on=False, transform=place)
    ax.add_line(sample)
    for i, line in enumerate(lines):
        up = -(down + LEADING * i + 0.36 * TYPE) * scale
        place = shifted(ax, (18 + SAMPLE) * scale, up, "right")
        write(ax, 1.0, top, line, TYPE * scale, transform=place)


def _told(curves: Curves, names: dict[str, str], orders: bool) -> dict[str, str]:
    """Return each curve in words."""
    means = [float(p @ x) for x, p in curves.values()]
    places = 0 if orders else decimals([means], significant=2)
    told = {}
    for option, (x, p) in curves.items():
        at = np.minimum(np.searchsorted(np.cumsum(p), [0.05, 0.5, 0.95]), len(x) - 1)
        low, middle, high = (amount(float(v), places) for v in x[at])
        said = f"{names[option]}: mean {amount(float(p @ x), places)}, "
        if orders:
            said += f"none with probability {probability(float(p[x == 0].sum()))}, "
            worst = x[-1]
            said += f"at most {amount(float(worst), places)} (probability {p[-1]:.2g})"
        else:
            said += f"5% {low}, 50% {middle}, 95% {high}"
        told[option] = said
    return told


def _account(told: dict[str, str], name: str, unit: str, orders: bool, left_out: str) -> str:
    kind = "at least" if orders else "at most"
    scale = ", logarithmic scale" if orders else f", {left_out} left out" if left_out else ""
    return (
        f"Probability of {kind} so much of {name} ({unit}{scale}), "
        f"a curve for each branch. {'; '.join(told.values())}."
    )
