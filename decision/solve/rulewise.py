"""One rule at a time: what it needs to look at, and the best one, the others kept.

For a decision that forgets, the other decisions' rules are chance nodes. What it observes
and Bayes-ball does not mark as requisite is dropped from its rule; dropping it from one
rule can make it useless to another, so this is repeated until nothing more can be dropped
(Nilsson and Lauritzen 2000, "Evaluating influence diagrams using LIMIDs", UAI-00). The
tables that Bayes-ball marks tell whether the rule depends on another rule at all.
"""

from __future__ import annotations

from functools import lru_cache

from decision.model.dataclass import replace
from decision.model.structure import Structure
from decision.solve.compiled import Choice, Plan, finished
from decision.solve.elimination import Query, product_sum, worth
from decision.solve.relevance import Network, Requisite, requisite
from decision.solve.steps import Draft

__all__ = ["Scopes", "bearing", "reduced", "update_plan"]

Scopes = dict[str, tuple[str, ...]]


def bearing(structure: Structure, scopes: Scopes, name: str, forced: frozenset[str]) -> Requisite:
    """Return what matters to a decision's rule, all other rules taken as chance nodes."""
    others = {n: s for n, s in scopes.items() if n != name}
    network = Network(structure, dict(structure.chances) | others)
    below = _below(network, name)
    targets = [set(p) for _, p in structure.values if below & set(p)]
    if structure.risk and targets:
        targets = [set(p) for _, p in structure.values]
    targets += [set(guard) for n, guard in structure.guards if n in forced and below & set(guard)]
    known = {*scopes[name], name}
    return requisite(network, sorted(set().union(*targets)), known.__contains__, None)


def _below(network: Network, name: str) -> set[str]:
    found, stack = {name}, [name]
    while stack:
        for child in network.children[stack.pop()]:
            if child not in found:
                found.add(child)
                stack.append(child)
    return found


def reduced(structure: Structure, forced: frozenset[str]) -> Scopes:
    """Return what each rule needs to look at: observed, and requisite or a guard's."""
    guards = dict(structure.guards)
    scopes = {n: () if n in forced else known for n, known in structure.information.items()}
    changed = True
    while changed:
        changed = False
        for name in reversed(scopes):
            if name in forced:
                continue
            matters = bearing(structure, scopes, name, forced).known | set(guards.get(name, ()))
            kept = tuple(n for n in scopes[name] if n in matters)
            changed |= kept != scopes[name]
            scopes[name] = kept
    return scopes


@lru_cache(maxsize=256)
def update_plan(
    structure: Structure,
    name: str,
    scopes: tuple[tuple[str, tuple[str, ...]], ...],
    forced: frozenset[str],
) -> Plan:
    """Return the plan that finds a decision's best rule, all other rules being inputs.

    Parameters
    ----------
    structure : Structure
    name : str
        The decision.
    scopes : tuple of (decision, names)
        What each rule looks at, its own included.
    forced : frozenset of str
        Decisions that are set; their rule looks at nothing.
    """
    draft = Draft(structure.time_order, structure.card)
    looks, guards = dict(scopes), dict(structure.guards)
    parents = dict(structure.chances) | {n: s for n, s in scopes if n != name}
    tables = {
        n: draft.input("rule" if n in looks else "chance", n, (*p, n)) for n, p in parents.items()
    }
    amounts = [draft.input("value", n, p, amount=True) for n, p in structure.values]
    marked = [n for n, _ in structure.guards if n in forced]
    dead = [draft.input("dead", n, guards[n], amount=True) for n in marked]
    supports = {n: draft.input("support", n, draft.scopes[i]) for n, i in tables.items() if marked}
    opened = [draft.input("open", name, (*guards[name], name))] if name in guards else []
    scale = draft.input("scale", "", ())
    tolerance = draft.input("tolerance", "", ()) if structure.risk else None
    network = Network(structure, parents)
    below, own = draft.mask(_below(network, name)), draft.mask((name,))
    known = draft.mask((*looks[name], name))
    query = Query(network, tables, known, None, tolerance)
    paths = Query(network, supports, known)
    follow = [m for m in dead if draft.masks[m] & below]
    allowed = opened
    if follow:
        stops = [*opened, *sorted(product_sum(draft, paths, m) for m in follow)]
        kind = "allowed" if opened else "avoiding"
        allowed = [draft.add(kind, stops, draft.union(stops) | own)]
        stuck = draft.add("stuck", allowed, draft.union(allowed) & ~own, own)
        dead = [m for m in dead if m not in follow] + [stuck]
    relevant = [a for a in amounts if draft.masks[a] & below]
    if relevant and structure.risk:
        relevant = amounts
    mask = draft.union(allowed) & ~own
    option = worths = None
    if relevant:
        parts = worth(draft, query, relevant)
        worths = parts[0] if len(parts) == 1 else draft.add("total", parts, draft.union(parts))
        mask |= draft.masks[worths] & ~own
        best = draft.add("best", (worths, *allowed), mask, own)
        option = draft.add("choice", (worths, best, scale, *allowed), mask, own)
        if tolerance is not None:
            best = draft.add("back", (best, tolerance), mask, logarithmic=True)
        amounts = [a for a in amounts if a not in relevant] + [best]
    elif allowed:
        option = draft.add("first", allowed, mask, own)
    parts = worth(draft, replace(query, known=0), amounts)
    value = parts[0] if len(parts) == 1 else draft.add("total", parts, draft.union(parts))
    ends = [product_sum(draft, replace(paths, known=0), mark) for mark in dead]
    given = tuple(reversed(draft.names(mask)))
    choice = Choice(name, given, option, worths, allowed[0] if allowed else None)
    kept = [i for i in (choice.option, choice.worths, choice.allowed) if i is not None]
    return replace(
        finished(draft, [value, *ends, *kept], structure.card),
        value=value,
        choices=(choice,),
        dead=tuple(ends),
        logarithmic=structure.risk,
    )
