"""Every path of the tree as a row, with what it is worth in each value's own unit.

A path knows more than a coalesced tree can hold: certain outcomes that are no fork,
and each value's amount, which two paths to the same end need not share. So paths are
followed through the situations and not through the merged nodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass
from decision.model.problems import COMMAND_LINE, ModelError, problem
from decision.tree.situations import occurring, settled_by
from decision.tree.unfolding import Unfolding

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["paths"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Walk:
    """Paths followed side by side; `states` has a column for each level, −1: not there."""

    situation: Indices
    probability: Array
    total: Array
    amounts: Array
    forks: Indices
    states: Indices

    def at(self, rows: Indices) -> Walk:
        """Some of the paths."""
        return Walk(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def paths(unfolding: Unfolding, all_branches: bool, fold: bool, limit: int) -> pd.DataFrame:
    """Return a row for each path; see `Tree.paths`."""
    import pandas as pd

    course = unfolding.course
    last = course.fold if fold else len(course.levels)
    ended = _followed(unfolding, all_branches and not unfolding.strategy_only, last, limit)
    walk = Walk(
        *(np.concatenate([getattr(w, name) for w in ended]) for name in Walk.__dataclass_fields__)
    )
    walk = walk.at(np.lexsort(walk.states.T[::-1]))
    columns: dict[str, NDArray[np.object_] | Array] = {}
    for k, level in enumerate(course.levels[:last]):
        names = np.array([*level.states, ""], dtype=object)
        columns[level.name] = names[walk.states[:, k]]
    columns["probability"] = walk.probability
    columns["total"] = walk.total
    for i, value in enumerate(course.model.values):
        columns[value.name] = walk.amounts[:, i]
    return pd.DataFrame(columns, index=pd.RangeIndex(len(walk.total), name="path"))


def _followed(unfolding: Unfolding, all_branches: bool, last: int, limit: int) -> list[Walk]:
    """Return the paths, those that end together side by side."""
    course = unfolding.course
    zero = np.zeros(1, dtype=np.int64)
    constant = [0.0 if v.given else float(v.table) for v in course.model.values]
    nowhere = np.full((1, last), -1, dtype=np.int64)
    total = np.array([unfolding.constant])
    walk = Walk(zero, np.ones(1), total, np.array([constant]), zero, nowhere)
    situations = np.zeros((1, 0), dtype=np.int64)
    ended = []
    for k in range(last):
        cut, walk, situations = _branched(unfolding, k, walk, situations, all_branches)
        ended.append(cut)
        count = len(walk.total) + sum(len(w.total) for w in ended)
        if count > limit:
            what = f"there are at least {count:,} paths, above the limit of {limit:,}"
            do = "fold them after the last decision, or follow the best strategy only"
            raise ModelError([problem(COMMAND_LINE, what, do)])
    ended.append(_folded(unfolding, last, walk, situations))
    return ended


def _branched(
    unfolding: Unfolding, k: int, walk: Walk, situations: Indices, all_branches: bool
) -> tuple[Walk, Walk, Indices]:
    """Return the paths that end before a level, those that go on after it, the situations."""
    course = unfolding.course
    level = course.levels[k]
    layer, after = unfolding.layer(k, situations, occurring(walk.situation))
    there = layer.to[walk.situation] >= 0
    fork = there.sum(axis=1) > 1
    cut = np.zeros(len(fork), dtype=bool)
    if unfolding.depth is not None:
        cut = fork & (walk.forks >= unfolding.depth)
    ended = _folded(unfolding, k, walk.at(np.flatnonzero(cut)), situations)
    points, amounts = settled_by(course, k, layer.situations)
    shown = there & ~cut[:, None]
    if level.kind == "decision" and not all_branches:
        to = layer.to[walk.situation]
        gain = points[walk.situation] + unfolding.worth[k + 1].certain[to]
        own = layer.situations[walk.situation]
        pick = unfolding.choose(k, own, walk.total[:, None] + gain, there)
        shown &= np.arange(shown.shape[1]) == pick[:, None]
    start, state = np.nonzero(shown)
    on = walk.at(start)
    at = on.situation
    on.total[:] += points[at, state]
    if level.kind == "chance":
        on.probability[:] *= layer.probability[at, state]
    for i, value in enumerate(course.model.values):
        if value.name in amounts:
            on.amounts[:, i] += amounts[value.name][at, state]
    on.states[:, k] = state
    on.forks[:] += fork[start]
    on.situation[:] = layer.to[at, state]
    return ended, on, after


def _folded(unfolding: Unfolding, k: int, walk: Walk, situations: Indices) -> Walk:
    """Add what is still to come to paths that end before a level."""
    if len(walk.total):
        worth = unfolding.folded(k, situations, walk.situation)
        walk.total[:] += worth.expected
        walk.amounts[:] += worth.amounts
    return walk
