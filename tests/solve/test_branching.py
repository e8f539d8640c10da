"""Branch and bound over rules: the best are found and proved, and the bound is one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Decision, Value
from decision.model.problems import ModelError
from decision.solve import branching, limited
from decision.solve.choosing import Problem, improved
from decision.solve.enumeration import enumerate_solve
from decision.solve.inputs import scale_of
from decision.solve.rulewise import reduced
from decision.solve.solution import solve
from decision.solve.ties import FLOOR, TIE
from tests.models import models, seeded
from tests.solve.test_agreement import close
from tests.solve.test_limited import combinations, pigs


def worth(found):
    """What brute force goes by: the certain equivalent with risk, else the expectation."""
    if found.certain_equivalent is None:
        return found.expected_value
    return found.certain_equivalent


def posed(model):
    """Return the problem of choosing rules, what is settled and what is left."""
    problem = Problem(model, {}, reduced(model.structure, frozenset()), 2**31)
    tables = {}
    left = limited._settle(problem, tables, [d.name for d in model.decisions])
    return problem, tables, left


def first_of_the_best(problem, tables, left):
    """Return the first word that ties with the best, all tried in order, one by one."""
    rows = [problem.openings(n).reshape(-1, len(problem.model.states(n))) for n in left[:-1]]
    letters = [np.flatnonzero(r) if r.any() else [0] for listed in rows for r in listed]
    worths, policies = [], []
    for word in product(*letters):
        policy, rest = dict(tables), list(word)
        for name, listed in zip(left, rows, strict=False):
            shape = problem.openings(name).shape[:-1]
            policy[name] = problem.table(name, np.reshape(rest[: len(listed)], shape).astype(int))
            rest = rest[len(listed) :]
        found, made = problem.update(left[-1], policy)
        worths.append(float(made[found.value][0]))
        policies.append(policy | {left[-1]: problem.best(left[-1], policy)})
    top = max(worths)
    bound = TIE * max(abs(top), FLOOR * scale_of(problem.model))
    return next(p for p, w in zip(policies, worths, strict=True) if top - w <= bound)


@seeded(100)
@given(models(memory="limited", cells=120, decisions=3, chances=4))
def test_of_rules_that_tie_the_first(model):
    problem, tables, left = posed(model)
    assume(left and limited._combinations(problem, left) <= 64)
    try:
        solution = solve(model)
    except ModelError:
        return
    first = first_of_the_best(problem, tables, left)
    for name in left:
        assert np.array_equal(first[name][..., 0], solution.policy[name].table), name


@seeded(200)
@given(models(memory="limited", cells=200, decisions=3, chances=4), st.integers(0, 12))
def test_nothing_exceeds_the_bound(model, solves):
    assume(combinations(model) <= 3000)
    try:
        best = worth(enumerate_solve(model))
    except ModelError:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(branching, "SOLVES", solves)
        patch.setattr(limited, "STARTS", 1)
        patch.setattr(branching, "WIDE", 1)
        solution = solve(model)
    if solution.optimality == "global":
        assert close(solution.worth, best, model)
        return
    slack = 1e-9 * scale_of(model)
    assert solution.worth <= best + slack
    assert best <= solution.upper_bound + slack
    assert solution.upper_bound <= solve(model.rebuilt(memory="perfect")).worth + slack


def climbing() -> InfluenceDiagram:
    """The climbing game (Claus and Boutilier 1998, AAAI-98, sec. 4): 11 is best, 7 holds.

    Whoever leaves 7 alone, or 5, loses; from draws at random both end at 7.
    """
    options = ["first", "second", "third"]
    return InfluenceDiagram(
        decisions=[Decision("row", options), Decision("column", options)],
        values=[Value("pays", ["row", "column"], [[11, -30, 0], [-30, 7, 6], [0, 0, 5]])],
        memory="limited",
    )


def test_the_climbing_game():
    value, _ = improved(*posed(climbing()), 1)
    assert value == 7
    solution = solve(climbing())
    assert (solution.expected_value, solution.optimality) == (11, "global")


def team(seed: int, members: int = 5, signals: int = 3) -> InfluenceDiagram:
    """Members of a team who each see a signal of a common state and must act in concert.

    Nobody hears the others (Marschak and Radner 1972, *Economic Theory of Teams*): what each
    does in turn pays by what the one before does.
    """
    rng = np.random.default_rng(seed)
    names = [f"s{i}" for i in range(signals)]
    chances = [Chance("world", ["low", "mid", "high"], (), rng.dirichlet(np.ones(3)))]
    decisions, values = [], []
    for i in range(members):
        table = rng.dirichlet(np.ones(signals) * 0.7, size=3)
        chances.append(Chance(f"signal{i}", names, ["world"], table))
        decisions.append(Decision(f"act{i}", ["a", "b"], [f"signal{i}"]))
        amounts = rng.normal(size=(3, 2, 2) if i else (3, 2)).round(2)
        parents = ["world", f"act{i - 1}", f"act{i}"] if i else ["world", "act0"]
        values.append(Value(f"gain{i}", parents, amounts))
    return InfluenceDiagram(decisions, chances, values, memory="limited")


def best_of_team(model: InfluenceDiagram) -> float:
    """Follow what the member before does in each state of the world, in place of who did it.

    All that matters of a rule is P(act | world); every combination is tried as one array.
    """
    world = model.nodes["world"].table
    rules = np.array(list(product([0, 1], repeat=len(model.states("signal0")))))
    acts = []
    for i in range(len(model.decisions)):
        second = rules @ model.nodes[f"signal{i}"].table.T
        acts.append(np.stack([1 - second, second], axis=-1))
    first = np.einsum("w,rwa,wa->r", world, acts[0], model.nodes["gain0"].table)
    best = first
    for i in range(1, len(acts)):
        pays = np.einsum(
            "w,rwa,swb,wab->rs", world, acts[i - 1], acts[i], model.nodes[f"gain{i}"].table
        )
        best = (best[:, None] + pays).max(axis=0)
    return float(best.max())


@pytest.mark.parametrize("seed", range(12))
def test_a_team_of_five_is_led_to_its_best(seed):
    """Four members' rules alone are 4096 combinations; it is a chain, which the test uses."""
    model = team(seed)
    solution = solve(model)
    assert solution.optimality == "global"
    assert solution.expected_value == pytest.approx(best_of_team(model), abs=1e-9)


def test_a_team_that_one_rule_at_a_time_leaves_below_its_best():
    stuck = 0
    for seed in range(12):
        problem, tables, left = posed(team(seed))
        value, _ = improved(problem, tables, left, 1)
        stuck += value < best_of_team(problem.model) - 1e-6
    assert stuck >= 3


def best_of_pigs(months: int) -> float:
    """Try all 4^(months − 1) combinations of rules of the pig breeder at once."""
    ill, paid = np.array([0.1]), np.array([0.0])
    for _ in range(months - 1):
        nexts, costs = [], []
        for negative, positive in product([0, 1], repeat=2):  # treat after such a test?
            well = 1 - ill
            treated_well = well * (0.9 * negative + 0.1 * positive)
            treated_ill = ill * (0.2 * negative + 0.8 * positive)
            nexts.append(
                treated_well * 0.1
                + (well - treated_well) * 0.2
                + treated_ill * 0.5
                + (ill - treated_ill) * 0.9
            )
            costs.append(paid + 100 * (treated_well + treated_ill))
        ill, paid = np.concatenate(nexts), np.concatenate(costs)
    return float((1000 - 700 * ill - paid).max())


def test_pigs_of_eleven_months_are_proved():
    """A million combinations, too many to solve each; the proof takes some hundred solves."""
    problem, tables, left = posed(pigs(11))
    known = improved(problem, tables, left, 1)
    found = branching.search(problem, tables, left, known)
    assert limited._combinations(problem, left) == 4**9
    assert found.bound is None
    assert found.solves < 1000
    solution = solve(pigs(11))
    assert solution.optimality == "global"
    assert solution.expected_value == pytest.approx(best_of_pigs(11), abs=1e-9)


def test_the_oracle_of_pigs():
    assert best_of_pigs(4) == pytest.approx(726.8121)
    assert best_of_pigs(4) == pytest.approx(enumerate_solve(pigs(4)).expected_value)


def test_what_is_too_large_to_be_bounded_is_searched_without():
    """The first member's letters have no bound; the others' do."""
    model = team(0, members=4)
    problem, tables, left = posed(model)
    words = branching._Words(problem, tables, left)
    sizes = [words.relaxation(hand).plan.cost.bytes for hand in range(3)]
    assert sizes == sorted(sizes, reverse=True)
    small = Problem(model, {}, problem.scopes, sizes[1])
    found = branching.search(small, tables, left, improved(problem, tables, left, 1))
    assert found.bound is None
    whole = solve(model)
    for name in left:
        assert np.array_equal(found.tables[name][..., 0], whole.policy[name].table)


def test_no_more_is_looked_at_at_once_than_the_limit_allows(monkeypatch):
    model, taken = pigs(8), []
    run = branching.run

    def watched(plan, arrays):
        taken.append(plan.cost.bytes * max(array.shape[-1] for array in arrays.values()))
        return run(plan, arrays)

    monkeypatch.setattr(branching, "run", watched)
    problem, tables, left = posed(model)
    limit = branching._Words(problem, tables, left).relaxation(0).plan.cost.bytes
    found = branching.search(
        Problem(model, {}, problem.scopes, limit), tables, left, improved(problem, tables, left, 1)
    )
    assert max(taken) == limit
    assert found.bound is None


@pytest.mark.parametrize("budget", ["SOLVES", "OPERATIONS"])
def test_a_search_without_a_budget_is_bounded_by_memory(monkeypatch, budget):
    monkeypatch.setattr(branching, budget, 0)
    solution = solve(pigs(6))
    assert solution.optimality == "local"
    assert solution.upper_bound == pytest.approx(solve(pigs(6, memory="perfect")).worth)
    assert solution.expected_value == pytest.approx(best_of_pigs(6))


def test_the_bound_falls_as_more_is_looked_at(monkeypatch):
    """From the worth of a team that remembers, to that of the best rules."""
    model = team(3, members=5)
    monkeypatch.setattr(branching, "WIDE", 1)
    monkeypatch.setattr(branching, "MANY", 8)
    best = best_of_team(model)
    bounds = []
    for solves in (0, 40, 160, 640, 10**5):
        monkeypatch.setattr(branching, "SOLVES", solves)
        solution = solve(model)
        bounds.append(best if solution.upper_bound is None else solution.upper_bound)
        assert solution.expected_value <= best + 1e-9 <= bounds[-1] + 2e-9
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[0] == pytest.approx(solve(model.rebuilt(memory="perfect")).expected_value)
    assert solution.optimality == "global"
