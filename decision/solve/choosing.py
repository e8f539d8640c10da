"""The problem of choosing rules together, and improving them one at a time.

A rule is a table of zeros and ones over what it looks at and its options, with a last axis
for the batch. Given all other rules, the best one for a decision is found by one plan
(`rulewise.update_plan`). Doing that in turn until nothing is gained is *single policy
updating* (Lauritzen and Nilsson 2001, Management Science 47(9), sec. 4.2,
doi:10.1287/mnsc.47.9.1235.9779): no single rule can then be bettered, but two together
may. What it finds depends on where it starts, so it starts several times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.solve.inputs import arrays_for, open_options, scale_of
from decision.solve.plan import Plan, refuse
from decision.solve.rulewise import Scopes, update_plan
from decision.solve.run import run
from decision.solve.steps import Key
from decision.solve.ties import FLOOR, TIE

__all__ = ["Problem", "climbed", "improved"]

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Problem:
    """A model, what is set, and what each rule looks at."""

    model: InfluenceDiagram
    given: Mapping[str, str]
    scopes: Scopes
    limit: int

    @cached_property
    def floor(self) -> float:
        """Below this, a difference is not relative any more."""
        return FLOOR * scale_of(self.model)

    def exceeds(self, one: Any, other: Any) -> Any:
        """Whether totals are larger than others and do not tie with them."""
        with np.errstate(invalid="ignore"):  # infinite ones, which settle it themselves
            gain = np.subtract(one, other)
            size = np.maximum(np.maximum(np.abs(one), np.abs(other)), self.floor)
            near = np.isfinite(size) & (gain <= TIE * size)
        return np.greater(one, other) & ~near

    def update(self, name: str, tables: Mapping[str, Array]) -> tuple[Plan, Sequence[Any]]:
        """Return the plan for a decision's rule and its tables, given the other rules."""
        structure = self.model.structure
        found = update_plan(structure, name, tuple(self.scopes.items()), frozenset(self.given))
        rows = max((t.shape[-1] for t in tables.values()), default=1)
        refuse(found, self.limit, rows)
        extra: dict[Key, Array] = {("rule", n): t for n, t in tables.items() if n != name}
        extra |= {("forced", n): tables[n] for n in self.given}
        return found, run(found, arrays_for(found, self.model, extra))

    def chosen(self, found: Plan, tables: Sequence[Any], b: int = 0) -> Array:
        """Return a rule that an update found, over all that the rule looks at."""
        (choice,) = found.choices
        scope = self.scopes[choice.decision]
        shape = [len(self.model.states(n)) for n in scope]
        if choice.option is None:
            return np.zeros(shape, dtype=np.intp)
        table = tables[choice.option]
        table = table[..., b if table.shape[-1] > 1 else 0]
        axes = found.scopes[choice.option]
        inside = [n for n in scope if n in axes]
        table = table.transpose([axes.index(n) for n in inside])
        spread = [len(self.model.states(n)) if n in axes else 1 for n in scope]
        rule = np.broadcast_to(table.reshape(spread), shape)
        if choice.decision not in dict(self.model.structure.guards):
            return rule
        # Where every open option leads to a dead end, one of them: a closed one would hide it.
        opened = self.openings(choice.decision)
        kept = np.take_along_axis(opened, rule[..., None], axis=-1)[..., 0]
        return np.where(kept, rule, opened.argmax(axis=-1))

    def best(self, name: str, tables: Mapping[str, Array]) -> Array:
        """Return the table of a decision's best rule, given the other rules."""
        return self.table(name, self.chosen(*self.update(name, tables)))

    def table(self, name: str, choices: Array) -> Array:
        """Return a rule as a table of zeros and ones, with a batch of one."""
        return np.eye(len(self.model.states(name)))[choices][..., None]

    def openings(self, name: str) -> NDArray[np.bool_]:
        """Return which options are open in each situation that the rule tells apart."""
        guard = dict(self.model.structure.guards).get(name, ())
        scope = self.scopes[name]
        table = open_options(self.model, name) > 0
        moved = [guard.index(n) for n in scope if n in guard]
        shape = [len(self.model.states(n)) if n in guard else 1 for n in scope]
        table = table.transpose([*moved, len(guard)]).reshape([*shape, table.shape[-1]])
        wide = [*(len(self.model.states(n)) for n in scope), table.shape[-1]]
        return np.broadcast_to(table, wide)

    def first_open(self, name: str) -> Array:
        """Return the table of the rule that takes the first open option everywhere."""
        return self.table(name, np.asarray(self.openings(name).argmax(axis=-1)))


def improved(
    problem: Problem, tables: Mapping[str, Array], left: Sequence[str], starts: int
) -> tuple[float, dict[str, Array]] | None:
    """Return the best that improving one rule at a time finds; None if all are dead ends.

    Parameters
    ----------
    problem : Problem
    tables : mapping of decision to table
        Rules that stay.
    left : sequence of str
        The decisions whose rules are sought.
    starts : int
        From how many starts.
    """
    best: tuple[float, dict[str, Array]] | None = None
    for start in islice(_starts(problem, left), starts):
        value, found = climbed(problem, {**start, **tables}, left)
        if np.isfinite(value) and (best is None or problem.exceeds(value, best[0])):
            best = (value, found)
    return best


def _starts(problem: Problem, left: Sequence[str]) -> Iterator[dict[str, Array]]:
    """Yield rules to start from: every open option equally often, then seeded draws."""
    openings = {name: problem.openings(name) for name in left}
    yield {
        name: (opened / np.maximum(opened.sum(axis=-1, keepdims=True), 1))[..., None]
        for name, opened in openings.items()
    }
    yield {name: problem.first_open(name) for name in left}
    rng = np.random.default_rng(0)
    while True:
        yield {
            name: problem.table(name, (opened * rng.random(opened.shape)).argmax(axis=-1))
            for name, opened in openings.items()
        }


def climbed(
    problem: Problem, tables: dict[str, Array], left: Sequence[str]
) -> tuple[float, dict[str, Array]]:
    """Improve rules one by one, the last decision's first, until a round gains nothing."""
    value = -np.inf
    while True:
        before = value
        for name in reversed(left):
            found, made = problem.update(name, tables)
            tables = {**tables, name: problem.table(name, problem.chosen(found, made))}
            value = float(made[found.value][0])  # type: ignore[index]
            if any(float(made[end][0]) > 0 for end in found.dead):
                value = -np.inf
        if not np.isfinite(value) or (np.isfinite(before) and not problem.exceeds(value, before)):
            return value, tables
