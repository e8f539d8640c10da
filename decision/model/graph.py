"""The diagram as a networkx graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decision.model.nodes import Value, tabled

if TYPE_CHECKING:
    import networkx as nx

    from decision.model.diagram import InfluenceDiagram

__all__ = ["as_networkx"]


def as_networkx(model: InfluenceDiagram, no_forgetting: bool = False) -> nx.DiGraph[str]:
    """Return the graph of a diagram; see `InfluenceDiagram.to_networkx`."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph(title=model.title)
    for node in model.nodes.values():
        states = () if isinstance(node, Value) else model.states(node.name)
        graph.add_node(node.name, kind=node.kind, label=node.caption, states=states)
    for decision in model.decisions:
        known = model.information(decision.name) if no_forgetting else decision.observes
        graph.add_edges_from((name, decision.name, {"kind": "information"}) for name in known)
    for child in tabled(model.chances, model.values):
        kind = "value" if isinstance(child, Value) else "probability"
        graph.add_edges_from((name, child.name, {"kind": kind}) for name in child.given)
    return graph
