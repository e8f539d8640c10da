"""`make report` as a reader gets it: every page of the shipped notebooks and of the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from decision.report.notebooks import rerun

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAGES = ["index.html", "model.html", *(f"{notebook.stem}.html" for notebook in NOTEBOOKS)]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rerun(NOTEBOOKS, tmp_path_factory.mktemp("reports") / "out").parent


def test_the_folder_holds_a_page_per_notebook_and_one_for_the_model(reports: Path) -> None:
    assert sorted(page.name for page in reports.iterdir()) == sorted(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_offline_on_a_phone_and_asks_nothing(
    reports: Path, open_offline: Callable[..., Any], name: str
) -> None:
    opened = open_offline(reports / name, viewport={"width": 360, "height": 800})
    assert opened.asked() == []
    assert opened.heard.complaints == []
    assert opened.page.locator("h1").count() == 1
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("name", PAGES)
def test_every_figure_has_words_and_every_link_a_page(
    reports: Path, open_offline: Callable[..., Any], name: str
) -> None:
    page = open_offline(reports / name).page
    figures = page.locator("img, svg[role=img]").all()
    words = [
        figure.get_attribute("alt") or figure.get_attribute("aria-label") for figure in figures
    ]
    assert all(text and "No description" not in text for text in words)
    links = [link.get_attribute("href") for link in page.locator("a[href]").all()]
    local = [link.split("#")[0] for link in links if "://" not in link]
    assert [link for link in local if link and not (reports / link).is_file()] == []
