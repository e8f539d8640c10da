"""Borders: where the best branch changes along the rows and the columns of a grid.

Each row of the grid is a line along x at one y, and each column one along y at one x: a
break-even on it is found as `sensitivity` finds it. Where both inputs move single tables
along straight lines, a policy is worth a bilinear function of them and the border of two
policies is a piece of a hyperbola, c + a·x + b·y + d·x·y = 0, of which its points on the grid's
lines are exact. Between two lines nothing is known but those points: an area so small that
no line meets it is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from decision.analysis.axes import Axis
from decision.analysis.movements import Movement
from decision.analysis.tracing import crossings, traced
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError
from decision.solve.inputs import scale_of
from decision.solve.lines import Branches

__all__ = ["Border", "borders_of", "moved_nodes", "tables_of"]

Array = NDArray[np.float64]
Tables = dict[str, Array]
SAME = 1e-12
"""How far numbers of a table that two orders of changes make may differ by rounding."""
TOGETHER = 16
"""Lines that are looked at together."""
PROBES = (0.0, 0.37, 1.0)
"""Shares of a range at which the order of two changes is tried."""


@dataclass(frozen=True)
class Border:
    """A point at which the set of best options changes along a line of the grid.

    Attributes
    ----------
    x, y : float
    along : str
        "x" on a row of the grid, "y" on a column.
    line : int
        Which row, or which column.
    before, after : tuple of str
        The best options towards lower and towards higher numbers; several tie.
    how : str
        "exact", or "searched" where it was bracketed and closed in upon.
    """

    x: float
    y: float
    along: str
    line: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    how: str


@dataclass(frozen=True, eq=False)
class _Across(Movement):
    """A movement beside another input that stands still at a number of its own."""

    sized: Callable[[Array], Array] | None = None

    def largest(self, numbers: Array) -> Array:
        return super().largest(numbers) if self.sized is None else self.sized(numbers)


def moved_nodes(model: InfluenceDiagram, *axes: Axis) -> tuple[str, ...]:
    """Return the nodes whose tables some axes move; a normalised weight moves all values."""
    names = {one.node for one in axes}
    if model.weights == "normalised" and any(one.weight for one in axes):
        names |= {value.name for value in model.values}
    return tuple(name for name in model.nodes if name in names)


def tables_of(model: InfluenceDiagram, names: Sequence[str]) -> Tables:
    """Return tables, those of values in points."""
    found = {}
    for name in names:
        node = model.nodes[name]
        values = node.kind == "value"
        found[name] = np.asarray(model.utility(name) if values else node.table)  # type: ignore[attr-defined]
    return found


def borders_of(
    model: InfluenceDiagram,
    by: str,
    x: Axis,
    y: Axis,
    numbers: tuple[Array, Array],
    progress: Callable[[int], None],
) -> list[Border]:
    """Return where the best branch changes along the rows and the columns of a grid.

    Parameters
    ----------
    model : InfluenceDiagram
        Weights that are normalised, of a model without risk, count as they are: the
        divisor is the same for all branches.
    by : str
    x, y : Axis
        The change of y is made after that of x.
    numbers : pair of ndarray
        Of x and of y, on the grid.
    progress : callable
        Told how many more lines are done.
    """
    if model.risk is None and model.weights == "normalised":
        model = model.rebuilt(weights="plain")
    branches = Branches(model, by)
    names = moved_nodes(model, x, y)
    turned = _commute(model, x, y)
    rows = [_along_x(model, x, y, b, names, turned) for b in numbers[1].tolist()]
    columns = [_beside(model.changed(x.change(a)), y, names) for a in numbers[0].tolist()]
    found = []
    for along, lines, across in (("x", rows, numbers[1]), ("y", columns, numbers[0])):
        for start in range(0, len(lines), TOGETHER):
            some = lines[start : start + TOGETHER]
            for i, at, before, after, how in _crossings(branches, some):
                still = float(across[start + i])
                place = (at, still) if along == "x" else (still, at)
                found.append(Border(*place, along, start + i, before, after, how))
            progress(len(some))
    return found


def _commute(model: InfluenceDiagram, x: Axis, y: Axis) -> bool:
    """Whether the two changes make the same tables in either order."""
    if x.node != y.node:
        return True
    names = moved_nodes(model, x, y)
    for a in (x.low + share * (x.high - x.low) for share in PROBES):
        for b in (y.low + share * (y.high - y.low) for share in PROBES):
            made = tables_of(model.changed(x.change(a), y.change(b)), names)
            try:
                other = tables_of(model.changed(y.change(b), x.change(a)), names)
            except ModelError:
                return False
            if any(_differs(made[name], other[name]) for name in names):
                return False
    return True


def _differs(one: Array, other: Array) -> bool:
    size = max(1.0, float(np.abs(one).max()))
    return bool((np.abs(one - other) > SAME * size).any())


def _along_x(
    model: InfluenceDiagram, x: Axis, y: Axis, number: float, names: Sequence[str], turned: bool
) -> Movement:
    """Return x as it moves where y is a number."""
    if turned:
        try:
            return _beside(model.changed(y.change(number)), x, names)
        except ModelError:  # y's change alone would leave a decision without an open option
            pass
    return _before(model, x, y, number, names)


def _beside(changed: InfluenceDiagram, moving: Axis, names: Sequence[str]) -> Movement:
    """Return an axis as it moves in a model in which the other was changed."""
    line = moving.movement(changed)
    still = tables_of(changed, [name for name in names if name not in line.nodes])

    def at(number: float) -> Tables:
        return still | line.at(number)

    return _across(line, moving, names, at, line.largest)


def _before(
    model: InfluenceDiagram, x: Axis, y: Axis, number: float, names: Sequence[str]
) -> Movement:
    """Return x as it moves where y is changed after it, with no straight line."""
    line = replace(x.movement(model), ruler=None)
    later = y.change(number)

    def at(moved: float) -> Tables:
        return tables_of(model.changed(x.change(moved), later), names)

    def sized(numbers: Array) -> Array:
        return np.array([scale_of(model.changed(x.change(n), later)) for n in numbers.tolist()])

    return _across(line, x, names, at, sized)


def _across(
    line: Movement,
    moving: Axis,
    names: Sequence[str],
    at: Callable[[float], Tables],
    sized: Callable[[Array], Array],
) -> Movement:
    kept = {field.name: getattr(line, field.name) for field in fields(Movement)}
    first, last = moving.low, moving.high
    if line.ruler is not None:  # no further than the range, but the hair inside 0 and 1
        first, last = max(line.first, first), min(line.last, last)
    kept |= {"low": moving.low, "high": moving.high, "first": first, "last": last}
    return _Across(**(kept | {"nodes": tuple(names), "at": at}), sized=sized)


def _crossings(
    branches: Branches, lines: Sequence[Movement]
) -> Iterator[tuple[int, float, tuple[str, ...], tuple[str, ...], str]]:
    """Yield, for each line, where its best options change, and what they change from and to."""

    def named(best: NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(branches.options[i] for i in np.flatnonzero(best))

    for straight in (True, False):
        picked = [i for i, line in enumerate(lines) if (line.ruler is not None) == straight]
        same = [lines[i] for i in picked]
        courses = traced(branches, same, optimum=False)[0] if same else []
        for i, course in zip(picked, courses, strict=True):
            for crossing in crossings(lines[i], course):
                how = "exact" if straight else "searched"
                yield i, crossing.at, named(crossing.before), named(crossing.after), how
