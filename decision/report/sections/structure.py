"""The model and what it comes to: its graph, its tree, outcomes by branch, the strategy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from decision.report.sections.outline import outline
from decision.report.sections.parts import Section, figure, fold, prose, said
from decision.report.sections.study import Study
from decision.report.sections.templates import partial

if TYPE_CHECKING:
    from decision.solve.solution import Solution

__all__ = ["graph", "outcomes", "strategy", "tree"]

FOLDED_ROWS = 30
FEW_LEAVES = 14
"""Rows of the small picture of a tree, which a page shows at once."""
GRAPH = (
    "Rectangles are decisions, ovals matters of chance, values have pointed ends; a dashed arrow "
    "says what is known when a decision is taken."
)
TREE = (
    "Unrolled from the diagram and rolled back on its own. Width shows probability; the best "
    "choice is heavy; a triangle is an end, or a folded part with its expected value."
)
MINDS_RISK = (
    "Choices go by the certain equivalent, so that the branch with the highest expected total "
    "need not be the one to prefer."
)


def graph(study: Study) -> Section:
    """Who depends on what, and who knows what when."""
    from decision import draw
    from decision.report import words

    model = study.shown
    states = {name: model.states(name) for name in model.time_order}
    return Section.of(
        "graph",
        "Who depends on what, and who knows what when",
        said(words.in_figures(model)),
        figure(draw.influence_graph(model), GRAPH, zoom="graph"),
        fold("What each node means", partial("nodes", model=model, states=states)),
    )


def tree(study: Study) -> Section:
    """The tree: small, whole, and as text that folds."""
    from decision import draw
    from decision.report import words

    title = "The tree"
    unrolled = study.tree
    if unrolled is None:
        large = "The tree of this model is too large to unroll; the answer does not need it."
        return Section.of("tree", title, prose(large))
    small, whole = (draw.to_svg(draw.tree(unrolled, leaves=leaves)) for leaves in (FEW_LEAVES, 60))
    more = None if small == whole else figure(whole, TREE, zoom="whole tree")
    return Section.of(
        "tree",
        title,
        said(words.tree_in_figures(unrolled), words.agreement(unrolled, study.solution)),
        figure(small, TREE, zoom="tree"),
        fold("A larger picture of the tree", more),
        fold("The tree as text, to be unfolded branch by branch", outline(unrolled)),
    )


# -- outcomes ----------------------------------------------------------------------


def outcomes(study: Study) -> Section:
    """What each branch leads to."""
    from decision import draw
    from decision.report import words

    model, frame = study.shown, study.frame
    caption = model.nodes[study.by].caption
    several = len(frame.dropna(subset=["E(total)"])) > 1
    picture = rank = traded = None
    if several:
        rate = words.worth(model, study.event) if study.event else None
        picture = draw.outcomes(frame, unit=study.unit, equivalent=rate)
        rank = words.ranking(frame, study.unit)
        traded = words.trade(frame, model) if len(model.values) > 1 else None
    first, values, *rest = _groups(study)
    rendered = [partial("outcomes", groups=[g], branches=list(frame.index)) for g in rest]
    return Section.of(
        "outcomes",
        "Outcomes by branch",
        prose(f"A branch is an option of “{caption}” set, all else chosen optimally."),
        figure(picture, rank) if picture is not None else None,
        said(traded),
        prose(MINDS_RISK) if model.risk is not None else None,
        partial("outcomes", groups=[first, values], branches=list(frame.index)),
        fold("Probabilities of every chance node", *rendered),
    )


@dataclass(frozen=True)
class _Group:
    caption: str
    note: str
    rows: list[tuple[str, list[str]]]


def _groups(study: Study) -> Iterator[_Group]:
    model, frame = study.shown, study.frame
    rows = [("Expected total", _numbers(frame["E(total)"], 3))]
    if len(frame) > 1:
        reference = str(frame.index[0]).replace("_", " ")
        rows.append((f"Difference from {reference}", _numbers(frame["difference"], 3, sign=True)))
    if model.risk is not None:
        branches = study.solution.branch_solutions(study.by)
        worths = [float("nan") if branch is None else branch.worth for _, branch in branches]
        rows.append(("Certain equivalent", _numbers(worths, 3)))
    yield _Group("Total", study.unit, rows)
    rows = [
        (f"{value.caption} ({value.unit})" if value.unit else value.caption, _numbers(column))
        for value in model.values
        for column in [frame[f"E({value.name})"]]
    ]
    yield _Group("Values", "expectations in natural units", rows)
    for chance in model.chances:
        rows = [
            (state.replace("_", " "), [_percent(p) for p in frame[f"P({chance.name}={state})"]])
            for state in chance.states
        ]
        yield _Group(chance.caption, chance.definition, rows)


def _numbers(column: Iterable[float], digits: int | None = None, sign: bool = False) -> list[str]:
    plus = "+" if sign else ""
    column = list(column)
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


# -- the strategy ------------------------------------------------------------------


def strategy(study: Study) -> Section:
    """What to choose in each situation that can happen."""
    tables = list(_rules(study.solution))
    intro = (
        "What to choose in each situation that can happen when every decision is taken "
        "optimally. Only what can matter to the choice is listed."
    )
    blocks: list[Markup] = []
    for rule in tables:
        rows = partial("strategy", model=study.shown, table=rule)
        if len(rule["rows"]) > FOLDED_ROWS:
            chosen = ", ".join(
                f"{option.replace('_', ' ')} in {count}" for option, count in rule["chosen"].items()
            )
            rows = fold(f"{len(rule['rows'])} situations: {chosen}", rows)
        caption = study.shown.nodes[rule["decision"]].caption
        blocks += [Markup("<h3>{}</h3>").format(caption), rows]
    return Section.of("strategy", "The strategy", prose(intro), *blocks)


def _rules(solution: Solution) -> Iterator[dict[str, Any]]:
    rows = solution.strategy_rows(requisite=True)
    for decision in dict.fromkeys(row["decision"] for row in rows):
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
        yield {"decision": decision, "names": names, "rows": lines, "chosen": chosen}
