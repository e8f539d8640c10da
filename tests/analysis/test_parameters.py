"""Knowing a model's numbers: closed forms, two ways to one figure, laws, refusals, Korea's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from decision import (
    Chance,
    Decision,
    InfluenceDiagram,
    Value,
    read_model,
    value_of_information,
    value_of_knowing_inputs,
)
from decision.analysis import nested
from decision.analysis.sampling import Around, sampler
from decision.model.problems import ModelError
from decision.model.records import Input
from tests.analysis.ranged import ranged
from tests.analysis.test_evppi import loss
from tests.models import seeded

KOREA = "data/korea_2018"
FIVE_TO_NINETY_FIVE = 1.6448536269514722


def shop(effect: float = 1.0, cost: float = 2.0, **also: object) -> InfluenceDiagram:
    """Buy at an effect N(1, ·) and a cost N(0, ·), or do not; a coin has nothing to do with it."""
    options = ["no", "yes"]
    rows = {
        name: (_row(name, centre, spread * FIVE_TO_NINETY_FIVE),)
        for name, centre, spread in (("effect", 1.0, effect), ("cost", 0.0, cost))
    }
    coin = Input("coin", (), "heads", 0.5, "0.5", 0.2, 0.8)
    return InfluenceDiagram(
        decisions=[Decision("buy", options)],
        chances=[Chance("coin", ["heads", "tails"], table=[0.5, 0.5])],
        values=[
            Value("effect", ["buy"], [0, 1]),
            Value("cost", ["buy"], [0, 0]),
            Value("luck", ["coin"], [5, -5]),
        ],
        rows={**rows, "coin": (coin,)},
        **also,  # type: ignore[arg-type]
    )


def _row(name: str, centre: float, reach: float) -> Input:
    where = (("buy", ("yes",)),)
    return Input(name, where, None, centre, repr(centre), centre - reach, centre + reach)


# -- closed forms -----------------------------------------------------------------


@pytest.mark.parametrize("method", ["regression", "nested"])
@pytest.mark.parametrize("draw", ["independent", "linked"])
def test_two_normal_numbers(method, draw):
    """What they add up to is N(1, √5): what is known of it, times the unit normal loss."""
    found = value_of_knowing_inputs(
        shop(), draws=20_000, seed=1, draw=draw, method=method, inner=100
    )
    exact = {"effect": loss(1), "cost": 2 * loss(0.5), "all inputs": 5**0.5 * loss(5**-0.5)}
    for name, value in exact.items():
        row = found.loc[name]
        assert row["value"] == pytest.approx(value, abs=4 * row["standard_error"])
        assert row["plug_in"] - row["plug_in_bias"] == pytest.approx(
            value, abs=4 * row["plug_in_error"]
        )
    assert found.loc["coin", "value"] <= 3 * found.loc["coin", "standard_error"]
    assert list(found.columns)[:2] == ["value", "standard_error"]
    assert found.index.name == "inputs"
    assert list(found["value"]) == sorted(found["value"], reverse=True)


def test_a_number_that_cannot_change_the_choice():
    found = value_of_knowing_inputs(shop(effect=0.01, cost=0.01), draws=500, seed=1)
    assert (found["value"] == 0).all()


def test_with_risk_it_is_of_certain_equivalents():
    """Whoever pays the loss of 5 or gains 5 anyway: choices are between amounts for sure."""
    plain = value_of_knowing_inputs(shop(), "cost", draws=2000, seed=3)
    shy = value_of_knowing_inputs(shop(risk=4.0), "cost", draws=2000, seed=3)
    assert shy.loc["cost", "value"] == pytest.approx(plain.loc["cost", "value"], rel=1e-6)


def test_what_numbers_are_worth_is_not_what_outcomes_are():
    """The coin: to know how it falls changes what is got, and no choice."""
    assert value_of_information(shop()).loc["coin", "value"] == 0


# -- two ways ---------------------------------------------------------------------


@pytest.mark.parametrize("draw", ["independent", "linked"])
def test_both_ways_agree_on_the_wildcatter(draw):
    model = read_model("data/examples/oil_wildcatter").changed("V(test_cost | test=yes) = -12.2")
    around = _ranged_oil(model)
    sets = ["oil", "seismic", ["oil", "seismic"]]
    one = value_of_knowing_inputs(around, sets, draws=20_000, seed=1, draw=draw)
    two = value_of_knowing_inputs(
        around, sets, draws=40_000, seed=2, draw=draw, method="nested", inner=40
    )
    for name in one.index:
        gap = one.loc[name, "value"] - two.loc[name, "value"]
        errors = np.hypot(one.loc[name, "standard_error"], two.loc[name, "standard_error"])
        assert abs(gap) <= 4 * errors + 0.02, name
    assert one.loc["oil + seismic", "value"] > 4 * one.loc["oil + seismic", "standard_error"]


def _ranged_oil(model: InfluenceDiagram) -> InfluenceDiagram:
    rows = {}
    for chance in model.chances:
        listed = []
        for key in np.ndindex(*chance.table.shape):
            p = float(chance.table[key])
            where = tuple(
                (name, (model.states(name)[i],))
                for name, i in zip(chance.given, key[:-1], strict=True)
            )
            if 0 < p < 1 and key[-1] < 2:
                low, high = max(p - 0.15, 0.02), min(p + 0.15, 0.98)
                listed.append(
                    Input(chance.name, where, chance.states[key[-1]], p, repr(p), low, high)
                )
        rows[chance.name] = tuple(listed)
    return model.rebuilt(rows=rows)


# -- what is asked for ------------------------------------------------------------


def test_inputs_nodes_and_sets_by_name():
    model = shop()
    row = "V(effect | buy=yes)"
    found = value_of_knowing_inputs(model, [row, "effect", ["effect", "cost"]], draws=400, seed=1)
    assert set(found.index) == {"all inputs", row, "effect", "effect + cost"}
    assert found.loc[row, "value"] == found.loc["effect", "value"]
    alone = value_of_knowing_inputs(model, row, draws=400, seed=1)
    assert alone.loc[row, "value"] == found.loc[row, "value"]
    assert list(value_of_knowing_inputs(model, draws=50, seed=1).index.sort_values()) == [
        "all inputs", "coin", "cost", "effect",
    ]  # fmt: skip


def test_a_row_is_worth_no_more_than_its_node():
    model = read_model(KOREA)
    row = next(row.name for row in model.inputs if row.node == "tone" and row.low is not None)
    found = value_of_knowing_inputs(model, [row, "tone"], draws=2000, seed=1)
    assert found.loc[row, "value"] <= found.loc["tone", "value"] <= found.loc["all inputs", "value"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"inputs": "efect"}, "there is no drawn input 'efect'"),
        ({"inputs": "luck"}, "no number of luck has a range"),
        ({"inputs": "P(coin=heads)", "draw": "linked"}, "linked, 'P(coin=heads)' moves with all"),
        ({"inputs": [["effect", "buy"]]}, "there is no drawn input 'buy'"),
        ({"draws": 1}, "draws is 1; give 2 or more"),
        ({"seed": -1}, "seed is -1; give 0 or more"),
        ({"seed": -1, "method": "nested"}, "seed is -1; give 0 or more"),
        ({"method": "regresion"}, "no method called 'regresion'; did you mean 'regression'"),
        ({"method": "nested", "inner": 1}, "inner is 1; give 2 or more"),
        ({"method": "nested", "draw": Around()}, "two levels of draws take ranges"),
        ({"draw": "linkd"}, "no way to draw called 'linkd'"),
        ({"by": "by"}, "there is no decision node 'by'"),
    ],
)
def test_refusals(arguments, says):
    with pytest.raises(ModelError) as error:
        value_of_knowing_inputs(shop(), **{"draws": 20, "seed": 1, **arguments})
    assert says in str(error.value)


def test_a_number_without_a_range():
    model = read_model("data/examples/umbrella")
    row = model.inputs[0]
    bare = model.rebuilt(
        rows={row.node: (Input(row.node, row.where, row.state, row.number, row.text),)}
    )
    with pytest.raises(ModelError, match="has no range; give one, or name another"):
        value_of_knowing_inputs(bare, row.name, draws=20, seed=1)
    found = value_of_knowing_inputs(bare, draws=20, seed=1)
    assert found["value"].to_dict() == {"all inputs": 0.0}


def test_progress_is_told_of_draws_and_of_fits():
    drawn: list[tuple[int, int]] = []
    fitted: list[tuple[int, int]] = []
    value_of_knowing_inputs(
        shop(),
        draws=100,
        seed=1,
        progress=lambda *d: drawn.append(d),
        fitting=lambda *d: fitted.append(d),
    )
    assert drawn[-1] == (100, 100)
    assert fitted == [(1, 3), (2, 3), (3, 3)]
    drawn.clear()
    value_of_knowing_inputs(
        shop(), draws=100, seed=1, method="nested", inner=10, progress=lambda *d: drawn.append(d)
    )
    assert drawn[-1] == (300, 300)


@pytest.mark.parametrize("method", ["regression", "nested"])
def test_whoever_runs_it_the_figures_are_the_same(method):
    how = {"draws": 400, "seed": 5, "method": method, "inner": 20}
    alone = value_of_knowing_inputs(shop(), **how)
    with ThreadPoolExecutor(2) as threads:
        shared = value_of_knowing_inputs(shop(), executor=threads, **how)
    assert alone.equals(shared)
    assert not alone.equals(value_of_knowing_inputs(shop(), **{**how, "seed": 6}))


# -- laws -------------------------------------------------------------------------


@seeded(100)
@given(
    ranged(), st.sampled_from(["independent", "linked"]), st.sampled_from(["regression", "nested"])
)
def test_never_below_0_nor_above_all_and_more_is_worth_no_less(model, draw, method):
    names = sampler(model, draw).names
    assume(names)
    sets = [names[: i + 1] for i in range(len(names))]
    try:
        found = value_of_knowing_inputs(
            model, sets, draws=60, seed=1, draw=draw, method=method, inner=6
        )
    except ModelError:  # some draw leaves a decision without an open option
        assume(False)
    values = [found.loc[" + ".join(s), "value"] for s in sets]
    assert values == sorted(values)
    assert values[0] >= 0
    assert values[-1] <= found.loc["all inputs", "value"]
    event("worth something" if values[-1] > 0 else "worth nothing")


# -- Korea ------------------------------------------------------------------------


def test_korea_linked():
    """What research could be worth: 0.126 points in all; of values above all, of chances little.

    Knowing all that experts disagree about in one node is worth most for `leverage`, 0.04.
    """
    found = value_of_knowing_inputs(read_model(KOREA), draws=4000, seed=1, draw="linked")
    row = found.loc["all inputs"]
    assert row["value"] == pytest.approx(0.126, abs=4 * row["standard_error"])
    assert set(found.index[1:4]) == {"leverage", "nonproliferation", "credibility"}
    row = found.loc["leverage"]
    assert row["value"] == pytest.approx(0.041, abs=4 * row["standard_error"])


# -- mutants ----------------------------------------------------------------------


def test_inner_draws_that_draw_all_anew_are_caught(monkeypatch):
    held = nested._Held.__init__

    def none_held(self, random, kept, inner):
        held(self, random, np.zeros_like(kept), inner)

    monkeypatch.setattr(nested._Held, "__init__", none_held)
    with pytest.raises(AssertionError):
        test_two_normal_numbers("nested", "independent")
