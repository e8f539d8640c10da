"""The limits of a box, in the small language and in words.

A probability, an amount or a weight is written as it would be typed: ``P(oil=dry) > 0.54``.
Linked draws move all rows of a chance node by one standard normal, in each row's own
spreads; what that does to one of its rows is worked out with the draw's own tables.
"""

from __future__ import annotations

from math import inf

import numpy as np

from decision.analysis.ranges import RangeSampler
from decision.analysis.sampling import Around, sampler
from decision.model.diagram import InfluenceDiagram
from decision.model.numbers import write_number
from decision.model.records import Input

__all__ = ["Wording"]

DIGITS = 3


class Wording:
    """Says limits on what a model's draws draw.

    Parameters
    ----------
    model : InfluenceDiagram
    draw : "linked", "independent" or Around

    Examples
    --------
    >>> from decision import read_model
    >>> oil = read_model("data/examples/oil_wildcatter")
    >>> Wording(oil, "independent").says("P(oil=dry)", 0.5432, None)
    'P(oil=dry) > 0.543'
    >>> linked = Wording(oil, "linked")
    >>> linked.says("oil", -0.5, None)
    'oil=dry moved by more than −0.5 spreads'
    >>> linked.means("oil", 1.0, None)
    'P(oil=dry) > 0.561 (base 0.5)'
    """

    def __init__(self, model: InfluenceDiagram, draw: str | Around) -> None:
        self.model = model
        drawing = sampler(model, draw)
        linked = isinstance(drawing, RangeSampler) and draw == "linked"
        self.nodes = {rows.name: rows for rows in drawing.chances} if linked else {}  # type: ignore[attr-defined]
        self.numbers = {row.name: row.number for row in model.inputs}
        self.numbers |= {f"weight({v.name})": float(v.weight) for v in model.values}
        if isinstance(draw, Around):
            tables = {c.name: c.table for c in model.chances}
            tables |= {v.name: v.table for v in model.values}
            for node, table in tables.items():
                for key, number in np.ndenumerate(np.asarray(table)):
                    self.numbers[self._cell(node, key)] = float(number)

    def base(self, name: str) -> float:
        """Return what an input is at base; linked, a chance node has not moved."""
        return 0.0 if name in self.nodes else self.numbers[name]

    def says(self, name: str, low: float | None, high: float | None) -> str:
        """Return the limits of an input."""
        if name not in self.nodes:
            return _between(name, low, high)
        states = {key[-1] for key in self._cells(name)}
        moved = f"{name}={self.model.states(name)[states.pop()]}" if len(states) == 1 else name
        ends = [f"{word} than {_spread(z)}" for word, z in (("more", low), ("less", high))
                if z is not None]  # fmt: skip
        return f"{moved} moved by {' and '.join(ends)} spreads"

    def means(self, name: str, low: float | None, high: float | None) -> str:
        """Return what the limits of a linked node mean for one of its rows; else nothing."""
        if name not in self.nodes:
            return ""
        rows = self.nodes[name]
        ends = [-inf if low is None else low, 0.0, inf if high is None else high]
        z = np.array([[0.0 if np.isinf(end) else end for end in ends]])
        tables = np.array(rows.filled(z))
        # The row that moves most is the plainest example.
        keys = self._cells(name)
        moved = [np.ptp(tables[key]) for key in keys]
        key = keys[int(np.argmax(moved))]
        below, base, above = (float(p) for p in tables[key])
        text = _between(
            self._cell(name, key), None if low is None else below, None if high is None else above
        )
        others = len(keys) - 1
        likewise = f"; its {others} other rows likewise" if others > 1 else ""
        likewise = "; its other row likewise" if others == 1 else likewise
        return f"{text} (base {_number(base)}){likewise}"

    def _cells(self, name: str) -> list[tuple[int, ...]]:
        rows = self.nodes[name]
        return [tuple(map(int, np.unravel_index(p, rows.shape))) for p in rows.places]

    def _cell(self, name: str, key: tuple[int, ...]) -> str:
        axes = self.model.axes(name)
        where = tuple((n, (s[i],)) for (n, s), i in zip(axes, key, strict=True))
        if self.model.nodes[name].kind == "value":
            return Input(name, where, None, 0.0, "").name
        return Input(name, where[:-1], where[-1][1][0], 0.0, "").name


def _between(name: str, low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return name
    if low is None or high is None:
        sign, limit = (">", low) if high is None else ("<", high)
        return f"{name} {sign} {_number(limit or 0.0)}"
    return f"{_number(low)} < {name} < {_number(high)}"


def _number(number: float) -> str:
    return write_number(float(f"{number:.{DIGITS}g}"))


def _spread(z: float) -> str:
    text = f"{z:+.2g}"
    return text.replace("-", "\N{MINUS SIGN}")
