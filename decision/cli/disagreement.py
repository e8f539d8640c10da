"""What `decision disagreement` does: who prefers what, at what price, and what holds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from decision.analysis.cruxes import Crux, found_cruxes
from decision.analysis.disagreement import Disagreement, disagreement_json
from decision.analysis.disagreement import disagreement as disagreement_
from decision.cli.printing import as_csv, as_json, as_table
from decision.cli.verbs import open_model, progress

if TYPE_CHECKING:
    import argparse

__all__ = ["disagreement"]

SHOWN = 10
"""Sets of one crux in the text for people; JSON has all."""


def disagreement(options: argparse.Namespace) -> None:
    """Print each perspective's totals and what it prefers, regrets, what divides, cruxes."""
    found = disagreement_(open_model(options), options.by)
    if options.format == "csv":
        print(as_csv(_long(found)))
        return
    cruxes = found_cruxes(found, progress("sets of rows"))
    if options.format == "json":
        print(as_json(disagreement_json(found, cruxes)))
        return
    print("\n\n".join(_said(found, cruxes)))


def _long(found: Disagreement) -> list[dict[str, Any]]:
    """Return a row for each perspective and option."""
    gaps = found.gaps.to_numpy()
    return [
        {
            "perspective": name,
            found.by: option,
            "total": _or_none(found.worths[i, k]),
            "gap": _or_none(gaps[i, k]),
            "best": "yes" if option == found.choices[i] else "",
        }
        for i, name in enumerate(found.names)
        for k, option in enumerate(found.options)
    ]


def _said(found: Disagreement, cruxes: list[Crux]) -> Iterator[str]:
    unit = "certain equivalent" if found.model.risk is not None else "expected total"
    yield f"{found.model.title}: what each perspective prefers by {unit}, and what others lack"
    rows = zip(found.names, found.choices, found.gaps.to_numpy(), strict=True)
    yield as_table(
        [
            {"perspective": name, "best": best or "", **_numbers(found.options, gaps)}
            for name, best, gaps in rows
        ]
    )
    if len(found.names) == 1:
        yield "The model has no perspectives."
        return
    yield "What adopting another's choice would cost (a row's choice, judged by a column):"
    regret = zip(found.names, found.choices, found.regret.to_numpy(), strict=True)
    yield as_table(
        [
            {"choice of": name, "": best or "", **_numbers(found.names, r)}
            for name, best, r in regret
        ]
    )
    yield from _divided(found)
    yield from _held(found, cruxes)


def _divided(found: Disagreement) -> Iterator[str]:
    pairs = found.divided.to_dict("records")
    if not pairs:
        yield "All prefer the same."
        return
    yield "What divides those who disagree (probabilities are facts, amounts and weights values):"
    yield as_table(
        [
            {
                "one": pair["one"],
                "other": pair["other"],
                "divided by": pair["divided_by"],
                "other, with one's facts": pair["with_facts_of_one"] or "",
                "one, with other's facts": pair["with_facts_of_other"] or "",
            }
            for pair in pairs
        ]
    )


def _held(found: Disagreement, cruxes: list[Crux]) -> Iterator[str]:
    for crux in cruxes:
        toward = f"{crux.toward} (as {', '.join(found.who_prefer(crux.toward))})"
        if crux.size is None:
            said = "leaving out up to three rows is not enough"
            yield f"{crux.perspective} toward {toward}: {said}."
            continue
        many = len(crux.sets)
        ways = "" if many == 1 else f" ({many} ways)"
        rows = "this row" if crux.size == 1 else f"these {crux.size} rows"
        lines = [f"{crux.perspective} would prefer {toward} without {rows}{ways}:"]
        for rows_left_out in crux.sets[:SHOWN]:
            marks = ["  - ", *["    "] * (crux.size - 1)]
            lines += [m + row.change for m, row in zip(marks, rows_left_out, strict=True)]
        if many > SHOWN:
            lines.append(f"  … and {many - SHOWN} more (--format json lists all)")
        yield "\n".join(lines)


def _numbers(names: tuple[str, ...], numbers: Any) -> dict[str, float | None]:
    return dict(zip(names, map(_or_none, numbers), strict=True))


def _or_none(number: float) -> float | None:
    return None if number != number else float(number)
