"""Inputs that move: the tables of a model at each number of one input, all else at base.

A row of probabilities.csv moves from 0 to 1, its other states in proportion (`covary`);
a row of values.csv and a weight over their ranges. Each says along what coordinate a
policy's worth is straight: the number itself, or with an attitude to risk the factor
exp(−w·u/t) of a value; a weight has none then.

The line of a probability begins and ends a hair inside 0 and 1. What can happen is the
same all along it then, and in situations that cease to happen at its ends the choice is
that of their neighbourhood.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from decision.analysis.envelope import Ruler
from decision.model.changes import covary
from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Value
from decision.model.problems import ModelError, Problem
from decision.model.records import Input
from decision.model.rows import cells_of
from decision.solve.inputs import scale_of
from decision.solve.openness import dead_ends

__all__ = ["Movement", "movements"]

Array = NDArray[np.float64]
EDGE = 1e-12
"""How far inside 0 and 1 the line of a probability begins and ends."""


@dataclass(frozen=True, eq=False)
class Movement:
    """An input with a range, and the tables where it is a number.

    Attributes
    ----------
    model : InfluenceDiagram
    name : str
        In the small language.
    base, low, high : float
    first, last : float
        Where its line begins and ends.
    nodes : tuple of str
        Whose tables move.
    ruler : Ruler or None
        How the worth of a policy runs along it; None where no coordinate is straight.
    at : callable
        The tables that move, where it is a number; those of values in points.
    divisor : callable
        What a total of `at` is divided by, to be that of the changed model.
    """

    model: InfluenceDiagram
    name: str
    base: float
    low: float
    high: float
    first: float
    last: float
    nodes: tuple[str, ...]
    ruler: Ruler | None
    at: Callable[[float], dict[str, Array]]
    divisor: Callable[[float], float] = lambda number: 1.0

    def largest(self, numbers: Array) -> Array:
        """Return the largest |total| at each of some numbers."""
        scale = scale_of(self.model)
        values = [name for name in self.nodes if self.model.nodes[name].kind == "value"]
        if not values:
            return np.full(len(numbers), scale)
        others = scale - sum(float(np.abs(self.model.utility(name)).max()) for name in values)
        moved = [self.at(float(number)) for number in numbers]
        return np.array([others + sum(np.abs(m[n]).max() for n in values) for m in moved])


def movements(model: InfluenceDiagram) -> list[Movement]:
    """Return every input that has a range, in file order, weights last.

    Raises
    ------
    ModelError
        For a probability of 0 or 1 whose range holds numbers at which some decision has
        no open option.
    """
    found, problems = [], []
    for row in model.inputs:
        if row.low is None or row.high is None or row.text == "rest":
            continue
        if row.state is None:
            found.append(_value(model, row, row.low, row.high))
        elif len(model.states(row.node)) > 1:
            stuck = _stuck(model, row)
            found.append(_probability(model, row, row.low, row.high, bool(stuck)))
            if stuck and row.low < row.high:
                what = f"in the range {row.low:g} to {row.high:g}, {stuck[0].what}"
                problems.append(Problem(row.file, row.line, what, stuck[0].do))
    for value in model.values:
        if value.weight_low is not None or value.weight_high is not None:
            low = value.weight if value.weight_low is None else value.weight_low
            high = value.weight if value.weight_high is None else value.weight_high
            found.append(_weight(model, value, low, high))
    if problems:
        raise ModelError(problems)
    return found


def _parents(model: InfluenceDiagram, node: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(name, model.states(name)) for name in model.given(node)]


def _probability(
    model: InfluenceDiagram, row: Input, low: float, high: float, fixed: bool
) -> Movement:
    where, (none, certain) = _moved_rows(model, row)
    table = model.node(row.node).table

    def at(number: float) -> dict[str, Array]:
        moved = table.copy()
        moved[where] = (1 - number) * none + number * certain
        return {row.node: moved}

    first, last = (row.number, row.number) if fixed else (EDGE, 1 - EDGE)
    ruler = Ruler(model.risk)
    return Movement(model, row.name, row.number, low, high, first, last, (row.node,), ruler, at)


def _moved_rows(
    model: InfluenceDiagram, row: Input
) -> tuple[tuple[NDArray[np.intp], ...], tuple[Array, Array]]:
    """Return where an input's rows stand in the table, and what they are at 0 and at 1."""
    where = cells_of(replace(row, state=None), _parents(model, row.node))
    rows = model.node(row.node).table[where]
    state = model.states(row.node).index(row.state or "")
    zeros = np.zeros(rows.shape[:-1])
    return where, (covary(rows, state, zeros), covary(rows, state, zeros + 1))


def _stuck(model: InfluenceDiagram, row: Input) -> list[Problem]:
    """Return the situations without an open option that moving off 0 or 1 would lead to."""
    if not model.structure.guards or row.number not in (0.0, 1.0):
        return []
    where, (none, certain) = _moved_rows(model, row)
    table = model.node(row.node).table.copy()
    table[where] = (none + certain) / 2
    return dead_ends(model.with_numbers({row.node: table}))


def _value(model: InfluenceDiagram, row: Input, low: float, high: float) -> Movement:
    where = cells_of(row, _parents(model, row.node))
    value: Value = model.node(row.node)
    weight, points = model.weight(row.node), model.utility(row.node)

    def at(number: float) -> dict[str, Array]:
        moved = points.copy()
        moved[where] = weight * _unweighted(value, np.float64(number))
        return {row.node: moved}

    ruler = Ruler()
    if model.risk is not None:
        unit = 1.0 if value.worst is None or value.best is None else value.best - value.worst
        rate = weight * (1.0 if value.worst is None else 100.0) / unit / model.risk
        ruler = Ruler(model.risk, rate)
    return Movement(model, row.name, row.number, low, high, low, high, (row.node,), ruler, at)


def _unweighted(value: Value, amounts: Array | np.float64) -> Array:
    if value.worst is not None and value.best is not None:
        amounts = 100.0 * (amounts - value.worst) / (value.best - value.worst)
    return np.asarray(amounts)


def _weight(model: InfluenceDiagram, value: Value, low: float, high: float) -> Movement:
    """Return a weight that moves.

    Where weights are normalised, the totals of `at` keep the divisor of the base, so that
    their lines are straight; with risk all weights move, since there is no line anyway.
    """
    normalised = model.weights == "normalised"
    others = sum(v.weight for v in model.values if v.name != value.name)
    alone = normalised and others == 0  # it is divided by itself
    bent = normalised and model.risk is not None
    nodes = tuple(v.name for v in model.values) if bent else (value.name,)

    def total(number: float) -> float:
        return others + (value.weight if alone else number) if normalised else 1.0

    def at(number: float) -> dict[str, Array]:
        own = value.weight if alone else number
        divisor = total(number if bent else value.weight)
        weights = {v.name: v.weight for v in model.values} | {value.name: own}
        return {
            v.name: weights[v.name] / divisor * _unweighted(v, v.table)
            for v in model.values
            if v.name in nodes
        }

    def divisor(number: float) -> float:
        return 1.0 if bent else total(number) / total(value.weight)

    name = f"weight({value.name})"
    ruler = Ruler() if model.risk is None else None
    return Movement(model, name, value.weight, low, high, low, high, nodes, ruler, at, divisor)
