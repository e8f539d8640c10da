"""Envelopes: branches along one input, piece by piece, and where they change places.

A branch is worth the most that any policy is, which is convex and piecewise linear. Its
pieces are found exactly (Eisner and Severance 1976, "Mathematical techniques for
efficient record segmentation in large shared databases", JACM 23(4), 619-635,
doi:10.1145/321978.321982): where the supporting lines of two neighbouring points meet,
solve. Either the branch lies on them there, and its pieces are known, or a new line is
found there, and both halves are looked at again.

Only what can matter is looked at again: branches that may be best on a piece where another
may be too, and the optimum where it may be lowest. Of any other branch a piece is its
chord, which is nowhere below the branch and nowhere best.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decision.analysis.ruler import Ruler
from decision.solve.ties import FLOOR, TIE

__all__ = ["Course", "Crossing", "crossed", "tied"]

Array = NDArray[np.float64]
CLOSE = 1e-12
"""Share of the largest |total| within which two worths are one but for rounding."""
NEAR = 1e-12
"""Share of the line within which two points of a course are one."""
TIES = 2 * TIE
"""Share of the largest |total| beyond which two worths do not tie."""
MERGE = 1e-9
"""Share of the line within which two crossings are one."""


class Course:
    """Every branch along one line, as far as it is known: straight between its points.

    Parameters
    ----------
    ruler : Ruler
    points : ndarray (points,)
        Sorted; the first and the last are where the line begins and ends.
    worths : ndarray (branches + 1, points)
        The last row is the optimum; nan where a branch cannot be.
    ends : ndarray (branches + 1, points, 2)
        What the policy found at each point is worth where the line begins and ends.
    size : float
        The largest |total| anywhere on it.
    lowest : pair of float
        The range in which the lowest optimum is asked for; None: on all of the line, of
        whatever the optimum may be divided by.
    whole : bool
        Every branch is wanted all along, and nothing of the optimum.
    """

    def __init__(
        self,
        ruler: Ruler,
        points: Array,
        worths: Array,
        ends: Array,
        size: float,
        lowest: tuple[float, float] | None = None,
        whole: bool = False,
    ) -> None:
        self.ruler, self.points, self.worths, self.ends = ruler, points, worths, ends
        self.first, self.last, self.size, self.lowest = points[0], points[-1], size, lowest
        self.whole = whole
        self.close = CLOSE * size

    def line(self, ends: Array, x: Array) -> Array:
        """Return the worth at x of policies, from what they are worth at the line's ends."""
        return self.ruler.between(self.first, self.last, ends, x)

    def matters(self) -> NDArray[np.bool_]:
        """Return on which pieces (last axis) more has to be known of a branch."""
        left, right = self.worths[:-1, :-1], self.worths[:-1, 1:]
        if self.whole:
            return np.concatenate([~np.isnan(left), np.zeros((1, left.shape[1]), dtype=bool)])
        from_left = self.line(self.ends[:-1, :-1], self.points[1:])
        from_right = self.line(self.ends[:-1, 1:], self.points[:-1])
        apart = TIES * self.size

        def below(a: Array, b: Array) -> NDArray[np.bool_]:
            return np.asarray(a[:, None] < b[None] - apart)

        beaten = below(left, left) & below(right, from_left)
        beaten |= below(left, from_right) & below(right, right)
        able = ~beaten.any(axis=1) & ~np.isnan(left)
        return np.concatenate([able & (able.sum(axis=0) > 1), self._lowers()[None]])

    def _lowers(self) -> NDArray[np.bool_]:
        """Return on which pieces the optimum may be lower than at any point of its range."""
        low, high = self.lowest or (self.first, self.first)
        known = self.worths[-1, (self.points >= low) & (self.points <= high)]
        if self.lowest is None or not len(known):
            return np.ones(len(self.points) - 1, dtype=bool)
        ends = self.ends[-1]
        x = self.ruler.meet(self.first, self.last, ends[:-1], ends[1:])
        least = self.line(ends[:-1], np.where(np.isnan(x), self.first, x))
        least = np.where((x > low) & (x < high), least, np.inf)
        return np.asarray(least < known.min() - self.close)

    def inside(self, x: Array) -> NDArray[np.bool_]:
        """Whether numbers lie on the line and away from the points."""
        margin = NEAR * (self.last - self.first)
        away = np.abs(np.subtract.outer(x, self.points)).min(axis=-1) > margin
        return np.asarray(away & (x > self.first) & (x < self.last))

    def meetings(self) -> Array:
        """Return where supporting lines of neighbouring points meet, away from both."""
        if not self.first < self.last:
            return np.array([])
        left, right, apart = self.ends[:, :-1], self.ends[:, 1:], self._apart()
        x = self.ruler.meet(self.first, self.last, left, right)
        x = x[apart & (x > self.points[:-1]) & (x < self.points[1:])]
        return _thinned(x[self.inside(x)], NEAR * (self.last - self.first))

    def _apart(self) -> NDArray[np.bool_]:
        """Return on which pieces (last axis) a branch that matters may bend."""
        bends = np.abs(self.ends[:, 1:] - self.ends[:, :-1]) > self.close
        return np.asarray(self.matters() & bends.any(axis=-1))

    def unknown(self, x: Array) -> NDArray[np.bool_]:
        """Return which branches have to be solved at numbers; the others keep their chords."""
        return self._apart()[:, np.searchsorted(self.points, x) - 1]

    def lines_at(self, x: Array, worths: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Return the lines on which points lie, and where a branch that matters is above."""
        place = np.searchsorted(self.points, x)
        left, right = self.ends[:, place - 1], self.ends[:, place]
        at_left, at_right = self.line(left, x), self.line(right, x)
        lines = np.where((at_left >= at_right)[..., None], left, right)
        above = worths - np.maximum(at_left, at_right) > self.close
        return lines, np.asarray((above & self.matters()[:, place - 1]).any(axis=0))

    def add(self, x: Array, worths: Array, ends: Array) -> None:
        """Add points."""
        points = np.concatenate([self.points, x])
        order = np.argsort(points)
        self.points = points[order]
        self.worths = np.concatenate([self.worths, worths], axis=1)[:, order]
        self.ends = np.concatenate([self.ends, ends], axis=1)[:, order]

    def at(self, x: Array) -> Array:
        """Return what every branch is worth at some numbers between the points."""
        place = np.clip(np.searchsorted(self.points, x), 1, len(self.points) - 1)
        a, b = self.points[place - 1], self.points[place]
        ends = np.stack([self.worths[:, place - 1], self.worths[:, place]], axis=-1)
        return self.ruler.between(a, b, ends, x)

    def crossings(self) -> Array:
        """Return where two branches are worth the same, inside the pieces."""
        pieces = np.stack([self.worths[:-1, :-1], self.worths[:-1, 1:]], axis=-1)
        i, j = np.triu_indices(len(pieces), 1)
        x = self.ruler.meet(self.points[:-1], self.points[1:], pieces[i], pieces[j])
        same = (np.abs(pieces[i] - pieces[j]) <= self.close / 10).any(axis=-1)
        return np.asarray(x[~same & ~np.isnan(x)])

    def dips(self) -> Array:
        """Return where a branch comes so close to the best that it may be best in between.

        Two crossings between neighbouring points show in none of them, but the gap to the
        best has its least there. The vertex of the parabola and the middles beside it.
        """
        there = np.nan_to_num(self.worths[:-1], nan=-np.inf)
        if len(self.points) < 3 or not np.isfinite(there).any(axis=0).all():
            return np.array([])
        with np.errstate(invalid="ignore"):
            gap = there.max(axis=0) - there
            before, least, after = gap[:, :-2], gap[:, 1:-1], gap[:, 2:]
            left, right = before - least, after - least
            low = (least > self.close) & (left >= 0) & (right >= 0) & (least <= left + right)
        branch, place = np.nonzero(low & np.isfinite(left + right) & (left + right > 0))
        a, b, c = (self.points[place + k] for k in range(3))
        slopes = -left[branch, place] / (b - a), right[branch, place] / (c - b)
        share = slopes[0] / (slopes[0] - slopes[1])
        vertex = (a + b) / 2 + share * (c - a) / 2
        return np.concatenate([(a + b) / 2, np.clip(vertex, a, c), (b + c) / 2])


@dataclass(frozen=True, eq=False)
class Crossing:
    """Where the set of best branches changes, and what it is before and after (by branch)."""

    at: float
    before: NDArray[np.bool_]
    after: NDArray[np.bool_]


def crossed(
    course: Course, largest: Callable[[Array], Array], narrow: float = 0.0
) -> list[Crossing]:
    """Return where the set of best branches differs on the two sides.

    Parameters
    ----------
    course : Course
    largest : callable
        The largest |total| at each of some numbers.
    narrow : float
        Share of the line up to which branches that tie on a piece only cross there: a
        bracket that was closed in upon may be so narrow that no worths on it differ.
    """
    if not course.first < course.last:
        return []
    marks = np.concatenate([course.points, course.crossings()])
    marks = _thinned(marks, MERGE * (course.last - course.first))
    widths = np.diff(marks)
    sides = [marks[:-1] + share * widths for share in (0.1, 0.9)]
    # Branches tie on a piece if they do so towards both of its ends.
    sets = np.logical_and(*(tied(course.at(x)[:-1], largest(x)) for x in sides))
    differs = np.flatnonzero((sets[:, 1:] != sets[:, :-1]).any(axis=0))
    found = [Crossing(float(marks[i + 1]), sets[:, i], sets[:, i + 1]) for i in differs]
    return _as_one(course, found, narrow * (course.last - course.first))


def _as_one(course: Course, found: list[Crossing], narrow: float) -> list[Crossing]:
    """Return crossings, two that only have a narrow tie between them as the one that they are."""
    kept: list[Crossing] = []
    for crossing in found:
        last = kept[-1] if kept else None
        if last is None or crossing.at - last.at > narrow:
            kept.append(crossing)
            continue
        kept.pop()
        if (last.before != crossing.after).any():
            at = _where_they_cross(course, last, crossing)
            kept.append(Crossing(at, last.before, crossing.after))
    return kept


def _where_they_cross(course: Course, one: Crossing, other: Crossing) -> float:
    """Return where, between two crossings, those best before and after are worth the same."""
    worths = course.at(np.array([one.at, other.at]))[:-1]
    gaps = worths[one.before.argmax()] - worths[other.after.argmax()]
    if gaps[0] * gaps[1] < 0:
        return float(one.at + gaps[0] / (gaps[0] - gaps[1]) * (other.at - one.at))
    return (one.at + other.at) / 2


def tied(worths: Array, largest: Array) -> NDArray[np.bool_]:
    """Return which branches (first axis) tie with the best."""
    there = ~np.isnan(worths)
    known = np.where(there, worths, 0.0)
    top = np.where(there, worths, -np.inf).max(axis=0)
    top = np.where(np.isfinite(top), top, 0.0)
    bound = TIE * np.maximum(np.maximum(np.abs(known), np.abs(top)), FLOOR * largest)
    return np.asarray(there & (top - known <= bound))


def _thinned(x: Array, margin: float) -> Array:
    """Return numbers sorted, without those that follow another within a margin."""
    x = np.unique(x)
    return x[np.concatenate([[True], np.diff(x) > margin])] if len(x) else x
