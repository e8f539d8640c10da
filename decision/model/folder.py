"""Reading a model folder: every problem at once, or a frozen model.

The contract is docs/spec/model-format.md. A file that is wrong does not keep the
others from being read, so that a user sees all there is to mend.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from decision.model.checking import check_claims
from decision.model.diagram import InfluenceDiagram, setting_problems, weight_problems
from decision.model.files import read_table, read_text
from decision.model.nodes import Chance, Node, Value
from decision.model.problems import ModelError, Problem, nearest, shorten
from decision.model.records import ChangeRow, ClaimRow, Input, Source
from decision.model.rows import Sheet, lay_table, read_inputs
from decision.model.structure import structure_problems
from decision.model.tables import read_only
from decision.model.toml import Settings, read_structure
from decision.model.writing import write_model

__all__ = ["change_set_problems", "read_model", "write_model"]

PROVENANCE = ("low", "high", "source", "rationale")


def read_model(path: str | Path) -> InfluenceDiagram:
    """Read a model folder.

    Parameters
    ----------
    path : str or Path
        The folder that holds model.toml.

    Returns
    -------
    InfluenceDiagram
        Frozen and checked, its perspectives, scenarios and claims too.

    Raises
    ------
    ModelError
        With every problem found, each with its file and line.

    Examples
    --------
    >>> from decision import read_model
    >>> read_model("data/examples/oil_wildcatter").states("oil")
    ('dry', 'wet', 'soaking')
    """
    folder = Path(path)
    found: list[Problem] = []
    settings = _settings(folder, found)
    if settings is None:
        raise ModelError(found)
    sources = _sources(folder, settings, found)
    tables, rows = _tables(folder, settings, sources, found)
    perspectives = _change_sets(folder, "perspectives", found)
    scenarios = _change_sets(folder, "scenarios", found)
    claims = _claims(folder, found)
    if found:
        raise ModelError(_in_order(found))
    whole: dict[str, Any] = dict(settings.whole)
    whole.setdefault("title", folder.resolve().name)
    model = InfluenceDiagram(
        decisions=tuple(settings.decisions),
        chances=tuple(replace(c, table=tables[c.name]) for c in settings.chances),
        values=tuple(replace(v, table=tables[v.name]) for v in settings.values),
        sources=sources,
        perspectives=perspectives,
        scenarios=scenarios,
        claim_rows=claims,
        rows=rows,
        **whole,
    )
    found = change_set_problems(model) + check_claims(model)
    if found:
        raise ModelError(_in_order(found))
    return model


def _in_order(found: list[Problem]) -> list[Problem]:
    files = list(dict.fromkeys(p.file for p in found))
    return sorted(dict.fromkeys(found), key=lambda p: (files.index(p.file), p.line))


def _settings(folder: Path, found: list[Problem]) -> Settings | None:
    try:
        there = folder.is_dir()
        exists = there or folder.exists()
    except (OSError, ValueError):
        there = exists = False
    if not there:
        shown = shorten(folder, 200)
        what = "it is a file, not a model folder" if exists else "there is no such folder"
        found.append(Problem(shown, 1, what, "name the folder that holds model.toml"))
        return None
    text = read_text(folder / "model.toml", "model.toml")
    if isinstance(text, Problem):
        found.append(text)
        return None
    settings = read_structure(text, found)
    if settings is None or found:
        return None
    memory = settings.whole.get("memory", "perfect")
    found += structure_problems(
        settings.decisions, settings.chances, settings.values, memory, settings.locate
    )
    weights = settings.whole.get("weights", "plain")
    for value in settings.values:
        found += weight_problems(value, weights, settings.locate)
    if weights == "normalised" and not any(v.weight for v in settings.values):
        found.append(Problem("model.toml", 1, "all weights are 0", "give one a weight above 0"))
    if not found:
        probe = _Probe(settings.whole)
        found += setting_problems(probe, settings.locate)  # type: ignore[arg-type]
    return None if found else settings


class _Probe:
    """The settings of the whole model, before there is a model."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self.memory = whole.get("memory", "perfect")
        self.weights = whole.get("weights", "plain")
        self.provenance = whole.get("provenance", "optional")
        self.risk = whole.get("risk")


def _sources(folder: Path, settings: Settings, found: list[Problem]) -> dict[str, Source]:
    file = "sources.csv"
    if not (folder / file).exists():
        return {}
    columns = ("id", "kind", "citation")
    sources: dict[str, Source] = {}
    lines: dict[str, int] = {}
    limit = settings.whole.get("information_date")
    required = settings.whole.get("provenance") == "required"
    for row in read_table(folder / file, file, columns, ("date", "note"), found):
        source = Source(**row.cells)
        if not source.id or ";" in source.id:
            what = f"'{shorten(source.id)}' is no id"
            found.append(Problem(file, row.line, what, "use a short word without ;"))
        elif source.id in sources:
            what = f"the source '{shorten(source.id)}' stands already in line {lines[source.id]}"
            found.append(Problem(file, row.line, what, "rename or remove one"))
        if source.kind not in ("data", "literature", "judgement"):
            what = f"the kind of '{shorten(source.id)}' is '{shorten(source.kind)}'"
            found.append(Problem(file, row.line, what, "use data, literature or judgement"))
        found += _date_problems(source, row.line, limit, required)
        sources[source.id] = source
        lines[source.id] = row.line
    return sources


def _date_problems(source: Source, line: int, limit: Any, required: bool) -> list[Problem]:
    file = "sources.csv"
    if not source.date:
        what = f"the source '{shorten(source.id)}' has no date, but the model requires provenance"
        return [Problem(file, line, what, "say when the fact was known")] if required else []
    day = source.date + "-01-01"[3 * (source.date.count("-")) :]
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            raise ValueError
        known = np.datetime64(day).item()
    except ValueError:
        what = f"the date '{shorten(source.date)}' is no ISO date"
        return [Problem(file, line, what, "write 2018, 2018-01 or 2018-01-04")]
    if limit is not None and known > limit:
        what = f"'{shorten(source.id)}' was known on {source.date}, after {limit.isoformat()}"
        return [Problem(file, line, what, "use what was known by the information date")]
    return []


def _tables(
    folder: Path, settings: Settings, sources: Mapping[str, Source], found: list[Problem]
) -> tuple[dict[str, Any], dict[str, tuple[Input, ...]]]:
    everything: list[Node] = [*settings.decisions, *settings.chances, *settings.values]
    states = {n.name: n.states for n in (*settings.decisions, *settings.chances)}
    tables: dict[str, Any] = {}
    rows: dict[str, tuple[Input, ...]] = {}
    groups: list[tuple[str, Any, tuple[str, ...]]] = [
        ("probabilities.csv", settings.chances, ("node", "given", "state", "p")),
        ("values.csv", settings.values, ("node", "given", "value")),
    ]
    for file, nodes, columns in groups:
        if not nodes and not (folder / file).exists():
            continue
        named = {node.name: node for node in nodes}
        sheet = Sheet(
            file,
            named,
            {n.name: n.kind for n in everything if n.name not in named},
            states,
            sources,
            settings.whole.get("provenance") == "required",
        )
        before = len(sheet.found)
        read = read_table(folder / file, file, columns, PROVENANCE, sheet.found)
        whole = len(sheet.found) == before
        inputs = read_inputs(sheet, read)
        faulty = {
            row.cells["node"] for row in read if any(p.line == row.line for p in sheet.found)
        }
        for node in nodes if whole else ():
            names = (*node.given, node.name) if isinstance(node, Chance) else node.given
            if node.name in faulty:
                continue
            axes = [(name, states[name]) for name in names]
            table = lay_table(sheet, node, inputs[node.name], axes)
            if table is not None:
                tables[node.name] = read_only(table)
                rows[node.name] = tuple(_numbered(inputs[node.name], node, tables, axes))
        found += sheet.found
    return tables, rows


def _numbered(inputs: list[Input], node: Chance | Value, tables: Any, axes: Any) -> list[Input]:
    """Return the rows with the number that `rest` stands for, where it is one number."""
    from decision.model.rows import _index

    numbered = []
    for row in inputs:
        if row.text == "rest":
            cells = np.unique(tables[node.name][_index(row, axes)])
            row = replace(row, number=float(cells[0]) if len(cells) == 1 else float("nan"))
        numbered.append(row)
    return numbered


def _change_sets(
    folder: Path, kind: str, found: list[Problem]
) -> dict[str, tuple[ChangeRow, ...]]:
    sets: dict[str, tuple[ChangeRow, ...]] = {}
    try:
        paths = sorted((folder / kind).glob("*.csv")) if (folder / kind).is_dir() else []
    except OSError as error:
        found.append(Problem(kind, 1, f"it cannot be read ({error.strerror})", "check it"))
        return {}
    for path in paths:
        file = f"{kind}/{path.name}"
        rows = read_table(path, file, ("change",), ("rationale",), found)
        sets[path.stem] = tuple(
            ChangeRow(row.cells["change"], row.cells.get("rationale", ""), file, row.line)
            for row in rows
        )
    return sets


def _claims(folder: Path, found: list[Problem]) -> tuple[ClaimRow, ...]:
    file = "claims.csv"
    if not (folder / file).exists():
        return ()
    claims: list[ClaimRow] = []
    seen: dict[str, int] = {}
    optional = ("paragraph", "claim", "kind", "test", "asked_of")
    for row in read_table(folder / file, file, ("id",), optional, found):
        claim = ClaimRow(**row.cells, file=file, line=row.line)
        if not claim.id:
            found.append(Problem(file, row.line, "the id is empty", "give the claim a short id"))
        elif claim.id in seen:
            what = f"the claim '{shorten(claim.id)}' stands already in line {seen[claim.id]}"
            found.append(Problem(file, row.line, what, "rename or remove one"))
        seen.setdefault(claim.id, row.line)
        asked = ("", "base", "every perspective")
        if claim.asked_of not in asked:
            what = f"asked_of is '{shorten(claim.asked_of)}'"
            do = nearest(claim.asked_of, asked[1:])
            found.append(Problem(file, row.line, what, do))
        claims.append(claim)
    return tuple(claims)


def change_set_problems(model: InfluenceDiagram) -> list[Problem]:
    """Return what is wrong with the perspectives and scenarios of a model."""
    from decision.model.changes import apply_changes

    found: list[Problem] = []
    for sets in (model.perspectives, model.scenarios):
        for rows in sets.values():
            try:
                apply_changes(model, rows)
            except ModelError as error:
                found += error.problems
    return found
