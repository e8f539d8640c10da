"""Words for a tree and a strategy: how large, where the choices are close, what to do when.

A strategy is only as firm as its closest call: where the second option is a hundredth
of a point behind, the advice there hangs on the last digit of some judgement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from decision.model.problems import ModelError
from decision.report.words.showing import (
    Said,
    Shown,
    literal,
    places_of,
    result,
    rounded,
    sentence,
    spoken,
    two_figures,
)

if TYPE_CHECKING:
    from decision.solve.solution import Solution
    from decision.tree import Tree, TreeNode

__all__ = ["agreement", "close_calls", "likeliest", "rule", "tree_in_figures"]

MOST_ROWS = 12


def tree_in_figures(tree: Tree) -> Said:
    """Say how many paths a tree has, how few nodes hold them, and what its best ones are worth.

    Examples
    --------
    >>> from decision import read_model, unroll
    >>> tree_in_figures(unroll(read_model("data/examples/oil_wildcatter")))
    ► Model result. The tree has 24 paths in 22 nodes. Along the best strategy 3 paths are
    left after its last decision, worth from −10 to 77 around the expected 22.5.
    """
    size = f"The tree has **{_path_count(tree):,} paths** in {len(tree.nodes):,} nodes."
    try:
        totals = tree.paths()["total"]
    except ModelError:
        return result(size)
    places = max(places_of(totals), 0)
    low, high = rounded(totals.min(), places), rounded(totals.max(), places)
    expected = rounded(tree.expected_value, places + 1)
    return result(
        size,
        f"Along the best strategy **{len(totals):,}** paths are left after its last decision, "
        f"worth from **{low} to {high}** around the expected {expected}.",
    )


def _path_count(tree: Tree) -> int:
    """Paths from the root to an end; a node's children stand after it."""
    counts = [0] * len(tree.nodes)
    for node in reversed(tree.nodes):
        counts[node.id] = sum(counts[branch.to] for branch in node.branches) or 1
    return counts[tree.root]


def agreement(tree: Tree, solution: Solution) -> Said:
    """Say whether the rolled-back tree and the solver give the same expected value.

    Notes
    -----
    They share no code, so that agreement is a check of both.
    """
    ours, theirs = tree.expected_value, solution.expected_value
    if abs(ours - theirs) <= 1e-9 * max(1.0, abs(ours), abs(theirs)):
        value = f"{theirs:.9g}".replace("-", "−")
        return result(
            f"Rolled back from its ends the tree is worth **{value}**; solving the diagram, "
            "which shares no code with it, gives the same to nine figures."
        )
    return result(
        f"**The two disagree**: the tree rolls back to {ours!r}, the solver gives {theirs!r}. "
        "Report this as a fault."
    )


def close_calls(tree: Tree) -> Shown:
    """Return, for each decision along the best strategy, where its choice is closest.

    Parameters
    ----------
    tree : Tree
        With all options (not of the strategy alone).

    Returns
    -------
    Shown
        Index `decision`; columns `situations` (different ones that can come about),
        `closest call` (points by which the choice leads there), `there` (what is chosen over
        what), and `mean lead` over the situations by their probability.
    """
    import pandas as pd

    chances = _reached(tree)
    rows: list[dict[str, Any]] = []
    for decision in tree.model.decisions:
        nodes = [n for n in tree.nodes if n.name == decision.name and chances[n.id] > 0]
        calls = [(call, chances[node.id]) for node in nodes if (call := _call(tree, node))]
        if not calls:
            continue
        closest = min((call for call, _ in calls), key=lambda call: call[0])
        weight = sum(chance for _, chance in calls)
        rows.append(
            {
                "decision": decision.caption,
                "situations": len(calls),
                "closest call (points)": closest[0],
                "there": f"{closest[1]} over {closest[2]}".replace("_", " "),
                "mean lead (points)": sum(call[0] * chance for call, chance in calls) / weight,
            }
        )
    if not rows:
        return Shown(pd.DataFrame(rows), result("There is nothing to choose."))
    frame = pd.DataFrame(rows).set_index("decision")
    row = min(rows, key=lambda row: float(row["closest call (points)"]))
    told = (
        f"The closest call is at **{literal(row['decision'])}**: {literal(row['there'])} "
        f"by **{two_figures(row['closest call (points)'])} points**."
    )
    formats: dict[str, Callable[[float], str]] = {"situations": lambda n: f"{n:,.0f}"}
    formats |= {"closest call (points)": two_figures, "mean lead (points)": two_figures}
    return Shown(frame, result(told), formats)


def _reached(tree: Tree) -> list[float]:
    """Probability that the best strategy comes to each node."""
    chances = [0.0] * len(tree.nodes)
    chances[tree.root] = 1.0
    for node in tree.nodes:
        for branch in node.branches:
            if branch.chosen is not False:
                chances[branch.to] += chances[node.id] * (branch.probability or 1.0)
    return chances


def _call(tree: Tree, node: TreeNode) -> tuple[float, str, str] | None:
    """By how much, what is chosen, over what."""

    def value(to: int) -> float:
        end = tree.nodes[to]
        return end.expected_value if end.certain_equivalent is None else end.certain_equivalent

    chosen = next((branch for branch in node.branches if branch.chosen), None)
    others = [branch for branch in node.branches if branch is not chosen]
    if chosen is None or not others:
        return None
    second = max(others, key=lambda branch: value(branch.to))
    return value(chosen.to) - value(second.to), chosen.label, second.label


def likeliest(tree: Tree, most: int = 10) -> Shown:
    """Return the likeliest paths along the best strategy, and what the worst is worth.

    Returns
    -------
    Shown
        A row for each path: the state of each variable, `probability` and `total`.
    """
    paths = tree.paths()
    ends = ["probability", "total"]
    known = [name for name in paths.columns if name in tree.model.time_order]
    same = [name for name in known if paths[name].nunique() == 1]
    top = paths.nlargest(most, "probability")
    shown = top[[*(name for name in known if name not in same), *ends]]
    worst = paths.nsmallest(1, "total").iloc[0]
    told = (
        f"The {len(top)} likeliest of {len(paths):,} paths have a probability of "
        f"**{_percent(top['probability'].sum())}** together; the worst path of all is worth "
        f"**{rounded(worst['total'], max(0, places_of(paths['total'])))}** and has a probability "
        f"of {_percent(worst['probability'])}."
    )
    if same:
        fixed = [f"{literal(name)} is {spoken(str(paths[name].iloc[0]))}" for name in same]
        told += f" On every path {sentence(fixed)}."
    places = places_of(top["total"])
    formats: dict[str, Callable[[float], str]] = {
        "probability": lambda p: f"{100 * p:.1f}%",
        "total": lambda x: rounded(x, max(0, places)),
    }
    states = [name for name in shown.columns if name not in ends]
    shown = shown.replace({name: {r"_": " "} for name in states}, regex=True)
    return Shown(shown.reset_index(drop=True), result(told), formats)


def rule(solution: Solution, decision: str) -> Shown:
    """Return what the best strategy does at a decision, by what can matter to the choice.

    Returns
    -------
    Shown
        A row for each situation that happens, by the variables that can matter, with
        `choose` and `probability`; where those are more than twelve, a row for each
        option: `situations` and `probability`.
    """
    import pandas as pd

    model = solution.model
    caption = literal(model.node(decision, ("decision",)).caption)
    rows = [row for row in solution.strategy_rows(requisite=True) if row["decision"] == decision]
    shares: dict[str, float] = {}
    for row in rows:
        shares[row["choose"]] = shares.get(row["choose"], 0.0) + row["probability"]
    told = "; ".join(
        f"{spoken(option)} {_percent(share)}"
        for option, share in sorted(shares.items(), key=lambda pair: -pair[1])
    )
    said = result(f"**{caption}**, over all that can happen: {told}.")
    formats: dict[str, Callable[[float], str]] = {"probability": _percent}
    if len(rows) > MOST_ROWS:
        counts = {o: sum(row["choose"] == o for row in rows) for o in shares}
        frame = pd.DataFrame(
            [
                {"choose": o.replace("_", " "), "situations": counts[o], "probability": share}
                for o, share in shares.items()
            ]
        )
        formats["situations"] = lambda n: f"{n:,.0f}"
        return Shown(frame.set_index("choose"), said, formats)
    frame = pd.DataFrame(
        [
            {
                **_captioned(solution, row["given"]),
                "choose": row["choose"].replace("_", " "),
                "probability": row["probability"],
            }
            for row in rows
        ]
    )
    return Shown(frame, said, formats)


def _percent(share: float) -> str:
    text = f"{100 * share:.0f}"
    return "under 1%" if text == "0" and share > 0 else f"{text}%"


def _captioned(solution: Solution, given: Mapping[str, str]) -> dict[str, str]:
    """What is known, under captions; what is the same in every row is the strategy's own."""
    return {
        solution.model.nodes[name].caption: state.replace("_", " ")
        for name, state in given.items()
        if solution.model.nodes[name].kind == "chance"
    }
