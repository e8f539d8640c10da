"""Decisions that forget: limited-memory influence diagrams.

A decision knows what it observes and nothing else, so decisions are not taken one after
another by someone who remembers, but are rules chosen together (Lauritzen and Nilsson
2001, Management Science 47(9), doi:10.1287/mnsc.47.9.1235.9779). The best deterministic
rules are found like this:

1. What a rule observes but cannot matter is dropped, until nothing more can be
   (requisite information, all other rules taken as chance nodes).
2. A decision whose best rule does not depend on any other rule still open (no other rule
   is among the tables that bear on it; Koller and Milch 2003, "Multi-agent influence
   diagrams", Games and Economic Behavior 45(1)) gets its best rule for good.
3. Of the decisions left, all combinations of rules are tried if there are at most 100 000,
   the last decision's rule worked out for each: a global optimum.
4. Else rules are improved one at a time until none can be, from several starts (single
   policy updating). That is a local optimum and is called so, unless it reaches the
   bound: what the same problem is worth with perfect memory.

Among combinations that tie, the first in the order of decisions, situations and options
is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass, replace
from decision.model.diagram import InfluenceDiagram
from decision.solve.inputs import arrays_for, open_options, scale_of, set_options
from decision.solve.plan import Plan, plan, refuse
from decision.solve.queries import answer, expected_total
from decision.solve.rules import Found, Rule, Worths
from decision.solve.rulewise import Scopes, bearing, reduced, update_plan
from decision.solve.run import FLOOR, TIE, run
from decision.solve.steps import Key

__all__ = ["COMBINATIONS", "solve_limited"]

COMBINATIONS = 100_000
"""The most combinations of rules that are tried."""
STARTS = 12
"""From how many starts rules are improved where not all can be tried."""
LIVE = 2**23
"""Cells of one batch of combinations."""

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class _Rules:
    """The problem of choosing rules: a model, what is set, and what each rule looks at."""

    model: InfluenceDiagram
    given: Mapping[str, str]
    scopes: Scopes
    limit: int

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
        return np.broadcast_to(table.reshape(spread), shape)

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


def solve_limited(model: InfluenceDiagram, given: Mapping[str, str], limit: int) -> Found | None:
    """Return the best rules of decisions that forget; None where dead ends are left.

    Parameters
    ----------
    model : InfluenceDiagram
        With limited memory.
    given : mapping of decision to option
        Decisions that are set.
    limit : int
        Bytes that solving may take at once.
    """
    structure, forced = model.structure, frozenset(given)
    scopes = reduced(structure, forced)
    problem = _Rules(model, given, scopes, limit)
    tables = {
        n: problem.table(n, np.array(model.states(n).index(option))) for n, option in given.items()
    }
    left = [d.name for d in model.decisions if d.name not in forced]
    left = _settle(problem, tables, left)
    exact = True
    if left:
        counts = [_choices(problem, name) for name in left[:-1]]
        exact = prod(prod(len(c) for c in choices) for choices in counts) <= COMBINATIONS
        search = _best_combination if exact else _improved
        found = search(problem, tables, left)
        if found is None:
            return None
        tables = found
    return _finished(problem, tables, exact)


def _settle(problem: _Rules, tables: dict[str, Array], left: list[str]) -> list[str]:
    """Give every decision its rule that does not wait for another; return the others.

    A rule not yet found is no input of a settled one's plan: it cannot matter there.
    """
    structure, forced = problem.model.structure, frozenset(problem.given)
    while left:
        for name in reversed(left):
            mark = bearing(structure, problem.scopes, name, forced)
            if not set(mark.tables) & set(left) - {name}:
                break
        else:
            return left
        filled = {n: problem.table(n, _first_open(problem, n)) for n in left} | tables
        tables[name] = problem.table(name, problem.chosen(*problem.update(name, filled)))
        left = [n for n in left if n != name]
    return left


def _first_open(problem: _Rules, name: str) -> NDArray[np.intp]:
    return np.asarray(problem.openings(name).argmax(axis=-1))


def _choices(problem: _Rules, name: str) -> list[list[int]]:
    """Return the open options of each situation that a rule tells apart."""
    openings = problem.openings(name)
    rows = openings.reshape(-1, openings.shape[-1])
    return [list(map(int, np.flatnonzero(row))) or [0] for row in rows]


def _best_combination(
    problem: _Rules, tables: dict[str, Array], left: Sequence[str]
) -> dict[str, Array] | None:
    """Try every combination of rules; the last decision's rule is worked out for each."""
    last = left[-1]
    choices = {name: _choices(problem, name) for name in left[:-1]}
    radix = [len(options) for listed in choices.values() for options in listed]
    number = prod(radix)
    most = max((prod(t.shape) for t in tables.values()), default=1)
    found, _ = problem.update(last, _decoded(problem, choices, radix, np.arange(1)) | tables)
    rows = max(1, LIVE // max(found.cost.bytes // 8, most, 1))
    values = []
    for start in range(0, number, rows):
        batch = _decoded(problem, choices, radix, np.arange(start, min(number, start + rows)))
        found, made = problem.update(last, tables | batch)
        value = np.broadcast_to(made[found.value], (batch_size(batch),)).copy()  # type: ignore[index]
        for end in found.dead:
            value[np.broadcast_to(made[end] > 0, value.shape)] = -np.inf
        values.append(value)
    value = np.concatenate(values)
    if not np.isfinite(value.max()):
        return None
    top = value.max()
    bound = TIE * max(abs(float(top)), FLOOR * scale_of(problem.model))
    first = int((top - value <= bound).argmax())
    best = tables | _decoded(problem, choices, radix, np.arange(first, first + 1))
    return best | {last: problem.table(last, problem.chosen(*problem.update(last, best)))}


def batch_size(tables: Mapping[str, Array]) -> int:
    """Return the length of the batch axis."""
    return max((t.shape[-1] for t in tables.values()), default=1)


def _decoded(
    problem: _Rules, choices: Mapping[str, list[list[int]]], radix: list[int], index: Array
) -> dict[str, Array]:
    """Return the rules that stand at some places in the order of all combinations."""
    digits = np.unravel_index(index, radix) if radix else ()
    place, tables = 0, {}
    for name, listed in choices.items():
        shape = [len(problem.model.states(n)) for n in problem.scopes[name]]
        columns = [np.array(o)[digits[place + i]] for i, o in enumerate(listed)]
        place += len(listed)
        chosen = np.array(columns).reshape([*shape, len(index)])
        table = np.eye(len(problem.model.states(name)))[chosen]
        tables[name] = np.ascontiguousarray(np.moveaxis(table, -1, -2))
    return tables


def _improved(
    problem: _Rules, tables: dict[str, Array], left: Sequence[str]
) -> dict[str, Array] | None:
    """Improve one rule at a time until none can be, from several starts; keep the best."""
    best: tuple[float, dict[str, Array]] | None = None
    for start in _starts(problem, left):
        value, found = _climbed(problem, {**start, **tables}, left)
        scale = FLOOR * scale_of(problem.model)
        if np.isfinite(value) and (
            best is None or value - best[0] > TIE * max(abs(value), abs(best[0]), scale)
        ):
            best = (value, found)
    return None if best is None else best[1]


def _starts(problem: _Rules, left: Sequence[str]) -> Iterator[dict[str, Array]]:
    """Yield rules to start from: every open option equally often, then seeded draws."""
    openings = {name: problem.openings(name) for name in left}
    yield {
        name: (opened / np.maximum(opened.sum(axis=-1, keepdims=True), 1))[..., None]
        for name, opened in openings.items()
    }
    yield {name: problem.table(name, _first_open(problem, name)) for name in left}
    rng = np.random.default_rng(0)
    for _ in range(STARTS - 2):
        yield {
            name: problem.table(name, (opened * rng.random(opened.shape)).argmax(axis=-1))
            for name, opened in openings.items()
        }


def _climbed(
    problem: _Rules, tables: dict[str, Array], left: Sequence[str]
) -> tuple[float, dict[str, Array]]:
    """Improve rules one by one, the last decision's first, until a round gains nothing."""
    value, floor = -np.inf, FLOOR * scale_of(problem.model)
    while True:
        before = value
        for name in reversed(left):
            found, made = problem.update(name, tables)
            tables = {**tables, name: problem.table(name, problem.chosen(found, made))}
            value = float(made[found.value][0])  # type: ignore[index]
            if any(float(made[end][0]) > 0 for end in found.dead):
                value = -np.inf
        gain = value - before if np.isfinite(before) else np.inf
        if not np.isfinite(value) or gain <= TIE * max(abs(value), abs(before), floor):
            return value, tables


def _finished(problem: _Rules, tables: Mapping[str, Array], exact: bool) -> Found | None:
    """Return the rules with what their options are worth, and the bound where one is due."""
    model, given, limit = problem.model, problem.given, problem.limit
    policy = {
        d.name: Rule(d.name, d.options, problem.scopes[d.name], _numbers(tables[d.name]))
        for d in model.decisions
    }
    if _leads_to_a_dead_end(model, policy, limit):
        return None
    worths = {d.name: _worths(problem, tables, d.name) for d in model.decisions}
    value = _value(model, policy, limit)
    if exact:
        return Found(policy, worths, value)
    bound = _bound(model, given, limit)
    if bound - value <= TIE * max(abs(bound), FLOOR * scale_of(model)):
        return Found(policy, worths, value)
    return Found(policy, worths, value, "local", bound)


def _numbers(table: Array) -> NDArray[np.intp]:
    return np.asarray(table[..., 0].argmax(axis=-1))


def _worths(problem: _Rules, tables: Mapping[str, Array], name: str) -> Worths:
    if name in problem.given:
        return Worths(allowed=((name,), tables[name][..., 0]))
    found, made = problem.update(name, tables)
    (choice,) = found.choices
    parts = [
        None if i is None else (found.scopes[i], made[i][..., 0])
        for i in (choice.worths, choice.allowed)
    ]
    return Worths(*parts)


def _value(model: InfluenceDiagram, policy: Mapping[str, Rule], limit: int) -> float:
    """Return the expected total, or with risk the certain equivalent, under some rules."""
    if model.risk is not None:
        queries = [((), "all", "")]
        (logs,) = answer(model, policy, queries, logarithmic=True, limit=limit)
        return -model.risk * float(logs) + 0.0
    return expected_total(model, policy, limit)


def _leads_to_a_dead_end(model: InfluenceDiagram, policy: Mapping[str, Rule], limit: int) -> bool:
    """Whether the rules choose, with positive probability, an option that is closed."""
    for name, guard in model.structure.guards:
        (happens,) = answer(model, policy, [((*guard, name), "", "")], limit=limit)
        if ((happens > 0) & ~(open_options(model, name) > 0)).any():
            return True
    return False


def _bound(model: InfluenceDiagram, given: Mapping[str, str], limit: int) -> float:
    """Return what nobody can exceed: the worth with perfect memory, or the largest total."""
    found = plan(replace(model.structure, memory="perfect"), frozenset(given))
    if found.cost.bytes > limit:
        return float(sum(model.utility(node.name).max() for node in model.values))
    tables = run(found, arrays_for(found, model, set_options(model, [given])))
    return float(tables[found.value][0])  # type: ignore[index]
