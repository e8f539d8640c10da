"""The tornado: bars as long as the totals move, in the colour of what is best on the way."""

from __future__ import annotations

from functools import cache

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from decision import draw, read_model, sensitivity
from decision.draw.looks import look_of
from tests.analysis.test_pairs import seasons
from tests.analysis.test_sensitivity_cases import vee
from tests.draw.scenes import outside, overlapping, words_of
from tests.models import oil

MODELS = ["data/korea_2018", "data/examples/oil_wildcatter", "data/examples/party_problem"]


@cache
def moved(model: str):
    return sensitivity(read_model(model))


def bars(ax, row: int, side: str) -> list[tuple[float, float, str]]:
    """Where the pieces of a bar begin and end, and their colour."""
    found = [p for p in ax.patches if p.get_gid() == f"{side}-{row}"]
    return [(p.get_x(), p.get_x() + p.get_width(), to_hex(p.get_facecolor())) for p in found]


@pytest.mark.parametrize("model", MODELS)
def test_bars_reach_the_totals_and_change_colour_where_the_advice_does(model):
    frame = moved(model)
    options = read_model(model).decisions[0].options
    ax = draw.tornado(frame, most=9)
    for i, row in enumerate(frame.head(9).itertuples()):
        for side, end in (("low", row.total_low), ("high", row.total_high)):
            pieces = bars(ax, i, side)
            ends = {round(x, 9) for a, b, _ in pieces for x in (a, b)}
            assert {round(row.total, 9), round(end, 9)} <= ends
            way = [x for x in row.break_even if row.low <= x <= row.high]
            if any((x > row.base) == (side == "high") for x in way):
                assert pieces[0][2] == to_hex(look_of(row.preferred, options).tint)
                assert pieces[-1][2] != pieces[0][2]
        inside = [x for x in row.break_even if row.low <= x <= row.high]
        ticks = [line for line in ax.lines if line.get_gid() == f"tick-{i}"]
        assert len(ticks) == 2 * len(inside)
    assert overlapping(words_of(ax.figure)) == []
    assert outside(words_of(ax.figure), ax.figure) == []


def test_the_lowest_inside_the_range_is_shown():
    (row,) = sensitivity(vee()).itertuples()
    ax = draw.tornado(sensitivity(vee()))
    (line,) = [line for line in ax.lines if line.get_gid() == "lowest-0"]
    assert line.get_xdata()[0] == pytest.approx(row.lowest, abs=1e-9)
    assert "lowest inside" in draw.alt_text(ax)


def test_two_bars_where_both_ends_lie_on_one_side():
    frame = sensitivity(seasons().changed("P(sky=wet) = 0.25"))
    ax = draw.tornado(frame)
    low, high = (next(p for p in ax.patches if p.get_gid() == f"{s}-0") for s in ("low", "high"))
    assert low.get_y() + low.get_height() <= high.get_y() + 1e-9  # y runs downwards
    assert len([line for line in ax.lines if line.get_gid() == "tick-0"]) == 2


def test_alt_text_has_inputs_numbers_and_options():
    text = draw.alt_text(draw.tornado(moved("data/korea_2018"), most=1))
    assert "where off ramp and restraint is best" in text
    assert "weight(nonproliferation) from 6 (96, restrained rhetoric) to 36" in text
    assert "the advice changes at 7.66" in text


def test_it_fits_into_axes_that_are_given():
    figure = Figure(figsize=(7, 3))
    ax = figure.add_axes((0.5, 0.3, 0.45, 0.6))
    assert draw.tornado(moved(MODELS[1]), ax, most=4) is ax
    assert "<svg" in draw.to_svg(ax)


@pytest.mark.parametrize("name", ["$x^2$ <b>&amp;", "a" * 300, "\u202e\n\x1b[31m"])
def test_a_hostile_name_shows_itself_alone(name):
    frame = moved(MODELS[1]).head(2).rename(index=lambda _: name)
    frame["preferred_low"] = frame["preferred"] = name
    frame["preferred_between"] = [(name,) * len(row) for row in frame["preferred_between"]]
    ax = draw.tornado(frame)
    svg = draw.to_svg(ax)
    assert "<b>" not in svg
    assert "\x1b" not in draw.alt_text(ax)
    assert outside(words_of(ax.figure), ax.figure) == []


def test_without_ranges_there_is_nothing_to_draw():
    with pytest.raises(ValueError, match="no input has a range"):
        draw.tornado(sensitivity(oil()))
