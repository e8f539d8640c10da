"""Derivatives: how the expected total moves with every number of the model.

With its policy fixed, E = Σ over all paths of Π probabilities × total: a polynomial that is
linear in each number. One run of its steps forward and one backward gives the derivative by
every number at once, for a small multiple of the cost of E alone (reverse accumulation;
Darwiche 2003, "A differential approach to inference in Bayesian networks", JACM 50(3),
doi:10.1145/765568.765570, for the polynomial).

At the optimal policy these are the derivatives of the optimal value itself, since a small
change of a number leaves the policy as it is (the envelope theorem; Milgrom and Segal 2002,
Econometrica 70(2), doi:10.1111/1468-0262.00296). Where options tie the optimal value has a
kink, and what is given is one of its slopes. So it is where a situation that never happens
would begin to, if the policy is not at its best there.

A probability moves with the rest of its row: *along covariation*, the other states of the
row keep their proportions. *Raw* is the derivative by the number alone, as if the row
need not sum to 1; only differences of raw derivatives within a row mean anything.

With an attitude to risk, the derivatives are those of the expected total too, at the policy
with the best certain equivalent, which is not at its best for the total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Value
from decision.model.problems import ModelError, Problem
from decision.model.rows import cells_of
from decision.model.structure import Structure
from decision.solve.compiled import CELL, Plan
from decision.solve.inputs import arrays_for
from decision.solve.kernels import program
from decision.solve.queries import query_plan
from decision.solve.rules import Rule
from decision.solve.solution import LIMIT, solve
from decision.solve.steps import Key, Step

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Derivatives", "backward", "derivatives", "gradient"]

Array = NDArray[Any]
FREE = ("chance", "value")
"""Inputs of a plan whose derivatives are asked for."""


@dataclass(frozen=True, eq=False)
class Derivatives:
    """The expected total and its derivative by every number.

    Attributes
    ----------
    value : float
        The expected total.
    raw, covaried : dict of chance node to ndarray
        By each probability: the number alone, and with its row covarying.
    amounts : dict of value node to ndarray
        By each amount, in points per natural unit.
    weights : dict of value node to float
        By each weight.
    """

    value: float
    raw: dict[str, Array]
    covaried: dict[str, Array]
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

    Examples
    --------
    >>> from decision import read_model
    >>> found = derivatives(read_model("data/examples/oil_wildcatter"))
    >>> round(found.value, 9)
    22.5
    >>> found.covaried["oil"].round(6)  # dry, wet, soaking
    array([-121.      ,    3.571429,  184.375   ])
    """
    rules = solve(model, limit=limit).policy if policy is None else policy
    plan = _plan(model.structure, tuple((name, rule.given) for name, rule in rules.items()))
    _refuse(plan, limit)
    extra: dict[Key, Array] = {("rule", n): rule.table[..., None] for n, rule in rules.items()}
    for key, scope in plan.inputs:
        if key[0] == "evidence":
            extra[key] = np.ones((plan.card[scope[0]], 1))
    value, found = backward(plan, arrays_for(plan, model, extra))
    total = float(value[0])
    raw, amounts, weights = {}, {}, {}
    for chance in model.chances:
        raw[chance.name] = found["chance", chance.name][..., 0]
    whole = sum(v.weight for v in model.values)
    for node in model.values:
        by_points = found["value", node.name][..., 0]
        amounts[node.name] = by_points * model.weight(node.name) * _points_a_unit(node)
        worth = float((by_points * _unweighted(node)).sum())
        normalised = model.weights == "normalised"
        weights[node.name] = (worth - total) / whole if normalised else worth
    covaried = {c.name: _along(c.table, raw[c.name]) for c in model.chances}
    return Derivatives(total + 0.0, raw, covaried, amounts, weights)


@lru_cache(maxsize=64)
def _plan(structure: Structure, rules: tuple[tuple[str, tuple[str, ...]], ...]) -> Plan:
    """Return a plan of the expected total in which every chance node has a part.

    Nodes without a part sum to 1 and are left out otherwise; that would leave out a constant
    from the raw derivatives of a row. The last chance nodes count as observed, in any state.
    """
    above = {parent for _, given in structure.chances for parent in given}
    last = tuple(name for name, _ in structure.chances if name not in above)
    return query_plan(structure, rules, (((), "total", ""),), last)


def _refuse(plan: Plan, limit: int) -> None:
    needed = 2 * CELL * _cells(plan)
    if needed > limit:
        what = f"derivatives need {needed:.3g} bytes at once, more than {limit:.3g}"
        do = "cut an arc, merge states, or let a decision observe less"
        raise ModelError([Problem("model.toml", 1, what, do)])


@lru_cache(maxsize=64)
def _cells(plan: Plan) -> int:
    return sum(plan.cells(scope) for scope in plan.scopes)


def _points_a_unit(node: Value) -> float:
    if node.worst is None or node.best is None:
        return 1.0
    return 100.0 / (node.best - node.worst)


def _unweighted(node: Value) -> Array:
    start = 0.0 if node.worst is None or node.best is None else node.worst
    return np.asarray((node.table - start) * _points_a_unit(node))


def _along(table: Array, raw: Array) -> Array:
    """Return derivatives along covariation from raw ones.

    When p moves by 1, each other state of its row moves by −(its share of the others).
    """
    states = table.shape[-1]
    if states == 1:
        return np.zeros_like(raw)
    apart = 1.0 - np.eye(states)
    rest = table[..., None, :] * apart
    total = rest.sum(axis=-1, keepdims=True)
    shares = np.where(total > 0, rest / np.where(total > 0, total, 1.0), apart / (states - 1))
    return np.asarray(raw - (shares * raw[..., None, :]).sum(axis=-1))


# -- backward -------------------------------------------------------------------


def backward(plan: Plan, arrays: Mapping[Key, Array]) -> tuple[Array, dict[Key, Array]]:
    """Return the only output of a plan, and its derivative by every cell of its inputs.

    Parameters
    ----------
    plan : Plan
        Of products and sums alone, not logarithmic.
    arrays : mapping of (kind, name) to ndarray
        Its inputs, a last axis for the batch.
    """
    tables: list[Any] = [arrays[key] for key, _ in plan.inputs]
    tables += [None] * (len(plan.scopes) - len(tables))
    rows = max(array.shape[-1] for array in arrays.values())
    spread: list[list[Array]] = []
    for kernel, views, terms, output, _ in program(plan):
        spread.append([_seen(tables[number], moved, shape) for number, moved, shape in views])
        tables[output] = kernel(spread[-1], terms)
    (output,) = plan.outputs
    slopes: list[Any] = [None] * len(tables)
    slopes[output] = np.ones((*tables[output].shape[:-1], rows))
    for step, inputs in zip(reversed(_returns(plan)), reversed(spread), strict=True):
        slope = slopes[step.output]
        if slope is None:
            continue
        slopes[step.output] = None
        wide = slope.reshape(step.wide + slope.shape[-1:])
        for gather in step.gathers:
            part = _gathered(gather, _others(step, gather.place, inputs, wide))
            before = slopes[gather.number]
            slopes[gather.number] = part if before is None else before + part
    found: dict[Key, Array] = {}
    for i, (key, scope) in enumerate(plan.inputs):
        if key[0] in FREE:
            shape = (*(plan.card[name] for name in scope), rows)
            found[key] = np.zeros(shape) if slopes[i] is None else np.broadcast_to(slopes[i], shape)
    return tables[output], found


def _seen(table: Array, moved: tuple[int, ...] | None, shape: tuple[int, ...] | None) -> Array:
    if moved is not None:
        table = table.transpose(moved)
    return table if shape is None else table.reshape(shape + table.shape[-1:])


@dataclass(frozen=True)
class _Gather:
    """How the derivative by an input of a step comes to stand as the input does.

    Attributes
    ----------
    place, number : int
        Of the input in its step, and of its table.
    summed : tuple of int
        Axes of the layout that the input lacks.
    times : float
        How often a sum over axes counts what has none of them.
    shape, moved : tuple of int
        Of the input's axes in the layout's order, and their way back to the input's.
    spread : tuple of int or None
        The shape before, where not all axes of the input are there yet.
    """

    place: int
    number: int
    summed: tuple[int, ...]
    times: float
    spread: tuple[int, ...] | None
    shape: tuple[int, ...]
    moved: tuple[int, ...] | None


@dataclass(frozen=True)
class _Return:
    """A step on the way back: its output, the shape of the slope, and its inputs."""

    output: int
    product: bool
    wide: tuple[int, ...]
    gathers: tuple[_Gather, ...]


@lru_cache(maxsize=64)
def _returns(plan: Plan) -> tuple[_Return, ...]:
    """Return the way back through a plan's steps; only to what can be moved."""
    free = [key[0] in FREE for key, _ in plan.inputs] + [False] * len(plan.steps)
    found = []
    for step in plan.steps:
        free[step.output] = any(free[number] for number in step.inputs)
        wide = (*[1] * len(step.summed), *(plan.card[name] for name in step.scope))
        gathers = tuple(
            _gather(plan, step, place) for place, number in enumerate(step.inputs) if free[number]
        )
        found.append(_Return(step.output, step.kind == "product", wide, gathers))
    return tuple(found)


def _gather(plan: Plan, step: Step, place: int) -> _Gather:
    layout, number = step.summed + step.scope, step.inputs[place]
    scope = plan.scopes[number]
    there = set(step.scope)
    if step.kind == "product":
        there.update(*(plan.scopes[n] for i, n in enumerate(step.inputs) if i != place))
    summed = tuple(i for i, name in enumerate(layout) if name not in scope)
    times = 1.0
    for i in summed:
        times *= 1 if layout[i] in there else plan.card[layout[i]]
    kept = [name for name in layout if name in scope]
    shape = tuple(plan.card[name] for name in kept)
    whole = all(name in there for name in kept)
    moved = (*(kept.index(name) for name in scope), len(kept))
    return _Gather(
        place,
        number,
        summed,
        times,
        None if whole else tuple(plan.card[name] if name in there else 1 for name in kept),
        shape,
        None if moved == tuple(range(len(moved))) else moved,
    )


def _others(step: _Return, place: int, inputs: Sequence[Array], slope: Array) -> Array:
    """Return the slope times all factors but one."""
    if step.product:
        for i, other in enumerate(inputs):
            if i != place:
                slope = slope * other
    return slope


def _gathered(gather: _Gather, part: Array) -> Array:
    """Return a table summed over the axes that an input lacks, in the input's order."""
    if gather.summed:
        part = np.add.reduce(part, axis=gather.summed)
        if gather.times != 1.0:
            part = part * gather.times
    if gather.spread is not None:
        part = np.broadcast_to(part, gather.shape + part.shape[-1:])
    return part if gather.moved is None else part.transpose(gather.moved)


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
