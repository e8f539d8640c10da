"""Finding the corners in which a branch loses, among draws that are there.

Of a trajectory the box is taken that has the highest weighted accuracy, mass × (density less
the density of all) (Lavrač, Flach and Zupan 1999, "Rule evaluation measures",
doi:10.1007/3-540-48751-4_17); limits that add nothing, and inputs above the number that a
reader keeps in mind, are dropped from it, the one that is missed least first, and the inputs
that are left are peeled once more, alone. Draws in the box are taken out, and the next box is
sought among the rest. A box must be denser in fresh draws than all of these are, by two
standard errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray

from decision.analysis.boxes import Box, judged, quasi_p, whole
from decision.analysis.corners import Corner, Limit
from decision.analysis.draws import Drawn
from decision.analysis.limits import Wording
from decision.analysis.peeling import peel
from decision.model.dataclass import dataclass, replace

__all__ = ["Cases", "corners", "lead_of"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
CHANCE = 0.05
"""Quasi-p above which a limit may be chance."""


def lead_of(found: Drawn, option: str) -> Array:
    """Return, draw by draw, what a branch is worth more than the best other one."""
    place = found.options.index(option)
    others = np.delete(found.worths, place, axis=0)
    rest = np.where(np.isnan(others), -inf, others).max(axis=0, initial=-inf)
    lead: Array = found.worths[place] - np.where(np.isfinite(rest), rest, np.nan)
    return lead


@dataclass(frozen=True, eq=False)
class Cases:
    """The draws as cases: the first half finds, the second half judges.

    Attributes
    ----------
    names : tuple of str
    inputs : ndarray (names, draws)
    loses : ndarray of bool (draws)
        Whether another branch is better.
    found : Drawn
    option : str
    winner : ndarray (draws)
        Position of the best option.
    """

    names: tuple[str, ...]
    inputs: Array
    loses: Flags
    found: Drawn
    option: str
    winner: NDArray[np.intp]

    @property
    def half(self) -> int:
        """How many draws find."""
        return len(self.loses) // 2


def corners(
    cases: Cases, boxes: int, restricted: int, density: float | None, wording: Wording
) -> Iterator[Corner]:
    """Yield the corners that are found, one after the other."""
    half = cases.half
    here, fresh = cases.inputs[:, :half], cases.inputs[:, half:]
    loses, loses_fresh = cases.loses[:half], cases.loses[half:]
    there, there_fresh = np.ones(half, dtype=bool), np.ones(len(loses_fresh), dtype=bool)
    share = float(loses_fresh.mean())
    for _ in range(boxes):
        box, trajectory = _found(here, loses, there, restricted, density)
        judge = judged(box, fresh, loses_fresh, there_fresh)
        if not box.restricted or not judge.cases:
            return
        if judge.density - share < 2 * np.sqrt(share * (1 - share) / judge.cases):
            return
        tests = quasi_p(judge, fresh, loses_fresh, there_fresh)
        inside = judge.holds(fresh) & there_fresh
        yield _corner(cases, box, judge, tests, inside, trajectory, wording)
        there &= ~box.holds(here)
        there_fresh &= ~box.holds(fresh)


def _found(
    inputs: Array, loses: Flags, there: Flags, restricted: int, density: float | None
) -> tuple[Box, Sequence[Box]]:
    """Return the box that is taken, and the boxes on the way to it."""
    box = _best(peel(inputs, loses, there=there), None)
    kept = list(_simple(box, inputs, loses, there, restricted).restricted)
    few = inputs[kept]
    way = peel(few, loses, there=there)
    box = _simple(_best(way, density), few, loses, there, restricted, density is not None)
    return _among(box, kept, len(inputs)), [_among(b, kept, len(inputs)) for b in way]


def _among(box: Box, kept: Sequence[int], inputs: int) -> Box:
    """Return a box on some inputs as one on all."""
    low, high = np.full(inputs, -inf), np.full(inputs, inf)
    low[kept], high[kept] = box.low, box.high
    return replace(box, low=low, high=high)


def _accuracy(box: Box, everything: Box) -> float:
    return box.mass * (box.density - everything.density)


def _best(trajectory: Sequence[Box], density: float | None) -> Box:
    if density is not None:
        dense = [box for box in trajectory if box.density >= density]
        return max(dense, key=lambda box: box.mass) if dense else trajectory[-1]
    return max(trajectory, key=lambda box: _accuracy(box, trajectory[0]))


def _simple(
    box: Box, inputs: Array, loses: Flags, there: Flags, most: int, asked: bool = False
) -> Box:
    """Return the box without limits that add nothing, on so many inputs at most."""
    everything = judged(whole(len(inputs)), inputs, loses, there)
    while box.restricted:
        tests = quasi_p(box, inputs, loses, there)
        if np.nanmax(tests) > CHANCE:
            place, end = np.unravel_index(int(np.nanargmax(tests)), tests.shape)
            box = judged(box.without(int(place), ("low", "high")[end]), inputs, loses, there)
            continue
        if asked and len(box.restricted) <= most:
            break
        fewer = [judged(box.without(i), inputs, loses, there) for i in box.restricted]
        wider = max(fewer, key=lambda other: _accuracy(other, everything))
        better = _accuracy(wider, everything) >= _accuracy(box, everything)
        if len(box.restricted) <= most and not better:
            break
        box = wider
    return box


def _corner(
    cases: Cases,
    box: Box,
    judge: Box,
    tests: Array,
    inside: Flags,
    trajectory: Sequence[Box],
    wording: Wording,
) -> Corner:
    half, options = cases.half, cases.found.options
    winner = cases.winner[half:][inside & cases.loses[half:]]
    instead = np.bincount(winner, minlength=len(options))
    lost = -lead_of(cases.found, cases.option)[half:][inside]
    lost = lost[~np.isnan(lost)]
    return Corner(
        limits=tuple(_limit(cases, box, i, float(np.nanmax(tests[i])), wording)
                     for i in box.restricted),
        coverage=judge.coverage,
        density=judge.density,
        mass=judge.mass,
        cases=judge.cases,
        density_found=box.density,
        instead=options[int(instead.argmax())],
        instead_share=int(instead.max()) / judge.cases,
        regret=float(np.maximum(lost, 0.0).mean()) if len(lost) else np.nan,
        inputs=cases.names,
        trajectory=tuple(trajectory),
    )  # fmt: skip


def _limit(cases: Cases, box: Box, place: int, quasi: float, wording: Wording) -> Limit:
    name, drawn = cases.names[place], cases.inputs[place]
    low, high = (None if np.isinf(x[place]) else float(x[place]) for x in (box.low, box.high))
    base = wording.base(name)
    return Limit(
        input=name,
        low=low,
        high=high,
        base=base,
        low_rank=0.0 if low is None else float((drawn < low).mean()),
        high_rank=1.0 if high is None else float((drawn <= high).mean()),
        base_rank=float((drawn <= base).mean()),
        quasi_p=quasi,
        says=wording.says(name, low, high),
        means=wording.means(name, low, high),
    )
