"""Decisions that forget: brute force over all rules agrees, and what cannot be proved is said."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import assume, given

from decision.cli import main
from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Decision, Value
from decision.model.problems import ModelError
from decision.model.writing import write_model
from decision.solve import branching
from decision.solve.enumeration import enumerate_branches, enumerate_policy, enumerate_solve
from decision.solve.solution import Solution, solve
from tests.models import models, oil, seeded, stages
from tests.solve.test_agreement import assert_same_outcomes, assert_same_rows, close


def trap() -> InfluenceDiagram:
    """Two who cannot see each other: both going in is worth 10, one alone loses 20.

    If the other draws evenly, staying out looks best to each: worth 5, and no change of
    one rule improves on that.
    """
    options = ["out", "in", "wait"]
    return InfluenceDiagram(
        decisions=[Decision("left", options), Decision("right", options)],
        values=[Value("gain", ["left", "right"], [[5, -20, 5], [-20, 10, -20], [5, -20, 0]])],
        memory="limited",
    )


def combinations(model):
    """How many combinations of rules there are."""
    number = 1.0
    for d in model.decisions:
        known = [len(model.states(n)) for n in model.information(d.name)]
        number *= float(len(d.options)) ** np.prod(known)
    return number


def full(solution: Solution):
    """Return a policy over all that each decision knows, as brute force has it."""
    model, policy = solution.model, {}
    for name, rule in solution.policy.items():
        known = model.information(name)
        spread = [len(model.states(n)) if n in rule.given else 1 for n in known]
        wide = [len(model.states(n)) for n in known]
        policy[name] = np.broadcast_to(rule.choices.reshape(spread), wide)
    return policy


def assert_best(solution, brute):
    """The rules found are worth what the best are, and lead where brute force says."""
    model = solution.model
    assert solution.optimality == "global"
    assert solution.upper_bound is None
    assert close(solution.expected_value, brute.expected_value, model) or model.risk
    if model.risk is not None:
        assert close(solution.certain_equivalent, brute.certain_equivalent, model)
    ours = enumerate_policy(model, full(solution), solution.given)
    assert close(solution.expected_value, ours.expected_value, model)
    assert_same_rows(model, solution.strategy_rows(), ours.strategy)
    return ours


@seeded(520)
@given(models(memory="limited", cells=200, decisions=3, chances=4))
def test_against_every_rule(model):
    assume(combinations(model) <= 3000)
    try:
        brute = enumerate_solve(model)
    except ModelError:
        with pytest.raises(ModelError, match=r"no option of .* is open"):
            solve(model)
        return
    solution = solve(model)
    assert_same_outcomes(solution, assert_best(solution, brute))
    for decision in model.decisions:
        theirs = enumerate_branches(model, decision.name)
        for (_, left), (_, right) in zip(
            solution.branch_solutions(decision.name), theirs, strict=True
        ):
            assert (left is None) == (right is None)
            if left is not None:
                assert_best(left, right)


def pigs(months: int = 4, memory: str = "limited") -> InfluenceDiagram:
    """The pig breeder (Lauritzen and Nilsson 2001, sec. 3): 726.8 for four months.

    A pig is ill or healthy; each month a test shows it with error, and it may be treated
    against 100 DKK; healthy it sells for 1000, ill for 300.
    """
    ill, treat = ["no", "yes"], ["leave", "treat"]
    decisions, chances, values = [], [], []
    for t in range(1, months + 1):
        if t == 1:
            chances.append(Chance("h1", ill, (), [0.9, 0.1]))
        else:
            # rows: healthy or ill, left or treated
            table = [[[0.8, 0.2], [0.9, 0.1]], [[0.1, 0.9], [0.5, 0.5]]]
            chances.append(Chance(f"h{t}", ill, [f"h{t - 1}", f"d{t - 1}"], table))
        if t < months:
            test = [[0.9, 0.1], [0.2, 0.8]]
            chances.append(Chance(f"t{t}", ["negative", "positive"], [f"h{t}"], test))
            decisions.append(Decision(f"d{t}", treat, [f"t{t}"]))
            values.append(Value(f"u{t}", [f"d{t}"], [0, -100]))
    values.append(Value("sale", [f"h{months}"], [1000, 300]))
    return InfluenceDiagram(decisions, chances, values, memory=memory)


def test_pigs_as_published():
    solution = solve(pigs())
    assert solution.expected_value == pytest.approx(726.8, abs=0.05)
    assert solution.optimality == "global"
    remembering = solve(pigs(memory="perfect"))
    assert solution.expected_value < remembering.expected_value
    rows = solution.strategy_rows()
    assert [list(r["given"]) for r in rows[-2:]] == [["t3"], ["t3"]]


def test_one_rule_at_a_time_stays_in_the_trap(monkeypatch):
    monkeypatch.setattr(branching, "SOLVES", 0)
    solution = solve(trap())
    assert solution.expected_value == 5
    assert (solution.optimality, solution.upper_bound) == ("local", 10.0)


def test_a_trap_that_one_rule_at_a_time_does_not_leave():
    solution = solve(trap())
    assert solution.expected_value == 10
    assert solution.optimality == "global"
    assert [r["choose"] for r in solution.strategy_rows()] == ["in", "in"]


def test_what_is_local_is_called_so(monkeypatch):
    monkeypatch.setattr(branching, "SOLVES", 0)
    model = pigs(8)
    solution = solve(model)
    assert solution.optimality == "local"
    assert "a local optimum" in repr(solution)
    assert "local optimum" in solution._repr_html_()
    assert f"at most {solution.gap:.3g} below the best" in repr(solution)
    assert f"by {solution.gap:.3g} at most" in solution._repr_html_()
    bound = solve(pigs(8, memory="perfect")).expected_value
    assert solution.gap == pytest.approx(bound - solution.expected_value)
    assert solution.upper_bound == pytest.approx(bound)
    assert solution.expected_value < bound
    again = solve(model)
    assert again.expected_value == solution.expected_value
    assert again.strategy_rows() == solution.strategy_rows()


def test_the_command_line_says_by_how_much(monkeypatch, tmp_path, capsys):
    write_model(trap().rebuilt(title="Trap"), tmp_path / "trap")
    assert main(["solve", str(tmp_path / "trap")]) == 0
    assert "optimum" not in capsys.readouterr().out
    monkeypatch.setattr(branching, "SOLVES", 0)
    assert main(["solve", str(tmp_path / "trap")]) == 0
    head = capsys.readouterr().out.splitlines()[0]
    assert head == "Trap: expected value 5, a local optimum, at most 10 is possible (5 more)"
    assert main(["solve", str(tmp_path / "trap"), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["optimality"], told["upper_bound"]) == ("local", 10)
    assert "gap" not in told


def test_what_does_not_wait_for_another_rule_is_exact():
    """Markov: a rule that sees the state needs no memory, so nothing has to be tried."""
    model = stages(12, states=4)
    forgetting = solve(model.rebuilt(memory="limited"))
    assert forgetting.optimality == "global"
    assert forgetting.expected_value == pytest.approx(solve(model).expected_value)


def test_looking_can_pay_without_memory():
    """The test's result is known to the second decision only if it is listed."""
    model = oil().rebuilt(memory="limited")
    blind = model.rebuilt(decisions=(model.decisions[0], Decision("drill", ["yes", "no"])))
    assert solve(model).expected_value == pytest.approx(22.5)
    assert solve(blind).expected_value == pytest.approx(20.0)


def test_a_dead_end_is_not_left_through_a_closed_option():
    """After `second` nothing is open that leads on to what is set; `second` pays better."""
    middle = {"a": {"start": "first"}, "b": {"start": "second"}}
    model = InfluenceDiagram(
        decisions=[
            Decision("start", ["second", "first"]),
            Decision("middle", ["a", "b"], ["start"], middle),
            Decision("end", ["on", "off"], ["middle"], {"on": {"middle": "a"}}),
        ],
        values=[Value("pays", ["start"], [9, 1])],
        memory="limited",
    )
    for option, worth in (("on", 1), ("off", 9)):
        brute = enumerate_solve(model, {"end": option})
        solution = solve(model, given={"end": option})
        assert solution.expected_value == brute.expected_value == worth
        assert_best(solution, brute)


def test_forced_and_closed():
    model = InfluenceDiagram(
        decisions=[
            Decision("first", ["skip", "buy"]),
            Decision("other", ["a", "b"]),
            Decision("second", ["use", "rest"], ["first"], {"use": {"first": "buy"}}),
        ],
        values=[
            Value("cost", ["first", "other"], [[0, 0], [-5, -4]]),
            Value("gain", ["second"], [2, 0]),
        ],
        memory="limited",
    )
    solution = solve(model)
    assert solution.branches("second") == [("use", -2.0), ("rest", 0.0)]
    with pytest.raises(ModelError, match="second=use is closed where first=skip"):
        solve(model, given={"first": "skip", "second": "use"})
