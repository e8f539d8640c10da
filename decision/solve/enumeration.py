"""The same answers by brute force: short and plain, to read and to check against.

The joint table of every decision and chance node is written out, one axis a variable
in the order in which they become known, and worked backwards: a chance node is summed
out, a decision is maxed out, until nothing is left (backward induction; Raiffa and
Schlaifer 1961, *Applied Statistical Decision Theory*, ch. 1). Because the axes stand
in time order, the axes before a decision's are exactly what it knows.

Two tables are carried: `weighed`, the probability times what a path is worth, and
`mass`, the probability alone; their ratio is what a situation is worth. With an
exponential utility u(x) = 1 − exp(−x/t) a path is weighed by exp(−total/t), the tables
are logarithms, and the ratio becomes the certain equivalent −t ln(weighed/mass).

A situation is *dead* if no option is open there, or if every open option can lead, with
positive probability, to a dead one. Decisions avoid dead situations.

With limited memory every combination of rules is tried, one by one.

Nothing here is shared with the compiled plan or the tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError, Problem

__all__ = ["Enumerated", "enumerate_branches", "enumerate_policy", "enumerate_solve"]

CELLS = 2**27
"""The largest joint table that is written out: a gigabyte of numbers."""
RULES = 200_000
"""The most combinations of rules that are tried for decisions that forget."""

Array = NDArray[np.float64]
Choices = dict[str, NDArray[np.intp]]


@dataclass(frozen=True, eq=False)
class Enumerated:
    """What brute force finds.

    Attributes
    ----------
    expected_value, certain_equivalent : float, float or None
        Of the total; the latter with an attitude to risk only.
    policy : dict of decision to array of int
        Option by the states of all that the decision knows.
    ties : dict of decision to array of bool
        Axes as in `policy` and one for the options: which tie with the best.
    joint : ndarray
        Probability of every path under the policy, axes in time order.
    mass : dict of decision to array
        Probability of each situation, given the decisions that lead there.
    """

    model: InfluenceDiagram
    expected_value: float
    certain_equivalent: float | None
    policy: Choices
    ties: dict[str, NDArray[np.bool_]]
    joint: Array
    mass: dict[str, Array]

    def probabilities(
        self, names: Sequence[str], observed: Mapping[str, str] | None = None
    ) -> Array:
        """Return the joint table over `names`, given what is observed of chance nodes."""
        joint = _restricted(self.model, self.joint, observed or {})
        kept = [self.model.time_order.index(name) for name in names]
        table = joint.sum(axis=tuple(i for i in range(joint.ndim) if i not in kept))
        found: Array = np.moveaxis(table, np.argsort(np.argsort(kept)), range(len(kept)))
        return found / float(joint.sum())

    def expectation(
        self, value: str | None = None, observed: Mapping[str, str] | None = None
    ) -> float:
        """Return the expectation of a value node in its unit (default: of the total)."""
        joint = _restricted(self.model, self.joint, observed or {})
        if value is None:
            amounts = _total(self.model)
        else:
            amounts = _spread(self.model, self.model.nodes[value].table, self.model.given(value))  # type: ignore[attr-defined]
        return float((joint * amounts).sum() / joint.sum()) + 0.0

    @property
    def strategy(self) -> list[dict[str, Any]]:
        """A row for each situation of positive probability, as `decision solve` prints it."""
        return [row for d in self.model.decisions for row in self._rows(d.name)]

    def _rows(self, decision: str) -> Iterator[dict[str, Any]]:
        model, order = self.model, self.model.time_order
        known = [order.index(name) for name in model.information(decision)]
        rest = tuple(i for i in range(len(order)) if i not in known)
        mass = self.joint.sum(axis=rest)
        weighed = (self.joint * _total(model)).sum(axis=rest)
        options = model.states(decision)
        for key in np.ndindex(*mass.shape):
            if mass[key] > 0:
                choice = self.policy[decision][key]
                tied = self.ties[decision][key]
                row = {
                    "decision": decision,
                    "given": {
                        order[i]: model.states(order[i])[k] for i, k in zip(known, key, strict=True)
                    },
                    "choose": options[choice],
                    "expected_value": float(weighed[key] / mass[key]) + 0.0,
                    "probability": float(mass[key]),
                    "ties": [options[i] for i in np.flatnonzero(tied) if i != choice],
                }
                if model.risk is not None:
                    selected: list[Any] = [slice(None)] * len(order)
                    for i, k in zip(known, key, strict=True):
                        selected[i] = k
                    part = self.joint[tuple(selected)] / mass[key]
                    row["certain_equivalent"] = _equivalent(
                        part, _total(model)[tuple(selected)], model.risk
                    )
                yield row


def enumerate_solve(model: InfluenceDiagram, given: Mapping[str, str] | None = None) -> Enumerated:
    """Solve a model by brute force.

    Parameters
    ----------
    model : InfluenceDiagram
        At most 2**27 combinations of states.
    given : mapping of decision to option, optional
        Decisions that are set in every situation; all others are optimal.

    Raises
    ------
    ModelError
        Where the joint table is too large, or no option is open in some situation.

    Examples
    --------
    >>> from decision import Chance, Decision, InfluenceDiagram, Value
    >>> umbrella = InfluenceDiagram(
    ...     decisions=[Decision("take", ["yes", "no"])],
    ...     chances=[Chance("rain", ["yes", "no"], table={"yes": 0.3, "no": 0.7})],
    ...     values=[Value("comfort", ["take", "rain"], table=[[70, 80], [0, 100]])],
    ... )
    >>> enumerate_solve(umbrella).expected_value
    77.0
    """
    found = _solved(model, given or {})
    if found is None:
        raise _error(f"no choice avoids a situation in which no option is open, given {given}")
    return found


def enumerate_branches(
    model: InfluenceDiagram, by: str | None = None, given: Mapping[str, str] | None = None
) -> list[tuple[str, Enumerated | None]]:
    """Return what each option of a decision leads to, all other decisions optimal."""
    by = by or model.decisions[0].name
    return [(option, _solved(model, {**(given or {}), by: option})) for option in model.states(by)]


def enumerate_policy(
    model: InfluenceDiagram, policy: Choices, given: Mapping[str, str] | None = None
) -> Enumerated:
    """Return what a policy leads to; `ties` are options as good where the rest is kept.

    Parameters
    ----------
    model : InfluenceDiagram
    policy : dict of decision to array of int
        Option by the states of all that the decision knows.
    given : mapping of decision to option, optional
        Decisions that are set.
    """
    chance = _chance(model)
    ties = {n: _tied_alone(model, chance, policy, n, given or {}) for n in policy}
    return _described(model, chance, policy, ties)


def _error(what: str) -> ModelError:
    return ModelError([Problem("model.toml", 1, what, "ask for something smaller, or open one")])


def _solved(model: InfluenceDiagram, given: Mapping[str, str]) -> Enumerated | None:
    chance = _chance(model)
    _check_open(model, chance)
    found = (_backwards if model.memory == "perfect" else _every_rule)(model, chance, given)
    return None if found is None else _described(model, chance, *found)


def _chance(model: InfluenceDiagram) -> Array:
    """Return the probability of every path, its decisions taken as they are on it."""
    cells = np.prod([float(len(model.states(name))) for name in model.time_order])
    if cells > CELLS:
        raise _error(f"the joint table would have {cells:.4g} cells, more than {CELLS}")
    chance = np.ones([len(model.states(name)) for name in model.time_order])
    for node in model.chances:
        chance = chance * _spread(model, node.table, (*node.given, node.name))
    return chance


def _described(
    model: InfluenceDiagram, chance: Array, policy: Choices, ties: dict[str, NDArray[np.bool_]]
) -> Enumerated:
    joint = chance * _followed(model, policy)
    total = _total(model)
    return Enumerated(
        model=model,
        expected_value=float((joint * total).sum()) + 0.0,
        certain_equivalent=None if model.risk is None else _equivalent(joint, total, model.risk),
        policy=policy,
        ties=ties,
        joint=joint,
        mass={d.name: _mass(model, chance, d.name) for d in model.decisions},
    )


def _mass(model: InfluenceDiagram, chance: Array, decision: str) -> Array:
    """Return P(what a decision knows | earlier decisions); with memory only."""
    place = model.time_order.index(decision)
    for name in reversed(model.time_order[place:]):
        chance = chance.sum(axis=-1) if model.nodes[name].kind == "chance" else chance[..., 0]
    return chance


def _backwards(
    model: InfluenceDiagram, chance: Array, given: Mapping[str, str]
) -> tuple[Choices, dict[str, NDArray[np.bool_]]] | None:
    """Sum and max the joint table out, last variable first; None at a dead end."""
    risk, total = model.risk, _total(model)
    with np.errstate(divide="ignore"):
        weighed = chance * total if risk is None else np.log(chance) - total / risk
    add = np.add if risk is None else np.logaddexp
    mass: Array = chance
    dead: Any = np.zeros(chance.shape, dtype=bool)
    policy: Choices = {}
    ties: dict[str, NDArray[np.bool_]] = {}
    for name in reversed(model.time_order):
        if model.nodes[name].kind == "chance":
            dead = (dead & (mass > 0)).any(axis=-1)
            weighed, mass = add.reduce(weighed, axis=-1), mass.sum(axis=-1)
            continue
        allowed = _open(model, name, given) & ~dead
        worth = np.where(allowed, _worth(weighed, mass, risk), -np.inf)
        tied = allowed & _tie(worth, worth.max(axis=-1, keepdims=True), _scale(model))
        policy[name], ties[name] = tied.argmax(axis=-1), tied
        chosen = policy[name][..., None]
        weighed = np.take_along_axis(weighed, chosen, axis=-1)[..., 0]
        mass = np.take_along_axis(mass, chosen, axis=-1)[..., 0]
        dead = ~allowed.any(axis=-1)
    return None if dead else (policy, ties)


def _worth(weighed: Array, mass: Array, risk: float | None) -> Array:
    """Return the expected total, or the certain equivalent, of every situation."""
    happens = mass > 0
    if risk is None:
        return np.where(happens, weighed / np.where(happens, mass, 1.0), 0.0)
    return -risk * np.where(
        happens, np.where(happens, weighed, 0.0) - np.log(np.where(happens, mass, 1.0)), 0.0
    )


def _tie(left: Array, right: Array, scale: float) -> NDArray[np.bool_]:
    """Whether totals tie: |a − b| ≤ 1e-9 · max(|a|, |b|, 1e-3 · the largest |total|)."""
    finite = np.isfinite(left) & np.isfinite(right)
    a, b = np.where(finite, left, 0.0), np.where(finite, right, 0.0)
    bound = np.maximum(np.maximum(abs(a), abs(b)), 1e-3 * scale)
    found: NDArray[np.bool_] = finite & (abs(a - b) <= 1e-9 * bound)
    return found


def _scale(model: InfluenceDiagram) -> float:
    """Return the largest |total|: the largest |weight × u| of each value node, added up.

    A certain equivalent is a logarithm times t, which cannot be told from another that is
    within 4e-15 t: 0.004 t makes that a tie.
    """
    largest = sum(float(abs(model.utility(v.name)).max()) for v in model.values)
    return largest + 0.004 * (model.risk or 0.0)


def _equivalent(joint: Array, total: Array, tolerance: float) -> float:
    with np.errstate(divide="ignore"):
        logs = np.log(joint) - total / tolerance
    return float(-tolerance * np.logaddexp.reduce(logs, axis=None)) + 0.0


def _spread(model: InfluenceDiagram, table: Any, names: Sequence[str]) -> Any:
    """Return a table with its axes in time order and an axis of length 1 for all else."""
    order = model.time_order
    ranked = sorted(range(len(names)), key=lambda i: order.index(names[i]))
    shape = [len(model.states(name)) if name in names else 1 for name in order]
    return np.transpose(table, ranked).reshape(shape)


def _total(model: InfluenceDiagram) -> Array:
    total = np.zeros([1] * len(model.time_order))
    for value in model.values:
        total = total + _spread(model, model.utility(value.name), value.given)
    return np.broadcast_to(total, [len(model.states(name)) for name in model.time_order])


def _restricted(model: InfluenceDiagram, joint: Array, observed: Mapping[str, str]) -> Array:
    for name, state in observed.items():
        keep = np.array([s == state for s in model.states(name)], dtype=float)
        joint = joint * _spread(model, keep, (name,))
    if not joint.sum() > 0:
        raise _error(f"the condition {dict(observed)} has probability 0")
    return joint


def _open(model: InfluenceDiagram, name: str, given: Mapping[str, str]) -> NDArray[np.bool_]:
    """Which options may be chosen: axes in time order up to the decision's own."""
    order = model.time_order
    last = order.index(name)
    shape = [len(model.states(other)) for other in order[: last + 1]]
    allowed = np.ones(shape, dtype=bool)
    for i, option in enumerate(model.states(name)):
        needs = model.nodes[name].only_when.get(option, {})  # type: ignore[attr-defined]
        for other, states in needs.items():
            fits = np.array([s in states for s in model.states(other)])
            spread = _spread(model, fits, (other,)).reshape(
                [len(fits) if other == o else 1 for o in order[:last]]
            )
            allowed[..., i] &= spread
        allowed[..., i] &= given.get(name, option) == option
    return allowed


def _check_open(model: InfluenceDiagram, chance: Array) -> None:
    """Refuse a situation without an open option that some open choices can lead to."""
    order = model.time_order
    possible = chance > 0
    for name in order:
        if model.nodes[name].kind == "decision":
            allowed = _open(model, name, {})
            later = tuple(range(allowed.ndim, len(order)))
            stuck = possible.any(axis=later).any(axis=-1) & ~allowed.any(axis=-1)
            if stuck.any():
                key = tuple(np.argwhere(stuck)[0])
                where = "; ".join(
                    f"{o}={model.states(o)[k]}" for o, k in zip(order, key, strict=False)
                )
                raise _error(f"no option of {name} is open where {where}")
            possible = possible & allowed.reshape(allowed.shape + (1,) * len(later))


def _followed(model: InfluenceDiagram, policy: Choices) -> Array:
    """Return 1 for every path on which the decisions follow the policy, else 0."""
    followed = np.ones([1] * len(model.time_order))
    for name, choice in policy.items():
        rule = np.eye(len(model.states(name)))[choice]
        followed = followed * _spread(model, rule, (*model.information(name), name))
    return followed


def _every_rule(
    model: InfluenceDiagram, chance: Array, given: Mapping[str, str]
) -> tuple[Choices, dict[str, NDArray[np.bool_]]] | None:
    """Try every combination of rules of decisions that forget; None if all are dead ends."""
    names = [d.name for d in model.decisions]
    options = {n: _open_where_known(model, n, given) for n in names}
    number = np.prod([float(allowed.sum(axis=-1).clip(1).prod()) for allowed in options.values()])
    if number > RULES:
        raise _error(f"there are {number:.4g} combinations of rules to try")
    total, scale = _total(model), _scale(model)
    closed = np.zeros(chance.shape, dtype=bool)
    for n in names:
        closed |= ~_open_to(model, n, given)
    worths: list[float] = []
    policies: list[Choices] = []
    for combination in product(*(_rules(allowed) for allowed in options.values())):
        policy = dict(zip(names, combination, strict=True))
        joint = chance * _followed(model, policy)
        if not (closed & (joint > 0)).any():
            policies.append(policy)
            worths.append(_value(joint, total, model.risk))
    if not policies:
        return None
    tied = _tie(np.array(worths), np.array(max(worths)), scale)
    best = policies[int(tied.argmax())]
    return best, {n: _tied_alone(model, chance, best, n, given) for n in names}


def _rules(allowed: NDArray[np.bool_]) -> Iterator[NDArray[np.intp]]:
    """Yield every rule: an open option for each situation, the first where none is."""
    rows = allowed.reshape(-1, allowed.shape[-1])
    for rule in product(*(np.flatnonzero(row).tolist() or [0] for row in rows)):
        yield np.array(rule, dtype=np.intp).reshape(allowed.shape[:-1])


def _open_where_known(
    model: InfluenceDiagram, name: str, given: Mapping[str, str]
) -> NDArray[np.bool_]:
    """Which options are open by what a decision knows, where it forgets the rest."""
    allowed, order = _open(model, name, given), model.time_order
    known = (*model.information(name), name)
    return allowed[tuple(slice(None) if o in known else 0 for o in order[: allowed.ndim])]


def _value(joint: Array, total: Array, risk: float | None) -> float:
    return float((joint * total).sum()) if risk is None else _equivalent(joint, total, risk)


def _open_to(model: InfluenceDiagram, name: str, given: Mapping[str, str]) -> NDArray[np.bool_]:
    allowed = _open(model, name, given)
    return allowed.reshape(allowed.shape + (1,) * (len(model.time_order) - allowed.ndim))


def _tied_alone(
    model: InfluenceDiagram, chance: Array, policy: Choices, name: str, given: Mapping[str, str]
) -> NDArray[np.bool_]:
    """Which options would do as well in a situation, all other rules kept."""
    others = chance * _followed(model, {n: c for n, c in policy.items() if n != name})
    stuck = np.zeros(others.shape, dtype=bool)
    for n in policy:
        stuck |= ~_open_to(model, n, given)
    axes = [model.time_order.index(n) for n in (*model.information(name), name)]
    rest = tuple(i for i in range(others.ndim) if i not in axes)
    mass = others.sum(axis=rest)
    total = _total(model)
    if model.risk is None:
        weighed = (others * total).sum(axis=rest)
    else:
        with np.errstate(divide="ignore"):
            logs = np.log(others) - total / model.risk
        weighed = np.logaddexp.reduce(logs, axis=rest) if rest else logs
    allowed = ~((stuck & (others > 0)).any(axis=rest))
    worth = np.where(allowed, _worth(weighed, mass, model.risk), -np.inf)
    chosen = np.take_along_axis(worth, policy[name][..., None], axis=-1)
    return allowed & _tie(worth, chosen, _scale(model))
