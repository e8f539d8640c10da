"""What `decision voi --signal --control` prints, to the contract's letter."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from decision.cli import main

OIL = "data/examples/oil_wildcatter"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["voi", *arguments, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_contracts_keys_of_control(capsys):
    content = printed(capsys, OIL, "--control")
    assert list(content) == ["control"]
    assert content["control"] == [
        {"node": "oil", "value": pytest.approx(177.5), "state": "soaking"},
        {"node": "seismic", "value": 0.0, "state": None},
    ]


def test_the_contracts_keys_of_a_signal(capsys):
    content = printed(capsys, OIL, "oil", "--signal", "oil 0.8", "--before", "drill")
    assert list(content) == ["information"]
    signal, perfect = content["information"]
    assert list(signal) == ["node", "before", "accuracy", "value"]
    assert (signal["node"], signal["before"], signal["accuracy"]) == ("oil", "drill", 0.8)
    assert 0 < signal["value"] < 32.5
    assert perfect == {"node": "oil", "before": "drill", "value": pytest.approx(32.5)}


def test_signals_stand_before_all_that_can_be_known(capsys):
    content = printed(capsys, OIL, "--signal", "oil 1", "--signal", "oil 1/3")
    assert [r.get("accuracy") for r in content["information"]] == [1, 1 / 3, None]
    assert [r["value"] for r in content["information"]] == pytest.approx([32.5, 0, 32.5])


def test_control_and_signals_at_once(capsys):
    content = printed(capsys, OIL, "oil", "--control", "--signal", "oil 1", "--before", "drill")
    assert [len(content[key]) for key in ("information", "control")] == [2, 1]


def test_nodes_may_stand_behind_the_options(capsys):
    content = printed(capsys, OIL, "--control", "oil")
    assert [row["node"] for row in content["control"]] == ["oil"]


def test_csv_and_table(capsys):
    assert main(["voi", OIL, "--control", "--format", "csv"]) == 0
    first, second = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (first["state"], second["state"]) == ("soaking", "")
    assert main(["voi", OIL, "--control"]) == 0
    assert "177.5" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (
            ["--signal", "oil"],
            ["'oil' is no signal: a node and a number from 0 to 1; write \"NODE 0.8\" if it"],
        ),
        (["--signal", "oil 1.2"], ["'oil 1.2' is no signal"]),
        (["--signal", "oil 80%"], ["'oil 80%' is no signal"]),
        (["--signal", ""], ["'' is no signal"]),
        (
            ["--signal", "seismic 0.8"],
            ["'seismic' cannot be known before test: it descends from test (test → seismic)"],
        ),
        (
            ["oill", "--signal", "oiL 0.8"],
            ["there is no chance node 'oiL'", "there is no chance node 'oill'"],
        ),
        (["--control", "--before", "dril"], ["there is no decision node 'dril'; did you mean"]),
        (
            ["--control", "--before", "drill"],
            ["control is chosen before the first decision, test, not before drill; leave"],
        ),
        (
            ["oill", "drill", "--control"],
            ["there is no chance node 'oill'", "'drill' is a decision node, not a chance node"],
        ),
    ],
)
def test_refusals(capsys, arguments, messages):
    assert main(["voi", OIL, *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == len(messages)
    for line, message in zip(lines, messages, strict=True):
        assert line.startswith(f"command line:1: {message}")
