"""The picture of who prefers what: words, shades that read in grey, the best marked."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from decision import Decision, InfluenceDiagram, Value, disagreement, draw, read_model
from tests.analysis.camps import with_rows
from tests.draw.scenes import named, outside, overlapping, words_of
from tests.models import oil_guarded

KOREA = "data/korea_2018"


def options_of(*names: str) -> InfluenceDiagram:
    """Options worth 1, 2, 3, …, the last two the same."""
    amounts = [*range(1, len(names)), len(names) - 1]
    return InfluenceDiagram(
        decisions=[Decision("way", names)], values=[Value("worth", ["way"], amounts)]
    )


def grey(patch) -> float:
    """Return a cell's lightness, as a printer without colours has it."""
    return float(np.dot(patch.get_facecolor()[:3], [0.299, 0.587, 0.114]))


@pytest.fixture(scope="module")
def found():
    return disagreement(read_model(KOREA))


def test_cells_are_the_darker_the_more_they_lack_within_their_row(found):
    cells = named(draw.disagreement(found), "cell-")
    gaps = found.gaps.to_numpy()
    for row, lacking in enumerate(gaps):
        shades = [grey(cells[f"{row}-{column}"]) for column in range(len(lacking))]
        assert list(np.argsort(shades)) == list(np.argsort(-lacking))
        assert max(shades) == pytest.approx(1.0)
        assert 0.5 < min(shades) < 0.7  # black type stands on it, and white is told from it


def test_the_best_is_framed_and_bold(found):
    ax = draw.disagreement(found)
    framed = {name for name, patch in named(ax, "cell-").items() if patch.get_linewidth() > 1}
    rows = enumerate(found.choices)
    assert framed == {f"{row}-{found.options.index(best)}" for row, best in rows}
    bold = [t for t in ax.texts if "Bold" in str(t.get_fontproperties().get_file())]
    assert [t.get_text() for t in bold] == ["best"] * len(found.names)


def test_numbers_are_the_gaps(found):
    shown = {text for text, _ in words_of(draw.disagreement(found).figure)}
    assert {"0.46", "0.34", "0.16", "2.44", "base", "moon government"} <= shown


@pytest.mark.parametrize(
    "model",
    [
        read_model(KOREA),
        read_model("data/examples/oil_wildcatter"),
        read_model("data/examples/umbrella"),
        with_rows(
            options_of("a", "a_very_long_name_" * 6 + "x", "c", "d", "e", "f_and_g_and_h"),
            **{"$\\evil$ <b>&": ["V(worth | way=c) = 99999999"], "long " * 30: []},
        ),
    ],
)
def test_nothing_overlaps_or_leaves_the_paper(model):
    ax = draw.disagreement(disagreement(model))
    words = words_of(ax.figure)
    assert overlapping(words) == []
    assert outside(words, ax.figure) == []
    svg = draw.to_svg(ax)
    assert "<b>" not in svg
    assert svg == draw.to_svg(draw.disagreement(disagreement(model)))


def test_it_fits_into_axes_that_are_given(found):
    figure = Figure(figsize=(4, 2))
    ax = figure.add_axes((0, 0, 1, 1))
    assert draw.disagreement(found, ax) is ax
    assert outside(words_of(figure), figure) == []
    assert overlapping(words_of(figure)) == []


def test_ties_and_what_is_closed_are_said():
    ties = draw.disagreement(disagreement(options_of("a", "b", "c")))
    assert [t for t, _ in words_of(ties.figure)].count("ties") == 1
    assert "base prefers b (a 1 and c ties)" in draw.alt_text(ties)
    closed = draw.disagreement(disagreement(oil_guarded(), "drill"))
    assert "closed" in [t for t, _ in words_of(closed.figure)]
    assert "base prefers no (yes closed)" in draw.alt_text(closed)


def test_alt_text_says_who_prefers_what_and_the_gaps(found):
    text = draw.alt_text(draw.disagreement(found))
    assert text.startswith("What each option lacks to the row's best")
    assert (
        "alliance worried experts prefers restrained rhetoric (maximum pressure 0.43, "
        "off ramp 0.71 and off ramp and restraint 0.31)"
    ) in text
