"""The explorer's markup: the base numbers as text, in the cells that the script updates.

A reader without scripts, or of a notebook that is not trusted, reads these. Each cell says
in `data-cell` what it shows, and in `data-value` the number with all its digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from decision.model.problems import ModelError
from decision.report.explorer.base import Base, answer_text, settled, spoken
from decision.report.explorer.plans import Ways
from decision.report.words.showing import rounded

__all__ = ["TEMPLATES", "markup"]

TEMPLATES = Path(__file__).parents[1] / "templates" / "explorer"
FOLDED = 12
"""Rows of a strategy table from which on it is folded."""


# -- cells -----------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A number of the page: what it is, in words for the script, and as text."""

    key: str
    number: float | None
    text: str

    @property
    def value(self) -> str:
        """The number with all its digits."""
        return "" if self.number is None else repr(float(self.number))


@dataclass(frozen=True)
class Row:
    """A row of cells, and what stands before them."""

    head: str
    note: str
    cells: list[Cell]
    name: str = ""


def _cell(key: str, number: float | None, places: int, sign: bool = False) -> Cell:
    return Cell(
        key, number, "–" if number is None else rounded(settled(number, places), places, sign)
    )


def totals(base: Base) -> list[Row]:
    """Return a row for each option: what it is worth, and its difference from the reference."""
    other, places = base.branch(base.reference), base.places
    rows = []
    for option, found in base.branches:
        worth = None if found is None else found.worth
        gap = None if found is None or other is None else found.worth - other.worth
        cells = [
            _cell(f"worth {option}", worth, places["total"]),
            _cell(f"difference {option}", gap, places["difference"], True),
        ]
        if base.model.risk is not None:
            expected = None if found is None else found.expected_value
            cells.append(_cell(f"expected {option}", expected, places["expected"]))
        rows.append(Row(option, "", cells, option))
    return rows


def amounts(base: Base) -> list[Row]:
    """Return a row for each value node: its expectation under each option."""
    return [
        Row(
            value.caption,
            value.unit,
            [
                _cell(
                    f"value {option} {value.name}",
                    None if found is None else found.expectation(value.name),
                    base.places[f"value {value.name}"],
                )
                for option, found in base.branches
            ],
            value.name,
        )
        for value in base.model.values
    ]


def marginals(base: Base) -> Iterator[tuple[str, str, list[Row]]]:
    """Yield name, caption and rows of every node but the decision: how likely its states are."""
    for name in base.model.time_order:
        if name == base.by:
            continue
        columns = [
            None if found is None else found.probabilities([name]) for _, found in base.branches
        ]
        rows = [
            Row(
                state,
                "",
                [
                    _chance(f"chance {option} {name} {state}", column, i)
                    for (option, _), column in zip(base.branches, columns, strict=True)
                ],
                state,
            )
            for i, state in enumerate(base.model.states(name))
        ]
        yield name, base.model.nodes[name].caption, rows


def _chance(key: str, column: Any, i: int) -> Cell:
    number = None if column is None else float(column[i])
    return Cell(key, number, "–" if number is None else percentage(number))


def percentage(p: float) -> str:
    """Write a probability as the page does: a tenth of a percent, or two figures below one.

    Examples
    --------
    >>> [percentage(p) for p in (0.1234, 0.00123, 0.0, 1.0, 1e-9)]
    ['12.3%', '0.12%', '0.0%', '100.0%', '<0.0001%']
    """
    percent = 100 * p
    if percent >= 0.995 or percent <= 0:
        return f"{max(percent, 0.0):.1f}%"
    if percent < 1e-4:
        return "<0.0001%"
    places = next(n for n in range(1, 6) if percent >= 10.0**-n) + 1
    return f"{percent:.{places}f}%"


@dataclass(frozen=True)
class RuleTable:
    """What a later decision does in the situations that can happen."""

    name: str
    caption: str
    names: list[str]
    captions: list[str]
    lines: list[dict[str, Any]]

    @property
    def folded(self) -> bool:
        """Whether it is too long to stand open."""
        return len(self.lines) > FOLDED


def rules(base: Base) -> list[RuleTable]:
    """Return the rules of the decisions under what is best: of the others, where one is set."""
    best = base.free or (base.branch(base.preferred[0]) if base.preferred else None)
    if best is None:
        return []
    try:
        rows = best.strategy_rows(requisite=True)
    except ModelError:  # too many to list
        return []
    fixed = None if base.free else base.by
    tables = []
    for decision in base.model.decisions:
        names = [name for name in best.policy[decision.name].given if name != fixed]
        if decision.name == fixed:
            continue
        lines = [
            {
                "given": [row["given"][name] for name in names],
                "choose": row["choose"],
                "text": percentage(row["probability"]),
            }
            for row in rows
            if row["decision"] == decision.name
        ]
        captions = [base.model.nodes[n].caption for n in names]
        tables.append(RuleTable(decision.name, decision.caption, names, captions, lines))
    return tables


def markup(base: Base, data: str, heading: str | None, ways: Ways) -> str:
    """Return the explorer's HTML, its data in it.

    Parameters
    ----------
    base : Base
    data : str
        JSON that is safe in HTML.
    heading : str or None
        Above it, where it stands alone.
    ways : Ways
        How the page answers.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["spoken"] = spoken
    risk = base.model.risk is not None
    return environment.get_template("explorer.html.j2").render(
        base=base,
        data=data,
        heading=heading,
        why=ways.why,
        still=ways.way == "still",
        risk=risk,
        worth="certain equivalent" if risk else "expected total",
        by=base.model.nodes[base.by].caption,
        options=[option for option, _ in base.branches],
        answer=answer_text(base),
        totals=totals(base),
        amounts=amounts(base),
        marginals=list(marginals(base)),
        rules=rules(base),
        under="the best strategy" if base.free else spoken((base.preferred or ("",))[0]),
    )
