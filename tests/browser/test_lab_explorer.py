"""The explorer in JupyterLab: text until it is trusted, then alive, and so when exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Page

from decision.model.shipped import open_model
from decision.solve.solution import solve
from tests.browser.conftest import Heard
from tests.browser.jupyterlab import SECONDS, Lab, Server, lab_on_a_copy

KOREA = open_model("korea_2018")
NUMBER = "P(intent=wedge_driving)"
WEIGHT = "weight(nonproliferation)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab with the notebook of your numbers, ended after the explorer."""
    with lab_on_a_copy(tmp_path_factory.mktemp("lab")) as started:
        folder = started.folder / "notebooks"
        notebook = nbformat.read(folder / "11_your_numbers.ipynb", 4)
        sources = [cell.source for cell in notebook.cells]
        notebook.cells = notebook.cells[: sources.index("da.explore(korea)") + 1]
        nbformat.write(notebook, folder / "short.ipynb")
        yield started


def worths(page: Page) -> dict[str, float]:
    """What each option is worth, as the explorer shows it, with all digits."""
    cells = page.locator(".explorer [data-cell^='worth ']")
    found: list[list[str]] = cells.evaluate_all(
        "cells => cells.map(cell => [cell.dataset.cell.split(' ')[1], cell.dataset.value])"
    )
    return {option: float(value) for option, value in found}


def python(*changes: str) -> dict[str, Any]:
    branches = solve(KOREA.changed(*changes)).branches()
    return {option: pytest.approx(value, rel=1e-9) for option, value in branches}


def to_the_explorer(lab: Lab) -> None:
    lab.page.evaluate(
        """async () => {
            const content = jupyterapp.shell.currentWidget.content;
            content.activeCellIndex = content.widgets.length - 1;
            await content.scrollToItem(content.widgets.length - 1, 'start');
        }"""
    )


def change_two_numbers(page: Page) -> None:
    """Type one, drag another; what is shown is each time what Python says."""
    answer = page.locator(".explorer-answer")
    before = answer.inner_text()
    assert worths(page) == python()
    page.get_by_role("combobox", name="Change a number").click()
    page.keyboard.type(f"{NUMBER} = 0.7")
    page.keyboard.press("Enter")
    after = answer.inner_text()
    assert after != before
    assert worths(page) == python(f"{NUMBER} = 0.7")
    page.get_by_role("spinbutton", name=NUMBER).fill("0.65")
    page.keyboard.press("Enter")
    assert worths(page) == python(f"{NUMBER} = 0.65")
    page.get_by_role("button", name="Undo").click()
    assert worths(page) == python(f"{NUMBER} = 0.7")

    page.get_by_text("Inputs that move the total most").click()
    page.get_by_role("button", name=WEIGHT, exact=True).click()
    slider = page.get_by_role("slider", name=WEIGHT)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    at = slider.evaluate("one => (one.value - one.min) / (one.max - one.min)")
    page.mouse.move(box["x"] + 8 + at * (box["width"] - 16), middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.25 * box["width"], middle, steps=4)
    page.mouse.move(box["x"] + 2, middle, steps=4)
    page.mouse.up()
    dragged = page.get_by_role("spinbutton", name=WEIGHT).input_value()
    assert float(dragged) < KOREA.nodes["nonproliferation"].weight  # type: ignore[union-attr]
    assert worths(page) == python(f"{NUMBER} = 0.7", f"{WEIGHT} = {dragged}")
    assert answer.inner_text() not in (before, after)
    page.get_by_role("button", name="Reset").click()
    assert answer.inner_text() == before


def test_text_until_trusted_then_alive_and_alive_in_the_exported_page(
    server: Server,
    open_in_lab: Callable[..., Lab],
    open_offline: Callable[..., Any],
    tmp_path: Path,
) -> None:
    heard = Heard()
    lab = open_in_lab("short.ipynb", heard=heard)
    to_the_explorer(lab)
    explorer = lab.page.locator(".explorer")
    explorer.wait_for(timeout=30 * SECONDS)
    assert "First comes off ramp and restraint, 0.16 points ahead" in explorer.inner_text()
    assert "94.19" in explorer.inner_text()
    assert explorer.locator("script, button, input").count() == 0
    assert explorer.locator("tbody:visible tr").count() < 40  # long tables are folded here too

    lab.run_all()
    to_the_explorer(lab)
    explorer.locator("button").first.wait_for(timeout=30 * SECONDS)
    cells = lab.page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length")
    change_two_numbers(lab.page)
    # What was typed went to the explorer: no key was taken for one of JupyterLab's commands.
    now = lab.page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length")
    assert now == cells
    assert heard.complaints == []
    assert [
        url for url in heard.requests if not url.startswith((server.url, "data:", "blob:"))
    ] == []

    opened = open_offline(lab.export(tmp_path))
    change_two_numbers(opened.page)
    assert opened.asked() == []
    assert opened.heard.complaints == []
