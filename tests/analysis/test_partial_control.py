"""Value of partial control: by hand, by brute force, its limits, laws, refusals, Korea's."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from decision import (
    InfluenceDiagram,
    read_model,
    value_of_better_odds,
    value_of_control,
    value_of_partial_control,
)
from decision.analysis import partial_control
from decision.model.problems import ModelError
from decision.solve import branching
from decision.solve.enumeration import enumerate_solve
from decision.solve.inputs import scale_of
from decision.solve.solution import solve
from tests.analysis.ranged import worth
from tests.analysis.test_information import traps
from tests.models import models, oil, seeded, umbrella

SMALL = {"cells": 60, "decisions": 2, "chances": 4}


def solvable(model: InfluenceDiagram) -> InfluenceDiagram:
    try:
        solve(model)
    except ModelError:
        assume(False)
    return model


# -- by hand ------------------------------------------------------------------------


def test_odds_of_a_dry_day():
    """Odds 7:3 times 2, P(dry) = 14/17: one leaves the umbrella, 1400/17, less 77."""
    found = value_of_better_odds(umbrella())
    assert found["value"].to_dict() == {
        "odds(rain=no) *= 2": pytest.approx(1400 / 17 - 77),
        "odds(rain=yes) *= 2": 0,
    }
    assert list(found.columns) == ["node", "state", "value", "at_least", "at_most"]
    assert found.index.name == "change"


def test_the_curve_from_nothing_to_control():
    """One leaves the umbrella where 70x / (3 + 7x) × 10 > 70 + 30 / (3 + 7x)…: from x = 1 on."""
    found = value_of_partial_control(umbrella(), "odds(rain=no) *= x in 1..1000")
    x = found.curve.index.to_numpy()
    dry = 7 * x / (3 + 7 * x)
    best = np.maximum(100 * dry, 70 * (1 - dry) + 80 * dry)
    assert found.curve["value"].to_numpy() == pytest.approx(best - 77)
    assert x[0] == 1
    assert x[1:] / x[:-1] == pytest.approx(1000 ** (1 / 24))
    assert found.curve["best"].iloc[[0, -1]].tolist() == ["yes", "no"]
    assert found.value == found.curve["value"].iloc[-1]
    assert found.per_doubling == pytest.approx(found.value / np.log2(1000))
    assert not found.is_bound
    assert "at x = 1000" in repr(found)
    assert "<table" in found._repr_html_()


def test_what_one_would_rather_not_is_not_done():
    """More rain is worth nothing; the point where nothing changes is on the curve."""
    found = value_of_partial_control(umbrella(), "odds(rain=yes) *= x in 0.25..4")
    assert found.curve["value"].iloc[-1] == 0
    assert found.curve["value"].iloc[0] > 0
    assert found.curve.loc[1.0, "value"] == 0
    assert (found.curve["value"] >= 0).all()


def test_a_probability_may_be_added_to():
    """0.1 taken from rain: 0.8 × 100 = 80, less 77; no factor of odds, so no doublings."""
    found = value_of_partial_control(umbrella(), "P(rain=yes) -= x in 0..0.1")
    assert found.value == pytest.approx(3)
    assert isnan(found.per_doubling)
    assert "doubling" not in repr(found)


def test_a_later_decision_tells_what_it_prefers_then():
    found = value_of_partial_control(oil(), "odds(oil=dry) *= x in 1..100", by="drill")
    assert found.curve["best"].iloc[-1] == "no"
    assert found.by == "drill"


def test_one_row_alone():
    model = read_model("data/korea_2018")
    whole = value_of_partial_control(model, "odds(tone=restrained) *= x in 1..2")
    (first, *_) = model.given("tone")
    condition = f"{first}={model.states(first)[0]}"
    part = value_of_partial_control(model, f"odds(tone=restrained | {condition}) *= x in 1..2")
    assert part.value < whole.value


def test_where_the_optimum_is_local_at_least_is_said(monkeypatch):
    """Heads 3:1 is worth 0.5 for sure; whoever stays at 5 where 10 is possible may gain 5 more."""
    bounds = ["value", "at_least", "at_most"]
    text = "odds(coin=heads) *= x in 1..3"
    found = value_of_partial_control(traps(), text)
    assert found.value == pytest.approx(0.5)
    assert (
        value_of_better_odds(traps(), factor=3).iloc[0][bounds].tolist() == [pytest.approx(0.5)] * 3
    )
    monkeypatch.setattr(branching, "SOLVES", 0)
    found = value_of_partial_control(traps(), text)
    assert found.curve[bounds].iloc[-1].tolist() == pytest.approx([0.5, 0, 5.5])
    assert found.is_bound
    assert "at least 0 at" in repr(found)
    table = value_of_better_odds(traps(), factor=3)
    assert table.iloc[0][bounds].tolist() == pytest.approx([0.5, 0, 5.5])


def test_korea():
    """What doubling the odds of each state is worth; of a credible offer and a calm tone most."""
    model = read_model("data/korea_2018")
    found = value_of_better_odds(model)
    assert len(found) == sum(len(c.states) for c in model.chances)
    assert (found["value"] >= 0).all()
    for change in found.index[[0, 5, -1]]:
        gain = solve(model.changed(change)).expected_value - solve(model).expected_value
        assert found.loc[change, "value"] == pytest.approx(max(gain, 0), abs=1e-9)


# -- by brute force -------------------------------------------------------------------


@seeded(200)
@given(models(memory="perfect", **SMALL), st.sampled_from([0.5, 1.0, 2.0, 7.0]))
def test_better_odds_are_what_the_changed_model_is_worth_more(model, factor):
    solvable(model)
    base, scale = worth(enumerate_solve(model)), scale_of(model)
    found = value_of_better_odds(model, factor=factor)
    for change, value in found["value"].items():
        gain = worth(enumerate_solve(model.changed(change))) - base
        assert value == pytest.approx(max(gain, 0), abs=1e-8 * scale)
    if len(found):
        event("worth something" if found["value"].max() > 1e-6 else "worth nothing")


@seeded(60)
@given(models(memory="perfect", **SMALL))
def test_the_curve_and_the_table_agree(model):
    solvable(model)
    scale = scale_of(model)
    for change, value in value_of_better_odds(model)["value"].items():
        curve = value_of_partial_control(model, change.replace("*= 2", "*= x in 1..2"))
        assert curve.value == pytest.approx(value, abs=1e-9 * scale)
        assert (curve.curve["value"] >= 0).all()
        assert curve.curve["value"].iloc[0] == pytest.approx(0, abs=1e-9 * scale)
        best = solve(model.changed(change), given={}).branches()
        known = {option: w for option, w in best if w is not None}
        if known and model.risk is None:
            preferred = curve.curve["best"].iloc[-1]
            assert known[preferred] == pytest.approx(max(known.values()), abs=1e-8 * scale)


# -- laws -----------------------------------------------------------------------------


@seeded(100)
@given(models(memory="perfect", guards=False, **SMALL))
def test_in_the_limit_it_is_control(model):
    """Of the state that control would choose, where it is possible in every row."""
    table = value_of_control(model)
    for node, row in table.iterrows():
        state = row["state"]
        if state is None:
            continue
        index = model.states(node).index(state)
        if (model.nodes[node].table[..., index] < 1e-3).any():
            continue
        found = value_of_partial_control(model, f"odds({node}={state}) *= x in 1..1e14")
        assert found.value == pytest.approx(row["value"], abs=1e-7 * scale_of(model))
        event("compared")


@seeded(40)
@given(models(memory="limited", **SMALL))
def test_decisions_that_forget(model):
    solvable(model)
    base, scale = solve(model), scale_of(model)
    for change, row in value_of_better_odds(model).iterrows():
        gain = solve(model.changed(change)).worth - base.worth
        assert row["value"] == pytest.approx(max(gain, 0), abs=1e-8 * scale)
        assert row["at_least"] <= row["value"] <= row["at_most"]


def test_nodes_by_name_and_a_factor_that_changes_nothing():
    model = oil()
    assert len(value_of_better_odds(model, "oil")) == 3
    assert value_of_better_odds(model, "oil", "oil").shape == (3, 5)
    assert (value_of_better_odds(model, factor=1)["value"] == 0).all()


# -- refusals -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("odds(oil=dry) *= 2", "is no change with a free number"),
        ("V(test_cost) *= x in 1..2", "changes no chance node"),
        ("weight(payoff) *= x in 1..2", "changes no chance node"),
        ("odds(drill=yes) *= x in 1..2", "'drill' is a decision"),
        ("odds(oil=wett) *= x in 1..2", "oil has no state 'wett'"),
        ("P(oil=dry) += x in 0..1", "outside [0, 1]"),
    ],
)
def test_what_is_no_partial_control(text, says):
    with pytest.raises(ModelError) as error:
        value_of_partial_control(oil(), text)
    assert says in str(error.value)


def test_all_that_is_wrong_with_a_table_at_once():
    with pytest.raises(ModelError) as error:
        value_of_better_odds(oil(), "oill", "drill", factor=0)
    lines = str(error.value).splitlines()
    assert len(lines) == 3
    assert "factor is 0" in lines[0]
    with pytest.raises(ModelError, match="no decision node 'dril'"):
        value_of_partial_control(oil(), "odds(oil=dry) *= x in 1..2", by="dril")


# -- mutants --------------------------------------------------------------------------


ODDS = partial_control._Odds


class _NextState(ODDS):
    def at(self, number):
        node, _ = self.pairs[int(number)]
        (other,) = [i for i, (n, s) in enumerate(self.pairs) if n is node and s == 0]
        return ODDS.at(self, float(other))


class _Once(ODDS):
    def at(self, number):
        moved = ODDS.at(self, number)
        return {c.name: (moved[c.name] + c.table) / 2 for c in self.nodes}


@pytest.mark.parametrize("mutant", [_NextState, _Once], ids=["another state", "half the way"])
def test_mutant_is_caught(mutant, monkeypatch):
    monkeypatch.setattr(partial_control, "_Odds", mutant)
    with pytest.raises(AssertionError):
        test_odds_of_a_dry_day()
