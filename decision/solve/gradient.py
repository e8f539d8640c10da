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
from decision.solve.queries import query_plan
from decision.solve.rules import Rule
from decision.solve.run import OPERATIONS
from decision.solve.solution import LIMIT, solve
from decision.solve.steps import Key, Step

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Derivatives", "backward", "derivatives", "gradient"]

Array = NDArray[Any]


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
            extra[key] = np.ones((plan.cells(scope), 1))
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


def _plan(structure: Structure, rules: tuple[tuple[str, tuple[str, ...]], ...]) -> Plan:
    """Return a plan of the expected total in which every chance node has a part.

    Nodes without a part sum to 1 and are left out otherwise; that would leave out a constant
    from the raw derivatives of a row. The last chance nodes count as observed, in any state.
    """
    above = {parent for _, given in structure.chances for parent in given}
    last = tuple(name for name, _ in structure.chances if name not in above)
    return query_plan(structure, rules, (((), "total", ""),), last)


def _refuse(plan: Plan, limit: int) -> None:
    needed = 2 * CELL * sum(plan.cells(scope) for scope in plan.scopes)
    if needed > limit:
        what = f"derivatives need {needed:.3g} bytes at once, more than {limit:.3g}"
        do = "cut an arc, merge states, or let a decision observe less"
        raise ModelError([Problem("model.toml", 1, what, do)])


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
    found = np.empty_like(raw)
    for state in range(states):
        others = [i for i in range(states) if i != state]
        rest = table[..., others]
        total = rest.sum(axis=-1, keepdims=True)
        shares = np.where(total > 0, rest / np.where(total > 0, total, 1.0), 1.0 / len(others))
        found[..., state] = raw[..., state] - (shares * raw[..., others]).sum(axis=-1)
    return found


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
    for step in plan.steps:
        inputs = [_spread(plan, step, tables[i], i) for i in step.inputs]
        shape = tuple(plan.card[name] for name in step.scope)
        terms = (shape, plan.cells(step.summed))
        tables[step.output] = OPERATIONS[step.kind](inputs, terms)
    (output,) = plan.outputs
    slopes: list[Any] = [None] * len(tables)
    slopes[output] = np.ones((*tables[output].shape[:-1], rows))
    for step in reversed(plan.steps):
        slope = slopes[step.output]
        if slope is not None:
            for number, part in zip(step.inputs, _slopes(plan, step, tables, slope), strict=True):
                before = slopes[number]
                slopes[number] = part if before is None else before + part
            slopes[step.output] = None
    found: dict[Key, Array] = {}
    for i, (key, scope) in enumerate(plan.inputs):
        shape = (*(plan.card[name] for name in scope), rows)
        found[key] = np.zeros(shape) if slopes[i] is None else np.broadcast_to(slopes[i], shape)
    return tables[output], found


def _slopes(plan: Plan, step: Step, tables: Sequence[Array], slope: Array) -> list[Array]:
    """Return the derivative by each input of a step, from that by its output."""
    layout = step.summed + step.scope
    wide = slope.reshape((*[1] * len(step.summed), *slope.shape))
    inputs = [_spread(plan, step, tables[i], i) for i in step.inputs]
    found = []
    for i, number in enumerate(step.inputs):
        part = wide
        if step.kind == "product":
            for j, other in enumerate(inputs):
                if j != i:
                    part = part * other
        found.append(_gathered(plan, part, layout, plan.scopes[number]))
    return found


def _gathered(plan: Plan, part: Array, layout: tuple[str, ...], scope: tuple[str, ...]) -> Array:
    """Return a table summed over the axes that an input lacks, in the input's order."""
    kept = [name for name in layout if name in scope]
    shape = tuple(plan.card[name] if name in scope else 1 for name in layout)
    gone = tuple(i for i, name in enumerate(layout) if name not in scope)
    lacks = [plan.card[layout[i]] // part.shape[i] for i in gone]
    part = part.sum(axis=gone, keepdims=True) * np.prod(lacks, dtype=float) if gone else part
    part = np.broadcast_to(part, (*shape, part.shape[-1]))
    part = part.reshape((*(plan.card[name] for name in kept), part.shape[-1]))
    return part.transpose((*(kept.index(name) for name in scope), len(kept)))


def _spread(plan: Plan, step: Step, table: Array, number: int) -> Array:
    """Return a table with its axes as in a step's layout, 1 for those it lacks."""
    layout, scope = step.summed + step.scope, plan.scopes[number]
    wanted = [name for name in layout if name in scope]
    moved = table.transpose((*(scope.index(name) for name in wanted), len(scope)))
    return moved.reshape(
        (*(plan.card[name] if name in scope else 1 for name in layout), table.shape[-1])
    )


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
