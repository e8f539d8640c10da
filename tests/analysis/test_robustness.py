"""Robustness: regret and maximin over settings and draws, against a plain reading."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given

from decision import InfluenceDiagram, read_model, robustness, solve
from decision.analysis.regrets import Robustness, robustness_json
from decision.cli import main
from decision.model.problems import ModelError
from decision.model.records import ChangeRow, Input
from decision.solve.enumeration import enumerate_branches
from tests.analysis.drawn_plainly import branch_worths, redrawn
from tests.analysis.ranged import best_of, ranged, worth
from tests.analysis.test_draws import normals
from tests.models import oil_guarded, seeded, umbrella

KOREA = "data/korea_2018"


def changes(*texts: str) -> tuple[ChangeRow, ...]:
    return tuple(ChangeRow(text, "", "perspectives/x.csv", 2) for text in texts)


def with_settings(model: InfluenceDiagram, moved: str, other: str) -> InfluenceDiagram:
    return model.rebuilt(
        perspectives={"one": changes(moved), "both": changes(moved, other)},
        scenarios={"two": changes(other)},
    )


# -- against a plain reading -------------------------------------------------------------


@given(model=ranged())
@seeded(200)
def test_regrets_are_those_of_a_plain_reading(model: InfluenceDiagram) -> None:
    row = next(row for row in model.inputs if row.low is not None)
    weight = f"weight({model.values[0].name}) *= 2"
    model = with_settings(model, f"{row.name} = {row.high!r}", weight)
    try:
        found = robustness(model)
    except ModelError:
        return  # no answer, or a change that is none
    settings = {
        "base": model,
        "one": model.perspective("one"),
        "both": model.perspective("both"),
        "two": model.scenario("two"),
    }
    assert found.settings == tuple(settings)
    by = model.decisions[0].name
    totals = []
    for setting in settings.values():
        branches = enumerate_branches(setting, by)
        totals.append([np.nan if b is None else worth(b) for _, b in branches])
    scale = max(found.scales)
    close = {"rel": 1e-9, "abs": 1e-9 * scale, "nan_ok": True}
    assert found.worths.T.tolist() == [pytest.approx(row, **close) for row in totals]
    content = robustness_json(found)
    never = [any(np.isnan(row[i]) for row in totals) for i in range(len(found.options))]
    worst = []
    for i, option in enumerate(found.options):
        lacks = [max(w for w in row if w == w) - row[i] if row[i] == row[i] else None
                 for row in totals]  # fmt: skip
        assert list(content["regret"][option].values()) == [
            None if lack is None else pytest.approx(lack, abs=2e-9 * scale) for lack in lacks
        ]
        most = None if never[i] else max(lacks)
        assert content["max_regret"][option] == (
            None if most is None else pytest.approx(most, abs=2e-9 * scale)
        )
        worst.append((most, min(row[i] for row in totals)))
    for name, sign, k in (("minimax_regret", -1, 0), ("maximin", 1, 1)):
        merits = [None if n else sign * w[k] for n, w in zip(never, worst, strict=True)]
        best = best_of(merits, scale)
        if best is not None:
            wanted = found.options[min(best)] if best else None
            assert content[name] == wanted


@given(model=ranged())
@seeded(40)
def test_regrets_over_draws(model: InfluenceDiagram) -> None:
    draws = 5
    try:
        found = robustness(model, draws=draws, seed=3)
    except ModelError:
        return
    z = normals(model, False, 3, draws)
    by = model.decisions[0].name
    rows = []
    for i in range(draws):
        one = redrawn(model, {n: float(x[i]) for n, x in z.items()}, False)
        worths = np.array(branch_worths(one, by), dtype=float)
        rows.append(np.nanmax(worths) - worths if not np.isnan(worths).all() else worths)
    regrets = np.array(rows)
    close = 1e-8 * max(1.0, found.scales.max())
    assert found.quantile_regret(1.0) == pytest.approx(regrets.max(axis=0), abs=close, nan_ok=True)
    wanted = np.sort(regrets, axis=0)[3]  # 80% of five draws: the fourth
    wanted[np.isnan(regrets).any(axis=0)] = np.nan
    assert found.quantile_regret(0.8) == pytest.approx(wanted, abs=close, nan_ok=True)


# -- by hand --------------------------------------------------------------------------------


def rains() -> InfluenceDiagram:
    """Taking an umbrella is worth 77 and leaving it 70; who fears rain, or none, turns it."""
    model = umbrella()
    return model.rebuilt(
        perspectives={"gloomy": changes("P(rain=yes) = 0.9")},
        scenarios={"drought": changes("P(rain=yes) = 0")},
    )


def test_an_umbrella_in_three_settings() -> None:
    found = robustness(rains())
    assert found.totals.to_dict("index") == {
        "yes": pytest.approx({"base": 77, "gloomy": 71, "drought": 80}),
        "no": pytest.approx({"base": 70, "gloomy": 10, "drought": 100}),
    }
    assert found.regret.loc["yes"].tolist() == pytest.approx([0, 0, 20])
    assert found.regret.loc["no"].tolist() == pytest.approx([7, 61, 0])
    assert found.max_regret.to_dict() == pytest.approx({"yes": 20, "no": 61})
    assert (found.minimax_regret, found.maximin) == ("yes", "yes")
    assert found.branches["max_regret_in"].tolist() == ["drought", "gloomy"]
    assert found.branches["lowest_in"].tolist() == ["gloomy", "gloomy"]
    assert "drawn_max_regret" not in found.branches


def test_maximin_and_regret_may_disagree() -> None:
    # A sure 77 against 70: but what is lost in a drought is more than rain takes.
    model = rains().changed("V(comfort | take=yes) = 30", "V(comfort | take=no, rain=yes) = 29")
    found = robustness(model)
    assert (found.minimax_regret, found.maximin) == ("no", "no")
    found = robustness(model.changed("V(comfort | take=no, rain=yes) = 0"))
    assert (found.minimax_regret, found.maximin) == ("no", "yes")


def test_settings_are_of_the_model_that_is_given() -> None:
    model = rains().changed("V(comfort | take=no, rain=no) = 60")
    found = robustness(model)
    assert found.totals.loc["no", "drought"] == pytest.approx(60)
    assert found.totals.loc["no", "base"] == pytest.approx(42)


def test_settings_of_one_name_are_told_apart() -> None:
    rows = changes("P(rain=yes) = 0.9")
    model = umbrella().rebuilt(
        perspectives={"base": rows, "wet": rows}, scenarios={"wet": rows, "dry": rows}
    )
    wanted = ("base", "perspective base", "perspective wet", "scenario wet", "dry")
    assert robustness(model).settings == wanted


def test_a_branch_that_cannot_be_had_is_none_to_choose() -> None:
    model = oil_guarded()
    closed = robustness(model, "drill")
    content = robustness_json(closed)
    assert content["max_regret"]["yes"] is None
    assert content["intervals"]["yes"] == {"lowest": None, "highest": None, "bound": "inner"}
    assert (closed.minimax_regret, closed.maximin) == ("no", "no")


def test_where_a_branch_is_worth_least_and_most() -> None:
    row = Input("rain", (), "yes", 0.3, "0.3", 0.1, 0.8)
    found = robustness(umbrella().rebuilt(rows={"rain": (row,)}))
    assert found.numbers("yes").loc["P(rain=yes)"].tolist() == [0.8, 0.1]
    assert found.intervals.loc["no", ["lowest", "highest"]].tolist() == pytest.approx([20, 90])
    with pytest.raises(ModelError, match="did you mean 'yes'"):
        found.numbers("yess")


def test_without_draws_none_are_asked_for() -> None:
    with pytest.raises(ModelError, match="there are no draws"):
        robustness(umbrella()).quantile_regret()


# -- laws ---------------------------------------------------------------------------------------


@given(model=ranged())
@seeded(40)
def test_another_setting_never_lowers_what_may_be_lacked(model: InfluenceDiagram) -> None:
    row = next(row for row in model.inputs if row.low is not None)
    try:
        solve(model)
        more = robustness(model.rebuilt(scenarios={"s": changes(f"{row.name} = {row.low!r}")}))
    except ModelError:
        return
    less = robustness(model)
    assert (np.nan_to_num(less.most) <= np.nan_to_num(more.most, nan=np.inf) + 1e-12).all()
    assert not (more.regrets < 0).any()
    there = ~np.isnan(more.regrets).all(axis=0)
    assert (np.nanmin(more.regrets[:, there], axis=0) == 0).all()


def test_a_reading_that_is_wrong_is_found() -> None:
    """Regret to the best of base, not of each setting, would be another figure."""
    found = robustness(rains())
    wrong = found.worths[:, 0].max() - found.worths
    assert not np.allclose(wrong, found.regrets)


# -- the case, and what is printed -----------------------------------------------------------


@pytest.fixture(scope="module")
def korea() -> Robustness:
    return robustness(read_model(KOREA), draws=500, seed=1)


def test_the_case(korea: Robustness) -> None:
    model = read_model(KOREA)
    assert len(korea.settings) == 1 + len(model.perspectives) + len(model.scenarios)
    for name in ("talks_sceptic", "alliance_worried_experts"):
        wanted = dict(solve(model.perspective(name)).branches())
        assert korea.totals[name].to_dict() == pytest.approx(wanted)
    assert korea.minimax_regret == "restrained_rhetoric"
    assert korea.maximin == "maximum_pressure"


def test_the_keys_are_those_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["robustness", "umbrella", "--format", "json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert list(content) == [
        "settings",
        "regret",
        "max_regret",
        "minimax_regret",
        "maximin",
        "intervals",
    ]
    assert content["settings"] == ["base", "rainy_season"]
    assert content["regret"]["take"] == pytest.approx({"base": 35.0, "rainy_season": 0.0})
    assert content["max_regret"] == pytest.approx({"take": 35.0, "leave": 10.0})
    assert list(content["intervals"]["take"]) == ["lowest", "highest", "bound"]
    assert main(["robustness", "umbrella", "--format", "json", "--draws", "9"]) == 0
    assert list(json.loads(capsys.readouterr().out)["drawn"]) == [
        "draws",
        "regret",
        "minimax_regret",
    ]


def test_the_table_says_what_is_least_bad(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["robustness", "umbrella", "--draws", "50"]) == 0
    told = capsys.readouterr().out
    assert "Minimax regret: leave, 10" in told
    assert "Minimax regret in 95% of 50 draws: leave, 0" in told
    assert "exact" in told
    assert main(["robustness", "umbrella", "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("umbrella,regret in base,")


def test_frames_and_cards(korea: Robustness) -> None:
    assert list(korea.branches)[-3:] == [
        "drawn_mean_regret",
        "drawn_95_regret",
        "drawn_max_regret",
    ]
    assert list(korea.intervals) == ["lowest", "highest", "bound", "outer_lowest", "outer_highest"]
    assert korea.branches.index.name == korea.intervals.index.name == "strategy"
    assert "minimax regret restrained_rhetoric" in repr(korea)
    assert "<table" in korea._repr_html_()
