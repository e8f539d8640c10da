"""How far base's best branch leads each other one, over the draws, as fifty dots a row.

Each dot stands for a fiftieth of the draws, at the middle of its fiftieth: readers count
dots better than they judge areas (Kay, Kola, Hullman and Munson 2016, "When (ish) is my
bus?", doi:10.1145/2858036.2858558). Dots right of the line are draws in which base's best is
ahead, full and in its colour; left of it, hollow, the other is, in that one's; on it, grey,
both are worth the same. Kinds of draws stand below one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D

from decision.draw.alt import describe, listed
from decision.draw.dots import LEADING, TYPE, draw_scale, in_lines, shifted, widest
from decision.draw.looks import Look, look_of
from decision.draw.marks import hover
from decision.draw.style import FAINT, QUIET, framed, measure, shortened, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from decision.analysis.shares import Uncertainty

__all__ = ["differences_drawn"]

DOTS = 50
SIZE = 5.0
"""Of a dot, in points."""
ROW = 34.0
PLOT = 300.0
NAME = 170.0
LEVEL = 1e-9
"""Share of the largest |total| within which two branches are worth the same."""


@dataclass(frozen=True)
class _Strip:
    """A row: the fiftieths of the difference from an option, in one kind of draws."""

    option: str
    kind: str
    places: NDArray[np.float64]
    ahead: float
    level: float
    first: bool
    looks: tuple[Look, Look]
    """Of the option that is ahead right of the line, and of the one ahead left of it."""

    @property
    def label(self) -> str:
        if not len(self.places):
            return "cannot be had"
        level = f", level in {100 * self.level:.0f}%" if self.level > 0.005 else ""
        return f"ahead in {100 * self.ahead:.0f}%{level}"


def differences_drawn(*found: Uncertainty, ax: Axes | None = None, unit: str = "points") -> Axes:
    """Draw how far base's best branch is ahead of each other in the draws.

    Parameters
    ----------
    *found : Uncertainty
        As `decision.uncertainty` gives it, of the same model and decision: one kind of
        draws, or several to be compared.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made.
    unit : str
        Of the total.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        Where nothing is given, kinds of another decision, or there is no other option.
    """
    strips = _strips(found)
    names = [in_lines(strip.option, NAME) if strip.first else ("",) for strip in strips]
    labels = [strip.label for strip in strips]
    size = (PLOT, ROW * len(strips))
    best = shortened(str(found[0].best).replace("_", " "), NAME, TYPE)
    said = f"{best} less the other ({unit}); a dot: {100 // DOTS}% of the draws"
    kinds = max(measure(strip.kind, TYPE - 1) for strip in strips) + 14
    left = max(widest(names), 40.0) + kinds + 16
    right = max(measure(label, TYPE) for label in labels) + 20
    ax = ax or _figure(size, left, right, measure(said, TYPE))
    scale = _prepared(ax, strips, size)
    for row, strip in enumerate(strips):
        _draw_strip(ax, row, strip, scale)
        for i, line in enumerate(names[row]):
            up = 2 + ((len(names[row]) - 1) / 2 - i) * LEADING
            place = shifted(ax, -(kinds + 8) * scale, up * scale, "left")
            write(ax, 0.0, row + 0.4, line, TYPE * scale, ha="right", transform=place)
        place = shifted(ax, -8 * scale, 2 * scale, "left")
        look = {"ha": "right", "color": QUIET, "transform": place}
        write(ax, 0.0, row + 0.4, strip.kind, (TYPE - 1) * scale, **look)
        place = shifted(ax, 8 * scale, 2 * scale, "right")
        says = f"{strip.option} ({strip.kind}): base's best is {strip.label} of the draws"
        look = {"ha": "left", "transform": place, "gid": hover("", says)}
        write(ax, 1.0, row + 0.4, strip.label, TYPE * scale, **look)
    place = shifted(ax, 0, -28 * scale, "below")
    write(ax, sum(ax.get_xlim()) / 2, 0.0, said, TYPE * scale, ha="center", transform=place)
    describe(ax, _account(found, strips, unit))
    return ax


def _strips(found: Sequence[Uncertainty]) -> list[_Strip]:
    if not found or len({(one.by, one.options, one.best) for one in found}) > 1:
        raise ValueError("give what was drawn of the branches of one decision, of one model")
    others = [option for option in found[0].options if option != found[0].best]
    if not others or found[0].best is None:
        raise ValueError("there is no other option: there is no difference to draw")
    strips = []
    for option in others:
        for place, one in enumerate(found):
            gap = one.difference(option)
            gap = gap[~np.isnan(gap)]
            gap[np.abs(gap) <= LEVEL * np.nanmax(np.abs(one.worths), initial=0.0)] = 0.0
            middles = (np.arange(DOTS) + 0.5) / DOTS
            strips.append(
                _Strip(
                    option.replace("_", " "),
                    one.draw if isinstance(one.draw, str) else "around",
                    np.quantile(gap, middles) if len(gap) else gap,
                    float((gap > 0).mean()) if len(gap) else float("nan"),
                    float((gap == 0).mean()) if len(gap) else float("nan"),
                    place == 0,
                    (look_of(one.best, one.options), look_of(option, one.options)),
                )
            )
    return strips


def _figure(size: tuple[float, float], left: float, right: float, said: float) -> Axes:
    left, right = max(left, (said - size[0]) / 2 + 8), max(right, (said - size[0]) / 2 + 8)
    top, bottom = 8.0, 38.0
    return framed(size, left, right, top, bottom)


def _prepared(ax: Axes, strips: Sequence[_Strip], size: tuple[float, float]) -> float:
    points = 72 / ax.figure.dpi
    scale = min(1.0, ax.bbox.width * points / size[0], ax.bbox.height * points / size[1])
    ends = [0.0, *(float(x) for strip in strips for x in strip.places)]
    low, high = min(ends), max(ends)
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-300):
        low, high = low - 0.5, high + 0.5
    margin = (high - low) * SIZE / (PLOT - 2 * SIZE)
    ax.set_xlim(low - margin, high + margin)
    ax.set_ylim(len(strips) - 0.5, -0.5)
    for side in ("top", "left", "right", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(left=False, labelleft=False, bottom=False, labelbottom=False)
    draw_scale(ax, 0.0, scale, 6)
    return scale


def _draw_strip(ax: Axes, row: int, strip: _Strip, scale: float) -> None:
    floor = Line2D([0, 1], [row + 0.4] * 2, color=FAINT, linewidth=0.8 * scale, zorder=1)
    floor.set_transform(ax.get_yaxis_transform())
    ax.add_line(floor)
    low, high = ax.get_xlim()
    wide = (high - low) * SIZE / PLOT
    stacks = _stacked(strip.places, wide)
    tallest = max((height for _, height in stacks), default=0) + 1
    step = min(SIZE, (0.8 * ROW - SIZE) / max(tallest - 1, 1))
    for x, height in stacks:
        ahead = x > 0
        dot = Line2D([x], [row + 0.4], marker="o", linestyle="", zorder=3)
        dot.set_gid(hover(f"dot-{row}", f"{strip.option}: {x:+.2g}"))
        colour = QUIET if x == 0 else strip.looks[0 if ahead else 1].colour
        dot.set(markersize=(SIZE - 1.2) * scale, markeredgewidth=1.0 * scale)
        dot.set(markerfacecolor=colour if ahead else "white", markeredgecolor=colour)
        up = (SIZE / 2 + height * step) * scale
        dot.set_transform(shifted(ax, 0, up))
        ax.add_line(dot)


def _stacked(places: NDArray[np.float64], wide: float) -> list[tuple[float, int]]:
    """Return where each dot stands, and on how many others (Wilkinson 1999).

    Dots that would overlap stand on one another in the middle of their places; none is
    moved across 0.
    """
    found: list[tuple[float, int]] = []
    group: list[float] = []

    def close() -> None:
        middle = sum(group) / len(group) if group else 0.0
        found.extend((middle, height) for height in range(len(group)))

    for x in sorted(map(float, places)):
        if group and (x - group[0] >= wide or np.sign(x) != np.sign(group[0])):
            close()
            group = []
        group.append(x)
    close()
    return found


def _account(found: Sequence[Uncertainty], strips: Sequence[_Strip], unit: str) -> str:
    best = str(found[0].best).replace("_", " ")
    parts = []
    for strip in strips:
        if not len(strip.places):
            parts.append(f"{strip.option} ({strip.kind}): cannot be had")
            continue
        middle = float(np.median(strip.places))
        parts.append(f"{strip.option} ({strip.kind}): {strip.label}, {middle:.2g} in the middle")
    kinds = listed(dict.fromkeys(strip.kind for strip in strips))
    return (
        f"How far {best} is ahead of the other options in {kinds} draws, in {unit}: "
        f"{'; '.join(parts)}."
    )
