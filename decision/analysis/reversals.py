"""What would undo a preference: the nearest break-even of one input, all others at base.

Distances are in widths of the input's own range: a probability that has to move by a tenth
of what is thought possible is nearer than one that has to leave it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from decision.analysis.sensitivity import Finding, findings
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError
from decision.solve.solution import solve

__all__ = ["Reversal", "reversals"]

BEYOND = 1e-4
"""How far past a break-even, in widths of the range, to look who is best there."""


@dataclass(frozen=True)
class Reversal:
    """A change of one input that undoes a preference.

    Attributes
    ----------
    input : str
        In the small language: a legal left side of a change.
    base, low, high : float
    at : float
        The break-even.
    distance : float
        |at − base| / (high − low).
    option : str or None
        Best beyond it; None where it is not known.
    """

    input: str
    base: float
    low: float
    high: float
    at: float
    distance: float
    option: str | None


def reversals(
    model: InfluenceDiagram,
    by: str,
    best: str,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Reversal, ...]:
    """Return the nearest exact break-even of a probability, and any other that is nearer.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str
        A decision.
    best : str
        Its preferred option.
    progress : callable, optional
        Told how many inputs are done, and of how many.
    """
    near = [
        (abs(at - f.base) / (f.high - f.low), f, at)
        for f in findings(model, by, progress)
        if f.how == "exact" and f.high > f.low
        for at in f.break_even
    ]
    found: list[Reversal] = []
    for chance in (True, False):
        kind = [row for row in near if row[1].input.startswith("P(") == chance]
        if not kind:
            continue
        distance, f, at = min(kind, key=lambda row: row[0])
        if found and distance >= found[0].distance:
            continue
        option = _best_beyond(model, by, best, f, at)
        found.append(Reversal(f.input, f.base, f.low, f.high, at, distance, option))
    return tuple(found)


def _best_beyond(
    model: InfluenceDiagram, by: str, best: str, finding: Finding, at: float
) -> str | None:
    """Return the option that is best just past a break-even, seen from the base."""
    side = 1.0 if at > finding.base else -1.0
    number = at + side * _step(finding.break_even, at, finding.high - finding.low)
    if finding.input.startswith("P("):
        number = (at + (side > 0)) / 2 if not 0 < number < 1 else number
    try:
        preferred = solve(model.changed(f"{finding.input} = {number!r}")).preferred(by)
    except ModelError:
        return None
    return next((option for option in preferred if option != best), None)


def _step(others: Sequence[float], at: float, width: float) -> float:
    apart = [abs(at - other) for other in others if other != at]
    return min([BEYOND * width, *(gap / 2 for gap in apart)])
