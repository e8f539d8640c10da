"""Risk tolerances at which the choice changes.

Under exponential utility u(x) = 1 − exp(−x/t) the tolerance t runs from 0, where only the
worst outcome counts, to infinity, where the expectation does (Pratt 1964, "Risk aversion
in the small and in the large", Econometrica 32(1-2), doi:10.2307/1913738; Howard 1988,
"Decision analysis: practice and promise", Management Science 34(6), for tolerances that
people have). What each branch is worth, its later decisions and earlier ones at their best
for that tolerance, is compared at the points of a logarithmic grid; between two points
with different best branches, and where the best one's lead dips on the grid, the
steps are cut into smaller ones until they are narrower than 1e-7.

All points of a step go through the solver as one batch, with the tolerance on the last
axis. Decisions that forget are solved point by point, and may be local optima.

Two changes closer together than a step of the grid (2.3%; 12% where points are solved
alone) are missed if the best one's lead shows no dip there: the branch before and after
them is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from decision.analysis.distribution import attainable
from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.solve.inputs import ROUNDING, arrays_for, set_options
from decision.solve.plan import plan, refuse
from decision.solve.run import run, trimmed
from decision.solve.solution import LIMIT, solve
from decision.solve.steps import Key

__all__ = ["Switch", "branches_at", "switches"]

Array = NDArray[np.float64]
REACH = (1e-3, 1e3)
"""In units of the spread of the total."""
POINTS = 601
"""Of the first grid."""
POINTS_ALONE = 121
"""Of it, where each point is solved on its own."""
CUTS = 16
"""Steps into which a step is cut."""
NARROW = 1e-7
DIPS = 4
"""How often a dip without a change is looked into more closely."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Switch:
    """A risk tolerance at which the best branch changes, and the best below and above it."""

    tolerance: float
    below: str
    above: str


def switches(model: InfluenceDiagram, by: str, progress: Progress | None = None) -> list[Switch]:
    """Return the risk tolerances at which the best branch changes, ascending.

    Parameters
    ----------
    model : InfluenceDiagram
        Its own attitude to risk does not enter.
    by : str
        The decision whose options are the branches.
    progress : callable, optional
        Told how many points of the first grid are done, of how many.

    Raises
    ------
    ModelError
        As solving does.
    """
    low, high = attainable(model)
    spread = high - low
    size = max(abs(low), abs(high))
    if not spread > 1e-9 * size:
        return []
    grid = spread * np.geomspace(*REACH, POINTS_ALONE if model.memory == "limited" else POINTS)
    model = model.rebuilt(risk=1.0)
    worth = _looked(model, by, grid, progress)
    found: list[tuple[float, int, int]] = []
    for left, right, depth in _steps(grid, worth, size, DIPS):
        found += _closed_in(model, by, left, right, depth, size)
    options = model.states(by)
    return [Switch(t, options[below], options[above]) for t, below, above in sorted(found)]


def branches_at(model: InfluenceDiagram, by: str, tolerances: Array) -> Array:
    """Return the certain equivalent of each branch at some risk tolerances.

    Returns
    -------
    ndarray (options, tolerances)
        nan where a branch cannot be had.
    """
    risky = model if model.risk == 1.0 else model.rebuilt(risk=1.0)
    if model.memory == "limited":
        columns = [_one(model, by, t) for t in tolerances.tolist()]
        return np.array(columns).T
    rows = len(tolerances)
    found = []
    for option in model.states(by):
        made = plan(risky.structure, frozenset({by}))
        refuse(made, LIMIT)
        assert made.value is not None
        arrays = arrays_for(made, risky, set_options(risky, [{by: option}]))
        arrays = {key: _at(key, table, tolerances) for key, table in arrays.items()}
        tables = run(trimmed(made, (made.value, *made.dead)), arrays)
        worth = np.array(np.broadcast_to(tables[made.value], rows))
        for mark in made.dead:
            worth[np.broadcast_to(tables[mark] > 0, rows)] = np.nan
        found.append(worth)
    return np.stack(found)


def _at(key: Key, table: Array, tolerances: Array) -> Array:
    """Return an input of a plan that was made for a tolerance of 1, at others."""
    kind, _ = key
    if kind == "value":
        return table / tolerances
    if kind == "tolerance":
        return tolerances
    if kind == "scale":
        return table + ROUNDING * (tolerances - 1.0)
    return table


def _one(model: InfluenceDiagram, by: str, tolerance: float) -> list[float]:
    branches = solve(model.rebuilt(risk=tolerance)).branch_solutions(by)
    return [np.nan if branch is None else branch.worth for _, branch in branches]


def _looked(model: InfluenceDiagram, by: str, grid: Array, progress: Progress | None) -> Array:
    """Return what branches are worth on the grid, told bit by bit."""
    parts: list[Array] = []
    for part in np.array_split(grid, max(1, len(grid) // 50)):
        parts.append(branches_at(model, by, part))
        if progress is not None:
            progress(sum(p.shape[1] for p in parts), len(grid))
    return np.concatenate(parts, axis=1)


def _best(worth: Array, tolerances: Array, size: float) -> tuple[NDArray[np.int64], Array]:
    """Return the best branch at each tolerance, the first of those that tie, and its lead.

    A tie is what roundings alone may make: a wider one would move the changes.
    """
    known = np.where(np.isnan(worth), -np.inf, worth)
    top = known.max(axis=0)
    slack = _slack(size, tolerances)
    best = (known >= top - slack).argmax(axis=0)
    others = np.where(np.arange(len(known))[:, None] == best, -np.inf, known)
    lead = np.maximum(top - others.max(axis=0), 0.0)
    lead[(lead <= slack) | np.isinf(lead)] = 0.0  # infinite where no other can be had
    return best, lead


def _slack(size: float, tolerances: Array) -> Array:
    """Return how far roundings alone may part two equal certain equivalents."""
    return np.asarray(1e-13 * size + 4e-15 * tolerances)


def _steps(
    grid: Array, worth: Array, size: float, depth: int
) -> Iterator[tuple[float, float, int]]:
    """Yield the steps of a grid to be looked into, and how far to look for dips in them."""
    best, lead = _best(worth, grid, size)
    changed = best[1:] != best[:-1]
    for i in np.flatnonzero(changed).tolist():
        yield float(grid[i]), float(grid[i + 1]), depth
    if not depth:
        return
    inner = lead[1:-1]
    low = (inner < lead[:-2]) & (inner <= lead[2:])
    # Only a lead that falls within a step by about as much as is left of it can come to 0.
    low &= inner <= np.maximum(lead[:-2], lead[2:]) - inner
    low &= inner > 10 * _slack(size, grid[1:-1])
    for i in (np.flatnonzero(low) + 1).tolist():
        for j in (i - 1, i):
            if not changed[j]:
                yield float(grid[j]), float(grid[j + 1]), depth - 1


def _closed_in(
    model: InfluenceDiagram, by: str, left: float, right: float, depth: int, size: float
) -> list[tuple[float, int, int]]:
    """Return the changes within a step: where, and the branches that are best on each side."""
    grid = np.geomspace(left, right, CUTS + 1)
    worth = branches_at(model, by, grid)
    found: list[tuple[float, int, int]] = []
    best = _best(worth, grid, size)[0].tolist()
    for low, high, deeper in _steps(grid, worth, size, depth):
        i = int(np.searchsorted(grid, low))
        if high / low - 1 <= NARROW:
            if best[i] != best[i + 1]:
                found.append((float(np.sqrt(low * high)), best[i], best[i + 1]))
        else:
            found += _closed_in(model, by, low, high, deeper, size)
    return found
