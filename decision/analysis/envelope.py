"""Envelopes: branches along one input, piece by piece, and where they change places.

A branch is worth the most that any policy is, which is convex and piecewise linear. Its
pieces are found exactly (Eisner and Severance 1976, "Mathematical techniques for
efficient record segmentation in large shared databases", JACM 23(4), 619-635,
doi:10.1145/321978.321982): where the supporting lines of two neighbouring points meet,
solve. Either the branch lies on them there, and its pieces are known, or a new line is
found there, and both halves are looked at again.

With exponential utility E[exp(−total/t)] takes the place of the worth: it is linear in a
probability, and in exp(−rate·x) where the input x is a value, rate = w·u′/t. A `Ruler`
reckons with its logarithm, so that no tolerance is too small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decision.solve.run import FLOOR, TIE

__all__ = ["Course", "Ruler", "changes", "tied"]

Array = NDArray[np.float64]
CLOSE = 1e-12
"""Share of the largest |total| within which two worths are one but for rounding."""
NEAR = 1e-12
"""Share of the line within which two points of a course are one."""
MERGE = 1e-9
"""Share of the line within which two crossings are one."""


@dataclass(frozen=True)
class Ruler:
    """How a fixed policy's worth runs between two numbers of an input.

    Parameters
    ----------
    tolerance : float, optional
        Of risk: worths are certain equivalents then.
    rate : float
        The coordinate that is straight then is exp(−rate·x); 0: x itself.
    """

    tolerance: float | None = None
    rate: float = 0.0

    def between(self, a: Array, b: Array, ends: Array, x: Array) -> Array:
        """Return the worth at x of what is worth ends[…, 0] at a and ends[…, 1] at b."""
        share = (x - a) / (b - a)
        if self.tolerance is None:
            return np.asarray((1 - share) * ends[..., 0] + share * ends[..., 1])
        with np.errstate(divide="ignore"):
            rest, part = np.log1p(-share), np.log(share)
            if self.rate:
                whole = _log_expm1(self.rate * (a - b))
                part = _log_expm1(self.rate * (a - x)) - whole
                rest = self.rate * (a - x) + _log_expm1(self.rate * (x - b)) - whole
        logs = -ends / self.tolerance
        return -self.tolerance * np.logaddexp(rest + logs[..., 0], part + logs[..., 1])

    def meet(self, a: Array, b: Array, left: Array, right: Array) -> Array:
        """Return where between a and b two policies are worth the same; nan if nowhere."""
        gap = right - left
        crosses = gap[..., 0] * gap[..., 1] < 0
        with np.errstate(all="ignore"):
            if self.tolerance is None:
                x = a + gap[..., 0] / (gap[..., 0] - gap[..., 1]) * (b - a)
            else:
                size = np.abs(gap) / self.tolerance
                odds = _log_expm1(size) - np.maximum(left, right) / self.tolerance
                x = self._at_odds(a, b, odds[..., 0] - odds[..., 1])
        return np.where(crosses, x, np.nan)

    def _at_odds(self, a: Array, b: Array, odds: Array) -> Array:
        """Return the number whose share of the straight coordinate has these log-odds."""
        share = np.exp(-np.logaddexp(0.0, -odds))
        whole = self.rate * (b - a)
        if not self.rate:
            return np.asarray(a + share * (b - a))
        near = -np.log1p(np.expm1(-whole) * share)
        far = np.logaddexp(0.0, odds) - np.logaddexp(0.0, odds - whole)
        return np.asarray(a + np.where(np.abs(whole) < 1, near, far) / self.rate)


def _log_expm1(z: Array) -> Array:
    """Return log |exp(z) − 1|."""
    return np.asarray(np.maximum(z, 0.0) + np.log(-np.expm1(-np.abs(z))))


class Course:
    """Every branch along one line, as far as it is known: straight between its points.

    Parameters
    ----------
    ruler : Ruler
    points : ndarray (points,)
        Sorted; the first and the last are where the line begins and ends.
    worths : ndarray (branches, points)
        nan where a branch cannot be.
    ends : ndarray (branches, points, 2)
        What the policy found at each point is worth where the line begins and ends.
    size : float
        The largest |total| anywhere on it.
    """

    def __init__(
        self, ruler: Ruler, points: Array, worths: Array, ends: Array, size: float
    ) -> None:
        self.ruler, self.points, self.worths, self.ends = ruler, points, worths, ends
        self.first, self.last, self.close = points[0], points[-1], CLOSE * size

    def meetings(self) -> Array:
        """Return where supporting lines of neighbouring points meet, away from both."""
        if not self.first < self.last:
            return np.array([])
        left, right = self.ends[:, :-1], self.ends[:, 1:]
        apart = (np.abs(right - left) > self.close).any(axis=-1)
        x = self.ruler.meet(self.first, self.last, left, right)
        margin = NEAR * (self.last - self.first)
        inside = apart & (x > self.points[:-1] + margin) & (x < self.points[1:] - margin)
        return _thinned(x[inside], margin)

    def lines_at(self, x: Array, worths: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Return the lines that points lie on, and at which points some branch is above."""
        place = np.searchsorted(self.points, x)
        left, right = self.ends[:, place - 1], self.ends[:, place]
        at_left = self.ruler.between(self.first, self.last, left, x)
        at_right = self.ruler.between(self.first, self.last, right, x)
        lines = np.where((at_left >= at_right)[..., None], left, right)
        above = worths - np.maximum(at_left, at_right) > self.close
        return lines, above.any(axis=0)

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
        pieces = np.stack([self.worths[:, :-1], self.worths[:, 1:]], axis=-1)
        i, j = np.triu_indices(len(pieces), 1)
        x = self.ruler.meet(self.points[:-1], self.points[1:], pieces[i], pieces[j])
        same = (np.abs(pieces[i] - pieces[j]) <= self.close / 10).any(axis=-1)
        return np.asarray(x[~same & ~np.isnan(x)])


def changes(course: Course, options: int, largest: Callable[[Array], Array]) -> list[float]:
    """Return where the set of best branches differs on the two sides.

    Parameters
    ----------
    course : Course
    options : int
        Its first rows are the branches.
    largest : callable
        The largest |total| at each of some numbers.
    """
    if not course.first < course.last:
        return []
    branches = Course(course.ruler, course.points, course.worths[:options], course.ends, 0.0)
    branches.close = course.close
    marks = np.concatenate([course.points, branches.crossings()])
    marks = _thinned(marks, MERGE * (course.last - course.first))
    widths = np.diff(marks)
    sides = [marks[:-1] + share * widths for share in (0.1, 0.9)]
    # Branches tie on a piece if they do so towards both of its ends.
    sets = np.logical_and(*(tied(branches.at(x), largest(x)) for x in sides))
    differs = (sets[:, 1:] != sets[:, :-1]).any(axis=0)
    return [float(x) for x in marks[1:-1][differs]]


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
