"""A tornado: how far the best expected total moves as each input goes through its range.

A row for each input, the one that swings most on top. The bar reaches from the total at
base to those at both ends of the range, in the colour of what is best on the way; where
both ends lie on one side of the base there are two bars, the low end's above the high
end's. A tick stands where the advice changes. The total is convex in most inputs, so that
its lowest can lie inside the range: a thin line leads there.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from decision.draw.alt import describe, listed
from decision.draw.dots import TYPE, draw_scale, in_lines, shifted, widest, write_options
from decision.draw.looks import draw_key, from_corner, key_lines, look_of, named
from decision.draw.marks import hover
from decision.draw.numbers import amount, decimals, decimals_of_range
from decision.draw.style import INK, QUIET, framed, measure, plain, write

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["tornado"]

PLOT, NAME, ROW = 320.0, 380.0, 26.0
THICK, LANE = 0.56, 0.30
"""Height of a bar, and of each of two, in parts of a row."""
SMALL = TYPE - 1.5
NOTHING = 1e-9
"""Share of a total that is rounding."""
KEY = "tick: the advice changes · thin line: the lowest total, inside the range"
Row = dict[str, Any]


def tornado(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    most: int = 12,
    unit: str = "points",
    options: Sequence[str] | None = None,
) -> Axes:
    """Draw how far the best total moves over each input's range.

    Parameters
    ----------
    frame : DataFrame
        As `decision.sensitivity` gives it.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made. The x axis is in `unit`.
    most : int
        Rows, at most: those that swing most.
    unit : str
        Of the total.
    options : sequence of str, optional
        In the order in which colours are given to them; default that of the frame.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        Where no input has a range.
    """
    if frame.empty or most < 1:
        raise ValueError("no input has a range: there is nothing to draw")
    rows: list[Row] = [
        {"input": plain(str(name)), **row} for name, row in frame.head(most).iterrows()
    ]
    first = frame.attrs.get("options", ()) if options is None else options
    ordered = list(dict.fromkeys([*first, *_options(rows)]))
    shown = [o for o in ordered if any(o in _best(row) for row in rows)]
    names = [in_lines(row["input"], NAME) for row in rows]
    size = (PLOT, ROW * len(rows))
    lines = key_lines(shown, TYPE, PLOT + 120)
    ax = ax or _figure(names, size, len(lines))
    scale = _prepare(ax, rows, size)
    for i, row in enumerate(rows):
        _draw_row(ax, i, row, ordered, scale)
    write_options(ax, names, scale)
    said = f"Best expected total over the input's range ({plain(unit)})"
    right = ax.get_xlim()[1]
    for text, down, colour in ((said, 28, INK), (KEY, 41, QUIET)):
        place = shifted(ax, 0, -down * scale, "below")
        write(ax, right, 0.0, text, TYPE * scale, ha="right", color=colour, transform=place)
    corner = from_corner(ax, scale)
    widest = max(x + 16 + measure(named(o, TYPE), TYPE) for line in lines for o, x in line)
    draw_key(ax, lines, ordered, TYPE * scale, (-widest, -54.0), corner)
    describe(ax, _account(rows, said))
    return ax


def _options(rows: Sequence[Row]) -> list[str]:
    found = [rows[0]["preferred"], *(o for row in rows for o in _best(row))]
    return [o for o in dict.fromkeys(found) if o is not None]


def _best(row: Row) -> list[str | None]:
    ways = _way(row, False)[1], _way(row, True)[1]
    return [row["preferred"], *ways[0], *ways[1]]


def _figure(names: Sequence[Sequence[str]], size: tuple[float, float], lines: int) -> Axes:
    below = measure(KEY, TYPE) - size[0]
    left = max(widest(names), below, 130.0) + 20
    right, top, bottom = 12.0, 18.0, 56.0 + 15.0 * lines
    return framed(size, left, right, top, bottom)


def _prepare(ax: Axes, rows: Sequence[Row], size: tuple[float, float]) -> float:
    """Set the scale, with room for the numbers; return what type is multiplied by."""
    points = 72 / ax.figure.dpi
    width, height = ax.bbox.width * points, ax.bbox.height * points
    scale = min(1.0, width / size[0], height / size[1])
    totals = [row[c] for row in rows for c in ("total", "total_low", "total_high", "lowest")]
    low, high = min(totals), max(totals)
    if high - low <= NOTHING * max(abs(low), abs(high), 1e-300):
        low, high = low - 0.5, high + 0.5
    aside = max(measure(text, SMALL) for row in rows for text in _numbers(row)) + 10
    inner = max(width / scale - 2 * aside, 0.25 * width / scale)
    ax.set_xlim(low - (high - low) * aside / inner, high + (high - low) * aside / inner)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    for side in ("top", "left", "right", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(left=False, labelleft=False, bottom=False, labelbottom=False)
    draw_scale(ax, None, scale, 5)
    base = rows[0]["total"]
    ax.axvline(base, color=INK, linewidth=0.9 * scale, zorder=4, gid="base")
    said = f"base {amount(base, decimals_of_range([low, high]))}"
    place = shifted(ax, 0, 4 * scale)
    write(ax, base, -0.5, said, SMALL * scale, ha="center", color=QUIET, transform=place)
    return scale


def _numbers(row: Row) -> tuple[str, str]:
    """Return the input's numbers at both ends, as written beside the bar."""
    low, high = float(row["low"]), float(row["high"])
    return _number(low, high - low), _number(high, high - low)


def _number(number: float, reach: float) -> str:
    """Write a number so that what is left out is nothing beside its range."""
    places = next((n for n in range(9) if abs(round(number, n) - number) <= 0.005 * reach), 9)
    return amount(number, places)


def _draw_row(ax: Axes, i: int, row: Row, options: Sequence[str], scale: float) -> None:
    base, ends = row["total"], (row["total_low"], row["total_high"])
    both = (ends[0] - base) * (ends[1] - base) > 0
    thick = LANE if both else THICK
    middles = (i - LANE / 2 - 0.01, i + LANE / 2 + 0.01) if both else (i, i)
    for upward, middle in zip((False, True), middles, strict=True):
        _draw_bar(ax, i, row, upward, (middle, thick), options, scale)
    _draw_lowest(ax, i, row, scale)
    least = min(base, *ends, row["lowest"])
    for k, (text, end) in enumerate(zip(_numbers(row), ends, strict=True)):
        other = ends[1 - k]
        left = end < base or (end == base and (other > base or (other == base and not k)))
        place = shifted(ax, (-5 if left else 5) * scale, -0.36 * SMALL * scale)
        at, ha = (least, "right") if left else (end, "left")
        total = row["total_high" if k else "total_low"]
        says = hover("", f"{row['input']} = {text}: best expected total {total:.5g}")
        how = {"ha": ha, "color": QUIET, "transform": place, "gid": says}
        write(ax, at, middles[k], text, SMALL * scale, **how)


def _way(row: Row, upward: bool) -> tuple[list[float], list[str | None]]:
    """Return the totals on the way from the base to an end, and what is best between them."""
    side = "high" if upward else "low"
    flips = zip(row["break_even"], row["total_break_even"], strict=True)
    inside = [(x, total) for x, total in flips if row["low"] <= x <= row["high"]]
    first = sum(x < row["low"] for x in row["break_even"])
    best = list(row["preferred_between"])[first : first + len(inside) + 1]
    way = [total for x, total in inside if (x > row["base"]) == upward]
    if upward:
        best = best[len(inside) - len(way) :]
    else:
        way, best = way[::-1], best[: len(way) + 1][::-1]
    if not way:  # the option at the end may be one of several that tie all along
        best = [row[f"preferred_{side}"]]
    return [row["total"], *way, row[f"total_{side}"]], best


def _draw_bar(
    ax: Axes,
    i: int,
    row: Row,
    upward: bool,
    where: tuple[float, float],
    options: Sequence[str],
    scale: float,
) -> None:
    """Draw the way from the base to an end, in the colour of what is best on the way."""
    middle, thick = where
    stops, best = _way(row, upward)
    for (start, end), option in zip(pairwise(stops), best, strict=True):
        look = look_of(option, options)
        bar = Rectangle((min(start, end), middle - thick / 2), abs(end - start), thick)
        bar.set(facecolor=look.tint, hatch=look.hatch, edgecolor=look.colour, zorder=2)
        says = f"{row['input']}: {named(option, TYPE, 1e9)} from {start:.5g} to {end:.5g}"
        gid = hover(f"{'high' if upward else 'low'}-{i}", says)
        bar.set(linewidth=0.9 * scale, gid=gid)
        ax.add_patch(bar)
    reach = [middle - thick / 2 - 0.08, middle + thick / 2 + 0.08]
    for total in stops[1:-1]:
        for colour, wide in (("white", 3.6), (INK, 1.6)):
            tick = Line2D([total, total], reach, color=colour, linewidth=wide * scale, zorder=5)
            says = f"{row['input']}: the advice changes at {listed(_flips(row))}"
            tick.set(solid_capstyle="butt", gid=hover(f"tick-{i}", says))
            ax.add_line(tick)


def _draw_lowest(ax: Axes, i: int, row: Row, scale: float) -> None:
    """Draw a thin line to the lowest total, where it lies inside the range."""
    lowest, others = row["lowest"], (row["total"], row["total_low"], row["total_high"])
    if min(others) - lowest <= NOTHING * max(1.0, abs(lowest)):
        return
    line = Line2D([lowest, min(others)], [i, i], color=INK, linewidth=1.0 * scale, zorder=3)
    line.set(marker="|", markevery=[0], markersize=8 * scale, gid=f"lowest-{i}")
    ax.add_line(line)


def _flips(row: Row) -> list[str]:
    """Return where inside the range the advice changes."""
    return [f"{x:.3g}" for x in row["break_even"] if row["low"] <= x <= row["high"]]


def _account(rows: Sequence[Row], said: str) -> str:
    base, best = rows[0]["total"], named(rows[0]["preferred"], TYPE, 1e9)
    totals = [row[c] for row in rows for c in ("total_low", "total_high")]
    places = decimals([[base, *totals]], significant=1)
    parts = []
    for row in rows:
        low, high = _numbers(row)
        text = (
            f"{row['input']} from {low} ({amount(row['total_low'], places)}, "
            f"{named(row['preferred_low'], TYPE, 1e9)}) to {high} "
            f"({amount(row['total_high'], places)}, {named(row['preferred_high'], TYPE, 1e9)})"
        )
        if _flips(row):
            text += f", the advice changes at {listed(_flips(row))}"
        if row["lowest"] < min(row["total"], row["total_low"], row["total_high"]) - NOTHING:
            text += f", lowest inside {amount(row['lowest'], places)}"
        parts.append(text)
    flips = sum(bool(_flips(row)) for row in rows)
    found = f"The advice changes inside the range of {flips} of the {len(rows)} inputs shown"
    widest = f"{rows[0]['input']} swings it most"
    return (
        f"{said}, {amount(base, places)} at base, where {best} is best. {found}; {widest}. "
        f"{'; '.join(parts)}."
    )
