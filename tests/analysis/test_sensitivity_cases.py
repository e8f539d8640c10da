"""Sensitivity by hand: cases whose break-evens and totals follow from a line of arithmetic."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from decision import Chance, Decision, InfluenceDiagram, Value, read_model
from decision.analysis.sensitivity import Finding, findings, sensitivity
from decision.model.problems import ModelError
from decision.model.records import Input
from tests.models import oil, umbrella


def moving(model: InfluenceDiagram, *rows: Input) -> InfluenceDiagram:
    """The model with these rows as its only inputs that have a range."""
    by_node: dict[str, tuple[Input, ...]] = {}
    for row in rows:
        by_node[row.node] = (*by_node.get(row.node, ()), row)
    return model.rebuilt(rows=by_node)


def one(model: InfluenceDiagram, by: str | None = None) -> Finding:
    (found,) = findings(model, by)
    return found


def vee() -> InfluenceDiagram:
    """Option a is worth max(0, 0.3 − p), option b max(0, p − 0.7), by what is done then."""
    x = Chance("x", ["yes", "no"], table=[0.2, 0.8])
    payoff = [[[0, 0], [-0.7, 0.3]], [[0, 0], [0.3, -0.7]]]
    decisions = [Decision("first", ["a", "b"]), Decision("then", ["stop", "go"], ["first"])]
    values = [Value("payoff", ["first", "then", "x"], payoff)]
    return moving(
        InfluenceDiagram(decisions, [x], values), Input("x", (), "yes", 0.2, "0.2", 0.1, 0.9)
    )


def gamble(tolerance: float | None) -> InfluenceDiagram:
    """Take 40 for sure, or 100 with probability 1/2."""
    model = InfluenceDiagram(
        decisions=[Decision("take", ["sure", "gamble"])],
        chances=[Chance("coin", ["heads", "tails"], table=[0.5, 0.5])],
        values=[
            Value("cash", ["take"], [40.0, 0.0]),
            Value("prize", ["take", "coin"], [[0.0, 0.0], [100.0, 0.0]]),
        ],
        risk=tolerance,
    )
    sure, heads = (("take", ("sure",)),), Input("coin", (), "heads", 0.5, "0.5", 0.2, 0.9)
    return moving(model, heads, Input("cash", sure, None, 40.0, "40", 0.0, 90.0))


def cars() -> InfluenceDiagram:
    """Two of three kinds of car break down with the same p: sell where (0.2 + 0.3) p > 0.4."""
    kind = Chance("kind", ["old", "used", "new"], table=[0.2, 0.3, 0.5])
    rows = [[0.5, 0.5], [0.5, 0.5], [0.0, 1.0]]
    fails = Chance("fails", ["yes", "no"], ["kind"], rows)
    value = Value("worth", ["keep", "fails"], [[-10.0, 0.0], [-4.0, -4.0]])
    model = InfluenceDiagram([Decision("keep", ["keep", "sell"])], [kind, fails], [value])
    return moving(model, Input("fails", (("kind", ("old", "used")),), "yes", 0.5, "1/2", 0.1, 0.9))


def scores() -> InfluenceDiagram:
    """Scores 100 and 0, 0 and 100, 60 and 60: at weight w the total is over w + 1."""
    one_ = Value("one", ["choose"], [10, 0, 6], worst=0, best=10, weight_low=0.2, weight_high=3)
    two = Value("two", ["choose"], [0, 10, 6], worst=0, best=10)
    row = Input("one", (("choose", ("middle",)),), None, 6.0, "6", 0.0, 12.0)
    choose = Decision("choose", ["ours", "theirs", "middle"])
    return InfluenceDiagram(
        [choose], values=[one_, two], weights="normalised", rows={"one": (row,)}
    )


def test_a_tie_over_an_interval_gives_its_two_ends():
    found = one(vee())
    assert found.break_even == pytest.approx((0.3, 0.7), abs=1e-12)
    assert (found.preferred_low, found.preferred_high) == ("a", "b")


def test_the_lowest_lies_inside_the_range_where_the_swing_shows_nothing():
    found = one(vee())
    assert found.worth_low == pytest.approx(0.2)
    assert found.worth_high == pytest.approx(0.2)
    assert found.swing == pytest.approx(0, abs=1e-12)
    assert found.lowest == pytest.approx(0, abs=1e-12)


def test_options_that_tie_all_along_have_no_break_even_and_the_first_is_preferred():
    model = vee()
    payoff = replace(model.values[0], table=model.values[0].table[[0, 0]])
    found = one(model.rebuilt(values=(payoff,)))
    assert found.break_even == ()
    assert (found.preferred_low, found.preferred_high) == ("a", "a")


def test_a_touch_is_no_break_even():
    """Option a is worth |p − 1/2| by what is done then, b nothing: they meet in one point."""
    model = vee()
    payoff = [[[0.5, -0.5], [-0.5, 0.5]], [[0, 0], [0, 0]]]
    found = one(model.rebuilt(values=(replace(model.values[0], table=np.array(payoff)),)))
    assert found.break_even == ()
    assert found.lowest == pytest.approx(0, abs=1e-12)


def test_oil_has_two_break_evens_of_a_probability_with_the_drilling_decided_anew():
    """With p = P(dry): no test is worth max(0, 110 − 180p), a test 10 less than what the three
    results leave, max(0, 49 − 56p) + max(0, 44 − 65p) + max(0, 17 − 59p)."""
    row = Input("oil", (), "dry", 0.5, "0.5", 0.3, 0.75)
    found = one(moving(oil(), row))
    assert found.break_even == pytest.approx((27 / 59, 39 / 56), abs=1e-12)
    assert (found.preferred_low, found.preferred_high) == ("no", "no")
    assert found.worth_low == pytest.approx(110 - 180 * 0.3)
    assert found.worth_high == pytest.approx(0, abs=1e-9)


def test_a_cost_has_its_break_even_where_it_eats_the_gain():
    row = Input("test_cost", (("test", ("yes",)),), None, -10.0, "-10", -40.0, -5.0)
    found = one(moving(oil(), row))
    assert found.break_even == pytest.approx((-12.5,), abs=1e-12)
    assert found.worth_low == pytest.approx(20)
    assert found.worth_high == pytest.approx(27.5)


def test_a_value_is_looked_at_in_its_range_alone():
    row = Input("test_cost", (("test", ("yes",)),), None, -10.0, "-10", -12.5, -5.0)
    assert one(moving(oil(), row)).break_even == ()


def test_by_another_decision():
    """Without having tested, drilling and not drilling change places at P(dry) = 11/18."""
    row = Input("oil", (), "dry", 0.5, "0.5", 0.3, 0.75)
    model = moving(oil(), row)
    test, drill = model.decisions
    blind = replace(drill, observes=())
    model = model.rebuilt(decisions=(test, blind), chances=(model.chances[0],))
    assert one(model, "drill").break_even == pytest.approx((11 / 18,), abs=1e-12)


def test_a_row_moves_all_its_combinations_together():
    found = one(cars())
    assert found.input == "P(fails=yes | kind=old|used)"
    assert found.break_even == pytest.approx((0.8,), abs=1e-12)
    assert found.worth_low == pytest.approx(-0.5)
    assert found.worth_high == pytest.approx(-4.0)


def test_zero_width():
    """The ends say nothing then, the break-evens of a probability still do."""
    umbrella_ = moving(
        umbrella(),
        Input("rain", (), "yes", 0.3, "0.3", 0.3, 0.3),
        Input("comfort", (("take", ("no",)), ("rain", ("no",))), None, 100.0, "100", 100.0, 100.0),
    )
    rain, comfort = findings(umbrella_)
    assert rain.swing == comfort.swing == 0
    assert rain.break_even == pytest.approx((2 / 9,), abs=1e-12)  # 80 − 10p = 100 − 100p
    assert comfort.break_even == ()


def test_inputs_are_rows_with_a_range_and_weights():
    one_state = Chance("fixed", ["only"], table=[1.0])
    model = umbrella()
    model = model.rebuilt(
        chances=(*model.chances, one_state),
        values=(replace(model.values[0], weight_high=2.0),),
        rows={
            "rain": (
                Input("rain", (), "yes", 0.3, "0.3"),
                Input("rain", (), "no", math.nan, "rest", 0.1, 0.2),
            ),
            "fixed": (Input("fixed", (), "only", 1.0, "1", 0.5, 1.0),),
        },
    )
    found = one(model)
    assert (found.input, found.base, found.low, found.high) == ("weight(comfort)", 1.0, 1.0, 2.0)
    assert found.swing == pytest.approx(77)
    assert findings(umbrella()) == []


def test_a_normalised_weight_divides():
    weight, value = sorted(findings(scores()), key=lambda f: f.input, reverse=True)
    assert value.break_even == pytest.approx((4.0,), abs=1e-12)
    found = weight
    assert found.break_even == pytest.approx((2 / 3, 1.5), abs=1e-12)
    assert found.worth_low == pytest.approx(100 / 1.2)
    assert found.worth_high == pytest.approx(75)
    assert found.lowest == pytest.approx(60)
    assert (found.preferred_low, found.preferred_high) == ("theirs", "ours")


def test_a_normalised_weight_that_stands_alone_changes_nothing():
    value = Value("one", ["choose"], [1, 0], worst=0, best=2, weight_low=0.0, weight_high=3)
    model = InfluenceDiagram([Decision("choose", ["a", "b"])], [], [value], weights="normalised")
    found = one(model)
    assert (found.worth_low, found.worth_high, found.break_even) == (50.0, 50.0, ())


@pytest.mark.parametrize("tolerance", [20.0, 1.0, 0.05])
def test_risk(tolerance):
    """u(40) = p u(100) for the probability, u(c) = u(100) / 2 for the cash; u = 1 − exp(−x/t).

    With the smallest tolerance the exponentials go from 1 to exp(−2000).
    """
    model = gamble(tolerance)
    coin = next(f for f in findings(model) if f.input == "P(coin=heads)")
    cash = next(f for f in findings(model) if f.input == "V(cash | take=sure)")
    p = math.expm1(-40 / tolerance) / math.expm1(-100 / tolerance)
    assert coin.break_even == (pytest.approx((p,), abs=1e-9) if p < 1 else ())
    sure = -tolerance * math.log1p(math.expm1(-100 / tolerance) / 2)
    assert cash.break_even == pytest.approx((sure,), rel=1e-9)
    assert cash.worth_high == pytest.approx(90)
    assert cash.worth_low == pytest.approx(sure)
    assert cash.expected == pytest.approx((50, 90))
    assert cash.swing == pytest.approx(90 - sure)
    assert (cash.preferred_low, cash.preferred_high) == ("gamble", "sure")


def test_a_weight_with_risk():
    model = gamble(20.0)
    cash = replace(model.values[0], weight_low=0.0, weight_high=1.5)
    found = one(model.rebuilt(values=(cash, model.values[1]), rows={}))
    sure = -20 * math.log1p(math.expm1(-5) / 2)
    assert found.break_even == pytest.approx((sure / 40,), rel=1e-9)
    assert found.worth_high == pytest.approx(60)


def test_where_no_branch_can_be_none_is_preferred():
    """Each option is closed in one of two states that are seen."""
    only = {"a": {"sky": ["clear"]}, "b": {"sky": ["grey"]}}
    model = InfluenceDiagram(
        decisions=[Decision("go", ["a", "b"], ["sky"], only)],
        chances=[Chance("sky", ["clear", "grey"], table=[0.4, 0.6])],
        values=[Value("worth", ["go"], [1.0, 2.0])],
    )
    found = one(moving(model, Input("sky", (), "clear", 0.4, "0.4", 0.2, 0.6)))
    assert (found.preferred_low, found.preferred_high, found.break_even) == (None, None, ())
    assert (found.worth_low, found.worth_high) == pytest.approx((1.8, 1.4))


def stranded(low: float, high: float) -> InfluenceDiagram:
    """No boat goes in a storm, which never happens."""
    model = InfluenceDiagram(
        decisions=[Decision("boat", ["big", "small"], ["sea"], _calm("big") | _calm("small"))],
        chances=[Chance("sea", ["calm", "storm"], table=[1.0, 0.0])],
        values=[Value("worth", ["boat"], [1.0, 2.0])],
    )
    return moving(model, Input("sea", (), "storm", 0.0, "0", low, high, line=3))


def _calm(option: str) -> dict[str, dict[str, list[str]]]:
    return {option: {"sea": ["calm"]}}


def test_a_range_in_which_no_option_is_open_is_refused():
    with pytest.raises(ModelError) as error:
        findings(stranded(0.0, 0.1))
    (problem,) = error.value.problems
    assert (problem.line, problem.what) == (
        3,
        "in the range 0 to 0.1, no option of boat is open where sea=storm, which can happen",
    )


def test_a_number_that_cannot_move_has_no_break_even():
    found = one(stranded(0.0, 0.0))
    assert (found.worth_low, found.worth_high, found.break_even) == (2.0, 2.0, ())
    assert found.preferred_low == "small"


def test_the_table_of_an_analysis():
    table = sensitivity(read_model("data/examples/oil_wildcatter"))
    assert list(table.columns) == [
        "base", "low", "high", "total", "total_low", "total_high", "lowest", "swing",
        "preferred", "preferred_low", "preferred_high", "preferred_between", "break_even",
        "total_break_even", "nearest_break_even", "distance", "how",
    ]  # fmt: skip
    assert table.index.name == "input"
    assert table["swing"].is_monotonic_decreasing
    assert table.loc["P(oil=dry)", "break_even"] == pytest.approx((27 / 59, 39 / 56))
    assert sensitivity(umbrella()).empty
