"""Pictures on their way out: SVG, files, notebooks; labels that mean harm."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from decision import Chance, Decision, InfluenceDiagram, Value, draw, outcomes, read_model, unroll
from decision.draw.style import plain, wrap
from tests.draw.scenes import outside, overlapping, words_of

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "$x_1$ and $",
    r"\frac{1}{2} \alpha",
    r"$\nonsense{$",
    "<script>alert(1)</script>",
    "</svg><img src=x onerror=alert(1)>",
    "\"quoted\" & 'quoted' &amp;",
    "\u202egnal rotcerid\u202c and \u2066isolates",
    "مرحبا بالعالم",
    "שלום עולם",
    "rocket \N{ROCKET} and \N{SNOWMAN WITHOUT SNOW}\N{VARIATION SELECTOR-16}",
    "한국의 선택",
    "line\nbreak\ttab\x07bell\x00nul\u2028separator",
    "W" * 200,
    "a_b^c {d} #e %f ~g",
    "\ud800 lone surrogate",
)


@pytest.fixture(scope="module")
def oil():
    return read_model("data/examples/oil_wildcatter")


@pytest.fixture(scope="module")
def hostile() -> InfluenceDiagram:
    chances = [
        Chance(
            f"c{i}",
            ["a", "b"],
            ["d0"] if i % 2 else [],
            label=label,
            table=np.full((2, 2) if i % 2 else (2,), 0.5),
        )
        for i, label in enumerate(HOSTILE)
    ]
    return InfluenceDiagram(
        decisions=[
            Decision("d0", ["yes", "no"], ["c0"], label=HOSTILE[3]),
            Decision("d1", ["yes", "no"], ["c1"], label=HOSTILE[4]),
        ],
        chances=chances,
        values=[
            Value(
                "v0",
                ["d1", *(c.name for c in chances[:3])],
                label=HOSTILE[0],
                unit=HOSTILE[4],
                table=np.arange(16.0).reshape(2, 2, 2, 2),
            )
        ],
        title=HOSTILE[2],
    )


def pictures(model):
    yield draw.influence_graph(model)
    yield draw.tree(unroll(model), leaves=30)
    yield draw.outcomes(outcomes(model), unit=model.values[0].unit or "points")
    yield draw.outcome_panels(outcomes(model), model, [model.values[0].name, "c2"])


def test_hostile_labels_are_only_text(hostile, tmp_path):
    for number, picture in enumerate(pictures(hostile)):
        figure = picture if isinstance(picture, Figure) else picture.figure
        assert overlapping(words_of(figure)) == []
        text = draw.to_svg(picture)
        tree = ET.fromstring(text)
        tags = {element.tag.removeprefix(SVG) for element in tree.iter()}
        assert not any("style" in element.attrib for element in tree.iter())
        assert tags <= {"svg", "g", "title", "path", "circle", "text", "clipPath", "rect"}
        assert not any(key.startswith("on") for e in tree.iter() for key in e.attrib)
        assert "\u202e" not in text
        assert "\x00" not in text
        for ending in ("png", "pdf", "svg"):
            path = draw.save(picture, tmp_path / f"{number}.{ending}")
            assert path.stat().st_size > 1000


def test_svg_keeps_characters_that_the_shipped_font_lacks(hostile):
    words = [
        e.text
        for e in ET.fromstring(draw.to_svg(draw.influence_graph(hostile))).iter()
        if e.tag == f"{SVG}text"
    ]
    assert any("\N{ROCKET}" in word for word in words)
    assert any("한국" in word for word in words)
    assert any("$x_1$" in word for word in words)
    assert any("مرحبا" in word for word in words)


def test_hostile_graph_stays_within_its_paper(hostile):
    ax = draw.influence_graph(hostile)
    assert outside(words_of(ax.figure), ax.figure) == []


def test_plain_text_and_wrapping():
    assert plain(HOSTILE[6]) == "gnal rotcerid and isolates"
    assert plain(HOSTILE[11]) == "line break tabbellnul separator"
    assert wrap("", 50, 9) == ("",)
    assert wrap("W" * 200, 50, 9, lines=3)[-1].endswith("…")
    assert len(wrap("one two three four five six seven", 20, 9, lines=4)) == 4


def test_svg_is_the_same_in_two_processes(tmp_path):
    program = (
        "import decision as da\n"
        "from decision import draw\n"
        "oil = da.read_model('data/examples/oil_wildcatter')\n"
        "frame = da.outcomes(oil)\n"
        "for picture in (draw.influence_graph(oil), draw.tree(da.unroll(oil)),\n"
        "                draw.outcomes(frame), draw.outcome_panels(frame, oil)):\n"
        "    print(draw.to_svg(picture))\n"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "MPLCONFIGDIR": str(tmp_path), "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert runs[0].count(b"<svg") == 4
    assert b"matplotlib" not in runs[0].lower()


def test_svg_is_an_image_with_a_label_and_round_numbers(oil):
    ax = draw.tree(unroll(oil))
    text = draw.to_svg(ax)
    root = ET.fromstring(text)
    assert root.get("role") == "img"
    assert root.get("aria-label") == draw.alt_text(ax)
    width, height = ax.figure.get_size_inches() * 72
    _, _, right, bottom = map(float, root.get("viewBox").split())
    assert (right, bottom) == pytest.approx((width, height), abs=0.01)
    assert not re.search(r"\d\.\d{3}", re.sub(r"<text.*?</text>|aria-label=\"[^\"]*\"", "", text))
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_ids_are_unique_across_pictures(oil):
    trees = [
        ET.fromstring(draw.to_svg(picture))
        for picture in (
            draw.influence_graph(oil),
            draw.tree(unroll(oil)),
            draw.tree(unroll(oil), depth=2),
        )
    ]
    ids = [e.get("id") for tree in trees for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids)) > 20


def test_svg_and_matplotlib_draw_the_same(oil):
    """Every label stands in the SVG where matplotlib put it."""
    ax = draw.influence_graph(oil)
    height = ax.figure.get_size_inches()[1] * 72
    written = {
        e.text: (float(e.get("x")), float(e.get("y")))
        for e in ET.fromstring(draw.to_svg(ax)).iter(f"{SVG}text")
    }
    for text in ax.texts:
        x, y = ax.transData.transform(text.get_position()) * 72 / ax.figure.dpi
        assert written[text.get_text()] == pytest.approx((x, height - y), abs=0.01)


def test_curves_clips_pixels_and_alpha_reach_the_svg():
    figure = Figure(figsize=(3, 2))
    ax = figure.add_subplot()
    ax.imshow(np.eye(3))
    ax.plot([0, 2], [0, np.nan], alpha=0.5, linestyle="--", marker="o")
    ax.set_title("A heat map")
    ax.set_ylabel("up")
    text = draw.to_svg(ax)
    root = ET.fromstring(text)
    assert root.get("aria-label") == "A heat map; up."
    assert "data:image/png;base64," in text
    assert "clip-path" in text
    assert 'stroke-opacity="0.5"' in text
    assert "stroke-dasharray" in text
    assert "rotate(-90" in text
    assert draw.to_svg(Figure()).startswith("<svg")


def test_a_notebook_is_shown_svg_and_nothing_else(oil):
    ax = draw.influence_graph(oil)
    shown = draw.show(ax)
    assert "<svg" in shown._repr_html_()
    assert 'role="img"' in shown._repr_html_()
    assert not hasattr(shown, "_repr_png_")
    assert not hasattr(shown, "_repr_svg_")
    assert repr(shown) == draw.alt_text(ax)


def test_saved_files_carry_the_alt_text(oil, tmp_path):
    ax = draw.influence_graph(oil)
    png, svg, pdf = (draw.save(ax, tmp_path / f"oil.{e}") for e in ("png", "svg", "pdf"))
    with Image.open(png) as image:
        assert image.text["Description"] == draw.alt_text(ax)
    assert ET.parse(svg).getroot().get("aria-label") == draw.alt_text(ax)
    assert pdf.read_bytes().startswith(b"%PDF")
    assert b"Influence graph" in pdf.read_bytes()
    first = [path.read_bytes() for path in (png, svg, pdf)]
    again = [draw.save(ax, path).read_bytes() for path in (png, svg, pdf)]
    assert first == again
    assert sorted(p.name for p in tmp_path.iterdir()) == ["oil.pdf", "oil.png", "oil.svg"]


def test_a_failed_save_leaves_the_old_file(oil, tmp_path, monkeypatch):
    ax = draw.influence_graph(oil)
    path = tmp_path / "oil.png"
    path.write_bytes(b"old")

    def broken(*arguments, **options):
        raise OSError("disk full")

    monkeypatch.setattr(ax.figure, "savefig", broken)
    with pytest.raises(OSError, match="disk full"):
        draw.save(ax, path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match="svg"):
        draw.save(ax, tmp_path / "oil.gif")


def test_drawing_loads_no_pyplot_and_importing_no_matplotlib():
    program = (
        "import sys\n"
        "from decision import draw, read_model\n"
        "assert 'matplotlib' not in sys.modules and 'pandas' not in sys.modules\n"
        "assert 'tree' in dir(draw)\n"
        "draw.to_svg(draw.influence_graph(read_model('data/examples/oil_wildcatter')))\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "import decision.draw.trees, decision.draw.graph\n"
        "assert callable(draw.tree) and callable(draw.influence_graph)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    with pytest.raises(AttributeError, match="tornado_of"):
        _ = draw.tornado_of


def test_alt_text_of_a_figure_says_all_and_of_a_bare_one_little(oil):
    figure = draw.outcome_panels(outcomes(oil), oil)
    assert draw.alt_text(figure).count(":") >= 2
    assert draw.alt_text(Figure()) == "A figure."
