"""Sensitivity agrees with brute force along every input, and prints what the contract says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import event, given

from decision.analysis.sensitivity import Finding, findings
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError
from decision.solve.inputs import scale_of
from tests.analysis.ranged import Along, ranged
from tests.models import seeded

SAMPLES = 7
"""Numbers looked at between two break-evens."""


def assert_agrees(model: InfluenceDiagram, by: str | None = None) -> list[Finding]:
    """Everything that is said of every input is what brute force finds."""
    found = findings(model, by)
    assert [f.swing for f in found] == sorted((f.swing for f in found), reverse=True)
    for finding in found:
        along = Along(model, finding, by or model.decisions[0].name)
        assert_ends(along)
        assert_break_evens(along)
        assert_lowest(along)
    return found


def near(left: float, right: float, along: Along, at: float) -> bool:
    scale = scale_of(along.changed(at))
    return abs(left - right) <= 1e-9 * max(abs(left), abs(right), 1e-2 * scale)


def assert_ends(along: Along) -> None:
    f = along.finding
    options = along.model.states(along.by)
    for number, total, preferred in (
        (f.low, f.worth_low, f.preferred_low),
        (f.high, f.worth_high, f.preferred_high),
    ):
        assert near(total, along.optimum(number), along, number), (f, number)
        best = along.best(number)
        if best is not None:
            assert preferred == (options[min(best)] if best else None), (f, number)
    assert f.swing == abs(f.worth_high - f.worth_low)


def assert_break_evens(along: Along) -> None:
    """The set of best options is one between two break-evens, another beyond them."""
    first, last = along.line
    inner = list(along.finding.break_even)
    assert inner == sorted(inner)
    assert all(first < x < last for x in inner)
    if first == last or not along.legal((first + last) / 2):
        assert inner == []
        return
    marks = [first, *inner, last]
    sets = []
    for a, b in pairwise(marks):
        shares = np.linspace(0.02, 0.98, SAMPLES)
        seen = {along.best(float(a + share * (b - a))) for share in shares} - {None}
        assert len(seen) <= 1, (along.finding, a, b, seen)
        sets.append(seen.pop() if seen else None)
    for x, before, after in zip(inner, sets[:-1], sets[1:], strict=True):
        assert before is None or after is None or before != after, (along.finding, x)
        assert_changes_at(along, x, marks)


def assert_changes_at(along: Along, x: float, marks: list[float]) -> None:
    """The set differs a hair to the left and a hair to the right of a break-even."""
    first, last = along.line
    room = min(abs(x - mark) for mark in marks if mark != x)
    for hair in (1e-8, 1e-7, 1e-6, 1e-5, 1e-4):
        step = min(hair * (last - first), 0.4 * room)
        before, after = along.best(x - step), along.best(x + step)
        if before is not None and after is not None:
            # so near that the crossing options still tie on both sides
            assert before != after or len(before) > 1, (along.finding, x, step)
            if before != after:
                return


def assert_lowest(along: Along) -> None:
    f = along.finding
    a, b = f.low, f.high
    assert f.lowest <= min(f.worth_low, f.worth_high)
    for _ in range(25 if a < b else 0):  # a convex function: thirds shut in its lowest point
        one, two = a + (b - a) / 3, b - (b - a) / 3
        low, high = along.optimum(one), along.optimum(two)
        assert f.lowest <= min(low, high) + 1e-9 * scale_of(along.model), f
        a, b = (a, two) if low <= high else (one, b)
    if not f.input.startswith("weight") or along.model.risk is None:
        reached = min(f.worth_low, f.worth_high, along.optimum((a + b) / 2))
        assert reached - f.lowest <= 2e-4 * (abs(reached) + scale_of(along.model)), f


@seeded(60)
@given(ranged(risk=False, guards=False))
def test_plain(model):
    for finding in assert_agrees(model):
        event(f"{len(finding.break_even)} break-evens")


@seeded(40)
@given(ranged(risk=True, guards=False))
def test_risk(model):
    assert_agrees(model)


@seeded(50)
@given(ranged(guards=True))
def test_options_that_can_be_closed(model):
    agrees_or_both_refuse(model)


@seeded(30)
@given(ranged(guards=False, risk=False))
def test_by_the_last_decision(model):
    assert_agrees(model, model.decisions[-1].name)


@seeded(40)
@given(ranged(guards=True))
def test_by_the_last_decision_with_closed_options(model):
    agrees_or_both_refuse(model, model.decisions[-1].name)


@seeded(15)
@given(ranged(memory="limited", cells=24, chances=3))
def test_limited_memory(model):
    agrees_or_both_refuse(model)


def agrees_or_both_refuse(model: InfluenceDiagram, by: str | None = None) -> None:
    """A model, or a number in a range, without an open option is refused by both."""
    refused = ""
    try:
        assert_agrees(model, by)
    except ModelError as error:
        refused = str(error)
    assert all("no option of" in line for line in refused.splitlines())
