"""The ledger: what stands in the files, what it rests on, and how much it matters."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, event, given

import decision
from decision import InfluenceDiagram, ledger, read_model
from decision.analysis import ledger as room
from decision.analysis.ledger import by_matter, entries, ledger_json, researched
from decision.analysis.likelihood import BANDS
from decision.cli import main
from decision.model.problems import ModelError
from decision.model.records import Source
from decision.solve.enumeration import enumerate_branches
from decision.solve.inputs import scale_of
from decision.solve.solution import solve
from tests.analysis.ranged import Along, best_of, ranged, worth
from tests.models import oil, seeded

OIL = "data/examples/oil_wildcatter"
KOREA = Path("data/korea_2018")
KEYS = ["input", "base", "low", "high", "sources", "kinds", "swing", "nearest_break_even"]
TONE = "P(tone=restrained | strategy=off_ramp_and_restraint)"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["ledger", *arguments, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def korea() -> InfluenceDiagram:
    return read_model(KOREA)


@pytest.fixture(scope="module")
def table(korea: InfluenceDiagram) -> pd.DataFrame:
    return ledger(korea)


# -- the contract ---------------------------------------------------------------


def test_the_contracts_example(capsys):
    """Of P(oil=dry) one stops drilling at 27/59 untested: 0.4576; swing by sensitivity."""
    content = printed(capsys, OIL)
    assert list(content) == ["inputs", "counts"]
    assert list(content["counts"]) == ["data", "literature", "judgement"]
    row = content["inputs"][0]
    assert list(row) == KEYS
    assert (row["input"], row["base"], row["low"], row["high"]) == ("P(oil=dry)", 0.5, 0.4, 0.6)
    assert (row["sources"], row["kinds"]) == (["raiffa1968"], ["literature"])
    assert row["swing"] == pytest.approx(27.6)
    assert row["nearest_break_even"] == pytest.approx(27 / 59)


def test_what_has_no_range_has_no_swing(capsys):
    content = printed(capsys, "data/examples/umbrella")
    for row in content["inputs"]:
        assert list(row) == KEYS
        if row["low"] is None:
            assert (row["high"], row["swing"], row["nearest_break_even"]) == (None, None, None)


def test_every_row_of_the_files_but_rest_in_their_order(korea, capsys):
    content = printed(capsys, str(KOREA))
    files = {}
    for name in ("probabilities", "values"):
        with (KOREA / f"{name}.csv").open(newline="") as file:
            files[name] = list(csv.DictReader(file))
    with (KOREA / "sources.csv").open(newline="") as file:
        kinds = {row["id"]: row["kind"] for row in csv.DictReader(file)}
    rows = [r for r in files["probabilities"] if r["p"] != "rest"] + files["values"]
    assert len(content["inputs"]) == len(rows) == 847
    sources = Counter(r["source"].replace(" ", "") for r in rows)
    assert Counter(";".join(r["sources"]) for r in content["inputs"]) == sources
    order = ("data", "literature", "judgement")
    cited = [{kinds.get(s.strip()) for s in r["source"].split(";")} for r in rows]
    first = Counter(next((k for k in order if k in found), "none") for found in cited)
    assert content["counts"] == {kind: first[kind] for kind in order}
    assert content["counts"] == {"data": 573, "literature": 0, "judgement": 248}
    names = [r["input"] for r in content["inputs"]]
    assert len(set(names)) == len(names)
    assert names == [row.name for row in korea.inputs if row.text != "rest"]
    assert not any(name.startswith("weight(") for name in names)


def test_an_input_of_several_kinds_counts_under_the_first():
    model = oil()
    kinds = {"j": "judgement", "d": "data", "l": "literature"}
    found = {name: Source(name, kind, "") for name, kind in kinds.items()}
    cites = [("j", "l"), ("l", "j", "d"), ("j",), ("definition",), ()]
    payoff = [row for row in model.inputs if row.node == "payoff"]
    rows = [replace(r, sources=s) for r, s in zip(payoff, [*cites, ()], strict=True)]
    model = model.rebuilt(sources=found, rows={"payoff": tuple(rows)})
    mine = [e for e in entries(model) if e.row.node == "payoff"]
    assert [e.kinds for e in mine] == [
        ("literature", "judgement"),
        ("data", "literature", "judgement"),
        ("judgement",),
        (),
        (),
        (),
    ]
    founded = ["literature", "data", "judgement", "definition", "nothing", "nothing"]
    assert [e.founded for e in mine] == founded
    assert ledger_json(mine)["counts"] == {"data": 1, "literature": 1, "judgement": 1}


def test_what_is_printed_of_a_changed_model(capsys):
    """The range of a changed number moves with it; of a certain one nothing is left."""
    moved = printed(capsys, OIL, "--set", "P(oil=dry) = 0.6")["inputs"][0]
    assert moved["base"] == 0.6
    assert moved["low"] < 0.6 < moved["high"]
    gone = printed(capsys, OIL, "--set", "P(oil=dry) = 1")["inputs"][0]
    assert (gone["low"], gone["swing"], gone["nearest_break_even"]) == (None, None, None)


def test_csv_table_and_by(capsys):
    assert main(["ledger", OIL, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert list(rows[0]) == KEYS
    assert rows[0]["sources"] == "raiffa1968"
    assert main(["ledger", OIL, "--by", "drill"]) == 0
    told = capsys.readouterr().out
    assert "roughly even chance (50%)" in told
    assert main(["ledger", OIL, "--by", "dril"]) == 1
    assert capsys.readouterr().err.startswith("command line:1: there is no decision node 'dril'")


def test_for_people_what_to_research_next_stands_first(korea, capsys):
    assert main(["ledger", str(KOREA)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("847 numbers: 573 rest on data, 0 rest on literature, 248 rest on")
    assert lines[0].endswith("26 on none of these.")
    assert "inside the range of 2, 0 of them" in lines[1]
    first = "  1. P(nuclear_use=yes | escalation=major_war): very unlikely (20%), swing 0.923"
    assert lines[3].startswith(first)
    table = lines[lines.index("") + 1 :]
    assert table[2].startswith(TONE)


# -- what matters -----------------------------------------------------------------


def test_korea(table):
    """Restraint must be more than 46% likely for both to be best: a quarter of the range off."""
    assert table.index.name == "input"
    row = table.loc[TONE]
    assert row["likelihood"] == "likely (56%)"
    assert row["nearest_break_even"] == pytest.approx(0.4639, abs=5e-5)
    assert row["distance"] == pytest.approx((0.56 - 0.4639) / (0.7391 - 0.3638), abs=2e-4)
    assert list(table.index[table["flips"]]) == list(table.index[:2])
    ranked = table[table["research"].notna()]
    assert ranked["research"].tolist() == list(range(1, len(ranked) + 1))
    assert set(ranked["founded"]) == {"judgement"}
    assert ranked["swing"].is_monotonic_decreasing
    assert ranked.index[0] == "P(nuclear_use=yes | escalation=major_war)"


def test_a_word_never_goes_without_its_number(table):
    words = {word for word, *_ in BANDS} | {"impossible", "certain"}
    for name, base, said in table[["base", "likelihood"]].itertuples():
        if name.startswith("V("):
            assert pd.isna(said)
        else:
            word, _, number = said.partition(" (")
            assert word in words
            assert float(number.removesuffix("%)")) == pytest.approx(100 * base, abs=0.51)


def test_a_range_that_is_a_point_has_no_distance():
    model = oil()
    (dry, *rest) = [row for row in model.inputs if row.node == "oil"]
    model = model.rebuilt(rows={"oil": (replace(dry, low=0.5, high=0.5), *rest)})
    found = next(e for e in entries(model) if e.row.name == "P(oil=dry)")
    assert found.nearest is not None
    assert (found.distance, found.flips, found.matters) == (None, False, False)


def test_it_is_public():
    assert decision.ledger is ledger
    assert ledger(oil())["swing"].isna().all()


# -- by brute force -----------------------------------------------------------------


@seeded(200)
@given(ranged(memory="perfect", guards=False, cells=30))
def test_swing_and_nearest_break_even_by_brute_force(model):
    try:
        solve(model)
    except ModelError:
        assume(False)
    by, scale = model.decisions[0].name, scale_of(model)
    for e in entries(model):
        f = e.finding
        assert (f is None) == (e.row.low is None or len(_states(model, e)) == 1)
        if f is None:
            assert (e.nearest, e.distance, e.flips, e.matters) == (None, None, False, False)
            continue
        along = Along(model, f, by)
        ends = [along.optimum(x) for x in (e.row.low, e.row.high)]
        assert f.swing == pytest.approx(abs(ends[1] - ends[0]), abs=1e-7 * scale)
        event("a break-even" if e.nearest is not None else "none")
        _no_nearer(model, e, along)


def _states(model: InfluenceDiagram, e: room.Entry) -> tuple[str, ...]:
    return ("", "") if e.row.state is None else model.states(e.row.node)


def _no_nearer(model: InfluenceDiagram, e: room.Entry, along: Along) -> None:
    """Between the base and the nearest break-even the set of best options is the base's."""
    base = best_of([_worth(b) for _, b in enumerate_branches(model, along.by)], scale_of(model))
    first, last = along.line
    reach = max(last - first, 0.0) if e.nearest is None else abs(e.nearest - e.row.number)
    edge = min(e.row.number - first, last - e.row.number) <= 0  # a break-even there is not told
    if edge or base is None or len(base) > 1 or reach <= 1e-6 * max(1.0, last - first):
        return
    for part in (-0.97, 0.97):
        x = e.row.number + part * reach
        best = along.best(x) if first < x < last else None
        assert best is None or best == base or len(best) > 1, (e.row.name, x)


def _worth(branch: Any) -> float | None:
    return None if branch is None else worth(branch)


def test_what_rests_on_literature_is_not_researched_first():
    model = read_model(OIL)
    table = ledger(model)
    assert set(table["founded"]) == {"literature", "definition"}
    assert table["research"].isna().all()
    assert table["flips"].iloc[0]
    judged = {name: replace(s, kind="judgement") for name, s in model.sources.items()}
    again = ledger(model.rebuilt(sources=judged))
    assert again["research"].iloc[0] == 1


@seeded(100)
@given(ranged(memory="perfect"))
def test_the_order_is_by_flips_then_swing_and_nothing_is_lost(model):
    try:
        found = entries(model)
    except ModelError:
        assume(False)
    ordered = by_matter(found)
    assert sorted(map(id, ordered)) == sorted(map(id, found))
    flips = [e.flips for e in ordered]
    assert flips == sorted(flips, reverse=True)
    for part in (True, False):
        swings = [
            -1.0 if e.finding is None else e.finding.swing for e in ordered if e.flips is part
        ]
        assert swings == sorted(swings, reverse=True)
    listed = researched(found)
    assert all(e in listed for e in found if e.flips)  # of random models nothing is founded
    assert all(e.matters for e in listed)


MUTANTS = {
    "judgement counts first": ("KINDS", ("judgement", "literature", "data")),
    "literature is founded little": ("LITTLE", ("literature",)),
    "the ends of the range alone": ("findings", lambda *given: []),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught(name, monkeypatch):
    monkeypatch.setattr(room, *MUTANTS[name])

    def check():
        test_an_input_of_several_kinds_counts_under_the_first()
        test_what_rests_on_literature_is_not_researched_first()

    with pytest.raises(AssertionError):
        check()
