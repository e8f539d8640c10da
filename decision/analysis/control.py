"""Value of control: what choosing the state of a chance node is worth.

Before the first decision somebody offers to see to it that X takes the state we name,
whatever it depends on: P(X = x) = 1. Every decision is then taken anew, knowing that. The
value of control is what the best expected total (certain equivalent with risk) gains with
the best state (Matheson 1990, "Using influence diagrams to value information and control",
in *Influence Diagrams, Belief Nets and Decision Analysis*, Wiley). It needs not be used,
so that it is never negative.

One state is named for all situations: who could see to another state in each of them may
gain more. Decisions that observe X learn nothing from it any more, so that control can be
worth less than information on X; of a node without parents it never is, the best state
being no worse than their mixture. A state is left out where certainty of it would leave
some decision without an open option. To change a node's odds only is in `partial_control`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.gained import ROUNDING, Gained, gained, optima
from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance
from decision.model.problems import COMMAND_LINE, ModelError, Problem, problem
from decision.solve.inputs import scale_of
from decision.solve.lines import Branches
from decision.solve.openness import dead_ends
from decision.solve.solution import Solution, solve

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["control_json", "value_of_control"]

Array = NDArray[np.float64]


def value_of_control(model: InfluenceDiagram, *nodes: str) -> pd.DataFrame:
    """Value choosing the state of chance nodes, one at a time, before the first decision.

    Parameters
    ----------
    model : InfluenceDiagram
    *nodes : str
        Chance nodes; default every one.

    Returns
    -------
    DataFrame
        Index `node`; columns `value` (points of the total; of certain equivalent with
        risk), largest first, `state` (the best one; None where control would not be
        used), and what the value is `at_least` and `at_most`: the same, but for decisions
        that forget.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> da.value_of_control(oil)[["value", "state"]]
            value    state
    node
    oil     177.5  soaking
    seismic   0.0     None
    """
    import pandas as pd

    rows = [
        (node.name, gain.value, state, gain.at_least, gain.at_most)
        for node, gain, state in _controlled(model, _chosen(model, nodes), None)
    ]
    columns = ["node", "value", "state", "at_least", "at_most"]
    frame = pd.DataFrame(rows, columns=columns).set_index("node")
    frame["state"] = frame["state"].astype(object).where(frame["state"].notna(), None)
    return frame.sort_values("value", ascending=False, kind="stable")


def control_json(
    model: InfluenceDiagram,
    nodes: Sequence[str] = (),
    before: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Return what `decision voi --control` prints, to the contract's letter.

    Parameters
    ----------
    model : InfluenceDiagram
    nodes : sequence of str
        Default all.
    before : str, optional
        As typed: none but the first decision is taken.
    progress : callable, optional
        Told how many nodes are done, and of how many.
    """
    first = model.decisions[0].name
    if before is not None and model.node(before, ("decision",), COMMAND_LINE).name != first:
        what = f"control is chosen before the first decision, {first}, not before {before}"
        raise ModelError([problem(COMMAND_LINE, what, "leave --before out")])
    rows = [
        {"node": node.name, "value": gain.value, "state": state}
        for node, gain, state in _controlled(model, _chosen(model, nodes), progress)
    ]
    return {"control": rows}


def _chosen(model: InfluenceDiagram, nodes: Sequence[str]) -> list[Chance]:
    found: list[Problem] = []
    chosen: list[Chance] = []
    for name in nodes or [c.name for c in model.chances]:
        try:
            chosen.append(model.node(name, ("chance",), COMMAND_LINE))
        except ModelError as error:
            found += error.problems
    if found:
        raise ModelError(found)
    return chosen


def _controlled(
    model: InfluenceDiagram,
    nodes: Sequence[Chance],
    progress: Callable[[int, int], None] | None,
) -> Iterator[tuple[Chance, Gained, str | None]]:
    base = solve(model)
    branches = Branches(model, model.decisions[0].name)
    for done, node in enumerate(nodes, 1):
        yield (node, *_best(model, branches, base, node))
        if progress is not None:
            progress(done, len(nodes))


@dataclass(frozen=True)
class _States:
    """The states of a node, as a line whose numbers say which is certain."""

    node: Chance
    first: float = 0.0
    last: float = 0.0

    def at(self, number: float) -> dict[str, Array]:
        """Return the node's table, with a state certain whatever it depends on."""
        table = np.zeros(self.node.table.shape)
        table[..., int(number)] = 1.0
        return {self.node.name: table}


def _best(
    model: InfluenceDiagram, branches: Branches, base: Solution, node: Chance
) -> tuple[Gained, str | None]:
    """Return what control of a node is worth, and the state to choose."""
    line = _States(node)
    numbers = [float(i) for i in range(len(node.states)) if _open(model, line, i)]
    if len(node.states) == 1 or not numbers:
        return Gained(0.0, 0.0, 0.0), None
    worths, most = optima(branches, [(line, number) for number in numbers])
    near = ROUNDING * scale_of(model)
    largest = float(worths.max())
    gain = gained(base, largest, float(most.max()))
    if not gain.value:
        return gain, None
    best = int((worths >= largest - near).argmax())
    return gain, node.states[int(numbers[best])]


def _open(model: InfluenceDiagram, line: _States, state: int) -> bool:
    """Whether decisions keep an open option with a state certain."""
    return not model.structure.guards or not dead_ends(model.with_numbers(line.at(state)))
