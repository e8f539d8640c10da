"""Writing a model folder so that reading it gives an equal model.

Rows that a change made unequal are split, each part keeping its provenance. Each file
is written beside its place and then put into it; a new folder appears whole.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from decision.model.files import replace_files
from decision.model.listings import is_set_name
from decision.model.nodes import Chance, Decision, Value, tabled
from decision.model.numbers import write_number
from decision.model.problems import PYTHON, ModelError, Problem, problem, shorten
from decision.model.records import Input
from decision.model.rows import DEFINITION, PROVENANCE
from decision.model.spreadsheet import csv_text

if TYPE_CHECKING:
    from decision.model.diagram import InfluenceDiagram

__all__ = ["as_files", "write_model"]


def write_model(model: InfluenceDiagram, path: str | Path, *, force: bool = False) -> None:
    """Write a model folder.

    Parameters
    ----------
    model : InfluenceDiagram
    path : str or Path
        The folder. Files in it that are no part of a model are left alone.
    force : bool
        Whether a folder that exists may be written to.

    Raises
    ------
    ModelError
        Where the folder exists, or cannot be written, or a change made a perspective or
        scenario illegal; what stood there is then as it was.
    """
    from decision.model.folder import change_set_problems

    folder = Path(path)
    found = change_set_problems(model) + _unwritable(model)
    if not force and _exists(folder):
        what, do = "it exists already", "name a new folder, or use --force"
        found.append(Problem(shorten(folder, 200), 1, what, do))
    if found:
        raise ModelError(found)
    files = as_files(model)
    for name, content in files.items():
        if "\0" in content:
            what = "a text holds a NUL character, which no file may"
            raise ModelError([Problem(name, 1, what, "remove it from the model")])
    write_files(files, folder)


def _exists(folder: Path) -> bool:
    try:
        return os.path.lexists(folder)
    except ValueError:  # a NUL character
        return False


def _unwritable(model: InfluenceDiagram) -> list[Problem]:
    """Return what a model built in Python says that its files cannot."""
    found = [
        problem(PYTHON, f"'{shorten(name)}' is no name for one of {kind}", "rename it")
        for kind in ("perspectives", "scenarios")
        for name in getattr(model, kind)
        if not is_set_name(name)
    ]
    if model.provenance == "required":
        found += [
            problem(
                PYTHON,
                f"the numbers of {node.name} have no source, which the model requires",
                'leave provenance "optional", or give their rows',
            )
            for node in tabled(model.chances, model.values)
            if node.name not in model.rows
        ]
    return found


def write_files(files: Mapping[str, str], folder: Path) -> None:
    """Write the files of a model to a folder; a new one appears whole.

    Raises
    ------
    ModelError
        Where it cannot be written.
    """
    try:
        encoded = {name: content.encode("utf-8") for name, content in files.items()}
        if _exists(folder):
            _write_into(folder, encoded)
        else:
            _write_new(folder, encoded)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        if isinstance(error, UnicodeEncodeError):
            reason = "a text holds half a character"
        what = f"it cannot be written ({reason})"
        found = Problem(shorten(folder, 200), 1, what, "name a place that can be")
        raise ModelError([found]) from None


def _write_new(folder: Path, files: Mapping[str, bytes]) -> None:
    parent = folder.absolute().parent
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name[:40]}.", suffix=".part", dir=parent))
    try:
        _make_folders(fresh, files)
        replace_files({fresh / name: content for name, content in files.items()})
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(fresh, 0o777 & ~umask)
        os.rename(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _write_into(folder: Path, files: Mapping[str, bytes]) -> None:
    _make_folders(folder, files)
    replace_files({folder / name: content for name, content in files.items()})
    parts = ["probabilities.csv", "sources.csv", "claims.csv"]
    for kind in ("perspectives", "scenarios"):
        parts += [f"{kind}/{path.name}" for path in (folder / kind).glob("[!.]*.csv")]
    for name in parts:
        if name not in files:
            (folder / name).unlink(missing_ok=True)


def _make_folders(folder: Path, files: Iterable[str]) -> None:
    for name in files:
        (folder / name).parent.mkdir(exist_ok=True)


def as_files(model: InfluenceDiagram) -> dict[str, str]:
    """Return the files of a model's folder by name."""
    import tomli_w

    files = {"model.toml": tomli_w.dumps(_structure(model))}
    inputs = model.inputs
    required = model.provenance == "required"
    if model.chances:
        files["probabilities.csv"] = csv_text(
            ("node", "given", "state", "p", *PROVENANCE),
            ((r.node, _given(r), r.state, *_life(r, required)) for r in inputs if r.state),
        )
    files["values.csv"] = csv_text(
        ("node", "given", "value", *PROVENANCE),
        ((r.node, _given(r), *_life(r, required)) for r in inputs if r.state is None),
    )
    if model.sources:
        files["sources.csv"] = csv_text(
            ("id", "kind", "citation", "date", "note"),
            ((s.id, s.kind, s.citation, s.date, s.note) for s in model.sources.values()),
        )
    for kind, sets in (("perspectives", model.perspectives), ("scenarios", model.scenarios)):
        for name, rows in sets.items():
            files[f"{kind}/{name}.csv"] = csv_text(
                ("change", "rationale"), ((r.change, r.rationale) for r in rows)
            )
    if model.claim_rows:
        files["claims.csv"] = csv_text(
            ("id", "paragraph", "claim", "kind", "test", "asked_of"),
            ((c.id, c.paragraph, c.claim, c.kind, c.test, c.asked_of) for c in model.claim_rows),
        )
    return files


def _given(row: Input) -> str:
    return "; ".join(f"{parent}={'|'.join(states)}" for parent, states in row.where)


def _life(row: Input, required: bool) -> tuple[str, ...]:
    low, high = row.low, row.high
    judged = row.text != "rest" and DEFINITION not in row.sources
    if required and judged and low is None and high is None:
        low = high = row.number  # the columns may not be empty; read as no range
    limits = ("" if limit is None else write_number(limit) for limit in (low, high))
    return row.text, *limits, ";".join(row.sources), row.rationale


def _structure(model: InfluenceDiagram) -> dict[str, Any]:
    content: dict[str, Any] = {"title": model.title}
    for key, default in (
        ("question", ""),
        ("memory", "perfect"),
        ("weights", "plain"),
        ("provenance", "optional"),
        ("information_date", None),
        ("horizon", None),
    ):
        if getattr(model, key) != default:
            content[key] = getattr(model, key)
    for decision in model.decisions:
        content.setdefault("decision", {})[decision.name] = _decision(decision)
    for node in tabled(model.chances, model.values):
        content.setdefault(node.kind, {})[node.name] = _node(node)
    if model.risk is not None:
        content["risk"] = {"utility": "exponential", "tolerance": float(model.risk)}
    return content


def _decision(node: Decision) -> dict[str, Any]:
    entry: dict[str, Any] = {"options": list(node.options)}
    if node.observes:
        entry["observes"] = list(node.observes)
    entry |= _texts(node)
    if node.only_when:
        entry["only_when"] = {
            option: {name: list(states) for name, states in needs.items()}
            for option, needs in node.only_when.items()
        }
    return entry


def _node(node: Chance | Value) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if isinstance(node, Chance):
        entry["states"] = list(node.states)
    if node.given:
        entry["given"] = list(node.given)
    entry |= _texts(node)
    if isinstance(node, Value):
        for key in ("unit", "worst", "best", "weight", "weight_low", "weight_high"):
            setting = getattr(node, key)
            if setting not in (None, "") and (key, setting) != ("weight", 1.0):
                entry[key] = setting if key == "unit" else float(setting)
    return entry


def _texts(node: Decision | Chance | Value) -> dict[str, str]:
    return {k: getattr(node, k) for k in ("label", "definition") if getattr(node, k)}
