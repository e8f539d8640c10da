"""The picture of how far base's best branch is ahead in the draws."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from decision import both_draws, draw, read_model, uncertainty
from decision.draw import gaps
from decision.draw.style import COLOURS
from tests.draw.scenes import outside, overlapping, words_of


@pytest.fixture(scope="module")
def both():
    return both_draws(read_model("data/korea_2018"), draws=1000, seed=1)


def dots(ax, row):
    return [line for line in ax.lines if line.get_gid() == f"dot-{row}"]


def test_fifty_dots_a_row_full_where_ahead(both):
    ax = draw.differences_drawn(both.independent, both.linked)
    row = 0
    for option in both.linked.differences.index:
        for found in (both.independent, both.linked):
            drawn = dots(ax, row)
            places = np.array([dot.get_xdata()[0] for dot in drawn])
            full = [to_hex(dot.get_markerfacecolor()) != "#ffffff" for dot in drawn]
            ahead = found.differences.loc[option, "ahead"]
            assert len(drawn) == 50
            assert full == (places > 0).tolist()
            assert np.mean(full) == pytest.approx(ahead, abs=0.02)
            assert np.median(places) == pytest.approx(found.differences.loc[option, "0.5"], abs=0.1)
            row += 1


def test_it_says_what_it_shows(both):
    ax = draw.differences_drawn(both.independent, both.linked)
    said = draw.alt_text(ax)
    ahead = both.linked.differences.loc["restrained_rhetoric", "ahead"]
    assert "How far off ramp and restraint is ahead" in said
    assert f"restrained rhetoric (linked): ahead in {100 * ahead:.0f}%" in said
    texts = [text for text, _ in words_of(ax.figure)]
    assert f"ahead in {100 * ahead:.0f}%" in texts
    assert texts.count("linked") == texts.count("independent") == 3


@pytest.mark.parametrize("name", ["korea_2018", "examples/newsvendor", "examples/oil_wildcatter"])
def test_nothing_overlaps_or_is_cut(name):
    found = both_draws(read_model(f"data/{name}"), draws=300, seed=1)
    ax = draw.differences_drawn(found.independent, found.linked)
    words = words_of(ax.figure)
    assert overlapping(words) == []
    assert outside(words, ax.figure) == []


def test_branches_that_are_worth_the_same_are_level():
    found = uncertainty(read_model("data/examples/newsvendor"), draws=50, seed=1)
    ax = draw.differences_drawn(found)
    assert "level in 100%" in draw.alt_text(ax)
    assert {to_hex(dot.get_markeredgecolor()) for dot in dots(ax, 0)}.isdisjoint(COLOURS.values())


def test_dots_stand_on_one_another_and_never_cross_0():
    stacks = gaps._stacked(np.array([-0.02, -0.01, 0.01, 0.02, 5.0]), 1.0)
    assert [height for _, height in stacks] == [0, 1, 0, 1, 0]
    assert [x for x, _ in stacks] == pytest.approx([-0.015, -0.015, 0.015, 0.015, 5.0])


def test_into_axes_that_are_given(both):
    ax = Figure(figsize=(4, 3)).add_axes((0.4, 0.2, 0.4, 0.7))
    assert draw.differences_drawn(both.linked, ax=ax) is ax


def test_what_cannot_be_compared(both):
    other = uncertainty(read_model("data/examples/umbrella"), draws=10, seed=1)
    with pytest.raises(ValueError, match="of one decision, of one model"):
        draw.differences_drawn(both.linked, other)
    with pytest.raises(ValueError, match="of one decision, of one model"):
        draw.differences_drawn()
