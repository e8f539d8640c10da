"""A stranger's folder: whatever is in it, a message in seconds and little memory."""

import builtins
import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from decision.model import ModelError, read_model

MODEL = """[decision.d]
options = ["a", "b"]

[chance.c]
states = ["x", "y"]
given = ["d"]

[value.v]
given = ["d"]
"""
PROBABILITIES = "node,given,state,p\nc,,x,1\nc,,y,0\n"
VALUES = "node,given,value\nv,,1\n"
MEGABYTE = 2**20
HEAD = "node,given,state,p\n"


def folder(tmp_path: Path, **files: str | bytes) -> Path:
    whole = {"model.toml": MODEL, "probabilities.csv": PROBABILITIES, "values.csv": VALUES}
    for name, content in (whole | files).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path


def messages(place: Path | str) -> list[str]:
    with pytest.raises(ModelError) as error:
        read_model(place)
    found = [str(problem) for problem in error.value.problems]
    assert all(text.isprintable() for text in found)
    return found


# -- what is no file ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent", "there is no such folder"),
        ("file", "it is no folder"),
        ("loop", "it is no folder"),
        ("file/inside", "there is no such folder"),
        ("a\0b", "there is no such folder"),
        ("n" * 5000, "there is no such folder"),
        ("new\nline\u202e", "there is no such folder"),
        ("\udcff", "there is no such folder"),
    ],
)
def test_a_folder_that_is_none(tmp_path, name, message):
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    found = messages(tmp_path / name)
    assert len(found) == 1
    assert found[0].endswith(f":1: {message}; name the folder that holds model.toml")
    assert len(found[0]) < 400


def put(path: Path, kind: str) -> None:
    """Put something in a file's place that is no file."""
    path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "dangling link":
        path.symlink_to(path.with_name("nowhere"))
    elif kind == "endless device":
        path.symlink_to("/dev/zero")
    elif kind == "socket":
        here = os.getcwd()
        os.chdir(path.parent)  # the path of a socket is short
        try:
            with socket.socket(socket.AF_UNIX) as plug:
                plug.bind(path.name)
        finally:
            os.chdir(here)


KINDS = {
    "folder": "it is a folder, not a file; put a file in its place",
    "pipe": "it is a pipe or a device, not a file; put a file in its place",
    "socket": "it is a pipe or a device, not a file; put a file in its place",
    "endless device": "it is a pipe or a device, not a file; put a file in its place",
    "loop": "it cannot be read (Too many levels of symbolic links); check the path and who may "
    "read it",
    "dangling link": "it is a link to a file that is not there; mend the link",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name",
    [
        "model.toml",
        "probabilities.csv",
        "values.csv",
        "sources.csv",
        "claims.csv",
        "perspectives/x.csv",
        "scenarios/x.csv",
    ],
)
def test_what_stands_in_a_files_place(tmp_path, kind, name):
    place = folder(tmp_path)
    (place / name).parent.mkdir(exist_ok=True)
    put(place / name, kind)
    assert messages(place) == [f"{name}:1: {KINDS[kind]}"]


def test_a_folder_of_perspectives_that_cannot_be_listed(tmp_path):
    place = folder(tmp_path)
    (place / "perspectives").symlink_to(place / "perspectives")
    assert messages(place) == [
        "perspectives:1: it cannot be read (Too many levels of symbolic links); "
        "check the path and who may read it"
    ]


@pytest.mark.parametrize("name", ["model.toml", "values.csv", "sources.csv"])
@pytest.mark.parametrize(("module", "call"), [(os, "stat"), (builtins, "open")])
def test_what_may_not_be_read(tmp_path, monkeypatch, name, module, call):
    """As the system refuses it (whoever runs the tests may read everything)."""
    place = folder(tmp_path, **{"sources.csv": "id,kind,citation\n"})
    real = getattr(module, call)

    def refusing(path, *arguments, **more):
        if isinstance(path, str) and os.path.basename(path) == name:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real(path, *arguments, **more)

    monkeypatch.setattr(module, call, refusing)
    assert messages(place) == [
        f"{name}:1: it cannot be read (Permission denied); check the path and who may read it"
    ]


@pytest.mark.parametrize("name", ["a\nb", "\u202egnp", "a\\b", "\udcff"])
def test_a_perspective_whose_name_cannot_be_typed(tmp_path, name):
    place = folder(tmp_path, **{"perspectives/fine.csv": "change\nV(v) = 2\n"})
    (place / "perspectives" / f"{name}.csv").write_text("change\nV(v) = 2\n")
    found = messages(place)
    assert len(found) == 1
    assert "is no name for one of perspectives; rename the file, with letters" in found[0]


def test_a_perspective_is_looked_up_and_never_opened_by_its_name(tmp_path):
    model = read_model(folder(tmp_path, **{"perspectives/fine.csv": "change\nV(v) = 2\n"}))
    (tmp_path / "x.csv").write_text("change\nV(v) = 3\n")
    for name in ["../x", "../../x", "/etc/passwd", "fine.csv", ""]:
        with pytest.raises(ModelError, match="there is no perspective '"):
            model.perspective(name)


# -- texts that mean to mislead -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["\\u202Egain", "gain\\n", "\\u0007", "é", "$x$", "<b>", "gain "])
def test_control_characters_in_names_are_shown(tmp_path, name):
    content = MODEL.replace("[value.v]", f'[value."{name}"]').replace('"x"', f'"{name}"')
    found = messages(folder(tmp_path, **{"model.toml": content}))
    assert len(found) == 2
    assert all(text.startswith("model.toml:") for text in found)


def test_labels_may_hold_anything(tmp_path):
    label = "<script>alert(1)</script> $\\\\frac$ \\u202E \\u0000 مرحبا 🎲 \\\" ' & =1+1"
    model = read_model(
        folder(tmp_path, **{"model.toml": MODEL + f'label = "{label}"\ndefinition = "{label}"\n'})
    )
    card = model._repr_html_()
    assert "<script>" not in card
    assert "&lt;script&gt;" in card


# -- sizes ----------------------------------------------------------------------------------------

MEASURE = """
import sys
from decision.model.folder import read_model
from decision.model.problems import ModelError
try:
    read_model(sys.argv[1])
    print("accepted")
except ModelError as error:
    text = str(error)
    assert all(line.isprintable() for line in text.split("\\n")), ascii(text[:2000])
    print(text.split("\\n")[0])
try:
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    print(peak // 1024)
except FileNotFoundError:
    print(0)
"""


def refused(place: Path) -> str:
    """The first message, told within a minute and 200 MB by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", MEASURE, str(place)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    message, peak = done.stdout.splitlines()
    assert int(peak) <= 200
    return message


def wide(parents: int, options: int = 2) -> str:
    """Decisions e0, e1, … and the list of their names, for a table as large as one likes."""
    states = ", ".join(f'"o{i}"' for i in range(options))
    return "".join(f"[decision.e{i}]\noptions = [{states}]\n" for i in range(parents))


def listed(parents: int) -> str:
    return "given = [" + ", ".join(f'"e{i}"' for i in range(parents)) + "]\n"


VAST = MODEL + wide(22) + "[value.w]\n" + listed(22)  # four million cells: the most there may be
VAST_CHANCE = MODEL + wide(21) + '[chance.w]\nstates = ["s", "t"]\n' + listed(21)

LARGE = {
    "200 MB": (
        {"values.csv": b"x" * (200 * MEGABYTE)},
        "values.csv:1: the file has 200 MB, above 16 MB; ",
    ),
    "200 MB of model": (
        {"model.toml": b"#" * (200 * MEGABYTE)},
        "model.toml:1: the file has 200 MB, above 1 MB; ",
    ),
    "blank lines": (
        {"probabilities.csv": b"\n" * (15 * MEGABYTE)},
        "probabilities.csv:1: the file is empty; ",
    ),
    "one long line": (
        {"probabilities.csv": (HEAD + "c," * (7 * MEGABYTE)).encode()},
        "probabilities.csv:2: the line has 14680064 characters, above 1048576; cut it",
    ),
    "one long cell": (
        {"probabilities.csv": (HEAD + 'c,"' + "d=a;\n" * (3 * MEGABYTE)).encode()},
        "probabilities.csv:2: the quote before 'd=a;\\nd=a;\\nd=a;\\nd=a;…' is not closed; ",
    ),
    "a thousand conditions": (
        {"probabilities.csv": HEAD + 'c,"' + "d=a;" * 200_000 + '",x,1\n'},
        "probabilities.csv:2: given names 'd' twice; ",
    ),
    "a million alternatives": (
        {"probabilities.csv": HEAD + "c,d=" + "a|" * 500_000 + "a,x,1\n"},
        "probabilities.csv:2: given names a state of d twice; remove one",
    ),
    "a million digits": (
        {"probabilities.csv": HEAD + "c,,x,0." + "1" * 1_000_000 + "\n"},
        "probabilities.csv:2: there is no row for c=y given d=a; add it",
    ),
    "a digit too many": (
        {"values.csv": "node,given,value\nv,," + "1" * 1_000_000 + "\n"},
        "values.csv:2: value is '" + "1" * 59 + "…', which is no finite number; ",
    ),
    "the same row for ever": (
        {"probabilities.csv": (HEAD + "c,,x,1\n" * (2 * MEGABYTE)).encode()},
        "probabilities.csv:200002: there are more than 200000 rows; cut the file",
    ),
    "wrong rows for ever": (
        {"probabilities.csv": (HEAD + "q,,x,1\n" * (2 * MEGABYTE)).encode()},
        "probabilities.csv:2: there is no node 'q'; use one of c",
    ),
    "many sound rows, then a wrong one": (
        {
            "model.toml": '[decision.d]\noptions = ["o"]\n[value.v]\ngiven = ["e0", "e1"]\n'
            + wide(2, 400),
            "probabilities.csv": HEAD,
            "values.csv": "node,given,value\n"
            + "".join(f"v,e0=o{i}; e1=o{j},1\n" for i in range(400) for j in range(400))
            + "v,,two\n",
        },
        "values.csv:160002: value is 'two', which is no finite number; ",
    ),
    "ten thousand wrong claims": (
        {"claims.csv": "id,test\n" + "".join(f"c{i},E(q) > {i}\n" for i in range(10_000))},
        "claims.csv:2: there is no value node 'q'; use one of v, total",
    ),
    "five hundred wrong perspectives": (
        {f"perspectives/p{i}.csv": "change\nP(c=z) = 1\n" for i in range(500)},
        "perspectives/p0.csv:2: c has no state 'z'; use one of x, y",
    ),
    "forty thousand nodes": (
        {"model.toml": MODEL + "".join(f"[decision.k{i}]\n" for i in range(40_000))},
        "model.toml:10: k0 has no options; list at least one option",
    ),
    "fifteen thousand decisions": (
        {
            "model.toml": MODEL
            + "".join(f'[decision.k{i}]\noptions = ["a"]\n' for i in range(15_000))
            + '[decision.last]\noptions = ["a"]\nobserves = ["vv"]\n'
        },
        "model.toml:30012: last has the unknown node 'vv' in observes; ",
    ),
    "a hundred thousand states": (
        {"model.toml": MODEL + '[chance.k]\nstates = ["a", "a"' + ', "b"' * 150_000 + "]\n"},
        "model.toml:11: k names the state 'a' twice; remove one",
    ),
    "unknown parents": (
        {
            "model.toml": MODEL
            + '[chance.k]\nstates = ["a"]\ngiven = ["'
            + '", "'.join(f"s{i}" for i in range(90_000))
            + '"]\n'
        },
        "model.toml:12: k has the unknown node 's0' in given; use one of d, c",
    ),
    "a chain": (
        {
            "model.toml": MODEL
            + '[chance.k0]\nstates = ["a"]\ngiven = ["k14999"]\n'
            + "".join(
                f'[chance.k{i}]\nstates = ["a"]\ngiven = ["k{i - 1}"]\n' for i in range(1, 15_000)
            )
        },
        "model.toml:15: the arcs form a cycle: k0 → k1 → k2 → ",
    ),
    "more parents than axes": (
        {
            "model.toml": '[decision.d]\noptions = ["a"]\n'
            + wide(70, 1)
            + "[value.v]\n"
            + listed(70),
            "probabilities.csv": HEAD,
        },
        "model.toml:144: the table of v would have 70 axes; cut some of its parents e0, e1, ",
    ),
    "10¹² cells": (
        {"model.toml": MODEL + wide(12, 10) + "[value.w]\n" + listed(12)},
        "model.toml:35: the table of w would have 1e+12 cells; cut some of its parents e0, e1, ",
    ),
    "10¹² cells in many tables": (
        {
            "model.toml": MODEL
            + wide(6, 10)
            + "".join(f"[value.w{i}]\n" + listed(6) for i in range(9))
        },
        "model.toml:1: the tables would have 9e+06 cells together; cut some parents of the largest",
    ),
    "as many cells as may be, none of them set": (
        {"model.toml": VAST},
        "values.csv:1: there is no row for w given e0=o0; e1=o0; e2=o0; ",
    ),
    "as many cells as may be, set again and again": (
        {"model.toml": VAST, "values.csv": VALUES + "w,,1\n" * 3000},
        "values.csv:4: w given e0=o0; e1=o0; ",
    ),
    "as many rows as may be, each of a wrong sum": (
        {"model.toml": VAST_CHANCE, "probabilities.csv": PROBABILITIES + "w,,s,0.5\nw,,t,0.6\n"},
        "probabilities.csv:5: w given e0=o0; e1=o0; ",
    ),
    "as many rows as may be, with rest twice": (
        {"model.toml": VAST_CHANCE, "probabilities.csv": PROBABILITIES + "w,,s,rest\nw,,t,rest\n"},
        "probabilities.csv:5: w given e0=o0; e1=o0; ",
    ),
    "nesting": (
        {"model.toml": MODEL + "unit = " + "[" * 900_000},
        "model.toml:1: this is no TOML: it is nested too deep; ",
    ),
    "nested tables": (
        {"model.toml": MODEL + "unit = " + "{a=" * 300_000},
        "model.toml:1: this is no TOML: it is nested too deep; ",
    ),
    "dots": (
        {"model.toml": MODEL + "a." * 400_000 + "b = 1\n"},
        "model.toml:10: a key has 50 parts or more; write [kind.name] and plain keys",
    ),
    "quoted dots": (
        {"model.toml": MODEL + "[" + "'a' . " * 100_000 + "b]\n"},
        "model.toml:10: a key has 50 parts or more; ",
    ),
    "a word": (
        {"model.toml": MODEL + "a" * 1_000_000 + " = 1\n"},
        "model.toml:10: value.v has the unknown key '" + "a" * 59 + "…'; ",
    ),
    "a number of a million digits": (
        {"model.toml": MODEL + "weight = " + "9" * 1_000_000 + "\n"},
        "model.toml:10: this is no TOML: a number has thousands of digits; ",
    ),
    "a hexadecimal number of a million digits": (
        {"model.toml": MODEL + "weight = 0x" + "f" * 1_000_000 + "\n"},
        "model.toml:10: weight of value.v is a number too large; write a number",
    ),
}


@pytest.mark.parametrize("case", LARGE)
def test_what_is_large_is_refused_in_seconds_and_little_memory(tmp_path, case):
    files, message = LARGE[case]
    assert refused(folder(tmp_path, **files)).startswith(message)


def test_reading_a_model_needs_neither_pandas_nor_networkx(tmp_path):
    code = (
        "import sys; from decision.model.folder import read_model; read_model(sys.argv[1]); "
        "print(*{'pandas', 'matplotlib', 'networkx', 'tomli_w'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", code, str(folder(tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
