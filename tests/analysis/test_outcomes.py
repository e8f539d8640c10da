"""Outcomes by option, against brute force and the reference figures."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from decision import (
    Chance,
    Decision,
    InfluenceDiagram,
    ModelError,
    Value,
    outcomes,
    read_model,
    solve,
)
from decision.analysis.outcomes import equivalent, outcomes_json, worth_of
from decision.solve.enumeration import enumerate_branches
from tests.tree.diagrams import diagrams


@pytest.fixture(scope="module")
def oil():
    return read_model("data/examples/oil_wildcatter")


@pytest.fixture(scope="module")
def korea():
    return read_model("data/korea_2018")


def close(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(diagrams(), st.data())
def test_outcomes_are_those_of_brute_force(model, data):
    assume(any(model.utility(value.name).any() for value in model.values))
    by = data.draw(st.sampled_from([decision.name for decision in model.decisions]))
    found = outcomes_json(model, by)
    brute = enumerate_branches(model, by)
    assert [branch["option"] for branch in found["branches"]] == [option for option, _ in brute]
    for branch, (_, enumerated) in zip(found["branches"], brute, strict=True):
        numbers = [branch["expected_value"], *branch["values"].values()]
        numbers += [p for states in branch["probabilities"].values() for p in states.values()]
        if enumerated is None:
            assert set(numbers) == {None}
            continue
        expected = [enumerated.expected_value]
        expected += [enumerated.expectation(value.name) for value in model.values]
        for chance in model.chances:
            expected += enumerated.probabilities([chance.name]).tolist()
        assert all(close(a, b) for a, b in zip(numbers, expected, strict=True))
        if model.risk is not None:
            assert close(branch["certain_equivalent"], enumerated.certain_equivalent)


def test_korea_gives_the_reference_outcomes(korea):
    frame = outcomes(korea)
    with Path("tests/golden/korea_base_outcomes.csv").open() as file:
        golden = {row.pop("strategy"): row for row in csv.DictReader(file)}
    assert list(frame.index) == list(golden)
    for option, row in golden.items():
        for name, number in row.items():
            column = "E(total)" if name == "total" else f"{name[0]}({name[2:]})"
            # the reference has twelve significant digits
            assert math.isclose(frame.loc[option, column], float(number), rel_tol=1e-11), column
    assert len(frame.columns) == 2 + 6 + sum(len(c.states) for c in korea.chances)


def test_columns_are_named_in_the_language_and_compared_with_the_reference(oil):
    frame = outcomes(oil, reference="no")
    assert frame.index.name == "test"
    assert list(frame.columns) == [
        "E(total)",
        "difference",
        "E(payoff)",
        "E(test_cost)",
        "P(oil=dry)",
        "P(oil=wet)",
        "P(oil=soaking)",
        "P(seismic=closed)",
        "P(seismic=open)",
        "P(seismic=diffuse)",
        "P(seismic=none)",
    ]
    assert frame["difference"].round(9).tolist() == [2.5, 0.0]
    assert outcomes(oil)["difference"].round(9).tolist() == [0.0, -2.5]


def test_by_a_later_decision_earlier_ones_are_optimal(oil):
    """Who must drill doesn't test first: 20 in all."""
    frame = outcomes(oil, by="drill")
    assert frame["E(total)"].round(9).to_dict() == {"yes": 20.0, "no": 0.0}
    assert frame.loc["yes", "P(seismic=none)"] == 1


def test_json_is_the_contract(oil):
    whole = json.loads(json.dumps(outcomes_json(oil), allow_nan=False))
    assert set(whole) == {"by", "branches"}
    assert whole["by"] == "test"
    assert whole["branches"][1] == {
        "option": "no",
        "expected_value": pytest.approx(20),
        "values": {"payoff": pytest.approx(20), "test_cost": 0.0},
        "probabilities": {
            "oil": {"dry": 0.5, "wet": pytest.approx(0.3), "soaking": pytest.approx(0.2)},
            "seismic": {"closed": 0.0, "open": 0.0, "diffuse": 0.0, "none": 1.0},
        },
    }


def guarded() -> InfluenceDiagram:
    return InfluenceDiagram(
        decisions=[Decision("go", ["out", "stay"], ["sky"], {"out": {"sky": ["clear"]}})],
        chances=[Chance("sky", ["clear", "storm"], table=[0.5, 0.5])],
        values=[Value("fun", ["go"], [10, 1])],
    )


def test_a_branch_that_is_closed_is_a_row_of_missing_numbers():
    frame = outcomes(guarded())
    assert frame.loc["out"].isna().all()
    assert frame.loc["stay", "E(total)"] == 1
    assert outcomes(guarded(), reference="stay").loc["stay", "difference"] == 0
    assert outcomes_json(guarded())["branches"][0] == {
        "option": "out",
        "expected_value": None,
        "values": {"fun": None},
        "probabilities": {"sky": {"clear": None, "storm": None}},
    }


def test_risk_adds_the_certain_equivalent():
    model = InfluenceDiagram(
        decisions=[Decision("play", ["yes", "no"])],
        chances=[Chance("coin", ["heads", "tails"], table=[0.5, 0.5])],
        values=[Value("win", ["play", "coin"], [[100, -40], [20, 20]])],
        risk=50.0,
    )
    frame = outcomes(model)
    assert frame["E(total)"].round(9).tolist() == [30, 20]
    sure = -50 * math.log(0.5 * math.exp(-2) + 0.5 * math.exp(0.8))
    assert np.allclose(frame["certain_equivalent"], [sure, 20])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"by": "drlil"}, "there is no decision node 'drlil'; did you mean 'drill'?"),
        ({"by": "oil"}, "'oil' is a chance node, not a decision"),
        ({"reference": "maybe"}, "test has no option 'maybe'; use one of yes, no"),
    ],
)
def test_unknown_names_are_refused(oil, arguments, message):
    with pytest.raises(ModelError) as error:
        outcomes(oil, **arguments)
    assert message in str(error.value)


# -- points in terms of the chance of an event --------------------------------


def test_a_point_is_worth_two_percentage_points_of_war(korea):
    """100 of 208 points of weight lie on lives, whose swing is what a major war costs."""
    worth = worth_of(korea, "P(escalation=major_war)")
    # without a war some lives are lost too: hundreds, in half a million
    assert math.isclose(worth, -100 * 100 / 208, rel_tol=1e-3)
    each = equivalent(outcomes(korea), korea, "P(escalation=major_war)")
    assert each["maximum_pressure"] == 0
    assert each["off_ramp_and_restraint"] == pytest.approx(-0.0096, abs=0.0001)
    assert -1 / worth == pytest.approx(0.0208, abs=0.0001)


@pytest.mark.parametrize("state", ["dry", "wet", "soaking"])
@pytest.mark.parametrize("amount", [0.01, 0.1])
def test_the_rate_is_what_a_changed_probability_adds_under_the_same_strategy(oil, state, amount):
    policy = solve(oil).policy
    before = solve(oil).expected_value_of(policy)
    after = solve(oil.changed(f"P(oil={state}) += {amount}")).expected_value_of(policy)
    assert close(worth_of(oil, f"P(oil={state})"), (after - before) / amount)


def test_one_of_several_states_is_weighed_by_how_likely_each_is(oil):
    both = worth_of(oil, "P(oil=wet|soaking)")
    assert close(both, -worth_of(oil, "P(oil=dry)"))


def test_an_effect_is_no_sign_of_its_causes():
    """An alarm does no harm though fires, which do, set it off."""
    model = InfluenceDiagram(
        decisions=[Decision("d", ["a", "b"])],
        chances=[
            Chance("fire", ["no", "yes"], table=[0.9, 0.1]),
            Chance("alarm", ["off", "on"], ["fire"], table=[[0.9, 0.1], [0.1, 0.9]]),
        ],
        values=[Value("harm", ["fire"], [0, -100]), Value("v", ["d"], [1, 0])],
    )
    assert worth_of(model, "P(alarm=on)") == 0
    assert close(worth_of(model, "P(fire=yes)"), -100)
    with pytest.raises(ModelError, match=r"the total does not depend on P\(alarm=on\)"):
        equivalent(outcomes(model), model, "P(alarm=on)")


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("E(total)", "'E(total)' is not the chance of one event"),
        ("P(test=yes)", "'P(test=yes)' is not the chance of one event"),
        ("P(oil=dry | test=yes)", "is not the chance of one event"),
        ("P(oil=dry, seismic=none)", "is not the chance of one event"),
        ("P(oil=dyr)", "did you mean 'dry'?"),
        ("P(seismic=none)", "seismic=none never happens in this model"),
        ("P(oil=dry|wet|soaking)", "oil=dry|wet|soaking always happens in this model"),
    ],
)
def test_only_the_chance_of_an_event_is_an_exchange_rate(oil, question, message):
    with pytest.raises(ModelError) as error:
        worth_of(oil, question)
    assert message in str(error.value)
