"""Value of information: what knowing a chance node before a decision is worth.

The value of perfect information on X before D is what the best expected total gains
when D, and by no-forgetting every later decision, observes X (Howard 1966,
"Information value theory", IEEE Trans. SSC 2(1), doi:10.1109/TSSC.1966.300074; in
influence diagrams Shachter 1986). With an attitude to risk it is what the certain
equivalent gains; with limited memory only the named decision learns X.

A node that descends from the decision, or from a later one, cannot be known before it.
Signals that may err are in `signals`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from decision.model.dataclass import replace
from decision.model.diagram import InfluenceDiagram
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
    model: InfluenceDiagram, *nodes: str, before: str | None = None
) -> pd.DataFrame:
    """Value perfect information on chance nodes just before a decision.

    Parameters
    ----------
    model : InfluenceDiagram
    *nodes : str
        Chance nodes; default every one that can be known before the decision.
    before : str, optional
        The decision; default the first.

    Returns
    -------
    DataFrame
        Index `node`; columns `before` and `value` (points of the total; of certain
        equivalent with risk), largest first.

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

    rows = information_json(model, nodes, before)["information"]
    frame = pd.DataFrame(rows, columns=["node", "before", "value"]).set_index("node")
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

    decision = model.node(
        model.decisions[0].name if before is None else before, ("decision",), COMMAND_LINE
    ).name
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
    if not nodes:
        nodes = [c.name for c in model.chances if not unknowable(model, c.name, decision)]
    base = solve(model)
    rows: list[dict[str, Any]] = []
    for node, accuracy in typed:
        value = value_by(model, base, node, accuracy, decision)
        rows.append({"node": node, "before": decision, "accuracy": accuracy, "value": value})
    for name in nodes:
        value = _value(model, base, name, decision)
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


def _value(model: InfluenceDiagram, base: Solution, name: str, decision: str) -> float:
    if name in model.information(decision):
        return 0.0
    return gain(base, solve(knowing(model, name, decision)))


def gain(base: Solution, better: Solution) -> float:
    """Return what the second is worth more, 0 where that is no more than rounding."""
    gained = _worth(better) - _worth(base)
    scale = scale_of(base.model)
    return 0.0 if -NOTHING * scale <= gained <= ROUNDING * scale else gained


def knowing(model: InfluenceDiagram, name: str, decision: str) -> InfluenceDiagram:
    """Return the model in which a decision observes one more node."""
    decisions = tuple(
        replace(d, observes=(*d.observes, name)) if d.name == decision else d
        for d in model.decisions
    )
    return model.rebuilt(decisions=decisions)


def _worth(solution: Solution) -> float:
    certain = solution.certain_equivalent
    return solution.expected_value if certain is None else certain
