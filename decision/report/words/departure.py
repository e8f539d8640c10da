"""What a page was run with, where that is not the base: the mark at its top.

The prose around the numbers was written for the model as shipped. A reader who gets a
page with other numbers, or who has changed one and come back a week later, has to see it
before the first answer; one who reads the base has to see nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.model.language import Change, parse_change
from decision.model.selection import selection
from decision.report.words.changes import moved
from decision.report.words.settings import Model, Settings
from decision.report.words.showing import Said

__all__ = ["Departure", "changed_here"]

TYPED = ("command line", 1)
WRITTEN_FOR = "The text of this page was written for the base."
ASIDE = (
    '<aside class="changed mathjax_ignore" role="note" '
    'style="max-width:46rem;padding:0.6rem 0.9rem;border-left:4px solid #d29a00">'
)
"""Begins the mark, and nothing else: by it decision.report.exporter knows what goes on top."""


@dataclass(frozen=True, repr=False)
class Departure:
    """What differs from the base, in pairs of what was typed and what is there in the base.

    `advice` says whether the advice stays.
    """

    parts: tuple[tuple[str, str], ...]
    advice: Said

    def _repr_html_(self) -> str:
        parts = "; ".join(
            f"<code>{escape(typed)}</code>{escape(f' ({was})' if was else '')}"
            for typed, was in self.parts
        )
        small = f"<br><small>{WRITTEN_FOR}</small>"
        return (
            f"{ASIDE}<strong>Not the base:</strong> {parts}.<br>{self.advice.html}{small}</aside>"
        )

    def __repr__(self) -> str:
        parts = "; ".join(f"{typed} ({was})" if was else typed for typed, was in self.parts)
        return f"Not the base: {parts}.\n{self.advice.text}\n{WRITTEN_FOR}"


def changed_here(
    model: Model,
    changes: Iterable[str] = (),
    perspective: str | None = None,
    scenario: str | None = None,
) -> Departure | None:
    """Say at the top of a page in what it is not the base, and whether the advice stays.

    Parameters
    ----------
    model : InfluenceDiagram, path or name
        As read; the other three are those of `decision.open_model`.
    changes : iterable of str
    perspective, scenario : str, optional

    Returns
    -------
    Departure or None
        None for the base, so that a cell that ends with it shows nothing.

    Examples
    --------
    >>> changed_here("oil_wildcatter")
    >>> changed_here("oil_wildcatter", ["V(test_cost | test=yes) = -14"])
    Not the base: V(test_cost | test=yes) = -14 (base −10).
    ► Model result. The advice flips: yes led no by 2.5; now no leads yes by 1.5. 1 number
    differs.
    The text of this page was written for the base.
    """
    settings = Settings.of(model, changes, perspective, scenario)
    base, opened = settings.base, settings.opened()  # which refuses what is misspelt
    parts = [
        (f"{kind} {name}", _rows(len(rows[name])))
        for kind, name, rows in (
            ("perspective", perspective, base.perspectives),
            ("scenario", scenario, base.scenarios),
        )
        if name
    ]
    parts += [(typed.strip(), _was(base, typed)) for typed in settings.changes]
    return Departure(tuple(parts), moved(base, opened)) if parts else None


def _rows(count: int) -> str:
    return f"{count} change{'' if count == 1 else 's'}"


def _was(base: InfluenceDiagram, typed: str) -> str:
    """What stands in the base where a change changes: a number, or from where to where."""
    change = parse_change(typed, TYPED)
    there = _numbers(base, change)
    low, high = _figures(float(there.min())), _figures(float(there.max()))
    of = "probability " if change.kind == "odds" else ""
    return f"base {of}{low}" if low == high else f"base {of}{low} to {high}"


def _numbers(base: InfluenceDiagram, change: Change) -> NDArray[np.float64]:
    node: Any = base.nodes[change.node]
    if change.kind == "weight":
        return np.array([node.weight])
    rows: NDArray[np.float64] = node.table[selection(base, node, change.conditions, TYPED)]
    return rows if change.kind == "V" else rows[..., node.states.index(change.state)]


def _figures(number: float) -> str:
    return f"{number:.4g}".replace("-", "−") if abs(number) < 1e4 else f"{number:,.0f}"
