"""Rows laid into tables: every combination of the parents' states exactly once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from decision.model.nodes import Chance, Value
from decision.model.records import Input
from decision.model.rows import Sheet, cells_of
from decision.model.tables import SUM_TOLERANCE, Array, Axis, combination, wrong_sum

__all__ = ["lay_table"]

MOST_OVERLAPS = 100
MOST_OVERLAPPED = 10**7
"""Rows of one node, and cells of those rows: more overlaps are one mistake."""
MOST_MISSING = 12
MOST_LOOKED_AT = 10_000
ROUNDING = 1e-15

Owners = NDArray[np.int32]


def lay_table(
    sheet: Sheet, node: Chance | Value, inputs: Sequence[Input], axes: Sequence[Axis]
) -> Array | None:
    """Return a node's table from its rows, or None; problems are noted in the sheet.

    Parameters
    ----------
    sheet : Sheet
    node : Chance or Value
    inputs : sequence of Input
        The node's rows, all sound, in file order.
    axes : sequence of (name, states)
        Of the table.
    """
    shape = [len(states) for _, states in axes]
    table = np.full(shape, np.nan)
    owner = np.full(shape, -1, dtype=np.int32)
    overlaps = looked_at = 0
    for i, row in enumerate(inputs):
        index = cells_of(row, axes)
        taken = owner[index]
        if taken.max() >= 0:
            _note_overlap(sheet, node, inputs, i, index, taken, axes)
            overlaps += 1
            looked_at += taken.size
            if overlaps >= MOST_OVERLAPS or looked_at > MOST_OVERLAPPED:
                break
        table[index] = row.number
        owner[index] = i
    if overlaps or _note_missing(sheet, node, axes, owner, inputs[-1].line if inputs else 1):
        return None
    if isinstance(node, Chance):
        lines = np.array([row.line for row in inputs])
        if not _fill_rest(sheet, node, lines, axes, table, owner):
            return None
        if not _check_sums(sheet, node, lines, axes, table, owner):
            return None
    return table


def _note_overlap(
    sheet: Sheet,
    node: Chance | Value,
    inputs: Sequence[Input],
    i: int,
    index: tuple[NDArray[np.intp], ...],
    taken: Owners,
    axes: Sequence[Axis],
) -> None:
    key = np.unravel_index(int(np.argmax(np.asarray(taken) >= 0)), np.shape(taken))
    first = inputs[int(taken[key])]
    cell = [int(part.ravel()[k]) for part, k in zip(index, key, strict=True)]
    what = f"{_cell(node, axes, cell)} is set already by line {first.line}"
    do = "remove one of the two rows, or narrow its given"
    sheet.wrong(inputs[i].line, what, do)


def _cell(node: Chance | Value, axes: Sequence[Axis], key: Sequence[int]) -> str:
    if isinstance(node, Chance):
        return f"{node.name}={node.states[key[-1]]}{combination(axes[:-1], key[:-1])}"
    return f"{node.name}{combination(axes, key)}"


def _note_missing(
    sheet: Sheet, node: Chance | Value, axes: Sequence[Axis], owner: Owners, line: int
) -> bool:
    """Note the cells that no row sets, on the node's last line; tell whether there are any."""
    missing = np.flatnonzero(owner < 0)
    for flat in missing[:MOST_MISSING]:
        key = [int(k) for k in np.unravel_index(int(flat), owner.shape)]
        sheet.wrong(line, f"there is no row for {_cell(node, axes, key)}", "add it")
    if len(missing) > MOST_MISSING:
        what = f"{len(missing) - MOST_MISSING} more cells of {node.name} have no row"
        sheet.wrong(line, what, "add them; a parent left out of given means any of its states")
    return bool(len(missing))


def _fill_rest(
    sheet: Sheet,
    node: Chance,
    lines: NDArray[np.int64],
    axes: Sequence[Axis],
    table: Array,
    owner: Owners,
) -> bool:
    """Put in the table what `rest` stands for; tell whether each has its own combination."""
    rest = np.isnan(table)
    count = rest.sum(axis=-1)
    twice = count > 1
    if twice.any():
        for key in _first_of_each(owner, twice):
            second = np.sort(lines[owner[key][rest[key]]])[1]
            what = f"{node.name}{combination(axes[:-1], key)} has `rest` twice"
            sheet.wrong(int(second), what, "write a number in one")
        return False
    if count.any():
        left = 1.0 - np.nansum(table, axis=-1)
        # What is left of 0.7 + 0.2 + 0.1 is rounding, not a branch of the tree.
        table[rest] = np.where(left < ROUNDING, 0.0, left)[count == 1]
    return True


def _check_sums(
    sheet: Sheet,
    node: Chance,
    lines: NDArray[np.int64],
    axes: Sequence[Axis],
    table: Array,
    owner: Owners,
) -> bool:
    """Note each combination whose probabilities don't add up, on its last row."""
    wrong = np.abs(table.sum(axis=-1) - 1) > SUM_TOLERANCE
    for key in _first_of_each(owner, wrong):
        where = combination(axes[:-1], key)
        line = int(lines[owner[key]].max())
        sheet.wrong(line, *wrong_sum(node.name, node.states, where, table[key]))
    return not wrong.any()


def _first_of_each(owner: Owners, wrong: NDArray[np.bool_]) -> Iterator[tuple[int, ...]]:
    """Yield the wrong combinations, one for those that the same rows cover."""
    seen: set[bytes] = set()
    for flat in np.flatnonzero(wrong)[:MOST_LOOKED_AT]:
        key = tuple(int(k) for k in np.unravel_index(int(flat), wrong.shape))
        rows = owner[key].tobytes()
        if rows not in seen:
            seen.add(rows)
            yield key
