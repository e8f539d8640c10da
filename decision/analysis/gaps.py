"""What one branch has over another: on each value, and by which outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decision.analysis.attribution import carried
from decision.model.diagram import InfluenceDiagram
from decision.solve.queries import answer
from decision.solve.solution import Solution

__all__ = ["Gap", "Part", "looked_at", "parted"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """What a difference owes to one value node.

    Attributes
    ----------
    value : str
    best, other : float
        Its expectation under the two branches, in its unit.
    points : float
        What this adds to the difference.
    outcomes : tuple of (node, state, float, float, float)
        Each outcome of each parent: its chance under the best and under the other, and
        the points it carries; these sum to `points`.
    """

    value: str
    best: float
    other: float
    points: float
    outcomes: tuple[tuple[str, str, float, float, float], ...]


@dataclass(frozen=True, eq=False)
class Gap:
    """What the best branch has over another; None and empty where that cannot be.

    Attributes
    ----------
    option : str
    expected_value, worth : float or None
        Of the other branch; its worth is its certain equivalent with risk.
    difference : float or None
        Of expected totals.
    parts : tuple of Part
        A value node each, in file order.
    """

    option: str
    expected_value: float | None
    worth: float | None
    difference: float | None
    parts: tuple[Part, ...]

    @property
    def waterfall(self) -> list[Part]:
        """The parts, largest gain first and largest loss last."""
        return sorted(self.parts, key=lambda part: -part.points)


def looked_at(branch: Solution) -> list[Array]:
    """Return the joint chances of each value node's parents under a branch."""
    queries = [(v.given, "", "") for v in branch.model.values]
    return answer(branch.model, branch.policy, queries, limit=branch.limit)


def parted(model: InfluenceDiagram, best: list[Array], other: list[Array]) -> Iterator[Part]:
    """Yield what two branches differ in on each value node, from what was looked at."""
    for value, one, two in zip(model.values, best, other, strict=True):
        utility = np.asarray(model.utility(value.name))
        points = float(((one - two) * utility).sum()) + 0.0
        amounts = [float((p * value.table).sum()) + 0.0 for p in (one, two)]
        outcomes = []
        for axis, each in enumerate(carried(utility, one, two)):
            name = value.given[axis]
            rest = tuple(n for n in range(one.ndim) if n != axis)
            rows = zip(
                model.states(name), one.sum(axis=rest), two.sum(axis=rest), each, strict=True
            )
            outcomes += [(name, s, float(p), float(q), float(x) + 0.0) for s, p, q, x in rows]
        yield Part(value.name, amounts[0], amounts[1], points, tuple(outcomes))
