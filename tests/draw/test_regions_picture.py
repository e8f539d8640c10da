"""The map of two inputs: areas, borders where they were found, every option named once."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from matplotlib.figure import Figure

from decision import Chance, Decision, InfluenceDiagram, Value, draw, read_model, two_way
from decision.analysis.pairs import Regions
from decision.draw.squares import cut_out
from tests.analysis.test_pairs import OFFER, TONE, seasons
from tests.draw.scenes import outside, overlapping, words_of
from tests.models import oil

OILS = ("P(oil=dry) = x in 0.3..0.75", "V(test_cost | test=yes) = y in -20..0")


def many(options: list[str], seed: int = 3) -> InfluenceDiagram:
    table = np.random.default_rng(seed).normal(size=(len(options), 2, 2))
    chances = [Chance(name, ["yes", "no"], table=[0.5, 0.5]) for name in ("p", "q")]
    return InfluenceDiagram([Decision("d", options)], chances, [Value("v", ["d", "p", "q"], table)])


@cache
def scene(name: str) -> Regions:
    if name == "korea":
        return two_way(read_model("data/korea_2018"), TONE, OFFER)
    if name == "seasons":
        return two_way(seasons(), "P(sky=wet)", "P(sky=mild)")
    if name == "oil":
        return two_way(oil(), *OILS)
    options = ["a_rather_long_option", "b", "c", "dee", "e_long", "f", "g", "h"]
    return two_way(many(options), "P(p=yes) = x in 0..1", "P(q=yes) = y in 0..1", steps=31)


SCENES = ["korea", "seasons", "oil", "many"]


def size(polygon) -> float:
    x, y = np.array(polygon).T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


@pytest.mark.parametrize("name", SCENES)
def test_areas_cover_the_map_once(name):
    found = scene(name)
    areas, _ = cut_out(found)
    whole = np.ptp(found.xs) * np.ptp(found.ys)
    covered = sum(size(polygon) for polygons in areas.values() for polygon in polygons)
    assert covered == pytest.approx(whole)
    assert set(areas) == set(found.best.ravel().tolist())


@pytest.mark.parametrize("name", SCENES)
def test_borders_go_through_the_points_that_were_found(name):
    found = scene(name)
    ends = np.array([point for line in cut_out(found)[1] for point in line])
    assert len(found.crossings) > 0
    for border in found.crossings:
        assert np.abs(ends - (border.x, border.y)).max(axis=1).min() < 1e-12


def test_three_areas_meet_where_all_are_worth_the_same():
    """Rice is worth 10w, oats 11m, millet 12d; w : d is x : (1 − x) / 2, and m is y."""
    found = two_way(seasons(), "P(sky=wet) = x in 0.2..0.5", "P(sky=mild)", steps=12)
    lines = [point for line in cut_out(found)[1] for point in line]
    x, y = 3 / 8, (1 / 11) / (1 / 10 + 1 / 11 + 1 / 12)
    nearest = min(np.hypot(a - x, b - y) for a, b in lines)
    assert nearest < 0.002


@pytest.mark.parametrize("name", SCENES)
def test_every_option_that_is_best_somewhere_is_named_once(name):
    found = scene(name)
    ax = draw.regions(found)
    said = [text.get_text() for text in ax.texts]
    for i in set(found.best.ravel().tolist()):
        assert said.count(found.options[i].replace("_", " ")) == 1
    assert overlapping(words_of(ax.figure)) == []
    assert outside(words_of(ax.figure), ax.figure) == []
    base = [line for line in ax.lines if line.get_gid() == "base"]
    assert [(*line.get_xdata(), *line.get_ydata()) for line in base] == [found.base]


@pytest.mark.parametrize("name", SCENES)
def test_names_lie_in_their_own_areas(name):
    found = scene(name)
    for text in draw.regions(found).texts:
        if str(text.get_gid()).startswith("name-"):
            x, y = text.get_position()
            i, j = np.abs(found.ys - y).argmin(), np.abs(found.xs - x).argmin()
            assert found.best[i, j] == int(text.get_gid().removeprefix("name-"))


def test_contours_have_their_numbers():
    ax = draw.regions(scene("korea"), contours=True)
    assert {"0.15", "0.30", "0.45"} <= {text.get_text() for text in ax.texts}
    assert outside(words_of(ax.figure), ax.figure) == []


def test_alt_text_has_inputs_ranges_shares_and_the_base():
    text = draw.alt_text(draw.regions(scene("korea")))
    assert text.startswith(f"Best strategy over {TONE} from 0.3638 to 0.7391 and {OFFER} from")
    assert "off ramp and restraint at" in text
    assert "The model stands at 0.56 and 0.68." in text
    assert "Borders along the grid's lines: exact." in text


def test_one_option_everywhere_and_one_that_cannot_be():
    sky = {"out": {"sky": ["clear"]}, "in": {"sky": ["rain"]}}
    model = InfluenceDiagram(
        decisions=[Decision("go", ["out", "in"], ["sky"], sky)],
        chances=[Chance("sky", ["clear", "rain"], table=[0.4, 0.6])],
        values=[Value("worth", ["go", "sky"], [[1.0, 0.0], [0.0, 2.0]])],
    )
    found = two_way(model, "P(sky=clear) = x in 0.1..0.9", "V(worth) += y in 0..1", steps=3)
    ax = draw.regions(found)
    assert "no option" in [text.get_text() for text in ax.texts]
    assert "no option at 100% of the points" in draw.alt_text(ax)


def test_it_fits_into_axes_that_are_given():
    figure = Figure(figsize=(4, 3))
    ax = figure.add_axes((0.2, 0.2, 0.6, 0.6))
    assert draw.regions(scene("oil"), ax) is ax
    assert draw.to_svg(ax) == draw.to_svg(ax)


def test_names_show_themselves_alone():
    found = scene("oil")
    names = {"x": "$x^2$ <b>&", "y": "\u202ey\n\x1b[31m", "options": ("a" * 99, "<i>")}
    hostile = Regions(**{**vars(found), **names, "crossings": ()})
    ax = draw.regions(hostile, contours=True)
    svg = draw.to_svg(ax)
    assert "<b>" not in svg
    assert "<i>" not in svg
    assert "\x1b" not in draw.alt_text(ax)
    assert outside(words_of(ax.figure), ax.figure) == []
