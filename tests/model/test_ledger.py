"""The life of a number: ranges move with it, rows split, provenance goes along."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.model import ModelError, read_model
from decision.model.language import parse_change
from decision.model.writing import write_model
from tests.model.strategies import changes, seeded

DATA = Path(__file__).parents[2] / "data"
KOREA = read_model(DATA / "korea_2018")

MODEL = """
provenance = "{provenance}"

[decision.act]
options = ["yes", "no", "wait"]

[chance.sign]
states = ["red", "amber", "green"]
given = ["act"]

[value.gain]
given = ["act"]
weight = 2
weight_low = 1
weight_high = 5
"""
PROBABILITIES = """node,given,state,p,low,high,source,rationale
sign,act=yes|no,red,1/5,0.1,0.4,book,As printed.
sign,act=yes|no,amber,0.3,0.2,0.5,table,Counted.
sign,act=yes|no,green,rest,,,,
sign,act=wait,red,0,,,definition,
sign,act=wait,amber,1,,,definition,
sign,act=wait,green,rest,,,,
"""
VALUES = """node,given,value,low,high,source,rationale
gain,,10,5,20,book,As printed.
"""
SOURCES = """id,kind,citation,date,note
book,literature,A book,2017,
table,data,A table,2016-05,
"""


def folder(
    tmp_path: Path, provenance: str = "optional", probabilities: str = PROBABILITIES
) -> Path:
    (tmp_path / "model.toml").write_text(MODEL.format(provenance=provenance))
    (tmp_path / "probabilities.csv").write_text(probabilities)
    (tmp_path / "values.csv").write_text(VALUES)
    (tmp_path / "sources.csv").write_text(SOURCES)
    return tmp_path


@pytest.fixture(params=["optional", "required"])
def model(request, tmp_path):
    return read_model(folder(tmp_path, request.param))


def rows(model) -> dict[str, tuple]:
    """Number, range, sources and text of each input by its name in the language."""
    return {i.name: (i.number, i.low, i.high, i.sources, i.text) for i in model.inputs}


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def test_inputs_stand_in_file_order_as_written(model):
    assert [(i.name, i.text, i.low, i.high, i.line) for i in model.inputs] == [
        ("P(sign=red | act=yes|no)", "1/5", 0.1, 0.4, 2),
        ("P(sign=amber | act=yes|no)", "0.3", 0.2, 0.5, 3),
        ("P(sign=green | act=yes|no)", "rest", None, None, 4),
        ("P(sign=red | act=wait)", "0", None, None, 5),
        ("P(sign=amber | act=wait)", "1", None, None, 6),
        ("P(sign=green | act=wait)", "rest", None, None, 7),
        ("V(gain)", "10", 5.0, 20.0, 2),
    ]
    assert model.inputs[2].number == pytest.approx(0.5)
    assert model.inputs[0].sources == ("book",)
    assert model.inputs[0].rationale == "As printed."
    assert {i.file for i in model.inputs} == {"probabilities.csv", "values.csv"}


def test_the_range_of_a_probability_moves_in_log_odds(model):
    changed = rows(model.changed("P(sign=red | act=yes|no) = 0.6"))
    number, low, high, sources, text = changed["P(sign=red | act=yes|no)"]
    assert (number, sources, text) == (0.6, ("book",), "0.6")
    shift = logit(0.6) - logit(0.2)
    assert logit(low) == pytest.approx(logit(0.1) + shift)
    assert logit(high) == pytest.approx(logit(0.4) + shift)
    number, low, high, _, _ = changed["P(sign=amber | act=yes|no)"]  # by covariation
    shift = logit(0.15) - logit(0.3)
    assert number == pytest.approx(0.15)
    assert logit(low) == pytest.approx(logit(0.2) + shift)
    assert logit(high) == pytest.approx(logit(0.5) + shift)


def test_rest_in_a_changed_combination_becomes_a_number_and_elsewhere_stays(model):
    changed = rows(model.changed("P(sign=red | act=yes) = 0.6"))
    assert changed["P(sign=green | act=no)"][4] == "rest"
    number, low, high, _, text = changed["P(sign=green | act=yes)"]
    assert number == pytest.approx(0.25)
    assert (low, high) == (None, None)
    assert text == repr(number)
    assert changed["P(sign=green | act=wait)"][4] == "rest"


def test_rest_that_is_0_becomes_a_number_too_where_the_others_changed(model):
    changed = rows(model.changed("P(sign=red | act=wait) = 0.25"))
    assert changed["P(sign=green | act=wait)"][::4] == (0.0, "0")


def test_a_row_whose_combinations_a_change_made_unequal_is_split(model):
    changed = model.changed("P(sign=red | act=yes) = 0.6")
    assert [i.name for i in changed.inputs][:6] == [
        "P(sign=red | act=yes)",
        "P(sign=red | act=no)",
        "P(sign=amber | act=yes)",
        "P(sign=amber | act=no)",
        "P(sign=green | act=yes)",
        "P(sign=green | act=no)",
    ]
    assert rows(changed)["P(sign=red | act=no)"] == (0.2, 0.1, 0.4, ("book",), "1/5")
    assert {i.rationale for i in changed.inputs if i.state == "red"} >= {"As printed."}


@pytest.mark.parametrize("p", ["0", "1"])
def test_at_0_or_1_the_range_is_dropped_and_stays_so(model, p):
    there = model.changed(f"P(sign=red | act=yes|no) = {p}")
    assert rows(there)["P(sign=red | act=yes|no)"][:3] == (float(p), None, None)
    back = there.changed("P(sign=red | act=yes|no) = 0.2")
    assert rows(back)["P(sign=red | act=yes|no)"][:3] == (0.2, None, None)


def test_a_table_that_takes_a_probability_to_0_drops_its_range_too(model):
    table = model.table("sign")
    table.loc["yes"] = [0.0, 0.5, 0.5]
    changed = model.changed("P(sign=red | act=yes) = 0.3", table=table)
    assert rows(changed)["P(sign=red | act=yes)"][:3] == (0.3, None, None)
    assert rows(changed)["P(sign=red | act=no)"][:3] == (0.2, 0.1, 0.4)


def test_an_untouched_0_keeps_its_range(tmp_path):
    text = PROBABILITIES.replace("wait,red,0,,,definition,", "wait,red,0,0,0.2,book,Rare.")
    text = text.replace("wait,amber,1,,,definition,", "wait,amber,0.9,0.8,1,book,Often.")
    model = read_model(folder(tmp_path, probabilities=text))
    changed = rows(model.changed("P(sign=amber | act=wait) = 0.5"))
    assert changed["P(sign=red | act=wait)"][:3] == (0.0, 0.0, 0.2)
    number, low, high, _, _ = changed["P(sign=amber | act=wait)"]
    assert (number, high) == (0.5, 1.0)
    assert logit(low) == pytest.approx(logit(0.8) + logit(0.5) - logit(0.9))


def test_the_range_of_an_amount_moves_by_the_same_difference(model):
    assert rows(model.changed("V(gain) *= 3"))["V(gain)"][:3] == (30.0, 25.0, 40.0)
    split = rows(model.changed("V(gain | act=no) -= 4"))
    assert split["V(gain | act=no)"][:3] == (6.0, 1.0, 16.0)
    assert split["V(gain | act=yes|wait)"] == (10.0, 5.0, 20.0, ("book",), "10")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("weight(gain) *= 3", (6.0, 3.0, 15.0)),
        ("weight(gain) += 2", (4.0, 2.0, 10.0)),
        ("weight(gain) = 0", (0.0, 0.0, 0.0)),
    ],
)
def test_the_range_of_a_weight_moves_by_the_same_factor(model, change, expected):
    gain = model.changed(change).nodes["gain"]
    assert (gain.weight, gain.weight_low, gain.weight_high) == expected
    from_nothing = model.changed("weight(gain) = 0", "weight(gain) = 3").nodes["gain"]
    assert (from_nothing.weight_low, from_nothing.weight_high) == (None, None)


def test_what_was_true_by_definition_is_a_number_after_a_change(model, tmp_path):
    changed = model.changed("P(sign=red | act=wait) = 0.25")
    moved = next(i for i in changed.inputs if i.name == "P(sign=red | act=wait)")
    assert "definition" not in moved.sources
    if model.provenance == "required":
        assert moved.sources == ("book", "table")  # of the node's other rows
        assert moved.rationale == "True by definition until a change."
    write_model(changed, tmp_path / "again")
    assert read_model(tmp_path / "again") == changed


def test_where_provenance_is_required_the_new_numbers_have_it(tmp_path):
    model = read_model(folder(tmp_path, "required"))
    changed = model.changed("P(sign=red | act=yes) = 0.6")
    moved = next(i for i in changed.inputs if i.name == "P(sign=green | act=yes)")
    assert moved.sources == ("book", "table")
    assert moved.rationale == "What the other states leave, after a change."
    write_model(changed, tmp_path / "again")
    lines = (tmp_path / "again" / "probabilities.csv").read_text().splitlines()
    number = repr(moved.number)
    assert f'sign,act=yes,green,{number},{number},{number},book;table,"{moved.rationale}"' in lines
    assert read_model(tmp_path / "again") == changed


@seeded(60)
@given(st.data())
def test_after_any_change_each_range_holds_its_number_and_each_name_can_be_changed(data):
    model = KOREA
    for _ in range(data.draw(st.integers(1, 3))):
        try:
            model = model.changed(data.draw(changes(model)))
        except ModelError:
            continue
    for row in model.inputs:
        if row.low is not None:
            assert row.low <= row.number <= row.high
            assert row.state is None or (row.low >= 0 and row.high <= 1)
        assert parse_change(f"{row.name} = 0.5", ("x", 1)).target == row.name
    for chance in model.chances:  # every cell in exactly one row, with its number
        covered = {}
        for row in (r for r in model.inputs if r.node == chance.name):
            here = dict(row.where)
            for key in _cells(model, chance, here):
                covered.setdefault((key, row.state), []).append(row.number)
        assert len(covered) == chance.table.size
        for (key, state), numbers in covered.items():
            cell = chance.table[(*key, chance.states.index(state))]
            assert len(numbers) == 1
            assert numbers[0] == cell or math.isnan(numbers[0])  # `rest` of unlike numbers


def _cells(model, chance, where):
    keys = [()]
    for parent in chance.given:
        states = model.states(parent)
        chosen = [i for i, s in enumerate(states) if s in where.get(parent, states)]
        keys = [(*key, i) for key in keys for i in chosen]
    return keys


def test_a_rebuilt_model_keeps_the_life_of_its_numbers(model):
    changed = model.changed("P(sign=red | act=yes) = 0.6", "V(gain) += 1")
    assert changed.rebuilt() == changed
    assert rows(changed.rebuilt(title="Other")) == rows(changed)
