"""Notebooks rerun: side by side, with other inputs, all pages or none."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import nbformat.v4 as new
import pytest

from decision.model.problems import ModelError
from decision.report.notebooks import NotebookError, rerun

OIL = Path(__file__).parents[2] / "data" / "examples" / "oil_wildcatter"
FOUR = f'model = "{OIL}"\nchanges = []\nperspective = None\nscenario = None'


def write(folder: Path, name: str, *sources: str, parameters: str = "changes = []") -> Path:
    cells = [
        new.new_markdown_cell(f"# The {name}\n\nIts *first* words."),
        new.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *(new.new_code_cell(source) for source in sources),
    ]
    file = folder / f"{name}.ipynb"
    nbformat.write(new.new_notebook(cells=cells), file)
    return file


def quiet(_: str) -> None:
    """Take no notice."""


def shown(page: Path) -> str:
    """The page's text, tags off."""
    text = page.read_text(encoding="utf-8")
    return re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", text, flags=re.DOTALL)


def message(*notebooks: Path, out: Path, **options: object) -> list[str]:
    with pytest.raises(ModelError) as caught:
        rerun(notebooks, out, progress=quiet, **options)  # type: ignore[arg-type]
    return str(caught.value).splitlines()


def test_pages_and_index_show_the_run_with_its_changes(tmp_path: Path) -> None:
    first = write(tmp_path, "first", "print('seen', changes)")
    second = write(tmp_path, "second", "6 * 7")
    said: list[str] = []
    index = rerun(
        [first, second], tmp_path / "deep" / "out", changes=["P(a=b) = 1"], progress=said.append
    )
    assert index == tmp_path / "deep" / "out" / "index.html"
    assert sorted(os.listdir(index.parent)) == ["first.html", "index.html", "second.html"]
    assert "seen ['P(a=b) = 1']" in shown(index.parent / "first.html").replace("&#39;", "'")
    assert "42" in shown(index.parent / "second.html")
    listed = shown(index)
    assert listed.index("The first") < listed.index("The second")
    assert "Its first words." in listed
    assert "P(a=b) = 1" in listed
    assert sorted(line.split(" (")[0][:6] for line in said[:2]) == ["1 of 2", "2 of 2"]
    assert said[2] == f"wrote {index}"
    # The notebooks themselves are left as they were.
    assert nbformat.read(second, 4).cells[2].outputs == []


def test_the_index_says_how_long_a_page_takes_to_read(tmp_path: Path) -> None:
    long = write(tmp_path, "long", "print('word ' * 238 * 3)")
    index = rerun([long, write(tmp_path, "short", "1")], tmp_path / "out", progress=quiet)
    assert re.findall(r"(\d+) min", shown(index)) == []  # what is printed is no text to read
    long = write(tmp_path, "long", "'word ' * 238 * 3")
    index = rerun([long, write(tmp_path, "short", "1")], tmp_path / "out", progress=quiet)
    assert re.findall(r"The (\w+)\s+(\d+) min", shown(index)) == [("long", "3")]


def test_two_notebooks_run_at_the_same_time(tmp_path: Path) -> None:
    """Each waits for a file that the other writes; one after the other would not end."""
    wait = (
        "import pathlib, time\n"
        "pathlib.Path({mine!r}).touch()\n"
        "until = time.monotonic() + 60\n"
        "while not pathlib.Path({other!r}).exists():\n"
        "    assert time.monotonic() < until\n"
        "    time.sleep(0.02)"
    )
    first = write(tmp_path, "first", wait.format(mine="a", other="b"))
    second = write(tmp_path, "second", wait.format(mine="b", other="a"))
    rerun([first, second], tmp_path / "out", jobs=2, progress=quiet)
    # Kernels start in the notebook's folder: that is where the files are.
    assert (tmp_path / "a").exists()


def test_a_failing_cell_is_named_and_old_pages_stay(tmp_path: Path) -> None:
    out = tmp_path / "out"
    good = write(tmp_path, "good", "'old'")
    rerun([good], out, progress=quiet)
    before = {page.name: page.read_bytes() for page in out.iterdir()}
    good = write(tmp_path, "good", "'new'")
    bad = write(tmp_path, "bad", "x = 1", "\nx / 0  # oh", "'never'")
    with pytest.raises(NotebookError) as caught:
        rerun([good, bad], out, progress=quiet)
    assert str(caught.value) == (
        f"{bad}:4: cell 4 (x / 0  # oh) stopped: ZeroDivisionError: division by zero; "
        "run it in JupyterLab to see where"
    )
    assert {page.name: page.read_bytes() for page in out.iterdir()} == before


def test_a_dead_kernel_is_told(tmp_path: Path) -> None:
    bad = write(tmp_path, "bad", "import os; os._exit(1)")
    with pytest.raises(NotebookError, match=r"bad\.ipynb:\d+: cell .* the kernel died"):
        rerun([bad], tmp_path / "out", progress=quiet)
    assert not (tmp_path / "out").exists()


def test_an_interruption_leaves_old_pages_and_no_kernel(tmp_path: Path) -> None:
    out = tmp_path / "out"
    rerun([write(tmp_path, "slow", "'old'")], out, progress=quiet)
    before = {page.name: page.read_bytes() for page in out.iterdir()}
    tell = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))"
    slow = write(tmp_path, "slow", tell, "time.sleep(600)")
    code = f"from decision.report.notebooks import rerun; rerun([{str(slow)!r}], {str(out)!r})"
    # Jobs in a shell's background ignore Ctrl-C, and hand that down: ask for it again.
    code = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {code}"
    running = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert said.strip().endswith("KeyboardInterrupt")
    assert "Task was destroyed" not in said
    assert {page.name: page.read_bytes() for page in out.iterdir()} == before
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_only_pages_of_an_earlier_run_are_dropped(tmp_path: Path) -> None:
    out = tmp_path / "out"
    first, second = write(tmp_path, "first", "1"), write(tmp_path, "second", "2")
    rerun([first, second], out, progress=quiet)
    (out / "mine.html").write_text("mine")
    (out / "notes.txt").write_text("mine")
    rerun([second], out, progress=quiet)
    assert sorted(os.listdir(out)) == ["index.html", "mine.html", "notes.txt", "second.html"]


def test_every_wrong_notebook_is_named_before_any_runs(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    fine = write(tmp_path, "fine", f"open({str(touched)!r}, 'w').close()")
    other = tmp_path / "other"
    other.mkdir()
    same = write(other, "fine")
    text = tmp_path / "text.ipynb"
    text.write_text("no notebook")
    said = message(fine, same, text, tmp_path / "none.ipynb", out=tmp_path / "out", scenario="x")
    sets = "its parameters cell sets changes"
    assert said == [
        f"command line:1: fine.ipynb has no parameter 'scenario' ({sets}); use one of changes",
        f"command line:1: fine.ipynb has no parameter 'scenario' ({sets}); use one of changes",
        f"command line:1: {text} is no notebook: Notebook does not appear to be JSON: "
        "'no notebook'; name an .ipynb file",
        f"command line:1: cannot read the notebook {tmp_path / 'none.ipynb'}: "
        "No such file or directory; name an .ipynb file",
    ]
    assert message(fine, same, out=tmp_path / "out") == [
        f"command line:1: {fine} and {same} would both be written to fine.html; "
        "rename one, or run them apart"
    ]
    assert message(out=tmp_path / "out") == [
        "command line:1: no notebook is named; name one or more"
    ]
    assert not touched.exists()
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = message(write(tmp_path, "a"), out=tmp_path / "file" / "out")
    assert said == [
        f"command line:1: cannot write to {tmp_path / 'file' / 'out'}: Not a directory; "
        "name a folder that can be written"
    ]


@pytest.mark.parametrize(
    ("options", "nearest"),
    [
        ({"changes": ["P(oil=dri) = 0.4"]}, "dry"),
        ({"changes": ["P(oill=dry) = 0.4"]}, "oil"),
        ({"perspective": "nobody"}, "nobody"),
        ({"scenario": "nothing"}, "nothing"),
    ],
)
def test_the_model_has_its_say_before_anything_runs(
    tmp_path: Path, options: dict[str, object], nearest: str
) -> None:
    touched = tmp_path / "touched"
    touch = f"open({str(touched)!r}, 'w').close()"
    both = [write(tmp_path, name, touch, parameters=FOUR) for name in ("a", "b")]
    said = message(*both, out=tmp_path / "out", **options)
    assert len(said) == 1  # one model, one problem, however many notebooks
    assert said[0].startswith("command line:1: ")
    assert nearest in said[0]
    assert not touched.exists()


def test_the_model_has_a_page_of_its_own_with_the_changes(tmp_path: Path) -> None:
    file = write(tmp_path, "a", "model", parameters=FOUR)
    index = rerun([file], tmp_path / "out", changes=["V(payoff) = 0"], progress=quiet)
    assert sorted(os.listdir(index.parent)) == ["a.html", "index.html", "model.html"]
    assert "Oil wildcatter" in shown(index)
    assert "Oil wildcatter" in shown(index.parent / "model.html")


def test_a_model_named_by_a_relative_path_is_found_from_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(OIL.parent)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    check = "import pathlib; pathlib.Path(model, 'model.toml').is_file()"
    file = write(folder, "a", check, parameters=FOUR)
    index = rerun([file], tmp_path / "out", model="oil_wildcatter", progress=quiet)
    assert "True" in shown(index.parent / "a.html")
