"""What stands behind the page: the ledger of inputs, sources, method, and how to make it anew."""

from __future__ import annotations

import hashlib
import shlex
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from decision.model.nodes import Chance, Value
from decision.report.sections.parts import Section, figure, heading, prose, table
from decision.report.sections.study import Study
from decision.report.sections.templates import partial

if TYPE_CHECKING:
    from decision.model.diagram import InfluenceDiagram
    from decision.model.records import Input, Source

__all__ = ["digest", "ledger", "method", "reproduce", "sources"]

UNVERIFIED = ("from memory", "to be verified")
KINDS = ("data", "literature", "judgement")
LONG = 60
"""Letters of a reason from which on it is not repeated row by row."""


def ledger(study: Study) -> Section:
    """Every number with its range, source and reason, and what to research next."""
    from decision import draw
    from decision.report import words

    frame = study.ledger
    blocks: list[Markup] = [prose(_counted(study.shown))]
    if study.alone is not None:
        research = words.research(frame)
        blocks += [
            figure(draw.ledger(frame, unit=study.unit), words.founded(frame)),
            heading("What to research next"),
            table(research, study.anchors),
        ]
    blocks += [heading("Every number"), partial("ledger", ledger=list(_entries(study)))]
    return Section.of("ledger", "The ledger of inputs", *blocks)


def _counted(model: InfluenceDiagram) -> str:
    rows = [row for row in model.inputs if row.text != "rest"]
    kinds: Counter[str] = Counter()
    for row in rows:
        cited = {model.sources[s].kind for s in row.sources if s in model.sources}
        kinds[next((kind for kind in KINDS if kind in cited), "none")] += 1
    cite = [f", {kinds[kind]} cite {kind}" for kind in KINDS if kinds[kind]]
    text = (
        f"{len(rows)} numbers{''.join(cite)} (one that cites several kinds counts under the "
        "first). An input is named as the small language names it, so that it can be changed "
        "with --set."
    )
    if any(map(_unverified, model.sources.values())):
        text += (
            " A dagger (†) marks a number of which at least one source is given from memory and "
            "still to be verified."
        )
    return text


def _unverified(source: Source) -> bool:
    return any(mark in f"{source.citation} {source.note}" for mark in UNVERIFIED)


def _entries(study: Study) -> Iterator[dict[str, Any]]:
    model = study.shown
    by_node: dict[str, list[Input]] = {}
    for row in model.inputs:
        by_node.setdefault(row.node, []).append(row)
    doubtful = {source.id for source in model.sources.values() if _unverified(source)}
    places = _source_places(model)
    swings = {found.input: found.swing for found in study.findings or ()}
    nodes: tuple[Chance | Value, ...] = (*model.chances, *model.values)
    for node in nodes:
        rows = [
            {
                "anchor": study.anchors[row.name],
                "name": row.name,
                "text": row.text if row.text == "rest" else _exact(row.number),
                "range": _range(row.low, row.high),
                "swing": _swing(swings.get(row.name)),
                "sources": [(name, places.get(name)) for name in row.sources],
                "doubtful": bool(doubtful & set(row.sources)),
                "rationale": row.rationale,
            }
            for row in by_node.get(node.name, [])
        ]
        _say_once(rows)
        scale = None
        if isinstance(node, Value):
            rows.insert(0, _weight(study, node, swings))
            scale = _scale(node)
        yield {
            "anchor": study.anchors[node.name],
            "caption": node.caption,
            "rows": rows,
            "scale": scale,
        }


def _say_once(rows: list[dict[str, Any]]) -> None:
    """Point to a long reason that stands in a row above, where the next rows repeat it."""
    first: dict[str, Any] | None = None
    for row in rows:
        if first and len(row["rationale"]) > LONG and row["rationale"] == first["rationale"]:
            row["above"] = first["anchor"]
        else:
            first = row


def _weight(study: Study, value: Value, swings: dict[str, float]) -> dict[str, Any]:
    name = f"weight({value.name})"
    return {
        "anchor": study.anchors[name],
        "name": name,
        "text": _exact(value.weight),
        "range": _range(value.weight_low, value.weight_high),
        "swing": _swing(swings.get(name)),
        "sources": [],
        "doubtful": False,
        "rationale": "what it counts for in the total",
    }


def _scale(value: Value) -> str | None:
    if value.worst is None or value.best is None:
        return None
    unit = f" {value.unit}" if value.unit else ""
    return f"Scale: worst {_exact(value.worst)}, best {_exact(value.best)}{unit}."


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{_exact(low)} – {_exact(high)}"


def _swing(swing: float | None) -> str:
    return "" if swing is None else f"{swing:.2g}"


def _exact(number: float | None) -> str:
    return "" if number is None else f"{number:.10g}"


def _source_places(model: InfluenceDiagram) -> dict[str, str]:
    return {name: f"source-{i}" for i, name in enumerate(model.sources, 1)}


def sources(study: Study) -> Section | None:
    """Every source; None where the model names none."""
    model = study.shown
    if not model.sources:
        return None
    places = _source_places(model)
    rows = [(source, places[name], _unverified(source)) for name, source in model.sources.items()]
    return Section.of("sources", "Sources", partial("sources", sources=rows))


# -- method ------------------------------------------------------------------------


def method(study: Study) -> Section:
    """How it was worked out, and what it cannot say."""
    model = study.shown
    memory = (
        "exactly, with no-forgetting: a decision knows all that was known and chosen before"
        if model.memory == "perfect"
        else "with limited memory: a decision knows what it observes and nothing else"
    )
    weighed = ", weights divided by their sum" if model.weights == "normalised" else ""
    parts = [
        f"The influence diagram was solved {memory}.",
        f"A total is the weighted sum of the values{weighed}.",
    ]
    if model.risk is not None:
        parts.append(
            f"Choices go by the certain equivalent at a risk tolerance of {model.risk:.4g} "
            f"{study.unit} (exponential utility over the total)."
        )
    if study.tree is not None:
        parts.append("The tree was rolled back separately and gives the same value.")
    if study.drawn is not None:
        parts.append(
            f"All numbers with a range were drawn {study.draws:,} times in each of two ways, from "
            "seed 1: the same numbers come out every time."
        )
    limits = (
        "Every sentence with a number on this page was computed from the model, none was typed. A "
        "number here is as good as the inputs behind it, and the structure (which variables, "
        "which arrows, which options) is as much a judgement as any number; no analysis of the "
        "numbers tests what was left out."
    )
    dates = []
    if model.information_date:
        dates.append(f"Nothing known after {model.information_date.isoformat()} informs a number.")
    if model.horizon:
        dates.append(f"Every variable is judged by {model.horizon.isoformat()}.")
    return Section.of(
        "method",
        "Method and limits",
        prose(" ".join(parts)),
        prose(limits),
        prose(" ".join(dates), "soft") if dates else None,
    )


def digest(model: InfluenceDiagram) -> str:
    """Return what tells a model from every other: SHA-256 of its files as they are written.

    Of the model as read, in the order of the files' names; layout and comments of the
    files it was read from make no difference.
    """
    from decision.model.writing import as_files

    found = hashlib.sha256()
    for name, content in sorted(as_files(model).items()):
        for text in (name, content):
            data = text.encode("utf-8")
            found.update(len(data).to_bytes(8, "big") + data)
    return found.hexdigest()


def reproduce(study: Study) -> Section:
    """Version, digest and command."""
    from decision import __version__

    rows = (
        ("program", f"decision {__version__}"),
        ("model", f"SHA-256 {digest(study.model)}"),
        ("command", shlex.join(study.command())),
    )
    items = Markup("").join(
        Markup("<dt>{}</dt><dd><code>{}</code></dd>").format(name, text) for name, text in rows
    )
    told = (
        "The same program, model and command give the same page, to the byte. The digest is of the "
        "model's content as decision convert writes it, before perspectives, scenarios and "
        "changes."
    )
    return Section.of(
        "reproduce",
        "How to make this page anew",
        Markup('<dl class="facts">{}</dl>').format(items),
        prose(told, "soft"),
    )
