"""Outcomes: differences in points, and each value in its own unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from decision import ModelError, draw, outcomes, read_model
from decision.draw.numbers import amount, decimals, decimals_of_range, probability, signed
from tests.draw.scenes import outside, overlapping, words_of


@pytest.fixture(scope="module")
def korea():
    return read_model("data/korea_2018")


@pytest.fixture(scope="module")
def frame(korea):
    return outcomes(korea)


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def dots(ax) -> dict[int, float]:
    """Where the dot of each row stands."""
    return {
        int(line.get_ydata()[0]): float(line.get_xdata()[0])
        for line in ax.lines
        if str(line.get_gid()).startswith("dot-")
    }


def test_differences_stand_where_they_are(frame):
    ax = draw.outcomes(frame, equivalent=(2.1, "percentage points of the chance of major war"))
    assert dots(ax) == pytest.approx(dict(enumerate(frame["difference"])))
    assert {"reference", "+0.12", "+0.31", "+0.46", "93.73", "94.19"} <= set(texts(ax))
    assert "1 point is worth 2.1 percentage points of the chance of major war" in texts(ax)
    assert "Difference in expected total from maximum pressure (points)" in texts(ax)
    assert _bold(ax) == {"+0.46"}
    low, high = ax.get_xlim()
    assert -0.2 < low < 0
    assert 0.46 < high < 1
    assert overlapping(words_of(ax.figure)) == []
    assert outside(words_of(ax.figure), ax.figure) == []


def test_losses_lead_leftwards(korea):
    ax = draw.outcomes(outcomes(korea, reference="off_ramp_and_restraint"))
    assert min(dots(ax).values()) == pytest.approx(-0.4625, abs=1e-3)
    assert "−0.46" in texts(ax)
    assert overlapping(words_of(ax.figure)) == []
    assert outside(words_of(ax.figure), ax.figure) == []


def test_alt_text_has_options_and_numbers(frame):
    text = draw.alt_text(draw.outcomes(frame))
    assert "from maximum pressure (93.73 points)" in text
    assert "off ramp and restraint +0.46 (total 94.19)" in text
    assert "Best is off ramp and restraint." in text


def test_a_closed_branch_is_named_and_not_drawn(frame):
    closed = frame.copy()
    closed.loc["off_ramp"] = np.nan
    ax = draw.outcomes(closed)
    assert len(dots(ax)) == 3
    assert "Closed: off ramp." in draw.alt_text(ax)
    with pytest.raises(ValueError, match="nothing to draw"):
        draw.outcomes(closed.loc[["off_ramp"]])


def test_equal_options_have_room_too():
    same = pd.DataFrame({"E(total)": [5.0, 5.0], "difference": [0.0, 0.0]}, index=["a", "b"])
    ax = draw.outcomes(same)
    assert overlapping(words_of(ax.figure)) == []


@given(
    st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=1, max_size=8),
    st.integers(0, 7),
)
def test_any_differences_have_room(totals, place):
    totals = np.array(totals)
    reference = totals[place % len(totals)]
    names = [f"option_{i}" for i in range(len(totals))]
    frame = pd.DataFrame({"E(total)": totals, "difference": totals - reference}, index=names)
    ax = draw.outcomes(frame)
    assert overlapping(words_of(ax.figure)) == []
    assert outside(words_of(ax.figure), ax.figure) == []


def test_panels_show_values_in_their_units(korea, frame):
    figure = draw.outcome_panels(frame, korea)
    assert len(figure.axes) == 6
    for ax, value in zip(figure.axes, korea.values, strict=True):
        assert dots(ax) == pytest.approx(dict(enumerate(frame[f"E({value.name})"])))
        assert value.caption in texts(ax)
    assert "deaths; less is better" in texts(figure.axes[0])
    assert "10,545" in texts(figure.axes[0])
    assert overlapping(words_of(figure)) == []
    assert outside(words_of(figure), figure) == []
    assert "Lives lost (deaths; less is better): maximum pressure 10,545;" in draw.alt_text(figure)


def test_the_best_of_a_panel_is_large_and_bold(korea, frame):
    lives, *_, leverage, _ = draw.outcome_panels(frame, korea).axes
    assert _bold(lives) == {"Lives lost", "6,691"}
    assert _bold(leverage) == {"Bargaining strength", "90"}


def _bold(ax) -> set[str]:
    return {t.get_text() for t in ax.texts if "Bold" in str(t.get_fontproperties().get_file())}


def test_a_panel_for_each_state_of_a_chance_node(korea, frame):
    figure = draw.outcome_panels(frame, korea, ["escalation", "lives"])
    assert len(figure.axes) == 4
    assert dots(figure.axes[2]) == pytest.approx(dict(enumerate(frame["P(escalation=major_war)"])))
    assert "Escalation: major war" in texts(figure.axes[2])
    assert overlapping(words_of(figure)) == []
    with pytest.raises(ModelError, match="escalation"):
        draw.outcome_panels(frame, korea, ["escalations"])
    with pytest.raises(ValueError, match="nothing to draw"):
        draw.outcome_panels(frame, korea, [])


def test_given_axes_are_drawn_into(frame):
    figure = Figure(figsize=(7, 4))
    ax = figure.subplots(2, 1, gridspec_kw={"left": 0.3, "right": 0.8})[0]
    assert draw.outcomes(frame, ax) is ax
    assert overlapping(words_of(figure)) == []


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=6))
def test_numbers_that_differ_look_different(values):
    places = decimals([values])
    scale = max(abs(v) for v in values)
    for one in values:
        for other in values:
            if abs(one - other) > max(1e-9 * scale, 1e-5):
                assert amount(one, places) != amount(other, places)


def test_numbers_are_written_as_print_wants_them():
    assert amount(-1234.5, 1) == "−1,234.5"
    assert amount(-0.0001, 2) == "0.00"
    assert signed(0.0, 2) == "0.00"
    assert signed(0.25, 2) == "+0.25"
    assert signed(-0.0004, 2) == "−0.0004"
    assert probability(0.999) == "0.999"
    assert probability(0) == "0"
    assert decimals([]) == 0
    assert decimals([[1.0, 1.0]]) == 0
    assert decimals_of_range([5.0]) == 0
