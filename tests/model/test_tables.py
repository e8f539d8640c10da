"""Tables in every shape that names its axes, and what does not fit."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.model import Chance, Decision, InfluenceDiagram, ModelError, Value
from decision.model.problems import PYTHON, Problem
from decision.model.tables import as_array
from tests.model.strategies import models, seeded

AXES = [("act", ("yes", "no")), ("mood", ("calm", "tense")), ("talks", ("good", "poor", "none"))]
ARRAY = np.array([[[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]], [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]])


@dataclass
class Named:
    """An array with named axes, as xarray's DataArray has them."""

    values: Any
    dims: tuple[str, ...]
    coords: dict[str, Any]


def cells() -> pd.Series:
    index = pd.MultiIndex.from_product([s for _, s in AXES], names=[n for n, _ in AXES])
    return pd.Series(ARRAY.ravel(), index=index)


def fitted(table: Any, axes: Any = AXES, name: str = "talks") -> np.ndarray:
    array = as_array(table, axes, name, PYTHON)
    assert isinstance(array, np.ndarray), str(array)
    assert not array.flags.writeable
    assert array.dtype == np.float64
    return array


def misfit(table: Any, axes: Any = AXES, name: str = "talks") -> str:
    found = as_array(table, axes, name, PYTHON)
    assert isinstance(found, Problem)
    text = str(found)
    assert text.isprintable()
    assert text.startswith(f"python:1: the table of {name} ")
    return text.removeprefix(f"python:1: the table of {name} ")


# -- pandas ---------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations(["act", "mood", "talks"])))
def test_a_series_with_its_levels_in_any_order(order):
    assert np.array_equal(
        fitted(cells().reorder_levels(order).sample(frac=1, random_state=1)), ARRAY
    )


@pytest.mark.parametrize("columns", ["act", "mood", "talks", ["act", "talks"], ["mood", "act"]])
def test_a_frame_with_any_levels_in_its_columns(columns):
    frame = cells().unstack(columns)
    assert np.array_equal(fitted(frame.sample(frac=1, random_state=2)), ARRAY)
    assert np.array_equal(fitted(frame.T), ARRAY)


def test_the_columns_of_a_chance_node_need_no_name():
    frame = cells().unstack("talks")
    frame.columns.name = None
    assert np.array_equal(fitted(frame), ARRAY)
    frame.columns.name = "state"
    assert np.array_equal(fitted(frame[["none", "good", "poor"]]), ARRAY)


def test_a_single_parent_needs_no_name():
    frame = pd.DataFrame({"good": [0.5, 0.1], "poor": [0.5, 0.9]}, index=["calm", "tense"])
    axes = [("mood", ("calm", "tense")), ("talks", ("good", "poor"))]
    assert fitted(frame, axes).tolist() == [[0.5, 0.5], [0.1, 0.9]]
    assert fitted(frame.iloc[::-1, ::-1], axes).tolist() == [[0.5, 0.5], [0.1, 0.9]]
    series = pd.Series([1.0, 2.0], index=["tense", "calm"])
    assert fitted(series, axes[:1], "gain").tolist() == [2.0, 1.0]
    assert fitted(series.to_frame("amount"), axes[:1], "gain").tolist() == [2.0, 1.0]
    assert fitted(series.to_frame().T, axes[:1], "gain").tolist() == [2.0, 1.0]


def test_the_node_and_its_parent_may_share_all_states():
    frame = pd.DataFrame([[0.1, 0.9], [0.8, 0.2]], index=["a", "b"], columns=["a", "b"])
    axes = [("before", ("a", "b")), ("after", ("a", "b"))]
    assert fitted(frame, axes, "after").tolist() == [[0.1, 0.9], [0.8, 0.2]]


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame([[0.5, 0.3, 0.2]], columns=pd.Index(["good", "poor", "none"], name="talks")),
        pd.DataFrame([[0.2, 0.3, 0.5]], columns=["none", "poor", "good"]),
        pd.DataFrame([[0.2, 0.3, 0.5]], columns=["none", "poor", "good"], index=["p"]),
        pd.Series({"poor": 0.3, "good": 0.5, "none": 0.2}),
        pd.Series({"poor": 0.3, "good": 0.5, "none": 0.2}, name="p").to_frame(),
        pd.Series({"poor": 0.3, "good": 0.5, "none": 0.2}).rename_axis("talks").to_frame(),
    ],
)
def test_a_chance_node_without_parents(table):
    assert fitted(table, AXES[2:]).tolist() == [0.5, 0.3, 0.2]


@pytest.mark.parametrize(
    "table",
    [pd.Series([7.0]), pd.Series([7.0], name="cost"), pd.DataFrame([[7.0]]), 7, [[7]][0][0]],
)
def test_a_value_node_without_parents(table):
    assert fitted(table, [], "cost").tolist() == 7.0


def test_states_that_begin_with_a_digit_may_be_numbers_in_pandas():
    series = pd.Series([1.0, 2.0], index=pd.Index([2018, 2017], name="year"))
    assert fitted(series, [("year", ("2017", "2018"))], "gain").tolist() == [2.0, 1.0]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (cells().iloc[:-1], "has no cell for act=no, mood=tense, talks=none; add it"),
        (pd.concat([cells(), cells().iloc[:1]]), "has two cells for yes, calm, good; remove one"),
        (cells().rename(index={"poor": "bad"}), "has a cell for talks=bad, which is no state of"),
        (cells().rename_axis(["act", "mod", "talks"]), "is over act, mod, talks; name its index"),
        (cells().rename_axis([None, None, "talks"]), "is over (no name), (no name), talks; name"),
        (cells().groupby("talks").mean(), "is over talks; name its index and columns act, mood"),
        (cells().astype(str), "holds '0.5'; use finite numbers"),
        (cells().astype(object).replace(0.3, None), "holds NoneType; use finite numbers"),
        (cells().where(cells() != 0.3), "has a cell that is missing or not finite; fill it"),
        (cells() / 0.0, "has a cell that is missing or not finite; fill it"),
    ],
)
def test_a_table_in_pandas_that_does_not_fit(table, message):
    assert misfit(table).startswith(message)


# -- named arrays, mappings, arrays ---------------------------------------------------


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_an_array_with_named_axes_in_any_order(order):
    coords = {name: list(states) for name, states in AXES}
    dims = tuple(AXES[i][0] for i in order)
    assert np.array_equal(fitted(Named(ARRAY.transpose(order), dims, coords)), ARRAY)
    backwards = {name: np.array(states)[::-1] for name, states in coords.items()}
    turned = Named(ARRAY[::-1, ::-1, ::-1].transpose(order), dims, backwards)
    assert np.array_equal(fitted(turned), ARRAY)
    assert np.array_equal(fitted(Named(ARRAY.transpose(order), dims, {})), ARRAY)


def test_a_named_array_without_axes():
    assert fitted(Named(np.array(7.0), (), {}), [], "cost") == 7.0


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (Named(ARRAY, ("act", "mood", "talk"), {}), "has the axes act, mood, talk; name them act"),
        (Named(ARRAY[0], ("mood", "talks"), {}), "has the axes mood, talks; name them act, mood"),
        (
            Named(ARRAY, ("act", "mood", "talks"), {"act": ["yes"]}),
            "has the shape (2, 2, 3), its coordinates (1, 2, 3); give every cell a coordinate",
        ),
        (
            Named(ARRAY, ("act", "mood", "talks"), {"act": ["yes", "on"]}),
            "has a cell for act=on, which is no state of act; use one of yes, no",
        ),
    ],
)
def test_a_named_array_that_does_not_fit(table, message):
    assert misfit(table).startswith(message)


def test_mappings_nested_or_with_tuples_or_rows():
    whole = {
        (a, m): dict(zip(AXES[2][1], ARRAY[i, j], strict=True))
        for i, a in enumerate(AXES[0][1])
        for j, m in enumerate(AXES[1][1])
    }
    assert np.array_equal(fitted(whole), ARRAY)
    nested = {a: {m: whole[a, m] for m in AXES[1][1]} for a in ("no", "yes")}
    assert np.array_equal(fitted(nested), ARRAY)
    assert np.array_equal(fitted({key: [*row.values()] for key, row in whole.items()}), ARRAY)
    assert np.array_equal(fitted({"no": ARRAY[1], "yes": ARRAY[0].tolist()}), ARRAY)
    assert fitted(
        {"a": Fraction(1, 4), "b": Decimal("0.75")}, [("x", ("a", "b"))], "x"
    ).tolist() == [
        0.25,
        0.75,
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (None, "is missing; give one"),
        ({}, "has no cell for act=yes, mood=calm, talks=good; add it"),
        ({"yes": 1.0}, "has a cell at ('yes',), which names 1 states, not 3; name one state for"),
        (
            {("yes", "calm"): [0.5, 0.5]},
            "has an entry of the shape (2,) at yes, calm; use the axes",
        ),
        ({"yes": {"calm": {"good": "0.5"}}}, "has no cell for"),
        (ARRAY[0], "has the shape (2, 3), not (2, 2, 3); use the axes act 2, mood 2, talks 3"),
        (ARRAY.tolist()[0], "has the shape (2, 3), not (2, 2, 3); "),
        ([[1, 2], [3]], "has rows of unequal length; give every row every cell"),
        ("many", "holds 'many'; use numbers"),
        ([["0.5"]], "holds '0.5'; use numbers"),
        (np.array(["2018-01-04"], dtype="datetime64[D]"), "holds datetime.date(2018, 1, 4); "),
        (np.array([1 + 2j]), "holds (1+2j); use numbers"),
        ([10**400, 1], "holds int; use finite numbers"),
        ([object()], "holds object; use finite numbers"),
        (ARRAY * np.nan, "has a cell that is missing or not finite; fill it"),
        ("\u202e\n", "holds '\\u202e\\n'; use numbers"),
    ],
)
def test_an_array_or_mapping_that_does_not_fit(table, message):
    assert misfit(table).startswith(message)


def test_a_mapping_nested_too_deep_is_refused():
    deep: dict = {}
    for _ in range(100_000):
        deep = {"yes": deep}
    assert misfit(deep) == "is nested too deep; use a flat one"
    while deep:  # else its disposal would recurse as well
        deep = deep.pop("yes")


def test_a_table_too_large_is_refused_before_it_is_laid():
    axes = [(f"x{i}", tuple(map(str, range(10)))) for i in range(12)]
    assert misfit({}, axes) == "would have 1e+12 cells; cut some of its parents"
    axes = [(f"x{i}", tuple(map(str, range(10)))) for i in range(400)]
    assert misfit({}, axes).startswith("would have more than 1e+300 cells; ")


def test_the_array_given_is_copied():
    mine = ARRAY.copy()
    array = fitted(mine)
    mine[:] = 7
    assert np.array_equal(array, ARRAY)
    assert fitted([[True, False], [False, True]], [("a", ("x", "y")), ("b", ("u", "v"))]).sum() == 2


# -- in a model ---------------------------------------------------------------------


@seeded(150)
@given(st.data())
def test_a_table_given_back_changes_nothing(data):
    model = data.draw(models())
    frames = [model.table(node.name) for node in (*model.chances, *model.values)]
    assert model.changed(table=frames) == model
    for node, frame in zip((*model.chances, *model.values), frames, strict=True):
        if node.kind == "chance":
            assert frame.columns.name == node.name
            assert tuple(frame.columns) == node.states
            assert frame.to_numpy().tolist() == node.table.reshape(frame.shape).tolist()
        else:
            assert frame.name == node.name
        assert list(frame.index.names) == (list(node.given) or [None])
        assert model.changed(table=frame) == model
        assert model.changed(table={node.name: node.table}) == model


def small() -> InfluenceDiagram:
    return InfluenceDiagram(
        decisions=[Decision("act", ["yes", "no"])],
        chances=[Chance("sign", ["red", "green"], ["act"], [[0.25, 0.75], [0.5, 0.5]])],
        values=[Value("gain", ["sign"], {"red": 1, "green": 2}), Value("cost", [], 1)],
    )


def test_a_table_of_a_model_is_the_readers_own():
    model = small()
    table = model.table("sign")
    table.loc["yes", "red"] = 0.9
    assert model == small()


def test_a_changed_table_takes_its_place_before_the_changes():
    model = small()
    table = model.table("sign")
    table.loc["yes"] = [0.5, 0.5]
    changed = model.changed("P(sign=red | act=yes) *= 0.5", table=table)
    assert changed.nodes["sign"].table.tolist() == [[0.25, 0.75], [0.5, 0.5]]
    both = model.changed(table=[table, pd.Series(3.0, index=["red", "green"], name="gain")])
    assert both.nodes["gain"].table.tolist() == [3.0, 3.0]
    assert both.nodes["sign"].table.tolist() == [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (small().table("sign") / 2, "sign given act=yes sums to 0.5 (red 0.125, green 0.375); "),
        (small().table("sign") * 2, "P(sign=green given act=yes) is 1.5, outside [0, 1]; use a"),
        (small().table("gain").rename("gian"), "there is no chance or value node 'gian'; did you"),
        (small().table("gain").rename(None), "a table has no name; call its columns"),
        (small().table("gain") * 1e307, "the weighted amounts of gain reach beyond 1e300; "),
        ({"act": [1, 2]}, "'act' is a decision node, not a chance or value node; use one of sign"),
    ],
)
def test_a_table_that_is_wrong_changes_nothing(table, message):
    model = small()
    with pytest.raises(ModelError) as error:
        model.changed(table=table)
    assert str(error.value).startswith(f"python:1: {message}")
    assert model == small()


def test_every_wrong_row_of_a_table_is_named():
    wrong = Chance("sign", ["red", "green"], ["act"], [[0.2, 0.7], [1.5, -0.5]])
    with pytest.raises(ModelError) as error:
        small().rebuilt(chances=[wrong])
    assert str(error.value).splitlines() == [
        "python:1: sign given act=yes sums to 0.9 (red 0.2, green 0.7); "
        "change a number, or write `rest` in one",
        "python:1: P(sign=red given act=no) is 1.5, outside [0, 1]; use a probability",
    ]


@pytest.mark.parametrize(("off", "sound"), [(1e-9, True), (9e-10, True), (1.01e-9, False)])
def test_a_row_sums_to_1_within_a_billionth(off, sound):
    chance = Chance("sign", ["red", "green"], ["act"], [[0.25, 0.75 + off], [0.5, 0.5]])
    if sound:
        assert small().rebuilt(chances=[chance]).nodes["sign"].table[0, 1] == 0.75 + off
    else:
        with pytest.raises(ModelError, match=r"sign given act=yes sums to 1\.00000000101"):
            small().rebuilt(chances=[chance])
