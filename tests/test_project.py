"""The promises of the project as a whole: arrows, set-up, quick imports, notebooks."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import decision

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MODULES = sorted((ROOT / "decision").rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# Each room imports only from rooms above it (docs/decisions/0001).
ROOMS = ("model", "interchange", "solve", "tree", "analysis", "draw", "report", "cli")


def room_of(module: str) -> str | None:
    """The room of a dotted module name; None for the package's own front door."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(file: Path, types: bool = True) -> Iterator[tuple[int, str]]:
    """Line and absolute name of everything a module imports, wherever it stands in it.

    With `types` also what only the type checker imports.
    """
    package = name_of(file).split(".")
    if file.name != "__init__.py":
        package = package[:-1]
    whole = ast.parse(file.read_text(encoding="utf-8"))
    unseen = {
        part
        for node in ast.walk(whole)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for part in ast.walk(node)
    }
    for node in ast.walk(whole):
        if node in unseen and not types:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            if module == "decision":
                yield from ((node.lineno, f"decision.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_a_room_imports_only_from_rooms_above_it(file: Path) -> None:
    room = room_of(name_of(file))
    if room in (None, "__main__"):  # the front door and `python -m decision` know all rooms
        return
    assert room in ROOMS, f"{room} is no room of the house; give it its place in ROOMS"
    below = ROOMS[ROOMS.index(room) + 1 :]
    wrong = [
        f"{file.relative_to(ROOT)}:{line}: {room} imports {module}"
        for line, module in imports_of(file)
        if module == "decision" or (module.startswith("decision.") and room_of(module) in below)
    ]
    assert wrong == []


def test_the_design_says_what_each_file_of_the_analyses_is_for() -> None:
    told = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "design.md").read_text(encoding="utf-8")))
    files = {file.stem for file in (ROOT / "decision" / "analysis").glob("*.py")} - {"__init__"}
    assert files - told == set()
    asked = {name for name, home in decision._HOME.items() if home.startswith("decision.analysis")}
    assert asked - told == set()


def test_only_draw_knows_matplotlib() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in MODULES
        if room_of(name_of(file)) != "draw"
        for line, module in imports_of(file, types=False)
        if module.split(".")[0] == "matplotlib"
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "module", ["decision", "decision.cli", "decision.model", "decision.solve", "decision.tree"]
)
def test_an_import_stays_light(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    heavy = {"pandas", "matplotlib", "jupyterlab", "nbconvert", "nbclient", "IPython"}
    assert loaded & heavy == set()


# Set-up


def bounds(lines: list[str]) -> dict[str, str]:
    """Name of each requirement and what its version must be."""
    return {
        found[1].lower(): found[2].replace(" ", "")
        for line in lines
        if (found := re.match(r"([\w.-]+)\s*(.*)", line))
    }


def test_conda_users_get_the_same_bounds() -> None:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    listed = bounds(re.findall(r"^  - ([^:\n]+)$", text, re.MULTILINE))
    assert listed.pop("python") == PROJECT["project"]["requires-python"]
    assert listed.pop("pip") == ""
    assert listed.pop("conda-forge") == ""
    assert listed == bounds(PROJECT["project"]["dependencies"])


def locked() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return bounds([line.split(";")[0] for line in lines])


def test_the_lock_pins_every_requirement_and_holds_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.findall(r"://|@|^-.*", text, re.MULTILINE) == []
    groups = PROJECT["dependency-groups"]
    wanted = bounds(
        PROJECT["project"]["dependencies"]
        + [need for group in groups.values() for need in group if isinstance(need, str)]
    )
    pinned = locked()
    assert set(wanted) <= set(pinned)
    assert all(re.fullmatch(r"==[\w.!+]+", version) for version in pinned.values())


def test_no_tracked_file_names_a_package_registry() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted", "registry." + "npmjs", "deb." + "debian"]
    expressions = [part for host in hosts for part in ("-e", host)]
    done = subprocess.run(
        ["git", "grep", "-I", "-n", "-F", *expressions],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_what_make_can_do_is_said_by_help() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    targets = [line.split()[1] for line in done.stdout.splitlines()]
    wanted = {"report", "test", "check", "lab", "notebooks", "lock", "clean", "help"}
    assert wanted <= set(targets)


# What is written for people is run


def test_the_worked_example_of_contributing_works(tmp_path: Path) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    analysis, test = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "choices.py").write_text(analysis, encoding="utf-8")
    (tmp_path / "test_choices.py").write_text(
        f"from choices import choices\n\n{test}", encoding="utf-8"
    )
    (tmp_path / "data").symlink_to(ROOT / "data")
    command = [sys.executable, "-m", "pytest", "-q", "--doctest-modules", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "2 passed" in done.stdout, done.stdout


def commands_of_readme() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"^decision .*$", "".join(blocks), re.MULTILINE)


@pytest.mark.parametrize("command", commands_of_readme())
def test_the_commands_of_the_readme_work(command: str, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")
    words = [sys.executable, "-W", "error", "-m", *shlex.split(command)]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


# Notebooks


def cells_of(notebook: Path) -> list[dict[str, Any]]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in cells]


def code_cells(notebook: Path) -> list[dict[str, Any]]:
    cells = cells_of(notebook)
    return [cell for cell in cells if cell["cell_type"] == "code" and cell["source"].strip()]


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
class TestNotebook:
    def test_opens_with_its_question(self, notebook: Path) -> None:
        first = cells_of(notebook)[0]
        assert first["cell_type"] == "markdown"
        assert first["source"].startswith("# ")

    def test_has_one_parameters_cell_with_the_four_names(self, notebook: Path) -> None:
        import nbformat

        from decision.report.parameters import read_parameters

        parameters = read_parameters(nbformat.read(notebook, 4), notebook.name)
        assert list(parameters) == ["model", "changes", "perspective", "scenario"]
        assert parameters["changes"] == []
        assert parameters["perspective"] is parameters["scenario"] is None

    def test_holds_no_logic_of_its_own(self, notebook: Path) -> None:
        logic = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.While)
        found = [
            cell["source"]
            for cell in code_cells(notebook)
            if any(isinstance(node, logic) for node in ast.walk(ast.parse(cell["source"])))
        ]
        assert found == []

    def test_was_run_whole_and_in_order(self, notebook: Path) -> None:
        counts = [cell["execution_count"] for cell in code_cells(notebook)]
        assert counts == list(range(1, len(counts) + 1))

    def test_shows_what_it_should_show(self, notebook: Path) -> None:
        silent = [
            cell["source"].splitlines()[-1]
            for cell in code_cells(notebook)
            if isinstance(ast.parse(cell["source"]).body[-1], ast.Expr) and not cell["outputs"]
        ]
        # What is stored is the base, and that has nothing to say there.
        assert [line.split("(")[0] for line in silent] == ["words.changed_here"]

    def test_stores_no_error_and_no_time_of_day(self, notebook: Path) -> None:
        cells = code_cells(notebook)
        kinds = {output["output_type"] for cell in cells for output in cell["outputs"]}
        assert "error" not in kinds
        streams = [
            output["text"]
            for cell in cells
            for output in cell["outputs"]
            if output.get("name") == "stderr"
        ]
        assert streams == []
        assert all("execution" not in cell["metadata"] for cell in cells)
