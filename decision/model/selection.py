"""Which numbers of a model a change (or V in a question) means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from decision.model.language import Assignment, Change
from decision.model.nodes import Chance, Decision, Value
from decision.model.problems import ModelError, Place, Problem, nearest, problem, shorten

if TYPE_CHECKING:
    from decision.model.diagram import InfluenceDiagram

__all__ = ["chance_node", "changed_state", "no_parent", "selection"]

Index = tuple[slice | NDArray[np.intp], ...]


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
) -> Index:
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
            found.append(problem(place, *no_parent(condition.name, node)))
            continue
        states: tuple[str, ...] = model.nodes[condition.name].states  # type: ignore[attr-defined]
        if condition.name in wanted:
            what = f"'{condition.name}' is named twice in the conditions on {node.name}"
            found.append(problem(place, what, "name it once; write a|b for either state"))
        for state in condition.states:
            if state not in states:
                what = f"{condition.name} has no state '{shorten(state)}'"
                found.append(problem(place, what, nearest(state, states)))
        if not found:
            wanted[condition.name] = tuple(dict.fromkeys(map(states.index, condition.states)))
    if found:
        raise ModelError(found)
    picked = [wanted.get(parent) for parent in node.given]
    if sum(states is not None and len(states) > 1 for states in picked) <= 1:
        # Slices keep every axis and copy nothing, and one list among them keeps its place;
        # the axes of several lists would move to the front.
        return tuple([_along(states) for states in picked])
    lists = [
        range(len(model.states(parent))) if states is None else states
        for parent, states in zip(node.given, picked, strict=True)
    ]
    return np.ix_(*lists)


def _along(states: tuple[int, ...] | None) -> slice | NDArray[np.intp]:
    if states is None:
        return slice(None)
    return slice(states[0], states[0] + 1) if len(states) == 1 else np.array(states, np.intp)


def no_parent(name: str, node: Chance | Value) -> tuple[str, str]:
    """Return what is wrong with a condition on what is no parent, and the parents there are."""
    what = f"'{shorten(name)}' is no parent of {node.name}"
    if not node.given:
        return what, f"{node.name} has no parents"
    close = nearest(name, node.given)
    listed = f"its parents are {', '.join(node.given)}"
    return what, f"{close} ({listed})" if close.startswith("did") else listed


def changed_state(node: Chance, change: Change, place: Place) -> int:
    """Return the number of the state that a change names, where it can be changed so."""
    if change.state not in node.states:
        what = f"{node.name} has no state '{shorten(change.state)}'"
        raise ModelError([problem(place, what, nearest(str(change.state), node.states))])
    if len(node.states) == 1:
        what = f"{node.name} has the single state '{change.state}', whose probability is 1"
        raise ModelError([problem(place, what, "leave it out")])
    if change.kind == "odds" and change.number <= 0:
        what = f"'{shorten(change.text)}' multiplies odds by {change.number:g}"
        raise ModelError([problem(place, what, "use a number above 0")])
    return node.states.index(change.state)
