"""Value of partial control: what it is worth to change the odds of a chance node.

Control sees to it that a state occurs (`control`); most of what one can do only makes it
likelier. Before the first decision the odds of a state are multiplied by x, in every row of
the node or in those that a change names, the other states keeping their proportions. Every
decision is then taken anew, knowing that; the value is what the best expected total (certain
equivalent with risk) gains (Matheson 1990, "Using influence diagrams to value information and
control", in *Influence Diagrams, Belief Nets and Decision Analysis*, Wiley; Heckerman and
Shachter 1995, "Decision-theoretic foundations for causal reasoning", JAIR 3, for what it means
to set a mechanism). It is never negative, since it need not be used.

Odds lie on one scale however likely a state is, and adding to their logarithm is adding
evidence: so much per doubling can be compared across nodes. As x grows, a state that is
possible in every row becomes certain and the value that of full control of it; a row in which
it is impossible stays as it is. The way there need not rise all along: a decision that observes
the node learns less from it the surer it is.
"""

from __future__ import annotations

from math import log2, nan
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.envelope import tied
from decision.analysis.gained import gained, optima
from decision.analysis.linked import linked
from decision.analysis.movements import Movement
from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.model.language import parse_change
from decision.model.nodes import Chance
from decision.model.numbers import write_number
from decision.model.problems import COMMAND_LINE, PYTHON, ModelError, Problem, problem, shorten
from decision.solve.inputs import scale_of
from decision.solve.lines import Branches
from decision.solve.solution import solve

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PartialControl", "value_of_better_odds", "value_of_partial_control"]

Array = NDArray[np.float64]
STEPS = 25
"""Points of a curve; one more where nothing is changed."""


@dataclass(frozen=True, eq=False, repr=False)
class PartialControl:
    """What it is worth to change a node's probabilities, by how far they are changed.

    Attributes
    ----------
    change : str
        In the small language, with its free number x.
    by : str
        The decision whose options are the branches.
    curve : DataFrame
        Index `x`; columns `value`, `at_least` and `at_most` (the same, but for decisions that
        forget), and `best`, the branch then preferred.
    factor : bool
        Whether x is a factor of the odds.
    """

    change: str
    by: str
    curve: pd.DataFrame
    factor: bool

    def __repr__(self) -> str:
        end = f"{float(self.curve.index[-1]):g}"
        more = f", {self.per_doubling:.4g} per doubling" if self.factor else ""
        words = "at least " if self.is_bound else ""
        return f"<PartialControl {self.change}: {words}{self.value:.4g} at x = {end}{more}>"

    def _repr_html_(self) -> str:
        return str(self.curve.to_html())

    @property
    def is_bound(self) -> bool:
        """Whether a policy may be better than that found, so that the value is a bound."""
        return bool((self.curve["at_most"] > self.curve["at_least"]).any())

    @property
    def value(self) -> float:
        """What is gained at the range's end; where the optimum is local, at least."""
        return float(self.curve["at_least"].iloc[-1])

    @property
    def per_doubling(self) -> float:
        """The same for each doubling of the odds on the way there; nan if x is no factor."""
        end = float(self.curve.index[-1])
        return self.value / log2(end) if self.factor and end > 1 else nan


def value_of_partial_control(
    model: InfluenceDiagram, change: str, by: str | None = None
) -> PartialControl:
    """Value changing the probabilities of a chance node before the first decision.

    Parameters
    ----------
    model : InfluenceDiagram
    change : str
        A change of a chance node with a free number x and its range:
        ``"odds(tone=restrained) *= x in 1..4"``, ``"P(oil=dry) -= x in 0..0.2"``.
    by : str, optional
        The decision whose preferred option is told; default the first.

    Returns
    -------
    PartialControl
        Its `curve` is a pandas DataFrame; `value` is what is gained at the range's end,
        `per_doubling` that for each doubling of the odds.

    Raises
    ------
    ModelError
        For a change of anything but a chance node, one that cannot be made all over the range.

    Examples
    --------
    With the wildcatter's odds of a soaking well doubled, P(soaking) is 1/3.

    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> found = da.value_of_partial_control(oil, "odds(oil=soaking) *= x in 1..2")
    >>> found
    <PartialControl odds(oil=soaking) *= x in 1..2: 27.5 at x = 2, 27.5 per doubling>
    >>> found.curve["best"].iloc[[0, -1]].tolist()
    ['yes', 'no']
    """
    import pandas as pd

    by = model.node(model.decisions[0].name if by is None else by, ("decision",), COMMAND_LINE).name
    line, operator, kind = _movement(model, change)
    base = solve(model)
    branches = Branches(model, by)
    numbers = _numbers(line)
    points = [(line, float(number)) for number in numbers]
    worths, most = optima(branches, points)
    each = branches.worths(points)[:-1]
    best = tied(each, np.full(len(points), max(scale_of(model), line.scale))).argmax(axis=0)
    able = [not np.isnan(column).all() for column in each.T]
    found = [gained(base, float(w), float(m)) for w, m in zip(worths, most, strict=True)]
    rows: dict[str, list[Any]] = {
        "value": [g.value for g in found],
        "at_least": [g.at_least for g in found],
        "at_most": [g.at_most for g in found],
        "best": [branches.options[i] if a else None for i, a in zip(best, able, strict=True)],
    }
    curve = pd.DataFrame(rows, index=pd.Index(numbers, name="x"))
    return PartialControl(change, by, curve, (kind, operator) == ("odds", "*="))


def value_of_better_odds(model: InfluenceDiagram, *nodes: str, factor: float = 2.0) -> pd.DataFrame:
    """Value multiplying the odds of each state of chance nodes, one at a time.

    Parameters
    ----------
    model : InfluenceDiagram
    *nodes : str
        Chance nodes; default every one.
    factor : float
        Above 0; 2 for what a doubling of the odds is worth.

    Returns
    -------
    DataFrame
        Index `change`, in the small language; columns `node`, `state`, `value` (points of the
        total; of certain equivalent with risk) and what it is `at_least` and `at_most` (the
        same, but for decisions that forget); the largest value first.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> da.value_of_better_odds(oil, "oil")["value"].round(2)
    change
    odds(oil=soaking) *= 2    27.50
    odds(oil=wet) *= 2         4.42
    odds(oil=dry) *= 2         0.00
    Name: value, dtype: float64
    """
    import pandas as pd

    found: list[Problem] = []
    if not (0 < factor < float("inf")):
        found.append(problem(PYTHON, f"factor is {factor:g}", "give a number above 0"))
    chosen: list[Chance] = []
    for name in dict.fromkeys(nodes or [c.name for c in model.chances]):
        try:
            chosen.append(model.node(name, ("chance",), PYTHON))
        except ModelError as error:
            found += error.problems
    if found:
        raise ModelError(found)
    pairs = [(c, i) for c in chosen if len(c.states) > 1 for i in range(len(c.states))]
    base, line, rows = solve(model), _Odds(tuple(chosen), tuple(pairs), factor), []
    points = [(line, float(number)) for number in range(len(pairs))]
    first = model.decisions[0].name
    worths, most = optima(Branches(model, first), points) if points else (np.empty(0),) * 2
    for (node, i), worth, bound in zip(pairs, worths, most, strict=True):
        state, gain = node.states[i], gained(base, float(worth), float(bound))
        change = f"odds({node.name}={state}) *= {write_number(factor)}"
        rows.append((change, node.name, state, gain.value, gain.at_least, gain.at_most))
    columns = ["change", "node", "state", "value", "at_least", "at_most"]
    frame = pd.DataFrame(rows, columns=columns).set_index("change")
    return frame.sort_values("value", ascending=False, kind="stable")


# -- what moves -----------------------------------------------------------------------


def _movement(model: InfluenceDiagram, text: str) -> tuple[Movement, str, str]:
    """Return a change of a chance node with a free number, its operator and its kind."""
    line = linked(model, text)
    change = parse_change(_at(text, line.low), COMMAND_LINE)
    if change.kind not in ("P", "odds"):
        what = f"'{shorten(text)}' changes no chance node, and what is chosen is no control"
        do = "write it like 'odds(node=state) *= x in 1..4'"
        raise ModelError([problem(COMMAND_LINE, what, do)])
    return line, change.operator, change.kind


def _at(text: str, number: float) -> str:
    """Return a change with its free number set."""
    head, _, _ = text.rpartition(" in ")
    return head.rstrip().removesuffix("x") + write_number(number)


def _numbers(line: Movement) -> Array:
    """Return the points of a curve: of one ratio for a factor, and where nothing changes."""
    spaced = np.geomspace if line.factor and line.low > 0 else np.linspace
    numbers = spaced(line.low, line.high, STEPS if line.high > line.low else 1)
    if line.low < line.base < line.high:
        numbers = np.append(numbers, line.base)
    found: Array = np.unique(numbers)
    return found


@dataclass(frozen=True, eq=False)
class _Odds:
    """Pairs of a node and a state, as a line whose numbers say whose odds are multiplied."""

    nodes: tuple[Chance, ...]
    pairs: tuple[tuple[Chance, int], ...]
    factor: float
    first: float = 0.0
    last: float = 0.0

    def at(self, number: float) -> dict[str, Array]:
        """Return the tables of all nodes, one of them with better odds."""
        node, state = self.pairs[int(number)]
        tables = {c.name: np.asarray(c.table) for c in self.nodes}
        moved = np.array(node.table)
        moved[..., state] *= self.factor
        tables[node.name] = moved / moved.sum(axis=-1, keepdims=True)
        return tables
