"""A plan over arrays: numbers in, numbers out, any number of rows at once.

Every array has a last axis for the batch (draws, branches, perspectives), of the
batch's length or 1. The axes before it are those the plan says. A row of a batch has the
same bits as that row run alone, whichever engine runs it (`engine`), and however the batch
is cut: a long one goes through in pieces whose tables stay in the processor's cache.

A small plan that is run again without a batch is run in a `workspace`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import replace
from decision.solve.code import Code, encoded
from decision.solve.compiled import CELL, Plan
from decision.solve.engine import interpreter
from decision.solve.kernels import program, seen
from decision.solve.steps import Key
from decision.solve.workspace import WHOLE, Workspace, fits

__all__ = ["Pool", "pool_of", "run", "trimmed"]

Array = NDArray[Any]

POOLS = 32
"""Plans whose workspaces are kept."""
CACHE = 3 * 2**20
"""Bytes of tables that numpy keeps near the processor."""
NEAREST = 2**20
"""Bytes of tables that numba does: it has no call to pay for each piece."""
FEWEST = 32
"""Rows that numba takes at once, at least: fewer would not fill its loops."""


def run(plan: Plan, arrays: Mapping[Key, Array]) -> Sequence[Any]:
    """Run a plan and return its tables by number; those not kept are None.

    Parameters
    ----------
    plan : Plan
    arrays : mapping of (kind, name) to ndarray
        The plan's inputs: axes as `plan.inputs` says, then the batch axis.
    """
    pool = pool_of(plan)
    tables = None if pool is None else pool.run(arrays)
    if tables is not None:
        return tables
    rows = max((array.shape[-1] for array in arrays.values()), default=1)
    if rows == 1:
        return _run(plan, arrays)
    module = interpreter(plan, rows)
    wide = sum(1 << i for i, (key, _) in enumerate(plan.inputs) if arrays[key].shape[-1] > 1)
    code = encoded(plan, wide=wide) if module else None
    if module and code:
        return _interpreted(module, code, plan, arrays, rows)
    return _in_pieces(plan, arrays, rows)


@lru_cache(maxsize=256)
def trimmed(plan: Plan, outputs: tuple[int, ...]) -> Plan:
    """Return a plan that keeps only some of its tables, without the steps they do not need.

    Numbers of tables stay.
    """
    needed, steps = set(outputs), []
    for step in reversed(plan.steps):
        if step.output in needed:
            steps.append(step)
            needed.update(step.inputs)
    return replace(plan, steps=tuple(reversed(steps)), outputs=outputs)


# -- numpy ----------------------------------------------------------------------


def _run(plan: Plan, arrays: Mapping[Key, Array]) -> list[Any]:
    tables: list[Any] = [None] * len(plan.scopes)
    inputs: Any
    for i, (key, _) in enumerate(plan.inputs):
        tables[i] = arrays.get(key)
    for operation, views, shape, output, done in program(plan):
        inputs = [seen(tables[number], moved, spread) for number, moved, spread in views]
        tables[output] = operation(inputs, shape)
        inputs = None  # else they outlive their last use by a step
        for number in done:
            tables[number] = None
    return tables


def _in_pieces(plan: Plan, arrays: Mapping[Key, Array], rows: int) -> list[Any]:
    piece = max(2, CACHE // max(plan.cost.bytes, CELL))  # of 1, who can tell if it is a batch?
    if piece >= rows:
        return _run(plan, arrays)
    found: list[Any] = []
    for start in range(0, rows, piece):
        part = {
            key: array if array.shape[-1] == 1 else array[..., start : start + piece]
            for key, array in arrays.items()
        }
        tables = _run(plan, part)
        if not found:
            found = [None] * len(tables)
            for number in plan.outputs:
                table = tables[number]
                wide = table.shape[-1] > 1
                found[number] = np.empty((*table.shape[:-1], rows if wide else 1), table.dtype)
        for number in plan.outputs:
            whole = found[number]
            if whole.shape[-1] == rows:
                whole = whole[..., start : start + piece]
            whole[...] = tables[number]
    return found


# -- numba ----------------------------------------------------------------------


def _interpreted(
    module: ModuleType, code: Code, plan: Plan, arrays: Mapping[Key, Array], rows: int
) -> list[Any]:
    width = max(FEWEST, NEAREST // (CELL * max(code.size, 1)))
    width = -(-rows // -(-rows // width))  # pieces of one length
    found: list[Any] = [None] * len(plan.scopes)
    kinds = {step.output: WHOLE.get(step.kind, np.float64) for step in plan.steps}
    for number in plan.outputs:
        shape = (*(plan.card[name] for name in plan.scopes[number]), rows)
        found[number] = np.empty(shape, kinds.get(number, np.float64))
    table = np.empty((code.size, 0))
    for start in range(0, rows, width):
        stop = min(rows, start + width)
        fresh = table.shape[1] != stop - start
        if fresh:
            table = np.empty((code.size, stop - start))
        for i, (key, _) in enumerate(plan.inputs):
            array = arrays[key]
            if array.shape[-1] > 1:
                array = array[..., start:stop]
            elif not fresh:
                continue
            place = code.places[i]
            table[place : place + code.cells[i]] = array.reshape(-1, array.shape[-1])
        first = 0 if fresh else code.still
        module.run_rows(code.steps, code.operands, first, len(code.steps), table)
        for number in plan.outputs:
            place, cells = code.places[number], code.cells[number]
            whole = found[number].reshape(-1, rows)
            whole[:, start:stop] = table[place : place + cells]
    return found


# -- again and again --------------------------------------------------------------


class Pool:
    """The workspaces of a plan that no run is using."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.again = plan, False
        self.idle: list[Workspace] = []

    def run(self, arrays: Mapping[Key, Array]) -> Sequence[Any] | None:
        """Run the plan; None at first, when it may never be run again, and for a batch."""
        if not self.again:
            self.again = True
            return None
        workspace = self.taken()
        tables = workspace.run(arrays)
        self.idle.append(workspace)
        return tables

    def taken(self) -> Workspace:
        """Return a workspace for one run; it is put back among the idle ones, if all went well."""
        module = interpreter(self.plan)
        try:
            workspace = self.idle.pop()
        except IndexError:
            return Workspace(self.plan, module)
        return workspace if workspace.module is module else Workspace(self.plan, module)


@lru_cache(maxsize=POOLS)
def pool_of(plan: Plan) -> Pool | None:
    """Return the workspaces of a plan; None of a large one."""
    return Pool(plan) if fits(plan) else None
