"""Random models of every kind, and random changes to them, by hypothesis."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from decision.model import Chance, Decision, InfluenceDiagram, Value
from decision.model.records import ChangeRow, ClaimRow

PROBABILITIES = st.sampled_from([0.0, 0.1, 0.25, 1 / 3, 0.5, 0.7, 1.0])
AMOUNTS = st.one_of(st.integers(-5, 5), st.floats(-1e6, 1e6))
TEXTS = st.one_of(
    st.just(""),
    st.sampled_from(["<b>&\"'</b>", "$x^2$ \\frac", "=1+1", "مرحبا", "a,b;c|d", "🎲", 'say "x"']),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8).map(
        str.strip
    ),
)


def seeded(examples: int) -> settings:
    """Settings under which every run draws the same examples."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@st.composite
def models(draw: Any) -> InfluenceDiagram:
    """A sound model: decisions in order, chance nodes that descend from none or some."""
    order = [f"d{i}" for i in range(draw(st.integers(1, 3)))]
    order += [f"c{i}" for i in range(draw(st.integers(0, 4)))]
    order = draw(st.permutations(order))
    order.sort(key=lambda name: name if name[0] == "d" else "e")  # decisions stay in order
    names: dict[str, list[str]] = {}
    decisions: list[Decision] = []
    chances: list[Chance] = []
    above: dict[str, set[str]] = {}  # decisions that a chance node descends from
    for name in order:
        states = [f"{letter}{name}" for letter in "abc"[: draw(st.integers(1, 3))]]
        if name[0] == "c":
            given = (
                draw(st.lists(st.sampled_from([*names]), max_size=2, unique=True)) if names else []
            )
            above[name] = {d for p in given for d in ({p} if p[0] == "d" else above[p])}
            chances.append(_chance(draw, name, states, given, names))
        names[name] = states
    known: list[str] = []
    for i, name in enumerate(n for n in order if n[0] == "d"):
        later = {f"d{j}" for j in range(i, 3)}
        free = [c.name for c in chances if not above[c.name] & later]
        free += [f"d{j}" for j in range(i)]
        observes = draw(st.lists(st.sampled_from(free), max_size=2, unique=True)) if free else []
        known = [*known, *observes]
        decisions.append(_decision(draw, name, names, observes))
    values = [_value(draw, f"v{i}", names) for i in range(draw(st.integers(1, 2)))]
    normalised = draw(st.booleans()) and all(v.worst is not None for v in values)
    return InfluenceDiagram(
        decisions=decisions,
        chances=draw(st.permutations(chances)),
        values=values,
        title=draw(TEXTS),
        question=draw(TEXTS),
        memory=draw(st.sampled_from(["perfect", "limited"])),
        weights="normalised" if normalised and any(v.weight for v in values) else "plain",
        information_date=draw(st.sampled_from([None, datetime.date(2018, 1, 4)])),
        risk=draw(st.sampled_from([None, 0.5, 100.0])),
        claim_rows=[ClaimRow("c1", "1", draw(TEXTS), "fact", "E(total) > 0", "base")],
        perspectives={"doubter": (ChangeRow("V(v0) += 1", draw(TEXTS)),)},
    )


def _chance(
    draw: Any, name: str, states: list[str], given: list[str], names: dict[str, list[str]]
) -> Chance:
    rows = 1
    for parent in given:
        rows *= len(names[parent])
    table = [_row(draw, len(states)) for _ in range(rows)]
    shape = [len(names[parent]) for parent in given]
    return Chance(name, states, given, nested(table, shape), draw(TEXTS), draw(TEXTS))


def _row(draw: Any, length: int) -> list[float]:
    weights = [draw(PROBABILITIES) for _ in range(length)]
    if not any(weights):
        weights[-1] = 1.0
    return [weight / sum(weights) for weight in weights]


def nested(rows: list[Any], shape: list[int]) -> Any:
    """Nest a flat list into the axes of a table."""
    if not shape:
        return rows[0]
    step = len(rows) // shape[0]
    return [nested(rows[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]


def _decision(draw: Any, name: str, names: dict[str, list[str]], observes: list[str]) -> Decision:
    only_when = {}
    if observes and len(names[name]) > 1 and draw(st.booleans()):
        seen = draw(st.sampled_from(observes))
        states = st.lists(st.sampled_from(names[seen]), min_size=1, unique=True)
        only_when = {names[name][-1]: {seen: draw(states)}}
    return Decision(name, names[name], observes, only_when, draw(TEXTS), draw(TEXTS))


def _value(draw: Any, name: str, names: dict[str, list[str]]) -> Value:
    given = draw(st.lists(st.sampled_from([*names]), max_size=2, unique=True))
    shape = [len(names[parent]) for parent in given]
    size = 1
    for length in shape:
        size *= length
    amounts = [draw(AMOUNTS) for _ in range(size)]
    scale = draw(st.sampled_from([{}, {"worst": -5.0, "best": 5.0}, {"worst": 3.0, "best": -1e6}]))
    weight = draw(st.sampled_from([0.0, 0.5, 1.0, 30.0]))
    limits = draw(st.sampled_from([{}, {"weight_low": weight / 2, "weight_high": weight * 2}]))
    unit, label = draw(TEXTS), draw(TEXTS)
    return Value(
        name, given, nested(amounts, shape), unit, weight=weight, label=label, **scale, **limits
    )


@st.composite
def changes(draw: Any, model: InfluenceDiagram) -> str:
    """A change in the small language that names what the model has; it may be refused."""
    node = draw(st.sampled_from([*model.chances, *model.values]))
    conditions = []
    for parent in node.given:
        states = draw(st.lists(st.sampled_from(model.states(parent)), max_size=2, unique=True))
        conditions += [f"{parent}={'|'.join(states)}"] if states else []
    behind = f" | {', '.join(draw(st.permutations(conditions)))}" if conditions else ""
    if node.kind == "value":
        if draw(st.booleans()):
            factor = draw(st.sampled_from(["= 2", "*= 3", "*= 0", "+= 1/3", "-= 0.1"]))
            return f"weight({node.name}) {factor}"
        operator = draw(st.sampled_from(["=", "*=", "+=", "-="]))
        return f"V({node.name}{behind}) {operator} {draw(st.sampled_from(['1/7', '-3', '1e3']))}"
    state = draw(st.sampled_from(node.states))
    if draw(st.booleans()):
        return f"odds({node.name}={state}{behind}) *= {draw(st.sampled_from(['0.5', '3', '1/3']))}"
    operation = draw(
        st.sampled_from(["= 0", "= 1", "= 1/3", "= 0.25", "*= 0.5", "+= 0.1", "-= 0.1"])
    )
    return f"P({node.name}={state}{behind}) {operation}"
