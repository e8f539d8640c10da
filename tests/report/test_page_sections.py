"""Sections of a page: there where a model has something to say, absent where it has not."""

from __future__ import annotations

import re

import pytest

import decision as da
from decision.model import Chance, Decision, InfluenceDiagram, Value
from decision.report.page import report_html
from tests.report.pages import EXAMPLES, page_of, section_of, sections_of, visible

ALWAYS = ["answer", "explore", "graph", "tree", "outcomes", "strategy", "change"]
LAST = ["ledger", "method", "reproduce"]


def ranged(model: InfluenceDiagram) -> bool:
    return any(row.low is not None for row in model.inputs) or any(
        value.weight_low is not None for value in model.values
    )


def is_whole(html: str) -> None:
    """Nothing is missing where something should stand."""
    text = visible(html)
    assert not re.search(r"\b(nan|NaN|inf)\b", text)
    assert not re.search(r">\s*None\s*<", html)
    assert "No description" not in text
    assert not re.search(r"<tbody>\s*</tbody>", html)
    assert not re.search(r"<figcaption>\s*</figcaption>|<p>\s*</p>|</summary>\s*</details>", html)
    for anchor in sections_of(html):
        assert len(visible(section_of(html, anchor))) > 60, anchor


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_the_sections_it_should_and_no_word_about_another_case(name: str) -> None:
    model, html = da.open_model(name), page_of(name)
    found = sections_of(html)
    assert [anchor for anchor in found if anchor in ALWAYS] == ALWAYS
    assert found[-3:] == LAST or found[-4:] == ["ledger", "sources", *LAST[1:]]
    assert ("camps" in found) == bool(model.perspectives)
    assert ("claims" in found) == bool(model.claim_rows)
    assert ("sources" in found) == bool(model.sources)
    assert ("worth" in found) == bool(model.chances)
    assert ("signposts" in found) == bool(model.chances)
    settings = bool(model.perspectives or model.scenarios)
    assert ("robust" in found) == (ranged(model) or settings)
    assert ("sure" in found) == (ranged(model) or bool(model.chances))
    assert ("no number of this model has a range" in visible(html).lower()) == (not ranged(model))
    text = visible(html).lower()
    assert not re.search(r"korea|pyongyang|seoul|\bdprk\b|olympic|\bwar\b", text)
    is_whole(html)


def test_the_case_is_whole_too() -> None:
    html = page_of("korea_2018")
    present = [*ALWAYS, "why", "sure", "worth", "camps", "robust", "claims", "signposts", *LAST]
    assert set(present) <= set(sections_of(html))
    is_whole(html)


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("oil_wildcatter", "drill"),
        ("monty_hall", "final"),
        ("used_car_buyer", "second_test"),
        ("pig_breeding_limited", "treat_2"),
        ("texaco_pennzoil", "answer"),
    ],
)
def test_branches_may_be_those_of_another_decision(name: str, by: str) -> None:
    model = da.open_model(name)
    html = report_html(model, by=by)
    is_whole(html)
    head = visible(section_of(html, "answer"))
    assert model.nodes[by].caption in head
    best = da.solve(model).preferred(by)[0].replace("_", " ")
    assert re.search(rf"First comes? {best}|{best} is the only option open|{best}.* tie", head)


def test_with_one_option_nothing_is_compared() -> None:
    model = InfluenceDiagram(
        decisions=[Decision("act", ["only"])],
        chances=[Chance("luck", ["good", "bad"], table=[0.5, 0.5])],
        values=[Value("gain", ["act", "luck"], table=[[2, -1]], unit="euros")],
        title="One way",
    )
    html = report_html(model)
    assert not {"why", "camps", "robust", "signposts"} & set(sections_of(html))
    assert "only is the only option open" in visible(section_of(html, "answer"))
    is_whole(html)


def test_without_chance_nothing_is_known_controlled_or_watched() -> None:
    model = InfluenceDiagram(
        decisions=[Decision("act", ["yes", "no"])],
        values=[Value("gain", ["act"], table=[2, -1], unit="euros")],
        title="Certain",
    )
    html = report_html(model)
    assert not {"worth", "signposts", "sure"} & set(sections_of(html))
    is_whole(html)


def test_who_minds_risk_sees_certain_equivalents_beside_expectations() -> None:
    outcomes = visible(section_of(page_of("party_problem"), "outcomes"))
    model = da.open_model("party_problem")
    for _, branch in da.solve(model).branch_solutions():
        assert branch is not None
        assert f"{branch.worth:.3f}" in outcomes
        assert f"{branch.expected_value:.3f}" in outcomes
    assert "certain equivalent" in visible(section_of(page_of("party_problem"), "method"))


def test_limited_memory_is_drawn_less_often_and_says_so() -> None:
    html = page_of("pig_breeding_limited")
    assert "limited memory" in section_of(html, "method")
    assert "200 times" in section_of(html, "method")
    assert "200 independent" in section_of(html, "sure")


def test_perspectives_are_asked_from_the_base_whatever_the_page_was_made_with() -> None:
    oil = da.open_model("oil_wildcatter")
    made = report_html(oil, settings=[("perspective", "optimist")])
    assert "has no say" in section_of(made, "camps")
    base = visible(section_of(page_of("oil_wildcatter"), "camps"))
    told = visible(section_of(made, "camps"))
    assert told.endswith(base.partition("2 options")[2])
