"""Pooling: several perspectives' probabilities as a model of its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from decision import (
    Chance,
    Decision,
    InfluenceDiagram,
    ModelError,
    Value,
    disagreement,
    pool,
    read_model,
    solve,
    write_model,
)
from decision.model.rows import cells_of
from decision.solve.openness import dead_ends
from tests.analysis.camps import divided, with_rows
from tests.models import seeded

KOREA = "data/korea_2018"


def two_steps(**sets: list[str]) -> InfluenceDiagram:
    """A cause and its sign; a decision that sees neither."""
    model = InfluenceDiagram(
        decisions=[Decision("act", ["yes", "no"])],
        chances=[
            Chance("cause", ["there", "not"], table=[0.2, 0.8]),
            Chance("sign", ["a", "b", "c"], ["cause"], [[0.6, 0.3, 0.1], [0.2, 0.3, 0.5]]),
        ],
        values=[Value("gain", ["act", "cause", "sign"], np.arange(12).reshape(2, 2, 3) % 5)],
    )
    return with_rows(model, **sets)


def other() -> InfluenceDiagram:
    rows = ["P(cause=there) = 0.6", "P(sign=a | cause=there) = 0.2", "weight(gain) = 3"]
    return two_steps(other=rows)


# -- the numbers ----------------------------------------------------------------


def test_the_linear_pool_is_the_mean_by_weight():
    pooled = pool(other(), {"base": 3, "other": 1})
    assert pooled.node("cause").table == pytest.approx([0.75 * 0.2 + 0.25 * 0.6, 0.7])
    # Covariation: other's b and c are 0.3 and 0.1 by 0.8 / 0.4.
    assert pooled.node("sign").table[0] == pytest.approx([0.5, 0.375, 0.125])
    assert pooled.node("sign").table[1].tolist() == [0.2, 0.3, 0.5]


def test_the_logarithmic_pool_of_two_states_is_the_mean_of_log_odds():
    pooled = pool(other(), {"base": 3, "other": 1}, "logarithmic")
    odds = (0.2 / 0.8) ** 0.75 * (0.6 / 0.4) ** 0.25
    assert pooled.node("cause").table[0] == pytest.approx(odds / (1 + odds))
    parts = np.array([0.6**0.75 * 0.2**0.25, 0.3**0.75 * 0.6**0.25, 0.1**0.75 * 0.2**0.25])
    assert pooled.node("sign").table[0] == pytest.approx(parts / parts.sum())


@st.composite
def members(draw) -> tuple[InfluenceDiagram, dict[str, float]]:
    model = draw(divided(perspectives=3, memory=None))
    names = ["base", *model.perspectives]
    return model, {name: draw(st.sampled_from([0, 1, 2, 0.5])) for name in names}


@seeded(150)
@given(members())
def test_laws_of_the_linear_pool(drawn):
    """Between what members say, not moved by a factor of all weights, and a distribution."""
    model, weights = drawn
    if not any(weights.values()):
        return
    try:
        pooled = pool(model, weights)
    except ModelError:
        assume(bool(model.structure.guards))  # a situation without an open option
        return
    assert not dead_ends(pooled)
    scaled = pool(model, {name: 8 * weight for name, weight in weights.items()})
    whole = sum(weights.values())
    seen = {n: model if n == "base" else model.perspective(n) for n in weights}
    for chance in model.chances:
        table = pooled.node(chance.name).table
        mean = sum(w / whole * seen[n].node(chance.name).table for n, w in weights.items())
        np.testing.assert_allclose(table, mean, rtol=0, atol=1e-12)
        np.testing.assert_array_equal(table, scaled.node(chance.name).table)
    for value in model.values:
        assert pooled.node(value.name) == value


@seeded(150)
@given(members())
def test_laws_of_the_logarithmic_pool(drawn):
    """A state is possible where all with weight hold it so; odds of two go by the mean of logs."""
    model, weights = drawn
    if not any(weights.values()):
        return
    seen = [
        (weight, model if name == "base" else model.perspective(name))
        for name, weight in weights.items()
        if weight
    ]
    whole = sum(weights.values())
    possible = {
        c.name: np.all([m.node(c.name).table > 0 for _, m in seen], axis=0) for c in model.chances
    }
    if not all(each.any(axis=-1).all() for each in possible.values()):
        with pytest.raises(ModelError, match="those pooled hold no state of"):
            pool(model, weights, "logarithmic")
        return
    pooled = pool(model, weights, "logarithmic")
    for chance in model.chances:
        table = pooled.node(chance.name).table
        np.testing.assert_array_equal(table > 0, possible[chance.name])
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = sum(w / whole * np.log(m.node(chance.name).table) for w, m in seen)
            apart = np.log(table) - logs  # the same for all that is possible in a row
        apart = np.where(possible[chance.name], apart, np.nan)
        np.testing.assert_allclose(
            np.nanmax(apart, axis=-1), np.nanmin(apart, axis=-1), rtol=0, atol=1e-9
        )


@pytest.mark.parametrize("how", ["linear", "logarithmic"])
def test_one_alone_is_not_moved(how):
    model = read_model(KOREA)
    for name in model.perspectives:
        pooled, seen = pool(model, {name: 2, "base": 0}, how), model.perspective(name)
        for chance in model.chances:
            np.testing.assert_array_equal(
                pooled.node(chance.name).table, seen.node(chance.name).table
            )
        own = pool(model, {name: 1}, how, values=name)
        assert own.values == seen.values
        assert solve(own).branches() == solve(seen).branches()


def test_whose_values_stand_is_said():
    assert pool(other(), {"base": 1, "other": 1}).weight("gain") == 1
    assert pool(other(), {"base": 1, "other": 1}, values="other").weight("gain") == 3


def test_row_by_row_is_not_the_joint():
    """P(sign=a): the joint pools to the mean of the two's; row by row gives another number."""
    model = other()
    sides = [solve(m).probabilities(["sign"])[0] for m in (model, model.perspective("other"))]
    assert sides == pytest.approx([0.28, 0.2])
    row_by_row = solve(pool(model, {"base": 1, "other": 1})).probabilities(["sign"])[0]
    # P(there) 0.4, P(a | there) 0.4: 0.16 + 0.12.
    assert row_by_row == pytest.approx(0.28)
    assert sum(sides) / 2 == pytest.approx(0.24)
    # Of a node without parents it is the same.
    assert pool(model, {"base": 1, "other": 1}).node("cause").table[0] == pytest.approx(0.4)


def test_with_one_row_between_them_totals_pool_linearly():
    """A fixed branch is linear in one distribution, and so in its linear pool."""
    model = two_steps(one=["P(cause=there) = 0.9"], two=["P(cause=there) = 0.4"])
    found = disagreement(model)
    pooled = solve(pool(model, {"one": 1, "two": 3})).branches()
    totals = found.totals.loc["one"] * 0.25 + found.totals.loc["two"] * 0.75
    assert dict(pooled) == pytest.approx(totals.to_dict())


# -- a model of its own -----------------------------------------------------------


@pytest.mark.parametrize("how", ["linear", "logarithmic"])
def test_it_is_written_read_and_solved(how, tmp_path):
    model = read_model(KOREA)
    pooled = pool(model, {"base": 1, **dict.fromkeys(model.perspectives, 2)}, how)
    write_model(pooled, tmp_path / "pooled")
    again = read_model(tmp_path / "pooled")
    assert again == pooled
    assert solve(again).expected_value == solve(pooled).expected_value
    assert (again.perspectives, again.scenarios, again.claim_rows) == ({}, {}, ())


def test_rows_say_who_holds_what():
    model = read_model(KOREA)
    pooled = pool(model, {"base": 1, "moon_government": 3})
    source = pooled.sources["pool"]
    assert source.citation == (
        "Linear pool, row by row, of the probabilities of base (weight 0.25), "
        "moon_government (weight 0.75); Genest and Zidek 1986, Statistical Science 1(1), "
        "114-135, doi:10.1214/ss/1177013825"
    )
    assert (source.kind, source.date) == ("judgement", "2018-01-04")
    row, *_ = (r for r in pooled.inputs if r.name == "P(intent=tension_relief)")
    assert row.sources == ("J1", "pool")
    assert row.rationale.startswith(
        "Linear pool of base 0.18 (weight 0.25), moon_government 0.3351 (weight 0.75). "
        "Base: Judgement. New Year address"
    )
    assert row.low <= 0.18 < 0.3351 < row.high
    # What nobody moved keeps its row as it was.
    same = {r.name: r for r in model.inputs}["P(rok_deterrence=strong)"]
    assert same in pooled.inputs


def test_ranges_hold_what_each_of_them_says():
    model = read_model(KOREA)
    weights = dict.fromkeys(["base", *model.perspectives], 1)
    for how in ("linear", "logarithmic"):
        pooled = pool(model, weights, how)
        names = [r.name for r in pooled.inputs if "pool" in r.sources]
        assert len(names) > 100
        seen = [model, *(model.perspective(name) for name in model.perspectives)]
        for row in pooled.inputs:
            if "pool" not in row.sources:
                continue
            assert row.low <= row.number <= row.high
            cells = cells_of(row, model.axes(row.node))
            for m in seen:
                table = m.node(row.node).table[cells]
                assert row.low <= table.min() <= table.max() <= row.high


def test_a_source_of_that_name_is_left_alone():
    model = read_model(KOREA)
    once = pool(model, {"base": 1, "moon_government": 1})
    rows = {"moon": model.perspectives["moon_government"]}
    twice = pool(once.rebuilt(perspectives=rows), {"base": 1, "moon": 1})
    assert twice.sources["pool"] == once.sources["pool"]
    assert "moon (weight 0.5)" in twice.sources["pool_2"].citation


# -- what is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({"bse": 1},), "python:1: there is no perspective 'bse'; did you mean 'base'?"),
        (({"base": -1},), "python:1: the weight of base is -1; give a finite number, 0 or more"),
        (({"base": float("nan")},), "the weight of base is nan"),
        (({"base": 0, "other": 0},), "python:1: the weights sum to 0; give one above 0"),
        (({},), "the weights sum to 0"),
        (({"base": 1}, "linaer"), "there is no way to pool called 'linaer'; did you mean 'linear'"),
    ],
)
def test_what_cannot_be_pooled_is_refused(arguments, message):
    with pytest.raises(ModelError) as error:
        pool(other(), *arguments)
    assert message in str(error.value)


def test_all_faults_at_once():
    with pytest.raises(ModelError) as error:
        pool(other(), {"base": -1, "nobody": 1}, "mean", values="none")
    assert len(error.value.problems) == 4


def test_who_exclude_each_other_cannot_be_pooled_logarithmically():
    model = two_steps(one=["P(sign=a | cause=there) = 1"], two=["P(sign=a | cause=there) = 0"])
    with pytest.raises(ModelError) as error:
        pool(model, {"one": 1, "two": 1}, "logarithmic")
    assert str(error.value) == (
        "python:1: those pooled hold no state of sign possible together given cause=there; "
        "pool linearly, or leave one of them out"
    )
    assert pool(model, {"one": 1, "two": 1}).node("sign").table[0, 0] == 0.5


def test_a_pool_in_which_no_option_may_be_open_is_refused():
    """One rules out the storm, the other the month in which it comes; together both can be."""
    model = InfluenceDiagram(
        decisions=[Decision("way", ["path"], ["sky"], only_when={"path": {"sky": ["calm"]}})],
        chances=[
            Chance("month", ["may", "june"], table=[0, 1]),
            Chance("sky", ["calm", "storm"], ["month"], [[0, 1], [1, 0]]),
        ],
        values=[Value("joy", ["sky"], [1, 0])],
    )
    rows = ["P(sky=storm | month=may) = 0", "P(month=may) = 0.5"]
    model = with_rows(model, careful=rows)
    with pytest.raises(ModelError, match="in the pool, no option of way is open where sky=storm"):
        pool(model, {"base": 1, "careful": 1})
