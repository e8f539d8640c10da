"""Numbers drawn within their ranges, and the tables that are made of them.

A number is drawn from a split normal whose 5% and 95% points are low and high: base +
z·spread, z standard normal, the spread below or above by z's sign (John 1982, "The
three-parameter two-piece normal family of distributions and its fitting", Communications in
Statistics 11(8), 879-885). A probability is drawn so in log-odds, where 0 and 1 count as
1e-6 and 1 − 1e-6; a weight is cut at 0, and where all of normalised weights are cut the
base's stand. A row of the files that covers several combinations is one draw for all.

States without a range share what is left in their proportions. Where too little is left,
or all states have a range, the row is scaled to sum to 1. A state of probability 0 that has
no range stays 0, unless the only state with a range was certain: then the others share.
A probability whose range is a point stays what it is.

*Linked*: one z for each chance node moves, in each of its rows, the first state that has a
range, in that row's own spreads; its other states keep their proportions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Value
from decision.model.records import Input
from decision.model.rows import cells_of

__all__ = ["RangeSampler"]

Array = NDArray[np.float64]
Whole = NDArray[np.intp]
Tables = dict[str, Array]
QUANTILE = 1.6448536269514722
"""Of the standard normal, at 95%."""
EDGE = 1e-6
"""What a probability of 0 counts as in log-odds."""


class RangeSampler:
    """Draws what has a range; linked: one z for each chance node."""

    def __init__(self, model: InfluenceDiagram, linked: bool) -> None:
        ranged: dict[str, list[Input]] = {}
        for row in model.inputs:
            if row.low is not None and row.high is not None and row.text != "rest":
                ranged.setdefault(row.node, []).append(row)
        moved = [c for c in model.chances if c.name in ranged]
        self.chances = [_Rows(model, c.name, ranged[c.name], linked) for c in moved]
        amounts = [row for v in model.values for row in ranged.get(v.name, ())]
        self.weights = _Weights(model, {v.name: ranged.get(v.name, []) for v in model.values})
        names: list[str] = []
        for rows in self.chances:
            names += rows.names
        self.straight = len(names)
        self.names = (*names, *(row.name for row in amounts), *self.weights.names)
        triples = [(row.low, row.number, row.high) for row in amounts] + self.weights.ranges
        self.split = _Split.of(triples)  # type: ignore[arg-type]
        tables = sum(rows.table.size for rows in self.chances) + self.weights.cells
        self.cells = tables + 2 * len(self.names)
        self.drawn = self.scratch = np.empty((0, 0))

    def draw(self, random: np.random.Generator, rows: int) -> tuple[Array, Tables]:
        """Draw some rows: what was drawn (names, rows), and the tables made of it."""
        if self.drawn.shape != (len(self.names), rows):
            self.drawn = np.empty((len(self.names), rows))
            self.scratch = np.empty_like(self.drawn)
        random.standard_normal(out=self.drawn)
        return self._made()

    def made_of(self, normals: Array) -> tuple[Array, Tables]:
        """Return what some standard normals (names, rows) draw; see `draw`."""
        self.drawn, self.scratch = np.array(normals), np.empty_like(normals)
        return self._made()

    def middle(self) -> Tables:
        """Return the tables where every standard normal is 0."""
        self.drawn, self.scratch = np.zeros((len(self.names), 1)), np.empty((len(self.names), 1))
        return self._made()[1]

    def _made(self) -> tuple[Array, Tables]:
        tables, first = {}, 0
        for rows in self.chances:
            last = first + len(rows.names)
            tables[rows.name] = rows.filled(self.drawn[first:last])
            first = last
        amounts = self.drawn[first:]
        self.split.draw(amounts, amounts, self.scratch[first:])
        tables.update(self.weights.filled(amounts))
        return self.drawn, tables


@dataclass(frozen=True, eq=False)
class _Split:
    """Split normals, one a row: where they are centred and how far they spread."""

    centre: Array
    below: Array
    above: Array

    @staticmethod
    def of(triples: Sequence[tuple[float, float, float]]) -> _Split:
        low, centre, high = np.array(triples, dtype=float).reshape(-1, 3).T[..., None]
        return _Split(centre, (centre - low) / QUANTILE, (high - centre) / QUANTILE)

    def draw(self, z: Array, out: Array, scratch: Array) -> None:
        """Turn standard normals into draws; z may be out itself."""
        np.minimum(z, 0.0, out=scratch)
        np.maximum(z, 0.0, out=out)
        np.multiply(scratch, self.below, out=scratch)
        np.multiply(out, self.above, out=out)
        np.add(out, scratch, out=out)
        np.add(out, self.centre, out=out)


class _Rows:
    """A chance node's rows of probabilities, some states of which are drawn.

    A *place* is a cell (row, state) that is drawn; several may follow one input.
    """

    def __init__(
        self, model: InfluenceDiagram, name: str, inputs: Sequence[Input], linked: bool
    ) -> None:
        node = model.node(name)
        self.name, self.shape = name, node.table.shape
        self.table: Array = node.table.reshape(-1, len(node.states))
        owner = np.full(self.table.shape, -1)
        axes = model.axes(name)
        for i, row in enumerate(inputs):
            owner.reshape(self.shape)[cells_of(row, axes)] = i
        if linked:
            first = (owner >= 0).argmax(axis=1)[:, None] == np.arange(owner.shape[1])
            owner[~first] = -1
        self.linked = linked
        self.places = np.flatnonzero(owner >= 0)
        source = owner.reshape(-1)[self.places]
        ranges = np.array([(row.low, row.number, row.high) for row in inputs], dtype=float)
        self.fixed = ranges[:, 0] == ranges[:, 2]
        self.exact = ranges[:, 1:2]
        clipped = ranges.clip(EDGE, 1 - EDGE)
        split = _Split.of(np.log(clipped / (1 - clipped)))
        if linked:
            self.names = [name]
            self.fixed, self.exact = self.fixed[source], self.exact[source]
            split = _Split(split.centre[source], split.below[source], split.above[source])
            source = np.arange(len(source))
        else:
            self.names = [row.name for row in inputs]
        self.split, self.source = split, source
        self._share(owner >= 0)
        self.buffer = self.numbers = self.scratch = np.empty((0, 0))

    def _share(self, drawn: NDArray[np.bool_]) -> None:
        """Work out how the states that are not drawn share what is left."""
        share = np.where(drawn, 0.0, self.table)
        count = drawn.sum(axis=1)
        alone = (count == 1) & ~(share > 0).any(axis=1)
        share[alone] = ~drawn[alone]
        some = count > 0
        total = share.sum(axis=1)
        shared = total > 0
        share[some & shared] /= total[some & shared, None]
        self.rest = np.flatnonzero(~drawn)
        self.row = self.rest // drawn.shape[1]
        self.share = share.reshape(-1)[self.rest][:, None]
        # Of rows that have a share, only those above 1 are scaled.
        self.floor = np.where(shared, 1.0, 0.0)[:, None]

    def filled(self, z: Array) -> Array:
        """Return the table drawn by standard normals, which become what was drawn."""
        rows = z.shape[1]
        if self.buffer.shape != (self.table.size, rows):
            self.buffer = np.empty((self.table.size, rows))
            self.scratch = np.empty((len(self.split.centre), rows))
            self.numbers = np.empty_like(self.scratch)
        numbers = self.numbers if self.linked else z
        self.split.draw(z, numbers, self.scratch)
        np.negative(numbers, out=numbers)
        np.exp(numbers, out=numbers)
        numbers += 1.0
        np.reciprocal(numbers, out=numbers)
        numbers[self.fixed] = self.exact[self.fixed]
        table = self.buffer.reshape(*self.table.shape, rows)
        self.buffer[self.rest] = 0.0
        self.buffer[self.places] = numbers[self.source]
        total = table.sum(axis=1)
        left = np.maximum(1.0 - total, 0.0)
        self.buffer[self.rest] = self.share * left[self.row]
        np.maximum(total, self.floor, out=total)
        table /= total[:, None]
        return self.buffer.reshape(*self.shape, rows)


class _Weights:
    """The value nodes: amounts and weights that are drawn, and points made of them."""

    def __init__(self, model: InfluenceDiagram, inputs: dict[str, list[Input]]) -> None:
        self.values, self.normalised = model.values, model.weights == "normalised"
        self.ranges: list[tuple[float, float, float]] = []
        self.names: list[str] = []
        self.weighted: dict[str, int] = {}
        number = sum(map(len, inputs.values()))
        for value in model.values:
            low, high = value.weight_low, value.weight_high
            if low is None and high is None:
                continue
            self.weighted[value.name] = number + len(self.names)
            self.names.append(f"weight({value.name})")
            base = value.weight
            ends = base if low is None else low, base if high is None else high
            self.ranges.append((ends[0], base, ends[1]))
        self.first = number
        self.amounts: dict[str, list[tuple[Whole, int]]] = {}
        number = 0
        for value in model.values:
            cells = np.arange(value.table.size).reshape(value.table.shape)
            axes = model.axes(value.name)
            for row in inputs[value.name]:
                place = np.asarray(cells[cells_of(row, axes)]).reshape(-1)
                self.amounts.setdefault(value.name, []).append((place, number))
                number += 1
        every = self.normalised and bool(self.weighted)
        self.moved = [
            v for v in model.values if every or v.name in self.weighted or v.name in self.amounts
        ]
        self.cells = sum(v.table.size for v in self.moved)
        self.buffers: Tables = {}

    def filled(self, drawn: Array) -> Tables:
        """Return the values in points; what was drawn of weights is cut at 0."""
        rows = drawn.shape[1]
        weights = drawn[self.first :]
        np.maximum(weights, 0.0, out=weights)
        each = {v.name: np.full(rows, v.weight) for v in self.values}
        each.update((name, drawn[i]) for name, i in self.weighted.items())
        if self.normalised:
            total = np.add.reduce(list(each.values()))
            none = total == 0  # all were cut: there is nothing to divide by, the base's stand
            for value in self.values if none.any() else ():
                each[value.name] = np.where(none, value.weight, each[value.name])
            base = sum(v.weight for v in self.values)
            each = {name: w / np.where(none, base, total) for name, w in each.items()}
        return {v.name: self._points(v, each[v.name], drawn) for v in self.moved}

    def _points(self, value: Value, weight: Array, drawn: Array) -> Array:
        rows = drawn.shape[1]
        buffer = self.buffers.get(value.name)
        if buffer is None or buffer.shape[1] != rows:
            buffer = self.buffers[value.name] = np.empty((value.table.size, rows))
        buffer[...] = value.table.reshape(-1, 1)
        for place, i in self.amounts.get(value.name, ()):
            buffer[place] = drawn[i]
        if value.worst is not None and value.best is not None:
            buffer -= value.worst
            buffer *= 100.0
            buffer /= value.best - value.worst
        buffer *= weight
        return buffer.reshape(*value.table.shape, rows)
