"""Which column each node of an influence diagram stands in: time, left to right.

An arc leads to a column further right, so does the order of the decisions, and a node
first observed by a decision stands after the decision before it wherever the arcs allow
that. Value nodes have the last column. This is the layering step of Sugiyama, Tagawa and
Toda (1981, IEEE Trans. SMC 11(2), doi:10.1109/TSMC.1981.4308636), by longest path and
then by moving nodes to where their lines are shortest.

A longest path makes as many columns as a story has steps, and a picture of eleven columns
is too wide for a page. So a wide diagram is folded: an arc between two chance nodes, about
whose order no decision says anything, may run up or down within a column, between
neighbours. What is stacked so is a *stack*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

__all__ = ["Columns", "assign_columns"]

WIDE = 6
"""A diagram of more columns than this is folded."""
TALL = 3
"""Most nodes in one stack."""


@dataclass(frozen=True)
class Columns:
    """Where nodes stand: a column for each, and the stacks, listed from top to bottom."""

    of: dict[str, int]
    stacks: tuple[tuple[str, ...], ...]

    @property
    def count(self) -> int:
        """Number of columns."""
        return max(self.of.values(), default=-1) + 1


def assign_columns(
    graph: nx.DiGraph[str], decisions: Sequence[str], wide: int = WIDE, tall: int = TALL
) -> Columns:
    """Return the columns of a diagram's nodes.

    Parameters
    ----------
    graph : networkx.DiGraph
        As `InfluenceDiagram.to_networkx` gives it.
    decisions : sequence of str
        In the order they are taken.
    wide : int
        A diagram of more columns is folded.
    tall : int
        Most nodes in one stack.

    Examples
    --------
    >>> import networkx as nx
    >>> oil = nx.DiGraph()
    >>> for name, kind in (("drill", "decision"), ("oil", "chance"), ("payoff", "value")):
    ...     oil.add_node(name, kind=kind)
    >>> oil.add_edges_from([("drill", "payoff"), ("oil", "payoff")])
    >>> assign_columns(oil, ["drill"]).of
    {'drill': 0, 'oil': 0, 'payoff': 1}
    """
    before = _order_of_time(graph, decisions)
    columns = _pulled_right(graph, before, _longest_path(graph, before, stack=1))
    if columns.count > wide:
        columns = _pulled_right(graph, before, _longest_path(graph, before, stack=tall))
    return columns


def _order_of_time(graph: nx.DiGraph[str], decisions: Sequence[str]) -> nx.DiGraph[str]:
    before: nx.DiGraph[str] = nx.DiGraph()
    before.add_nodes_from(graph)
    before.add_edges_from(graph.edges)
    before.add_edges_from(pairwise(decisions))
    seen = set(graph.predecessors(decisions[0])) if decisions else set()
    for earlier, later in pairwise(decisions):
        for known in graph.predecessors(later):
            if known not in seen and not nx.has_path(before, known, earlier):
                before.add_edge(earlier, known)
            seen.add(known)
    return before


def _is_loose(graph: nx.DiGraph[str], first: str, second: str) -> bool:
    """Whether an arc may run within a column."""
    kinds = {graph.nodes[first]["kind"], graph.nodes[second]["kind"]}
    return graph.has_edge(first, second) and kinds == {"chance"}


def _longest_path(graph: nx.DiGraph[str], before: nx.DiGraph[str], stack: int) -> Columns:
    rank = {name: i for i, name in enumerate(graph)}
    of: dict[str, int] = {}
    stacks: dict[str, list[str]] = {}
    for name in nx.lexicographical_topological_sort(before, key=rank.__getitem__):
        if graph.nodes[name]["kind"] == "value":
            continue
        earlier = list(before.predecessors(name))
        column = max((of[e] for e in earlier), default=-1)
        last = [e for e in earlier if of[e] == column]
        pile = stacks.get(last[0], []) if len(last) == 1 else []
        at_end = bool(pile) and last[0] in (pile[0], pile[-1])
        if at_end and len(pile) < stack and _is_loose(graph, last[0], name):
            pile.insert(len(pile) if last[0] == pile[-1] else 0, name)
        else:
            column, pile = column + 1, [name]
        of[name], stacks[name] = column, pile
    end = max(of.values(), default=-1) + 1
    of |= {name: end for name in graph if graph.nodes[name]["kind"] == "value"}
    piles = {id(p): tuple(p) for p in stacks.values() if len(p) > 1}
    return Columns({name: of[name] for name in graph}, tuple(piles.values()))


def _pulled_right(graph: nx.DiGraph[str], before: nx.DiGraph[str], columns: Columns) -> Columns:
    """Move nodes to where lines are shorter, and else to where the column is emptier."""
    of = dict(columns.of)
    stacked = {name for stack in columns.stacks for name in stack}
    free = [n for n in graph if n not in stacked and graph.nodes[n]["kind"] != "value"]

    def cost() -> tuple[int, int]:
        reach = sum(max((of[t] for t in graph.successors(n)), default=of[n]) - of[n] for n in graph)
        load = [0] * (max(of.values()) + 1)
        for column in of.values():
            load[column] += 1
        return reach, sum(count * count for count in load)

    for _ in range(len(free)):
        moved = False
        for name in reversed(free):
            lowest = max((of[e] + 1 for e in before.predecessors(name)), default=0)
            highest = min((of[e] - 1 for e in before.successors(name)), default=of[name])
            best = (cost(), of[name])
            for column in range(lowest, highest + 1):
                of[name] = column
                best = min(best, (cost(), column))
            moved |= best[1] != columns.of[name] and of[name] != best[1]
            of[name] = best[1]
        if not moved:
            break
    return Columns(of, columns.stacks)
