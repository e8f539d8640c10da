"""What each branch lacks in every setting, and how low and high it comes within the ranges.

*Regret* is a table, a row a setting and a column a branch: each number stands in its cell, and
the more is lacked the darker the cell. The best of a setting stands in a frame. Cells are
grey, since a colour would be an option's. *Intervals* have a row for
each branch: a line from the lowest to the highest total, the dot is base. Black ends are
proved; others were found by search, and the total comes no further than the grey marks.
"""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from decision.draw.alt import describe
from decision.draw.dots import ROW, TYPE, draw_scale, option_lines, shifted, widest, write_options
from decision.draw.looks import Look, look_of, shade
from decision.draw.marks import hover
from decision.draw.numbers import amount, decimals_of_range
from decision.draw.style import INK, QUIET, framed, measure, paper, shortened, wrap, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from decision.analysis.intervals import Interval
    from decision.analysis.regrets import Robustness

__all__ = ["intervals", "robustness"]

NAME = 230.0
CELL = 88.0
LINE = 11.0
EDGE = 10.0
PLOT = 380.0
BOLD = 1.13
"""How much wider bold type runs."""


# -- regret -------------------------------------------------------------------------------


def robustness(found: Robustness, ax: Axes | None = None, *, unit: str = "points") -> Axes:
    """Draw what each branch lacks to the best of every setting.

    Parameters
    ----------
    found : Robustness
        As `decision.robustness` gives it.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made.
    unit : str
        Of the total.

    Returns
    -------
    Axes
    """
    heads = [wrap(_spoken(option), (CELL - 8) / BOLD, TYPE, lines=4) for option in found.options]
    names = [shortened(_spoken(name), NAME, TYPE) for name in (*found.settings, "largest")]
    left = EDGE + max(measure(name, TYPE, name == "largest") for name in names) + 10
    top = EDGE + LINE * max(map(len, heads)) + 8
    foot = f"What the branch lacks to the best of the setting ({unit}); framed: the best"
    width = max(left + CELL * len(heads), EDGE + measure(foot, TYPE - 1)) + EDGE
    height = top + ROW * (len(names) + 0.35) + 22
    ax, scale = paper(ax, width, height)
    for i, (option, lines) in enumerate(zip(found.options, heads, strict=True)):
        chosen = option == found.minimax_regret
        for k, line in enumerate(reversed(lines)):
            place = (left + CELL * (i + 0.5), top - 6 - LINE * k)
            write(ax, *place, line, TYPE * scale, ha="center", bold=chosen)
    rows = [*found.regrets.T.tolist(), found.most.tolist()]
    known = [r for row in rows for r in row if not isnan(r)]
    most = max(known, default=0.0)
    places = decimals_of_range([0.0, most, *known]) if most > 0 else 0
    for j, (name, row) in enumerate(zip(names, rows, strict=True)):
        last = j == len(found.settings)
        y = top + ROW * (j + (0.35 if last else 0.0))
        write(ax, left - 8, y + ROW * 0.65, name, TYPE * scale, ha="right", bold=last)
        for i, regret in enumerate(row):
            best = found.options[i] == found.minimax_regret if last else regret == 0
            share = 0.0 if isnan(regret) or most == 0 else regret / most
            cell = (left + CELL * i, y)
            text = "none" if isnan(regret) else amount(regret, places)
            where = "at most, in any setting" if last else f"in {name}"
            says = f"{_spoken(found.options[i])} lacks {text} {unit} {where}"
            _draw_cell(ax, cell, share, best, scale, hover(f"cell-{j}-{i}", says))
            middle = (cell[0] + CELL / 2, y + ROW * 0.65)
            gid = hover("", says)
            write(ax, *middle, text, TYPE * scale, ha="center", bold=best, gid=gid)
    write(ax, EDGE, height - 8, foot, (TYPE - 1) * scale, color=QUIET)
    describe(ax, _account(found, places, unit))
    return ax


def _draw_cell(
    ax: Axes, corner: tuple[float, float], share: float, best: bool, scale: float, gid: str
) -> None:
    x, y = corner
    box = Rectangle((x + 1, y + 1), CELL - 2, ROW - 2, facecolor=shade(share), gid=gid)
    box.set_edgecolor(INK if best else "#D0D0D0")
    box.set_linewidth((1.6 if best else 0.5) * scale)
    box.set_zorder(2 if best else 1)
    ax.add_patch(box)


def _account(found: Robustness, places: int, unit: str) -> str:
    parts = []
    for option, most, row in zip(found.options, found.most, found.regrets, strict=True):
        if isnan(most):
            parts.append(f"{_spoken(option)} cannot be had everywhere")
            continue
        where = _spoken(found.settings[int(row.argmax())])
        parts.append(f"{_spoken(option)} {amount(float(most), places)} (in {where})")
    said = f"What each branch lacks to the best in {len(found.settings)} settings, in {unit}"
    least = f" Least at most: {_spoken(found.minimax_regret)}." if found.minimax_regret else ""
    cautious = f" Highest lowest total: {_spoken(found.maximin)}." if found.maximin else ""
    return f"{said}. The largest: {'; '.join(parts)}.{least}{cautious}"


# -- intervals ------------------------------------------------------------------------------


def intervals(found: Robustness, ax: Axes | None = None, *, unit: str = "points") -> Axes:
    """Draw how low and how high each branch comes within all ranges at once.

    Parameters
    ----------
    found : Robustness
        As `decision.robustness` gives it.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made. The x axis is in `unit`.
    unit : str
        Of the total.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        Where no branch can be had.
    """
    base = dict(zip(found.options, found.worths[:, 0].tolist(), strict=True))
    shown = [i for i in found.found if not isnan(i.lowest) and not isnan(base[i.option])]
    if not shown:
        raise ValueError("no branch can be had: there is nothing to draw")
    ends = [number for i in shown for number in (i.lowest, i.highest)]
    places = decimals_of_range(ends) if min(ends) < max(ends) else 2
    names = [option_lines(i.option, 170.0) for i in shown]
    size = (PLOT, ROW * len(shown))
    ax = ax or _figure(names, size)
    scale = _scaled(ax, shown, size, places)
    for row, interval in enumerate(shown):
        look = look_of(interval.option, found.options)
        _draw_interval(ax, row, interval, (base[interval.option], look), places, scale)
    write_options(ax, names, scale)
    proved = [end for i in shown for end in (i.proved_lowest, i.proved_highest)]
    key = "dot: base"
    if any(proved):
        key += " · black ends: proved"
    if not all(proved):
        key += " · grey: found, and no further than the marks"
    said = f"Expected total, all inputs within their ranges at once ({unit})"
    for text, down, colour in ((said, 28, INK), (key, 41, QUIET)):
        place = shifted(ax, 0, -down * scale, "below")
        middle = sum(ax.get_xlim()) / 2
        write(ax, middle, 0.0, text, TYPE * scale, ha="center", color=colour, transform=place)
    parts = [
        f"{_spoken(i.option)} {amount(i.lowest, places)} to {amount(i.highest, places)}"
        f" ({i.bound}; base {amount(base[i.option], places)})"
        for i in shown
    ]
    safest = max(shown, key=lambda i: i.lowest)
    above = [i for i in shown if all(i.lowest > o.highest for o in shown if o is not i)]
    finding = (
        f"{_spoken(above[0].option)} is above the others throughout."
        if above
        else f"They overlap; the highest at its lowest is {_spoken(safest.option)}."
    )
    describe(ax, f"{said}: {'; '.join(parts)}. {finding if len(shown) > 1 else ''}".strip())
    return ax


def _scaled(ax: Axes, shown: Sequence[Interval], size: tuple[float, float], places: int) -> float:
    """Draw a scale that has room for the numbers at the ends; return that of type and lines."""
    points = 72 / ax.figure.dpi
    width = ax.bbox.width * points
    scale = min(1.0, width / size[0], ax.bbox.height * points / size[1])
    ends = [number for i in shown for number in (i.lowest, i.highest)]
    low, high = min(ends), max(ends)
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-300):
        low, high = low - 0.5, high + 0.5
    aside = scale * (max(measure(amount(end, places), TYPE) for end in ends) + 14)
    room = (high - low) * aside / max(width - 2 * aside, 0.25 * width)
    ax.set_ylim(len(shown) - 0.5, -0.5)
    ax.set_xlim(low - room, high + room)
    for side in ("top", "left", "right", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(left=False, labelleft=False, bottom=False, labelbottom=False)
    draw_scale(ax, None, scale, 5)
    return scale


def _draw_interval(
    ax: Axes, row: int, found: Interval, middle: tuple[float, Look], places: int, scale: float
) -> None:
    base, look = middle
    says = (
        f"{_spoken(found.option)}: {amount(base, places)} at base, from "
        f"{amount(found.lowest, places)} to {amount(found.highest, places)}"
    )
    dot = Line2D([base], [row], marker=look.marker, markersize=9 * scale, color=look.colour)
    dot.set(markeredgecolor="white", markeredgewidth=1.0 * scale, zorder=4)
    dot.set_gid(hover(f"dot-{row}", says))
    ax.add_line(dot)
    line = Line2D([found.lowest, found.highest], [row, row], color=INK, zorder=2)
    line.set(linewidth=2.2 * scale, gid=hover(f"interval-{row}", says), solid_capstyle="butt")
    ax.add_line(line)
    for end, outer, proved, side in (
        (found.lowest, found.outer_lowest, found.proved_lowest, -1),
        (found.highest, found.outer_highest, found.proved_highest, 1),
    ):
        if proved:
            tick = Line2D([end], [row], color=INK, marker="|", markersize=10 * scale, zorder=3)
            tick.set_markeredgewidth(1.6 * scale)
            ax.add_line(tick)
        elif not isnan(outer):
            tick = Line2D([outer], [row], color=QUIET, marker="|", markersize=6 * scale)
            tick.set(markeredgewidth=1.0 * scale, zorder=1)
            ax.add_line(tick)
        place = shifted(ax, side * 7 * scale, -0.36 * TYPE * scale)
        align = "left" if side > 0 else "right"
        text = amount(end, places)
        write(ax, end, row, text, TYPE * scale, ha=align, transform=place)


def _figure(names: Sequence[Sequence[str]], size: tuple[float, float]) -> Axes:
    left = widest(names) + 20
    right, top, bottom = 20.0, 12.0, 50.0
    return framed(size, left, right, top, bottom)


def _spoken(name: str | None) -> str:
    return (name or "").replace("_", " ")
