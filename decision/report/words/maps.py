"""One or two inputs and the best option along them, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from decision.analysis.wording import significant
from decision.report.words.showing import Said, literal, percent, result, sentence, spoken

if TYPE_CHECKING:
    import pandas as pd

    from decision.analysis.pairs import Regions

__all__ = ["first_along", "regions", "turns"]


def turns(frame: pd.DataFrame, *inputs: str) -> Said:
    """Say where each of some inputs turns the advice, and how wide its range is.

    Parameters
    ----------
    frame : DataFrame
        As `decision.sensitivity` gives it.
    *inputs : str
        Of its index.
    """
    return result(*(_turn(frame, name) for name in inputs))


def _turn(frame: pd.DataFrame, name: str) -> str:
    if name not in frame.index:
        return f"{literal(name)} has no range here."
    row = frame.loc[name].to_dict()
    base = float(row["base"])
    said, free, _ = name.rpartition(" in ")
    low, high = (0, 1) if name.startswith("P(") and not free else (row["low"], row["high"])
    told = f"{literal(said if free else name)}: now {significant(base)}"
    told += f" ({significant(row['low'])} to {significant(row['high'])})"
    points = sorted(row["break_even"], key=lambda x: abs(x - base))
    if not points:
        ends = f"from {significant(low)} to {significant(high)}"
        return f"{told}; moved alone, it turns the advice **nowhere** {ends}."
    marks = [f"**{significant(x)}**" for x in points]
    return f"{told}; moved alone, it turns the advice at {sentence(marks)}."


def first_along(frame: pd.DataFrame) -> Said:
    """Say which option comes first along an input, and where that changes.

    Parameters
    ----------
    frame : DataFrame
        As `decision.rainbow` gives it.
    """
    best = frame["best option"]
    runs = best.ne(best.shift()).cumsum()
    options = [str(option) for option in best.groupby(runs).first()]
    if len(options) == 1:
        low, high = (significant(float(x)) for x in frame.index[[0, -1]])
        return result(f"From {low} to {high} **{spoken(options[0])}** comes first throughout.")
    exact = frame.index[frame["kind of point"].str.contains("break-even")]
    ends = list(best.groupby(runs).apply(lambda run: float(run.index[-1])))
    marks = [float(min(exact, key=lambda x: abs(x - end), default=end)) for end in ends[:-1]]
    told = f"Up to **{significant(marks[0])}** {spoken(options[0])} comes first"
    for mark, option in zip(marks[1:], options[1:-1], strict=True):
        told += f", from there {spoken(option)} up to **{significant(mark)}**"
    return result(f"{told}, from there on {spoken(options[-1])}.")


def regions(found: Regions) -> Said:
    """Say how much of a map of two inputs each option fills, and where the base stands.

    Parameters
    ----------
    found : Regions
        As `decision.two_way` gives it.
    """
    cells = found.best[found.best >= 0]
    if not cells.size:
        return result("No option can be had anywhere on the map.")
    shares = np.bincount(cells, minlength=len(found.options)) / cells.size
    order = [int(i) for i in np.argsort(-shares, kind="stable") if shares[i] > 0]
    if len(order) == 1:
        return result(f"All over the map **{spoken(found.options[order[0]])}** comes first.")
    (top, *others), first = order, percent(shares[order[0]], 0)
    rest = [f"on {percent(shares[i], 0)} {spoken(found.options[i])}" for i in others]
    last = found.options[_at_end(found, -1)], found.options[_at_end(found, 0)]
    return result(
        f"On **{first}** of the map {spoken(found.options[top])} comes first, {sentence(rest)}.",
        f"Where both are highest it is {spoken(last[0])}, where both are lowest {spoken(last[1])}.",
    )


def _at_end(found: Regions, end: int) -> int:
    return int(found.best[end, end])
