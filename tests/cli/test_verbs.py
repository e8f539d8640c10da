"""The command line to the letter of docs/spec/command-line.md."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from decision.cli import main
from decision.model import Chance, Decision, InfluenceDiagram, Value, read_model
from decision.model.writing import write_model

OIL = "data/examples/oil_wildcatter"
KOREA = "data/korea_2018"


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(output(capsys, *arguments, "--format", "json"))


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


def test_solve_is_the_contracts_example(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "solve", OIL)
    assert list(found) == [
        "model",
        "expected_value",
        "certain_equivalent",
        "strategy",
        "branches",
    ]
    assert found["model"] == "Oil wildcatter"
    assert found["expected_value"] == pytest.approx(22.5)
    assert found["certain_equivalent"] is None
    first = found["strategy"][0]
    assert (first["decision"], first["given"], first["choose"]) == ("test", {}, "yes")
    closed = next(row for row in found["strategy"] if row["given"].get("seismic") == "closed")
    assert closed["given"] == {"test": "yes", "seismic": "closed"}
    assert closed["choose"] == "yes"
    assert closed["expected_value"] == pytest.approx(77.5)
    assert closed["probability"] == pytest.approx(0.24)
    assert closed["ties"] == []
    assert [b["option"] for b in found["branches"]] == ["yes", "no"]
    assert [b["expected_value"] for b in found["branches"]] == pytest.approx([22.5, 20.0])


def test_branches_by_another_decision(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "solve", OIL, "--by", "drill")
    values = {b["option"]: b["expected_value"] for b in found["branches"]}
    # Drilling whatever is known: 0.5·(−70) + 0.3·50 + 0.2·200 = 20, so no test is bought.
    assert values == pytest.approx({"yes": 20.0, "no": 0.0})


def test_requisite_leaves_out_what_cannot_matter(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    model = InfluenceDiagram(
        decisions=[Decision("guess", ["heads", "tails"], observes=["weather", "seen"])],
        chances=[
            Chance("coin", ["heads", "tails"], table=[0.6, 0.4]),
            Chance("seen", ["heads", "tails"], ["coin"], table=[[0.9, 0.1], [0.2, 0.8]]),
            Chance("weather", ["wet", "dry"], table=[0.5, 0.5]),
        ],
        values=[Value("win", ["guess", "coin"], table=[[1, 0], [0, 1]])],
    )
    write_model(model, tmp_path / "coin")
    full = printed(capsys, "solve", str(tmp_path / "coin"))["strategy"]
    short = printed(capsys, "solve", str(tmp_path / "coin"), "--requisite")["strategy"]
    assert [row["given"] for row in short] == [{"seen": "heads"}, {"seen": "tails"}]
    assert [row["choose"] for row in short] == ["heads", "tails"]
    assert [list(row["given"]) for row in full] == [["weather", "seen"]] * 4


def test_settings_apply_before_changes_in_the_order_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    korea = read_model(KOREA)
    expected = (
        korea.scenario("pundit_war_odds")
        .perspective("moon_government")
        .changed("weight(alliance) = 35")
    )
    (answer,) = printed(
        capsys,
        "ask",
        KOREA,
        "weight(alliance)",
        "--set",
        "weight(alliance) = 35",
        "--scenario",
        "pundit_war_odds",
        "--perspective",
        "moon_government",
    )["answers"]
    assert answer == {"question": "weight(alliance)", "value": 35}
    (answer,) = printed(
        capsys,
        "ask",
        KOREA,
        "P(intent=tension_relief)",
        "--scenario",
        "pundit_war_odds",
        "--perspective",
        "moon_government",
    )["answers"]
    intent = dict(zip(expected.states("intent"), expected.node("intent").table, strict=True))
    assert answer["value"] == pytest.approx(intent["tension_relief"])


def test_outcomes_are_in_natural_units(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "outcomes", OIL)
    assert found["by"] == "test"
    yes = found["branches"][0]
    assert set(yes) == {"option", "expected_value", "values", "probabilities"}
    assert yes["values"] == pytest.approx({"payoff": 32.5, "test_cost": -10.0})
    assert set(yes["probabilities"]) == {"oil", "seismic"}
    assert yes["probabilities"]["seismic"]["closed"] == pytest.approx(0.24)


def test_tree_is_rolled_back_to_the_same_value(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "tree", OIL)
    nodes = {node["id"]: node for node in found["nodes"]}
    root = nodes[found["root"]]
    assert (root["kind"], root["name"]) == ("decision", "test")
    assert root["expected_value"] == pytest.approx(22.5)
    assert [(b["label"], b["chosen"], b["probability"]) for b in root["branches"]] == [
        ("yes", True, None),
        ("no", False, None),
    ]
    assert {node["kind"] for node in found["nodes"]} == {"decision", "chance", "end"}


def test_claims_exit_0_whatever_the_verdicts(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "claims", KOREA)["claims"]
    assert {row["verdict"] for row in found} == {"holds", "fails", "untested"}
    assert set(found[0]) == {"id", "verdict", "basis", "left", "right", "where", "left_out"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["solve", "nowhere"],
            "nowhere:1: there is no such folder, and no shipped model of that name; ",
        ),
        (["solve", OIL, "--by", "dril"], "did you mean 'drill'?"),
        (["solve", OIL, "--set", "P(oyl=dry) = 1"], "command line:1: there is no chance node"),
        (["solve", KOREA, "--perspective", "moon"], "command line:1: there is no perspective"),
        (["ask", OIL, "P(oil=dry | test=maybe)"], "command line:1: test has no option 'maybe'; "),
        (["convert", OIL, "--out", OIL], "it exists already; "),
    ],
)
def test_a_wrong_name_is_one_line_and_exit_1(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    lines = refused(capsys, *arguments)
    assert len(lines) == 1
    assert message in lines[0]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["solve"],
        ["solv", OIL],
        ["solve", OIL, "--formt", "json"],
        ["tree", OIL, "--depth", "0"],
    ],
)
def test_wrong_syntax_is_exit_2(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_every_problem_of_several_changes_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    lines = refused(capsys, "solve", OIL, "--set", "P(oil=dry) = 2", "--set", "V(x) = 1")
    assert len(lines) == 2


def test_csv_can_be_opened_in_a_spreadsheet(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = output(capsys, "ask", OIL, "V(test_cost | test=yes)", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert float(rows[0]["value"]) == -10.0  # a number never gets an apostrophe
    out = tmp_path / "model"
    assert main(["convert", OIL, "--out", str(out)]) == 0
    claims = (out / "claims.csv").read_text(encoding="utf-8").splitlines()
    claims.append("'=cmd()|' A0'!A0,,=1+1,,1 < 2,")
    claims[-1] = '"=cmd()",,"=1+1",,1 < 2,'
    (out / "claims.csv").write_text("\n".join(claims), encoding="utf-8")
    capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(output(capsys, "claims", str(out), "--format", "csv"))))
    assert rows[-1]["id"] == "'=cmd()"
    assert rows[-1]["claim"] == "'=1+1"


@pytest.mark.parametrize("verb", ["check", "claims", "solve", "outcomes", "tree"])
def test_a_table_for_people_names_the_model(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    text = output(capsys, verb, OIL)
    assert text.strip()
    assert "nan" not in text.lower().split()


def test_convert_writes_an_equal_model(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "changed"
    change = "odds(escalation=none | channel=open) *= 1.65"
    assert main(["convert", KOREA, "--out", str(out), "--set", change]) == 0
    assert read_model(out) == read_model(KOREA).changed(change)


def test_new_makes_a_model_that_solves(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["new", str(tmp_path / "mine")]) == 0
    capsys.readouterr()
    found = printed(capsys, "solve", str(tmp_path / "mine"))
    # rainy: P = 0.38, rain then 0.24/0.38; sunny: 0.62, rain then 0.06/0.62.
    assert found["expected_value"] == pytest.approx(0.38 * 80 + 0.56 * 100)
    assert refused(capsys, "new", str(tmp_path / "mine"))


def test_report_is_written_whole_or_not_at_all(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "oil.html"
    assert main(["report", OIL, "--out", str(page)]) == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    capsys.readouterr()
    assert refused(capsys, "report", OIL, "--out", str(tmp_path / "no" / "oil.html"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["oil.html"]


def test_help_and_check_load_neither_pandas_nor_matplotlib() -> None:
    code = (
        "import sys; from decision.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'matplotlib', 'networkx', 'jinja2'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    for arguments in (["--help"], ["check", KOREA], ["solve", OIL, "--format", "json"]):
        subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True)


def test_python_m_decision_is_the_same() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "decision", "solve", OIL, "--format", "json"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(found.stdout)["expected_value"] == pytest.approx(22.5)
