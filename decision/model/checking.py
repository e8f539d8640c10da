"""Checking a question or claim against a model before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from decision.model.language import Condition, Question, Test, parse_change, parse_claim
from decision.model.nodes import Value
from decision.model.problems import ModelError, Place, Problem, nearest, problem, shorten
from decision.model.records import ChangeRow, ClaimRow
from decision.model.selection import no_parent

if TYPE_CHECKING:
    from decision.model.diagram import InfluenceDiagram

__all__ = ["check_claims", "check_question", "check_test", "syntax_problems"]


def check_claims(model: InfluenceDiagram) -> list[Problem]:
    """Return what is wrong with the tests of a model's claims."""
    found: list[Problem] = []
    for row in model.claim_rows:
        if not row.test:
            continue
        place = (row.file, row.line)
        try:
            for test in parse_claim(row.test, place).tests:
                found += check_test(model, test, place)
        except ModelError as error:
            found += error.problems
    return found


def syntax_problems(
    *kinds: Mapping[str, Sequence[ChangeRow]], claims: Sequence[ClaimRow]
) -> list[Problem]:
    """Return the changes and claims that are not even in the small language."""
    found: list[Problem] = []
    changes = [row for sets in kinds for rows in sets.values() for row in rows]
    parsers: list[tuple[Callable[[str, Place], object], str, Place]] = [
        *((parse_change, row.change, (row.file, row.line)) for row in changes),
        *((parse_claim, row.test, (row.file, row.line)) for row in claims if row.test),
    ]
    for parse, text, place in parsers:
        try:
            parse(text, place)
        except ModelError as error:
            found += error.problems
    return found


def check_test(model: InfluenceDiagram, test: Test, place: Place) -> list[Problem]:
    """Return what is wrong with one test of a claim."""
    found: list[Problem] = []
    for i, name in enumerate(test.for_all):
        if name in test.for_all[:i]:
            found.append(problem(place, f"`for all` names '{shorten(name)}' twice", "name it once"))
        else:
            found += _variable(model, name, place)
    for question in test.questions:
        found += check_question(model, question, place, test.for_all)
    return found


def check_question(
    model: InfluenceDiagram, question: Question, place: Place, for_all: tuple[str, ...] = ()
) -> list[Problem]:
    """Return what is wrong with a question: names, states, what may stand behind the bar."""
    found: list[Problem] = []
    for event in question.event:
        found += _variable(model, event.name, place) or _states(
            model, event.name, event.states, place
        )
    if question.kind != "P":
        found += _value_node(model, question, place)
    seen: set[tuple[str, bool]] = set()
    for condition in question.conditions:
        if (condition.name, condition.do) in seen:
            name = shorten(condition.name)
            shown = f"do({name}=…)" if condition.do else f"'{name}'"
            found.append(problem(place, f"{shown} stands twice behind the bar", "keep one"))
        seen.add((condition.name, condition.do))
        found += _condition(model, question, condition, place, for_all)
    return found


def _value_node(model: InfluenceDiagram, question: Question, place: Place) -> list[Problem]:
    name = question.node
    if question.kind == "E" and name == "total":
        return []
    node = model.nodes.get(name)
    if node is not None and node.kind == "value":
        return []
    known = [v.name for v in model.values] + (["total"] if question.kind == "E" else [])
    what = (
        f"there is no value node '{shorten(name)}'"
        if node is None
        else f"'{name}' is a {node.kind} node, not a value node"
    )
    do = nearest(name, known) if node is None else f"ask P({name}=state)"
    return [problem(place, what, do)]


def _condition(
    model: InfluenceDiagram,
    question: Question,
    condition: Condition,
    place: Place,
    for_all: tuple[str, ...],
) -> list[Problem]:
    name = condition.name
    value = model.nodes.get(question.node) if question.kind == "V" else None
    if condition.do and question.kind == "V":
        what = f"do({shorten(name)}=…) stands in V(…), which only reads the model"
        return [problem(place, what, f"ask E({shorten(question.node)} | …)")]
    if isinstance(value, Value) and name not in value.given:
        return [problem(place, *no_parent(name, value))]
    if not condition.states and not condition.do and name not in for_all:
        what = f"'{shorten(name)}' stands behind the bar without a state"
        do = f"write {shorten(name)}=state, or begin with `for all {shorten(name)}:`"
        return [problem(place, what, do)]
    found = _variable(model, name, place)
    if found:
        return found
    found = _states(model, name, condition.states, place)
    decision = model.nodes[name].kind == "decision"
    if condition.do and decision:
        what = f"do({name}=…) names a decision, which is set by {name}=option behind the bar"
        found.append(problem(place, what, f"write {name}=… without do"))
    elif decision and len(condition.states) > 1 and question.kind != "V":
        what = f"the decision '{name}' is set to one option, not to either of several"
        found.append(problem(place, what, "name one option"))
    return found


def _variable(model: InfluenceDiagram, name: str, place: Place) -> list[Problem]:
    node = model.nodes.get(name)
    if node is None:
        known = [n for n, other in model.nodes.items() if other.kind != "value"]
        return [problem(place, f"there is no node '{shorten(name)}'", nearest(name, known))]
    if node.kind == "value":
        what = f"'{name}' is a value node and has no state"
        return [problem(place, what, f"ask E({name} | …) or V({name} | …)")]
    return []


def _states(
    model: InfluenceDiagram, name: str, states: tuple[str, ...], place: Place
) -> list[Problem]:
    known = model.states(name)
    word = "option" if model.nodes[name].kind == "decision" else "state"
    return [
        problem(place, f"{name} has no {word} '{shorten(state)}'", nearest(state, known))
        for state in states
        if state not in known
    ]
