"""The parameters cell: read, set otherwise, and refused where it can't be."""

from __future__ import annotations

import nbformat.v4 as new
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode

from decision.model.problems import ModelError
from decision.report.parameters import put_parameters, read_parameters

FOUR = """\
model = "korea_2018"  # a folder, or the name of a shipped one
changes = [
    "P(naïve=ü) = 0.5",  # ä two-byte letter before what is replaced
]
perspective = None; scenario: str | None = None
"""


def notebook(*sources: str) -> NotebookNode:
    tagged = [new.new_code_cell(source, metadata={"tags": ["parameters"]}) for source in sources]
    return new.new_notebook(cells=[new.new_markdown_cell("# Title"), *tagged])


def test_what_the_cell_assigns_is_read() -> None:
    assert read_parameters(notebook(FOUR)) == {
        "model": "korea_2018",
        "changes": ["P(naïve=ü) = 0.5"],
        "perspective": None,
        "scenario": None,
    }


def test_without_the_cell_there_are_none() -> None:
    assert read_parameters(notebook()) == {}


def test_only_the_literals_are_replaced() -> None:
    values = {"changes": ["P(a=b) = 1"], "scenario": "hawk's", "perspective": 'a "dove"'}
    changed = put_parameters(notebook(FOUR), values)
    assert changed.cells[1].source == (
        'model = "korea_2018"  # a folder, or the name of a shipped one\n'
        'changes = ["P(a=b) = 1"]\n'
        'perspective = "a \\"dove\\""; scenario: str | None = "hawk\'s"\n'
    )


def test_long_lists_stand_in_lines() -> None:
    changes = ["P(escalation=major_war | wedge=rift) = 0.25", "weight(alliance) = 35 "]
    source = put_parameters(notebook("changes = []"), {"changes": changes * 2}).cells[1].source
    assert source.splitlines()[1] == f'    "{changes[0]}",'
    assert len(source.splitlines()) == 6


def test_the_notebook_given_stays_as_it_was() -> None:
    before = notebook(FOUR)
    put_parameters(before, {"scenario": "x"})
    assert before == notebook(FOUR) | {"cells": before.cells}
    assert before.cells[1].source == FOUR


literals = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=4)
)


@given(literals, literals)
def test_what_is_put_is_what_is_read(first: object, second: object) -> None:
    changed = put_parameters(notebook("a = [  # one\n]; b = 'ß'"), {"b": second, "a": first})
    assert read_parameters(changed) == {"a": first, "b": second}


def message(given: NotebookNode, **values: object) -> list[str]:
    with pytest.raises(ModelError) as caught:
        put_parameters(given, values, "05.ipynb")
    return str(caught.value).splitlines()


def test_unknown_names_are_refused_with_the_nearest_all_at_once() -> None:
    said = message(notebook(FOUR), scenarios="x", zzz=1)
    sets = "its parameters cell sets model, changes, perspective, scenario"
    assert said == [
        f"command line:1: 05.ipynb has no parameter 'scenarios' ({sets}); did you mean 'scenario'?",
        f"command line:1: 05.ipynb has no parameter 'zzz' ({sets}); "
        "use one of model, changes, perspective, scenario",
    ]


def test_a_notebook_without_parameters_says_what_to_do() -> None:
    assert message(notebook(), model="x") == [
        "command line:1: 05.ipynb has no parameter 'model' (it sets none); "
        "tag a cell that sets it 'parameters'"
    ]


def test_two_parameters_cells_are_refused() -> None:
    assert message(notebook("a = 1", "a = 2")) == [
        "05.ipynb:3: cells 2 and 3 are both tagged 'parameters'; keep the tag on one"
    ]


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("a = 1\nimport os", "the parameters cell has 'import os', which sets no literal"),
        ("a = 1\nb = a + 1", "the parameters cell has 'b = a + 1', which sets no literal"),
        ("a = 1\nb: int", "the parameters cell has 'b: int', which sets no literal"),
        ("a = 1\nb = [", "the parameters cell is no Python: '[' was never closed"),
    ],
)
def test_a_cell_of_anything_else_is_refused_with_its_line(source: str, what: str) -> None:
    do = "write NAME = LITERAL, one a line; other code belongs in another cell"
    assert message(notebook(source), a=2) == [f"05.ipynb:2: {what}; {do}"]
