"""Pages of models in a browser: quiet, offline, readable at three widths, under their policy."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from decision.report.page import report_html
from tests.report.pages import EXAMPLES, page_of
from tests.report.test_page import hostile

MODELS = ["korea_2018", *EXAMPLES]
WIDTHS = (1200, 800, 390)
GRAVE = ("serious", "critical")


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Give a function that writes a model's page."""

    def write(name: str) -> Path:
        file = tmp_path / f"{name}.html"
        file.write_text(page_of(name), encoding="utf-8")
        return file

    return write


@cache
def hostile_page() -> str:
    return report_html(hostile())


@pytest.mark.parametrize("name", MODELS)
def test_a_page_is_quiet_and_fits_at_three_widths_light_and_dark(
    written: Callable[[str], Path], open_offline: Callable[..., Any], name: str
) -> None:
    file = written(name)
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            size = {"width": width, "height": 900}
            opened = open_offline(file, viewport=size, color_scheme=scheme)
            page = opened.page
            assert opened.asked() == []
            assert opened.heard.complaints == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            picture = file.with_name(f"{name}-{width}-{scheme}.png")
            page.screenshot(path=picture, full_page=True)
            assert picture.stat().st_size > 50_000


@pytest.mark.parametrize("name", MODELS)
def test_nothing_serious_keeps_anybody_from_reading(
    written: Callable[[str], Path], open_offline: Callable[..., Any], name: str
) -> None:
    # The policy keeps every script out that is not the page's, axe too.
    opened = open_offline(written(name), bypass_csp=True)
    for scheme in ("light", "dark"):
        opened.page.emulate_media(color_scheme=scheme)
        # What depends on the colours alone is looked at twice.
        looked = {} if scheme == "light" else {"runOnly": ["color-contrast"]}
        found = Axe().run(opened.page, options=looked).response["violations"]
        told = [
            (each["id"], each["help"], each["nodes"][0]["html"][:200])
            for each in found
            if each["impact"] in GRAVE
        ]
        assert told == [], scheme


def test_the_policy_lets_no_other_script_or_style_in(
    written: Callable[[str], Path], open_offline: Callable[..., Any]
) -> None:
    opened = open_offline(written("umbrella"))
    page = opened.page
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.broken = 1";
            document.body.append(script);
            const held = document.createElement("div");
            held.innerHTML = '<p id="styled" style="color: rgb(1, 2, 3)">a</p>'
                + '<style>#styled { font-size: 77px }</style>'
                + '<img src="x" onerror="window.broken = 2">'
                + '<img src="https://example.org/x.png">';
            document.body.append(held);
        }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.broken") is None
    look = page.locator("#styled").evaluate("e => [getComputedStyle(e).color, e.style.color]")
    assert look[0] != "rgb(1, 2, 3)"
    assert page.locator("#styled").evaluate("e => getComputedStyle(e).fontSize") != "77px"
    assert page.evaluate("[...document.images].every(image => !image.naturalWidth)")
    refused = [text for text in opened.heard.complaints if "Content Security Policy" in text]
    assert len(refused) >= 4


def test_a_fault_that_is_put_in_is_found(
    written: Callable[[str], Path], open_offline: Callable[..., Any]
) -> None:
    page = open_offline(written("umbrella"), bypass_csp=True).page
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\">')")
    assert "image-alt" in [each["id"] for each in Axe().run(page).response["violations"]]


def test_names_of_a_hostile_model_run_nothing(
    tmp_path: Path, open_offline: Callable[..., Any]
) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(hostile_page(), encoding="utf-8")
    for bypass in (False, True):
        opened = open_offline(file, bypass_csp=bypass)
        assert opened.heard.complaints == []
        assert opened.asked() == []
        assert opened.page.locator("img").count() == 0
        assert "<img src=x onerror=alert(1)>" in opened.page.locator("h1").inner_text()


def test_a_link_to_an_input_opens_the_ledger_there(
    written: Callable[[str], Path], open_offline: Callable[..., Any]
) -> None:
    page = open_offline(written("oil_wildcatter")).page
    link = page.locator("#change a[href^='#input-']").first
    target, name = link.get_attribute("href"), link.inner_text()
    row = page.locator(f"{target}")
    assert not row.is_visible()
    link.click()
    assert row.is_visible()
    assert row.locator("th").inner_text() == name


def test_pictures_grow_without_a_script(
    written: Callable[[str], Path], open_offline: Callable[..., Any]
) -> None:
    page = open_offline(written("korea_2018"), java_script_enabled=False).page
    picture = page.locator("#graph figure svg[role=img]")
    fitted = picture.bounding_box()["width"]
    page.locator("#graph").get_by_label("200%").check()
    assert picture.bounding_box()["width"] > 1.5 * fitted
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_the_tree_folds_without_a_script(
    written: Callable[[str], Path], open_offline: Callable[..., Any]
) -> None:
    page = open_offline(written("oil_wildcatter"), java_script_enabled=False).page
    outline = page.locator("#tree .outline")
    assert not outline.is_visible()
    page.get_by_text("The tree as text").click()
    branches = outline.locator(":scope > ul > li")
    assert branches.count() == 2
    inner = branches.first.locator("li").first
    assert not inner.is_visible()
    branches.first.locator("summary").first.click()
    assert inner.is_visible()


def test_contents_stay_in_sight_on_a_wide_screen(
    written: Callable[[str], Path], open_offline: Callable[..., Any]
) -> None:
    page = open_offline(written("umbrella"), viewport={"width": 1400, "height": 900}).page
    page.locator("nav.contents a[href='#ledger']").click()
    page.wait_for_timeout(100)
    assert page.evaluate("scrollY") > 1000
    assert 0 <= page.locator("nav.contents").bounding_box()["y"] < 100
