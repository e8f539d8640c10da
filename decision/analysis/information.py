"""Value of information: what knowing a chance node before a decision is worth.

The value of perfect information on X before D is what the best expected total gains
when D, and by no-forgetting every later decision, observes X (Howard 1966,
"Information value theory", IEEE Trans. SSC 2(1), doi:10.1109/TSSC.1966.300074; in
influence diagrams Shachter 1986). With an attitude to risk it is what the certain
equivalent gains; with limited memory only the named decision learns X, and where the best
policy found may not be the best there is, the gain is known within bounds.

What several nodes are worth together can be more than the sum of what each is, or less.
A node that descends from the decision, or from a later one, cannot be known before it.
Signals that may err are in `signals`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from decision.analysis.gained import Gained, gained
from decision.model.dataclass import replace
from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Decision
from decision.model.problems import COMMAND_LINE, ModelError, Problem, problem
from decision.model.structure import descent
from decision.solve.inputs import scale_of
from decision.solve.solution import Solution, solve

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["gain", "information_json", "knowing", "unknowable", "value_of_information"]

NOTHING = 1e-9
"""Share of the largest |total| below which a loss is one of options that tie."""
ROUNDING = 1e-13
"""Share of it below which a gain is the rounding of sums taken in another order."""


def value_of_information(
    model: InfluenceDiagram, *nodes: str | Sequence[str], before: str | None = None
) -> pd.DataFrame:
    """Value perfect information on chance nodes just before a decision.

    Parameters
    ----------
    model : InfluenceDiagram
    *nodes : str or sequence of str
        Chance nodes, each on its own, and sequences of them, known together; default every
        one that can be known before the decision.
    before : str, optional
        The decision; default the first.

    Returns
    -------
    DataFrame
        Index `node` (those of a set joined by " + "); columns `before`, `value` (points of
        the total; of certain equivalent with risk), and what it is `at_least` and `at_most`:
        the same, but for decisions that forget; largest first.

    Raises
    ------
    ModelError
        For a node that descends from the decision, naming the path.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> da.value_of_information(oil, "oil", before="drill")["value"].round(6).to_dict()
    {'oil': 32.5}
    """
    import pandas as pd

    decision = _decision(model, before)
    sets = [(item,) if isinstance(item, str) else tuple(item) for item in nodes]
    found = [p for names in sets for name in names for p in unknowable(model, name, decision)]
    if found:
        raise ModelError(dict.fromkeys(found))
    base = solve(model)
    rows = []
    for names in sets or [(name,) for name in _knowable(model, decision)]:
        gain_ = _gained(model, base, names, decision)
        bounds = gain_.value, gain_.at_least, gain_.at_most
        rows.append((" + ".join(names), decision, *bounds))
    columns = ["node", "before", "value", "at_least", "at_most"]
    frame = pd.DataFrame(rows, columns=columns).set_index("node")
    return frame.sort_values("value", ascending=False, kind="stable")


def information_json(
    model: InfluenceDiagram,
    nodes: Sequence[str] = (),
    before: str | None = None,
    signals: Sequence[str] = (),
) -> dict[str, Any]:
    """Return what `decision voi` prints, to the contract's letter.

    Parameters
    ----------
    model : InfluenceDiagram
    nodes : sequence of str
        Default all that can be known before the decision.
    before : str, optional
        The decision; default the first.
    signals : sequence of str
        ``"NODE 0.8"``: their rows come first.
    """
    from decision.analysis.signals import read_signal, value_by

    decision = _decision(model, before)
    typed: list[tuple[str, float]] = []
    found: list[Problem] = []
    for text in signals:
        try:
            typed.append(read_signal(model, text, decision))
        except ModelError as error:
            found += error.problems
    found += [p for name in nodes for p in unknowable(model, name, decision)]
    if found:
        raise ModelError(found)
    base = solve(model)
    rows: list[dict[str, Any]] = []
    for node, accuracy in typed:
        value = value_by(model, base, node, accuracy, decision)
        rows.append({"node": node, "before": decision, "accuracy": accuracy, "value": value})
    for name in nodes or _knowable(model, decision):
        value = _gained(model, base, (name,), decision).value
        rows.append({"node": name, "before": decision, "value": value})
    return {"information": rows}


def unknowable(model: InfluenceDiagram, name: str, decision: str) -> list[Problem]:
    """Return why a node cannot be known before a decision; nothing if it can."""
    try:
        model.node(name, ("chance",), COMMAND_LINE)
    except ModelError as error:
        return list(error.problems)
    order = [d.name for d in model.decisions]
    later = order[order.index(decision) :]
    above = [d for d in later if d in model.structure.ancestors[name]]
    if not above:
        return []
    path = " → ".join(descent(model.structure, above[0], name))
    what = f"'{name}' cannot be known before {decision}: it descends from {above[0]} ({path})"
    return [problem(COMMAND_LINE, what, "ask for a later decision, or for another node")]


def _decision(model: InfluenceDiagram, before: str | None) -> str:
    name = model.decisions[0].name if before is None else before
    node: Decision = model.node(name, ("decision",), COMMAND_LINE)
    return node.name


def _knowable(model: InfluenceDiagram, decision: str) -> list[str]:
    return [c.name for c in model.chances if not unknowable(model, c.name, decision)]


def _gained(model: InfluenceDiagram, base: Solution, names: Sequence[str], decision: str) -> Gained:
    known = model.information(decision)
    new = [name for name in dict.fromkeys(names) if name not in known]
    if not new:
        return Gained(0.0, 0.0, 0.0)
    better = solve(knowing(model, new, decision))
    if "local" not in (base.optimality, better.optimality):
        value = gain(base, better)
        return Gained(value, value, value)
    return gained(base, better.worth, better.upper_bound)


def gain(base: Solution, better: Solution) -> float:
    """Return what the second is worth more, 0 where that is no more than rounding.

    Where an optimum is local a loss is one of the search: what is known can be ignored.
    """
    more = better.worth - base.worth
    scale = scale_of(base.model)
    if "local" in (base.optimality, better.optimality):
        more = max(more, 0.0)
    return 0.0 if -NOTHING * scale <= more <= ROUNDING * scale else more


def knowing(model: InfluenceDiagram, names: str | Sequence[str], decision: str) -> InfluenceDiagram:
    """Return the model in which a decision observes one more node, or several."""
    new = (names,) if isinstance(names, str) else tuple(names)
    decisions = tuple(
        replace(d, observes=(*d.observes, *new)) if d.name == decision else d
        for d in model.decisions
    )
    return model.rebuilt(decisions=decisions)
