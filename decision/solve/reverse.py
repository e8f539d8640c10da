"""The way back through a plan: how its answer moves with every number that went in.

Reverse accumulation (Griewank and Walther 2008, "Evaluating derivatives", 2nd edition, SIAM,
ch. 3; for networks Darwiche 2003, "A differential approach to inference in Bayesian networks",
JACM 50(3), doi:10.1145/765568.765570): one run forward keeps every table; one run backward
gives each step's inputs their share of the slope of its output. Through the best of several
options goes the slope of the one that is chosen.

A quotient by a probability of 0 has no slope; whether there was one is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass, replace
from decision.solve.code import KINDS, Code, encoded
from decision.solve.compiled import CELL, Plan
from decision.solve.engine import interpreter
from decision.solve.kernels import program, seen
from decision.solve.run import CACHE, FEWEST, NEAREST, Pool, pool_of
from decision.solve.steps import Key, Step

__all__ = ["Slopes", "cells", "slopes"]

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Slopes:
    """A plan's value and its slopes.

    Attributes
    ----------
    value : ndarray (rows,)
    numbers, flat : ndarray (cells, rows)
        The inputs, one after another as `plan.inputs` has them, and the slopes by them.
    near : ndarray (rows,) of bool
        Where options may tie once all of the total is counted (`Plan.near`).
    empty : bool
        Whether something was divided by a probability of 0.
    """

    value: Array
    numbers: Array
    flat: Array
    near: Array
    empty: bool


def slopes(plan: Plan, arrays: Mapping[Key, Array]) -> Slopes:
    """Return the value of a plan and its slope by every cell of its inputs.

    Parameters
    ----------
    plan : Plan
        Not logarithmic. Its value is its `value`, or else its only output.
    arrays : mapping of (kind, name) to ndarray
        Its inputs, a last axis for the batch.
    """
    pool = pool_of(plan)
    alone = None if pool is None else _in_workspace(pool, plan, arrays)
    if alone is not None:
        return alone
    rows = max((array.shape[-1] for array in arrays.values()), default=1)
    module = interpreter(plan, 3 * rows)
    code = encoded(plan, held=True) if module else None
    if module and code:
        width = min(rows, max(FEWEST, NEAREST // (2 * CELL * max(code.size, 1))))
        room = np.empty((2, code.size * width))
    else:
        width = max(2, CACHE // max(CELL * cells(plan), 1))
    parts = []
    for start in range(0, rows, width):
        part = {
            key: array if array.shape[-1] == 1 else array[..., start : start + width]
            for key, array in arrays.items()
        }
        number = min(width, rows - start)
        if module and code:
            table, moved = room[:, : code.size * number].reshape(2, code.size, number)
            made = _interpreted(module, code, plan, part, table, moved)
            parts.append(replace(made, flat=made.flat.copy()))  # the room is used again
        else:
            parts.append(_backward(plan, *_forward(plan, part), number))
    if len(parts) == 1:
        return parts[0]
    return Slopes(
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.numbers for part in parts], axis=1),
        np.concatenate([part.flat for part in parts], axis=1),
        np.concatenate([part.near for part in parts]),
        any(part.empty for part in parts),
    )


def _in_workspace(pool: Pool, plan: Plan, arrays: Mapping[Key, Array]) -> Slopes | None:
    """Return the slopes of one row; nothing for a batch.

    What the last run left is the run forward, but for what changed.
    """
    workspace = pool.taken()
    if workspace.run(arrays) is None:
        pool.idle.append(workspace)
        return None
    if workspace.module and workspace.code:
        code, table = workspace.code, workspace.table
        found = np.zeros(code.size)
        found[code.places[_value(plan)]] = 1.0
        chosen, below = _marks(plan, code)
        workspace.module.back(code.steps, code.operands, chosen, table, found)
        slopes_ = _told(plan, code, table.reshape(-1, 1), found.reshape(-1, 1), below)
    else:
        slopes_ = _backward(plan, workspace.tables, workspace.views, 1)
    pool.idle.append(workspace)
    return slopes_


@lru_cache(maxsize=64)
def cells(plan: Plan) -> int:
    """Return the cells of all tables of a plan: they are kept, and their slopes as well."""
    return sum(plan.cells(scope) for scope in plan.scopes)


def _value(plan: Plan) -> int:
    return plan.outputs[0] if plan.value is None else plan.value


@lru_cache(maxsize=64)
def _chosen(plan: Plan) -> dict[int, int]:
    """Return the table of chosen options of each table of what options are worth."""
    return {step.inputs[0]: step.output for step in plan.steps if step.kind == "choice"}


# -- numba ----------------------------------------------------------------------


@lru_cache(maxsize=64)
def _marks(plan: Plan, code: Code) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where chosen options stand, for each step; and all that is divided by."""
    chosen = np.zeros(len(code.steps), np.int64)
    below = []
    for place, (kind, source) in enumerate(zip(code.steps[:, 0], code.source, strict=True)):
        step = plan.steps[source]
        if kind in (KINDS["best"], KINDS["open best"]):
            chosen[place] = code.places[_chosen(plan)[step.inputs[0]]]
        elif kind == KINDS["ratio"]:
            start = code.places[step.inputs[1]]
            below.append(np.arange(start, start + code.cells[step.inputs[1]]))
    return chosen, np.concatenate(below) if below else np.zeros(0, np.int64)


def _interpreted(
    module: ModuleType,
    code: Code,
    plan: Plan,
    arrays: Mapping[Key, Array],
    table: Array,
    found: Array,
) -> Slopes:
    for i, (key, _) in enumerate(plan.inputs):
        place, array = code.places[i], arrays[key]
        table[place : place + code.cells[i]] = array.reshape(-1, array.shape[-1])
    found[:] = 0.0
    found[code.places[_value(plan)]] = 1.0
    chosen, below = _marks(plan, code)
    module.run_rows(code.steps, code.operands, 0, len(code.steps), table)
    module.back_rows(code.steps, code.operands, chosen, table, found)
    return _told(plan, code, table, found, below)


def _told(plan: Plan, code: Code, table: Array, found: Array, below: NDArray[np.int64]) -> Slopes:
    """Return what a run forward and one backward left, as copies."""
    rows, given = table.shape[1], code.given
    near = np.zeros(rows, bool) if plan.near is None else table[code.places[plan.near]] > 0
    empty = bool(below.size and np.count_nonzero(table[below]) < below.size * rows)
    value = table[code.places[_value(plan)]].copy()
    return Slopes(value, table[:given].copy(), found[:given], near, empty)


# -- numpy ----------------------------------------------------------------------


def _forward(plan: Plan, arrays: Mapping[Key, Array]) -> tuple[list[Any], list[list[Array]]]:
    """Return every table of a plan, and the inputs of every step as it wants them."""
    tables: list[Any] = [arrays[key] for key, _ in plan.inputs]
    tables += [None] * (len(plan.scopes) - len(tables))
    spread: list[list[Array]] = []
    for kernel, views, terms, output, _ in program(plan):
        spread.append([seen(tables[number], moved, shape) for number, moved, shape in views])
        tables[output] = kernel(spread[-1], terms)
    return tables, spread


def _backward(
    plan: Plan, tables: Sequence[Any], spread: Sequence[Sequence[Array]], rows: int
) -> Slopes:
    found: list[Any] = [None] * len(tables)
    value = _value(plan)
    found[value] = np.ones((*tables[value].shape[:-1], rows))
    empty = False
    for step, inputs in zip(reversed(_returns(plan)), reversed(spread), strict=True):
        slope = found[step.output]
        if step.kind == "ratio":
            empty = empty or not inputs[1].all()
        if slope is None:
            continue
        found[step.output] = None
        wide = slope.reshape(step.wide + slope.shape[-1:])
        if step.kind == "best":
            options = np.arange(step.options).reshape(-1, *[1] * (slope.ndim))
            wide = wide * (tables[_chosen(plan)[step.gathers[0].number]] == options)
        for gather in step.gathers:
            part = _gathered(gather, _share(step, gather.place, inputs, wide))
            before = found[gather.number]
            found[gather.number] = part if before is None else before + part
    flat, numbers = [], []
    for i, (_, scope) in enumerate(plan.inputs):
        shape = (*(plan.card[name] for name in scope), rows)
        slope, number = found[i], tables[i]
        if slope is None:
            slope = np.zeros(shape)
        elif slope.shape != shape:
            slope = np.broadcast_to(slope, shape)
        if number.shape != shape:
            number = np.broadcast_to(number, shape)
        flat.append(slope.reshape(-1, rows))
        numbers.append(number.reshape(-1, rows))
    near = np.zeros(rows, bool)
    if plan.near is not None:
        near |= tables[plan.near] > 0
    value_ = np.array(np.broadcast_to(tables[value].reshape(-1), rows))
    return Slopes(value_, np.concatenate(numbers), np.concatenate(flat), near, empty)


@dataclass(frozen=True)
class _Gather:
    """How the slope by an input of a step comes to stand as the input does.

    Attributes
    ----------
    place, number : int
        Of the input in its step, and of its table.
    summed : tuple of int
        Axes of the layout that the input lacks.
    times : float
        How often a sum over axes counts what has none of them.
    shape, moved : tuple of int
        Of the input's axes in the layout's order, and their way back to the input's.
    spread : tuple of int or None
        The shape before, where not all axes of the input are there yet.
    """

    place: int
    number: int
    summed: tuple[int, ...]
    times: float
    spread: tuple[int, ...] | None
    shape: tuple[int, ...]
    moved: tuple[int, ...] | None


@dataclass(frozen=True)
class _Return:
    """A step on the way back: its output, the shape of the slope, and its inputs."""

    kind: str
    output: int
    wide: tuple[int, ...]
    options: int
    gathers: tuple[_Gather, ...]


MOVES = {"product": None, "total": None, "ratio": None, "best": 1}
"""Operations whose answer moves with their inputs, and how many of these."""


@lru_cache(maxsize=64)
def _returns(plan: Plan) -> tuple[_Return, ...]:
    """Return the way back through a plan's steps; only to what can be moved."""
    free = [key[0] in ("chance", "value") for key, _ in plan.inputs] + [False] * len(plan.scopes)
    found = []
    for step in plan.steps:
        moved = step.inputs[: MOVES[step.kind]] if step.kind in MOVES else ()
        free[step.output] = any(free[number] for number in moved)
        wide = (*[1] * len(step.summed), *(plan.card[name] for name in step.scope))
        gathers = tuple(
            _gather(plan, step, place) for place, number in enumerate(moved) if free[number]
        )
        found.append(_Return(step.kind, step.output, wide, plan.cells(step.summed), gathers))
    return tuple(found)


def _gather(plan: Plan, step: Step, place: int) -> _Gather:
    layout, number = step.summed + step.scope, step.inputs[place]
    scope = plan.scopes[number]
    there = set(layout if step.kind == "best" else step.scope)
    if step.kind in ("product", "ratio"):
        there.update(*(plan.scopes[n] for i, n in enumerate(step.inputs) if i != place))
    summed = tuple(i for i, name in enumerate(layout) if name not in scope)
    times = 1.0
    for i in summed:
        times *= 1 if layout[i] in there else plan.card[layout[i]]
    kept = [name for name in layout if name in scope]
    shape = tuple(plan.card[name] for name in kept)
    whole = all(name in there for name in kept)
    moved = (*(kept.index(name) for name in scope), len(kept))
    return _Gather(
        place,
        number,
        summed,
        times,
        None if whole else tuple(plan.card[name] if name in there else 1 for name in kept),
        shape,
        None if moved == tuple(range(len(moved))) else moved,
    )


def _share(step: _Return, place: int, inputs: Sequence[Array], slope: Array) -> Array:
    """Return the slope by one input: times all other factors, or as a quotient has it."""
    if step.kind == "product":
        for i, other in enumerate(inputs):
            if i != place:
                slope = slope * other
    elif step.kind == "ratio":
        above, below = inputs
        there = below != 0
        below = np.where(there, below, 1.0)
        slope = slope * np.where(there, 1.0 / below, 0.0)
        if place == 1:
            slope = -slope * above / below
    return slope


def _gathered(gather: _Gather, part: Array) -> Array:
    """Return a table summed over the axes that an input lacks, in the input's order."""
    if gather.summed:
        part = np.add.reduce(part, axis=gather.summed)
        if gather.times != 1.0:
            part = part * gather.times
    if gather.spread is not None:
        part = np.broadcast_to(part, gather.shape + part.shape[-1:])
    return part if gather.moved is None else part.transpose(gather.moved)
