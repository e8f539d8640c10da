"""The structure of an influence diagram: who depends on what, who knows what when.

A `Structure` holds no number. It is hashable, so that whatever follows from structure
alone (the order of elimination, requisite information) is worked out once and shared
by every model that differs only in its numbers.

With perfect memory a decision knows what it observes, every earlier decision and all
that those observed: no-forgetting (Howard and Matheson 1984; Shachter 1986,
"Evaluating influence diagrams", Operations Research 34(6), doi:10.1287/opre.34.6.871).
With limited memory it knows what it lists and nothing else (Lauritzen and Nilsson
2001, "Representing and solving decision problems with limited information",
Management Science 47(9), doi:10.1287/mnsc.47.9.1235.9779).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from decision.model.dataclass import dataclass
from decision.model.nodes import Chance, Decision, Value, variables

__all__ = ["Structure", "descent", "structure_of"]


@dataclass(frozen=True)
class Structure:
    """Names, numbers of states and arcs; the key under which plans are kept.

    Parameters
    ----------
    cards : tuple of (name, int)
        Number of states of each decision and chance node, decisions first.
    decisions : tuple of (name, observes)
        In the order they are taken.
    chances, values : tuple of (name, given)
        In file order.
    guards : tuple of (decision, names)
        The variables that a decision's `only_when` names, where it has one.
    memory : {"perfect", "limited"}
    risk : bool
        Whether values multiply (exponential utility) instead of adding up.
    """

    cards: tuple[tuple[str, int], ...]
    decisions: tuple[tuple[str, tuple[str, ...]], ...]
    chances: tuple[tuple[str, tuple[str, ...]], ...]
    values: tuple[tuple[str, tuple[str, ...]], ...]
    guards: tuple[tuple[str, tuple[str, ...]], ...] = ()
    memory: str = "perfect"
    risk: bool = False

    @cached_property
    def _key(self) -> int:
        arcs = (self.decisions, self.chances, self.values, self.guards)
        return hash((self.cards, *arcs, self.memory, self.risk))

    def __hash__(self) -> int:
        return self._key

    @cached_property
    def card(self) -> dict[str, int]:
        """Number of states or options by name."""
        return dict(self.cards)

    @cached_property
    def given(self) -> dict[str, tuple[str, ...]]:
        """Parents of each chance and value node; a decision has none."""
        empty: dict[str, tuple[str, ...]] = {name: () for name, _ in self.decisions}
        return empty | dict(self.chances) | dict(self.values)

    @cached_property
    def time_order(self) -> tuple[str, ...]:
        """Decisions and chance nodes as they become known; the unobserved ones last."""
        order: dict[str, None] = {}
        for name, observes in self.decisions:
            order.update(dict.fromkeys(observes))
            order[name] = None
        order.update(dict.fromkeys(name for name, _ in self.chances))
        return tuple(order)

    @cached_property
    def information(self) -> dict[str, tuple[str, ...]]:
        """All that each decision knows, in time order."""
        position = {name: i for i, name in enumerate(self.time_order)}
        known: dict[str, tuple[str, ...]] = {}
        for name, observes in self.decisions:
            if self.memory == "perfect":
                known[name] = self.time_order[: position[name]]
            else:
                known[name] = tuple(sorted(dict.fromkeys(observes), key=position.__getitem__))
        return known

    @cached_property
    def ancestors(self) -> dict[str, frozenset[str]]:
        """Ancestors of each node over the arcs into chance and value nodes."""
        found: dict[str, frozenset[str]] = {}
        for name in self.topological:
            found[name] = frozenset(self.given[name]).union(*(found[p] for p in self.given[name]))
        return found

    @cached_property
    def topological(self) -> tuple[str, ...]:
        """Nodes with parents before children, else in file order."""
        placed: dict[str, None] = {}

        def place(start: str) -> None:
            stack: list[tuple[str, Iterator[str]]] = [(start, iter(self.given[start]))]
            while stack:
                name, parents = stack[-1]
                missing = next((p for p in parents if p not in placed), None)
                if missing is None:
                    placed[name] = None
                    stack.pop()
                else:
                    stack.append((missing, iter(self.given[missing])))

        for name in self.given:
            if name not in placed:
                place(name)
        return tuple(placed)


def structure_of(
    decisions: Sequence[Decision],
    chances: Sequence[Chance],
    values: Sequence[Value],
    memory: str,
    risk: bool,
) -> Structure:
    """Return the structure of sound nodes."""
    guards = []
    for decision in decisions:
        named = dict.fromkeys(name for needs in decision.only_when.values() for name in needs)
        if decision.only_when:
            guards.append((decision.name, tuple(named)))
    return Structure(
        cards=tuple((n.name, len(n.states)) for n in variables(decisions, chances)),
        decisions=tuple((d.name, d.observes) for d in decisions),
        chances=tuple((c.name, c.given) for c in chances),
        values=tuple((v.name, v.given) for v in values),
        guards=tuple(guards),
        memory=memory,
        risk=risk,
    )


def descent(structure: Structure, ancestor: str, name: str) -> list[str]:
    """Return a shortest path of arcs from an ancestor down to a node."""
    below = {name: ""}
    queue = [name]
    for current in queue:
        for parent in structure.given[current]:
            if parent not in below:
                below[parent] = current
                queue.append(parent)
    path = [ancestor]
    while below.get(path[-1]):
        path.append(below[path[-1]])
    return path
