"""Branches at any points of lines: what brute force finds there, and lines that support them."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given

from decision.analysis.movements import Movement, movements
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError
from decision.solve.enumeration import enumerate_branches, enumerate_solve
from decision.solve.inputs import scale_of
from decision.solve.lines import Branches
from tests.analysis.ranged import ranged, worth
from tests.models import seeded

lines_module = import_module("decision.solve.lines")


def movable(model: InfluenceDiagram) -> list[Movement]:
    """The inputs of a model; none where it is refused."""
    try:
        enumerate_solve(model)
        return movements(model)
    except ModelError:
        return []


def inner(line: Movement, number: int = 3) -> list[float]:
    shares = np.linspace(0.1, 0.9, number)
    return [float(line.first + share * (line.last - line.first)) for share in shares]


def assert_points(model: InfluenceDiagram, by: str) -> None:
    """Worths at points of each line are those of the changed models."""
    branches = Branches(model, by)
    for line in movable(model):
        numbers = inner(line)
        found = branches.worths([(line, x) for x in numbers])
        assert found.shape == (len(branches.options) + 1, len(numbers))
        for column, x in zip(found.T, numbers, strict=True):
            changed = model.changed(f"{line.name} = {x!r}")
            near = 1e-9 * scale_of(changed)
            expected = [b if b is None else worth(b) for _, b in enumerate_branches(changed, by)]
            expected.append(worth(enumerate_solve(changed)))
            for mine, theirs in zip(column, expected, strict=True):
                assert np.isnan(mine) == (theirs is None)
                assert theirs is None or abs(mine / line.divisor(x) - theirs) <= near


@seeded(60)
@given(ranged())
def test_points_by_every_decision(model):
    for decision in model.decisions:
        assert_points(model, decision.name)


@seeded(15)
@given(ranged(memory="limited", cells=24, chances=3))
def test_points_of_decisions_that_forget(model):
    assert_points(model, model.decisions[0].name)


@seeded(60)
@given(ranged(risk=False))
def test_a_line_touches_its_branch_and_is_nowhere_above_it(model):
    by = model.decisions[0].name
    branches = Branches(model, by)
    for line in movable(model):
        if line.first == line.last:
            continue
        near = 1e-9 * line.largest(np.array([line.first, line.last])).max()
        points = inner(line, 5)
        worths, ends = branches.supports([(line, x) for x in points])
        share = (np.array(points) - line.first) / (line.last - line.first)
        there = (1 - share) * ends[..., 0] + share * ends[..., 1]
        np.testing.assert_allclose(there, worths, rtol=0, atol=near)
        sides = branches.worths([(line, line.first), (line, line.last)])
        alive = ~np.isnan(worths)
        assert (ends <= sides[:, None, :] + near)[alive].all()
        assert np.isnan(ends[~alive]).all()


@seeded(40)
@given(ranged(guards=False))
def test_one_run_for_all_options_does_what_a_run_for_each_does(model):
    by = model.decisions[0].name
    together, apart = Branches(model, by), Branches(model, by)
    apart.together = False
    for line in movable(model):
        points = [(line, x) for x in inner(line)]
        near = 1e-9 * line.largest(np.array([line.first, line.last])).max()
        mine, theirs = together.worths(points), apart.worths(points)
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=near)


@seeded(25)
@given(ranged(risk=True, guards=False))
def test_expectations_are_of_the_policy_that_the_certain_equivalent_prefers(model):
    branches = Branches(model, model.decisions[0].name)
    for line in movable(model):
        points = inner(line)
        found = branches.expectations([(line, x) for x in points])
        for mean, x in zip(found, points, strict=True):
            changed = model.changed(f"{line.name} = {x!r}")
            expected = enumerate_solve(changed).expected_value
            assert mean == pytest.approx(expected, rel=1e-6, abs=1e-6 * scale_of(changed))


@pytest.mark.parametrize("live", [1, 10_000])
def test_chunks_change_no_bit(live, monkeypatch):
    from decision import read_model

    model = read_model("data/examples/oil_wildcatter")
    (line,) = [line for line in movements(model) if line.name == "P(oil=dry)"]
    points = [(line, float(x)) for x in np.linspace(0, 1, 40)]
    branches = Branches(model, "test")
    whole = branches.supports(points)
    monkeypatch.setattr(lines_module, "LIVE", live)
    rows = [len(chunk) for chunk in branches._chunks(points)]
    assert sum(rows) == len(points)
    assert max(rows) < len(points)
    for left, right in zip(whole, branches.supports(points), strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("together", [True, False])
def test_what_is_wanted_alone_has_the_same_bits_and_costs_its_own_solves(together):
    from decision import read_model

    model = read_model("data/examples/oil_wildcatter")
    (line,) = [line for line in movements(model) if line.name == "P(oil=dry)"]
    points = [(line, float(x)) for x in np.linspace(0, 1, 6)]
    branches = Branches(model, "test")
    branches.together = together
    wanted = np.array([[1, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 1]], dtype=bool)
    worth, ends = branches.supports(points)
    assert branches.solves == (6 if together else 18)
    some, led = branches.supports(points, wanted)
    assert branches.solves == (12 if together else 18 + 5)
    np.testing.assert_array_equal(some[wanted], worth[wanted])
    np.testing.assert_array_equal(led[wanted], ends[wanted])
    np.testing.assert_array_equal(branches.worths(points, wanted)[wanted], worth[wanted])


def test_a_model_beyond_the_limit_is_refused():
    from decision import read_model

    model = read_model("data/examples/oil_wildcatter")
    (line, *_) = movements(model)
    with pytest.raises(ModelError, match="bytes at once"):
        Branches(model, "test", limit=10).worths([(line, 0.5)])


def test_the_model_is_left_alone():
    from decision import read_model

    model = read_model("data/examples/oil_wildcatter")
    again = read_model("data/examples/oil_wildcatter")
    for line in movements(model):
        Branches(model, "test").supports([(line, line.first), (line, line.last)])
    assert model == again
