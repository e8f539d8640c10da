"""Decisions that remember: one plan, one run, and what it found taken apart.

Rows of decisions that are set are rows of one batch. A row in which a dead end cannot be
avoided has no policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.solve.inputs import arrays_for, scale_of, set_options
from decision.solve.plan import Plan, plan, refuse
from decision.solve.rules import Found, Rule, Worths
from decision.solve.run import run
from decision.solve.strategy import Situations
from decision.solve.ties import FLOOR, TIE
from decision.solve.workspace import Kept

__all__ = ["situations_of", "solve_perfect"]

Array = NDArray[Any]
Cells = tuple[tuple[str, ...], Array]
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class _Outcome:
    """A plan that was run: its tables, read for one row of the batch."""

    plan: Plan
    tables: Sequence[Any]
    row: int = 0

    def table(self, number: int) -> Array:
        """Return a table of this row, or of the only one."""
        table = self.tables[number]
        found: Array = table[..., self.row if table.shape[-1] > 1 else 0]
        return found

    def cells(self, number: int) -> Cells:
        """Return a table with its axes."""
        return self.plan.scopes[number], self.table(number)


def solve_perfect(
    model: InfluenceDiagram, rows: Sequence[Mapping[str, str]], limit: int
) -> list[Found | None]:
    """Find the best policy for each row of decisions that are set.

    Parameters
    ----------
    model : InfluenceDiagram
        With perfect memory.
    rows : sequence of mappings of decision to option
        All of the same decisions.
    limit : int
        Bytes that solving may take at once.

    Returns
    -------
    list of Found or None
        None where no choice avoids a situation in which a set option is closed.
    """
    forced = frozenset(rows[0])
    found = plan(model.structure, forced)
    refuse(found, limit, len(rows))
    extra = set_options(model, rows)
    tables = run(found, arrays_for(found, model, extra))
    if _nearly_tied(found, tables, model):
        whole = plan(model.structure, forced, whole=True)
        if whole.cost.bytes * len(rows) <= limit:
            found, tables = whole, run(whole, arrays_for(whole, model, extra))
    return [_found(model, given, _Outcome(found, tables, b)) for b, given in enumerate(rows)]


def _nearly_tied(found: Plan, tables: Sequence[Any], model: InfluenceDiagram) -> bool:
    """Whether options differ that may tie once all of the total is counted.

    A plan compares what a decision has a part in. Differences that are nothing next to
    the total, and something next to that part, are rare and need the whole total.
    """
    if found.near is None:
        return False
    if isinstance(tables, Kept):
        if not tables.number(found.near):
            return False
    elif not tables[found.near].any():
        return False
    for choice in found.choices:
        if choice.option is not None and choice.worths is not None:
            axis = found.scopes[choice.worths].index(choice.decision)
            if _close(tables[choice.worths], axis, scale_of(model)):
                return True
    return False


def _close(table: Array, axis: int, scale: float) -> bool:
    ranked = np.sort(table, axis=axis)
    gaps = np.diff(ranked, axis=axis)
    near = gaps <= TIE * scale
    if not near.any():
        return False
    larger = np.abs(np.delete(ranked, 0, axis=axis))
    return bool((near & (gaps > TIE * np.maximum(larger, FLOOR * scale))).any())


class _Lazy(Mapping[str, T]):
    """What there is of each decision, made when first asked for."""

    def __init__(self, model: InfluenceDiagram, make: Callable[[str], T]) -> None:
        self._model, self._make = model, make
        self._made: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        item = self._made.get(name)
        if item is None:
            if name not in self:
                raise KeyError(name)
            item = self._made[name] = self._make(name)
        return item

    def __iter__(self) -> Iterator[str]:
        return (decision.name for decision in self._model.decisions)

    def __contains__(self, name: object) -> bool:
        return any(decision.name == name for decision in self._model.decisions)

    def __len__(self) -> int:
        return len(self._model.decisions)


def _found(model: InfluenceDiagram, given: Mapping[str, str], outcome: _Outcome) -> Found | None:
    found = outcome.plan
    if any(outcome.table(number) > 0 for number in found.dead):
        return None

    def rule(name: str) -> Rule:
        options = model.states(name)
        if name in given:
            return Rule(name, options, (), np.array(options.index(given[name])))
        choice = found.choice(name)
        picked = np.array(0)
        if choice.option is not None:
            scope, table = outcome.cells(choice.option)
            picked = table.transpose([scope.index(other) for other in choice.given])
        return Rule(name, options, choice.given, picked)

    def worths(name: str) -> Worths:
        if name in given:
            chosen = np.array([float(option == given[name]) for option in model.states(name)])
            return Worths(allowed=((name,), chosen))
        parts = (found.choice(name).worths, found.choice(name).allowed)
        return Worths(*(None if i is None else outcome.cells(i) for i in parts))

    assert found.value is not None
    tables = outcome.tables
    if isinstance(tables, Kept):
        value = tables.number(found.value) + 0.0
    else:
        value = float(outcome.table(found.value)) + 0.0
    return Found(_Lazy(model, rule), _Lazy(model, worths), value)


def situations_of(
    model: InfluenceDiagram,
    given: Mapping[str, str],
    policy: Mapping[str, Rule],
    worths: Mapping[str, Worths],
    limit: int,
) -> Situations:
    """Return what is needed to write out every situation that a policy leads to."""
    forced = frozenset(given)
    found = plan(model.structure, forced, situations=True)
    refuse(found, limit)
    extra = set_options(model, [given])
    outcome = _Outcome(found, run(found, arrays_for(found, model, extra)))
    chances = {name: outcome.cells(number) for name, number in found.chances}
    means, equivalents = _means(outcome), None
    if model.risk is not None:
        # The best policy's certain equivalents; its expectations take a plan of following it.
        equivalents = means
        rules = tuple((n, r.given) for n, r in policy.items() if n not in forced)
        found = plan(model.structure, forced, rules, situations=True)
        refuse(found, limit)
        ruled = {("rule", n): policy[n].table[..., None] for n, _ in rules}
        means = _means(_Outcome(found, run(found, arrays_for(found, model, {**extra, **ruled}))))
    return Situations(model, policy, worths, chances, means, equivalents)


def _means(outcome: _Outcome) -> dict[str, list[Cells]]:
    """Return the tables that add up to what the total is worth in each situation."""
    return {
        choice.decision: [
            outcome.cells(number)
            for number in (*choice.rest, *([] if choice.worths is None else [choice.worths]))
        ]
        for choice in outcome.plan.choices
    }
