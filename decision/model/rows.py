"""Rows of probabilities.csv and values.csv: read, each looked at alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass, field, replace
from decision.model.nodes import Chance, Value
from decision.model.numbers import read_number
from decision.model.problems import Faults, closest, nearest, shorten
from decision.model.records import Input, Source, Where
from decision.model.spreadsheet import Row
from decision.model.tables import Axis

__all__ = ["DEFINITION", "PROVENANCE", "Sheet", "cells_of", "read_inputs"]

PROVENANCE = ("low", "high", "source", "rationale")
DEFINITION = "definition"
"""The source of a probability of 0 or 1 that is true by definition."""
NAN = float("nan")
MOST_KEPT = 10_000
Condition = tuple[str, tuple[str, ...]]


@dataclass
class Sheet:
    """What is needed to read the rows of one file."""

    nodes: Mapping[str, Chance | Value]
    others: Mapping[str, str]
    """Names of nodes that have no row in this file, with their kind."""
    states: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, Source] | None
    """None where sources.csv could not be read."""
    required: bool
    """Whether provenance is."""
    faults: Faults
    faulty: set[str] = field(default_factory=set)
    """Nodes with a row that is wrong: their tables are not looked at."""
    wheres: dict[tuple[str, str], Where] = field(default_factory=dict)
    conditions: dict[Condition, Condition] = field(default_factory=dict)
    """Equal conditions are one: a table may have a hundred thousand rows."""
    cited: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def wrong(self, line: int, what: str, do: str) -> None:
        """Note a problem of a line."""
        self.faults.wrong(line, what, do)


def read_inputs(sheet: Sheet, rows: Iterable[Row]) -> dict[str, list[Input]]:
    """Return the sound rows of a file by node; problems are noted in the sheet."""
    inputs: dict[str, list[Input]] = {name: [] for name in sheet.nodes}
    for row in rows:
        name = row.cells.get("node", "")
        node = sheet.nodes.get(name)
        if not row.whole:
            sheet.faulty.add(name)
        elif node is None:
            _unknown_node(sheet, row.line, name)
        else:
            read = _read_row(sheet, row, node)
            if row.line in sheet.faults.lines:
                sheet.faulty.add(name)
            else:
                inputs[name].append(read)
    return inputs


def _unknown_node(sheet: Sheet, line: int, name: str) -> None:
    kind = sheet.others.get(name)
    if kind:
        what = f"'{name}' is a {kind} node, which has no row in this file"
        home = {"chance": "probabilities.csv", "value": "values.csv"}.get(kind)
        sheet.wrong(line, what, f"move the row to {home}" if home else "remove the row")
        return
    sheet.wrong(line, f"there is no node '{shorten(name)}'", nearest(name, sheet.nodes))
    meant = closest(name, sheet.nodes)
    if meant:  # its row is here, misspelt: not missing
        sheet.faulty.add(meant)


def _read_row(sheet: Sheet, row: Row, node: Chance | Value) -> Input:
    where = _conditions(sheet, row, node)
    state = None
    column = "value"
    if isinstance(node, Chance):
        column, state = "p", row.cells["state"]
        if state not in node.states:
            what = f"{node.name} has no state '{shorten(state)}'"
            sheet.wrong(row.line, what, nearest(state, node.states))
    text = row.cells[column]
    number = NAN
    if state is None or text != "rest":
        number = _number(sheet, row, column)
        if state is not None and not 0 <= number <= 1 and number == number:
            sheet.wrong(row.line, f"p is {shorten(text)}, outside [0, 1]", "use a probability")
    low, high = _range(sheet, row, column, number)
    read = Input(
        node.name,
        where,
        state,
        number,
        text,
        low,
        high,
        _sources(sheet, row.cells.get("source", "")),
        row.cells.get("rationale", ""),
        sheet.faults.file,
        row.line,
    )
    _check_sources(sheet, read)
    if sheet.required and text != "rest" and DEFINITION not in read.sources:
        for key in PROVENANCE:
            if not row.cells[key]:
                what = f"{key} is empty, but the model requires provenance"
                sheet.wrong(row.line, what, "fill it")
    if sheet.required and state is not None and low == high == number:
        # The columns may not be empty, so this is how a file says that there is no range.
        return replace(read, low=None, high=None)
    return read


def _conditions(sheet: Sheet, row: Row, node: Chance | Value) -> Where:
    """Return the conditions that `given` writes, in the order of the node's parents."""
    text = row.cells["given"]
    if not text:
        return ()
    known = sheet.wheres.get((node.name, text))
    if known is not None:
        return known
    wanted: dict[str, Condition] = {}
    before = len(sheet.faults.problems)
    for part in text.split(";"):
        name, equals, listed = (piece.strip() for piece in part.partition("="))
        if not equals or not name:
            what = f"'{shorten(part.strip())}' in given is no condition"
            sheet.wrong(row.line, what, "write parent=state; parent=state|state")
        elif name not in node.given:
            what = f"'{shorten(name)}' is no parent of {node.name}"
            do = nearest(name, node.given) if node.given else "leave given empty"
            sheet.wrong(row.line, what, do)
        elif name in wanted:
            sheet.wrong(row.line, f"given names '{name}' twice", "write a|b for either state")
        else:
            condition = name, _states(sheet, row.line, name, listed)
            wanted[name] = sheet.conditions.setdefault(condition, condition)
        if sheet.faults.full:
            break
    where = tuple(wanted[name] for name in node.given if name in wanted)
    if len(sheet.faults.problems) == before and len(sheet.wheres) < MOST_KEPT:
        sheet.wheres[node.name, text] = where
    return where


def _states(sheet: Sheet, line: int, name: str, listed: str) -> tuple[str, ...]:
    states = dict.fromkeys(state.strip() for state in listed.split("|"))
    for state in states:
        if state not in sheet.states[name]:
            what = f"{name} has no state '{shorten(state)}'"
            sheet.wrong(line, what, nearest(state, sheet.states[name]))
        if sheet.faults.full:
            break
    if len(states) <= listed.count("|"):
        sheet.wrong(line, f"given names a state of {name} twice", "remove one")
    return tuple(states)


def _number(sheet: Sheet, row: Row, column: str) -> float:
    text = row.cells[column]
    number = read_number(text)
    if number is None:
        what = f"{column} is empty"
        if text:
            what = f"{column} is '{shorten(text)}', which is no finite number"
        do = "write it like 0.25 or 1/4" + (", or `rest`" if column == "p" else "")
        sheet.wrong(row.line, what, do)
        return NAN
    return number


def _range(sheet: Sheet, row: Row, column: str, number: float) -> tuple[float | None, float | None]:
    texts = row.cells.get("low", ""), row.cells.get("high", "")
    if not any(texts):
        return None, None
    if column == "p" and row.cells[column] == "rest":
        sheet.wrong(row.line, "a row of `rest` has a range", "leave low and high empty")
        return None, None
    low = _number(sheet, row, "low") if texts[0] else number
    high = _number(sheet, row, "high") if texts[1] else number
    if low > number or high < number:
        what = f"the range {low:g} to {high:g} does not hold {column} {number:g}"
        sheet.wrong(row.line, what, f"make low ≤ {number:g} ≤ high")
    elif column == "p" and 0 <= number <= 1 and (low < 0 or high > 1):
        what = f"the range {low:g} to {high:g} leaves [0, 1]"
        sheet.wrong(row.line, what, "keep low and high in [0, 1]")
    return low, high


def _sources(sheet: Sheet, text: str) -> tuple[str, ...]:
    if text not in sheet.cited:
        sheet.cited[text] = tuple(s for s in (part.strip() for part in text.split(";")) if s)
    return sheet.cited[text]


def _check_sources(sheet: Sheet, row: Input) -> None:
    for source in row.sources:
        if source == DEFINITION:
            if row.state is None or row.number not in (0.0, 1.0):
                what = "only a probability of 0 or 1 is true by definition"
                sheet.wrong(row.line, what, "cite an id of sources.csv")
        elif sheet.sources is not None and source not in sheet.sources:
            what = f"there is no source '{shorten(source)}' in sources.csv"
            sheet.wrong(row.line, what, nearest(source, sheet.sources))
        if sheet.faults.full:
            return


def cells_of(row: Input, axes: Sequence[Axis]) -> tuple[NDArray[np.intp], ...]:
    """Return the index of the cells that a row covers."""
    wanted = dict(row.where)
    if row.state is not None:
        wanted[row.node] = (row.state,)
    lists = [
        [states.index(state) for state in wanted[name]] if name in wanted else range(len(states))
        for name, states in axes
    ]
    return np.ix_(*lists) if lists else ()
