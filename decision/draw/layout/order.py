"""In which order the nodes of a column stand, so that few lines cross.

Arcs that leave a node in the same manner share one line, a *net*: it runs as a trunk
through the columns it passes and sends a branch to each node it leads to. Arrows end at
their own place, so no arc is lost or invented, and where 57 arcs would fill the lanes
between nodes, a trunk for each source leaves them open (bundling by source; compare
Sander 2004, "Layout of directed hypergraphs with orthogonal hyperedges",
doi:10.1007/978-3-540-24595-7_35).

In each column a *place* is a node, a stack of nodes or a trunk passing by. Their order is
found by barycentre sweeps and by exchanging neighbours (Sugiyama et al. 1981), from
several starts that are the same every time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import networkx as nx

from decision.draw.layout.columns import Columns

__all__ = ["Cell", "Net", "Order", "crossings", "find_orders", "nets_of"]

STARTS = 48
SWEEPS = 8


@dataclass(frozen=True)
class Net:
    """The arcs from one source that are drawn alike."""

    source: str
    information: bool
    targets: tuple[str, ...]


class Cell(NamedTuple):
    """What stands in a column: a node, or a net that passes."""

    column: int
    node: str = ""
    net: int = -1


Place = tuple[Cell, ...]


@dataclass(frozen=True)
class Order:
    """Nets, and the cells of every column from top to bottom."""

    nets: tuple[Net, ...]
    columns: tuple[tuple[Cell, ...], ...]
    stacked: frozenset[tuple[str, str]]
    """Neighbours in a stack, upper first."""
    steps: tuple[tuple[tuple[int, Cell, Cell], ...], ...]
    """For each gap between two columns: net, cell on the left, cell on the right."""


def nets_of(graph: nx.DiGraph[str], columns: Columns) -> tuple[Net, ...]:
    """Return the nets, in the order of their sources; arcs within a stack are in none."""
    nets = []
    for source in graph:
        for information in (False, True):
            targets = tuple(
                target
                for target in graph.successors(source)
                if (graph.edges[source, target]["kind"] == "information") == information
                and columns.of[target] > columns.of[source]
            )
            if targets:
                nets.append(Net(source, information, targets))
    return tuple(nets)


def find_orders(graph: nx.DiGraph[str], columns: Columns, most: int = 6) -> list[Order]:
    """Return at most `most` different orders with few crossings, the fewest first."""
    nets = nets_of(graph, columns)
    steps = _steps(nets, columns)
    problem = _Crossing(nets, steps, columns)
    start = problem.start(graph)
    found: dict[tuple[tuple[Place, ...], ...], int] = {}
    chance = random.Random(0)
    for attempt in range(STARTS):
        trial = [list(places) for places in start]
        for places in trial if attempt else ():
            chance.shuffle(places)
        trial, count = problem.improved(trial)
        found.setdefault(tuple(tuple(places) for places in trial), count)
        if not count:
            break
    best = sorted(found, key=found.__getitem__)[:most]  # stable: the first found of equals
    return [_flat(places, nets, steps) for places in best]


def _flat(
    order: Sequence[Sequence[Place]],
    nets: tuple[Net, ...],
    steps: tuple[tuple[tuple[int, Cell, Cell], ...], ...],
) -> Order:
    stacked = {
        (upper.node, lower.node)
        for places in order
        for place in places
        for upper, lower in pairwise(place)
    }
    columns = tuple(tuple(_cells(places)) for places in order)
    return Order(nets, columns, frozenset(stacked), steps)


def _steps(nets: Sequence[Net], columns: Columns) -> tuple[tuple[tuple[int, Cell, Cell], ...], ...]:
    steps: list[list[tuple[int, Cell, Cell]]] = [[] for _ in range(max(columns.count - 1, 0))]
    for number, net in enumerate(nets):
        left = Cell(columns.of[net.source], node=net.source)
        last = max(columns.of[t] for t in net.targets)
        for column in range(left.column + 1, last + 1):
            for target in net.targets:
                if columns.of[target] == column:
                    steps[column - 1].append((number, left, Cell(column, node=target)))
            if column < last:
                passing = Cell(column, net=number)
                steps[column - 1].append((number, left, passing))
                left = passing
    return tuple(tuple(step) for step in steps)


def _cells(places: Sequence[Place]) -> Iterator[Cell]:
    for place in places:
        yield from place


class _Crossing:
    """The search: neighbours of every cell on either side, and how they cross."""

    def __init__(
        self,
        nets: Sequence[Net],
        steps: Sequence[Sequence[tuple[int, Cell, Cell]]],
        columns: Columns,
    ) -> None:
        self.nets, self.columns = nets, columns
        self.steps = steps
        self.left: dict[Cell, list[tuple[int, Cell]]] = {}
        self.right: dict[Cell, list[tuple[int, Cell]]] = {}
        for step in steps:
            for number, one, other in step:
                self.right.setdefault(one, []).append((number, other))
                self.left.setdefault(other, []).append((number, one))

    def start(self, graph: nx.DiGraph[str]) -> list[list[Place]]:
        stack_of = {name: stack for stack in self.columns.stacks for name in stack}
        start: list[list[Place]] = [[] for _ in range(self.columns.count)]
        done: set[str] = set()
        for name in graph:
            if name in done:
                continue
            stack = stack_of.get(name, (name,))
            done.update(stack)
            column = self.columns.of[name]
            start[column].append(tuple(Cell(column, node=n) for n in stack))
        for number, net in enumerate(self.nets):
            last = max(self.columns.of[t] for t in net.targets)
            for column in range(self.columns.of[net.source] + 1, last):
                start[column].append((Cell(column, net=number),))
        return start

    def improved(self, order: list[list[Place]]) -> tuple[list[list[Place]], int]:
        best, fewest = order, self.count(order)
        for sweep in range(SWEEPS):
            forward = sweep % 2 == 0
            side = self.left if forward else self.right
            order = [list(places) for places in order]
            range_ = range(len(order))
            for column in range_ if forward else reversed(range_):
                fixed = column - 1 if forward else column + 1
                if 0 <= fixed < len(order):
                    order[column] = _by_barycentre(order[column], _positions(order[fixed]), side)
            for column in range_:
                self.exchange(order, column)
            count = self.count(order)
            if count < fewest:
                best, fewest = order, count
            if not count:
                break
        return best, fewest

    def count(self, order: Sequence[Sequence[Place]]) -> int:
        total = 0
        for gap, step in enumerate(self.steps):
            left, right = _positions(order[gap]), _positions(order[gap + 1])
            total += crossings([(n, left[a], right[b]) for n, a, b in step])
        return total

    def exchange(self, order: list[list[Place]], column: int) -> None:
        """Exchange neighbours, and turn stacks over, as long as crossings go."""
        places = order[column]
        sides = [
            (side, _positions(order[other]))
            for side, other in ((self.left, column - 1), (self.right, column + 1))
            if 0 <= other < len(order)
        ]
        ends = {place: [self.ends(place, *side) for side in sides] for place in places}
        better = True
        while better:
            better = False
            for i, place in enumerate(places):
                if len(place) > 1 and self.within(place, sides) > self.within(place[::-1], sides):
                    places[i] = place[::-1]
                    ends[places[i]] = ends[place]
                    better = True
            for i in range(len(places) - 1):
                one, other = places[i], places[i + 1]
                if _gain(ends[one], ends[other]) > 0:
                    places[i], places[i + 1] = other, one
                    better = True

    def ends(
        self,
        place: Place,
        side: Mapping[Cell, list[tuple[int, Cell]]],
        fixed: Mapping[Cell, int],
    ) -> list[tuple[int, int]]:
        """Net and position of what a place is joined to on one side."""
        return [(number, fixed[other]) for cell in place for number, other in side.get(cell, ())]

    def within(
        self,
        place: Place,
        sides: Sequence[tuple[Mapping[Cell, list[tuple[int, Cell]]], Mapping[Cell, int]]],
    ) -> int:
        """Crossings between the lines of a stack's own nodes."""
        return sum(
            crossings(
                [
                    (number, position, end)
                    for position, cell in enumerate(place)
                    for number, end in self.ends((cell,), *side)
                ]
            )
            for side in sides
        )


def _gain(upper: list[list[tuple[int, int]]], lower: list[list[tuple[int, int]]]) -> int:
    """How many crossings fewer there are if two neighbours change places."""
    gain = 0
    for ends, ends2 in zip(upper, lower, strict=True):
        for net, end in ends:
            for net2, end2 in ends2:
                if net != net2:
                    gain += (end > end2) - (end < end2)
    return gain


def _positions(places: Sequence[Place]) -> dict[Cell, int]:
    return {cell: i for i, cell in enumerate(_cells(places))}


def _by_barycentre(
    places: list[Place],
    fixed: Mapping[Cell, int],
    side: Mapping[Cell, list[tuple[int, Cell]]],
) -> list[Place]:
    """Sort places by where their neighbours stand; the ones without stay where they are."""
    centres: dict[Place, float] = {}
    for place in places:
        ends = [fixed[other] for cell in place for _, other in side.get(cell, ())]
        if ends:
            centres[place] = sum(ends) / len(ends)
    ordered = iter(sorted(centres, key=centres.__getitem__))
    return [next(ordered) if place in centres else place for place in places]


def crossings(lines: Sequence[tuple[int, int, int]]) -> int:
    """Count pairs of lines (net, start, end) that cross, a net's own apart.

    Examples
    --------
    >>> crossings([(0, 0, 1), (1, 1, 0), (1, 1, 2)])
    1
    """
    count = 0
    for i, (net, start, end) in enumerate(lines):
        for other, start2, end2 in lines[i + 1 :]:
            count += net != other and (start - start2) * (end - end2) < 0
    return count
