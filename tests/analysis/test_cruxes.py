"""Cruxes: the smallest sets of rows that keep a perspective from another's choice."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
from hypothesis import event, given

from decision import InfluenceDiagram, cruxes, read_model
from decision.analysis import cruxes as room
from decision.analysis import omission
from decision.analysis.cruxes import found_cruxes
from decision.analysis.disagreement import disagreement
from tests.analysis.camps import (
    Cruxes,
    UnclearError,
    brute_cruxes,
    camps,
    divided,
)
from tests.models import seeded

SEEDS = range(400)
Patch = pytest.MonkeyPatch


@cache
def looked_through(seed: int) -> tuple[InfluenceDiagram, Cruxes | None, set[str]]:
    """Return a model with what brute force says of it (None: rounding says), and what came up."""
    model, events = camps(seed), set[str]()
    try:
        return model, brute_cruxes(model, "first", events), events
    except UnclearError:
        return model, None, events


def by_line(model: InfluenceDiagram, by: str) -> Cruxes:
    return {
        (c.perspective, c.toward): (c.size, {tuple(row.line for row in s) for s in c.sets})
        for c in found_cruxes(disagreement(model, by))
    }


def agreeing() -> bool:
    """Whether on every seeded model the cruxes are those that brute force finds."""
    looked = (looked_through(seed)[:2] for seed in SEEDS)
    return all(by_line(model, "first") == found for model, found in looked if found is not None)


# -- brute force --------------------------------------------------------------


def test_brute_force_finds_the_same():
    met: Counter[str] = Counter()
    for seed in SEEDS:
        model, expected, events = looked_through(seed)
        assert expected is None or by_line(model, "first") == expected
        met.update([*events, *(["case"] if expected else [])])
    assert met["case"] >= 200
    what = ("illegal", "tied", "none", "size 1", "size 2", "size 3", "size 2, several")
    assert min(met[each] for each in what) >= 10  # what is to be told apart came up


@seeded(100)
@given(divided(memory=None, cells=24, rows=4))
def test_models_of_every_kind(model):
    for decision in model.decisions:
        events: set[str] = set()
        try:
            expected = brute_cruxes(model, decision.name, events)
        except UnclearError:
            continue
        assert by_line(model, decision.name) == expected
        for each in events:
            event(each)


def ties_are_won_by_the_first(patch: Patch) -> None:
    def first(worths, largest):
        best = np.nan_to_num(worths, nan=-np.inf).argmax(axis=0)
        return np.arange(len(worths))[:, None] == best

    patch.setattr(room, "tied", first)


def what_is_not_legal_is_clipped(patch: Patch) -> None:
    patch.setattr(omission, "CLIP", np.inf)


def a_row_left_out_keeps_the_last_one(patch: Patch) -> None:
    variants = omission.Omissions.variants

    def one_more(self, kept):
        kept = kept.copy()
        kept[-1] |= kept.sum(axis=0) < len(kept) - 1
        return variants(self, kept)

    patch.setattr(omission.Omissions, "variants", one_more)


def rows_are_made_backwards(patch: Patch) -> None:
    variants = omission.Omissions.variants

    def backwards(self, kept):
        self.changes.reverse()
        found = variants(self, kept[::-1])
        self.changes.reverse()
        return found

    patch.setattr(omission.Omissions, "variants", backwards)


def weights_stay(patch: Patch) -> None:
    patch.setattr(omission._Batch, "_weight", lambda self, change, own: np.ones(len(own), bool))


def the_first_set_is_enough(patch: Patch) -> None:
    sets_of = room._Search.sets_of

    def one(self, size, places):
        return {place: sets[:1] for place, sets in sets_of(self, size, places).items()}

    patch.setattr(room._Search, "sets_of", one)


def no_set_has_three(patch: Patch) -> None:
    patch.setattr(room, "LARGEST", 2)


@pytest.mark.parametrize(
    "mutant",
    [
        ties_are_won_by_the_first,
        what_is_not_legal_is_clipped,
        a_row_left_out_keeps_the_last_one,
        rows_are_made_backwards,
        weights_stay,
        the_first_set_is_enough,
        no_set_has_three,
    ],
)
def test_each_of_these_mutants_is_told_from_the_truth(mutant, monkeypatch):
    mutant(monkeypatch)
    assert not agreeing()


# -- the Korea model ----------------------------------------------------------


def test_the_alliance_experts_crux_is_one_row():
    found = cruxes(read_model("data/korea_2018"))
    found = found[found["perspective"] == "alliance_worried_experts"].set_index("toward")
    row = found.loc["off_ramp_and_restraint"]  # a single set
    change = "odds(wedge=rift | talks=broad, offer=credible) *= 1.82"
    assert (row["size"], row["set"], row["facts"], row["values"]) == (1, (change,), (change,), ())
    assert row["preferred_by"] == ("base", "essay_as_read", "moon_government")
    assert row["rationale"] == (
        "An American blessing frees Seoul to run ahead; alignment is on paper.",
    )
