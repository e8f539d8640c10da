"""Boxes that hold many of the cases of interest, found by peeling (PRIM).

The patient rule induction method begins with the box that holds all cases and peels away, step
by step, a small share of what is left at one end of one input, where that raises the
density of cases of interest most; then it pastes back what was peeled too much (Friedman
and Fisher 1999, "Bump hunting in high-dimensional data", Statistics and Computing 9,
123-143, doi:10.1023/A:1008894516817).

The rule by which a step is chosen, the gain in density for each case that is removed, and the
quantile between two cases are those of the EMA workbench (Kwakkel 2017, Environmental
Modelling and Software 96, doi:10.1016/j.envsoft.2017.06.054), so that both give the same
trajectories for inputs that are continuous.

Every input stays sorted while cases leave, so that a step costs one pass over what is left.
"""

from __future__ import annotations

from math import ceil, floor, inf

import numpy as np
from numpy.typing import NDArray

from decision.analysis.boxes import Box, judged, whole
from decision.model.dataclass import replace

__all__ = ["peel"]

Array = NDArray[np.float64]
Cases = NDArray[np.bool_]
ALPHA = 0.05
"""Share of the cases that a step removes, or pastes."""
LEAST = 0.05
"""Share of all cases that a box holds, at least."""

Trajectory = tuple[Box, ...]
"""The boxes on the way, the one that holds all cases first."""


def peel(
    inputs: Array,
    interest: Cases,
    *,
    there: Cases | None = None,
    alpha: float = ALPHA,
    least: float = LEAST,
) -> Trajectory:
    """Peel a box out of some cases, then paste.

    Parameters
    ----------
    inputs : ndarray (inputs, cases)
    interest : ndarray of bool (cases)
        Which cases the box is to hold.
    there : ndarray of bool (cases), optional
        Cases that are left: those outside earlier boxes; default all. Coverage and mass
        count all cases nevertheless.
    alpha : float
        Share of the box's cases that a step removes.
    least : float
        Share of all cases that the box holds in the end, at least.

    Returns
    -------
    tuple of Box
        From all cases to the last box.

    Examples
    --------
    >>> x = np.linspace(0, 1, 101)[None]
    >>> last = peel(x, x[0] > 0.8, alpha=0.1)[-1]
    >>> last.low.round(2), last.density, last.coverage
    (array([0.82]), 1.0, 0.95)
    """
    there = np.ones(len(interest), dtype=bool) if there is None else there
    box = judged(whole(len(inputs)), inputs, interest, there)
    found = [box]
    sorting = _Sorted(inputs, there)
    while (peeled := _peeled(box, sorting, interest, alpha)) is not None:
        box = judged(peeled, inputs, interest, there)
        if box.mass < least:
            break
        found.append(box)
    box = found[-1]
    while (wider := _pasted(box, inputs, interest, there, alpha)) is not None:
        found.append(box := wider)
    return tuple(found)


# -- peeling ------------------------------------------------------------------------


class _Sorted:
    """The cases that are left, sorted by each input."""

    def __init__(self, inputs: Array, there: Cases) -> None:
        order = np.argsort(inputs, axis=1, kind="stable")
        self.order = order[there[order]].reshape(len(inputs), int(there.sum()))
        self.values = np.take_along_axis(inputs, self.order, axis=1)
        self.inputs, self.inside = inputs, there.copy()

    def cut(self, place: int, low: float, high: float) -> None:
        """Keep what lies between two limits of an input."""
        self.inside &= (self.inputs[place] >= low) & (self.inputs[place] <= high)
        kept = self.inside[self.order]
        shape = (len(self.order), int(self.inside.sum()))
        self.order = self.order[kept].reshape(shape)
        self.values = self.values[kept].reshape(shape)


def _peeled(box: Box, left: _Sorted, interest: Cases, alpha: float) -> Box | None:
    """Return the box after the best step; None where no step raises its density."""
    count = left.order.shape[1]
    if not left.order.size:
        return None
    hits = np.cumsum(interest[left.order], axis=1, dtype=np.int64)
    total, rows = int(hits[0, -1]), np.arange(len(hits))
    low, high = _quantiles(left.values, alpha), _quantiles(left.values, 1 - alpha)
    below = (left.values < low[:, None]).sum(axis=1)
    above = (left.values > high[:, None]).sum(axis=1)
    gone = np.stack([above, below], axis=1)
    lost = np.stack(
        [
            total - np.where(above < count, hits[rows, count - above - 1], 0),
            np.where(below > 0, hits[rows, below - 1], 0),
        ],
        axis=1,
    )
    rest = count - gone
    gain = np.full(gone.shape, -inf)
    useful = (gone > 0) & (rest > 0)
    gain[useful] = ((total - lost[useful]) / rest[useful] - total / count) / gone[useful]
    best = gain.max()
    if not best > 0:
        return None
    # Of steps that are as good the one that restricts no further input.
    restricted = np.zeros(len(gone), dtype=bool)
    restricted[list(box.restricted)] = True
    equal = gain == best
    if (equal & restricted[:, None]).any():
        equal &= restricted[:, None]
    place, end = divmod(int(np.flatnonzero(equal.reshape(-1))[0]), 2)
    lows, highs = box.low.copy(), box.high.copy()
    if end:
        lows[place] = low[place]
    else:
        highs[place] = high[place]
    left.cut(place, lows[place], highs[place])
    return replace(box, low=lows, high=highs)


def _quantiles(values: Array, share: float) -> Array:
    """Return for each row of sorted values a limit between two that differ, if there is one."""
    last = values.shape[1] - 1
    lower, upper = floor(last * share), ceil(last * share)
    rows = np.arange(len(values))
    if share > 0.5:
        edge = values[:, upper]
        other = np.minimum((values < edge[:, None]).sum(axis=1) - 1, lower).clip(0)
    else:
        edge = values[:, lower]
        other = np.maximum((values <= edge[:, None]).sum(axis=1), upper).clip(None, last)
    found: Array = (edge + values[rows, other]) / 2
    return found


# -- pasting ------------------------------------------------------------------------


def _pasted(box: Box, inputs: Array, interest: Cases, there: Cases, alpha: float) -> Box | None:
    """Return the box widened by the best paste; None where none raises its density."""
    best, gained = None, 0.0
    for place in box.restricted:
        for end in ("low", "high"):
            wider = _wider(box, place, end, inputs, there, alpha)
            if wider is None:
                continue
            wider = judged(wider, inputs, interest, there)
            if wider.cases > box.cases:
                gain = (wider.density - box.density) / (wider.cases - box.cases)
                if gain > gained:
                    best, gained = wider, gain
    return best


def _wider(box: Box, place: int, end: str, inputs: Array, there: Cases, alpha: float) -> Box | None:
    limit = (box.low if end == "low" else box.high)[place]
    if not np.isfinite(limit):
        return None
    beside = box.without(place)
    (beside.high if end == "low" else beside.low)[place] = limit
    next_to = np.sort(inputs[place, beside.holds(inputs) & there])[None]
    wider = box.without(place, end)
    if next_to.size:
        share = 1 - alpha if end == "low" else alpha
        (wider.low if end == "low" else wider.high)[place] = _quantiles(next_to, share)[0]
    return wider
