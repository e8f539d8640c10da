"""Ranks, and how well one number's order goes with another's.

Spearman's correlation is Pearson's of the ranks, equal numbers sharing the mean of the
ranks they take up (Spearman 1904, "The proof and measurement of association between two
things", American Journal of Psychology 15(1), 72-101, doi:10.2307/1412159). It sees any
monotone dependence, and none that rises as much as it falls. Its standard error follows
Bonett and Wright 2000, "Sample size requirements for estimating Pearson, Kendall and
Spearman correlations", Psychometrika 65(1), doi:10.1007/BF02294183, by the delta method.
"""

from __future__ import annotations

from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ranked", "ranks", "standard_error"]

Array = NDArray[np.float64]


def ranks(numbers: Array, margin: float = 0.0) -> Array:
    """Return the ranks of some numbers, from 1; equal ones share their mean.

    Parameters
    ----------
    numbers : ndarray
    margin : float
        Neighbours in order that differ by no more are equal: numbers that would be the
        same but for rounding are not to be ranked by it.

    Examples
    --------
    >>> ranks(np.array([0.5, 0.1, 0.5, 0.9])).tolist()
    [2.5, 1.0, 2.5, 4.0]
    """
    order = np.argsort(numbers)
    new = np.ones(len(numbers), dtype=bool)
    np.greater(np.diff(numbers[order]), margin, out=new[1:])
    found = np.empty(len(numbers))
    if new.all():
        found[order] = np.arange(1.0, len(numbers) + 1)
    else:
        first = np.flatnonzero(new)
        count = np.diff(first, append=len(numbers))
        found[order] = np.repeat(first + (count + 1) / 2, count)
    return found


class Ranked:
    """Numbers whose ranks are compared with those of many others.

    Examples
    --------
    >>> Ranked(np.array([1.0, 2.0, 3.0, 4.0])).correlation(np.array([10.0, 30.0, 20.0, 40.0]))
    0.8
    """

    def __init__(self, numbers: Array, margin: float = 0.0) -> None:
        self.middle = (len(numbers) + 1) / 2
        self.ranks = ranks(numbers, margin) - self.middle if len(numbers) else numbers
        self.square = _product(self.ranks, self.ranks)

    def correlation(self, numbers: Array) -> float:
        """Return Spearman's correlation with other numbers; nan where one side never moves."""
        if not self.square or (numbers == numbers[0]).all():
            return nan
        other = ranks(numbers)
        other -= self.middle
        found = _product(self.ranks, other) / sqrt(self.square * _product(other, other))
        return max(-1.0, min(1.0, found))


def _product(one: Array, other: Array) -> float:
    # Not `@`: that may add in another order where there are more processors.
    return float((one * other).sum())


def standard_error(correlation: float, draws: int) -> float:
    """Return the standard error of Spearman's correlation; nan for fewer than four draws."""
    if draws < 4:
        return nan
    return (1 - correlation**2) * sqrt((1 + correlation**2 / 2) / (draws - 3))
