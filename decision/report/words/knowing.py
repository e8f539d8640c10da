"""What is worth knowing and what is worth having in hand, in words.

Both are in points of the expected total (certain equivalent with an attitude to risk) and
are upper bounds: no study tells more than the truth, no effort does more than settle it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from decision.draw.numbers import unit_of_total
from decision.model.diagram import InfluenceDiagram
from decision.report.words.outcomes import worth
from decision.report.words.settings import Model, Settings
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

__all__ = [
    "better_odds",
    "control",
    "information",
    "knowing_or_controlling",
    "of_signal",
    "worth_by_view",
    "worth_table",
]

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
    if len(found) == 1:
        name, only = str(found.index[0]), float(found["value"].iloc[0])
        return (
            f"To have “{_caption(model, name)}” in one's own hand is worth "
            f"**{two_figures(only)} {unit}**."
        )
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
    told = f"Worth most: **{_caption(model, str(found.index[0]))}**, settled as {state}."
    return _shown(model, found.rename(columns={"state": "settled as"}), told)


def of_signal(model: InfluenceDiagram, node: str, value: float) -> Said:
    """Say what a signal about a node is worth, beside what certainty would be.

    Parameters
    ----------
    model : InfluenceDiagram
    node : str
    value : float
        As `decision.value_of_signal` gives it.
    """
    from decision.analysis.information import value_of_information

    full = float(value_of_information(model, node)["value"].iloc[0])
    unit = literal(unit_of_total(model))
    if value <= NOTHING:
        return result(
            f"Such a signal about “{_caption(model, node)}” is worth **0 {unit}**: whatever it "
            f"says, the choice stays. Certainty is worth {two_figures(full)}."
        )
    return result(
        f"Such a signal about “{_caption(model, node)}” is worth **{two_figures(value)} {unit}**, "
        f"of the {two_figures(full)} that certainty is worth."
    )


def worth_table(model: InfluenceDiagram, frame: pd.DataFrame) -> Shown:
    """Return what knowing the model's own numbers is worth, node by node.

    Parameters
    ----------
    model : InfluenceDiagram
    frame : DataFrame
        As `decision.value_of_knowing_inputs` gives it.
    """
    found = frame[frame["value"] > NOTHING][["value", "standard_error"]].head(MOST_ROWS)
    unit = unit_of_total(model)
    if not len(found):
        return Shown(found, result("To know the model's numbers better is worth nothing."))
    named = [model.nodes[n].caption if n in model.nodes else n for n in map(str, found.index)]
    shown = found.set_axis(named).rename(columns={"standard_error": "standard error"})
    shown.index.name = "numbers of"
    all_, *rest = [float(v) for v in found["value"]]
    told = "To know all numbers before the choice is worth "
    told += f"**{two_figures(all_)} {literal(unit)}**"
    if rest:
        told += f"; of single nodes most, {two_figures(rest[0])}, “{literal(named[1])}”"
    errors = float(found["standard_error"].max()) or float(found["value"].min())
    formats = dict.fromkeys(shown.columns, writer(max(0, places_of([errors]) - 1)))
    note = f"In {unit}; nodes whose numbers are worth nothing to know are left out."
    return Shown(shown, result(f"{told}."), formats, note)


def better_odds(model: InfluenceDiagram, frame: pd.DataFrame) -> Shown:
    """Return what better odds of a state are worth, the most first.

    Parameters
    ----------
    model : InfluenceDiagram
    frame : DataFrame
        As `decision.value_of_better_odds` gives it.
    """
    found = frame[frame["value"] > NOTHING]
    if not len(found):
        return Shown(found, result("Better odds of no state are worth anything."))
    head = found.head(8)
    first = head.iloc[0]
    told = (
        f"Worth most is **{_caption(model, str(first['node']))}**: "
        f"{literal(str(first['state']).replace('_', ' '))} "
        f"({two_figures(float(first['value']))} {literal(unit_of_total(model))})."
    )
    formats = {"value": writer(_places(head["value"]))}
    left = len(found) - len(head)
    note = f"In {unit_of_total(model)}." + (f" {left} worth less are left out." if left else "")
    return Shown(head[["value"]], result(told), formats, note)


def worth_by_view(
    model: Model, node: str, changes: Iterable[str] = (), scenario: str | None = None
) -> Shown:
    """Return what knowing a node before the choice is worth to each perspective.

    Parameters
    ----------
    model, changes, scenario
        As for `decision.open_model`.
    node : str
    """
    import pandas as pd

    from decision.analysis.information import value_of_information

    settings = Settings.of(model, changes, None, scenario)
    views = {"base": settings.opened()}
    views |= {view.name: view.model for view in settings.views() if view.kind == "perspective"}
    values = {
        name.replace("_", " "): float(value_of_information(view, node)["value"].iloc[0])
        for name, view in views.items()
    }
    frame = pd.DataFrame({"value": values})
    frame.index.name = "view"
    most = max(values, key=lambda name: values[name])
    base = settings.opened()
    told = (
        f"To know “{_caption(base, node)}” is worth from {two_figures(min(values.values()))} to "
        f"**{two_figures(values[most])} {literal(unit_of_total(base))}** ({literal(most)})."
    )
    formats = {"value": writer(_places(frame["value"]))}
    return Shown(
        frame, result(told), formats, f"In {unit_of_total(base)} of each view's own total."
    )


def _shown(model: InfluenceDiagram, found: pd.DataFrame, told: str) -> Shown:
    head = found.head(MOST_ROWS)
    if {"at_least", "at_most"} <= set(head) and (head["at_least"] == head["at_most"]).all():
        head = head.drop(columns=["at_least", "at_most"])
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
