"""The rainbow: a curve for each option, dots where the best changes, names at the ends."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from decision import draw, rainbow, read_model, sensitivity
from tests.analysis.test_sensitivity_cases import vee
from tests.draw.scenes import outside, overlapping, words_of
from tests.draw.test_regions_picture import many
from tests.models import oil

WORDS = "P(tone=restrained | strategy=restrained_rhetoric|off_ramp_and_restraint) = x in 0..1"
SCENES = {
    "korea": (lambda: read_model("data/korea_2018"), WORDS),
    "oil": (oil, "P(oil=dry) = x in 0..1"),
    "vee": (vee, "P(x=yes) = x in 0..1"),
    "many": (lambda: many([f"option_{i}" for i in range(9)]), "P(p=yes) = x in 0..1"),
    "odds": (lambda: read_model("data/korea_2018"), "odds(tone=restrained) *= x in 0.1..10"),
}


def frame_of(name: str) -> pd.DataFrame:
    model, text = SCENES[name]
    return rainbow(model(), text, points=21)


@pytest.mark.parametrize("name", list(SCENES))
def test_curves_dots_and_names(name):
    frame = frame_of(name)
    ax = draw.rainbow(frame)
    lines = {str(line.get_gid()): line for line in ax.lines}
    for option in frame.columns[:-2]:
        assert lines[f"curve-{option}"].get_ydata() == pytest.approx(frame[option].to_numpy())
    flips = frame.index[frame["kind of point"].str.contains("break-even")]
    dots = sorted(line.get_xdata()[0] for line in ax.lines if line.get_gid() == "break-even")
    assert dots == pytest.approx(flips.tolist())
    assert ("base" in lines) == frame["kind of point"].str.contains("base").any()
    assert overlapping(words_of(ax.figure)) == []
    assert outside(words_of(ax.figure), ax.figure) == []


def test_the_upper_edge_is_thick_from_break_even_to_break_even():
    frame = frame_of("oil")
    ax = draw.rainbow(frame)
    thick = {str(line.get_gid()): line for line in ax.lines}
    shown = ~np.isnan(thick["best-yes"].get_ydata())
    assert frame.index[shown].tolist()[:1] == pytest.approx([27 / 59])
    assert frame.index[shown].tolist()[-1:] == pytest.approx([39 / 56])
    best = frame[["yes", "no"]].max(axis=1).to_numpy()
    assert thick["best-yes"].get_ydata()[shown] == pytest.approx(best[shown])


def test_alt_text_has_totals_and_break_evens():
    text = draw.alt_text(draw.rainbow(frame_of("korea")))
    assert text.startswith(f"Totals (points) along {WORDS} from 0 to 1: maximum pressure from 93.7")
    assert "off ramp and restraint from 93.3 to 94.9" in text
    assert "At the low end off ramp is best. The best changes at 0.349." in text


def test_axes_that_are_given_and_names_that_show_themselves_alone():
    frame = frame_of("oil").rename(columns={"yes": "$x$ <b>\x1b"})
    frame["best option"] = frame["best option"].replace("yes", "$x$ <b>\x1b")
    figure = Figure(figsize=(4, 3))
    ax = figure.add_axes((0.2, 0.2, 0.5, 0.6))
    assert draw.rainbow(frame, ax, unit="<script>") is ax
    svg = draw.to_svg(ax)
    assert "<b>" not in svg
    assert "<script>" not in svg
    assert "\x1b" not in draw.alt_text(ax)


def test_without_an_option_there_is_nothing_to_draw():
    frame = frame_of("oil")
    frame[["yes", "no"]] = np.nan
    with pytest.raises(ValueError, match="no option can be had"):
        draw.rainbow(frame)


def test_a_line_with_a_gap_begins_anew_after_it():
    ax = Figure().add_axes((0, 0, 1, 1))
    ax.plot([0, 1, 2, 3, 4, 5], [np.nan, 1, 2, np.nan, 3, 4])
    drawn = re.findall(r'<path d="([^"]*)" fill="none"', draw.to_svg(ax))
    (line,) = [d for d in drawn if d.count("L") == 2]
    assert line.startswith("M")
    assert line.count("M") == 2


@pytest.mark.parametrize("model", ["data/korea_2018", "data/examples/oil_wildcatter"])
def test_every_path_of_the_picture_begins_where_the_pen_is_put_down(model):
    opened = read_model(model)
    name = next(iter(sensitivity(opened).index))
    drawn = re.findall(r'<path d="([^"]*)"', draw.to_svg(draw.rainbow(rainbow(opened, name))))
    assert drawn
    assert [d for d in drawn if not d.startswith("M")] == []
