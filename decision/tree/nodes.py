"""The decision tree as a record: nodes, branches, and the views of it.

Equal subtrees are one node, so that the tree is a directed acyclic graph: a node's
children stand after it, the root first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from decision.model.dataclass import dataclass, field
from decision.model.diagram import InfluenceDiagram
from decision.tree.unfolding import Unfolding

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

__all__ = ["Branch", "Tree", "TreeNode"]


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch: its state or option, and the node it leads to.

    `probability` is None at a decision, `chosen` None at a chance node.
    """

    label: str
    probability: float | None
    chosen: bool | None
    to: int


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A node of the tree; `kind` is "decision", "chance" or "end".

    `expected_value` is of the total of the whole path, what was settled before
    included; of a path that is folded, an expectation. An end has no name and no
    branches.
    """

    id: int
    kind: str
    name: str
    expected_value: float
    branches: tuple[Branch, ...] = ()
    certain_equivalent: float | None = None


@dataclass(frozen=True, repr=False)
class Tree:
    """A decision tree unrolled from an influence diagram, and rolled back.

    Parameters
    ----------
    model : InfluenceDiagram
    nodes : tuple of TreeNode
        ``nodes[i].id == i``; parents before children.
    root : int
        0.
    """

    model: InfluenceDiagram
    nodes: tuple[TreeNode, ...]
    root: int
    unfolding: Unfolding = field(compare=False)

    @property
    def expected_value(self) -> float:
        """Expected total of the best strategy."""
        return self.nodes[self.root].expected_value

    @property
    def certain_equivalent(self) -> float | None:
        """Certain equivalent of the best strategy; None without risk."""
        return self.nodes[self.root].certain_equivalent

    def to_networkx(self) -> nx.MultiDiGraph[int]:
        """Return the tree as a networkx graph.

        Returns
        -------
        networkx.MultiDiGraph
            Nodes have `kind`, `name`, `label` (for people) and `expected_value`; edges
            have `label`, `probability` and `chosen`. Two branches of a node may lead to
            the same node: each is an edge of its own.
        """
        import networkx as nx

        graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(title=self.model.title)
        for node in self.nodes:
            graph.add_node(
                node.id,
                kind=node.kind,
                name=node.name,
                label=self.model.nodes[node.name].caption if node.name else "",
                expected_value=node.expected_value,
            )
        for node in self.nodes:
            for branch in node.branches:
                graph.add_edge(
                    node.id,
                    branch.to,
                    label=branch.label,
                    probability=branch.probability,
                    chosen=branch.chosen,
                )
        return graph

    def to_json(self) -> dict[str, Any]:
        """Return the tree as plain lists and dicts, ready for `json.dumps`.

        With risk every node has its `certain_equivalent` too.
        """
        nodes = []
        for node in self.nodes:
            entry: dict[str, Any] = {
                "id": node.id,
                "kind": node.kind,
                "name": node.name,
                "expected_value": node.expected_value,
            }
            if self.model.risk is not None:
                entry["certain_equivalent"] = node.certain_equivalent
            entry["branches"] = [
                {"label": b.label, "probability": b.probability, "chosen": b.chosen, "to": b.to}
                for b in node.branches
            ]
            nodes.append(entry)
        return {"root": self.root, "nodes": nodes}

    def paths(
        self, all_branches: bool = False, fold: bool = True, limit: int = 100_000
    ) -> pd.DataFrame:
        """Return a row for each path through the tree.

        Parameters
        ----------
        all_branches : bool
            Whether to follow every option, not only the best strategy's.
        fold : bool
            Whether a path ends after the last decision; what follows is then in the
            conditional expectations. A tree unrolled to a depth ends there anyway.
        limit : int
            Refuse above so many paths.

        Returns
        -------
        DataFrame
            For each variable its state ('' where a path ends before it), `probability`
            (given the options taken), `total` (weighted) and each value in its natural
            unit: conditional expectations where the path is folded.

        Raises
        ------
        ModelError
            With the number of paths, above the limit.

        Notes
        -----
        Along the best strategy the probabilities sum to 1 and the totals, weighted with
        them, to the tree's expected value.
        """
        from decision.tree.paths import paths

        return paths(self.unfolding, all_branches, fold, limit)

    @property
    def size(self) -> str:
        """Numbers of nodes by kind, in words."""
        kinds = [node.kind for node in self.nodes]
        parts = (
            (kinds.count("decision"), "decision"),
            (kinds.count("chance"), "chance node"),
            (kinds.count("end"), "end"),
        )
        return ", ".join(f"{n:,} {word}{'' if n == 1 else 's'}" for n, word in parts)

    def __repr__(self) -> str:
        title = f" {self.model.title!r}" if self.model.title else ""
        return f"<Tree{title}: {self.size}; expected value {self.expected_value:.6g}>"

    def _repr_html_(self) -> str:
        from html import escape  # only notebooks need it

        root = self.nodes[self.root]
        label = self.model.nodes[root.name].caption if root.name else "Nothing is open"
        rows = "".join(
            f"<tr><td>{'→ ' if b.chosen else ''}{escape(b.label.replace('_', ' '))}</td>"
            f"<td>{'' if b.probability is None else f'{b.probability:.3g}'}</td>"
            f"<td>{self.nodes[b.to].expected_value:.6g}</td></tr>"
            for b in root.branches
        )
        return (
            f"<div class='decision-card'><p><strong>{escape(self.model.title or 'Tree')}</strong>"
            f"<br>{len(self.nodes):,} nodes: {self.size}; expected value "
            f"{self.expected_value:.6g}</p><table><thead><tr><th>{escape(label)}</th>"
            f"<th>probability</th><th>expected value</th></tr></thead><tbody>{rows}</tbody>"
            "</table></div>"
        )
