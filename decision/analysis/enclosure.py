"""What proves a highest or a lowest, besides the bound from outside (`folding`).

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

import numpy as np
from numpy.typing import NDArray

from decision.analysis.blocks import Block
from decision.analysis.folding import Fold
from decision.analysis.games import matrix_game
from decision.analysis.landscape import Landscape
from decision.solve.plan import plan
from decision.solve.rules import Rule

__all__ = ["corners", "secured"]

Array = NDArray[np.float64]
FEW, MANY, ROOM = 64, 2**14, 2**26
"""Corners that are looked at, at most: few where decisions forget, and each is solved alone,
else as many as fit into so many bytes."""
TOWARDS = (0.0, 1e-4, 0.1)
"""How far towards base policies are asked for: there, they know what to do everywhere."""
POLICIES = 24
"""Policies that are weighed, at most."""
CLOSE = 1e-10
"""Share of the worths at corners that is nothing."""


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
    if not listed:
        return x
    chosen = np.unravel_index(np.arange(number), [len(found) for found in listed])
    for block, found, own in zip(blocks, listed, chosen, strict=True):
        x[block.members] = found[own].T
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
        bound = Fold(land, option, False, policy).value
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
