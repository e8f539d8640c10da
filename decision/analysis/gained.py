"""What one model is worth more than another, where the optimum of either may be local.

Of decisions that forget the best policy found may not be the best there is; how much better
another can be at most is known (`decision.solve.limited`). What is gained is then known within
bounds. It is never below 0: what is offered need not be used.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass
from decision.solve.inputs import scale_of
from decision.solve.lines import Branches, Point
from decision.solve.solution import Solution, solve

__all__ = ["ROUNDING", "Gained", "gained", "optima"]

Array = NDArray[np.float64]

ROUNDING = 1e-12
"""Share of the largest |total| below which a gain is the rounding of sums in another order."""


@dataclass(frozen=True)
class Gained:
    """A gain, and what it is at least and at most: itself, where both optima are global."""

    value: float
    at_least: float
    at_most: float


def gained(base: Solution, worth: float, most: float | None = None) -> Gained:
    """Return what a worth is more than that of the model as it is.

    Parameters
    ----------
    base : Solution
        Of the model as it is.
    worth : float
        Of the best policy that was found.
    most : float, optional
        What no policy exceeds; default the worth: the optimum is global.

    Examples
    --------
    >>> from decision import read_model, solve
    >>> round(gained(solve(read_model("data/examples/oil_wildcatter")), 55.0).value, 9)
    32.5
    """
    near = ROUNDING * scale_of(base.model)
    most = worth if most is None else max(worth, most)
    ends = worth - base.worth, worth - base.worth - base.gap, most - base.worth
    return Gained(*(0.0 if end <= near else end for end in ends))


def optima(branches: Branches, points: Sequence[Point]) -> tuple[Array, Array]:
    """Return what the best policy is worth at some points of lines, and what none exceeds.

    One batch; decisions that forget are solved point by point.
    """
    if not branches.forgets:
        wanted = np.zeros((len(branches.options) + 1, len(points)), dtype=bool)
        wanted[-1] = True
        worths = branches.worths(points, wanted)[-1]
        return worths, worths
    solved = [solve(branches.model.with_numbers(line.at(number))) for line, number in points]
    worths = np.array([solution.worth for solution in solved])
    return worths, worths + [solution.gap for solution in solved]
