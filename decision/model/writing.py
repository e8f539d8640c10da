"""Writing a model folder so that reading it gives an equal model.

Rows that a change made unequal are split, each part keeping its provenance. Each file
is written beside its place and then put into it; a new folder appears whole.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from decision.model.files import replace_file
from decision.model.nodes import Chance, Decision, Value
from decision.model.numbers import write_number
from decision.model.problems import ModelError, Problem, shorten
from decision.model.records import Input

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
    shown = shorten(folder, 200)
    found = change_set_problems(model)
    if folder.exists() and not force:
        found.append(Problem(shown, 1, "it exists already", "name a new folder, or use --force"))
    if found:
        raise ModelError(found)
    write_files(as_files(model), folder)


def write_files(files: Mapping[str, str], folder: Path) -> None:
    """Write the files of a model to a folder; a new one appears whole."""
    try:
        if folder.exists():
            _write_into(folder, files)
        else:
            _write_new(folder, files)
    except OSError as error:
        what = f"it cannot be written ({error.strerror or error})"
        found = Problem(shorten(folder, 200), 1, what, "name a place that can be")
        raise ModelError([found]) from None


def _write_new(folder: Path, files: Mapping[str, str]) -> None:
    parent = folder.absolute().parent
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name[:40]}.", suffix=".part", dir=parent))
    try:
        for name, content in files.items():
            (fresh / name).parent.mkdir(exist_ok=True)
            replace_file(fresh / name, content)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(fresh, 0o777 & ~umask)
        os.rename(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _write_into(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        replace_file(folder / name, content)
    for kind in ("perspectives", "scenarios"):
        for stale in (folder / kind).glob("*.csv"):
            if f"{kind}/{stale.name}" not in files:
                stale.unlink()


def as_files(model: InfluenceDiagram) -> dict[str, str]:
    """Return the files of a model's folder by name."""
    import tomli_w

    files = {"model.toml": tomli_w.dumps(_structure(model))}
    inputs = model.inputs
    chances = [row for row in inputs if row.state is not None]
    values = [row for row in inputs if row.state is None]
    if chances:
        files["probabilities.csv"] = _sheet(
            ("node", "given", "state", "p", "low", "high", "source", "rationale"),
            ((r.node, _given(r), r.state or "", *_life(r)) for r in chances),
        )
    files["values.csv"] = _sheet(
        ("node", "given", "value", "low", "high", "source", "rationale"),
        ((r.node, _given(r), *_life(r)) for r in values),
    )
    if model.sources:
        files["sources.csv"] = _sheet(
            ("id", "kind", "citation", "date", "note"),
            ((s.id, s.kind, s.citation, s.date, s.note) for s in model.sources.values()),
        )
    for kind, sets in (("perspectives", model.perspectives), ("scenarios", model.scenarios)):
        for name, rows in sets.items():
            files[f"{kind}/{name}.csv"] = _sheet(
                ("change", "rationale"), ((r.change, r.rationale) for r in rows)
            )
    if model.claim_rows:
        files["claims.csv"] = _sheet(
            ("id", "paragraph", "claim", "kind", "test", "asked_of"),
            (
                (c.id, c.paragraph, c.claim, c.kind, c.test, c.asked_of)
                for c in model.claim_rows
            ),
        )
    return files


def _sheet(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def _given(row: Input) -> str:
    return "; ".join(f"{parent}={'|'.join(states)}" for parent, states in row.where)


def _life(row: Input) -> tuple[str, str, str, str, str]:
    low = "" if row.low is None else write_number(row.low)
    high = "" if row.high is None else write_number(row.high)
    return row.text, low, high, ";".join(row.sources), row.rationale


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
    for node in (*model.chances, *model.values):
        content.setdefault(node.kind, {})[node.name] = _node(node)
    if model.risk is not None:
        content["risk"] = {"utility": "exponential", "tolerance": model.risk}
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
            if getattr(node, key) not in (None, "") and (key, node.weight) != ("weight", 1.0):
                entry[key] = getattr(node, key)
    return entry


def _texts(node: Decision | Chance | Value) -> dict[str, str]:
    return {k: getattr(node, k) for k in ("label", "definition") if getattr(node, k)}
