"""Intervals: nothing within the ranges is beyond what is exact, and what is found is there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from decision import Chance, Decision, InfluenceDiagram, Value, read_model
from decision.analysis import intervals as module
from decision.analysis import polytopes
from decision.analysis.blocks import Block, vertices_of
from decision.analysis.folding import Fold
from decision.analysis.intervals import Interval, intervals
from decision.analysis.landscape import Landscape, at_end
from decision.analysis.polytopes import RangedRows
from decision.model.records import Input
from decision.solve.inputs import scale_of
from tests.analysis.boxed import (
    amounts,
    boxed,
    corner_highest,
    holds,
    ranged_inputs,
    somewhere,
    with_numbers,
    worths,
)
from tests.models import oil, seeded, umbrella

# -- against plain code -------------------------------------------------------------------


@given(model=boxed())
@seeded(120)
def test_nothing_within_the_ranges_is_beyond(model: InfluenceDiagram) -> None:
    found = intervals(model)
    rng = np.random.default_rng(1)
    holds(model, found, worths(model))
    for seen in somewhere(model, rng, 12):
        holds(model, found, seen)


@given(model=boxed(decisions=3))
@seeded(60)
def test_branches_of_the_last_decision(model: InfluenceDiagram) -> None:
    found = intervals(model, model.decisions[-1].name)
    for seen in somewhere(model, np.random.default_rng(5), 8, by=-1):
        holds(model, found, seen)


@given(model=boxed(crossed=True))
@seeded(60)
def test_rows_that_cover_each_other_in_part(model: InfluenceDiagram) -> None:
    found = intervals(model)
    for seen in somewhere(model, np.random.default_rng(2), 12):
        holds(model, found, seen)


@given(model=boxed(risk=False))
@seeded(60)
def test_the_highest_is_at_a_corner(model: InfluenceDiagram) -> None:
    found = intervals(model)
    for interval, wanted in zip(found, corner_highest(model), strict=True):
        if not np.isnan(wanted):
            assert interval.highest == pytest.approx(wanted, abs=1e-9 * scale_of(model) + 1e-9)


@given(model=boxed(nodes=1, chances=2, cells=24))
@seeded(60)
def test_the_lowest_is_what_a_fine_search_finds(model: InfluenceDiagram) -> None:
    found = intervals(model)
    seen = np.array(list(somewhere(model, np.random.default_rng(3), 60)))
    for interval, numbers in zip(found, seen.T, strict=True):
        if not np.isnan(numbers).any():
            assert interval.lowest <= numbers.min() + 1e-9 * scale_of(model) + 1e-9


@given(model=boxed())
@seeded(60)
def test_both_ends_are_there(model: InfluenceDiagram) -> None:
    for i, interval in enumerate(intervals(model)):
        for number, at, high in (
            (interval.lowest, interval.lowest_at, False),
            (interval.highest, interval.highest_at, True),
        ):
            changed = with_numbers(model, {**amounts(model, high), **at})
            assert changed is not None
            assert number == pytest.approx(worths(changed)[i], rel=1e-9, abs=1e-9, nan_ok=True)
            rows = {row.name: row for row in ranged_inputs(model)}
            assert all(rows[n].low - 1e-12 <= p <= rows[n].high + 1e-12 for n, p in at.items())


@given(model=boxed(nodes=1, memory="limited", cells=8, chances=2))
@seeded(25)
def test_decisions_that_forget(model: InfluenceDiagram) -> None:
    found = intervals(model)
    for seen in somewhere(model, np.random.default_rng(4), 4):
        holds(model, found, seen)


# -- by hand -------------------------------------------------------------------------------


def ranged_row(name: str, state: str, number: float, low: float, high: float, *where) -> Input:
    return Input(name, where, state, number, repr(number), low, high)


def guessing(states: int, low: float = 0.0, high: float = 1.0) -> InfluenceDiagram:
    """Guess a state after being told nothing; a first decision only gives the game a branch."""
    names = [f"s{i}" for i in range(states)]
    number = 1.0 / states
    return InfluenceDiagram(
        decisions=[Decision("play", ["yes"]), Decision("guess", names)],
        chances=[Chance("coin", names, table=[number] * states)],
        values=[Value("right", ["guess", "coin"], table=np.eye(states))],
        rows={"coin": tuple(ranged_row("coin", n, number, low, high) for n in names)},
    )


@pytest.mark.parametrize("states", [2, 3, 4])
def test_the_lowest_lies_between_the_corners(states: int) -> None:
    # However the coin falls, the best guess is right at least once in so many times.
    (found,) = intervals(guessing(states))
    assert found.bound == "exact"
    assert found.lowest == pytest.approx(1 / states, abs=1e-9)
    assert found.highest == pytest.approx(1.0)
    assert list(found.lowest_at.values()) == pytest.approx([1 / states] * states, abs=1e-9)


def test_a_range_around_the_kink_does_not_reach_the_corners() -> None:
    (found,) = intervals(guessing(2, 0.4, 0.7))
    assert (found.lowest, found.highest) == pytest.approx((0.5, 0.6))  # 0.3 is below 0.4


def two_rooms(shared: bool) -> InfluenceDiagram:
    """A bulb in each of two rooms; you walk into one by chance. Shared: one row for both."""
    both = [ranged_row("bulb", "good", 0.5, 0.2, 0.9)]
    each = [ranged_row("bulb", "good", 0.5, 0.2, 0.9, ("room", (r,))) for r in ("a", "b")]
    return InfluenceDiagram(
        decisions=[Decision("go", ["yes"])],
        chances=[
            Chance("room", ["a", "b"], table=[0.5, 0.5]),
            Chance("bulb", ["good", "bad"], ["room"], table=[[0.5, 0.5], [0.5, 0.5]]),
        ],
        # Light is welcome in one room and not in the other.
        values=[Value("light", ["room", "bulb"], table=[[10, 0], [-10, 0]])],
        rows={"bulb": tuple(both if shared else each)},
    )


def test_a_row_that_covers_several_combinations_is_one_for_all() -> None:
    (one,) = intervals(two_rooms(shared=True))
    assert (one.lowest, one.highest) == pytest.approx((0.0, 0.0), abs=1e-12)
    assert one.bound == "exact"


def test_rows_of_their_own_move_on_their_own() -> None:
    (found,) = intervals(two_rooms(shared=False))
    assert (found.lowest, found.highest) == pytest.approx((-3.5, 3.5))


def test_states_without_a_range_share_the_rest() -> None:
    rows = {"oil": (ranged_row("oil", "dry", 0.5, 0.2, 0.7),)}
    yes, no = intervals(oil().rebuilt(rows=rows))
    # Drilling untested is worth 0.6·50 + 0.4·200 = 110 a well that is not dry.
    assert no.highest == pytest.approx(0.8 * 110 - 0.2 * 70)
    assert no.lowest == pytest.approx(0.0)  # at 0.7 no one drills
    assert yes.bound == no.bound == "exact"


def test_without_ranges_nothing_moves() -> None:
    (take, leave) = intervals(umbrella())
    assert (take.lowest, take.highest, take.bound) == (77.0, 77.0, "exact")
    assert leave.lowest == leave.highest == 70.0


def test_amounts_go_to_their_ends_alone() -> None:
    model = umbrella()
    where = (("take", ("no",)), ("rain", ("no",)))
    rows = {"comfort": (Input("comfort", where, None, 100.0, "100", 60.0, 110.0),)}
    take, leave = intervals(model.rebuilt(rows=rows))
    assert (take.lowest, take.highest) == (77.0, 77.0)
    assert (leave.lowest, leave.highest) == pytest.approx((42.0, 77.0))


# -- mutants -----------------------------------------------------------------------------------


def vertices_but_one(block: Block, low: np.ndarray, high: np.ndarray) -> np.ndarray | None:
    found = vertices_of(block, low, high)
    return None if found is None else found[1:]


def wrong_way(model: InfluenceDiagram, high: bool) -> InfluenceDiagram:
    return at_end(model, not high)


def as_at_base(rows: RangedRows, name: str, worth: np.ndarray) -> np.ndarray:
    return (rows.tables[name].base[..., None] * worth).sum(axis=1)


@pytest.mark.parametrize(
    ("place", "name", "mutant"),
    [
        (polytopes, "vertices_of", vertices_but_one),
        (module, "at_end", wrong_way),
    ],
)
def test_a_mutant_is_caught(
    place: object, name: str, mutant: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {
        "oil": (ranged_row("oil", "dry", 0.5, 0.2, 0.7),),
        "payoff": (Input("payoff", (("drill", ("yes",)), ("oil", ("wet",))), None, 50, "", 0, 90),),
    }
    model = oil().rebuilt(rows=rows)
    truth = intervals(model)
    monkeypatch.setattr(place, name, mutant)
    wrong = intervals(model)
    seen = list(somewhere(model, np.random.default_rng(6), 200))
    for numbers in seen:
        holds(model, truth, numbers)
    with pytest.raises(AssertionError):
        _all_hold(model, wrong, seen)


def _all_hold(model: InfluenceDiagram, found: tuple[Interval, ...], seen: list[list]) -> None:
    for numbers in seen:
        holds(model, found, numbers)


def test_an_outer_bound_with_rows_as_at_base_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    model = two_rooms(shared=False)
    land = Landscape(model, "go", RangedRows(model))
    highest = max(numbers[0] for numbers in somewhere(model, np.random.default_rng(7), 50))
    assert Fold(land, 0, high=True).value == pytest.approx(3.5)
    assert Fold(land, 0, high=True).value >= highest
    monkeypatch.setattr(RangedRows, "rowwise", as_at_base)
    assert Fold(land, 0, high=True).value < highest


# -- the case --------------------------------------------------------------------------------


def test_the_case_lies_between_bounds_that_are_close() -> None:
    model = read_model("data/korea_2018")
    found = intervals(model)
    told: list[tuple[int, int]] = []
    assert intervals(model, progress=lambda *far: told.append(far))[0].lowest == found[0].lowest
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    for interval in found:
        assert interval.outer_lowest <= interval.lowest <= interval.highest
        assert interval.highest <= interval.outer_highest
        assert interval.proved_lowest
        assert interval.outer_highest - interval.highest < 0.005
