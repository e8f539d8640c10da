"""From a model to the arrays that a plan takes in.

Each array has the axes the plan names and a last one for the batch. A plan with
exponential utility takes ln P and −w·u/t, all others P and w·u.

Nodes and tables are never changed, only replaced; so what was made of a node for a small
plan is kept with the node it was made of, and given again while the model has that very
node. A model with one number changed shares all other nodes with the one it came from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import is_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Value
from decision.model.problems import Problem
from decision.solve.compiled import Plan
from decision.solve.steps import Key
from decision.solve.workspace import fits

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
    kept = _kept(plan)
    if kept is None:
        return {key: _array(plan, model, key, given) for key, _ in plan.inputs}
    arrays: dict[Key, Array] = {}
    for key, _ in plan.inputs:
        source = _source(model, key)
        before = kept.get(key)
        if source and before and all(map(_same, source, before[0])):
            arrays[key] = before[1]
            continue
        arrays[key] = array = _array(plan, model, key, given)
        if source:
            array.setflags(write=False)
            kept[key] = (source, array)
    return arrays


@lru_cache(maxsize=32)
def _kept(plan: Plan) -> dict[Key, tuple[tuple[Any, ...], Array]] | None:
    """Return what was last made of each node for a plan, and of what; None for a large one."""
    return {} if fits(plan) else None


def _source(model: InfluenceDiagram, key: Key) -> tuple[Any, ...]:
    """Return all that an input follows from; nothing where that is not the model alone."""
    kind, name = key
    if kind in ("chance", "amount"):
        return (model.nodes[name].table, model.risk)  # type: ignore[attr-defined]
    if kind == "value":
        weight = model.weight(name) if model.weights == "normalised" else None
        return (model.nodes[name], weight, model.risk)
    if kind == "scale":
        return (scale_of(model),)
    return ()


def _same(one: Any, other: Any) -> bool:
    return one is other or (isinstance(one, float) and one == other)


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
    values, weights, risk, scale = _last_scale[0]
    same = len(values) == len(model.values) and all(map(is_, values, model.values))
    if not (same and weights == model.weights and risk == model.risk):
        largest = sum(float(np.abs(model.utility(v.name)).max()) for v in model.values)
        scale = largest + ROUNDING * (model.risk or 0.0)
        _last_scale[0] = (model.values, model.weights, model.risk, scale)
    return scale


_last_scale: list[tuple[tuple[Value, ...], str, float | None, float]] = [((), "", None, 0.0)]
"""Of what the largest |total| was last found."""


def too_large(model: InfluenceDiagram) -> list[Problem]:
    """Return a problem if totals, in units of the risk tolerance, are beyond all numbers."""
    if math.isfinite(scale_of(model) / (model.risk or 1.0)):
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
