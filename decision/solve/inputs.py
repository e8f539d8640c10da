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

FOLLOW = ("chance", "value", "amount")
"""Kinds of inputs that follow from a node alone, and the weights and the risk tolerance."""
SCALE: Key = ("scale", "")

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
    given = extra or {}
    fed = _fed(plan)
    if fed is None:
        return {key: _array(plan, model, key, given) for key, _ in plan.inputs}
    arrays = fed.arrays(plan, model)
    if fed.others:
        arrays.update((key, _array(plan, model, key, given)) for key in fed.others)
    return arrays


class _Fed:
    """What was last made of each node for a plan, and the model it was made of.

    The two are put in place at once: threads may share a plan.
    """

    def __init__(self, plan: Plan) -> None:
        self.by_node: dict[str, list[Key]] = {}
        self.others: list[Key] = []
        for key, _ in plan.inputs:
            if key[0] in FOLLOW:
                self.by_node.setdefault(key[1], []).append(key)
            elif key[0] != "scale":
                self.others.append(key)
        self.scaled = any(key[0] == "scale" for key, _ in plan.inputs)
        self.last: tuple[InfluenceDiagram, dict[Key, Array]] | None = None

    def arrays(self, plan: Plan, model: InfluenceDiagram) -> dict[Key, Array]:
        """Return the inputs that follow from a model alone."""
        last = self.last
        arrays = {} if last is None else last[1].copy()
        for key in self.stale(model, None if last is None else last[0]):
            arrays[key] = array = _array(plan, model, key, {})
            array.setflags(write=False)
        scale = scale_of(model)
        if self.scaled and (last is None or arrays[SCALE][0] != scale):
            arrays[SCALE] = np.array([scale])
        self.last = (model, arrays)
        return arrays.copy()

    def stale(self, model: InfluenceDiagram, last: InfluenceDiagram | None) -> list[Key]:
        """Return the inputs that are not what they were in the last model."""
        by_node = self.by_node
        if last is None or not _alike(last, model):
            return [key for keys in by_node.values() for key in keys]
        found: list[Key] = []
        if model.chances is not last.chances:
            for one, other in zip(model.chances, last.chances, strict=True):
                if one is not other and one.name in by_node:
                    found += by_node[one.name]
        if model.values is not last.values:
            for value, before in zip(model.values, last.values, strict=True):
                if value is not before and value.name in by_node:
                    found += by_node[value.name]
        return found


def _alike(one: InfluenceDiagram, other: InfluenceDiagram) -> bool:
    """Whether what two models make of a node that they share is the same."""
    if one.risk != other.risk or one.weights != other.weights:
        return False
    if len(one.chances) != len(other.chances) or len(one.values) != len(other.values):
        return False
    if one.weights == "plain" or one.values is other.values:
        return True
    return [v.weight for v in one.values] == [v.weight for v in other.values]


@lru_cache(maxsize=32)
def _fed(plan: Plan) -> _Fed | None:
    """Return what was made for a plan; None for a large one."""
    return _Fed(plan) if fits(plan) else None


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
    same = values is model.values or (
        len(values) == len(model.values) and all(map(is_, values, model.values))
    )
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
