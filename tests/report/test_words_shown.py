"""How computed sentences, tables and captions are written, escaped and shown."""

from __future__ import annotations

import nbformat.v4 as new
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

import decision as da
from decision.model.diagram import InfluenceDiagram
from decision.report import words
from decision.report.exporter import export
from decision.report.words.showing import (
    Said,
    Shown,
    literal,
    percent,
    places_of,
    read_back,
    result,
    rounded,
    together,
    two_figures,
)


@pytest.fixture(scope="module")
def oil() -> InfluenceDiagram:
    return da.open_model("oil_wildcatter")


@pytest.fixture(scope="module")
def korea() -> InfluenceDiagram:
    return da.open_model("korea_2018")


# Numbers as they are written


@given(st.lists(st.floats(-1e8, 1e8), min_size=2, max_size=6))
def test_rounding_keeps_the_ends_of_a_spread_apart(numbers: list[float]) -> None:
    low, high = min(numbers), max(numbers)
    if high - low > 1e-4:  # more decimals than six would be needed below
        places = places_of(numbers)
        assert rounded(low, places) != rounded(high, places)


@given(st.floats(1e-5, 1e8))
def test_two_figures_are_within_five_hundredths(number: float) -> None:
    text = two_figures(number).replace(",", "")
    assert abs(float(text) - number) <= 0.0501 * number


def test_a_missing_number_is_a_dash() -> None:
    nan = float("nan")
    assert (rounded(nan, 2), percent(nan), two_figures(nan)) == ("–", "–", "–")
    assert places_of([nan, 1.0, 1.5]) == 2


# How they are shown

HOSTILE = "<script>alert(1)</script> $x$ *a* [b](javascript:c) `d` \\ & ' \" | _e_ \u202e"


def hostile() -> InfluenceDiagram:
    return da.InfluenceDiagram(
        decisions=[da.Decision("act", ["yes", "no"], label=HOSTILE, definition=HOSTILE)],
        chances=[
            da.Chance("rain", ["yes", "no"], ["act"], [[0.2, 0.8], [0.5, 0.5]], label=HOSTILE)
        ],
        values=[da.Value("gain", ["act", "rain"], [[1, 2], [3, 5]], unit=HOSTILE, label=HOSTILE)],
        title=HOSTILE,
    )


@pytest.mark.parametrize(
    "say",
    [
        lambda m: words.headline(m, event="P(rain=yes)"),
        words.reach,
        words.in_figures,
        words.who_knows_what,
        lambda m: words.clarity(m, "decisions"),
        lambda m: words.clarity(m, "values"),
        lambda m: words.trade(da.outcomes(m), m),
        lambda m: words.runs(da.outcomes(m), m, "P(rain=yes)", "E(gain)"),
        lambda m: words.outcome_table(da.outcomes(m), m),
        lambda m: words.in_terms_of(da.outcomes(m), m, "P(rain=yes)"),
        lambda m: words.rule(da.solve(m), "act"),
        lambda m: words.close_calls(da.unroll(m)),
        lambda m: words.regret(m.changed("P(rain=yes) = 1"), m),
        lambda m: words.figure(da.draw.influence_graph(m), words.reach(m)),
    ],
)
def test_labels_are_text_wherever_they_are_shown(say: object) -> None:
    shown = say(hostile())  # type: ignore[operator]
    if isinstance(shown, Said):
        data = {"text/markdown": shown._repr_markdown_(), "text/plain": repr(shown)}
    else:
        data = {"text/html": shown._repr_html_(), "text/plain": repr(shown)}
    output = new.new_output("display_data", data=data)
    cell = new.new_code_cell("x", outputs=[output])
    html = export(new.new_notebook(cells=[cell]), {"metadata": {"name": "n", "path": ""}})
    page = BeautifulSoup(html, "html.parser").main
    assert page is not None
    assert page.find(["script", "a", "em", "math", "code"]) is None


@given(st.text(max_size=30))
def test_literal_text_reads_as_it_was(text: str) -> None:
    shown = Said(literal(text)).text
    assert shown == " ".join(text.split())


def test_a_mark_is_said_once_where_several_speak() -> None:
    one, two, three = result("One."), result("Two."), read_back("Three.")
    assert together(one, two, three).text == "► Model result. One. Two. ▷ In the model. Three."


def test_tables_have_heads_for_rows_and_columns(oil: InfluenceDiagram) -> None:
    html = words.outcome_table(da.outcomes(oil), oil)._repr_html_()
    page = BeautifulSoup(html, "html.parser")
    assert [head["scope"] for head in page.thead("th")] == ["col"] * 3
    assert all(row.find("th")["scope"] == "row" for row in page.tbody("tr"))
    assert len(page.tbody("tr")) == 3  # the difference and two values


def test_a_caption_stands_under_its_figure_beside_the_alternative_text(
    oil: InfluenceDiagram,
) -> None:
    shown = words.figure(da.draw.influence_graph(oil), words.reach(oil))
    page = BeautifulSoup(shown._repr_html_(), "html.parser")
    assert page.figcaption.text == words.reach(oil).text
    assert page.svg["aria-label"].startswith("Influence graph of Oil wildcatter")
    assert page.figure.contents[-1] == page.figcaption


def test_what_is_shown_is_the_same_every_time(korea: InfluenceDiagram) -> None:
    def shown() -> tuple[str, ...]:
        return (
            words.figure(da.draw.tree(da.unroll(korea, depth=2)), words.reach(korea))._repr_html_(),
            words.views(korea)._repr_html_(),
            words.clarity(korea, "known")._repr_html_(),
        )

    assert shown() == shown()


def test_any_frame_can_be_shown_whole() -> None:
    import pandas as pd

    frame = pd.DataFrame({"measure": ["a" * 99], "in": [3], "of": [15]})
    page = BeautifulSoup(words.table(frame)._repr_html_(), "html.parser")
    assert [cell.text for cell in page.tbody(["th", "td"])] == ["a" * 99, "3", "15"]
    assert "right" in page.tbody("td")[0]["style"]
    assert isinstance(words.table(frame), Shown)
