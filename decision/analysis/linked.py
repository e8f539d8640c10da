"""Linked inputs: a change in the small language with a free number, moved over a range.

``odds(wedge=rift) *= x in 0.25..4`` moves every row of a table at once. What a policy is
worth is no straight line in x then, but a polynomial or a ratio of two: its break-evens are
bracketed on a grid and closed in upon (`tracing`). Two within one step are looked for where a
branch comes close to the best; more than that in one step can be missed.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from decision.analysis.movements import Movement
from decision.model.diagram import InfluenceDiagram
from decision.model.language import Change, parse_change
from decision.model.numbers import read_number, write_number
from decision.model.problems import COMMAND_LINE, ModelError, Problem, shorten
from decision.model.selection import chance_node, selection
from decision.solve.inputs import scale_of

__all__ = ["linked"]

Array = NDArray[np.float64]
FREE = re.compile(r"(?P<left>.*=)\s*x\s+in\s+(?P<low>\S+?)\s*\.\.\s*(?P<high>\S+)\s*", re.DOTALL)


def linked(model: InfluenceDiagram, text: str) -> Movement:
    """Return a change with a free number x as an input that moves.

    Parameters
    ----------
    model : InfluenceDiagram
    text : str
        A change whose number is ``x``, and x's range: ``"V(cost) *= x in 1/2..2"``.

    Raises
    ------
    ModelError
        For a text that is none, and a change that cannot be made all over the range.

    Examples
    --------
    >>> from decision import read_model
    >>> oil = read_model("data/examples/oil_wildcatter")
    >>> moved = linked(oil, "odds(oil=dry) *= x in 1/4..4")
    >>> moved.base, moved.low, moved.high
    (1.0, 0.25, 4.0)
    >>> moved.at(2.0)["oil"].round(3)
    array([0.667, 0.2  , 0.133])
    """
    found = FREE.fullmatch(text)
    low, high = (read_number(found[end]) if found else None for end in ("low", "high"))
    if found is None or low is None or high is None or low > high:
        what = f"'{shorten(text)}' is no change with a free number"
        raise _typed(what, "write it like 'odds(node=state) *= x in 0.25..4'")
    left = found["left"]
    changed = {number: model.changed(left + write_number(number)) for number in (low, high)}
    nodes = _moved(model, changed[low], changed[high])

    def at(number: float) -> dict[str, Array]:
        moved = model.changed(left + write_number(number))
        return {
            name: moved.nodes[name].table  # type: ignore[attr-defined]
            if moved.nodes[name].kind == "chance"
            else np.asarray(moved.utility(name))
            for name in nodes
        }

    scale = max(scale_of(model), *(scale_of(moved) for moved in changed.values()))
    change = parse_change(left + write_number(low), COMMAND_LINE)
    return Movement(
        text,
        _base(model, change),
        low,
        high,
        low,
        high,
        nodes,
        None,
        at,
        scale,
        factor=change.operator == "*=",
    )


def _typed(what: str, do: str) -> ModelError:
    return ModelError([Problem(*COMMAND_LINE, what, do)])


def _moved(model: InfluenceDiagram, *changed: InfluenceDiagram) -> tuple[str, ...]:
    """Return the nodes whose tables differ; with normalised weights one moves all."""
    chances = [
        chance.name
        for chance in model.chances
        if any(other.nodes[chance.name] is not chance for other in changed)
    ]
    values = [
        value.name
        for value in model.values
        if any(
            other.nodes[value.name] is not value
            or other.weight(value.name) != model.weight(value.name)
            for other in changed
        )
    ]
    return (*chances, *values)


def _base(model: InfluenceDiagram, change: Change) -> float:
    """Return the number that changes nothing; nan if none does."""
    if change.operator != "=":
        return {"*=": 1.0, "+=": 0.0, "-=": 0.0}[change.operator]
    if change.kind == "weight":
        return float(model.node(change.node).weight)
    node = (
        model.node(change.node)
        if change.kind == "V"
        else chance_node(model, change.node, COMMAND_LINE)
    )
    there = node.table[selection(model, node, change.conditions, COMMAND_LINE)]
    if change.state is not None:
        there = there[..., node.states.index(change.state)]
    return float(there.flat[0]) if np.ptp(there) == 0 else float("nan")
