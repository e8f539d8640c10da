"""Mutants of branch and bound are caught: bounds too low, rules not kept to, ties lost."""

from __future__ import annotations

import numpy as np
import pytest

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Decision, Value
from decision.solve import branching, limited
from decision.solve.choosing import climbed
from decision.solve.enumeration import enumerate_solve
from decision.solve.solution import solve
from tests.solve.test_agreement import close
from tests.solve.test_branching import team, worth
from tests.solve.test_limited import pigs, trap


def caught(*checked):
    """Some of the models are answered wrongly, or called what they are not."""
    for model in checked:
        solution = solve(model)
        assert solution.optimality == "global"
        brute = enumerate_solve(model)
        assert close(solution.worth, worth(brute), model)
        for name, rule in solution.policy.items():
            assert np.array_equal(rule.choices, brute.policy[name]), name


def indifferent() -> InfluenceDiagram:
    """Who goes does not matter, as long as just one goes."""
    options = ["stay", "go"]
    return InfluenceDiagram(
        decisions=[Decision("left", options), Decision("right", options)],
        values=[Value("gain", ["left", "right"], [[0, 3], [3, 0]])],
        memory="limited",
    )


CHECKED = (trap(), indifferent(), pigs(4), team(0, members=2), team(1, members=2))


def test_what_mutants_are_held_against():
    caught(*CHECKED)


def too_low(monkeypatch):
    bounds = branching._Words.bounds

    def lower(self, letters, hand):
        return bounds(self, letters, hand) - 9.0 * (letters.shape[1] < self.length)

    monkeypatch.setattr(branching, "WIDE", 1)
    monkeypatch.setattr(branching._Words, "bounds", lower)


def too_low_for_all(monkeypatch):
    monkeypatch.setattr(
        branching._Words, "bounds", lambda self, letters, hand: np.full(len(letters), -1e9)
    )


def letters_not_kept_to(monkeypatch):
    rules = branching._Words.rules
    monkeypatch.setattr(
        branching._Words, "rules", lambda self, letters, hand: rules(self, letters * 0, hand)
    )


def remembered_after_all(monkeypatch):
    """The last bound is that of a team in which the last but one is remembered."""
    relaxation = branching._Words.relaxation
    monkeypatch.setattr(
        branching._Words, "relaxation", lambda self, hand: relaxation(self, max(0, hand - 1))
    )


def any_that_ties(monkeypatch):
    def better(problem, bounds, reached, worded):
        return np.asarray((bounds >= reached) & (bounds > -np.inf))

    monkeypatch.setattr(branching, "_promising", better)


def what_only_ties_is_dropped(monkeypatch):
    def better(problem, bounds, reached, worded):
        return np.asarray(problem.exceeds(bounds, reached))

    def from_the_last(problem, tables, left, starts):
        last = {n: len(problem.model.states(n)) - 1 for n in left}
        start = {
            n: problem.table(n, np.full(problem.openings(n).shape[:-1], i)) for n, i in last.items()
        }
        return climbed(problem, {**start, **tables}, left)

    monkeypatch.setattr(branching, "_promising", better)
    monkeypatch.setattr(limited, "improved", from_the_last)


@pytest.mark.parametrize(
    "mutant",
    [
        too_low,
        too_low_for_all,
        letters_not_kept_to,
        remembered_after_all,
        any_that_ties,
        what_only_ties_is_dropped,
    ],
)
def test_mutants_of_the_search_are_caught(monkeypatch, mutant):
    mutant(monkeypatch)
    with pytest.raises(AssertionError):
        caught(*CHECKED)
