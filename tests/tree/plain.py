"""A decision tree unrolled the slow way: every history, probabilities from the joint table.

Nothing here knows what matters to what, or merges anything: a subtree is a nested tuple,
so that the number of different ones can be counted afterwards.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from decision import InfluenceDiagram

DIGITS = 9


@dataclass(frozen=True)
class Subtree:
    """`branches` holds (label, probability or None, chosen or None, subtree)."""

    kind: str
    name: str
    expected: float
    certain: float
    branches: tuple = ()

    def key(self) -> tuple:
        """What makes two subtrees equal."""
        return (
            self.kind,
            self.name,
            round(self.expected, DIGITS) + 0.0 if self.kind == "end" else None,
            round(self.certain, DIGITS) + 0.0 if self.kind == "end" else None,
            tuple((b[0], b[1] and round(b[1], DIGITS), b[2], b[3].key()) for b in self.branches),
        )

    def walk(self) -> Iterator[Subtree]:
        """This subtree and all below it."""
        yield self
        for *_, child in self.branches:
            yield from child.walk()


def paths(model: InfluenceDiagram) -> Iterator[tuple[dict[str, str], float, float]]:
    """Every combination of states, its probability given the decisions, and its total."""
    order = model.time_order
    for states in itertools.product(*(model.states(name) for name in order)):
        path = dict(zip(order, states, strict=True))
        p = 1.0
        for chance in model.chances:
            p *= cell(model, chance.table, (*chance.given, chance.name), path)
        if p > 0:
            yield path, p, total(model, path)


def cell(model: InfluenceDiagram, table: np.ndarray, names: tuple, path: dict) -> float:
    return float(table[tuple(model.states(n).index(path[n]) for n in names)])


def total(model: InfluenceDiagram, path: dict[str, str]) -> float:
    return sum(cell(model, model.utility(v.name), v.given, path) for v in model.values)


def displayed(model: InfluenceDiagram) -> list[str]:
    """The variables of the tree, found by going up from the value nodes."""
    needed: set[str] = set()
    waiting = [parent for value in model.values for parent in value.given]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += model.given(name)
    seen = {name for decision in model.decisions for name in decision.observes}
    seen |= {decision.name for decision in model.decisions}
    return [name for name in model.time_order if name in seen | needed]


def is_open(model: InfluenceDiagram, decision: str, option: str, path: dict[str, str]) -> bool:
    needs = model.nodes[decision].only_when.get(option, {})
    return all(path[name] in states for name, states in needs.items())


def plain_tree(model: InfluenceDiagram, fold: bool = False) -> Subtree:
    """Unroll a diagram without dead ends."""
    order = displayed(model)
    if fold:
        order = order[: 1 + max(order.index(d.name) for d in model.decisions)]
    everything = list(paths(model))
    # where no decision is given its own branch, every option is as good a stand-in:
    # the chance nodes summed here do not depend on decisions still to come
    return _unrolled(model, order, {}, everything)


def _unrolled(model: InfluenceDiagram, order: list, known: dict, left: list) -> Subtree:
    if not order:
        mass = sum(p for _, p, _ in left)
        expected = sum(p * x for _, p, x in left) / mass
        return Subtree("end", "", expected, _certain(model, [(p / mass, x) for _, p, x in left]))
    name, later = order[0], order[1:]
    decision = model.nodes[name].kind == "decision"
    found = []
    for state in model.states(name):
        path = {**known, name: state}
        part = [entry for entry in left if entry[0][name] == state]
        if part and (not decision or is_open(model, name, state, path)):
            weight = _mass(model, part, path)
            found.append((state, weight, _unrolled(model, later, path, part)))
    if len(found) == 1:
        return found[0][2]
    if decision:
        best = max(child.certain for *_, child in found)
        scale = sum(float(abs(model.utility(v.name)).max()) for v in model.values)
        pick = next(
            i
            for i, (*_, child) in enumerate(found)
            if best - child.certain <= 1e-9 * max(abs(best), abs(child.certain), 1e-3 * scale)
        )
        branches = tuple((s, None, i == pick, c) for i, (s, _, c) in enumerate(found))
        child = found[pick][2]
        return Subtree("decision", name, child.expected, child.certain, branches)
    whole = sum(weight for _, weight, _ in found)
    branches = tuple((s, w / whole, None, c) for s, w, c in found)
    expected = sum(p * c.expected for _, p, _, c in branches)
    certain = _certain(model, [(p, c.certain) for _, p, _, c in branches])
    return Subtree("chance", name, expected, certain, branches)


def _mass(model: InfluenceDiagram, part: list, path: dict[str, str]) -> float:
    """Probability of a history: over the paths in which later decisions take one option each."""
    free = [d.name for d in model.decisions if d.name not in path]
    stand_in = {name: part[0][0][name] for name in free}
    return sum(p for entry, p, _ in part if all(entry[n] == o for n, o in stand_in.items()))


def _certain(model: InfluenceDiagram, lottery: list[tuple[float, float]]) -> float:
    if model.risk is None:
        return sum(p * x for p, x in lottery)
    low = min(x for _, x in lottery)
    less = sum(p * np.expm1(-(x - low) / model.risk) for p, x in lottery)
    return low - model.risk * float(np.log1p(less))
