"""Where in a map an option's name has room: in its area, clear of borders and the circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from decision.draw.dots import TYPE
from decision.draw.looks import named
from decision.draw.squares import Point
from decision.draw.style import measure, plain, wrap

if TYPE_CHECKING:
    from decision.analysis.pairs import Regions

__all__ = ["LEADING", "PLOT", "has_base", "place_of"]

PLOT = (330.0, 270.0)
"""Of a map, in points."""
LEADING = 12.0
LOOKED_AT = 41
NAME = 130.0
"""Width of a name's line."""


def place_of(found: Regions, option: int, scale: float) -> tuple[Point, tuple[str, ...]]:
    """Return where an option's name goes, in its lines: none if it has to stand beside the map.

    That is the point of its area whose box reaches least near to other areas and the map's
    edge, in units of the name's width and height. A name that is too long for its area is
    broken before it is put beside.
    """
    name = named(found.options[option] if option >= 0 else None, TYPE, 1e9)
    point = (0.0, 0.0)
    for count in (1, 2, 3, 4):
        width = 1.15 * measure(name, TYPE) / count if count > 1 else NAME
        lines = wrap(name, min(max(width, 30.0), NAME), TYPE, count)
        whole = "".join(lines).replace(" ", "") == plain(name).replace(" ", "")
        box = max(measure(line, TYPE) for line in lines), LEADING * (len(lines) - 1) + TYPE
        point, room = _roomiest(found, option, (box[0] * scale, box[1] * scale), scale)
        if whole and room >= 1.0:
            return point, lines
    return point, ()


def _roomiest(
    found: Regions, option: int, box: tuple[float, float], scale: float
) -> tuple[Point, float]:
    """Return the best place for a box in an option's area, and whether it fits: from 1 on."""
    rows, columns = (_some(len(values)) for values in (found.ys, found.xs))
    best = found.best[np.ix_(rows, columns)]
    x = np.linspace(0.0, PLOT[0] * scale, len(found.xs))[columns]
    y = np.linspace(0.0, PLOT[1] * scale, len(found.ys))[rows]
    half = (box[0] / 2 + 5, box[1] / 2 + 5)
    mine, others = np.argwhere(best == option), np.argwhere(best != option)
    away = np.minimum(x, x[-1] - x)[mine[:, 1]] / half[0]
    away = np.minimum(away, np.minimum(y, y[-1] - y)[mine[:, 0]] / half[1])
    for k, (i, j) in enumerate(mine):
        if len(others):
            across = np.abs(x[others[:, 1]] - x[j]) / half[0]
            along = np.abs(y[others[:, 0]] - y[i]) / half[1]
            away[k] = min(away[k], float(np.maximum(across, along).min()))
    if has_base(found):  # a name keeps off the circle
        at = (found.base[0] - found.xs[0]) / (found.xs[-1] - found.xs[0]) * x[-1]
        on = (found.base[1] - found.ys[0]) / (found.ys[-1] - found.ys[0]) * y[-1]
        across = np.abs(x[mine[:, 1]] - at) / (half[0] + 5)
        away = np.minimum(away, np.maximum(across, np.abs(y[mine[:, 0]] - on) / (half[1] + 5)))
    i, j = mine[int(away.argmax())]
    return (float(found.xs[columns][j]), float(found.ys[rows][i])), float(away.max())


def _some(number: int) -> np.ndarray:
    """Return some of so many numbers, both ends included: names need no finer grid."""
    return np.unique(np.linspace(0, number - 1, min(number, LOOKED_AT)).round().astype(int))


def has_base(found: Regions) -> bool:
    """Whether the map shows where the model stands."""
    x, y = found.base
    return bool(found.xs[0] <= x <= found.xs[-1] and found.ys[0] <= y <= found.ys[-1])
