"""Mutants of the solver: each is one plausible slip, and the tests of agreement catch it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Decision, Value
from decision.model.problems import ModelError
from decision.solve import (
    branching,
    inputs,
    kernels,
    limited,
    perfect,
    plan,
    queries,
    rulewise,
    solution,
)
from tests.models import oil, oil_guarded, stages
from tests.solve.test_agreement import assert_agree
from tests.solve.test_limited import assert_best, enumerate_solve, trap


@pytest.fixture(autouse=True)
def _fresh():
    """Plans made by a mutant, or before it, do not outlive it."""

    def clear():
        kernels._programs.clear()
        plan.plan.cache_clear()
        queries.query_plan.cache_clear()
        rulewise.update_plan.cache_clear()

    clear()
    yield
    clear()


def caught(model: InfluenceDiagram) -> None:
    """Fail unless the solver and brute force disagree about a model."""
    with pytest.raises((AssertionError, ModelError)):
        assert_agree(model)


def test_without_a_mutant_they_agree():
    for model in (oil(), oil_guarded(), stages(3, states=2), oil().rebuilt(risk=40.0)):
        assert_agree(model)


def test_a_dropped_maximisation(monkeypatch):
    monkeypatch.setitem(kernels.OPERATIONS, "best", lambda tables, shape: tables[0].mean(axis=0))
    caught(oil())


def test_a_swapped_axis(monkeypatch):
    view = kernels._view

    def swapped(*args):
        number, moved, spread = view(*args)
        if moved is not None and len(moved) == 4:
            moved = (moved[1], moved[0], *moved[2:])
        return number, moved, spread

    monkeypatch.setattr(kernels, "_view", swapped)
    caught(stages(3, states=2))


def test_a_stale_cache_after_a_change(monkeypatch):
    kept: dict[object, object] = {}
    fresh = inputs.arrays_for

    def stale(found, model, extra=None):
        return kept.setdefault(id(found), fresh(found, model, extra))

    monkeypatch.setattr(perfect, "arrays_for", stale)
    solution.solve(oil())
    changed = oil().rebuilt(values=(oil().values[0], Value("test_cost", ["test"], [-50, 0])))
    caught(changed)


def test_weights_ignored(monkeypatch):
    fresh = inputs.arrays_for

    def unweighted(found, model, extra=None):
        arrays = fresh(found, model, extra)
        for kind, name in arrays:
            if kind == "value":
                arrays[kind, name] = arrays[kind, name] / model.weight(name)
        return arrays

    monkeypatch.setattr(perfect, "arrays_for", unweighted)
    first, second = oil().values
    caught(oil().rebuilt(values=(replace(first, weight=0.25), second)))


def test_a_decision_that_forgets(monkeypatch):
    query = plan._Strategy.query
    monkeypatch.setattr(
        plan._Strategy, "query", lambda self, known, before: query(self, known & ~2, before)
    )
    monkeypatch.setattr(
        plan,
        "Query",
        lambda network, tables, known, before, t: queries_known(network, tables, known, t),
    )
    model = InfluenceDiagram(
        decisions=[Decision("wait", ["now"]), Decision("bet", ["h", "t"], ["coin"])],
        chances=[Chance("coin", ["h", "t"], (), [0.5, 0.5])],
        values=[Value("gain", ["bet", "coin"], [[1, -1], [-1, 1]])],
    )
    caught(model)


def queries_known(network, tables, known, tolerance):
    """A query that walks everywhere, as one that forgets has to."""
    from decision.solve.elimination import Query

    return Query(network, tables, known, None, tolerance)


def test_a_dropped_only_when(monkeypatch):
    fresh = inputs.arrays_for

    def open_all(found, model, extra=None):
        arrays = fresh(found, model, extra)
        return {k: np.ones_like(a) if k[0] == "open" else a for k, a in arrays.items()}

    monkeypatch.setattr(perfect, "arrays_for", open_all)
    closed = {"yes": {"seismic": ("diffuse", "none")}}
    model = oil()
    drill = replace(model.decisions[1], only_when=closed)
    caught(model.rebuilt(decisions=(model.decisions[0], drill)))


def test_dead_ends_not_avoided(monkeypatch):
    fresh = inputs.arrays_for

    def nothing_closed(found, model, extra=None):
        arrays = fresh(found, model, extra)
        return {k: np.zeros_like(a) if k[0] == "dead" else a for k, a in arrays.items()}

    monkeypatch.setattr(perfect, "arrays_for", nothing_closed)
    caught(oil_guarded())


def test_risk_by_expectation(monkeypatch):
    fresh = plan.plan

    def neutral(structure, *args, **options):
        return fresh(replace(structure, risk=False), *args, **options)

    monkeypatch.setattr(perfect, "plan", neutral)
    caught(oil().rebuilt(risk=40.0))


def test_ties_to_the_last(monkeypatch):
    def last(tables, shape):
        return len(tables[0]) - 1 - (tables[0][::-1] >= tables[1]).argmax(axis=0)

    monkeypatch.setitem(kernels.OPERATIONS, "choice", last)
    caught(stages(2).rebuilt(values=(Value("v", ["d0", "d1"], np.ones((2, 2))),)))


def test_a_local_optimum_called_global(monkeypatch):
    monkeypatch.setattr(branching, "SOLVES", 0)
    monkeypatch.setattr(limited, "_bound", lambda *args: -np.inf)
    with pytest.raises(AssertionError):
        assert_best(solution.solve(trap()), enumerate_solve(trap()))
