"""Blocks of probabilities that bound each other, and where what is linear in them is best.

A block is a box of ranges cut by sums: of each of its rows the members add up to 1, or to 1
at most. Where one row holds all members, what is linear is at its best after filling: all at
low, then those that gain most up to high while there is room; and at its vertices all
members but one are at an end of their ranges. Where rows hold each other's members in part,
vertices are looked for among all bases, so long as these are not too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from math import comb

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass

__all__ = ["Block", "SideBySide", "blocks_of", "taken", "vertices_of"]

Array = NDArray[np.float64]
Whole = NDArray[np.intp]
MOST = 12_000
"""Bases of a block that are looked through for its vertices."""
SLACK = 1e-9
"""How far beyond a bound a listed vertex may be by rounding."""
ROUNDING = 1e-12
"""The same where no equations are solved."""


@dataclass(frozen=True, eq=False)
class Block:
    """Inputs that bound each other.

    Attributes
    ----------
    node : str
        The chance node they belong to.
    members : ndarray of int
        Their places among all inputs.
    sums : ndarray of bool (rows, members)
        Each row's members; rows that are alike once.
    full : ndarray of bool (rows)
        Whether a row's members add up to 1, rather than to 1 at most.
    """

    node: str
    members: Whole
    sums: NDArray[np.bool_]
    full: NDArray[np.bool_]

    @property
    def plain(self) -> bool:
        """Whether one row bounds all members."""
        return len(self.sums) == 1 and bool(self.sums.all())


def blocks_of(name: str, owner: Whole, full: NDArray[np.bool_]) -> list[Block]:
    """Return the blocks of a table: rows that share an input belong together."""
    sets: dict[frozenset[int], bool] = {}
    for members, whole in zip(owner, full.tolist(), strict=True):
        row = frozenset(members[members >= 0].tolist())
        if row:
            sets[row] = sets.get(row, False) or whole
    parts: list[tuple[set[int], list[frozenset[int]]]] = []
    for row in sets:
        met = [part for part in parts if part[0] & row]
        parts = [part for part in parts if not part[0] & row]
        joined = set(row).union(*(part[0] for part in met))
        parts.append((joined, [r for part in met for r in part[1]] + [row]))
    found = []
    for joined, rows in parts:
        members = sorted(joined)
        sums = np.array([[i in row for i in members] for row in rows])
        found.append(Block(name, np.array(members), sums, np.array([sets[r] for r in rows])))
    return sorted(found, key=lambda block: int(block.members[0]))


# -- filling -----------------------------------------------------------------------------


class SideBySide:
    """Blocks that one row bounds, side by side."""

    def __init__(self, members: Sequence[Whole], full: NDArray[np.bool_]) -> None:
        size = max((len(m) for m in members), default=0)
        self.members = np.zeros((len(members), size), dtype=np.intp)
        self.there = np.zeros((len(members), size), dtype=bool)
        for i, own in enumerate(members):
            self.members[i, : len(own)] = own
            self.there[i, : len(own)] = True
        self.full = full

    def fill(self, found: Array, slope: Array, low: Array, high: Array) -> None:
        """Fill from low, the steepest first, while there is room."""
        if not self.members.size:
            return
        steep = np.where(self.there[..., None], slope[self.members], -np.inf)
        wide = np.where(self.there, (high - low)[self.members], 0.0)
        room = 1.0 - np.where(self.there, low[self.members], 0.0).sum(axis=1)
        more = taken(steep, wide, room, self.full)
        found[self.members[self.there]] += more[self.there]


def taken(steep: Array, wide: Array, room: Array, full: NDArray[np.bool_]) -> Array:
    """Return how much beyond low each member gets, the steepest first, while there is room.

    Parameters
    ----------
    steep : ndarray (blocks, members, batch)
    wide : ndarray (blocks, members)
    room, full : ndarray (blocks)
        What is to be given, and whether all of it must be.
    """
    order = np.argsort(-steep, axis=1, kind="stable")
    widths = np.take_along_axis(np.broadcast_to(wide[..., None], steep.shape), order, axis=1)
    wanted = np.take_along_axis(steep, order, axis=1) > 0
    widths = np.where(wanted | full[:, None, None], widths, 0.0)
    before = np.cumsum(widths, axis=1) - widths
    shares = np.clip(room[:, None, None] - before, 0.0, widths)
    back = np.empty_like(shares)
    np.put_along_axis(back, order, shares, axis=1)
    return back


# -- vertices ----------------------------------------------------------------------------


def vertices_of(block: Block, low: Array, high: Array) -> Array | None:
    """List vertices: each lies where as many bounds meet as there are members."""
    if block.plain:
        return _plain_vertices(bool(block.full[0]), low, high)
    members = len(low)
    normals = np.concatenate([np.eye(members), np.eye(members), block.sums.astype(float)])
    sides = np.concatenate([low, high, np.ones(len(block.sums))])
    fixed = [2 * members + i for i in np.flatnonzero(block.full).tolist()]
    # Of rows that add up to 1 some may follow from the others.
    free = [i for i in range(len(sides)) if i not in fixed]
    rank = int(np.linalg.matrix_rank(normals[fixed])) if fixed else 0
    if comb(len(free), members - rank) > MOST:
        return None
    bases = [[*fixed, *chosen] for chosen in combinations(free, members - rank)]
    kept = []
    for basis in bases:
        if np.linalg.matrix_rank(normals[basis]) == members:
            x = np.linalg.lstsq(normals[basis], sides[basis])[0]
            sums = block.sums @ x
            within = (x >= low - SLACK).all() and (x <= high + SLACK).all()
            short = np.abs(sums - 1.0)[block.full] <= SLACK
            if within and short.all() and (sums <= 1.0 + SLACK).all():
                kept.append(np.clip(x, low, high))
    return _distinct(kept)


def _plain_vertices(full: bool, low: Array, high: Array) -> Array | None:
    """List the vertices of box ∩ simplex: all but one member at an end of their ranges."""
    members = len(low)
    if members * 2**members > MOST:
        return None
    corners = np.where(np.array(list(product([False, True], repeat=members))), high, low)
    sums = corners.sum(axis=1)
    found = [] if full else list(corners[sums <= 1.0 + ROUNDING])
    for i in range(members):
        x = corners.copy()
        x[:, i] = 1.0 - (sums - corners[:, i])
        within = (x[:, i] >= low[i] - ROUNDING) & (x[:, i] <= high[i] + ROUNDING)
        x[:, i] = x[:, i].clip(low[i], high[i])
        found += list(x[within])
    return _distinct(found)


def _distinct(vertices: list[Array]) -> Array:
    """Return vertices once, but for rounding."""
    listed = np.array(vertices)
    _, first = np.unique(np.round(listed, 12), axis=0, return_index=True)
    return np.asarray(listed[np.sort(first)])
