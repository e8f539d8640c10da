"""The picture of shares of a variance."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.figure import Figure

from decision import draw, read_model, sobol
from tests.draw.scenes import outside, overlapping, words_of


@pytest.fixture(scope="module")
def korea():
    return sobol(read_model("data/korea_2018"), samples=64, seed=1)


def lines(ax, prefix):
    return [line for line in ax.lines if str(line.get_gid()).startswith(prefix)]


def test_a_bar_and_a_dot_for_each_of_the_largest(korea):
    ax = draw.sobol(korea)
    bars, dots = lines(ax, "first-"), lines(ax, "dot-")
    assert len(bars) == len(dots) == 10
    for bar, dot, row in zip(bars, dots, korea.head(10).itertuples(), strict=True):
        assert bar.get_xdata()[1] == pytest.approx(100 * max(row.first, 0))
        assert dot.get_xdata()[0] == pytest.approx(100 * row.total)


def test_it_says_what_it_shows(korea):
    name, row = korea.index[0], korea.iloc[0]
    said = draw.alt_text(draw.sobol(korea, most=3))
    assert f"{name} {100 * row['first']:.0f}% alone, {100 * row['total']:.0f}% with" in said
    assert said.count("alone") == 3


@pytest.mark.parametrize("most", [1, 2, 25])
def test_nothing_overlaps_or_is_cut(korea, most):
    ax = draw.sobol(korea, most=most)
    words = words_of(ax.figure)
    assert overlapping(words) == []
    assert outside(words, ax.figure) == []


def test_a_hostile_and_a_long_name():
    names = ["P($x$=<b> | " + "y=z, " * 40 + ")", "short"]
    frame = pd.DataFrame({"first": [0.4, -0.01], "total": [0.6, 0.4]}, index=names)
    ax = draw.sobol(frame)
    words = words_of(ax.figure)
    assert outside(words, ax.figure) == []
    assert "<b>" not in draw.to_svg(ax)
    assert lines(ax, "first-")[1].get_xdata()[1] == 0


def test_into_axes_that_are_given(korea):
    ax = Figure(figsize=(4, 3)).add_axes((0.5, 0.2, 0.4, 0.7))
    assert draw.sobol(korea, ax) is ax


def test_nothing_to_draw(korea):
    with pytest.raises(ValueError, match="never moves"):
        draw.sobol(korea.assign(total=float("nan")))
