"""All that the rows of a model's probabilities can be within their ranges.

A row of probabilities is free within a box of ranges cut by the simplex: the states that
have a range, x, keep low ≤ x ≤ high; the others share 1 − Σx in proportion, or, where there
are none that could, Σx = 1 (the probability intervals of de Campos, Huete and Moral 1994,
"Probability intervals: a tool for uncertain reasoning", International Journal of Uncertainty,
Fuzziness and Knowledge-Based Systems 2(2), 167-196). A row of the files that covers several
combinations is one x for all of them, so that rows of a table that share an x form one
*block* with one such polytope.

What is linear in x is at its best at a vertex (`blocks`). Where a block's vertices are too
many to be listed its numbers are moved one by one, which stays within but may miss the best.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from decision.analysis.blocks import Block, SideBySide, blocks_of, taken, vertices_of
from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.model.records import Input
from decision.model.rows import cells_of

__all__ = ["RangedRows", "Table"]

Array = NDArray[np.float64]
Whole = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Table:
    """How a chance node's table follows from x.

    Attributes
    ----------
    base : ndarray (rows, states)
    shape : tuple of int
        Of the node's table.
    places, source : ndarray of int
        Cells that follow an x, and which.
    rest, row, share : ndarray
        Cells that share what is left in their rows, those rows, and the share.
    owner, shares : ndarray (rows, states)
        Which x each cell follows (−1: none), and how cells share what is left.
    """

    base: Array
    shape: tuple[int, ...]
    places: Whole
    source: Whole
    rest: Whole
    row: Whole
    share: Array
    owner: Whole
    shares: Array


class RangedRows:
    """The probabilities of a model that have a range.

    Attributes
    ----------
    inputs : list of Input
    low, high, base : ndarray (inputs)
    blocks : list of Block
    tables : mapping of chance node to Table
        Of the nodes that have such an input.
    """

    def __init__(self, model: InfluenceDiagram) -> None:
        chances = {c.name for c in model.chances}
        self.inputs: list[Input] = [
            row
            for row in model.inputs
            if row.node in chances and row.text != "rest" and None not in (row.low, row.high)
        ]
        bounds = [(row.low, row.number, row.high) for row in self.inputs]
        self.low, self.base, self.high = np.array(bounds, dtype=float).reshape(-1, 3).T.copy()
        self.tables: dict[str, Table] = {}
        self.blocks: list[Block] = []
        for name in dict.fromkeys(row.node for row in self.inputs):
            owner = self._owners(model, name)
            share = _shares(model.node(name).table.reshape(owner.shape), owner >= 0)
            self.tables[name] = _table(model, name, owner, share)
            self.blocks += blocks_of(name, owner, np.logical_not((share > 0).any(axis=1)))
        self._plain = SideBySide([b.members for b in self.blocks if b.plain], self._full())
        self._others = [b for b in self.blocks if not b.plain]
        self._vertices: dict[int, Array | None] = {}

    def _full(self) -> NDArray[np.bool_]:
        return np.array([b.full[0] for b in self.blocks if b.plain], dtype=bool)

    def _owners(self, model: InfluenceDiagram, name: str) -> Whole:
        """Return which input each cell of a table follows; −1: none."""
        node = model.node(name)
        owner = np.full(node.table.shape, -1)
        axes = model.axes(name)
        for i, row in enumerate(self.inputs):
            if row.node == name:
                owner[cells_of(row, axes)] = i
        return owner.reshape(-1, node.table.shape[-1])

    # -- from x to tables, and back ---------------------------------------------

    def filled(self, x: Array) -> dict[str, Array]:
        """Return the tables of some x (inputs, batch), the batch on their last axis."""
        return {name: _filled(table, x) for name, table in self.tables.items()}

    def slope(self, slopes: dict[str, Array], batch: int) -> Array:
        """Return slopes by x (inputs, batch) from slopes by the cells of tables (cells, batch)."""
        found = np.zeros((len(self.inputs), batch))
        for name, flat in slopes.items():
            table = self.tables[name]
            rows = np.zeros((len(table.base), batch))
            np.add.at(rows, table.row, flat[table.rest] * table.share[:, None])
            states = table.base.shape[1]
            moved = flat[table.places] - rows[table.places // states]
            np.add.at(found, table.source, moved)
        return found

    # -- within the ranges --------------------------------------------------------

    def best(self, slope: Array, x: Array) -> Array:
        """Return the x (inputs, batch) at which a linear function is largest.

        Parameters
        ----------
        slope : ndarray (inputs, batch)
        x : ndarray (inputs, batch)
            Where to begin in blocks whose vertices are too many.
        """
        found = np.broadcast_to(self.low[:, None], slope.shape).copy()
        self._plain.fill(found, slope, self.low, self.high)
        for block in self._others:
            vertices = self.vertices(block)
            if vertices is not None:
                chosen = (vertices @ slope[block.members]).argmax(axis=0)
                found[block.members] = vertices[chosen].T
            else:
                found[block.members] = self._one_by_one(block, slope, x)
        return found

    def rowwise(self, name: str, worth: Array) -> Array:
        """Return the highest expectation that each row of a table can have, on its own.

        Parameters
        ----------
        name : str
            A node with a range.
        worth : ndarray (rows, states, batch)
            Of the states; every row is chosen anew for each of a batch.

        Returns
        -------
        ndarray (rows, batch)
        """
        table = self.tables[name]
        ranged = table.owner >= 0
        none = np.logical_not(ranged.any(axis=1))
        full = np.logical_not(none | (table.shares > 0).any(axis=1))
        rest = (table.shares[..., None] * worth).sum(axis=1)
        steep = worth - rest[:, None]
        low = np.where(ranged, self.low[table.owner], 0.0)
        wide = np.where(ranged, self.high[table.owner] - low, 0.0)
        x = low[..., None] + taken(steep, wide, 1.0 - low.sum(axis=1), full)
        found: Array = rest + (x * steep).sum(axis=1)
        found[none] = (table.base[none, :, None] * worth[none]).sum(axis=1)
        return found

    def _one_by_one(self, block: Block, slope: Array, x: Array) -> Array:
        """Move the numbers of a block one by one as far as the others let them."""
        moved = x[block.members].copy()
        for i, member in enumerate(block.members.tolist()):
            within = block.sums[:, i]
            if block.full[within].any():
                continue
            room = 1.0 - block.sums[within] @ moved + moved[i]
            top = np.minimum(room.min(axis=0), self.high[member])
            moved[i] = np.where(slope[member] > 0, top, self.low[member])
        return moved

    def vertices(self, block: Block) -> Array | None:
        """Return the vertices of a block (vertices, members); None where they are too many."""
        key = int(block.members[0])
        if key not in self._vertices:
            low, high = self.low[block.members], self.high[block.members]
            self._vertices[key] = vertices_of(block, low, high)
        return self._vertices[key]

    def seeds(self, number: int, random: np.random.Generator) -> Array:
        """Return points within the ranges (inputs, number): vertices of random slopes."""
        slope = random.standard_normal((len(self.inputs), number))
        base = np.broadcast_to(self.base[:, None], slope.shape)
        return self.best(slope, base)


# -- tables ---------------------------------------------------------------------------


def _shares(base: Array, ranged: NDArray[np.bool_]) -> Array:
    """Return how the states without a range share what is left (rows, states)."""
    share: Array = np.where(ranged, 0.0, base)
    count = ranged.sum(axis=1)
    # Beside one state that was certain nobody has a proportion: all share alike.
    alone = (count == 1) & np.logical_not((share > 0).any(axis=1))
    share[alone] = 1.0 - ranged[alone]
    total = share.sum(axis=1, keepdims=True)
    shares: Array = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
    return shares


def _table(model: InfluenceDiagram, name: str, owner: Whole, share: Array) -> Table:
    node = model.node(name)
    some = np.any(owner >= 0, axis=1, keepdims=True)
    rest = np.flatnonzero((owner < 0) & some & (share > 0))
    places = np.flatnonzero(owner >= 0)
    return Table(
        np.asarray(node.table).reshape(owner.shape),
        node.table.shape,
        places,
        owner.reshape(-1)[places],
        rest,
        rest // owner.shape[1],
        share.reshape(-1)[rest],
        owner,
        share,
    )


def _filled(table: Table, x: Array) -> Array:
    batch, states = x.shape[1], table.base.shape[1]
    cells = np.repeat(table.base.reshape(-1, 1), batch, axis=1)
    cells[table.places] = x[table.source]
    used = np.zeros((len(table.base), batch))
    np.add.at(used, table.places // states, x[table.source])
    left = np.maximum(1.0 - used, 0.0)
    cells[table.rest] = left[table.row] * table.share[:, None]
    return cells.reshape(*table.shape, batch)
