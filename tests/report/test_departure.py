"""The mark at the top of a page that was run with other numbers than the base's."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

import decision as da
from decision.report import words

KOREA = da.open_model("korea_2018")


def test_the_base_has_no_mark() -> None:
    assert words.changed_here("korea_2018") is None
    assert words.changed_here(KOREA, [], None, None) is None


def test_each_kind_of_change_stands_beside_what_it_changes() -> None:
    changes = [
        "P(intent=wedge_driving) = 0.7",
        "odds(wedge=rift | talks=broad) *= 2",
        "V(lives | escalation=major_war) *= 2",
        " weight(leverage) = 15",
    ]
    said = words.changed_here("korea_2018", changes, "talks_sceptic", "threats_deter")
    assert said is not None
    rift = KOREA.table("wedge").xs("broad", level="talks")["rift"]
    lives = KOREA.table("lives").xs("major_war", level="escalation")
    assert dict(said.parts) == {
        "perspective talks_sceptic": f"{len(KOREA.perspectives['talks_sceptic'])} changes",
        "scenario threats_deter": f"{len(KOREA.scenarios['threats_deter'])} changes",
        changes[0]: f"base {KOREA.table('intent')['wedge_driving'].item():g}",
        changes[1]: f"base probability {rift.min():.4g} to {rift.max():.4g}",
        changes[2]: f"base {lives.min():,.0f} to {lives.max():,.0f}",
        changes[3].strip(): f"base {KOREA.nodes['leverage'].weight:g}",
    }


def test_the_base_is_the_model_as_shipped_also_under_a_perspective() -> None:
    change = "P(intent=wedge_driving) = 0.7"
    said = words.changed_here("korea_2018", [change], "talks_sceptic")
    assert said is not None
    assert dict(said.parts)[change] == "base 0.4"


@pytest.mark.parametrize("model", ["korea_2018", "oil_wildcatter"])
def test_whether_the_advice_flips_is_what_solving_both_says(model: str) -> None:
    base = da.open_model(model)
    best = {}
    for name in (None, *base.perspectives):
        branches = da.solve(da.open_model(model, [], name)).branches()
        best[name] = max(branches, key=lambda branch: branch[1] or 0.0)[0]
    assert len(set(best.values())) > 1
    for name in base.perspectives:
        said = words.changed_here(model, [], name)
        assert said is not None
        verb = "stays" if best[name] == best[None] else "flips"
        assert f"The advice {verb}:" in said.advice.text


def test_text_of_a_model_or_a_reader_stays_text() -> None:
    said = words.changed_here("korea_2018", ["P(intent=wedge_driving) = 0.7"])
    assert said is not None
    hostile = words.departure.Departure(
        (("<script>alert(1)</script>$x$", "base <b>"),), said.advice
    )
    page = BeautifulSoup(hostile._repr_html_(), "html.parser")
    assert page.script is None
    assert page.b is None
    assert "<script>alert(1)</script>$x$" in page.text
    assert page.select("aside.mathjax_ignore[role=note]")  # dollars make no formula


def test_a_misspelt_name_is_refused_as_everywhere() -> None:
    with pytest.raises(da.ModelError, match="wedge_driving"):
        words.changed_here("korea_2018", ["P(intent=wedge_drivin) = 0.7"])
