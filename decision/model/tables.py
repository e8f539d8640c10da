"""Tables: from what a user has (pandas, named arrays, mappings) to arrays, and back.

Inside a diagram a table is a read-only float64 array with one axis per parent in the
order of `given` and, for a chance node, a last axis for its own states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.model.problems import Place, Problem, nearest, problem, shorten

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_array", "as_pandas", "probability_problems", "read_only"]

Array = NDArray[np.float64]
Axis = tuple[str, tuple[str, ...]]

SUM_TOLERANCE = 1e-9
LARGEST_TABLE = 2**27
"""Cells; a gigabyte of numbers, more than anybody types."""


def read_only(array: Array) -> Array:
    """Return the array as contiguous float64 that cannot be written to."""
    fixed = np.array(array, dtype=np.float64, order="C")
    fixed.setflags(write=False)
    return fixed


def as_array(table: Any, axes: Sequence[Axis], name: str, place: Place) -> Array | Problem:
    """Return a table as an array with the given axes.

    Parameters
    ----------
    table : DataFrame, Series, array with named axes (`dims`), array, mapping or number
    axes : sequence of (name, states)
        The axes wanted, in order.
    name : str
        Node, for messages.
    place : (str, int)
        Where the table stands, for messages.

    Returns
    -------
    ndarray or Problem
        Read-only, shape = number of states along each axis.
    """
    shape = tuple(len(states) for _, states in axes)
    try:
        if table is None:
            raise _Mismatch("has no table", "give one")
        if _size(shape) > LARGEST_TABLE:
            raise _Mismatch(f"would have a table of {_size(shape):.3g} cells", "cut some parents")
        if type(table).__module__.split(".")[0] == "pandas":
            array = _from_cells(_pandas_cells(table, axes), axes)
        elif hasattr(table, "dims") and hasattr(table, "coords"):
            array = _from_cells(_pandas_cells(table.to_series(), axes), axes)
        elif isinstance(table, Mapping):
            array = _from_cells(_mapping_cells(table, axes), axes)
        else:
            array = np.array(table, dtype=np.float64)
    except _Mismatch as error:
        return problem(place, f"{name} {error.what}", error.do)
    except (TypeError, ValueError):
        return problem(place, f"the table of {name} holds something that is no number", "mend it")
    if array.shape != shape:
        wanted = ", ".join(f"{axis} {len(states)}" for axis, states in axes) or "a single number"
        return problem(
            place,
            f"the table of {name} has the shape {array.shape}, not {shape}",
            f"use the axes {wanted}",
        )
    if not np.isfinite(array).all():
        return problem(
            place, f"the table of {name} has a cell that is missing or not finite", "fill it"
        )
    return read_only(array)


class _Mismatch(Exception):
    def __init__(self, what: str, do: str) -> None:
        super().__init__(what)
        self.what, self.do = what, do


def _size(shape: Sequence[int]) -> float:
    size = 1.0
    for length in shape:
        size *= length
    return size


def _pandas_cells(table: Any, axes: Sequence[Axis]) -> dict[tuple[str, ...], float]:
    """Return the cells of a Series or DataFrame by states in the order of the axes."""
    wanted = [name for name, _ in axes]
    if getattr(table, "ndim", 1) == 2:
        if len(wanted) == 1 and len(table) == 1 and table.index.nlevels == 1:
            table = table.iloc[0]
        elif table.shape[1] == 1 and str(table.columns[0]) not in dict(axes[-1:]).get(
            wanted[-1] if wanted else "", ()
        ):
            table = table.iloc[:, 0]
        else:
            columns = table.columns
            if columns.nlevels == 1 and columns.name not in wanted:
                columns = columns.rename(wanted[-1])
            index = table.index
            if index.nlevels == 1 and index.name not in wanted and len(wanted) == 2:
                index = index.rename(wanted[0])
            table = table.set_axis(columns, axis=1).set_axis(index, axis=0)
            for _ in range(columns.nlevels):
                table = table.stack(future_stack=True) if table.ndim == 2 else table
    index = table.index
    names = list(index.names)
    if len(wanted) == 1 and index.nlevels == 1:
        names = wanted
    if sorted(map(str, names)) != sorted(wanted):
        raise _Mismatch(
            f"has a table over {', '.join(map(str, names))}",
            f"name its index and columns {', '.join(wanted) or 'nothing: it has no parents'}",
        )
    order = [names.index(name) for name in wanted]
    keys = [key if isinstance(key, tuple) else (key,) for key in index]
    return {
        tuple(str(key[i]) for i in order): float(cell)
        for key, cell in zip(keys, table.to_numpy(), strict=True)
    }


def _mapping_cells(
    table: Mapping[Any, Any], axes: Sequence[Axis]
) -> dict[tuple[str, ...], float]:
    cells: dict[tuple[str, ...], float] = {}

    def walk(entry: Any, key: tuple[str, ...]) -> None:
        if isinstance(entry, Mapping):
            for part, inner in entry.items():
                parts = tuple(map(str, part)) if isinstance(part, tuple) else (str(part),)
                walk(inner, key + parts)
        elif isinstance(entry, Sequence) and not isinstance(entry, str) and len(axes) > len(key):
            for state, cell in zip(axes[-1][1], entry, strict=True):
                cells[(*key, state)] = float(cell)
        else:
            cells[key] = float(entry)

    walk(table, ())
    return cells


def _from_cells(cells: dict[tuple[str, ...], float], axes: Sequence[Axis]) -> Array:
    array = np.empty([len(states) for _, states in axes])
    wanted = list(product(*(states for _, states in axes)))
    for key in cells:
        if len(key) != len(axes):
            raise _Mismatch(
                f"has a cell at {key}, which names {len(key)} states, not {len(axes)}",
                "name one state for each of " + ", ".join(name for name, _ in axes),
            )
        for part, (name, states) in zip(key, axes, strict=True):
            if part not in states:
                raise _Mismatch(
                    f"has a cell for {name}={shorten(part)}, which is no state of {name}",
                    nearest(part, states),
                )
    missing = [key for key in wanted if key not in cells]
    if missing:
        cell = ", ".join(f"{a}={s}" for (a, _), s in zip(axes, missing[0], strict=True))
        raise _Mismatch(f"has no cell for {cell}", "add it")
    array.flat = [cells[key] for key in wanted]
    return array


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


def probability_problems(array: Array, axes: Sequence[Axis], place: Place) -> list[Problem]:
    """Return what is wrong with the rows of a table of probabilities, one problem a row."""
    name, states = axes[-1]
    found = []
    for key in np.ndindex(*array.shape[:-1]):
        row = array[key]
        where = combination(axes[:-1], key)
        if (row < 0).any() or (row > 1).any():
            worst = int(np.argmax(np.abs(row - 0.5)))
            found.append(
                problem(
                    place,
                    f"P({name}={states[worst]}{where}) is {row[worst]:g}, outside [0, 1]",
                    "use a probability",
                )
            )
        elif abs(row.sum() - 1) > SUM_TOLERANCE:
            found.append(problem(place, *wrong_sum(name, states, where, row)))
    return found


def combination(parents: Sequence[Axis], key: Sequence[int]) -> str:
    """Return `` given a=x; b=y`` for a combination of parents' states."""
    listed = "; ".join(f"{n}={s[i]}" for (n, s), i in zip(parents, key, strict=True))
    return f" given {listed}" if listed else ""


def wrong_sum(name: str, states: Sequence[str], where: str, row: Array) -> tuple[str, str]:
    """Return what is wrong with a row of probabilities and what to do."""
    parts = ", ".join(f"{state} {p:g}" for state, p in zip(states, row, strict=True))
    return (
        f"{name}{where} sums to {row.sum():.12g} ({parts})",
        "change a number, or write `rest` in one",
    )
