"""What each option gains over a reference, in points.

Options of a hard choice lie close together: on a scale from 0 to 100 four totals between
93.7 and 94.2 are one blot. So the picture shows differences, and the totals as numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from decision.draw.numbers import amount, decimals, signed
from decision.draw.style import INK, QUIET, framed, plain, shortened, write

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["outcomes"]

PLOT = 300.0
NAME = 170.0


def outcomes(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    unit: str = "points",
    equivalent: tuple[float, str] | None = None,
) -> Axes:
    """Draw how much each option's expected total differs from the reference's.

    Parameters
    ----------
    frame : DataFrame
        As `decision.outcomes` gives it: index option, columns ``E(total)``, ``difference``.
        A branch that is closed (missing numbers) is said to be so.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made. The x axis is in `unit`.
    unit : str
        Of the total.
    equivalent : (float, str), optional
        What a unit is worth in something better known, and its name, for a second line
        of numbers: ``(2.1, "percentage points of the chance of major war")``.

    Returns
    -------
    Axes
    """
    shown = frame[["E(total)", "difference"]].astype(float)
    there = frame.loc[shown.notna().all(axis=1)]
    if there.empty:
        raise ValueError("no branch has an expected total: there is nothing to draw")
    totals = {str(option): float(total) for option, total in there["E(total)"].items()}
    gains = {str(option): float(gain) for option, gain in there["difference"].items()}
    places = decimals([list(totals.values())], significant=2)
    best = _best(there)
    reference = min(gains, key=lambda option: abs(gains[option]))
    names = {option: shortened(option.replace("_", " "), NAME, TYPE) for option in totals}
    options = [str(option) for option in shown.index]
    dots = [
        Dot(
            gain,
            "reference" if option == reference else signed(gain, places),
            reference=option == reference,
            best=option == best,
            look=look_of(option, options),
            says=f"{option.replace('_', ' ')}: {signed(gain, places)} {unit} from "
            f"{reference.replace('_', ' ')}, expected total {amount(totals[option], places)}",
        )
        for option, gain in gains.items()
    ]
    size = (PLOT, ROW * len(dots))
    written = [option_lines(option, NAME) for option in totals]
    ax = ax or _figure(widest(written), size, equivalent is not None)
    scale = draw_dots(ax, dots, size, origin=0.0)
    write_options(ax, written, scale)
    _write_totals(ax, [amount(total, places) for total in totals.values()], scale)
    said = f"Difference in expected total from {names[reference]} ({unit})"
    _write_below(ax, said, 28, scale, INK)
    if equivalent is not None:
        each, words = equivalent
        _write_below(ax, f"1 {_one(unit)} is worth {each:g} {words}", 41, scale, QUIET)
    closed = [str(option) for option in shown.index if option not in there.index]
    spoken = {option: plain(option.replace("_", " ")) for option in totals}
    told = _account(spoken, totals, gains, (reference, best), places, unit, equivalent)
    shut = f" Closed: {', '.join(name.replace('_', ' ') for name in closed)}." if closed else ""
    describe(ax, f"{told}{shut}")
    return ax


def _best(frame: pd.DataFrame) -> str:
    """Return the option that is chosen: with an attitude to risk not by its expectation."""
    by = "certain_equivalent" if "certain_equivalent" in frame.columns else "E(total)"
    return str(frame[by].astype(float).idxmax())


def _figure(name: float, size: tuple[float, float], two_lines: bool) -> Axes:
    left = name + 20
    right, top, bottom = 70.0, 26.0, 50.0 if two_lines else 38.0
    return framed(size, left, right, top, bottom)


def _write_totals(ax: Axes, totals: list[str], scale: float) -> None:
    size = TYPE * scale
    for row, total in enumerate(totals):
        place = shifted(ax, 60 * scale, -0.36 * size, "right")
        write(ax, 1.0, row, total, size, ha="right", color=QUIET, transform=place)
    place = shifted(ax, 60 * scale, 4 * scale, "right")
    write(ax, 1.0, -0.5, "Expected total", size, ha="right", color=QUIET, transform=place)


def _write_below(ax: Axes, text: str, down: float, scale: float, colour: str) -> None:
    low, high = ax.get_xlim()
    place = shifted(ax, 0, -down * scale, "below")
    write(ax, (low + high) / 2, 0.0, text, TYPE * scale, ha="center", color=colour, transform=place)


def _one(unit: str) -> str:
    return unit[:-1] if unit == "points" else plain(unit)


def _account(
    names: dict[str, str],
    totals: dict[str, float],
    gains: dict[str, float],
    those: tuple[str, str],
    places: int,
    unit: str,
    equivalent: tuple[float, str] | None,
) -> str:
    reference, best = those
    parts = [
        f"{names[option]} {signed(gains[option], places)} (total {amount(total, places)})"
        for option, total in totals.items()
        if option != reference
    ]
    words = [
        f"Differences in expected total from {names[reference]} "
        f"({amount(totals[reference], places)} {unit})"
        + (f": {'; '.join(parts)}." if parts else ".")
    ]
    most = max(totals.values())
    words.append(f"Best is {names[best]}.")
    if totals[best] < most:
        words.append("It is chosen by certain equivalent, not by expected total.")
    elif best != reference:
        second = max(total for option, total in totals.items() if option != best)
        words.append(f"It leads the next by {amount(totals[best] - second, places)}.")
    if equivalent is not None:
        words.append(f"1 {_one(unit)} is worth {equivalent[0]:g} {equivalent[1]}.")
    return " ".join(words)
