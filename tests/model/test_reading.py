"""Reading a folder: what says the same is the same model; all that is wrong is said at once."""

import datetime
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.model import InfluenceDiagram, ModelError, read_model
from decision.model.writing import write_model
from tests.model.plain import agree, read_plainly
from tests.model.strategies import models, seeded

DATA = Path(__file__).parents[2] / "data"
SHIPPED = [DATA / "korea_2018", *sorted(p.parent for p in DATA.glob("examples/*/model.toml"))]

MODEL = """title = "Act on a sign"

[decision.act]
options = ["yes", "no"]
observes = ["sign"]

[chance.cause]
states = ["low", "high"]

[chance.sign]
states = ["red", "green"]
given = ["cause"]

[value.gain]
given = ["act", "cause"]
"""
PROBABILITIES = """node,given,state,p
cause,,low,0.6
cause,,high,rest
sign,cause=low,red,0.1
sign,cause=low,green,0.9
sign,cause=high,red,0.8
sign,cause=high,green,0.2
"""
VALUES = """node,given,value
gain,act=no,0
gain,act=yes; cause=low,-10
gain,act=yes; cause=high,20
"""


def folder(tmp_path: Path, **files: str | bytes) -> Path:
    """A sound model, with some of its files replaced (``sources__csv`` for sources.csv)."""
    whole = {"model__toml": MODEL, "probabilities__csv": PROBABILITIES, "values__csv": VALUES}
    for name, content in (whole | files).items():
        path = tmp_path / name.replace("__", ".").replace("_in_", "/")
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path


def read(tmp_path: Path, **files: str | bytes) -> InfluenceDiagram:
    return read_model(folder(tmp_path, **files))


def messages(tmp_path: Path, **files: str | bytes) -> list[str]:
    with pytest.raises(ModelError) as error:
        read(tmp_path, **files)
    return [str(problem) for problem in error.value.problems]


# -- what says the same --------------------------------------------------------------------


@pytest.mark.parametrize("place", SHIPPED, ids=lambda place: place.name)
def test_a_shipped_model_has_the_numbers_that_a_plain_reading_finds(place):
    agree(place, read_model(place))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("read") / "model"


@seeded(100)
@given(models(), st.randoms(use_true_random=False), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_order_spaces_line_ends_and_marks_make_no_difference(place, model, rng, end, mark):
    write_model(model, place, force=True)
    for path in place.rglob("*.csv"):
        path.write_bytes(_disguised(path.read_bytes().decode(), rng, end, mark))
    toml = (place / "model.toml").read_text().replace("\n", end)
    (place / "model.toml").write_bytes(toml.encode("utf-8-sig" if mark else "utf-8"))
    again = read_model(place)
    for node in (*model.chances, *model.values):
        assert np.array_equal(again.nodes[node.name].table, node.table)
    assert [n.label for n in again.decisions] == [n.label for n in model.decisions]
    assert again.perspectives["doubter"][0].rationale == model.perspectives["doubter"][0].rationale


def _disguised(text: str, rng: random.Random, end: str, mark: bool) -> bytes:
    """The same table with rows and columns in another order, blank lines and spaces."""
    header, *lines = text.splitlines()
    if '"' in text:  # cells with commas: only the lines may move, and only if none is quoted
        return text.encode("utf-8-sig" if mark else "utf-8")
    rng.shuffle(lines)
    rows = [line.split(",") for line in (header, *lines)]
    order = rng.sample(range(len(rows[0])), len(rows[0]))
    blank = rng.choice(["", " ", "\t"])
    out = []
    for row in rows:
        out.append(",".join(f"{blank}{row[i]}{rng.choice(['', '  '])}" for i in order))
        out += [rng.choice(["", "  "])] if rng.random() < 0.3 else []
    return end.join(out).encode("utf-8-sig" if mark else "utf-8")


@seeded(100)
@given(st.data())
def test_wildcards_alternatives_rest_and_fractions_mean_what_they_say(place, data):
    """A table written cell by cell, and the same with rows merged wherever they are equal."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    states = {"a": ["x", "y", "z"], "b": ["u", "v"]}
    texts = [["1/3", "2/3"], ["0.25", "0.75"], ["0", "1"]]
    kinds = {(a, b): data.draw(st.integers(0, 2)) for a in states["a"] for b in states["b"]}
    rows = []
    for b in data.draw(st.permutations(states["b"])):
        for kind in {kinds[a, b] for a in states["a"]}:
            same = [a for a in states["a"] if kinds[a, b] == kind]
            parts = [f"b={b}"] + ([f"a={'|'.join(same)}"] if len(same) < 3 else [])
            rest = data.draw(st.integers(0, 2))
            for i, state in enumerate(["no", "yes"]):
                p = "rest" if rest == i else texts[kind][i]
                rows.append(f"n,{'; '.join(data.draw(st.permutations(parts)))},{state},{p}")
    rows += ["a,,x,1/2", "a,,y,rest", "a,,z,1/4", "b,,u|v,".replace("u|v,", "u,rest"), "b,,v,1"]
    folder(
        place,
        model__toml='[decision.d]\noptions = ["o"]\n[value.v]\n'
        '[chance.a]\nstates = ["x", "y", "z"]\n[chance.b]\nstates = ["u", "v"]\n'
        '[chance.n]\nstates = ["no", "yes"]\ngiven = ["a", "b"]\n',
        probabilities__csv="node,given,state,p\n" + "\n".join(data.draw(st.permutations(rows))),
        values__csv="node,given,value\nv,,1\n",
    )
    model = read_model(place)
    agree(place, model)
    for i, a in enumerate(states["a"]):
        for j, b in enumerate(states["b"]):
            expected = [[1 / 3, 2 / 3], [0.25, 0.75], [0.0, 1.0]][kinds[a, b]]
            assert model.nodes["n"].table[i, j].tolist() == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("others", "rest"),
    [
        (["0.7", "0.2", "0.1"], 0.0),
        (["0.6", "0.1"], 0.3),
        (["1e-12"], 1 - 1e-12),
        (["1"], 0.0),
        (["0.999999999999"], 1e-12),
        (["1/3", "1/3", "1/3"], 0.0),
    ],
)
def test_rest_is_what_the_others_leave_and_never_a_rounding_error(tmp_path, others, rest):
    names = [f"s{i}" for i in range(len(others))]
    rows = [f"cause,,{name},{p}" for name, p in zip(names, others, strict=True)]
    states = ", ".join(f'"{name}"' for name in ["low", "high", *names])
    model = read(
        tmp_path,
        model__toml=MODEL.replace('"low", "high"', states).replace('given = ["act", "cause"]', ""),
        probabilities__csv="node,given,state,p\ncause,,low,0\ncause,,high,rest\n"
        + "\n".join(rows)
        + "\nsign,,red,0\nsign,,green,1\n",
        values__csv="node,given,value\ngain,,1\n",
    )
    assert model.nodes["cause"].table[1] == pytest.approx(rest, abs=1e-15)
    assert (model.nodes["cause"].table[1] == 0) == (rest == 0)


def test_a_folder_may_hold_more_than_the_model(tmp_path):
    whole = read(
        tmp_path,
        notes__md="mine",
        evidence_in_base__csv="any,thing\n1\n",
        perspectives_in_notes__txt="mine",
        perspectives_in___hidden__csv="not,a,change\n",
        scenarios="a file of that name",
    )
    assert whole.perspectives == {}
    assert whole.scenarios == {}


def test_without_a_title_the_folders_name_stands_in(tmp_path):
    place = tmp_path / "act_on_a_sign"
    place.mkdir()
    folder(place, model__toml=MODEL.replace('title = "Act on a sign"', ""))
    assert read_model(place).title == "act_on_a_sign"
    assert read_model(f"{place}/").title == "act_on_a_sign"
    (tmp_path / "other").symlink_to(place)
    assert read_model(tmp_path / "other").title == "other"
    folder(place, model__toml=MODEL.replace('"Act on a sign"', '""'))
    assert read_model(place).title == ""


def test_settings_are_read(tmp_path):
    head = """question = "Act?"
memory = "limited"
provenance = "optional"
information_date = "2018-01-04"
horizon = 2018-12-31

[risk]
utility = "exponential"
tolerance = 50
"""
    model = read(tmp_path, model__toml=head + MODEL.replace('title = "Act on a sign"', ""))
    assert (model.question, model.memory, model.risk) == ("Act?", "limited", 50.0)
    assert model.information_date == datetime.date(2018, 1, 4)
    assert model.horizon == datetime.date(2018, 12, 31)


@pytest.mark.parametrize(
    ("date", "sound"),
    [
        ("2018", True),
        ("2018-01", True),
        ("2018-01-04", True),
        ("", True),
        ("2018-01-05", False),
        ("2018-02", False),
        ("2019", False),
        ("18", False),
        ("2018-1", False),
        ("2018-13", False),
        ("2018-00-01", False),
        ("0000", False),
        ("20180104", False),
        ("2018-01-04T00:00", False),
        ("２０１８", False),
        ("-2018", False),
        ("2018-1-1", False),
    ],
)
def test_a_source_date_is_a_year_a_month_or_a_day(tmp_path, date, sound):
    files = {
        "model__toml": "information_date = 2018-01-04\n" + MODEL,
        "sources__csv": f"id,kind,citation,date,note\nbook,literature,A book,{date},\n",
    }
    if sound:
        assert read(tmp_path, **files).sources["book"].date == date
    else:
        assert messages(tmp_path, **files)[0].startswith("sources.csv:2: ")


def test_a_range_on_one_side_takes_the_number_for_the_other(tmp_path):
    rows = PROBABILITIES.replace("state,p", "state,p,low,high").replace("0.6", "0.6,0.5,")
    rows = rows.replace("rest", "rest,,").replace("0.1\n", "0.1,,1/4\n")
    for p in ("0.9", "0.8", "0.2"):
        rows = rows.replace(f"{p}\n", f"{p},,\n")
    model = read(tmp_path, probabilities__csv=rows)
    assert [(i.low, i.high) for i in model.inputs[:3]] == [(0.5, 0.6), (None, None), (0.1, 0.25)]


def test_conditions_may_stand_in_any_order_with_any_spaces(tmp_path):
    rows = VALUES.replace("act=yes; cause=low", "cause = low;act=yes")
    rows = rows.replace("act=yes; cause=high", " cause =high | high_ ;act= yes").replace(
        " | high_", ""
    )
    model = read(tmp_path, values__csv=rows)
    assert model.inputs[-1].name == "V(gain | act=yes, cause=high)"
    assert model == read_model(folder(tmp_path))


def test_only_when_may_name_one_state_or_several(tmp_path):
    guard = '\n[decision.act.only_when]\nyes = { sign = "red" }\n'
    one = read(tmp_path, model__toml=MODEL + guard)
    assert one.nodes["act"].only_when == {"yes": {"sign": ("red",)}}
    assert one == read(tmp_path, model__toml=MODEL + guard.replace('"red"', '["red"]'))


# -- all that is wrong, and nothing that follows from it ----------------------------------------


def test_every_file_is_read_whatever_is_wrong_with_the_others(tmp_path):
    found = messages(
        tmp_path,
        model__toml=MODEL.replace("observes", "observe").replace("title", 'memory = "none"\ntitle'),
        probabilities__csv=PROBABILITIES.replace("0.6", "0.7x").replace("green,0.2", "green,0.3"),
        values__csv=VALUES.replace("act=no,0", "act=no,ten"),
        sources__csv="id,kind,citation\nbook,rumour,A book\n",
        claims__csv="id,test\nc1,E(total) > \n",
        perspectives_in_a__csv="change\nP(cause=low) is 1\n",
        scenarios_in_b__csv="changes\n",
    )
    assert [text.split("; ")[0] for text in found] == [
        "model.toml:1: memory is 'none'",
        "model.toml:6: decision.act has the unknown key 'observe'",
        "sources.csv:2: the kind of 'book' is 'rumour'",
        "probabilities.csv:2: p is '0.7x', which is no finite number",
        "probabilities.csv:7: sign given cause=high sums to 1.1 (red 0.8, green 0.3)",
        "values.csv:2: value is 'ten', which is no finite number",
        "perspectives/a.csv:2: 'P(cause=low) is 1' is no change: 'is 1' is unexpected",
        "scenarios/b.csv:1: there is no column 'changes' in this file",
        "claims.csv:2: 'E(total) >' is no claim: it ends too early",
    ]


def test_names_in_claims_and_changes_are_looked_at_beside_wrong_tables(tmp_path):
    found = messages(
        tmp_path,
        probabilities__csv=PROBABILITIES.replace("low,0.6", "low,1.6"),
        claims__csv="id,test\nc1,P(cause=lwo) > 0\n",
        perspectives_in_a__csv=(
            "change\nP(cause=lwo) = 1\nP(cause=low) = 1.5\nP(sign=red) += 0.3\nP(sign=green) = 2\n"
        ),
    )
    assert [text.split("; ")[0] for text in found] == [
        "probabilities.csv:2: p is 1.6, outside [0, 1]",
        "perspectives/a.csv:2: cause has no state 'lwo'",
        # line 3 changes a node whose numbers are not known: only its names are looked at
        "perspectives/a.csv:4: 'P(sign=red) += 0.3' makes P(sign=red given cause=high) 1.1, "
        "outside [0, 1]",
        "perspectives/a.csv:5: 'P(sign=green) = 2' makes P(sign=green given cause=low) 2, "
        "outside [0, 1]",
        "claims.csv:2: cause has no state 'lwo'",
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"probabilities__csv": PROBABILITIES.replace("sign,cause=low,red", "sgin,cause=low,red")},
        {"probabilities__csv": PROBABILITIES.replace("sign,cause=low,red", "sign,cause=lo,red")},
        {
            "probabilities__csv": PROBABILITIES.replace(
                "sign,cause=low,red,0.1", "sign,cause=low,red"
            )
        },
        {"probabilities__csv": PROBABILITIES.replace("node,", "nodes,")},
        {"probabilities__csv": PROBABILITIES.replace("cause=high,red", 'cause="high,red')},
        {"probabilities__csv": PROBABILITIES.encode().replace(b"cause=high,red", b"\xff")},
        {"model__toml": MODEL.replace('given = ["cause"]', 'given = ["casue"]')},
        {"model__toml": MODEL.replace('states = ["low", "high"]', 'states = "low"')},
        {
            "model__toml": MODEL.replace("[chance.cause]", "[chance.Cause]")
            .replace('given = ["cause"]', "")
            .replace(', "cause"]', "]")
        },
        {
            "sources__csv": "id,kind,citation\nbook,data\n",
            "values__csv": VALUES.replace("value\n", "value,source\n")
            .replace(",0\n", ",0,book\n")
            .replace("10\n", "10,\n")
            .replace("20\n", "20,\n"),
        },
        {
            "sources__csv": b"\xff",
            "values__csv": VALUES.replace("value\n", "value,source\n")
            .replace(",0\n", ",0,book\n")
            .replace("10\n", "10,\n")
            .replace("20\n", "20,\n"),
        },
    ],
)
def test_what_follows_from_a_fault_is_not_said(tmp_path, files):
    assert len(messages(tmp_path, **files)) == 1


def test_problems_come_in_reading_order_and_once(tmp_path):
    rows = PROBABILITIES.replace("cause,,low,0.6", "cause,,low,x").replace("0.8", "y")
    with pytest.raises(ModelError) as error:
        read(tmp_path, probabilities__csv=rows, values__csv=VALUES.replace("-10", "z"))
    places = [(p.file, p.line) for p in error.value.problems]
    assert places == [("probabilities.csv", 2), ("probabilities.csv", 6), ("values.csv", 3)]
    assert len({str(p) for p in error.value.problems}) == 3


def test_the_three_states_of_a_wrong_row_that_covers_many_combinations_are_one_problem(tmp_path):
    rows = PROBABILITIES.replace("sign,cause=low,green,0.9", "sign,,green,0.5")
    rows = rows.replace("sign,cause=low,red,0.1\n", "sign,,red,0.3\n")
    rows = rows.replace("sign,cause=high,red,0.8\nsign,cause=high,green,0.2\n", "")
    assert messages(tmp_path, probabilities__csv=rows) == [
        "probabilities.csv:5: sign given cause=low sums to 0.8 (red 0.3, green 0.5); "
        "change a number, or write `rest` in one"
    ]


def test_an_overlap_names_the_first_cell_and_both_rows(tmp_path):
    rows = PROBABILITIES + "sign,,red,0.5\n"
    assert messages(tmp_path, probabilities__csv=rows) == [
        "probabilities.csv:8: sign=red given cause=low is set already by line 4; "
        "remove one of the two rows, or narrow its given"
    ]


def test_a_definition_may_not_be_borrowed(tmp_path):
    head = "node,given,value,low,high,source,rationale\n"
    rows = VALUES.replace("node,given,value\n", head)
    rows = (
        rows.replace(",0\n", ",0,,,definition,\n")
        .replace("10\n", "10,,,,\n")
        .replace("20\n", "20,,,,\n")
    )
    assert messages(tmp_path, values__csv=rows) == [
        "values.csv:2: only a probability of 0 or 1 is true by definition; "
        "cite an id of sources.csv"
    ]


def test_what_is_required_of_provenance(tmp_path):
    rows = """node,given,state,p,low,high,source,rationale
cause,,low,0.6,0.5,0.7,book; survey,Both say so.
cause,,high,rest,,,,
sign,cause=low,red,0,,,definition,
sign,cause=low,green,1,,,definition,
sign,cause=high,red,1,1,1,book,Certain.
sign,cause=high,green,0,0,0,book,Certain.
"""
    files = {
        "model__toml": 'provenance = "required"\n' + MODEL,
        "probabilities__csv": rows,
        "values__csv": "node,given,value,low,high,source,rationale\ngain,,1,0,2,survey,Asked.\n",
        "sources__csv": "id,kind,citation,date,note\nbook,literature,A book,2017,\n"
        "survey,data,A survey,2017-03-01,\n",
    }
    model = read(tmp_path, **files)
    by_name = {i.name: i for i in model.inputs}
    assert by_name["P(cause=low)"].sources == ("book", "survey")
    certain = by_name["P(sign=red | cause=high)"]
    assert (certain.low, certain.high) == (None, None)  # [1, 1] is no range
    for cell, name in [
        (",0.5,", "low"),
        ("0.7,", "high"),
        ("book; survey", "source"),
        ("Both say so.", "rationale"),
    ]:
        broken = rows.replace(cell, {",0.5,": ",,", "0.7,": ","}.get(cell, ""), 1)
        assert messages(tmp_path, **{**files, "probabilities__csv": broken}) == [
            f"probabilities.csv:2: {name} is empty, but the model requires provenance; fill it"
        ]


def test_the_plain_reading_refuses_what_it_should(tmp_path):
    """The second reading is no rubber stamp."""
    for wrong in [
        PROBABILITIES + "sign,,red,0.5\n",
        PROBABILITIES.replace("green,0.9", "green,0.901"),
        PROBABILITIES.replace("sign,cause=low,red,0.1\n", ""),
    ]:
        with pytest.raises(AssertionError):
            read_plainly(folder(tmp_path, probabilities__csv=wrong))
