"""What a process of the command line loads and sets: what its verb needs, and no more."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from decision.cli import VERBS, _options, _parser, main

UMBRELLA = "data/examples/umbrella"
"""A small model that has all kinds of file, see the last test."""

PACKAGES = {
    "IPython",
    "dask",
    "jinja2",
    "lark",
    "matplotlib",
    "nbclient",
    "nbconvert",
    "networkx",
    "numba",
    "pandas",
    "tomli_w",
}
STANDARD = {
    "asyncio",
    "concurrent",
    "csv",
    "difflib",
    "html",
    "importlib.metadata",
    "importlib.resources",
    "inspect",
    "json",
    "logging",
    "multiprocessing",
    "pathlib",
    "shutil",
    "subprocess",
    "tempfile",
    "unicodedata",
    "urllib",
}
ROOMS = {
    "decision.analysis",
    "decision.draw",
    "decision.model.frames",
    "decision.model.ledger",
    "decision.model.positions",
    "decision.model.replacement",
    "decision.model.starter",
    "decision.model.writing",
    "decision.report",
    "decision.solve.enumeration",
    "decision.solve.gradient",
    "decision.solve.interpreter",
    "decision.solve.limited",
    "decision.tree",
}
"""Of ours, what no solving of a small model with perfect memory comes to."""

CODE = """
import importlib, sys
[importlib.import_module(name) for name in sys.argv.pop(1).split()]
before = set(sys.modules)
from decision.cli import main
try:
    main()
except SystemExit:
    pass
print(*sorted(set(sys.modules) - before), file=sys.stderr)
"""


def process(
    code: str, *arguments: str, settings: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run code as a process of its own, in which warnings are errors."""
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env={**environment, **(settings or {})},
        capture_output=True,
        text=True,
        check=True,
    )


def loaded(*arguments: str, first: str = "") -> set[str]:
    """Return the modules that a command loads beyond those loaded first."""
    return set(process(CODE, first, *arguments).stderr.split())


@pytest.mark.parametrize("form", [[], ["--requisite"], ["--by", "umbrella"]])
def test_solving_loads_what_it_needs_and_no_more(form: list[str]) -> None:
    # Whatever numpy loads itself, and that differs from version to version, is its affair.
    found = loaded("solve", UMBRELLA, *form, first="numpy dataclasses")
    assert {"decision.solve.solution", "tomllib"} <= found
    assert found & (PACKAGES | STANDARD | ROOMS) == set()


def test_checking_loads_no_package_but_numpy() -> None:
    found = loaded("check", UMBRELLA)
    assert {"decision.tree", "numpy"} <= found
    assert found & {*PACKAGES, "html", "numpy.ma"} == set()


@pytest.mark.parametrize("asked", [["--version"], ["--help"], ["solve", "--help"], ["no such"]])
def test_what_the_line_itself_answers_opens_no_room(asked: list[str]) -> None:
    found = loaded(*asked)
    assert "numpy" not in found
    assert {name for name in found if name.startswith("decision.")} == {"decision.cli"}


LINES = {
    "check": "m --set P(a=b)=1 --perspective p --scenario s --format json",
    "ask": "m V(x) V(y) --scenario s --perspective p",
    "claims": "m --format csv",
    "solve": "m --requisite --by d",
    "outcomes": "m --by d",
    "tree": "m --depth 3 --strategy-only",
    "explain": "m --by d",
    "disagreement": "m --by d",
    "sensitivity": "--by d m --change a --change b --pair x y --steps 3",
    "voi": "m a b --before d --signal a --signal b --control",
    "ledger": "m --by d",
    "risk": "m --value v --by d",
    "uncertainty": "m --draws 3 --seed 0 --draw linked --by d --jobs 2",
    "robustness": "m --draws 9 --seed 0 --draw linked --by d",
    "report": "m --out x.html --set weight(v)=2 --set V(v)=1",
    "rerun": "a.ipynb b.ipynb --out x --model m --jobs 2",
    "convert": "m --out x --force",
    "new": "x",
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_alone_is_understood_as_among_all(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = [verb, *LINES[verb].split()]
    assert vars(_options(typed)) == vars(_parser().parse_args(typed))
    told = []
    for explain in (_options, _parser().parse_args):
        with pytest.raises(SystemExit) as end:
            explain([verb, "--help"])
        told.append((end.value.code, capsys.readouterr()))
    assert told[0] == told[1]
    assert told[0][1].out.startswith(f"usage: decision {verb} ")


def test_an_unknown_verb_is_told_all_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["slove", UMBRELLA])
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert [verb for verb in VERBS if repr(verb) not in told] == []


@pytest.mark.parametrize("width", [60, 200])
def test_help_is_as_wide_as_asked(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    with pytest.raises(SystemExit):
        main(["solve", "--help"])
    longest = max(map(len, capsys.readouterr().out.splitlines()))
    assert longest <= width - 2
    assert (longest > 80) == (width > 80)


@pytest.mark.parametrize("width", ["", "0", "wide", "-3", "²"])
def test_a_width_that_is_none_is_passed_over(
    width: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    with pytest.raises(SystemExit):
        main(["--help"])
    assert capsys.readouterr().out.startswith("usage: decision")


SETTLED = """
import gc, os, sys
from decision.cli import main
main()
print(os.environ.get("OPENBLAS_NUM_THREADS"), gc.isenabled(), file=sys.stderr)
"""


def test_a_process_starts_no_threads_for_matrices_unless_asked() -> None:
    def threads(**settings: str) -> str:
        return process(SETTLED, "solve", UMBRELLA, settings=settings).stderr.strip()

    assert threads() == "1 True"
    assert threads(OPENBLAS_NUM_THREADS="3") == "3 True"


def test_called_from_python_it_leaves_the_process_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    before = gc.get_threshold(), gc.get_freeze_count(), dict(os.environ)
    assert main(["solve", UMBRELLA, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["strategy"]
    assert (gc.get_threshold(), gc.get_freeze_count(), dict(os.environ)) == before


def test_the_small_model_has_what_can_be_read() -> None:
    names = {path.name for path in Path(UMBRELLA).iterdir()}
    assert {"model.toml", "probabilities.csv", "values.csv", "claims.csv"} <= names
    assert names & {"perspectives", "scenarios"}
