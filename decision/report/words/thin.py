"""Where the answer is thin, in words: regret, corners, claims, what to watch and to research."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import pandas as pd

from decision.analysis.wording import significant
from decision.report.words.settings import Model, Settings
from decision.report.words.showing import (
    Said,
    Shown,
    literal,
    names,
    percent,
    places_of,
    result,
    sentence,
    spoken,
    two_figures,
    writer,
)

if TYPE_CHECKING:
    from decision.analysis.discovery import Discovery
    from decision.analysis.robustness import Robustness

__all__ = [
    "corners",
    "failing_claims",
    "founded",
    "regrets",
    "research",
    "robust",
    "watch",
    "worst",
]

MOST_ROWS = 12


def robust(found: Robustness, unit: str = "points") -> Said:
    """Say which option would be regretted least, whichever setting is right.

    Parameters
    ----------
    found : Robustness
        As `decision.robustness` gives it.
    unit : str
        Of the total.
    """
    most = found.max_regret.dropna()
    here = found.totals.iloc[:, 0].idxmax()
    least = found.minimax_regret
    if least is None or not len(most):
        return result("No option can be had in every setting.")
    costs = {str(option): float(cost) for option, cost in most.items()}
    told = (
        f"Over {len(found.settings)} settings (the model as it stands, perspectives, scenarios) "
        f"**{spoken(least)}** is regretted least: at worst by {two_figures(costs[least])} "
        f"{literal(unit)}."
    )
    if str(here) == least:
        return result(told, "It is the best as the model stands, too.")
    where = found.regret.loc[str(here)].idxmax()
    return result(
        told,
        f"What is best as the model stands, **{spoken(str(here))}**, would be regretted by 0 to "
        f"**{two_figures(costs[str(here)])} {literal(unit)}**, most under {spoken(str(where))}.",
    )


def worst(found: Robustness, unit: str = "points") -> Said:
    """Say what each option would be regretted by at worst, the least first.

    Parameters
    ----------
    found : Robustness
        As `decision.robustness` gives it.
    unit : str
        Of the total.
    """
    most = found.max_regret.dropna().sort_values(kind="stable")
    told = [f"{spoken(str(option))} {two_figures(float(cost))}" for option, cost in most.items()]
    return result(
        f"At worst, in {literal(unit)} of the setting, one would regret {sentence(told)}."
    )


def regrets(found: Robustness, unit: str = "points") -> Shown:
    """Return the lowest total, the largest regret, and the bounds within all ranges.

    Returns
    -------
    Shown
        Index the options; columns `largest regret`, `under`, `lowest`, `highest` (totals
        with every number free within its range at once).
    """
    rows = found.branches
    bounds = found.intervals
    frame = pd.DataFrame(
        {
            "largest regret": rows["max_regret"],
            "under": [names([str(name)]) for name in rows["max_regret_in"]],
            "lowest": bounds["lowest"],
            "highest": bounds["highest"],
        }
    )
    frame.index = pd.Index([names([str(option)]) for option in rows.index], name="option")
    ends = writer(places_of([*bounds["lowest"], *bounds["highest"]]))
    formats = {"largest regret": writer(2), "lowest": ends, "highest": ends}
    low, high = float(bounds["lowest"].max()), float(bounds["highest"].min())
    told = (
        "If every number may lie anywhere in its range, all at once, the options' totals overlap "
        f"from {ends(low)} to {ends(high)}: ranges alone single out no option."
        if low < high
        else "Even if every number may lie anywhere in its range, the options' totals do not "
        "all overlap."
    )
    inner = int((bounds["bound"] == "inner").sum())
    note = f"Regret is in {unit} of the setting; totals in {unit}."
    note += (
        f" {inner} of {len(bounds)} ends were searched for: the span may be wider." if inner else ""
    )
    return Shown(frame, result(told), formats, note)


def corners(found: Discovery) -> Said:
    """Say in which corner of the inputs an option loses."""
    return result(literal(found.text))


def failing_claims(
    model: Model,
    changes: Iterable[str] = (),
    perspective: str | None = None,
    scenario: str | None = None,
) -> Shown:
    """Return the claims that fail, and how many hold: derived and assumed ones apart.

    Parameters
    ----------
    model, changes, perspective, scenario
        As for `decision.open_model`.
    """
    from decision.analysis.claims import verdicts
    from decision.model.shipped import Setting

    settings = Settings.of(model, changes, perspective, scenario)
    pairs = (("perspective", perspective), ("scenario", scenario))
    made: list[Setting] = [(kind, name) for kind, name in pairs if name]
    found = verdicts(settings.base, made, list(settings.changes))
    rows = [
        {
            "claim": v.row.claim,
            "asked of": str(v.where.get("perspective") or v.row.asked_of or "base").replace(
                "_", " "
            ),
            "left": v.left,
            "right": v.right,
        }
        for v in found
        if v.verdict == "fails"
    ]
    parts = []
    for basis in ("derived", "assumed"):
        mine = [v.verdict for v in found if v.basis == basis]
        if mine:
            parts.append(f"**{mine.count('holds')} of {len(mine)}** {basis} claims hold")
    untested = sum(v.verdict == "untested" for v in found)
    told = (
        f"{sentence(parts)}; {untested} cannot be tested here." if parts else "No claim is tested."
    )
    number = dict.fromkeys(("left", "right"), significant)
    note = "An assumed claim is one that the model's own tables assert: it is no finding."
    return Shown(pd.DataFrame(rows[:MOST_ROWS]), result(told), number, note)


def watch(frame: pd.DataFrame, unit: str = "points") -> Shown:
    """Return what to watch for: outcomes after which the advice changes.

    Parameters
    ----------
    frame : DataFrame
        As `decision.signposts` gives it.
    unit : str
        Of the total.
    """
    if not len(frame):
        return Shown(frame, result("Nothing that can be seen changes the advice."))
    head = frame.head(MOST_ROWS)
    shown = pd.DataFrame(
        {
            "when this is seen": head["watch"].str.replace("_", " "),
            "known by": head["by"].str.replace("_", " "),
            "instead of": [names([str(option)]) for option in head["before"]],
            "do": [names([str(option)]) for option in head["after"]],
            "chance": head["probability"],
            "gains then": head["margin"],
        }
    )
    first = head.iloc[0]
    told = (
        f"Most is worth watching: **{literal(str(first['watch']).replace('_', ' '))}** "
        f"({percent(first['probability'])}); then {spoken(str(first['after']))} instead of "
        f"{spoken(str(first['before']))}."
    )
    formats = {"chance": percent, "gains then": writer(places_of(head["margin"]) + 1)}
    return Shown(shown, result(told), formats, f"Gains in {unit}, where the sign is seen.")


def founded(frame: pd.DataFrame, most: int = MOST_ROWS) -> Said:
    """Say how many of the numbers that move the total most rest on judgement or nothing.

    Parameters
    ----------
    frame : DataFrame
        As `decision.ledger` gives it.
    most : int
        Of the numbers that move it most, how many are looked at.
    """
    head = frame.nlargest(most, "swing")
    if not len(head):
        return result("No number has a range.")
    little = int(head["founded"].isin(["judgement", "nothing"]).sum())
    return result(
        f"Of the {len(head)} numbers that move the best total most, **{little}** rest on "
        "judgement alone or on nothing."
    )


def research(frame: pd.DataFrame, most: int = 8) -> Shown:
    """Return what to research next: inputs that matter much and are founded little.

    Parameters
    ----------
    frame : DataFrame
        As `decision.ledger` gives it.
    most : int
        Rows that are shown.
    """
    found = frame[frame["research"].notna()].sort_values("research")
    told = (
        f"**{len(found)}** of {len(frame)} numbers matter and rest on judgement or on nothing."
        if len(found)
        else "No number that matters rests on judgement alone."
    )
    head = found.head(most)
    shown = pd.DataFrame(
        {
            "now": head["base"],
            "low": head["low"],
            "high": head["high"],
            "moves the best total by": head["swing"],
            "rests on": head["founded"].astype(str),
        },
        index=head.index,
    )
    formats: dict[str, Callable[[float], str]] = {"moves the best total by": writer(2)}
    formats |= dict.fromkeys(("now", "low", "high"), significant)
    return Shown(shown, result(told), formats)
