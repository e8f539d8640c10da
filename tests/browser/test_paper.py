"""Pages of models on paper: everything open, no figure cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.report.pages import page_of

MILLIMETRE = 96 / 25.4
WIDE, HIGH = (210 - 2 * 16) * MILLIMETRE, (297 - 2 * 18) * MILLIMETRE
"""What A4 has between the margins of the style sheet, in CSS pixels."""


@pytest.mark.parametrize("name", ["korea_2018", "pig_breeding_limited", "used_car_buyer"])
def test_no_figure_is_cut_and_all_folds_are_open(
    tmp_path: Path, open_offline: Callable[..., Any], name: str
) -> None:
    file = tmp_path / f"{name}.html"
    file.write_text(page_of(name), encoding="utf-8")
    # Without scripts: the style sheet alone has to open the folds.
    opened = open_offline(
        file,
        viewport={"width": round(WIDE), "height": round(HIGH)},
        java_script_enabled=False,
    )
    page = opened.page
    page.emulate_media(media="print")
    figures = page.locator("figure").evaluate_all(
        """all => all.map(figure => {
            const box = figure.getBoundingClientRect(), look = getComputedStyle(figure);
            const svg = figure.querySelector("svg").getBoundingClientRect();
            return [box.height, box.right, svg.right, look.breakInside];
        })"""
    )
    assert len(figures) > 8
    for height, right, edge, inside in figures:
        assert 20 < height <= HIGH
        assert max(right, edge) <= WIDE + 1
        assert inside == "avoid"
    folds = "main > section:not(#explore) > details"
    shut = page.locator(f"{folds} tr, {folds} figure")
    heights = shut.evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
    assert heights
    assert min(heights) > 5
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDE + 1
    written = page.pdf(format="A4", prefer_css_page_size=True)
    assert written.startswith(b"%PDF")
