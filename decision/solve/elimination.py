"""Variable elimination: sums of products, one variable at a time, in a good order.

To sum variables out of a product of tables, one variable is taken at a time: the
tables it stands in are multiplied and it is summed out of the product (Zhang and
Poole 1996, "Exploiting causal independence in Bayesian network inference", JAIR 5,
doi:10.1613/jair.305). The order decides the cost; finding the best is NP-hard, so two
greedy ones are tried, the variable whose product is smallest first (min-weight) and
the variable that joins the fewest strangers first (min-fill; Kjærulff 1990), and the
cheaper is kept. Ties go to the later variable in time order.

What several amounts are worth, E[Σ amounts | known], is worked out for each amount by
itself, for each in an order common to all (so that they share steps), and for their sum
as one table; the cheapest stays. Where what is known says something about what is not,
the sum is divided by the probability of what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod

from decision.model.dataclass import dataclass, replace
from decision.solve.relevance import Network, Requisite, requisite
from decision.solve.steps import Draft, bits

__all__ = [
    "Query",
    "chance_of",
    "cheapest",
    "eliminate",
    "elimination_order",
    "expectation",
    "product_sum",
    "worth",
]


@dataclass(frozen=True, eq=False)
class Query:
    """What a worth is asked of: the network, its tables, and what is known.

    Parameters
    ----------
    network : Network
    tables : mapping of name to number
        The table of each variable of the network.
    known : int
        Set of known variables.
    before : int, optional
        See `relevance.requisite`.
    tolerance : int, optional
        The table of the risk tolerance: all tables are logarithms then.
    """

    network: Network
    tables: dict[str, int]
    known: int
    before: int | None = None
    tolerance: int | None = None

    @property
    def logarithmic(self) -> bool:
        """Whether amounts multiply."""
        return self.tolerance is not None


def elimination_order(
    cards: Sequence[int], masks: Iterable[int], hidden: int, by_fill: bool
) -> list[int]:
    """Return the hidden variables (as bits) in the order in which to sum them out.

    Parameters
    ----------
    cards : sequence of int
        Number of states of each variable.
    masks : iterable of int
        Scope of each table.
    hidden : int
        Set of variables to sum out.
    by_fill : bool
        Fewest strangers joined first, else smallest product first.
    """
    near: dict[int, int] = {}
    for mask in masks:
        for i in bits(mask):
            near[i] = near.get(i, 0) | mask

    def score(i: int) -> tuple[float, float]:
        weight = prod(cards[j] for j in bits(near[i]))
        if not by_fill:
            return (weight, 0)
        return (sum((near[i] & ~near[j]).bit_count() for j in bits(near[i])), weight)

    left = {i: score(i) for i in reversed(bits(hidden)) if i in near}
    order = []
    while left:
        best = min(left, key=left.__getitem__)
        del left[best]
        order.append(best)
        joined = near[best] & ~(1 << best)
        touched = joined
        for j in bits(joined):
            near[j] = (near[j] | joined) & ~(1 << best)
            touched |= near[j] if by_fill else 0
        for j in bits(touched):
            if j in left:
                left[j] = score(j)
    return order


def eliminate(
    draft: Draft, tables: Iterable[int], order: Iterable[int], logarithmic: bool = False
) -> list[int]:
    """Return the tables left when variables have been summed out of a product."""
    live = sorted(set(tables))
    order = list(order)
    pending = 0
    for i in order:
        pending |= 1 << i
    for i in order:
        if not pending >> i & 1:
            continue
        inside = [t for t in live if draft.masks[t] >> i & 1]
        outside = [t for t in live if not draft.masks[t] >> i & 1]
        summed = draft.union(inside) & pending & ~draft.union(outside)
        pending &= ~summed & ~(1 << i)
        if inside:
            live = sorted([*outside, draft.product(inside, summed, logarithmic)])
    return live


def worth(draft: Draft, query: Query, amounts: Sequence[int]) -> list[int]:
    """Return tables that add up to E[Σ amounts | what is known], as cheap as found.

    With logarithmic tables: to the certain equivalent of all amounts together.
    """
    if query.logarithmic:
        groups = [list(amounts)]
        styles = [(False, False), (False, True)]
    else:
        groups = [[a] for a in amounts]
        styles = [(c, f) for c in (False, True) for f in (False, True)]
        if len(amounts) == 1:
            styles = styles[:2]
    plans: list[Callable[[], list[int]]] = [
        _planned(draft, query, groups, common, fill) for common, fill in styles
    ]
    if len(amounts) > 1 and not query.logarithmic:
        plans += [_planned(draft, query, [list(amounts)], False, f) for f in (False, True)]
    return cheapest(draft, plans)


def cheapest(draft: Draft, plans: Sequence[Callable[[], list[int]]]) -> list[int]:
    """Carry out the cheapest of several ways to the same tables, the last of equals."""
    best, lowest = plans[-1], None
    for plan in plans:
        mark = draft.mark()
        found = plan()
        if lowest is None or draft.spent <= lowest:
            best, lowest = plan, draft.spent
            if plan is plans[-1]:
                return found
        draft.rollback(mark)
    return best()


def _planned(
    draft: Draft, query: Query, groups: list[list[int]], common: bool, by_fill: bool
) -> Callable[[], list[int]]:
    def plan() -> list[int]:
        found = [marks(draft, query, group) for group in groups]
        order: list[int] | None = None
        if common:
            together = {t for f in found for t in f.tables}
            masks = [draft.masks[query.tables[n]] for n in together]
            masks += [draft.masks[a] for group in groups for a in group]
            order = _order(draft, query, masks, by_fill)
        return [
            expectation(draft, query, group, mark, order, by_fill)
            for group, mark in zip(groups, found, strict=True)
        ]

    return plan


def marks(draft: Draft, query: Query, amounts: Sequence[int]) -> Requisite:
    """Return what matters to a group of amounts."""
    bit, known = draft.bit, query.known
    targets = draft.names(draft.union(amounts))
    return requisite(query.network, targets, lambda n: bool(known >> bit[n] & 1), query.before)


def _order(draft: Draft, query: Query, masks: Sequence[int], by_fill: bool) -> list[int]:
    union = 0
    for mask in masks:
        union |= mask
    return elimination_order(draft.cards, masks, union & ~query.known, by_fill)


def expectation(
    draft: Draft,
    query: Query,
    amounts: Sequence[int],
    mark: Requisite,
    order: list[int] | None,
    by_fill: bool,
) -> int:
    """Return the table of what a group of amounts is worth, given what is known."""
    log = query.logarithmic
    chances = [query.tables[name] for name in mark.tables]
    tables = list(chances)
    if log or len(amounts) == 1:
        tables += amounts
    else:
        tables.append(draft.add("total", sorted(amounts), draft.union(amounts)))
    if order is None:
        order = _order(draft, query, [draft.masks[t] for t in tables], by_fill)
    above = eliminate(draft, tables, order, log)
    below: list[int] = []
    if mark.evidence:
        below = eliminate(draft, [query.tables[n] for n in mark.evidence], order, log)
        shared = set(above) & set(below)
        above = [t for t in above if t not in shared]
        below = [t for t in below if t not in shared]
    numerator = draft.product(above, 0, log)
    if not below and not log:
        return numerator
    parts = [numerator] + ([draft.product(below, 0, log)] if below else [])
    parts += [query.tolerance] if query.tolerance is not None else []
    return draft.add("ratio", parts, draft.union(parts), logarithmic=log)


def chance_of(draft: Draft, query: Query, name: str) -> int:
    """Return the table of a variable's probability, given what is known before it."""
    known, bit = query.known, draft.bit
    mark = requisite(query.network, (name,), lambda n: bool(known >> bit[n] & 1), query.before)
    tables = [query.tables[n] for n in mark.tables]

    def plan(by_fill: bool) -> list[int]:
        kept = replace(query, known=known | 1 << bit[name])
        order = _order(draft, kept, [draft.masks[t] for t in tables], by_fill)
        above = eliminate(draft, tables, order)
        below = []
        if mark.evidence:
            evidence = [query.tables[n] for n in mark.evidence]
            below = eliminate(draft, evidence, [*order, bit[name]])
        shared = set(above) & set(below)
        above = [draft.product(t for t in above if t not in shared)]
        if not set(below) - shared:
            return above
        above.append(draft.product(t for t in below if t not in shared))
        return [draft.add("ratio", above, draft.union(above))]

    return cheapest(draft, [lambda: plan(False), lambda: plan(True)])[0]


def product_sum(draft: Draft, query: Query, amount: int) -> int:
    """Return Σ amount × probability over what is not known, divided by nothing."""
    mark = marks(draft, query, [amount])
    tables = [query.tables[name] for name in mark.tables] + [amount]

    def plan(by_fill: bool) -> list[int]:
        order = _order(draft, query, [draft.masks[t] for t in tables], by_fill)
        return [draft.product(eliminate(draft, tables, order, query.logarithmic))]

    return cheapest(draft, [lambda: plan(False), lambda: plan(True)])[0]
