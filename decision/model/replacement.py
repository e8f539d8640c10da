"""Whole tables put in place of a model's own: from pandas, arrays or mappings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.model.nodes import Chance
from decision.model.problems import PYTHON, ModelError, Problem, problem
from decision.model.reach import dead_ends
from decision.model.settings import overflow_problem
from decision.model.tables import Array, as_array, probability_problems

if TYPE_CHECKING:
    from decision.model.diagram import InfluenceDiagram

__all__ = ["put_tables"]


def put_tables(model: InfluenceDiagram, tables: Any) -> InfluenceDiagram:
    """Return the model with whole tables put in place.

    Parameters
    ----------
    model : InfluenceDiagram
    tables : DataFrame or Series, or several, or mapping of node to table
        A DataFrame says by ``columns.name`` whose it is, a Series by ``name``.

    Raises
    ------
    ModelError
        With every table that doesn't fit its node.
    """
    found: list[Problem] = []
    arrays: dict[str, Array] = {}
    for name, table in _named(tables):
        if name is None:
            do = "call its columns, or the Series, by its node"
            found.append(problem(PYTHON, "a table has no name", do))
            continue
        try:
            node = model.node(name, ("chance", "value"))
        except ModelError as error:
            found += error.problems
            continue
        axes = model.axes(name)
        array = as_array(table, axes, name, PYTHON)
        if isinstance(array, Problem):
            found.append(array)
            continue
        arrays[name] = array
        if isinstance(node, Chance):
            found += probability_problems(array, axes, PYTHON)
        else:
            found += overflow_problem(node, array, PYTHON)
    chances = {c.name: arrays.get(c.name, c.table) for c in model.chances}
    if not found and any(((chances[c.name] > 0) != (c.table > 0)).any() for c in model.chances):
        for decision, where in dead_ends(model.decisions, model.chances, chances):
            what = f"with these tables no option of {decision.name} is open{where}"
            found.append(problem(PYTHON, what, "open one there in only_when"))
    if found:
        raise ModelError(found)
    return model.with_numbers(arrays, dropped=_at_the_ends(model, arrays))


def _named(tables: Any) -> list[tuple[str | None, Any]]:
    if isinstance(tables, Mapping):
        return [(str(name), table) for name, table in tables.items()]
    named: list[tuple[str | None, Any]] = []
    for table in [tables] if hasattr(tables, "iloc") else tables:
        name = getattr(getattr(table, "columns", table), "name", None)
        named.append((None if name is None else str(name), table))
    return named


def _at_the_ends(
    model: InfluenceDiagram, arrays: Mapping[str, Array]
) -> dict[str, NDArray[np.bool_]]:
    """Return the probabilities that new tables take to 0 or 1, with those taken before."""
    dropped = {}
    for chance in model.chances:
        if chance.name in arrays:
            table = arrays[chance.name]
            ended = (table != chance.table) & ((table == 0) | (table == 1))
            dropped[chance.name] = ended | model.dropped.get(chance.name, False)
    return dropped
