"""The nodes of a diagram made whole: all that is wrong at once, or its tables as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from decision.model.nodes import Chance, Decision, Value, states_of, tabled
from decision.model.order import order_problems
from decision.model.problems import PYTHON, ModelError, Place, Problem, problem
from decision.model.settings import overflow_problem, setting_problems
from decision.model.soundness import naming_problems
from decision.model.tables import Array, as_array, axes_of, probability_problems

if TYPE_CHECKING:
    from decision.model.diagram import InfluenceDiagram

__all__ = ["resolved"]


def resolved(model: InfluenceDiagram) -> dict[str, Array]:
    """Return the tables of a diagram's chance and value nodes as read-only arrays.

    Raises
    ------
    ModelError
        With everything wrong with its structure and settings, else with its tables.
    """
    found = _kind_problems(model)
    if not found:
        whole = {key: getattr(model, key) for key in ("memory", "weights", "provenance", "risk")}
        nodes = model.decisions, model.chances
        found += naming_problems(*nodes, model.values, _in_python)
        found += order_problems(*nodes, model.memory, _in_python, whole=not found)
        found += setting_problems(whole, model.values, _in_python)
    if found:
        raise ModelError(found)
    states = states_of(model.decisions, model.chances)
    arrays: dict[str, Array] = {}
    for node in tabled(model.chances, model.values):
        axes = axes_of(node, states)
        array = as_array(node.table, axes, node.name, PYTHON)
        if isinstance(array, Problem):
            found.append(array)
            continue
        arrays[node.name] = array
        if isinstance(node, Chance):
            found += probability_problems(array, axes, PYTHON)
        else:
            found += overflow_problem(node, array, PYTHON)
    if found:
        raise ModelError(found)
    return arrays


def _in_python(*path: str) -> Place:
    return PYTHON


def _kind_problems(model: InfluenceDiagram) -> list[Problem]:
    groups: tuple[tuple[str, tuple[Any, ...], type], ...] = (
        ("decisions", model.decisions, Decision),
        ("chances", model.chances, Chance),
        ("values", model.values, Value),
    )
    return [
        problem(PYTHON, f"{type(node).__name__} stands in {key}", f"give {kind.__name__} nodes")
        for key, nodes, kind in groups
        for node in nodes
        if not isinstance(node, kind)
    ]
