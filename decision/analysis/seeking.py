"""How high and how low branches come within the ranges: search in batches.

*Highest*: the best policy and the rows are looked for together. With the policy fixed the
total is linear in one node's table, so that the best rows of a node are found exactly
(`polytopes`), and the policy is then chosen anew: both steps only rise. *Lowest*: the
decision-maker knows the numbers, so it is the optimum that is lowered, which is convex in a
node's table: from the point to the rows that its slope thinks lowest there is a lowest
point in between, at a kink or an end. At a kink two policies are equally good and
each alone misleads; the direction that lowers both is the best of weighing them (the dual of
a linear program with two rows). All nodes at once are tried before one by one.

Either ends where no step helps: at a local optimum, which may not be the global one. Several
seeded starts; points of all branches and starts move in one batch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from decision.analysis.landscape import Landscape, Look
from decision.solve.inputs import scale_of

__all__ = ["climb", "descend"]

Array = NDArray[np.float64]
Whole = NDArray[np.intp]
SWEEPS = 40
"""Times that all nodes are looked at, at most: each rises or falls, so few are needed."""
CUTS = 12
"""Points at which a line is cut to find its lowest."""
HALVINGS = 50
"""Of the weight between two policies."""
GLIDE = 40
"""Steps of gliding."""
FAR, NEW, FADING = 6.0, 2.0, 0.66
"""How far gliding goes (Frank and Wolfe's 2 is slow to leave), and what a new slope counts."""
STILL, ENOUGH = 1e-12, 1e-10
"""Shares of the largest |total| by which a step must help, and a sweep for there to be more."""


class Points:
    """Points that move: where they are, and what is known there."""

    def __init__(self, land: Landscape, option: Whole, x: Array) -> None:
        self.land, self.option, self.x = land, option, x.copy()
        look = land.look(option, x)
        self.worth, self.slope = look.worth.copy(), look.slope.copy()
        # Disutilities may be as small as they like: what is nothing beside one is not beside
        # another.
        self.floor = 1e-300 if land.given.risk else scale_of(land.model)

    def still(self, own: Whole) -> Array:
        """Return by how much a step must help."""
        return np.asarray(STILL * np.fmax(np.abs(self.worth[own]), self.floor))

    def look(self, own: Whole, x: Array) -> Look:
        """Solve some of the points elsewhere."""
        return self.land.look(self.option[own], x)

    def take(self, own: Whole, x: Array, look: Look, better: NDArray[np.bool_]) -> None:
        """Move those points that are better elsewhere."""
        to = own[better]
        self.x[:, to] = x[:, better]
        self.worth[to], self.slope[:, to] = look.worth[better], look.slope[:, better]


def steps(land: Landscape) -> list[Whole]:
    """Return which inputs move together: all that matter, then those of each node."""
    nodes = [row.node for row in land.rows.inputs]
    each = [np.array([i for i, n in enumerate(nodes) if n == name]) for name in land.relevant]
    return ([np.concatenate(each)] if len(each) > 1 else []) + each


def climb(land: Landscape, option: Whole, x: Array) -> tuple[Array, Array]:
    """Return how high branches come from some starts (worths, x); ends at local optima."""
    points = Points(land, option, x)
    left = np.arange(len(option))
    for _ in range(SWEEPS):
        before = points.worth.copy()
        for inputs in steps(land):
            _rise(points, left, inputs)
        left = left[_gains(before, points)[left]]
        if not len(left) or land.spent:
            break
    return points.worth, points.x


def _gains(before: Array, points: Points) -> NDArray[np.bool_]:
    """Return which points moved by enough to look further."""
    known = np.isnan(before) & ~np.isnan(points.worth)
    gains = np.abs(points.worth - before)
    return known | (gains > ENOUGH / STILL * points.still(np.arange(len(gains))))


def _rise(points: Points, own: Whole, inputs: Whole) -> None:
    y = points.x[:, own].copy()
    y[inputs] = points.land.rows.best(points.slope[:, own], y)[inputs]
    moves = (y != points.x[:, own]).any(axis=0)
    own, y = own[moves], y[:, moves]
    if len(own):
        look = points.look(own, y)
        higher = look.worth > points.worth[own] + points.still(own)
        points.take(own, y, look, higher | (np.isnan(points.worth[own]) & ~np.isnan(look.worth)))


# -- lowering ---------------------------------------------------------------------------


def descend(land: Landscape, option: Whole, x: Array) -> tuple[Array, Array]:
    """Return how low branches come from some starts (worths, x); ends at local optima."""
    points = Points(land, option, x)
    _glide(points)
    left = np.arange(len(option))
    for _ in range(SWEEPS):
        before = points.worth.copy()
        for inputs in steps(land)[:1]:
            _jump(points, left, inputs)
        left = left[_gains(before, points)[left]]
        if not len(left) or land.spent:
            break
    left = np.arange(len(option))
    for _ in range(SWEEPS):
        before = points.worth.copy()
        for inputs in steps(land):
            _sink(points, left, inputs)
        left = left[_gains(before, points)[left]]
        if not len(left) or land.spent:
            break
    return points.worth, points.x


def _glide(points: Points) -> None:
    """Go towards where slopes, averaged on the way, say that all is lowest.

    Averages do not turn at every kink, and see beyond those that are near.
    """
    own = np.arange(len(points.option))
    x, slope = points.x.copy(), points.slope.copy()
    for i in range(GLIDE):
        x += FAR / (FAR + i + 1) * (points.land.rows.best(-slope, x) - x)
        look = points.look(own, x)
        points.take(own, x, look, _lower(points, own, look))
        share = min(1.0, NEW / (NEW + i + 1) ** FADING)
        slope += share * (look.slope - slope)


def _lower(points: Points, own: Whole, look: Look) -> NDArray[np.bool_]:
    found = look.worth < points.worth[own] - points.still(own)
    return np.asarray(found | (np.isnan(points.worth[own]) & ~np.isnan(look.worth)))


def _jump(points: Points, own: Whole, inputs: Whole) -> None:
    """Go all the way to where the slope says, if that is lower."""
    y = _lowest(points, own, inputs, points.slope[:, own])
    look = points.look(own, y)
    points.take(own, y, look, _lower(points, own, look))


def _sink(points: Points, own: Whole, inputs: Whole) -> None:
    """Go where the slope says, then where both policies at the kink that was met do."""
    kink = _along(points, own, _lowest(points, own, inputs, points.slope[:, own]))
    own, first, second = kink
    if len(own):
        _along(points, own, _between(points, own, inputs, first, second))


def _lowest(points: Points, own: Whole, inputs: Whole, slope: Array) -> Array:
    y = points.x[:, own].copy()
    y[inputs] = points.land.rows.best(-slope, y)[inputs]
    return y


def _between(points: Points, own: Whole, inputs: Whole, first: Array, second: Array) -> Array:
    """Return where the larger of two linear functions, equal here, is lowest.

    Of all weights between the two, the lowest of the weighted function is highest at one
    where both fall by as much: there the mixture of the lowest points beside it is wanted.
    """
    x = points.x[:, own]
    low, high = np.zeros(len(own)), np.ones(len(own))
    ends = [_lowest(points, own, inputs, second), _lowest(points, own, inputs, first)]
    gap = first - second
    for _ in range(HALVINGS):
        weight = (low + high) / 2
        y = _lowest(points, own, inputs, weight * first + (1 - weight) * second)
        above = (gap * (y - x)).sum(axis=0) > 0  # the first is the larger: weigh it more
        low, high = np.where(above, weight, low), np.where(above, high, weight)
        ends = [np.where(above, y, ends[0]), np.where(above, ends[1], y)]
    more, less = ((gap * (end - x)).sum(axis=0) for end in ends)
    apart = more - less
    share = np.where(apart > 0, more / np.where(apart > 0, apart, 1.0), 1.0).clip(0.0, 1.0)
    return np.asarray((1 - share) * ends[0] + share * ends[1])


def _along(points: Points, own: Whole, y: Array) -> tuple[Whole, Array, Array]:
    """Go to the lowest point on lines to y; return which met a kink, and its two slopes."""
    way = y - points.x[:, own]
    falls = (points.slope[:, own] * way).sum(axis=0) < -points.still(own)
    falls |= np.isnan(points.worth[own])
    own, way = own[falls], way[:, falls]
    if not len(own):
        return own, way, way
    line = _Line(points, own, way)
    for _ in range(CUTS):
        if not line.cut():
            break
    best = line.best
    points.take(own, line.at(line.place), best, _lower(points, own, best))
    met = line.met
    return own[met], line.slopes[0][:, met], line.slopes[1][:, met]


class _Line:
    """Lines from points to others, cut where the supporting lines at two sides meet."""

    def __init__(self, points: Points, own: Whole, way: Array) -> None:
        self.points, self.own, self.way, self.start = points, own, way, points.x[:, own].copy()
        count = len(own)
        look = points.look(own, self.at(np.ones(count)))
        self.ends = np.stack([np.zeros(count), np.ones(count)])
        self.worths = np.stack([points.worth[own], look.worth])
        self.slopes = [points.slope[:, own].copy(), look.slope.copy()]
        self.place, self.best = np.ones(count), look
        self.met = (self.slopes[1] * way).sum(axis=0) > points.still(own)
        self.open = self.met.copy()
        self._keep(np.arange(count), np.zeros(count), self.worths[0], self.slopes[0])

    def at(self, place: Array) -> Array:
        return self.start + place * self.way

    def _keep(self, which: Whole, place: Array, worth: Array, slope: Array) -> None:
        lower = (worth < self.best.worth[which]) | np.isnan(self.best.worth[which])
        to = which[lower]
        self.place[to] = place[lower]
        self.best.worth[to], self.best.slope[:, to] = worth[lower], slope[:, lower]

    def cut(self) -> bool:
        """Solve where the two sides' lines meet; whether there is more to do."""
        rises = [(slope * self.way).sum(axis=0) for slope in self.slopes]
        apart = rises[1] - rises[0]
        meets = self.worths[0] - self.worths[1] + rises[1] * self.ends[1] - rises[0] * self.ends[0]
        place = np.where(apart > 0, meets / np.where(apart > 0, apart, 1.0), np.nan)
        inside = (place > self.ends[0]) & (place < self.ends[1])
        which = np.flatnonzero(self.open & inside)
        self.open[:] = False
        if not len(which):
            return False
        t = place[which]
        look = self.points.look(self.own[which], self.start[:, which] + t * self.way[:, which])
        self._keep(which, t, look.worth, look.slope)
        line = self.worths[0][which] + rises[0][which] * (t - self.ends[0][which])
        side = ((look.slope * self.way[:, which]).sum(axis=0) > 0).astype(np.intp)
        for k in (0, 1):
            to = which[side == k]
            self.ends[k][to], self.worths[k][to] = t[side == k], look.worth[side == k]
            self.slopes[k][:, to] = look.slope[:, side == k]
        self.open[which] = look.worth > line + self.points.still(self.own[which])
        return bool(self.open.any())
