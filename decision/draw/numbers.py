"""Numbers as a picture prints them: as many digits as tell apart what differs.

Four options that lie within half a point of 100 are not told apart by 94, 94, 94 and 94;
values of the same picture have the same number of decimals, as many as it takes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import pairwise

from decision.analysis.wording import amount, signed, unit_of_total

__all__ = ["amount", "decimals", "decimals_of_range", "probability", "signed", "unit_of_total"]

MOST = 6
TIED = 1e-9


def decimals(groups: Collection[Sequence[float]], significant: int = 1) -> int:
    """Return how many decimals tell apart the values within each group.

    Parameters
    ----------
    groups : collection of sequence of float
        Values to be compared with each other; what ties (see the model format) is equal.
    significant : int
        Digits of the smallest difference to be seen.

    Examples
    --------
    >>> decimals([[94.19, 94.04, 93.85, 93.73]], significant=2)
    2
    >>> decimals([[22.5, 20.0]])
    0
    """
    needed = 0
    for group in groups:
        gaps = _gaps(group)
        if gaps:
            needed = max(needed, significant - 1 - math.floor(math.log10(min(gaps))))
        while needed < MOST and len({amount(v, needed) for v in group}) <= len(gaps):
            needed += 1
    needed = max(0, min(needed, MOST))
    while needed and all(amount(v, needed)[-1] == "0" for group in groups for v in group):
        needed -= 1  # round values, such as 22.50 and 20.00
    return needed


def decimals_of_range(values: Sequence[float]) -> int:
    """Return how many decimals show three digits of the range of some values.

    Examples
    --------
    >>> decimals_of_range([92.25, 96.36])
    2
    >>> decimals_of_range([-80, 190])
    0
    """
    reach = max(values) - min(values)
    if reach <= TIED * max(map(abs, values)):
        reach = abs(values[0]) or 1.0
    needed = max(0, min(2 - math.floor(math.log10(reach)), MOST))
    while needed and all(amount(v, needed)[-1] == "0" for v in values):
        needed -= 1
    return needed


def _gaps(values: Sequence[float]) -> list[float]:
    """Differences between neighbours that don't tie."""
    ordered = sorted(values)
    least = TIED * max((abs(v) for v in ordered), default=0.0)
    return [gap for a, b in pairwise(ordered) if (gap := b - a) > least]


def probability(value: float) -> str:
    """Write a probability with two decimals, and more where it is close to 0 or 1.

    Examples
    --------
    >>> [probability(p) for p in (0.5, 1 / 3, 0.034, 0.9968, 1.0, 1e-6)]
    ['0.50', '0.33', '0.03', '0.997', '1', '1e-06']
    """
    small = min(value, 1 - value)
    if small <= 0:
        return f"{value:.0f}"
    if value < 1e-4:
        return f"{value:.0e}"
    places = max(2, -math.floor(math.log10(small)))
    return f"{value:.{min(places, 12)}f}"
