"""Outcomes of each option in words: what it gains, what it pays, in units that mean something.

Points of a total are an invented unit. `worth` gives their exchange rate with the chance
of an event the reader cares about, which follows from weights and is judgement as they
are; natural units need no rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError
from decision.report.words.showing import (
    Said,
    Shown,
    literal,
    names,
    percent,
    places_of,
    read_back,
    result,
    rounded,
    sentence,
    spoken,
    two_figures,
    writer,
)
from decision.report.words.structure import event_said, written

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["in_terms_of", "outcome_table", "ranking", "runs", "trade", "worth"]

SHORT = 16
"""Letters of a unit that a sentence can carry; the table has all of it."""


def worth(model: InfluenceDiagram, event: str) -> tuple[float, str] | None:
    """Return what a point of the total is worth in the chance of an event.

    Parameters
    ----------
    model : InfluenceDiagram
    event : str
        ``"P(node=state)"``.

    Returns
    -------
    (float, str) or None
        Percentage points, and what they are of, as `decision.draw.outcomes` takes it;
        None where the event never or always happens, or makes no difference.
    """
    from decision.analysis.outcomes import worth_of

    try:
        points = worth_of(model, event)
    except ModelError:
        if not _is_event(model, event):
            raise
        return None
    if abs(points) <= 1e-12:
        return None
    each = 100 / abs(points)
    direction = "less" if points < 0 else "more"
    said = event_said(model, event, markup=False)
    return float(f"{each:.2g}"), f"percentage points {direction} chance of “{said}”"


def _is_event(model: InfluenceDiagram, event: str) -> bool:
    """Whether the question is well put, so that only the model's numbers refuse it."""
    from decision.analysis.questions import ask

    ask(model, event)
    return True


def ranking(frame: pd.DataFrame, unit: str = "points") -> Said:
    """Say in which order the options come, and how far each is from the reference.

    Parameters
    ----------
    frame : DataFrame
        As `decision.outcomes` gives it.
    unit : str
        Of the total.
    """
    gains = frame["difference"].astype(float).dropna()
    reference = str(gains.abs().idxmin())
    places = places_of(gains)
    ordered = gains.sort_values(ascending=False, kind="stable")
    told = [
        f"{spoken(str(option))} {rounded(gain, places, sign=True)}"
        for option, gain in ordered.items()
        if option != reference
    ]
    if not told:
        return result(f"**{spoken(reference)}** is the only option open.")
    above, rest = sum(gain > 0 for gain in gains), len(told)
    count = "none" if not above else f"all {rest}" if above == rest else str(above)
    others = f"{count} of the {rest} other options" if above < rest else f"{count} other options"
    verb = "is" if above == 1 or not above else "are"
    return result(
        f"{others[0].upper()}{others[1:]} {verb} ahead of **{spoken(reference)}**: "
        f"{sentence(told)} {literal(unit)}."
    )


def trade(
    frame: pd.DataFrame,
    model: InfluenceDiagram,
    option: str | None = None,
    reference: str | None = None,
) -> Said:
    """Say on which values an option does better than a reference, and on which worse.

    Parameters
    ----------
    frame : DataFrame
        As `decision.outcomes` gives it.
    model : InfluenceDiagram
        The model it is of.
    option, reference : str, optional
        Default: the option with the best total, and the best of the others.
    """
    totals = frame["E(total)"].dropna().sort_values(ascending=False, kind="stable")
    option = option or next(str(name) for name in totals.index if name != reference)
    reference = reference or next(str(name) for name in totals.index if name != option)
    better: list[str] = []
    worse: list[str] = []
    same: list[str] = []
    for value in model.values:
        column = frame[f"E({value.name})"]
        mine, theirs = float(column[option]), float(column[reference])
        places = places_of(column, figures=3)
        name, unit = f"“{literal(value.caption)}”", literal(value.unit)
        pair = f"{rounded(mine, places)} instead of {rounded(theirs, places)}"
        told = f"{name} ({pair} {unit})" if _short(value.unit) else f"{name} ({pair})"
        turned = value.worst is not None and value.best is not None and value.worst > value.best
        gain = (theirs - mine) if turned else (mine - theirs)
        if rounded(mine, places) == rounded(theirs, places):
            same.append(name)
        else:
            (better if gain > 0 else worse).append(told)
    parts = [f"does better on {sentence(better)}"] if better else []
    parts += [f"does worse on {sentence(worse)}"] if worse else []
    parts += [f"does as well on {sentence(same)}"] if same else []
    return result(
        f"Against {spoken(reference)}, **{spoken(option)}** "
        f"{'; it '.join(parts) or 'differs in nothing'}."
    )


def _short(unit: str) -> bool:
    return 0 < len(unit) <= SHORT and "," not in unit


def outcome_table(
    frame: pd.DataFrame, model: InfluenceDiagram, columns: Sequence[str] | None = None
) -> Shown:
    """Return outcomes by option in natural units, rounded to what tells them apart.

    Parameters
    ----------
    frame : DataFrame
        As `decision.outcomes` gives it.
    model : InfluenceDiagram
    columns : sequence of str, optional
        Of the frame, in the small language; default the difference and all values.

    Returns
    -------
    Shown
        Index `outcome`, with its unit; a column for each option.
    """
    import pandas as pd

    chosen = list(columns or ["difference", *(f"E({value.name})" for value in model.values)])
    lines = {}
    for column in chosen:
        numbers = frame[column].astype(float)
        lines[written(model, column)] = [
            _cell(column, float(number), numbers) for number in numbers
        ]
    options = [str(option).replace("_", " ") for option in frame.index]
    table = pd.DataFrame.from_dict(lines, orient="index", columns=options)
    table.index.name = "outcome"
    return Shown(table, None, dict.fromkeys(options, str))


def _cell(column: str, number: float, numbers: Iterable[float]) -> str:
    if column.startswith("P("):
        return percent(number, max(0, places_of((100 * x for x in numbers), figures=3)))
    figures = None if column in ("difference", "E(total)") else 3
    return rounded(number, places_of(numbers, figures), sign=column == "difference")


def in_terms_of(frame: pd.DataFrame, model: InfluenceDiagram, event: str) -> Shown:
    """Return differences of the total beside the chance of an event that is worth as much.

    Parameters
    ----------
    frame : DataFrame
        As `decision.outcomes` gives it.
    model : InfluenceDiagram
    event : str
        ``"P(node=state)"``.

    Returns
    -------
    Shown
        Index the options; columns `points` (the difference), `worth as much as` (its
        equivalent, where there is one: see `worth`), and `differs by` (how much the
        event's own probability does); the last two in percentage points.
    """
    import pandas as pd

    from decision.analysis.outcomes import worth_of

    gains = frame["difference"].astype(float)
    reference, best = str(gains.abs().idxmin()), str(gains.idxmax())
    chances = frame[event].astype(float)
    own = 100 * (chances - float(chances[reference]))
    name = event_said(model, event, markup=False)
    equal = None if worth(model, event) is None else 100 * gains / worth_of(model, event)
    columns = {"points": gains}
    if equal is not None:
        columns["worth as much as"] = equal
    columns["differs by"] = own
    shown = pd.DataFrame(columns)
    shown.index = pd.Index([names([str(option)]) for option in frame.index], name="option")
    formats = {column: writer(places_of(shown[column]), sign=True) for column in shown.columns}
    if equal is None:
        told = f"“{literal(name)}” never or always happens here, or makes no difference."
    elif best == reference:
        told = f"No option is ahead of **{spoken(reference)}**."
    else:
        told = (
            f"**{spoken(best)}** is ahead of {spoken(reference)} by as much as a change of "
            f"**{two_figures(equal[best], sign=True)} percentage points** in the chance of "
            f"“{literal(name)}” is worth; that chance itself differs by "
            f"{two_figures(own[best], sign=True)}, and all else that the total counts makes up "
            "the difference."
        )
    note = (
        f"Differences from {names([reference])}; all but points are percentage points of “{name}”."
    )
    return Shown(shown, result(told), formats, note)


def runs(frame: pd.DataFrame, model: InfluenceDiagram, *columns: str) -> Said:
    """Say from where to where columns of a table run, and in which rows the ends stand.

    Parameters
    ----------
    frame : DataFrame
        As `decision.outcomes` gives it, or a table of the model.
    model : InfluenceDiagram
    *columns : str
        Of the frame.
    """
    say = read_back if frame.columns.name in model.nodes else result
    return say(*(_run(frame, model, column) for column in columns))


def _run(frame: pd.DataFrame, model: InfluenceDiagram, column: str) -> str:
    numbers = frame[column].astype(float).dropna()
    own = frame.columns.name
    if own in model.nodes:
        name, chance = f"{model.nodes[own].caption}: {column.replace('_', ' ')}", True
    else:
        name, chance = event_said(model, column, markup=False), column.startswith("P(")
    if numbers.empty:
        return f"“{literal(name)}” has no number."
    places = places_of(100 * numbers if chance else numbers, figures=3)
    unit = "" if chance else _unit_of(model, column)

    def told(number: float) -> str:
        return percent(number, max(0, places)) if chance else rounded(number, places)

    low, high = numbers.min(), numbers.max()
    if told(low) == told(high):
        return f"“{literal(name)}” is {told(low)}{unit} in every row."
    return (
        f"“{literal(name)}” runs from **{told(low)}** ({_row(numbers.idxmin())}) "
        f"to **{told(high)}**{unit} ({_row(numbers.idxmax())})."
    )


def _unit_of(model: InfluenceDiagram, column: str) -> str:
    """The unit of an expectation, where a sentence can carry it."""
    node = model.nodes.get(column[2:-1]) if column.startswith("E(") else None
    unit = getattr(node, "unit", "")
    return f" {literal(unit)}" if _short(unit) else ""


def _row(label: object) -> str:
    parts = label if isinstance(label, tuple) else (label,)
    return ", ".join(spoken(str(part)) for part in parts)
