"""What comes from strangers: a link's state and a model's own words are read, never run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Decision, Value
from decision.model.shipped import open_model
from tests.browser.exploring import oil, search, total, value_of, written

__all__ = ["oil"]
Open = Callable[..., Any]


def hashed(page: Page, part: str) -> None:
    page.wait_for_function("part => location.hash.includes(part)", arg=part)


# -- links ---------------------------------------------------------------------------


def test_a_link_reproduces_the_state(oil: Any, open_offline: Open, tmp_path: Path) -> None:
    page = oil.page
    page.get_by_role("button", name="optimist").click()
    search(page, "odds(oil=dry) *= 1.5")
    hashed(page, "odds")
    shown = page.evaluate("document.querySelector('main').innerText")
    other = open_offline(tmp_path / "page.html").page
    other.goto(page.url)
    other.reload()
    assert other.evaluate("document.querySelector('main').innerText") == shown
    page.get_by_role("button", name="Reset").click()
    page.wait_for_function("() => location.hash === ''")


HOSTILE = [
    "#explore&set=<script>window.bad=1</script>",
    "#explore&set=P(oil%3Ddry)%3D0.4%3Balert(1)",
    "#explore&perspective=__proto__",
    "#explore&scenario=constructor",
    "#explore&set=javascript:alert(1)",
    "#explore&onload=alert(1)",
    "#explore&set=%E0%A4%A",
    "#explore" + "&set=P(oil%3Ddry)%3D0.4" * 500,
    "#explore&set=" + "P" * 50_000,
]


@pytest.mark.parametrize("fragment", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_link_is_refused_with_words(
    fragment: str, open_offline: Open, tmp_path: Path
) -> None:
    file = written(open_model("oil_wildcatter"), tmp_path)
    opened = open_offline(file)
    opened.page.goto("about:blank")
    opened.page.goto(file.as_uri() + fragment)
    assert opened.page.get_by_role("alert").text_content()
    assert total(opened.page, "yes") == pytest.approx(22.5)
    assert opened.page.evaluate("window.bad === undefined")
    assert opened.heard.complaints == []


def test_a_link_to_another_part_of_the_page_leaves_the_state(oil: Any) -> None:
    page = oil.page
    search(page, "P(oil=dry) = 0.4")
    hashed(page, "dry")
    page.evaluate("location.hash = '#elsewhere'")
    page.wait_for_timeout(50)
    assert total(page, "yes") == pytest.approx(value_of("P(oil=dry) = 0.4"), rel=1e-9)
    page.evaluate(f"location.hash = '#explore&set={quote('P(oil=dry) = 0.3')}'")
    expect(page.locator("input[type=number]")).to_have_value("0.3")


# -- untrusted text ----------------------------------------------------------------------

NASTY = [
    "</script><script>window.bad = 1</script>",
    "<img src=x onerror='window.bad = 1'>",
    "javascript:window.bad=1",
    "]]><!--<script>",
    "a\u2028b\u2029c'\"`${window.bad = 1}",
    "&lt;b&gt; &amp; $x^2$ \\",
]


def nasty(text: str) -> InfluenceDiagram:
    return InfluenceDiagram(
        title=text,
        question=text,
        decisions=[
            Decision("act", ["go", "stay"], label=text, definition=text),
            Decision("later", ["go", "stay"], observes=["sign"], label=text),
        ],
        chances=[
            Chance("world", ["good", "bad"], table=[0.5, 0.5], label=text, definition=text),
            Chance(
                "sign", ["up", "down"], given=["world"], table=[[0.7, 0.3], [0.2, 0.8]], label=text
            ),
        ],
        values=[
            Value(
                "gain",
                ["act", "later", "world"],
                table=[[[3, -2], [1, 0]], [[2, -1], [0, 0]]],
                unit=text,
                label=text,
            )
        ],
    )


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_labels_are_text_whatever_they_hold(text: str, tmp_path: Path, open_offline: Open) -> None:
    opened = open_offline(written(nasty(text), tmp_path, heading=text))
    page = opened.page
    search(page, "odds(world=good) *= 2")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    page.wait_for_timeout(100)
    assert page.evaluate("window.bad === undefined")
    assert page.locator("main img, main script:not([type='application/json'])").count() == 0
    plain = " ".join(text.split())
    assert plain in " ".join(page.inner_text("main").split())
    assert opened.asked() == []
    assert opened.heard.complaints == []
