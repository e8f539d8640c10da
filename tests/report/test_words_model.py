"""Words for a model's structure, its inputs, its tree and its strategy."""

from __future__ import annotations

import re
from statistics import median

import pytest
from bs4 import BeautifulSoup

import decision as da
from decision.model.diagram import InfluenceDiagram
from decision.report import words
from decision.report.words.showing import (
    rounded,
)


@pytest.fixture(scope="module")
def oil() -> InfluenceDiagram:
    return da.open_model("oil_wildcatter")


@pytest.fixture(scope="module")
def korea() -> InfluenceDiagram:
    return da.open_model("korea_2018")


# Structure and inputs


def test_every_number_is_counted_once_and_judgement_is_not_hidden(
    korea: InfluenceDiagram,
) -> None:
    inputs = [row for row in korea.inputs if row.text != "rest"]
    kinds = [
        "definition"
        if "definition" in row.sources
        else {korea.sources[s].kind for s in row.sources}
        for row in inputs
    ]
    said = words.in_figures(korea).text
    assert f"{len(inputs)} numbers fill 3 decisions, 14 chance nodes and 6 values" in said
    assert f"{sum(k == {'judgement'} for k in kinds)} cite judgement alone" in said
    mixed = sum(k != "definition" and len(k) > 1 and "judgement" in k for k in kinds)
    assert f"{mixed} judgement beside data or literature" in said
    counts = [int(n) for n in re.findall(r"(\d+) (?:cite|judg|data|are|have)", said)]
    assert sum(counts) == len(inputs)
    widths = [(r.high - r.low) / 2 for r in inputs if r.state is not None and r.low is not None]
    assert f"off by {100 * median(widths):.0f} percentage points" in said


def test_who_knows_what_is_told_in_time(oil: InfluenceDiagram) -> None:
    frame = words.who_knows_what(oil).frame
    assert frame.loc["Seismic test", ["learns just before", "remembers"]].tolist() == [
        "nothing",
        "nothing",
    ]
    assert frame.loc["Drill", "learns just before"] == "Seismic reading"
    assert frame.loc["Drill", "remembers"] == "Seismic test"


def test_clarity_shows_every_variable_once_with_its_whole_definition(
    korea: InfluenceDiagram,
) -> None:
    tables = [words.clarity(korea, w) for w in ("decisions", "known", "unknown", "values")]
    captions = [caption for table in tables for caption in table.frame.index]
    assert sorted(captions) == sorted(node.caption for node in korea.nodes.values())
    assert all(len(table.frame) <= 12 for table in tables)
    page = " ".join(BeautifulSoup(t._repr_html_(), "html.parser").text for t in tables)
    assert all(node.definition in page for node in korea.nodes.values())
    with pytest.raises(ValueError, match="decisions, known, unknown, values"):
        words.clarity(korea, "all")


def test_reach_names_children_alone(oil: InfluenceDiagram) -> None:
    said = words.reach(oil).text
    assert "the chance node “Seismic reading” and the value “Cost of the test”" in said
    assert "profit" not in said
    assert "“Drilling profit”" in words.reach(oil, "drill").text


def test_what_was_recalled_is_marked_where_its_number_is(korea: InfluenceDiagram) -> None:
    shown = words.life(korea, "tone")
    assert shown.frame.index[0] == "P(tone=restrained | strategy=maximum_pressure)"
    assert "From memory, to be verified" in shown._repr_html_()
    assert len(words.life(korea, "wedge").frame) == 12


# Tree and strategy


def test_a_tree_is_counted_by_its_paths(oil: InfluenceDiagram) -> None:
    tree = da.unroll(oil)
    every = tree.paths(all_branches=True, fold=False)
    best = tree.paths()
    said = words.tree_in_figures(tree).text
    assert f"{len(every)} paths in {len(tree.nodes)} nodes" in said
    assert f"strategy {len(best)} paths" in said
    assert f"from {rounded(best['total'].min(), 0)} to {rounded(best['total'].max(), 0)}" in said
    assert "22.5" in said


def test_tree_and_solver_agree_and_a_disagreement_is_told(oil: InfluenceDiagram) -> None:
    tree = da.unroll(oil)
    assert "**22.5**" in words.agreement(tree, da.solve(oil)).markdown
    other = da.solve(oil.changed("V(test_cost | test=yes) = -11"))
    assert "disagree" in words.agreement(tree, other).text


def test_close_calls_are_the_smallest_gaps_by_hand(oil: InfluenceDiagram) -> None:
    frame = words.close_calls(da.unroll(oil)).frame
    assert frame.loc["Seismic test", "closest call (points)"] == pytest.approx(2.5)
    # After a reading the well is worth, by Bayes: closed 87.5, open 32.857, diffuse −30.488.
    gaps = {"closed": (0.24, 87.5), "open": (0.35, 32.857142857), "diffuse": (0.41, 30.487804878)}
    assert frame.loc["Drill", "situations"] == 3
    assert frame.loc["Drill", "closest call (points)"] == pytest.approx(gaps["diffuse"][1])
    assert frame.loc["Drill", "there"] == "no over yes"
    mean = sum(p * gap for p, gap in gaps.values())
    assert frame.loc["Drill", "mean lead (points)"] == pytest.approx(mean)


def test_a_rule_tells_what_is_done_and_how_often(oil: InfluenceDiagram) -> None:
    shown = words.rule(da.solve(oil), "drill")
    assert shown.frame["choose"].tolist() == ["yes", "yes", "no"]
    assert shown.frame["probability"].tolist() == pytest.approx([0.24, 0.35, 0.41])
    assert shown.caption is not None
    assert shown.caption.text.endswith("over all that can happen: yes 59%; no 41%.")


def test_a_long_rule_is_summed_up(korea: InfluenceDiagram) -> None:
    shown = words.rule(da.solve(korea), "response")
    assert shown.frame["probability"].sum() == pytest.approx(1)
    share = da.ask(korea, "P(response=hold)")
    assert shown.frame.loc["hold", "probability"] == pytest.approx(share)


def test_the_likeliest_paths_are_told_with_the_worst(korea: InfluenceDiagram) -> None:
    tree = da.unroll(korea, fold=True)
    paths = tree.paths()
    shown = words.likeliest(tree, 5)
    best = sorted(paths["probability"], reverse=True)[:5]
    assert shown.frame["probability"].tolist() == pytest.approx(best)
    assert shown.caption is not None
    assert f"{100 * sum(best):.0f}% together" in shown.caption.text
    assert f"worth {paths['total'].min():.1f}" in shown.caption.text
    assert "strategy" not in shown.frame  # the same on every path: said once
