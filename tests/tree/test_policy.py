"""A tree that follows a policy given from outside: decisions that forget, old plans."""

from __future__ import annotations

import math

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from decision import Chance, Decision, InfluenceDiagram, ModelError, Value, solve, unroll
from decision.solve.enumeration import enumerate_solve
from decision.solve.rules import Rule
from tests.tree.diagrams import diagrams

RANDOM = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def close(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)


def rules_of(model, enumerated):
    return {
        d.name: Rule(d.name, d.options, model.information(d.name), enumerated.policy[d.name])
        for d in model.decisions
    }


@RANDOM
@given(diagrams(asymmetric=False))
def test_decisions_that_forget_follow_the_policy_they_are_given(model):
    model = model.rebuilt(memory="limited")
    try:
        brute = enumerate_solve(model)
    except ModelError:  # too many policies to try
        assume(False)
    policy = rules_of(model, brute)
    for options in ({}, {"fold": True}, {"strategy_only": True}, {"depth": 1}):
        tree = unroll(model, policy=policy, **options)
        assert close(tree.expected_value, brute.expected_value), options
        if model.risk is not None:
            assert close(tree.certain_equivalent, brute.certain_equivalent), options
    paths = unroll(model, policy=policy).paths()
    assert close(paths["probability"].sum(), 1)
    for value in model.values:
        mean = (paths["probability"] * paths[value.name]).sum()
        assert close(mean, brute.expectation(value.name))


@RANDOM
@given(diagrams(asymmetric=False), st.data())
def test_an_old_plan_in_a_new_world_is_worth_what_the_solver_says(model, data):
    chance = data.draw(st.sampled_from(model.chances))
    assume(len(chance.states) > 1)
    state = data.draw(st.sampled_from(chance.states))
    new = model.changed(f"P({chance.name}={state}) = 0.35")
    policy = solve(model).policy
    assert close(unroll(new, policy=policy).expected_value, solve(new).expected_value_of(policy))


def test_a_policy_is_followed_though_another_option_is_better():
    model = InfluenceDiagram(
        decisions=[Decision("act", ["no", "yes"], observes=["sign"])],
        chances=[Chance("sign", ["off", "on"], table=[0.5, 0.5])],
        values=[Value("v", ["act", "sign"], [[0, 0], [-1, 5]])],
        memory="limited",
    )
    tree = unroll(model, policy={"act": Rule("act", ("no", "yes"), ("sign",), [1, 1])})
    assert tree.expected_value == 2
    chosen = [b.label for n in tree.nodes if n.kind == "decision" for b in n.branches if b.chosen]
    assert chosen == ["yes", "yes"]
    assert tree.paths()["act"].tolist() == ["yes", "yes"]
