"""Small random diagrams, full of zeros, certainties and ties, for hypothesis to draw."""

from __future__ import annotations

from hypothesis import strategies as st

from decision import Chance, Decision, InfluenceDiagram, Value


@st.composite
def diagrams(draw, risk: bool | None = None, asymmetric: bool | None = None) -> InfluenceDiagram:
    """A legal diagram of perfect memory with at most some hundred paths."""
    count = draw(st.integers(1, 3))
    options = {f"d{i}": draw(st.integers(1, 3)) for i in range(count)}
    decisions = list(options)
    cards: dict[str, int] = dict(options)
    stage = {name: i + 1 for i, name in enumerate(decisions)}  # known from that decision on
    observed: dict[str, list[str]] = {name: [] for name in decisions}
    chances = []
    for i in range(draw(st.integers(1, 4))):
        name = f"c{i}"
        candidates = [*decisions, *(c.name for c in chances)]
        given = draw(st.lists(st.sampled_from(candidates), max_size=2, unique=True))
        cards[name] = draw(st.integers(1, 3))
        stage[name] = max([0, *(stage[parent] for parent in given)])
        rows = 1
        for parent in given:
            rows *= cards[parent]
        table = [draw(st.sampled_from(ROWS[cards[name]])) for _ in range(rows)]
        shape = [cards[parent] for parent in given]
        chances.append(Chance(name, states(name, cards[name]), given, _shaped(table, shape)))
        if stage[name] < count and draw(st.booleans()):
            observed[decisions[draw(st.integers(stage[name], count - 1))]].append(name)
    values = []
    for i in range(draw(st.integers(1, 3))):
        given = draw(st.lists(st.sampled_from([*cards]), max_size=3, unique=True))
        size = 1
        for parent in given:
            size *= cards[parent]
        amounts = draw(st.lists(st.integers(-4, 4), min_size=size, max_size=size))
        table = _shaped([float(x) for x in amounts], [cards[parent] for parent in given])
        scaled = draw(st.booleans())
        ends = {"worst": -4.0, "best": draw(st.sampled_from([6.0, 4.0, -5.0]))} if scaled else {}
        weight = draw(st.sampled_from([1.0, 0.5, 0.0, 2.0]))
        values.append(Value(f"v{i}", given, table, weight=weight, **ends))
    order = draw(st.permutations(chances))
    nodes = []
    known: list[str] = []
    for name in decisions:
        known += observed[name]
        guards = {}
        wanted = draw(st.booleans()) if asymmetric is None else asymmetric
        if wanted and known and options[name] > 1:
            other = draw(st.sampled_from(known))
            allowed = draw(
                st.lists(st.sampled_from(states(other, cards[other])), min_size=1, unique=True)
            )
            guards = {states(name, options[name])[-1]: {other: allowed}}
        nodes.append(Decision(name, states(name, options[name]), observed[name], guards))
        known.append(name)
    risky = draw(st.booleans()) if risk is None else risk
    tolerance = draw(st.sampled_from([0.5, 5.0, 100.0])) if risky else None
    return InfluenceDiagram(decisions=nodes, chances=order, values=values, risk=tolerance)


ROWS = {
    1: [[1.0]],
    2: [[0.5, 0.5], [1.0, 0.0], [0.0, 1.0], [0.25, 0.75], [0.9, 0.1]],
    3: [[0.5, 0.25, 0.25], [0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.1, 0.2, 0.7], [0.6, 0.3, 0.1]],
}


def states(name: str, count: int) -> list[str]:
    """Names of states."""
    return [f"{name}_{letter}" for letter in "abc"[:count]]


def _shaped(flat: list, shape: list[int]) -> list:
    """Nest a list of cells (or rows) into the axes of a table."""
    if not shape:
        return flat[0]
    step = len(flat) // shape[0]
    return [_shaped(flat[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]
