"""The waterfall: a step for each value, and the difference that is left."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from decision import Decision, InfluenceDiagram, Value, draw, explain, read_model
from tests.draw.scenes import outside, overlapping, words_of


@pytest.fixture(scope="module")
def korea():
    return explain(read_model("data/korea_2018"))


def steps(ax) -> list[tuple[float, float]]:
    """Return where each bar begins and ends, from top to bottom."""
    bars = sorted(
        (patch for patch in ax.patches if str(patch.get_gid()).startswith("step-")),
        key=lambda bar: int(bar.get_gid().removeprefix("step-")),
    )
    return [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars]


def test_steps_lead_from_nothing_to_the_difference(korea):
    ax = draw.waterfall(korea)
    lead = korea.values.loc["restrained_rhetoric"]
    expected = [tuple(sorted(pair)) for pair in zip(lead["start"], lead["end"], strict=True)]
    expected.append((0, lead["points"].sum()))
    assert [end for step in steps(ax) for end in step] == pytest.approx(
        [end for step in expected for end in step]
    )
    words = [text for text, _ in words_of(ax.figure)]
    assert {"+0.44", "+0.16", "−0.26", "Nuclear and missile restraint", "Difference in all"} <= set(
        words
    )
    assert "What off ramp and restraint gains over restrained rhetoric (points)" in words


@pytest.mark.parametrize("option", ["maximum_pressure", "off_ramp", "restrained_rhetoric"])
def test_no_word_lies_on_another_or_off_the_paper(korea, option):
    figure = draw.waterfall(korea, option).figure
    assert overlapping(words_of(figure)) == []
    assert outside(words_of(figure), figure) == []


def test_losses_are_hollow(korea):
    ax = draw.waterfall(korea)
    fills = [patch.get_facecolor()[:3] == (1, 1, 1) for patch in ax.patches]
    assert fills == [False] * 4 + [True] * 2 + [False]


def test_the_picture_says_what_it_shows(korea):
    text = draw.alt_text(draw.waterfall(korea, "off_ramp"))
    assert text.startswith(
        "off ramp and restraint differs from off ramp by +0.34 points in all. "
        "What each value adds to that: Lives lost +0.23; "
    )
    assert "<svg" in draw.to_svg(draw.waterfall(korea))


def test_small_axes_get_small_type(korea):
    ax = Figure(figsize=(4, 1.2)).add_axes((0.45, 0.3, 0.5, 0.65))
    assert draw.waterfall(korea, ax=ax) is ax
    assert overlapping(words_of(ax.figure)) == []


def test_a_difference_below_nothing_leads_left():
    ax = draw.waterfall(explain(read_model("data/examples/party_problem")), "porch")
    assert [end for step in steps(ax) for end in step] == pytest.approx([-2, 0, -2, 0])


def test_names_are_written_as_they_are():
    nasty = "$\\alpha$ <b>\x1b"
    model = InfluenceDiagram(
        decisions=[Decision("go", ["no", "yes"])],
        values=[Value("fun", ["go"], [0, 3], label=nasty)],
    )
    ax = draw.waterfall(explain(model))
    assert "$\\alpha$ <b>" in [text for text, _ in words_of(ax.figure)]
    assert "<b>" not in draw.to_svg(ax)


def test_without_another_option_there_is_nothing_to_draw(korea):
    alone = InfluenceDiagram([Decision("go", ["on"])], (), [Value("fun", ["go"], [1])])
    with pytest.raises(ValueError, match="no difference from another option"):
        draw.waterfall(explain(alone))
    with pytest.raises(ValueError, match="no difference from 'strike'"):
        draw.waterfall(korea, "strike")
