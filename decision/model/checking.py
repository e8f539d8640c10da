"""Checking a question or claim against a model before anything is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decision.model.language import Condition, Question, Test, parse_claim
from decision.model.problems import ModelError, Place, Problem, nearest, problem

if TYPE_CHECKING:
    from decision.model.diagram import InfluenceDiagram

__all__ = ["check_claims", "check_question", "check_test"]


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


def check_test(model: InfluenceDiagram, test: Test, place: Place) -> list[Problem]:
    """Return what is wrong with one test of a claim."""
    found: list[Problem] = []
    for i, name in enumerate(test.for_all):
        if name in test.for_all[:i]:
            found.append(problem(place, f"`for all` names '{name}' twice", "name it once"))
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
            shown = f"do({condition.name}=…)" if condition.do else f"'{condition.name}'"
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
        f"there is no value node '{name}'"
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
    if not condition.states and not condition.do and name not in for_all:
        what = f"'{name}' stands behind the bar without a state"
        return [problem(place, what, f"write {name}=state, or begin with `for all {name}:`")]
    found = _variable(model, name, place)
    if found:
        return found
    found = _states(model, name, condition.states, place)
    node = model.nodes[name]
    if question.kind == "V":
        value = model.nodes.get(question.node)
        given = model.structure.given.get(question.node, ())
        if condition.do:
            what = f"do({name}=…) stands in V(…), which only reads the model"
            found.append(problem(place, what, f"ask E({question.node} | …)"))
        elif value is not None and value.kind == "value" and name not in given:
            listed = ", ".join(given) or "none"
            what = f"'{name}' is no parent of {question.node}"
            found.append(problem(place, what, f"its parents are {listed}"))
    elif condition.do and node.kind == "decision":
        what = f"do({name}=…) names a decision, which is set by {name}=option behind the bar"
        found.append(problem(place, what, f"write {name}=… without do"))
    elif node.kind == "decision" and len(condition.states) > 1:
        what = f"the decision '{name}' is set to one option, not to either of several"
        found.append(problem(place, what, "name one option"))
    return found


def _variable(model: InfluenceDiagram, name: str, place: Place) -> list[Problem]:
    node = model.nodes.get(name)
    if node is None:
        known = [n for n, other in model.nodes.items() if other.kind != "value"]
        return [problem(place, f"there is no node '{name}'", nearest(name, known))]
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
        problem(place, f"{name} has no {word} '{state}'", nearest(state, known))
        for state in states
        if state not in known
    ]
