"""Who disagrees, on what, and what it costs, in words.

Points of two perspectives are not the same points: what a choice costs is said on the
scale of the one who bears it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from decision.analysis.wording import unit_of_total
from decision.report.words.showing import (
    Said,
    Shown,
    literal,
    names,
    places_of,
    result,
    sentence,
    spoken,
    two_figures,
    writer,
)

if TYPE_CHECKING:
    from decision.analysis.disagreement import Disagreement

__all__ = ["camps", "crux_table", "facts_or_values", "gap_table"]

MOST_ROWS = 12


def camps(found: Disagreement) -> Said:
    """Say which perspectives prefer what, and what it costs to follow another's advice.

    Parameters
    ----------
    found : Disagreement
        As `decision.disagreement` gives it.
    """
    voices: dict[str, list[str]] = {}
    for name, choice in found.best.items():
        voices.setdefault(str(choice), []).append(spoken(str(name)))
    if len(voices) == 1:
        return result(f"All **{len(found.names)}** agree on {spoken(found.choices[0] or '')}.")
    parts = [f"{spoken(option)} for {sentence(who)}" for option, who in voices.items()]
    costs = [cost for cost in found.regret.to_numpy().ravel().tolist() if cost > 0]
    return result(
        f"**{len(voices)} options** come first for one or other of {len(found.names)} views: "
        f"{'; '.join(parts)}.",
        _costs(costs, unit_of_total(found.model)),
    )


def _costs(costs: Sequence[float], unit: str) -> str:
    if not costs:
        return "To follow another's advice costs nobody anything."
    return (
        "To follow the advice of another camp costs, by one's own lights, from "
        f"{two_figures(min(costs))} to **{two_figures(max(costs))} {literal(unit)}**."
    )


def gap_table(found: Disagreement) -> Shown:
    """Return what each option lacks to each perspective's best, in its own points."""
    gaps, unit = found.gaps, unit_of_total(found.model)
    frame = gaps.set_axis([names([str(option)]) for option in gaps.columns], axis=1)
    frame.insert(0, "prefers", [names([str(best)]) for best in found.best])
    frame.index = pd.Index([names([str(name)]) for name in gaps.index], name="view")
    columns = list(frame.columns[1:])
    numbers = gaps.to_numpy()
    formats = dict.fromkeys(columns, writer(places_of([min(numbers[numbers > 0], default=1.0)])))
    means = gaps.max()
    least = str(means.idxmin())
    told = (
        f"Whatever view is right, **{spoken(least)}** costs its holder at most "
        f"{two_figures(float(means[least]))} {literal(unit)}; no other option's worst is so small."
    )
    return Shown(frame, result(told), formats, f"In {unit} of each view's own total.")


def facts_or_values(found: Disagreement) -> Shown:
    """Return what would come first if one's probabilities met another's values.

    Returns
    -------
    Shown
        A row for whose probabilities, a column for whose values.
    """
    table = found.facts_and_values
    frame = table.map(lambda option: names([str(option)]))
    frame.columns = [f"values: {names([str(name)])}" for name in table.columns]
    frame.index = pd.Index([names([str(name)]) for name in table.index], name="probabilities")
    return Shown(frame, _pairs(found))


def _pairs(found: Disagreement) -> Said:
    pairs = found.divided
    if not len(pairs):
        return result("No two views prefer different options.")
    count = pairs["divided_by"].value_counts()
    meaning = {
        "facts": "would agree on the choice once they agreed on probabilities",
        "values": "would once they agreed on amounts and weights",
        "both": "need both",
    }
    told = [f"**{count[by]}** {said}" for by, said in meaning.items() if by in count]
    return result(f"Of {len(pairs)} pairs that prefer different options, {sentence(told)}.")


def crux_table(frame: pd.DataFrame) -> Shown:
    """Return the fewest of its own rows that keep a view from another's choice.

    Parameters
    ----------
    frame : DataFrame
        As `decision.cruxes` gives it.

    Returns
    -------
    Shown
        Columns `view`, `toward`, `without` (the rows), `which says` (their reasons); a row for
        each set, the smallest sets first, at most twelve.
    """
    found = frame[frame["size"].notna()].sort_values("size", kind="stable")
    head = found.head(MOST_ROWS)
    shown = pd.DataFrame(
        {
            "view": [names([str(name)]) for name in head["perspective"]],
            "toward": [names([str(option)]) for option in head["toward"]],
            "without": ["; ".join(rows) for rows in head["set"]],
            "which says": [" ".join(reasons) for reasons in head["rationale"]],
        }
    )
    rest = frame[frame["size"].isna()]
    return Shown(shown, _cruxes(found, len(rest)), {}, _left(len(found) - len(head)))


def _cruxes(found: pd.DataFrame, without: int) -> Said:
    if not len(found):
        return result("No view comes to another's choice by giving up three of its rows or fewer.")
    first = found.iloc[0]
    size = int(first["size"])
    count = "one row" if size == 1 else f"{size} rows"
    same = (found["perspective"] == first["perspective"]) & (found["toward"] == first["toward"])
    several = f", and in {int(same.sum())} ways" if same.sum() > 1 else ""
    told = (
        f"Without **{count}** of its own{several} the view “{spoken(str(first['perspective']))}” "
        f"would come to {spoken(str(first['toward']))}: "
        f"{sentence([literal(row) for row in first['set']])}."
    )
    more = f"{without} of the ways to another's choice would take more than three rows."
    return result(told, more if without else "")


def _left(count: int) -> str:
    return f"{count} more sets are left out." if count else ""
