"""Reading a model folder: every problem at once, or a frozen model.

The contract is docs/spec/model-format.md. A file that is wrong does not keep the
others from being read, so that a user sees all there is to mend; what would only follow
from a fault is not reported beside it. Names in claims and changes are looked at as
soon as the structure is sound, even where a table is not.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from decision.model.changes import change_problems
from decision.model.checking import check_claims, syntax_problems
from decision.model.dataclass import replace
from decision.model.diagram import InfluenceDiagram
from decision.model.files import read_text
from decision.model.laying import lay_table
from decision.model.listings import read_claims, read_sets, read_sources
from decision.model.nodes import Chance, Value, states_of, tabled
from decision.model.order import order_problems
from decision.model.problems import Faults, ModelError, Problem, capped, problem, shorten
from decision.model.reach import dead_ends
from decision.model.records import ChangeRow, Input, Source
from decision.model.rows import PROVENANCE, Sheet, cells_of, read_inputs
from decision.model.settings import overflows, setting_problems, too_large
from decision.model.soundness import naming_problems
from decision.model.spreadsheet import read_rows
from decision.model.tables import MOST_AXES, Array, Axis, axes_of, read_only, shown_size, size_of
from decision.model.toml import FILE, Settings, read_structure

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["change_set_problems", "read_model"]

MOST_ROWS = 200_000
LARGEST_TABLE = 2**22
"""Cells of a table: as many as 22 parents with two states make."""
LARGEST_TABLES = 2**23
"""Cells of all tables together."""
COLUMNS = {
    "probabilities.csv": ("node", "given", "state", "p"),
    "values.csv": ("node", "given", "value"),
}
FILES = (FILE, "sources.csv", *COLUMNS, "perspectives", "scenarios", "claims.csv")
Sets = Mapping[str, tuple[ChangeRow, ...]]
Rows = dict[str, tuple[Input, ...]]
Tables = dict[str, Array]
N = TypeVar("N", Chance, Value)


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
    folder = os.fspath(path) or os.curdir
    _refuse_what_is_no_folder(folder)
    found: list[Problem] = []
    settings, readable, sound = _settings(folder, found)
    sources = read_sources(folder, settings.whole, found)
    rows, tables = _tables(folder, settings, sources, readable, found)
    if sound and len(tables) == len(settings.chances) + len(settings.values):
        found += _dead_ends(settings, tables)
    perspectives = read_sets(folder, "perspectives", found)
    scenarios = read_sets(folder, "scenarios", found)
    claims = read_claims(folder, found)
    if not sound:
        found += syntax_problems(perspectives, scenarios, claims=claims)
        raise ModelError(_in_order(found))
    model = InfluenceDiagram(
        decisions=tuple(settings.decisions),
        chances=_with_tables(settings.chances, tables, settings),
        values=_with_tables(settings.values, tables, settings),
        sources=sources or {},
        perspectives=perspectives,
        scenarios=scenarios,
        claim_rows=claims,
        rows=rows,
        **{"title": _name(folder), **settings.whole},
    )
    unread = frozenset(n.name for n in (*model.chances, *model.values) if n.name not in tables)
    found += change_set_problems(model, unread) + check_claims(model)
    if found:
        raise ModelError(_in_order(found))
    return model


def _in_order(found: list[Problem]) -> list[Problem]:
    def place(found: Problem) -> tuple[int, str, int]:
        kind = found.file.split("/")[0]
        return FILES.index(kind) if kind in FILES else 0, found.file, found.line

    files: dict[str, list[Problem]] = {}
    for one in sorted(dict.fromkeys(found), key=place):
        files.setdefault(one.file, []).append(one)
    return [one for listed in files.values() for one in capped(listed)]


def _refuse_what_is_no_folder(folder: str) -> None:
    try:
        exists = os.path.lexists(folder)
        there = os.path.isdir(folder)
    except ValueError:  # a NUL character
        exists = there = False
    if there:
        return
    what = "it is no folder" if exists else "there is no such folder"
    do = "name the folder that holds model.toml"
    raise ModelError([Problem(shorten(folder, 200), 1, what, do)])


def _name(folder: str) -> str:
    return os.fsencode(os.path.basename(os.path.abspath(folder))).decode("utf-8", "replace")


def _settings(folder: str, found: list[Problem]) -> tuple[Settings, bool, bool]:
    """Return what model.toml says, whether tables can be read by it, whether it is sound."""
    text = read_text(os.path.join(folder, FILE), FILE)
    if isinstance(text, Problem):
        found.append(text)
        return Settings("", [], [], [], {}), False, False
    faults = Faults(FILE)
    settings = read_structure(text, faults)
    found += faults.problems
    if settings is None:
        return Settings("", [], [], [], {}), False, False
    nodes = settings.decisions, settings.chances, settings.values
    readable = settings.structural
    if readable:
        naming = naming_problems(*nodes, settings.locate)
        memory = settings.whole.get("memory", "perfect")
        found += naming
        found += order_problems(*nodes[:2], memory, settings.locate, whole=not naming)
        sizes = [] if naming else _size_problems(settings)
        found += sizes
        readable = not naming and not sizes
    found += setting_problems(settings.whole, settings.values, settings.locate)
    return settings, readable, not found


def _size_problems(settings: Settings) -> list[Problem]:
    """Return a problem for each table, or for all together, that is too large to lay."""
    states = states_of(settings.decisions, settings.chances)
    sizes: dict[str, int] = {}
    found = []
    for node in tabled(settings.chances, settings.values):
        axes = axes_of(node, states)
        size = sizes[node.name] = size_of(axes)
        if size > LARGEST_TABLE or len(axes) > MOST_AXES:
            how = shown_size(size) if len(axes) <= MOST_AXES else f"{len(axes)} axes"
            what = f"the table of {node.name} would have {how}"
            place = settings.locate(node.kind, node.name, "given")
            listed = ", ".join(node.given[:12]) + (", …" if len(node.given) > 12 else "")
            found.append(problem(place, what, f"cut some of its parents {listed}"))
    whole = sum(sizes.values())
    if not found and whole > LARGEST_TABLES:
        first = max(sizes, key=sizes.__getitem__)
        what = f"the tables would have {shown_size(whole)} together"
        do = f"cut some parents of the largest, {first} with {shown_size(sizes[first])}"
        found.append(Problem(FILE, 1, what, do))
    return found


def _tables(
    folder: str,
    settings: Settings,
    sources: Mapping[str, Source] | None,
    readable: bool,
    found: list[Problem],
) -> tuple[Rows, Tables]:
    """Return the rows and the table of each node that has a sound one."""
    rows: Rows = {}
    tables: Tables = {}
    everything = (*settings.decisions, *settings.chances, *settings.values)
    required = settings.whole.get("provenance") == "required"
    groups: tuple[Sequence[Chance | Value], ...] = (settings.chances, settings.values)
    for (file, columns), nodes in zip(COLUMNS.items(), groups, strict=True):
        if not nodes and not os.path.lexists(os.path.join(folder, file)):
            continue
        faults = Faults(file)
        needed, optional = (columns + PROVENANCE, ()) if required else (columns, PROVENANCE)
        lines = read_rows(os.path.join(folder, file), needed, optional, faults, most=MOST_ROWS)
        if readable:
            named = {node.name: node for node in nodes}
            others = {n.name: n.kind for n in everything if n.name not in named}
            sheet = Sheet(
                named,
                others,
                states_of(settings.decisions, settings.chances),
                sources,
                required,
                faults,
            )
            inputs = read_inputs(sheet, lines)
            if not faults.stopped:
                _lay(sheet, inputs, rows, tables)
        else:
            for _ in lines:  # only what the file itself has wrong
                pass
        found += faults.problems
    return rows, tables


def _lay(sheet: Sheet, inputs: Mapping[str, list[Input]], rows: Rows, tables: Tables) -> None:
    for name, node in sheet.nodes.items():
        if name in sheet.faulty:
            continue
        axes = axes_of(node, sheet.states)
        table = lay_table(sheet, node, inputs[name], axes)
        if table is not None and isinstance(node, Value) and overflows(node, table, node.weight):
            largest = max(inputs[name], key=lambda row: abs(row.number))
            sheet.wrong(largest.line, *too_large(node))
        elif table is not None:
            tables[name] = read_only(table)
            rows[name] = tuple(_numbered(row, table, axes) for row in inputs[name])


def _numbered(row: Input, table: Array, axes: Sequence[Axis]) -> Input:
    """Return a row of `rest` with the number it stands for, where it is one number."""
    if row.text != "rest":
        return row
    there = table[cells_of(row, axes)]
    return replace(row, number=float(there.flat[0]) if np.ptp(there) == 0 else float("nan"))


def _with_tables(nodes: Sequence[N], tables: Tables, settings: Settings) -> tuple[N, ...]:
    """Return nodes with their tables; one whose table is faulty gets one to go on with."""
    states = states_of(settings.decisions, settings.chances)
    whole = []
    for node in nodes:
        table = tables.get(node.name)
        if table is None:
            shape = [len(listed) for _, listed in axes_of(node, states)]
            table = np.full(shape, 1.0 / shape[-1] if isinstance(node, Chance) else 0.0)
        whole.append(replace(node, table=table))
    return tuple(whole)


def _dead_ends(settings: Settings, tables: Tables) -> list[Problem]:
    found = []
    for decision, where in dead_ends(settings.decisions, settings.chances, tables):
        place = settings.locate("decision", decision.name, "only_when")
        what = f"no option of {decision.name} is open{where}, which can happen"
        do = "open one there in only_when, or close the earlier options that lead there"
        found.append(problem(place, what, do))
    return found


def change_set_problems(
    model: InfluenceDiagram, unread: frozenset[str] = frozenset()
) -> list[Problem]:
    """Return what is wrong with the perspectives and scenarios of a model.

    Parameters
    ----------
    model : InfluenceDiagram
    unread : set of str
        Nodes whose tables are not the file's, so that only names are looked at.
    """
    return [
        found
        for sets in (model.perspectives, model.scenarios)
        for rows in sets.values()
        for found in change_problems(model, rows, unread)
    ]
