"""Whether what depends on what, and who knows what when, makes an influence diagram.

No directed cycle; nothing observed that descends from a decision not yet taken; no
option that opens on what its decision does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from decision.model.nodes import Chance, Decision, states_of
from decision.model.problems import Locate, Problem, capped, nearest, problem, shorten

__all__ = ["order_problems"]


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


def _cycles(chances: Sequence[Chance], locate: Locate) -> Iterator[Problem]:
    given = {c.name: [p for p in c.given if p != c.name] for c in chances}
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
