"""Looking into an influence diagram: its nodes, tables, numbers and order in time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from decision.model.nodes import Chance, Decision, Node, Value, tabled
from decision.model.problems import PYTHON, ModelError, Place, nearest, problem, shorten
from decision.model.records import Input
from decision.model.structure import Structure
from decision.model.tables import Axis

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from decision.model.diagram import InfluenceDiagram


__all__ = ["View"]

Array = NDArray[np.float64]


class View:
    """What can be asked of a diagram without computing anything."""

    decisions: tuple[Decision, ...]
    chances: tuple[Chance, ...]
    values: tuple[Value, ...]
    weights: str
    structure: Structure

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """Every node by name: decisions, chance nodes, value nodes."""
        return {node.name: node for node in (*self.decisions, *self.chances, *self.values)}

    def node(self, name: str, kinds: Iterable[str] = (), place: Place = PYTHON) -> Any:
        """Return a node; an unknown name, or one of another kind, is a ModelError."""
        kinds = tuple(kinds)
        node = self.nodes.get(name)
        if node is not None and (not kinds or node.kind in kinds):
            return node
        known = [n for n, other in self.nodes.items() if not kinds or other.kind in kinds]
        wanted = " or ".join(kinds) + (" node" if kinds else "node")
        what = f"there is no {wanted} '{shorten(name)}'"
        if node is not None:
            what = f"'{name}' is a {node.kind} node, not a {wanted}"
        raise ModelError([problem(place, what, nearest(name, known))])

    def states(self, name: str) -> tuple[str, ...]:
        """States of a chance node, options of a decision."""
        return tuple(self.node(name, ("decision", "chance")).states)

    def given(self, name: str) -> tuple[str, ...]:
        """Parents of a chance or value node; none for a decision."""
        return self.structure.given[self.node(name).name]

    def information(self, decision: str) -> tuple[str, ...]:
        """All that a decision knows, in time order (no-forgetting applied)."""
        return self.structure.information[self.node(decision, ("decision",)).name]

    @property
    def time_order(self) -> tuple[str, ...]:
        """Decisions and chance nodes as they become known; the unobserved ones last."""
        return self.structure.time_order

    def axes(self, name: str) -> list[Axis]:
        """The named axes of a node's table."""
        node: Chance | Value = self.node(name, ("chance", "value"))
        names = (*node.given, name) if isinstance(node, Chance) else node.given
        return [(other, self.states(other)) for other in names]

    def weight(self, name: str) -> float:
        """Weight of a value node as it enters the total (divided, if normalised)."""
        weight: float = self.node(name, ("value",)).weight
        if self.weights == "normalised":
            return weight / sum(v.weight for v in self.values)
        return weight

    def utility(self, name: str) -> Array:
        """Weighted utility of a value node: what it adds to the total, in points."""
        value: Value = self.node(name, ("value",))
        amounts: Array = value.table
        if value.worst is not None and value.best is not None:
            amounts = 100.0 * (amounts - value.worst) / (value.best - value.worst)
        return self.weight(name) * amounts

    def table(self, name: str) -> pd.DataFrame | pd.Series[float]:
        """Return a node's table in pandas, to read or to change and give back.

        Parameters
        ----------
        name : str
            Chance or value node.

        Returns
        -------
        DataFrame or Series
            Chance node: a row for each combination of parents (index named by them),
            a column for each state, ``columns.name`` the node. Value node: a Series
            over the combinations of parents, named by the node, in natural units.
        """
        from decision.model.frames import as_pandas

        axes = self.axes(name)
        node: Any = self.nodes[name]
        shown: pd.DataFrame | pd.Series[float]
        shown = as_pandas(node.table, axes, isinstance(node, Chance), name)
        return shown

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every number with its range, source and reason, in file order."""
        from decision.model.ledger import current_inputs

        return current_inputs(cast("InfluenceDiagram", self))

    def to_networkx(self, no_forgetting: bool = False) -> nx.DiGraph[str]:
        """Return the diagram as a networkx graph.

        Parameters
        ----------
        no_forgetting : bool
            Whether to add the information arcs that memory implies.

        Returns
        -------
        networkx.DiGraph
            Nodes have `kind`, `label` and `states`; edges have `kind`: "information"
            (into a decision), "probability" or "value".
        """
        from decision.model.graph import as_networkx

        return as_networkx(cast("InfluenceDiagram", self), no_forgetting)

    @property
    def size(self) -> str:
        """Nodes and numbers, in words."""
        numbers = sum(n.table.size for n in tabled(self.chances, self.values))
        parts = (
            (len(self.decisions), "decision"),
            (len(self.chances), "chance node"),
            (len(self.values), "value node"),
            (numbers, "number"),
        )
        return ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in parts)
