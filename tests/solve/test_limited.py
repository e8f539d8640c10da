"""Decisions that forget: brute force over all rules agrees, and what cannot be proved is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given

from decision.model.problems import ModelError
from decision.solve.enumeration import enumerate_branches, enumerate_policy, enumerate_solve
from tests.models import models, seeded
from tests.solve.test_agreement import assert_same_outcomes, assert_same_rows, close

from decision.solve.solution import Solution, solve  # isort: skip


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


@seeded(120)
@given(models(memory="limited", cells=200, decisions=3, chances=4))
def test_against_every_rule(model):
    assume(combinations(model) <= 3000)
    try:
        brute = enumerate_solve(model)
    except ModelError:
        with pytest.raises(ModelError, match="no option of .* is open"):
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
