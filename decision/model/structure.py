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

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from decision.model.nodes import Chance, Decision, Node, Value
from decision.model.problems import Place, Problem, nearest, problem, shorten

__all__ = ["Structure", "structure_of", "structure_problems"]

NAME = re.compile(r"[a-z][a-z0-9_]*")
STATE = re.compile(r"[a-z0-9][a-z0-9_]*")
TAKEN = frozenset({"total", "for", "all", "and", "do"})

Locate = Callable[[str, str], Place]


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
        return hash(
            (self.cards, self.decisions, self.chances, self.values, self.guards, self.memory)
            + (self.risk,)
        )

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
        cards=tuple((n.name, len(n.states)) for n in (*decisions, *chances)),
        decisions=tuple((d.name, d.observes) for d in decisions),
        chances=tuple((c.name, c.given) for c in chances),
        values=tuple((v.name, v.given) for v in values),
        guards=tuple(guards),
        memory=memory,
        risk=risk,
    )


def structure_problems(
    decisions: Sequence[Decision],
    chances: Sequence[Chance],
    values: Sequence[Value],
    memory: str,
    locate: Locate,
) -> list[Problem]:
    """Return everything wrong with names, states and arcs.

    Parameters
    ----------
    decisions, chances, values : sequence of nodes
    memory : {"perfect", "limited"}
    locate : callable
        Place of a node's key, ``locate("tone", "given")``; of the whole for ``("", "")``.
    """
    nodes: list[Node] = [*decisions, *chances, *values]
    found = list(_naming_problems(nodes, locate))
    found += _missing_kinds(decisions, values, locate)
    if found:
        found += _arc_problems(decisions, chances, values, locate)
        return found
    found += _arc_problems(decisions, chances, values, locate)
    if not found:
        found += _time_problems(decisions, chances, memory, locate)
    if not found:
        found += _guard_problems(decisions, chances, values, memory, locate)
    return found


def _missing_kinds(
    decisions: Sequence[Decision], values: Sequence[Value], locate: Locate
) -> Iterator[Problem]:
    for nodes, kind, example in (
        (decisions, "decision", '[decision.drill] with options = ["yes", "no"]'),
        (values, "value", "[value.profit] with what it depends on in given"),
    ):
        if not nodes:
            yield problem(locate("", ""), f"there is no {kind} node", f"add {example}")


def _naming_problems(nodes: Sequence[Node], locate: Locate) -> Iterator[Problem]:
    seen: dict[str, Node] = {}
    for node in nodes:
        place = locate(node.name, "")
        if not NAME.fullmatch(node.name):
            yield problem(
                place,
                f"'{shorten(node.name)}' is no name for a node",
                "begin with a letter a-z and go on with a-z, 0-9 or _",
            )
        elif node.name in TAKEN:
            yield problem(
                place, f"'{node.name}' is a word of the small language", "rename the node"
            )
        if node.name in seen:
            other = seen[node.name]
            yield problem(
                place,
                f"'{node.name}' names a {other.kind} node and a {node.kind} node",
                "rename one of them",
            )
        seen.setdefault(node.name, node)
        if isinstance(node, Decision | Chance):
            yield from _state_problems(node, locate)


def _state_problems(node: Decision | Chance, locate: Locate) -> Iterator[Problem]:
    key = "options" if isinstance(node, Decision) else "states"
    place = locate(node.name, key)
    word = key[:-1]
    if not node.states:
        yield problem(place, f"{node.name} has no {key}", f"list at least one {word}")
    for i, state in enumerate(node.states):
        if not STATE.fullmatch(state):
            yield problem(
                place,
                f"'{shorten(state)}' is no name for a {word} of {node.name}",
                "use a-z, 0-9 and _ only, and do not begin with _",
            )
        if state in node.states[:i]:
            yield problem(
                place, f"{node.name} names the {word} '{shorten(state)}' twice", "remove one"
            )


def _arc_problems(
    decisions: Sequence[Decision],
    chances: Sequence[Chance],
    values: Sequence[Value],
    locate: Locate,
) -> Iterator[Problem]:
    known = [n.name for n in (*decisions, *chances)]
    value_names = {v.name for v in values}
    for node in (*chances, *values):
        yield from _listed(node.name, "given", node.given, known, value_names, locate)
    for i, decision in enumerate(decisions):
        later = [d.name for d in decisions[i:]]
        for name in decision.observes:
            if name in later:
                which = "itself" if name == decision.name else f"the later decision '{name}'"
                yield problem(
                    locate(decision.name, "observes"),
                    f"{decision.name} observes {which}",
                    "observe chance nodes and earlier decisions only; decisions are "
                    "taken in the order of the file",
                )
        rest = [name for name in known if name not in later]
        names = tuple(name for name in decision.observes if name not in later)
        yield from _listed(decision.name, "observes", names, rest, value_names, locate)
    yield from _cycles(chances, locate)


def _listed(
    node: str,
    key: str,
    names: Sequence[str],
    known: Iterable[str],
    value_names: set[str],
    locate: Locate,
) -> Iterator[Problem]:
    place = locate(node, key)
    for i, name in enumerate(names):
        if name in names[:i]:
            yield problem(place, f"{node} lists '{shorten(name)}' twice in {key}", "remove one")
        elif name in value_names:
            yield problem(
                place,
                f"{node} has the value node '{name}' in {key}",
                "list chance and decision nodes only",
            )
        elif name not in known:
            yield problem(
                place,
                f"{node} has the unknown node '{shorten(name)}' in {key}",
                nearest(name, known),
            )


def _cycles(chances: Sequence[Chance], locate: Locate) -> Iterator[Problem]:
    given = {c.name: [p for p in c.given] for c in chances}
    done: set[str] = set()
    for start in given:
        path: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = []
        if start not in done:
            stack.append((start, iter(given[start])))
            path.append(start)
        while stack:
            _, parents = stack[-1]
            parent = next(parents, None)
            if parent is None:
                done.add(path.pop())
                stack.pop()
            elif parent in path:
                loop = [parent, *reversed(path[path.index(parent) :])]
                yield problem(
                    locate(path[-1], "given"),
                    f"the arcs form a cycle: {' → '.join(loop)}",
                    "remove one of its arcs",
                )
            elif parent in given and parent not in done:
                stack.append((parent, iter(given[parent])))
                path.append(parent)


def _time_problems(
    decisions: Sequence[Decision], chances: Sequence[Chance], memory: str, locate: Locate
) -> Iterator[Problem]:
    structure = structure_of(decisions, chances, [], memory, False)
    order = [d.name for d in decisions]
    for i, decision in enumerate(decisions):
        for name in decision.observes:
            later = [d for d in order[i:] if d in structure.ancestors.get(name, ())]
            if later:
                path = " → ".join(descent(structure, later[0], name))
                when = "it" if later[0] == decision.name else f"'{later[0]}'"
                yield problem(
                    locate(decision.name, "observes"),
                    f"{decision.name} observes '{name}' before {when} is taken, but "
                    f"'{name}' descends from it ({path})",
                    "observe it at a later decision, or cut the arc",
                )


def descent(structure: Structure, ancestor: str, name: str) -> list[str]:
    """Return a shortest path of arcs from an ancestor down to a node."""
    paths = [[name]]
    while paths:
        path = paths.pop(0)
        if path[0] == ancestor:
            return path
        paths += [
            [parent, *path]
            for parent in structure.given[path[0]]
            if parent == ancestor or ancestor in structure.ancestors[parent]
        ]
    return [ancestor, name]


def _guard_problems(
    decisions: Sequence[Decision],
    chances: Sequence[Chance],
    values: Sequence[Value],
    memory: str,
    locate: Locate,
) -> Iterator[Problem]:
    structure = structure_of(decisions, chances, values, memory, False)
    states = {n.name: n.states for n in (*decisions, *chances)}
    for decision in decisions:
        known = structure.information[decision.name]
        place = locate(decision.name, "only_when")
        for option, needs in decision.only_when.items():
            if option not in decision.options:
                yield problem(
                    place,
                    f"{decision.name} has no option '{shorten(option)}' (in only_when)",
                    nearest(option, decision.options),
                )
            for name, allowed in needs.items():
                if name not in known:
                    yield problem(
                        place,
                        f"{decision.name}'s option '{shorten(option)}' depends on "
                        f"'{shorten(name)}', which is not known to it",
                        "add it to observes"
                        if name in states and name != decision.name
                        else nearest(name, known),
                    )
                    continue
                if not allowed:
                    yield problem(
                        place,
                        f"{decision.name}'s option '{shorten(option)}' lists no state of {name}",
                        "list at least one",
                    )
                for state in allowed:
                    if state not in states[name]:
                        yield problem(
                            place,
                            f"{name} has no state '{shorten(state)}' (in only_when of "
                            f"{decision.name})",
                            nearest(state, states[name]),
                        )
