"""Every number of the Korea model says where it comes from, and when that was known.

Outside hindsight/ nothing is younger than the information date; each fact carries its mark
of confidence; ranges hold their numbers and have the widths that data/README.md tells.
"""

import csv
import math
import re
import tomllib
from pathlib import Path

import pytest

KOREA = Path(__file__).parents[2] / "data" / "korea_2018"
GOLDEN = Path(__file__).parents[1] / "golden" / "korea_base_outcomes.csv"
INFORMATION_DATE = "2018-01-04"
MARKS = ("from retrieved file", "from memory, to be verified")
Row = dict[str, str]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def evidence(name: str) -> list[Row]:
    return read(KOREA / "evidence" / f"{name}.csv")


def test_nothing_is_younger_than_the_information_date() -> None:
    model = tomllib.loads((KOREA / "model.toml").read_text(encoding="utf-8"))
    assert model["information_date"].isoformat() == INFORMATION_DATE
    for source in read(KOREA / "sources.csv"):
        assert re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", source["date"]), source["id"]
        assert source["date"] <= INFORMATION_DATE, source["id"]
    for path in sorted((KOREA / "evidence").glob("*.csv")):
        for row in read(path):
            for column in ("date", "start", "end", "year", "period"):
                if column in row:
                    for date in re.findall(r"\d{4}(?:-\d\d){0,2}", row[column]):
                        assert date <= INFORMATION_DATE, (path.name, row)


def test_every_fact_says_what_it_rests_on() -> None:
    for path in sorted([*(KOREA / "evidence").glob("*.csv"), *(KOREA / "hindsight").glob("*.csv")]):
        for row in read(path):
            confidence = [text for column, text in row.items() if column.endswith("confidence")]
            if path.name in {"increments.csv", "observed.csv"}:  # judgements, and said so there
                assert not confidence
            else:
                assert confidence, path.name
                assert all(any(mark in c for mark in MARKS) for c in confidence), (path.name, row)
    for source in read(KOREA / "sources.csv"):
        note = source["note"].lower()
        if source["kind"] == "judgement":
            assert note.startswith("judgement")
        elif source["id"] != "E0":
            assert any(mark in note for mark in MARKS), source["id"]


def test_every_number_has_a_source_and_a_range_that_holds_it() -> None:
    sources = {row["id"]: row["kind"] for row in read(KOREA / "sources.csv")}
    for name, column in (("probabilities.csv", "p"), ("values.csv", "value")):
        for row in read(KOREA / name):
            if row[column] == "rest" or row["source"] == "definition":
                assert not row["low"]
                assert row[column] in {"rest", "0", "1"}
                continue
            assert set(row["source"].split(";")) <= set(sources), row
            assert float(row["low"]) <= float(row[column]) <= float(row["high"]), row
            assert row["rationale"], row


# half-widths of the ranges, in log-odds: how sure each table is held to be
HALF_WIDTHS = {
    "intent": 0.9, "rok_deterrence": 0.8, "tone": 0.8, "offer": 0.7, "talks": 0.6,
    "channel": 0.6, "test": 0.6, "crisis": 0.5, "escalation": 0.8, "wedge": 0.7,
    "concession": 0.7, "cooperation": 0.7, "programme": 0.7,
}  # fmt: skip


def test_ranges_have_the_half_widths_that_the_readme_tells() -> None:
    """Ranges are p shifted by the same log-odds both ways; four digits are kept."""
    readme = (KOREA.parent / "README.md").read_text(encoding="utf-8")
    for node, width in HALF_WIDTHS.items():
        assert re.search(rf"`{node}`[^|]*\| ±{width}", readme), node
        for row in read(KOREA / "probabilities.csv"):
            if row["node"] != node or not row["low"] or row["p"] == "0":
                continue
            p, low, high = (float(row[c]) for c in ("p", "low", "high"))
            for end, sign in ((low, -1), (high, 1)):
                exact = 1 / (1 + math.exp(-(math.log(p / (1 - p)) + sign * width)))
                assert end == pytest.approx(exact, abs=7e-5), row


def test_the_scale_of_lives_is_the_expected_toll_of_a_major_war() -> None:
    value = {r["given"]: float(r["value"]) for r in read(KOREA / "values.csv")}
    use = next(
        r["p"]
        for r in read(KOREA / "probabilities.csv")
        if (r["node"], r["state"]) == ("nuclear_use", "yes")
    )
    conventional = value["escalation=major_war; nuclear_use=no"]
    nuclear = value["escalation=major_war; nuclear_use=yes"]
    model = tomllib.loads((KOREA / "model.toml").read_text(encoding="utf-8"))
    expected = (1 - float(use)) * conventional + float(use) * nuclear
    assert model["value"]["lives"]["worst"] == pytest.approx(expected)
    toll = next(r for r in evidence("fatality_estimates") if r["scenario"].startswith("Conv"))
    assert conventional == (int(toll["deaths_low"]) + int(toll["deaths_high"])) / 2


def test_hindsight_scores() -> None:
    """The scores told in hindsight.md, from the base model's own probabilities."""
    observed = {row["node"]: row["observed"] for row in read(KOREA / "hindsight" / "observed.csv")}
    text = (KOREA / "hindsight" / "hindsight.md").read_text(encoding="utf-8")
    names = {
        "maximum_pressure": "maximum pressure",
        "off_ramp": "off-ramp",
        "restrained_rhetoric": "restrained rhetoric",
        "off_ramp_and_restraint": "off-ramp and restraint",
    }
    for outcome in read(GOLDEN):
        brier = log = 0.0
        for node, happened in observed.items():
            start = f"P_{node}="
            chances = {k[len(start) :]: float(v) for k, v in outcome.items() if k.startswith(start)}
            brier += sum((p - (state == happened)) ** 2 for state, p in chances.items())
            log -= math.log(chances[happened])
        n = len(observed)
        line = f"| {names[outcome['strategy']]} | {brier / n:.3f} | {log / n:.3f} |"
        assert line in text
