"""Branches along a line: what each is worth, and where its policy leads.

When one input moves and its row covaries, the value of a *fixed* policy is linear in
it; the best policy's is then the upper envelope of lines, convex and piecewise linear
(van der Gaag and Coupé 2000, "Sensitivity analysis for threshold decision making with
Bayesian belief networks", AI*IA 99, LNCS 1792). One batch gives the value of every
branch at several points; a second the value, at the two ends of the line, of the
policies found: two points of the supporting line at each.

With exponential utility −E[exp(−total/t)] takes the place of the expectation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.solve.inputs import arrays_for, set_options
from decision.solve.plan import Plan, plan, refuse
from decision.solve.queries import query_plan
from decision.solve.run import run
from decision.solve.solution import LIMIT, Solution, expected_total, solve
from decision.solve.steps import Key

__all__ = ["Support", "optima", "supports"]

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Support:
    """What is found at some points of a line, by branch.

    Attributes
    ----------
    worth : ndarray (options, points)
        Expected total, or certain equivalent with risk; nan where the branch cannot be.
    ends : ndarray (options, points, 2)
        Expected total of the policy found there (with risk: ln E[exp(−total/t)]) at the
        two ends of the line.
    """

    worth: Array
    ends: Array


def supports(
    model: InfluenceDiagram,
    by: str,
    name: str,
    points: Sequence[InfluenceDiagram],
    ends: tuple[InfluenceDiagram, InfluenceDiagram],
) -> Support:
    """Find every branch and its supporting line at several points of a line.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str
        Decision whose options are the branches.
    name : str
        The chance or value node whose numbers move.
    points : sequence of InfluenceDiagram
        The model at each point; they differ in the numbers of that node only.
    ends : pair of InfluenceDiagram
        The model at the two ends of the line.
    """
    if model.memory == "limited":
        return _one_by_one(by, points, ends)
    options = model.states(by)
    rows = [{by: option} for option in options for _ in points]
    found = plan(model.structure, frozenset({by}))
    refuse(found, LIMIT, len(rows))
    forced = set_options(model, rows)
    tiled = np.tile(_stack(points, name), len(options))
    tables = run(found, _with(found, model, forced, name, tiled))
    assert found.value is not None
    shape = (len(options), len(points))
    worth = np.broadcast_to(tables[found.value], len(rows)).reshape(shape).copy()
    dead = np.zeros(len(rows), dtype=bool)
    for number in found.dead:
        dead |= np.broadcast_to(tables[number] > 0, len(rows))
    worth[dead.reshape(shape)] = np.nan
    rules = _rules(found, tables, forced, model)
    lines = [
        np.broadcast_to(_follow(model, rules, name, _stack([end], name)), len(rows)) for end in ends
    ]
    return Support(worth, np.stack(lines, axis=-1).reshape(*shape, 2))


def optima(
    model: InfluenceDiagram, name: str, points: Sequence[InfluenceDiagram]
) -> NDArray[np.float64]:
    """Return the best expected total (certain equivalent) at several points of a line."""
    if model.memory == "limited":
        found = [solve(point) for point in points]
        return np.array([_worth(solution) for solution in found])
    free = plan(model.structure, frozenset())
    refuse(free, LIMIT, len(points))
    tables = run(free, _with(free, model, {}, name, _stack(points, name)))
    assert free.value is not None
    return np.array(np.broadcast_to(tables[free.value], len(points)))


def _one_by_one(
    by: str, points: Sequence[InfluenceDiagram], ends: tuple[InfluenceDiagram, InfluenceDiagram]
) -> Support:
    """Find branches by solving each point alone: decisions that forget have no batch."""
    worth, lines = [], []
    for point in points:
        branches = [branch for _, branch in solve(point).branch_solutions(by)]
        worth.append([np.nan if b is None else _worth(b) for b in branches])
        lines.append(
            [
                [np.nan if b is None else expected_total(end, b.policy) for end in ends]
                for b in branches
            ]
        )
    return Support(np.array(worth).T, np.array(lines).transpose(1, 0, 2))


def _worth(solution: Solution) -> float:
    certain = solution.certain_equivalent
    return solution.expected_value if certain is None else certain


def _stack(points: Sequence[InfluenceDiagram], name: str) -> Array:
    kind = points[0].nodes[name].kind
    tables = [
        point.utility(name) if kind == "value" else point.node(name).table for point in points
    ]
    return np.stack(tables, axis=-1)


def _with(
    found: Plan,
    model: InfluenceDiagram,
    extra: Mapping[Key, Array],
    name: str,
    stack: Array,
) -> dict[Key, Array]:
    """Return a plan's inputs with the moving table in place."""
    kind = model.nodes[name].kind
    arrays = arrays_for(found, model, extra)
    for key in arrays:
        if key[1] != name or (key[0] == "open"):
            continue
        if key[0] == "support":
            arrays[key] = (stack > 0).astype(np.float64)
        elif key[0] == kind and found.logarithmic:
            with np.errstate(divide="ignore"):
                arrays[key] = np.log(stack) if kind == "chance" else stack / -(model.risk or 1.0)
        elif key[0] in (kind, "plain"):
            arrays[key] = stack
    return arrays


Rules = list[tuple[str, tuple[str, ...], Array]]


def _rules(
    found: Plan, tables: Sequence[Array], forced: Mapping[Key, Array], model: InfluenceDiagram
) -> Rules:
    """Return each decision's rule as a table of zeros and ones with a batch axis."""
    rules: Rules = [(name, (), table) for (_, name), table in forced.items()]
    for choice in found.choices:
        options = len(model.states(choice.decision))
        if choice.option is None:
            rules.append((choice.decision, (), np.eye(options)[:, [0]]))
            continue
        scope = found.scopes[choice.option]
        axes = [scope.index(name) for name in choice.given]
        picked = tables[choice.option].transpose([*axes, len(axes)]).astype(np.intp)
        rules.append((choice.decision, choice.given, np.moveaxis(np.eye(options)[picked], -1, -2)))
    return rules


def _follow(model: InfluenceDiagram, rules: Rules, name: str, end: Array) -> Array:
    """Return what following rules is worth where the moving table is at one end."""
    risk = model.risk is not None
    values = [v.name for v in model.values]
    queries = [((), "all", "")] if risk else [((), "value", v) for v in values]
    followed = query_plan(
        model.structure,
        tuple((decision, given) for decision, given, _ in rules),
        tuple(queries),
        (),
        risk,
    )
    extra: dict[Key, Array] = {("rule", decision): table for decision, _, table in rules}
    tables = run(followed, _with(followed, model, extra, name, end))
    first, *rest = (tables[number] for number in followed.outputs)
    return np.asarray(sum(rest, start=first))
