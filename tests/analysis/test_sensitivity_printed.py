"""What `decision sensitivity` prints, to the contract's letter; and of the Korea model."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from decision import read_model
from decision.analysis.sensitivity import Finding, findings
from decision.cli import main
from decision.solve.enumeration import enumerate_solve
from decision.solve.solution import solve

OIL = "data/examples/oil_wildcatter"
PARTY = "data/examples/party_problem"
KEYS = ["input", "base", "low", "high", "expected_value_low", "expected_value_high"]
CERTAIN = ["certain_equivalent_low", "certain_equivalent_high"]
REST = ["swing", "preferred_low", "preferred_high", "break_even"]

MODEL = """\
title = "Coats"
weights = "normalised"
[decision.coat]
options = ["none", "light", "warm"]
[chance.season]
states = ["winter", "spring", "summer"]
[chance.weather]
states = ["cold", "mild", "hot"]
given = ["season", "coat"]
[value.comfort]
given = ["weather", "coat"]
worst = 0
best = 10
weight = 2
weight_low = 1
weight_high = 4
[value.trouble]
given = ["coat"]
worst = 5
best = 0
weight = 1
"""
PROBABILITIES = """\
node,given,state,p,low,high
season,,winter,0.5,,
season,,spring,0.3,,
season,,summer,rest,,
weather,coat=none|light|warm; season=winter,cold,0.7,0.5,0.9
weather,season=winter,mild,rest,,
weather,season=winter,hot,0,,
weather,season=spring|summer,cold,0.1,0,0.3
weather,season=spring|summer,mild,0.5,,
weather,season=spring|summer,hot,rest,,
"""
VALUES = """\
node,given,value,low,high
comfort,weather=cold; coat=none,1,0,3
comfort,coat=light; weather=cold,5,,
comfort,coat=warm; weather=cold,9,,
comfort,coat=none|light; weather=mild,8,8,8
comfort,coat=warm; weather=mild,6,,
comfort,coat=none; weather=hot,10,,
comfort,coat=light|warm; weather=hot,2,,
trouble,coat=none,0,,
trouble,coat=light,2,1,3
trouble,coat=warm,4,,
"""


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main(["sensitivity", *arguments, "--format", "json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert list(content) == ["inputs"]
    return content["inputs"]


@pytest.fixture
def coats(tmp_path: Path) -> str:
    (tmp_path / "model.toml").write_text(MODEL)
    (tmp_path / "probabilities.csv").write_text(PROBABILITIES)
    (tmp_path / "values.csv").write_text(VALUES)
    return str(tmp_path)


def test_keys_in_order(capsys):
    rows = printed(capsys, OIL)
    assert [list(row) for row in rows] == [KEYS + REST] * len(rows)
    swings = [row["swing"] for row in rows]
    assert swings == sorted(swings, reverse=True)
    for row in rows:
        total = abs(row["expected_value_high"] - row["expected_value_low"])
        assert row["swing"] == pytest.approx(total, abs=1e-12)


def test_with_risk_both_stand_in_the_row_and_the_swing_is_of_the_certain_equivalent(capsys):
    rows = printed(capsys, PARTY)
    assert [list(row) for row in rows] == [KEYS + CERTAIN + REST] * len(rows)
    model = read_model(PARTY)
    for row in rows:
        for end in ("low", "high"):
            there = enumerate_solve(model.changed(f"{row['input']} = {row[end]!r}"))
            assert row[f"expected_value_{end}"] == pytest.approx(there.expected_value)
            assert row[f"certain_equivalent_{end}"] == pytest.approx(there.certain_equivalent)
        width = abs(row["certain_equivalent_high"] - row["certain_equivalent_low"])
        assert row["swing"] == pytest.approx(width, abs=1e-12)


def test_inputs_are_rows_with_conditions_in_the_order_of_given_and_weights(capsys, coats):
    rows = printed(capsys, coats)
    assert {row["input"] for row in rows} == {
        "P(weather=cold | season=winter, coat=none|light|warm)",
        "P(weather=cold | season=spring|summer)",
        "V(comfort | weather=cold, coat=none)",
        "V(comfort | weather=mild, coat=none|light)",
        "V(trouble | coat=light)",
        "weight(comfort)",
    }
    still = next(row for row in rows if row["low"] == row["high"])
    assert (still["swing"], still["break_even"]) == (0, [])


def test_every_row_can_be_pasted_into_set(capsys, coats):
    rows = printed(capsys, coats)
    for row in rows:
        for end in ("low", "high"):
            change = f"{row['input']} = {row[end]!r}"
            assert main(["solve", coats, "--set", change, "--format", "json"]) == 0
            solved = json.loads(capsys.readouterr().out)
            assert row[f"expected_value_{end}"] == pytest.approx(solved["expected_value"])
            branches = {b["option"]: b["expected_value"] for b in solved["branches"]}
            assert branches[row[f"preferred_{end}"]] == pytest.approx(max(branches.values()))


def test_changes_and_by_are_heard(capsys):
    plain = {row["input"]: row for row in printed(capsys, OIL)}
    free = {row["input"]: row for row in printed(capsys, OIL, "--set", "V(test_cost) = 0")}
    drill = {row["input"]: row for row in printed(capsys, OIL, "--by", "drill")}
    assert plain["P(oil=dry)"]["preferred_low"] == "no"
    assert free["P(oil=dry)"]["preferred_low"] == "yes"
    assert drill["P(oil=dry)"]["break_even"] == pytest.approx([11 / 18])


def test_csv_and_the_table_show_the_lowest(capsys):
    assert main(["sensitivity", OIL, "--format", "csv"]) == 0
    (first, *_) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert {"input", "lowest", "break_even"} <= set(first)
    assert main(["sensitivity", OIL]) == 0
    assert "lowest" in capsys.readouterr().out.splitlines()[0]


def test_a_model_without_ranges_prints_none(capsys):
    assert printed(capsys, "data/examples/monty_hall") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--by", "drilll"], "command line:1: there is no decision node 'drilll'"),
        (["--by", "oil"], "command line:1: 'oil' is a chance node, not a decision node"),
        (["--set", "P(oil=dri) = 1"], "command line:1: oil has no state 'dri'"),
    ],
)
def test_a_wrong_name_is_refused(capsys, arguments, message):
    assert main(["sensitivity", OIL, *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(message)
    assert len(err.splitlines()) == 1


def test_an_unknown_flag_is_a_matter_of_syntax(capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["sensitivity", OIL, "--swing"])
    assert exit_.value.code == 2
    assert "--swing" in capsys.readouterr().err


def test_progress_counts_up_to_all():
    told: list[tuple[int, int]] = []
    found = findings(read_model(OIL), progress=lambda done, of: told.append((done, of)))
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert told[-1] == (len(found), len(found))


# -- the Korea model ----------------------------------------------------------


@pytest.fixture(scope="module")
def korea() -> dict[str, Finding]:
    return {f.input: f for f in findings(read_model("data/korea_2018"))}


def test_korea_has_every_input(korea):
    model = read_model("data/korea_2018")
    assert len(korea) == 826
    ranged = [row for row in model.inputs if row.low is not None and row.text != "rest"]
    weights = [v for v in model.values if v.weight_low is not None]
    assert len(korea) == len(ranged) + len(weights)


def test_restraint_pays_beside_an_off_ramp_only_if_it_mostly_succeeds(korea):
    """Both together beat restraint alone only where calm words come about often enough."""
    found = korea["P(tone=restrained | strategy=off_ramp_and_restraint)"]
    (least,) = found.break_even
    assert least == pytest.approx(0.464, abs=5e-4)
    model = read_model("data/korea_2018")
    for number, best in ((least - 1e-4, "restrained_rhetoric"), (least + 1e-4, None)):
        branches = dict(solve(model.changed(f"{found.input} = {number}")).branches())
        first = max(branches, key=lambda option: branches[option])
        assert first == (best or "off_ramp_and_restraint")


def test_no_prior_of_the_intent_flips_the_choice(korea):
    found = korea["P(intent=wedge_driving)"]
    assert not [x for x in found.break_even if 0.01 < x < 0.98]
    assert (found.preferred_low, found.preferred_high) == ("off_ramp_and_restraint",) * 2
    model = read_model("data/korea_2018")
    for p in (0.01, 0.2, 0.5, 0.8, 0.98):
        branches = dict(solve(model.changed(f"P(intent=wedge_driving) = {p}")).branches())
        assert max(branches, key=lambda option: branches[option]) == "off_ramp_and_restraint"


def test_korea_break_evens_are_where_two_options_do_as_well(korea):
    """Of the inputs that matter most: on the model itself, solved anew there."""
    model = read_model("data/korea_2018")
    flips = [f for f in korea.values() if f.break_even][:12]
    assert len(flips) == 12
    for f in flips:
        for x in f.break_even:
            found = solve(model.changed(f"{f.input} = {x!r}")).branches()
            best, second = sorted((worth for _, worth in found), reverse=True)[:2]
            assert best - second < 1e-9, (f.input, x)
