"""What a solution says, in labels: rows, branches, conditions, refusals, cards."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Decision, Value
from decision.model.problems import ModelError
from decision.solve.enumeration import enumerate_solve
from decision.solve.rules import Rule
from decision.solve.solution import solve
from tests.models import oil, oil_guarded, stages, umbrella


def problems(call, *args, **options):
    """Return the messages of the ModelError that a call raises."""
    with pytest.raises(ModelError) as error:
        call(*args, **options)
    return [str(problem) for problem in error.value.problems]


def test_oil_wildcatter_as_published():
    solution = solve(oil())
    assert solution.expected_value == pytest.approx(22.5, abs=1e-12)
    assert solution.certain_equivalent is None
    assert dict(solution.branches()) == pytest.approx({"yes": 22.5, "no": 20.0})
    assert dict(solution.branches("drill")) == pytest.approx({"yes": 20.0, "no": 0.0})
    row = solution.strategy_rows()[1]
    assert list(row) == ["decision", "given", "choose", "expected_value", "probability", "ties"]
    assert row["given"] == {"test": "yes", "seismic": "closed"}
    assert (row["choose"], row["expected_value"]) == ("yes", pytest.approx(77.5))
    assert row["probability"] == pytest.approx(0.24)


def test_strategy_as_a_table():
    table = solve(oil()).strategy
    assert list(table.columns) == [
        "decision", "test", "seismic", "choose", "expected_value", "probability", "ties",
    ]  # fmt: skip
    assert table["test"].tolist() == [None, "yes", "yes", "yes"]
    assert table["ties"].tolist() == [()] * 4
    assert table["expected_value"].dtype == float
    risky = solve(oil().rebuilt(risk=100.0)).strategy
    assert list(risky.columns)[-4:-2] == ["expected_value", "certain_equivalent"]


def test_policy_is_total_and_looks_at_what_matters():
    policy = solve(oil()).policy
    assert policy["test"].given == ()
    assert policy["drill"].given == ("test", "seismic")
    assert policy["drill"].choices.shape == (2, 4)
    with pytest.raises(ValueError, match="read-only"):
        policy["drill"].choices[0, 0] = 1
    assert policy["drill"] == solve(oil()).policy["drill"]


def test_old_plan_in_the_new_world():
    model = oil()
    policy = solve(model).policy
    poorer = model.rebuilt(
        values=(Value("payoff", ["drill", "oil"], [[-70, 20, 80], [0, 0, 0]]), model.values[1])
    )
    worse = solve(poorer).expected_value_of(policy)
    assert worse < solve(poorer).expected_value
    rules = {n: np.broadcast_to(r.choices, r.choices.shape) for n, r in policy.items()}
    brute = enumerate_solve(model)
    joint = brute.joint
    total = (joint.sum(axis=2) * np.array([-10, 0])[:, None, None]).sum()
    payoff = np.array([[-70, 20, 80], [0, 0, 0]])
    assert rules["test"] == 0
    assert worse == pytest.approx((joint.sum(axis=(0, 1)) * payoff).sum() + total)
    assert (
        "no rule for drill" in problems(solve(model).expected_value_of, {"test": policy["test"]})[0]
    )


def test_conditions():
    solution = solve(oil())
    joint = solution.probabilities(["seismic", "oil"])
    assert joint.shape == (4, 3)
    assert joint.sum() == pytest.approx(1)
    given = solution.probabilities(["oil"], {"seismic": "closed"})
    assert given == pytest.approx(np.array([0.05, 0.09, 0.1]) / 0.24)
    assert solution.expectation("payoff", {"oil": "wet"}) == pytest.approx(35.0)
    assert solution.expectation(None, {"oil": "wet"}) == pytest.approx(25.0)
    assert solution.expectation() == pytest.approx(22.5)
    assert solution.probabilities(["drill"], {"oil": "dry"}) == pytest.approx([0.4, 0.6])
    assert solution.probabilities(["oil"], {"oil": "dry"}) == pytest.approx([1, 0, 0])
    assert solution.probabilities([]) == pytest.approx(1.0)


def test_condition_of_probability_0():
    message = "command line:1: the condition seismic=none has probability 0; "
    for ask in (
        lambda: solve(oil()).probabilities(["oil"], {"seismic": "none"}),
        lambda: solve(oil()).expectation(None, {"seismic": "none"}),
    ):
        assert problems(ask)[0].startswith(message)


def test_names_that_are_wrong():
    solution = solve(oil())
    assert problems(solve, oil(), given={"drill": "yse"}) == [
        "command line:1: drill has no option 'yse'; did you mean 'yes'?"
    ]
    assert len(problems(solve, oil(), given={"dril": "yes", "test": "x"})) == 2
    assert "did you mean 'payoff'" in problems(solution.expectation, "payof")[0]
    assert "did you mean 'seismic'" in problems(solution.probabilities, ["seismi"])[0]
    assert "did you mean 'wet'" in problems(solution.expectation, None, {"oil": "wett"})[0]
    assert "'test' is a decision node" in problems(solution.expectation, None, {"test": "yes"})[0]
    assert "did you mean 'drill'" in problems(solution.branches, "dril")[0]


def test_ties_go_to_the_first_and_are_reported():
    model = InfluenceDiagram(
        decisions=[Decision("act", ["a", "b", "c", "d"])],
        values=[Value("gain", ["act"], [1.0, 2.0, 2.0 * (1 + 5e-10), 2.0 * (1 + 2e-9)])],
    )
    row = solve(model).strategy_rows()[0]
    assert (row["choose"], row["ties"]) == ("d", [])
    three = solve(model.rebuilt(values=(Value("gain", ["act"], [1.0, 2.0, 2 + 1e-9, 0.0]),)))
    assert (three.strategy_rows()[0]["choose"], three.strategy_rows()[0]["ties"]) == ("b", ["c"])


@pytest.mark.parametrize(("difference", "tie"), [(5e-7, True), (5e-6, False)])
def test_ties_are_relative_to_the_whole_total(difference, tie):
    """What the decision has no part in counts too: |a − b| ≤ 1e-9 · 1000."""
    model = InfluenceDiagram(
        decisions=[Decision("act", ["a", "b"])],
        values=[Value("base", (), 1000.0), Value("gain", ["act"], [0.0, difference])],
    )
    row = solve(model).strategy_rows()[0]
    assert (row["choose"], row["ties"]) == (("a", ["b"]) if tie else ("b", []))
    assert row["ties"] == enumerate_solve(model).strategy[0]["ties"]


def test_a_decision_without_influence_ties_in_everything():
    model = umbrella()
    idle = Decision("hum", ["low", "high"], ["rain"])
    other = model.rebuilt(decisions=(*model.decisions, idle))
    rows = solve(other).strategy_rows()
    assert [(r["choose"], r["ties"]) for r in rows if r["decision"] == "hum"] == [
        ("low", ["high"])
    ] * 2


def test_rows_show_all_that_is_known_and_forced_decisions_too():
    rows = solve(oil(), given={"test": "no"}).strategy_rows()
    assert [(r["decision"], r["given"], r["choose"], r["ties"]) for r in rows] == [
        ("test", {}, "no", []),
        ("drill", {"test": "no", "seismic": "none"}, "yes", []),
    ]


def test_requisite_rows_leave_out_what_cannot_matter():
    model = stages(3)
    every = solve(model).strategy_rows()
    few = solve(model).strategy_rows(requisite=True)
    assert len([r for r in every if r["decision"] == "d2"]) == 27
    last = [r for r in few if r["decision"] == "d2"]
    assert [list(r["given"]) for r in last] == [["x2"]] * 3
    assert sum(r["probability"] for r in last) == pytest.approx(1)
    for row in last:
        same = [
            r for r in every if r["decision"] == "d2" and r["given"]["x2"] == row["given"]["x2"]
        ]
        mean = sum(r["probability"] * r["expected_value"] for r in same) / row["probability"]
        assert row["expected_value"] == pytest.approx(mean)
        assert {r["choose"] for r in same} == {row["choose"]}


@pytest.mark.parametrize(("seen", "number"), [(17, "131072"), (70, "1.18e+21")])
def test_too_many_rows_are_refused_with_their_number(seen, number):
    names = [f"c{i}" for i in range(seen)]
    model = InfluenceDiagram(
        decisions=[Decision("act", ["a", "b"], names)],
        chances=[Chance(n, ["x", "y"], (), [0.5, 0.5]) for n in names],
        values=[Value("gain", ["act", "c0"], [[0, 1], [1, 0]])],
    )
    solution = solve(model)
    assert problems(solution.strategy_rows)[0].startswith(
        f"model.toml:1: the strategy has {number} rows, more than 100000; "
    )
    assert len(solution.strategy_rows(requisite=True)) == 2


def test_rows_are_counted_where_they_differ_only_in_what_does_not_matter():
    rows = problems(solve(stages(40)).strategy_rows)[0]
    total = sum(3**t for t in range(1, 41))
    assert f"{total:.3g}" in rows


# -- options that are closed ---------------------------------------------------


def test_closed_options():
    model = oil_guarded()
    solution = solve(model)
    assert dict(solution.branches()) == pytest.approx({"yes": 22.5, "no": 0.0})
    assert solution.branches("drill") == [("yes", None), ("no", 0.0)]
    assert problems(solve, model, given={"drill": "yes"}) == [
        "model.toml:1: drill=yes is closed where seismic=diffuse, and no earlier choice avoids "
        "that; set drill to an option that is open there, or open this one"
    ]


def test_earlier_decisions_avoid_what_is_closed():
    """Set to `use`, the second decision is open only after `buy`, though `buy` costs."""
    model = InfluenceDiagram(
        decisions=[
            Decision("first", ["skip", "buy"]),
            Decision("second", ["use", "rest"], only_when={"use": {"first": "buy"}}),
        ],
        values=[Value("cost", ["first"], [0, -5]), Value("gain", ["second"], [2, 0])],
    )
    solution = solve(model)
    assert solution.expected_value == 0
    assert solution.branches("second") == [("use", -3.0), ("rest", 0.0)]
    assert solve(model, given={"second": "use"}).strategy_rows()[0]["choose"] == "buy"
    assert problems(solve, model, given={"first": "skip", "second": "use"}) == [
        "model.toml:1: second=use is closed where first=skip, and no earlier choice avoids "
        "that; set second to an option that is open there, or open this one"
    ]


def test_a_situation_without_an_open_option():
    """It counts only if some open choice leads there with positive probability."""

    def model(p, guard):
        return InfluenceDiagram(
            decisions=[
                Decision("first", ["a", "b"]),
                Decision("second", ["x", "y"], ["c"], only_when={"x": guard, "y": guard}),
            ],
            chances=[Chance("c", ["m", "n"], ["first"], [[1, 0], [1 - p, p]])],
            values=[Value("gain", ["first", "second"], [[1, 2], [3, 4]])],
        )

    assert solve(model(0.0, {"c": "m"})).expected_value == 4
    assert problems(solve, model(1e-300, {"c": "m"})) == [
        "model.toml:1: no option of second is open where c=n, which can happen; open one there "
        "in only_when, or close the earlier options that lead there"
    ]
    assert "where first=b" in problems(solve, model(0.5, {"first": "a"}))[0]
    never = model(0.5, {"c": "m"}).rebuilt(
        decisions=(
            Decision("zero", ["go"]),
            Decision("first", ["a", "b"], ["luck"], only_when={"b": {"luck": "good"}}),
            Decision("second", ["x", "y"], ["c"], only_when={"x": {"c": "m"}, "y": {"c": "m"}}),
        ),
        chances=(
            Chance("luck", ["good", "bad"], (), [0, 1]),
            Chance("c", ["m", "n"], ["first"], [[1, 0], [0.5, 0.5]]),
        ),
    )
    assert solve(never).expected_value == 2  # `b`, which leads there, is never open


# -- risk -------------------------------------------------------------------------


def test_certain_equivalent_by_hand():
    model = umbrella().rebuilt(risk=20.0)
    solution = solve(model)
    take = -20 * math.log(0.3 * math.exp(-70 / 20) + 0.7 * math.exp(-80 / 20))
    assert solution.certain_equivalent == pytest.approx(take)
    assert solution.expected_value == pytest.approx(77.0)
    left = solution.branch_solutions()[1][1]
    leave = -20 * math.log(0.3 + 0.7 * math.exp(-100 / 20))
    assert left.certain_equivalent == pytest.approx(leave)
    assert left.expected_value == pytest.approx(70.0)


@pytest.mark.parametrize("tolerance", [1e-3, 1.0, 1e4])
def test_no_tolerance_under_or_overflows(tolerance):
    model = oil().rebuilt(risk=tolerance)
    solution = solve(model)
    assert solution.certain_equivalent == pytest.approx(0.0 if tolerance < 10 else 22.1, abs=0.2)
    drill = solve(model, given={"drill": "yes"})
    worst = {1e-3: -70, 1.0: -70 - math.log(0.5)}
    if tolerance in worst:
        assert drill.certain_equivalent == pytest.approx(-70 - tolerance * math.log(0.5), abs=1e-9)


# -- as a value ----------------------------------------------------------------------


def test_one_line_and_a_card():
    hostile = umbrella().rebuilt(title='<script>$x$ & "quoted"')
    solution = solve(hostile)
    assert "\n" not in repr(solution)
    card = solution._repr_html_()
    assert "<script>" not in card
    assert "&lt;script&gt;" in card
    assert repr(solve(umbrella())) == "<Solution of 'Umbrella': expected value 77, take=yes>"
    risky = repr(solve(umbrella().rebuilt(risk=20.0)))
    assert "certain equivalent 76.4435 (expected value 77)" in risky
    assert repr(Rule("a", ("x",), (), np.array(0))) == "<Rule: a = x>"


def test_best_branches_and_those_that_tie():
    model = InfluenceDiagram(
        decisions=[Decision("act", ["a", "b", "c"])],
        values=[Value("gain", ["act"], [1.0, 2.0, 2 + 1e-9])],
    )
    assert solve(model).preferred() == ("b", "c")
    assert solve(oil()).preferred("drill") == ("yes",)
    assert solve(oil_guarded()).preferred("drill") == ("no",)


def test_a_solution_can_be_sent_elsewhere():
    solution = solve(oil())
    again = pickle.loads(pickle.dumps(solution))
    assert again.policy == dict(solution.policy)
    assert again.strategy_rows() == solution.strategy_rows()
    with pytest.raises(TypeError):
        again.policy["test"] = None


def test_totals_beyond_what_a_number_holds():
    huge = umbrella().rebuilt(values=(Value("gain", ["take"], [9e299, -9e299]),))
    assert solve(huge).expected_value == 9e299
    assert solve(huge.rebuilt(risk=1.0)).certain_equivalent == pytest.approx(9e299)
    assert problems(solve, huge.rebuilt(risk=1e-9)) == [
        "model.toml:1: the largest total is beyond 1.8e308 in units of the risk tolerance "
        "1e-09; give amounts in a larger unit"
    ]


def test_no_minus_zero_and_no_nan():
    model = InfluenceDiagram(
        decisions=[Decision("act", ["a", "b"], ["c"])],
        chances=[Chance("c", ["x", "y", "z"], (), [1, 0, 0])],
        values=[Value("gain", ["act", "c"], [[-0.0, -5, 3], [-0.0, 7, -0.0]], worst=0, best=-1)],
    )
    for changed in (model, model.rebuilt(risk=3.0)):
        solution = solve(changed)
        numbers = [solution.expected_value, solution.expectation(), solution.expectation("gain")]
        numbers += [value for _, value in solution.branches()]
        numbers += [row["expected_value"] for row in solution.strategy_rows()]
        numbers += solution.probabilities(["c", "act"]).ravel().tolist()
        for number in numbers:
            assert number == number
            assert math.copysign(1, number) == 1
