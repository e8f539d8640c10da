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

Where decisions forget and the policies that are found may not be the best, nothing is proved.
"""

from __future__ import annotations

from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

from decision.analysis.enclosure import corners, secured
from decision.analysis.folding import Fold
from decision.analysis.landscape import Landscape, at_end
from decision.analysis.polytopes import RangedRows
from decision.analysis.seeking import climb, descend
from decision.model.dataclass import dataclass, replace
from decision.model.diagram import InfluenceDiagram
from decision.solve.inputs import scale_of
from decision.solve.mapping import Progress
from decision.solve.plan import plan
from decision.solve.solution import solve
from decision.solve.ties import TIE

__all__ = ["Interval", "intervals"]

Array = NDArray[np.float64]
SEED = 1
STARTS = 4, 24
"""Starts of a branch: fewest, for large models, and most."""
DIGITS = 12
"""To which probabilities are found."""
SOLVED = 1000
"""Points that are solved for each start in the search of one end, at most."""
EACH = 100
"""Points between two words of progress."""
LARGE = 2**20
"""Bytes of tables, those of all starts together, up to which there are more than fewest."""


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
    starts, most = _effort(model, by)
    told = _Told(progress, most)
    highest, lowest = (_End(model, by, rows, high, starts, told) for high in (True, False))
    found = []
    names = [row.name for row in rows.inputs]
    for i, option in enumerate(model.states(by)):
        low, high = lowest.found[i], highest.found[i]
        at = [dict(zip(names, end.x.tolist(), strict=True)) for end in (low, high)]
        ends = low.worth, high.worth, low.outer, high.outer, low.proved, high.proved
        found.append(Interval(option, *ends, *at))
    told.end()
    return tuple(found)


def _effort(model: InfluenceDiagram, by: str) -> tuple[int, int]:
    """Return how many starts there are, and how many points are solved for one end at most."""
    few, many = STARTS
    if model.memory == "limited":
        return few, few * SOLVED // 10
    cost = plan(model.structure, frozenset({by})).cost
    starts = min(many, max(few, LARGE // max(cost.bytes, 1)))
    return starts, starts * SOLVED


class _Told:
    """Tells how far the search is: both ends may solve as many points."""

    def __init__(self, progress: Progress | None, most: int) -> None:
        self.progress, self.most, self.before, self.last = progress, most, 0, 0

    def __call__(self, solved: int) -> None:
        if self.progress is not None and solved // EACH > self.last // EACH:
            self.progress(self.before + min(solved, self.most - 1), 2 * self.most)
        self.last = solved

    def next(self) -> None:
        self.before = self.most

    def end(self) -> None:
        if self.progress is not None:
            self.progress(2 * self.most, 2 * self.most)


@dataclass(frozen=True, eq=False)
class _Found:
    worth: float
    outer: float
    proved: bool
    x: Array


class _End:
    """One end of the intervals of all branches."""

    def __init__(
        self,
        model: InfluenceDiagram,
        by: str,
        rows: RangedRows,
        high: bool,
        starts: int,
        told: _Told,
    ) -> None:
        self.high, self.sign, self.starts = high, 1.0 if high else -1.0, starts
        self.given = at_end(model, high)
        self.land, self.most = Landscape(self.given, by, rows, told), told.most
        self.close = TIE * scale_of(self.given)
        self.random = np.random.default_rng(SEED)
        self.found = [self._sought(i) for i in range(len(self.land.options))]
        told.next()

    def _sought(self, option: int) -> _Found:
        # No branch may use up what others need.
        self.land.most = self.land.looks + self.most // len(self.land.options)
        rows = self.land.rows
        base = rows.base[:, None]
        if not self.land.relevant:
            return self._all_seen(option, base)
        every = corners(self.land, option)
        seen = self.sign * Fold(self.land, option, self.high).slope[:, None]
        starts = np.concatenate([base, rows.best(seen, base)], axis=1)
        found = self._tried(option, starts, every)
        if found.proved:
            return found
        if self.high and every is not None:
            return self._all_seen(option, every)
        again = self._tried(option, rows.seeds(self.starts - 2, self.random), every)
        found = self._better(found, again)
        if not found.proved and self.starts > STARTS[0]:
            # Small models have time for another try, from around what was found.
            aside = self.random.random(self.starts) ** 2
            starts = (1 - aside) * found.x[:, None]
            starts += aside * rows.seeds(self.starts, self.random)
            found = self._better(found, self._tried(option, starts, every))
        return found

    def _all_seen(self, option: int, x: Array) -> _Found:
        """Return the best of all points that there are, which is proved."""
        worths = self.land.look(np.full(x.shape[1], option), x).worth
        found = self._proved(option, worths, x)
        sure = self.land.sure and not isnan(found.worth)
        return replace(found, outer=found.worth, proved=True) if sure else found

    def _tried(self, option: int, starts: Array, every: Array | None) -> _Found:
        """Return what is found from some starts."""
        same = np.full(starts.shape[1], option)
        found = (climb if self.high else descend)(self.land, same, starts)
        return self._proved(option, *found, every)

    def _proved(self, option: int, worths: Array, x: Array, every: Array | None = None) -> _Found:
        """Return the best of some points in totals, and whether it is proved."""
        land = self.land
        place = int(np.where(np.isnan(worths), -np.inf, self.sign * worths).argmax())
        worth, best = float(worths[place]), x[:, place]
        if isnan(worth):
            return _Found(nan, nan, False, best)
        if self.high:
            bound = Fold(land, option, True).value
        else:
            bound, worse = secured(land, option, worth, best, every)
            best = best if worse is None else worse
        # What rounding does on the way is not to be seen.
        base, close = land.rows.base, 10.0**-DIGITS
        best = np.round(best, DIGITS).clip(land.rows.low, land.rows.high)
        best = np.where(np.abs(best - base) <= close, base, best)
        exact = land.exactly(option, best)
        if bound is None or not land.sure:
            return _Found(exact, nan, False, best)
        # Rounding may not put the outer bound inside.
        outer = self.sign * max(self.sign * land.certain(bound), self.sign * exact)
        return self._judged(_Found(exact, outer, False, best))

    def _judged(self, found: _Found) -> _Found:
        """Say that it is proved what the outer bound meets."""
        proved = abs(found.outer - found.worth) <= self.close
        return replace(found, outer=found.worth, proved=True) if proved else found

    def _better(self, one: _Found, other: _Found) -> _Found:
        """Return the better of two findings, with the closer of their outer bounds."""
        if isnan(one.worth) or isnan(other.worth):
            return one if isnan(other.worth) else other
        best = other if self.sign * other.worth > self.sign * one.worth else one
        outers = [found.outer for found in (one, other) if not isnan(found.outer)]
        if not outers:
            return best
        outer = self.sign * min(self.sign * outer for outer in outers)
        return self._judged(replace(best, outer=outer))
