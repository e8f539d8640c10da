"""Words for a model's structure and inputs: who knows what, which test, what rests on what.

A variable that two people could read differently cannot have a probability: each is
shown with the definition by which its state would be told (the clarity test: Howard
1988, "Decision analysis: practice and promise", Management Science 34(6),
doi:10.1287/mnsc.34.6.679). An input is shown with its range, the kind of its source and
the source's own note, so that what was recalled and not looked up is seen where its
number is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from decision.model.diagram import InfluenceDiagram
from decision.model.language import parse_question
from decision.model.nodes import Chance, Decision, Value
from decision.model.problems import COMMAND_LINE, ModelError
from decision.model.records import Input
from decision.report.words.showing import Said, Shown, literal, read_back, sentence

__all__ = ["clarity", "event_said", "in_figures", "life", "reach", "who_knows_what", "written"]

RESTS_ON = (
    "cite judgement alone",
    "judgement beside data or literature",
    "data or literature alone",
    "are true by definition",
    "have no source",
)
MOST_ROWS = 12


def in_figures(model: InfluenceDiagram) -> Said:
    """Say how large a model is, what its numbers rest on, and how wide they are."""
    inputs = [row for row in model.inputs if row.text != "rest"]
    kinds = Counter(_rests_on(model, row) for row in inputs)
    parts = [f"{kinds[words]} {words}" for words in RESTS_ON if kinds[words]]
    nodes = sentence(
        [
            f"{count} {word}{'' if count == 1 else 's'}"
            for count, word in (
                (len(model.decisions), "decision"),
                (len(model.chances), "chance node"),
                (len(model.values), "value"),
            )
            if count
        ]
    )
    size = f"**{len(inputs)} numbers** fill {nodes}: {sentence(parts)}."
    return read_back(size, _width(inputs))


def _rests_on(model: InfluenceDiagram, row: Input) -> str:
    """What an input rests on, in the words of `RESTS_ON`; judgement is never hidden."""
    if "definition" in row.sources:
        return RESTS_ON[3]
    found = {model.sources[s].kind for s in row.sources if s in model.sources}
    if not found:
        return RESTS_ON[4]
    if "judgement" not in found:
        return RESTS_ON[2]
    return RESTS_ON[0] if found == {"judgement"} else RESTS_ON[1]


def _width(inputs: Sequence[Input]) -> str:
    """How far the probabilities may be off: the middle one, and the middle half."""
    widths = sorted(
        (row.high - row.low) / 2
        for row in inputs
        if row.state is not None and row.low is not None and row.high is not None
    )
    if not widths:
        return "No probability has a range."
    quarter, half, most = (widths[round(share * (len(widths) - 1))] for share in (0.25, 0.5, 0.75))
    low, middle, high = (f"{100 * width:.0f}" for width in (quarter, half, most))
    return (
        f"The middle probability may be off by **{middle} percentage points** either way, "
        f"and half of them by {low} to {high}."
    )


def who_knows_what(model: InfluenceDiagram) -> Shown:
    """Return what each decision knows: what is new to it, and what it remembers.

    Returns
    -------
    Shown
        Index `decision`, in the order they are taken; columns `options`, `learns just
        before`, `remembers`.
    """
    import pandas as pd

    rows: list[dict[str, str]] = []
    before: set[str] = set()
    for decision in model.decisions:
        known = model.information(decision.name)
        new = [name for name in known if name not in before and name in decision.observes]
        old = [name for name in known if name not in new]
        rows.append(
            {
                "decision": decision.caption,
                "options": _listed(decision.options),
                "learns just before": _captions(model, new),
                "remembers": _captions(model, old),
            }
        )
        before |= {*known, decision.name}
    last = model.decisions[-1]
    count = len(model.information(last.name))
    unseen = [c for c in model.chances if c.name not in model.information(last.name)]
    known_to_last = (
        "knows nothing beforehand" if not count else f"knows {count} variable{'s'[: count != 1]}"
    )
    told = (
        f"The last decision, **{literal(last.caption)}**, {known_to_last}; "
        f"{len(unseen)} of {len(model.chances)} chance nodes are known to no decision."
    )
    return Shown(pd.DataFrame(rows).set_index("decision"), read_back(told))


def clarity(model: InfluenceDiagram, which: str = "decisions") -> Shown:
    """Return variables with the test that tells their state, and when it is known.

    Parameters
    ----------
    model : InfluenceDiagram
    which : {"decisions", "known", "unknown", "values"}
        Decisions; chance nodes that some decision knows, and that none knows; values.

    Returns
    -------
    Shown
        Index `variable`; columns `states` (or `unit`), `known before` (the first
        decision that knows it), `test` (its definition).
    """
    import pandas as pd

    first = _first_known(model)
    groups: dict[str, list[Decision | Chance | Value]] = {
        "decisions": list(model.decisions),
        "known": [c for c in model.chances if c.name in first],
        "unknown": [c for c in model.chances if c.name not in first],
        "values": list(model.values),
    }
    if which not in groups:
        raise ValueError(f"which is one of {', '.join(groups)}, not {which!r}")
    rows = []
    for node in groups[which]:
        row = {"variable": node.caption}
        if isinstance(node, Value):
            row["unit"] = node.unit
        else:
            row["states"] = _listed(node.states)
        if which == "known":
            row["known before"] = model.nodes[first[node.name]].caption
        row["test"] = node.definition or "(no definition)"
        rows.append(row)
    frame = pd.DataFrame(rows)
    return Shown(frame.set_index("variable") if rows else frame)


def _first_known(model: InfluenceDiagram) -> dict[str, str]:
    first: dict[str, str] = {}
    for decision in model.decisions:
        for name in model.information(decision.name):
            first.setdefault(name, decision.name)
    return first


def reach(model: InfluenceDiagram, *decisions: str) -> Said:
    """Say what decisions (default: the first) act on directly: all else follows from these."""
    names = decisions or (model.decisions[0].name,)
    told = [_reach(model, name) for name in names]
    return read_back(*told, "Whatever else is changed is changed through these.")


def _reach(model: InfluenceDiagram, name: str) -> str:
    caption = literal(model.node(name, ("decision",)).caption)
    chances = [c.caption for c in model.chances if name in c.given]
    values = [v.caption for v in model.values if name in v.given]
    parts = []
    for captions, word in ((chances, "chance node"), (values, "value")):
        if captions:
            many = "" if len(captions) == 1 else "s"
            parts.append(f"the {word}{many} {sentence([f'“{literal(c)}”' for c in captions])}")
    return f"**{caption}** acts directly on {sentence(parts) or 'nothing'}."


def life(model: InfluenceDiagram, node: str) -> Shown:
    """Return a node's inputs with range and source, and what the sources say of themselves.

    Returns
    -------
    Shown
        Index `input`, a legal left side of a change; columns `number`, `range`,
        `rests on`. At most twelve inputs. The note quotes each source's own note.
    """
    import pandas as pd

    model.node(node, ("chance", "value"))
    inputs = [row for row in model.inputs if row.node == node and row.text != "rest"]
    rows = [
        {
            "input": row.name,
            "number": _number(row.number),
            "range": "" if row.low is None else f"{_number(row.low)} to {_number(row.high)}",
            "rests on": ", ".join(
                f"{s} ({model.sources[s].kind})" if s in model.sources else s for s in row.sources
            ),
        }
        for row in inputs[:MOST_ROWS]
    ]
    cited = dict.fromkeys(s for row in inputs[:MOST_ROWS] for s in row.sources)
    notes = [
        f"{s}: {model.sources[s].citation}. {model.sources[s].note}".strip()
        for s in cited
        if s in model.sources
    ]
    if len(inputs) > MOST_ROWS:
        notes.insert(0, f"{MOST_ROWS} of {len(inputs)} inputs.")
    frame = pd.DataFrame(rows, columns=["input", "number", "range", "rests on"])
    return Shown(frame.set_index("input"), note=" ".join(notes))


def event_said(model: InfluenceDiagram, column: str, markup: bool = True) -> str:
    """Return what a column in the small language is about, by the model's captions.

    Examples
    --------
    >>> from decision import read_model
    >>> event_said(read_model("data/examples/oil_wildcatter"), "P(oil=dry)", markup=False)
    'Oil in the ground: dry'
    """
    try:
        question = parse_question(column, COMMAND_LINE)
    except ModelError:
        said = column
    else:
        if question.kind == "P":
            said = ", ".join(
                f"{model.nodes[part.name].caption}: {' or '.join(part.states)}"
                if part.name in model.nodes
                else str(part)
                for part in question.event
            ).replace("_", " ")
        elif question.node in model.nodes:
            said = model.nodes[question.node].caption
        else:
            said = "Expected total"
    return literal(said) if markup else said


def written(model: InfluenceDiagram, column: str) -> str:
    """Return the head of a row of outcomes: the caption and the unit, as plain text."""
    if column == "difference":
        return "Expected total: difference (points)"
    said = event_said(model, column, markup=False)
    if column.startswith("E(") and column[2:-1] in model.nodes:
        unit = model.node(column[2:-1], ("value",)).unit
        return f"{said} ({unit})" if unit else said
    return said


def _number(number: float | None) -> str:
    return "" if number is None else f"{number:.10g}".replace("-", "−")


def _listed(states: Sequence[str]) -> str:
    return ", ".join(state.replace("_", " ") for state in states)


def _captions(model: InfluenceDiagram, names: Sequence[str]) -> str:
    return ", ".join(model.nodes[name].caption for name in names) or "nothing"
