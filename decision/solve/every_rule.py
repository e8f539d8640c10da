"""Decisions that forget, by brute force: every combination of rules is tried.

What a rule says is one option for each combination of states that its decision knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.solve.joint import (
    Array,
    Choices,
    equivalent,
    followed,
    open_options,
    open_to,
    refusal,
    scale_of,
    tie,
    total_table,
    worth,
)

__all__ = ["every_rule", "tied_alone"]

RULES = 200_000
"""The most combinations of rules that are tried."""


def every_rule(
    model: InfluenceDiagram, chance: Array, given: Mapping[str, str]
) -> tuple[Choices, dict[str, NDArray[np.bool_]]] | None:
    """Try every combination of rules of decisions that forget; None if all are dead ends."""
    names = [d.name for d in model.decisions]
    options = {n: _open_where_known(model, n, given) for n in names}
    number = np.prod([float(allowed.sum(axis=-1).clip(1).prod()) for allowed in options.values()])
    if number > RULES:
        raise refusal(f"there are {number:.4g} combinations of rules to try")
    total, scale = total_table(model), scale_of(model)
    closed = np.zeros(chance.shape, dtype=bool)
    for n in names:
        closed |= ~open_to(model, n, given)
    worths: list[float] = []
    policies: list[Choices] = []
    for combination in product(*(_rules(allowed) for allowed in options.values())):
        policy = dict(zip(names, combination, strict=True))
        joint = chance * followed(model, policy)
        if not (closed & (joint > 0)).any():
            policies.append(policy)
            worths.append(_value(joint, total, model.risk))
    if not policies:
        return None
    tied = tie(np.array(worths), np.array(max(worths)), scale)
    best = policies[int(tied.argmax())]
    return best, {n: tied_alone(model, chance, best, n, given) for n in names}


def _rules(allowed: NDArray[np.bool_]) -> Iterator[NDArray[np.intp]]:
    """Yield every rule: an open option for each situation, the first where none is."""
    rows = allowed.reshape(-1, allowed.shape[-1])
    for rule in product(*(np.flatnonzero(row).tolist() or [0] for row in rows)):
        yield np.array(rule, dtype=np.intp).reshape(allowed.shape[:-1])


def _open_where_known(
    model: InfluenceDiagram, name: str, given: Mapping[str, str]
) -> NDArray[np.bool_]:
    """Which options are open by what a decision knows, where it forgets the rest."""
    allowed, order = open_options(model, name, given), model.time_order
    known = (*model.information(name), name)
    return allowed[tuple(slice(None) if o in known else 0 for o in order[: allowed.ndim])]


def _value(joint: Array, total: Array, risk: float | None) -> float:
    return float((joint * total).sum()) if risk is None else equivalent(joint, total, risk)


def tied_alone(
    model: InfluenceDiagram, chance: Array, policy: Choices, name: str, given: Mapping[str, str]
) -> NDArray[np.bool_]:
    """Which options would do as well in a situation, all other rules kept."""
    others = chance * followed(model, {n: c for n, c in policy.items() if n != name})
    stuck = np.zeros(others.shape, dtype=bool)
    for n in policy:
        stuck |= ~open_to(model, n, given)
    axes = [model.time_order.index(n) for n in (*model.information(name), name)]
    rest = tuple(i for i in range(others.ndim) if i not in axes)
    mass = others.sum(axis=rest)
    total = total_table(model)
    if model.risk is None:
        weighed = (others * total).sum(axis=rest)
    else:
        with np.errstate(divide="ignore"):
            logs = np.log(others) - total / model.risk
        weighed = np.logaddexp.reduce(logs, axis=rest) if rest else logs
    allowed = ~((stuck & (others > 0)).any(axis=rest))
    worths = np.where(allowed, worth(weighed, mass, model.risk), -np.inf)
    chosen = np.take_along_axis(worths, policy[name][..., None], axis=-1)
    return allowed & tie(worths, chosen, scale_of(model))
