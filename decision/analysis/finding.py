"""What moving one input over its range does: a row of `sensitivity`."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

__all__ = ["Finding"]


@dataclass(frozen=True)
class Finding:
    """What moving one input over its range does.

    Attributes
    ----------
    input : str
        In the small language: a legal left side of a change.
    base, low, high : float
        Of a change with a free number, the base changes nothing; nan if no number does so.
    worth_low, worth_high, lowest : float
        Best expected total (certain equivalent with risk) at the ends of the range, and
        the lowest inside it.
    preferred_low, preferred_high : str or None
        Option listed first among the best there; None where no branch can be.
    break_even : tuple of float
        Where the set of best options changes, all other inputs at base.
    """

    input: str
    base: float
    low: float
    high: float
    worth_low: float
    worth_high: float
    lowest: float
    preferred_low: str | None
    preferred_high: str | None
    break_even: tuple[float, ...]
    how: str = "exact"
    """"exact", or "searched" where break-evens were bracketed and closed in upon."""
    expected: tuple[float, float] | None = None
    """With risk, the expected totals at the ends."""
    worth_break_even: tuple[float, ...] = ()
    """The best total (certain equivalent with risk) at each break-even."""
    preferred_between: tuple[str | None, ...] = ()
    """The option listed first among the best before the first break-even, between each two
    and after the last; the one at the low end, where there is none."""

    @property
    def swing(self) -> float:
        """How far the best total moves between the ends of the range."""
        return abs(self.worth_high - self.worth_low)

    @property
    def nearest(self) -> float | None:
        """The break-even nearest to the base, the lower of two as near."""
        if not self.break_even or isnan(self.base):
            return None
        return min(self.break_even, key=lambda x: abs(x - self.base))

    @property
    def distance(self) -> float | None:
        """How far off that is, in units of the range; None where the range is a point."""
        if self.nearest is None or self.high == self.low:
            return None
        return abs(self.nearest - self.base) / (self.high - self.low)
