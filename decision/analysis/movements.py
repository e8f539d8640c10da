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

from decision.analysis.ruler import Ruler
from decision.model.changes import covary
from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Value
from decision.model.problems import ModelError, Problem
from decision.model.records import Input
from decision.model.rows import cells_of
from decision.solve.inputs import scale_of
from decision.solve.openness import dead_ends

__all__ = ["EDGE", "Movement", "moved_row", "moved_weight", "movements"]

Array = NDArray[np.float64]
EDGE = 1e-12
"""How far inside 0 and 1 the line of a probability begins and ends."""


@dataclass(frozen=True, eq=False)
class Movement:
    """An input with a range, and the tables where it is a number.

    Attributes
    ----------
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
    scale : float
        The largest |total| of the base.
    still : float or None
        What of that is not the tables' that move; None where they are of probabilities.
    divisor : callable
        What a total of `at` is divided by, to be that of the changed model.
    factor : bool
        Whether it multiplies: its grid, where it needs one, has steps of one ratio.
    """

    name: str
    base: float
    low: float
    high: float
    first: float
    last: float
    nodes: tuple[str, ...]
    ruler: Ruler | None
    at: Callable[[float], dict[str, Array]]
    scale: float
    still: float | None = None
    divisor: Callable[[float], float] = lambda number: 1.0
    factor: bool = False

    def largest(self, numbers: Array) -> Array:
        """Return the largest |total| at each of some numbers."""
        if self.still is None:
            return np.full(len(numbers), self.scale)
        moved = [self.at(float(number)) for number in numbers]
        return np.array([self.still + _size(tables) for tables in moved])


def movements(model: InfluenceDiagram) -> list[Movement]:
    """Return every input that has a range, in file order, weights last.

    Raises
    ------
    ModelError
        For a probability of 0 or 1 whose range holds numbers at which some decision has
        no open option.
    """
    inputs = _Inputs(model)
    found, problems = [], []
    for row in model.inputs:
        if row.low is None or row.high is None or row.text == "rest":
            continue
        if row.state is None:
            found.append(inputs.value(row, row.low, row.high))
        elif len(model.states(row.node)) > 1:
            stuck = inputs.stuck(row)
            found.append(inputs.probability(row, row.low, row.high, bool(stuck)))
            if stuck and row.low < row.high:
                what = f"in the range {row.low:g} to {row.high:g}, {stuck[0].what}"
                problems.append(Problem(row.file, row.line, what, stuck[0].do))
    for value in model.values:
        if value.weight_low is not None or value.weight_high is not None:
            low = value.weight if value.weight_low is None else value.weight_low
            high = value.weight if value.weight_high is None else value.weight_high
            found.append(inputs.weight(value, low, high))
    if problems:
        raise ModelError(problems)
    return found


def moved_row(model: InfluenceDiagram, row: Input, low: float, high: float) -> Movement:
    """Return a row of the files as it moves in a model, changed elsewhere perhaps."""
    inputs = _Inputs(model)
    if row.state is None:
        return inputs.value(row, low, high)
    return inputs.probability(row, low, high, False)


def moved_weight(model: InfluenceDiagram, name: str, low: float, high: float) -> Movement:
    """Return the weight of a value node as it moves in a model."""
    return _Inputs(model).weight(model.node(name), low, high)


class _Inputs:
    """The inputs of a model, made movements; they share its tables."""

    def __init__(self, model: InfluenceDiagram) -> None:
        self.model, self.scale = model, scale_of(model)
        self.points = {v.name: np.asarray(model.utility(v.name)) for v in model.values}

    def _cells(self, row: Input) -> tuple[NDArray[np.intp], ...]:
        parents = [(name, self.model.states(name)) for name in self.model.given(row.node)]
        return cells_of(replace(row, state=None), parents)

    def _rows(self, row: Input) -> tuple[tuple[NDArray[np.intp], ...], Array, Array]:
        """Return where an input's rows stand in the table, and what they are at 0 and 1."""
        where = self._cells(row)
        rows = self.model.node(row.node).table[where]
        state = self.model.states(row.node).index(row.state or "")
        zeros = np.zeros(rows.shape[:-1])
        return where, covary(rows, state, zeros), covary(rows, state, zeros + 1)

    def stuck(self, row: Input) -> list[Problem]:
        """Return the situations without an open option that moving off 0 or 1 leads to."""
        if not self.model.structure.guards or row.number not in (0.0, 1.0):
            return []
        where, none, certain = self._rows(row)
        table = self.model.node(row.node).table.copy()
        table[where] = (none + certain) / 2
        return dead_ends(self.model.with_numbers({row.node: table}))

    def probability(self, row: Input, low: float, high: float, fixed: bool) -> Movement:
        """Return a row of probabilities.csv; a fixed one has no line."""
        where, none, certain = self._rows(row)
        table = self.model.node(row.node).table

        def at(number: float) -> dict[str, Array]:
            moved = table.copy()
            moved[where] = (1 - number) * none + number * certain
            return {row.node: moved}

        first, last = (row.number, row.number) if fixed else (EDGE, 1 - EDGE)
        nodes, ruler = (row.node,), Ruler(self.model.risk)
        return Movement(row.name, row.number, low, high, first, last, nodes, ruler, at, self.scale)

    def value(self, row: Input, low: float, high: float) -> Movement:
        """Return a row of values.csv."""
        where, points = self._cells(row), self.points[row.node]
        value: Value = self.model.node(row.node)
        weight, risk = self.model.weight(row.node), self.model.risk

        def at(number: float) -> dict[str, Array]:
            moved = points.copy()
            moved[where] = weight * _unweighted(value, np.float64(number))
            return {row.node: moved}

        ruler = Ruler(risk)
        if risk is not None:
            unit = _unweighted(value, np.float64(1.0)) - _unweighted(value, np.float64(0.0))
            ruler = Ruler(risk, weight * float(unit) / risk)
        nodes, still = (row.node,), self.scale - _size({row.node: points})
        return Movement(
            row.name, row.number, low, high, low, high, nodes, ruler, at, self.scale, still
        )

    def weight(self, value: Value, low: float, high: float) -> Movement:
        """Return a weight.

        Where weights are normalised, the totals of `at` keep the divisor of the base, so
        that their lines are straight; with risk there is no line, and all weights move.
        """
        model = self.model
        normalised = model.weights == "normalised"
        others = sum(v.weight for v in model.values if v.name != value.name)
        alone = normalised and others == 0  # it is divided by itself
        bent = normalised and model.risk is not None
        moving = model.values if bent else (value,)

        def total(number: float) -> float:
            return others + (value.weight if alone else number) if normalised else 1.0

        def at(number: float) -> dict[str, Array]:
            weights = {v.name: v.weight for v in model.values}
            weights[value.name] = value.weight if alone else number
            whole = total(number if bent else value.weight)
            return {v.name: weights[v.name] / whole * _unweighted(v, v.table) for v in moving}

        def divisor(number: float) -> float:
            return 1.0 if bent else total(number) / total(value.weight)

        name, base, nodes = f"weight({value.name})", value.weight, tuple(v.name for v in moving)
        ruler = Ruler() if model.risk is None else None
        still = self.scale - _size(at(base))
        return Movement(
            name, base, low, high, low, high, nodes, ruler, at, self.scale, still, divisor
        )


def _size(tables: dict[str, Array]) -> float:
    return sum(float(np.abs(table).max()) for table in tables.values())


def _unweighted(value: Value, amounts: Array | np.float64) -> Array:
    if value.worst is not None and value.best is not None:
        amounts = 100.0 * (amounts - value.worst) / (value.best - value.worst)
    return np.asarray(amounts)
