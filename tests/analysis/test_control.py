"""Value of control: by hand, by brute force with certain states, laws, and Korea's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, event, given

from decision import InfluenceDiagram, read_model, value_of_control
from decision.analysis import control
from decision.analysis.control import control_json
from decision.analysis.information import information_json
from decision.model.problems import ModelError
from decision.solve import branching
from decision.solve.enumeration import enumerate_solve
from decision.solve.inputs import scale_of
from decision.solve.solution import solve
from tests.analysis.ranged import worth
from tests.analysis.test_information import traps
from tests.models import models, oil, seeded, umbrella

SMALL = {"cells": 60, "decisions": 2, "chances": 4}


def values(model: InfluenceDiagram, *nodes: str) -> dict[str, tuple[float, str | None]]:
    rows = control_json(model, nodes)["control"]
    return {row["node"]: (row["value"], row["state"]) for row in rows}


def solvable(model: InfluenceDiagram) -> InfluenceDiagram:
    try:
        solve(model)
    except ModelError:
        assume(False)
    return model


# -- by hand ------------------------------------------------------------------


def test_a_soaking_well_and_a_dry_day():
    """One drills without a test for 200, less 22.5; one leaves the umbrella for 100, less 77.

    A test that always shows the same tells nothing: one drills unseen, for 20; so nobody asks.
    """
    assert values(oil()) == {"oil": (pytest.approx(177.5), "soaking"), "seismic": (0.0, None)}
    assert values(umbrella()) == {"rain": (pytest.approx(23), "no")}


def test_by_certain_equivalent():
    """The party in the sun: outdoors, 100 for sure; less the certain equivalent of the base."""
    party = read_model("data/examples/party_problem")
    base = solve(party).certain_equivalent
    assert values(party)["weather"][0] == pytest.approx(100 - base, abs=1e-9)


def test_a_state_that_leaves_no_open_option_is_not_chosen():
    """Soaking would be worth 200, but nothing is open then."""
    test, drill = oil().decisions
    wells = {"oil": ("dry", "wet")}
    drill = replace(drill, observes=("seismic", "oil"), only_when={"yes": wells, "no": wells})
    prior, seismic = oil().chances
    prior = replace(prior, table=np.array([0.5, 0.5, 0.0]))
    model = oil().rebuilt(decisions=(test, drill), chances=(prior, seismic))
    with pytest.raises(ModelError, match="no option of drill is open"):
        model.changed("P(oil=soaking) = 1")
    assert values(model, "oil")["oil"] == (pytest.approx(50 - 25), "wet")


def test_korea_when_the_strategy_is_chosen_anew_and_when_it_is_kept():
    """Of tone 0.81: with restraint for nothing the off-ramp alone is best. Kept it is 0.72.

    The strategy is kept: the best branch is `off_ramp_and_restraint`, in the base and then.
    """
    model = read_model("data/korea_2018")
    found = values(model, "tone", "offer", "wedge")
    assert found["tone"] == (pytest.approx(0.8141, abs=5e-5), "restrained")
    assert found["offer"] == (pytest.approx(1.0295, abs=5e-5), "credible")
    assert found["wedge"] == (pytest.approx(0.9678, abs=5e-5), "none")
    for node, state, kept in (("tone", "restrained", 0.72), ("offer", "credible", 0.58)):
        made = model.changed(f"P({node}={state}) = 1")
        given_ = {"strategy": "off_ramp_and_restraint"}
        gained = solve(made, given=given_).expected_value - solve(model).expected_value
        assert gained == pytest.approx(kept, abs=5e-3)


def test_the_table_of_an_analysis_has_the_largest_first():
    table = value_of_control(oil())
    assert table.index.name == "node"
    assert list(table.columns) == ["value", "state", "at_least", "at_most"]
    assert table["at_least"].equals(table["value"].rename("at_least"))
    assert list(table.index) == ["oil", "seismic"]
    assert table.loc["seismic", "state"] is None


def test_where_the_optimum_is_local_it_is_known_within_bounds(monkeypatch):
    """Heads for sure gains 1; whoever stays at 5 where 10 is possible may gain up to 5 more."""
    bounds = ["value", "at_least", "at_most"]
    assert value_of_control(traps()).loc["coin", bounds].tolist() == [1, 1, 1]
    monkeypatch.setattr(branching, "SOLVES", 0)
    found = value_of_control(traps()).loc["coin"]
    assert found[bounds].tolist() == [pytest.approx(1), 0, pytest.approx(6)]
    assert found["state"] == "heads"


def test_progress_is_told():
    told = []
    control_json(oil(), progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]


# -- by brute force -------------------------------------------------------------


@seeded(200)
@given(models(memory="perfect", **SMALL))
def test_control_is_the_best_of_the_states_made_certain(model):
    solvable(model)
    base, scale = worth(enumerate_solve(model)), scale_of(model)
    for node, (value, state) in values(model).items():
        certain = _certain(model, node)
        best = max(certain.values(), default=base)
        assert value == pytest.approx(max(0.0, best - base), abs=1e-8 * scale), node
        if state is None:
            assert value == 0
        else:
            assert certain[state] == pytest.approx(best, abs=1e-8 * scale)
        event("used" if state else "not used")


def _certain(model: InfluenceDiagram, node: str) -> dict[str, float]:
    found = {}
    for state in model.states(node):
        if len(model.states(node)) > 1:
            try:
                made = model.changed(f"P({node}={state}) = 1")
            except ModelError:  # no open option then
                continue
            found[state] = worth(enumerate_solve(made))
    return found


@seeded(40)
@given(models(memory="limited", **SMALL))
def test_decisions_that_forget_are_solved_state_by_state(model):
    solvable(model)
    base, scale = worth(solve(model)), scale_of(model)
    for node, (value, state) in values(model).items():
        assert value >= 0
        if state is not None:
            made = solve(model.changed(f"P({node}={state}) = 1"))
            assert value == pytest.approx(worth(made) - base, abs=1e-8 * scale)


# -- laws ---------------------------------------------------------------------


@seeded(100)
@given(models(memory="perfect", guards=False, **SMALL))
def test_to_choose_a_root_is_worth_no_less_than_to_know_it(model):
    """The best of its states is no worse than their mixture."""
    found = values(model)
    for row in information_json(model)["information"]:
        if not model.given(row["node"]):
            assert found[row["node"]][0] >= row["value"] - 1e-9 * scale_of(model)


@seeded(60)
@given(models(memory="perfect", **SMALL))
def test_what_is_certain_already_is_not_controlled_again(model):
    solvable(model)
    for node, (value, state) in values(model).items():
        if state is not None:
            again = values(model.changed(f"P({node}={state}) = 1"), node)[node]
            assert again[0] == pytest.approx(0, abs=1e-9 * scale_of(model))
            assert value > 0


MUTANTS = {
    "another state is made certain": (
        "at",
        lambda line, number: STATES.at(line, len(line.node.states) - 1 - number),
    ),
    "half the way": (
        "at",
        lambda line, number: {
            name: (table + line.node.table) / 2 for name, table in AT(line, number).items()
        },
    ),
}
STATES = control._States
AT = STATES.at


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught(name, monkeypatch):
    attribute, function = MUTANTS[name]

    class Wrong(STATES):
        pass

    setattr(Wrong, attribute, function)
    monkeypatch.setattr(control, "_States", Wrong)
    with pytest.raises(AssertionError):
        test_a_soaking_well_and_a_dry_day()


def test_tables_are_certain_whatever_the_parents():
    line = STATES(oil().nodes["seismic"])
    table = line.at(2)["seismic"]
    assert np.array_equal(table, np.broadcast_to([0, 0, 1, 0], table.shape))
