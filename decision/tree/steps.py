"""Unrolling, forward: the rows of every level and where their branches lead.

A row is a situation together with the points already settled on the way to it (and, to
a depth, the forks passed), so that an end's value is the total of its whole path.
"""

from __future__ import annotations

from math import ceil, log10

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass
from decision.tree.situations import TooManyError, Worth, distinct, occurring, settled_by
from decision.tree.unfolding import Unfolding

__all__ = ["DIGITS", "Rows", "Step", "rounded", "steps_of"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

DIGITS = 12
LARGEST_COUNT = 2**20
"""Rows that are unrolled to count the nodes exactly; about 100 MB."""
NO_WORTH = Worth(np.zeros(0), np.zeros(0), np.zeros((0, 0)))


@dataclass(frozen=True)
class Rows:
    """The rows of one level: situation, points settled on the way, forks passed."""

    situation: Indices
    settled: Array
    forks: Indices


@dataclass(frozen=True)
class Step:
    """The rows of one level, which of them are ends, and where their branches lead.

    `cut` says where a path ends, `worth` what is still to come there; `there` are the
    branches that exist, `shown` those of them that the tree shows, `to` the rows of the
    next level they lead to.
    """

    rows: Rows
    cut: Mask
    worth: Worth
    probability: Array
    there: Mask
    shown: Mask
    to: Indices


def steps_of(unfolding: Unfolding) -> list[Step]:
    """Return the steps of every level, the ends after the last one included."""
    course = unfolding.course
    zero = np.zeros(1, dtype=np.int64)
    rows = Rows(zero, np.array([unfolding.constant]), zero)
    situations = np.zeros((1, 0), dtype=np.int64)
    last = course.fold if unfolding.fold else len(course.levels)
    steps, count = [], 0
    for k in range(last):
        step, rows, situations = _step(unfolding, k, rows, situations)
        steps.append(step)
        count += len(rows.situation)
        if count > LARGEST_COUNT:
            raise TooManyError(count)
    nothing = np.zeros((len(rows.situation), 0), dtype=np.int64)
    steps.append(
        Step(
            rows,
            np.ones(len(rows.situation), dtype=bool),
            unfolding.folded(last, situations, rows.situation),
            nothing.astype(float),
            nothing.astype(bool),
            nothing.astype(bool),
            nothing,
        )
    )
    return steps


def _step(
    unfolding: Unfolding, k: int, rows: Rows, situations: Indices
) -> tuple[Step, Rows, Indices]:
    """Return a level's step, the next level's rows and its situations."""
    course, at = unfolding.course, rows.situation
    layer, after = unfolding.layer(k, situations, occurring(at))
    there = layer.to[at] >= 0
    fork = there.sum(axis=1) > 1
    cut = fork & (
        rows.forks >= (len(course.levels) if unfolding.depth is None else unfolding.depth)
    )
    worth = unfolding.folded(k, situations, at[cut]) if cut.any() else NO_WORTH
    shown = there & ~cut[:, None]
    gain = rows.settled[:, None] + settled_by(course, k, layer.situations)[0][at]
    if unfolding.strategy_only and course.levels[k].kind == "decision":
        total = gain + unfolding.worth[k + 1].certain[layer.to[at]]
        pick = unfolding.choose(k, layer.situations[at], total, there)
        shown &= np.arange(there.shape[1]) == pick[:, None]
    start, state = np.nonzero(shown)
    forks = rows.forks[start] + fork[start]
    columns = [layer.to[at[start], state], rounded(gain[start, state], unfolding.scale)]
    if unfolding.depth is not None:
        columns.append(forks)
    first, number = distinct(columns)
    to = np.full(shown.shape, -1, dtype=np.int64)
    to[start, state] = number
    following = Rows(columns[0][first], gain[start, state][first], forks[first])
    return Step(rows, cut, worth, layer.probability[at], there, shown, to), following, after


def rounded(values: Array, scale: float) -> Indices:
    """Return numbers as integers that are equal where 12 digits of the scale are."""
    digits = DIGITS - (ceil(log10(scale)) if scale > 0 else 0)
    return np.rint(values * 10.0**digits).astype(np.int64)
