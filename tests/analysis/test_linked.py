"""A change with a free number: its break-evens against algebra and against brute force."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import decision as da
from decision.analysis import tracing
from decision.analysis.envelope import Course
from decision.analysis.linked import linked
from decision.analysis.sensitivity import findings, sensitivity_json
from decision.model.problems import ModelError
from decision.solve.enumeration import enumerate_solve
from decision.solve.inputs import scale_of
from decision.solve.solution import solve
from tests.models import models, oil, seeded


def twice() -> da.InfluenceDiagram:
    """Acting is worth 5(p − q) − 1; p and q have odds x and x / 99."""
    return da.InfluenceDiagram(
        decisions=[da.Decision("act", ["no", "yes"])],
        chances=[
            da.Chance("kind", ["good", "bad"], table=[0.5, 0.5]),
            da.Chance("hit", ["yes", "no"], ["kind"], table=[[0.5, 0.5], [0.01, 0.99]]),
        ],
        values=[
            da.Value(
                "gain",
                ["act", "kind", "hit"],
                table=[[[0, 0], [0, 0]], [[9, -1], [-11, -1]]],
            )
        ],
    )


def test_two_break_evens_by_hand():
    """98x / ((1 + x)(99 + x)) = 1/5: x² − 390x + 99 = 0."""
    (found,) = findings(twice(), changes=["odds(hit=yes) *= x in 0.01..1000"])
    roots = [195 - np.sqrt(195**2 - 99), 195 + np.sqrt(195**2 - 99)]
    assert found.break_even == pytest.approx(roots, rel=1e-9)
    assert (found.preferred_low, found.preferred_high, found.how) == ("no", "no", "searched")
    assert (found.base, found.low, found.high) == (1.0, 0.01, 1000.0)


def test_a_bracket_so_narrow_that_branches_tie_on_it_is_one_break_even():
    """P(dry) = x / (1 + x): its break-evens are 27/59 and 39/56."""
    (found,) = findings(oil(), changes=["odds(oil=dry) *= x in 0.25..4"])
    assert found.break_even == pytest.approx([27 / 32, 39 / 17], abs=1e-9)


@pytest.mark.parametrize("risk", [None, 40.0])
@pytest.mark.parametrize(
    "text",
    [
        "P(seismic=closed | test=yes) = x in 0..1",
        "P(seismic=open | test=yes) *= x in 0..2",
        "P(oil=dry) += x in -0.5..0.4",
        "V(payoff | drill=yes) -= x in -30..40",
        "V(test_cost | test=yes) = x in -30..0",
    ],
)
def test_what_runs_straight_is_exact(text, risk):
    """Break-evens of rows of one table are exact; on a grid of 200 steps they are the same."""
    model = oil().rebuilt(risk=risk)
    (found,) = findings(model, changes=[text])
    assert found.how == "exact"
    left = text.split(" x in")[0]
    for at in found.break_even:
        worths = [b.worth for _, b in solve(model.changed(f"{left} {at!r}")).branch_solutions()]
        assert worths[0] == pytest.approx(worths[1], abs=1e-8)
    marks = [found.low, *found.break_even, found.high]
    for a, b in pairwise(marks):
        numbers = np.linspace(a, b, 25)[1:-1].tolist()
        sets = {solve(model.changed(f"{left} {n!r}")).preferred() for n in numbers}
        assert len(sets) == 1, (text, a, b)


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("odds(oil=dry) *= x in 0.5..2", None),
        ("V(payoff) *= x in 0.5..2", 40.0),
        ("weight(payoff) = x in 0.5..2", 40.0),
    ],
)
def test_what_bends_is_searched(text, risk):
    (found,) = findings(oil().rebuilt(risk=risk), changes=[text])
    assert found.how == "searched"


def test_where_lines_only_touch_there_is_none():
    """5(p − q) is largest at x = √99: where that and a hair is what acting costs, it never pays."""
    x = 99.0**0.5
    most = 5 * 98 * x / ((1 + x) * (99 + x))
    model = twice().changed(f"V(gain | act=yes) -= {most - 1 + 1e-6!r}")
    (found,) = findings(model, changes=["odds(hit=yes) *= x in 0.01..1000"])
    assert found.break_even == ()
    assert found.preferred_low == found.preferred_high == "no"


def narrow() -> tuple[da.InfluenceDiagram, list[float]]:
    """Return `twice` where acting pays in less than a step of the grid, and its break-evens.

    With s = x + 99/x, 490 / (100 + s) = c at x = (s ± √(s² − 396)) / 2, s = 490/c − 100.
    """
    x = 99.0**0.5 * 1.01
    cost = 5 * 98 * x / ((1 + x) * (99 + x))
    s = x + 99 / x
    width = np.sqrt(s * s - 396)
    model = twice().changed(f"V(gain | act=yes) -= {cost - 1!r}")
    return model, [(s - width) / 2, (s + width) / 2]


def test_two_break_evens_within_one_step_of_the_grid():
    model, roots = narrow()
    (found,) = findings(model, changes=["odds(hit=yes) *= x in 0.013..1300"])
    grid = np.geomspace(0.013, 1300, tracing.GRID)
    assert len(set(np.searchsorted(grid, roots))) == 1
    assert found.break_even == pytest.approx(roots, abs=1e-9 * 1300)  # of the range


def test_a_search_that_does_not_look_into_dips_is_caught(monkeypatch):
    monkeypatch.setattr(Course, "dips", lambda self: np.array([]))
    with pytest.raises(AssertionError):
        test_two_break_evens_within_one_step_of_the_grid()


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("P(oil=dry) = x in 0.1..0.9", 0.5),
        ("P(seismic=open | test=yes) = x in 0..1", None),
        ("V(payoff) += x in -5..5", 0.0),
        ("V(payoff | drill=yes) *= x in 1/2..2", 1.0),
        ("weight(payoff) = x in 0..2", 1.0),
    ],
)
def test_the_base_changes_nothing(text, base):
    model = oil()
    (row,) = [f for f in findings(model, changes=[text]) if f.input == text]
    assert sensitivity_json([row])["inputs"][0]["base"] == base
    if base is not None:
        same = enumerate_solve(model.changed(text.split(" x in")[0] + f" {base!r}"))
        assert same.expected_value == pytest.approx(enumerate_solve(model).expected_value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("odds(oil=dry) *= 2", "is no change with a free number"),
        ("odds(oil=dry) *= x in 4..1", "is no change with a free number"),
        ("odds(oil=dry) *= x in a..b", "is no change with a free number"),
        ("odds(oil=wett) *= x in 1..2", "oil has no state 'wett'"),
        ("P(oil=dry) *= x in 1..9", "outside [0, 1]"),
    ],
)
def test_what_is_no_linked_input_is_refused(text, says):
    with pytest.raises(ModelError) as error:
        linked(oil(), text)
    assert says in str(error.value)


def best_sets(model, by, left, numbers):
    """Return the best options at some numbers, by enumeration."""
    found = []
    for number in numbers:
        changed = model.changed(f"{left} {float(number)!r}")
        worths = [enumerate_solve(changed, {by: o}).expected_value for o in model.states(by)]
        bound = 1e-9 * max(max(map(abs, worths)), 1e-3 * scale_of(changed))
        found.append({i for i, w in enumerate(worths) if max(worths) - w <= bound})
    return found


@seeded(60)
@given(models(cells=300, memory="perfect", risk=False, guards=False), st.integers(0, 10**6))
def test_against_brute_force(model, seed):
    """Between two break-evens the best options stay, and beyond one they differ."""
    rng = np.random.default_rng(seed)
    able = [c for c in model.chances if len(c.states) > 1]
    if not able:
        return
    chance = able[int(rng.integers(len(able)))]
    left = f"odds({chance.name}={chance.states[0]}) *="
    text = f"{left} x in 0.25..4"
    (found,) = [f for f in findings(model, changes=[text]) if f.input == text]
    by = model.decisions[0].name
    ends = best_sets(model, by, left, [0.25, 4.0])
    options = model.states(by)
    assert [found.preferred_low, found.preferred_high] == [options[min(best)] for best in ends]
    marks = [0.25, *found.break_even, 4.0]
    for a, b in pairwise(marks):
        if b - a < 1e-4:
            continue
        inside = best_sets(model, by, left, list(np.linspace(a, b, 7)[1:-1]))
        assert all(best == inside[0] for best in inside)


def test_a_search_that_does_not_close_in_is_caught(monkeypatch):
    monkeypatch.setattr(tracing, "CLOSING", 0)
    with pytest.raises(AssertionError):
        test_two_break_evens_by_hand()
