"""The report of a model: complete, escaped, traceable, and asking for nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import decision as da
from decision.model import Chance, Decision, InfluenceDiagram, ModelError, Value
from decision.model.records import ClaimRow, Source
from decision.report.page import report_html, write_report

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u2028$\\frac{1}{0}$"


class Elements(HTMLParser):
    """Start tags with their attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def korea() -> str:
    return report_html(da.read_model("data/korea_2018"))


def test_every_input_stands_in_the_ledger_with_range_source_and_reason(korea: str) -> None:
    model = da.read_model("data/korea_2018")
    text = korea.replace("&#39;", "'").replace("&#34;", '"').replace("&gt;", ">")
    for row in model.inputs[::7]:
        start = text.index(f"<code>{row.name}</code>")
        line = text[start : text.index("</tr>", start)]
        for source in row.sources:
            assert source in line
        if row.rationale and "&" not in row.rationale and "<" not in row.rationale:
            assert row.rationale in line
        if row.low is not None:
            assert f"{row.low:.10g} – {row.high:.10g}" in line


def test_what_is_from_memory_is_marked(korea: str) -> None:
    assert "†" in korea[korea.index('id="ledger"') : korea.index('id="sources"')]


def test_the_answer_states_the_margin_over_the_second(korea: str) -> None:
    answer = re.sub(r"<[^>]+>|\s+", " ", korea[korea.index('id="answer"') :][:900])
    assert "off ramp and restraint leads" in " ".join(answer.split())
    assert "94.19" in answer
    assert "0.16" in answer


def test_the_page_asks_for_nothing(korea: str) -> None:
    for tag, attributes in Elements(korea).found:
        assert tag not in ("script", "link", "iframe", "object", "embed")
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "href", "xlink:href"):
                assert (value or "").startswith(("#", "data:"))
    assert "default-src &#39;none&#39;" in korea or "default-src 'none'" in korea


def test_figures_have_alt_text(korea: str) -> None:
    figures = [a for tag, a in Elements(korea).found if tag == "svg" and a.get("role") == "img"]
    assert len(figures) == 3
    assert all(len(a["aria-label"] or "") > 60 for a in figures)


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
    tags = {tag for tag, _ in Elements(report_html(hostile())).found}
    assert not tags & {"script", "img"}


def test_what_was_changed_is_said_with_the_numbers() -> None:
    oil = da.read_model("data/examples/oil_wildcatter")
    html = report_html(oil, changes=["P(oil=dry) = 0.25"])
    start = html.index("Not the base model")
    assert "P(oil=dry) = 0.25" in html[start : start + 300]
    assert "<td>0.5</td><td>0.25</td>" in html
    assert "Not the base model" not in report_html(oil)


def test_every_example_has_a_report_without_a_word_about_korea() -> None:
    for folder in sorted(Path("data/examples").iterdir()):
        if (folder / "model.toml").exists():
            html = report_html(da.read_model(folder))
            assert "korea" not in re.sub(r"aria-label=\"[^\"]*\"", "", html).lower(), folder


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    oil = da.read_model("data/examples/oil_wildcatter")
    page = tmp_path / "oil.html"
    page.write_text("old", encoding="utf-8")
    with pytest.raises(ModelError, match="there is no perspective"):
        write_report(oil, page, settings=[("perspective", "nobody")])
    assert page.read_text(encoding="utf-8") == "old"
    with pytest.raises(ModelError, match="it cannot be written"):
        write_report(oil, tmp_path / "none" / "oil.html")
