"""Why the best branch is best: differences against brute force, and what is said of them."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from decision import Chance, Decision, InfluenceDiagram, ModelError, Value, explain, read_model
from decision.analysis import explanation as room
from decision.analysis.attribution import carried
from decision.analysis.explanation import explanation_json
from decision.analysis.likelihood import likelihood, percent
from decision.cli import main
from decision.solve.enumeration import enumerate_branches
from decision.solve.inputs import scale_of
from decision.solve.solution import solve
from tests.analysis.ranged import ranged
from tests.models import models, oil, seeded

OIL = "data/examples/oil_wildcatter"


@pytest.fixture(scope="module")
def korea():
    return explain(read_model("data/korea_2018"))


# -- differences, against brute force -----------------------------------------


@st.composite
def legal(draw, **kinds: object) -> InfluenceDiagram:
    """Draw a model in which some option is open in every situation."""
    model = draw(models(**kinds))
    try:
        solve(model)
    except ModelError:
        assume(False)
    return model


def off(model: InfluenceDiagram, by: str) -> list[str]:
    """Return what an explanation says otherwise than brute force."""
    content = explanation_json(explain(model, by))
    brute = dict(enumerate_branches(model, by))
    open_ = {option: found for option, found in brute.items() if found is not None}
    near = {"rel_tol": 1e-9, "abs_tol": 1e-9 * scale_of(model)}
    wrong = []
    worths = {
        o: f.expected_value if model.risk is None else f.certain_equivalent
        for o, f in open_.items()
    }
    if not open_:
        return [] if content["best"] is None else ["best"]
    best = content["best"]
    if not math.isclose(worths[best], max(worths.values()), **near):
        wrong.append("best")
    if [row["option"] for row in content["against"]] != [o for o in brute if o != best]:
        wrong.append("options")
    for row in content["against"]:
        other = brute[row["option"]]
        numbers = [row["difference"], *row["by_value"].values()]
        if other is None:
            wrong += ["closed"] * (set(numbers) != {None})
            continue
        expected = [brute[best].expected_value - other.expected_value]
        for value in model.values:
            one, two = (f.expectation(value.name) for f in (brute[best], other))
            span = 1.0 if value.worst is None else 100 / (value.best - value.worst)
            expected.append(model.weight(value.name) * span * (one - two))
        wrong += [
            name
            for name, a, b in zip(["difference", *row["by_value"]], numbers, expected, strict=True)
            if not math.isclose(a, b, **near)
        ]
        if not math.isclose(math.fsum(row["by_value"].values()), row["difference"], **near):
            wrong.append("sum")
    return wrong


@seeded(250)
@given(legal(cells=300), st.data())
def test_differences_are_those_of_brute_force(model, data):
    by = data.draw(st.sampled_from([d.name for d in model.decisions]))
    assert off(model, by) == []


@seeded(60)
@given(legal(memory="limited", risk=False, cells=24, decisions=2, chances=3), st.data())
def test_differences_are_those_of_brute_force_where_decisions_forget(model, data):
    assume(len(model.values) == 1)  # equally good rules may differ in what they gain on each
    by = data.draw(st.sampled_from([d.name for d in model.decisions]))
    assert off(model, by) == []


def weighted() -> InfluenceDiagram:
    return InfluenceDiagram(
        decisions=[Decision("go", ["no", "yes"])],
        chances=[Chance("war", ["no", "yes"], ["go"], [[0.9, 0.1], [0.95, 0.05]])],
        values=[
            Value("lives", ["war"], [0, 1000], worst=1000, best=0, weight=3.0),
            Value("cost", ["go"], [0, 50], worst=100, best=0, weight=0.1),
        ],
    )


def test_a_mutant_that_forgets_weights_is_found(monkeypatch):
    assert off(weighted(), "go") == []
    monkeypatch.setattr(InfluenceDiagram, "utility", lambda self, name: self.nodes[name].table)
    assert {"lives", "cost"} <= set(off(weighted(), "go"))


def test_a_mutant_that_looks_at_one_branch_only_is_found(monkeypatch):
    first = room.looked_at(dict(solve(weighted()).branch_solutions())["no"])
    monkeypatch.setattr(room, "looked_at", lambda branch: first)
    assert {"lives", "cost", "sum"} <= set(off(weighted(), "go"))


@seeded(100)
@given(legal(cells=200))
def test_parts_and_outcomes_add_up_to_the_difference(model):
    why = explain(model)
    near = 1e-9 * max(scale_of(model), 1e-300)
    for gap in why.gaps:
        if gap.difference is None:
            continue
        assert abs(math.fsum(p.points for p in gap.parts) - gap.difference) <= near
        for part in gap.parts:
            total = math.fsum(points for *_, points in part.outcomes)
            assert abs(total - part.points) <= near
            chances = Counter()
            for node, _, best, other, _ in part.outcomes:
                chances[node] += best - other
            assert all(abs(moved) <= 1e-9 for moved in chances.values())


# -- which outcomes carry it --------------------------------------------------


def slowly(utility, one, other):
    """Share a difference out over outcomes, order by order and path by path."""
    parts = [np.zeros(n) for n in utility.shape]
    paths = list(product(*map(range, utility.shape)))
    orders = list(permutations(range(utility.ndim)))

    def mean(fixed):
        fits = [x for x in paths if all(x[a] == s for a, s in fixed.items())]
        mass = sum(one[x] + other[x] for x in fits)
        return sum((one[x] + other[x]) * utility[x] for x in fits) / mass if mass else 0.0

    for order in orders:
        for x in paths:
            for i, axis in enumerate(order):
                known = {a: x[a] for a in order[:i]}
                gained = mean({**known, axis: x[axis]}) - mean(known)
                parts[axis][x[axis]] += (one[x] - other[x]) * gained / len(orders)
    return parts


@pytest.mark.parametrize("seed", range(40))
def test_outcomes_carry_the_average_over_all_orders(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 4, size=rng.integers(0, 4)))
    utility = rng.normal(size=shape)
    cells = int(np.prod(shape))
    one, other = (rng.dirichlet(np.full(cells, 0.4)).reshape(shape) for _ in range(2))
    one = np.where(one < 0.02, 0, one)
    one = one / one.sum()
    found = carried(utility, one, other)
    for mine, his in zip(found, slowly(utility, one, other), strict=True):
        assert np.allclose(mine, his, rtol=1e-10, atol=1e-12)
    assert (
        math.isclose(
            sum(part.sum() for part in found), ((one - other) * utility).sum(), abs_tol=1e-12
        )
        or not shape
    )
    backwards = carried(utility, other, one)
    raised = carried(utility + 7.0, one, other)
    turned = carried(utility.T, one.T, other.T)[::-1]
    for mine, *same in zip(found, backwards, raised, turned, strict=True):
        assert np.allclose(mine, -same[0], atol=1e-12)
        assert np.allclose(mine, same[1], atol=1e-10)
        assert np.allclose(mine, same[2], atol=1e-12)


def test_a_parent_alone_carries_what_it_happens_more_often_times_what_it_is_worth():
    (part,) = carried(np.array([0.0, 100.0]), np.array([0.2, 0.8]), np.array([0.4, 0.6]))
    assert part.tolist() == pytest.approx([-0.2 * (0 - 70), 0.2 * (100 - 70)])


def test_many_parents_are_taken_in_the_order_of_the_file():
    """17 parents would be 131 072 sets; in one order the first that moves carries it all."""
    shape = (2,) * 17
    rng = np.random.default_rng(5)
    first, second = np.array([0.3, 0.7]), np.array([0.6, 0.4])
    rest = np.full(shape[1:], 2.0**-16)
    one, other = (np.multiply.outer(p, rest) for p in (first, second))
    utility = rng.normal(size=shape)
    found = carried(utility, one, other)
    assert math.isclose(found[0].sum(), ((one - other) * utility).sum(), rel_tol=1e-9)
    assert all(abs(part.sum()) < 1e-12 for part in found[1:])


# -- what would undo it -------------------------------------------------------


@seeded(60)
@given(ranged(memory="perfect", risk=False, guards=False))
def test_short_of_a_reversal_the_preference_holds_and_past_it_another_does(model):
    why = explain(model)
    assert why.text.isprintable()
    for found in why.reversals:
        width = found.high - found.low
        assert found.distance == pytest.approx(abs(found.at - found.base) / width)
        short = found.at + (found.base - found.at) * 1e-3
        brute = enumerate_branches(model.changed(f"{found.input} = {short!r}"))
        worths = {option: branch.expected_value for option, branch in brute}
        slack = 1e-8 * scale_of(model)
        assert worths[why.best] >= max(worths.values()) - slack
        past = found.at + math.copysign(1e-4 * width, found.at - found.base)
        if found.option is None or (found.input.startswith("P(") and not 0 < past < 1):
            continue
        brute = enumerate_branches(model.changed(f"{found.input} = {past!r}"))
        worths = {option: branch.expected_value for option, branch in brute}
        assert worths[found.option] >= worths[why.best] - slack


def test_korea_turns_at_the_tone_and_at_a_weight(korea):
    tone, weight = korea.reversals
    assert tone.input == "P(tone=restrained | strategy=off_ramp_and_restraint)"
    assert tone.at == pytest.approx(0.46, abs=0.005)
    assert weight.input == "weight(nonproliferation)"
    assert {tone.option, weight.option} == {"restrained_rhetoric"}
    for found, sign in ((tone, -1), (weight, -1)):
        for step, best in ((-1e-4, korea.best), (1e-4, found.option)):
            number = found.at + sign * step
            assert solve(korea.model.changed(f"{found.input} = {number!r}")).preferred() == (best,)


# -- the paragraph ------------------------------------------------------------


def test_korea_is_explained(korea):
    assert korea.best == "off_ramp_and_restraint"
    gaps = {gap.option: round(gap.difference, 2) for gap in korea.gaps}
    assert gaps == {"maximum_pressure": 0.46, "off_ramp": 0.34, "restrained_rhetoric": 0.16}
    text = korea.text
    assert "\n" not in text
    assert "“off ramp and restraint” is best: its expected total is 94.19 points, 0.16 more" in text
    assert "falls from 56% (likely) to 46% (roughly even chance)" in text
    lead = korea.values.loc["restrained_rhetoric"]
    assert lead["points"].is_monotonic_decreasing
    assert lead["end"].iloc[-1] == pytest.approx(0.156424, abs=1e-6)
    assert lead["start"].tolist()[1:] == lead["end"].tolist()[:-1]
    shares = korea.outcomes["points"].groupby(["option", "value"]).sum()
    assert np.allclose(shares, korea.values["points"].reindex(shares.index), atol=1e-12)


def test_the_paragraph_is_made_from_the_numbers():
    why = explain(read_model(OIL))
    assert why.text == (
        "For “Seismic test”, “yes” is best: its expected total is 22.5 thousand dollars, 2.5 more "
        "than “no”. Against “no” it gains on “Drilling profit” (+12.5: 32.5 rather than 20) and "
        "gives up “Cost of the test” (−10.0: −10 rather than 0). Most of this comes from “Oil in "
        "the ground”, no different in itself but met by other choices (+13.0); from the choice "
        "itself (−10.0); from “Drill: no” being unlikely (41%) rather than impossible (0%) "
        "(−1.8). That lead is equal to one change: it is gone if the chance that “Oil in the "
        "ground” is “dry” falls from 50% to 46% (roughly even chance still), 21% of the width of "
        "its range (40% to 60%); below that, “no” is best. Nearer still, it is gone if the value "
        "of “Cost of the test” where “Seismic test” is “yes” falls from −10 to −12.5, 17% of the "
        "width of its range (−20 to −5); below that, “no” is best."
    )
    dearer = explain(read_model(OIL).changed("V(test_cost | test=yes) = -14"))
    assert dearer.text.startswith(
        "For “Seismic test”, “no” is best: its expected total is 20.0 thousand dollars, 1.5 more "
    )


def test_a_lead_can_be_told_in_the_chance_of_an_event():
    """War costs 300 points; yes makes it 5 points in 100 less likely and costs 5."""
    why = explain(weighted(), event="P(war=yes)")
    (gap,) = why.gaps
    assert (why.best, gap.option) == ("yes", "no")
    assert gap.difference == pytest.approx(0.05 * 300 - 0.1 * 50)
    assert why.event_worth == pytest.approx(-300)
    assert (
        "10 of expected total is as much as 3.33 percentage points less chance that “war” is "
        "“yes” would add, all else equal."
    ) in why.text
    with pytest.raises(ModelError, match="does not depend on"):
        explain(weighted().changed("weight(lives) = 0"), event="P(war=yes)")
    with pytest.raises(ModelError, match="is not the chance of one event"):
        explain(weighted(), event="P(go=yes)")


def test_a_tie_is_said_and_nothing_undoes_it():
    model = oil().changed("V(test_cost | test=yes) = -12.5")
    why = explain(model)
    assert (why.best, why.ties, why.reversals) == ("yes", ("no",), ())
    assert why.gaps[0].difference == pytest.approx(0, abs=1e-9)
    assert why.text.startswith(
        "For “test”, “yes” and “no” are equally good; “yes” is listed first: its expected total "
    )


def test_the_only_option_needs_no_reason():
    model = InfluenceDiagram(
        decisions=[Decision("go", ["on"])], values=[Value("fun", ["go"], [10])], chances=[]
    )
    content = explanation_json(explain(model))
    assert content == {
        "best": "on",
        "against": [],
        "text": "For “go”, “on” is the only option: its expected total is 10.0 points.",
    }
    why = explain(model)
    assert why.values.empty
    assert why.outcomes.empty


def guarded(sure: float) -> InfluenceDiagram:
    return InfluenceDiagram(
        decisions=[Decision("go", ["out", "stay"], ["sky"], {"out": {"sky": ["clear"]}})],
        chances=[Chance("sky", ["clear", "storm"], table=[sure, 1 - sure])],
        values=[Value("fun", ["go"], [10, 1])],
    )


def test_a_closed_branch_is_a_row_of_nulls():
    content = explanation_json(explain(guarded(0.5)))
    assert content["best"] == "stay"
    assert content["against"] == [{"option": "out", "difference": None, "by_value": {"fun": None}}]
    assert content["text"] == (
        "For “go”, “stay” is the only option open in every situation: its expected total is 1.00 "
        "points. “out” is not open in every situation. Choosing only once “sky” is known is worth "
        "4.50 more."
    )


def test_where_no_branch_can_be_had_none_is_best():
    only = {"out": {"sky": ["clear"]}, "in": {"sky": ["storm"]}}
    model = InfluenceDiagram(
        decisions=[Decision("go", ["out", "in"], ["sky"], only)],
        chances=[Chance("sky", ["clear", "storm"], table=[0.5, 0.5])],
        values=[Value("fun", ["go"], [10, 1])],
    )
    content = explanation_json(explain(model))
    assert content["best"] is None
    assert [row["difference"] for row in content["against"]] == [None, None]
    assert content["text"].startswith("No option for “go” can be taken in every situation")


def test_with_risk_the_best_can_be_behind_in_expectation():
    why = explain(read_model("data/examples/party_problem"))
    gap = next(gap for gap in why.gaps if gap.option == "porch")
    assert why.best == "indoors"
    assert gap.difference == pytest.approx(-2)
    assert [part.points for part in gap.parts] == pytest.approx([-2])
    assert "as good as 45.8 dollars for certain, 5.2 more than “porch”" in why.text
    assert "Its expected total is 46.0, 2.0 less than that of “porch”." in why.text


def test_decisions_that_forget():
    """What was seen is forgotten by the time of the second decision: by hand, 6 against 4."""
    model = InfluenceDiagram(
        decisions=[Decision("first", ["a", "b"]), Decision("second", ["l", "r"])],
        chances=[],
        values=[
            Value("match", ["first", "second"], [[6, 0], [1, 3]]),
            Value("ease", ["first"], [0, 1]),
        ],
        memory="limited",
    )
    content = explanation_json(explain(model))
    assert content["best"] == "a"
    (row,) = content["against"]
    assert row == {"option": "b", "difference": 2.0, "by_value": {"match": 3.0, "ease": -1.0}}


def test_a_model_without_ranges_says_so():
    assert "No number of the model has a range" in explain(oil()).text


def test_text_of_a_model_is_shown_and_never_run():
    nasty = '<script>alert("x")</script>\x1b[31m$\\alpha$'
    model = InfluenceDiagram(
        decisions=[Decision("go", ["no", "yes"], label=nasty)],
        chances=[],
        values=[Value("fun", ["go"], [0, 3], label=nasty, unit="<b>")],
    )
    why = explain(model)
    assert "\x1b" not in why.text
    page = why._repr_html_()
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page


def test_an_unknown_decision_is_refused():
    with pytest.raises(ModelError, match="there is no decision node 'tset'; did you mean 'test'"):
        explain(oil(), by="tset")


# -- words and the command line -----------------------------------------------


def test_words_are_those_of_the_directive():
    edges = [0.01, 0.05, 0.2, 0.45, 0.5, 0.55, 0.8, 0.95, 0.99]
    middles = [0.03, 0.12, 0.3, 0.48, 0.6, 0.9, 0.97]
    words = ["almost no chance", "very unlikely", "unlikely", "roughly even chance"]
    words += ["likely", "very likely", "almost certain"]
    assert [likelihood(p) for p in middles] == words
    assert [likelihood(p) for p in edges] == [
        *("almost no chance", "almost no chance", "very unlikely", "unlikely"),
        *("roughly even chance", "likely", "very likely", "almost certain", "almost certain"),
    ]
    for wrong in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="no probability"):
            likelihood(wrong)


@pytest.mark.parametrize("p", [1e-12, 1e-7, 1e-5, 0.004, 0.0996, 0.5, 0.96, 0.9996, 1 - 1e-9])
def test_a_chance_is_never_rounded_to_certainty(p):
    assert percent(p) not in ("0%", "100%", "0.0%", "100.0%")


def test_what_is_printed_is_the_contract(capsys):
    assert main(["explain", OIL, "--format", "json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert list(content) == ["best", "against", "text"]
    assert [list(row) for row in content["against"]] == [["option", "difference", "by_value"]]
    assert content["against"][0]["by_value"] == {
        "payoff": pytest.approx(12.5),
        "test_cost": pytest.approx(-10),
    }
    assert main(["explain", OIL]) == 0
    table = capsys.readouterr().out
    (change,) = re.findall(r'--set "(P\(oil=dry\) = \S+)"', table)
    assert solve(read_model(OIL).changed(change)).branches()[0][1] == pytest.approx(
        solve(read_model(OIL).changed(change)).branches()[1][1], abs=1e-4
    )
    assert main(["explain", OIL, "--by", "oil"]) == 1
    assert "not a decision" in capsys.readouterr().err
