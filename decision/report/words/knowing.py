"""What is worth knowing and what is worth having in hand, in words.

Both are in points of the expected total (certain equivalent with an attitude to risk) and
are upper bounds: no study tells more than the truth, no effort does more than settle it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from decision.draw.numbers import unit_of_total
from decision.model.diagram import InfluenceDiagram
from decision.report.words.outcomes import worth
from decision.report.words.showing import (
    Said,
    Shown,
    literal,
    places_of,
    result,
    sentence,
    two_figures,
    writer,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["control", "information", "knowing_or_controlling"]

MOST_ROWS = 12
NOTHING = 1e-9


def knowing_or_controlling(
    model: InfluenceDiagram, known: pd.DataFrame, held: pd.DataFrame, event: str | None = None
) -> Said:
    """Say what the best node to know is worth, and what nodes are worth to have in hand.

    Parameters
    ----------
    model : InfluenceDiagram
    known : DataFrame
        As `decision.value_of_information` gives it.
    held : DataFrame
        As `decision.value_of_control` gives it.
    event : str, optional
        ``"P(node=state)"``: what knowing is worth is also told as a change of it.
    """
    unit = literal(unit_of_total(model))
    return result(_knowing(model, known, unit, event), _holding(model, held, unit))


def _knowing(model: InfluenceDiagram, known: pd.DataFrame, unit: str, event: str | None) -> str:
    found = known[known["value"] > NOTHING]
    if not len(found):
        return "No node that can be known before the choice is worth anything to know."
    name, value = str(found["value"].idxmax()), float(found["value"].max())
    told = f"To know “{_caption(model, name)}” before the choice is worth "
    told += f"**{two_figures(value)} {unit}**"
    rate = worth(model, event) if event else None
    if rate is not None:
        told += f" (as much as {two_figures(value * rate[0])} {literal(rate[1])})"
    return f"{told}."


def _holding(model: InfluenceDiagram, held: pd.DataFrame, unit: str) -> str:
    found = held[held["value"] > NOTHING].sort_values("value")
    if not len(found):
        return "To settle a matter of chance before the choice is worth nothing."
    (low, high), (worst, best) = (found["value"].iloc[[0, -1]], found.index[[0, -1]])
    return (
        f"To have a matter of chance in one's own hand is worth from {two_figures(low)} "
        f"(“{_caption(model, str(worst))}”) to **{two_figures(high)}** "
        f"(“{_caption(model, str(best))}”)."
    )


def information(model: InfluenceDiagram, frame: pd.DataFrame) -> Shown:
    """Return what knowing each node is worth, the most first.

    Parameters
    ----------
    model : InfluenceDiagram
    frame : DataFrame
        As `decision.value_of_information` gives it.
    """
    found = frame.sort_values("value", ascending=False, kind="stable")
    useful = [f"“{_caption(model, str(name))}”" for name in found.index[found["value"] > NOTHING]]
    told = f"Worth something: {sentence(useful)}." if useful else "None is worth anything."
    return _shown(model, found, told)


def control(model: InfluenceDiagram, frame: pd.DataFrame) -> Shown:
    """Return what settling each chance node is worth, the most first.

    Parameters
    ----------
    model : InfluenceDiagram
    frame : DataFrame
        As `decision.value_of_control` gives it.
    """
    found = frame.sort_values("value", ascending=False, kind="stable")
    found["state"] = [
        str(s).replace("_", " ") if v > NOTHING else "–"
        for s, v in zip(found["state"], found["value"], strict=True)
    ]
    if not len(found) or not found["value"].iloc[0] > NOTHING:
        return _shown(model, found, "None is worth anything.")
    state = literal(found["state"].iloc[0])
    told = f"Most is worth **{_caption(model, str(found.index[0]))}**: {state}."
    return _shown(model, found.rename(columns={"state": "settled as"}), told)


def _shown(model: InfluenceDiagram, found: pd.DataFrame, told: str) -> Shown:
    head = found.head(MOST_ROWS)
    shown = head.set_axis([model.nodes[str(name)].caption for name in head.index])
    shown.index.name = "node"
    unit = unit_of_total(model)
    left = len(found) - len(head)
    note = f"In {unit}." + (f" {left} that are worth less are left out." if left else "")
    return Shown(shown, result(told), {"value": writer(_places(head["value"]))}, note)


def _places(values: pd.Series[float]) -> int:
    """Decimals that show the smallest value that is something."""
    return max(places_of([v]) for v in [*values[values > NOTHING], 1.0])


def _caption(model: InfluenceDiagram, name: str) -> str:
    return literal(model.nodes[name].caption)
