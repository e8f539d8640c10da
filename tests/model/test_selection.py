"""Which cells a change means: a selection is held against looking at every cell."""

import itertools
import random

import numpy as np
import pytest

from decision.model import Chance, Decision, InfluenceDiagram, Value
from decision.model.language import Assignment
from decision.model.selection import selection

STATES = {"a": ("x", "y", "z"), "b": ("x", "y"), "c": ("p", "q", "r", "s"), "d": ("only",)}


def model() -> InfluenceDiagram:
    """Four parents of one value node whose amounts are all different."""
    shape = tuple(len(states) for states in STATES.values())
    return InfluenceDiagram(
        decisions=[Decision("drill", ["yes", "no"])],
        chances=[Chance(n, s, table=[1 / len(s)] * len(s)) for n, s in STATES.items()],
        values=[Value("gain", tuple(STATES), np.arange(np.prod(shape)).reshape(shape))],
    )


@pytest.mark.parametrize("seed", range(60))
def test_the_cells_meant_in_the_order_said(seed):
    draw = random.Random(seed)
    said = {n: s for n, s in STATES.items() if draw.random() < 0.6}
    chosen = {n: tuple(draw.sample(s, draw.randint(1, len(s)))) for n, s in said.items()}
    conditions = [Assignment(n, chosen[n]) for n in draw.sample(sorted(chosen), len(chosen))]
    start = model()
    gain = start.nodes["gain"]
    cells = gain.table[selection(start, gain, conditions, ("x.csv", 1))]
    axes = [chosen.get(n, states) for n, states in STATES.items()]
    assert cells.shape == tuple(map(len, axes))
    assert cells.ravel().tolist() == [
        gain.table[tuple(STATES[n].index(s) for n, s in zip(STATES, cell, strict=True))]
        for cell in itertools.product(*axes)
    ]


def test_a_state_said_twice_is_meant_once():
    start = model()
    gain = start.nodes["gain"]
    twice = selection(start, gain, [Assignment("c", ("q", "q"))], ("x.csv", 1))
    once = selection(start, gain, [Assignment("c", ("q",))], ("x.csv", 1))
    assert gain.table[twice].tolist() == gain.table[once].tolist()
