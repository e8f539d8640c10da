"""Where a difference comes from: a step for each value, down to what is left of them all.

Gains come first and lead right, losses lead back, and the last row is the difference
itself: the reader sees at once that a small lead can be what is left of large gains and
losses. A gain is filled, in the best option's colour, and a loss hollow, in the other's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from decision.draw.alt import describe
from decision.draw.dots import GAP, ROW, TYPE, draw_scale, in_lines, shifted, widest, write_options
from decision.draw.looks import Look, look_of
from decision.draw.marks import hover
from decision.draw.numbers import decimals, signed, unit_of_total
from decision.draw.style import FAINT, INK, framed, measure, plain, shortened, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from decision.analysis.explanation import Explanation

__all__ = ["waterfall"]

PLOT = 300.0
NAME = 190.0
THICK = 0.56
"""Of a bar, in parts of a row."""


def waterfall(explanation: Explanation, option: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw what each value adds to the difference between the best option and another.

    Parameters
    ----------
    explanation : Explanation
        As `decision.explain` gives it.
    option : str, optional
        The other option; default the one that comes closest to the best.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made. The x axis is in points of the
        expected total.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        Where there is no other option, or not this one, to compare with.
    """
    gaps = {gap.option: gap for gap in explanation.gaps if gap.worth is not None}
    if option is None and gaps:
        option = max(gaps, key=lambda name: gaps[name].worth or 0.0)
    if option not in gaps:
        asked = "another option" if option is None else f"'{plain(option)}'"
        raise ValueError(f"there is no difference from {asked} to draw")
    frame = explanation.values.loc[option]
    nodes = explanation.model.nodes
    names = [nodes[str(name)].caption for name in frame.index] + ["Difference in all"]
    points = [float(x) for x in frame["points"]]
    steps = list(zip(map(float, frame["start"]), map(float, frame["end"]), strict=True))
    steps.append((0.0, steps[-1][1] if steps else 0.0))
    places = decimals([[steps[-1][1], 0.0]], significant=2)
    labels = [signed(x, places) for x in (*points, steps[-1][1])]
    shown = [in_lines(plain(name), NAME) for name in names]
    best, other = (plain(str(o).replace("_", " ")) for o in (explanation.best, option))
    unit = plain(unit_of_total(explanation.model))
    said = shortened(f"What {best} gains over {other} ({unit})", PLOT + NAME, TYPE)
    size = (PLOT, ROW * len(steps))
    ax = ax or _figure(shown, said, size)
    scale = _prepared(ax, steps, labels, size)
    by = explanation.model.nodes[explanation.by]
    sides = tuple(look_of(o, explanation.model.states(by.name)) for o in (explanation.best, option))
    for row, (step, label) in enumerate(zip(steps, labels, strict=True)):
        last = row == len(steps) - 1
        look = None if last else sides[step[1] < step[0]]
        says = f"{names[row]}: {label} {unit} for {best} over {other}"
        _draw_step(ax, row, step, (label, says), look, scale)
    write_options(ax, shown, scale)
    place = shifted(ax, 0, -28 * scale, "below")
    middle = sum(ax.get_xlim()) / 2
    write(ax, middle, 0.0, said, TYPE * scale, ha="center", transform=place)
    parts = "; ".join(f"{n} {x}" for n, x in zip(names[:-1], labels[:-1], strict=True))
    lead = f"{best} differs from {other} by {labels[-1]} {unit} in all"
    describe(ax, f"{lead}. What each value adds to that: {parts}.")
    return ax


def _figure(names: Sequence[Sequence[str]], said: str, size: tuple[float, float]) -> Axes:
    beside = max(0.0, (measure(said, TYPE) - size[0]) / 2) + 8
    left = max(widest(names) + 20, beside)
    right, top, bottom = max(16.0, beside), 8.0, 38.0
    return framed(size, left, right, top, bottom)


def _prepared(
    ax: Axes, steps: list[tuple[float, float]], labels: list[str], size: tuple[float, float]
) -> float:
    """Set the scale, with room for the numbers; return what type is multiplied by."""
    points = 72 / ax.figure.dpi
    width, height = ax.bbox.width * points, ax.bbox.height * points
    scale = min(1.0, width / size[0], height / size[1])
    ends = [0.0, *(x for step in steps for x in step)]
    low, high = min(ends), max(ends)
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-300):
        low, high = low - 0.5, high + 0.5
    aside = max(measure(label, TYPE, True) for label in labels) + GAP + 4
    inner = max(width / scale - 2 * aside, 0.25 * width / scale)
    ax.set_xlim(low - (high - low) * aside / inner, high + (high - low) * aside / inner)
    ax.set_ylim(len(steps) - 0.5, -0.5)
    for side in ("top", "left", "right", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(left=False, labelleft=False, bottom=False, labelbottom=False)
    draw_scale(ax, 0.0, scale, 5)
    return scale


def _draw_step(
    ax: Axes,
    row: int,
    step: tuple[float, float],
    told: tuple[str, str],
    look: Look | None,
    scale: float,
) -> None:
    """Draw a step in the look of the option it speaks for, the last one in ink."""
    (start, end), (label, says) = step, told
    loss = end < start
    colour = look.colour if look else INK
    bar = Rectangle(
        (min(step), row - THICK / 2),
        abs(end - start),
        THICK,
        facecolor="white" if loss else colour,
        edgecolor=colour,
        linewidth=1.2 * scale,
        zorder=2,
        gid=hover(f"step-{row}", says),
    )
    ax.add_patch(bar)
    if look:
        link = Line2D([end, end], [row + THICK / 2, row + 1 - THICK / 2], color=FAINT, zorder=1)
        link.set(linewidth=0.9 * scale)
        ax.add_line(link)
    aside = (-GAP if loss else GAP) * scale
    write(
        ax,
        end,
        row,
        label,
        TYPE * scale,
        ha="right" if loss else "left",
        bold=look is None,
        gid=hover("", says),
        transform=shifted(ax, aside, -0.36 * TYPE * scale),
    )
