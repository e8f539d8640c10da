"""Changing numbers: one notation, proportional covariation, all or nothing.

When one probability of a row changes, the others of the row keep their proportions to
each other (proportional covariation, which minimises the Chan–Darwiche distance
between the two distributions: Chan and Darwiche 2002, "When do numbers really
matter?", JAIR 17, doi:10.1613/jair.967). Others that were all 0 share the rest
equally. ``odds(…) *= k`` takes p to kp / (1 − p + kp), which never leaves [0, 1].

Changes apply one after another, so that their order can matter. A set of changes is
made whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from decision.model.covariation import covary, operate, reweighted
from decision.model.intervention import intervene
from decision.model.language import Change, parse_change
from decision.model.nodes import Chance, Value
from decision.model.problems import ModelError, Place, Problem, problem, shorten
from decision.model.reach import dead_ends
from decision.model.records import ChangeRow
from decision.model.selection import Index, chance_node, changed_state, selection
from decision.model.settings import overflows
from decision.model.tables import combination

if TYPE_CHECKING:
    from decision.model.diagram import InfluenceDiagram

__all__ = ["apply_changes", "change_problems", "covary", "intervene", "selection"]

Array = NDArray[np.float64]
CLIP = 1e-12


def apply_changes(model: InfluenceDiagram, rows: Sequence[ChangeRow]) -> InfluenceDiagram:
    """Return the model with the changes of some rows made, in order.

    Parameters
    ----------
    model : InfluenceDiagram
    rows : sequence of ChangeRow
        Each with its file and line for messages.

    Raises
    ------
    ModelError
        With a problem for each row that cannot be applied.
    """
    if not rows:
        return model
    work = _Work(model)
    found = work.apply(rows)
    if found:
        raise ModelError(found)
    return work.finished()


def change_problems(
    model: InfluenceDiagram, rows: Sequence[ChangeRow], unread: frozenset[str] = frozenset()
) -> list[Problem]:
    """Return what is wrong with the changes of some rows, made in order.

    Parameters
    ----------
    model : InfluenceDiagram
    rows : sequence of ChangeRow
    unread : set of str
        Nodes whose numbers are not known: of a change to one, only names are looked at.
    """
    return _Work(model, unread).apply(rows)


class _Work:
    """Copies of the tables under change, put into a new model at the end."""

    def __init__(self, model: InfluenceDiagram, unread: frozenset[str] = frozenset()) -> None:
        self.model = model
        self.unread = unread
        self.tables: dict[str, Array] = {}
        self.values: dict[str, Value] = {}
        self.dropped: dict[str, NDArray[np.bool_]] = {}

    def finished(self) -> InfluenceDiagram:
        for table in self.tables.values():
            table.setflags(write=False)
        return self.model.with_numbers(self.tables, self.values, self.dropped)

    def table(self, node: Chance | Value) -> Array:
        if node.name not in self.tables:
            self.tables[node.name] = np.array(node.table)
        return self.tables[node.name]

    def apply(self, rows: Sequence[ChangeRow]) -> list[Problem]:
        """Make changes; return what is wrong with those that cannot be made."""
        make: dict[str, Callable[[Change, Place], None]] = {
            "weight": self._weight,
            "V": self._value,
        }
        found: list[Problem] = []
        for row in rows:
            place = (row.file, row.line)
            try:
                change = parse_change(row.change, place)
                make.get(change.kind, self._probability)(change, place)
            except ModelError as error:
                found += error.problems
        return found

    def _weight(self, change: Change, place: Place) -> None:
        node: Value = self.model.node(change.node, ("value",), place)
        value = self.values.get(node.name, node)
        weight = operate(change, np.float64(value.weight)).item()
        if not np.isfinite(weight) or weight < 0:
            what = f"'{shorten(change.text)}' makes the weight of {node.name} {weight:g}"
            raise ModelError([problem(place, what, "keep it at 0 or above and finite")])
        self._refuse_overflow(node, change, weight, place)
        changed = reweighted(value, weight)
        others = [self.values.get(v.name, v) for v in self.model.values if v.name != node.name]
        if self.model.weights == "normalised" and not any(v.weight for v in (changed, *others)):
            what = f"'{shorten(change.text)}' makes all weights 0"
            raise ModelError([problem(place, what, "keep one above 0")])
        self.values[node.name] = changed

    def _value(self, change: Change, place: Place) -> None:
        node: Value = self.model.node(change.node, ("value",), place)
        where = selection(self.model, node, change.conditions, place)
        if node.name in self.unread:
            return
        table = self.table(node)
        after = operate(change, table[where])
        weight = self.values.get(node.name, node).weight
        self._refuse_overflow(node, change, weight, place, after)
        table[where] = after

    def _refuse_overflow(
        self,
        node: Value,
        change: Change,
        weight: float,
        place: Place,
        amounts: Array | None = None,
    ) -> None:
        table = self.tables.get(node.name, node.table) if amounts is None else amounts
        if overflows(node, table, weight):
            what = f"'{shorten(change.text)}' makes amounts of {node.name} beyond 1e300"
            raise ModelError([problem(place, what, "use a smaller number")])

    def _probability(self, change: Change, place: Place) -> None:
        node = chance_node(self.model, change.node, place)
        state = changed_state(node, change, place)
        where = selection(self.model, node, change.conditions, place)
        if node.name in self.unread:
            return
        table = self.table(node)
        rows = table[where]
        before = rows[..., state]
        after: Array | float = change.number
        lowest = highest = change.number
        if change.operator != "=":
            after = operate(change, before)
            lowest, highest = float(after.min()), float(after.max())
        if not (lowest >= -CLIP and highest <= 1 + CLIP):
            raise ModelError([self._outside(node, change, where, operate(change, before), place)])
        if lowest < 0.0 or highest > 1.0:
            after = (
                np.clip(after, 0.0, 1.0) if change.operator != "=" else min(max(lowest, 0.0), 1.0)
            )
        moved = before != after
        covaried = covary(rows, state, after)
        if np.count_nonzero(moved) < moved.size:
            covaried = np.where(moved[..., None], covaried, rows)
        self._look_for_dead_ends(node, change, where, covaried, place)
        if np.count_nonzero(covaried) < covaried.size or lowest < CLIP:
            certain = (covaried == 0) | (covaried == 1)
            self._dropped(node)[where] |= (covaried != rows) & certain
        table[where] = covaried

    def _outside(
        self,
        node: Chance,
        change: Change,
        where: Index,
        after: Array,
        place: Place,
    ) -> Problem:
        outside = ~((after >= -CLIP) & (after <= 1 + CLIP))
        key = tuple(int(i) for i in np.argwhere(outside)[0])
        parents = [
            (name, tuple(np.array(states)[chosen].ravel().tolist()))
            for (name, states), chosen in zip(self.model.axes(node.name), where, strict=False)
        ]
        what = (
            f"'{shorten(change.text)}' makes P({node.name}={change.state}"
            f"{combination(parents, key)}) {after[key]:g}, outside [0, 1]"
        )
        do = "use a number that stays in [0, 1], or odds(…) *= k, which always does"
        return problem(place, what, do)

    def _look_for_dead_ends(
        self, node: Chance, change: Change, where: Index, covaried: Array, place: Place
    ) -> None:
        """Refuse a change that makes a situation possible in which no option is open."""
        if self.unread or not self.model.structure.guards:
            return
        if np.array_equal(covaried > 0, self.table(node)[where] > 0):
            return
        table = np.array(self.table(node))
        table[where] = covaried
        tables = {c.name: self.tables.get(c.name, c.table) for c in self.model.chances}
        stuck = dead_ends(self.model.decisions, self.model.chances, {**tables, node.name: table})
        what = f"after '{shorten(change.text)}' no option of"
        do = "open one there in only_when, or keep that situation impossible"
        found = [problem(place, f"{what} {d.name} is open{where_}", do) for d, where_ in stuck]
        if found:
            raise ModelError(found)

    def _dropped(self, node: Chance) -> NDArray[np.bool_]:
        if node.name not in self.dropped:
            known = self.model.dropped.get(node.name)
            shape = node.table.shape
            self.dropped[node.name] = np.zeros(shape, bool) if known is None else known.copy()
        return self.dropped[node.name]
