"""At which height the cells of a column stand, so that lines run straight.

Heights minimise the weighted sum of |difference of height| along all lines, with cells
kept apart in their order: a linear program in differences, whose dual is a flow of
minimum cost (Gansner, Koutsofios, North and Vo 1993, "A technique for drawing directed
graphs", IEEE Trans. Softw. Eng. 19(3), doi:10.1109/32.221135, section 4.2). The flow is
networkx'; heights are shortest distances in what it leaves. Everything counts in whole
*units*, so that lines that could meet are either level or clearly apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from decision.draw.layout.order import Cell, Order

__all__ = ["LANE", "Rows", "find_rows", "ports_of"]

LANE = 2
"""Between two lines side by side, and between a line and a box."""
BOXES = 5
"""Between two boxes of a column."""
STRAIGHT = {2: 120, 1: 60, 0: 40}
"""Weight of a line between two cells, by how many of them are passing trunks."""
CENTRE = 1


@dataclass(frozen=True)
class Ports:
    """Where lines leave and enter boxes, in units from the middle of a box."""

    leaves: Mapping[int, int]
    """By net."""
    enters: Mapping[tuple[int, str], int]
    """By net and node."""
    entering: Mapping[str, int]
    """How many lines enter a node."""


@dataclass(frozen=True)
class Rows:
    """Height of every cell's middle, in units downwards from the top of the picture."""

    of: Mapping[Cell, int]
    ports: Ports

    def start(self, net: int, cell: Cell) -> int:
        """Height at which a net leaves a cell."""
        return self.of[cell] + (self.ports.leaves[net] if cell.node else 0)

    def end(self, net: int, cell: Cell) -> int:
        """Height at which a net enters a cell."""
        return self.of[cell] + (self.ports.enters[net, cell.node] if cell.node else 0)


def ports_of(order: Order) -> Ports:
    """Spread the lines over the sides of the boxes, in the order in which they come."""
    position = {cell: i for cells in order.columns for i, cell in enumerate(cells)}
    leaving: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    entering: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for step in order.steps:
        for number, left, right in step:
            if left.node:
                leaving[left.node][number].append(position[right])
            if right.node:
                entering[right.node].append((position[left], number))
    leaves: dict[int, int] = {}
    for ends in leaving.values():
        ordered = sorted(ends, key=lambda n: (sum(ends[n]) / len(ends[n]), n))
        leaves |= {n: _spread(i, len(ordered)) for i, n in enumerate(ordered)}
    enters: dict[tuple[int, str], int] = {}
    for node, lines in entering.items():
        lines.sort(key=lambda line: (line[0], leaves[line[1]], line[1]))
        enters |= {(n, node): _spread(i, len(lines)) for i, (_, n) in enumerate(lines)}
    return Ports(leaves, enters, {node: len(lines) for node, lines in entering.items()})


def _spread(place: int, count: int) -> int:
    return LANE * place - LANE * (count - 1) // 2


def find_rows(order: Order, ports: Ports, heights: Mapping[str, int]) -> Rows:
    """Return the heights of all cells.

    Parameters
    ----------
    order : Order
    ports : Ports
    heights : mapping of node to height
        Of the boxes, in units; even numbers.
    """
    flow: nx.MultiDiGraph[object] = nx.MultiDiGraph()
    middle = "middle"
    flow.add_node(middle, demand=0)
    for cells in order.columns:
        for cell in cells:
            flow.add_node(cell, demand=0)
            if cell.node:
                _pull(flow, middle, cell, 0, CENTRE)
        for upper, lower in pairwise(cells):
            apart = (heights.get(upper.node, 0) + heights.get(lower.node, 0)) // 2
            apart += BOXES if upper.node and lower.node else LANE
            flow.add_edge(lower, upper, weight=-apart)
            if (upper.node, lower.node) in order.stacked:
                _pull(flow, upper, lower, -apart, STRAIGHT[0])
    for step in order.steps:
        for net, left, right in step:
            rise = (ports.enters[net, right.node] if right.node else 0) - (
                ports.leaves[net] if left.node else 0
            )
            _pull(flow, left, right, rise, STRAIGHT[(not left.node) + (not right.node)])
    found = _potentials(flow)
    of = {cell: found[cell] for cells in order.columns for cell in cells}
    top = min((y - heights.get(cell.node, 0) // 2 for cell, y in of.items()), default=0)
    return Rows({cell: y - top for cell, y in of.items()}, ports)


def _pull(
    flow: nx.MultiDiGraph[object], one: object, other: object, rise: int, weight: int
) -> None:
    """Let |height of other + rise − height of one| cost `weight` a unit."""
    flow.add_edge(one, other, capacity=weight, weight=-rise)
    flow.add_edge(other, one, capacity=weight, weight=rise)


def _potentials(flow: nx.MultiDiGraph[object]) -> dict[object, int]:
    """Shortest distances in the residual network of a flow of minimum cost."""
    _, sent = nx.network_simplex(flow)
    residual: nx.DiGraph[object] = nx.DiGraph()
    residual.add_nodes_from(flow)

    def allow(one: object, other: object, weight: int) -> None:
        known = residual.get_edge_data(one, other, {"weight": weight})
        residual.add_edge(one, other, weight=min(weight, known["weight"]))

    for one, other, key, data in flow.edges(keys=True, data=True):
        amount = sent[one][other][key]
        if amount < data.get("capacity", float("inf")):
            allow(one, other, data["weight"])
        if amount > 0:
            allow(other, one, -data["weight"])
    start = "start"
    residual.add_edges_from((start, node, {"weight": 0}) for node in flow)
    lengths = nx.single_source_bellman_ford_path_length(residual, start)
    return {node: int(length) for node, length in lengths.items()}
