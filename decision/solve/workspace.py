"""A plan's tables kept from run to run, for a model whose numbers change one at a time.

Where there is no batch, starting steps costs more than their arithmetic. So a workspace
holds an array for every table of a plan, with each step's views on them made once, and
remembers what it was given: an input that is the same array as before is not read again,
and of the steps only those that follow from an input that changed are run. What a step
computes is what `run` computes, operation by operation, so that the bits are the same.

What is kept of a run stands together and is copied in one piece; a table of it is cut out
when it is asked for.

A workspace serves one run at a time: it is taken from its plan's pool and put back; a
run that finds none makes one, and one that fails leaves none behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from decision.solve.code import encoded
from decision.solve.compiled import CELL, Plan
from decision.solve.kernels import IN_PLACE, program, seen
from decision.solve.steps import Key

__all__ = ["ROOM", "WHOLE", "Kept", "Workspace", "fits"]

Array = NDArray[Any]
Call = Callable[[], None]

ROOM = 2**20
"""Bytes of a workspace, at most; a larger plan spends its time in arithmetic."""
SEQUENCES = 256
"""Sets of changed inputs whose steps a workspace remembers."""
WHOLE = {"choice": np.intp, "first": np.intp}
"""Operations that make numbers of options."""


class Kept(Sequence[Any]):
    """A run's tables by number; those not kept are None.

    Parameters
    ----------
    layout : mapping of number to (start, stop, shape, type)
        Of the tables that are kept, in one piece.
    piece : ndarray
    number : int
        How many tables the plan has.
    """

    def __init__(
        self, layout: Mapping[int, tuple[int, int, tuple[int, ...], Any]], piece: Array, number: int
    ) -> None:
        self._layout, self._piece, self._number = layout, piece, number
        self._made: dict[int, Array] = {}

    def __len__(self) -> int:
        return self._number

    def number(self, number: int) -> float:
        """Return a table of one cell, as a number."""
        return float(self._piece[self._layout[number][0]])

    @overload
    def __getitem__(self, number: int) -> Any: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Any]: ...
    def __getitem__(self, number: int | slice) -> Any:
        if isinstance(number, slice):
            return [self[i] for i in range(self._number)[number]]
        made = self._made.get(number)
        if made is None and number in self._layout:
            start, stop, shape, kind = self._layout[number]
            made = self._piece[start:stop].reshape(shape)
            if kind is not np.float64:
                made = made.astype(kind)
                made.setflags(write=False)
            self._made[number] = made
        elif not -self._number <= number < self._number:
            raise IndexError(number)
        return made


class Workspace:
    """Arrays for the tables of a plan, and its steps as calls upon them.

    Parameters
    ----------
    plan : Plan
    module : module, optional
        The interpreter that runs the steps; default: numpy does.
    """

    def __init__(self, plan: Plan, module: ModuleType | None = None) -> None:
        self.plan, self.module = plan, module
        self.code = encoded(plan, held=True) if module else None
        self.cells = [plan.cells(scope) for scope in plan.scopes]
        if self.code is None:
            self.places, size = _laid(plan, self.cells)
            self.operations = program(plan)
        else:
            self.places, size = self.code.places.tolist(), self.code.size
        self.table = np.zeros(size)
        shapes = [(*(plan.card[name] for name in scope), 1) for scope in plan.scopes]
        self.tables = [
            self.table[place : place + cells].reshape(shape) if place >= 0 else self.table[:0]
            for place, cells, shape in zip(self.places, self.cells, shapes, strict=False)
        ]
        self._keep(shapes)
        self.keys = [key for key, _ in plan.inputs]
        self.given: list[Array | None] = [None] * len(self.keys)
        self.follows = [1 << i for i in range(len(self.keys))]
        self.follows += [0] * (len(plan.scopes) - len(self.keys))
        self.started = 1 << len(self.keys)
        for step in plan.steps:
            follows = 0 if step.inputs else self.started
            for number in step.inputs:
                follows |= self.follows[number]
            self.follows[step.output] = follows
        if self.code is None:
            self.scratch = np.empty(
                max((plan.cells(s.scope + s.summed) for s in plan.steps), default=1)
            )
            self.views = [self._views(step) for step in self.operations]
            self.calls = [
                self._call(step, views)
                for step, views in zip(self.operations, self.views, strict=True)
            ]
        self.sequences: dict[int, Any] = {}

    def _keep(self, shapes: Sequence[tuple[int, ...]]) -> None:
        """Work out where what is kept stands."""
        kinds = {step.output: WHOLE.get(step.kind, np.float64) for step in self.plan.steps}
        kept = self.plan.outputs
        self.start = min((self.places[n] for n in kept), default=0)
        self.stop = max((self.places[n] + self.cells[n] for n in kept), default=0)
        self.layout = {}
        for n in kept:
            start = self.places[n] - self.start
            kind = kinds.get(n, np.float64)
            self.layout[n] = (start, start + self.cells[n], shapes[n], kind)

    def run(self, arrays: Mapping[Key, Array]) -> Kept | None:
        """Return the plan's tables by number, those not kept None; nothing for a batch."""
        given = self.given
        fresh = []
        for i, key in enumerate(self.keys):
            array = arrays[key]
            if array is not given[i]:
                if array.shape[-1] != 1:
                    return None
                fresh.append((i, array))
        changed, self.started = self.started, 0
        for i, array in fresh:
            self.tables[i][...] = array
            given[i] = array
            changed |= 1 << i
        if changed:
            sequence = self.sequences.get(changed)
            if sequence is None:
                sequence = self._sequence(changed)
            if self.module and self.code:
                self.module.run(self.code.steps, self.code.operands, sequence, self.table)
            else:
                for call in sequence:
                    call()
            piece = self.table[self.start : self.stop].copy()
            piece.setflags(write=False)
            self.kept = Kept(self.layout, piece, len(self.plan.scopes))
        return self.kept

    def _sequence(self, changed: int) -> Any:
        """Return the steps that follow from changed inputs."""
        if len(self.sequences) >= SEQUENCES:
            self.sequences.clear()
        moved = [bool(self.follows[step.output] & changed) for step in self.plan.steps]
        if self.code is None:
            sequence: Any = [call for call, there in zip(self.calls, moved, strict=True) if there]
        else:
            sequence = np.flatnonzero(np.array(moved, bool)[self.code.source])
        self.sequences[changed] = sequence
        return sequence

    def _views(self, operation: tuple[Any, ...]) -> list[Array]:
        """Return the inputs of a step as it wants them: the tables themselves, no copies."""
        inputs = []
        for number, moved, spread in operation[1]:
            table = seen(self.tables[number], moved, spread)
            assert np.may_share_memory(table, self.tables[number]), "a copy would go stale"
            inputs.append(table)
        return inputs

    def _call(self, operation: tuple[Any, ...], inputs: list[Array]) -> Call:
        kernel, _, (shape, terms), output, _ = operation
        out = self.tables[output]
        kind = IN_PLACE.get(kernel, "")
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


def _laid(plan: Plan, cells: Sequence[int]) -> tuple[list[int], int]:
    """Return where tables stand in one array: what is kept stands together."""
    places, size = [0] * len(cells), 0
    for number in sorted(range(len(cells)), key=lambda n: n not in plan.outputs):
        places[number], size = size, size + cells[number]
    return places, size


def fits(plan: Plan) -> bool:
    """Whether a plan is small enough for a workspace."""
    tables = sum(plan.cells(scope) for scope in plan.scopes)
    scratch = max((plan.cells(s.scope + s.summed) for s in plan.steps), default=1)
    return (2 * tables + scratch) * CELL <= ROOM
