"""Rainbow: what every branch is worth along one input, exact where it bends and crosses.

A rainbow diagram (the one-way strategy plot of Clemen and Reilly 2014, *Making Hard
Decisions*, ch. 5) draws a curve for each branch, later decisions taken anew at every
number. Along an input each branch is convex and made of straight pieces (`envelope`); its
bends, and where any two branches cross, the best or not, are found exactly and stand among
the points. With an attitude to risk a piece is straight in another coordinate (`ruler`)
and curved in this one. Along a change that has no straight line (`linked`) the branches
are solved on a grid whose crossings are closed in upon; two within one step can be missed.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from decision.analysis.axes import axis
from decision.analysis.envelope import Course, tied
from decision.analysis.movements import Movement
from decision.analysis.tracing import crossings, traced
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import COMMAND_LINE, ModelError, Problem
from decision.solve.lines import Branches
from decision.solve.solution import solve

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["rainbow"]

Array = NDArray[np.float64]
MOST = 100_001
NEAR = 1e-9
"""Share of the range within which two numbers are one point."""
BENDS = 1e-9
"""Share of the largest |total| by which a branch lies below its chord where it bends."""


def rainbow(
    model: InfluenceDiagram, input: str, by: str | None = None, points: int = 101
) -> pd.DataFrame:
    """Return what every branch is worth along one input.

    Parameters
    ----------
    model : InfluenceDiagram
    input : str
        An input that has a range (``"P(oil=dry)"``), or a change with a free number:
        ``"P(oil=dry) = x in 0..1"``, ``"odds(oil=dry) *= x in 0.25..4"``.
    by : str, optional
        Decision whose options are the branches; default the first.
    points : int
        Evenly spaced numbers, both ends included, besides those that are exact.

    Returns
    -------
    DataFrame
        Index the number, named as `input` was typed; a column for each option: its
        expected total (certain equivalent with risk), nan where it cannot be; `best
        option`, the one listed first among the best; and `kind of point`: "low", "high",
        "base", "break-even" (the best changes), "crossing" (two branches change places,
        the best or not), "bend" (a branch's policy changes), several of these, or "".

    Raises
    ------
    ModelError
        For a text that is no input.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> found = da.rainbow(oil, "P(oil=dry)", points=2)
    >>> exact = found[found["kind of point"].str.contains("break-even")]
    >>> exact[["yes", "no"]].round(6).values.tolist()
    [[27.627119, 27.627119]]
    """
    import pandas as pd

    solve(model)  # says what is wrong with a model that has no answer
    by = model.decisions[0].name if by is None else by
    by = model.node(by, ("decision",), COMMAND_LINE).name
    if not isinstance(points, int) or not 2 <= points <= MOST:
        what, do = f"{points} points are asked for", f"ask for 2 to {MOST}, both ends counted"
        raise ModelError([Problem(*COMMAND_LINE, what, do)])
    moved, branches = axis(model, input), Branches(model, by)
    line = moved.movement(model)
    first, last = max(line.first, line.low), min(line.last, line.high)
    line = replace(line, first=first, last=last)
    (course,), _ = traced(branches, [line], optimum=False, whole=True)
    kinds = _kinds(line, course, np.linspace(line.low, line.high, points))
    numbers = np.array(list(kinds))
    worths = branches.worths([(line, x) for x in numbers.tolist()])[:-1]
    best = tied(worths, line.largest(numbers))
    names = [*branches.options, None]
    picked = np.where(best.any(axis=0), best.argmax(axis=0), -1)
    divisors = np.array([line.divisor(x) for x in numbers.tolist()])
    totals = pd.DataFrame(
        (worths / divisors).T, index=pd.Index(numbers, name=input), columns=branches.options
    )
    totals["best option"] = pd.Series([names[i] for i in picked], totals.index, dtype=object)
    totals["kind of point"] = list(kinds.values())
    return totals


def _kinds(line: Movement, course: Course, grid: Array) -> dict[float, str]:
    """Return all numbers in order, and what each of them is."""
    marks = {"low": [line.low], "high": [line.high], "base": [line.base]}
    marks["break-even"] = [crossing.at for crossing in crossings(line, course)]
    marks["crossing"] = _meetings(course)
    marks["bend"] = _bends(line, course)
    near = NEAR * (line.high - line.low)
    found: list[tuple[float, list[str]]] = []
    for kind, numbers in marks.items():
        for x in numbers:
            if not line.low <= x <= line.high:
                continue
            same = [kinds for other, kinds in found if abs(other - x) <= near]
            if not same:
                found.append((x, [kind]))
            elif kind not in same[0] and (kind, "break-even") != ("crossing", same[0][-1]):
                same[0].append(kind)
    known = np.array([x for x, _ in found])
    others = grid[np.abs(grid[:, None] - known).min(axis=1) > near]
    listed = {x: ", ".join(kinds) for x, kinds in found} | dict.fromkeys(others.tolist(), "")
    return dict(sorted(listed.items()))


def _meetings(course: Course) -> list[float]:
    """Return where any two branches change places."""
    x, worths, found = course.points, course.worths[:-1], []
    for i, j in zip(*np.triu_indices(len(worths), 1), strict=True):
        gap = worths[i] - worths[j]
        apart = np.flatnonzero(np.abs(gap) > course.close)
        for a, b in pairwise(apart):
            if gap[a] * gap[b] > 0:
                continue
            if b == a + 1:
                ends = worths[i, [a, b]], worths[j, [a, b]]
                found.append(float(course.ruler.meet(x[a], x[b], *ends)))
            else:  # at a point, or at several next to each other
                found.append(float(x[a + 1] + x[b - 1]) / 2)
    return found


def _bends(line: Movement, course: Course) -> list[float]:
    """Return where a branch lies below the line from one neighbour to the other."""
    if line.ruler is None:
        return []
    x, worths = course.points, course.worths[:-1]
    chords = np.stack([worths[:, :-2], worths[:, 2:]], axis=-1)
    straight = course.ruler.between(x[:-2], x[2:], chords, x[1:-1])
    bent = (straight - worths[:, 1:-1] > BENDS * course.size).any(axis=0)
    return [float(at) for at in x[1:-1][bent]]
