"""The report of a model: complete, escaped, traceable, and asking for nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from pathlib import Path

import pytest

import decision as da
from decision.model import Chance, Decision, InfluenceDiagram, ModelError, Value
from decision.model.records import ClaimRow, Source
from decision.report.page import report_html, write_report
from decision.report.sections.sources import digest
from tests.report.pages import Elements, page_of, section_of, visible

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u2028$\\frac{1}{0}$"


@pytest.fixture(scope="module")
def korea() -> str:
    return page_of("korea_2018")


def test_every_input_stands_in_the_ledger_with_range_source_and_reason(korea: str) -> None:
    model = da.read_model("data/korea_2018")
    text = unescape(section_of(korea, "ledger"))
    text = text[text.index("Every number") :]
    for row in model.inputs[::7]:
        start = text.index(f"<code>{row.name}</code>")
        line = text[start : text.index("</tr>", start)]
        for source in row.sources:
            assert source in line
        above = re.search(r'<a href="#(input-\d+)">as above', line)
        if above:
            start = text.index(f'id="{above[1]}"')
            line += text[start : text.index("</tr>", start)]
        if row.rationale and "&" not in row.rationale and "<" not in row.rationale:
            assert row.rationale in line
        if row.low is not None:
            assert f"{row.low:.10g} – {row.high:.10g}" in line
    for value in model.values:
        start = text.index(f"<code>weight({value.name})</code>")
        line = text[start : text.index("</tr>", start)]
        assert f"<td>{value.weight:.10g}</td>" in line
        if value.weight_low is not None:
            assert f"{value.weight_low:.10g} – {value.weight_high:.10g}" in line


def test_a_table_that_names_an_input_leads_to_its_row_in_the_ledger(korea: str) -> None:
    rows = dict(re.findall(r'<tr id="(input-\d+)"><th scope="row"><code>(.*?)</code>', korea))
    for section in ("change", "sure", "camps", "ledger"):
        links = re.findall(r'<a href="#(input-\d+)"><code>(.*?)</code>', section_of(korea, section))
        assert links, section
        for anchor, named in links:
            inside = unescape(named).partition("(")[2].rpartition(")")[0]
            target = unescape(rows[anchor]).partition("(")[2].rpartition(")")[0]
            assert set(re.split(r"[|,]\s*", inside.replace(" |", "|"))) == set(
                re.split(r"[|,]\s*", target.replace(" |", "|"))
            )


def test_every_link_leads_somewhere_on_the_page(korea: str) -> None:
    found = Elements(korea).found
    anchors = [str(a["id"]) for _, a in found if "id" in a]
    assert len(anchors) == len(set(anchors))
    links = {str(a["href"])[1:] for tag, a in found if tag == "a"}
    assert links <= set(anchors)


def test_what_is_from_memory_is_marked(korea: str) -> None:
    assert "†" in section_of(korea, "ledger")


def test_the_answer_states_margin_and_confidence(korea: str) -> None:
    answer = visible(section_of(korea, "answer"))
    assert "First comes off ramp and restraint , 0.16 points of 100 ahead" in answer
    assert "percentage points less chance of “Escalation: major war”" in answer
    assert "94.19" in answer
    assert "it comes first in 7 of 12" in answer
    drawn = da.both_draws(da.open_model("korea_2018"), draws=10_000, seed=1)
    for found in (drawn.independent, drawn.linked):
        share = float(found.branches["best_share"]["off_ramp_and_restraint"])
        assert f"{share:.1%}" in answer


def test_the_page_asks_for_nothing(korea: str) -> None:
    for tag, attributes in Elements(korea).found:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form")
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name != "style"
            if name in ("src", "href", "xlink:href"):
                assert (value or "").startswith(("#", "data:"))


def test_the_policy_names_each_script_and_style_by_its_digest(korea: str) -> None:
    policy = unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', korea)[0])
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    pieces = re.findall(r"<(style|script)>(.*?)</\1>", korea, flags=re.DOTALL)
    assert {tag for tag, _ in pieces} == {"style", "script"}
    for tag, text in pieces:
        hashed = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{hashed}'" in policy.partition(f"{tag}-src")[2].partition(";")[0]


def test_figures_have_alt_text(korea: str) -> None:
    figures = [a for tag, a in Elements(korea).found if tag == "svg" and a.get("role") == "img"]
    assert len(figures) >= 15
    assert all(len(a["aria-label"] or "") > 60 for a in figures)


def test_the_page_is_small(korea: str) -> None:
    assert len(korea.encode()) < 2_000_000


def hostile() -> InfluenceDiagram:
    return InfluenceDiagram(
        decisions=[Decision("act", ["yes", "no"], label=HOSTILE, definition=HOSTILE)],
        chances=[Chance("luck", ["good", "bad"], table=[0.5, 0.5], label=HOSTILE)],
        values=[Value("gain", ["act", "luck"], table=[[2, -1], [0, 0]], unit=HOSTILE)],
        title=HOSTILE,
        question=HOSTILE,
        sources={"s": Source("s", "data", HOSTILE, "2017", HOSTILE)},
        claim_rows=[ClaimRow("c", claim=HOSTILE, test="1 < 2")],
    )


def test_text_of_a_model_is_escaped_wherever_it_goes() -> None:
    tame = InfluenceDiagram(
        decisions=[Decision("act", ["yes", "no"])],
        chances=[Chance("luck", ["good", "bad"], table=[0.5, 0.5])],
        values=[Value("gain", ["act", "luck"], table=[[2, -1], [0, 0]])],
        sources={"s": Source("s", "data", "a book", "2017", "")},
        claim_rows=[ClaimRow("c", claim="so", test="1 < 2")],
    )
    tags, usual = ([tag for tag, _ in Elements(report_html(m)).found] for m in (hostile(), tame))
    assert "img" not in tags
    assert tags.count("script") == usual.count("script")


def test_what_was_changed_is_said_with_the_numbers() -> None:
    oil = da.read_model("data/examples/oil_wildcatter")
    html = report_html(oil, changes=["P(oil=dry) = 0.25"])
    start = html.index("Not the base model")
    assert "P(oil=dry) = 0.25" in html[start : start + 300]
    assert "<td>0.5</td><td>0.25</td>" in html
    assert "Not the base model" not in page_of("oil_wildcatter")


def test_the_command_makes_the_same_page_anew() -> None:
    oil = da.open_model("oil_wildcatter")
    made = {
        "settings": [("scenario", "price_slump"), ("perspective", "optimist")],
        "changes": ["P(oil=dry) = 0.25"],
        "by": "drill",
        "event": "P(oil=dry)",
        "named": "oil_wildcatter",
    }
    html = report_html(oil, **made)
    assert html == report_html(oil, **made)
    command = (
        "decision report oil_wildcatter --scenario price_slump --perspective optimist "
        "--set 'P(oil=dry) = 0.25' --by drill --event 'P(oil=dry)' --out FILE.html"
    )
    told = visible(section_of(html, "reproduce"))
    assert command in told
    assert digest(oil) in told
    assert f"decision {da.__version__}" in told


def test_the_digest_is_of_the_model_and_of_all_of_it() -> None:
    oil = da.open_model("oil_wildcatter")
    assert digest(oil) == digest(da.open_model("oil_wildcatter"))
    assert digest(oil) != digest(oil.changed("P(oil=dry) = 0.25"))
    assert digest(oil) != digest(da.open_model("umbrella"))


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    oil = da.read_model("data/examples/oil_wildcatter")
    page = tmp_path / "oil.html"
    page.write_text("old", encoding="utf-8")
    with pytest.raises(ModelError, match="there is no perspective"):
        write_report(oil, page, settings=[("perspective", "nobody")])
    assert page.read_text(encoding="utf-8") == "old"
    with pytest.raises(ModelError, match="it cannot be written"):
        write_report(oil, tmp_path / "none" / "oil.html")


def test_one_who_stops_it_keeps_the_old_one(tmp_path: Path) -> None:
    page = tmp_path / "oil.html"
    page.write_text("old", encoding="utf-8")

    def stop(what: str) -> object:
        def told(done: int, of: int) -> None:
            if what == "sections" and done == 9:
                raise KeyboardInterrupt

        return told

    with pytest.raises(KeyboardInterrupt):
        write_report(da.open_model("oil_wildcatter"), page, tell=stop)
    assert page.read_text(encoding="utf-8") == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["oil.html"]
