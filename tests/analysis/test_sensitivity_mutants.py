"""The comparison of sensitivity with brute force is sharp: each of these mutants fails it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from decision import Chance, Decision, InfluenceDiagram, Value
from decision.analysis import envelope, movements, tracing
from decision.analysis.envelope import Course
from decision.analysis.ruler import Ruler
from decision.model.records import Input
from decision.solve.lines import Branches
from tests.analysis.test_sensitivity import assert_agrees
from tests.analysis.test_sensitivity_cases import cars, gamble, moving, scores, vee
from tests.models import oil

Patch = pytest.MonkeyPatch


def covariation_left_out(patch: Patch) -> None:
    def alone(rows, state, after):
        changed = rows.copy()
        changed[..., state] = after
        return changed

    patch.setattr(movements, "covary", alone)


def the_others_share_equally(patch: Patch) -> None:
    def equally(rows, state, after):
        changed = np.repeat((1 - after)[..., None], rows.shape[-1], axis=-1)
        changed /= rows.shape[-1] - 1
        changed[..., state] = after
        return changed

    patch.setattr(movements, "covary", equally)


def only_the_first_combination_moves(patch: Patch) -> None:
    cells_of = movements.cells_of

    def first(row, axes):
        return tuple(part.ravel()[:1] for part in cells_of(row, axes))

    patch.setattr(movements, "cells_of", first)


def later_decisions_are_not_taken_anew(patch: Patch) -> None:
    solved = Branches._solved

    def at_base(self, moved, number, free=False, rows=()):
        kept = (self.by,) if self.together and not free else ()
        for _, rules in solved(self, {}, 1, free, rows):
            worth = self._followed(rules, moved, number, kept)
            yield np.atleast_2d(worth).copy(), rules

    patch.setattr(Branches, "_solved", at_base)


def only_the_ends_are_looked_at(patch: Patch) -> None:
    patch.setattr(Course, "meetings", lambda self: np.array([]))


def a_bend_is_left_on_its_chord(patch: Patch) -> None:
    unknown = Course.unknown
    patch.setattr(Course, "unknown", lambda self, x: np.zeros_like(unknown(self, x)))


def a_meeting_is_never_above_its_lines(patch: Patch) -> None:
    lines_at = Course.lines_at

    def below(self, x, worths):
        lines, above = lines_at(self, x, worths)
        return lines, np.zeros_like(above)

    patch.setattr(Course, "lines_at", below)


def branches_are_given_up_too_early(patch: Patch) -> None:
    matters = Course.matters

    def best_at_one_end(self):
        worths = np.nan_to_num(self.worths[:-1], nan=-np.inf)
        first = worths.argmax(axis=0)
        same = first[:-1] == first[1:]
        return matters(self) & ~same

    patch.setattr(Course, "matters", best_at_one_end)


def the_lowest_is_at_an_end(patch: Patch) -> None:
    patch.setattr(Course, "_lowers", lambda self: np.zeros(len(self.points) - 1, dtype=bool))


def break_evens_are_sought_in_the_range_alone(patch: Patch) -> None:
    probability = movements._Inputs.probability

    def narrow(self, row, low, high, fixed):
        return replace(probability(self, row, low, high, fixed), first=low, last=high)

    patch.setattr(movements._Inputs, "probability", narrow)


def crossings_of_the_best_two_alone(patch: Patch) -> None:
    crossings = Course.crossings

    def two(self):
        order = np.argsort(-np.nan_to_num(self.worths[:-1, 0], nan=-np.inf))[:2]
        rows = [*order, -1]
        part = Course(self.ruler, self.points, self.worths[rows], self.ends[rows], self.size)
        return crossings(part)

    patch.setattr(Course, "crossings", two)


def a_tie_is_broken_before_it_is_told(patch: Patch) -> None:
    def first(worths, largest):
        known = np.nan_to_num(worths, nan=-np.inf)
        return np.arange(len(known))[:, None] == known.argmax(axis=0)

    patch.setattr(envelope, "tied", first)


def risk_is_straight_in_the_certain_equivalent(patch: Patch) -> None:
    patch.setattr(movements, "Ruler", lambda *_: Ruler())


def a_value_is_straight_under_risk(patch: Patch) -> None:
    patch.setattr(movements, "Ruler", lambda tolerance=None, rate=0.0: Ruler(tolerance))


def a_normalised_weight_does_not_divide(patch: Patch) -> None:
    weight = movements._Inputs.weight

    def undivided(self, value, low, high):
        return replace(weight(self, value, low, high), divisor=lambda number: 1.0)

    patch.setattr(movements._Inputs, "weight", undivided)


def a_value_forgets_its_scale(patch: Patch) -> None:
    patch.setattr(movements, "_unweighted", lambda value, amounts: np.asarray(amounts))


def a_grid_is_not_closed_in_upon(patch: Patch) -> None:
    patch.setattr(tracing, "CLOSING", 0)


def what_cannot_be_is_worth_something(patch: Patch) -> None:
    chunk = Branches._chunk

    def alive(self, points, led):
        worth, ends = chunk(self, points, led)
        return np.nan_to_num(worth), np.nan_to_num(ends)

    patch.setattr(Branches, "_chunk", alive)


def a_line_begins_where_something_ceases_to_happen(patch: Patch) -> None:
    patch.setattr(movements, "EDGE", 0.0)


MUTANTS = [
    covariation_left_out,
    the_others_share_equally,
    only_the_first_combination_moves,
    later_decisions_are_not_taken_anew,
    only_the_ends_are_looked_at,
    a_bend_is_left_on_its_chord,
    a_meeting_is_never_above_its_lines,
    branches_are_given_up_too_early,
    the_lowest_is_at_an_end,
    break_evens_are_sought_in_the_range_alone,
    crossings_of_the_best_two_alone,
    a_tie_is_broken_before_it_is_told,
    risk_is_straight_in_the_certain_equivalent,
    a_value_is_straight_under_risk,
    a_normalised_weight_does_not_divide,
    a_value_forgets_its_scale,
    a_grid_is_not_closed_in_upon,
    what_cannot_be_is_worth_something,
    a_line_begins_where_something_ceases_to_happen,
]


def bold() -> InfluenceDiagram:
    """Going is closed where it is bad, so who means to go must not be bold before.

    Only where bad never follows may he be, which is worth 2 more.
    """
    model = InfluenceDiagram(
        decisions=[
            Decision("be", ["bold", "meek"]),
            Decision("then", ["go", "stay"], ["sign"], {"go": {"sign": ["good"]}}),
        ],
        chances=[Chance("sign", ["good", "bad"], ["be"], [[0.5, 0.5], [1.0, 0.0]])],
        values=[Value("style", ["be"], [2.0, 0.0]), Value("deed", ["then"], [1.0, -0.5])],
    )
    return moving(model, Input("sign", (("be", ("bold",)),), "bad", 0.5, "0.5", 0.1, 0.9))


def rained_off() -> InfluenceDiagram:
    """Going out is closed in rain, which is seen: it cannot be set in every situation."""
    model = InfluenceDiagram(
        decisions=[Decision("go", ["out", "in"], ["sky"], {"out": {"sky": ["clear"]}})],
        chances=[Chance("sky", ["clear", "rain"], table=[0.4, 0.6])],
        values=[Value("worth", ["go", "sky"], [[-1.0, -1.0], [-2.0, -3.0]])],
    )
    return moving(model, Input("sky", (), "clear", 0.4, "0.4", 0.2, 1.0))


def three_points() -> InfluenceDiagram:
    """Three options that are best one after the other as dry wells become likelier."""
    oil_ = oil()
    (weather,) = oil_.chances[:1]
    payoff = [[-70, 50, 200], [0, 10, 60], [5, 5, 5]]
    values = [Value("payoff", ["drill", "oil"], payoff, weight_low=0.5, weight_high=2.0)]
    model = InfluenceDiagram([Decision("drill", ["deep", "half", "none"])], [weather], values)
    return moving(model, Input("oil", (), "dry", 0.5, "0.5", 0.3, 0.75))


def witnesses() -> list[tuple[InfluenceDiagram, str | None]]:
    bet = gamble(20.0)
    little = replace(bet.values[0], table=np.array([10.0, 0.0]))
    weighed = replace(bet.values[1], weight_low=0.0, weight_high=8.0)
    return [
        (vee(), None),
        (three_points(), None),
        (moving(oil(), Input("oil", (), "dry", 0.5, "0.5", 0.3, 0.75)), None),
        (cars(), None),
        (scores(), None),
        (bet, None),
        (bet.rebuilt(values=(little, weighed)), None),
        (bold(), "then"),
        (bold(), "be"),
        (rained_off(), None),
    ]


def assert_all_agree() -> None:
    for model, by in witnesses():
        assert_agrees(model, by)


def test_without_a_mutant_they_agree():
    assert_all_agree()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_mutant_is_caught(mutant, monkeypatch):
    mutant(monkeypatch)
    with pytest.raises((AssertionError, IndexError)):
        assert_all_agree()
