"""Bounds that no rows within their ranges pass: what proves a highest or a lowest.

*From outside.* Fold the tree back with the rows of each node chosen anew for every history
that leads to them, and with every decision told all that came before it (for the highest).
Rows that may differ from history to history, and a decision-maker who knows more, can only
do better, so that no policy with one set of rows rises above it: the outer bound of
interval influence diagrams (Fertig and Breese 1990, "Interval influence diagrams", UAI-89)
and of credal networks whose rows are chosen separately (Cozman 2000, "Credal networks",
Artificial Intelligence 120(2), 199-233, doi:10.1016/S0004-3702(00)00029-1). Values add up, so
that parts of the total are folded apart until they meet in a node.

*Lowest.* Whatever one policy π earns at least, the best policy earns at least. So where π is
best at rows x, and nowhere within the ranges earns less than at x, nobody's optimum is
lower than at x: (π, x) is a saddle point. The same holds of several policies drawn by lot.

*Corners.* What is linear in each block of rows (one policy's total, or that of several by
lot) is highest and lowest at vertices of their polytopes (for credal networks: Antonucci, de
Campos, Huber and Zaffalon 2015, "Approximate credal network updating by linear programming with
applications to decision making", International Journal of Approximate Reasoning 58, 25-38).
Where these are few, all are looked at. That makes the highest exact, since it does not matter
whether the policy or the rows are chosen first; the lowest needs policies by lot besides, whose
weights are the solution of a matrix game.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from decision.analysis.blocks import Block
from decision.analysis.games import matrix_game
from decision.analysis.landscape import Landscape
from decision.model.diagram import InfluenceDiagram
from decision.solve.plan import plan
from decision.solve.rules import Rule

__all__ = ["corners", "outside", "secured"]

Array = NDArray[np.float64]
CELLS = 2**21
"""Cells of a table on the way, at most."""
FEW, MANY, ROOM = 64, 2**14, 2**26
"""Corners that are looked at, at most: few where decisions forget, and each is solved alone,
else as many as fit into so many bytes."""
TOWARDS = (0.0, 1e-4, 0.1)
"""How far towards base policies are asked for: there, they know what to do everywhere."""
POLICIES = 24
"""Policies that are weighed, at most."""
CLOSE = 1e-10
"""Share of the worths at corners that is nothing."""
Part = tuple[tuple[str, ...], Array]
"""Names of axes, and a table over them: a part of the total."""


# -- from outside -------------------------------------------------------------------------


def outside(
    land: Landscape, option: int, high: bool, policy: Mapping[str, Rule] | None = None
) -> float | None:
    """Return a bound on a branch that no rows within their ranges pass.

    Parameters
    ----------
    land : Landscape
    option : int
    high : bool
        Whether it is the highest that is bounded.
    policy : mapping of decision to Rule, optional
        The only policy that is looked at. The lowest needs one.

    Returns
    -------
    float or None
        None where tables on the way would be too large.
    """
    model = land.model
    parts: list[Part] = [(v.given, np.asarray(v.table)) for v in model.values]
    fixed = {land.by: option}
    for name in reversed(_order(model, policy)):
        own = [part for part in parts if name in part[0]]
        if not own:
            continue
        parts = [part for part in parts if name not in part[0]]
        given = model.given(name)
        if name not in {c.name for c in model.chances}:
            given = () if policy is None or name in fixed else policy[name].given
        met = tuple(dict.fromkeys([*given, *(n for names, _ in own for n in names)]))
        others = tuple(n for n in met if n not in given and n != name)
        if prod(len(model.states(n)) for n in {*given, name, *others}) > CELLS:
            return None
        table = _added(model, own, (*given, name, *others))
        parts.append(((*given, *others), _folded(land, name, table, high, policy, fixed)))
    return float(sum(float(table) for _, table in parts))


def _order(model: InfluenceDiagram, policy: Mapping[str, Rule] | None) -> list[str]:
    """Return the nodes, each after those it depends on."""
    parents = {c.name: c.given for c in model.chances}
    for decision in model.decisions:
        if policy is not None:
            parents[decision.name] = policy[decision.name].given
        else:
            parents[decision.name] = model.information(decision.name)
    found: list[str] = []
    left = dict(parents)
    while left:
        ready = [n for n, given in left.items() if not any(p in left for p in given)]
        found += ready
        left = {n: given for n, given in left.items() if n not in ready}
    return found


def _added(model: InfluenceDiagram, parts: list[Part], names: tuple[str, ...]) -> Array:
    shape = [len(model.states(n)) for n in names]
    total = np.zeros(shape)
    for scope, table in parts:
        kept = [n for n in names if n in scope]
        moved = table.transpose([scope.index(n) for n in kept])
        total += moved.reshape([len(model.states(n)) if n in scope else 1 for n in names])
    return total


def _folded(
    land: Landscape,
    name: str,
    table: Array,
    high: bool,
    policy: Mapping[str, Rule] | None,
    fixed: Mapping[str, int],
) -> Array:
    """Return a table without one node; its axes are the node's parents, the node, the others."""
    model = land.model
    node = model.nodes[name]
    axis = len(model.given(name)) if node.kind == "chance" else 0
    if name in fixed:
        return np.asarray(table.take(fixed[name], axis=0))
    if node.kind == "decision" and policy is None:
        return np.asarray(table.max(axis=0))
    if node.kind == "decision":
        assert policy is not None
        rule = np.asarray(policy[name].table)
        axis = rule.ndim - 1
        rows, states = int(np.prod(rule.shape[:-1])), rule.shape[-1]
        weights = rule.reshape(rows, states, 1)
        found = (table.reshape(rows, states, -1) * weights).sum(axis=1)
    else:
        states = table.shape[axis]
        rows = int(np.prod(table.shape[:axis]))
        found = _rowwise(land, name, table.reshape(rows, states, -1), high)
    return np.asarray(found.reshape((*table.shape[:axis], *table.shape[axis + 1 :])))


def _rowwise(land: Landscape, name: str, worth: Array, high: bool) -> Array:
    """Return each row's best expectation (rows, histories) of worths (rows, states, histories)."""
    node = land.model.node(name)
    base = np.asarray(node.table).reshape(-1, worth.shape[1])
    if name not in land.rows.tables:
        return np.asarray((base[..., None] * worth).sum(axis=1))
    signed = worth if high else -worth
    found = land.rows.rowwise(name, signed)
    return found if high else -found


# -- corners --------------------------------------------------------------------------------


def corners(land: Landscape, option: int) -> Array | None:
    """Return every combination of vertices of what matters to a branch (inputs, combinations).

    None where there are too many.
    """
    blocks = [b for b in land.rows.blocks if _matters(land, b, option)]
    listed = []
    number, most = 1, FEW
    if not land.forgets:
        cost = plan(land.model.structure, frozenset({land.by})).cost
        most = min(MANY, max(FEW, ROOM // max(cost.bytes, 1)))
    for block in blocks:
        found = land.rows.vertices(block)
        if found is None:
            return None
        number *= len(found)
        if number > most:
            return None
        listed.append(found)
    x = np.repeat(land.rows.base[:, None], number, axis=1)
    for i, chosen in enumerate(product(*listed)):
        for block, vertex in zip(blocks, chosen, strict=True):
            x[block.members, i] = vertex
    return x


def _matters(land: Landscape, block: Block, option: int) -> bool:
    """Whether a block can matter to a branch: not if all its rows are of other branches."""
    given = land.given.given(block.node)
    if block.node not in land.relevant:
        return False
    if land.by not in given:
        return True
    table = land.rows.tables[block.node]
    rows = np.flatnonzero(np.isin(table.owner, block.members).any(axis=1))
    states = np.unravel_index(rows, table.shape[:-1])[given.index(land.by)]
    return bool((states == option).any())


# -- the lowest ---------------------------------------------------------------------------------


def secured(
    land: Landscape, option: int, worth: float, x: Array, points: Array | None
) -> tuple[float | None, Array | None]:
    """Return what a branch is worth at least, and rows that are worse than those found.

    Parameters
    ----------
    land : Landscape
    option : int
    worth : float
        The lowest that was found.
    x : ndarray (inputs)
        Where.
    points : ndarray (inputs, corners), optional
        All corners, where there are few.

    Returns
    -------
    float or None
        None where nothing is known.
    ndarray (inputs) or None
        None where none are worse.
    """
    best: float | None = None
    policies = []
    for share in TOWARDS:
        policy = land.policy(option, (1 - share) * x + share * land.rows.base)
        if policy is None or policy in policies:
            continue
        policies.append(policy)
        bound = outside(land, option, False, policy)
        if bound is not None and (best is None or bound > best):
            best = bound
        if best is not None and best >= worth - CLOSE * abs(worth):
            return best, None
    if points is None or not policies:
        return best, None
    return _by_lot(land, option, worth, points, policies, best)


def _by_lot(
    land: Landscape,
    option: int,
    worth: float,
    points: Array,
    policies: list[dict[str, Rule]],
    best: float | None,
) -> tuple[float, Array | None]:
    """Weigh policies against corners, and add those that are best where the corners lead."""
    gains = np.array([land.follow(policy, points).worth for policy in policies])
    worse: Array | None = None
    floor = -np.inf if best is None else best
    while True:
        rows, columns = matrix_game(gains)
        floor = max(floor, float((rows @ gains).min()))
        if floor >= worth - CLOSE * abs(worth) or len(gains) >= POLICIES:
            return floor, worse
        # Where one node alone is free, a lot among corners is a point between them.
        x = points @ columns
        policy = land.policy(option, x)
        if policy is None or policy in policies:
            return floor, worse
        reached = float(land.follow(policy, x[:, None]).worth[0])
        if reached < worth - CLOSE * abs(worth):
            worth, worse = reached, x
        policies.append(policy)
        gains = np.concatenate([gains, land.follow(policy, points).worth[None]])
