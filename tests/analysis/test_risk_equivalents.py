"""Certain equivalents by three attitudes: by the definition u(c) = E u(X), and limits."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision import Chance, Decision, InfluenceDiagram, ModelError, Value, certain_equivalents
from decision.solve.solution import solve
from tests.models import oil, oil_guarded, seeded


@st.composite
def gambles(draw: st.DrawFn) -> InfluenceDiagram:
    """One choice between gambles; amounts between −10 and 10."""
    states = draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return InfluenceDiagram(
        decisions=[Decision("d", ["a", "b"])],
        chances=[
            Chance("x", [f"s{i}" for i in range(states)], ["d"], rng.dirichlet([1] * states, 2))
        ],
        values=[Value("v", ["d", "x"], rng.uniform(-10, 10, size=(2, states)))],
    )


@given(gambles(), st.floats(-3, 8), st.floats(10.5, 100))
@seeded(200)
def test_power_by_its_definition(model, aversion, wealth):
    found = certain_equivalents(model, aversion=aversion, wealth=wealth)

    def u(w: np.ndarray) -> np.ndarray:
        if abs(aversion - 1) < 1e-6:
            return np.log(w / wealth)
        return (w / wealth) ** (1 - aversion) / (1 - aversion)

    for i in range(2):
        x, p = model.nodes["v"].table[i], model.nodes["x"].table[i]
        mean = float(p @ u(x + wealth))
        low, high = float(x.min()), float(x.max())
        for _ in range(100):  # halved until the amount as good as the gamble is left
            middle = (low + high) / 2
            low, high = (middle, high) if u(np.array(middle + wealth)) < mean else (low, middle)
        assert found.iloc[i] == pytest.approx(low, abs=1e-4)


@given(gambles(), st.floats(0.5, 200))
@seeded(100)
def test_exponential_by_its_definition(model, tolerance):
    found = certain_equivalents(model, tolerance=tolerance)
    for i in range(2):
        x, p = model.nodes["v"].table[i], model.nodes["x"].table[i]
        mean = sum(q * math.exp(-y / tolerance) for y, q in zip(x, p, strict=True))
        assert found.iloc[i] == pytest.approx(-tolerance * math.log(mean), abs=1e-9)


@given(gambles())
@seeded(100)
def test_more_caution_is_worth_less_and_none_the_mean(model):
    means = [solution.expected_value for _, solution in solve(model).branch_solutions()]
    assert list(certain_equivalents(model, aversion=0.0, wealth=20)) == pytest.approx(means)
    assert list(certain_equivalents(model, utilities={-10: 3, 10: 5})) == pytest.approx(means)
    ways = [certain_equivalents(model, aversion=a, wealth=20) for a in (0, 0.5, 1, 2, 10)]
    ways = [w.to_numpy() for w in ways]
    assert all((b <= a + 1e-9).all() for a, b in pairwise(ways))
    least = model.nodes["v"].table.min(axis=-1)
    assert (ways[-1] >= least - 1e-9).all()


def test_a_table_by_hand():
    """Untested, the wildcatter drills: −70, 50 and 200; u is 0.15, 0.65 and 1 there."""
    table = {-100: 0.0, 0: 0.5, 100: 0.8, 200: 1.0}
    # 0.5 × 0.15 + 0.3 × 0.65 + 0.2 × 1 = 0.47, which is u(−6).
    assert certain_equivalents(oil(), utilities=table)["no"] == pytest.approx(-6)


def test_later_choices_go_by_the_tolerance():
    """At 10 the wildcatter does not drill untested: worth nothing, and not a loss."""
    assert certain_equivalents(oil(), tolerance=10)["no"] == pytest.approx(0, abs=1e-12)
    by_solver = [
        s.certain_equivalent for _, s in solve(oil().rebuilt(risk=10.0)).branch_solutions()
    ]
    assert list(certain_equivalents(oil(), tolerance=10)) == pytest.approx(by_solver)


def test_a_closed_branch_is_missing():
    found = certain_equivalents(oil_guarded(), tolerance=50, by="drill")
    assert found.isna().tolist() == [True, False]
    assert found.index.name == "drill"


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({}, "0 attitudes to risk are given; give one of"),
        ({"tolerance": 1, "aversion": 2}, "2 attitudes to risk are given"),
        ({"tolerance": 0}, "the risk tolerance is 0; use a number above 0"),
        ({"tolerance": math.nan}, "the risk tolerance is nan"),
        ({"aversion": 2, "wealth": 80}, "wealth of 80 may become 0"),
        ({"aversion": math.inf, "wealth": 800}, "the aversion is inf"),
        ({"utilities": {-80: 1, 200: 1}}, "the table of utilities does not rise"),
        ({"utilities": {-70: 0, 200: 1}}, "leaves out -80, which the total may be"),
        ({"tolerance": 1, "by": "dril"}, "did you mean 'drill'"),
    ],
)
def test_what_cannot_be_is_refused(how, message):
    with pytest.raises(ModelError) as error:
        certain_equivalents(oil(), **how)
    assert message in str(error.value)
