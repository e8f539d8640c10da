"""The inputs that matter most, and what each rests on: what to research next.

A row an input, its dot as far right as the best total swings over its range. A full dot
rests on no more than judgement, a hollow one on data or literature; where the advice
changes inside the range the row is thick and bold. Full dots far right and bold
ones are what to research.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from decision.draw.alt import describe, listed
from decision.draw.dots import ROW, TYPE, Dot, draw_dots, in_lines, shifted, widest, write_options
from decision.draw.numbers import amount, decimals_of_range
from decision.draw.style import INK, QUIET, framed, measure, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["ledger"]

PLOT = 300.0
NAME = 380.0
FOUNDED = ("data", "literature", "definition")
KEY = "full: judgement or nothing · hollow: data or literature · bold: the advice changes inside"


def ledger(
    frame: pd.DataFrame, ax: Axes | None = None, *, most: int = 12, unit: str = "points"
) -> Axes:
    """Draw the inputs that matter most, by swing, with what they rest on.

    Parameters
    ----------
    frame : DataFrame
        As `decision.ledger` gives it: index input, columns `swing`, `founded`, `flips`.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made. The x axis is in `unit`.
    most : int
        Rows, at most: the first of the frame.
    unit : str
        Of the total.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        Where no input has a range.
    """
    shown = frame[frame["swing"].notna()].head(most)
    shown = shown.sort_values("swing", ascending=False, kind="stable")
    if shown.empty:
        raise ValueError("no input has a range: there is nothing to draw")
    three = decimals_of_range([0.0, *map(float, shown["swing"])])
    places = max(min(three, 1), three - 1)
    rows = list(zip(shown.index, shown["swing"], shown["founded"], shown["flips"], strict=True))
    dots = [
        Dot(
            float(swing),
            f"{amount(float(swing), places)} · {founded}",
            founded in FOUNDED,
            bool(flips),
            says=f"{name}: swings the total by {amount(float(swing), places)} {unit}, rests on "
            f"{founded}" + (", the advice changes inside its range" if flips else ""),
        )
        for name, swing, founded, flips in rows
    ]
    names = [in_lines(str(name), NAME) for name, *_ in rows]
    size = (PLOT, ROW * len(dots))
    ax = ax or _figure(names, size)
    scale = draw_dots(ax, dots, size, origin=0.0)
    write_options(ax, names, scale)
    swings = f"Swing of the best expected total over the input's range ({unit})"
    for text, down, colour in ((swings, 28, INK), (KEY, 41, QUIET)):
        place = shifted(ax, 0, -down * scale, "below")
        right = ax.get_xlim()[1]
        write(ax, right, 0.0, text, TYPE * scale, ha="right", color=colour, transform=place)
    describe(ax, _account(rows, unit))
    return ax


def _figure(names: Sequence[Sequence[str]], size: tuple[float, float]) -> Axes:
    below = measure(KEY, TYPE) - size[0]
    left = max(widest(names), below) + 20
    right, top, bottom = 12.0, 12.0, 50.0
    return framed(size, left, right, top, bottom)


def _account(rows: list[tuple[str, float, str, bool]], unit: str) -> str:
    parts = [f"{name} {swing:.2g} ({founded})" for name, swing, founded, _ in rows]
    flips = [name for name, *_, flips in rows if flips]
    words = f"Inputs by how far the best expected total swings over their range, in {unit}"
    judged = sum(founded not in FOUNDED for _, _, founded, _ in rows)
    words = f"{judged} of the {len(rows)} inputs rest on no more than judgement. {words}"
    changes = f"The advice changes inside the range of {listed(flips)}." if flips else ""
    return f"{words}: {'; '.join(parts)}. {changes}"
