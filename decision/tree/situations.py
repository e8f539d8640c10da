"""The situations that can arise, level by level, and what they are worth.

A situation is what has been revealed as far as it still matters; it is reached by
branches of positive probability and by open options. Going forward finds all of
them, going back (the roll-back of a decision tree, Raiffa 1968, *Decision Analysis*,
ch. 2) their worth from there on: expectations at chance nodes, the best option at
decisions. Amounts settled before a situation do not enter: they are added by whoever
knows the path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass
from decision.model.nodes import Decision
from decision.model.problems import ModelError, Problem, problem
from decision.tree.course import Course
from decision.tree.filtering import branch_probabilities, remainder, restricted

__all__ = ["Layer", "Policy", "Worth", "layers_to", "next_layer", "settled_by"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Rule(Protocol):
    """What a policy says for one decision: the names it looks at and, with an axis for
    the states of each, the number of the option.
    """

    @property
    def given(self) -> tuple[str, ...]: ...

    @property
    def choices(self) -> NDArray[np.intp]: ...


Policy = Mapping[str, Rule]

LARGEST_LAYER = 2**19
"""Branches of a level; above it the count alone would take seconds and 200 MB."""


class TooManyError(Exception):
    """More situations than can be counted in seconds."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


@dataclass(frozen=True)
class Layer:
    """The situations of one level and their branches.

    Parameters
    ----------
    situations : (n, matters) array
        States of what matters.
    probability : (n, states) array
        Of each branch; 1 for an open option.
    to : (n, states) array
        Which situation of the next level a branch leads to; −1 where there is none.
    """

    situations: Indices
    probability: Array
    to: Indices


@dataclass(frozen=True)
class Worth:
    """What situations bring from there on: points, certain equivalent, natural amounts."""

    expected: Array
    certain: Array
    amounts: Array

    def at(self, rows: Indices) -> Worth:
        """The worth of some situations."""
        return Worth(self.expected[rows], self.certain[rows], self.amounts[rows])


def distinct(columns: Sequence[NDArray[np.int64]]) -> tuple[Indices, Indices]:
    """Return first rows and, for each row, its number among the distinct rows.

    Distinct rows are numbered in the order in which they first stand.
    """
    key = np.zeros(len(columns[0]) if columns else 0, dtype=np.int64)
    count = 1
    for column in columns:
        _, part = np.unique(column, return_inverse=True)
        size = int(part.max()) + 1 if len(part) else 1
        if count * size >= 2**62:
            _, key = np.unique(key, return_inverse=True)
            count = int(key.max()) + 1
        key = key * size + part
        count *= size
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty_like(order)
    number[order] = np.arange(len(order))
    return first[order], number[inverse]


def occurring(numbers: Indices) -> Indices:
    """Return the row numbers that occur, once each and in order."""
    # So `np.unique` does too, but to ask whether they are masked it loads all of `numpy.ma`.
    return np.flatnonzero(np.bincount(numbers))


def next_layer(
    course: Course, k: int, situations: Indices, wanted: Indices | None = None
) -> tuple[Layer, Indices]:
    """Return a level's branches from its situations, and the next level's situations.

    Parameters
    ----------
    course : Course
    k : int
        The level.
    situations : (n, matters) array
    wanted : array of row numbers, optional
        Leave the others without branches.
    """
    level = course.levels[k]
    rows = np.arange(len(situations)) if wanted is None else wanted
    size = len(level.states)
    if len(rows) * size > LARGEST_LAYER:
        raise TooManyError(len(rows) * size)
    probability = np.zeros((len(situations), size))
    if level.kind == "chance":
        probability[rows] = branch_probabilities(course, level, situations[rows])
    else:
        probability[rows] = _open(course, k, situations[rows])
    start, state = np.nonzero(probability > 0)
    columns = {name: situations[start, i] for i, name in enumerate(level.matters)}
    columns[level.name] = state
    after = course.matters(k + 1)
    to = np.full(probability.shape, -1, dtype=np.int64)
    if not after:
        to[start, state] = 0
        return Layer(situations, probability, to), np.zeros((1, 0), dtype=np.int64)
    following = np.stack([columns[name] for name in after], axis=1)
    first, number = distinct([*following.T])
    to[start, state] = number
    return Layer(situations, probability, to), following[first]


def _open(course: Course, k: int, situations: Indices) -> Array:
    """Return 1 where an option is open (and the one that is set, where one is)."""
    level = course.levels[k]
    node = course.model.nodes[level.name]
    assert isinstance(node, Decision)
    open_ = np.ones((len(situations), len(level.states)))
    for i, option in enumerate(level.states):
        for name, states in node.only_when.get(option, {}).items():
            allowed = np.isin(np.array(course.model.states(name)), states)
            open_[:, i] *= allowed[situations[:, level.matters.index(name)]]
        if level.name in course.given and course.given[level.name] != option:
            open_[:, i] = 0
    return open_


def layers_to(course: Course, end: int) -> tuple[list[Layer], Indices]:
    """Return the layers before a level and the situations there, without dead ends."""
    situations = np.zeros((1, 0), dtype=np.int64)
    layers = []
    for k in range(end):
        layer, situations = next_layer(course, k, situations)
        layers.append(layer)
    return _without_dead_ends(course, layers, len(situations)), situations


def _without_dead_ends(course: Course, layers: list[Layer], last: int) -> list[Layer]:
    """Close every option that may lead to a situation in which no option is open.

    Only decisions that are set can make such a situation; without them it is an error.
    """
    alive: Mask = np.ones(last, dtype=bool)
    lives = [alive]
    pruned: list[Layer] = []
    for k in reversed(range(len(layers))):
        layer = layers[k]
        there = layer.to >= 0
        sound = there & alive[layer.to]
        if course.levels[k].kind == "chance":
            alive = np.asarray((sound == there).all(axis=1))
            pruned.append(layer)
        else:
            alive = np.asarray(sound.any(axis=1))
            to = np.where(sound, layer.to, -1)
            pruned.append(Layer(layer.situations, np.where(sound, 1.0, 0.0), to))
        lives.append(alive)
    strict = not course.given and not all(life.all() for life in lives)
    if strict or not alive.all():
        raise ModelError([_dead_end(course, layers, list(reversed(lives)))])
    return list(reversed(pruned))


def _dead_end(course: Course, layers: list[Layer], lives: Sequence[Mask]) -> Problem:
    """Return the problem of the first situation in which no option is open."""
    k = next(k for k, life in enumerate(lives) if (~life & (layers[k].to < 0).all(axis=1)).any())
    at = int(np.flatnonzero(~lives[k] & (layers[k].to < 0).all(axis=1))[0])
    name, known = course.levels[k].name, []
    for before in reversed(range(k)):
        to = layers[before].to
        at, state = (int(found[0]) for found in np.nonzero(to == at))
        known.append(f"{course.levels[before].name}={course.levels[before].states[state]}")
    where = f" where {'; '.join(reversed(known))}" if known else ""
    if name in course.given:
        what = f"{name}={course.given[name]} is closed{where}, and no earlier choice avoids that"
        do = f"set {name} to an option that is open there, or open this one"
    else:
        what = f"no option of {name} is open{where}, which can happen"
        do = "open one there in only_when, or close the earlier options that lead there"
    return problem(("model.toml", 1), what, do)


def settled_by(course: Course, k: int, situations: Indices) -> tuple[Array, dict[str, Array]]:
    """Return what each branch of a level settles.

    Returns
    -------
    points : (n, states) array
        Weighted points of the values settled.
    amounts : dict of value to (n, states) array
        In natural units.
    """
    level = course.levels[k]
    points = np.zeros((len(situations), len(level.states)))
    amounts = {}
    for value in level.settled:
        scope = course.model.given(value)
        table = course.model.nodes[value].table  # type: ignore[attr-defined]
        points += restricted(course.model.utility(value), scope, level.matters, situations)[1]
        amounts[value] = np.broadcast_to(
            restricted(table, scope, level.matters, situations)[1], points.shape
        )
    return points, amounts


def certain_equivalent(probability: Array, certain: Array, tolerance: float) -> Array:
    """Return −tolerance · log Σ p exp(−x/tolerance) along the last axis.

    Written with what differs from the least x, so that a certain amount is exactly itself.
    """
    there = probability > 0
    low = np.where(there, certain, np.inf).min(axis=-1, keepdims=True)
    low = np.where(np.isfinite(low), low, 0.0)
    p = np.where(there, probability, 0.0)
    above = np.where(there, certain - low, 0.0) / tolerance
    less = (p * np.expm1(-above)).sum(axis=-1)
    near = less > -0.5
    whole = np.where(near, 1.0, (p * np.exp(-above)).sum(axis=-1))
    logs = np.where(near, np.log1p(np.where(near, less, 0.0)), np.log(whole))
    found: Array = low[..., 0] - tolerance * logs
    return found


def rolled_back(
    course: Course,
    layers: Sequence[Layer],
    end: Worth,
    choose: Callable[[int, Indices, Array, Mask], Indices],
) -> list[Worth]:
    """Return the worth of the situations of every layer, and of the end, in order.

    Parameters
    ----------
    course : Course
    layers : sequence of Layer
        The first levels.
    end : Worth
        Of the situations after them.
    choose : callable
        Option taken in each situation: of (level, situations, certain equivalents, open).
    """
    index = {value.name: i for i, value in enumerate(course.model.values)}
    tolerance = course.model.risk
    worth = [end]
    for k in reversed(range(len(layers))):
        layer, after = layers[k], worth[-1]
        points, amounts = settled_by(course, k, layer.situations)
        there = layer.to >= 0
        expected = np.where(there, after.expected[layer.to] + points, 0.0)
        certain = np.where(there, after.certain[layer.to] + points, 0.0)
        natural = np.where(there[:, :, None], after.amounts[layer.to], 0.0)
        for value, amount in amounts.items():
            natural[:, :, index[value]] += np.where(there, amount, 0.0)
        if course.levels[k].kind == "chance":
            p = layer.probability
            mean = (p * expected).sum(axis=1)
            sure = mean if tolerance is None else certain_equivalent(p, certain, tolerance)
            worth.append(Worth(mean, sure, (p[:, :, None] * natural).sum(axis=1)))
        else:
            rows = np.arange(len(there))
            pick = choose(k, layer.situations, certain, there)
            worth.append(Worth(expected[rows, pick], certain[rows, pick], natural[rows, pick]))
    return list(reversed(worth))


def worth_after(course: Course, k: int, situations: Indices) -> Worth:
    """Return the worth of situations after the last decision, the rest summed out."""
    return Worth(*remainder(course, k, situations))
