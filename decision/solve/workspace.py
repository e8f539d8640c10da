"""A plan's tables kept from run to run, for a model whose numbers change one at a time.

Where there is no batch, starting steps costs more than their arithmetic. So a workspace
holds an array for every table of a plan, with each step's views on them made once, and
remembers what it was given: an input that is the same array as before is not read again,
and of the steps only those that follow from an input that changed are run. What a step
computes is what `run` computes, operation by operation, so that the bits are the same.

A workspace serves one run at a time: it is taken from its plan's pool and put back; a
run that finds none makes one, and one that fails leaves none behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.solve.compiled import CELL, Plan
from decision.solve.steps import Key

__all__ = ["ROOM", "Workspace", "fits"]

Array = NDArray[Any]
Call = Callable[[], None]
Kernel = Callable[[Sequence[Array], Any], Array]

ROOM = 2**20
"""Bytes of a workspace, at most; a larger plan spends its time in arithmetic."""
SEQUENCES = 256
"""Sets of changed inputs whose steps a workspace remembers."""
WHOLE = {"choice": np.intp, "first": np.intp}


class Workspace:
    """Arrays for the tables of a plan, and its steps as calls upon them.

    Parameters
    ----------
    plan : Plan
    operations : sequence of (kernel, views, shape, output, done)
        The plan's program.
    kernels : mapping of kernel to str
        Those that can write in place: "product", "best", "total".
    """

    def __init__(
        self, plan: Plan, operations: Sequence[tuple[Any, ...]], kernels: Mapping[Kernel, str]
    ) -> None:
        self.plan = plan
        kinds = {step.output: WHOLE.get(step.kind, np.float64) for step in plan.steps}
        self.tables: list[Array] = [
            np.empty([*(plan.card[name] for name in scope), 1], dtype=kinds.get(i, np.float64))
            for i, scope in enumerate(plan.scopes)
        ]
        self.scratch = np.empty(
            max((plan.cells(s.scope + s.summed) for s in plan.steps), default=1)
        )
        self.given: list[Array | None] = [None] * len(plan.inputs)
        self.calls = [self._call(step, kernels) for step in operations]
        self.keys = [key for key, _ in plan.inputs]
        self.follows = [1 << i for i in range(len(self.keys))]
        self.follows += [0] * (len(plan.scopes) - len(self.keys))
        self.started = 1 << len(self.keys)
        for step in plan.steps:
            follows = 0 if step.inputs else self.started
            for number in step.inputs:
                follows |= self.follows[number]
            self.follows[step.output] = follows
        self.kept: dict[int, Array] = {}
        self.sequences: dict[int, tuple[list[Call], list[int]]] = {}

    def run(self, arrays: Mapping[Key, Array]) -> list[Any]:
        """Return the plan's tables by number; those not kept are None."""
        given = self.given
        changed, self.started = self.started, 0
        for i, key in enumerate(self.keys):
            array = arrays[key]
            if array is not given[i]:
                np.copyto(self.tables[i], array)
                given[i] = array
                changed |= 1 << i
        calls, fresh = self._sequence(changed)
        for call in calls:
            call()
        for number in fresh:
            copied = self.tables[number].copy()
            copied.setflags(write=False)
            self.kept[number] = copied
        tables: list[Any] = [None] * len(self.tables)
        for number, table in self.kept.items():
            tables[number] = table
        return tables

    def _sequence(self, changed: int) -> tuple[list[Call], list[int]]:
        """Return the steps that follow from changed inputs, and what is kept of them."""
        found = self.sequences.get(changed)
        if found is None:
            if len(self.sequences) >= SEQUENCES:
                self.sequences.clear()
            steps = zip(self.plan.steps, self.calls, strict=True)
            calls = [call for step, call in steps if self.follows[step.output] & changed]
            fresh = [n for n in dict.fromkeys(self.plan.outputs) if self.follows[n] & changed]
            found = self.sequences[changed] = (calls, fresh)
        return found

    def _call(self, operation: tuple[Any, ...], kernels: Mapping[Kernel, str]) -> Call:
        kernel, views, (shape, terms), output, _ = operation
        inputs = []
        for number, moved, spread in views:
            table = self.tables[number]
            if moved is not None:
                table = table.transpose(moved)
            if spread is not None:
                table = table.reshape((*spread, 1))
                assert np.may_share_memory(table, self.tables[number]), "a copy would go stale"
            inputs.append(table)
        out = self.tables[output]
        kind = kernels.get(kernel, "")
        if kind == "product" and len(inputs) == 2:
            return self._product(inputs, terms, out)
        if kind == "total" and len(inputs) > 1:
            return _total(inputs, out)
        if kind == "best" and len(inputs) == 1:
            return _best(inputs[0], out)
        return lambda: np.copyto(out, kernel(inputs, (shape, terms)))

    def _product(self, inputs: list[Array], terms: int, out: Array) -> Call:
        first, second = inputs
        multiply, add = np.multiply, np.add
        if terms == 1:
            whole = out.reshape(np.broadcast_shapes(first.shape, second.shape))

            def plain() -> None:
                multiply(first, second, out=whole)

            return plain
        wide = np.broadcast_shapes(first.shape, second.shape)
        scratch = self.scratch[: out.size * terms]
        product, rows, sums = scratch.reshape(wide), scratch.reshape(terms, -1), out.reshape(-1)
        if out.size == 1:  # numpy would add these up in pairs: see `run`

            def single() -> None:
                multiply(first, second, out=product)
                sums[0] = add.accumulate(scratch)[-1]

            return single

        def summed() -> None:
            multiply(first, second, out=product)
            add.reduce(rows, axis=0, out=sums)

        return summed


def _total(inputs: list[Array], out: Array) -> Call:
    first, second, *rest = inputs

    def total() -> None:
        np.add(first, second, out=out)
        for other in rest:
            np.add(out, other, out=out)

    return total


def _best(table: Array, out: Array) -> Call:
    def best() -> None:
        np.maximum.reduce(table, axis=0, out=out)

    return best


def fits(plan: Plan) -> bool:
    """Whether a plan is small enough for a workspace."""
    tables = sum(plan.cells(scope) for scope in plan.scopes)
    scratch = max((plan.cells(s.scope + s.summed) for s in plan.steps), default=1)
    return (2 * tables + scratch) * CELL <= ROOM
