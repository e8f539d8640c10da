"""Unrolling: from the situations to a tree in which equal subtrees are one node.

Going forward, a row is a situation together with the points already settled on the way
to it (and, to a depth, the forks passed): an end's value is the total of its whole
path. Going back, each level's rows are rolled back and then merged where they show
the same branches with the same probabilities to the same nodes (hash-consing), to 12
digits. A row with one branch is no fork and is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log10

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.model.problems import PYTHON, ModelError, problem
from decision.tree.nodes import Branch, Tree, TreeNode
from decision.tree.situations import (
    Policy,
    TooManyError,
    Worth,
    certain_equivalent,
    distinct,
    settled_by,
)
from decision.tree.unfolding import Unfolding, unfolding_of

__all__ = ["unroll"]

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


def unroll(
    model: InfluenceDiagram,
    *,
    given: Mapping[str, str] | None = None,
    depth: int | None = None,
    fold: bool = False,
    strategy_only: bool = False,
    limit: int = 100_000,
    policy: Policy | None = None,
) -> Tree:
    """Return the decision tree of a diagram, rolled back.

    Decisions and observations stand in the order in which they become known; chance
    nodes that no decision observes follow the last decision in file order, without
    those that no value depends on. An impossible branch is not there, and a node with a
    single branch (an outcome that is certain, the only open option) is passed over.
    Equal subtrees are one node.

    Parameters
    ----------
    model : InfluenceDiagram
    given : mapping of decision to option, optional
        Decisions that are set.
    depth : int, optional
        Forks on a path after which what follows is folded into its expected value.
    fold : bool
        Whether to end after the last decision, with conditional expectations.
    strategy_only : bool
        Whether to show the chosen branches alone.
    limit : int
        Refuse above so many nodes.
    policy : mapping, optional
        A rule for each decision, as `Solution.policy` has it; without one, the best
        options by roll-back (perfect memory) or the solver's policy (limited memory:
        what a decision does not know it cannot go by, so its tree takes one as given).

    Returns
    -------
    Tree

    Raises
    ------
    ModelError
        Above the limit, with the number of nodes; where no option is open.

    Examples
    --------
    >>> from decision import read_model, unroll
    >>> unroll(read_model("data/examples/oil_wildcatter"))
    <Tree 'Oil wildcatter': 5 decisions, 9 chance nodes, 8 ends; expected value 22.5>
    """
    if policy is None:
        policy = _policy_of_solver(model, given or {}) if model.memory == "limited" else {}
    try:
        unfolding = unfolding_of(model, given or {}, policy, depth, fold, strategy_only)
    except TooManyError as error:
        what = f"the tree has more than {error.count:,} branches before its last decision"
        do = "let decisions observe less, or set some with given"
        raise ModelError([problem(PYTHON, what, do)]) from None
    try:
        steps = _forward(unfolding)
    except TooManyError as error:
        raise _refusal(f"more than {error.count:,}", limit) from None
    batches = _backward(unfolding, steps)
    count = sum(len(batch.expected) for batch in batches)
    if count > limit:
        raise _refusal(f"{count:,}", limit)
    return Tree(model, _records(unfolding, batches), 0, unfolding)


def _policy_of_solver(model: InfluenceDiagram, given: Mapping[str, str]) -> Policy:
    from decision.solve.solution import solve

    return solve(model, given=given).policy


def _refusal(count: str, limit: int) -> ModelError:
    what = f"the tree has {count} nodes, above the limit of {limit:,}"
    do = "fold it after the last decision, unroll it to a depth, or show the strategy alone"
    return ModelError([problem(PYTHON, what, do)])


# -- forward ------------------------------------------------------------------


def _forward(unfolding: Unfolding) -> list[Step]:
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
    layer, after = unfolding.layer(k, situations, np.unique(at))
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
    columns = [layer.to[at[start], state], _rounded(gain[start, state], unfolding.scale)]
    if unfolding.depth is not None:
        columns.append(forks)
    first, number = distinct(columns)
    to = np.full(shown.shape, -1, dtype=np.int64)
    to[start, state] = number
    following = Rows(columns[0][first], gain[start, state][first], forks[first])
    return Step(rows, cut, worth, layer.probability[at], there, shown, to), following, after


def _rounded(values: Array, scale: float) -> Indices:
    """Return numbers as integers that are equal where 12 digits of the scale are."""
    digits = DIGITS - (ceil(log10(scale)) if scale > 0 else 0)
    return np.rint(values * 10.0**digits).astype(np.int64)


# -- backward -----------------------------------------------------------------


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


def _backward(unfolding: Unfolding, steps: list[Step]) -> list[Batch]:
    """Roll back and merge, from the ends to the root; the last node is the root."""
    batch, shown = _ends(unfolding, steps)
    batches = [batch]
    for k in reversed(range(len(steps) - 1)):
        first = batches[-1].first + len(batches[-1].expected)
        found = _merged(unfolding, k, steps[k], shown[k], shown[k + 1], first)
        if found is not None:
            batches.append(found)
    return batches


def _ends(unfolding: Unfolding, steps: list[Step]) -> tuple[Batch, list[Shown]]:
    """Merge the ends of all levels; return them and what rows show, filled in so far."""
    settled = [step.rows.settled[step.cut] for step in steps]
    mean = np.concatenate([s + step.worth.expected for s, step in zip(settled, steps, strict=True)])
    sure = np.concatenate([s + step.worth.certain for s, step in zip(settled, steps, strict=True)])
    first, number = distinct([_rounded(mean, unfolding.scale), _rounded(sure, unfolding.scale)])
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


def _merged(
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


# -- as records ---------------------------------------------------------------


def _records(unfolding: Unfolding, batches: list[Batch]) -> tuple[TreeNode, ...]:
    """Return the nodes numbered from the root on, level by level, as first reached."""
    levels, risk = unfolding.course.levels, unfolding.course.model.risk
    place = {batch.first + i: (batch, i) for batch in batches for i in range(len(batch.expected))}
    waiting: list[dict[int, None]] = [{} for _ in range(len(levels) + 1)]
    root = len(place) - 1
    waiting[place[root][0].level][root] = None
    order: list[int] = []
    for bucket in waiting:
        for old in bucket:
            order.append(old)
            batch, i = place[old]
            for child in batch.child[i][batch.shown[i]].tolist():
                waiting[place[child][0].level][child] = None
    number = {old: new for new, old in enumerate(order)}
    nodes = []
    for new, old in enumerate(order):
        batch, i = place[old]
        equivalent = None if risk is None else float(batch.certain[i])
        expected = float(batch.expected[i])
        if batch.level < 0:
            nodes.append(TreeNode(new, "end", "", expected, (), equivalent))
            continue
        level = levels[batch.level]
        chance = level.kind == "chance"
        branches = tuple(
            Branch(
                level.states[s],
                float(batch.probability[i, s]) if chance else None,
                None if chance else bool(s == batch.pick[i]),
                number[int(batch.child[i, s])],
            )
            for s in np.flatnonzero(batch.shown[i])
        )
        nodes.append(TreeNode(new, level.kind, level.name, expected, branches, equivalent))
    return tuple(nodes)
