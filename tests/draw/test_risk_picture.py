"""Risk curves: heights and places are those of the distribution, names and units stand there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import decision as da
from decision import Chance, Decision, InfluenceDiagram, Value, draw, read_model, risk_profile
from tests.draw.scenes import outside, overlapping, words_of


@pytest.fixture(scope="module")
def korea():
    return read_model("data/korea_2018")


def curves(ax) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {
        line.get_gid().removeprefix("curve-"): tuple(map(np.asarray, line.get_data()))
        for line in ax.lines
        if str(line.get_gid()).startswith("curve-")
    }


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def height(curve: tuple[np.ndarray, np.ndarray], x: float) -> float:
    """How high a curve is a little right of x."""
    return float(curve[1][np.flatnonzero(curve[0] <= x)[-1]])


def test_curves_rise_to_the_probability_of_at_most_so_much():
    ax = draw.risk_profile(risk_profile(read_model("data/examples/oil_wildcatter")), unit="k$")
    found = curves(ax)
    assert list(found) == ["yes", "no"]
    assert [height(found["yes"], x) for x in (-75, 0, 100, 195)] == pytest.approx(
        [0.2, 0.61, 0.82, 1.0]
    )
    assert [height(found["no"], x) for x in (-75, 0, 100, 205)] == pytest.approx([0, 0.5, 0.8, 1])
    assert {"yes", "no", "Total (k$)", "Probability of at most so much"} <= set(texts(ax))
    assert overlapping(words_of(ax.figure)) == []
    assert outside(words_of(ax.figure), ax.figure) == []


def test_deaths_stand_on_a_logarithmic_scale(korea):
    frame = risk_profile(korea, "lives")
    ax = draw.risk_profile(frame, name="Lives lost", unit="deaths")
    for option, rows in frame.groupby("strategy", sort=False):
        x, p = rows["x"].to_numpy(), rows["p"].to_numpy()
        curve = curves(ax)[option]
        for at in (2.0, 50.0, 1e4, 1e6, 5e6):
            assert height(curve, np.log10(at)) == pytest.approx(p[x >= at].sum(), abs=1e-12)
    assert {"1", "100", "10,000", "1,000,000", "Probability of at least so much"} <= set(texts(ax))
    assert overlapping(words_of(ax.figure)) == []
    assert outside(words_of(ax.figure), ax.figure) == []


def test_lines_differ_in_grey_too(korea):
    ax = draw.risk_profile(risk_profile(korea))
    dashes = [str(line._dash_pattern) for line in ax.lines if line.get_gid()]
    assert len(set(dashes)) == 4


def test_alt_text_has_the_numbers(korea):
    text = draw.alt_text(
        draw.risk_profile(risk_profile(korea, "lives"), name="Lives lost", unit="deaths")
    )
    assert "off ramp and restraint: mean 6,691, none with probability 0.86" in text
    assert "logarithmic scale" in text
    text = draw.alt_text(draw.risk_profile(risk_profile(korea)))
    assert "maximum pressure: mean 93.73, 5% 90.27, 50% 94.82, 95% 98.90" in text


def test_what_a_model_says_is_only_shown():
    model = InfluenceDiagram(
        decisions=[Decision("d", ["a", "b"])],
        chances=[Chance("c", ["x", "y"], table=[0.5, 0.5])],
        values=[Value("v", ["d", "c"], [[1, 1], [1, 1]], unit="$x^2$")],
    )
    ax = draw.risk_profile(risk_profile(model, "v"), name="$\\frac{1}{2}$ <b>", unit="$x^2$")
    assert "$\\frac{1}{2}$ <b> ($x^2$)" in texts(ax)
    assert "<b>" not in draw.to_svg(ax)
    assert overlapping(words_of(ax.figure)) == []


def test_another_frame_is_refused(korea):
    with pytest.raises(ValueError, match="give what risk_profile"):
        draw.risk_profile(da.risk(korea))


def test_name_and_unit_are_the_models(korea):
    assert "Lives lost (deaths)" in texts(draw.risk_profile(risk_profile(korea, "lives")))
    oil = read_model("data/examples/oil_wildcatter")
    assert any(
        t.startswith("Total (thousand dollars)")
        for t in texts(draw.risk_profile(risk_profile(oil)))
    )


def test_a_long_thin_tail_is_cut_off_and_said(korea):
    frame = risk_profile(korea)
    ax = draw.risk_profile(frame)
    low = ax.get_xlim()[0]
    assert 60 < low < 90
    for option, rows in frame.groupby("strategy", sort=False):
        x, p = rows["x"].to_numpy(), rows["p"].to_numpy()
        assert height(curves(ax)[option], 92.0) == pytest.approx(p[x <= 92.0].sum(), abs=1e-12)
    below = [rows["p"][rows["x"] < low].sum() for _, rows in frame.groupby("strategy", sort=False)]
    said = next(t for t in texts(ax) if t.startswith("Total (points), "))
    assert f"{100 * max(below):.2g}% lower" in said
    assert "left out" in draw.alt_text(ax)


def test_nothing_to_draw_is_said():
    empty = pd.DataFrame({"d": [], "x": [], "p": [], "cumulative": []})
    with pytest.raises(ValueError, match="nothing to draw"):
        draw.risk_profile(empty)
