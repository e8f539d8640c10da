"""Whether names, states and arcs are sound: what must be so for tables to be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from decision.model.nodes import (
    Chance,
    Decision,
    Node,
    Value,
    tabled,
    variables,
)
from decision.model.problems import Locate, Problem, capped, nearest, problem, shorten

__all__ = ["naming_problems"]

NAME = re.compile(r"[a-z][a-z0-9_]*")
STATE = re.compile(r"[a-z0-9][a-z0-9_]*")
TAKEN = frozenset({"total", "for", "all", "and", "do"})


def naming_problems(
    decisions: Sequence[Decision],
    chances: Sequence[Chance],
    values: Sequence[Value],
    locate: Locate,
) -> list[Problem]:
    """Return what is wrong with names, states and arcs, each looked at alone.

    Parameters
    ----------
    decisions, chances, values : sequence of nodes
    locate : callable
        Place of a key or of a text in it; of the whole for no argument.
    """
    nodes: list[Node] = [*decisions, *chances, *values]
    return capped(
        chain(
            _name_problems(nodes, locate),
            *(_state_problems(node, locate) for node in variables(decisions, chances)),
            _arc_problems(decisions, chances, values, locate),
        )
    )


def _name_problems(nodes: Sequence[Node], locate: Locate) -> Iterator[Problem]:
    seen: dict[str, Node] = {}
    for node in nodes:
        name = node.name
        if not isinstance(name, str) or not NAME.fullmatch(name):
            what = f"'{shorten(name)}' is no name for a node"
            do = "begin with a letter a-z and go on with a-z, 0-9 or _"
            yield problem(locate(node.kind, name), what, do)
        elif name in TAKEN:
            what = f"'{name}' is a word of the small language"
            yield problem(locate(node.kind, name), what, "rename the node")
        if name in seen:
            what = f"'{shorten(name)}' names a {seen[name].kind} node and a {node.kind} node"
            yield problem(locate(node.kind, name), what, "rename one of them")
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
        path = (node.kind, node.name, key, state)
        if not isinstance(state, str) or not STATE.fullmatch(state):
            what = f"'{shorten(state)}' is no name for {article} of {name}"
            do = "use a-z, 0-9 and _ only, and do not begin with _"
            yield problem(locate(*path), what, do)
        if state in seen:
            what = f"{name} names the {word} '{shorten(state)}' twice"
            yield problem(locate(*path), what, "remove one")
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
        wrong = None
        if name == node.name and key == "given":
            wrong = f"the arcs form a cycle: {own} → {own}", "remove one of its arcs"
        elif name in seen:
            wrong = f"{own} lists '{shorten(name)}' twice in {key}", "remove one"
        elif kinds.get(name) == "value":
            what = f"{own} has the value node '{name}' in {key}"
            wrong = what, "list chance and decision nodes only"
        elif name not in known:
            what = f"{own} has the unknown node '{shorten(name)}' in {key}"
            others = [other for other in known if other != node.name]
            wrong = what, nearest(str(name), others)
        if wrong:
            yield problem(locate(node.kind, node.name, key, name), *wrong)
        seen.add(name)
