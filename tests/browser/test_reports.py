"""Every page of a folder of reports, opened with the network off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
import nbformat.v4 as new
import pytest

from decision.report.notebooks import rerun

LIVE = """
from IPython.display import HTML, Latex, Markdown, display
import matplotlib.pyplot as plt
display(Markdown("The answer is $x^2 < 4$."))
display(HTML('<output id="live">as stored</output>'
    '<script>document.getElementById("live").textContent = "alive"</script>'))
display(Latex(r"$$\\frac{1}{2}$$"))
_ = plt.plot([0, 1])
display(plt.gcf(), metadata={"image/png": {"alt": "A rising line."}})
plt.close()
"""


def notebook(folder: Path, name: str, *sources: str, parameters: str = "changes = []") -> Path:
    """Write a small notebook: Markdown, a parameters cell, code cells."""
    cells = [
        new.new_markdown_cell(
            f"# {name}\n\nFirst words, with $a \\mid b$.\n\n$$\\sum_x p(x) = 1$$\n\n"
            "![A dot](dot.png) and [another notebook](second.ipynb)."
        ),
        new.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *(new.new_code_cell(source) for source in sources),
    ]
    file = folder / f"{name}.ipynb"
    nbformat.write(new.new_notebook(cells=cells), file)
    return file


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from matplotlib.image import imsave

    folder = tmp_path_factory.mktemp("notebooks")
    imsave(folder / "dot.png", [[0.0]])
    files = [notebook(folder, "first", LIVE), notebook(folder, "second", "changes")]
    rerun(files, folder / "out", changes=["P(<b>&=x) = 1"])
    return folder / "out"


def in_step(pages: Sequence[Path]) -> list[str]:
    return sorted(page.name for page in pages)


def test_every_page_opens_offline_and_asks_nothing(
    reports: Path, open_offline: Callable[..., Any]
) -> None:
    pages = list(reports.glob("*.html"))
    assert in_step(pages) == ["first.html", "index.html", "second.html"]
    for page in pages:
        opened = open_offline(page)
        assert opened.asked() == []
        assert opened.heard.complaints == []


def test_links_lead_to_pages_that_are_there(
    reports: Path, open_offline: Callable[..., Any]
) -> None:
    page = open_offline(reports / "index.html").page
    page.get_by_role("link", name="first").click()
    page.get_by_role("link", name="another notebook").click()
    assert page.title() == "second"
    page.get_by_role("link", name="All pages").click()
    assert page.locator("li[data-page]").count() == 2


def test_formulas_figures_and_scripts_are_alive(
    reports: Path, open_offline: Callable[..., Any]
) -> None:
    page = open_offline(reports / "first.html").page
    assert page.locator("math").count() == 4
    drawn = page.locator("math[display=block]").first.bounding_box()
    assert drawn["height"] > 20  # a sum with its index beneath, not a line of source
    assert page.locator("#live").text_content() == "alive"
    assert page.get_by_alt_text("A rising line.").evaluate("image => image.naturalWidth") > 100
    assert page.get_by_alt_text("A dot").evaluate("image => image.naturalWidth") == 1


def test_what_was_changed_stands_on_every_page_as_text(
    reports: Path, open_offline: Callable[..., Any]
) -> None:
    for page in reports.glob("*.html"):
        note = open_offline(page).page.get_by_role("note")
        assert "P(<b>&=x) = 1" in note.inner_text()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen_and_ink_stands_out_from_paper(
    reports: Path, open_offline: Callable[..., Any], width: int, scheme: str
) -> None:
    viewport = {"width": width, "height": 800}
    for file in reports.glob("*.html"):
        page = open_offline(file, viewport=viewport, color_scheme=scheme).page
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        light = """element => getComputedStyle(element)[%r].match(/\\d+/g).slice(0, 3)
            .reduce((sum, part) => sum + Number(part), 0) / 765"""
        ink = page.locator("body").evaluate(light % "color")
        paper = page.locator("body").evaluate(light % "backgroundColor")
        assert (paper - ink > 0.6) if scheme == "light" else (ink - paper > 0.6)
