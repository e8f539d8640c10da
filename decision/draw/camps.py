"""Who prefers what: a row for each perspective, a column for each option.

In a cell stands what the option lacks to the perspective's best, in its own points: with
other weights a point is worth something else, so numbers are compared along a row. A cell
is the darker the more of the row's largest gap it lacks; the best is white, in a thick
frame, and says so in bold. Cells are grey, since a colour would be an option's.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.patches import Rectangle

from decision.draw.alt import describe, listed
from decision.draw.looks import shade
from decision.draw.marks import hover
from decision.draw.numbers import amount, decimals
from decision.draw.style import (
    INK,
    QUIET,
    measure,
    paper,
    plain,
    shortened,
    wrap,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from decision.analysis.disagreement import Disagreement

__all__ = ["disagreement"]

TYPE = 9.0
LINE = 12.0
WIDE, HIGH = 94.0, 28.0
"""Of a cell, in points."""
NAME = 200.0
EDGE = 10.0
KEY = "What each option lacks to the row's best (each perspective's own points)"
MORE = "framed: its best · darker: lacks more, within the row"


def disagreement(found: Disagreement, ax: Axes | None = None) -> Axes:
    """Draw what each option lacks to the best of base and of every perspective.

    Parameters
    ----------
    found : Disagreement
        As `decision.disagreement` gives it.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made.

    Returns
    -------
    Axes
    """
    names = [shortened(name.replace("_", " "), NAME, TYPE) for name in found.names]
    heads = [wrap(option.replace("_", " "), WIDE - 8, TYPE, 4) for option in found.options]
    gaps = [[float(gap) for gap in row] for row in found.gaps.to_numpy()]
    shown = [[gap for gap in row if not math.isnan(gap)] for row in gaps]
    places = decimals([row for row in shown if row], significant=2)
    left = EDGE + max(measure(name, TYPE) for name in names) + 8
    top = EDGE + LINE * max(map(len, heads)) + 4
    cells = WIDE * len(heads), HIGH * len(names)
    left = max(left, EDGE + max(measure(text, TYPE) for text in (KEY, MORE)) - cells[0])
    size = left + cells[0] + EDGE, top + cells[1] + 2 * LINE + EDGE
    ax, scale = paper(ax, *size)
    _write_heads(ax, heads, left, top, scale)
    for row, (name, lacking) in enumerate(zip(names, gaps, strict=True)):
        down = top + HIGH * row
        middle = down + HIGH / 2
        write(ax, left - 8, middle, name, TYPE * scale, ha="right", va="center_baseline")
        largest = max(shown[row], default=0.0)
        for column, gap in enumerate(lacking):
            best = found.options[column] == found.choices[row]
            place = (left + WIDE * column, down)
            share = 0.0 if not largest or math.isnan(gap) else gap / largest
            said = _said(gap, best, bool(found.ties[row, column]), places)
            says = f"{name}: {plain(found.options[column].replace('_', ' '))} {said}"
            _draw_cell(ax, f"{row}-{column}", place, share, (said, says), best, scale)
    right = left + cells[0]
    for line, (text, colour) in enumerate(((KEY, INK), (MORE, QUIET))):
        down = top + cells[1] + 16 + LINE * line
        write(ax, right, down, text, TYPE * scale, ha="right", color=colour)
    describe(ax, _account(found, gaps, places))
    return ax


def _write_heads(
    ax: Axes, heads: Sequence[tuple[str, ...]], left: float, top: float, scale: float
) -> None:
    for column, lines in enumerate(heads):
        for line, text in enumerate(lines):
            down = top - 6 - LINE * (len(lines) - 1 - line)
            write(ax, left + WIDE * (column + 0.5), down, text, TYPE * scale, ha="center")


def _draw_cell(
    ax: Axes,
    name: str,
    place: tuple[float, float],
    share: float,
    told: tuple[str, str],
    best: bool,
    scale: float,
) -> None:
    (x, y), (said, says) = place, told
    fill = shade(share)
    inset = 3.0 if best else 1.0
    ax.add_patch(
        Rectangle(
            (x + inset, y + inset),
            WIDE - 2 * inset,
            HIGH - 2 * inset,
            facecolor=fill,
            edgecolor=INK if best else fill,
            linewidth=(2.0 if best else 0.0) * scale,
            zorder=3 if best else 2,
            gid=hover(f"cell-{name}", says),
        )
    )
    look = {"ha": "center", "va": "center_baseline", "bold": best, "gid": hover("", says)}
    write(ax, x + WIDE / 2, y + HIGH / 2, said, TYPE * scale, **look)


def _said(gap: float, best: bool, tied: bool, places: int) -> str:
    if math.isnan(gap):
        return "closed"
    if best or tied:
        return "best" if best else "ties"
    text = amount(gap, places)
    return text if text.strip("0.,") else f"{gap:.1g}"


def _account(found: Disagreement, gaps: Sequence[Sequence[float]], places: int) -> str:
    parts = []
    for row, (name, lacking) in enumerate(zip(found.names, gaps, strict=True)):
        best = found.choices[row]
        others = [
            f"{plain(option.replace('_', ' '))} {_said(gap, False, bool(tie), places)}"
            for option, gap, tie in zip(found.options, lacking, found.ties[row], strict=True)
            if option != best
        ]
        prefers = "can have none" if best is None else f"prefers {best.replace('_', ' ')}"
        lack = f" ({listed(others)})" if others else ""
        parts.append(f"{name.replace('_', ' ')} {prefers}{lack}")
    return f"{KEY}: {'; '.join(parts)}."
