"""The three kinds of node of an influence diagram, as frozen records.

A decision node has options and observes what is known when it is taken; a chance
node has states, parents and a table of conditional probabilities; a value node has
parents and a table of amounts in its natural unit (Howard and Matheson 1984,
"Influence diagrams", repr. Decision Analysis 2(3), 2005, doi:10.1287/deca.1050.0020).

A node knows its parents by name only; an `InfluenceDiagram` puts nodes together and
turns each table into a read-only array with the axes (parents…, own states).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from decision.model.dataclass import dataclass, field, fields

__all__ = ["Chance", "Decision", "Node", "Value", "states_of", "tabled", "variables"]

OnlyWhen = Mapping[str, Mapping[str, tuple[str, ...]]]


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


@dataclass(frozen=True, eq=False)
class Node:
    """What all nodes share: a name, a label for people and a definition."""

    kind: ClassVar[str] = ""
    name: str

    @property
    def caption(self) -> str:
        """The label, or the name with spaces for underscores."""
        label: str = getattr(self, "label", "")
        return label or self.name.replace("_", " ")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(_same(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))

    __hash__ = None  # type: ignore[assignment]

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if isinstance(state.get("table"), np.ndarray):
            state["table"].setflags(write=False)  # a copy can be written to

    def retabled(self, table: Any) -> Any:
        """Return a copy with a sound table, as a diagram wants it (no check)."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.__dict__["table"] = table
        return other

    def _set(self, **values: Any) -> None:
        for key, value in values.items():
            object.__setattr__(self, key, value)


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return bool(np.array_equal(left, right))
    if hasattr(left, "equals"):  # a table still in pandas: the node is not in a diagram yet
        return bool(left.equals(right))
    return bool(left == right)


@dataclass(frozen=True, eq=False)
class Decision(Node):
    """A decision node: what can be chosen, and what is known then.

    Parameters
    ----------
    name : str
        ``[a-z][a-z0-9_]*``, unique in the diagram.
    options : sequence of str
        In the order in which ties are broken.
    observes : sequence of str
        Chance nodes and earlier decisions known just before this decision.
    only_when : mapping, optional
        For an option that is open only in some situations: the states each named
        variable must have, ``{"postpone": {"talks": ("held", "productive")}}``.
    label, definition : str
        Free text; a definition passes the clarity test.

    Examples
    --------
    >>> Decision("drill", ["yes", "no"], observes=["seismic"]).options
    ('yes', 'no')
    """

    kind: ClassVar[str] = "decision"
    options: tuple[str, ...] = ()
    observes: tuple[str, ...] = ()
    only_when: OnlyWhen = field(default_factory=dict)
    label: str = ""
    definition: str = ""

    def __post_init__(self) -> None:
        only_when = {
            option: MappingProxyType({name: _names(states) for name, states in needs.items()})
            for option, needs in self.only_when.items()
        }
        self._set(
            options=_names(self.options),
            observes=_names(self.observes),
            only_when=MappingProxyType(only_when),
        )

    @property
    def states(self) -> tuple[str, ...]:
        """The options: what an assignment ``name=state`` may say."""
        return self.options

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        state["only_when"] = {option: dict(needs) for option, needs in self.only_when.items()}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._set(**state)
        self.__post_init__()


@dataclass(frozen=True, eq=False)
class Chance(Node):
    """A chance node: states, parents and conditional probabilities.

    Parameters
    ----------
    name, label, definition : str
        As for `Decision`.
    states : sequence of str
        At least one.
    given : sequence of str
        Parents: chance or decision nodes.
    table : DataFrame, Series, array with named axes, array or mapping
        Probabilities in [0, 1], summing to 1 over the node's states. A DataFrame has
        the parents as (named) index and the states as columns; an array has the axes
        (parents in the order of `given`, states).

    Examples
    --------
    >>> Chance("oil", ["dry", "wet"], table={"dry": 0.5, "wet": 0.5}).given
    ()
    """

    kind: ClassVar[str] = "chance"
    states: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    table: Any = None
    label: str = ""
    definition: str = ""

    def __post_init__(self) -> None:
        self._set(states=_names(self.states), given=_names(self.given))


@dataclass(frozen=True, eq=False)
class Value(Node):
    """A value node: an amount for each combination of its parents.

    Parameters
    ----------
    name, label, definition : str
        As for `Decision`.
    given : sequence of str
        Parents: chance or decision nodes.
    table : DataFrame, Series, array with named axes, array, mapping or number
        Amounts in natural units. More is better, unless `worst` is above `best`.
    unit : str
        Free text.
    worst, best : float, optional
        Both or neither: the ends of the swing; u(v) = 100 (v − worst) / (best − worst).
    weight, weight_low, weight_high : float
        Swing weight, not negative, and its plausible range.
    """

    kind: ClassVar[str] = "value"
    given: tuple[str, ...] = ()
    table: Any = None
    unit: str = ""
    worst: float | None = None
    best: float | None = None
    weight: float = 1.0
    weight_low: float | None = None
    weight_high: float | None = None
    label: str = ""
    definition: str = ""

    def __post_init__(self) -> None:
        self._set(given=_names(self.given))


def variables(
    decisions: Sequence[Decision], chances: Sequence[Chance]
) -> tuple[Decision | Chance, ...]:
    """Return the nodes that have states (or options)."""
    return (*decisions, *chances)


def tabled(chances: Sequence[Chance], values: Sequence[Value]) -> tuple[Chance | Value, ...]:
    """Return the nodes that have a table."""
    return (*chances, *values)


def states_of(
    decisions: Sequence[Decision], chances: Sequence[Chance]
) -> dict[str, tuple[str, ...]]:
    """Return the states of each chance node and the options of each decision."""
    return {node.name: node.states for node in variables(decisions, chances)}
