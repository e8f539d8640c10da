"""Signs: the shortest conditions that tell the situations in which to do something else.

Situations are rows of states. A condition fixes some of the states; it is a sign of an option
if the option is best wherever the condition holds, and somewhere the usual one is not. The
shortest signs that are not part of one another are found by size, and of these as few are
taken as cover all situations that ask for the option, the one worth most first.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass

__all__ = ["Sign", "Situation", "signs"]

Where = tuple[tuple[int, int], ...]
"""Positions of what is looked at, with its states."""
WIDEST = 4
"""States of a condition, at most; what no such condition tells is told in full."""


@dataclass(frozen=True)
class Situation:
    """A situation of a decision.

    Attributes
    ----------
    states : tuple of int
        Of what the decision looks at.
    probability : float
    best : frozenset of int
        Options that are best; more than one if they tie.
    worths : tuple of float
        What each option is worth, but for a number that all share; nan if it is closed.
    """

    states: tuple[int, ...]
    probability: float
    best: frozenset[int]
    worths: tuple[float, ...]


@dataclass(frozen=True)
class Sign:
    """A condition, and what doing something else gains where it holds."""

    where: Where
    probability: float
    margin: float
    worth: float

    @classmethod
    def of(cls, where: Where, found: Sequence[Situation], option: int, usual: int) -> Sign:
        """Return a condition with what it gains in the situations where it holds."""
        mass = sum(s.probability for s in found)
        worth = sum(s.probability * (s.worths[option] - s.worths[usual]) for s in found)
        return cls(where, mass, worth / mass if mass > 0 else np.nan, worth)


def signs(found: Sequence[Situation], option: int, usual: int) -> list[Sign]:
    """Return the signs after which an option is to be taken instead of the usual one.

    Parameters
    ----------
    found : sequence of Situation
        All situations of a decision, each of positive probability.
    option, usual : int

    Examples
    --------
    An option 1 for the state 1 of the first of two things that are seen:

    >>> rows = [Situation((a, b), 0.25, frozenset({a}), (1 - a, a)) for a in (0, 1) for b in (0, 1)]
    >>> [sign.where for sign in signs(rows, 1, 0)]
    [((0, 1),)]
    """
    if option == usual or not found:
        return []
    wanted = np.array([option == min(s.best) and usual not in s.best for s in found])
    wrong = np.array([option not in s.best for s in found])
    if not wanted.any():
        return []
    states = np.array([s.states for s in found], dtype=np.intp).reshape(len(found), -1)
    chosen: list[Sign] = []
    left = wanted.copy()
    shortest = [
        (Sign.of(where, [found[i] for i in np.flatnonzero(holds).tolist()], option, usual), holds)
        for where, holds in _shortest(states, wanted, wrong)
    ]
    gain = np.array([s.probability * _positive(s.worths[option] - s.worths[usual]) for s in found])
    while left.any():
        sign, holds = max(shortest, key=lambda one: _covered(gain, one[1] & left))
        if not (holds & left).any():
            break
        chosen.append(sign)
        left &= ~holds
    return chosen


def _covered(gain: NDArray[np.float64], holds: NDArray[np.bool_]) -> tuple[float, int]:
    return float(gain[holds].sum()), int(holds.sum())


def _positive(number: float) -> float:
    return number if number > 0 else 0.0


def _shortest(
    states: NDArray[np.intp], wanted: NDArray[np.bool_], wrong: NDArray[np.bool_]
) -> list[tuple[Where, NDArray[np.bool_]]]:
    """Return the conditions no part of which would do, and where they hold."""
    found: list[tuple[Where, NDArray[np.bool_]]] = []
    kinds = states.shape[1]
    sizes = [*range(1, min(WIDEST, kinds) + 1), *([kinds] if kinds > WIDEST else [])]
    for size in sizes:
        for places in combinations(range(kinds), size):
            part = states[:, places]
            keys, key = np.unique(part, axis=0, return_inverse=True)
            key = key.reshape(-1)
            asked = np.bincount(key, weights=wanted, minlength=len(keys)) > 0
            spoilt = np.bincount(key, weights=wrong, minlength=len(keys)) > 0
            for k in np.flatnonzero(asked & ~spoilt):
                where = tuple(zip(places, map(int, keys[k]), strict=True))
                if not any(set(shorter) < set(where) for shorter, _ in found):
                    found.append((where, key == k))
    return found
