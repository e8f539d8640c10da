"""Models for tests: small ones by hand, and random ones of every kind by hypothesis."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Decision, Value

CELLS = 1500
"""Combinations of states of a random model, at most; brute force has to follow."""


def seeded(examples: int) -> settings:
    """Return settings under which every run draws the same models."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


# -- by hand ------------------------------------------------------------------


def umbrella() -> InfluenceDiagram:
    """Take an umbrella? One decision that observes nothing; worth 77."""
    return InfluenceDiagram(
        decisions=[Decision("take", ["yes", "no"])],
        chances=[Chance("rain", ["yes", "no"], table=[0.3, 0.7])],
        values=[Value("comfort", ["take", "rain"], table=[[70, 80], [0, 100]])],
        title="Umbrella",
    )


def oil() -> InfluenceDiagram:
    """The oil wildcatter (Raiffa 1968): a test, then a well; worth 22.5."""
    seismic = [[[0.1, 0.3, 0.6, 0], [0, 0, 0, 1]], [[0.3, 0.4, 0.3, 0], [0, 0, 0, 1]]]
    seismic.append([[0.5, 0.4, 0.1, 0], [0, 0, 0, 1]])
    return InfluenceDiagram(
        decisions=[
            Decision("test", ["yes", "no"]),
            Decision("drill", ["yes", "no"], observes=["seismic"]),
        ],
        chances=[
            Chance("oil", ["dry", "wet", "soaking"], table=[0.5, 0.3, 0.2]),
            Chance(
                "seismic",
                ["closed", "open", "diffuse", "none"],
                given=["oil", "test"],
                table=seismic,
            ),
        ],
        values=[
            Value("payoff", ["drill", "oil"], table=[[-70, 50, 200], [0, 0, 0]]),
            Value("test_cost", ["test"], table=[-10, 0]),
        ],
        title="Oil wildcatter",
    )


def oil_guarded() -> InfluenceDiagram:
    """The oil wildcatter, who may drill only after an open or closed structure shows."""
    model = oil()
    test, drill = model.decisions
    shown = {"yes": {"seismic": ("closed", "open")}}
    drill = Decision("drill", drill.options, drill.observes, only_when=shown)
    return model.rebuilt(decisions=(test, drill))


def stages(number: int, states: int = 3, options: int = 2, seed: int = 0) -> InfluenceDiagram:
    """Return a decision process: a state, seen and acted upon, at each of some stages."""
    rng = np.random.default_rng(seed)
    decisions, chances, values = [], [], []
    names = [f"s{i}" for i in range(states)]
    for t in range(number):
        given = [f"x{t - 1}", f"d{t - 1}"] if t else []
        table = rng.dirichlet(np.ones(states), size=[states, options] if t else None)
        chances.append(Chance(f"x{t}", names, given, table))
        decisions.append(Decision(f"d{t}", [f"o{i}" for i in range(options)], [f"x{t}"]))
        amounts = rng.normal(size=(states, options))
        values.append(Value(f"v{t}", [f"x{t}", f"d{t}"], amounts))
    return InfluenceDiagram(decisions=decisions, chances=chances, values=values)


# -- at random ----------------------------------------------------------------


@st.composite
def models(
    draw: st.DrawFn,
    *,
    memory: str | None = "perfect",
    risk: bool | None = None,
    guards: bool | None = None,
    cells: int = CELLS,
    decisions: int = 3,
    chances: int = 6,
) -> InfluenceDiagram:
    """Draw a model: zeros, ties, one-state and unused nodes, `only_when`, risk.

    Parameters
    ----------
    memory : {"perfect", "limited"} or None
        None: either.
    risk, guards : bool, optional
        Whether there is an attitude to risk; whether options may be closed. None: either.
    cells : int
        Combinations of states, at most.
    decisions, chances : int
        Nodes of each kind, at most.
    """
    memory = memory or draw(st.sampled_from(["perfect", "limited"]))
    risky = draw(st.booleans()) if risk is None else risk
    guarded = draw(st.booleans()) if guards is None else guards
    layout = _layout(draw, decisions, chances, cells)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    states = dict(layout)
    made: list[str] = []
    decision_nodes: list[Decision] = []
    chance_nodes: list[Chance] = []
    for name, number in layout:
        if name.startswith("d"):
            seen = [n for n in made if draw(st.booleans())]
            known = _known(decision_nodes, seen, memory)
            only_when = _only_when(rng, name, number, known, states) if guarded else {}
            decision_nodes.append(Decision(name, _names(number, "o"), seen, only_when))
        else:
            parents = _some(draw, made, 3)
            shape = [states[p] for p in parents]
            table = _probabilities(rng, shape, number)
            chance_nodes.append(Chance(name, _names(number, "s"), parents, table))
        made.append(name)
    weights = draw(st.sampled_from(["plain", "plain", "normalised"]))
    values = [
        _value(rng, f"v{i}", _some(draw, made, 3), states, weights)
        for i in range(draw(st.integers(1, 4)))
    ]
    order = draw(st.permutations(chance_nodes))
    model = InfluenceDiagram(decision_nodes, order, values, memory=memory, weights=weights)
    if not risky:
        return model
    largest = sum(abs(model.utility(v.name)).max() for v in values) or 1.0
    return model.rebuilt(risk=float(largest * 10 ** rng.uniform(-2, 1.5)))


def _layout(draw: st.DrawFn, decisions: int, chances: int, cells: int) -> list[tuple[str, int]]:
    """Draw which nodes there are, in an order in which they can come about."""
    number = draw(st.integers(1, decisions))
    kinds = ["d"] * number + ["c"] * draw(st.integers(0, chances))
    kinds = draw(st.permutations(kinds))
    layout, total, count = [], 1, {"d": 0, "c": 0}
    for kind in kinds:
        states = draw(st.sampled_from([1, 2, 2, 2, 3, 3, 4]))
        while states > 1 and total * states > cells:
            states -= 1
        total *= states
        layout.append((f"{kind}{count[kind]}", states))
        count[kind] += 1
    return layout


def _names(number: int, letter: str) -> list[str]:
    return [f"{letter}{i}" for i in range(number)]


def _some(draw: st.DrawFn, names: list[str], most: int) -> list[str]:
    if not names:
        return []
    return draw(st.lists(st.sampled_from(names), unique=True, max_size=most))


def _known(earlier: list[Decision], seen: list[str], memory: str) -> list[str]:
    if memory == "limited":
        return seen
    known = dict.fromkeys(seen)
    for decision in earlier:
        known.update(dict.fromkeys((*decision.observes, decision.name)))
    return list(known)


def _only_when(
    rng: np.random.Generator, name: str, number: int, known: list[str], states: dict[str, int]
) -> dict[str, dict[str, list[str]]]:
    closed = {}
    for option in range(number):
        if known and rng.random() < 0.35:
            needs = rng.choice(known, size=min(len(known), int(rng.integers(1, 3))), replace=False)
            closed[f"o{option}"] = {str(n): _allowed(rng, str(n), states[str(n)]) for n in needs}
    return closed


def _allowed(rng: np.random.Generator, name: str, number: int) -> list[str]:
    letter = "o" if name.startswith("d") else "s"
    kept = [s for s in _names(number, letter) if rng.random() < 0.6]
    return kept or [f"{letter}{rng.integers(number)}"]


def _probabilities(rng: np.random.Generator, shape: list[int], number: int) -> np.ndarray:
    style = rng.integers(4)
    if style == 0:  # rows of zeros and ones
        return np.eye(number)[rng.integers(number, size=shape)]
    if style == 1:  # round numbers, so that totals can tie
        return rng.multinomial(8, np.ones(number) / number, size=shape) / 8
    table = rng.dirichlet(np.ones(number), size=shape)
    if style == 2:  # some states impossible
        table = table * (rng.random(table.shape) < 0.6)
        table[..., 0] += table.sum(axis=-1) == 0
        table /= table.sum(axis=-1, keepdims=True)
    return table


def _value(
    rng: np.random.Generator, name: str, given: list[str], states: dict[str, int], weights: str
) -> Value:
    shape = [states[p] for p in given]
    if rng.random() < 0.5:
        table = rng.integers(-2, 3, size=shape).astype(float)
    else:
        table = np.round(rng.normal(scale=10.0, size=shape), 3)
    if weights == "normalised" or rng.random() < 0.3:
        worst, best = rng.permutation([-4.0, 4.0])
        weight = float(np.round(rng.uniform(0.1, 3), 2))
        return Value(name, given, table, worst=float(worst), best=float(best), weight=weight)
    return Value(name, given, table, weight=float(rng.choice([1.0, 1.0, 0.5, 0.0])))
