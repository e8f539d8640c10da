"""A bound that no rows within their ranges pass: the tree folded back, each row free.

The rows of each node are chosen anew for every history that leads to them, and every decision
is told all that came before it. Rows that may differ from history to history, and a
decision-maker who knows more, can only do better, so that no policy with one set of rows rises
above it: the outer bound of interval influence diagrams (Fertig and Breese 1990, "Interval
influence diagrams", UAI-89) and of credal networks whose rows are chosen separately (Cozman
2000, "Credal networks", Artificial Intelligence 120(2), 199-233,
doi:10.1016/S0004-3702(00)00029-1). Values add up, so that parts of the total are folded apart
until they meet in a node.

The lowest is bounded so for one policy at a time. With every decision told all, no bound comes of
it; but where to look does: in a Markov decision process whose states are seen the rows that are
chosen are the worst ones (Nilim and El Ghaoui 2005, "Robust control of Markov decision
processes with uncertain transition matrices", Operations Research 53(5), 780-798).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np
from numpy.typing import NDArray

from decision.analysis.landscape import Landscape
from decision.model.diagram import InfluenceDiagram
from decision.solve.rules import Rule

__all__ = ["Fold"]

Array = NDArray[np.float64]
CELLS = 2**21
"""Cells of a table on the way, at most."""
Part = tuple[tuple[str, ...], Array]
"""Names of axes, and a table over them: a part of the total."""


class Fold:
    """A branch folded back with rows that are free.

    Parameters
    ----------
    land : Landscape
    option : int
    high : bool
        Whether rows are at their highest, or at their lowest.
    policy : mapping of decision to Rule, optional
        The only policy that is looked at; else every decision knows all before it.

    Attributes
    ----------
    value : float or None
        What no rows pass: above the highest; below the lowest, if there is a policy. None
        where tables on the way would be too large.
    slope : ndarray (inputs)
        By each x, all histories counted alike.
    """

    def __init__(
        self,
        land: Landscape,
        option: int,
        high: bool,
        policy: Mapping[str, Rule] | None = None,
    ) -> None:
        self.land, self.model, self.high, self.policy = land, land.model, high, policy
        self.fixed = {land.by: option}
        self.slope = np.zeros(len(land.rows.inputs))
        self.value = self._fold()

    def _fold(self) -> float | None:
        model = self.model
        chances = {c.name for c in model.chances}
        parts: list[Part] = [(v.given, np.asarray(v.table)) for v in model.values]
        for name in reversed(_order(model, self.policy)):
            own = [part for part in parts if name in part[0]]
            if not own:
                continue
            parts = [part for part in parts if name not in part[0]]
            given = model.given(name)
            if name not in chances:
                free = self.policy is None or name in self.fixed
                given = () if self.policy is None or free else self.policy[name].given
            met = tuple(dict.fromkeys([*given, *(n for names, _ in own for n in names)]))
            others = tuple(n for n in met if n not in given and n != name)
            if prod(len(model.states(n)) for n in (*given, name, *others)) > CELLS:
                return None
            table = _added(model, own, (*given, name, *others))
            left = self._chance(name, table) if name in chances else self._decision(name, table)
            parts.append(((*given, *others), left))
        return float(sum(float(table) for _, table in parts))

    def _decision(self, name: str, table: Array) -> Array:
        """Return a table without a decision; its axes are what a rule looks at, it, the others."""
        if name in self.fixed:
            return np.asarray(table.take(self.fixed[name], axis=0))
        if self.policy is None:
            return np.asarray(table.max(axis=0))
        rule = np.asarray(self.policy[name].table)
        wide = rule.reshape(rule.shape + (1,) * (table.ndim - rule.ndim))
        return np.asarray((table * wide).sum(axis=rule.ndim - 1))

    def _chance(self, name: str, table: Array) -> Array:
        """Return a table without a chance node; its axes are its parents, it, the others."""
        base = np.asarray(self.model.node(name).table)
        axis = base.ndim - 1
        shape = table.shape[:axis] + table.shape[axis + 1 :]
        worth = table.reshape(prod(table.shape[:axis]), table.shape[axis], -1)
        rows = self.land.rows
        if name not in rows.tables:
            found = (base.reshape(worth.shape[:2])[..., None] * worth).sum(axis=1)
            return np.asarray(found.reshape(shape))
        mean = worth.mean(axis=2).reshape(-1, 1)
        self.slope += rows.slope({name: mean}, 1)[:, 0]
        sign = 1.0 if self.high else -1.0
        return np.asarray(sign * rows.rowwise(name, sign * worth)).reshape(shape)


def _order(model: InfluenceDiagram, policy: Mapping[str, Rule] | None) -> list[str]:
    """Return the nodes, each after those it depends on."""
    left = {c.name: c.given for c in model.chances}
    for decision in model.decisions:
        known = model.information(decision.name) if policy is None else policy[decision.name].given
        left[decision.name] = known
    found: list[str] = []
    while left:
        ready = [n for n, given in left.items() if not any(p in left for p in given)]
        found += ready
        left = {n: given for n, given in left.items() if n not in ready}
    return found


def _added(model: InfluenceDiagram, parts: list[Part], names: tuple[str, ...]) -> Array:
    """Return the sum of parts over all of some names."""
    total = np.zeros([len(model.states(n)) for n in names])
    for scope, table in parts:
        moved = table.transpose([scope.index(n) for n in names if n in scope])
        total += moved.reshape([len(model.states(n)) if n in scope else 1 for n in names])
    return total
