"""Rows of dots: one quantity, an option a row, its number beside it.

The scale is the quantity's own and need not begin at 0: a dot's place is compared with
the other dots' places, while a bar would have to be compared by its length (Cleveland and
McGill 1984, doi:10.1080/01621459.1984.10478080).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from decision.draw.looks import Look
from decision.draw.marks import hover
from decision.draw.numbers import amount
from decision.draw.style import FAINT, INK, QUIET, measure, wrap, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

__all__ = [
    "ROW",
    "TYPE",
    "Dot",
    "draw_dots",
    "draw_scale",
    "in_lines",
    "option_lines",
    "shifted",
    "widest",
    "write_options",
]

TYPE = 9.0
ROW = 22.0
"""Height of a row, in points."""
DOT = 7.0
GAP = 7.0
LEADING = 10.0
DARK = "#4A4A4A"


@dataclass(frozen=True)
class Dot:
    """One row: where its dot is, what is written beside it, how it is shown.

    A `reference` is hollow; the `best` is heavy and its label bold. `look` is that of the
    option a row is about, if it is about one; `says` is told on hover; the label stands
    beyond `reach`, if a line goes further than the dot.
    """

    value: float
    label: str
    reference: bool = False
    best: bool = False
    look: Look | None = None
    says: str = ""
    reach: float | None = None


def draw_dots(
    ax: Axes, dots: Sequence[Dot], size: tuple[float, float], origin: float | None, ticks: int = 5
) -> float:
    """Draw rows of dots and a scale; return what type and lines were multiplied by.

    Parameters
    ----------
    ax : Axes
    dots : sequence of Dot
        From top to bottom.
    size : (width, height)
        For which the Axes were meant, in points; smaller Axes get smaller type.
    origin : float, optional
        Where a line leads to each dot from.
    ticks : int
        About how many ticks.
    """
    points = 72 / ax.figure.dpi
    scale = min(1.0, ax.bbox.width * points / size[0], ax.bbox.height * points / size[1])
    ax.set_ylim(len(dots) - 0.5, -0.5)
    ax.set_xlim(*_limits(dots, origin, ax.bbox.width * points / scale))
    for side in ("top", "left", "right", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(left=False, labelleft=False, bottom=False, labelbottom=False)
    draw_scale(ax, origin, scale, ticks)
    for row, dot in enumerate(dots):
        _draw_dot(ax, row, dot, origin, scale)
    return scale


def _draw_dot(ax: Axes, row: int, dot: Dot, origin: float | None, scale: float) -> None:
    colour = dot.look.colour if dot.look else DARK
    if origin is None:
        guide = Line2D([ax.get_xlim()[0], dot.value], [row, row], color=FAINT, zorder=1)
        guide.set(linewidth=0.8 * scale, linestyle=(0, (1.0, 2.5)))  # not to be read as a bar
        ax.add_line(guide)
    elif dot.value != origin:
        wide = (3.0 if dot.best else 1.4) * scale
        lead = Line2D([origin, dot.value], [row, row], color=colour, linewidth=wide)
        lead.set(solid_capstyle="butt", gid=hover("", dot.says))
        ax.add_line(lead)
    ax.add_line(
        Line2D(
            [dot.value],
            [row],
            marker=dot.look.marker if dot.look else "o",
            markersize=(DOT + 1.5 * dot.best) * scale,
            markerfacecolor="white" if dot.reference else colour,
            markeredgecolor=colour,
            markeredgewidth=1.4 * scale,
            zorder=3,
            gid=hover(f"dot-{row}", dot.says),
        )
    )
    left = origin is not None and dot.value < origin
    aside = (-1 if left else 1) * (DOT / 2 + GAP) * scale
    write(
        ax,
        dot.value if dot.reach is None else dot.reach,
        row,
        dot.label,
        TYPE * scale,
        ha="right" if left else "left",
        bold=dot.best,
        transform=shifted(ax, aside, -0.36 * TYPE * scale),
        gid=hover("", dot.says),
    )


def shifted(ax: Axes, right: float, up: float, where: str = "data") -> Transform:
    """Return a transform that moves by points from `where`.

    That is "data", "left" or "right" (x of the Axes, y of the data) or "below" (x of the
    data, y of the Axes).
    """
    base: Transform = ax.transData
    if where in ("left", "right"):
        base = ax.get_yaxis_transform()
    elif where == "below":
        base = ax.get_xaxis_transform()
    return base + ScaledTranslation(right / 72, up / 72, ax.figure.dpi_scale_trans)


def _limits(dots: Sequence[Dot], origin: float | None, width: float) -> tuple[float, float]:
    """The scale's ends, such that the numbers beside the dots have room."""
    places = [dot.value for dot in dots] + ([] if origin is None else [origin])
    places += [dot.reach for dot in dots if dot.reach is not None]
    low, high = min(places), max(places)
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-300):
        low, high = low - 0.5, high + 0.5
    aside = max(measure(dot.label, TYPE, dot.best) for dot in dots) + DOT / 2 + GAP + 4
    leftward = origin is not None and any(dot.value < origin for dot in dots)
    before = aside if leftward else DOT
    inner = max(width - aside - before, 0.25 * width)
    return low - (high - low) * before / inner, high + (high - low) * aside / inner


def draw_scale(ax: Axes, origin: float | None, scale: float, ticks: int) -> None:
    """A line below the rows with ticks whose numbers stay within the Axes."""
    low, high = ax.get_xlim()
    if origin is not None:
        ax.axvline(origin, color=QUIET, linewidth=0.9 * scale, zorder=0)
    ax.axhline(ax.get_ylim()[0], color=QUIET, linewidth=0.9 * scale, clip_on=False, zorder=0)
    marks = [float(t) for t in MaxNLocator(ticks).tick_values(low, high)]
    step = marks[1] - marks[0]
    places = next((n for n in range(9) if abs(step * 10**n - round(step * 10**n)) < 1e-6), 9)
    points = ax.bbox.width * 72 / ax.figure.dpi
    for mark in marks:
        text, size = amount(mark + 0.0, places), (TYPE - 1) * scale
        half = measure(text, size) / 2 / points * (high - low)
        if (mark - half < low and mark != origin) or mark + half > high:
            continue
        place = shifted(ax, 0, -13 * scale, "below")
        write(ax, mark, 0.0, text, size, ha="center", color=QUIET, transform=place)
        tick = Line2D([mark], [0.0], color=QUIET, marker="|", markersize=3 * scale)
        tick.set(markeredgewidth=0.9 * scale, clip_on=False, transform=ax.get_xaxis_transform())
        ax.add_line(tick)


def in_lines(name: str, width: float) -> tuple[str, ...]:
    """Return a row's name in one or two lines: what does not fit in them is cut.

    Examples
    --------
    >>> in_lines("quiet back channel talks", 80)
    ('quiet back', 'channel talks')
    """
    return wrap(name, width, TYPE, 2)


def option_lines(option: str, width: float) -> tuple[str, ...]:
    """Return an option's name in one or two lines."""
    return in_lines(option.replace("_", " "), width)


def widest(names: Sequence[Sequence[str]], bold: bool = False) -> float:
    """Return how wide the widest line of some names is, in points."""
    return max(measure(line, TYPE, bold) for lines in names for line in lines)


def write_options(ax: Axes, names: Sequence[Sequence[str]], scale: float) -> None:
    """Write the rows' names, each in its lines, left of the Axes."""
    for row, lines in enumerate(names):
        for i, line in enumerate(lines):
            up = ((len(lines) - 1) / 2 - i) * LEADING - 0.36 * TYPE
            place = shifted(ax, -8 * scale, up * scale, "left")
            write(ax, 0.0, row, line, TYPE * scale, ha="right", color=INK, transform=place)
