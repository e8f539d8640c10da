"""The picture of the corners in which a branch loses."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from decision import discover, draw, read_model
from decision.analysis.corners import Limit
from decision.draw import corners
from tests.analysis.test_discovery import bet
from tests.draw.scenes import outside, overlapping, words_of


def ranges(ax):
    return [line for line in ax.lines if str(line.get_gid()).startswith("range-")]


def test_a_range_for_each_limit_of_each_corner():
    found = discover(read_model("data/examples/oil_wildcatter"), draws=3000, seed=1)
    ax = draw.discovery(found)
    limits = [limit for corner in found.corners for limit in corner.limits]
    drawn = ranges(ax)
    assert len(drawn) == len(limits)
    for line, limit in zip(drawn, limits, strict=True):
        assert line.get_xdata() == pytest.approx([100 * limit.low_rank, 100 * limit.high_rank])
    texts = [text.get_text() for text in ax.texts]
    assert {limit.says for limit in limits} <= set(texts)


def test_it_says_what_it_shows():
    found = discover(bet(), draws=3000, seed=2)
    said = draw.alt_text(draw.discovery(found))
    assert found.corners[0].limits[0].says in said
    assert "bet loses in 9" in said
    assert said.endswith("base lies outside.")


def test_rows_do_not_overlap_and_stay_inside_the_figure():
    ax = draw.discovery(discover(read_model("data/korea_2018"), draws=2000, seed=1))
    words = words_of(ax.figure)
    assert overlapping(words) == []
    assert outside(words, ax.figure) == []


def test_a_long_name_is_cut_and_its_limit_stays():
    long = "V(worth | " + ", ".join(f"parent_{i}=state" for i in range(9)) + ")"
    limit = Limit(long, 1.5, None, 2.0, 0.1, 1.0, 0.5, 0.0, f"{long} > 1.5", "")
    cut = corners._name(limit)
    assert cut.startswith("V(worth | parent_0=state")
    assert cut.endswith("… > 1.5")


def test_into_axes_that_are_given():
    ax = Figure(figsize=(3, 2)).add_axes((0.5, 0.2, 0.4, 0.7))
    assert draw.discovery(discover(bet(), draws=2000, seed=2), ax) is ax


def test_nothing_to_draw():
    found = discover(bet(), draws=2000, seed=3, draw="independent", inputs=["P(side=a)"])
    with pytest.raises(ValueError, match="no corner was found"):
        draw.discovery(found)
