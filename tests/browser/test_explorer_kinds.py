"""Kinds of models the page treats in their own way: forgetting, closed options, too large."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from decision.analysis.outcomes import outcomes
from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Decision, Value
from decision.model.problems import ModelError
from decision.model.shipped import open_model, shipped_models
from decision.solve.solution import solve
from tests.browser.exploring import Changes, written
from tests.browser.test_explorer_agrees import TAKE

Open = Callable[..., Any]
LATER = [
    (name, decision.name)
    for name in sorted(shipped_models())
    for decision in open_model(name).decisions[1:]
]


def numbers(told: dict[str, Any]) -> dict[str, float]:
    return {cell: float(number) for cell, number in told["cells"] if number}


@pytest.mark.parametrize(("name", "by"), LATER)
def test_branches_of_a_later_decision_are_those_of_python(
    name: str, by: str, tmp_path: Path, open_offline: Open
) -> None:
    model = open_model(name)
    page = open_offline(written(model, tmp_path, by=by)).page
    random = Changes(model, np.random.default_rng(7))
    for _ in range(4):
        changes = random.some()
        told = page.evaluate(TAKE, [[], changes])
        try:
            frame = outcomes(model.changed(*changes), by=by)
        except ModelError:
            assert not told["taken"]
            continue
        assert told["free"] == pytest.approx(solve(model.changed(*changes)).worth, rel=1e-9) or (
            name == "climbing_game"  # where it knows nothing, the best branch is all there is
        )
        shown = numbers(told)
        for option, row in frame.iterrows():
            if np.isnan(row["E(total)"]):
                assert f"worth {option}" not in shown
                continue
            assert shown[f"worth {option}"] == pytest.approx(row["E(total)"], rel=1e-9, abs=1e-12)
            for value in model.values:
                cell, column = f"value {option} {value.name}", f"E({value.name})"
                assert shown[cell] == pytest.approx(row[column], rel=1e-9, abs=1e-9)


# -- decisions that forget ----------------------------------------------------------------


def forgetful(states: int, **options: Any) -> InfluenceDiagram:
    """Two decisions, the second of which knows only a sign with so many states."""
    rng = np.random.default_rng(3)
    likely = rng.dirichlet(np.ones(states), size=2)
    return InfluenceDiagram(
        decisions=[
            Decision("first", ["low", "high"]),
            Decision("second", ["no", "yes"], observes=["sign"], **options.pop("second", {})),
        ],
        chances=[
            Chance("world", ["good", "bad"], table=[0.4, 0.6]),
            Chance("sign", [f"s{i}" for i in range(states)], given=["world"], table=likely),
        ],
        values=[
            Value(
                "gain",
                ["first", "second", "world"],
                table=[[[0, 0], [5, -5]], [[1, 1], [4, -3]]],
            )
        ],
        memory="limited",
        **options,
    )


def test_many_rules_that_forget_are_followed_not_searched_and_the_page_says_so(
    tmp_path: Path, open_offline: Open
) -> None:
    model = forgetful(13)
    page = open_offline(written(model, tmp_path)).page
    assert "does not look for better ones" in page.locator(".explorer-why").inner_text()
    changes = ["P(world=good) = 0.9"]
    shown = numbers(page.evaluate(TAKE, [[], changes]))
    there = model.changed(*changes)
    for option, branch in solve(model).branch_solutions():
        followed = solve(there).expected_value_of(branch.policy)
        assert shown[f"worth {option}"] == pytest.approx(followed, rel=1e-9)
    best = outcomes(there)["E(total)"]
    assert max(best[o] - shown[f"worth {o}"] for o in ("low", "high")) > 0.01, "it does matter"


def test_the_best_strategy_is_shown_beside_branches_of_a_decision_that_knows_something(
    tmp_path: Path, open_offline: Open
) -> None:
    opened = open_offline(written(open_model("umbrella"), tmp_path))
    page = opened.page
    answer = page.locator("[role=status]").inner_text()
    assert answer.startswith("Deciding by what is known by then is worth 77 points.")
    table = page.locator("[data-rules=umbrella]")
    assert "sunny\tleave\t" in table.locator("tbody").inner_text()
    page.get_by_label("Show in detail").select_option("take")
    assert table.inner_text().strip() == "Umbrella: take, whatever is known"
    assert not table.locator("table").is_visible()
    assert opened.heard.complaints == []


def test_few_rules_that_forget_are_found_anew(tmp_path: Path, open_offline: Open) -> None:
    model = forgetful(5)
    page = open_offline(written(model, tmp_path)).page
    assert page.locator(".explorer-why").count() == 0
    for p in (0.1, 0.5, 0.9):
        shown = numbers(page.evaluate(TAKE, [[], [f"P(world=good) = {p}"]]))
        frame = outcomes(model.changed(f"P(world=good) = {p}"))
        for option, total in frame["E(total)"].items():
            assert shown[f"worth {option}"] == pytest.approx(total, rel=1e-9)


# -- closed options -------------------------------------------------------------------------


def guarded() -> InfluenceDiagram:
    """A decision that has no open option where the gate is locked, which never happens."""
    return InfluenceDiagram(
        decisions=[
            Decision(
                "enter",
                ["act", "wait"],
                observes=["gate"],
                only_when={"act": {"gate": ["open", "ajar"]}, "wait": {"gate": ["open", "ajar"]}},
            )
        ],
        chances=[
            Chance("gate", ["open", "ajar", "locked"], table=[0.7, 0.3, 0]),
            Chance("luck", ["good", "bad", "none"], table=[0.5, 0.5, 0]),
        ],
        values=[Value("gain", ["enter", "luck"], table=[[10, -6, 0], [1, 1, 1]])],
    )


def test_a_change_that_may_leave_no_open_option_is_refused(
    tmp_path: Path, open_offline: Open
) -> None:
    model = guarded()
    page = open_offline(written(model, tmp_path)).page
    with pytest.raises(ModelError, match="no option of enter is open"):
        model.changed("P(gate=locked) = 0.1")
    told = page.evaluate(TAKE, [[], ["P(gate=locked) = 0.1"]])
    assert not told["taken"]
    assert "perhaps no option is open" in told["said"]
    told = page.evaluate(TAKE, [[], ["P(gate=open) = 0.2", "P(luck=good) = 0.8"]])
    assert told["taken"]
    there = outcomes(model.changed("P(gate=open) = 0.2", "P(luck=good) = 0.8"))["E(total)"]
    assert numbers(told)["worth act"] == pytest.approx(there["act"])


def test_a_branch_that_cannot_be_had_has_no_number_and_a_word(
    tmp_path: Path, open_offline: Open
) -> None:
    model = InfluenceDiagram(
        decisions=[
            Decision(
                "enter", ["act", "wait"], observes=["gate"], only_when={"act": {"gate": ["open"]}}
            )
        ],
        chances=[Chance("gate", ["open", "shut"], table=[0.7, 0.3])],
        values=[Value("gain", ["enter", "gate"], table=[[10, -6], [1, 2]])],
    )
    assert np.isnan(outcomes(model)["E(total)"]["act"])
    opened = open_offline(written(model, tmp_path))
    shown = numbers(opened.page.evaluate(TAKE, [[], ["P(gate=open) = 0.5"]]))
    assert shown["worth wait"] == pytest.approx(1.5)
    assert "worth act" not in shown
    assert "closed" in opened.page.locator(".explorer-chart").inner_text()
    shown = numbers(opened.page.evaluate(TAKE, [[], ["P(gate=open) = 1"]]))
    assert shown["worth act"] == pytest.approx(10)
    assert opened.heard.complaints == []


# -- too large ----------------------------------------------------------------------------------


def large() -> InfluenceDiagram:
    names = [f"x{i}" for i in range(6)]
    states = [f"s{i}" for i in range(6)]
    table = np.random.default_rng(0).random([2, *[6] * 6])
    even = np.full(6, 1 / 6)
    return InfluenceDiagram(
        decisions=[Decision("act", ["yes", "no"])],
        chances=[Chance(name, states, table=even) for name in names],
        values=[Value("gain", ["act", *names], table=table)],
    )


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (large(), "its data take"),
        (forgetful(4, risk=10.0), "does not search rules that forget with an attitude to risk"),
        (
            forgetful(4, second={"only_when": {"yes": {"sign": ["s0"]}}}),
            "does not search rules that forget with options that may be closed",
        ),
    ],
    ids=["large", "risk", "closed"],
)
def test_a_model_that_is_too_much_shows_its_base_and_says_why(
    model: InfluenceDiagram, said: str, tmp_path: Path, open_offline: Open
) -> None:
    file = written(model, tmp_path)
    assert file.stat().st_size < 300_000
    opened = open_offline(file)
    page = opened.page
    assert said in page.locator(".explorer-why").inner_text()
    assert page.locator(".explorer button").count() == 0
    total = page.locator("[data-cell^='worth']").first.get_attribute("data-value")
    assert float(str(total)) == pytest.approx(solve(model).branch_solutions()[0][1].worth)
    assert opened.heard.complaints == []
