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

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.model.language import Assignment, Change, parse_change
from decision.model.nodes import Chance, Decision, Value
from decision.model.problems import ModelError, Place, Problem, nearest, problem
from decision.model.records import ChangeRow
from decision.model.tables import combination, read_only

__all__ = ["apply_changes", "intervene", "selection"]

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
    found: list[Problem] = []
    for row in rows:
        place = (row.file, row.line)
        try:
            work.apply(parse_change(row.change, place), place)
        except ModelError as error:
            found += error.problems
    if found:
        raise ModelError(found)
    return work.finished()


class _Work:
    """Copies of the tables under change, put into a new model at the end."""

    def __init__(self, model: InfluenceDiagram) -> None:
        self.model = model
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

    def apply(self, change: Change, place: Place) -> None:
        if change.kind == "weight":
            self._weight(change, place)
        elif change.kind == "V":
            self._value(change, place)
        else:
            self._probability(change, place)

    def _weight(self, change: Change, place: Place) -> None:
        node: Value = self.model.node(change.node, ("value",), place)
        value = self.values.get(node.name, node)
        weight = operate(change, np.float64(value.weight)).item()
        if not np.isfinite(weight) or weight < 0:
            what = f"'{change.text}' makes the weight of {node.name} {weight:g}"
            raise ModelError([problem(place, what, "keep it at 0 or above and finite")])
        factor = weight / value.weight if value.weight else None
        low, high = value.weight_low, value.weight_high
        self.values[node.name] = replace(
            value,
            weight=weight,
            weight_low=None if low is None or factor is None else low * factor,
            weight_high=None if high is None or factor is None else high * factor,
        )
        weights = [self.values.get(v.name, v).weight for v in self.model.values]
        if self.model.weights == "normalised" and not any(weights):
            what = f"'{change.text}' makes all weights 0"
            raise ModelError([problem(place, what, "keep one above 0")])

    def _value(self, change: Change, place: Place) -> None:
        node: Value = self.model.node(change.node, ("value",), place)
        where = selection(self.model, node, change.conditions, place)
        table = self.table(node)
        after = operate(change, table[where])
        if not np.isfinite(after).all():
            what = f"'{change.text}' makes an amount that is not finite"
            raise ModelError([problem(place, what, "use a smaller number")])
        table[where] = after

    def _probability(self, change: Change, place: Place) -> None:
        node = chance_node(self.model, change.node, place)
        assert change.state is not None
        if change.state not in node.states:
            what = f"{node.name} has no state '{change.state}'"
            raise ModelError([problem(place, what, nearest(change.state, node.states))])
        if len(node.states) == 1:
            what = f"{node.name} has the single state '{change.state}', whose probability is 1"
            raise ModelError([problem(place, what, "leave it out")])
        if change.kind == "odds" and change.number <= 0:
            what = f"'{change.text}' multiplies odds by {change.number:g}"
            raise ModelError([problem(place, what, "use a number above 0")])
        where = selection(self.model, node, change.conditions, place)
        state = node.states.index(change.state)
        table = self.table(node)
        rows = table[where]
        before = rows[..., state]
        after = operate(change, before)
        outside = ~((after >= -CLIP) & (after <= 1 + CLIP))
        if outside.any():
            key = tuple(int(i) for i in np.argwhere(outside)[0])
            parents = [
                (name, tuple(states[i] for i in chosen.ravel()))
                for (name, states), chosen in zip(self.model.axes(node.name), where, strict=False)
            ]
            what = (
                f"'{change.text}' makes P({node.name}={change.state}"
                f"{combination(parents, key)}) {after[key]:g}, outside [0, 1]"
            )
            do = "use a number that stays in [0, 1], or odds(…) *= k, which always does"
            raise ModelError([problem(place, what, do)])
        after = np.clip(after, 0.0, 1.0)
        moved = after != before
        table[where] = np.where(moved[..., None], covary(rows, state, after), rows)
        edge = table[where]
        dropped = self._dropped(node)
        dropped[where] |= moved[..., None] & ((edge == 0) | (edge == 1))

    def _dropped(self, node: Chance) -> NDArray[np.bool_]:
        if node.name not in self.dropped:
            known = self.model.dropped.get(node.name)
            shape = node.table.shape
            self.dropped[node.name] = np.zeros(shape, bool) if known is None else known.copy()
        return self.dropped[node.name]


def operate(change: Change, before: Array | np.float64) -> Array:
    """Return the numbers after a change's operator."""
    number = change.number
    with np.errstate(all="ignore"):
        if change.kind == "odds":
            after = before * number / (1 - before + before * number)
        elif change.operator == "=":
            after = np.full_like(before, number)
        elif change.operator == "*=":
            after = before * number
        elif change.operator == "+=":
            after = before + number
        else:
            after = before - number
    return np.asarray(after)


def covary(rows: Array, state: int, after: Array) -> Array:
    """Return rows of probabilities with one state set and the others in proportion.

    Parameters
    ----------
    rows : ndarray (…, states)
    state : int
    after : ndarray (…)
        New probability of the state, in [0, 1].
    """
    others = rows.copy()
    others[..., state] = 0.0
    total = others.sum(axis=-1, keepdims=True)
    equal = np.full(rows.shape[-1], 1.0 / (rows.shape[-1] - 1))
    equal[state] = 0.0
    shares = np.where(total > 0, others / np.where(total > 0, total, 1.0), equal)
    result = shares * (1.0 - after)[..., None]
    result[..., state] = after
    return result


def chance_node(model: InfluenceDiagram, name: str, place: Place) -> Chance:
    """Return a chance node; a decision or value node of that name says what to do."""
    node = model.nodes.get(name)
    if isinstance(node, Decision):
        what = f"'{name}' is a decision: it is chosen, not changed"
        raise ModelError([problem(place, what, "change a chance node, or ask with it behind |")])
    if isinstance(node, Value):
        what = f"'{name}' is a value node and has no probability"
        raise ModelError([problem(place, what, f"change V({name} | …) or weight({name})")])
    chance: Chance = model.node(name, ("chance",), place)
    return chance


def selection(
    model: InfluenceDiagram,
    node: Chance | Value,
    conditions: Sequence[Assignment],
    place: Place,
) -> tuple[NDArray[np.intp], ...]:
    """Return the index of all combinations of a node's parents that conditions match.

    Raises
    ------
    ModelError
        For a name that is no parent, a state that is unknown, a name that comes twice.
    """
    found: list[Problem] = []
    wanted: dict[str, tuple[int, ...]] = {}
    for condition in conditions:
        if condition.name not in node.given:
            what = f"'{condition.name}' is no parent of {node.name}"
            listed = ", ".join(node.given)
            do = f"its parents are {listed}" if listed else f"{node.name} has no parents"
            close = nearest(condition.name, node.given)
            found.append(problem(place, what, f"{close} ({do})" if "did you" in close else do))
            continue
        states = model.states(condition.name)
        if condition.name in wanted:
            what = f"'{condition.name}' is named twice in the conditions on {node.name}"
            found.append(problem(place, what, "name it once; write a|b for either state"))
        for state in condition.states:
            if state not in states:
                what = f"{condition.name} has no state '{state}'"
                found.append(problem(place, what, nearest(state, states)))
        if not found:
            indices = dict.fromkeys(states.index(state) for state in condition.states)
            wanted[condition.name] = tuple(indices)
    if found:
        raise ModelError(found)
    lists = [wanted.get(p, tuple(range(len(model.states(p))))) for p in node.given]
    return np.ix_(*lists) if lists else ()


def intervene(model: InfluenceDiagram, settings: dict[str, str]) -> InfluenceDiagram:
    """Return the model in which chance nodes are made to take a state.

    The node's table is replaced and the arcs into it are cut: do(X = x) of Pearl 2009,
    *Causality*, 2nd ed., §3.2. Decisions may be taken anew in the new model.

    Parameters
    ----------
    settings : dict of chance node to state
    """
    if not settings:
        return model
    chances = []
    for chance in model.chances:
        if chance.name in settings:
            table = [float(state == settings[chance.name]) for state in chance.states]
            chance = replace(chance, given=(), table=read_only(np.array(table)))
        chances.append(chance)
    rows = {name: kept for name, kept in model.rows.items() if name not in settings}
    return model.rebuilt(chances=tuple(chances), rows=rows)
