"""The explorer for everybody: by keys alone, for screen readers, in a notebook's export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat.v4 as new
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from decision.analysis.outcomes import outcomes
from decision.model.shipped import open_model
from decision.report.explorer import explore
from decision.report.exporter import export
from tests.browser.exploring import written

Open = Callable[..., Any]


def opened_up(page: Page, model: str) -> None:
    """Make changes and unfold all there is."""
    field = page.get_by_role("combobox", name="Change a number")
    for text in {"korea_2018": ("weight(nonproliferation)", "odds(wedge=rift) *= 3")}.get(
        model, ("P(oil=dry)", "odds(seismic=open) *= 3")
    ):
        field.fill(text)
        field.press("Enter")
    for _ in range(3):
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        page.wait_for_timeout(50)


@pytest.mark.parametrize("name", ["korea_2018", "oil_wildcatter"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    name: str, scheme: str, tmp_path: Path, open_offline: Open
) -> None:
    file = written(open_model(name), tmp_path, found=None if name == "oil_wildcatter" else [])
    page = open_offline(file, color_scheme=scheme).page
    opened_up(page, name)
    found = Axe().run(page).response["violations"]
    serious = [
        (one["id"], one["nodes"][0]["html"])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_all_is_reached_and_done_by_keys_alone(tmp_path: Path, open_offline: Open) -> None:
    page = open_offline(written(open_model("oil_wildcatter"), tmp_path)).page
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        text = page.evaluate(
            "(({tagName, textContent, ariaLabel, id}) => ariaLabel || (tagName === 'INPUT' ? id "
            ": textContent.trim()))(document.activeElement)"
        )
        if text in seen:
            break
        seen.append(text)
        if text == "optimist":
            page.keyboard.press("Space")
    for wanted in ("optimist", "explorer-1-search", "Add", "Undo", "Reset", "Copy as --set"):
        assert wanted in seen
    assert any(text.startswith("The tree") for text in seen)
    expect(page.get_by_role("button", name="optimist")).to_have_attribute("aria-pressed", "true")


def test_what_comes_first_and_what_is_wrong_are_live(tmp_path: Path, open_offline: Open) -> None:
    page = open_offline(written(open_model("oil_wildcatter"), tmp_path)).page
    assert page.locator("[role=status]").count() == 1
    assert page.locator("[role=alert]").count() == 1
    field = page.get_by_role("combobox", name="Change a number")
    field.fill("P(oil=dry) = 7")
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    described = field.get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_contain_text("outside 0 to 1")


def test_every_control_has_a_name(tmp_path: Path, open_offline: Open) -> None:
    page = open_offline(written(open_model("oil_wildcatter"), tmp_path)).page
    opened_up(page, "oil_wildcatter")
    for control in page.locator(".explorer :is(button, input, select)").all():
        named = control.evaluate(
            "one => one.ariaLabel || one.textContent.trim() || (one.labels[0]?.textContent ?? '')"
        )
        assert named.strip()


def test_several_in_an_exported_notebook_are_alive_apart(
    tmp_path: Path, open_offline: Open
) -> None:
    outputs = [
        new.new_output(
            "display_data", data={"text/html": explore(open_model(name), found=[])._repr_html_()}
        )
        for name in ("oil_wildcatter", "umbrella", "oil_wildcatter")
    ]
    cells = [new.new_code_cell("x", outputs=[output]) for output in outputs]
    notebook = new.new_notebook(cells=cells)
    file = tmp_path / "n.html"
    file.write_text(export(notebook, {"metadata": {"name": "n", "path": ""}}), encoding="utf-8")
    opened = open_offline(file)
    page = opened.page
    assert page.locator(".explorer[data-live]").count() == 3
    identities = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(set(identities)) == len(identities)
    first, _, third = page.locator(".explorer").all()
    field = third.get_by_role("combobox", name="Change a number")
    field.fill("P(oil=dry) = 0.4")
    field.press("Enter")
    there = outcomes(open_model("oil_wildcatter", ["P(oil=dry) = 0.4"]))["E(total)"]["yes"]
    cell = "[data-cell='worth yes']"
    assert float(third.locator(cell).get_attribute("data-value")) == pytest.approx(there)
    assert float(first.locator(cell).get_attribute("data-value")) == pytest.approx(22.5)
    page.wait_for_timeout(300)
    assert page.evaluate("location.hash") == ""
    assert opened.asked() == []
    assert opened.heard.complaints == []
