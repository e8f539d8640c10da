"""Models that are timed: one at random, pigs for many months, processes of many stages."""

from __future__ import annotations

import numpy as np

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Decision, Value
from decision.solve.plan import plan

SEED = 1
"""The first seed whose model fits `policy12`."""
CARDS = (2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4)


def policy12(seed: int = SEED) -> InfluenceDiagram:
    """12 chance nodes, 3 decisions that remember, 4 value nodes, about 500 numbers."""
    rng = np.random.default_rng(seed)
    cards = dict(zip((f"c{i}" for i in range(12)), rng.permutation(CARDS).tolist(), strict=True))
    cards |= {"d0": 2, "d1": 3, "d2": 2}
    order = [f"c{i}" for i in range(12)]
    for place, name in ((9, "d2"), (6, "d1"), (3, "d0")):
        order.insert(place, name)
    decisions, chances, made = [], [], []
    for name in order:
        states = [f"{name}_{i}" for i in range(cards[name])]
        if name.startswith("d"):
            seen = [n for n in made if n.startswith("c")]
            fresh = [n for n in seen if not any(n in d.observes for d in decisions)]
            known = rng.choice(fresh, size=min(2, len(fresh)), replace=False)
            decisions.append(Decision(name, states, [str(n) for n in known]))
        else:
            most = min(len(made), int(rng.integers(1, 5)))
            parents = [str(n) for n in rng.choice(made, size=most, replace=False)] if made else []
            shape = [cards[n] for n in parents]
            chances.append(
                Chance(name, states, parents, rng.dirichlet(np.ones(cards[name]), shape))
            )
        made.append(name)
    values = []
    for i, near in enumerate(("d0", "d1", "d2", "c11")):
        others = [n for n in made if n != near]
        given = [near, *(str(n) for n in rng.choice(others, size=2, replace=False))]
        values.append(Value(f"v{i}", given, rng.normal(size=[cards[n] for n in given]) * 10))
    return InfluenceDiagram(decisions=decisions, chances=chances, values=values)


def numbers(model: InfluenceDiagram) -> int:
    """Return how many numbers a model has."""
    return sum(node.table.size for node in (*model.chances, *model.values))


def fits(model: InfluenceDiagram) -> bool:
    """Whether a model is what `policy12` is to be."""
    cost = plan(model.structure).cost
    ruled = all(len(choice.given) > 1 for choice in plan(model.structure).choices[1:])
    return ruled and 26_000 < cost.operations < 30_000 and 450 < numbers(model) < 550


def pigs(months: int) -> InfluenceDiagram:
    """Pigs (Lauritzen and Nilsson 2001) for some months, the doctor remembering all."""
    yes_no = ("no", "yes")
    ill = ("ill", "healthy")
    decisions, chances, values = [], [], []
    for t in range(1, months + 1):
        given, table = (), np.array([0.1, 0.9])
        if t > 1:
            given = (f"health_{t - 1}", f"treat_{t - 1}")
            table = np.array([[[0.9, 0.1], [0.5, 0.5]], [[0.2, 0.8], [0.1, 0.9]]])
        chances.append(Chance(f"health_{t}", ill, given, table))
        if t < months:
            test = np.array([[0.8, 0.2], [0.1, 0.9]])
            chances.append(Chance(f"test_{t}", ("positive", "negative"), (f"health_{t}",), test))
            decisions.append(Decision(f"treat_{t}", yes_no, (f"test_{t}",)))
            values.append(Value(f"cost_{t}", (f"treat_{t}",), np.array([0.0, -100.0])))
    values.append(Value("price", (f"health_{months}",), np.array([300.0, 1000.0])))
    return InfluenceDiagram(decisions=decisions, chances=chances, values=values)


def process(stages: int, states: int = 3, options: int = 2) -> InfluenceDiagram:
    """Return a decision process: a state, seen and acted upon, at each stage."""
    rng = np.random.default_rng(0)
    decisions, chances, values = [], [], []
    names = [f"s{i}" for i in range(states)]
    for t in range(stages):
        given = [f"x{t - 1}", f"d{t - 1}"] if t else []
        table = rng.dirichlet(np.ones(states), size=[states, options] if t else None)
        chances.append(Chance(f"x{t}", names, given, table))
        decisions.append(Decision(f"d{t}", [f"o{i}" for i in range(options)], [f"x{t}"]))
        values.append(Value(f"v{t}", [f"x{t}", f"d{t}"], rng.normal(size=(states, options))))
    return InfluenceDiagram(decisions=decisions, chances=chances, values=values)
