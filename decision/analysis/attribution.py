"""Which outcomes carry a difference: an expectation's change, shared out over its causes.

A value node's expected points differ between two branches because its parents turn out
otherwise: E_a[u] − E_b[u] = Σ_x (P_a(x) − P_b(x)) u(x), over the joint outcomes x of the
parents. With one parent an outcome carries (P_a(x) − P_b(x)) (u(x) − ū), where ū is the
mean of u in the even mixture R = (P_a + P_b)/2: what it happens more often, times how much
better than the average it is (the composition term of Kitagawa 1955, "Components of a
difference between two rates", JASA 50(272), 1168-1194, doi:10.2307/2281213). Subtracting ū
changes no sum, since P_a − P_b sums to nothing, but a constant added to u then moves
nothing.

With several parents, let them become known one after another. What parent i adds to those
known before, S, is

    Σ (P_a − P_b)(x_S, x_i) · (E_R[u | x_S, x_i] − E_R[u | x_S]),

and by x_i these are its outcomes' parts; over one order they add up to the difference. A
parent adds nothing where its chances, given those before it, are the same in both
branches. No order is the right one, so the parts are averages over all orders: the Shapley
value (Shapley 1953, "A value for n-person games", Contributions to the Theory of Games II,
307-317) of the game w(S) = E_a[h_S] − E_b[h_S] with h_S = E_R[u | x_S]. They sum to the
difference exactly, change sign when the branches change places, and do not depend on how
files are ordered. It is an account of an association, not of a cause: of two parents that
always go together each gets half.

2^k sets of k parents are gone through; above `MOST` operations the one order is taken in
which the value node lists its parents.
"""

from __future__ import annotations

from math import factorial

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST", "carried"]

Array = NDArray[np.float64]
MOST = 5e7
"""Operations above which one order of the parents stands for all."""


def carried(utility: Array, one: Array, other: Array) -> list[Array]:
    """Share a difference of expectations out over the outcomes of each parent.

    Parameters
    ----------
    utility : ndarray
        Points by the states of the parents, an axis each.
    one, other : ndarray
        Joint probabilities of the parents in two branches; same shape.

    Returns
    -------
    list of ndarray
        For each axis, the points that each of its states carries; together they sum to
        the expectation under `one` less that under `other`.

    Examples
    --------
    >>> [part.round(9).tolist() for part in carried(
    ...     np.array([0.0, 100.0]), np.array([0.2, 0.8]), np.array([0.4, 0.6])
    ... )]
    [[14.0, 6.0]]
    """
    parts = [np.zeros(length) for length in utility.shape]
    moving = [axis for axis, length in enumerate(utility.shape) if length > 1]
    if len(moving) * 2.0 ** len(moving) * utility.size > MOST:
        orders = [(tuple(moving[:i]), axis, 1.0) for i, axis in enumerate(moving)]
    else:
        orders = _orders(moving)
    mixed, moved = (one + other) / 2, one - other
    weighed = mixed * utility
    known: dict[tuple[int, ...], tuple[Array, Array]] = {}

    def look(axes: tuple[int, ...]) -> tuple[Array, Array]:
        if axes not in known:
            rest = tuple(axis for axis in range(utility.ndim) if axis not in axes)
            mass = mixed.sum(axis=rest, keepdims=True)
            mean = weighed.sum(axis=rest, keepdims=True) / np.where(mass > 0, mass, 1.0)
            known[axes] = mean, moved.sum(axis=rest, keepdims=True)
        return known[axes]

    for before, axis, share in orders:
        mean, shift = look(tuple(sorted((*before, axis))))
        gained = shift * (mean - look(before)[0])
        rest = tuple(n for n in range(utility.ndim) if n != axis)
        parts[axis] += share * gained.sum(axis=rest)
    return parts


def _orders(axes: list[int]) -> list[tuple[tuple[int, ...], int, float]]:
    """Return each set of axes known before another, and the share of orders that is so."""
    number = len(axes)
    found = []
    for bits in range(2**number - 1):
        before = tuple(axis for i, axis in enumerate(axes) if bits >> i & 1)
        after = number - len(before) - 1
        share = factorial(len(before)) * factorial(after) / factorial(number)
        found += [(before, axis, share) for axis in axes if axis not in before]
    return found
