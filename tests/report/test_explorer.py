"""The explorer's parts: safe data, one script for all, text that reads without either."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

import nbformat.v4 as new
import pytest
from bs4 import BeautifulSoup

import decision as da
from decision.analysis.sensitivity import findings, sensitivity
from decision.model.problems import ModelError
from decision.report.explorer import Explorer, explore, explorer_html
from decision.report.explorer.data import json_text
from decision.report.explorer.plans import FEW, ways_of
from decision.report.exporter import export


@pytest.fixture(scope="module")
def oil() -> Any:
    return da.open_model("oil_wildcatter")


def data_of(html: str) -> dict[str, Any]:
    script = BeautifulSoup(html, "html.parser").find("script", type="application/json")
    return dict(json.loads(script.string))


def test_data_can_stand_in_a_page_whatever_it_holds() -> None:
    nasty = ["</script>", "<!--", "&amp;", "\u2028\u2029", "]]>", "😀"]
    text = json_text(nasty)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == nasty


def test_data_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text([float("nan")])


def test_script_and_style_are_the_same_for_every_model(oil: Any) -> None:
    one = explorer_html(oil, found=[])
    other = explorer_html(da.open_model("umbrella"), found=[], alone=False)
    assert one.script == other.script
    assert one.style == other.style
    assert "</" not in one.script.replace("/*", "")
    assert "<" not in one.style


def test_the_same_model_gives_the_same_bytes(oil: Any) -> None:
    assert explorer_html(oil) == explorer_html(da.open_model("oil_wildcatter"))


class Attributes(HTMLParser):
    """What attributes a text of HTML has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.names.update(name for name, _ in attrs)


def test_markup_has_no_style_attribute_no_handler_and_no_id(oil: Any) -> None:
    names = Attributes(explorer_html(oil).html).names
    assert "style" not in names
    assert "id" not in names
    assert not [name for name in names if name.startswith("on")]


def test_nothing_in_the_script_evaluates_text_or_writes_markup(oil: Any) -> None:
    script = explorer_html(oil).script
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "eval(",
        "Function(",
        "document.write",
    ):
        assert word not in script
    assert not re.search(
        r"fetch\(|XMLHttpRequest|import\(|https?:", script.replace("http://www.w3.org", "")
    )


def test_break_evens_are_those_of_the_sensitivity_that_is_passed_in(oil: Any) -> None:
    found = findings(oil)
    own = data_of(explorer_html(oil).html)
    assert data_of(explorer_html(oil, found=found).html) == own
    inputs = {name: breaks for name, _, _, _, breaks in own["inputs"]}
    assert {f.input: list(f.break_even) for f in found}.items() <= inputs.items()
    frame = sensitivity(oil)
    framed = data_of(explorer_html(oil, found=frame).html)
    assert framed["widest"] == own["widest"] == list(frame.index[:8])
    there = {name: breaks for name, _, _, _, breaks in framed["inputs"] if name in frame.index}
    assert there == {name: inputs[name] for name in frame.index}


def test_a_model_whose_ranges_are_refused_goes_without_break_evens(
    oil: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from decision.analysis import sensitivity as module

    def refused(*_: Any) -> None:
        raise ModelError([da.Problem("x", 1, "what", "do")])

    monkeypatch.setattr(module, "findings", refused)
    assert not any(breaks for *_, breaks in data_of(explorer_html(oil).html)["inputs"])


def test_every_input_of_the_model_is_there_by_its_name(oil: Any) -> None:
    names = [name for name, *_ in data_of(explorer_html(oil, found=[]).html)["inputs"]]
    assert names == [
        *(row.name for row in oil.inputs),
        *(f"weight({value.name})" for value in oil.values),
    ]
    for name in names:
        oil.changed(f"{name} *= 1")


def test_a_page_may_open_with_changes_and_shows_their_numbers_as_text(oil: Any) -> None:
    settings, changes = [("perspective", "optimist")], ["P(oil=dry) = 0.3"]
    html = explorer_html(oil, settings=settings, changes=changes, found=[]).html
    assert data_of(html)["start"] == {"sets": [["perspective", "optimist"]], "changes": changes}
    cell = BeautifulSoup(html, "html.parser").find(attrs={"data-cell": "worth yes"})
    shown = oil.perspective("optimist").changed(*changes)
    assert float(cell["data-value"]) == pytest.approx(da.outcomes(shown)["E(total)"]["yes"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": "drilling"}, "drilling"),
        ({"by": "oil"}, "oil"),
        ({"reference": "perhaps"}, "test has no option 'perhaps'"),
        ({"changes": ["P(oil=dry) = 2"]}, "outside"),
    ],
)
def test_what_is_wrong_is_a_problem_in_words(oil: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        explorer_html(oil, found=[], **options)


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("korea_2018", "search"),
        ("party_problem", "search"),
        ("asia_treatment", "search"),
        ("climbing_game", "list"),
        ("pig_breeding_limited", "list"),
    ],
)
def test_how_the_page_answers(name: str, way: str) -> None:
    model = da.open_model(name)
    assert ways_of(model, model.decisions[0].name).way == way


def test_combinations_of_rules_are_counted_only_as_far_as_it_matters() -> None:
    states = [f"s{i}" for i in range(100)]
    model = da.InfluenceDiagram(
        decisions=[da.Decision("a", ["x", "y"]), da.Decision("b", ["x", "y"], observes=["sign"])],
        chances=[da.Chance("sign", states, table=[0.01] * 100)],
        values=[da.Value("gain", ["a", "b"], table=[[1, 2], [3, 4]])],
        memory="limited",
    )
    assert FEW < 2**100
    assert ways_of(model, "a").way == "follow"


# -- notebooks ------------------------------------------------------------------------


def sanitised(html: str) -> BeautifulSoup:
    """Markup as a notebook shows it that is not trusted: no scripts, styles, data, events."""
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(["script", "style"]):
        tag.decompose()
    for tag in soup.find_all(True):
        tag.attrs = {k: v for k, v in tag.attrs.items() if k in ("class", "colspan", "scope")}
    return soup


def test_an_untrusted_notebook_reads_the_base_as_text() -> None:
    korea = da.open_model("korea_2018")
    text = sanitised(explore(korea, found=[])._repr_html_()).get_text(" ", strip=True)
    assert text.startswith("Explore: ")
    assert "First comes off ramp and restraint, 0.16 points ahead of restrained rhetoric." in text
    assert "94.19" in text
    assert "where the notebook is trusted" in text
    assert not re.search(r"[{}]|function|undefined|NaN", text)
    assert not re.search(r"\bNone\b", text)


def test_explore_is_a_public_name_with_a_plain_repr(oil: Any) -> None:
    shown = da.explore(oil)
    assert isinstance(shown, Explorer)
    assert repr(shown).startswith("<Explorer: Oil wildcatter, by test")
    assert "<" not in repr(shown)[1:]
    assert data_of(shown._repr_html_())["alone"] is False


def test_it_survives_the_export_of_a_notebook(oil: Any) -> None:
    html = explore(oil, found=[])._repr_html_()
    output = new.new_output("display_data", data={"text/html": html})
    notebook = new.new_notebook(cells=[new.new_code_cell("x", outputs=[output, output])])
    page = BeautifulSoup(export(notebook, {"metadata": {"name": "n", "path": ""}}), "html.parser")
    assert len(page.select(".explorer")) == 2
    assert len(page.find_all("script", type="application/json")) == 2
    policy = page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert "script-src 'unsafe-inline'" in policy
