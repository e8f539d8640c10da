"""Signals that may err: a published test, two oracles by brute force, laws."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from decision import Chance, InfluenceDiagram, read_model, value_of_signal
from decision.analysis import signals
from decision.analysis.information import information_json
from decision.model.problems import ModelError
from decision.solve.enumeration import enumerate_solve
from decision.solve.inputs import scale_of
from decision.solve.solution import solve
from tests.analysis.ranged import worth
from tests.analysis.test_information import guesses
from tests.models import models, oil, seeded, umbrella

SMALL = {"memory": "perfect", "cells": 40, "decisions": 2, "chances": 3}
SEISMIC = [[0.1, 0.3, 0.6], [0.3, 0.4, 0.3], [0.5, 0.4, 0.1]]


def perfect(model: InfluenceDiagram, before: str) -> dict[str, float]:
    rows = information_json(model, (), before)["information"]
    return {row["node"]: row["value"] for row in rows}


def solvable(model: InfluenceDiagram) -> InfluenceDiagram:
    try:
        solve(model)
    except ModelError:
        assume(False)
    return model


# -- by hand ------------------------------------------------------------------


def untested() -> InfluenceDiagram:
    """The oil wildcatter who has no test to buy: one drills, for 20."""
    model = oil()
    return model.rebuilt(
        decisions=(replace(model.decisions[1], observes=()),),
        chances=model.chances[:1],
        values=model.values[:1],
    )


def test_the_wildcatters_seismic_test_is_worth_12_and_a_half_before_its_price():
    """Raiffa (1968, ch. 2): 32.5 with the test for nothing, 20 without; 22.5 when it costs 10."""
    assert solve(untested()).expected_value == pytest.approx(20)
    assert value_of_signal(untested(), "oil", SEISMIC) == pytest.approx(12.5, abs=1e-12)
    assert value_of_signal(untested(), "oil", np.eye(3)) == pytest.approx(35, abs=1e-12)


def test_a_forecast_of_rain():
    """It shows rain with 0.8 × 0.3 + 0.2 × 0.7 = 0.38: take the umbrella then, else leave it.

    24 of 100 rain with it, 6 rain without, 14 dry with, 56 dry without: 0.24 × 70 + 0.14 × 80
    + 0.56 × 100 = 84, less 77.
    """
    assert value_of_signal(umbrella(), "rain", 0.8) == pytest.approx(7, abs=1e-12)


def test_the_party_goes_by_certain_equivalent():
    party = read_model("data/examples/party_problem")
    found = [value_of_signal(party, "weather", a) for a in (0.5, 0.9, 1)]
    assert found[0] == 0
    assert found[2] == pytest.approx(perfect(party, party.decisions[0].name)["weather"])
    by_hand = worth(enumerate_solve(told(party, "weather", 0.9, party.decisions[0].name)))
    assert found[1] == pytest.approx(by_hand - worth(solve(party)), abs=1e-9)


def test_with_limited_memory_only_the_named_decision_hears_it():
    """A coin that falls heads in 6 of 10: each guess gains 0.8 − 0.6 from a report on it."""
    for memory, gained in (("perfect", 0.4), ("limited", 0.2)):
        found = value_of_signal(guesses(memory), "coin", 0.8, before="first")
        assert found == pytest.approx(gained)
    assert value_of_signal(guesses("perfect"), "coin", 0.8, "second") == pytest.approx(0.2)


def test_a_node_that_is_known_or_has_one_state_has_nothing_to_show():
    assert value_of_signal(oil(), "seismic", 0.9, before="drill") == 0
    model = untested()
    model = model.rebuilt(chances=(*model.chances, Chance("sky", ["blue"], table=[1.0])))
    assert value_of_signal(model, "sky", 0.3) == 0


def test_korea():
    """A source on the intent that is right 8 times in 10 is worth three fifths of its 0.026."""
    model = read_model("data/korea_2018")
    assert value_of_signal(model, "intent", 0.8) == pytest.approx(0.0158, abs=5e-5)
    assert value_of_signal(model, "intent", 1.0) == pytest.approx(0.02599, abs=5e-6)
    assert value_of_signal(model, "rok_deterrence", 0.9) == 0


@pytest.mark.parametrize(
    ("accuracy", "message"),
    [
        (1.5, "an accuracy of 1.5 is no probability"),
        (float("nan"), "an accuracy of nan is no probability"),
        ([[0.5, 0.5]], "the matrix of a signal on oil"),
        ([[0.5, 0.4]] * 3, "give a row for each of dry, wet, soaking, each summing to 1"),
        ([[1.5, -0.5]] * 3, "the matrix of a signal on oil"),
        ([[[1.0]]], "the matrix of a signal on oil"),
        ([0.5, 0.5], "the matrix of a signal on oil"),
        (np.ones((3, 0)), "the matrix of a signal on oil"),
    ],
)
def test_refusals(accuracy, message):
    with pytest.raises(ModelError, match=message):
        value_of_signal(oil(), "oil", accuracy)


def test_a_descendant_is_refused_with_the_path():
    with pytest.raises(ModelError, match=r"descends from test \(test → seismic\)"):
        value_of_signal(oil(), "seismic", 0.9)


def test_its_name_is_given_way_to():
    model = untested()
    model = model.rebuilt(chances=(*model.chances, Chance("oil_signal", ["a", "b"], table=[1, 0])))
    assert value_of_signal(model, "oil", SEISMIC) == pytest.approx(12.5)


# -- by brute force -------------------------------------------------------------


def told(model: InfluenceDiagram, node: str, accuracy: float, decision: str) -> InfluenceDiagram:
    """A reporter that is no node of the program's making: states lie in another order."""
    states = model.states(node)
    wrong = (1 - accuracy) / max(1, len(states) - 1)
    rows = [[accuracy if s == t else wrong for t in reversed(states)] for s in states]
    report = Chance("report", [f"says_{s}" for s in reversed(states)], [node], rows)
    decisions = [
        replace(d, observes=(*d.observes, "report")) if d.name == decision else d
        for d in model.decisions
    ]
    return model.rebuilt(decisions=decisions, chances=(report, *model.chances))


@seeded(200)
@given(models(**SMALL), st.sampled_from([0.0, 0.3, 0.7, 0.8, 0.95]), st.integers(0, 99))
def test_a_signal_is_a_chance_node_that_is_observed(model, accuracy, pick):
    solvable(model)
    decision = model.decisions[pick % len(model.decisions)].name
    known = {n for n in perfect(model, decision) if len(model.states(n)) > 1}
    assume(known)
    node = sorted(known)[pick % len(known)]
    base, scale = worth(enumerate_solve(model)), scale_of(model)
    found = value_of_signal(model, node, accuracy, before=decision)
    expected = worth(enumerate_solve(told(model, node, accuracy, decision))) - base
    assert found == pytest.approx(expected, abs=1e-8 * scale)
    event("worth something" if found > 1e-6 * scale else "worth nothing")


@seeded(200)
@given(models(risk=False, guards=False, **SMALL), st.integers(0, 2**32 - 1))
def test_a_signal_on_a_root_is_worth_what_it_makes_one_believe(model, seed):
    """Without a new node: the prior is replaced by each posterior in turn."""
    rng = np.random.default_rng(seed)
    first = model.decisions[0].name
    seen = model.information(first)
    roots = [c for c in model.chances if not c.given and len(c.states) > 1]
    assume(roots and not seen)  # with something seen, the prior is not what one believes
    node = roots[seed % len(roots)]
    matrix = rng.dirichlet(np.ones(3), size=len(node.states))
    expected = -enumerate_solve(model).expected_value
    for column in matrix.T:
        joint = node.table * column
        if joint.sum() > 0:
            chances = [
                replace(c, table=joint / joint.sum()) if c.name == node.name else c
                for c in model.chances
            ]
            believed = model.rebuilt(chances=chances)
            expected += joint.sum() * enumerate_solve(believed).expected_value
    found = value_of_signal(model, node.name, matrix)
    assert found == pytest.approx(expected, abs=1e-8 * scale_of(model))
    event("worth something" if found > 1e-6 else "worth nothing")


# -- laws ---------------------------------------------------------------------


@seeded(100)
@given(models(**SMALL))
def test_from_nothing_at_chance_to_perfect_at_one_and_never_down(model):
    solvable(model)
    near = 1e-9 * scale_of(model)
    for decision in model.decisions:
        for node, value in perfect(model, decision.name).items():
            number = len(model.states(node))
            accuracies = np.linspace(1 / number, 1, 4).tolist()
            found = [value_of_signal(model, node, a, decision.name) for a in accuracies]
            assert min(found) >= 0
            assert found[0] == pytest.approx(0, abs=near)
            assert found[-1] == pytest.approx(value, abs=near)
            assert all(later >= earlier - near for earlier, later in pairwise(found))


@seeded(100)
@given(models(**SMALL), st.integers(0, 2**32 - 1))
def test_a_garbled_signal_is_worth_no_more(model, seed):
    """Blackwell: what is made of a signal without looking at the world again."""
    solvable(model)
    rng, near = np.random.default_rng(seed), 1e-9 * scale_of(model)
    decision = model.decisions[seed % len(model.decisions)].name
    for node, value in perfect(model, decision).items():
        matrix = rng.dirichlet(np.ones(3), size=len(model.states(node)))
        garbling = rng.dirichlet(np.ones(2), size=3)
        clear = value_of_signal(model, node, matrix, decision)
        garbled = value_of_signal(model, node, matrix @ garbling, decision)
        assert -near <= garbled <= clear + near
        assert clear <= value + near


@seeded(30)
@given(models(**SMALL))
def test_a_model_is_not_changed(model):
    solvable(model)
    before = solve(model).expected_value
    for node in perfect(model, model.decisions[0].name):
        value_of_signal(model, node, 0.75)
    assert solve(model).expected_value == before
    assert not any(name.endswith("_signal") for name in model.nodes)


SIGNALLED = signals._signalled
MUTANTS: dict[str, Any] = {
    "rows are taken for columns": lambda model, node, shown, d: SIGNALLED(
        model, node, (shown / shown.sum(axis=0)).T, d
    ),
    "it never errs": lambda model, node, shown, d: SIGNALLED(model, node, np.eye(len(shown)), d),
    "another decision hears it": lambda model, node, shown, d: SIGNALLED(
        model, node, shown, model.decisions[-1].name
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught(name, monkeypatch):
    monkeypatch.setattr(signals, "_signalled", MUTANTS[name])

    def check():
        skewed = [[0.1, 0.2, 0.7], [0.3, 0.4, 0.3], [0.9, 0.1, 0.0]]
        found = value_of_signal(untested(), "oil", skewed)
        assert found == pytest.approx(_by_belief(skewed))
        test_with_limited_memory_only_the_named_decision_hears_it()

    with pytest.raises(AssertionError):
        check()


def _by_belief(matrix: list[list[float]]) -> float:
    prior, payoff = np.array([0.5, 0.3, 0.2]), np.array([-70, 50, 200])
    joint = prior[:, None] * np.array(matrix)
    return float(np.maximum(payoff @ joint, 0).sum() - 20)
