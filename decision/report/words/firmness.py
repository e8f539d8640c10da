"""How firm the answer is, in words: which input alone turns it, and how often draws agree.

A share of draws says how often an option is best when the numbers are drawn from their
ranges; it is no probability that the advice is right, for the ranges are judgement too,
and the structure is the same in every draw.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from decision.analysis.wording import significant, unit_of_total
from decision.model.diagram import InfluenceDiagram
from decision.report.words.showing import (
    Said,
    Shown,
    literal,
    names,
    percent,
    places_of,
    result,
    rounded,
    sentence,
    spoken,
    two_figures,
    writer,
)

if TYPE_CHECKING:
    import pandas as pd

    from decision.analysis.explanation import Explanation
    from decision.analysis.shares import Uncertainty

__all__ = [
    "behind",
    "by_tolerance",
    "firmness",
    "flips",
    "go_with",
    "shares",
    "tail",
    "why",
    "widest",
]

MOST_ROWS = 12


def why(explanation: Explanation) -> Said:
    """Return why the best option is best: the paragraph that the numbers make."""
    return result(literal(explanation.text))


def turning(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the inputs that alone turn the advice within their range, the nearest first.

    Parameters
    ----------
    frame : DataFrame
        As `decision.sensitivity` gives it.

    Returns
    -------
    DataFrame
        Index `input`; columns `base`, `low`, `high`, `turns at` (the nearest break-even
        inside the range) and `distance` (from the base, in widths of the range).
    """
    rows = frame[["base", "low", "high"]].copy()
    nearest = []
    columns = (frame[name] for name in ("break_even", "base", "low", "high"))
    for points, base, low, high in zip(*columns, strict=True):
        inside = [x for x in points if low <= x <= high]
        nearest.append(min(inside, key=lambda x: abs(x - base), default=float("nan")))
    rows["turns at"] = nearest
    rows["distance"] = (rows["turns at"] - rows["base"]).abs() / (rows["high"] - rows["low"])
    return rows.dropna(subset=["turns at"]).sort_values("distance", kind="stable")


def firmness(frame: pd.DataFrame) -> Said:
    """Say how many inputs turn the advice alone, and which has the least way to go.

    Parameters
    ----------
    frame : DataFrame
        As `decision.sensitivity` gives it.
    """
    found = turning(frame)
    count = len(frame)
    inputs = f"**{count} input{'' if count == 1 else 's'}** with a range"
    if not len(found):
        return result(f"None of {inputs}, moved alone from its low to its high, turns the advice.")
    name, row = str(found.index[0]), found.iloc[0]
    verb = "turns" if len(found) == 1 else "turn"
    return result(
        f"Of {inputs}, **{len(found)}** {verb} the advice when moved alone within it.",
        f"The nearest is {literal(name)}: it would have to go from {significant(row['base'])} to "
        f"**{significant(row['turns at'])}**, {percent(row['distance'], 0)} of the width of its "
        "range.",
    )


def widest(frame: pd.DataFrame) -> Said:
    """Say which input moves the best total most, and how many of the widest turn the advice.

    Parameters
    ----------
    frame : DataFrame
        As `decision.sensitivity` gives it.
    """
    if not len(frame):
        return result("No input has a range.")
    head = frame.head(MOST_ROWS)
    count = len(turning(head))
    turn = "none turns" if not count else "1 turns" if count == 1 else f"{count} turn"
    return result(
        f"The best total moves most, by **{two_figures(float(head['swing'].iloc[0]))}**, over the "
        f"range of {literal(str(head.index[0]))}.",
        f"Of the {len(head)} widest {turn} the advice.",
    )


def flips(frame: pd.DataFrame) -> Shown:
    """Return the inputs that turn the advice when moved alone within their range.

    Parameters
    ----------
    frame : DataFrame
        As `decision.sensitivity` gives it.

    Returns
    -------
    Shown
        Index `input`; columns `now`, `low`, `high`, `turns at`, `way to go` (share of the
        width of the range), `best at low`, `best at high`. At most twelve.
    """
    found = turning(frame)
    head = found.head(MOST_ROWS)
    shown = head.rename(columns={"base": "now", "distance": "way to go"})
    for column, name in (("preferred_low", "best at low"), ("preferred_high", "best at high")):
        shown[name] = [names([option or "–"]) for option in frame.loc[head.index, column]]
    formats: dict[str, Callable[[float], str]] = {"way to go": lambda share: percent(share, 0)}
    formats |= dict.fromkeys(("now", "low", "high", "turns at"), significant)
    left = len(found) - len(head)
    note = "All other inputs as they are; later decisions taken anew."
    note += f" {left} more, farther off, are left out." if left else ""
    return Shown(shown, firmness(frame), formats, note)


def shares(*drawn: Uncertainty) -> Shown:
    """Return in which share of the draws each option is best, a column for each way of drawing.

    Parameters
    ----------
    *drawn : Uncertainty
        As `decision.uncertainty` gives it.

    Returns
    -------
    Shown
        Index the options; for each way of drawing the share, and what holding to the
        option loses on average (points).
    """
    import pandas as pd

    columns: dict[str, pd.Series[float]] = {}
    formats: dict[str, Callable[[float], str]] = {}
    for found in drawn:
        rows = found.branches
        best = f"best in, {found.draw}"
        columns[best], columns[f"loses, {found.draw}"] = rows["best_share"], rows["regret"]
        formats[best] = percent
    frame = pd.DataFrame(columns)
    lost = [str(name) for name in frame if name not in formats]
    formats |= dict.fromkeys(lost, writer(places_of(frame[lost].to_numpy().ravel(), 2)))
    frame.index = pd.Index([names([str(option)]) for option in frame.index], name="option")
    return Shown(frame, _agreeing(*drawn), formats, _note(*drawn))


def _agreeing(*drawn: Uncertainty) -> Said:
    parts = []
    for found in drawn:
        rows = found.branches.sort_values("best_share", ascending=False, kind="stable")
        (first, most), *others = rows["best_share"].items()
        order = [f"{spoken(str(o))} in {percent(share)}" for o, share in others if share > 0]
        rest = f", {sentence(order)}" if order else ""
        parts.append(
            f"With {found.draw} draws {spoken(str(first))} is best in **{percent(most)}**{rest}."
        )
    return result(*parts)


def _note(*drawn: Uncertainty) -> str:
    parts = [f"{found.draws:,} {found.draw}, seed {found.seed}" for found in drawn]
    most = max(float(found.share_errors.max()) for found in drawn)
    return f"Draws: {sentence(parts)}; the shares' standard errors are at most {percent(most)}."


def go_with(found: Uncertainty, most: int = 6) -> Shown:
    """Return the inputs that the lead goes with most over the draws.

    Parameters
    ----------
    found : Uncertainty
        As `decision.uncertainty` gives it.
    most : int
        Rows that are shown.
    """
    rows = found.flips
    if not len(rows):
        return Shown(rows, result("Nothing was drawn that the lead could go with."))
    titles = {"rank_correlation": "rank correlation", "standard_error": "standard error"}
    head = rows.head(most).rename(columns=titles)
    over = f"{spoken(found.best or '')} over {spoken(found.second or '')}"
    told = (
        f"Of {len(rows)} numbers drawn, the lead of {over} goes most with "
        f"**{literal(str(head.index[0]))}**."
    )
    formats = {"rank correlation": writer(2, sign=True), "standard error": writer(3)}
    return Shown(head, result(told), formats)


def behind(*drawn: Uncertainty) -> Said:
    """Say in how many draws the best option is ahead of each other one, and how far it falls.

    Parameters
    ----------
    *drawn : Uncertainty
        As `decision.uncertainty` gives it.
    """
    return result(*(_behind(found) for found in drawn))


def _behind(found: Uncertainty) -> str:
    rows = found.differences
    if not len(rows):
        return "There is no other option."
    told = [
        f"{spoken(str(option))} in {percent(share, 0)}" for option, share in rows["ahead"].items()
    ]
    low, high = float(rows["0.05"].min()), float(rows["0.95"].max())
    return (
        f"With {found.draw} draws **{spoken(found.best or '')}** is ahead of {sentence(told)}; "
        f"nine leads in ten lie between {two_figures(low, sign=True)} and "
        f"{two_figures(high, sign=True)}."
    )


def tail(model: InfluenceDiagram, value: str, by: str | None = None) -> Said:
    """Say how likely the worst of a value is, and what it comes to in the worst one in twenty.

    Parameters
    ----------
    model : InfluenceDiagram
    value : str
        A value node.
    by : str, optional
        Decision whose options are told; default the first.
    """
    from decision.analysis.risk import risk

    frame = risk(model, value, by)
    node = model.node(value, ("value",))
    column = frame["cvar 0.05"].dropna()
    places = places_of(column, 3)
    less = node.worst is not None and node.best is not None and node.worst > node.best
    low, high = str(column.idxmin()), str(column.idxmax())
    good, bad = (low, high) if less else (high, low)
    unit = literal(node.unit)
    return result(
        f"In the worst one of twenty futures “{literal(node.caption)}” comes to "
        f"**{rounded(float(column[good]), places)}** {unit} on average with {spoken(good)}, to "
        f"**{rounded(float(column[bad]), places)}** with {spoken(bad)}."
    )


def by_tolerance(model: InfluenceDiagram) -> Shown:
    """Return the risk tolerances at which the choice changes, and what is best on either side.

    Parameters
    ----------
    model : InfluenceDiagram

    Returns
    -------
    Shown
        Columns `tolerance` (in the total's unit), `below it`, `above it`.
    """
    import pandas as pd

    from decision.analysis.tolerances import switches

    by = model.decisions[0].name
    found = switches(model, by)
    frame = pd.DataFrame(
        [
            {
                "tolerance": switch.tolerance,
                "below it": names([switch.below]),
                "above it": names([switch.above]),
            }
            for switch in found
        ]
    )
    note = f"Exponential utility over the total; tolerances in {unit_of_total(model)}."
    if not found:
        return Shown(frame, result("No aversion to risk changes the choice."), {}, note)
    last = found[-1]
    told = (
        f"With a risk tolerance above **{significant(last.tolerance)}** "
        f"{literal(unit_of_total(model))} {spoken(last.above)} comes first, as without aversion; "
        f"with less, {spoken(last.below)}."
    )
    return Shown(frame, result(told), {"tolerance": significant}, note)
