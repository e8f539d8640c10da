"""Unrolling, backward: rows are rolled back, and equal subtrees become one node.

Level by level from the ends, rows are merged where they show the same branches with the
same probabilities to the same nodes (hash-consing), to 12 digits; ends where their
totals agree. A row with one branch is no fork and is passed over.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass
from decision.tree.situations import certain_equivalent, distinct
from decision.tree.steps import DIGITS, Step, rounded
from decision.tree.unfolding import Unfolding

__all__ = ["Batch", "merged"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Batch:
    """The merged nodes of one level (−1: ends), numbered from `first` on."""

    level: int
    first: int
    expected: Array
    certain: Array
    probability: Array
    shown: Mask
    pick: Indices
    child: Indices


@dataclass(frozen=True)
class Shown:
    """For each row of a level the node that it shows, and its worth."""

    node: Indices
    expected: Array
    certain: Array


def merged(unfolding: Unfolding, steps: Sequence[Step]) -> list[Batch]:
    """Roll back and merge, from the ends to the root; the last node is the root."""
    batch, shown = _ends(unfolding, steps)
    batches = [batch]
    for k in reversed(range(len(steps) - 1)):
        first = batches[-1].first + len(batches[-1].expected)
        found = _merged_level(unfolding, k, steps[k], shown[k], shown[k + 1], first)
        if found is not None:
            batches.append(found)
    return batches


def _ends(unfolding: Unfolding, steps: Sequence[Step]) -> tuple[Batch, list[Shown]]:
    """Merge the ends of all levels; return them and what rows show, filled in so far."""
    settled = [step.rows.settled[step.cut] for step in steps]
    mean = np.concatenate([s + step.worth.expected for s, step in zip(settled, steps, strict=True)])
    sure = np.concatenate([s + step.worth.certain for s, step in zip(settled, steps, strict=True)])
    first, number = distinct([rounded(mean, unfolding.scale), rounded(sure, unfolding.scale)])
    mean, sure = mean[first], sure[first]
    none = np.zeros((len(first), 0), dtype=np.int64)
    batch = Batch(-1, 0, mean, sure, none.astype(float), none.astype(bool), none[:, :0], none)
    shown = []
    parts = np.split(number, np.cumsum([len(part) for part in settled])[:-1])
    for step, part in zip(steps, parts, strict=True):
        size = len(step.cut)
        entry = Shown(np.full(size, -1, dtype=np.int64), np.zeros(size), np.zeros(size))
        entry.node[step.cut] = part
        entry.expected[step.cut], entry.certain[step.cut] = mean[part], sure[part]
        shown.append(entry)
    return batch, shown


def _merged_level(
    unfolding: Unfolding, k: int, step: Step, own: Shown, below: Shown, first: int
) -> Batch | None:
    """Fill in what the rows of a level show that are no ends; return the new nodes."""
    live = np.flatnonzero(~step.cut)
    if not len(live):
        return None
    shown, p, to = step.shown[live], step.probability[live], step.to[live]
    child = np.where(shown, below.node[to], -1)
    expected, certain, pick = _rolled_back(unfolding, k, step, live, below)
    fork = np.flatnonzero(step.there[live].sum(axis=1) > 1)
    passed = to[np.arange(len(live)), np.argmax(shown, axis=1)]
    own.node[live] = below.node[passed]
    own.expected[live], own.certain[live] = below.expected[passed], below.certain[passed]
    if not len(fork):
        return None
    columns = [*child[fork].T, pick[fork]]
    if unfolding.course.levels[k].kind == "chance":
        columns += [*np.rint(p[fork] * 10.0**DIGITS).astype(np.int64).T]
    kept, number = distinct(columns)
    kept = fork[kept]
    at = live[fork]
    own.node[at] = first + number
    own.expected[at], own.certain[at] = expected[kept][number], certain[kept][number]
    return Batch(
        k, first, expected[kept], certain[kept], p[kept], shown[kept], pick[kept], child[kept]
    )


def _rolled_back(
    unfolding: Unfolding, k: int, step: Step, live: Indices, below: Shown
) -> tuple[Array, Array, Indices]:
    """Return expected values, certain equivalents and the options taken (else −1)."""
    shown, to = step.shown[live], step.to[live]
    expected = np.where(shown, below.expected[to], 0.0)
    certain = np.where(shown, below.certain[to], 0.0)
    if unfolding.course.levels[k].kind == "chance":
        p = np.where(shown, step.probability[live], 0.0)
        mean, tolerance = (p * expected).sum(axis=1), unfolding.course.model.risk
        sure = mean if tolerance is None else certain_equivalent(p, certain, tolerance)
        return mean, sure, np.full(len(live), -1)
    situations = unfolding.layers[k].situations[step.rows.situation[live]]
    pick = unfolding.choose(k, situations, certain, shown)
    rows = np.arange(len(live))
    return expected[rows, pick], certain[rows, pick], pick
