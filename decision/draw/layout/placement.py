"""An influence diagram on paper: a box for every node, a line for every arc.

Puts the steps together: columns (time), order (few crossings), rows (straight lines),
tracks (lanes in the gaps). Lines run only in the gaps between columns and level through
columns between boxes, so that none can cross a box. Points are 1/72 inch, y downwards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from decision.draw.layout.columns import Columns, assign_columns
from decision.draw.layout.order import Cell, Order, find_orders
from decision.draw.layout.routes import Branching, corners, tracks, without_repeats
from decision.draw.layout.rows import LANE, Rows, find_rows, ports_of

__all__ = ["UNIT", "Arc", "Box", "Placement", "place"]

UNIT = 4.0
"""Points in a unit of height."""
TRACK = 7.0
"""Points between two tracks."""
LEAD = 9.0
"""Points between a box and the first track."""
HEAD = 13.0
"""Points between the last track and a box: an arrow's head and a bit of its shaft."""
NARROWEST = 32.0
MARGIN = 6.0


@dataclass(frozen=True)
class Box:
    """A node's place: the middle and the extent of its shape."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Arc:
    """A line from a node's outline to another's, its corners still sharp."""

    source: str
    target: str
    kind: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Placement:
    """Boxes and arcs on a sheet of paper."""

    boxes: Mapping[str, Box]
    arcs: tuple[Arc, ...]
    columns: Mapping[str, int]
    width: float
    height: float


Outline = Callable[[str, Box, float], float]


def place(
    graph: nx.DiGraph[str],
    decisions: Sequence[str],
    sizes: Mapping[str, tuple[float, float]],
    outline: Outline,
) -> Placement:
    """Return where everything stands.

    Parameters
    ----------
    graph : networkx.DiGraph
        As `InfluenceDiagram.to_networkx` gives it.
    decisions : sequence of str
        In the order they are taken.
    sizes : mapping of node to (width, height)
        The least size of its box, in points.
    outline : callable
        ``outline(node, box, dy)``: how far right of its middle a node's shape reaches at
        `dy` below the middle.
    """
    columns = assign_columns(graph, decisions)
    orders = find_orders(graph, columns)
    return min((_placed(graph, columns, o, sizes, outline) for o in orders), key=_untidiness)


def _placed(
    graph: nx.DiGraph[str],
    columns: Columns,
    order: Order,
    sizes: Mapping[str, tuple[float, float]],
    outline: Outline,
) -> Placement:
    ports = ports_of(order)
    heights = {
        name: _units(max(size[1], (ports.entering.get(name, 0) + 1.0) * LANE * UNIT))
        for name, size in sizes.items()
    }
    rows = find_rows(order, ports, heights)
    gaps = [tracks(_branchings(order, rows, gap)) for gap in range(len(order.steps))]
    across = _Across(columns, sizes, gaps)
    boxes = {
        name: Box(
            across.middle(columns.of[name]),
            MARGIN + UNIT * rows.of[Cell(columns.of[name], node=name)],
            across.widths[columns.of[name]],
            UNIT * heights[name],
        )
        for name in graph
    }
    lines = _lines(graph, order, rows, gaps, across, boxes, outline)
    lines += [_within(graph, boxes, *pair) for pair in sorted(order.stacked)]
    bottom = max(box.y + box.height / 2 for box in boxes.values())
    lowest = max((y for arc in lines for _, y in arc.points), default=0.0)
    arcs = tuple(sorted(lines, key=lambda arc: (arc.source, arc.target)))
    return Placement(boxes, arcs, columns.of, across.width, max(bottom, lowest) + MARGIN)


def _units(points: float) -> int:
    """Whole and even, so that the middle is whole."""
    return 2 * -int(-points // (2 * UNIT))


def _branchings(order: Order, rows: Rows, gap: int) -> list[Branching]:
    starts: dict[int, int] = {}
    ends: dict[int, list[int]] = defaultdict(list)
    for net, left, right in order.steps[gap]:
        starts[net] = rows.start(net, left)
        ends[net].append(rows.end(net, right))
    return [Branching(net, start, tuple(ends[net])) for net, start in starts.items()]


class _Across:
    """The horizontal measures: columns and, in the gaps, tracks."""

    def __init__(
        self,
        columns: Columns,
        sizes: Mapping[str, tuple[float, float]],
        gaps: Sequence[Mapping[int, int | None]],
    ) -> None:
        self.gaps = gaps
        self.widths = [
            max(sizes[name][0] for name, column in columns.of.items() if column == number)
            for number in range(columns.count)
        ]
        self.lefts = [MARGIN]
        for number, gap in enumerate(gaps):
            count = 1 + max((t for t in gap.values() if t is not None), default=0)
            room = max(NARROWEST, LEAD + HEAD + TRACK * (count - 1))
            self.lefts.append(self.lefts[-1] + self.widths[number] + room)
        self.width = self.lefts[-1] + self.widths[-1] + MARGIN

    def middle(self, column: int) -> float:
        return self.lefts[column] + self.widths[column] / 2

    def ends(self, gap: int) -> tuple[float, float]:
        return self.lefts[gap] + self.widths[gap], self.lefts[gap + 1]

    def track(self, gap: int, net: int) -> float | None:
        """Tracks share what room a narrow gap has left."""
        number = self.gaps[gap].get(net)
        if number is None:
            return None
        left, right = self.ends(gap)
        count = 1 + max(t for t in self.gaps[gap].values() if t is not None)
        first = left + LEAD + (right - left - LEAD - HEAD - TRACK * (count - 1)) / 2
        return first + TRACK * number


def _lines(
    graph: nx.DiGraph[str],
    order: Order,
    rows: Rows,
    gaps: Sequence[Mapping[int, int | None]],
    across: _Across,
    boxes: Mapping[str, Box],
    outline: Outline,
) -> list[Arc]:
    came_from = {(net, right): left for step in order.steps for net, left, right in step}
    arcs = []
    for number, net in enumerate(order.nets):
        for target in net.targets:
            right = next(c for n, c in came_from if n == number and c.node == target)
            end = MARGIN + UNIT * rows.end(number, right)
            box = boxes[target]
            points = [(box.x - outline(target, box, end - box.y), end)]
            while True:
                left = came_from[number, right]
                gap = left.column
                first, last = across.ends(gap)
                start = MARGIN + UNIT * rows.start(number, left)
                end = MARGIN + UNIT * rows.end(number, right)
                track = across.track(gap, number)
                points += reversed(corners((first + 4, start), (last - HEAD, end), track))
                if left.node:
                    break
                right = left
            box = boxes[net.source]
            points.append((box.x + outline(net.source, box, start - box.y), start))
            kind = graph.edges[net.source, target]["kind"]
            arcs.append(Arc(net.source, target, kind, without_repeats(points[::-1])))
    return arcs


def _within(graph: nx.DiGraph[str], boxes: Mapping[str, Box], upper: str, lower: str) -> Arc:
    """The arc between two neighbours of a stack."""
    down = graph.has_edge(upper, lower)
    source, target = (upper, lower) if down else (lower, upper)
    turn = 1 if down else -1
    one, other = boxes[source], boxes[target]
    points = (
        (one.x, one.y + turn * one.height / 2),
        (other.x, other.y - turn * other.height / 2),
    )
    return Arc(source, target, graph.edges[source, target]["kind"], points)


def _untidiness(placement: Placement) -> float:
    """Crossings, corners and length of the lines, as a reader feels them."""
    flat: list[tuple[str, float, float, float]] = []
    upright: list[tuple[str, float, float, float]] = []
    bends: set[tuple[str, tuple[float, float]]] = set()
    for arc in placement.arcs:
        net = arc.source + arc.kind[0] * (arc.kind == "information")
        bends.update((net, point) for point in arc.points[1:-1])
        for (x, y), (x2, y2) in pairwise(arc.points):
            if y == y2:
                flat.append((net, y, x, x2))
            else:
                upright.append((net, x, min(y, y2), max(y, y2)))
    crossed = {
        (min(one, other), max(one, other), x, y)
        for one, y, left, right in flat
        for other, x, top, bottom in upright
        if one != other and left < x < right and top < y < bottom
    }
    length = sum(bottom - top for _, _, top, bottom in set(upright))
    return len(crossed) + 0.5 * len(bends) + (length + placement.height) / 100
