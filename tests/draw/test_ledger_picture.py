"""The picture of the ledger: what matters most, and what it rests on."""

from __future__ import annotations

import pytest

from decision import draw, ledger, read_model
from tests.draw.scenes import outside, overlapping, words_of
from tests.models import oil

TONE = "P(tone=restrained | strategy=off_ramp_and_restraint)"


@pytest.fixture(scope="module")
def frame():
    return ledger(read_model("data/korea_2018"))


def dots(ax) -> dict[int, tuple[float, bool]]:
    """Where the dot of each row stands, and whether it is full."""
    return {
        int(line.get_ydata()[0]): (
            float(line.get_xdata()[0]),
            line.get_markerfacecolor() != "white",
        )
        for line in ax.lines
        if line.get_marker() == "o"
    }


def test_dots_stand_at_the_swing_and_are_full_where_judged(frame):
    ax = draw.ledger(frame, most=8)
    shown = frame.head(8).sort_values("swing", ascending=False)
    expected = [
        (pytest.approx(swing), founded == "judgement")
        for swing, founded in zip(shown["swing"], shown["founded"], strict=True)
    ]
    assert dots(ax) == dict(enumerate(expected))
    bold = {t.get_text() for t in ax.texts if "Bold" in str(t.get_fontproperties().get_file())}
    assert bold == {"0.45 · data", "0.11 · data"}
    assert overlapping(words_of(ax.figure)) == []
    assert outside(words_of(ax.figure), ax.figure) == []


def test_alt_text_has_inputs_swings_and_sources(frame):
    text = draw.alt_text(draw.ledger(frame, most=3))
    assert "P(nuclear_use=yes | escalation=major_war) 0.92 (judgement)" in text
    assert f"The advice changes inside the range of {TONE} and P(tone=restrained" in text


def test_without_ranges_there_is_nothing_to_draw():
    with pytest.raises(ValueError, match="no input has a range"):
        draw.ledger(ledger(oil()))
