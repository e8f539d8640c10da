"""Three routes agree: plan, brute force and rolled-back tree, in all that they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError
from decision.solve.enumeration import Enumerated, enumerate_branches, enumerate_solve
from decision.solve.inputs import scale_of
from decision.solve.solution import Solution, solve
from decision.tree import unroll
from tests.models import models, oil, oil_guarded, seeded, stages, umbrella


def close(left: float, right: float, model: InfluenceDiagram) -> bool:
    """Whether two amounts are equal but for rounding."""
    return abs(left - right) <= 1e-9 * max(abs(left), abs(right), 1e-3 * scale_of(model), 1e-12)


def assert_same_rows(model: InfluenceDiagram, ours: list, theirs: list) -> None:
    assert [(r["decision"], r["given"]) for r in ours] == [
        (r["decision"], r["given"]) for r in theirs
    ]
    for left, right in zip(ours, theirs, strict=True):
        assert (left["choose"], left["ties"]) == (right["choose"], right["ties"]), (left, right)
        for key in ("expected_value", "certain_equivalent"):
            assert (key in left) == (key in right)
            if key in left:
                assert close(left[key], right[key], model), (left, right)
        assert left["probability"] == pytest.approx(right["probability"], rel=1e-9)


def assert_same_rules(solution: Solution, brute: Enumerated) -> None:
    """Rules agree in every situation that some choices lead to, not only where it happens."""
    model = solution.model
    for decision, full in brute.policy.items():
        known = model.information(decision)
        rule = solution.policy[decision]
        assert set(rule.given) <= set(known)
        shape = [len(model.states(n)) if n in rule.given else 1 for n in known]
        chosen = np.broadcast_to(rule.choices.reshape(shape), full.shape)
        possible = brute.ties[decision].any(axis=-1) & (brute.mass[decision] > 0)
        assert np.array_equal(chosen[possible], full[possible])


def assert_same_outcomes(solution: Solution, brute: Enumerated) -> None:
    model = solution.model
    names = model.time_order
    for first, second in zip(names, (*names[1:], names[0]), strict=True):
        pair = [first] if first == second else [first, second]
        np.testing.assert_allclose(
            solution.probabilities(pair), brute.probabilities(pair), rtol=0, atol=1e-12
        )
    for value in model.values:
        largest = abs(value.table).max()
        assert abs(solution.expectation(value.name) - brute.expectation(value.name)) <= (
            1e-9 * largest
        )
    for chance in model.chances[:2]:
        observed = {chance.name: chance.states[-1]}
        if brute.probabilities([chance.name])[-1] > 0:
            np.testing.assert_allclose(
                solution.probabilities(names[:2], observed),
                brute.probabilities(names[:2], observed),
                atol=1e-9,
            )
            assert close(
                solution.expectation(None, observed), brute.expectation(None, observed), model
            )
        else:
            with pytest.raises(ModelError, match="has probability 0"):
                solution.probabilities(names[:1], observed)


def assert_agree(model: InfluenceDiagram) -> None:
    """Everything that the routes say about a model is the same."""
    try:
        brute = enumerate_solve(model)
    except ModelError:
        with pytest.raises(ModelError, match=r"no option of .* is open"):
            solve(model)
        return
    solution = solve(model)
    assert close(solution.expected_value, brute.expected_value, model)
    if model.risk is None:
        assert solution.certain_equivalent is brute.certain_equivalent is None
    else:
        assert close(solution.certain_equivalent, brute.certain_equivalent, model)
    tree = unroll(model)
    assert close(tree.expected_value, brute.expected_value, model)
    if model.risk is not None:
        assert tree.certain_equivalent is not None
        assert close(tree.certain_equivalent, brute.certain_equivalent, model)
    assert_same_rows(model, solution.strategy_rows(), brute.strategy)
    assert_same_rules(solution, brute)
    assert_same_outcomes(solution, brute)
    for decision in model.decisions:
        ours, theirs = (
            solution.branch_solutions(decision.name),
            enumerate_branches(model, decision.name),
        )
        for (option, left), (same, right) in zip(ours, theirs, strict=True):
            assert option == same
            assert (left is None) == (right is None)
            if left is None:
                with pytest.raises(ModelError, match="is closed"):
                    solve(model, given={decision.name: option})
                continue
            assert close(left.expected_value, right.expected_value, model)
            if model.risk is not None:
                assert close(left.certain_equivalent, right.certain_equivalent, model)
            assert_same_rows(model, left.strategy_rows(), right.strategy)


@pytest.mark.parametrize("make", [umbrella, oil, oil_guarded, lambda: stages(3)])
def test_small_models(make):
    model = make()
    assert_agree(model)
    assert_agree(model.rebuilt(risk=50.0))


@seeded(250)
@given(models(risk=False, guards=False))
def test_plain(model):
    assert_agree(model)


@seeded(110)
@given(models(risk=True, guards=False))
def test_risk(model):
    assert_agree(model)


@seeded(120)
@given(models(risk=False, guards=True))
def test_closed_options(model):
    assert_agree(model)


@seeded(60)
@given(models(risk=True, guards=True))
def test_closed_options_and_risk(model):
    assert_agree(model)
