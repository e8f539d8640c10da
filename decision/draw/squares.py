"""A map cut out of the squares of a grid: an area for each option, and the borders.

Along the grid's lines the borders stand where they were found (`decision.two_way`); from one
line to the next they are drawn straight. Where three options meet inside a square, the
borders meet where all three are worth the same, if each is bilinear there; any others meet
in the middle.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from decision.analysis.pairs import Regions

__all__ = ["Point", "cut_out"]

Point = tuple[float, float]
Run = tuple[int, list[Point]]
"""A stretch of the way around a square: what is best on it, and its corners."""


class _Lines:
    """What is best along every line of the grid."""

    def __init__(self, found: Regions) -> None:
        number = {option: i for i, option in enumerate(found.options)}
        self.best = found.best
        self.at: dict[tuple[str, int], list[tuple[float, int, int]]] = {}
        for border in found.crossings:
            sides = [number[s[0]] if s else -1 for s in (border.before, border.after)]
            at = border.x if border.along == "x" else border.y
            self.at.setdefault((border.along, border.line), []).append((at, sides[0], sides[1]))

    def pieces(self, along: str, line: int, a: float, b: float) -> list[tuple[float, float, int]]:
        """Return the pieces between two numbers, in order, with what is best on each."""
        marks = self.at.get((along, line), [])
        if not marks:
            numbers = self.best[line] if along == "x" else self.best[:, line]
            values, counts = np.unique(numbers, return_counts=True)  # a tie at a point is none
            return [(a, b, int(values[counts.argmax()]))]
        inside = [mark for mark in marks if a < mark[0] < b]
        before = [mark for mark in marks if mark[0] <= a]
        best = before[-1][2] if before else marks[0][1]
        stops = [a, *(mark[0] for mark in inside), b]
        options = [best, *(mark[2] for mark in inside)]
        return [(p, q, o) for (p, q), o in zip(pairwise(stops), options, strict=True)]


def cut_out(found: Regions) -> tuple[dict[int, list[list[Point]]], list[list[Point]]]:
    """Return the polygons of each option, and the pieces of the borders."""
    lines = _Lines(found)
    areas: dict[int, list[list[Point]]] = {}
    borders: list[list[Point]] = []
    for i in range(len(found.ys) - 1):
        for j in range(len(found.xs) - 1):
            polygons, pieces = _cut(list(_around(found, lines, i, j)), found, i, j)
            for option, polygon in polygons:
                areas.setdefault(option, []).append(polygon)
            borders += pieces
    return areas, borders


def _around(found: Regions, lines: _Lines, i: int, j: int) -> Iterator[Run]:
    """Yield the stretches around a square of the grid, counterclockwise from below left."""
    (a, b), (c, d) = found.xs[j : j + 2].tolist(), found.ys[i : i + 2].tolist()
    runs: list[Run] = []
    for along, line, ends, still, back in (
        ("x", i, (a, b), c, False),
        ("y", j + 1, (c, d), b, False),
        ("x", i + 1, (a, b), d, True),
        ("y", j, (c, d), a, True),
    ):
        pieces = lines.pieces(along, line, *ends)
        for p, q, option in reversed(pieces) if back else pieces:
            start, end = (q, p) if back else (p, q)
            first, last = (((t, still) if along == "x" else (still, t)) for t in (start, end))
            if runs and runs[-1][0] == option:
                runs[-1][1].append(last)
            else:
                runs.append((option, [first, last]))
    if len(runs) > 1 and runs[0][0] == runs[-1][0]:
        option, corners = runs.pop()
        runs[0] = (option, corners + runs[0][1][1:])
    yield from runs


def _cut(
    runs: Sequence[Run], found: Regions, i: int, j: int
) -> tuple[list[tuple[int, list[Point]]], list[list[Point]]]:
    """Return a square's polygons, and the borders inside it."""
    if len(runs) == 1:
        return [(runs[0][0], runs[0][1])], []
    corners = [run[1][0] for run in runs]
    if len(runs) == 2:
        return [(option, way) for option, way in runs], [corners]
    middle = _meeting([option for option, _ in runs], found, i, j)
    if middle is None:
        middle = (sum(x for x, _ in corners) / len(runs), sum(y for _, y in corners) / len(runs))
    return [(option, [*way, middle]) for option, way in runs], [[c, middle] for c in corners]


def _meeting(options: Sequence[int], found: Regions, i: int, j: int) -> Point | None:
    """Return where three branches are worth the same, if they are bilinear in the square."""
    if len(options) != 3 or -1 in options:
        return None
    square = found.totals[list(options), i : i + 2, j : j + 2]
    gaps = square[1:] - square[0]
    at = np.array([0.5, 0.5])
    for _ in range(20):  # Newton's steps
        u, v = at
        across, up = np.array([1 - u, u]), np.array([1 - v, v])
        missed = np.einsum("kij,i,j->k", gaps, up, across)
        slopes = np.stack(
            [
                np.einsum("kij,i,j->k", gaps, up, [-1.0, 1.0]),
                np.einsum("kij,i,j->k", gaps, [-1.0, 1.0], across),
            ],
            axis=1,
        )
        if not np.isfinite(slopes).all() or abs(np.linalg.det(slopes)) < 1e-300:
            return None
        at = at - np.linalg.solve(slopes, missed)
    if not ((at >= 0) & (at <= 1)).all():
        return None
    (a, b), (c, d) = found.xs[j : j + 2].tolist(), found.ys[i : i + 2].tolist()
    return a + float(at[0]) * (b - a), c + float(at[1]) * (d - c)
