"""A model written and read again is equal; files are replaced whole or not at all."""

import datetime
import os
import pickle
import signal
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.model import Chance, Decision, InfluenceDiagram, ModelError, Value, read_model
from decision.model.records import ChangeRow, ClaimRow, Source
from decision.model.writing import write_model
from tests.model.plain import agree
from tests.model.strategies import changes, models, seeded

DATA = Path(__file__).parents[2] / "data"
SHIPPED = [DATA / "korea_2018", *sorted(p.parent for p in DATA.glob("examples/*/model.toml"))]
KOREA = read_model(DATA / "korea_2018")
SETTINGS = [("base", "")]
SETTINGS += [("perspective", name) for name in KOREA.perspectives]
SETTINGS += [("scenario", name) for name in KOREA.scenarios]


def again(model: InfluenceDiagram, folder: Path) -> InfluenceDiagram:
    """The model, written and read."""
    write_model(model, folder, force=True)
    return read_model(folder)


@pytest.fixture(scope="module", autouse=True)
def without_waiting_for_the_disk():
    """Hundreds of small models are written: what a power cut would leave is not looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("written") / "model"


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_a_shipped_model_is_equal_after_writing(folder, tmp_path):
    model = read_model(folder)
    written = again(model, tmp_path / "model")
    assert written == model
    assert written.rows.keys() == model.rows.keys()
    agree(tmp_path / "model", model)


@pytest.mark.parametrize(("kind", "name"), SETTINGS)
def test_korea_as_each_camp_sees_it_is_equal_after_writing(kind, name, tmp_path):
    model = getattr(KOREA, kind)(name) if name else KOREA
    written = again(model, tmp_path / "model")
    assert written == model
    assert written.table("escalation").equals(model.table("escalation"))
    agree(tmp_path / "model", model)


@seeded(120)
@given(models())
def test_a_model_built_in_python_is_equal_after_writing(place, model):
    assert again(model, place) == model


@seeded(120)
@given(st.data())
def test_a_changed_model_is_equal_after_writing(place, data):
    model = data.draw(models())
    read = again(model, place)
    for _ in range(data.draw(st.integers(1, 4))):
        try:
            read = read.changed(data.draw(changes(read)))
        except ModelError:
            continue
    written = again(read, place)
    assert written == read
    agree(place, written)


@seeded(30)
@given(st.data())
def test_korea_is_equal_after_random_changes_and_writing(place, data):
    model = KOREA
    for _ in range(data.draw(st.integers(1, 3))):
        try:
            model = model.changed(data.draw(changes(model)))
        except ModelError:
            continue
    model = model.rebuilt(perspectives={}, scenarios={})  # a change may make them illegal
    assert again(model, place) == model


@seeded(100)
@given(models())
def test_a_copy_and_an_unpickled_model_are_equal_and_read_only(model):
    for other in (deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other == model
        for node in (*other.chances, *other.values):
            assert not node.table.flags.writeable


def small(**more) -> InfluenceDiagram:
    return InfluenceDiagram(
        decisions=[Decision("act", ["yes", "no"])],
        chances=[Chance("cause", ["low", "high"], table=[0.25, 0.75])],
        values=[Value("gain", ["act", "cause"], [[1, 2], [3, 4]])],
        **more,
    )


def test_texts_with_commas_quotes_and_lines_come_back(tmp_path):
    nasty = 'He said "no", twice;\nthen\r\nleft,\t,"",'
    model = small(
        title=nasty + "\x00\u2028",
        question=nasty,
        information_date=datetime.date(2018, 1, 4),
        horizon=datetime.date(2018, 12, 31),
        sources={"a b": Source("a b", "data", nasty, "2017-03", nasty)},
        claim_rows=[ClaimRow("c1", "2", nasty, "fact", "", "every perspective")],
        scenarios={"été 2": (ChangeRow("P(cause=low) = 1/3", nasty),)},
    )
    assert again(model, tmp_path / "model") == model


def test_numbers_come_back_to_the_last_bit(tmp_path):
    numbers = [0.1 + 0.2, 5e-324, -1.7976931348623157e299, -0.0, 1e22, 123456789.123456789]
    model = InfluenceDiagram(
        decisions=[Decision("act", [f"o{i}" for i in range(6)])],
        values=[Value("gain", ["act"], numbers)],
    )
    assert again(model, tmp_path / "model").nodes["gain"].table.tolist() == numbers


def test_numpy_numbers_can_be_written(tmp_path):
    import numpy as np

    value = Value("gain", [], np.float32(2.5), worst=np.int64(0), best=np.float64(7.5), weight=3)
    model = InfluenceDiagram([Decision("act", ["yes"])], [], [value], risk=np.float64(2.0))
    assert again(model, tmp_path / "model") == model


def test_a_folder_that_exists_is_refused_without_force(tmp_path):
    with pytest.raises(ModelError) as error:
        write_model(small(), tmp_path)
    assert str(error.value) == f"{tmp_path}:1: it exists already; name a new folder, or use --force"
    assert list(tmp_path.iterdir()) == []


def test_with_force_the_model_is_replaced_and_other_files_are_left_alone(tmp_path):
    folder = tmp_path / "model"
    write_model(
        small(
            sources={"s": Source("s", "data", "A table")},
            claim_rows=[ClaimRow("c1")],
            perspectives={"old": (ChangeRow("P(cause=low) = 0.1"),)},
        ),
        folder,
    )
    (folder / "evidence").mkdir()
    (folder / "evidence" / "table.csv").write_text("x\n")
    (folder / "notes.md").write_text("mine")
    (folder / "perspectives" / "notes.txt").write_text("mine")
    model = small().rebuilt(chances=[], values=[Value("gain", ["act"], [1, 2])])
    write_model(model, folder, force=True)
    assert read_model(folder) == model.rebuilt(title="")
    assert sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()) == [
        "evidence/table.csv",
        "model.toml",
        "notes.md",
        "perspectives/notes.txt",
        "values.csv",
    ]


@pytest.mark.parametrize("kind", ["perspectives", "scenarios"])
@pytest.mark.parametrize("name", ["../../outside", "a/b", "a\\b", ".hidden", "", "a\nb", "\ud800"])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, kind, name):
    model = small(**{kind: {name: (ChangeRow("P(cause=low) = 0.1"),)}})
    with pytest.raises(ModelError) as error:
        write_model(model, tmp_path / "deep" / "model")
    assert f"is no name for one of {kind}; rename it" in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_change_that_makes_a_perspective_illegal_names_its_file_and_row(tmp_path):
    model = small(perspectives={"bold": (ChangeRow("P(cause=low) += 0.5", "", "x.csv", 7),)})
    write_model(model, tmp_path / "fine")
    changed = read_model(tmp_path / "fine").changed("P(cause=low) = 0.6")
    with pytest.raises(ModelError) as error:
        write_model(changed, tmp_path / "model")
    assert str(error.value).startswith(
        "perspectives/bold.csv:2: 'P(cause=low) += 0.5' makes P(cause=low) 1.1, outside [0, 1]; "
    )
    assert not (tmp_path / "model").exists()


def test_a_model_that_requires_provenance_needs_its_rows(tmp_path):
    with pytest.raises(ModelError) as error:
        write_model(small(provenance="required"), tmp_path / "model")
    assert str(error.value).splitlines()[0] == (
        "python:1: the numbers of cause have no source, which the model requires; "
        'leave provenance "optional", or give their rows'
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("file/model", "Not a directory"),
        ("absent/model", "No such file or directory"),
        ("n" * 300, "File name too long"),
        ("a\0b", "null"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused(tmp_path, name, reason):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ModelError) as error:
        write_model(small(), tmp_path / name, force=True)
    assert "it cannot be written (" in str(error.value)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path):
    (tmp_path / "model").write_text("mine")
    with pytest.raises(ModelError, match="cannot be written"):
        write_model(small(), tmp_path / "model", force=True)
    assert (tmp_path / "model").read_text() == "mine"


def test_half_a_character_cannot_be_written(tmp_path):
    with pytest.raises(ModelError, match="a text holds half a character"):
        write_model(small(title="\ud83c"), tmp_path / "model")
    with pytest.raises(ModelError, match="a text holds a NUL character"):
        write_model(small(claim_rows=[ClaimRow("c1", claim="a\0b")]), tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fails_at", range(1, 5))
@pytest.mark.parametrize("exists", [False, True])
def test_a_full_disk_leaves_everything_as_it_was(tmp_path, monkeypatch, fails_at, exists):
    folder = tmp_path / "model"
    before = small(claim_rows=[ClaimRow("c1")], title="before")
    if exists:
        write_model(before, folder)
    calls = 0

    def full(handle):
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelError, match=r"it cannot be written \(No space left on device\)"):
        write_model(small(claim_rows=[ClaimRow("c2")], title="after"), folder, force=True)
    if exists:
        assert read_model(folder) == before
        assert not list(folder.rglob("*.part"))
    assert [p.name for p in tmp_path.iterdir()] == (["model"] if exists else [])


KILLED = """
import os, signal, sys
from decision.model.folder import read_model
from decision.model.writing import write_model
folder, new, call, count = sys.argv[1:5]
model = read_model(folder)
left = int(count)
real = getattr(os, call)
def killing(*arguments):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)
setattr(os, call, killing)
write_model(model.changed("P(cause=low) = 0.5"), new, force=True)
"""


@pytest.mark.parametrize("call", ["fsync", "replace", "rename"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("over", [False, True])
def test_killed_half_way_every_file_is_whole(tmp_path, call, count, over):
    source, target = tmp_path / "source", tmp_path / ("source" if over else "target")
    write_model(small(title="T"), source)
    before, changed = read_model(source), read_model(source).changed("P(cause=low) = 0.5")
    command = [sys.executable, "-c", KILLED, str(source), str(target), call, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    if not over:
        assert not target.exists() or read_model(target) == changed
    else:
        assert read_model(target) in (before, changed)


def test_as_many_rows_as_it_takes_and_no_more(tmp_path):
    """A row that covers four combinations becomes two where a change moves one."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.toml").write_text(
        '[decision.act]\noptions = ["a", "b", "c", "d"]\n'
        '[chance.sign]\nstates = ["red", "green"]\ngiven = ["act"]\n'
        '[value.gain]\ngiven = ["sign"]\n'
    )
    (folder / "probabilities.csv").write_text(
        "node,given,state,p,low,high,source,rationale\n"
        "sign,,red,0.2,0.1,0.3,,A guess.\nsign,,green,rest,,,,\n"
    )
    (folder / "values.csv").write_text("node,given,value\ngain,,1\n")
    model = read_model(folder).changed("P(sign=red | act=b) = 0.5")
    write_model(model, folder, force=True)
    lines = (folder / "probabilities.csv").read_text().splitlines()[1:]
    low, high = model.inputs[1].low, model.inputs[1].high
    assert lines == [
        "sign,act=a|c|d,red,0.2,0.1,0.3,,A guess.",
        f"sign,act=b,red,0.5,{low},{high},,A guess.",
        "sign,act=a|c|d,green,rest,,,,",
        "sign,act=b,green,0.5,,,,",
    ]
