"""Notebooks run anew with other inputs, and exported as pages that need no network.

Before any notebook runs, every name is looked at: parameters by the notebooks' own
`parameters` cells, changes, perspective and scenario by the model itself. Then the
notebooks run side by side (decision.report.running) and become HTML
(decision.report.exporter) in a folder beside the one asked for. Only when all are done
do the pages take their place, so that a failing cell or an interruption leaves the old
pages whole; files that no run wrote are never touched.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from decision.model.problems import ModelError, Problem
from decision.report.pages import Page, folder_beside, write_index
from decision.report.parameters import put_parameters, read_parameters
from decision.report.running import NotebookError, Progress, Work, run_all

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from decision.model.diagram import InfluenceDiagram

__all__ = ["NotebookError", "rerun"]

WHOLE = "Graph, tree, outcomes, strategy, claims; every number with its range, source and reason."
NAMES = ("model", "changes", "perspective", "scenario")


@dataclass(frozen=True)
class _About:
    """What notebooks are about: a model, and what is changed in it."""

    name: str
    model: InfluenceDiagram
    settings: Sequence[tuple[str, str]]
    changes: Sequence[str]


def rerun(
    notebooks: Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    model: str | os.PathLike[str] | None = None,
    changes: Sequence[str] = (),
    perspective: str | None = None,
    scenario: str | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Run notebooks, perhaps with other inputs, and write their pages and an index.

    Parameters
    ----------
    notebooks : iterable of path
        Run in any order, listed in this one. They are not changed.
    out : path
        Folder for the pages; made if need be. Pages of an earlier run are replaced.
    model : path or name, optional
        Put into each notebook's parameters cell, like those below; what is not given
        stays as the notebook has it.
    changes : sequence of str
        Changes in the small language, applied after perspective and scenario.
    perspective, scenario : str, optional
        Names of the model's.
    jobs : int, optional
        Notebooks at a time; by default as many as there are cores.
    progress : callable, optional
        Is told a line of text per step; by default it goes to standard error.

    Returns
    -------
    Path
        The index, ``out/index.html``.

    Raises
    ------
    ModelError
        Before anything runs: a notebook, name or change is wrong. All such problems.
    NotebookError
        A cell of a notebook stopped with an error. Nothing is written.
    """
    asked: dict[str, Any] = {
        "model": _as_typed(model),
        "changes": list(changes) or None,
        "perspective": perspective,
        "scenario": scenario,
    }
    values = {key: value for key, value in asked.items() if value is not None}
    works = _prepared([Path(os.fspath(notebook)) for notebook in notebooks], values)
    abouts = _about(works)
    say = progress or _on_standard_error
    out = Path(os.fspath(out))
    with folder_beside(out) as folder:
        about_models = _model_pages(abouts, folder, say)
        notebook_pages = run_all(works, folder, jobs or os.cpu_count() or 1, say, _said(values))
        write_index(
            folder,
            title=abouts[0].model.title if len(abouts) == 1 else "Reports",
            models=about_models,
            notebooks=notebook_pages,
            changed=_said(values),
        )
    say(f"wrote {out / 'index.html'}")
    return out / "index.html"


def _on_standard_error(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _as_typed(model: str | os.PathLike[str] | None) -> str | None:
    """A folder stands for itself wherever a kernel is started; else it is a name."""
    if model is None:
        return None
    return str(Path(model).resolve()) if Path(model).exists() else os.fspath(model)


def _said(values: Mapping[str, Any]) -> list[str]:
    """What a run was asked to change, as one would type it."""
    said = [f"{key} {value}" for key, value in values.items() if key != "changes"]
    return said + list(values.get("changes", []))


# Before anything runs


def _prepared(files: Sequence[Path], values: Mapping[str, Any]) -> list[Work]:
    """Read the notebooks and put the values in; every problem of all of them at once."""
    problems: list[Problem] = []
    works: list[Work] = []
    if not files:
        problems.append(Problem("command line", 1, "no notebook is named", "name one or more"))
    for file in files:
        try:
            notebook = put_parameters(_read(file), values, file.name)
            works.append(Work(file, _cleared(notebook), read_parameters(notebook, file.name)))
        except ModelError as error:
            problems.extend(error.problems)
    for name in sorted({work.href for work in works}):
        same = [str(work.file) for work in works if work.href == name]
        if len(same) > 1:
            what = f"{' and '.join(same)} would both be written to {name}"
            problems.append(Problem("command line", 1, what, "rename one, or run them apart"))
    if problems:
        raise ModelError(problems)
    return works


def _cleared(notebook: NotebookNode) -> NotebookNode:
    """Drop what an earlier run has left, so that a page shows nothing but its own run."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _read(file: Path) -> NotebookNode:
    import nbformat

    try:
        with file.open(encoding="utf-8") as lines:
            notebook: NotebookNode = nbformat.read(lines, as_version=4)
            return notebook
    except OSError as error:
        what = f"cannot read the notebook {file}: {error.strerror}"
    # nbformat raises its own classes, jsonschema's and json's, as the fault may be.
    except Exception as error:
        what = f"{file} is no notebook: {(str(error).splitlines() or [type(error).__name__])[0]}"
    raise ModelError([Problem("command line", 1, what, "name an .ipynb file")])


def _about(works: Sequence[Work]) -> list[_About]:
    """The models the notebooks are about, read and tried with what is asked of them."""
    from decision.model.shipped import open_model, varied

    problems: list[Problem] = []
    abouts: dict[str, _About] = {}
    for work in works:
        asked = {name: work.parameters.get(name) for name in NAMES}
        if not isinstance(asked["model"], str) or repr(asked) in abouts:
            continue
        settings = [(kind, str(asked[kind])) for kind in NAMES[2:] if asked[kind]]
        try:
            model = open_model(asked["model"])
            varied(model, settings, asked["changes"] or [])
        except ModelError as error:
            problems.extend(error.problems)
            continue
        abouts[repr(asked)] = _About(asked["model"], model, settings, asked["changes"] or [])
    if problems:
        raise ModelError(dict.fromkeys(problems))
    return list(abouts.values())


def _model_pages(abouts: Sequence[_About], folder: Path, say: Progress) -> list[Page]:
    from decision.report.page import write_report

    pages: list[Page] = []
    for about in abouts:
        begun = time.monotonic()
        name = "model"
        if len(abouts) > 1:
            name = f"model_{len(pages) + 1}_{re.sub(r'[^0-9A-Za-z]+', '_', Path(about.name).name)}"
        path = folder / f"{name}.html"
        write_report(about.model, path, settings=about.settings, changes=about.changes)
        title = about.model.title if len(abouts) > 1 else "The whole model on one page"
        pages.append(Page(path.name, title, WHOLE))
        say(f"the page of the model ({time.monotonic() - begun:.1f} s)")
    return pages
