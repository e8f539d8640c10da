"""Tables: from what a user has (pandas, named arrays, mappings) to arrays, and back.

Inside a diagram a table is a read-only float64 array with one axis per parent in the
order of `given` and, for a chance node, a last axis for its own states.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.nodes import Chance, Value
from decision.model.problems import MOST, Place, Problem, capped, nearest, problem, shorten

__all__ = ["as_array", "probability_problems", "read_only"]

Array = NDArray[np.float64]
Axis = tuple[str, tuple[str, ...]]
Cells = dict[tuple[str, ...], Any]

SUM_TOLERANCE = 1e-9 + 1e-15
"""The contract's, and what rounding may add to a sum that is off by just that."""
LARGEST_TABLE = 2**27
"""Cells; a gigabyte of numbers."""
MOST_AXES = 64
"""Of an array in numpy."""
MOST_SHOWN = 12


class MismatchError(Exception):
    """A table does not fit its node."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(what)
        self.what, self.do = what, do


def read_only(array: Array) -> Array:
    """Return the array as contiguous float64 that cannot be written to."""
    fixed = np.array(array, dtype=np.float64, order="C")
    fixed.setflags(write=False)
    return fixed


def axes_of(node: Chance | Value, states: Mapping[str, tuple[str, ...]]) -> list[Axis]:
    """Return the named axes of a node's table: parents, then a chance node's own states."""
    names = (*node.given, node.name) if isinstance(node, Chance) else node.given
    return [(name, states[name]) for name in names]


def size_of(axes: Sequence[Axis]) -> int:
    """Return the number of cells."""
    return math.prod(len(states) for _, states in axes)


def shown_size(size: int) -> str:
    """Return a number of cells as a message writes it."""
    return f"{size:.3g} cells" if size < 10**300 else "more than 1e+300 cells"


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
    try:
        return read_only(_fitted(table, axes, name))
    except MismatchError as error:
        return problem(place, f"the table of {name} {error.what}", error.do)
    except RecursionError:
        return problem(place, f"the table of {name} is nested too deep", "use a flat one")


def _fitted(table: Any, axes: Sequence[Axis], name: str) -> Array:
    shape = tuple(len(states) for _, states in axes)
    if table is None:
        raise MismatchError("is missing", "give one")
    if size_of(axes) > LARGEST_TABLE:
        raise MismatchError(f"would have {shown_size(size_of(axes))}", "cut some of its parents")
    if len(axes) > MOST_AXES:
        raise MismatchError(f"would have {len(axes)} axes", "cut some of its parents")
    found: Cells | None = None
    if type(table).__module__.split(".")[0] == "pandas":
        from decision.model.frames import pandas_cells

        found = pandas_cells(table, axes, name)
    elif hasattr(table, "dims") and hasattr(table, "coords"):
        found = _named_cells(table, axes)
    elif isinstance(table, Mapping):
        found = _mapping_cells(table, axes)
    array = _numbers(table) if found is None else _from_cells(found, axes)
    if array.shape != shape:
        wanted = ", ".join(f"{axis} {len(states)}" for axis, states in axes)
        do = f"use the axes {wanted}" if wanted else "give a single number"
        raise MismatchError(f"has the shape {array.shape}, not {shape}", do)
    if not np.isfinite(array).all():
        raise MismatchError("has a cell that is missing or not finite", "fill it")
    return array


def _numbers(table: Any) -> Array:
    """Return nested lists or an array as float64; text and dates are no numbers."""
    try:
        array = np.asarray(table)
    except (ValueError, OverflowError):
        raise MismatchError("has rows of unequal length", "give every row every cell") from None
    if array.dtype.kind in "fiub":
        return array.astype(np.float64)
    if array.dtype.kind != "O":
        raise MismatchError(f"holds {shorten(ascii(array.flat[0].item()))}", "use numbers")
    return np.array([number(cell) for cell in array.ravel()], dtype=float).reshape(array.shape)


def number(cell: Any) -> float:
    """Return a cell as a float; text is no number, even where it looks like one."""
    try:
        if isinstance(cell, str | bytes | complex):
            raise TypeError
        return float(cell)
    except (TypeError, ValueError, OverflowError):
        shown = ascii(cell) if isinstance(cell, str | bytes) else type(cell).__name__
        raise MismatchError(f"holds {shorten(shown)}", "use finite numbers") from None


def _named_cells(table: Any, axes: Sequence[Axis]) -> Cells:
    """Return the cells of an array with `dims` and `coords`, as xarray has them."""
    names = [str(name) for name in table.dims]
    wanted = dict(axes)
    if sorted(names) != sorted(wanted):
        what = f"has the axes {', '.join(map(shorten, names)) or 'of a single number'}"
        raise MismatchError(what, f"name them {', '.join(wanted) or 'nothing: it has no parents'}")
    labels = [
        _labels(table.coords[name]) if name in table.coords else list(wanted[name])
        for name in names
    ]
    values = np.asarray(getattr(table, "values", table))
    if values.shape != tuple(map(len, labels)):
        what = f"has the shape {values.shape}, its coordinates {tuple(map(len, labels))}"
        raise MismatchError(what, "give every cell a coordinate")
    order = [names.index(name) for name, _ in axes]
    cells: Cells = {}
    for key, cell in zip(product(*labels), values.ravel().tolist(), strict=True):
        add_cell(cells, tuple(key[i] for i in order), cell)
    return cells


def _labels(coordinate: Any) -> list[str]:
    return [str(label) for label in np.asarray(getattr(coordinate, "values", coordinate)).ravel()]


def _mapping_cells(table: Mapping[Any, Any], axes: Sequence[Axis]) -> Cells:
    cells: Cells = {}

    def walk(entry: Any, key: tuple[str, ...]) -> None:
        if isinstance(entry, Mapping):
            for part, inner in entry.items():
                parts = tuple(map(str, part)) if isinstance(part, tuple) else (str(part),)
                walk(inner, key + parts)
        elif len(key) < len(axes) and not np.isscalar(entry):
            inner = _numbers(entry)
            rest = axes[len(key) :]
            if inner.shape != tuple(len(states) for _, states in rest):
                at = f" at {shorten(', '.join(key))}" if key else ""
                what = f"has an entry of the shape {inner.shape}{at}"
                wanted = ", ".join(f"{axis} {len(states)}" for axis, states in rest)
                raise MismatchError(what, f"use the axes {wanted}")
            labels = product(*(states for _, states in rest))
            for label, cell in zip(labels, inner.ravel().tolist(), strict=True):
                add_cell(cells, key + label, cell)
        else:
            add_cell(cells, key, entry)

    walk(table, ())
    return cells


def add_cell(cells: Cells, key: tuple[str, ...], cell: Any) -> None:
    """Add a cell; one that is there already is a mismatch."""
    if key in cells:
        raise MismatchError(f"has two cells for {shorten(', '.join(key))}", "remove one")
    cells[key] = cell


def _from_cells(cells: Cells, axes: Sequence[Axis]) -> Array:
    for key in cells:
        if len(key) != len(axes):
            names = ", ".join(name for name, _ in axes)
            what = f"has a cell at {shorten(key)}, which names {len(key)} states, not {len(axes)}"
            do = f"name one state for each of {names}" if names else "give a single number"
            raise MismatchError(what, do)
        for part, (name, states) in zip(key, axes, strict=True):
            if part not in states:
                what = f"has a cell for {name}={shorten(part)}, which is no state of {name}"
                raise MismatchError(what, nearest(part, states))
    wanted = list(product(*(states for _, states in axes)))
    missing = next((key for key in wanted if key not in cells), None)
    if missing is not None:
        cell = ", ".join(f"{a}={s}" for (a, _), s in zip(axes, missing, strict=True))
        raise MismatchError(f"has no cell for {cell or 'its single number'}", "add it")
    flat = np.array([number(cells[key]) for key in wanted], dtype=np.float64)
    return flat.reshape([len(states) for _, states in axes])


def probability_problems(array: Array, axes: Sequence[Axis], place: Place) -> list[Problem]:
    """Return what is wrong with the rows of a table of probabilities, one problem a row."""
    return capped(_probability_problems(array, axes, place))


def _probability_problems(array: Array, axes: Sequence[Axis], place: Place) -> Iterator[Problem]:
    name, states = axes[-1]
    outside = np.asarray(((array < 0) | (array > 1)).any(axis=-1))
    wrong = outside | (np.abs(array.sum(axis=-1) - 1) > SUM_TOLERANCE)
    for key in map(tuple, np.argwhere(wrong)[: MOST + 1].tolist()):
        row = array[key]
        where = combination(axes[:-1], key)
        if outside[key]:
            worst = int(np.argmax(np.abs(row - 0.5)))
            what = f"P({name}={states[worst]}{where}) is {row[worst]:g}, outside [0, 1]"
            yield problem(place, what, "use a probability")
        else:
            yield problem(place, *wrong_sum(name, states, where, row))


def combination(parents: Sequence[Axis], key: Sequence[int]) -> str:
    """Return `` given a=x; b=y`` for a combination of parents' states."""
    listed = "; ".join(f"{n}={s[i]}" for (n, s), i in zip(parents, key, strict=True))
    return f" given {listed}" if listed else ""


def wrong_sum(name: str, states: Sequence[str], where: str, row: Array) -> tuple[str, str]:
    """Return what is wrong with a row of probabilities and what to do."""
    parts = [f"{state} {p:g}" for state, p in zip(states, row, strict=True)]
    shown = ", ".join(parts[:MOST_SHOWN]) + (", …" if len(parts) > MOST_SHOWN else "")
    what = f"{name}{where} sums to {row.sum():.12g} ({shown})"
    return what, "change a number, or write `rest` in one"
