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
line, nor has a change that moves several rows at once (`linked`): their break-evens are
looked for on a grid of 200 steps and closed in upon, so that two within one step can be
missed. The column `how` says which way a row was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.envelope import Course, Crossing, tied
from decision.analysis.finding import Finding
from decision.analysis.linked import linked
from decision.analysis.movements import Movement, movements
from decision.analysis.tracing import crossings, traced
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import COMMAND_LINE
from decision.solve.lines import Branches, worth_of
from decision.solve.solution import solve

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Finding", "bars", "findings", "sensitivity", "sensitivity_json", "tabulated"]

Array = NDArray[np.float64]
SAME = 1e-9
"""Share of a total within which two swings are one but for rounding."""
COLUMNS = ["input", "base", "low", "high", "total", "total_low", "total_high", "lowest", "swing"]
COLUMNS += ["preferred", "preferred_low", "preferred_high", "preferred_between", "break_even"]
COLUMNS += ["total_break_even", "nearest_break_even", "distance", "how"]
TOGETHER = 64
"""Inputs that are looked at together."""


def sensitivity(
    model: InfluenceDiagram, by: str | None = None, changes: Iterable[str] = ()
) -> pd.DataFrame:
    """Move every input over its range, all else at base.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are compared; default the first.
    changes : iterable of str, optional
        Changes with a free number, which are inputs too:
        ``"odds(wedge=rift) *= x in 0.25..4"``.

    Returns
    -------
    DataFrame
        Index `input` (in the small language), largest swing first; columns `base`,
        `low`, `high`, `total` (at base), `total_low`, `total_high`, `lowest` (inside the
        range, perhaps), `swing` (points; certain equivalents with risk), `preferred` (at
        base), `preferred_low`, `preferred_high`, `break_even`, `total_break_even` (tuples),
        `preferred_between` (the same before, between and after them), `nearest_break_even`
        and its `distance` from the base in units of the range, `how` ("exact" or
        "searched"). Of the two states of one row, which are one
        number, the one that swings more (the first listed if both do alike).

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> da.sensitivity(oil)["swing"].is_monotonic_decreasing
    True
    """
    return tabulated(model, findings(model, by, changes=changes), by)


def tabulated(
    model: InfluenceDiagram, found: Sequence[Finding], by: str | None = None
) -> pd.DataFrame:
    """Return findings as `sensitivity` gives them."""
    import pandas as pd

    found = bars(model, found)
    solution = solve(model)
    rows = [
        {
            "input": f.input,
            "base": f.base,
            "low": f.low,
            "high": f.high,
            "total": worth_of(solution),
            "total_low": f.worth_low,
            "total_high": f.worth_high,
            "lowest": f.lowest,
            "swing": f.swing,
            "preferred": next(iter(solution.preferred(by)), None),
            "preferred_low": f.preferred_low,
            "preferred_high": f.preferred_high,
            "preferred_between": f.preferred_between,
            "break_even": f.break_even,
            "total_break_even": f.worth_break_even,
            "nearest_break_even": f.nearest,
            "distance": f.distance,
            "how": f.how,
        }
        for f in found
    ]
    numbers = dict.fromkeys(["nearest_break_even", "distance"], "float64")
    frame = pd.DataFrame(rows, columns=COLUMNS).astype(numbers).set_index("input")
    frame.attrs["options"] = model.states(model.decisions[0].name if by is None else by)
    return frame


def bars(model: InfluenceDiagram, found: Sequence[Finding]) -> list[Finding]:
    """Return findings without the second of two states that are one number.

    In a row of two states each is what the other leaves. Kept is the one that swings more;
    of two that do alike, the one listed first.
    """
    rows = {r.name: r for r in model.inputs if r.state and len(model.states(r.node)) == 2}
    place = {name: i for i, name in enumerate(rows)}
    kept: dict[object, Finding] = {}
    for f in found:
        row = rows.get(f.input) if f.input.startswith("P(") else None
        key = f.input if row is None else (row.node, row.where)
        other = kept.get(key)
        if other is None or row is None:
            kept[key] = f
        elif abs(f.swing - other.swing) <= SAME * max(abs(f.worth_low), abs(f.worth_high)):
            kept[key] = min(f, other, key=lambda one: place[one.input])
    return sorted(kept.values(), key=lambda f: -f.swing)


def sensitivity_json(found: Sequence[Finding]) -> dict[str, Any]:
    """Return what `decision sensitivity` prints of some findings, to the contract's letter."""
    inputs = []
    for f in found:
        base = None if isnan(f.base) else f.base
        row: dict[str, Any] = {"input": f.input, "base": base, "low": f.low, "high": f.high}
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
    changes: Iterable[str] = (),
) -> list[Finding]:
    """Return what each input with a range does, largest swing first.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are compared; default the first.
    progress : callable, optional
        Told how many inputs are done, and of how many.
    changes : iterable of str, optional
        Changes with a free number (`linked`).
    """
    solve(model)  # says what is wrong with a model that has no answer
    by = model.decisions[0].name if by is None else by
    branches = Branches(model, model.node(by, ("decision",), COMMAND_LINE).name)
    lines = [*movements(model), *(linked(model, text) for text in changes)]
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
    ends = [(line, number) for line in lines for number in (line.low, line.high)]
    courses, worths = traced(branches, lines)
    expected = branches.expectations(ends) if branches.model.risk is not None else None
    found = []
    for i, (line, course) in enumerate(zip(lines, courses, strict=True)):
        own = slice(2 * i, 2 * i + 2)
        best = tied(worths[:-1, own], line.largest(np.array([line.low, line.high])))
        preferred = [branches.options[side.argmax()] if side.any() else None for side in best.T]
        inside = (course.points > line.low) & (course.points < line.high)
        numbers = [line.low, line.high, *course.points[inside]]
        optimum = [*worths[-1, own], *course.worths[-1, inside]]
        between = crossings(line, course)
        flips = [crossing.at for crossing in between]
        totals = [w / line.divisor(x) for x, w in zip(numbers, map(float, optimum), strict=True)]
        found.append(
            Finding(
                line.name,
                line.base,
                line.low,
                line.high,
                totals[0],
                totals[1],
                min(totals),
                preferred[0],
                preferred[1],
                tuple(flips),
                "searched" if line.ruler is None else "exact",
                None if expected is None else (float(expected[2 * i]), float(expected[2 * i + 1])),
                _optima(branches, line, course, flips),
                _between(branches.options, between, preferred[0]),
            )
        )
    return found


def _between(
    options: Sequence[str], found: Sequence[Crossing], low: str | None
) -> tuple[str | None, ...]:
    """Return the best option before, between and after break-evens."""
    if not found:
        return (low,)
    sets = [found[0].before, *(crossing.after for crossing in found)]
    return tuple(options[int(best.argmax())] if best.any() else None for best in sets)


def _optima(
    branches: Branches, line: Movement, course: Course, numbers: Sequence[float]
) -> tuple[float, ...]:
    """Return the best total where branches change places."""
    if not numbers:
        return ()
    if branches.together:  # the best branch, whose pieces are known there
        worths = course.at(np.array(numbers))[:-1].max(axis=0)
    else:
        worths = branches.worths([(line, x) for x in numbers])[-1]
    return tuple(w / line.divisor(x) for x, w in zip(numbers, worths.tolist(), strict=True))
