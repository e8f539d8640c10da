"""Whether nodes make an influence diagram: names, states, arcs, who knows what when.

What is wrong is found in two steps. Names and arcs come first (`naming_problems`): only
where they are sound can tables be read. Cycles, observations that come too early and
options that open on what is not known come second (`order_problems`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from decision.model.nodes import (
    Chance,
    Decision,
    Node,
    Value,
    states_of,
    tabled,
    variables,
)
from decision.model.problems import Place, Problem, capped, nearest, problem, shorten

__all__ = ["Locate", "naming_problems", "order_problems", "structure_problems"]

NAME = re.compile(r"[a-z][a-z0-9_]*")
STATE = re.compile(r"[a-z0-9][a-z0-9_]*")
TAKEN = frozenset({"total", "for", "all", "and", "do"})

Locate = Callable[..., Place]
"""Place of a path: ``locate("decision", "drill", "observes", "seismic")``."""


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
        Place of a key or of a text in it; of the whole for no argument.
    """
    found = naming_problems(decisions, chances, values, locate)
    return found + order_problems(decisions, chances, memory, locate, whole=not found)


def naming_problems(
    decisions: Sequence[Decision],
    chances: Sequence[Chance],
    values: Sequence[Value],
    locate: Locate,
) -> list[Problem]:
    """Return what is wrong with names, states and arcs, each looked at alone."""
    nodes: list[Node] = [*decisions, *chances, *values]
    return capped(
        chain(
            _name_problems(nodes, locate),
            *(_state_problems(node, locate) for node in variables(decisions, chances)),
            _arc_problems(decisions, chances, values, locate),
        )
    )


def order_problems(
    decisions: Sequence[Decision],
    chances: Sequence[Chance],
    memory: str,
    locate: Locate,
    whole: bool = True,
) -> list[Problem]:
    """Return what is wrong with the order of things; `whole` where names are sound."""
    cycles = capped(_cycles(chances, locate))
    found = list(cycles)
    if whole and not cycles:
        found += capped(_time_problems(decisions, chances, locate))
    if whole:
        found += capped(_guard_problems(decisions, chances, memory, locate))
    return found


def _name_problems(nodes: Sequence[Node], locate: Locate) -> Iterator[Problem]:
    seen: dict[str, Node] = {}
    for node in nodes:
        name, place = node.name, locate(node.kind, node.name)
        if not isinstance(name, str) or not NAME.fullmatch(name):
            what = f"'{shorten(name)}' is no name for a node"
            do = "begin with a letter a-z and go on with a-z, 0-9 or _"
            yield problem(place, what, do)
        elif name in TAKEN:
            what = f"'{name}' is a word of the small language"
            yield problem(place, what, "rename the node")
        if name in seen:
            what = f"'{shorten(name)}' names a {seen[name].kind} node and a {node.kind} node"
            yield problem(place, what, "rename one of them")
        seen.setdefault(name, node)
    for kind, example in (
        ("decision", '[decision.drill] with options = ["yes", "no"]'),
        ("value", "[value.profit] with what it depends on in given"),
    ):
        if not any(node.kind == kind for node in nodes):
            yield problem(locate(), f"there is no {kind} node", f"add {example}")


def _state_problems(node: Decision | Chance, locate: Locate) -> Iterator[Problem]:
    key = "options" if isinstance(node, Decision) else "states"
    word, article = key[:-1], "an option" if key == "options" else "a state"
    name = shorten(node.name)
    if not node.states:
        place = locate(node.kind, node.name, key)
        yield problem(place, f"{name} has no {key}", f"list at least one {word}")
    seen: set[str] = set()
    for state in node.states:
        place = locate(node.kind, node.name, key, state)
        if not isinstance(state, str) or not STATE.fullmatch(state):
            what = f"'{shorten(state)}' is no name for {article} of {name}"
            yield problem(place, what, "use a-z, 0-9 and _ only, and do not begin with _")
        if state in seen:
            what = f"{name} names the {word} '{shorten(state)}' twice"
            yield problem(place, what, "remove one")
        seen.add(state)


def _arc_problems(
    decisions: Sequence[Decision],
    chances: Sequence[Chance],
    values: Sequence[Value],
    locate: Locate,
) -> Iterator[Problem]:
    known = {n.name: n.kind for n in (*decisions, *chances)}
    kinds = {v.name: v.kind for v in values} | known
    for node in tabled(chances, values):
        yield from _listed(node, "given", node.given, known, kinds, locate)
    later = {d.name: None for d in decisions}
    for decision in decisions:
        for name in decision.observes:
            if name in later:
                which = "itself" if name == decision.name else f"the later decision '{name}'"
                yield problem(
                    locate("decision", decision.name, "observes", name),
                    f"{shorten(decision.name)} observes {which}",
                    "observe chance nodes and earlier decisions only; decisions are "
                    "taken in the order of the file",
                )
        names = [name for name in decision.observes if name not in later]
        yield from _listed(decision, "observes", names, known, kinds, locate)
        later.pop(decision.name, None)


def _listed(
    node: Node,
    key: str,
    names: Iterable[str],
    known: Mapping[str, str],
    kinds: Mapping[str, str],
    locate: Locate,
) -> Iterator[Problem]:
    seen: set[str] = set()
    own = shorten(node.name)
    for name in names:
        place = locate(node.kind, node.name, key, name)
        if name in seen:
            yield problem(place, f"{own} lists '{shorten(name)}' twice in {key}", "remove one")
        elif kinds.get(name) == "value":
            what = f"{own} has the value node '{name}' in {key}"
            yield problem(place, what, "list chance and decision nodes only")
        elif name not in known:
            what = f"{own} has the unknown node '{shorten(name)}' in {key}"
            others = [other for other in known if other != node.name]
            yield problem(place, what, nearest(str(name), others))
        seen.add(name)


def _cycles(chances: Sequence[Chance], locate: Locate) -> Iterator[Problem]:
    given = {c.name: c.given for c in chances}
    done: set[str] = set()
    for start in given:
        if start in done:
            continue
        path = {start: None}
        stack: list[tuple[str, Iterator[str]]] = [(start, iter(given[start]))]
        while stack:
            name, parents = stack[-1]
            parent = next(parents, None)
            if parent is None:
                done.add(name)
                path.popitem()
                stack.pop()
            elif parent in path:
                loop = list(path)
                loop = [parent, *reversed(loop[loop.index(parent) :])]
                what = f"the arcs form a cycle: {_arrows(loop)}"
                place = locate("chance", name, "given", parent)
                yield problem(place, what, "remove one of its arcs")
            elif parent in given and parent not in done:
                stack.append((parent, iter(given[parent])))
                path[parent] = None


def _arrows(names: Sequence[str]) -> str:
    shown = names if len(names) <= 20 else [*names[:10], "…", *names[-9:]]
    return " → ".join(map(shorten, shown))


def _time_problems(
    decisions: Sequence[Decision], chances: Sequence[Chance], locate: Locate
) -> Iterator[Problem]:
    given = {c.name: c.given for c in chances}
    number = {d.name: i for i, d in enumerate(decisions)}
    last = _last_decision_above(given, number)
    for i, decision in enumerate(decisions):
        for name in decision.observes:
            if last.get(name, -1) < i:
                continue
            path = _descent(given, number, last, name, i)
            when = "it" if path[0] == decision.name else f"'{path[0]}'"
            yield problem(
                locate("decision", decision.name, "observes", name),
                f"{decision.name} observes '{name}' before {when} is taken, but "
                f"'{name}' descends from it ({_arrows(path)})",
                "observe it at a later decision, or cut the arc",
            )


def _last_decision_above(
    given: Mapping[str, Sequence[str]], number: Mapping[str, int]
) -> dict[str, int]:
    """Return, for each chance node, the number of the last decision that it descends from."""
    last: dict[str, int] = {}
    for start in given:
        stack = [start]
        while stack:
            name = stack[-1]
            if name in last:
                stack.pop()
            elif missing := [p for p in given[name] if p in given and p not in last]:
                stack += missing
            else:
                above = (number.get(p, last.get(p, -1)) for p in given[name])
                last[name] = max(above, default=-1)
    return last


def _descent(
    given: Mapping[str, Sequence[str]],
    number: Mapping[str, int],
    last: Mapping[str, int],
    name: str,
    earliest: int,
) -> list[str]:
    """Return a shortest path of arcs down to a node from a decision that is not earlier."""
    below: dict[str, str] = {name: ""}
    queue = [name]
    for current in queue:
        for parent in given[current]:
            if parent in below or number.get(parent, last.get(parent, -1)) < earliest:
                continue
            below[parent] = current
            if parent in number:
                path = [parent]
                while below[path[-1]]:
                    path.append(below[path[-1]])
                return path
            queue.append(parent)
    raise AssertionError("a node descends from a decision that is not among its ancestors")


def _guard_problems(
    decisions: Sequence[Decision], chances: Sequence[Chance], memory: str, locate: Locate
) -> Iterator[Problem]:
    states = states_of(decisions, chances)
    known: dict[str, None] = {}
    for decision in decisions:
        if memory == "limited":
            known = {}
        known.update(dict.fromkeys(decision.observes))
        for option, needs in decision.only_when.items():
            path = ("decision", decision.name, "only_when", option)
            if option not in decision.options:
                what = f"{decision.name} has no option '{shorten(option)}' (in only_when)"
                yield problem(locate(*path), what, nearest(option, decision.options))
            for name, allowed in needs.items():
                whose = f"{decision.name}'s option '{shorten(option)}'"
                if name not in known:
                    what = f"{whose} depends on '{shorten(name)}', which is not known to it"
                    later = name in states and name != decision.name
                    do = "add it to observes" if later else nearest(name, known)
                    yield problem(locate(*path, name), what, do)
                    continue
                if not allowed:
                    what = f"{whose} lists no state of {name}"
                    yield problem(locate(*path, name), what, "list at least one")
                for state in allowed:
                    if state not in states[name]:
                        what = f"{name} has no state '{shorten(state)}' (in only_when of "
                        what += f"{decision.name})"
                        do = nearest(str(state), states[name])
                        yield problem(locate(*path, name, state), what, do)
        known[decision.name] = None
