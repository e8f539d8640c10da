"""Branch probabilities by forward filtering, and what is still to come, summed out.

At a situation (the states of the revealed variables that matter) every table is
restricted to it; the product of the restricted tables, summed over the unrevealed
variables but one, is that one's distribution up to a factor:
P(x | h) ∝ Σ_hidden Π tables(h, x, hidden). All situations of a level are done at once:
arrays have a leading axis over situations.

Risk is carried in logarithms, since exp(−total/tolerance) leaves the range of floats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from decision.model.problems import COMMAND_LINE, ModelError, problem
from decision.tree.course import Course, Level

__all__ = ["branch_probabilities", "remainder", "restricted"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Factor = tuple[tuple[str, ...], Array]
"""Unrevealed variables, and an array with the axes (situations, those variables…)."""

CELLS = 2**21
"""Numbers in the largest array of a block of situations: 16 MB."""
LARGEST = 2**25


def restricted(
    table: Array, scope: Sequence[str], matters: Sequence[str], situations: Indices
) -> Factor:
    """Return a table restricted to situations; the axis has length 1 if they don't matter."""
    known = [name for name in scope if name in matters]
    free = tuple(name for name in scope if name not in matters)
    if not known:
        return free, table[np.newaxis]
    moved = table.transpose([scope.index(name) for name in (*known, *free)])
    return free, moved[tuple(situations[:, matters.index(name)] for name in known)]


def branch_probabilities(course: Course, level: Level, situations: Indices) -> Array:
    """Return P(level's variable | situation), an array (situations, states)."""
    sizes = _sizes(course)
    evidence = level.evidence
    found = np.empty((len(situations), len(level.states)))
    scopes = [
        tuple(n for n in _scope(course, name) if n not in evidence.known)
        for name in evidence.factors
    ]
    for block in _blocks(len(situations), scopes, (level.name,), sizes):
        factors = [
            restricted(_table(course, n), _scope(course, n), level.matters, situations[block])
            for n in evidence.factors
        ]
        weights = _summed(factors, (level.name,), sizes)
        if len(evidence.factors) > 1:  # a single table is shown as it was typed
            weights = weights / weights.sum(axis=1, keepdims=True)
        found[block] = weights
    return found


def remainder(course: Course, k: int, situations: Indices) -> tuple[Array, Array, Array]:
    """Return what the values not settled before a level bring, after the last decision.

    Parameters
    ----------
    course : Course
    k : int
        A level after the last decision.
    situations : (n, matters) array

    Returns
    -------
    expected : (n,) array
        Expected weighted points.
    certain : (n,) array
        Certain equivalent of these points; the same without risk.
    amounts : (n, values) array
        Expectations in natural units, values in file order; 0 where settled before.
    """
    model = course.model
    pending = course.levels[k].pending if k < len(course.levels) else ()
    expected = np.zeros(len(situations))
    amounts = np.zeros((len(situations), len(model.values)))
    for i, value in enumerate(model.values):
        if value.name in pending:
            points, natural = _expectations(course, k, situations, value.name)
            expected += points
            amounts[:, i] = natural
    pending = tuple(name for name in pending if model.utility(name).any())
    if model.risk is None or not pending:
        return expected, expected, amounts
    return expected, _certain(course, k, situations, pending, model.risk), amounts


def _expectations(course: Course, k: int, situations: Indices, value: str) -> tuple[Array, Array]:
    model, matters, sizes = course.model, course.matters(k), _sizes(course)
    scope = model.given(value)
    free = tuple(name for name in scope if name not in course.revealed(k))
    evidence = course.evidence(k, free)
    scopes = [
        tuple(n for n in _scope(course, name) if n not in evidence.known)
        for name in evidence.factors
    ]
    tables = (model.utility(value), model.nodes[value].table)  # type: ignore[attr-defined]
    found = np.empty((2, len(situations)))
    for block in _blocks(len(situations), [*scopes, free], free, sizes):
        rows = situations[block]
        factors = [
            restricted(_table(course, n), _scope(course, n), matters, rows)
            for n in evidence.factors
        ]
        weights = _summed(factors, free, sizes)
        axes = tuple(range(1, 1 + len(free)))
        weights = weights / weights.sum(axis=axes, keepdims=True)
        for row, table in enumerate(tables):
            order, amounts = restricted(table, scope, matters, rows)
            assert order == free
            found[row, block] = (weights * amounts).sum(axis=axes)
    return found[0], found[1]


def _certain(
    course: Course, k: int, situations: Indices, pending: Sequence[str], tolerance: float
) -> Array:
    model, matters, sizes = course.model, course.matters(k), _sizes(course)
    revealed = course.revealed(k)
    free = {n for value in pending for n in model.given(value) if n not in revealed}
    evidence = course.evidence(k, free)
    logs = {name: _logarithm(_table(course, name)) for name in evidence.factors}
    scopes = [
        tuple(n for n in _scope(course, name) if n not in evidence.known)
        for name in evidence.factors
    ]
    scopes += [tuple(n for n in model.given(v) if n not in revealed) for v in pending]
    found = np.empty(len(situations))
    for block in _blocks(len(situations), scopes, (), sizes):
        rows = situations[block]
        factors = [
            restricted(table, _scope(course, name), matters, rows) for name, table in logs.items()
        ]
        worth = [
            restricted(-model.utility(v) / tolerance, model.given(v), matters, rows)
            for v in pending
        ]
        found[block] = -tolerance * (
            _summed([*factors, *worth], (), sizes, logarithms=True)
            - _summed(factors, (), sizes, logarithms=True)
        )
    return found


# -- tables of the model ------------------------------------------------------


def _table(course: Course, chance: str) -> Array:
    return course.model.nodes[chance].table  # type: ignore[attr-defined,no-any-return]


def _scope(course: Course, chance: str) -> tuple[str, ...]:
    return (*course.model.given(chance), chance)


def _sizes(course: Course) -> Mapping[str, int]:
    return course.model.structure.card


# -- sum of products ----------------------------------------------------------


def _summed(
    factors: Sequence[Factor],
    keep: tuple[str, ...],
    sizes: Mapping[str, int],
    logarithms: bool = False,
) -> Array:
    """Return the product of factors summed over all variables but some.

    A situation's numbers are scaled by a common factor where variables are summed out
    (not in logarithms), so that a long history does not underflow.
    """
    multiply = np.add if logarithms else np.multiply
    left = list(factors)
    for name in _elimination([scope for scope, _ in factors], keep, sizes):
        scope, array = _product([f for f in left if name in f[0]], multiply)
        axis = 1 + scope.index(name)
        array = _log_sum(array, axis) if logarithms else array.sum(axis=axis)
        scope = tuple(n for n in scope if n != name)
        if not logarithms:
            peak = array.max(axis=tuple(range(1, array.ndim)), keepdims=True)
            array = array / np.where(peak > 0, peak, 1.0)
        left = [f for f in left if name not in f[0]] + [(scope, array)]
    scope, array = _product(left, multiply)
    return array.transpose([0] + [1 + scope.index(name) for name in keep])


def _product(factors: Sequence[Factor], multiply: Callable[[Array, Array], Array]) -> Factor:
    union = tuple(dict.fromkeys(name for scope, _ in factors for name in scope))
    aligned = []
    for scope, array in factors:
        held = [name for name in union if name in scope]
        moved = array.transpose([0] + [1 + scope.index(name) for name in held])
        index = tuple(slice(None) if name in scope else np.newaxis for name in union)
        aligned.append(moved[(slice(None), *index)])
    return union, reduce(multiply, aligned)


def _elimination(
    scopes: Sequence[Sequence[str]], keep: Sequence[str], sizes: Mapping[str, int]
) -> list[str]:
    """Return an order of summing out: the variable that makes the smallest table first."""
    left = [set(scope) for scope in scopes]
    order: list[str] = []
    waiting = list(dict.fromkeys(n for scope in scopes for n in scope if n not in keep))
    while waiting:
        joined = {name: set().union(*(s for s in left if name in s)) for name in waiting}
        name = min(waiting, key=lambda n: _cells(joined[n], sizes))
        left = [s for s in left if name not in s] + [joined[name] - {name}]
        waiting.remove(name)
        order.append(name)
    return order


def _blocks(
    count: int,
    scopes: Sequence[Sequence[str]],
    keep: Sequence[str],
    sizes: Mapping[str, int],
) -> Iterator[slice]:
    """Split situations so that no array of a block grows beyond `CELLS`."""
    left = [set(scope) for scope in scopes]
    largest = _cells(keep, sizes)
    for name in _elimination(scopes, keep, sizes):
        joined = set[str]().union(*(s for s in left if name in s))
        largest = max(largest, _cells(joined, sizes))
        left = [s for s in left if name not in s] + [joined - {name}]
    if largest > LARGEST:
        what = f"a branch of the tree sums over a table of {largest:.3g} cells"
        raise ModelError([problem(COMMAND_LINE, what, "ask for a tree with a smaller depth")])
    rows = max(1, CELLS // int(largest))
    yield from (slice(start, start + rows) for start in range(0, count, rows))


def _cells(names: Sequence[str] | set[str], sizes: Mapping[str, int]) -> float:
    cells = 1.0
    for name in names:
        cells *= sizes[name]
    return cells


def _logarithm(table: Array) -> Array:
    return np.log(table, out=np.full_like(table, -np.inf), where=table > 0)


def _log_sum(array: Array, axis: int) -> Array:
    """Return log Σ exp along an axis; −inf where all are."""
    peak = array.max(axis=axis, keepdims=True)
    peak = np.where(np.isfinite(peak), peak, 0.0)
    total = np.exp(array - peak).sum(axis=axis)
    return _logarithm(total) + peak.squeeze(axis)
