"""What follows from a policy: joint tables and expectations, by the same steps.

Once every decision has a rule, the diagram is a Bayesian network: a rule is a table of
zeros and ones. Asked for a table over some variables, everything that is not an
ancestor of them, of what is observed or of the amount in question is left out (it sums
to one), and the rest is summed out by variable elimination.

A query is ``(names, kind, value)``: the table over `names` of the probability (kind
""), of a value node in its unit ("amount") or of its weighted utility ("value"), each
times the probability and times that of what is observed. Kind "total" is the weighted
utility of all value nodes added up; "all" is their product, which is what exponential
utility asks for.

Where there are many amounts to add up, one elimination carries them all: each table of
probability p has a table of amounts a beside it, (p, a) times (q, b) is (pq, pb + qa),
and both are summed (the "potentials" of Jensen, Jensen and Dittmer 1994, UAI-94).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.model.structure import Structure
from decision.solve.compiled import Plan, finished, refuse
from decision.solve.elimination import cheapest, eliminate, elimination_order
from decision.solve.inputs import arrays_for
from decision.solve.relevance import Network
from decision.solve.rules import Rule
from decision.solve.run import run
from decision.solve.steps import Draft, Key

__all__ = ["Query", "answer", "expected_total", "query_plan"]

APART = 2000
"""Amounts times tables up to which adding amounts up one by one is tried as well."""

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
            own = "value" if kind in ("all", "total") else kind
            amounts[kind, name] = draft.input(own, name, scopes[name], amount=True)
    outputs = []
    for names, kind, value in queries:
        used = [amounts[kind, name] for name in structure_values(structure, kind, value)]
        targets = (*names, *observed, *(n for a in used for n in draft.scopes[a]))
        factors = [tables[name] for name in sorted(network.above(targets))] + evidence + used
        if kind == "total":
            chances = [f for f in factors if f not in used]
            outputs.append(_total(draft, network, tables, evidence, chances, used, names))
        else:
            outputs.append(_summed(draft, factors, draft.mask(names), logarithmic))
    plan = finished(draft, outputs, structure.card)
    return Plan(
        plan.inputs, plan.steps, plan.card, plan.scopes, tuple(outputs), logarithmic=logarithmic
    )


def structure_values(structure: Structure, kind: str, value: str) -> tuple[str, ...]:
    """Return the value nodes that a query takes in."""
    if kind in ("all", "total"):
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


def _total(
    draft: Draft,
    network: Network,
    tables: Mapping[str, int],
    evidence: list[int],
    chances: list[int],
    amounts: list[int],
    names: tuple[str, ...],
) -> int:
    """Return the table of the total over some names: amounts together, or one by one."""
    kept = draft.mask(names)
    seen = [name for table in evidence for name in draft.scopes[table]]
    hidden = draft.union([*chances, *amounts]) & ~kept
    masks = [draft.masks[f] for f in (*chances, *amounts)]

    def together(by_fill: bool) -> list[int]:
        order = elimination_order(draft.cards, masks, hidden, by_fill)
        return [_paired(draft, chances, amounts, order)]

    def apart() -> list[int]:
        parts = []
        for amount in amounts:
            needed = network.above([*names, *seen, *draft.scopes[amount]])
            factors = [tables[name] for name in sorted(needed)] + evidence
            parts.append(_summed(draft, [*factors, amount], kept, False))
        return [_added(draft, parts)]

    ways = [lambda: together(False), lambda: together(True)]
    if len(amounts) * len(chances) <= APART:
        ways.append(apart)
    return cheapest(draft, ways)[0]


def _added(draft: Draft, parts: Sequence[int]) -> int:
    if len(parts) == 1:
        return parts[0]
    return draft.add("total", sorted(parts), draft.union(parts))


def _paired(draft: Draft, chances: list[int], amounts: list[int], order: list[int]) -> int:
    """Return Σ Π chances × Σ amounts, carrying probabilities and amounts side by side."""
    pairs: list[tuple[int | None, int | None]] = [(table, None) for table in chances]
    pairs += [(None, table) for table in amounts]
    pending = sum(1 << i for i in order)
    for i in order:
        if not pending >> i & 1:
            continue
        inside = [p for p in pairs if _scope(draft, p) >> i & 1]
        outside = [p for p in pairs if not _scope(draft, p) >> i & 1]
        elsewhere = 0
        for pair in outside:
            elsewhere |= _scope(draft, pair)
        summed = pending & ~elsewhere
        inner = 0
        for pair in inside:
            inner |= _scope(draft, pair)
        pending &= ~(summed & inner)
        pairs = [*outside, _combined(draft, inside, summed & inner)]
    amount = _combined(draft, pairs, 0)[1]
    assert amount is not None
    return amount


def _scope(draft: Draft, pair: tuple[int | None, int | None]) -> int:
    return draft.union(table for table in pair if table is not None)


def _combined(
    draft: Draft, pairs: Sequence[tuple[int | None, int | None]], summed: int
) -> tuple[int | None, int | None]:
    """Return the product of pairs of a probability and an amount, variables summed out."""
    chances = [p for p, _ in pairs if p is not None]
    sums = []
    for i, (_, amount) in enumerate(pairs):
        if amount is not None:
            others = [p for j, (p, _) in enumerate(pairs) if p is not None and j != i]
            sums.append(draft.product([*others, amount], summed))
    chance = draft.product(chances, summed) if chances else None
    return chance, _added(draft, sums) if sums else None


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


def expected_total(
    model: InfluenceDiagram, rules: Mapping[str, Rule], limit: int = 2 * 2**30
) -> float:
    """Return the expected total under a policy."""
    (total,) = answer(model, rules, [((), "total", "")], limit=limit)
    return float(total) + 0.0
