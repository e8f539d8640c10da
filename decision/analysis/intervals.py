"""Probability intervals: how low and how high branches come within all ranges at once.

All probabilities move within their ranges (`polytopes`), and all amounts; weights stay. Of
each branch the highest and the lowest expected total (certain equivalent with risk) is
sought, later decisions at their best for the numbers, as everywhere. So the highest is
taken over policies and rows together, the lowest is that of the optimum.

Amounts need no search: a policy's total rises with what an amount is worth, or does not
move, whatever the probabilities. All are at the ends of their ranges.

What a search finds (`seeking`) is an *inner* bound: it is attained within the ranges, and
there may be more beyond. It is *exact* where that is proved (`enclosure`): where an outer
bound meets it, or all corners were looked at. The largest |total| times 1e-9 is
nothing. The outer bound is given as well, wherever its tables are not too large: the truth
lies between the two. (Credal networks: Cozman 2000, Artificial Intelligence 120(2), 199-233;
decisions with intervals: Fertig and Breese 1990, "Interval influence diagrams", UAI-89.)

With decisions that forget, the policies are those that are found: nothing is proved then.
"""

from __future__ import annotations

from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

from decision.analysis.enclosure import corners, outside, secured
from decision.analysis.landscape import Landscape, at_end
from decision.analysis.polytopes import RangedRows
from decision.analysis.seeking import best_starts, climb, descend
from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.solve.inputs import scale_of
from decision.solve.mapping import Progress
from decision.solve.plan import plan
from decision.solve.solution import solve
from decision.solve.ties import TIE

__all__ = ["Interval", "intervals"]

Array = NDArray[np.float64]
SEED = 1
MOST_SOLVED = 4000
"""Points that are solved in the search of one end, at most (of all branches)."""
STARTS = 4, 24
"""Starts of a branch: fewest, for large models, and most."""


@dataclass(frozen=True, eq=False)
class Interval:
    """How low and how high a branch comes within all ranges at once.

    Attributes
    ----------
    option : str
    lowest, highest : float
        Attained within the ranges; nan for a branch that cannot be had.
    outer_lowest, outer_highest : float
        What nothing within the ranges passes; nan where that is not known.
    proved_lowest, proved_highest : bool
    lowest_at, highest_at : mapping of input to float
        Probabilities where they are attained, in the small language.
    """

    option: str
    lowest: float
    highest: float
    outer_lowest: float
    outer_highest: float
    proved_lowest: bool
    proved_highest: bool
    lowest_at: dict[str, float]
    highest_at: dict[str, float]

    @property
    def bound(self) -> str:
        """Either "exact", where both ends are proved, or "inner"."""
        return "exact" if self.proved_lowest and self.proved_highest else "inner"


def intervals(
    model: InfluenceDiagram, by: str | None = None, *, progress: Progress | None = None
) -> tuple[Interval, ...]:
    """Return how low and how high each branch comes within all ranges at once.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are the branches; default the first.
    progress : callable, optional
        Told how many points are solved, and how many there are at most.

    Returns
    -------
    tuple of Interval
        In the order of the options.

    Raises
    ------
    ModelError
        For a model that has no answer; a name that is none.

    Examples
    --------
    >>> from decision import read_model
    >>> oil = read_model("data/examples/oil_wildcatter")
    >>> for found in intervals(oil):
    ...     print(found.option, round(found.lowest, 6), round(found.highest, 6), found.bound)
    yes -20.0 103.4 exact
    no 0.0 92.0 exact
    """
    by = model.node(model.decisions[0].name if by is None else by, ("decision",)).name
    solve(model)  # says what is wrong with a model that has no answer
    rows = RangedRows(model)
    told = _Told(progress)
    highest, lowest = (_End(model, by, rows, high, told) for high in (True, False))
    found = []
    names = [row.name for row in rows.inputs]
    for i, option in enumerate(model.states(by)):
        low, high = lowest.found[i], highest.found[i]
        at = [dict(zip(names, end.x.tolist(), strict=True)) for end in (low, high)]
        ends = low.worth, high.worth, low.outer, high.outer, low.proved, high.proved
        found.append(Interval(option, *ends, *at))
    told.end()
    return tuple(found)


class _Told:
    """Tells how far the search is: both ends share what is solved at most."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress, self.before = progress, 0

    def __call__(self, solved: int) -> None:
        if self.progress is not None:
            self.progress(self.before + min(solved, MOST_SOLVED - 1), 2 * MOST_SOLVED)

    def next(self) -> None:
        self.before = MOST_SOLVED

    def end(self) -> None:
        if self.progress is not None:
            self.progress(2 * MOST_SOLVED, 2 * MOST_SOLVED)


@dataclass(frozen=True, eq=False)
class _Found:
    worth: float
    outer: float
    proved: bool
    x: Array


class _End:
    """One end of the intervals of all branches."""

    def __init__(
        self, model: InfluenceDiagram, by: str, rows: RangedRows, high: bool, told: _Told
    ) -> None:
        self.high, self.sign = high, 1.0 if high else -1.0
        self.given = at_end(model, high)
        self.land = Landscape(self.given, by, rows, MOST_SOLVED, told)
        self.close = TIE * scale_of(self.given)
        self.corners = corners(self.land)
        self.found = [self._proved(i, w, x) for i, (w, x) in enumerate(self._sought())]
        told.next()

    def _sought(self) -> list[tuple[float, Array]]:
        """Return the best that is found of each branch: what is maximised, and where."""
        land, count = self.land, len(self.land.options)
        x = self._starts()
        option = np.repeat(np.arange(count), x.shape[1])
        every = np.tile(x, (1, count))
        if self.high and self.corners is not None:
            worths, every = land.look(option, every).worth, every
        else:
            worths, every = (climb if self.high else descend)(land, option, every)
        return best_starts(worths, every, option, land.options, self.sign)

    def _starts(self) -> Array:
        if self.high and self.corners is not None:
            return self.corners
        base = self.land.rows.base[:, None]
        if not self.land.relevant:
            return base
        few, many = STARTS
        if self.land.forgets:
            many = few
        else:
            cost = plan(self.land.model.structure, frozenset({self.land.by})).cost
            many = min(many, max(few, 2**20 // max(cost.bytes, 1)))
        random = np.random.default_rng(SEED)
        return np.concatenate([base, self.land.rows.seeds(many - 1, random)], axis=1)

    def _proved(self, option: int, worth: float, x: Array) -> _Found:
        """Return an end in totals, and whether it is proved."""
        if isnan(worth):
            return _Found(nan, nan, False, x)
        land = self.land
        exact = land.exactly(option, x)
        if land.forgets:
            return _Found(exact, nan, False, x)
        if self.high:
            bound = outside(land, option, True)
            proved = self.corners is not None
        else:
            bound, better = secured(land, option, worth, x, self.corners)
            proved = False
            if better is not None:
                x, exact = better, land.exactly(option, better)
        outer = nan if bound is None else land.certain(bound)
        if not isnan(outer):
            proved = proved or abs(outer - exact) <= self.close
            # Rounding may not put the outer bound inside.
            outer = self.sign * max(self.sign * outer, self.sign * exact)
        return _Found(exact, exact if proved else outer, proved, x)
