"""What a change makes of numbers: its operator, and the other states of the row.

Proportional covariation: when one probability of a row changes, the others keep their
proportions to each other; others that were all 0 share the rest equally. It minimises
the Chan–Darwiche distance between the two distributions (Chan and Darwiche 2002, "When
do numbers really matter?", JAIR 17, doi:10.1613/jair.967).
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import replace
from decision.model.language import Change
from decision.model.nodes import Value

__all__ = ["covary", "operate", "reweighted"]

Array = NDArray[np.float64]
LARGEST = sys.float_info.max
PAIRED = 8
"""States from which on numpy adds up in pairs, not one after another."""


def operate(change: Change, before: Array | np.float64) -> Array:
    """Return the numbers after a change's operator."""
    number = change.number
    if change.operator == "=":
        return np.full(before.shape, number)
    with np.errstate(all="ignore"):
        if change.kind == "odds":
            after = before * number / (1 - before + before * number)
        elif change.operator == "*=":
            after = before * number
        elif change.operator == "+=":
            after = before + number
        else:
            after = before - number
    return np.asarray(after)


def covary(rows: Array, state: int, after: Array | float) -> Array:
    """Return rows of probabilities with one state set and the others in proportion.

    Parameters
    ----------
    rows : ndarray (…, states)
    state : int
    after : ndarray (…), or float
        New probability of the state, in [0, 1].
    """
    if rows.size == rows.shape[-1] < PAIRED and isinstance(after, float):
        return _covaried(rows, state, after)
    others = rows.copy()
    others[..., state] = 0.0
    total = np.add.reduce(others, axis=-1, keepdims=True)
    if np.count_nonzero(total) < total.size:
        others[total[..., 0] == 0] = 1.0  # all were 0: they share equally
        others[..., state] = 0.0
        total = others.sum(axis=-1, keepdims=True)
    others /= total
    others *= 1.0 - (after if isinstance(after, float) else after[..., None])
    others[..., state] = after
    return others


def _covaried(row: Array, state: int, after: float) -> Array:
    """Return the same of one short row: in numpy it would be nothing but the starting of calls."""
    others = row.ravel().tolist()
    others[state] = 0.0
    total = 0.0
    for number in others:  # `sum` makes up for rounding from Python 3.12 on; numpy does not
        total += number
    if not total:
        others = [1.0] * len(others)
        others[state] = 0.0
        total = len(others) - 1.0
    rest = 1.0 - after
    others = [number / total * rest for number in others]
    others[state] = after
    return np.array(others).reshape(row.shape)


def reweighted(value: Value, weight: float) -> Value:
    """Return a value node with another weight, its range moved by the same factor.

    From a weight of 0 no factor leads anywhere, so the range is dropped.
    """
    low, high = value.weight_low, value.weight_high
    if not value.weight:
        return replace(value, weight=weight, weight_low=None, weight_high=None)
    factor = weight / value.weight
    return replace(
        value,
        weight=weight,
        weight_low=None if low is None else min(low * factor, weight),
        weight_high=None if high is None else min(max(high * factor, weight), LARGEST),
    )
