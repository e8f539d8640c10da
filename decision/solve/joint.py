"""The joint table of a diagram, written out: one axis a variable, in time order.

Tables that brute force multiplies, adds and looks up; nothing here is clever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError, Problem

CELLS = 2**27
"""The largest joint table that is written out: a gigabyte of numbers."""

Array = NDArray[np.float64]
Choices = dict[str, NDArray[np.intp]]


def chance_table(model: InfluenceDiagram) -> Array:
    """Return the probability of every path, its decisions taken as they are on it."""
    cells = np.prod([float(len(model.states(name))) for name in model.time_order])
    if cells > CELLS:
        raise refusal(f"the joint table would have {cells:.4g} cells, more than {CELLS}")
    chance = np.ones([len(model.states(name)) for name in model.time_order])
    for node in model.chances:
        chance = chance * spread(model, node.table, (*node.given, node.name))
    return chance


def spread(model: InfluenceDiagram, table: Any, names: Sequence[str]) -> Any:
    """Return a table with its axes in time order and an axis of length 1 for all else."""
    order = model.time_order
    ranked = sorted(range(len(names)), key=lambda i: order.index(names[i]))
    shape = [len(model.states(name)) if name in names else 1 for name in order]
    return np.transpose(table, ranked).reshape(shape)


def total_table(model: InfluenceDiagram) -> Array:
    """Return the total of every path: weight × u of each value node, added up."""
    total = np.zeros([1] * len(model.time_order))
    for value in model.values:
        total = total + spread(model, model.utility(value.name), value.given)
    return np.broadcast_to(total, [len(model.states(name)) for name in model.time_order])


def followed(model: InfluenceDiagram, policy: Choices) -> Array:
    """Return 1 for every path on which the decisions follow the policy, else 0."""
    paths = np.ones([1] * len(model.time_order))
    for name, choice in policy.items():
        rule = np.eye(len(model.states(name)))[choice]
        paths = paths * spread(model, rule, (*model.information(name), name))
    return paths


def worth(weighed: Array, mass: Array, risk: float | None) -> Array:
    """Return the expected total, or the certain equivalent, of every situation."""
    happens = mass > 0
    if risk is None:
        return np.where(happens, weighed / np.where(happens, mass, 1.0), 0.0)
    return -risk * np.where(
        happens, np.where(happens, weighed, 0.0) - np.log(np.where(happens, mass, 1.0)), 0.0
    )


def equivalent(joint: Array, total: Array, tolerance: float) -> float:
    """Return the certain equivalent −t ln E[exp(−total/t)] over paths."""
    with np.errstate(divide="ignore"):
        logs = np.log(joint) - total / tolerance
    return float(-tolerance * np.logaddexp.reduce(logs, axis=None)) + 0.0


def tie(left: Array, right: Array, scale: float) -> NDArray[np.bool_]:
    """Whether totals tie: |a − b| ≤ 1e-9 · max(|a|, |b|, 1e-3 · the largest |total|)."""
    finite = np.isfinite(left) & np.isfinite(right)
    a, b = np.where(finite, left, 0.0), np.where(finite, right, 0.0)
    bound = np.maximum(np.maximum(abs(a), abs(b)), 1e-3 * scale)
    found: NDArray[np.bool_] = finite & (abs(a - b) <= 1e-9 * bound)
    return found


def scale_of(model: InfluenceDiagram) -> float:
    """Return the largest |total|: the largest |weight × u| of each value node, added up.

    A certain equivalent is a logarithm times t, which cannot be told from another that is
    within 4e-15 t: 0.004 t makes that a tie.
    """
    largest = sum(float(abs(model.utility(v.name)).max()) for v in model.values)
    return largest + 0.004 * (model.risk or 0.0)


def open_options(model: InfluenceDiagram, name: str, given: Mapping[str, str]) -> NDArray[np.bool_]:
    """Which options may be chosen: axes in time order up to the decision's own."""
    order = model.time_order
    last = order.index(name)
    shape = [len(model.states(other)) for other in order[: last + 1]]
    allowed = np.ones(shape, dtype=bool)
    for i, option in enumerate(model.states(name)):
        needs = model.nodes[name].only_when.get(option, {})  # type: ignore[attr-defined]
        for other, states in needs.items():
            fits = np.array([s in states for s in model.states(other)])
            shape = [len(fits) if other == o else 1 for o in order[:last]]
            allowed[..., i] &= fits.reshape(shape)
        allowed[..., i] &= given.get(name, option) == option
    return allowed


def open_to(model: InfluenceDiagram, name: str, given: Mapping[str, str]) -> NDArray[np.bool_]:
    """Which options may be chosen, with an axis for every variable."""
    allowed = open_options(model, name, given)
    return allowed.reshape(allowed.shape + (1,) * (len(model.time_order) - allowed.ndim))


def check_open(model: InfluenceDiagram, chance: Array) -> None:
    """Refuse a situation without an open option that some open choices can lead to."""
    order = model.time_order
    possible = chance > 0
    for name in order:
        if model.nodes[name].kind == "decision":
            allowed = open_options(model, name, {})
            later = tuple(range(allowed.ndim, len(order)))
            stuck = possible.any(axis=later).any(axis=-1) & ~allowed.any(axis=-1)
            if stuck.any():
                key = tuple(np.argwhere(stuck)[0])
                where = "; ".join(
                    f"{o}={model.states(o)[k]}" for o, k in zip(order, key, strict=False)
                )
                raise refusal(f"no option of {name} is open where {where}")
            possible = possible & allowed.reshape(allowed.shape + (1,) * len(later))


def refusal(what: str) -> ModelError:
    """Return the error for something that brute force does not do."""
    return ModelError([Problem("model.toml", 1, what, "ask for something smaller, or open one")])
