"""An option looks the same in every picture, on a screen, in grey and to the colour-blind."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

import decision as da
from decision import draw
from decision.draw.looks import LOOKS, look_of, shade
from decision.draw.style import INK

SIMULATED = {  # Machado, Oliveira and Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(colour) -> np.ndarray:
    parts = np.array(to_rgb(colour))
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one, other) -> float:
    """Of WCAG 2: from 1 to 21."""
    low, high = sorted(float(linear(c) @ (0.2126, 0.7152, 0.0722)) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def seen(colour, by: str) -> np.ndarray:
    """A colour in Oklab (Ottosson 2020) as a reader sees it."""
    red = np.clip(np.array(SIMULATED[by]) @ linear(colour), 0, 1)
    cones = np.array(
        (
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        )
    )
    axes = np.array(
        (
            (0.2104542553, 0.7936177850, -0.0040720468),
            (1.9779984951, -2.4285922050, 0.4505937099),
            (0.0259040371, 0.7827717662, -0.8086757660),
        )
    )
    return axes @ np.cbrt(cones @ red)


def test_lines_stand_out_from_paper_and_text_from_areas():
    for look in LOOKS:
        assert contrast(look.colour, "white") >= 3
        assert contrast(INK, look.tint) >= 7
    assert contrast(INK, shade(1.0)) >= 4.5
    assert to_hex(shade(0.0)) == "#ffffff"


@pytest.mark.parametrize("by", SIMULATED)
def test_the_first_four_are_told_apart_by_the_colour_blind(by):
    for one, other in combinations(LOOKS[:4], 2):
        assert np.linalg.norm(seen(one.colour, by) - seen(other.colour, by)) > 0.05


def test_no_two_share_a_second_cue():
    for cue in ("hatch", "dash", "marker", "colour", "tint"):
        assert len({getattr(look, cue) for look in LOOKS}) == len(LOOKS)


@pytest.fixture(scope="module")
def korea():
    return da.read_model("data/korea_2018")


@pytest.fixture(scope="module")
def pictures(korea) -> dict:
    robust = da.robustness(korea)
    words = "P(tone=restrained | strategy=restrained_rhetoric|off_ramp_and_restraint) = x in 0..1"
    offers = "P(offer=credible | strategy=off_ramp|off_ramp_and_restraint) = y in 0..1"
    frame = da.outcomes(korea)
    return {
        "outcomes": draw.outcomes(frame),
        "panels": draw.outcome_panels(frame, korea).axes[0],
        "intervals": draw.intervals(robust),
        "uncertainty": draw.uncertainty(da.uncertainty(korea, draws=200, seed=1)),
        "rainbow": draw.rainbow(da.rainbow(korea, words)),
        "risk": draw.risk_profile(da.risk_profile(korea)),
        "regions": draw.regions(da.two_way(korea, words, offers, steps=9)),
    }


@pytest.mark.parametrize("name", ["outcomes", "panels", "intervals", "uncertainty"])
def test_rows_have_the_marker_and_colour_of_their_option(korea, pictures, name):
    options = korea.decisions[0].options
    dots = {
        str(line.get_gid()): line
        for line in pictures[name].lines
        if str(line.get_gid()).startswith("dot-")
    }
    for row, option in enumerate(options):
        look, dot = look_of(option, options), dots[f"dot-{row}"]
        assert (dot.get_color() if name == "intervals" else dot.get_markeredgecolor()) == (
            look.colour
        )
        assert dot.get_marker() == look.marker


@pytest.mark.parametrize("name", ["rainbow", "risk"])
def test_curves_have_the_dash_and_colour_of_their_option(korea, pictures, name):
    options = korea.decisions[0].options
    curves = {str(line.get_gid()): line for line in pictures[name].lines}
    for option in options:
        look = look_of(option, options)
        assert curves[f"curve-{option}"].get_color() == look.colour
        solid = curves[f"curve-{option}"].get_linestyle() == "-"
        assert solid == (look.dash == "-")


def test_areas_have_the_tint_of_their_option(korea, pictures):
    options = korea.decisions[0].options
    areas = {
        str(patch.get_gid()): patch
        for patch in pictures["regions"].patches
        if str(patch.get_gid()).startswith("area-")
    }
    assert len(areas) > 2
    for name, patch in areas.items():
        look = look_of(name.removeprefix("area-"), options)
        assert to_hex(patch.get_facecolor()).upper() == look.tint


def test_a_closed_branch_leaves_the_others_their_looks(korea):
    frame = da.outcomes(korea)
    frame.loc["maximum_pressure"] = np.nan
    first = draw.outcomes(frame).lines
    dot = next(line for line in first if str(line.get_gid()) == "dot-0")
    assert dot.get_markeredgecolor() == LOOKS[1].colour
    profile = da.risk_profile(korea)
    assert profile.attrs["options"] == korea.decisions[0].options
    rest = profile[profile["strategy"] != "maximum_pressure"]
    curves = {str(line.get_gid()): line for line in draw.risk_profile(rest).lines}
    assert curves["curve-off_ramp"].get_color() == LOOKS[1].colour


def test_gains_are_the_best_options_and_losses_the_others(korea):
    found = da.explain(korea)
    ax = draw.waterfall(found, "maximum_pressure")
    options = korea.decisions[0].options
    steps = [patch for patch in ax.patches if str(patch.get_gid()).startswith("step-")]
    colours = {to_hex(patch.get_edgecolor()).upper() for patch in steps[:-1]}
    assert colours == {look_of(o, options).colour for o in (found.best, "maximum_pressure")}


def test_with_risk_the_best_is_what_is_chosen_not_the_highest_expectation():
    party = da.read_model("data/examples/party_problem")
    ax = draw.outcomes(da.outcomes(party))
    bold = {t.get_text() for t in ax.texts if "Bold" in str(t.get_fontproperties().get_file())}
    assert bold == {"+6"}
    assert "Best is indoors. It is chosen by certain equivalent" in draw.alt_text(ax)
