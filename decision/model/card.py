"""The card that a notebook shows for a model: what it is, its size, its ledger in figures."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decision.model.diagram import InfluenceDiagram

__all__ = ["card"]


def card(model: InfluenceDiagram) -> str:
    """Return the HTML card of a model; every label of it is escaped."""
    title = escape(model.title or "Influence diagram")
    question = f"<p>{escape(model.question)}</p>" if model.question else ""
    rows = "".join(
        f"<tr><th scope='row'>{escape(kind)}</th><td>{escape(', '.join(captions))}</td></tr>"
        for kind, captions in (
            ("Decisions", [n.caption for n in model.decisions]),
            ("Chance nodes", [n.caption for n in model.chances]),
            ("Values", [n.caption for n in model.values]),
            ("Numbers", [ledger_in_figures(model)]),
        )
    )
    return (
        f"<div class='decision-card'><strong>{title}</strong>{question}<table>{rows}</table></div>"
    )


def ledger_in_figures(model: InfluenceDiagram) -> str:
    """Return how many inputs there are, with ranges, and by kind of source."""
    inputs = [row for row in model.inputs if row.text != "rest"]
    ranged = sum(row.low is not None for row in inputs)
    kinds = Counter(
        next((k for k in ("data", "literature", "judgement") if k in found), "")
        for found in (
            {model.sources[s].kind for s in row.sources if s in model.sources} for row in inputs
        )
    )
    parts = [f"{kinds[k]} cite {k}" for k in ("data", "literature", "judgement") if kinds[k]]
    return ", ".join([f"{len(inputs)} inputs", f"{ranged} with a range", *parts])
