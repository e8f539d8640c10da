"""The explanation in words: one paragraph made from the numbers alone.

It says what is best and by how much, what it gains and gives up against the runner-up,
which outcomes carry that, and the smallest change that would undo it. Words of likelihood
(`likelihood`) never go without their number. Names are put in quotation marks, since they
are the model's words and not ours; what cannot be printed is left out of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from decision.analysis.likelihood import likelihood, percent
from decision.analysis.wording import (
    amount,
    apart,
    listed,
    percents,
    quoted,
    signed,
    significant,
    unit_of_total,
)
from decision.model.language import parse_change, parse_question
from decision.model.problems import PYTHON

if TYPE_CHECKING:
    from decision.analysis.explanation import Explanation
    from decision.analysis.gaps import Gap, Part
    from decision.analysis.reversals import Reversal
    from decision.model.diagram import InfluenceDiagram
    from decision.model.phrases import Change

__all__ = ["paragraph"]

MENTIONED = 3
"""Gains, losses and outcomes that are named, at most, each."""
SAME = 1e-6
"""Relative difference at which two chances are the same."""
NOTHING = 0.02
"""Share of the largest part below which one is not worth a word."""


def paragraph(why: Explanation) -> str:
    """Return an explanation as one paragraph of plain words."""
    by = quoted(why.model.nodes[why.by].caption)
    if why.best is None:
        return (
            f"No option for {by} can be taken in every situation: which is best depends on "
            "what is known by then."
        )
    places = _places(why)
    runners = sorted(
        (gap for gap in why.gaps if gap.worth is not None), key=lambda gap: -_number(gap.worth)
    )
    sentences = [_verdict(why, by, runners, places)]
    if why.model.risk is not None and runners:
        sentences.append(_expectation(why, runners[0], places))
    if runners:
        sentences += _against(why, runners[0], places)
        sentences += _others(why, runners[1:], places)
        sentences += _exchanged(why, runners[0], places)
    closed = [quoted(gap.option) for gap in why.gaps if gap.worth is None]
    if closed:
        be = "is" if len(closed) == 1 else "are"
        sentences.append(f"{listed(closed)} {be} not open in every situation.")
    if runners and not why.ties:
        sentences += _firmness(why)
    if why.waiting > 10**-places / 2:
        known = listed(quoted(why.model.nodes[n].caption) for n in why.model.information(why.by))
        more = amount(why.waiting, places)
        sentences.append(f"Choosing only once {known} is known is worth {more} more.")
    if why.optimality == "local":
        sentences.append("The rules were found by search and are not proved to be the best.")
    return " ".join(sentences)


def _verdict(why: Explanation, by: str, runners: Sequence[Gap], places: int) -> str:
    best, risk = quoted(str(why.best)), why.model.risk
    total = f"{amount(_number(why.worth), places)} {unit_of_total(why.model)}"
    worth = f"its expected total is {total}"
    if risk is not None:
        worth = f"with a risk tolerance of {significant(risk)} it is as good as {total} for certain"
    if not runners:
        only = "the only option" if not why.gaps else "the only option open in every situation"
        return f"For {by}, {best} is {only}: {worth}."
    margins = [
        f"{amount(_number(why.worth) - _number(gap.worth), places)} more than {quoted(gap.option)}"
        for gap in runners
        if gap.option not in why.ties
    ]
    more = f", {listed(margins)}" if margins else ""
    if why.ties:
        tied = listed([best, *map(quoted, why.ties)])
        return f"For {by}, {tied} are equally good; {best} is listed first: {worth}{more}."
    return f"For {by}, {best} is best: {worth}{more}."


def _expectation(why: Explanation, runner: Gap, places: int) -> str:
    gap = _number(runner.difference)
    ahead = f"{amount(abs(gap), places)} {'more' if gap >= 0 else 'less'}"
    total = amount(_number(why.expected_value), places)
    return f"Its expected total is {total}, {ahead} than that of {quoted(runner.option)}."


def _against(why: Explanation, gap: Gap, places: int) -> list[str]:
    largest = max((abs(part.points) for part in gap.parts), default=0.0)
    told = [p for p in gap.waterfall if abs(p.points) > NOTHING * largest]
    if not told:
        return [f"It differs from {quoted(gap.option)} on no value."]
    gains = [p for p in told if p.points > 0][:MENTIONED]
    losses = [p for p in reversed(told) if p.points < 0][:MENTIONED]
    parts = []
    if gains:
        parts.append(f"gains on {listed(_part(why, p, places) for p in gains)}")
    if losses:
        parts.append(f"gives up {listed(_part(why, p, places) for p in losses)}")
    left = math.fsum(p.points for p in gap.parts if p not in gains and p not in losses)
    rest = f"; all else adds {signed(left, places)}" if abs(left) >= 10**-places / 2 else ""
    said = f"Against {quoted(gap.option)} it {' and '.join(parts)}{rest}."
    return [said, *_carriers(why, gap, places)]


def _part(why: Explanation, part: Part, places: int) -> str:
    value = why.model.node(part.value, ("value",))
    one, other = apart(part.best, part.other)
    short = f" {value.unit}" if 0 < len(value.unit) <= 20 and value.unit.isalpha() else ""
    says = f"{signed(part.points, places)}: {one}{short} rather than {other}"
    return f"{quoted(value.caption)} ({says})"


def _carriers(why: Explanation, gap: Gap, places: int) -> list[str]:
    """Say what carries most of a difference, over all values together."""
    carried: dict[tuple[str, str], list[float]] = {}
    for node, state, best, other, points in (o for part in gap.parts for o in part.outcomes):
        row = carried.setdefault((node, state), [best, other, 0.0])
        row[2] += points
    moved = {
        node
        for (node, _), (best, other, _) in carried.items()
        if abs(best - other) > SAME * max(best, other)
    }
    entries: dict[str, float] = {}
    for (node, state), (best, other, points) in carried.items():
        caption = why.model.nodes[node].caption
        if node == why.by:
            said = "the choice itself"
        elif node in moved:
            said = f"{quoted(f'{caption}: {state}')} being {_chances(best, other)}"
        else:  # of its outcomes none is likelier than before: there only is a sum to tell
            said = f"{quoted(caption)}, no different in itself but met by other choices"
        entries[said] = entries.get(said, 0.0) + points
    largest = max(map(abs, entries.values()), default=0.0)
    order = sorted(entries.items(), key=lambda entry: -abs(entry[1]))[:MENTIONED]
    told = [f"{said} ({signed(x, places)})" for said, x in order if abs(x) > NOTHING * largest]
    return [f"Most of this comes from {'; from '.join(told)}."] if told else []


def _chances(best: float, other: float) -> str:
    one, two = (min(max(p, 0.0), 1.0) for p in (best, other))
    first, second = percents(one, two)
    if likelihood(one) == likelihood(two):
        return f"{likelihood(one)}, {first} rather than {second}"
    return f"{likelihood(one)} ({first}) rather than {likelihood(two)} ({second})"


def _others(why: Explanation, gaps: Iterable[Gap], places: int) -> list[str]:
    """Say of each other option where most of the difference lies."""
    told = []
    for gap in gaps:
        most = max(gap.parts, key=lambda part: abs(part.points))
        if abs(most.points) > 0:
            caption = quoted(why.model.nodes[most.value].caption)
            points = signed(most.points, places)
            told.append(f"against {quoted(gap.option)} most comes from {caption} ({points})")
    said = "; ".join(told)
    return [f"{said[0].upper()}{said[1:]}."] if said else []


def _exchanged(why: Explanation, gap: Gap, places: int) -> list[str]:
    """Say how much of the chance of an event, that was asked for, a difference is worth."""
    lead = _number(gap.difference)
    if why.event is None or not lead:
        return []
    (event,) = parse_question(why.event, PYTHON).event
    change = lead / why.event_worth
    caption = quoted(why.model.nodes[event.name].caption)
    said = f"{caption} is {listed(map(quoted, event.states), 'or')}"
    sense = "more" if change > 0 else "less"
    return [
        f"{amount(abs(lead), places)} of expected total is as much as "
        f"{significant(100 * abs(change))} "
        f"percentage points {sense} chance that {said} would add, all else equal."
    ]


def _firmness(why: Explanation) -> list[str]:
    if not any(_ranged(why.model)):
        return ["No number of the model has a range, so how firm this is cannot be said."]
    if not why.reversals:
        return ["No probability alone, and no value or weight within its range, undoes that."]
    said: list[str] = []
    for found in why.reversals:
        opening = "That lead is equal to one change: it is gone if"
        if said:
            opening = "Nearer still, it is gone if"
            if found.input.startswith("weight("):
                opening = "Nearer still is a judgement of worth: it is gone if"
        said.append(f"{opening} {_reversal(why.model, found)}.")
    return said


def _ranged(model: InfluenceDiagram) -> Iterable[bool]:
    yield from (i.low is not None and i.low != i.high for i in model.inputs)
    yield from (v.weight_low is not None for v in model.values)


def _reversal(model: InfluenceDiagram, found: Reversal) -> str:
    change = parse_change(f"{found.input} = {found.at!r}", PYTHON)
    if change.kind == "P":
        base, at = percents(found.base, found.at)
        low, high = percents(found.low, found.high)
        words = likelihood(found.base), likelihood(found.at)
        base = base if words[0] == words[1] else f"{base} ({words[0]})"
        at = f"{at} ({words[1]})" if words[0] != words[1] else f"{at} ({words[1]} still)"
    else:
        base, at = apart(found.base, found.at)
        low, high = apart(found.low, found.high)
    moves, side = ("rises", "above") if found.at > found.base else ("falls", "below")
    width = f"{percent(found.distance)} of the width of its range"
    if found.distance >= 1:
        width = f"{found.distance:.2g} times the width of its range"
    out = "" if found.low <= found.at <= found.high else ", but outside it"
    then = f"; {side} that, {quoted(found.option)} is best" if found.option else ""
    subject = _subject(model, change)
    return f"{subject} {moves} from {base} to {at}, {width} ({low} to {high}){out}{then}"


def _subject(model: InfluenceDiagram, change: Change) -> str:
    """Return what an input is about, in words."""
    caption = quoted(model.nodes[change.node].caption)
    where = [
        f"{quoted(model.nodes[c.name].caption)} is {listed(map(quoted, c.states), 'or')}"
        for c in change.conditions
        if len(c.states) < len(model.states(c.name))
    ]
    behind = f" where {listed(where)}" if where else ""
    if change.kind == "weight":
        return f"the weight of {caption}"
    if change.kind == "V":
        return f"the value of {caption}{behind}"
    return f"the chance that {caption} is {quoted(str(change.state))}{behind}"


def _places(why: Explanation) -> int:
    """Return how many decimals show two digits of the smallest margin."""
    worth = _number(why.worth)
    margins = [worth - gap.worth for gap in why.gaps if gap.worth is not None]
    told = [m for gap, m in zip(_open(why), margins, strict=True) if gap.option not in why.ties]
    least = min((abs(m) for m in told if m), default=abs(worth) / 10 or 1.0)
    return min(max(1 - math.floor(math.log10(least)), 0), 6)


def _open(why: Explanation) -> list[Gap]:
    return [gap for gap in why.gaps if gap.worth is not None]


def _number(value: float | None) -> float:
    assert value is not None
    return value
