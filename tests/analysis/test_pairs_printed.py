"""What `decision sensitivity` prints of pairs and of changes, to the contract's letter."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from typing import Any

import pytest

from decision import Chance, Decision, InfluenceDiagram, Value, read_model, sensitivity, two_way
from decision.analysis.pairs import pair_json
from decision.analysis.sensitivity import bars, findings
from decision.cli import main
from decision.model.records import Input
from decision.solve.solution import solve
from tests.analysis.test_pairs import OFFER, TONE, eagle
from tests.analysis.test_sensitivity_cases import moving

OIL = "data/examples/oil_wildcatter"
COST = "V(test_cost | test=yes)"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["sensitivity", *arguments, "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


def test_a_pair_has_these_keys_and_both_ends(capsys):
    content = printed(capsys, OIL, "--pair", "P(oil=dry)", COST)
    assert list(content) == ["x", "y", "grid"]
    for letter, text, low, high in (("x", "P(oil=dry)", 0.4, 0.6), ("y", COST, -20.0, -5.0)):
        assert list(content[letter]) == ["input", "values"]
        values = content[letter]["values"]
        assert (content[letter]["input"], len(values)) == (text, 21)
        assert (values[0], values[-1]) == (low, high)
        steps = [b - a for a, b in pairwise(values)]
        assert steps == pytest.approx([(high - low) / 20] * 20)
    assert [len(row) for row in content["grid"]] == [21] * 21


def test_every_point_is_what_two_changes_make(capsys):
    x, y = "odds(oil=dry) *= x in 0.25..4", "V(payoff | drill=yes, oil=soaking) += y in -50..50"
    content = printed(capsys, OIL, "--pair", x, y, "--steps", "4")
    assert content["x"]["input"] == x
    model = read_model(OIL)
    for row, b in zip(content["grid"], content["y"]["values"], strict=True):
        for preferred, a in zip(row, content["x"]["values"], strict=True):
            changes = x.split(" x in")[0] + f" {a!r}", y.split(" y in")[0] + f" {b!r}"
            assert preferred == solve(model.changed(*changes)).preferred()[0]


def test_settings_and_by_are_heard(capsys):
    pair = ("--pair", "P(oil=dry)", COST, "--steps", "2")
    assert printed(capsys, OIL, *pair)["grid"] == [["no", "no"], ["yes", "yes"]]
    free = printed(capsys, OIL, *pair, "--set", "V(payoff | oil=soaking, drill=yes) = 0")
    assert free["grid"] == [["no", "no"], ["no", "no"]]
    drilled = printed(capsys, OIL, *pair, "--by", "drill")
    assert {option for row in drilled["grid"] for option in row} <= {"yes", "no"}


def test_a_change_is_one_more_input_as_typed(capsys):
    plain = printed(capsys, OIL)["inputs"]
    typed = ["odds(oil=dry) *= x in 0.25..4", "P(oil=dry) = x in 0.1 .. 9/10"]
    more = printed(capsys, OIL, *(word for text in typed for word in ("--change", text)))["inputs"]
    assert [row for row in more if row["input"] not in typed] == plain
    rows = {row["input"]: row for row in more}
    assert (rows[typed[0]]["base"], rows[typed[1]]["base"]) == (1, 0.5)
    assert (rows[typed[1]]["low"], rows[typed[1]]["high"]) == (0.1, 0.9)
    assert [list(row) for row in more] == [list(plain[0])] * len(more)


def test_a_change_that_nothing_leaves_as_it_was_has_no_base(capsys):
    change = "P(seismic=open | test=yes) = x in 0..1"
    rows = printed(capsys, OIL, "--change", change)["inputs"]
    assert [row["base"] for row in rows if row["input"] == change] == [None]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--pair", "P(oil=dry)", "P(oil=dri)"], "oil has no state 'dri'"),
        (["--pair", "P(oil=dry)", "P(oil=dry)"], "is the same input twice"),
        (["--pair", "P(oil=dry)", COST, "--steps", "1"], "1 steps are asked for"),
        (["--pair", "P(oil=dry)", COST] * 2, "--pair stands more than once"),
        (["--pair", "P(oil=dry)", COST, "--change", "V(payoff) += x in 0..1"], "stand together"),
        (["--steps", "5"], "--steps stands without --pair"),
        (["--change", "V(payoff) += y in 0..1"], "is called y; call it x"),
        (["--change", "V(payoff) += 1"], "is no change with a free number"),
        (["--pair", "\x1b[31m$<b>", COST], "is no input"),
        (["--pair", "P(oil=dry)", COST, "--by", "oil"], "'oil' is a chance node"),
    ],
)
def test_what_does_not_go_is_refused(capsys, arguments, says):
    assert main(["sensitivity", OIL, *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.startswith("command line:1: ")
    assert "\x1b" not in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("words", [["--pair", "P(oil=dry)"], ["--steps", "x"], ["--pair"]])
def test_half_a_pair_is_a_matter_of_syntax(capsys, words):
    with pytest.raises(SystemExit) as end:
        main(["sensitivity", OIL, *words])
    assert end.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_the_map_has_y_upwards_and_a_legend(capsys):
    assert main(["sensitivity", OIL, "--pair", "P(oil=dry)", COST, "--steps", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:7] == [
        "y: V(test_cost | test=yes)",
        "   -5  A A A",
        "-12.5  B A A",
        "  -20  B B B",
        "       0.4 0.6",
    ]
    assert lines[9:11] == ["A  yes", "B  no"]
    assert "base: x = 0.5, y = -10" in lines


def test_csv_of_a_pair_has_a_row_for_each_point(capsys):
    assert main(["sensitivity", OIL, "--pair", "P(oil=dry)", COST, "--format", "csv"]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == ["x: P(oil=dry)", f"y: {COST}", "preferred"]
    assert len(rows) == 1 + 21 * 21


def test_where_no_option_can_be_had_there_is_null():
    """Out needs a clear sky and in needs rain: while both can come, neither can be set."""
    only_when = {"out": {"sky": ["clear"]}, "in": {"sky": ["rain"]}}
    model = InfluenceDiagram(
        decisions=[Decision("go", ["out", "in"], ["sky"], only_when)],
        chances=[Chance("sky", ["clear", "rain"], table=[0.4, 0.6])],
        values=[Value("worth", ["go", "sky"], [[1.0, 0.0], [0.0, 2.0]])],
    )
    found = two_way(model, "P(sky=clear) = x in 0..1", "V(worth) += y in 0..1", steps=3)
    assert pair_json(found)["grid"] == [["in", None, "out"]] * 3
    assert found.margin.isna().all(axis=None)


# -- one bar for two states of a row ------------------------------------------


def test_two_states_of_one_row_are_one_bar_but_two_rows_of_the_contract(capsys):
    both = (
        Input("seat", (), "sold", 0.5, "0.5", 0.4, 0.6),
        Input("seat", (), "empty", 0.5, "0.5", 0.4, 0.6),
    )
    model = moving(eagle(), *both)
    found = findings(model)
    assert sorted(f.input for f in found) == ["P(seat=empty)", "P(seat=sold)"]
    assert [f.input for f in bars(model, found)] == ["P(seat=sold)"]
    assert list(sensitivity(model).index) == ["P(seat=sold)"]
    wider = Input("seat", (), "empty", 0.5, "0.5", 0.3, 0.7)
    assert list(sensitivity(moving(eagle(), both[0], wider)).index) == ["P(seat=empty)"]


def test_three_states_of_one_row_are_three_bars():
    frame = sensitivity(read_model("data/korea_2018"))
    priors = [name for name in frame.index if name.startswith("P(intent=")]
    assert len(priors) == 3
    assert len(frame) == 826


def test_distances_are_in_units_of_the_range():
    frame = sensitivity(read_model("data/korea_2018"))
    row = frame.loc[TONE]
    (at,) = row["break_even"]
    assert row["nearest_break_even"] == at
    assert row["distance"] == pytest.approx((row["base"] - at) / (row["high"] - row["low"]))
    assert frame["distance"].notna().sum() == (frame["break_even"].str.len() > 0).sum()
    assert (frame["total"] == frame["total"].iloc[0]).all()
    assert set(frame["preferred"]) == {"off_ramp_and_restraint"}


@pytest.mark.parametrize("by", [None, "drill"])
def test_the_total_at_a_break_even_is_the_optimum_there(by):
    model = read_model(OIL)
    for name, row in sensitivity(model, by=by).iterrows():
        assert len(row["break_even"]) == len(row["total_break_even"])
        for at, total in zip(row["break_even"], row["total_break_even"], strict=True):
            there = solve(model.changed(f"{name} = {at!r}"))
            assert total == pytest.approx(there.expected_value, abs=1e-9)


def test_korea_pair_of_the_files(capsys):
    content = printed(capsys, "data/korea_2018", "--pair", TONE, OFFER)
    model = read_model("data/korea_2018")
    for i, j in ((0, 0), (0, 20), (20, 0), (20, 20), (7, 7)):
        x, y = content["x"]["values"][j], content["y"]["values"][i]
        there = solve(model.changed(f"{TONE} = {x!r}", f"{OFFER} = {y!r}"))
        assert content["grid"][i][j] == there.preferred()[0]
