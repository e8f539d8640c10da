"""Numpy's way through a plan: every step as a call, with its changes of axes worked out.

Multiplying, adding and maximising go number by number; a sum adds its terms one after
another, in an order the plan fixes. So a row of a batch has the same bits as that row
run alone.

Plans with exponential utility carry logarithms: products add, sums are log Σ exp, so
that no tolerance is so small that a path underflows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from decision.solve.compiled import Plan
from decision.solve.steps import Step
from decision.solve.ties import FLOOR, TIE

__all__ = ["IN_PLACE", "Operation", "program", "seen"]

Array = NDArray[Any]
View = tuple[int, tuple[int, ...] | None, tuple[int, ...] | None]
Operation = tuple[Callable[..., Array], list[View], Any, int, tuple[int, ...]]

FEW = 4
"""Options up to which comparing each two is quicker than sorting them."""

_programs: WeakKeyDictionary[Plan, list[Operation]] = WeakKeyDictionary()


def program(plan: Plan) -> list[Operation]:
    """Return the plan's steps as calls, with every change of axes worked out."""
    found = _programs.get(plan)
    if found is None:
        found = [
            _compiled(plan, step, done)
            for step, done in zip(plan.steps, plan.last_use, strict=True)
        ]
        _programs[plan] = found
    return found


def _compiled(plan: Plan, step: Step, done: tuple[int, ...]) -> Operation:
    layout = step.summed + step.scope
    views = [_view(plan, number, layout) for number in step.inputs]
    shape = tuple(plan.card[name] for name in step.scope)
    summed = plan.cells(step.summed)
    operation = OPERATIONS[step.kind]
    if step.kind == "product" and step.logarithmic:
        operation = _product_of_logarithms
    elif step.kind == "ratio" and step.logarithmic:
        operation = _equivalent
    elif step.kind == "product" and len(views) == 2:
        operation = _product_of_two
    return operation, views, (shape, summed), step.output, done


def _view(plan: Plan, number: int, layout: tuple[str, ...]) -> View:
    """Return how a table's axes come to stand as in a layout, with 1 for those it lacks."""
    scope = plan.scopes[number]
    wanted = [name for name in layout if name in scope]
    moved = tuple(scope.index(name) for name in wanted)
    spread = tuple(plan.card[name] if name in scope else 1 for name in layout)
    return (
        number,
        None if moved == tuple(range(len(moved))) else (*moved, len(scope)),
        None if len(spread) == len(scope) else spread,
    )


def seen(table: Array, moved: tuple[int, ...] | None, spread: tuple[int, ...] | None) -> Array:
    """Return a table with its axes as a step wants them: as its `View` says."""
    if moved is not None:
        table = table.transpose(moved)
    return table if spread is None else table.reshape(spread + table.shape[-1:])


def _sum(table: Array, shape: tuple[tuple[int, ...], int]) -> Array:
    """Return a contiguous table summed over its first axes, one term after another."""
    scope, terms = shape
    batch = table.shape[-1]
    if terms > 1:
        table = table.reshape(terms, -1)
        # One number left: numpy would add it up in pairs, as it does in no wider table.
        table = np.add.accumulate(table)[-1] if table.size == terms else np.add.reduce(table)
    return table.reshape((*scope, batch))


def _product_of_two(inputs: Sequence[Array], shape: Any) -> Array:
    return _sum(np.multiply(inputs[0], inputs[1], order="C"), shape)


def _product(inputs: Sequence[Array], shape: Any) -> Array:
    if len(inputs) == 1:
        return _sum(np.ascontiguousarray(inputs[0]), shape)
    table = inputs[0]
    for other in inputs[1:]:
        table = np.multiply(table, other, order="C")
    return _sum(table, shape)


def _product_of_logarithms(inputs: Sequence[Array], shape: Any) -> Array:
    scope, terms = shape
    table = np.ascontiguousarray(inputs[0])
    for other in inputs[1:]:
        table = np.add(table, other, order="C")
    batch = table.shape[-1]
    if terms == 1:
        return table.reshape((*scope, batch))
    table = table.reshape(terms, -1)
    top = np.maximum.reduce(table)
    top = np.where(np.isfinite(top), top, 0.0)
    parts = _sum(np.exp(table - top), ((), terms))
    return (top + _logarithm(parts)).reshape((*scope, batch))


def _logarithm(table: Array) -> Array:
    """Return the natural logarithm, −∞ of 0."""
    with np.errstate(divide="ignore"):
        return np.log(table)


def _ratio(inputs: Sequence[Array], shape: Any) -> Array:
    above, below = inputs
    wide = np.broadcast(above, below).shape
    return np.divide(above, below, out=np.zeros(wide), where=below != 0)


def _equivalent(inputs: Sequence[Array], shape: Any) -> Array:
    above, tolerance = inputs[0], inputs[-1]
    if len(inputs) == 3:
        happens = np.isfinite(inputs[1])
        above = np.subtract(
            above, inputs[1], out=np.zeros(np.broadcast(above, inputs[1]).shape), where=happens
        )
    return np.where(np.isfinite(above), -tolerance * np.where(np.isfinite(above), above, 0), 0)


def _back(inputs: Sequence[Array], shape: Any) -> Array:
    return inputs[0] / -inputs[1]


def _total(inputs: Sequence[Array], shape: Any) -> Array:
    table = inputs[0]
    for other in inputs[1:]:
        table = np.add(table, other, order="C")
    return table


def _allowed(inputs: Sequence[Array], shape: Any) -> Array:
    table = inputs[0] > 0
    for other in inputs[1:]:
        table = table & (other == 0)
    return np.asarray(table, dtype=np.float64)


def _avoiding(inputs: Sequence[Array], shape: Any) -> Array:
    table = inputs[0] == 0
    for other in inputs[1:]:
        table = table & (other == 0)
    return np.asarray(table, dtype=np.float64)


def _stuck(inputs: Sequence[Array], shape: Any) -> Array:
    return np.asarray(1.0 - np.maximum.reduce(inputs[0]))


def _best(inputs: Sequence[Array], shape: Any) -> Array:
    if len(inputs) == 1:
        return np.asarray(np.maximum.reduce(inputs[0]))
    best = np.maximum.reduce(np.where(inputs[1] > 0, inputs[0], -np.inf))
    return np.where(np.isfinite(best), best, 0.0)


def _choice(inputs: Sequence[Array], shape: Any) -> Array:
    worths, best, scale = inputs[0], inputs[1], inputs[2]
    if len(inputs) == 4:
        worths = np.where(inputs[3] > 0, worths, -np.inf)
    bound = TIE * np.maximum(np.abs(best), FLOOR * scale)
    return np.asarray((best - worths <= bound).argmax(axis=0))


def _near(inputs: Sequence[Array], shape: Any) -> Array:
    worths, scale = inputs
    rows = worths.shape[-1]
    if len(worths) == 1:
        return np.zeros(rows)
    if len(worths) <= FEW:
        gaps = [np.abs(one - other) for one, other in combinations(worths, 2)]
    else:
        gaps = [np.diff(np.sort(worths, axis=0), axis=0)]
    least = np.minimum.reduce([np.minimum.reduce(gap.reshape(-1, rows)) for gap in gaps])
    return np.asarray(least <= TIE * scale.reshape(-1), dtype=np.float64)


def _one(inputs: Sequence[Array], shape: Any) -> Array:
    return np.ones(1)


def _first(inputs: Sequence[Array], shape: Any) -> Array:
    return np.asarray((inputs[0] > 0).argmax(axis=0))


OPERATIONS: dict[str, Callable[..., Array]] = {
    "product": _product,
    "ratio": _ratio,
    "back": _back,
    "total": _total,
    "allowed": _allowed,
    "avoiding": _avoiding,
    "stuck": _stuck,
    "best": _best,
    "choice": _choice,
    "first": _first,
    "near": _near,
    "one": _one,
}

IN_PLACE: dict[Callable[..., Array], str] = {
    _product_of_two: "product",
    _total: "total",
    _best: "best",
}
"""Kernels that a workspace has its own way of running."""
