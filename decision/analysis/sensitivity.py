"""Sensitivity: every input over its range, and where the advice changes.

For each input with a range: the best expected total at the ends of the range, the
option preferred there, and every value at which the set of best options changes, all
else at base and later decisions taken anew (a tornado's rows; Howard 1988, "Decision
analysis: practice and promise", Management Science 34(6); Clemen and Reilly 2014,
*Making Hard Decisions*, ch. 5).

Along one input each branch is convex and piecewise linear, so that its pieces are found
exactly: intersect the supporting lines at two points, solve there, and go on with both
halves until the lines agree (Eisner and Severance 1976, "Mathematical techniques for
efficient record segmentation", JACM 23(4)). Break-evens are where pieces of different
branches cross. The optimum's lowest value can lie inside the range, since it is convex.

With an attitude to risk the same holds of −E[exp(−total/t)] in a probability, and in
exp(−w·u/t) for a value; a weight then has no such line, and its break-evens are found
by bracketing and bisection on a grid of 200 points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.model.changes import covary
from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Value
from decision.model.records import Input
from decision.model.rows import cells_of
from decision.model.tables import read_only
from decision.solve.inputs import scale_of
from decision.solve.lines import optima, supports
from decision.solve.run import FLOOR, TIE
from decision.solve.solution import solve

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Finding", "findings", "sensitivity", "sensitivity_json"]

Array = NDArray[np.float64]
CLOSE = 1e-11
"""Relative difference at which two lines are one: rounding of some hundred operations."""
MERGE = 1e-9
"""Share of the line at which two points are one."""
ROUNDS = 60
GRID = 201


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
    preferred_low, preferred_high : str
        Option listed first among the best there.
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
    preferred_low: str
    preferred_high: str
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
    by = model.node(model.decisions[0].name if by is None else by, ("decision",)).name
    lines: list[_Line] = [
        _Cells(model, row.name, row.number, row.low, row.high, row=row)
        for row in model.inputs
        if row.low is not None
        and row.high is not None
        and row.text != "rest"
        and not (row.state is not None and len(model.states(row.node)) == 1)
    ]
    for value in model.values:
        if value.weight_low is not None or value.weight_high is not None:
            low = value.weight if value.weight_low is None else value.weight_low
            high = value.weight if value.weight_high is None else value.weight_high
            lines.append(_Weight(model, f"weight({value.name})", value.weight, low, high, value))
    found = []
    for line in lines:
        found.append(_finding(line, by))
        if progress is not None:
            progress(len(found), len(lines))
    return sorted(found, key=lambda f: -f.swing)


# -- the lines -------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Line:
    """An input that moves: the model at each of its numbers.

    `straight` is the model whose branches are straight lines along it: the model itself,
    or the one whose weights are not divided by their sum.
    """

    model: InfluenceDiagram
    name: str
    base: float
    low: float
    high: float

    @property
    def node(self) -> str:
        raise AssertionError

    @property
    def domain(self) -> tuple[float, float]:
        return self.low, self.high

    @cached_property
    def straight(self) -> InfluenceDiagram:
        return self.model

    def at(self, number: float) -> InfluenceDiagram:
        raise AssertionError

    def coordinate(self, number: float) -> float:
        """Return the coordinate along which a policy's line is straight."""
        return number

    def number(self, coordinate: float) -> float:
        return coordinate

    def scale(self, number: float) -> float:
        """Return what a total of `straight` is divided by."""
        return 1.0

    @property
    def has_line(self) -> bool:
        return True

    @cached_property
    def level(self) -> float:
        """The certain equivalent about which exponentials are taken, lest they overflow."""
        return solve(self.model).certain_equivalent or 0.0


@dataclass(frozen=True, eq=False)
class _Cells(_Line):
    """A row of probabilities.csv or values.csv, all its combinations together."""

    row: Input = field(kw_only=True)

    @property
    def node(self) -> str:
        return self.row.node

    @property
    def domain(self) -> tuple[float, float]:
        return (self.low, self.high) if self.row.state is None else (0.0, 1.0)

    @cached_property
    def _where(self) -> tuple[NDArray[np.intp], ...]:
        return cells_of(replace(self.row, state=None), self._parents)

    @cached_property
    def _parents(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(name, self.model.states(name)) for name in self.model.given(self.node)]

    def at(self, number: float) -> InfluenceDiagram:
        node = self.model.node(self.node)
        table = np.array(node.table)
        if isinstance(node, Chance):
            rows = table[self._where]
            state = node.states.index(self.row.state or "")
            table[self._where] = covary(rows, state, np.full(rows.shape[:-1], number))
        else:
            table[self._where] = number
        return self.model.with_numbers({self.node: read_only(table)})

    @cached_property
    def _per_unit(self) -> float:
        """Points of the total for a unit of the value."""
        value: Value = self.model.node(self.node)
        per = self.model.weight(self.node)
        if value.worst is not None and value.best is not None:
            per *= 100.0 / (value.best - value.worst)
        return per

    @property
    def _bent(self) -> bool:
        return self.model.risk is not None and self.row.state is None and self._per_unit != 0

    def coordinate(self, number: float) -> float:
        if not self._bent or self.model.risk is None:
            return number
        return float(np.exp(-self._per_unit * (number - self.base) / self.model.risk))

    def number(self, coordinate: float) -> float:
        if not self._bent or self.model.risk is None:
            return coordinate
        return self.base - self.model.risk * float(np.log(coordinate)) / self._per_unit


@dataclass(frozen=True, eq=False)
class _Weight(_Line):
    """A swing weight."""

    value: Value

    @property
    def node(self) -> str:
        return self.value.name

    @cached_property
    def straight(self) -> InfluenceDiagram:
        return self.model if self.model.risk is not None else _undivided(self.model)

    def at(self, number: float) -> InfluenceDiagram:
        weighed = replace(self.value, weight=number)
        return self.straight.with_numbers({}, {self.value.name: weighed})

    def scale(self, number: float) -> float:
        if self.straight.weights == self.model.weights:
            return 1.0
        others = sum(v.weight for v in self.model.values if v.name != self.value.name)
        return others + number or 1.0

    @property
    def has_line(self) -> bool:
        return self.model.risk is None


def _undivided(model: InfluenceDiagram) -> InfluenceDiagram:
    """Return the model whose weights are not divided by their sum."""
    return model if model.weights == "plain" else model.rebuilt(weights="plain")


# -- along a line ----------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Course:
    """Every branch along a line: linear between the points, which are sorted."""

    points: Array
    """Coordinates."""
    worths: Array
    """(options, points): what is linear, nan where a branch cannot be."""


def _finding(line: _Line, by: str) -> Finding:
    model = line.straight
    options = model.states(by)
    course = _course(line, by) if line.has_line else _on_grid(line, by)
    ends = supports(
        model, by, line.node, [line.at(line.low), line.at(line.high)], _ends(line)
    ).worth
    preferred = [options[_best(line, ends[:, i])[0]] for i in (0, 1)]
    inside = [
        number
        for number in (line.number(float(y)) for y in course.points)
        if line.low < number < line.high
    ]
    numbers = [line.low, line.high, *inside]
    worth = optima(model, line.node, [line.at(number) for number in numbers])
    worth = worth / [line.scale(number) for number in numbers]
    expected = None
    if model.risk is not None:
        at = [solve(line.at(number)).expected_value for number in (line.low, line.high)]
        expected = (at[0], at[1])
    return Finding(
        line.name,
        line.base,
        line.low,
        line.high,
        float(worth[0]),
        float(worth[1]),
        float(worth.min()),
        preferred[0],
        preferred[1],
        tuple(_break_evens(line, course)),
        expected,
    )


def _ends(line: _Line) -> tuple[InfluenceDiagram, InfluenceDiagram]:
    low, high = line.domain
    return line.at(low), line.at(high)


def _best(line: _Line, worths: Array) -> list[int]:
    """Return the numbers of the options that tie with the best, in model order."""
    known = np.nan_to_num(worths, nan=-np.inf)
    top = float(known.max())
    floor = FLOOR * scale_of(line.straight)
    return [
        i
        for i, worth in enumerate(known.tolist())
        if worth == top or top - worth <= TIE * max(abs(top), abs(worth), floor)
    ]


def _course(line: _Line, by: str) -> _Course:
    """Find the pieces of every branch: points between which all of them are linear."""
    ends = _ends(line)
    first, last = (line.coordinate(number) for number in line.domain)
    if line.domain[0] == line.domain[1]:
        worth = supports(line.straight, by, line.node, [ends[0]], ends).worth
        return _Course(np.array([first]), worth)
    points = np.array([first, last])
    found = supports(line.straight, by, line.node, list(ends), ends)
    worths, lines = _linear(line, found.worth), _linear_ends(line, found.ends)
    for _ in range(ROUNDS):
        fresh = _meetings(points, lines, first, last)
        if not len(fresh):
            break
        models = [line.at(line.number(float(y))) for y in fresh]
        found = supports(line.straight, by, line.node, models, ends)
        points = np.concatenate([points, fresh])
        worths = np.concatenate([worths, _linear(line, found.worth)], axis=1)
        lines = np.concatenate([lines, _linear_ends(line, found.ends)], axis=1)
        order = np.argsort(points)
        points, worths, lines = points[order], worths[:, order], lines[:, order]
    return _Course(points, worths)


def _linear(line: _Line, worth: Array) -> Array:
    risk = line.model.risk
    return worth if risk is None else -np.exp((line.level - worth) / risk)


def _linear_ends(line: _Line, ends: Array) -> Array:
    risk = line.model.risk
    return ends if risk is None else -np.exp(ends + line.level / risk)


def _meetings(points: Array, lines: Array, first: float, last: float) -> Array:
    """Return where supporting lines of neighbouring points meet, away from both."""
    left, right = lines[:, :-1], lines[:, 1:]
    size = np.maximum(np.abs(lines).max(initial=0.0, where=~np.isnan(lines)), 1e-300)
    gap = right - left
    apart = (np.abs(gap) > CLOSE * size).any(axis=-1)
    with np.errstate(all="ignore"):
        share = gap[..., 0] / (gap[..., 0] - gap[..., 1])
    where = first + share * (last - first)
    margin = MERGE * abs(last - first)
    low, high = points[:-1] + margin, points[1:] - margin
    inside = apart & np.isfinite(where) & (where > low) & (where < high)
    found = np.unique(where[inside])
    if len(found):
        found = found[np.concatenate([[True], np.diff(found) > margin])]
    return found


def _break_evens(line: _Line, course: _Course) -> list[float]:
    """Return where the set of best options differs on the two sides."""
    points = course.points
    if len(points) < 2:
        return []
    marks = np.unique(np.concatenate([points, _crossings(course)]))
    margin = MERGE * (points[-1] - points[0])
    marks = marks[np.concatenate([[True], np.diff(marks) > margin])]
    middles = (marks[:-1] + marks[1:]) / 2
    sets = []
    for y in middles:
        worths = np.array([np.interp(y, points, branch) for branch in course.worths])
        if line.model.risk is not None:
            worths = line.level - line.model.risk * np.log(-worths)
        sets.append(_best(line, worths))
    changes = [
        line.number(float(marks[i + 1]))
        for i, (before, after) in enumerate(pairwise(sets))
        if before != after
    ]
    low, high = line.domain
    return sorted(x for x in changes if low < x < high)


def _crossings(course: _Course) -> Array:
    points, worths = course.points, course.worths
    found = []
    for i in range(len(worths)):
        for j in range(i):
            gap = worths[i] - worths[j]
            with np.errstate(all="ignore"):
                share = gap[:-1] / (gap[:-1] - gap[1:])
            crossing = points[:-1] + share * np.diff(points)
            found.append(crossing[(share > 0) & (share < 1)])
    return np.concatenate(found) if found else np.array([])


def _on_grid(line: _Line, by: str) -> _Course:
    """Return branches on a fine grid, refined about each crossing by bisection."""
    low, high = line.domain
    ends = _ends(line)

    def at(numbers: Sequence[float] | Array) -> Array:
        models = [line.at(float(number)) for number in numbers]
        return _linear(line, supports(line.straight, by, line.node, models, ends).worth)

    points = np.linspace(low, high, GRID)
    course = _Course(points, at(points))
    for _ in range(12):
        crossing = np.unique(_crossings(course))
        fresh = crossing[
            np.abs(crossing[:, None] - course.points).min(axis=1) > MERGE * (high - low)
        ]
        if not len(fresh):
            break
        points = np.concatenate([course.points, fresh])
        worths = np.concatenate([course.worths, at(fresh)], axis=1)
        order = np.argsort(points)
        course = _Course(points[order], worths[:, order])
    return course
