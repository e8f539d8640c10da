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

import datetime
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass, field, replace
from decision.model.nodes import Chance, Decision, Value
from decision.model.problems import COMMAND_LINE, ModelError, nearest, problem, shorten
from decision.model.records import ChangeRow, ClaimRow, Input, Source
from decision.model.resolution import resolved
from decision.model.structure import Structure, structure_of
from decision.model.view import View

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["InfluenceDiagram"]

Array = NDArray[np.float64]
Changes = Mapping[str, tuple[ChangeRow, ...]]
N = TypeVar("N", Chance, Value)
CACHED = ("nodes",)
"""What is worked out from the nodes when first asked for."""


@dataclass(frozen=True, eq=False, repr=False)
class InfluenceDiagram(View):
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
        tables_ = resolved(self)
        set_(self, "chances", _with_tables(self.chances, tables_))
        set_(self, "values", _with_tables(self.values, tables_))
        structure = structure_of(
            self.decisions, self.chances, self.values, self.memory, self.risk is not None
        )
        set_(self, "structure", structure)
        set_(self, "read", tables_)
        set_(self, "dropped", {})

    structure: Structure = field(init=False)
    read: Mapping[str, Array] = field(init=False)
    """Tables as first read, which `rows` describe; a change leaves them alone."""
    dropped: Mapping[str, NDArray[np.bool_]] = field(init=False)
    """Cells that a change once took to 0 or 1: their range is gone."""

    # -- changed copies -------------------------------------------------------

    def changed(
        self,
        *changes: str,
        table: pd.DataFrame | pd.Series[float] | Mapping[str, Any] | Iterable[Any] | None = None,
    ) -> InfluenceDiagram:
        """Return the model with changes made, in order.

        Parameters
        ----------
        *changes : str
            In the small language: ``"P(oil=dry) = 0.4"``, ``"weight(cost) *= 2"``.
        table : DataFrame or Series, or several, or mapping of node to table, optional
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

        model = self
        if table is not None:
            from decision.model.replacement import put_tables

            model = put_tables(self, table)
        return apply_changes(model, [ChangeRow(text, "", *COMMAND_LINE) for text in changes])

    def perspective(self, name: str) -> InfluenceDiagram:
        """Return the model as a named perspective sees it."""
        return self._set_of_changes(self.perspectives, name, "perspective")

    def scenario(self, name: str) -> InfluenceDiagram:
        """Return the model with a named scenario supposed."""
        return self._set_of_changes(self.scenarios, name, "scenario")

    def _set_of_changes(self, sets: Changes, name: str, kind: str) -> InfluenceDiagram:
        from decision.model.changes import apply_changes

        if name not in sets:
            what = f"there is no {kind} '{shorten(name)}'"
            raise ModelError([problem(COMMAND_LINE, what, nearest(name, sets))])
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

    def with_numbers(
        self,
        arrays: Mapping[str, Array],
        weights: Mapping[str, Value] | None = None,
        dropped: Mapping[str, NDArray[np.bool_]] | None = None,
    ) -> InfluenceDiagram:
        """Return a copy with sound tables put in place (no check; see `changed`)."""
        nodes: dict[str, Any] = {**self.nodes, **(weights or {})}
        for name, table in arrays.items():
            nodes[name] = nodes[name].retabled(table)
        other = object.__new__(type(self))
        own = other.__dict__
        own.update(self.__dict__)
        own["nodes"] = nodes
        kinds = {nodes[name].kind for name in arrays}
        if "chance" in kinds:
            own["chances"] = tuple([nodes[node.name] for node in self.chances])
        if weights or "value" in kinds:
            own["values"] = tuple([nodes[node.name] for node in self.values])
        if dropped:
            own["dropped"] = {**self.dropped, **dropped}
        return other

    def current_rows(self) -> dict[str, tuple[Input, ...]]:
        """Return the inputs by node, of those that were read from rows."""
        rows: dict[str, list[Input]] = {name: [] for name in self.rows}
        for row in self.inputs:
            if row.node in rows:
                rows[row.node].append(row)
        return {name: tuple(listed) for name, listed in rows.items()}

    def rebuilt(self, **fields_: Any) -> InfluenceDiagram:
        """Return a new diagram with some fields replaced, checked anew."""
        return replace(self, **{"rows": self.current_rows(), **fields_})

    # -- as a value -----------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, InfluenceDiagram):
            return NotImplemented
        from decision.model.ledger import same_model

        return same_model(self, other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        title = f" {self.title!r}" if self.title else ""
        return f"<InfluenceDiagram{title}: {self.size}>"

    def _repr_html_(self) -> str:
        from decision.model.card import card

        return card(self)

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k not in CACHED}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for table in self.read.values():  # a copy or an unpickled array can be written to
            table.setflags(write=False)


def _with_tables(nodes: tuple[N, ...], arrays: Mapping[str, Array]) -> tuple[N, ...]:
    return tuple(replace(n, table=arrays[n.name]) if n.name in arrays else n for n in nodes)
