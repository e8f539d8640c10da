"""The explorer as a reader uses it: by mouse, by keys, by a link, with and without scripts."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from decision.analysis.outcomes import outcomes
from decision.model.shipped import open_model, shipped_models
from tests.browser.exploring import oil, search, total, value_of, written

__all__ = ["oil"]
OIL = "P(oil=dry)"
Open = Callable[..., Any]


# -- changing ------------------------------------------------------------------------


def test_an_input_is_found_by_parts_of_its_name_and_moved_by_keys(oil: Any) -> None:
    page = oil.page
    field = page.get_by_role("combobox", name="Change a number")
    field.type("dry oil")
    option = page.get_by_role("option", name=OIL, exact=True)
    expect(option).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    slider = page.locator("input[type=range]")
    expect(slider).to_be_focused()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        expect(slider).to_be_focused()
    number = page.locator("input[type=number]").input_value()
    left = page.locator(".explorer-rows code").text_content()
    assert total(page, "yes") == pytest.approx(value_of(f"{left} = {number}"), rel=1e-9)
    assert "base" in str(slider.get_attribute("aria-valuetext"))
    assert oil.heard.complaints == []


def test_the_track_has_the_base_and_what_turns_the_advice(oil: Any) -> None:
    page = oil.page
    search(page, OIL)
    assert page.locator(".explorer-mark.explorer-base").get_attribute("title") == "base: 0.5"
    turns = [m.get_attribute("title") for m in page.locator(".explorer-mark.explorer-break").all()]
    assert turns
    at = float(str(turns[0]).split()[-1])
    best = [
        outcomes(open_model("oil_wildcatter", [f"{OIL} = {x}"]))["E(total)"].idxmax()
        for x in (at - 0.01, at + 0.01)
    ]
    assert best[0] != best[1]


def test_the_sentence_says_when_the_advice_flips(oil: Any) -> None:
    page = oil.page
    answer = page.get_by_role("status").first
    expect(answer).to_have_text("First comes yes, 2.5 thousand dollars ahead of no.")
    search(page, "V(test_cost | test=yes) = -20")
    expect(answer).to_contain_text("First comes no")
    expect(answer).to_contain_text("The advice flips: in the base it is yes.")
    page.locator("input[type=number]").fill("-9")
    page.locator("input[type=number]").press("Enter")
    expect(answer).to_contain_text("The advice stays as in the base.")


def test_what_is_wrong_is_said_in_a_sentence_and_changes_nothing(oil: Any) -> None:
    page = oil.page
    before = total(page, "yes")
    for text, said in {
        "P(oil=dry) = 2": "outside 0 to 1",
        "P(oil=mud) = 0.2": "its states are dry, wet, soaking",
        "P(soil=dry) = 0.2": "is not the name of a chance node",
        "P(seismic=open|oil=dry) = 0.2": "put spaces around the bar",
        "hello": "write P(node=state",
        "P(drill=yes) = 1": "is a decision",
        "odds(oil=dry) = 2": "takes *= only",
        "weight(payoff) = -1": "keep it at 0 or above",
    }.items():
        search(page, text)
        expect(page.get_by_role("alert")).to_contain_text(said)
        expect(page.get_by_role("combobox", name="Change a number")).to_have_value(text)
        assert total(page, "yes") == before
        assert page.locator(".explorer-rows li").count() == 0
    search(page, "P(oil=dry) = 0.4")
    expect(page.get_by_role("alert")).to_have_text("")


def test_a_wrong_number_in_a_row_is_refused_and_the_old_one_stands_again(oil: Any) -> None:
    page = oil.page
    search(page, "P(oil=dry) = 0.4")
    field = page.locator("input[type=number]")
    field.fill("1.5")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("outside 0 to 1")
    expect(field).to_have_value("0.4")
    assert total(page, "yes") == pytest.approx(value_of("P(oil=dry) = 0.4"), rel=1e-9)


def test_undo_reset_and_taking_back_go_the_way_back_and_keep_focus(oil: Any) -> None:
    page = oil.page
    base = total(page, "yes")
    search(page, "P(oil=dry) = 0.4")
    first = total(page, "yes")
    search(page, "odds(oil=soaking) *= 2")
    second = total(page, "yes")
    assert len({base, first, second}) == 3
    page.get_by_role("button", name="Undo").click()
    assert total(page, "yes") == first
    page.get_by_role("button", name="Undo").click()
    assert total(page, "yes") == base
    search(page, "P(oil=dry) = 0.4")
    search(page, "odds(oil=soaking) *= 2")
    page.get_by_role("button", name="Take back P(oil=dry)").click()
    assert total(page, "yes") == pytest.approx(value_of("odds(oil=soaking) *= 2"), rel=1e-9)
    expect(page.get_by_role("button", name="Take back odds(oil=soaking)")).to_be_focused()
    page.get_by_role("button", name="Reset").click()
    assert total(page, "yes") == base
    assert page.locator(".explorer-moved").count() == 0


def test_a_perspective_is_one_click_and_a_second_takes_it_back(oil: Any) -> None:
    page = oil.page
    base = total(page, "yes")
    chip = page.get_by_role("button", name="optimist")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true")
    there = outcomes(open_model("oil_wildcatter").perspective("optimist"))
    assert total(page, "yes") == pytest.approx(there["E(total)"]["yes"], rel=1e-9)
    page.get_by_role("button", name="cautious partner").click()
    expect(chip).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="cautious partner").click()
    assert total(page, "yes") == base


def test_what_is_copied_gives_the_same_numbers_at_the_command_line(oil: Any) -> None:
    page = oil.page
    page.get_by_role("button", name="optimist").click()
    page.get_by_role("button", name="price slump").click()
    search(page, "P(seismic=open | oil=dry, test=yes) = 1/3")
    search(page, OIL)
    page.keyboard.press("PageUp")
    page.get_by_role("button", name="Copy as --set").click()
    command = page.locator(".explorer-copied").text_content()
    words = shlex.split(str(command))
    pairs = list(zip(words[::2], words[1::2], strict=True))
    assert pairs[:2] == [("--perspective", "optimist"), ("--scenario", "price_slump")]
    changes = [text for flag, text in pairs if flag == "--set"]
    model = open_model("oil_wildcatter", changes, "optimist", "price_slump")
    assert total(page, "yes") == pytest.approx(outcomes(model)["E(total)"]["yes"], rel=1e-12)


def test_totals_are_compared_with_the_option_that_the_reader_chooses(oil: Any) -> None:
    page = oil.page
    page.get_by_label("Compare with").select_option("no")
    gap = page.locator("[data-cell='difference yes']")
    assert float(str(gap.get_attribute("data-value"))) == pytest.approx(2.5)
    assert page.locator("[data-cell='difference no']").get_attribute("data-value") == "0"
    picture = page.get_by_role("img").first.get_attribute("aria-label")
    assert "Differences from no" in str(picture)


def test_rules_that_change_stand_first_and_are_marked(oil: Any) -> None:
    page = oil.page
    rows = page.locator("[data-rules=drill] tbody tr")
    before = rows.all_inner_texts()
    search(page, "V(payoff | drill=yes, oil=dry) = -400")
    assert rows.all_inner_texts() != before
    marked = [row.get_attribute("class") for row in rows.all()]
    assert marked[0] == "explorer-moved"
    assert "was yes" in rows.first.inner_text()


# -- what a reader without scripts has --------------------------------------------------


@pytest.mark.parametrize("name", sorted(shipped_models()))
def test_the_base_is_the_same_text_with_and_without_scripts(
    name: str, tmp_path: Path, open_offline: Open
) -> None:
    file = written(open_model(name), tmp_path)
    texts = []
    for scripts in (False, True):
        page = open_offline(file, java_script_enabled=scripts).page
        answer = page.get_by_role("status").first.inner_text()
        texts.append([answer, *page.locator("table").all_inner_texts()])
        if not scripts:
            assert "They move with a change" in page.inner_text("main")
            assert page.locator("button").count() == 0
    assert texts[0] == texts[1]


@pytest.mark.parametrize("width", [390, 800, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen(
    width: int, scheme: str, tmp_path: Path, open_offline: Open
) -> None:
    file = written(open_model("korea_2018"), tmp_path)
    viewport = {"width": width, "height": 800}
    page = open_offline(file, viewport=viewport, color_scheme=scheme).page
    search(page, "P(wedge=rift | talks=broad) *= 1.5")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    page.wait_for_timeout(50)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_page_that_opens_with_changes_compares_them_with_the_base(
    tmp_path: Path, open_offline: Open
) -> None:
    settings, changes = [("perspective", "optimist")], ["P(oil=dry) = 0.4"]
    model = open_model("oil_wildcatter")
    page = open_offline(written(model, tmp_path, settings=settings, changes=changes)).page
    there = outcomes(open_model("oil_wildcatter", changes, "optimist"))["E(total)"]["yes"]
    assert total(page, "yes") == pytest.approx(there, rel=1e-9)
    expect(page.get_by_role("button", name="optimist")).to_have_attribute("aria-pressed", "true")
    assert "was 22.5" in page.locator("[data-cell='worth yes']").inner_text()
    page.get_by_role("button", name="Reset").click()
    assert total(page, "yes") == pytest.approx(22.5)
    page.wait_for_function("() => location.hash === '#explore'")
    page.reload()
    assert total(page, "yes") == pytest.approx(22.5), "the link says that nothing is changed"
    page.get_by_role("button", name="optimist").click()
    page.get_by_role("button", name="Undo").click()
    assert total(page, "yes") == pytest.approx(22.5)
