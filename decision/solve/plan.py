"""From structure to a plan: the steps that find the best policy, and their cost.

Decisions are worked out one by one, the last first (Zhang 1998, "Probabilistic
inference in influence diagrams", Computational Intelligence 14(4), 475-497; the order
is strong as in Jensen, Jensen and Dittmer 1994, UAI-94). For a decision D:

1. The amounts that descend from D are relevant, no others. With exponential utility,
   amounts multiply, so that amounts that share an unknown variable with them are too.
2. Bayes-ball finds the requisite information R and the tables that matter.
3. M(R, D), what the relevant amounts are worth, is found by variable elimination,
   divided by the probability of R where R says something about what is not known.
4. The best option is chosen for each state of R, and V(R) = max M(R, D) takes the place
   of the relevant amounts. What descends from D then bears on nothing any more.

A decision that is *set* is a chance node whose table is 1 for that option: values stay
factored through it, and several options are rows of one batch. Where the option that is
set may be closed, a table marks those situations; an earlier decision is allowed an
option only where no marked situation follows with positive probability, and where it
is left with none its own situation is marked.

A plan knows no number: it belongs to the structure and is kept by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from decision.model.dataclass import replace
from decision.model.structure import Structure
from decision.solve.compiled import Choice, Cost, Plan, finished, refuse
from decision.solve.elimination import Query, chance_of, product_sum, worth
from decision.solve.relevance import Network, stages
from decision.solve.steps import Draft

__all__ = ["Choice", "Cost", "Plan", "plan", "refuse"]


@lru_cache(maxsize=256)
def plan(
    structure: Structure,
    forced: frozenset[str] = frozenset(),
    rules: tuple[tuple[str, tuple[str, ...]], ...] | None = None,
    situations: bool = False,
    whole: bool = False,
) -> Plan:
    """Return the plan that finds the best policy with perfect memory.

    Parameters
    ----------
    structure : Structure
    forced : frozenset of str
        Decisions that are set.
    rules : tuple of (decision, names), optional
        What a policy looks at, by decision: the plan is then that of following it, and
        takes its rules as inputs.
    situations : bool
        Whether to keep what is needed to describe every situation as well.
    whole : bool
        Whether options are compared by the whole total, not by what the decision has a
        part in: dearer, and the same but for ties relative to the total.

    Examples
    --------
    >>> from decision.model.structure import Structure
    >>> umbrella = Structure(
    ...     cards=(("take", 2), ("rain", 2)), decisions=(("take", ()),),
    ...     chances=(("rain", ()),), values=(("comfort", ("take", "rain")),))
    >>> print(plan(umbrella))
    step  operation  from                        axes  summed  operations  bytes
    t3    product    chance rain, value comfort  take  rain             8     48
    t4    best       t3                          -     take             2     40
    t5    choice     t3, t4, scale               -     take             6     40
    t6    near       t3, scale                   -     take             4     40
    4 steps, 20 operations, at most 72 bytes at once; the largest table has 4 cells over rain, take
    """
    looks = None if rules is None else dict(rules)
    return _Strategy(structure, forced, looks, situations, whole).plan()


class _Strategy:
    """A strategy plan in the making."""

    def __init__(
        self,
        structure: Structure,
        forced: frozenset[str],
        rules: dict[str, tuple[str, ...]] | None,
        situations: bool,
        whole: bool,
    ) -> None:
        self.structure, self.forced = structure, forced
        self.situations, self.whole = situations, whole
        self.draft = draft = Draft(structure.time_order, structure.card)
        guards = dict(structure.guards)
        free = [name for name, _ in structure.decisions if name not in forced]
        parents = dict(structure.chances) | dict.fromkeys(forced, ())
        self.network = Network(structure, parents)
        self.stage = stages(structure, parents)
        self.number = {name: i for i, (name, _) in enumerate(structure.decisions)}
        self.tables = {
            name: draft.input("chance" if name not in forced else "forced", name, (*p, name))
            for name, p in parents.items()
        }
        self.amounts = [draft.input("value", n, p, amount=True) for n, p in structure.values]
        self.follow = rules is not None
        self.rules = {
            name: draft.input("rule", name, (*rules[name], name)) for name in free if rules
        }
        marked = (
            [] if self.follow else [name for name in self.number if name in forced & set(guards)]
        )
        self.dead = [draft.input("dead", name, guards[name], amount=True) for name in marked]
        self.near: list[int] = []
        self.supports: dict[str, int] = {}
        if marked:
            self.supports = {
                name: draft.input("support", name, draft.scopes[i])
                for name, i in self.tables.items()
            }
        self.open = {
            name: draft.input("open", name, (*guards[name], name))
            for name in free
            if name in guards and not self.follow
        }
        self.scale = draft.input("scale", "", ())
        self.tolerance = (
            draft.input("tolerance", "", ()) if structure.risk and not self.follow else None
        )
        self.plain = self.tables
        if self.tolerance is not None and situations:
            self.plain = {
                name: draft.input("plain", name, draft.scopes[i]) for name, i in self.tables.items()
            }

    def query(self, known: int, before: int) -> Query:
        return Query(self.network, self.tables, known, before, self.tolerance)

    def plan(self) -> Plan:
        """Return the finished plan."""
        choices, chances = [], []
        for name in reversed(self.number):
            if name not in self.forced:
                choices.append(self.decide(name))
            elif self.situations:
                choices.append(Choice(name, rest=self.rest(name, self.amounts)))
        if self.situations:
            chances = [(name, self.chance(name)) for name in self.observed()]
        value = self.sum(worth(self.draft, self.query(0, 0), self.amounts))
        dead = [self.follows(mark, 0, 0) for mark in self.dead]
        kept = [value, *dead, *(number for _, number in chances)]
        found = [n for c in choices for n in (*c.rest, c.option, c.worths, c.allowed)]
        near = self.sum(self.near) if self.near else None
        kept += [number for number in (*found, near) if number is not None]
        return replace(
            finished(self.draft, kept, self.structure.card),
            value=value,
            choices=tuple(reversed(choices)),
            dead=tuple(dead),
            near=near,
            chances=tuple(chances),
            logarithmic=self.tolerance is not None,
        )

    def sum(self, parts: Sequence[int]) -> int:
        """Return the sum of tables."""
        if len(parts) == 1:
            return parts[0]
        return self.draft.add("total", sorted(parts), self.draft.union(parts))

    def decide(self, name: str) -> Choice:
        """Add the steps that work a decision out; its value replaces what is relevant."""
        draft, before = self.draft, self.draft.bit[name]
        known, own = (2 << before) - 1, 1 << before
        below = draft.mask(n for n, stage in self.stage.items() if stage == self.number[name])
        allowed = self.allow(name, below, known, before)
        masked = [] if allowed is None else [allowed]
        relevant = [a for a in self.amounts if draft.masks[a] & below]
        if self.whole and relevant:
            relevant = self.amounts
        elif self.tolerance is not None:
            relevant = self.entangled(relevant, known)
        self.amounts = [a for a in self.amounts if a not in relevant]
        rest = self.rest(name, self.amounts) if self.situations else ()
        option = worths = None
        mask = draft.union(masked) & ~own
        if relevant:
            worths = self.sum(worth(draft, self.query(known, before), relevant))
            mask |= draft.masks[worths] & ~own
            self.amounts.append(self.settle(name, worths, masked, mask))
            if not self.follow:
                best = draft.add("best", (worths, *masked), mask, own)
                ruled = (worths, best, self.scale, *masked)
                option = draft.add("choice", ruled, mask, own)
                if not self.whole:
                    near = (worths, self.scale)
                    self.near.append(draft.add("near", near, 0, draft.masks[worths]))
        elif allowed is not None:
            option = draft.add("first", (allowed,), mask, own)
        given = tuple(reversed(draft.names(mask)))
        return Choice(name, given, option, worths, allowed, rest)

    def settle(self, name: str, worths: int, masked: Sequence[int], mask: int) -> int:
        """Return what a decision is worth once it is taken."""
        own = 1 << self.draft.bit[name]
        if self.follow:
            return self.draft.product((worths, self.rules[name]), own)
        best = self.draft.add("best", (worths, *masked), mask, own)
        if self.tolerance is None:
            return best
        return self.draft.add("back", (best, self.tolerance), mask, logarithmic=True)

    def rest(self, name: str, amounts: Sequence[int]) -> tuple[int, ...]:
        """Return what the amounts that a decision has no part in are worth, as tables."""
        if not amounts:
            return ()
        before = self.draft.bit[name]
        known = (1 << before) - 1 if name in self.forced else (2 << before) - 1
        return tuple(worth(self.draft, self.query(known, before), amounts))

    def observed(self) -> list[str]:
        """Return the chance nodes that become known before some decision."""
        last = max(self.draft.bit[name] for name in self.number)
        return [name for name in self.structure.time_order[:last] if name not in self.number]

    def chance(self, name: str) -> int:
        """Return the table of a chance node's probability given all that is known before."""
        before = self.draft.bit[name]
        query = Query(self.network, self.plain, (1 << before) - 1, before)
        return chance_of(self.draft, query, name)

    def allow(self, name: str, below: int, known: int, before: int) -> int | None:
        """Return which options are open and lead to no marked situation; None: all."""
        draft, own = self.draft, 1 << before
        relevant = [mark for mark in self.dead if draft.masks[mark] & below]
        opened = [self.open[name]] if name in self.open else []
        if not relevant:
            return opened[0] if opened else None
        tables = opened + sorted(self.follows(mark, known, before) for mark in relevant)
        kind = "allowed" if opened else "avoiding"
        allowed = draft.add(kind, tables, draft.union(tables) | own)
        stuck = draft.add("stuck", (allowed,), draft.masks[allowed] & ~own, own)
        self.dead = [mark for mark in self.dead if mark not in relevant] + [stuck]
        return allowed

    def follows(self, mark: int, known: int, before: int) -> int:
        """Return a table above 0 where a marked situation follows from what is known."""
        query = Query(self.network, self.supports, known, before)
        return product_sum(self.draft, query, mark)

    def entangled(self, relevant: list[int], known: int) -> list[int]:
        """Return amounts that share something unknown with the relevant ones."""
        masks = self.draft.masks
        seen = {n for n in self.network.position if known >> self.draft.bit[n] & 1}
        seen.update(*(self.draft.scopes[a] for a in self.amounts))
        needed = [masks[self.tables[n]] for n in self.network.above(seen) if n in self.tables]
        hidden = self.draft.union(relevant) & ~known
        grown = 0
        while grown != hidden:
            grown = hidden
            for mask in (*needed, *(masks[a] for a in self.amounts)):
                if mask & hidden:
                    hidden |= mask & ~known
        return [a for a in self.amounts if a in relevant or masks[a] & hidden]
