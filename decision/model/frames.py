"""Tables in pandas: read in every shape that names its axes, and given back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from decision.model.problems import shorten
from decision.model.tables import Array, Axis, Cells, MismatchError, add_cell

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_pandas", "pandas_cells"]

Keyed = list[tuple[tuple[str, ...], Any]]


def pandas_cells(table: Any, axes: Sequence[Axis], name: str) -> Cells:
    """Return the cells of a Series or DataFrame by states in the order of the axes.

    Parameters
    ----------
    table : Series or DataFrame
        Its levels, of index and columns together, are named as the axes, in any order. The
        columns of a chance node are its states, whatever they are called; one level
        without a name stands for the axis that no other level names; where there is one
        row or column only, it needs no name.
    axes : sequence of (name, states)
    name : str
        The node.
    """
    wanted = [axis for axis, _ in axes]
    keyed: Keyed = [(tuple(map(str, key)), cell) for key, cell in _flat(table)]
    names = _level_names(table, *(axes[-1] if wanted[-1:] == [name] else ("", ())))
    keyed, names = _without_idle_levels(keyed, names, wanted)
    free = [axis for axis in wanted if axis not in names]
    if names.count(None) == 1 and len(free) == 1:
        names[names.index(None)] = free[0]
    if sorted(map(str, names)) != sorted(wanted):
        there = ", ".join("(no name)" if level is None else shorten(level) for level in names)
        do = f"name its index and columns {', '.join(wanted)}" if wanted else "give one number"
        raise MismatchError(f"is over {there or 'nothing'}", do)
    order = [names.index(axis) for axis in wanted]
    cells: Cells = {}
    for key, cell in keyed:
        add_cell(cells, tuple(key[i] for i in order), cell)
    return cells


def _flat(table: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """Return every cell with its labels: those of the index, then those of the columns."""
    rows = [label if isinstance(label, tuple) else (label,) for label in table.index]
    cells = table.to_numpy()
    if cells.ndim == 1:
        return list(zip(rows, cells.tolist(), strict=True))
    columns = [label if isinstance(label, tuple) else (label,) for label in table.columns]
    return [
        ((*row, *column), cell)
        for row, line in zip(rows, cells.tolist(), strict=True)
        for column, cell in zip(columns, line, strict=True)
    ]


def _level_names(table: Any, own: str, states: Sequence[str]) -> list[str | None]:
    names: list[str | None] = list(table.index.names)
    if table.ndim == 2:
        columns = list(table.columns.names)
        are_states = len(columns) == 1 and any(str(label) in states for label in table.columns)
        names += [own] if are_states and own not in names else columns
    return [None if name is None else str(name) for name in names]


def _without_idle_levels(
    keyed: Keyed, names: list[str | None], wanted: Sequence[str]
) -> tuple[Keyed, list[str | None]]:
    """Leave out levels that have one label only and no axis's name, as many as are too many."""
    for i in reversed(range(len(names))):
        idle = names[i] not in wanted and len({key[i] for key, _ in keyed}) == 1
        if idle and len(names) > len(wanted):
            keyed = [(key[:i] + key[i + 1 :], cell) for key, cell in keyed]
            names = names[:i] + names[i + 1 :]
    return keyed, names


def as_pandas(array: Array, axes: Sequence[Axis], chance: bool, name: str) -> Any:
    """Return a chance table as DataFrame (states as columns), a value table as Series."""
    import pandas as pd

    parents = axes[:-1] if chance else axes
    index: pd.Index[Any] = pd.RangeIndex(1)
    if parents:
        index = pd.MultiIndex.from_product([s for _, s in parents], names=[n for n, _ in parents])
        if len(parents) == 1:
            index = index.get_level_values(0)
    if chance:
        columns = pd.Index(axes[-1][1], name=name)
        return pd.DataFrame(array.reshape(len(index), -1).copy(), index=index, columns=columns)
    return pd.Series(array.reshape(-1).copy(), index=index, name=name)
