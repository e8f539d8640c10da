"""The layout's steps, each against a slow way to the same answer."""

from __future__ import annotations

from itertools import pairwise, permutations, product

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision import read_model
from decision.draw.layout.columns import assign_columns
from decision.draw.layout.order import Cell, crossings, find_orders
from decision.draw.layout.placement import _placed, _untidiness, place
from decision.draw.layout.routes import Branching, tracks
from decision.draw.layout.rows import BOXES, CENTRE, LANE, STRAIGHT, find_rows, ports_of


def diagram(arcs: str, **kinds: str) -> nx.DiGraph:
    """A graph from 'a>b a>c'; nodes are chance nodes unless told otherwise."""
    graph = nx.DiGraph()
    for name in dict.fromkeys(name for arc in arcs.split() for name in arc.split(">")):
        graph.add_node(name, kind=kinds.get(name, "chance"))
    for arc in arcs.split():
        source, *target = arc.split(">")
        for end in target:
            kind = {"decision": "information", "value": "value"}.get(graph.nodes[end]["kind"])
            graph.add_edge(source, end, kind=kind or "probability")
    return graph


def test_time_runs_from_left_to_right():
    graph = diagram("a>d b>e d>v e>v", d="decision", e="decision", v="value")
    of = assign_columns(graph, ["d", "e"]).of
    assert of["a"] < of["d"] < of["b"] < of["e"] < of["v"]


def test_what_is_learnt_late_of_an_early_cause_stands_early():
    graph = diagram("oil>test test>d oil>e d>e e>v oil>v", d="decision", e="decision", v="value")
    of = assign_columns(graph, ["d", "e"]).of
    assert of["oil"] < of["test"] < of["d"] < of["e"]


def test_a_lone_cause_stands_beside_what_it_causes():
    graph = diagram("a>b b>c c>d x>v d>v", v="value")
    assert assign_columns(graph, []).of["x"] == 3


def test_a_long_story_is_folded_into_stacks():
    arcs = " ".join(f"c{i}>c{i + 1}" for i in range(12)) + " c12>v"
    graph = diagram(arcs, v="value")
    columns = assign_columns(graph, [])
    assert columns.count < 8
    assert all(len(stack) <= 3 for stack in columns.stacks)
    for stack in columns.stacks:
        assert {columns.of[name] for name in stack} == {columns.of[stack[0]]}
        assert all(graph.has_edge(a, b) or graph.has_edge(b, a) for a, b in pairwise(stack))
    assert assign_columns(graph, [], wide=20).count == 14


def test_a_stack_holds_no_arc_but_between_neighbours():
    graph = diagram("a>b b>c a>c c>d b>d d>e c>e e>f d>f f>g e>g g>h f>h h>v", v="value")
    columns = assign_columns(graph, [])
    for stack in columns.stacks:
        inner = graph.subgraph(stack)
        assert inner.number_of_edges() == len(stack) - 1


def test_a_stack_grows_only_at_its_ends():
    graph = diagram("a>b b>c c>d b>x d>v x>v", v="value")
    columns = assign_columns(graph, [], wide=1, tall=9)
    assert columns.stacks == (("a", "b", "c", "d"),)
    assert columns.of["x"] == 1


def test_the_tidiest_of_several_orders_is_taken():
    model = read_model("data/korea_2018")
    graph, decisions = model.to_networkx(), [d.name for d in model.decisions]
    sizes = dict.fromkeys(graph, (80.0, 40.0))

    def reach(name, box, dy):
        return box.width / 2

    columns = assign_columns(graph, decisions)
    orders = find_orders(graph, columns)
    assert len(orders) > 1
    each = [_untidiness(_placed(graph, columns, order, sizes, reach)) for order in orders]
    assert _untidiness(place(graph, decisions, sizes, reach)) == min(each) < max(each)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=7))
def test_crossings_are_those_of_straight_lines(ends):
    lines = [(net, a, b) for net, (a, b) in enumerate(ends)]
    slow = sum(
        1
        for i, (_, a, b) in enumerate(lines)
        for _, c, d in lines[i + 1 :]
        if (a < c and b > d) or (a > c and b < d)
    )
    assert crossings(lines) == slow
    assert crossings([(0, a, b) for _, a, b in lines]) == 0


@given(st.sets(st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), min_size=1))
def test_order_of_two_columns_crosses_as_little_as_any(arcs):
    graph = diagram(" ".join(sorted(f"{a}>{b}" for a, b in arcs)))
    columns = assign_columns(graph, [])
    order = find_orders(graph, columns)[0]
    left, right = ([cell.node for cell in cells] for cells in order.columns[:2])
    source = {name: i for i, name in enumerate(sorted({a for a, _ in arcs}))}

    def count(upper, lower):
        return crossings([(source[a], upper.index(a), lower.index(b)) for a, b in arcs])

    if any(a not in left for a, _ in arcs):  # pulled right: not two columns
        return
    fewest = min(count(p, q) for p, q in product(permutations(left), permutations(right)))
    assert count(left, right) == fewest


@given(st.sets(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), min_size=2, max_size=4))
def test_rows_are_as_straight_as_any(arcs):
    graph = diagram(" ".join(sorted(f"{a}>{b}" for a, b in arcs)))
    columns = assign_columns(graph, [])
    order = find_orders(graph, columns)[0]
    ports = ports_of(order)
    heights = dict.fromkeys(graph, 2)
    rows = find_rows(order, ports, heights)

    def cost(of):
        total = 0
        for step in order.steps:
            for net, one, other in step:
                rise = of[other] + ports.enters[net, other.node] - of[one] - ports.leaves[net]
                total += STRAIGHT[0] * abs(rise)
        middle = sorted(of.values())[len(of) // 2]
        return total + CENTRE * sum(abs(y - middle) for y in of.values())

    def sound(of):
        return all(
            of[lower] - of[upper] >= 2 + BOXES
            for cells in order.columns
            for upper, lower in pairwise(cells)
        )

    cells = [cell for column in order.columns for cell in column]
    assert sound(rows.of)
    # Heights move on a grid of half a port's distance; the slow search shifts each column
    # whole and lets its cells slide apart.
    slides = range(3)
    best = min(
        cost(of)
        for shift in range(-16, 17)
        for apart in product(slides, repeat=len(cells) - len(order.columns))
        if sound(of := _heights(order.columns, shift, apart))
    )
    assert cost(rows.of) <= best


def _heights(columns, shift, apart):
    of, gaps = {}, iter(apart)
    for number, cells in enumerate(columns):
        y = shift if number else 0
        for i, cell in enumerate(cells):
            y += (2 + BOXES + LANE * next(gaps)) if i else 0
            of[cell] = y
    return of


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.lists(st.integers(0, 30), min_size=1, max_size=3)),
        min_size=1,
        max_size=6,
    )
)
def test_tracks_never_lay_a_line_upon_another(nets):
    starts, ends = set(), set()
    branchings = []
    for number, (start, stops) in enumerate(nets):
        stops = [stop for stop in dict.fromkeys(stops) if stop not in ends]
        if start in starts or not stops:
            continue
        starts.add(start)
        ends.update(stops)
        branchings.append(Branching(number, start, tuple(stops)))
    # A level net owns its height on both sides, as distinct rows see to.
    level = {b.start for b in branchings if b.level}
    branchings = [b for b in branchings if b.level or not level & {b.start, *b.ends}]
    found = tracks(branchings)
    assert set(found) == {b.net for b in branchings if not b.level}
    on_track = [b for b in branchings if found.get(b.net) is not None]
    for one, other in permutations(on_track, 2):
        if found[one.net] == found[other.net]:
            assert one.bottom < other.top or other.bottom < one.top
        if other.start in one.ends:  # the one that comes in at this height turns off first
            assert found[other.net] < found[one.net]


def test_a_ring_of_nets_has_one_aslant():
    found = tracks([Branching(0, 0, (10,)), Branching(1, 10, (0,))])
    assert sorted(found.values(), key=str) == [0, None]


def test_nets_share_a_track_only_when_well_apart():
    assert set(tracks([Branching(0, 0, (4,)), Branching(1, 20, (24,))]).values()) == {0}
    assert set(tracks([Branching(0, 0, (4,)), Branching(1, 6, (10,))]).values()) == {0, 1}


@pytest.mark.parametrize("gap", [0, 1])
def test_a_long_arc_passes_as_a_trunk(gap):
    graph = diagram("a>b b>c a>c c>v", v="value")
    order = find_orders(graph, assign_columns(graph, []))[0]
    net = next(i for i, net in enumerate(order.nets) if net.source == "a")
    assert Cell(1, net=net) in order.columns[1]
    assert any(number == net for number, _, _ in order.steps[gap])
