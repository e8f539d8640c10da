"""The report of a model: one HTML page that opens offline and traces every number.

The page holds the question, the answer with its margin, the influence diagram, the
tree, outcomes by branch, the strategy, the claims and the ledger of inputs with range,
source and reason. It asks for nothing from outside: styles and pictures stand in it,
and its Content-Security-Policy allows no more. All text of a model is escaped by the
template.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from decision.model.diagram import InfluenceDiagram
from decision.model.files import replace_file
from decision.model.problems import ModelError, Problem, shorten
from decision.model.records import Input, Source
from decision.model.shipped import Setting, varied

if TYPE_CHECKING:
    import pandas as pd

    from decision.solve.solution import Solution

__all__ = ["report_html", "write_report"]

UNVERIFIED = ("from memory", "to be verified")
FOLDED_ROWS = 30
TEMPLATES = Path(__file__).with_name("templates")


def write_report(
    model: InfluenceDiagram,
    path: str | Path,
    *,
    settings: Sequence[Setting] = (),
    changes: Sequence[str] = (),
    by: str | None = None,
) -> None:
    """Write the report of a model as one HTML file.

    Parameters
    ----------
    model : InfluenceDiagram
        As read.
    path : str or Path
        The file; replaced whole or not at all.
    settings : sequence of (kind, name)
        Perspectives and scenarios to make first, ``[("perspective", "moon_government")]``.
    changes : sequence of str
        Changes in the small language, made after them.
    by : str, optional
        Decision whose options are the branches; default the first.

    Raises
    ------
    ModelError
        For a setting or change that is wrong, or a file that cannot be written.

    Examples
    --------
    >>> import decision as da, tempfile
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     da.write_report(oil, f"{folder}/oil.html")
    """
    html = report_html(model, settings=settings, changes=changes, by=by)
    try:
        replace_file(Path(path), html)
    except OSError as error:
        what = f"it cannot be written ({error.strerror or error})"
        found = Problem(shorten(path, 200), 1, what, "name a file that can be written")
        raise ModelError([found]) from None


def report_html(
    model: InfluenceDiagram,
    *,
    settings: Sequence[Setting] = (),
    changes: Sequence[str] = (),
    by: str | None = None,
) -> str:
    """Return the report of a model as the text of one HTML page."""
    from decision.analysis.claims import verdicts
    from decision.analysis.outcomes import outcomes
    from decision.solve.solution import solve

    shown = varied(model, settings, changes)
    solution = solve(shown)
    frame = outcomes(shown, by=by)
    content = {
        "model": shown,
        "settings": [f"{kind} {name}" for kind, name in settings] + list(changes),
        "moved": shown.changes_from(model) if shown is not model else None,
        "answer": _answer(shown, solution, frame),
        "graph": _graph(shown),
        "tree": _tree(shown),
        "differences": _differences(frame, shown),
        "outcomes": list(_outcome_groups(shown, frame)),
        "branches": list(frame.index),
        "by": frame.index.name,
        "strategy": _strategy(solution),
        "claims": _claim_groups(verdicts(model, settings, changes)),
        "ledger": list(_ledger(shown)),
        "counts": _counts(shown),
        "sources": [(s, _unverified(s)) for s in shown.sources.values()],
        "state_names": {n: shown.states(n) for n in shown.time_order},
    }
    return str(_environment().get_template("page.html.j2").render(**content, **_whole()))


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["state"] = lambda name: str(name).replace("_", " ")
    return environment


def _whole() -> dict[str, str]:
    from decision import __version__

    sheets = ("decision/static/decision.css", "page.css")
    style = "\n".join((TEMPLATES / sheet).read_text(encoding="utf-8") for sheet in sheets)
    return {"version": __version__, "style": Markup(style)}


# -- the answer ----------------------------------------------------------------


@dataclass(frozen=True)
class _Answer:
    best: list[str]
    total: float
    second: str | None
    margin: float | None
    gap: float
    certain: float | None
    unit: str


def _answer(model: InfluenceDiagram, solution: Solution, frame: pd.DataFrame) -> _Answer:
    from decision.draw.numbers import unit_of_total

    totals = frame["E(total)"].dropna().sort_values(ascending=False, kind="stable")
    top = float(totals.iloc[0])
    close = 1e-9 * max(abs(top), 1e-6)
    best = [str(name) for name in totals.index[totals >= top - close]]
    rest = totals[totals < top - close]
    return _Answer(
        best,
        solution.expected_value,
        str(rest.index[0]) if len(rest) else None,
        top - float(rest.iloc[0]) if len(rest) else None,
        solution.gap,
        solution.certain_equivalent,
        unit_of_total(model),
    )


# -- pictures --------------------------------------------------------------------


def _graph(model: InfluenceDiagram) -> str:
    from decision import draw

    return draw.to_svg(draw.influence_graph(model))


def _tree(model: InfluenceDiagram) -> str | None:
    """Return the picture of the folded tree, or None where it is too large to unroll."""
    from decision import draw
    from decision.tree import unroll

    try:
        tree = unroll(model, fold=True)
    except ModelError:
        return None
    return draw.to_svg(draw.tree(tree))


def _differences(frame: pd.DataFrame, model: InfluenceDiagram) -> str | None:
    from decision import draw
    from decision.draw.numbers import unit_of_total

    if len(frame.dropna(subset=["E(total)"])) < 2:
        return None
    return draw.to_svg(draw.outcomes(frame, unit=unit_of_total(model)))


# -- tables ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Group:
    caption: str
    note: str
    rows: list[tuple[str, list[str]]]


def _outcome_groups(model: InfluenceDiagram, frame: pd.DataFrame) -> Iterator[_Group]:
    from decision.draw.numbers import unit_of_total

    rows = [("Expected total", _numbers(frame["E(total)"], 3))]
    rows.append((f"Difference from {frame.index[0]}", _numbers(frame["difference"], 3, sign=True)))
    yield _Group("Total", unit_of_total(model), rows)
    rows = [
        (f"{value.caption} ({value.unit})" if value.unit else value.caption, _numbers(column))
        for value in model.values
        for column in [frame[f"E({value.name})"]]
    ]
    yield _Group("Values", "expectations in natural units", rows)
    for chance in model.chances:
        rows = [
            (state, [_percent(p) for p in frame[f"P({chance.name}={state})"]])
            for state in chance.states
        ]
        yield _Group(chance.caption, chance.definition, rows)


def _numbers(column: pd.Series[float], digits: int | None = None, sign: bool = False) -> list[str]:
    plus = "+" if sign else ""
    if digits is None:
        digits = _digits([abs(x) for x in column if x == x])
    return ["–" if x != x else f"{x:{plus},.{digits}f}".replace("-", "−") for x in column]


def _digits(amounts: Sequence[float]) -> int:
    """Return decimals that show differences among amounts, four figures of the spread."""
    largest = max(amounts, default=0.0)
    for digits, least in ((0, 1000.0), (1, 100.0), (2, 1.0), (4, 0.01)):
        if largest >= least:
            return digits
    return 6


def _percent(p: float) -> str:
    if p != p:
        return "–"
    percent = 100 * p
    return f"{percent:.1f}%" if percent >= 1 or percent == 0 else f"{percent:.2g}%"


def _strategy(solution: Solution) -> dict[str, Any]:
    rows = solution.strategy_rows(requisite=True)
    decisions = dict.fromkeys(row["decision"] for row in rows)
    tables = []
    for decision in decisions:
        mine = [row for row in rows if row["decision"] == decision]
        names = list(dict.fromkeys(name for row in mine for name in row["given"]))
        lines = [
            {
                "given": [row["given"].get(name, "") for name in names],
                "choose": row["choose"],
                "ties": ", ".join(row["ties"]),
                "probability": _percent(row["probability"]),
                "value": f"{row['expected_value']:,.3f}".replace("-", "−"),
            }
            for row in mine
        ]
        chosen = Counter(row["choose"] for row in mine)
        tables.append({"decision": decision, "names": names, "rows": lines, "chosen": chosen})
    return {"tables": tables, "fold": FOLDED_ROWS}


def _claim_groups(found: Sequence[Any]) -> list[dict[str, Any]]:
    groups = []
    for basis, caption in (
        ("derived", "Derived: they follow from many numbers together"),
        ("assumed", "Assumed: they only read back numbers of the model's own tables"),
        (None, "Without a test"),
    ):
        mine = [verdict for verdict in found if verdict.basis == basis]
        if mine:
            held = sum(verdict.verdict == "holds" for verdict in mine)
            groups.append({"caption": caption, "held": held, "verdicts": mine, "basis": basis})
    return groups


# -- the ledger ------------------------------------------------------------------


def _unverified(source: Source) -> bool:
    return any(mark in f"{source.citation} {source.note}" for mark in UNVERIFIED)


def _ledger(model: InfluenceDiagram) -> Iterator[dict[str, Any]]:
    inputs: dict[str, list[Input]] = {}
    for row in model.inputs:
        inputs.setdefault(row.node, []).append(row)
    doubtful = {s.id for s in model.sources.values() if _unverified(s)}
    for node in (*model.chances, *model.values):
        rows = [
            {
                "name": row.name,
                "text": row.text if row.text == "rest" else _exact(row.number),
                "range": "" if row.low is None else f"{_exact(row.low)} – {_exact(row.high)}",
                "sources": row.sources,
                "doubtful": bool(doubtful & set(row.sources)),
                "rationale": row.rationale,
            }
            for row in inputs.get(node.name, [])
        ]
        yield {"node": node, "rows": rows}


def _exact(number: float | None) -> str:
    return "" if number is None else f"{number:.10g}"


def _counts(model: InfluenceDiagram) -> dict[str, int]:
    rows = [row for row in model.inputs if row.text != "rest"]
    kinds: Counter[str] = Counter()
    for row in rows:
        found = {model.sources[s].kind for s in row.sources if s in model.sources}
        kinds[next((k for k in ("data", "literature", "judgement") if k in found), "none")] += 1
    return {"all": len(rows), **kinds}
