"""From a model to the arrays that a plan takes in.

Each array has the axes the plan names and a last one for the batch. A plan with
exponential utility takes ln P and −w·u/t, all others P and w·u.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.model.problems import Problem
from decision.solve.compiled import Plan
from decision.solve.steps import Key

__all__ = ["arrays_for", "open_options", "scale_of", "set_options", "too_large"]

Array = NDArray[Any]
ROUNDING = 0.004
"""In units of 1e-12, the relative difference that is nothing: 18 roundings of 2^-52."""


def arrays_for(
    plan: Plan, model: InfluenceDiagram, extra: Mapping[Key, Array] | None = None
) -> dict[Key, Array]:
    """Return a plan's inputs.

    Parameters
    ----------
    plan : Plan
    model : InfluenceDiagram
    extra : mapping of (kind, name) to ndarray
        What does not follow from the model: options that are set (`set_options`), rules,
        evidence. Where they have a batch, so has the answer.
    """
    given = dict(extra or {})
    return {key: _array(plan, model, key, given) for key, _ in plan.inputs}


def _array(plan: Plan, model: InfluenceDiagram, key: Key, given: Mapping[Key, Array]) -> Array:
    kind, name = key
    if kind == "chance":
        table = model.nodes[name].table[..., None]  # type: ignore[attr-defined]
        return _logarithm(table) if plan.logarithmic else table
    if kind == "value":
        amounts = model.utility(name)[..., None]
        return amounts / -_tolerance(model) if plan.logarithmic else amounts
    if kind == "amount":
        return model.nodes[name].table[..., None]  # type: ignore[attr-defined,no-any-return]
    if kind == "open":
        return open_options(model, name)[..., None]
    if kind == "scale":
        return np.array([scale_of(model)])
    if kind == "tolerance":
        return np.array([_tolerance(model)])
    if kind in ("plain", "support"):
        table = given.get(("forced", name), given.get(("rule", name)))
        if table is None:
            table = model.nodes[name].table[..., None]  # type: ignore[attr-defined]
        return table if kind == "plain" else np.asarray(table > 0, dtype=np.float64)
    if kind == "dead":
        closed = 1.0 - open_options(model, name)
        return np.asarray((closed[..., None] * given["forced", name]).sum(axis=-2))
    table = given[key]
    return _logarithm(table) if plan.logarithmic else table


def _tolerance(model: InfluenceDiagram) -> float:
    assert model.risk is not None
    return model.risk


def _logarithm(table: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.log(table)


def scale_of(model: InfluenceDiagram) -> float:
    """Return the largest |total|: the largest |w·u| of each value node, added up.

    No path need reach it; it only says how small a difference is nothing. A certain
    equivalent is a logarithm times the tolerance, and so has at least that rounding.
    """
    largest = sum(float(np.abs(model.utility(value.name)).max()) for value in model.values)
    return largest + ROUNDING * (model.risk or 0.0)


def too_large(model: InfluenceDiagram) -> list[Problem]:
    """Return a problem if totals, in units of the risk tolerance, are beyond all numbers."""
    with np.errstate(over="ignore"):
        exponent = np.float64(scale_of(model)) / (model.risk or 1.0)
    if np.isfinite(exponent):
        return []
    what = f"the largest total is beyond 1.8e308 in units of the risk tolerance {model.risk:g}"
    return [Problem("model.toml", 1, what, "give amounts in a larger unit")]


def set_options(model: InfluenceDiagram, rows: Sequence[Mapping[str, str]]) -> dict[Key, Array]:
    """Return the tables of decisions that are set, one batch row for each mapping."""
    tables: dict[Key, Array] = {}
    for name in rows[0]:
        options = model.states(name)
        columns = [[float(option == row[name]) for option in options] for row in rows]
        tables["forced", name] = np.array(columns).T.copy()
    return tables


def open_options(model: InfluenceDiagram, name: str) -> NDArray[np.float64]:
    """Return 1 where an option is open: axes as the structure's guard, then the options."""
    decision: Any = model.nodes[name]
    guard = dict(model.structure.guards).get(name, ())
    table = np.ones([len(model.states(other)) for other in guard] + [len(decision.options)])
    for option, needs in decision.only_when.items():
        column = table[..., decision.options.index(option)]
        for other, allowed in needs.items():
            fits = [float(state in allowed) for state in model.states(other)]
            shape = [len(fits) if other == axis else 1 for axis in guard]
            column *= np.array(fits).reshape(shape)
    return table
