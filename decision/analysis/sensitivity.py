"""Sensitivity: every input over its range, and where the advice changes.

For each input with a range: the best expected total at the ends of the range, the
option preferred there, and every value at which the set of best options changes, all
else at base and later decisions taken anew (a tornado's rows; Howard 1988, "Decision
analysis: practice and promise", Management Science 34(6), 679-695,
doi:10.1287/mnsc.34.6.679; Clemen and Reilly 2014, *Making Hard Decisions*, ch. 5).

Along one input each branch is convex and piecewise linear, and its pieces are found
exactly (`envelope`). Break-evens are where the best of them changes. The optimum's lowest
value can lie inside the range, since it is convex too. Inputs of one node are rows of the
same batch.

With an attitude to risk all goes by certain equivalent. A weight then has no straight
line: its break-evens are looked for on a grid of 200 steps and closed in upon, so that two
within one step can be missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.envelope import NEAR, Course, Ruler, changes, tied
from decision.analysis.movements import Movement, movements
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import COMMAND_LINE
from decision.solve.lines import Branches
from decision.solve.solution import solve

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Finding", "findings", "sensitivity", "sensitivity_json"]

Array = NDArray[np.float64]
TOGETHER = 64
"""Inputs that are looked at together."""
ROUNDS = 60
"""The most times that the pieces of a line are looked at again."""
GRID = 201
CLOSING = 12
"""How often a crossing on the grid is closed in upon."""


@dataclass(frozen=True)
class Finding:
    """What moving one input over its range does.

    Attributes
    ----------
    input : str
        In the small language: a legal left side of a change.
    base, low, high : float
    worth_low, worth_high, lowest : float
        Best expected total (certain equivalent with risk) at the ends of the range, and
        the lowest inside it.
    preferred_low, preferred_high : str or None
        Option listed first among the best there; None where no branch can be.
    break_even : tuple of float
        Where the set of best options changes, all other inputs at base.
    """

    input: str
    base: float
    low: float
    high: float
    worth_low: float
    worth_high: float
    lowest: float
    preferred_low: str | None
    preferred_high: str | None
    break_even: tuple[float, ...]
    expected: tuple[float, float] | None = None
    """With risk, the expected totals at the ends."""

    @property
    def swing(self) -> float:
        """How far the best total moves between the ends of the range."""
        return abs(self.worth_high - self.worth_low)


def sensitivity(model: InfluenceDiagram, by: str | None = None) -> pd.DataFrame:
    """Move every input over its range, all else at base.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are compared; default the first.

    Returns
    -------
    DataFrame
        Index `input` (in the small language), largest swing first; columns `base`,
        `low`, `high`, `total_low`, `total_high`, `lowest`, `swing` (points; certain
        equivalents with risk), `preferred_low`, `preferred_high`, `break_even` (tuple).

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> da.sensitivity(oil)["swing"].is_monotonic_decreasing
    True
    """
    import pandas as pd

    rows = [
        {
            "input": f.input,
            "base": f.base,
            "low": f.low,
            "high": f.high,
            "total_low": f.worth_low,
            "total_high": f.worth_high,
            "lowest": f.lowest,
            "swing": f.swing,
            "preferred_low": f.preferred_low,
            "preferred_high": f.preferred_high,
            "break_even": f.break_even,
        }
        for f in findings(model, by)
    ]
    columns = ["input", "base", "low", "high", "total_low", "total_high", "lowest", "swing"]
    columns += ["preferred_low", "preferred_high", "break_even"]
    return pd.DataFrame(rows, columns=columns).set_index("input")


def sensitivity_json(found: Sequence[Finding]) -> dict[str, Any]:
    """Return what `decision sensitivity` prints of some findings, to the contract's letter."""
    inputs = []
    for f in found:
        row: dict[str, Any] = {"input": f.input, "base": f.base, "low": f.low, "high": f.high}
        expected = (f.worth_low, f.worth_high) if f.expected is None else f.expected
        row |= {"expected_value_low": expected[0], "expected_value_high": expected[1]}
        if f.expected is not None:
            row["certain_equivalent_low"] = f.worth_low
            row["certain_equivalent_high"] = f.worth_high
        row |= {
            "swing": f.swing,
            "preferred_low": f.preferred_low,
            "preferred_high": f.preferred_high,
            "break_even": list(f.break_even),
        }
        inputs.append(row)
    return {"inputs": inputs}


def findings(
    model: InfluenceDiagram,
    by: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Finding]:
    """Return what each input with a range does, largest swing first.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are compared; default the first.
    progress : callable, optional
        Told how many inputs are done, and of how many.
    """
    solve(model)  # says what is wrong with a model that has no answer
    by = model.decisions[0].name if by is None else by
    branches = Branches(model, model.node(by, ("decision",), COMMAND_LINE).name)
    lines = movements(model)
    found: list[Finding] = []
    for group in _groups(lines):
        found += _found(branches, group)
        if progress is not None:
            progress(len(found), len(lines))
    return sorted(found, key=lambda f: -f.swing)


def _groups(lines: Sequence[Movement]) -> Iterator[list[Movement]]:
    """Yield inputs that are rows of one batch: they move the same tables."""
    for _, same in groupby(lines, key=lambda line: (line.nodes, line.ruler is None)):
        group = list(same)
        for start in range(0, len(group), TOGETHER):
            yield group[start : start + TOGETHER]


def _found(branches: Branches, lines: list[Movement]) -> list[Finding]:
    bent = lines[0].ruler is None
    courses = [_on_grid(branches, line) for line in lines] if bent else _courses(branches, lines)
    ends = [(line, number) for line in lines for number in (line.low, line.high)]
    worths = branches.worths(ends)
    risk = branches.model.risk is not None
    expected = branches.expectations(ends) if risk else None
    found = []
    for i, (line, course) in enumerate(zip(lines, courses, strict=True)):
        own = slice(2 * i, 2 * i + 2)
        best = tied(worths[:-1, own], line.largest(np.array([line.low, line.high])))
        preferred = [branches.options[side.argmax()] if side.any() else None for side in best.T]
        low, high = worths[-1, own] / [line.divisor(line.low), line.divisor(line.high)]
        inside = (course.points > line.low) & (course.points < line.high)
        between = [
            worth / line.divisor(number)
            for number, worth in zip(course.points[inside], course.worths[-1, inside], strict=True)
        ]
        found.append(
            Finding(
                input=line.name,
                base=line.base,
                low=line.low,
                high=line.high,
                worth_low=float(low),
                worth_high=float(high),
                lowest=float(min(low, high, *between)),
                preferred_low=preferred[0],
                preferred_high=preferred[1],
                break_even=tuple(changes(course, len(branches.options), line.largest)),
                expected=None if expected is None else tuple(map(float, expected[own])),
            )
        )
    return found


def _courses(branches: Branches, lines: list[Movement]) -> list[Course]:
    """Find the pieces of every branch along some lines."""
    worths, ends = branches.supports([(line, x) for line in lines for x in (line.first, line.last)])
    courses = []
    for i, line in enumerate(lines):
        both, own = np.array([line.first, line.last]), slice(2 * i, 2 * i + 2)
        size = float(line.largest(both).max())
        assert line.ruler is not None
        courses.append(Course(line.ruler, both, worths[:, own], ends[:, own], size))
    bending = dict(enumerate(courses))
    for _ in range(ROUNDS):
        fresh = {i: x for i, course in bending.items() if len(x := course.meetings())}
        if not fresh:
            break
        points = [(lines[i], float(number)) for i, x in fresh.items() for number in x]
        owner = np.repeat(list(fresh), [len(x) for x in fresh.values()])
        worth = branches.worths(points)
        led, above = np.empty((*worth.shape, 2)), np.zeros(len(points), dtype=bool)
        for i, x in fresh.items():
            led[:, owner == i], above[owner == i] = courses[i].lines_at(x, worth[:, owner == i])
        if above.any():
            _, led[:, above] = branches.supports([points[k] for k in np.flatnonzero(above)])
        for i, x in fresh.items():
            courses[i].add(x, worth[:, owner == i], led[:, owner == i])
        bending = {i: courses[i] for i in fresh}
    return courses


def _on_grid(branches: Branches, line: Movement) -> Course:
    """Find every branch on a grid, and close in upon where two of them cross."""
    numbers = np.linspace(line.low, line.high, GRID if line.low < line.high else 2)
    worths = branches.worths([(line, float(x)) for x in numbers])
    size = float(line.largest(numbers[[0, -1]]).max())
    course = Course(Ruler(), numbers, worths, np.zeros((*worths.shape, 2)), size)
    for _ in range(CLOSING if line.low < line.high else 0):
        x = np.unique(course.crossings())
        away = np.abs(x[:, None] - course.points).min(axis=1, initial=np.inf)
        x = x[away > NEAR * (line.high - line.low)]
        if not len(x):
            break
        worths = branches.worths([(line, float(number)) for number in x])
        course.add(x, worths, np.zeros((*worths.shape, 2)))
    return course
