"""Worth of knowing and controlling: dots at their values, lines as long as their errors."""

from __future__ import annotations

import pytest

from decision import (
    InfluenceDiagram,
    draw,
    read_model,
    value_of_better_odds,
    value_of_control,
    value_of_information,
    value_of_knowing_inputs,
)
from decision.analysis.sampling import Around
from decision.solve import branching
from tests.analysis.test_information import traps
from tests.draw.scenes import outside, overlapping, words_of
from tests.models import oil

OIL = "data/examples/oil_wildcatter"


def tables(model: InfluenceDiagram) -> dict[str, object]:
    return {
        "Knowing what will happen": value_of_information(model),
        "Knowing the numbers": value_of_knowing_inputs(
            model, draws=200, seed=1, draw=Around(concentration=5)
        ),
        "Doubling the odds": value_of_better_odds(model),
        "Choosing what happens": value_of_control(model),
    }


@pytest.mark.parametrize("model", [OIL, "data/examples/party_problem", "data/korea_2018"])
def test_dots_and_lines_stand_where_they_are(model: str) -> None:
    read = read_model(model)
    given = tables(read)
    ax = draw.worth(read, given, rows=4)
    lines = {str(line.get_gid()): line for line in ax.lines}
    place = 0
    for heading, table in given.items():
        place += 1
        kept = table[table["value"] > 0].head(4)
        for value, (_, row) in zip(kept["value"], kept.iterrows(), strict=True):
            assert lines[f"dot-{place}"].get_xdata()[0] == pytest.approx(value)
            if row.get("standard_error", 0) > 0:
                low, high = lines[f"error-{place}"].get_xdata()
                assert high == pytest.approx(value + 2 * row["standard_error"])
                assert low == pytest.approx(max(0, value - 2 * row["standard_error"]))
            place += 1
        place += not len(kept)
        assert heading in draw.alt_text(ax)
    assert overlapping(words_of(ax.figure)) == []
    assert outside(words_of(ax.figure), ax.figure) == []


def test_unit_names_and_states() -> None:
    model = read_model(OIL)
    ax = draw.worth(model, {"Choosing": value_of_control(model)})
    said = draw.alt_text(ax)
    assert "expected total (thousand dollars)" in said
    assert "Oil in the ground: soaking 178" in said
    party = read_model("data/examples/party_problem")
    said = draw.alt_text(draw.worth(party, {"Knowing": value_of_information(party)}))
    assert "certain equivalent" in said


def test_bounds_are_a_line_from_the_least_to_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branching, "SOLVES", 0)
    ax = draw.worth(traps(), {"Choosing": value_of_control(traps())})
    (bar,) = [line for line in ax.lines if line.get_gid() == "error-1"]
    assert list(bar.get_xdata()) == pytest.approx([0, 6])
    assert "(0.00 to 6.00)" in draw.alt_text(ax) or "(0 to 6)" in draw.alt_text(ax)
    assert outside(words_of(ax.figure), ax.figure) == []


def test_hostile_and_long_labels() -> None:
    model = oil()
    label = "a <b>$\\frac{1}{0}$ & " + "long " * 30
    chances = [type(c)(c.name, c.states, c.given, c.table, label=label) for c in model.chances]
    hostile = model.rebuilt(chances=tuple(chances))
    ax = draw.worth(hostile, {f"Knowing {label}": value_of_information(hostile, before="drill")})
    assert overlapping(words_of(ax.figure)) == []
    assert outside(words_of(ax.figure), ax.figure) == []
    assert "<b>" not in draw.to_svg(ax)


def test_where_nothing_is_worth_anything_the_first_row_says_so() -> None:
    model = read_model("data/examples/umbrella").changed("P(weather=rain) = 0")
    table = value_of_information(model)
    ax = draw.worth(model, {"Knowing": table})
    assert " 0" in draw.alt_text(ax)
    with pytest.raises(ValueError, match="no value"):
        draw.worth(model, {"Knowing": table.head(0)})


def test_the_same_picture_twice() -> None:
    model = read_model(OIL)
    given = {"Choosing": value_of_control(model)}
    assert draw.to_svg(draw.worth(model, given)) == draw.to_svg(draw.worth(model, given))
