"""What `decision ledger` does: every number, how much it matters, what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from decision.analysis.ledger import Entry, by_matter, entries, ledger_json, researched
from decision.cli.printing import number
from decision.cli.verbs import open_model, print_rows, progress

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

__all__ = ["ledger"]

FIRST = 5
"""How many of what to research next are told in the heading."""


def ledger(options: argparse.Namespace) -> None:
    """Print every number of the files; for people, what matters most first."""
    found = entries(open_model(options), options.by, progress("inputs"))
    content = ledger_json(found)
    if options.format == "table":
        rank = {e.row.name: i for i, e in enumerate(researched(found), 1)}
        rows = [_told(e, rank.get(e.row.name)) for e in by_matter(found)]
        print_rows(options, content, rows, _head(found, content["counts"]))
    else:
        print_rows(options, content, content["inputs"])


def _told(e: Entry, rank: int | None) -> dict[str, Any]:
    """Return a row for people: a probability's word stands beside its number."""
    return {
        "input": e.row.name,
        "base": e.row.number,
        "likelihood": e.likelihood,
        "low": e.row.low,
        "high": e.row.high,
        "swing": None if e.finding is None else e.finding.swing,
        "nearest_break_even": e.nearest,
        "ranges_away": e.distance,
        "flips": "yes" if e.flips else "",
        "founded": e.founded,
        "sources": e.row.sources,
        "research": rank,
    }


def _head(found: Sequence[Entry], counts: Mapping[str, int]) -> str:
    cited = ", ".join(f"{many} rest on {kind}" for kind, many in counts.items())
    listed = researched(found)
    flips = sum(e.flips for e in found)
    lines = [
        f"{len(found)} numbers: {cited}, {len(found) - sum(counts.values())} on none of these.",
        f"The advice changes inside the range of {flips}, "
        f"{sum(e.flips for e in listed)} of them founded on no more than judgement.",
    ]
    if listed:
        lines.append("To research next, as it matters and rests on judgement or nothing:")
    for i, e in enumerate(listed[:FIRST], 1):
        said = number(e.row.number) if e.likelihood is None else e.likelihood
        swing = 0.0 if e.finding is None else e.finding.swing
        lines.append(f"  {i}. {e.row.name}: {said}, swing {number(swing)}")
    return "\n".join(lines)
