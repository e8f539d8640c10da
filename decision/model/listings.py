"""The files of a model folder that list things: sources, perspectives, scenarios, claims."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Mapping
from typing import Any

from decision.model.files import unopened
from decision.model.problems import Faults, Problem, nearest, shorten
from decision.model.records import ChangeRow, ClaimRow, Source
from decision.model.rows import DEFINITION
from decision.model.spreadsheet import read_rows

__all__ = ["is_set_name", "read_claims", "read_sets", "read_sources"]

MOST_ROWS = 10_000
KINDS = ("data", "literature", "judgement")
ASKED_OF = ("base", "every perspective")


def read_sources(
    folder: str, settings: Mapping[str, Any], found: list[Problem]
) -> dict[str, Source] | None:
    """Return the sources by id, none without a file; None where not every row can be read."""
    if not os.path.lexists(os.path.join(folder, "sources.csv")):
        return {}
    faults = Faults("sources.csv")
    limit = settings.get("information_date")
    required = settings.get("provenance") == "required"
    columns = ("id", "kind", "citation")
    sources: dict[str, Source] = {}
    lines: dict[str, int] = {}
    whole = True
    path = os.path.join(folder, "sources.csv")
    for row in read_rows(path, columns, ("date", "note"), faults, most=MOST_ROWS):
        if not row.whole:
            whole = False
            continue
        source = Source(**row.cells)
        shown = shorten(source.id)
        if not source.id or ";" in source.id:
            faults.wrong(row.line, f"'{shown}' is no id", "use a short word without ;")
        elif source.id == DEFINITION:
            what = "the source 'definition' is the one of what is true by definition"
            faults.wrong(row.line, what, "rename it")
        elif source.id in lines:
            what = f"the source '{shown}' stands already in line {lines[source.id]}"
            faults.wrong(row.line, what, "rename or remove one")
        if source.kind not in KINDS:
            what = f"the kind of '{shown}' is '{shorten(source.kind)}'"
            faults.wrong(row.line, what, "use data, literature or judgement")
        _check_date(source, row.line, limit, required, faults)
        sources[source.id] = source
        lines.setdefault(source.id, row.line)
    found += faults.problems
    return sources if whole and not faults.stopped else None


def _check_date(
    source: Source, line: int, limit: datetime.date | None, required: bool, faults: Faults
) -> None:
    shown, text = shorten(source.id), source.date
    if not text:
        if required:
            what = f"the source '{shown}' has no date, but the model requires provenance"
            faults.wrong(line, what, "say when the fact was known")
        return
    # A year or a month counts as its first day.
    day = {4: text + "-01-01", 7: text + "-01"}.get(len(text), text)
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day):
            raise ValueError
        known = datetime.date.fromisoformat(day)
    except ValueError:
        what = f"the date '{shorten(text)}' is no ISO date"
        faults.wrong(line, what, "write 2018, 2018-01 or 2018-01-04")
        return
    if limit is not None and known > limit:
        what = f"'{shown}' was known on {text}, after {limit.isoformat()}"
        faults.wrong(line, what, "use what was known by the information date")


def is_set_name(name: str) -> bool:
    """Whether a perspective or scenario can be called so: its file stays in its folder."""
    return bool(name) and name.isprintable() and name[0] != "." and not set(name) & set("/\\")


def read_sets(folder: str, kind: str, found: list[Problem]) -> dict[str, tuple[ChangeRow, ...]]:
    """Return the rows of each perspective (or scenario) by name."""
    sets: dict[str, tuple[ChangeRow, ...]] = {}
    place = os.path.join(folder, kind)
    if os.path.isfile(place) or not os.path.lexists(place):
        return sets
    try:
        names = sorted(entry for entry in os.listdir(place) if entry.endswith(".csv"))
    except OSError as error:
        found.append(unopened(kind, error))
        return sets
    for entry in names:
        if entry[0] == ".":
            continue  # what an editor or another system leaves beside
        name, file = entry.removesuffix(".csv"), f"{kind}/{entry}"
        if not is_set_name(name):
            what = f"'{shorten(name)}' is no name for one of {kind}"
            found.append(Problem(file, 1, what, "rename the file, with letters and digits"))
            continue
        faults = Faults(file)
        rows = read_rows(
            os.path.join(place, entry), ("change",), ("rationale",), faults, most=MOST_ROWS
        )
        sets[name] = tuple(
            ChangeRow(row.cells["change"], row.cells.get("rationale", ""), file, row.line)
            for row in rows
            if row.whole
        )
        found += faults.problems
    return sets


def read_claims(folder: str, found: list[Problem]) -> tuple[ClaimRow, ...]:
    """Return the rows of claims.csv, if there is one."""
    path = os.path.join(folder, "claims.csv")
    if not os.path.lexists(path):
        return ()
    faults = Faults("claims.csv")
    claims: list[ClaimRow] = []
    lines: dict[str, int] = {}
    optional = ("paragraph", "claim", "kind", "test", "asked_of")
    for row in read_rows(path, ("id",), optional, faults, most=MOST_ROWS):
        if not row.whole:
            continue
        claim = ClaimRow(**row.cells, file=faults.file, line=row.line)
        if not claim.id:
            faults.wrong(row.line, "the id is empty", "give the claim a short id")
        elif claim.id in lines:
            what = f"the claim '{shorten(claim.id)}' stands already in line {lines[claim.id]}"
            faults.wrong(row.line, what, "rename or remove one")
        lines.setdefault(claim.id, row.line)
        if claim.asked_of not in ("", *ASKED_OF):
            what = f"asked_of is '{shorten(claim.asked_of)}'"
            faults.wrong(row.line, what, nearest(claim.asked_of, ASKED_OF))
        claims.append(claim)
    found += faults.problems
    return tuple(claims)
