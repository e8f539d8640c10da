"""Courses of inputs: solve at the points that they ask for, until they ask for none.

Inputs that move the same tables are rows of the same batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from decision.analysis.envelope import Course, Crossing, crossed
from decision.analysis.movements import EDGE, Movement
from decision.analysis.ruler import Ruler
from decision.solve.lines import Branches

__all__ = ["crossings", "traced"]

Array = NDArray[np.float64]
ROUNDS = 60
"""The most times that the pieces of a line are looked at again."""
GRID = 201
CLOSING = 12
"""How often a crossing on the grid is closed in upon."""
WIDE = 1e-7
"""Share of the line up to which the bracket of a crossing is left to its chord."""
NARROW = 1e-6
"""Share of the line up to which a tie, on a line that was searched, is a mere crossing."""


def traced(
    branches: Branches, lines: Sequence[Movement], optimum: bool = True, whole: bool = False
) -> tuple[list[Course], Array]:
    """Find every branch along some inputs, as far as it matters.

    Parameters
    ----------
    branches : Branches
    lines : sequence of Movement
        They move the same tables.
    optimum : bool
        Whether its lowest is looked for, within the range.
    whole : bool
        Whether every branch is followed everywhere, not only where it may be best.

    Returns
    -------
    courses : list of Course
    ends : ndarray (branches + 1, 2 × lines)
        What every branch is worth at the low and the high end of each input's range.
    """
    if lines[0].ruler is None:
        ends = branches.worths([(line, x) for line in lines for x in (line.low, line.high)])
        return [_on_grid(branches, line) for line in lines], ends
    worths, led = branches.supports([(line, x) for line in lines for x in (line.first, line.last)])
    ends = _ends(branches, lines, worths, led)
    courses, fresh, known = [], {}, []
    for i, line in enumerate(lines):
        both, own = np.array([line.first, line.last]), slice(2 * i, 2 * i + 2)
        size = float(line.largest(both).max())
        even = line.divisor(line.low) == line.divisor(line.high)
        lowest = (line.low, line.high) if even else None
        if not optimum:
            lowest = (line.first, line.first)
        assert line.ruler is not None
        course = Course(line.ruler, both, worths[:, own], led[:, own], size, lowest, whole)
        courses.append(course)
        range_ = np.array([line.low, line.high])
        inside = courses[i].inside(range_) & [True, line.low < line.high]
        fresh[i] = range_[inside]
        known.append(inside)
    _look(branches, lines, courses, fresh, ends[:, np.concatenate(known)])
    for _ in range(ROUNDS):
        fresh = {i: x for i in fresh if len(x := courses[i].meetings())}
        if not fresh:
            break
        _look(branches, lines, courses, fresh)
    return courses, ends


def crossings(line: Movement, course: Course) -> list[Crossing]:
    """Return where the set of best branches changes along an input."""
    return crossed(course, line.largest, NARROW if line.ruler is None else 0.0)


def _ends(branches: Branches, lines: Sequence[Movement], worths: Array, led: Array) -> Array:
    """Return what branches are worth at both ends of the ranges, solving as little as need be.

    A range mostly ends where its line does. A line that stops a hair inside 0 or 1 is drawn
    out to there: what is worth most is continuous, unless an option is open beside 0 alone.
    """
    smooth = branches.model.risk is None and not branches.model.structure.guards
    found, missing = np.full(worths.shape, np.nan), []
    for k in range(2 * len(lines)):
        line, last = lines[k // 2], k % 2
        x = line.high if last else line.low
        for own, point in ((k - last, line.first), (k - last + 1, line.last)):
            if x == point:
                found[:, k] = worths[:, own]
                break
            if smooth and line.first < line.last and abs(x - point) <= EDGE:
                share = (x - line.first) / (line.last - line.first)
                found[:, k] = (1 - share) * led[:, own, 0] + share * led[:, own, 1]
                break
        else:
            missing.append((k, (line, x)))
    if missing:
        places, points = zip(*missing, strict=True)
        found[:, list(places)] = branches.worths(points)
    return found


def _look(
    branches: Branches,
    lines: Sequence[Movement],
    courses: Sequence[Course],
    fresh: Mapping[int, Array],
    known: Array | None = None,
) -> None:
    """Solve at fresh numbers of some lines, and add what is found to their courses."""
    points = [(lines[i], float(number)) for i, x in fresh.items() for number in x]
    if not points:
        return
    owner = np.repeat(list(fresh), [len(x) for x in fresh.values()])
    wanted = np.concatenate([courses[i].unknown(x) for i, x in fresh.items()], axis=1)
    led, above = np.empty((*wanted.shape, 2)), np.zeros(len(points), dtype=bool)
    if known is None:
        worth = np.concatenate([courses[i].at(x) for i, x in fresh.items()], axis=1)
        solved, found = branches.supports(points, wanted)
        worth[wanted] = solved[wanted]  # the others keep their chords
    else:
        worth, found = known, np.full_like(led, np.nan)
    for i, x in fresh.items():
        own = owner == i
        led[:, own], above[own] = courses[i].lines_at(x, worth[:, own])
    new = wanted & above
    if known is not None and new.any():
        asked = [points[k] for k in np.flatnonzero(above)]
        found[:, above] = branches.supports(asked, wanted[:, above])[1]
    led[new] = found[new]
    for i, x in fresh.items():
        courses[i].add(x, worth[:, owner == i], led[:, owner == i])


def _on_grid(branches: Branches, line: Movement) -> Course:
    """Find every branch on a grid; close in upon its crossings and its lowest optimum."""
    steps = np.geomspace if line.factor and line.low > 0 else np.linspace
    numbers = steps(line.low, line.high, GRID if line.low < line.high else 2)
    numbers[[0, -1]] = line.low, line.high
    worths = branches.worths([(line, float(x)) for x in numbers])
    size = float(line.largest(numbers[[0, -1]]).max())
    course = Course(Ruler(), numbers, worths, np.zeros((*worths.shape, 2)), size)
    for _ in range(CLOSING if line.low < line.high else 0):
        lowest = int(course.worths[-1].argmin())
        first, last = course.points[[max(lowest - 1, 0), min(lowest + 1, len(course.points) - 1)]]
        x = np.unique([*_closer(course), *course.dips(), *np.linspace(first, last, CLOSING)])
        x = x[course.inside(x)]
        if not len(x):
            break
        worths = branches.worths([(line, float(number)) for number in x])
        course.add(x, worths, np.zeros((*worths.shape, 2)))
    return course


def _closer(course: Course) -> Array:
    """Return the crossings of chords, and the middles of their brackets.

    Chords alone may keep one end of a bracket for ever, and then close in slowly.
    """
    x = course.crossings()
    place = np.searchsorted(course.points, x)
    a, b = course.points[place - 1], course.points[place]
    wide = b - a > WIDE * (course.last - course.first)
    return np.concatenate([x, (a + b)[wide] / 2])
