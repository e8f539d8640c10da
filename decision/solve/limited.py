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
3. The rules of the decisions left are improved one at a time, from several starts
   (`choosing`): a local optimum.
4. From there they are searched together by branch and bound (`branching`). If the search
   ends, the rules are a global optimum. If it is broken off they are called local, unless
   they reach the bound that it leaves: what the rules not looked at are worth, at most, to
   somebody who forgets nothing.

Among combinations that tie, the first in the order of decisions, situations and options
is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, prod

import numpy as np

from decision.model.dataclass import replace
from decision.model.diagram import InfluenceDiagram
from decision.solve.branching import search
from decision.solve.choosing import Array, Problem, improved
from decision.solve.inputs import arrays_for, open_options, set_options
from decision.solve.plan import plan
from decision.solve.queries import answer, expected_total
from decision.solve.rules import Found, Rule, Worths
from decision.solve.rulewise import bearing, reduced
from decision.solve.run import run

__all__ = ["STARTS", "solve_limited"]

STARTS = 12
"""From how many starts rules are improved."""
FEW = 100_000
"""Combinations of rules that a search gets through at worst: one start will do."""


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
    problem = Problem(model, given, reduced(model.structure, frozenset(given)), limit)
    tables = {
        n: problem.table(n, np.array(model.states(n).index(option))) for n, option in given.items()
    }
    left = [d.name for d in model.decisions if d.name not in given]
    left = _settle(problem, tables, left)
    bound = None
    if left:
        starts = 1 if _combinations(problem, left) <= FEW else STARTS
        found = search(problem, tables, left, improved(problem, tables, left, starts))
        if found.tables is None:
            return None
        tables, bound = found.tables, found.bound
    return _finished(problem, tables, bound)


def _settle(problem: Problem, tables: dict[str, Array], left: list[str]) -> list[str]:
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
        filled = {n: problem.first_open(n) for n in left} | tables
        tables[name] = problem.best(name, filled)
        left = [n for n in left if n != name]
    return left


def _combinations(problem: Problem, left: Sequence[str]) -> int:
    """Return how many combinations of rules there are, the last following from the others."""
    numbers = (problem.openings(name).sum(axis=-1).clip(1).ravel() for name in left[:-1])
    return prod(int(number) for listed in numbers for number in listed)


def _finished(
    problem: Problem, tables: Mapping[str, Array], bound: float | None = None
) -> Found | None:
    """Return the rules with what their options are worth, and the bound where one is due."""
    model, limit = problem.model, problem.limit
    policy = {
        d.name: Rule(
            d.name, d.options, problem.scopes[d.name], tables[d.name][..., 0].argmax(axis=-1)
        )
        for d in model.decisions
    }
    if _leads_to_a_dead_end(model, policy, limit):
        return None
    worths = {d.name: _worths(problem, tables, d.name) for d in model.decisions}
    value = _value(model, policy, limit)
    if bound is not None and not isfinite(bound):
        bound = _bound(model, problem.given, limit)
    if bound is None or not problem.exceeds(bound, value):
        return Found(policy, worths, value)
    return Found(policy, worths, value, "local", bound)


def _worths(problem: Problem, tables: Mapping[str, Array], name: str) -> Worths:
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
