"""Value of information: published cases, laws, and what the contract says is printed."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from decision import Chance, Decision, InfluenceDiagram, Value, read_model
from decision.analysis import information
from decision.analysis.information import information_json, value_of_information
from decision.cli import main
from decision.model.problems import ModelError
from decision.solve import branching
from decision.solve.enumeration import enumerate_solve
from decision.solve.inputs import scale_of
from decision.solve.solution import solve
from tests.analysis.ranged import worth
from tests.models import models, oil, seeded, umbrella
from tests.solve.test_limited import trap

OIL = "data/examples/oil_wildcatter"
PERFECT = {"memory": "perfect", "cells": 100}


def values(model: InfluenceDiagram, before: str | None = None) -> dict[str, float]:
    """What each node is worth that can be known, by name."""
    return {row["node"]: row["value"] for row in information_json(model, (), before)["information"]}


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main(["voi", *arguments, "--format", "json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert list(content) == ["information"]
    return content["information"]


# -- by hand ------------------------------------------------------------------


def test_oil_is_worth_32_and_a_half_before_either_decision():
    """Knowing the oil one drills for 0.3 × 50 + 0.2 × 200 = 55 without a test; 55 − 22.5."""
    assert values(oil(), "drill") == {"oil": pytest.approx(32.5), "seismic": 0}
    assert values(oil(), "test") == {"oil": pytest.approx(32.5)}


def test_the_umbrella():
    """One takes it in rain alone then: 0.3 × 70 + 0.7 × 100 less 77."""
    assert values(umbrella()) == {"rain": pytest.approx(14)}


def test_the_party_goes_by_certain_equivalent():
    """With a clairvoyant u = 0.8, worth 66.10; less 45.83. The expectations differ by 24."""
    party = read_model("data/examples/party_problem")
    found = values(party)["weather"]
    assert found == pytest.approx(20.264, abs=5e-4)
    clairvoyant = solve(
        party.rebuilt(decisions=[replace(party.decisions[0], observes=["weather"])])
    )
    assert found == pytest.approx(
        clairvoyant.certain_equivalent - solve(party).certain_equivalent, abs=1e-12
    )
    assert clairvoyant.expected_value - solve(party).expected_value != pytest.approx(found, abs=1)


def guesses(memory: str) -> InfluenceDiagram:
    """Two guess the same coin, one after the other; each that is right gains 1."""
    right = [[1, 0], [0, 1]]
    return InfluenceDiagram(
        decisions=[Decision("first", ["heads", "tails"]), Decision("second", ["heads", "tails"])],
        chances=[Chance("coin", ["heads", "tails"], table=[0.6, 0.4])],
        values=[Value("one", ["first", "coin"], right), Value("two", ["second", "coin"], right)],
        memory=memory,
    )


def test_with_limited_memory_only_the_named_decision_learns_it():
    assert values(guesses("perfect"), "first") == {"coin": pytest.approx(0.8)}
    assert values(guesses("limited"), "first") == {"coin": pytest.approx(0.4)}
    assert values(guesses("perfect"), "second") == {"coin": pytest.approx(0.4)}
    assert values(guesses("limited"), "second") == {"coin": pytest.approx(0.4)}


def test_what_is_known_already_is_worth_nothing(capsys):
    assert printed(capsys, OIL, "seismic", "--before", "drill") == [
        {"node": "seismic", "before": "drill", "value": 0.0}
    ]
    forgets = oil().rebuilt(memory="limited")
    assert values(forgets, "drill")["seismic"] == 0.0


def test_what_is_forgotten_is_not_known():
    """With limited memory drill no longer knows what an earlier decision observed."""
    model = oil()
    test, drill = model.decisions
    rumour = Chance("rumour", ["good", "bad"], ["oil"], [[0.1, 0.9], [0.5, 0.5], [0.9, 0.1]])
    heard = (replace(test, observes=("rumour",)), drill)
    model = model.rebuilt(decisions=heard, chances=(*model.chances, rumour))
    assert values(model, "drill")["rumour"] == 0
    assert values(model.rebuilt(memory="limited"), "drill")["rumour"] > 0.1


def test_the_used_car():
    """With a clairvoyant 0.8 × 60 + 0.2 × 40 = 56; less 493/15. Against no test at all, 28."""
    model = read_model("data/examples/used_car_buyer")
    assert values(model)["car"] == pytest.approx(347 / 15)
    known = solve(information.knowing(model, "car", "first_test")).expected_value
    assert known - solve(model, given={"first_test": "none"}).expected_value == pytest.approx(28)


# -- sets and bounds ----------------------------------------------------------


def two_coins() -> InfluenceDiagram:
    """One bets on whether two fair coins fall alike; to know one of them tells nothing."""
    return InfluenceDiagram(
        decisions=[Decision("bet", ["alike", "unlike"])],
        chances=[Chance(name, ["heads", "tails"], table=[0.5, 0.5]) for name in ("one", "two")],
        values=[Value("gain", ["bet", "one", "two"], [[[1, 0], [0, 1]], [[0, 1], [1, 0]]])],
    )


def test_two_nodes_together_can_be_worth_what_neither_is_alone():
    found = value_of_information(two_coins(), "one", "two", ["one", "two"])["value"]
    assert found.to_dict() == {"one + two": pytest.approx(0.5), "one": 0, "two": 0}


def test_of_a_set_what_is_known_already_counts_for_nothing():
    found = value_of_information(oil(), ["seismic"], ["oil", "seismic", "oil"], before="drill")
    assert found["value"].to_dict() == {"oil + seismic + oil": pytest.approx(32.5), "seismic": 0}


def test_a_set_with_a_descendant_is_refused_with_the_path():
    with pytest.raises(ModelError, match=r"'seismic' cannot be known .* \(test → seismic\)"):
        value_of_information(oil(), ["oil", "seismic"])


def traps() -> InfluenceDiagram:
    """The trap of two who cannot see each other, and a coin that has nothing to do with it."""
    return trap().rebuilt(
        chances=[Chance("coin", ["heads", "tails"], table=[0.5, 0.5])],
        values=[*trap().values, Value("luck", ["coin"], [1, -1])],
    )


def test_where_the_optimum_is_local_it_is_known_within_bounds(monkeypatch):
    """One rule at a time stays at 5 where 10 is possible: the coin may be worth up to 5."""
    assert _bounds(value_of_information(traps(), "coin")) == [0, 0, 0]
    monkeypatch.setattr(branching, "SOLVES", 0)
    assert _bounds(value_of_information(traps(), "coin")) == [0, 0, pytest.approx(5)]


def _bounds(table: pd.DataFrame) -> list[float]:
    (row,) = table[["value", "at_least", "at_most"]].to_numpy().tolist()
    return row


def test_korea():
    """Knowing the intent before the strategy is worth 0.026 points, the deterrence nothing."""
    found = values(read_model("data/korea_2018"))
    assert found["intent"] == pytest.approx(0.026, abs=5e-4)
    assert found == {"intent": found["intent"], "rok_deterrence": 0.0}


def test_the_table_of_an_analysis_has_the_largest_first():
    table = value_of_information(oil(), before="drill")
    assert table.index.name == "node"
    assert list(table.columns) == ["before", "value", "at_least", "at_most"]
    assert (table["at_least"] == table["value"]).all()
    assert (table["at_most"] == table["value"]).all()
    assert list(table.index) == ["oil", "seismic"]


# -- what is printed ----------------------------------------------------------


def test_the_contracts_example(capsys):
    assert printed(capsys, OIL, "oil", "--before", "drill") == [
        {"node": "oil", "before": "drill", "value": pytest.approx(32.5)}
    ]


def test_by_itself_every_node_that_can_be_known_before_the_first_decision(capsys):
    assert [(r["node"], r["before"]) for r in printed(capsys, OIL)] == [("oil", "test")]
    assert [r["node"] for r in printed(capsys, OIL, "--before", "drill")] == ["oil", "seismic"]


def test_changes_are_heard(capsys):
    (row,) = printed(capsys, OIL, "oil", "--set", "P(oil=dry) = 1")
    assert row["value"] == 0


def test_csv(capsys):
    assert main(["voi", OIL, "oil", "--format", "csv"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["node"], row["before"], float(row["value"])) == ("oil", "test", 32.5)


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (
            ["seismic"],
            ["'seismic' cannot be known before test: it descends from test (test → seismic)"],
        ),
        (["seismik"], ["there is no chance node 'seismik'; did you mean 'seismic'?"]),
        (["drill"], ["'drill' is a decision node, not a chance node"]),
        (["oil", "--before", "dril"], ["there is no decision node 'dril'; did you mean 'drill'?"]),
        (
            ["seismic", "oill"],
            ["'seismic' cannot be known before test", "there is no chance node 'oill'"],
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


def test_a_descendant_of_a_later_decision_is_refused_with_the_path():
    model = InfluenceDiagram(
        decisions=[Decision("early", ["a", "b"]), Decision("late", ["a", "b"])],
        chances=[
            Chance("middle", ["x", "y"], ["late"], [[0.5, 0.5], [0.1, 0.9]]),
            Chance("end", ["x", "y"], ["middle", "early"], [[[0.5, 0.5]] * 2, [[0.2, 0.8]] * 2]),
        ],
        values=[Value("v", ["end"], [0, 1])],
    )
    with pytest.raises(ModelError, match=r"descends from late \(late → middle\)"):
        value_of_information(model, "middle", before="early")
    with pytest.raises(ModelError, match=r"descends from late \(late → middle → end\)"):
        value_of_information(model, "end", before="late")
    with pytest.raises(ModelError, match=r"descends from early \(early → end\)"):
        value_of_information(model, "end", before="early")
    assert values(model) == {}


# -- laws ---------------------------------------------------------------------


def solvable(model: InfluenceDiagram) -> InfluenceDiagram:
    try:
        solve(model)
    except ModelError:
        assume(False)
    return model


@seeded(60)
@given(models(memory=None, cells=60, decisions=2, chances=4))
def test_knowledge_never_harms_where_the_optimum_is_global(model):
    solvable(model)
    for decision in model.decisions:
        for node, value in values(model, decision.name).items():
            assert value >= 0 or _local(model, node, decision.name), (node, decision.name)


def _local(model: InfluenceDiagram, node: str, decision: str) -> bool:
    knowing = information.knowing(model, node, decision)
    return "local" in (solve(model).optimality, solve(knowing).optimality)


@seeded(80)
@given(models(**PERFECT))
def test_a_root_known_from_the_start_is_worth_what_its_states_are_one_by_one(model):
    """The oracle: each state certain in turn, by brute force, without any new arc."""
    solvable(model)
    first = model.decisions[0].name
    base, scale = worth(enumerate_solve(model)), scale_of(model)
    for node, value in values(model, first).items():
        if model.given(node):
            continue
        table = model.nodes[node].table
        states = [s for s, p in zip(model.states(node), table, strict=True) if p > 0]
        chances = [p for p in table if p > 0]
        if len(model.states(node)) == 1:
            continue
        known = [worth(enumerate_solve(model.changed(f"P({node}={s}) = 1"))) for s in states]
        mean = _mean(known, chances, model.risk)
        assert value == pytest.approx(mean - base, abs=1e-8 * scale), node
        event("worth something" if value > 1e-6 else "worth nothing")


def _mean(worths: list[float], chances: list[float], tolerance: float | None) -> float:
    if tolerance is None:
        return sum(p * x for p, x in zip(chances, worths, strict=True))
    least = min(worths)
    parts = [p * math.exp((least - x) / tolerance) for p, x in zip(chances, worths, strict=True)]
    return least - tolerance * math.log(sum(parts))


@seeded(80)
@given(models(risk=False, guards=False, chances=5, **PERFECT))
def test_what_is_d_separated_from_the_values_is_worth_nothing(model):
    graph = model.to_networkx(no_forgetting=True)
    for i, decision in enumerate(model.decisions):
        for node, value in values(model, decision.name).items():
            later = model.decisions[i:]
            if all(_separated(model, graph, node, d.name) for d in later):
                event("separated")
                assert value == 0


def _separated(model: InfluenceDiagram, graph: nx.DiGraph, node: str, decision: str) -> bool:
    known = {*model.information(decision), decision}
    below = {v.name for v in model.values} & nx.descendants(graph, decision)
    return node in known or nx.is_d_separator(graph, {node}, below, known)


@seeded(200)
@given(models(**PERFECT), st.integers(0, 2**32 - 1))
def test_roots_known_together_are_worth_what_their_states_are_one_by_one(model, seed):
    """The oracle: every combination of states certain in turn, by brute force."""
    solvable(model)
    roots = [c.name for c in model.chances if not model.given(c.name)]
    order = [roots[i] for i in np.random.default_rng(seed).permutation(len(roots))][:2]
    assume(len(order) == 2)
    first, scale = model.decisions[0].name, scale_of(model)
    assume(not set(order) & set(model.information(first)))
    tables = [model.nodes[name].table for name in order]
    known, chances = [], []
    for i, j in itertools.product(*(range(len(table)) for table in tables)):
        if tables[0][i] * tables[1][j] > 0:
            certain = [np.eye(len(t))[k] for t, k in zip(tables, (i, j), strict=True)]
            made = model.with_numbers(dict(zip(order, certain, strict=True)))
            known.append(worth(enumerate_solve(made)))
            chances.append(float(tables[0][i] * tables[1][j]))
    base = worth(enumerate_solve(model))
    found = value_of_information(model, order, *order)["value"]
    together = found[" + ".join(order)]
    assert together == pytest.approx(_mean(known, chances, model.risk) - base, abs=1e-8 * scale)
    assert together >= found.max() - 1e-9 * scale
    event("worth something" if together > 1e-6 else "worth nothing")


@seeded(50)
@given(models(guards=False, **PERFECT))
def test_the_sooner_it_is_known_the_better(model):
    names = [d.name for d in model.decisions]
    tables = [values(model, name) for name in names]
    for earlier, later in pairwise(tables):
        for node, value in earlier.items():
            assert value >= later[node] - 1e-9 * scale_of(model)


@seeded(50)
@given(models(guards=False, **PERFECT), st.integers(0, 2**32 - 1))
def test_a_garbled_report_is_worth_no_more_and_two_nodes_no_less(model, seed):
    first, near = model.decisions[0].name, 1e-9 * scale_of(model)
    found = {n: v for n, v in values(model).items() if n not in model.information(first)}
    assume(found)
    node = sorted(found)[seed % len(found)]
    shares = [[0.7, 0.3], [0.2, 0.8], [0.5, 0.5], [1.0, 0.0]][: len(model.states(node))]
    report = Chance("report", ["up", "down"], [node], shares)
    wider = model.rebuilt(chances=(*model.chances, report))
    with_report = values(wider)
    assert with_report[node] == pytest.approx(found[node], abs=near)
    assert with_report["report"] <= found[node] + near
    knowing = information.knowing(wider, "report", first)
    both = solve(information.knowing(knowing, node, first))
    gained = worth(both) - worth(solve(model))
    assert gained == pytest.approx(found[node], abs=near)


MUTANTS = {
    "risk by expectation": ("gain", lambda b, better: better.expected_value - b.expected_value),
    "nothing is learnt": ("knowing", lambda model, name, decision: model),
    "another decision learns it": (
        "knowing",
        lambda model, name, decision: KNOWING(model, name, model.decisions[-1].name),
    ),
    "the model's memory is made perfect": (
        "knowing",
        lambda model, *rest: KNOWING(model.rebuilt(memory="perfect"), *rest),
    ),
}
KNOWING = information.knowing


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught(name, monkeypatch):
    monkeypatch.setattr(information, *MUTANTS[name])

    def check():
        test_the_party_goes_by_certain_equivalent()
        test_with_limited_memory_only_the_named_decision_learns_it()

    with pytest.raises(AssertionError):
        check()
