"""Sentences about the analyses: each says what brute force or the frame beneath it says."""

from __future__ import annotations

import numpy as np
import pytest

import decision as da
from decision.analysis.robustness import robustness
from decision.model.diagram import InfluenceDiagram
from decision.report import words
from decision.report.words.firmness import turning
from decision.solve.enumeration import enumerate_solve

HOSTILE = "<script>alert(1)</script> $x$ **b**"


@pytest.fixture(scope="module")
def oil() -> InfluenceDiagram:
    return da.open_model("oil_wildcatter")


@pytest.fixture(scope="module")
def korea() -> InfluenceDiagram:
    return da.open_model("korea_2018")


def best(model: InfluenceDiagram) -> str:
    """The option of the first decision that brute force puts first."""
    first = model.decisions[0]
    worths = {o: enumerate_solve(model, {first.name: o}).expected_value for o in first.options}
    return max(worths, key=worths.__getitem__)


def hostile() -> InfluenceDiagram:
    return da.InfluenceDiagram(
        decisions=[da.Decision("pick", ["safe", "bold"], label=HOSTILE)],
        chances=[da.Chance("luck", ["good", "bad"], table=[0.5, 0.5], label=HOSTILE)],
        values=[da.Value("gain", ["pick", "luck"], [[1, 1], [4, 0]], unit=HOSTILE)],
    )


# What turns the advice


def test_an_input_turns_the_advice_where_brute_force_says_so(oil: InfluenceDiagram) -> None:
    found = turning(da.sensitivity(oil))
    assert len(found)
    for name, row in found.iterrows():
        past = 1e-6 * (row["high"] - row["low"])
        sides = {best(oil.changed(f"{name} = {row['turns at'] + side}")) for side in (-past, past)}
        assert sides == {"yes", "no"}
        assert row["low"] <= row["turns at"] <= row["high"]
    assert found["distance"].is_monotonic_increasing
    said = words.flips(da.sensitivity(oil))
    assert f"Of {len(da.sensitivity(oil))} inputs with a range, {len(found)} turn" in repr(said)


def test_no_input_turns_the_advice_of_one_that_is_far_ahead() -> None:
    model = hostile()
    assert "turns the advice" in words.firmness(da.sensitivity(model).head(0)).text


def test_an_input_is_said_with_its_range_and_all_it_turns_at(oil: InfluenceDiagram) -> None:
    said = words.turns(da.sensitivity(oil), "P(oil=dry)", "P(oil=none)").text
    assert "P(oil=dry): now 0.5 (0.4 to 0.6)" in said
    assert "turns the advice at 0.458" in said
    assert "P(oil=none) has no range here." in said


def test_a_change_that_turns_nothing_says_how_far_it_went(korea: InfluenceDiagram) -> None:
    change = "odds(wedge=rift) *= x in 0.5..2"
    said = words.turns(da.sensitivity(korea, changes=[change]), change).text
    assert "odds(wedge=rift) *= x: now 1 (0.5 to 2); moved alone, it turns the advice" in said
    assert said.endswith("nowhere from 0.5 to 2.")
    for x in (0.5, 2):
        branches = dict(da.solve(korea.changed(f"odds(wedge=rift) *= {x}")).branches())
        assert max(branches, key=branches.__getitem__) == "off_ramp_and_restraint"


def test_the_widest_is_the_first_of_the_tornado(oil: InfluenceDiagram) -> None:
    frame = da.sensitivity(oil)
    said = words.widest(frame).text
    assert f"over the range of {frame['swing'].idxmax()}." in said
    assert f"Of the {len(frame)} widest {len(turning(frame))} turn the advice." in said


def test_shares_are_those_of_the_draws(oil: InfluenceDiagram) -> None:
    kinds = ("independent", "linked")
    drawn = [da.uncertainty(oil, draws=400, seed=2, draw=kind) for kind in kinds]
    shown = words.shares(*drawn)
    for found, kind in zip(drawn, kinds, strict=True):
        share = float(np.mean(found.worths.argmax(axis=0) == 0))
        assert shown.frame.loc["yes", f"best in, {kind}"] == share
        assert f"{100 * share:.1f}%" in repr(shown)
    assert "400 independent, seed 2 and 400 linked, seed 2" in shown.note


def test_what_the_lead_goes_with_is_the_strongest(oil: InfluenceDiagram) -> None:
    found = da.uncertainty(oil, draws=400, seed=2)
    shown = words.go_with(found, most=3)
    strongest = max(found.correlations, key=lambda name: abs(found.correlations[name]))
    assert f"goes most with {strongest}." in repr(shown)
    assert len(shown.frame) == 3


# Maps


def test_a_map_says_what_fills_it(oil: InfluenceDiagram) -> None:
    found = da.two_way(oil, "P(oil=dry)", "V(test_cost | test=yes)", steps=5)
    best_there = [
        best(oil.changed(f"P(oil=dry) = {x}", f"V(test_cost | test=yes) = {y}"))
        for y in found.ys
        for x in found.xs
    ]
    yes = best_there.count("yes") / 25
    said = words.regions(found).text
    assert f"{100 * yes:.0f}%" in said
    assert f"Where both are highest it is {best_there[-1]}" in said
    assert f"where both are lowest {best_there[0]}." in said


def test_along_an_input_each_option_is_first_where_brute_force_says(
    oil: InfluenceDiagram,
) -> None:
    said = words.first_along(da.rainbow(oil, "P(oil=dry)")).text
    before, after = (best(oil.changed(f"P(oil=dry) = {p}")) for p in (0.45, 0.47))
    assert before != after
    assert f"Up to 0.458 {before} comes first, from there on {after}." in said


def test_one_that_is_first_throughout_is_said_so(korea: InfluenceDiagram) -> None:
    said = words.first_along(da.rainbow(korea, "P(intent=wedge_driving) = x in 0..1")).text
    for p in (0, 0.3, 0.6, 1):
        branches = dict(da.solve(korea.changed(f"P(intent=wedge_driving) = {p}")).branches())
        assert max(branches, key=branches.__getitem__) == "off_ramp_and_restraint"
    assert "From 0 to 1 off ramp and restraint comes first throughout." in said


# Knowing and controlling


def test_worth_of_knowing_is_the_published_one(oil: InfluenceDiagram) -> None:
    known, held = da.value_of_information(oil), da.value_of_control(oil)
    said = words.knowing_or_controlling(oil, known, held).text
    assert "To know “Oil in the ground” before the choice is worth 32 thousand dollars." in said
    assert "32.5" in repr(words.information(oil, known))
    # Oil made certain to be soaking and drilled without a test: 270 - 70 less 22.5.
    assert "177.5" in repr(words.control(oil, held))
    assert said.endswith(
        "To have “Oil in the ground” in one's own hand is worth 180 thousand dollars."
    )


def test_units_are_the_models(oil: InfluenceDiagram) -> None:
    assert "thousand dollars" in words.camps(da.disagreement(oil)).text
    assert (
        "at worst by 5.7 thousand dollars" in words.robust(robustness(oil), "thousand dollars").text
    )


def test_a_poor_signal_is_worth_nothing_and_a_sure_one_all(oil: InfluenceDiagram) -> None:
    poor = words.of_signal(oil, "oil", da.value_of_signal(oil, "oil", 1 / 3)).text
    assert "is worth 0 thousand dollars: whatever it says, the choice stays." in poor
    sure = words.of_signal(oil, "oil", da.value_of_signal(oil, "oil", 1.0)).text
    assert "is worth 32 thousand dollars, of the 32 that certainty" in sure


def test_better_odds_and_numbers_are_those_of_their_frames(oil: InfluenceDiagram) -> None:
    assert "27.5" in repr(words.better_odds(oil, da.value_of_better_odds(oil)))
    frame = da.value_of_knowing_inputs(oil, draws=500, seed=1)
    shown = words.worth_table(oil, frame)
    assert shown.frame["value"].iloc[0] == frame["value"].max()
    assert (shown.frame["value"] > 0).all()


def test_each_view_values_knowledge_by_its_own_lights(korea: InfluenceDiagram) -> None:
    shown = words.worth_by_view("korea_2018", "intent")
    for name in korea.perspectives:
        own = da.value_of_information(korea.perspective(name), "intent")["value"].iloc[0]
        assert shown.frame.loc[name.replace("_", " "), "value"] == own


def test_tolerances_turn_the_choice(korea: InfluenceDiagram) -> None:
    shown = words.by_tolerance(korea)
    assert list(shown.frame["above it"]) == ["restrained rhetoric", "off ramp and restraint"]
    assert "With a risk tolerance above 2.1 points off ramp and restraint" in repr(shown)


def test_the_worst_of_twenty_is_the_tail_of_the_distribution(korea: InfluenceDiagram) -> None:
    frame = da.risk_profile(korea, "lives")
    means = {}
    for option, rows in frame.groupby("strategy"):
        x, p = rows["x"].to_numpy()[::-1], rows["p"].to_numpy()[::-1]
        left = np.clip(0.05 - np.concatenate([[0.0], np.cumsum(p)[:-1]]), 0, p)
        means[option] = float(left @ x) / 0.05
    said = words.tail(korea, "lives").text
    assert f"{round(min(means.values()), -3):,.0f} deaths" in said
    assert f"{round(max(means.values()), -3):,.0f} with maximum pressure" in said


# Camps


def test_camps_say_who_prefers_what_and_what_it_costs(korea: InfluenceDiagram) -> None:
    found = da.disagreement(korea)
    leads = {name: best_of(korea, name) for name in ("base", *korea.perspectives)}
    said = words.camps(found).text
    assert f"{len(set(leads.values()))} options come first" in said
    costs = [
        max(worths(korea, judge).values()) - worths(korea, judge)[leads[chooser]]
        for judge in leads
        for chooser in leads
        if leads[chooser] != leads[judge]
    ]
    assert f"from {min(costs):.2g} to {max(costs):.2g} points" in said


def worths(model: InfluenceDiagram, name: str) -> dict[str, float]:
    seen = model if name == "base" else model.perspective(name)
    return {option: worth or 0.0 for option, worth in da.solve(seen).branches()}


def best_of(model: InfluenceDiagram, name: str) -> str:
    found = worths(model, name)
    return max(found, key=found.__getitem__)


def test_the_experts_crux_is_one_row(korea: InfluenceDiagram) -> None:
    shown = repr(words.crux_table(da.cruxes(korea)))
    assert "Without one row of its own the view “alliance worried experts” would come to" in shown
    assert "odds(wedge=rift | talks=broad, offer=credible) *= 1.82" in shown


def test_facts_and_values_are_told_apart(korea: InfluenceDiagram) -> None:
    found = da.disagreement(korea)
    shown = words.facts_or_values(found)
    assert shown.frame.shape == (6, 6)
    counts = found.divided["divided_by"].value_counts()
    assert f"Of {len(found.divided)} pairs" in repr(shown)
    assert f"{counts['facts']} would agree on the choice once" in repr(shown)


# Where it is thin


def test_regret_is_said_of_the_best_and_of_the_least_regretted(korea: InfluenceDiagram) -> None:
    found = robustness(korea)
    views = [korea, *map(korea.perspective, korea.perspectives)]
    views += [korea.scenario(name) for name in korea.scenarios]
    solved = [dict(da.solve(view).branches()) for view in views]
    most = {o: max(max(s.values()) - s[o] for s in solved) for o in korea.states("strategy")}
    least = min(most, key=most.__getitem__)
    said = words.robust(found).text
    assert f"Over {len(views)} settings" in said
    assert f"{least.replace('_', ' ')} is regretted least: at worst by {most[least]:.2g}" in said
    assert f"to {most['off_ramp_and_restraint']:.2g} points" in said


def test_claims_that_fail_are_listed_and_the_bases_apart(korea: InfluenceDiagram) -> None:
    shown = words.failing_claims("korea_2018")
    frame = da.claims(korea)
    fails = frame[frame["verdict"] == "fails"]
    assert list(shown.frame["claim"]) == list(fails["claim"])
    for basis in ("derived", "assumed"):
        mine = frame[frame["basis"] == basis]["verdict"]
        assert f"{(mine == 'holds').sum()} of {len(mine)} {basis} claims hold" in repr(shown)


def test_signs_and_research_follow_their_frames(korea: InfluenceDiagram) -> None:
    signs = da.signposts(korea)
    assert str(signs["watch"].iloc[0]).replace("_", " ") in repr(words.watch(signs))
    ledger = da.ledger(korea)
    asked = ledger["research"].notna()
    assert f"{asked.sum()} of {len(ledger)} numbers matter" in repr(words.research(ledger))
    widest = ledger["swing"].sort_values(ascending=False).index[:12]
    little = sum(ledger.loc[name, "founded"] in ("judgement", "nothing") for name in widest)
    assert f"Of the 12 numbers that move the best total most, {little} rest" in repr(
        words.founded(ledger)
    )
    assert set(words.research(ledger).frame["rests on"]) <= {"judgement", "nothing"}


def test_what_a_model_says_is_only_shown() -> None:
    model = hostile()
    shown = [
        words.knowing_or_controlling(
            model, da.value_of_information(model), da.value_of_control(model)
        ),
        words.why(da.explain(model)),
        words.camps(da.disagreement(model)),
        words.robust(robustness(model)),
    ]
    for said in shown:
        assert "<script>" not in said.markdown
        assert "$x$" not in said.markdown
    table = words.control(model, da.value_of_control(model))
    assert "<script>" not in table._repr_html_()
