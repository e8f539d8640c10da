"""Rows of probabilities.csv and values.csv: read, checked and laid into tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from decision.model.files import Row
from decision.model.nodes import Chance, Value
from decision.model.numbers import read_number
from decision.model.problems import Problem, nearest, shorten
from decision.model.records import Input, Source
from decision.model.tables import LARGEST_TABLE, SUM_TOLERANCE, Axis, combination, wrong_sum

__all__ = ["Sheet", "lay_table", "read_inputs"]

Array = NDArray[np.float64]
MOST_MISSING = 12


@dataclass
class Sheet:
    """What is needed to read the rows of one file."""

    file: str
    nodes: Mapping[str, Chance | Value]
    others: Mapping[str, str]
    """Names of nodes that have no row in this file, with their kind."""
    states: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, Source]
    required: bool
    """Whether provenance is."""
    found: list[Problem] = field(default_factory=list)

    def wrong(self, line: int, what: str, do: str) -> None:
        """Note a problem of a line."""
        self.found.append(Problem(self.file, line, what, do))


def read_inputs(sheet: Sheet, rows: Sequence[Row]) -> dict[str, list[Input]]:
    """Return the sound rows of a file by node; problems are noted in the sheet."""
    inputs: dict[str, list[Input]] = {name: [] for name in sheet.nodes}
    for row in rows:
        before = len(sheet.found)
        read = _read_row(sheet, row)
        if read is not None and len(sheet.found) == before:
            inputs[read.node].append(read)
    return inputs


def _read_row(sheet: Sheet, row: Row) -> Input | None:
    name = row.cells["node"]
    node = sheet.nodes.get(name)
    if node is None:
        kind = sheet.others.get(name)
        what = (
            f"'{name}' is a {kind} node, which has no row in this file"
            if kind
            else f"there is no node '{shorten(name)}'"
        )
        sheet.wrong(row.line, what, nearest(name, sheet.nodes))
        return None
    where = _conditions(sheet, row, node)
    state = None
    if isinstance(node, Chance):
        state = row.cells["state"]
        if state not in node.states:
            what = f"{name} has no state '{shorten(state)}'"
            sheet.wrong(row.line, what, nearest(state, node.states))
    column = "p" if isinstance(node, Chance) else "value"
    text = row.cells[column]
    number = float("nan")
    if not (text == "rest" and column == "p"):
        number = _number(sheet, row, column, default=float("nan"))
        if column == "p" and not 0 <= number <= 1 and number == number:
            what = f"p is {text}, outside [0, 1]"
            sheet.wrong(row.line, what, "use a probability")
    low, high = _range(sheet, row, column, number)
    sources = tuple(s for s in (p.strip() for p in row.cells.get("source", "").split(";")) if s)
    read = Input(
        name,
        where,
        state,
        number,
        text,
        low,
        high,
        sources,
        row.cells.get("rationale", ""),
        sheet.file,
        row.line,
    )
    _provenance(sheet, read)
    return read


def _conditions(
    sheet: Sheet, row: Row, node: Chance | Value
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    wanted: dict[str, tuple[str, ...]] = {}
    text = row.cells["given"]
    for part in text.split(";") if text else ():
        name, equals, listed = (piece.strip() for piece in part.partition("="))
        if not equals or not name:
            what = f"'{shorten(part.strip())}' in given is no condition"
            sheet.wrong(row.line, what, "write parent=state; parent=state|state")
            continue
        if name not in node.given:
            what = f"'{shorten(name)}' is no parent of {node.name}"
            has = nearest(name, node.given) if node.given else "leave given empty"
            sheet.wrong(row.line, what, has)
            continue
        if name in wanted:
            sheet.wrong(row.line, f"given names '{name}' twice", "write a|b for either state")
        states = tuple(state.strip() for state in listed.split("|"))
        for i, state in enumerate(states):
            if state not in sheet.states[name]:
                what = f"{name} has no state '{shorten(state)}'"
                sheet.wrong(row.line, what, nearest(state, sheet.states[name]))
            elif state in states[:i]:
                sheet.wrong(row.line, f"given names {name}={state} twice", "remove one")
        wanted[name] = states
    return tuple((name, wanted[name]) for name in node.given if name in wanted)


def _number(sheet: Sheet, row: Row, column: str, default: float) -> float:
    text = row.cells[column]
    number = read_number(text)
    if number is None:
        what = f"{column} is '{shorten(text)}', which is no number" if text else f"{column} is empty"
        how = " or `rest`" if column == "p" else ""
        sheet.wrong(row.line, what, f"write it like 0.25 or 1/4{how}")
        return default
    return number


def _range(
    sheet: Sheet, row: Row, column: str, number: float
) -> tuple[float | None, float | None]:
    texts = row.cells.get("low", ""), row.cells.get("high", "")
    if not any(texts):
        return None, None
    if row.cells[column] == "rest":
        sheet.wrong(row.line, "a row of `rest` has a range", "leave low and high empty")
        return None, None
    low, high = (
        _number(sheet, row, key, number) if text else number
        for key, text in zip(("low", "high"), texts, strict=True)
    )
    if low > number or high < number:
        what = f"the range {low:g} to {high:g} does not hold {column} {number:g}"
        sheet.wrong(row.line, what, f"make low ≤ {number:g} ≤ high")
    elif column == "p" and (low < 0 or high > 1):
        what = f"the range {low:g} to {high:g} leaves [0, 1]"
        sheet.wrong(row.line, what, "keep low and high in [0, 1]")
    return low, high


def _provenance(sheet: Sheet, row: Input) -> None:
    for source in row.sources:
        if source == "definition":
            if row.state is None or row.number not in (0.0, 1.0):
                what = "only a probability of 0 or 1 is true by definition"
                sheet.wrong(row.line, what, "cite an id of sources.csv")
        elif source not in sheet.sources:
            what = f"there is no source '{shorten(source)}' in sources.csv"
            sheet.wrong(row.line, what, nearest(source, sheet.sources))
    if not sheet.required or row.text == "rest" or "definition" in row.sources:
        return
    for column, there in (
        ("low", row.low is not None),
        ("high", row.high is not None),
        ("source", bool(row.sources)),
        ("rationale", bool(row.rationale)),
    ):
        if not there:
            what = f"{column} is empty, but the model requires provenance"
            sheet.wrong(row.line, what, "fill it")


def lay_table(
    sheet: Sheet, node: Chance | Value, inputs: Sequence[Input], axes: Sequence[Axis]
) -> Array | None:
    """Return a node's table from its rows, or None; problems are noted in the sheet.

    Parameters
    ----------
    sheet : Sheet
    node : Chance or Value
    inputs : sequence of Input
        The node's sound rows, in file order.
    axes : sequence of (name, states)
        Of the table.
    """
    shape = [len(states) for _, states in axes]
    cells = float(np.prod([float(n) for n in shape]))
    last = inputs[-1].line if inputs else 1
    if cells > LARGEST_TABLE:
        what = f"the table of {node.name} would have {cells:.3g} cells"
        sheet.wrong(last, what, f"cut some of its parents {', '.join(node.given)}")
        return None
    table = np.full(shape, np.nan)
    owner = np.full(shape, -1, dtype=np.int64)
    before = len(sheet.found)
    for i, row in enumerate(inputs):
        index = _index(row, axes)
        taken = owner[index]
        if (taken >= 0).any():
            key = tuple(int(k) for k in np.argwhere(taken >= 0)[0])
            first = inputs[int(taken[key])]
            cell = [int(part.ravel()[k]) for part, k in zip(index, key, strict=True)]
            what = f"{_cell(node, axes, cell)} is set already by line {first.line}"
            sheet.wrong(row.line, what, "remove one of the two rows, or narrow its given")
        table[index] = row.number
        owner[index] = i
    if len(sheet.found) > before:
        return None
    _missing(sheet, node, axes, owner, last)
    if isinstance(node, Chance) and len(sheet.found) == before:
        _fill_rest(sheet, node, inputs, axes, table, owner)
    return table if len(sheet.found) == before else None


def _index(row: Input, axes: Sequence[Axis]) -> tuple[NDArray[np.intp], ...]:
    wanted = dict(row.where)
    lists = []
    for name, states in axes:
        if name == row.node:
            lists.append([states.index(row.state or "")])
        elif name in wanted:
            lists.append([states.index(state) for state in wanted[name]])
        else:
            lists.append(list(range(len(states))))
    return np.ix_(*lists) if lists else ()


def _cell(node: Chance | Value, axes: Sequence[Axis], key: Sequence[int]) -> str:
    if isinstance(node, Chance):
        where = combination(axes[:-1], key[:-1])
        return f"{node.name}={node.states[key[-1]]}{where}"
    return f"{node.name}{combination(axes, key)}"


def _missing(
    sheet: Sheet,
    node: Chance | Value,
    axes: Sequence[Axis],
    owner: NDArray[np.int64],
    line: int,
) -> None:
    missing = np.argwhere(owner < 0)
    for key in missing[:MOST_MISSING]:
        what = f"there is no row for {_cell(node, axes, key.tolist())}"
        sheet.wrong(line, what, "add it")
    if len(missing) > MOST_MISSING:
        what = f"{len(missing) - MOST_MISSING} more cells of {node.name} have no row"
        sheet.wrong(line, what, "add them; a parent left out of given means any of its states")


def _fill_rest(
    sheet: Sheet,
    node: Chance,
    inputs: Sequence[Input],
    axes: Sequence[Axis],
    table: Array,
    owner: NDArray[np.int64],
) -> None:
    told: set[tuple[int, tuple[float, ...]]] = set()
    for key in np.ndindex(*table.shape[:-1]):
        row = table[key]
        rest = np.flatnonzero(np.isnan(row))
        lines = [inputs[i].line for i in owner[key]]
        where = combination(axes[:-1], key)
        if len(rest) > 1:
            second = sorted(lines[i] for i in rest)[1]
            if (second, ()) not in told:
                what = f"{node.name}{where} has `rest` twice"
                sheet.wrong(second, what, "write a number in one")
            told.add((second, ()))
            continue
        if len(rest):
            left = 1.0 - np.delete(row, rest[0]).sum()
            if left >= -SUM_TOLERANCE:
                row[rest[0]] = max(left, 0.0)
            else:
                row[rest[0]] = 0.0
        known = (max(lines), tuple(row))
        if abs(row.sum() - 1) > SUM_TOLERANCE and known not in told:
            sheet.wrong(max(lines), *wrong_sum(node.name, node.states, where, row))
            told.add(known)
