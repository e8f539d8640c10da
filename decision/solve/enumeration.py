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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.solve.every_rule import every_rule, tied_alone
from decision.solve.joint import (
    Array,
    Choices,
    chance_table,
    check_open,
    equivalent,
    followed,
    open_options,
    refusal,
    scale_of,
    spread,
    tie,
    total_table,
    worth,
)

__all__ = ["Enumerated", "enumerate_branches", "enumerate_policy", "enumerate_solve"]


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
            amounts = total_table(self.model)
        else:
            amounts = spread(self.model, self.model.nodes[value].table, self.model.given(value))  # type: ignore[attr-defined]
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
        weighed = (self.joint * total_table(model)).sum(axis=rest)
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
                    row["certain_equivalent"] = equivalent(
                        part, total_table(model)[tuple(selected)], model.risk
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
        raise refusal(f"no choice avoids a situation in which no option is open, given {given}")
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
    chance = chance_table(model)
    ties = {n: tied_alone(model, chance, policy, n, given or {}) for n in policy}
    return _described(model, chance, policy, ties)


def _solved(model: InfluenceDiagram, given: Mapping[str, str]) -> Enumerated | None:
    chance = chance_table(model)
    check_open(model, chance)
    found = (_backwards if model.memory == "perfect" else every_rule)(model, chance, given)
    return None if found is None else _described(model, chance, *found)


def _described(
    model: InfluenceDiagram, chance: Array, policy: Choices, ties: dict[str, NDArray[np.bool_]]
) -> Enumerated:
    joint = chance * followed(model, policy)
    total = total_table(model)
    return Enumerated(
        model=model,
        expected_value=float((joint * total).sum()) + 0.0,
        certain_equivalent=None if model.risk is None else equivalent(joint, total, model.risk),
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
    risk, total = model.risk, total_table(model)
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
        allowed = open_options(model, name, given) & ~dead
        worths = np.where(allowed, worth(weighed, mass, risk), -np.inf)
        tied = allowed & tie(worths, worths.max(axis=-1, keepdims=True), scale_of(model))
        policy[name], ties[name] = tied.argmax(axis=-1), tied
        chosen = policy[name][..., None]
        weighed = np.take_along_axis(weighed, chosen, axis=-1)[..., 0]
        mass = np.take_along_axis(mass, chosen, axis=-1)[..., 0]
        dead = ~allowed.any(axis=-1)
    return None if dead else (policy, ties)


def _restricted(model: InfluenceDiagram, joint: Array, observed: Mapping[str, str]) -> Array:
    for name, state in observed.items():
        keep = np.array([s == state for s in model.states(name)], dtype=float)
        joint = joint * spread(model, keep, (name,))
    if not joint.sum() > 0:
        raise refusal(f"the condition {dict(observed)} has probability 0")
    return joint
