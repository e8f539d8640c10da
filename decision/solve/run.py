"""A plan over arrays: numbers in, numbers out, any number of rows at once.

Every array has a last axis for the batch (draws, branches, perspectives), of the
batch's length or 1. The axes before it are those the plan says. Multiplying, adding
and maximising go number by number; a sum adds its terms one after another, in an order
the plan fixes. So a row of a batch has the same bits as that row run alone.

Plans with exponential utility carry logarithms: products add, sums are log Σ exp, so
that no tolerance is so small that a path underflows.

A small plan that is run again without a batch is run in a `workspace`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from decision.solve.compiled import Plan
from decision.solve.steps import Key, Step
from decision.solve.workspace import Workspace, fits

__all__ = ["TIE", "run"]

Array = NDArray[Any]
View = tuple[int, tuple[int, ...] | None, tuple[int, ...] | None]
Operation = tuple[Callable[..., Array], list[View], Any, int, tuple[int, ...]]

POOLS = 32
"""Plans whose workspaces are kept."""
TIE = 1e-9
"""Relative difference at which two totals tie."""
FLOOR = 1e-3
"""Share of the largest |total| below which a difference is not relative any more."""


def run(plan: Plan, arrays: Mapping[Key, Array]) -> list[Array]:
    """Run a plan and return its tables by number; those not kept are None.

    Parameters
    ----------
    plan : Plan
    arrays : mapping of (kind, name) to ndarray
        The plan's inputs: axes as `plan.inputs` says, then the batch axis.
    """
    pool = _pool(plan)
    if pool is not None and all(array.shape[-1] == 1 for array in arrays.values()):
        pool.runs += 1
        if pool.runs > 1:
            return pool.run(arrays)
    return _run(plan, arrays)


def _run(plan: Plan, arrays: Mapping[Key, Array]) -> list[Array]:
    tables: list[Any] = [None] * len(plan.scopes)
    table: Any
    inputs: Any
    for i, (key, _) in enumerate(plan.inputs):
        tables[i] = arrays.get(key)
    for operation, views, shape, output, done in program(plan):
        inputs = []
        for number, moved, spread in views:
            table = tables[number]
            if moved is not None:
                table = table.transpose(moved)
            if spread is not None:
                table = table.reshape(spread + table.shape[-1:])
            inputs.append(table)
        tables[output] = operation(inputs, shape)
        inputs = table = None  # else they outlive their last use by a step
        for number in done:
            tables[number] = None
    return tables


class _Pool:
    """The workspaces of a plan that no run is using."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.runs = plan, 0
        self.idle: list[Workspace] = []

    def run(self, arrays: Mapping[Key, Array]) -> list[Array]:
        try:
            workspace = self.idle.pop()
        except IndexError:
            workspace = Workspace(self.plan, program(self.plan), IN_PLACE)
        tables = workspace.run(arrays)
        self.idle.append(workspace)
        return tables


@lru_cache(maxsize=POOLS)
def _pool(plan: Plan) -> _Pool | None:
    return _Pool(plan) if fits(plan) else None


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
    "one": _one,
}

IN_PLACE: dict[Callable[..., Array], str] = {
    _product_of_two: "product",
    _total: "total",
    _best: "best",
}
"""Kernels that a workspace has its own way of running."""
