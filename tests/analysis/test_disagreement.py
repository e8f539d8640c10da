"""Disagreement: totals by perspective, gaps and regrets, facts against values."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given

from decision import Chance, Decision, InfluenceDiagram, Value, disagreement, read_model, solve
from decision.analysis.cruxes import about_facts
from decision.cli import main
from decision.model.problems import ModelError
from decision.solve.enumeration import enumerate_branches
from decision.solve.inputs import scale_of
from tests.analysis.camps import camps, divided, with_rows
from tests.analysis.ranged import best_of, worth
from tests.models import oil_guarded, seeded

KOREA = "data/korea_2018"
OIL = "data/examples/oil_wildcatter"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["disagreement", *arguments]) == 0
    return capsys.readouterr().out


def brute(model: InfluenceDiagram, by: str) -> list[float]:
    return [np.nan if b is None else worth(b) for _, b in enumerate_branches(model, by)]


# -- the contract -------------------------------------------------------------


def test_what_is_printed_has_the_contracts_keys(capsys):
    content = json.loads(printed(capsys, KOREA, "--format", "json"))
    assert list(content) == ["perspectives", "cruxes"]
    first = content["perspectives"][0]
    assert list(first) == ["name", "best", "totals"]
    assert (first["name"], first["best"]) == ("base", "off_ramp_and_restraint")
    assert first["totals"]["off_ramp_and_restraint"] == pytest.approx(94.19, abs=0.005)
    assert [p["name"] for p in content["perspectives"]] == ["base", *read_model(KOREA).perspectives]
    assert content["cruxes"][0] == {
        "perspective": "alliance_worried_experts",
        "toward": "off_ramp_and_restraint",
        "size": 1,
        "sets": [["odds(wedge=rift | talks=broad, offer=credible) *= 1.82"]],
    }
    assert {"size": None, "sets": []}.items() <= content["cruxes"][1].items()


def test_toward_what_base_and_the_others_prefer_where_it_differs(capsys):
    content = json.loads(printed(capsys, KOREA, "--format", "json"))
    best = {p["name"]: p["best"] for p in content["perspectives"]}
    expected = {(n, o) for n in best if n != "base" for o in best.values() if o != best[n]}
    asked = [(crux["perspective"], crux["toward"]) for crux in content["cruxes"]]
    assert set(asked) == expected
    assert len(asked) == len(expected) == 10


def test_tables_for_people_and_spreadsheets(capsys):
    text = printed(capsys, KOREA)
    assert (
        "alliance_worried_experts would prefer off_ramp_and_restraint "
        "(as base, essay_as_read, moon_government) without this row:"
    ) in text
    said = "talks_sceptic toward maximum_pressure (as maximum_pressure_administration): leaving"
    assert said in text
    lines = printed(capsys, OIL, "--format", "csv").splitlines()
    assert lines[0] == "perspective,test,total,gap,best"
    assert [line.rsplit(",", 2)[1:] for line in lines[5:]] == [["10.0", ""], ["0.0", "yes"]]
    assert "The model has no perspectives." in printed(capsys, "data/examples/umbrella")


def test_branches_of_another_decision_and_a_change_typed_first(capsys):
    text = printed(capsys, OIL, "--by", "drill", "--set", "P(oil=dry) = 0.9", "--format", "json")
    first, *_ = json.loads(text)["perspectives"]
    # Dry 0.9, wet 0.06, soaking 0.04: drilling −52 untested, not drilling 0.
    assert first["totals"] == {"yes": pytest.approx(-52.0), "no": 0.0}


# -- totals, gaps, regret -------------------------------------------------------


def test_the_oil_wildcatters_partners_by_hand():
    """The optimist: dry 0.3, so wet 0.42 and soaking 0.28: −21 + 21 + 56 = 56 untested."""
    model = with_rows(read_model(OIL), optimist=["P(oil=dry) = 0.3"])
    found = disagreement(model)
    assert found.totals.loc["optimist", "no"] == pytest.approx(0.3 * -70 + 0.42 * 50 + 0.28 * 200)
    assert found.best.to_dict() == {"base": "yes", "optimist": "no"}


@seeded(120)
@given(divided(memory=None, cells=30))
def test_totals_are_those_of_each_perspectives_model(model):
    for decision in model.decisions:
        found = disagreement(model, decision.name)
        for name, worths in zip(found.names, found.worths, strict=True):
            seen = model if name == "base" else model.perspective(name)
            expected = brute(seen, decision.name)
            np.testing.assert_allclose(worths, expected, rtol=0, atol=1e-8 * scale_of(seen))
            assert found.best[name] == next(iter(solve(seen).preferred(decision.name)), None)


@seeded(120)
@given(divided(memory=None, cells=30))
def test_regret_is_never_below_0_and_none_regrets_their_own_choice(model):
    found = disagreement(model)
    regret = found.regret
    assert not (regret < 0).to_numpy().any()
    for chooser, best in found.best.items():
        if best is None:  # no branch can be had
            assert regret.loc[chooser].isna().all()
        else:
            assert regret.loc[chooser, chooser] == 0
            np.testing.assert_array_equal(regret.loc[chooser], found.gaps[best])


def test_what_one_holds_impossible_cannot_be_adopted():
    """A closed branch has no total and no gap; nobody prefers it."""
    model = with_rows(oil_guarded(), sure=["P(oil=dry) = 0.1"])
    found = disagreement(model, "drill")
    assert np.isnan(found.totals.loc["base", "yes"])
    assert np.isnan(found.gaps.loc["base", "yes"])
    assert found.best.to_dict() == {"base": "no", "sure": "no"}


# -- facts against values ---------------------------------------------------------


def test_brute_force_mixes_facts_and_values_alike():
    """One's rows on probabilities and the other's on amounts and weights, made from scratch."""
    cells = 0
    for seed in range(120):
        model = camps(seed)
        found = disagreement(model, "first").facts_and_values
        sets = {"base": (), **model.perspectives}
        for one, facts in sets.items():
            for other, values in sets.items():
                rows = [row.change for row in facts if about_facts(row)]
                rows += [row.change for row in values if not about_facts(row)]
                mixed = model.changed(*rows)
                worths = [None if np.isnan(w) else w for w in brute(mixed, "first")]
                best = best_of(worths, scale_of(mixed))
                if best is not None:
                    assert found.loc[one, other] == mixed.states("first")[min(best)]
                    cells += 1
    assert cells > 1000


@seeded(60)
@given(divided(memory=None, cells=30))
def test_ones_own_facts_with_ones_own_values_give_ones_own_choice(model):
    found = disagreement(model)
    assert list(np.diag(found.facts_and_values)) == list(found.best)
    for pair in found.divided.to_dict("records"):
        assert pair["best_of_one"] != pair["best_of_other"]


def umbrella_of(**sets: list[str]) -> InfluenceDiagram:
    """Take it? yes: 70 or 80, no: 0 or 100; rain 0.3: 77 to 70. From 3/8 dry down it is no."""
    model = InfluenceDiagram(
        decisions=[Decision("take", ["yes", "no"])],
        chances=[Chance("rain", ["yes", "no"], table=[0.3, 0.7])],
        values=[Value("comfort", ["take", "rain"], table=[[70, 80], [0, 100]])],
    )
    return with_rows(model, **sets)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (["P(rain=yes) = 0.1"], "facts"),
        (["V(comfort | take=yes) -= 20"], "values"),
        # Neither alone: 78 − 5 to 80 and 77 − 5 to 70, but rain 0.24: 77.6 − 5 to 76.
        (["P(rain=yes) = 0.23", "V(comfort | take=yes) -= 2"], "both"),
        # Either alone is enough for one to come over, and for the other to stay.
        (["P(rain=yes) = 0.1", "V(comfort | take=yes) -= 20"], "both"),
    ],
)
def test_what_divides_two(rows, why):
    pair = disagreement(umbrella_of(other=rows)).divided.iloc[0]
    assert (pair["one"], pair["best_of_one"]) == ("base", "yes")
    assert (pair["other"], pair["best_of_other"]) == ("other", "no")
    assert pair["divided_by"] == why


def test_in_korea_alliance_experts_and_base_differ_on_facts_alone():
    found = disagreement(read_model(KOREA)).divided.set_index(["one", "other"])
    pair = found.loc[("base", "alliance_worried_experts")]
    assert pair["divided_by"] == "facts"
    assert pair["with_facts_of_one"] == "off_ramp_and_restraint"


# -- what is refused, what is told -----------------------------------------------


def test_names_that_do_not_exist_are_refused():
    model = read_model(OIL)
    with pytest.raises(ModelError, match="there is no decision node 'drll'; did you mean 'drill'"):
        disagreement(model, "drll")


def test_a_perspective_must_not_be_called_base():
    with pytest.raises(ModelError) as error:
        disagreement(umbrella_of(base=["P(rain=yes) = 0.1"]))
    assert str(error.value) == (
        "perspectives/base.csv:1: a perspective is called 'base', as is the model without any; "
        "rename it"
    )


def test_a_change_that_makes_a_perspective_illegal_is_told_with_its_row():
    model = umbrella_of(other=["P(rain=yes) += 0.6"]).changed("P(rain=yes) = 0.5")
    with pytest.raises(ModelError, match=r"perspectives/other.csv:2: .* outside \[0, 1\]"):
        disagreement(model)


def test_it_shows_itself_in_a_line_and_as_a_table():
    found = disagreement(read_model(OIL))
    assert repr(found) == "<Disagreement: base yes, cautious_partner no, optimist no>"
    assert "<table" in found._repr_html_()


def test_arguments_are_not_changed():
    model, fresh = camps(3), camps(3)
    disagreement(model).facts_and_values  # noqa: B018
    assert model == fresh
