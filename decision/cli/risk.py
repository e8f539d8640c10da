"""The verb `risk`: what each branch may come to, and with what probability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from decision.analysis.risk import Findings, findings, risk_json
from decision.cli.printing import as_csv, as_json, as_table, number
from decision.cli.verbs import open_model, progress

if TYPE_CHECKING:
    import argparse

__all__ = ["risk"]


def risk(options: argparse.Namespace) -> None:
    """Print the distribution of each branch, which dominates which, and where they change."""
    model = open_model(options)
    found = findings(model, options.value, options.by, progress("risk tolerances"))
    content = risk_json(found)
    if options.format == "json":
        print(as_json(content))
        return
    if options.format == "csv":
        print(as_csv(_amounts(content, found.by)))
        return
    print(f"{model.title}: {content['value']}", end="\n\n")
    print(as_table(_branches(content, found.by)), end="\n\n")
    for line in _said(found):
        print(line)


def _branches(content: dict[str, Any], by: str) -> list[dict[str, Any]]:
    return [
        {
            by: branch["option"],
            "mean": branch["mean"],
            **{f"{float(q):.0%} quantile": x for q, x in branch["quantiles"].items()},
            **{f"mean of worst {float(a):.0%}": x for a, x in branch["cvar"].items()},
            "amounts": len(branch["distribution"]),
        }
        for branch in content["branches"]
    ]


def _amounts(content: dict[str, Any], by: str) -> list[dict[str, Any]]:
    return [
        {by: branch["option"], "x": row["x"], "p": row["p"]}
        for branch in content["branches"]
        for row in branch["distribution"]
    ]


def _said(found: Findings) -> list[str]:
    orders = {1: "first", 2: "second"}
    lines = [
        f"{better} dominates {worse} in {orders[order]} order"
        for better, worse, order in found.dominance
    ] or ["no branch dominates another"]
    if found.switches is None:
        return lines
    lines += [
        f"best up to a risk tolerance of {number(change.tolerance)} is {change.below}, "
        f"above it {change.above}"
        for change in found.switches
    ] or ["the best branch is the same at every risk tolerance"]
    return lines
