"""Axes: one input, or one change with a free number, that an analysis moves over a range.

An input of the files has its own range and is called by its name, ``P(oil=dry)``; its
conditions may stand in any order. A change brings a range with it:
``odds(wedge=rift) *= x in 0.25..4``, the free number written ``x`` or, of the second of
two, ``y``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from decision.analysis.linked import FREE, linked, read_free, standing
from decision.analysis.movements import Movement, moved_row, moved_weight
from decision.model.diagram import InfluenceDiagram
from decision.model.language import Change, parse_change
from decision.model.nodes import Value
from decision.model.numbers import write_number
from decision.model.problems import COMMAND_LINE, ModelError, Problem, shorten
from decision.model.records import Input
from decision.model.selection import chance_node, changed_state, selection

__all__ = ["Axis", "axis"]

Conditions = frozenset[tuple[str, frozenset[str]]]


@dataclass(frozen=True)
class Axis:
    """What is moved, and over which range.

    Attributes
    ----------
    text : str
        As typed.
    left : str
        What stands before the number in a change, its operator included.
    node : str
        The chance or value node that it moves.
    base : float
        The number that changes nothing; nan if none does.
    low, high : float
    row : Input or None
        The row of the files, where it is one.
    weight : bool
        Whether it moves a weight.
    """

    text: str
    left: str
    node: str
    base: float
    low: float
    high: float
    row: Input | None = None
    weight: bool = False

    def change(self, number: float) -> str:
        """Return the change that makes it a number."""
        return f"{self.left} {write_number(number)}"

    def movement(self, model: InfluenceDiagram) -> Movement:
        """Return it as it moves in a model, which may be changed in other numbers."""
        if self.row is not None:
            return moved_row(model, self.row, self.low, self.high)
        if not FREE.fullmatch(self.text):
            return moved_weight(model, self.node, self.low, self.high)
        return linked(model, self.text, "xy")


def axis(model: InfluenceDiagram, text: str, letters: str = "x") -> Axis:
    """Return what a text moves.

    Parameters
    ----------
    model : InfluenceDiagram
    text : str
        The name of an input that has a range, or a change with a free number.
    letters : str
        What the free number may be called.

    Raises
    ------
    ModelError
        For a text that is neither, and a range that is a point.

    Examples
    --------
    >>> from decision import read_model
    >>> oil = read_model("data/examples/oil_wildcatter")
    >>> found = axis(oil, "odds(oil=dry) *= x in 1/4..4")
    >>> found.base, found.low, found.high, found.change(2.0)
    (1.0, 0.25, 4.0, 'odds(oil=dry) *= 2')
    """
    free = isinstance(text, str) and FREE.fullmatch(text)
    found = _free(model, text, letters) if free else _input(model, text)
    if found.low == found.high:
        what = f"'{shorten(text)}' has the range {found.low:g} to {found.high:g} and cannot move"
        raise _refused(what, "give it a range")
    return found


def _refused(what: str, do: str) -> ModelError:
    return ModelError([Problem(*COMMAND_LINE, what, do)])


def _free(model: InfluenceDiagram, text: str, letters: str) -> Axis:
    """Return a change with a free number; what it does at its ends depends on other changes."""
    left, low, high = read_free(text, letters)
    change = _there(model, parse_change(f"{left} {write_number(low)}", COMMAND_LINE))
    base, weighs = standing(model, change), change.kind == "weight"
    return Axis(text, left, change.node, base, low, high, weight=weighs)


def _input(model: InfluenceDiagram, text: str) -> Axis:
    """Return the input of a name, with the range that the files give it."""
    target = _target(model, text)
    if target.kind == "weight":
        value: Value = model.node(target.node, ("value",), COMMAND_LINE)
        low, high, number = value.weight_low, value.weight_high, value.weight
        if low is None and high is None:
            raise _without_range(text)
        low, high = number if low is None else low, number if high is None else high
        return Axis(text, f"weight({value.name}) =", value.name, number, low, high, weight=True)
    wanted = _conditions(model, [(c.name, c.states) for c in target.conditions])
    for row in model.inputs:
        same = (row.node, row.state) == (target.node, target.state)
        if same and row.text != "rest" and _conditions(model, row.where) == wanted:
            if row.low is None or row.high is None:
                break
            return Axis(text, f"{row.name} =", row.node, row.number, row.low, row.high, row)
    raise _without_range(text)


def _without_range(text: str) -> ModelError:
    what = f"'{shorten(text)}' is no row of the files that has a range"
    example = f"'{text.strip()} = x in LOW..HIGH'"
    return _refused(what, f"give it one there, or write {shorten(example, 120)}")


def _target(model: InfluenceDiagram, text: str) -> Change:
    """Return what an input's name names, which has to be there."""
    try:
        target = parse_change(f"{text} = 0", COMMAND_LINE)
    except ModelError:
        what = f"'{shorten(str(text))}' is no input"
        do = "write P(node=state | …), V(value | …), weight(value), or a change with a free number"
        raise _refused(what, f"{do} like 'odds(node=state) *= x in 0.25..4'") from None
    return _there(model, target)


def _there(model: InfluenceDiagram, change: Change) -> Change:
    """Return a change whose node, state and conditions the model has."""
    if change.kind in ("P", "odds"):
        node = chance_node(model, change.node, COMMAND_LINE)
        changed_state(node, change, COMMAND_LINE)
        selection(model, node, change.conditions, COMMAND_LINE)
        return change
    value: Value = model.node(change.node, ("value",), COMMAND_LINE)
    if change.kind == "V":
        selection(model, value, change.conditions, COMMAND_LINE)
    return change


def _conditions(
    model: InfluenceDiagram, conditions: Sequence[tuple[str, Sequence[str]]]
) -> Conditions:
    """Return conditions in whatever order, without those that any state meets."""
    found = ((name, frozenset(states)) for name, states in conditions)
    return frozenset((name, s) for name, s in found if len(s) < len(model.states(name)))
