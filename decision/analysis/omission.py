"""Models with some rows of a file of changes left out, many at once.

Rows are made in file order. A model in which some are left out keeps the others in order;
a batch of such models goes through the file once, each row made in those that keep it
(`covary` and `operate` take any number of tables). So the cost is that of the rows, not of
the models, and every table comes out ready for one run over all of them.

Leaving a row out can make a later one illegal: ``P(x=a) += 0.4`` after a row that made room
for it, a row that sets the last weight to 0, one that lets a situation happen in which no
option is open. What is legal is what `decision.model.changes` says, model by model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from decision.analysis.sampling import points
from decision.model.changes import CLIP
from decision.model.covariation import covary, operate
from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.model.language import Change, parse_change
from decision.model.nodes import Chance, Value
from decision.model.reach import dead_ends
from decision.model.records import ChangeRow
from decision.model.selection import selection
from decision.model.settings import BEYOND
from decision.solve.inputs import ROUNDING

__all__ = ["Omissions", "Variants"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Variants:
    """What many models differ in.

    Attributes
    ----------
    tables : dict of node to ndarray
        The legal models on the last axis; values in points of the total.
    largest : ndarray (legal models,)
        The largest |total| of each.
    legal : ndarray of bool (models,)
        Which of the models asked for are legal: all rows that they keep can be made.
    """

    tables: dict[str, Array]
    largest: Array
    legal: Mask


class Omissions:
    """A model with the rows of a file made, and with some of them left out.

    Parameters
    ----------
    model : InfluenceDiagram
    rows : sequence of ChangeRow
        Legal if all are made.
    """

    def __init__(self, model: InfluenceDiagram, rows: Sequence[ChangeRow]) -> None:
        self.model = model
        self.changes = [parse_change(row.change, (row.file, row.line)) for row in rows]
        self.reweighs = any(change.kind == "weight" for change in self.changes)
        self.open: dict[tuple[bytes, ...], bool] = {}

    @property
    def cells(self) -> int:
        """How many numbers differ from model to model, at most."""
        sizes = {c.node: np.size(self.model.node(c.node).table) for c in self.changes}
        if self.reweighs and self.model.weights == "normalised":
            sizes |= {v.name: np.size(v.table) for v in self.model.values}
        return sum(sizes.values())

    def variants(self, kept: Mask) -> Variants:
        """Return the models that keep some rows.

        Parameters
        ----------
        kept : ndarray of bool (rows, models)
        """
        batch = _Batch(self, kept.shape[1])
        for change, keep in zip(self.changes, kept, strict=True):
            batch.make(change, np.flatnonzero(keep & batch.legal))
        return batch.finished()


class _Batch:
    """Tables under change, the models on the first axis."""

    def __init__(self, whole: Omissions, models: int) -> None:
        self.whole, self.model, self.models = whole, whole.model, models
        self.legal = np.ones(models, dtype=bool)
        self.tables: dict[str, Array] = {}
        self.weights = {v.name: np.full(models, float(v.weight)) for v in self.model.values}

    def table(self, name: str) -> Array:
        if name not in self.tables:
            self.tables[name] = np.repeat(self.model.node(name).table[None], self.models, axis=0)
        return self.tables[name]

    def make(self, change: Change, own: NDArray[np.intp]) -> None:
        """Make a change in some models; those in which it cannot be made are legal no more."""
        if not len(own):
            return
        if change.kind == "weight":
            legal = self._weight(change, own)
        elif change.kind == "V":
            legal = self._value(change, own)
        else:
            legal = self._probability(change, own)
        self.legal[own[~legal]] = False

    def _weight(self, change: Change, own: NDArray[np.intp]) -> Mask:
        value = self.model.node(change.node)
        weight = operate(change, self.weights[change.node][own])
        legal: Mask = np.isfinite(weight) & (weight >= 0)
        table = self.tables.get(change.node)
        amounts = value.table[None] if table is None else table[own]
        legal &= _bounded(value, amounts, weight)
        self.weights[change.node][own] = weight
        if self.model.weights == "normalised":
            there = np.stack([each[own] for each in self.weights.values()])
            legal = legal & (there != 0).any(axis=0)
        return np.asarray(legal)

    def _value(self, change: Change, own: NDArray[np.intp]) -> Mask:
        value = self.model.node(change.node)
        where = (slice(None), *selection(self.model, value, change.conditions, ("", 1)))
        table = self.table(change.node)
        moved = table[own]
        after = operate(change, moved[where])
        moved[where] = after
        table[own] = moved
        return _bounded(value, after, self.weights[change.node][own])

    def _probability(self, change: Change, own: NDArray[np.intp]) -> Mask:
        node: Chance = self.model.node(change.node)
        state = node.states.index(str(change.state))
        where = (slice(None), *selection(self.model, node, change.conditions, ("", 1)))
        table = self.table(change.node)
        moved = table[own]
        rows = moved[where]
        before = rows[..., state]
        after = operate(change, before)
        flat = after.reshape(len(own), -1)
        legal = np.asarray(((flat >= -CLIP) & (flat <= 1 + CLIP)).all(axis=1))
        after = np.clip(np.nan_to_num(after), 0.0, 1.0)
        covaried = np.where((before != after)[..., None], covary(rows, state, after), rows)
        possible = ((covaried > 0) != (rows > 0)).reshape(len(own), -1).any(axis=1)
        moved[where] = covaried
        table[own] = moved
        if self.model.structure.guards:
            for i in np.flatnonzero(legal & possible).tolist():
                legal[i] = self._open(int(own[i]))
        return legal

    def _open(self, one: int) -> bool:
        """Whether in one model some option is open wherever a decision can be reached."""
        masks = {
            c.name: self.tables[c.name][one] > 0
            for c in self.model.chances
            if c.name in self.tables
        }
        key = (*masks, *(mask.tobytes() for mask in masks.values()))
        if key not in self.whole.open:
            tables = {c.name: np.asarray(c.table) for c in self.model.chances} | masks
            stuck = dead_ends(self.model.decisions, self.model.chances, tables)
            self.whole.open[key] = next(iter(stuck), None) is None
        return self.whole.open[key]

    def finished(self) -> Variants:
        """Return the models whose rows can all be made."""
        self._only(self.legal)
        weights = self._entering()
        tables = {c.name: self.tables[c.name] for c in self.model.chances if c.name in self.tables}
        scale = np.full(self.models, ROUNDING * (self.model.risk or 0.0))
        for value in self.model.values:
            weight = weights[value.name]
            amounts = self.tables.get(value.name)
            if amounts is None and (weight == self.model.weight(value.name)).all():
                scale += np.abs(self.model.utility(value.name)).max()
                continue
            amounts = value.table[None] if amounts is None else amounts
            own = weight.reshape(-1, *[1] * (amounts.ndim - 1)) * points(value, amounts, 1.0)
            scale += np.abs(own).reshape(self.models, -1).max(axis=1)
            tables[value.name] = own
        last = {n: np.ascontiguousarray(np.moveaxis(t, 0, -1)) for n, t in tables.items()}
        return Variants(last, scale, self.legal)

    def _only(self, legal: Mask) -> None:
        if not legal.all():
            self.models = int(legal.sum())
            self.tables = {name: table[legal] for name, table in self.tables.items()}
            self.weights = {name: weight[legal] for name, weight in self.weights.items()}

    def _entering(self) -> dict[str, Array]:
        """Return the weights as they enter the total."""
        if self.model.weights != "normalised":
            return self.weights
        whole = sum(self.weights.values())
        return {name: weight / whole for name, weight in self.weights.items()}


def _bounded(value: Value, amounts: Array, weight: Array) -> Mask:
    """Whether weighted amounts are small enough for a total; as `settings.overflows`."""
    size = np.abs(amounts).reshape(len(amounts), -1).max(axis=1)
    with np.errstate(all="ignore"):
        if value.worst is not None and value.best is not None:
            size = 100.0 * (size + abs(value.worst)) / abs(float(value.best) - value.worst)
        return np.asarray(np.maximum(size, size * weight) < BEYOND)
