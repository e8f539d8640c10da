"""Where lines run in the gap between two columns.

A net leaves its cell level, turns once into a *track*, a vertical line of the gap, and
leaves the track level for each cell it leads to. Which net has which track decides how
often lines cross and whether two of them would lie upon each other: if a net enters a
cell at the height at which another one leaves, its track has to be the further one
(channel routing; Hashimoto and Stevens 1971, doi:10.1145/800158.805069). The order is
improved by moving one net at a time; nets that don't meet share a track. In the rare ring
of such conditions one net crosses the gap aslant instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

__all__ = ["Branching", "tracks"]

MEETING = 5
"""Nets that come no closer than this, in units, share a track."""
UPON = 1000.0
"""Cost of a line upon a line."""
CLOSE = 0.5
"""Cost of lines a single unit apart."""


@dataclass(frozen=True)
class Branching:
    """One net in one gap: the height at which it comes, and those at which it goes on."""

    net: int
    start: int
    ends: tuple[int, ...]

    @property
    def level(self) -> bool:
        """Whether it needs no track."""
        return all(end == self.start for end in self.ends)

    @property
    def top(self) -> int:
        """The track's upper end."""
        return min(self.start, *self.ends)

    @property
    def bottom(self) -> int:
        """The track's lower end."""
        return max(self.start, *self.ends)


def tracks(branchings: Sequence[Branching]) -> dict[int, int | None]:
    """Return the number of each net's track, from the left; None for a net aslant.

    Level nets are left out.

    Examples
    --------
    >>> tracks([Branching(0, start=0, ends=(5,)), Branching(1, start=5, ends=(9,))])
    {1: 0, 0: 1}
    """
    rising = [b for b in branchings if not b.level]
    costs = {(a.net, b.net): _cost(a, b) for a, b in permutations(rising, 2)}
    order: list[Branching] = []
    for branching in sorted(rising, key=lambda b: (b.bottom - b.top, b.net)):
        order = _best_insertion(order, branching, costs)
    for _ in range(len(order)):
        before = list(order)
        for branching in before:
            order = _best_insertion([b for b in order if b is not branching], branching, costs)
        if order == before:
            break
    aslant: list[Branching] = []
    while (blocked := _upon_each_other(order)) is not None:
        aslant.append(blocked)
        order = [b for b in order if b is not blocked]
    found: dict[int, int | None] = {}
    for i, branching in enumerate(order):
        before_it = [b for b in order[:i] if _meet(b, branching)]
        found[branching.net] = max((found[b.net] or 0 for b in before_it), default=-1) + 1
    return found | {b.net: None for b in aslant}


def _best_insertion(
    order: list[Branching], branching: Branching, costs: Mapping[tuple[int, int], float]
) -> list[Branching]:
    """Insert where the cost is least, furthest left of equals."""
    net, place = branching.net, 0
    cost = least = 0.0  # against standing first
    for i, other in enumerate(order, start=1):
        cost += costs[other.net, net] - costs[net, other.net]
        if cost < least:
            least, place = cost, i
    return [*order[:place], branching, *order[place:]]


def _cost(left: Branching, right: Branching) -> float:
    """Crossings, and worse, if the left net has the nearer track."""
    cost = sum(right.top < end < right.bottom for end in left.ends) * 1.0
    cost += left.top < right.start < left.bottom
    for end in left.ends:
        if end == right.start:
            cost += UPON
        elif abs(end - right.start) == 1:
            cost += CLOSE
    return cost


def _upon_each_other(order: Sequence[Branching]) -> Branching | None:
    for i, left in enumerate(order):
        for right in order[i + 1 :]:
            if _cost(left, right) >= UPON:
                return min(left, right, key=lambda b: (len(b.ends), b.net))
    return None


def _meet(one: Branching, other: Branching) -> bool:
    return one.top < other.bottom + MEETING and other.top < one.bottom + MEETING


def corners(
    start: tuple[float, float], end: tuple[float, float], track: float | None
) -> list[tuple[float, float]]:
    """Return the corners between two ends of a gap, on a track or aslant."""
    if start[1] == end[1]:
        return []
    if track is None:
        return [start, end]
    return [(track, start[1]), (track, end[1])]


def without_repeats(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return a line without points that stand twice or lie on a straight piece."""
    kept = [points[0]]
    for point, following in pairwise([*points[1:], points[-1]]):
        straight = kept[-1][1] == point[1] == following[1] and point is not points[-1]
        if point != kept[-1] and not straight:
            kept.append(point)
    return (*kept, points[-1]) if kept[-1] != points[-1] else tuple(kept)
