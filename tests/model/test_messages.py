"""Every message that the model room can give is given by some test, word by word elsewhere.

The places are found in the source: calls that make a problem, or an error that becomes one.
Reading all of data/broken and trying what is listed here must run each of them.
"""

import ast
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

import decision.model
from decision.model import Chance, Decision, InfluenceDiagram, ModelError, Value, read_model
from decision.model.changes import intervene
from decision.model.language import parse_question
from decision.model.records import ChangeRow, ClaimRow
from decision.model.shipped import model_folder
from decision.model.starter import write_starter
from decision.model.writing import write_model

ROOM = Path(decision.model.__file__).parent
BROKEN = Path(__file__).parents[2] / "data" / "broken"
SPEAKERS = {"Problem", "problem", "wrong", "MismatchError", "_NoCsvError", "_RefusedError"}


def places() -> dict[tuple[str, int], str]:
    """First line of each statement that makes a message, and its source."""
    found = {}
    for path in sorted(ROOM.glob("*.py")):
        if path.name == "problems.py":
            continue  # where they are made of what the others say
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in SPEAKERS and node.args:
                    found[path.name, node.lineno] = ast.get_source_segment(text, node) or ""
    return found


def lines_run(attempts: list[Callable[[], object]]) -> set[tuple[str, int]]:
    """The lines of the room that some attempts run; each must end in a ModelError."""
    run = set()
    room = str(ROOM)

    def trace(frame, event, argument):
        if not frame.f_code.co_filename.startswith(room):
            return None
        run.add((Path(frame.f_code.co_filename).name, frame.f_lineno))
        return trace

    before = sys.gettrace()
    for attempt in attempts:
        sys.settrace(trace)
        try:
            attempt()
        except ModelError:
            pass
        else:
            sys.settrace(before)
            raise AssertionError(f"{attempt} was accepted")
        finally:
            sys.settrace(before)
    return run


def built(**more) -> InfluenceDiagram:
    whole = {
        "decisions": [Decision("act", ["yes", "no"])],
        "chances": [Chance("sign", ["red", "green"], table=[0.5, 0.5])],
        "values": [Value("gain", ["sign"], [1, 2])],
    }
    return InfluenceDiagram(**(whole | more))


def tables() -> list[Callable[[], object]]:
    """Tables that do not fit, given to a node in Python."""
    many = [Decision(f"d{i}", [str(k) for k in range(10)]) for i in range(12)]
    single = [Decision(f"d{i}", ["o"]) for i in range(70)]

    class Named:
        dims, coords, values = ("sign",), {"sign": ["red"]}, [0.5, 0.5]

    class Misnamed:
        dims, coords, values = ("sgin",), {}, [0.5, 0.5]

    wrong = [
        None,
        [1, 2, 3],
        "text",
        ["0.5", object()],
        [[1], [1, 2]],
        {"red": [1, 2]},
        {"red": 1},
        {("red", "x"): 1},
        {"blue": 1},
        {"red": None, "green": 1},
        [float("nan"), 1],
        Named(),
        Misnamed(),
        pd.Series([1.0, 2.0], index=pd.Index(["red", "green"], name="x")),
        pd.Series([1.0, 1.0], index=["red", "red"]),
        [1e300, 2],
    ]
    return [
        *(lambda t=t: built(values=[Value("gain", ["sign"], t, weight=9)]) for t in wrong),
        lambda: built(decisions=many, values=[Value("gain", [d.name for d in many], 1)]),
        lambda: built(decisions=single, values=[Value("gain", [d.name for d in single], 1)]),
        lambda: built(chances=[Chance("sign", ["red", "green"], table=[0.5, 0.6])]),
        lambda: built(chances=[Chance("sign", ["red", "green"], table=[1.5, -0.5])]),
        lambda: built(values=[Value("gain", ["act", "sign"], {"yes": [1]})]),
        lambda: built().changed(table=pd.Series([1.0, 2.0])),
        lambda: built().changed(table={"gain": [1e300, 1e302]}),
    ]


def python() -> list[Callable[[], object]]:
    """What is wrong with models and questions in Python."""
    guard = {"yes": {"sign": "red"}, "no": {"sign": "red"}}
    closed = built(
        decisions=[Decision("act", ["yes", "no"], ["sign"], guard)],
        chances=[Chance("sign", ["red", "green"], table=[1.0, 0.0])],
    )
    return [
        lambda: built(decisions=[Value("x")]),
        lambda: built().node("sgin"),
        lambda: built().perspective("x"),
        lambda: built().changed(3),  # type: ignore[arg-type]
        lambda: built().changes_from(built(chances=[], values=[Value("gain", [], 1)])),
        lambda: closed.changed(table={"sign": [0.5, 0.5]}),
        lambda: intervene(closed, {"sign": "green"}),
        lambda: parse_question("P(a=x|b=y)", ("x", 1)),
        lambda: model_folder("no such model"),
    ]


def folders(tmp_path: Path) -> list[Callable[[], object]]:
    """What only a file system can hold, and what cannot be written."""

    def reading(name: str, put: Callable[[Path], object]) -> Callable[[], object]:
        place = tmp_path / name
        write_model(built(title=name), place)
        put(place)
        return lambda: read_model(place)

    def looped(path: Path) -> None:
        path.unlink(missing_ok=True)
        path.symlink_to(path)

    (tmp_path / "file").write_text("x")
    rows = "node,given,value\n"
    return [
        lambda: read_model(tmp_path / "absent"),
        reading("a dangling link", lambda p: (p / "sources.csv").symlink_to(p / "nowhere")),
        reading("a broken disk", lambda p: (p / "claims.csv").symlink_to("/proc/self/mem")),
        reading("a loop", lambda p: looped(p / "values.csv")),
        reading("a large file", lambda p: (p / "claims.csv").write_bytes(b"x" * 17 * 2**20)),
        reading("a long line", lambda p: (p / "values.csv").write_text(rows + "x" * 2**21)),
        reading(
            "many rows",
            lambda p: (p / "claims.csv").write_text(
                "id\n" + "".join(f"c{i}\n" for i in range(10_001))
            ),
        ),
        reading(
            "a set",
            lambda p: (
                (p / "scenarios").mkdir(),
                (p / "scenarios" / "a\tb.csv").write_text("change\n"),
            ),
        ),
        lambda: write_model(built(), tmp_path / "file"),
        lambda: write_model(built(), tmp_path / "file" / "x"),
        lambda: write_model(built(provenance="required"), tmp_path / "new"),
        lambda: write_model(built(claim_rows=[ClaimRow("c", claim="\0")]), tmp_path / "new"),
        lambda: write_model(
            built(perspectives={"../x": (ChangeRow("V(gain) = 1"),)}), tmp_path / "new"
        ),
        lambda: write_starter(tmp_path / "file"),
    ]


def test_every_message_is_spoken(tmp_path):
    broken = [folder for folder in sorted(BROKEN.iterdir()) if folder.is_dir()]
    attempts = [lambda folder=folder: read_model(folder) for folder in broken]
    run = lines_run([*attempts, *tables(), *python(), *folders(tmp_path)])
    silent = {place: text for place, text in places().items() if place not in run}
    # A recursion too deep ends the tracing too; test_tables speaks this one.
    silent = {place: text for place, text in silent.items() if "nested too deep" not in text}
    assert silent == {}
    assert len(places()) > 120
    assert os.path.exists(tmp_path / "file")
