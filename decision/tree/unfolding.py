"""What a tree and its paths are unrolled from: situations, and the rule of choice.

Ties go to the option listed first: two totals tie when |a − b| ≤ 1e-9 · max(|a|, |b|,
1e-3 · the largest |total|).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass, field
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import COMMAND_LINE, ModelError, nearest, problem
from decision.tree.course import Course, course_of
from decision.tree.situations import (
    Layer,
    Policy,
    Worth,
    layers_to,
    next_layer,
    rolled_back,
    worth_after,
)

__all__ = ["Unfolding", "unfolding_of"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(eq=False)
class Unfolding:
    """The situations of a diagram, found as far as they are asked for.

    Parameters
    ----------
    course : Course
    policy : Policy
        Given from outside (memory is limited), or empty: the best option by roll-back.
    depth : int, optional
        Forks on a path before it is folded.
    fold : bool
        Whether paths are folded after the last decision.
    strategy_only : bool
    """

    course: Course
    policy: Policy
    depth: int | None = None
    fold: bool = False
    strategy_only: bool = False
    layers: list[Layer] = field(init=False)
    situations: Indices = field(init=False)
    """Situations after the last decision."""

    def __post_init__(self) -> None:
        self.layers, self.situations = layers_to(self.course, self.course.fold)

    @cached_property
    def worth(self) -> list[Worth]:
        """Of the situations of each level up to the last decision, and after it."""
        end = worth_after(self.course, self.course.fold, self.situations)
        return rolled_back(self.course, self.layers, end, self.choose)

    @cached_property
    def scale(self) -> float:
        """No total is larger than this in size."""
        return largest_total(self.course.model)

    @property
    def constant(self) -> float:
        """Points of the values that depend on nothing."""
        model = self.course.model
        return float(sum(float(model.utility(v.name)) for v in model.values if not v.given))

    def choose(
        self, k: int, situations: Indices, certain: Array, there: NDArray[np.bool_]
    ) -> Indices:
        """Return the option taken in each situation of a decision's level."""
        level = self.course.levels[k]
        if level.name in self.policy:
            rule = self.policy[level.name]
            each = tuple(situations[:, level.matters.index(name)] for name in rule.given)
            picked = np.zeros(len(situations), dtype=np.int64)
            picked[:] = rule.choices[each]
            return picked
        values = np.where(there, certain, -np.inf)
        best = values.max(axis=1, keepdims=True)
        size = np.maximum(np.abs(certain), np.maximum(np.abs(best), 1e-3 * self.scale))
        with np.errstate(invalid="ignore"):
            tied = there & (best - values <= 1e-9 * size)
        first: Indices = np.argmax(tied, axis=1)
        return first

    def layer(self, k: int, situations: Indices, wanted: Indices | None) -> tuple[Layer, Indices]:
        """Return a layer and the situations after it; the wanted ones beyond the fold."""
        if k < self.course.fold:
            after = self.layers[k + 1].situations if k + 1 < self.course.fold else self.situations
            return self.layers[k], after
        return next_layer(self.course, k, situations, wanted)

    def folded(self, k: int, situations: Indices, rows: Indices) -> Worth:
        """Return what is still to come in some situations of a level."""
        if k <= self.course.fold:
            return self.worth[k].at(rows)
        wanted, number = np.unique(rows, return_inverse=True)
        return worth_after(self.course, k, situations[wanted]).at(number)


def unfolding_of(
    model: InfluenceDiagram,
    given: Mapping[str, str],
    policy: Policy,
    depth: int | None = None,
    fold: bool = False,
    strategy_only: bool = False,
) -> Unfolding:
    """Return the unfolding of a diagram with some decisions set."""
    found = []
    for name, option in given.items():
        options = model.node(name, ("decision",), COMMAND_LINE).options
        if option not in options:
            what = f"{name} has no option '{option}'"
            found.append(problem(COMMAND_LINE, what, nearest(option, options)))
    if depth is not None and depth < 0:
        found.append(problem(COMMAND_LINE, f"the depth is {depth}", "use 0 or more"))
    if found:
        raise ModelError(found)
    policy = {name: rule for name, rule in policy.items() if name not in given}
    course = course_of(model, given, {name: rule.given for name, rule in policy.items()})
    return Unfolding(course, policy, depth, fold, strategy_only)


def largest_total(model: InfluenceDiagram) -> float:
    """Return a bound of the size of any total: the largest |weight × u| of each value, summed."""
    return float(sum(np.abs(model.utility(value.name)).max() for value in model.values))
