"""Computed sentences: each says what an independent calculation says, and escapes labels."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

import decision as da
from decision.model.diagram import InfluenceDiagram
from decision.model.records import ChangeRow
from decision.report import words
from decision.report.words.showing import (
    rounded,
    two_figures,
)
from decision.solve.enumeration import enumerate_solve

GOLDEN = Path(__file__).parents[1] / "golden" / "korea_base_outcomes.csv"
WAR = "P(escalation=major_war)"


@pytest.fixture(scope="module")
def oil() -> InfluenceDiagram:
    return da.open_model("oil_wildcatter")


@pytest.fixture(scope="module")
def korea() -> InfluenceDiagram:
    return da.open_model("korea_2018")


def coin(**amounts: float) -> InfluenceDiagram:
    """One decision whose options are worth the amounts."""
    return da.InfluenceDiagram(
        decisions=[da.Decision("pick", list(amounts))],
        values=[da.Value("gain", ["pick"], list(amounts.values()), unit="euros")],
    )


def by_force(model: InfluenceDiagram) -> dict[str, float]:
    """Worth of each option of the first decision, by brute force."""
    first = model.decisions[0]
    return {o: enumerate_solve(model, {first.name: o}).expected_value for o in first.options}


def lead(worths: Mapping[str, float], option: str) -> float:
    return worths[option] - max(w for other, w in worths.items() if other != option)


def golden() -> dict[str, dict[str, float]]:
    with GOLDEN.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {row.pop("strategy"): {k: float(v) for k, v in row.items()} for row in rows}


# Which option comes first


def test_the_headline_is_the_wildcatters_and_its_range_that_of_brute_force(
    oil: InfluenceDiagram,
) -> None:
    views = [oil.perspective(name) for name in oil.perspectives]
    views += [oil.scenario(name) for name in oil.scenarios]
    leads = [lead(by_force(view), "yes") for view in views]
    said = words.headline("oil_wildcatter").text
    assert "First comes yes, 2.5 thousand dollars ahead of no." in said
    assert f"from {rounded(min(leads), 1)} to {rounded(max(leads), 1, sign=True)}" in said
    assert f"first in {sum(x > 0 for x in leads)} of {len(leads)}" in said
    assert said.count(". ") == 2  # the mark and two sentences


def test_the_headline_follows_changes_perspective_and_scenario(oil: InfluenceDiagram) -> None:
    changed = oil.scenario("price_slump").changed("V(test_cost | test=yes) = -1")
    worths = by_force(changed)
    best = max(worths, key=worths.__getitem__)
    said = words.headline(oil, ["V(test_cost | test=yes) = -1"], scenario="price_slump").text
    assert f"First comes {best}, {two_figures(lead(worths, best))} " in said
    # The scenario is also among the views, and each perspective is seen under it.
    seen = oil.perspective("optimist").scenario("price_slump")
    seen = seen.changed("V(test_cost | test=yes) = -1")
    views = words.views(oil, ["V(test_cost | test=yes) = -1"], scenario="price_slump").frame
    assert views.loc["optimist"].iloc[-1] == pytest.approx(lead(by_force(seen), best))


def test_the_headline_of_korea_is_the_golden_one_in_points_and_in_war_risk() -> None:
    totals = sorted((row["total"] for row in golden().values()), reverse=True)
    gap = totals[0] - totals[1]
    # A war costs 552 000 lives in expectation, the whole of a scale with 100 of 208 weight.
    rate = 208 / 100  # percentage points a point
    said = words.headline("korea_2018", event=WAR).text
    assert f"First comes off ramp and restraint, {gap:.2f} points of 100 ahead" in said
    assert f"worth as much as {gap * rate:.2f} percentage points less chance" in said


def test_ties_and_single_options_are_said() -> None:
    tied = words.headline(coin(a=3.0, b=1.0, c=3.0)).text
    assert "First come a and c, level, 2.0 euros ahead of b." in tied
    assert "a and b tie." in words.headline(coin(a=3.0, b=3.0)).text
    assert "a is the only option open." in words.headline(coin(a=3.0)).text
    assert "no perspective or scenario" in words.headline(coin(a=3.0, b=1.0)).text


def test_risk_goes_by_certain_equivalent() -> None:
    gamble = da.InfluenceDiagram(
        decisions=[da.Decision("bet", ["gamble", "safe"])],
        chances=[da.Chance("coin", ["head", "tail"], table=[0.5, 0.5])],
        values=[da.Value("gain", ["bet", "coin"], [[100, 0], [40, 40]])],
    )
    assert "First comes gamble" in words.headline(gamble).text  # 50 against 40
    wary = gamble.rebuilt(risk=50.0)  # −50 ln((1 + e⁻²)/2) = 28.3 against 40
    assert "First comes safe, 12" in words.headline(wary).text


def test_views_are_those_of_brute_force_and_say_who_differs(oil: InfluenceDiagram) -> None:
    shown = words.views(oil)
    for name in [*oil.perspectives, *oil.scenarios]:
        view = oil.perspective(name) if name in oil.perspectives else oil.scenario(name)
        worths = by_force(view)
        row = shown.frame.loc[name.replace("_", " ")]
        assert row["comes first"] == max(worths, key=worths.__getitem__)
        assert row["yes: lead"] == pytest.approx(lead(worths, "yes"))
    differs = shown.frame.index[shown.frame["comes first"] != "yes"]
    assert shown.caption is not None
    assert f"under {len(differs)} of {len(shown.frame)} views" in shown.caption.text
    assert all(name in shown.caption.text for name in differs)


def test_views_against_a_reference_are_differences(oil: InfluenceDiagram) -> None:
    frame = words.views(oil, kind="perspective", reference="no").frame
    assert list(frame.index) == [name.replace("_", " ") for name in oil.perspectives]
    for name in oil.perspectives:
        worths = by_force(oil.perspective(name))
        row = frame.loc[name.replace("_", " ")]
        assert row["no"] == 0
        assert row["yes"] == pytest.approx(worths["yes"] - worths["no"])


def test_a_view_that_a_change_makes_illegal_is_left_out_and_counted(
    oil: InfluenceDiagram,
) -> None:
    wet = (ChangeRow("P(oil=wet) = 0.9"),)
    model = oil.rebuilt(scenarios={"wet": wet, **oil.scenarios})
    assert "2 perspectives and 2 scenarios" in words.spread(model).text
    said = words.spread(model, ["P(oil=wet) += 0.5"]).text  # 1.4 in the scenario
    assert "2 perspectives and 1 scenario, one at a time" in said
    assert said.endswith("(1 more cannot be combined with these changes.)")


# What a change moved


def test_what_moved_is_before_and_after_by_brute_force(oil: InfluenceDiagram) -> None:
    after = oil.changed("P(oil=dry) = 0.7")
    was, now = by_force(oil), by_force(after)
    frame = words.what_moved(oil, after).frame
    for option in was:
        row = frame.loc[option]
        assert row["was"] == pytest.approx(was[option])
        assert row["now"] == pytest.approx(now[option])
        assert row["behind the first: now"] == pytest.approx(max(now.values()) - now[option])


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (-10.0, "Nothing differs: yes leads no by 2.5."),
        (-12.0, "The advice stays: yes leads no by 0.50 (it was 2.5). 1 number differs."),
        (-14.0, "The advice flips: yes led no by 2.5; now no leads yes by 1.5. 1 number differs."),
    ],
)
def test_the_advice_stays_or_flips(oil: InfluenceDiagram, cost: float, said: str) -> None:
    after = oil.changed(f"V(test_cost | test=yes) = {cost}")
    assert words.moved(oil, after).text == f"► Model result. {said}"


def test_the_advice_splits_at_a_tie() -> None:
    before = coin(a=3.0, b=1.0)
    said = words.moved(before, before.changed("V(gain | pick=b) = 3")).text
    assert "The advice splits: a led b by 2.0; now a and b tie." in said


def test_totals_on_other_scales_are_not_compared(oil: InfluenceDiagram) -> None:
    assert "different scales" in words.what_moved(oil, oil.changed("weight(payoff) = 2")).note
    assert words.what_moved(oil, oil.changed("P(oil=dry) = 0.4")).note == ""


def test_differences_are_shown_as_changes_name_them(oil: InfluenceDiagram) -> None:
    shown = words.differences(oil, oil.changed("P(oil=dry) = 0.4"))
    assert shown.frame.loc["P(oil=dry)"].tolist() == [0.5, 0.4]
    assert shown.frame.loc["P(oil=wet)", "now"] == pytest.approx(0.6 * 0.3 / 0.5)
    none = words.differences(oil, oil)
    assert none.frame.empty
    assert "<table" not in none._repr_html_()


def test_following_the_old_strategy_costs_what_brute_force_says(oil: InfluenceDiagram) -> None:
    assert "**nothing**" in words.regret(oil, oil).markdown
    after = oil.changed("V(test_cost | test=yes) = -14")  # better not to test: 20
    policy = enumerate_solve(oil).policy
    assert policy["test"].item() == 0
    assert f"**{two_figures(20 - (22.5 - 4))} " in words.regret(oil, after).markdown


def test_same_totals_are_recognised(oil: InfluenceDiagram) -> None:
    assert "same totals" in words.same_totals(oil, oil.changed("P(oil=dry) = 0.5")).text
    assert "differ on yes, no" in words.same_totals(oil, oil.changed("P(oil=dry) = 0.6")).text


def test_along_finds_where_the_first_place_changes(oil: InfluenceDiagram) -> None:
    shown = words.along(oil, "V(test_cost | test=yes) =", [-5, -12, -13, -20])
    assert shown.frame["yes: lead"].tolist() == pytest.approx([7.5, 0.5, -0.5, -7.5])
    assert shown.caption is not None
    assert shown.caption.text.endswith("First comes yes up to −12, then no from −13 on.")


# Outcomes in words


def test_outcomes_in_natural_units_are_the_golden_ones(korea: InfluenceDiagram) -> None:
    frame = da.outcomes(korea, reference="maximum_pressure")
    columns = ["difference", "E(lives)", WAR]
    cells = words.outcome_table(frame, korea, columns).frame
    rows = golden()
    base = rows["maximum_pressure"]["total"]
    for option, row in rows.items():
        gain, deaths, war = cells[option.replace("_", " ")]
        assert float(gain.replace("−", "-")) == pytest.approx(row["total"] - base, abs=0.005)
        assert float(deaths.replace(",", "")) == pytest.approx(row["E_lives"], abs=50)
        chance = row["P_escalation=major_war"]
        assert float(war.rstrip("%")) == pytest.approx(100 * chance, abs=0.005)


def test_runs_name_the_rows_where_the_ends_stand(korea: InfluenceDiagram) -> None:
    rows = golden()
    said = words.runs(da.outcomes(korea), korea, "E(alliance)").text
    amounts = {option: row["E_alliance"] for option, row in rows.items()}
    low, high = min(amounts, key=amounts.__getitem__), max(amounts, key=amounts.__getitem__)
    assert f"{amounts[low]:.1f} ({low.replace('_', ' ')})" in said
    assert f"{amounts[high]:.1f} ({high.replace('_', ' ')})" in said


def test_reading_a_table_back_is_no_result(korea: InfluenceDiagram) -> None:
    assert words.runs(korea.table("tone"), korea, "restrained").text.startswith("▷ In the model.")
    assert words.runs(da.outcomes(korea), korea, WAR).text.startswith("► Model result.")


def test_a_trade_tells_better_from_worse_on_a_scale_that_is_turned() -> None:
    model = da.InfluenceDiagram(
        decisions=[da.Decision("line", ["old", "new"])],
        values=[
            da.Value("deaths", ["line"], [900, 200], worst=1000, best=0, label="Deaths"),
            da.Value("trust", ["line"], [70, 30], worst=0, best=100, label="Trust"),
            da.Value("cost", ["line"], [5, 5], worst=10, best=0, label="Cost"),
        ],
    )
    said = words.trade(da.outcomes(model), model).text
    assert "Against old, new does better on “Deaths” (200 instead of 900)" in said
    assert "does worse on “Trust” (30 instead of 70)" in said
    assert "does as well on “Cost”" in said


def test_the_exchange_rate_is_the_swing_weight_read_the_other_way() -> None:
    def lottery(p: float) -> InfluenceDiagram:
        return da.InfluenceDiagram(
            decisions=[da.Decision("act", ["yes", "no"])],
            chances=[da.Chance("war", ["no", "yes"], ["act"], [[1 - p, p], [0.9, 0.1]])],
            values=[
                da.Value("lives", ["war"], [0, -1], worst=-1, best=0, weight=3),
                da.Value("cost", ["act"], [1, 0], worst=1, best=0, weight=1),
            ],
            weights="normalised",
        )

    model = lottery(0.05)
    rate = words.worth(model, "P(war=yes)")
    assert rate is not None
    assert rate[0] == pytest.approx(100 / 75, abs=0.05)  # certainty of war costs 75 points
    assert "less chance of “war: yes”" in rate[1]
    shown = words.in_terms_of(da.outcomes(model, reference="no"), model, "P(war=yes)").frame
    gain = 75 * 0.05 - 25  # 5 percentage points less war, at a cost of 25 points
    assert shown.loc["yes", "points"] == pytest.approx(gain)
    assert shown.loc["yes", "worth as much as"] == pytest.approx(-100 * gain / 75)
    assert shown.loc["yes", "differs by"] == pytest.approx(-5)


def test_an_event_that_never_happens_has_no_rate_but_a_misspelt_one_is_refused(
    korea: InfluenceDiagram,
) -> None:
    safe = korea.changed(f"{WAR} = 0")
    assert words.worth(safe, WAR) is None
    frame = da.outcomes(safe)
    assert "never or always happens" in str(words.in_terms_of(frame, safe, WAR))
    with pytest.raises(da.ModelError, match="escalation"):
        words.worth(korea, "P(escalatoin=major_war)")


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ({"a": 1.0, "b": 2.0, "c": 3.0}, "All 2 other options are ahead of a: c +2.0 and b +1.0"),
        ({"a": 1.0, "b": 2.0, "c": 0.0}, "1 of the 2 other options is ahead of a: b +1.0 and c"),
        ({"a": 1.0, "b": 0.5, "c": 0.0}, "None of the 2 other options is ahead of a: b −0.5"),
        ({"a": 1.0}, "a is the only option open."),
    ],
)
def test_a_ranking_counts_who_is_ahead(amounts: Mapping[str, float], said: str) -> None:
    assert said in words.ranking(da.outcomes(coin(**amounts))).text
