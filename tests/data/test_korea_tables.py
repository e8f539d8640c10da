"""The big tables of the Korea model are what their increments say.

`evidence/increments.csv` states how each large table was made: a base probability, then
increments in log-odds, factors, or added probability. Here every row of those tables is
computed again from the increments; the files round to four digits.
"""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

KOREA = Path(__file__).parents[2] / "data" / "korea_2018"
ROUNDED = 1.2e-4
Row = dict[str, str]


def read(name: str) -> list[Row]:
    with (KOREA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def conditions(text: str) -> dict[str, set[str]]:
    """Parents and the states named for each: `a=x|y; b=z`."""
    pairs = (part.strip().split("=") for part in text.split(";") if part.strip())
    return {parent: set(states.split("|")) for parent, states in pairs}


def combinations(node: str) -> Iterator[tuple[dict[str, str], dict[str, float]]]:
    """Each combination of a table whose rows name one state of every parent."""
    found: dict[str, dict[str, str]] = {}
    for row in read("probabilities.csv"):
        if row["node"] == node:
            found.setdefault(row["given"], {})[row["state"]] = row["p"]
    for given, texts in found.items():
        known = {state: float(p) for state, p in texts.items() if p != "rest"}
        rest = {state: 1 - sum(known.values()) for state in texts if texts[state] == "rest"}
        yield {parent: min(states) for parent, states in conditions(given).items()}, known | rest


def amounts(table: str, quantity: str, scale: str, situation: dict[str, str]) -> list[float]:
    """The increments of one kind that apply in a situation."""
    return [
        float(row["amount"])
        for row in read("evidence/increments.csv")
        if (row["table"], row["quantity"], row["scale"]) == (table, quantity, scale)
        and all(situation[p] in states for p, states in conditions(row["when"]).items())
    ]


def base(table: str, quantity: str, situation: dict[str, str] | None = None) -> float:
    """The base probability: the only one, or the only one that fits the situation."""
    rows = [
        row
        for row in read("evidence/increments.csv")
        if (row["table"], row["quantity"], row["scale"]) == (table, quantity, "base probability")
        and (
            situation is None
            or all(situation[p] in states for p, states in conditions(row["when"]).items())
        )
    ]
    assert len(rows) == 1, (table, quantity, situation)
    return float(rows[0]["amount"])


def shifted(p: float, log_odds: float) -> float:
    return 1 / (1 + math.exp(-(math.log(p / (1 - p)) + log_odds)))


def test_wedge() -> None:
    for situation, p in combinations("wedge"):
        move = sum(amounts("wedge", "", "log-odds", situation))
        rift, worse = (shifted(base("wedge", cut), move) for cut in ("rift", "friction|rift"))
        assert p["rift"] == pytest.approx(rift, abs=ROUNDED)
        assert p["friction"] + p["rift"] == pytest.approx(worse, abs=ROUNDED)


def test_test() -> None:
    for situation, p in combinations("test"):
        move = sum(amounts("test", "", "log-odds", situation))
        major = shifted(base("test", "major"), move)
        launch = shifted(base("test", "missile|major"), 0.8 * move)
        assert p["major"] == pytest.approx(major, abs=ROUNDED)
        assert p["missile"] + p["major"] == pytest.approx(launch, abs=ROUNDED)


def test_concession() -> None:
    for situation, p in combinations("concession"):
        move = sum(amounts("concession", "", "log-odds", situation))
        assert p["yes"] == pytest.approx(shifted(base("concession", "yes"), move), abs=ROUNDED)


def test_programme() -> None:
    for situation, p in combinations("programme"):
        if situation["test"] == "major":
            quantity = "accelerate after a major test"
            added = sum(amounts("programme", quantity, "added probability", situation))
            assert p["freeze"] == 0
            assert p["accelerate"] == pytest.approx(base("programme", quantity) + added)
            continue
        move = sum(amounts("programme", "freeze", "log-odds", situation))
        freeze = shifted(base("programme", "freeze"), move)
        quantity = "accelerate if no freeze"
        move = sum(amounts("programme", quantity, "log-odds", situation))
        accelerate = (1 - freeze) * shifted(base("programme", quantity), move)
        assert p["freeze"] == pytest.approx(freeze, abs=ROUNDED)
        assert p["accelerate"] == pytest.approx(accelerate, abs=ROUNDED)


def test_crisis() -> None:
    for situation, p in combinations("crisis"):
        for state in ("clash", "standoff"):
            # the base probabilities stand in the column of narrow talks; a clash has only
            # the heated ones, and calm words as a factor
            start = situation | {"talks": "narrow"}
            if state == "clash":
                start["tone"] = "inflammatory"
            factors = amounts("crisis", state, "factor", situation)
            expected = base("crisis", state, start) * math.prod(factors)
            assert p[state] == pytest.approx(expected, abs=1e-12)


def test_every_increment_is_used() -> None:
    """No increment stands in the file that no situation of its table meets."""
    tables = {row["table"] for row in read("evidence/increments.csv")}
    situations = {table: [s for s, _ in combinations(table)] for table in tables}
    for row in read("evidence/increments.csv"):
        when = conditions(row["when"])
        assert any(
            all(situation[parent] in states for parent, states in when.items())
            for situation in situations[row["table"]]
        ), row
