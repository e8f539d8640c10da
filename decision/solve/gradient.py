"""Derivatives: how the expected total moves with every number of the model.

With its policy fixed, E = Σ over all paths of Π probabilities × total: a polynomial that is
linear in each number. One run forward and one backward (`reverse`) give the derivative by
every number at once, for about the cost of E alone.

At the optimal policy these are the derivatives of the optimal value itself, since a small
change of a number leaves the policy as it is (the envelope theorem; Milgrom and Segal 2002,
Econometrica 70(2), doi:10.1111/1468-0262.00296). So it is the plan of the optimum that is
gone back through. Where options tie the optimal value has a kink, and what is given is one of
its slopes.

A probability moves with the rest of its row. *Along covariation*, the other states of the
row keep their proportions and the row its sum. *Raw*, the number alone is moved and the row
is then divided by its sum, which makes raw = (1 − p) × the derivative along covariation. (A
row that does not sum to 1 has no meaning; what the polynomial does there depends on which
nodes a plan leaves out.)

With an attitude to risk the derivatives are those of the expected total too, at the policy
with the best certain equivalent, which is not at its best for the total.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from operator import is_
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass, replace
from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Value
from decision.model.problems import ModelError, Problem
from decision.model.rows import cells_of
from decision.solve.compiled import CELL, Plan
from decision.solve.inputs import arrays_for
from decision.solve.plan import plan
from decision.solve.queries import query_plan
from decision.solve.reverse import Slopes, cells, slopes
from decision.solve.rules import Rule
from decision.solve.solution import LIMIT, solve
from decision.solve.steps import Key

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Derivatives", "along", "derivatives", "gradient"]

Array = NDArray[Any]
CERTAIN = 1e-6
"""A row with a probability this near to 1 is worked out from the other states' sum."""


@dataclass(frozen=True, eq=False)
class Derivatives:
    """The expected total and its derivative by every number.

    Attributes
    ----------
    value : float
        The expected total.
    raw, covaried : mapping of chance node to ndarray
        By each probability: the number alone moved and the row divided by its sum, and
        with its row covarying.
    amounts : dict of value node to ndarray
        By each amount, in points per natural unit.
    weights : dict of value node to float
        By each weight.
    """

    value: float
    raw: Mapping[str, Array]
    covaried: Mapping[str, Array]
    amounts: dict[str, Array]
    weights: dict[str, float]


def derivatives(
    model: InfluenceDiagram, policy: Mapping[str, Rule] | None = None, limit: int = LIMIT
) -> Derivatives:
    """Return the derivative of the expected total by every number of a model.

    Parameters
    ----------
    model : InfluenceDiagram
    policy : mapping of decision to Rule, optional
        Default: the best.
    limit : int
        Bytes that this may take at once.

    Raises
    ------
    ModelError
        As `solve` does, and for a model above the limit.

    Examples
    --------
    >>> from decision import read_model
    >>> found = derivatives(read_model("data/examples/oil_wildcatter"))
    >>> round(found.value, 9)
    22.5
    >>> found.covaried["oil"].round(6)  # dry, wet, soaking
    array([-121.      ,    3.571429,  184.375   ])
    """
    easy = policy is None and model.memory == "perfect" and model.risk is None
    if easy and not model.structure.guards:
        optimum = plan(model.structure)
        _refuse(optimum, limit)
        found = slopes(optimum, arrays_for(optimum, model))
        if not found.empty and not found.near.any():
            return _read(model, optimum, found)
    rules = solve(model, limit=limit).policy if policy is None else policy
    looks = tuple((name, rule.given) for name, rule in rules.items())
    followed = query_plan(model.structure, looks, (((), "total", ""),), ())
    _refuse(followed, limit)
    extra: dict[Key, Array] = {("rule", n): rule.table[..., None] for n, rule in rules.items()}
    return _read(model, followed, slopes(followed, arrays_for(followed, model, extra)))


def _refuse(found: Plan, limit: int) -> None:
    needed = 2 * CELL * cells(found)
    if needed > limit:
        what = f"derivatives need {needed:.3g} bytes at once, more than {limit:.3g}"
        do = "cut an arc, merge states, or let a decision observe less"
        raise ModelError([Problem("model.toml", 1, what, do)])


@dataclass(frozen=True, eq=False)
class Rows:
    """Where the rows of probabilities stand among a plan's inputs.

    Attributes
    ----------
    parts : mapping of (kind, name) to slice
        Of each input.
    starts, states : ndarray of int
        Where each row begins, and how many states it has.
    cells : ndarray of int
        Of all rows, one row after another.
    bounds : ndarray of int
        Of each row and of what stands between it and the next.
    values, begins : ndarray of int
        Cells of all value nodes, and where each of these begins among them.
    """

    parts: Mapping[Key, slice]
    starts: NDArray[np.intp]
    states: NDArray[np.intp]
    cells: NDArray[np.intp]
    bounds: NDArray[np.intp]
    values: NDArray[np.intp]
    begins: NDArray[np.intp]


@lru_cache(maxsize=64)
def rows_of(found: Plan) -> Rows:
    """Return where the rows of probabilities stand among a plan's inputs."""
    parts: dict[Key, slice] = {}
    starts: list[int] = []
    states: list[int] = []
    values: list[int] = []
    begins: list[int] = []
    place = 0
    for (kind, name), scope in found.inputs:
        size, own = found.cells(scope), found.card[scope[-1]] if scope else 1
        parts[kind, name] = slice(place, place + size)
        if kind == "chance":
            starts += range(place, place + size, own)
            states += [own] * (size // own)
        elif kind == "value":
            begins.append(len(values))
            values += range(place, place + size)
        place += size
    listed = [range(start, start + own) for start, own in zip(starts, states, strict=True)]
    bounds = [end for part in listed for end in (part.start, part.stop)]
    if bounds and bounds[-1] == place:
        bounds.pop()
    return Rows(
        parts,
        np.array(starts, np.intp),
        np.array(states, np.intp),
        np.array([cell for part in listed for cell in part], np.intp),
        np.array(bounds, np.intp),
        np.array(values, np.intp),
        np.array(begins, np.intp),
    )


def _read(model: InfluenceDiagram, found: Plan, moved: Slopes) -> Derivatives:
    """Return derivatives from slopes by every cell of a plan's inputs."""
    rows, flat, total = rows_of(found), moved.flat[:, 0], float(moved.value[0])
    raw, covaried = along(rows, moved.numbers[:, 0], flat)
    units, unweighted = _units(model.values)
    by_points, normalised = flat[rows.values], model.weights == "normalised"
    sums = np.add.reduceat(by_points * unweighted, rows.begins).tolist() if units else []
    whole = sum(v.weight for v in model.values) if normalised else 1.0
    weights, amounts = {}, {}
    for node, unit, worth, begin in zip(model.values, units, sums, rows.begins, strict=True):
        weights[node.name] = (worth - total) / whole if normalised else worth
        part = by_points[begin : begin + node.table.size].reshape(node.table.shape)
        amounts[node.name] = part * (node.weight / whole * unit)
    return Derivatives(
        total + 0.0,
        _Tables(model.chances, rows.parts, raw),
        _Tables(model.chances, rows.parts, covaried),
        amounts,
        weights,
    )


class _Tables(Mapping[str, Array]):
    """Derivatives by chance node, cut out of all of them when asked for."""

    def __init__(
        self, chances: tuple[Chance, ...], parts: Mapping[Key, slice], flat: Array
    ) -> None:
        self._chances, self._parts, self._flat = chances, parts, flat

    def __getitem__(self, name: str) -> Array:
        for chance in self._chances:
            if chance.name == name:
                part = self._parts.get(("chance", name))
                shape = chance.table.shape
                # Of a node from which no amount follows there is no part.
                return np.zeros(shape) if part is None else self._flat[part].reshape(shape)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (chance.name for chance in self._chances)

    def __len__(self) -> int:
        return len(self._chances)


def _units(values: tuple[Value, ...]) -> tuple[list[float], Array]:
    """Return what a natural unit of each value node is in points, and all amounts in points."""
    last, units, unweighted = _last_units[0]
    if len(last) != len(values) or not all(map(is_, last, values)):
        units, points = [], []
        for node in values:
            unit, start = 1.0, 0.0
            if node.worst is not None and node.best is not None:
                unit, start = 100.0 / (node.best - node.worst), node.worst
            units.append(unit)
            points.append(np.ravel((node.table - start) * unit))
        unweighted = np.concatenate(points) if points else np.zeros(0)
        _last_units[0] = (values, units, unweighted)
    return units, unweighted


_last_units: list[tuple[tuple[Value, ...], list[float], Array]] = [((), [], np.zeros(0))]
"""Of what the units were last worked out."""


def along(rows: Rows, numbers: Array, flat: Array) -> tuple[Array, Array]:
    """Return derivatives by probabilities, raw and along covariation, from a plan's slopes.

    Parameters
    ----------
    rows : Rows
    numbers, flat : ndarray (cells,) or (cells, batch)
        A plan's inputs and its slopes by them.

    Returns
    -------
    raw, covaried : ndarray
        Of the shape of `flat`; 0 at what is no probability.
    """
    raw, covaried = np.zeros_like(flat), np.zeros_like(flat)
    if not rows.cells.size:
        return raw, covaried
    cells_: Any = rows.cells
    if rows.cells[-1] - rows.cells[0] == len(rows.cells) - 1:
        cells_ = slice(rows.cells[0], rows.cells[-1] + 1)  # nothing between: no copies
    means = np.add.reduceat(numbers * flat, rows.bounds, axis=0)[::2]
    raw[cells_] = centred = flat[cells_] - means.repeat(rows.states, axis=0)
    rest = 1.0 - numbers[cells_]
    sure = rest < CERTAIN
    if not np.count_nonzero(sure):
        covaried[cells_] = centred / rest
        return raw, covaried
    covaried[cells_] = centred / np.where(sure, 1.0, rest)
    somewhere = sure.reshape(len(sure), -1).any(axis=1)
    for row in np.unique(np.arange(len(rows.starts)).repeat(rows.states)[somewhere]):
        part = slice(rows.starts[row], rows.starts[row] + rows.states[row])
        covaried[part] = _along(numbers[part], flat[part])
    return raw, covaried


def _along(row: Array, slope: Array) -> Array:
    """Return derivatives along covariation of one row; states on the first axis.

    When p moves by 1, each other state of its row moves by −(its share of the others).
    """
    states = len(row)
    if states == 1:
        return np.zeros_like(slope)
    apart = (1.0 - np.eye(states)).reshape(states, states, *[1] * (row.ndim - 1))
    rest = row * apart
    total = rest.sum(axis=1, keepdims=True)
    shares = np.where(total > 0, rest / np.where(total > 0, total, 1.0), apart / (states - 1))
    return np.asarray(slope - (shares * slope).sum(axis=1))


# -- by input -------------------------------------------------------------------


def gradient(model: InfluenceDiagram) -> pd.DataFrame:
    """Return how the expected total moves with every input, at the best policy.

    Parameters
    ----------
    model : InfluenceDiagram

    Returns
    -------
    DataFrame
        Index `input` (in the small language), in file order, weights last; columns
        `derivative` (points of the total per 1 of the input, the rest of a row of
        probabilities in proportion) and `raw` (the number alone). An input that stands
        for several cells moves them all.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> da.gradient(oil)["derivative"].head(3).round(3)
    input
    P(oil=dry)       -121.000
    P(oil=wet)          3.571
    P(oil=soaking)    184.375
    Name: derivative, dtype: float64
    """
    import pandas as pd

    found = derivatives(model)
    rows: list[tuple[str, float, float]] = []
    for row in model.inputs:
        parents = [(name, model.states(name)) for name in model.given(row.node)]
        where: tuple[Any, ...] = cells_of(replace(row, state=None), parents)
        if row.state is None:
            slope = float(found.amounts[row.node][where].sum())
            rows.append((row.name, slope, slope))
            continue
        state = model.states(row.node).index(row.state)
        along, raw = (
            float(table[row.node][where][..., state].sum()) for table in (found.covaried, found.raw)
        )
        rows.append((row.name, along, raw))
    rows += [(f"weight({name})", slope, slope) for name, slope in found.weights.items()]
    return pd.DataFrame(rows, columns=["input", "derivative", "raw"]).set_index("input")
