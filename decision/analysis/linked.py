"""Linked inputs: a change in the small language with a free number, moved over a range.

``odds(wedge=rift) *= x in 0.25..4`` moves every row of a table at once. What a policy is
worth is no straight line in x then, but a sum of ratios: its break-evens are bracketed on a
grid and closed in upon (`tracing`). Two within one step are looked for where a branch comes
close to the best; more than that in one step can be missed.

``P(tone=restrained | strategy=both|neither) = x in 0..1`` moves rows of one table along
straight lines, and no outcome meets two of them: a policy is worth a straight line in x, as
with a single row, and its break-evens are exact. So with ``*=`` and ``+=``, with amounts
(with risk, but for ``*=``), and with weights (without risk, where none is divided).
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from decision.analysis.movements import EDGE, Movement
from decision.analysis.ruler import Ruler
from decision.model.diagram import InfluenceDiagram
from decision.model.language import Change, parse_change
from decision.model.numbers import read_number, write_number
from decision.model.problems import COMMAND_LINE, ModelError, Problem, shorten
from decision.model.selection import chance_node, selection
from decision.solve.inputs import scale_of

__all__ = ["FREE", "linked", "read_free", "standing"]

Array = NDArray[np.float64]
FREE = re.compile(
    r"(?P<left>.*=)\s*(?P<letter>[xy])\s+in\s+(?P<low>\S+?)\s*\.\.\s*(?P<high>\S+)\s*", re.DOTALL
)


def linked(model: InfluenceDiagram, text: str, letters: str = "x") -> Movement:
    """Return a change with a free number x as an input that moves.

    Parameters
    ----------
    model : InfluenceDiagram
    text : str
        A change whose number is ``x``, and x's range: ``"V(cost) *= x in 1/2..2"``.
    letters : str
        What the free number may be called.

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
    left, low, high = read_free(text, letters)
    changed = {number: model.changed(f"{left} {write_number(number)}") for number in (low, high)}
    nodes = _moved(model, changed[low], changed[high])

    def at(number: float) -> dict[str, Array]:
        moved = model.changed(f"{left} {write_number(number)}")
        return {
            name: moved.nodes[name].table  # type: ignore[attr-defined]
            if moved.nodes[name].kind == "chance"
            else np.asarray(moved.utility(name))
            for name in nodes
        }

    scale = max(scale_of(model), *(scale_of(moved) for moved in changed.values()))
    change = parse_change(f"{left} {write_number(low)}", COMMAND_LINE)
    first, last = _line(model, change, at, low, high)
    return Movement(
        text,
        standing(model, change),
        low,
        high,
        first,
        last,
        nodes,
        _ruler(model, change),
        at,
        scale,
        factor=change.operator == "*=",
    )


def read_free(text: str, letters: str) -> tuple[str, float, float]:
    """Return what stands before the free number of a change, and the number's range."""
    found = FREE.fullmatch(text) if isinstance(text, str) else None
    low, high = (read_number(found[end]) if found else None for end in ("low", "high"))
    if found is None or low is None or high is None or low > high:
        what = f"'{shorten(str(text))}' is no change with a free number"
        raise _typed(what, "write it like 'odds(node=state) *= x in 0.25..4'")
    if found["letter"] not in letters:
        what = f"the free number of '{shorten(text)}' is called {found['letter']}"
        raise _typed(what, f"call it {' or '.join(letters)}")
    return found["left"].strip(), low, high


def _ruler(model: InfluenceDiagram, change: Change) -> Ruler | None:
    """Return how a policy's worth runs along a change; None where it is not straight."""
    risk = model.risk
    if change.kind == "P":
        return Ruler(risk)
    if change.kind == "V":
        value = model.node(change.node)
        if risk is None:
            return Ruler()
        if change.operator == "*=":
            return None  # each amount moves at a rate of its own
        scaled = value.worst is not None and value.best is not None
        unit = 100.0 / (value.best - value.worst) if scaled else 1.0
        sign = -1.0 if change.operator == "-=" else 1.0
        return Ruler(risk, sign * float(model.weight(value.name)) * unit / risk)
    straight = change.kind == "weight" and risk is None and model.weights == "plain"
    return Ruler() if straight else None


def _line(
    model: InfluenceDiagram,
    change: Change,
    at: Callable[[float], dict[str, Array]],
    low: float,
    high: float,
) -> tuple[float, float]:
    """Return where the line begins and ends: a hair inside ends where something ceases."""
    if change.kind != "P" or not low < high:
        return low, high
    name = change.node
    inside = at((low + high) / 2)[name] > 0
    hair = EDGE * (high - low)
    first = low if np.array_equal(at(low)[name] > 0, inside) else low + hair
    last = high if np.array_equal(at(high)[name] > 0, inside) else high - hair
    return first, last


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


def standing(model: InfluenceDiagram, change: Change) -> float:
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
