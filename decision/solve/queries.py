"""What follows from a policy: joint tables and expectations, by the same steps.

Once every decision has a rule, the diagram is a Bayesian network: a rule is a table of
zeros and ones. Asked for a table over some variables, everything that is not an
ancestor of them, of what is observed or of the amount in question is left out (it sums
to one), and the rest is summed out by variable elimination.

A query is ``(names, kind, value)``: the table over `names` of the probability (kind
""), of a value node in its unit ("amount") or of its weighted utility ("value"), each
times the probability and times that of what is observed. Kind "all" is the weighted
utility of all value nodes multiplied, which is what exponential utility asks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.model.structure import Structure
from decision.solve.elimination import cheapest, eliminate, elimination_order
from decision.solve.inputs import arrays_for
from decision.solve.plan import Plan, finished, refuse
from decision.solve.relevance import Network
from decision.solve.rules import Rule
from decision.solve.run import run
from decision.solve.steps import Draft, Key

__all__ = ["Query", "answer", "query_plan"]

Query = tuple[tuple[str, ...], str, str]
Array = NDArray[Any]


@lru_cache(maxsize=256)
def query_plan(
    structure: Structure,
    rules: tuple[tuple[str, tuple[str, ...]], ...],
    queries: tuple[Query, ...],
    observed: tuple[str, ...] = (),
    logarithmic: bool = False,
) -> Plan:
    """Return the plan that answers queries; its outputs stand in their order.

    Parameters
    ----------
    structure : Structure
    rules : tuple of (decision, names)
        What each decision's rule looks at.
    queries : tuple of (names, kind, value)
    observed : tuple of str
        Chance nodes whose states are observed; evidence tables are inputs.
    logarithmic : bool
        Whether to carry logarithms.
    """
    draft = Draft(structure.time_order, structure.card)
    parents = dict(structure.chances) | dict(rules)
    network = Network(structure, parents)
    decisions = {name for name, _ in rules}
    tables = {
        name: draft.input("rule" if name in decisions else "chance", name, (*p, name))
        for name, p in parents.items()
    }
    evidence = [draft.input("evidence", name, (name,)) for name in observed]
    scopes = dict(structure.values)
    amounts: dict[tuple[str, str], int] = {}
    for _, kind, value in queries:
        for name in structure_values(structure, kind, value):
            own = "value" if kind == "all" else kind
            amounts[kind, name] = draft.input(own, name, scopes[name], amount=True)
    outputs = []
    for names, kind, value in queries:
        used = [amounts[kind, name] for name in structure_values(structure, kind, value)]
        targets = (*names, *observed, *(n for a in used for n in draft.scopes[a]))
        factors = [tables[name] for name in sorted(network.above(targets))] + evidence + used
        outputs.append(_summed(draft, factors, draft.mask(names), logarithmic))
    plan = finished(draft, outputs, structure.card)
    return Plan(
        plan.inputs, plan.steps, plan.card, plan.scopes, tuple(outputs), logarithmic=logarithmic
    )


def structure_values(structure: Structure, kind: str, value: str) -> tuple[str, ...]:
    """Return the value nodes that a query takes in."""
    if kind == "all":
        return tuple(name for name, _ in structure.values)
    return (value,) if kind else ()


def _summed(draft: Draft, factors: list[int], kept: int, logarithmic: bool) -> int:
    hidden = draft.union(factors) & ~kept
    masks = [draft.masks[f] for f in factors]

    def plan(by_fill: bool) -> list[int]:
        if not factors:
            return [draft.add("one", (), 0, logarithmic=logarithmic)]
        order = elimination_order(draft.cards, masks, hidden, by_fill)
        return [draft.product(eliminate(draft, factors, order, logarithmic), 0, logarithmic)]

    return cheapest(draft, [lambda: plan(False), lambda: plan(True)])[0]


def answer(
    model: InfluenceDiagram,
    rules: Mapping[str, Rule],
    queries: Sequence[Query],
    observed: Mapping[str, str] | None = None,
    *,
    logarithmic: bool = False,
    limit: int = 2 * 2**30,
) -> list[Array]:
    """Return the table of each query, its axes in the order of the query's names."""
    seen = dict(observed or {})
    plan = query_plan(
        model.structure,
        tuple((name, rule.given) for name, rule in rules.items()),
        tuple(queries),
        tuple(seen),
        logarithmic,
    )
    refuse(plan, limit)
    extra: dict[Key, Array] = {("rule", n): rule.table[..., None] for n, rule in rules.items()}
    for name, state in seen.items():
        fits = [float(state == other) for other in model.states(name)]
        extra["evidence", name] = np.array(fits)[:, None]
    tables = run(plan, arrays_for(plan, model, extra))
    found = []
    for (names, _, _), number in zip(queries, plan.outputs, strict=True):
        axes = [plan.scopes[number].index(name) for name in names]
        found.append(tables[number][..., 0].transpose(axes))
    return found
