"""A plan written as numbers, for an interpreter to run.

Every table of a plan is a stretch of one array; every step is a row of integers: what to
do, how many cells to make, how many terms each, and where the operands of every term
stand. No step has more than two factors: a product of several is a chain of products of
two, in the plan's order, so that every number has the bits that `run` gives it.

A code is made once for a plan. *Held* code keeps every table, so that a later run can do
only the steps that follow from what changed. Otherwise a stretch whose table was read for
the last time is used again, and a batch stays in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass
from decision.solve.compiled import Plan
from decision.solve.steps import Step

__all__ = ["KINDS", "Code", "encoded"]

GATHERED = ("product", "sum", "ratio", "total", "opened", "closed", "and closed")
PLANAR = ("best", "open best", "choice", "open choice", "near", "stuck", "first")
KINDS = {name: i for i, name in enumerate((*GATHERED, *PLANAR, "one"))}
"""Numbers of the operations an interpreter knows.

Of a gathered one, the operands of every term of every cell are listed. A planar one reads
its tables as they stand, the options on the first axis.
"""
STEP = 8
"""Columns of a step: kind, output's place, cells, terms, then up to four times where its
operands are listed, or where the table begins."""
LARGEST = 2**22
"""Operands that a code lists at most; a larger plan spends its time in arithmetic."""

Lowered = tuple[str, tuple[int, ...], int, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Code:
    """A plan as numbers.

    Attributes
    ----------
    steps : ndarray of int64 (steps, 8)
    operands : ndarray of uint32
        Cells of the array, in the order the steps read them.
    places, cells : ndarray of int64 (tables,)
        Where each table's stretch begins, and its length.
    size : int
        Cells of the array.
    source : ndarray of int64 (steps,)
        The step of the plan that each step comes from.
    still : int
        How many of the first steps follow from no input that has a batch.
    given : int
        Cells of the inputs, which stand first.
    """

    steps: NDArray[np.int64]
    operands: NDArray[np.uint32]
    places: NDArray[np.int64]
    cells: NDArray[np.int64]
    size: int
    source: NDArray[np.int64]
    still: int
    given: int


@lru_cache(maxsize=64)
def encoded(plan: Plan, held: bool = False, wide: int = -1) -> Code | None:
    """Return a plan as numbers; None where that does not pay, or for logarithms.

    Parameters
    ----------
    plan : Plan
    held : bool
        Whether every table keeps its stretch.
    wide : int
        Which inputs have a batch, one bit each.
    """
    if plan.logarithmic or any(step.logarithmic for step in plan.steps):
        return None
    if sum(len(s.inputs) * plan.cells(s.scope + s.summed) for s in plan.steps) > LARGEST:
        return None
    scopes = list(plan.scopes)
    lowered = [(i, low) for i, s in enumerate(plan.steps) for low in _lowered(s, scopes)]
    moving = [bool(wide >> i & 1) for i in range(len(plan.inputs))] + [False] * len(scopes)
    for _, (_, inputs, output, _, _) in lowered:
        moving[output] = any(moving[number] for number in inputs)
    still = [pair for pair in lowered if not moving[pair[1][2]]]
    ordered = still + [pair for pair in lowered if moving[pair[1][2]]]
    steps = [low for _, low in ordered]
    cells = [plan.cells(scope) for scope in scopes]
    kept = {*range(len(plan.inputs)), *plan.outputs}
    kept.update(n for n in range(len(scopes)) if held or not moving[n])
    outputs = plan.outputs if held else ()
    places, size = _placed(steps, cells, kept, [*range(len(plan.inputs)), *outputs])
    rows, operands = _written(plan, steps, scopes, places)
    return Code(
        rows,
        operands,
        np.array(places, np.int64),
        np.array(cells, np.int64),
        size,
        np.array([i for i, _ in ordered], np.int64),
        len(still),
        sum(cells[: len(plan.inputs)]),
    )


def _lowered(step: Step, scopes: list[tuple[str, ...]]) -> Iterable[Lowered]:
    """Yield a step as operations an interpreter knows; adds the tables made on the way."""
    inputs, output, scope, summed = step.inputs, step.output, step.scope, step.summed
    if step.kind == "product":
        first, *others = inputs
        layout = summed + scope
        for other in others[:-1]:
            both = {*scopes[first], *scopes[other]}
            scopes.append(tuple(name for name in layout if name in both))
            yield "product", (first, other), len(scopes) - 1, scopes[-1], ()
            first = len(scopes) - 1
        kind = "product" if others else "sum"
        yield kind, (first, *others[-1:]), output, scope, summed
    elif step.kind == "total":
        yield from _chained("total", inputs[:2], inputs[2:], "total", output, scope)
    elif step.kind in ("allowed", "avoiding"):
        start = "opened" if step.kind == "allowed" else "closed"
        yield from _chained(start, inputs[:1], inputs[1:], "and closed", output, scope)
    elif step.kind in PLANAR:
        layouts = PLANES[step.kind]
        opened = len(inputs) > len(layouts)
        laid = []
        for number, whole in zip(inputs, (*layouts, True), strict=False):
            layout = summed + scope if whole else scope
            if scopes[number] != layout and scopes[number]:
                scopes.append(layout)
                yield "sum", (number,), len(scopes) - 1, layout, ()
                number = len(scopes) - 1
            laid.append(number)
        yield f"open {step.kind}" if opened else step.kind, tuple(laid), output, scope, summed
    else:
        yield step.kind, inputs, output, scope, summed


PLANES = {
    "best": (True,),
    "choice": (True, False, False),
    "near": (True, False),
    "stuck": (True,),
    "first": (True,),
}
"""Whether each table of a planar step has the axes that go too; one more says what is open."""


def _chained(
    start: str,
    first: tuple[int, ...],
    others: tuple[int, ...],
    then: str,
    output: int,
    scope: tuple[str, ...],
) -> Iterable[Lowered]:
    if start == "total" and len(first) == 1:
        start = "sum"
    yield start, first, output, scope, ()
    for other in others:
        yield then, (output, other), output, scope, ()


def _placed(
    steps: Sequence[Lowered], cells: Sequence[int], kept: set[int], first: Iterable[int]
) -> tuple[list[int], int]:
    """Return where each table's stretch begins, some first, and the length of the array."""
    last = {n: i for i, (_, inputs, output, _, _) in enumerate(steps) for n in (*inputs, output)}
    places, size = [-1] * len(cells), 0
    free: list[tuple[int, int]] = []
    for number in dict.fromkeys(first):
        places[number], size = size, size + cells[number]
    for i, (_, inputs, output, _, _) in enumerate(steps):
        if places[output] < 0:
            wanted = cells[output]
            fitting = [(length, place) for place, length in free if length >= wanted]
            if fitting:
                length, place = min(fitting)
                free.remove((place, length))
                if length > wanted:
                    free.append((place + wanted, length - wanted))
            else:
                place, size = size, size + wanted
            places[output] = place
        for number in {*inputs, output}:
            if last[number] == i and number not in kept:
                free = _joined([*free, (places[number], cells[number])])
    return places, size


def _joined(free: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return free stretches, those that touch as one."""
    found: list[tuple[int, int]] = []
    for place, length in sorted(free):
        if found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + length)
        else:
            found.append((place, length))
    return found


def _written(
    plan: Plan,
    steps: Sequence[Lowered],
    scopes: Sequence[tuple[str, ...]],
    places: Sequence[int],
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    rows = np.zeros((len(steps), STEP), np.int64)
    parts: list[NDArray[np.uint32]] = []
    position = 0
    for row, (kind, inputs, output, scope, summed) in zip(rows, steps, strict=True):
        row[:4] = KINDS[kind], places[output], plan.cells(scope), plan.cells(summed)
        for j, number in enumerate(inputs):
            if kind in PLANAR:
                row[4 + j] = places[number]
                continue
            listed = _operands(plan, scopes[number], summed, scope) + places[number]
            row[4 + j] = position
            parts.append(listed.astype(np.uint32))
            position += listed.size
        if kind == "near":
            row[2], row[3] = plan.cells(summed[1:]), plan.card[summed[0]]
    return rows, np.concatenate(parts) if parts else np.zeros(0, np.uint32)


def _operands(
    plan: Plan, scope: tuple[str, ...], summed: tuple[str, ...], made: tuple[str, ...]
) -> NDArray[np.int64]:
    """Return the cell of a table that is read for every term of every cell that is made."""
    layout = made + summed
    strides, stride = {}, 1
    for name in reversed(scope):
        strides[name] = stride
        stride *= plan.card[name]
    found = np.zeros([plan.card[name] for name in layout], np.int64)
    for axis, name in enumerate(layout):
        shape = [plan.card[name] if i == axis else 1 for i in range(len(layout))]
        found += np.arange(plan.card[name]).reshape(shape) * strides.get(name, 0)
    return found.ravel()
