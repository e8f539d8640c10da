"""What the page carries of a model, as plain lists and dicts: its numbers, plans and inputs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError
from decision.model.records import Input
from decision.report.explorer.base import Base
from decision.report.explorer.plans import Ways, plan_data, stuck_somewhere
from decision.solve.inputs import open_options
from decision.solve.rules import Rule
from decision.solve.solution import solve

if TYPE_CHECKING:
    import pandas as pd

    from decision.analysis.finding import Finding

    Found = Sequence[Finding] | pd.DataFrame | None
    """What moving each input does; None where that is not known."""

__all__ = ["breaks_of", "explorer_data", "json_text", "widest_of"]

WIDEST = 8
UNSAFE = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def json_text(data: Any) -> str:
    r"""Return data as JSON that no HTML or JavaScript parser can mistake for its own.

    Examples
    --------
    >>> json_text({"label": "</script>"})
    '{"label":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.translate(UNSAFE)


def explorer_data(
    model: InfluenceDiagram,
    ways: Ways,
    shown: Base,
    found: Found,
    start: dict[str, Any],
    alone: bool,
) -> dict[str, Any]:
    """Return all that the page's script needs, for JSON.

    Parameters
    ----------
    model : InfluenceDiagram
        As read.
    ways : Ways
        How the page answers for it.
    shown : Base
        The answers that the page opens with.
    found : sequence of Finding, DataFrame or None
        What moving each input does.
    start : dict
        The sets and changes that the page opens with.
    alone : bool
        Whether the page's address is the explorer's.
    """
    told = {"by": shown.by, "reference": shown.reference, "unit": shown.unit, "alone": alone}
    told |= {"way": ways.way, "start": start}
    if ways.way == "still":
        return told
    axes = model.time_order
    sets = (("perspective", model.perspectives), ("scenario", model.scenarios))
    return told | {
        "places": shown.places,
        "weights": model.weights,
        "risk": model.risk,
        "noTree": ways.no_tree,
        "levels": list(ways.levels),
        "rules": [[name, list(looks)] for name, looks in ways.rules],
        "free": [[name, list(looks)] for name, looks in ways.free],
        "axes": list(axes),
        "nodes": list(_nodes(model)),
        "marginals": [name for name in axes if name != shown.by],
        "guarded": stuck_somewhere(model),
        "plans": {name: plan_data(plan, axes) for name, plan in ways.plans.items()},
        "policies": _policies(model, shown.by) if ways.way == "follow" else None,
        "inputs": list(_inputs(model, breaks_of(found))),
        "widest": widest_of(model, found),
        "sets": [
            [kind, name, [row.change for row in rows]]
            for kind, named in sets
            for name, rows in named.items()
        ],
    }


def _nodes(model: InfluenceDiagram) -> Iterator[dict[str, Any]]:
    guarded = dict(model.structure.guards)
    for decision in model.decisions:
        guard = decision.name in guarded
        yield {
            "name": decision.name,
            "kind": "decision",
            "caption": decision.caption,
            "states": list(decision.options),
            "given": list(decision.observes),
            "guard": list(guarded.get(decision.name, ())),
            "open": open_options(model, decision.name).ravel().tolist() if guard else None,
        }
    for chance in model.chances:
        yield {
            "name": chance.name,
            "kind": "chance",
            "caption": chance.caption,
            "states": list(chance.states),
            "given": list(chance.given),
            "table": chance.table.ravel().tolist(),
        }
    for value in model.values:
        yield {
            "name": value.name,
            "kind": "value",
            "caption": value.caption,
            "given": list(value.given),
            "table": value.table.ravel().tolist(),
            "unit": value.unit,
            "worst": value.worst,
            "best": value.best,
            "weight": value.weight,
            "low": value.weight_low,
            "high": value.weight_high,
        }


def _policies(model: InfluenceDiagram, by: str) -> list[dict[str, list[float]] | None]:
    """Return the rules of every branch of the base, and last of the best, by what is observed."""
    best = solve(model)
    every = {d.name: d.observes for d in model.decisions}
    branches = [found for _, found in best.branch_solutions(by)]
    return [
        None
        if found is None
        else {
            name: _spread(model, rule, every[name] if name != by or found is best else ())
            for name, rule in found.policy.items()
        }
        for found in (*branches, best)
    ]


def _spread(model: InfluenceDiagram, rule: Rule, looks: tuple[str, ...]) -> list[float]:
    """Return a rule as a table over all that its decision looks at."""
    table = rule.table.transpose([*(rule.given.index(n) for n in looks if n in rule.given), -1])
    cards = [len(model.states(name)) for name in looks]
    shape = [card if n in rule.given else 1 for n, card in zip(looks, cards, strict=True)]
    options = len(rule.options)
    wide = np.broadcast_to(table.reshape([*shape, options]), [*cards, options])
    return [float(x) for x in wide.ravel()]


# -- inputs ----------------------------------------------------------------------


def _inputs(
    model: InfluenceDiagram, breaks: dict[str, list[float]]
) -> Iterator[list[str | float | list[str] | list[float] | None]]:
    """Yield name, low, high, kinds of its sources and break-evens of each input, weights last."""
    for row in model.inputs:
        if row.state is None or len(model.states(row.node)) > 1:
            low, high = (None, None) if row.text == "rest" else (row.low, row.high)
            yield [row.name, low, high, _kinds(model, row), breaks.get(row.name, [])]
    for value in model.values:
        name = f"weight({value.name})"
        yield [name, value.weight_low, value.weight_high, [], breaks.get(name, [])]


def _kinds(model: InfluenceDiagram, row: Input) -> list[str]:
    kinds = (model.sources[s].kind if s in model.sources else s for s in row.sources)
    return list(dict.fromkeys(kinds))


def breaks_of(found: Found) -> dict[str, list[float]]:
    """Return the break-evens by input, of findings or of a frame of `sensitivity`."""
    if found is None:
        return {}
    if isinstance(found, Sequence):
        return {f.input: list(f.break_even) for f in found}
    pairs = found["break_even"].items()
    return {str(name): [float(x) for x in numbers] for name, numbers in pairs}


def widest_of(model: InfluenceDiagram, found: Sequence[Finding] | pd.DataFrame | None) -> list[str]:
    """Return the inputs that move the total most, without the second of two that are one."""
    from decision.analysis.sensitivity import bars

    if found is None:
        return []
    if isinstance(found, Sequence):
        return [f.input for f in bars(model, found)[:WIDEST]]
    return [str(name) for name in found.index[:WIDEST]]


def findings_of(model: InfluenceDiagram, by: str) -> Sequence[Finding] | None:
    """Return what each input does; None where the analysis refuses the model's ranges."""
    from decision.analysis.sensitivity import findings

    try:
        return findings(model, by)
    except ModelError:
        return None
