"""Boxes among many cases, and how well they tell the cases of interest from the others.

A box restricts some inputs to a range each. For scenario discovery (Bryant and Lempert 2010,
"Thinking inside the box", Technological Forecasting and Social Change 77(1), 34-49,
doi:10.1016/j.techfore.2009.08.002) it is judged by its *density* (the share of its cases
that are of interest), its *coverage* (the share of all cases of interest that it holds) and
by how few inputs it restricts. A limit's *quasi-p* is how probable so many cases of interest
would be if the limit added nothing: a binomial test against the box without it.
"""

from __future__ import annotations

from math import inf, log

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass, replace

__all__ = ["Box", "judged", "quasi_p", "whole"]

Array = NDArray[np.float64]
Cases = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Box:
    """A box, and how it fares among the cases it is judged by.

    Attributes
    ----------
    low, high : ndarray (inputs)
        Its limits, which belong to it; minus and plus infinity where there is none.
    cases, hits : int
        Cases it holds, and how many of them are of interest.
    coverage, density, mass : float
        Hits of all hits; hits of its cases; its cases of all cases.
    """

    low: Array
    high: Array
    cases: int
    hits: int
    coverage: float
    density: float
    mass: float

    @property
    def restricted(self) -> tuple[int, ...]:
        """Positions of the inputs that have a limit."""
        limited = np.isfinite(self.low) | np.isfinite(self.high)
        return tuple(int(i) for i in np.flatnonzero(limited))

    def holds(self, inputs: Array) -> Cases:
        """Return which cases (inputs, cases) lie in the box."""
        inside = np.ones(inputs.shape[1], dtype=bool)
        for i in self.restricted:
            inside &= (inputs[i] >= self.low[i]) & (inputs[i] <= self.high[i])
        return inside

    def without(self, place: int, end: str | None = None) -> Box:
        """Return the box with no limit on an input, or none at one `end` of it.

        What it holds is not counted anew: see `judged`.
        """
        low, high = self.low.copy(), self.high.copy()
        if end in (None, "low"):
            low[place] = -inf
        if end in (None, "high"):
            high[place] = inf
        return replace(self, low=low, high=high)


def whole(inputs: int) -> Box:
    """Return the box without limits; what it holds is not counted."""
    free = np.full(inputs, inf)
    return Box(-free, free, 0, 0, 0.0, 0.0, 0.0)


def judged(box: Box, inputs: Array, interest: Cases, there: Cases | None = None) -> Box:
    """Return a box with what it holds counted among some cases."""
    inside = box.holds(inputs)
    if there is not None:
        inside &= there
    cases, hits = int(inside.sum()), int(interest[inside].sum())
    return replace(
        box,
        cases=cases,
        hits=hits,
        coverage=hits / max(int(interest.sum()), 1),
        density=hits / max(cases, 1),
        mass=cases / max(len(interest), 1),
    )


def quasi_p(box: Box, inputs: Array, interest: Cases, there: Cases | None = None) -> Array:
    """Return for each input's two limits how probable the box's hits are without it.

    Parameters
    ----------
    box : Box
        As judged among these cases.

    Returns
    -------
    ndarray (inputs, 2)
        For low and high; nan where there is no limit.
    """
    found = np.full((len(box.low), 2), np.nan)
    for place in box.restricted:
        for i, (end, limits) in enumerate((("low", box.low), ("high", box.high))):
            if np.isfinite(limits[place]):
                wider = judged(box.without(place, end), inputs, interest, there)
                found[place, i] = _as_many(box.hits, box.cases, wider.density)
    return found


def _as_many(hits: int, cases: int, p: float) -> float:
    """Return the probability of so many hits or more of a binomial distribution."""
    if hits <= 0 or p >= 1:
        return 1.0
    if p <= 0:
        return 0.0
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, cases + 1)))])
    k = np.arange(hits, cases + 1)
    terms = logs[-1] - logs[k] - logs[cases - k] + k * log(p) + (cases - k) * log(1 - p)
    return float(min(1.0, np.exp(terms).sum()))
