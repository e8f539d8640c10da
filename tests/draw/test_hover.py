"""SVG in a page: hover titles with numbers, ids of its own, hatches, no inline style."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

import decision as da
from decision import Chance, Decision, InfluenceDiagram, Value, draw
from decision.draw.hatches import tile
from decision.draw.looks import LOOKS

SVG = "{http://www.w3.org/2000/svg}"
X = "P(oil=dry) = x in 0.4..0.6"
Y = "V(payoff | drill=yes, oil=soaking) = y in 150..250"


@pytest.fixture(scope="module")
def svgs() -> dict[str, str]:
    oil = da.read_model("data/examples/oil_wildcatter")
    frame, robust = da.outcomes(oil), da.robustness(oil)
    drawn = da.uncertainty(oil, draws=200, seed=1)
    tree = da.unroll(oil)
    pictures = {
        "differences_drawn": draw.differences_drawn(drawn),
        "disagreement": draw.disagreement(da.disagreement(oil)),
        "discovery": draw.discovery(da.discover(oil, draws=400, seed=1)),
        "influence_graph": draw.influence_graph(oil),
        "intervals": draw.intervals(robust),
        "ledger": draw.ledger(da.ledger(oil)),
        "outcome_panels": draw.outcome_panels(frame, oil),
        "outcomes": draw.outcomes(frame),
        "rainbow": draw.rainbow(da.rainbow(oil, X)),
        "regions": draw.regions(da.two_way(oil, X, Y, steps=7), contours=True),
        "risk_profile": draw.risk_profile(da.risk_profile(oil)),
        "robustness": draw.robustness(robust),
        "small_trees": draw.small_trees(tree),
        "sobol": draw.sobol(da.sobol(oil, samples=64, seed=1)),
        "tornado": draw.tornado(da.sensitivity(oil)),
        "tree": draw.tree(tree),
        "uncertainty": draw.uncertainty(drawn),
        "waterfall": draw.waterfall(da.explain(oil)),
        "worth": draw.worth(oil, {"Knowing": da.value_of_information(oil)}),
    }
    assert set(pictures) == set(draw.__all__) - {"alt_text", "save", "show", "to_svg"}
    return {name: draw.to_svg(picture) for name, picture in pictures.items()}


def titles(text: str) -> list[str]:
    return [str(e.text) for e in ET.fromstring(text).iter(f"{SVG}title")]


NAMES = sorted(set(draw.__all__) - {"alt_text", "save", "show", "to_svg"})


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_may_stand_under_a_strict_policy(svgs, name):
    root = ET.fromstring(svgs[name])
    for element in root.iter():
        assert "style" not in element.attrib
        assert element.tag.removeprefix(SVG) not in {"script", "style", "foreignObject", "use"}
        for key, value in element.attrib.items():
            assert not key.startswith("on")
            assert "://" not in value or key.endswith("xmlns")
            assert "javascript:" not in value
    assert root.find(f".//{SVG}text") is not None


@pytest.mark.parametrize("name", NAMES)
def test_what_carries_a_number_says_it_on_hover(svgs, name):
    told = titles(svgs[name])
    assert told
    if name != "influence_graph":
        assert any(re.search(r"\d", title) for title in told)
    for group in ET.fromstring(svgs[name]).iter(f"{SVG}g"):
        inside = list(group)
        assert inside, "a group without ink"
        if any(e.tag == f"{SVG}title" for e in inside):
            assert inside[0].tag == f"{SVG}title"


def test_ids_are_unique_in_a_page_of_all_pictures(svgs):
    page = "".join(svgs.values())
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) > 200
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)
    assert all(re.fullmatch(r"d[0-9a-f]{8}-.+", name) for name in ids)


def test_numbers_on_hover_are_those_of_the_analyses(svgs):
    assert "no: −2.5 points from yes, expected total 20.0" in titles(svgs["outcomes"])
    assert "Seismic test – yes: expected total 22.5 thousand dollars, the best choice" in titles(
        svgs["tree"]
    )
    assert "Oil in the ground influences Seismic reading" in titles(svgs["influence_graph"])
    row = da.sensitivity(da.read_model("data/examples/oil_wildcatter")).loc["P(oil=dry)"]
    flip = row["total_break_even"][0]
    assert f"P(oil=dry): no from {flip:.5g} to {row['total_low']:.5g}" in titles(svgs["tornado"])


def test_hatches_reach_the_svg_as_small_tiles(svgs):
    patterns = list(ET.fromstring(svgs["tornado"]).iter(f"{SVG}pattern"))
    assert len(patterns) == 1  # yes is plain, no is hatched
    assert patterns[0].find(f"{SVG}path").get("stroke") == LOOKS[1].colour.lower()
    assert len(svgs["tornado"]) < 60_000
    for look in LOOKS:
        assert bool(tile(look.hatch, "#000000", "1", "a")) == bool(look.hatch)
    assert tile("?", "#000000", "1", "a") == ""


def test_hostile_words_on_hover_are_only_text():
    nasty = "</title><script>alert(1)</script>\u202e$x$"
    model = InfluenceDiagram(
        decisions=[Decision("go", ["no", "yes"], label=nasty)],
        chances=[Chance("luck", ["a", "b"], table=[0.5, 0.5], label=nasty)],
        values=[Value("gain", ["go", "luck"], [[0, 1], [2, 3]], label=nasty, unit=nasty)],
    )
    for picture in (
        draw.influence_graph(model),
        draw.tree(da.unroll(model)),
        draw.small_trees(da.unroll(model)),
        draw.outcomes(da.outcomes(model), unit=nasty),
        draw.outcome_panels(da.outcomes(model), model),
        draw.waterfall(da.explain(model)),
    ):
        text = draw.to_svg(picture)
        assert "<script" not in text
        assert "\u202e" not in text
        assert any("<script>" in title for title in titles(text))


def test_alt_text_of_highlights_begins_with_the_finding():
    korea = da.read_model("data/korea_2018")
    text = draw.alt_text(draw.influence_graph(korea, highlight="talks"))
    assert "Highlighted: Inter-Korean talks outcome, from" in text
