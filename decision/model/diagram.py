"""The influence diagram: a frozen model that any number of analyses can share.

A diagram is built from nodes (in Python or read from a folder) and checked whole; it
is never changed afterwards. Its methods look into it or give a changed copy that
shares what did not change. Everything computed from it lives in functions elsewhere.

The expected total of a strategy is E[Σ w·u(v)] over the value nodes, with
u(v) = 100 (v − worst) / (best − worst) where a node has both ends and u(v) = v
elsewhere (additive value model; Keeney and Raiffa 1976, *Decisions with Multiple
Objectives*, ch. 3; swing weights after von Winterfeldt and Edwards 1986, ch. 8).
"""

from __future__ import annotations

import copy
import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from decision.model import tables
from decision.model.nodes import Chance, Decision, Node, Value
from decision.model.problems import PYTHON, ModelError, Place, Problem, nearest, problem
from decision.model.records import ChangeRow, ClaimRow, Input, Source
from decision.model.structure import Locate, Structure, structure_of, structure_problems

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

__all__ = ["InfluenceDiagram"]

Array = NDArray[np.float64]
Changes = Mapping[str, tuple[ChangeRow, ...]]
N = TypeVar("N", Chance, Value)


@dataclass(frozen=True, eq=False, repr=False)
class InfluenceDiagram:
    """A decision problem: decision, chance and value nodes with their numbers.

    Parameters
    ----------
    decisions : sequence of Decision
        In the order they are taken.
    chances : sequence of Chance
    values : sequence of Value
    title, question : str
    memory : {"perfect", "limited"}
        Whether a decision remembers what was known and chosen before (no-forgetting).
    weights : {"plain", "normalised"}
        Whether weights are divided by their sum.
    provenance : {"optional", "required"}
    information_date, horizon : datetime.date, optional
    risk : float, optional
        Tolerance of an exponential utility on the total, in points of the total.
    sources, perspectives, scenarios, claim_rows
        As read from a folder.
    rows : mapping of node to its inputs, optional
        As read from a folder; else one input for each cell.

    Raises
    ------
    ModelError
        With every problem of structure and tables.

    Examples
    --------
    >>> from decision import Chance, Decision, InfluenceDiagram, Value
    >>> umbrella = InfluenceDiagram(
    ...     decisions=[Decision("take", ["yes", "no"])],
    ...     chances=[Chance("rain", ["yes", "no"], table={"yes": 0.3, "no": 0.7})],
    ...     values=[Value("comfort", ["take", "rain"], table=[[70, 80], [0, 100]])],
    ... )
    >>> umbrella
    <InfluenceDiagram: 1 decision, 1 chance node, 1 value node, 6 numbers>
    """

    decisions: tuple[Decision, ...] = ()
    chances: tuple[Chance, ...] = ()
    values: tuple[Value, ...] = ()
    title: str = ""
    question: str = ""
    memory: str = "perfect"
    weights: str = "plain"
    provenance: str = "optional"
    information_date: datetime.date | None = None
    horizon: datetime.date | None = None
    risk: float | None = None
    sources: Mapping[str, Source] = field(default_factory=dict)
    perspectives: Changes = field(default_factory=dict)
    scenarios: Changes = field(default_factory=dict)
    claim_rows: tuple[ClaimRow, ...] = ()
    rows: Mapping[str, tuple[Input, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        for name in ("decisions", "chances", "values", "claim_rows"):
            set_(self, name, tuple(getattr(self, name)))
        found = self._problems(lambda node, key: PYTHON)
        if found:
            raise ModelError(found)
        resolved = self._resolve()
        set_(self, "structure", self._structure())
        set_(self, "read", resolved)
        set_(self, "dropped", {})

    structure: Structure = field(init=False)
    read: Mapping[str, Array] = field(init=False)
    """Tables as first read, which `rows` describe; a change leaves them alone."""
    dropped: Mapping[str, NDArray[np.bool_]] = field(init=False)
    """Cells that a change once took to 0 or 1: their range is gone."""

    # -- building -------------------------------------------------------------

    def _structure(self) -> Structure:
        return structure_of(
            self.decisions, self.chances, self.values, self.memory, self.risk is not None
        )

    def _problems(self, locate: Locate) -> list[Problem]:
        found = structure_problems(
            self.decisions, self.chances, self.values, self.memory, locate
        )
        found += setting_problems(self, locate)
        for value in self.values:
            found += weight_problems(value, self.weights, locate)
        if self.weights == "normalised" and not any(v.weight for v in self.values):
            found.append(problem(locate("", ""), "all weights are 0", "give one a weight above 0"))
        return found

    def _resolve(self) -> dict[str, Array]:
        found: list[Problem] = []
        arrays: dict[str, Array] = {}
        for node in (*self.chances, *self.values):
            axes = self._axes(node)
            array = tables.as_array(node.table, axes, node.name, PYTHON)
            if isinstance(array, Problem):
                found.append(array)
                continue
            arrays[node.name] = array
            if isinstance(node, Chance):
                found += tables.probability_problems(array, axes, PYTHON)
        if found:
            raise ModelError(found)
        object.__setattr__(self, "chances", _with_tables(self.chances, arrays))
        object.__setattr__(self, "values", _with_tables(self.values, arrays))
        return arrays

    def _axes(self, node: Chance | Value) -> list[tables.Axis]:
        states = {n.name: n.states for n in (*self.decisions, *self.chances)}
        names = (*node.given, node.name) if isinstance(node, Chance) else node.given
        return [(name, states[name]) for name in names]

    # -- looking into it ------------------------------------------------------

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
        what = (
            f"there is no {wanted} '{name}'"
            if node is None
            else f"'{name}' is a {node.kind} node, not a {wanted}"
        )
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

    def axes(self, name: str) -> list[tables.Axis]:
        """The named axes of a node's table."""
        return self._axes(self.node(name, ("chance", "value")))

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
        node = self.node(name, ("chance", "value"))
        return tables.as_pandas(node.table, self._axes(node), isinstance(node, Chance), name)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every number with its range, source and reason, in file order."""
        from decision.model.ledger import current_inputs

        return current_inputs(self)

    def to_networkx(self, no_forgetting: bool = False) -> nx.DiGraph:
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
        import networkx as nx

        graph = nx.DiGraph(title=self.title)
        for node in self.nodes.values():
            states = () if isinstance(node, Value) else self.states(node.name)
            graph.add_node(node.name, kind=node.kind, label=node.caption, states=states)
        for decision in self.decisions:
            known = self.information(decision.name) if no_forgetting else decision.observes
            graph.add_edges_from((n, decision.name, {"kind": "information"}) for n in known)
        for node in (*self.chances, *self.values):
            kind = "probability" if isinstance(node, Chance) else "value"
            graph.add_edges_from((n, node.name, {"kind": kind}) for n in node.given)
        return graph

    # -- changed copies -------------------------------------------------------

    def changed(
        self,
        *changes: str,
        table: pd.DataFrame | pd.Series[float] | Iterable[Any] | None = None,
    ) -> InfluenceDiagram:
        """Return the model with changes made, in order.

        Parameters
        ----------
        *changes : str
            In the small language: ``"P(oil=dry) = 0.4"``, ``"weight(cost) *= 2"``.
        table : DataFrame or Series, or several, optional
            Whole tables as `table` gives them; put in place before the changes.

        Raises
        ------
        ModelError
            With every change that is wrong; nothing is changed then.

        Examples
        --------
        >>> from decision import read_model
        >>> oil = read_model("data/examples/oil_wildcatter")
        >>> oil.changed("P(oil=dry) = 0.4").table("oil").round(2)
        oil  dry   wet  soaking
        0    0.4  0.36     0.24
        """
        from decision.model.changes import apply_changes

        rows = [ChangeRow(text, file="command line", line=1) for text in changes]
        return apply_changes(self._with(table), rows)

    def perspective(self, name: str) -> InfluenceDiagram:
        """Return the model as a named perspective sees it."""
        return self._set_of_changes(self.perspectives, name, "perspective")

    def scenario(self, name: str) -> InfluenceDiagram:
        """Return the model with a named scenario supposed."""
        return self._set_of_changes(self.scenarios, name, "scenario")

    def _set_of_changes(self, sets: Changes, name: str, kind: str) -> InfluenceDiagram:
        from decision.model.changes import apply_changes

        if name not in sets:
            what = f"there is no {kind} '{name}'"
            raise ModelError([Problem("command line", 1, what, nearest(name, sets))])
        return apply_changes(self, sets[name])

    def changes_from(self, other: InfluenceDiagram) -> pd.DataFrame:
        """Return what differs from another model of the same structure.

        Returns
        -------
        DataFrame
            A row for each number that differs: `input` (in the small language), `was`
            (in `other`) and `now` (in this model).
        """
        from decision.model.ledger import differences

        return differences(other, self)

    def _with(self, table: Any) -> InfluenceDiagram:
        if table is None:
            return self
        given = [table] if hasattr(table, "iloc") else list(table)
        found: list[Problem] = []
        arrays: dict[str, Array] = {}
        for entry in given:
            name = entry.columns.name if getattr(entry, "ndim", 1) == 2 else entry.name
            node = self.node(str(name), ("chance", "value"))
            array = tables.as_array(entry, self._axes(node), node.name, PYTHON)
            if isinstance(array, Problem):
                found.append(array)
                continue
            arrays[node.name] = array
            if isinstance(node, Chance):
                found += tables.probability_problems(array, self._axes(node), PYTHON)
        if found:
            raise ModelError(found)
        return self.with_numbers(arrays)

    def with_numbers(
        self,
        arrays: Mapping[str, Array],
        weights: Mapping[str, Value] | None = None,
        dropped: Mapping[str, NDArray[np.bool_]] | None = None,
    ) -> InfluenceDiagram:
        """Return a copy with sound tables put in place (no check; see `changed`)."""
        other = copy.copy(self)
        for key in ("nodes", "digest"):
            other.__dict__.pop(key, None)
        if weights:
            values = tuple(weights.get(v.name, v) for v in other.values)
            object.__setattr__(other, "values", values)
        if arrays:
            object.__setattr__(other, "chances", _with_tables(other.chances, arrays))
            object.__setattr__(other, "values", _with_tables(other.values, arrays))
        if dropped:
            object.__setattr__(other, "dropped", {**self.dropped, **dropped})
        return other

    def rebuilt(self, **fields_: Any) -> InfluenceDiagram:
        """Return a new diagram with some fields replaced, checked anew."""
        return replace(self, **fields_)

    # -- as a value -----------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, InfluenceDiagram):
            return NotImplemented
        from decision.model.ledger import same_ledger

        skip = {"rows", "read", "dropped", "structure", "claim_rows", "perspectives", "scenarios"}
        return (
            all(
                getattr(self, f.name) == getattr(other, f.name)
                for f in fields(self)
                if f.name not in skip
            )
            and _texts(self) == _texts(other)
            and same_ledger(self, other)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        title = f" {self.title!r}" if self.title else ""
        return f"<InfluenceDiagram{title}: {self.size}>"

    @property
    def size(self) -> str:
        """Nodes and numbers, in words."""
        numbers = sum(n.table.size for n in (*self.chances, *self.values))
        parts = (
            (len(self.decisions), "decision"),
            (len(self.chances), "chance node"),
            (len(self.values), "value node"),
            (numbers, "number"),
        )
        return ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in parts)

    def _repr_html_(self) -> str:
        from decision.model.card import card

        return card(self)

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k not in ("nodes", "digest")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


def _texts(model: InfluenceDiagram) -> tuple[Any, ...]:
    def plain(changes: Changes) -> dict[str, list[tuple[str, str]]]:
        return {name: [(r.change, r.rationale) for r in rows] for name, rows in changes.items()}

    claims = [replace(row, file="", line=1) for row in model.claim_rows]
    return plain(model.perspectives), plain(model.scenarios), claims


def _with_tables(nodes: tuple[N, ...], arrays: Mapping[str, Array]) -> tuple[N, ...]:
    return tuple(replace(n, table=arrays[n.name]) if n.name in arrays else n for n in nodes)


def setting_problems(model: InfluenceDiagram, locate: Locate) -> list[Problem]:
    """Return what is wrong with the settings of the whole model."""
    found = []
    for key, allowed in (
        ("memory", ("perfect", "limited")),
        ("weights", ("plain", "normalised")),
        ("provenance", ("optional", "required")),
    ):
        setting = getattr(model, key)
        if setting not in allowed:
            what = f"{key} is {setting!r}"
            found.append(problem(locate("", key), what, f"use {' or '.join(map(repr, allowed))}"))
    if model.risk is not None and not (np.isfinite(model.risk) and model.risk > 0):
        what = f"the risk tolerance is {model.risk:g}"
        found.append(problem(locate("", "tolerance"), what, "use a finite number above 0"))
    return found


def weight_problems(value: Value, weights: str, locate: Locate) -> list[Problem]:
    """Return what is wrong with the weight and the scale of a value node."""
    found = []
    numbers = {
        key: getattr(value, key)
        for key in ("worst", "best", "weight", "weight_low", "weight_high")
        if getattr(value, key) is not None
    }
    for key, number in numbers.items():
        if not np.isfinite(number):
            what = f"{key} of {value.name} is {number}"
            found.append(problem(locate(value.name, key), what, "use a finite number"))
        elif key.startswith("weight") and number < 0:
            what = f"{key} of {value.name} is {number:g}, below 0"
            do = "use 0 or more; for a cost, put worst above best or make the amounts negative"
            found.append(problem(locate(value.name, key), what, do))
    if ("worst" in numbers) != ("best" in numbers):
        key = "worst" if "worst" in numbers else "best"
        what = f"{value.name} has {key} alone"
        found.append(problem(locate(value.name, key), what, "give worst and best together"))
    elif "worst" in numbers and numbers["worst"] == numbers["best"]:
        what = f"worst and best of {value.name} are both {numbers['worst']:g}"
        found.append(problem(locate(value.name, "best"), what, "make them differ"))
    elif "worst" not in numbers and weights == "normalised":
        what = f"{value.name} has no worst and best, which normalised weights need"
        found.append(problem(locate(value.name, ""), what, "give both"))
    low, high = numbers.get("weight_low", value.weight), numbers.get("weight_high", value.weight)
    if not found and not low <= value.weight <= high:
        what = f"the range {low:g} to {high:g} of the weight of {value.name} does not hold it"
        do = f"make weight_low ≤ {value.weight:g} ≤ weight_high"
        key = "weight_low" if "weight_low" in numbers else "weight_high"
        found.append(problem(locate(value.name, key), what, do))
    return found

