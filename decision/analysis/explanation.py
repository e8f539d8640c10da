"""Why the best option is best: where the difference comes from, and what would undo it.

The total is a sum over value nodes, so the difference between two branches is the sum of
what they differ in on each (the value profile of Keeney and Raiffa 1976, *Decisions with
Multiple Objectives*, ch. 3; drawn as a waterfall). Each part is shared out further over
the value node's parents and their outcomes (`attribution`). Differences are of expected
totals, also with an attitude to risk, where the best is the branch of the highest certain
equivalent: its difference can be negative then.

How large a margin is, is said as the smallest change that would undo it: of all inputs
with a range, the exact break-even nearest to the base in widths of that range (`sensitivity`).
Probabilities come first, since they are about the world; where a value or a weight is
nearer, it is named too. Widths make inputs comparable as far as their ranges were set with
the same care, which only their authors know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.attribution import carried
from decision.analysis.paragraph import paragraph
from decision.analysis.reversals import Reversal, reversals
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import COMMAND_LINE
from decision.solve.queries import answer
from decision.solve.solution import Solution, solve

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Explanation", "Gap", "Part", "explain", "explanation_json"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """What a difference owes to one value node.

    Attributes
    ----------
    value : str
    best, other : float
        Its expectation under the two branches, in its unit.
    points : float
        What this adds to the difference.
    outcomes : tuple of (node, state, float, float, float)
        Each outcome of each parent: its chance under the best and under the other, and
        the points it carries; these sum to `points`.
    """

    value: str
    best: float
    other: float
    points: float
    outcomes: tuple[tuple[str, str, float, float, float], ...]


@dataclass(frozen=True, eq=False)
class Gap:
    """What the best branch has over another; None and empty where that cannot be.

    Attributes
    ----------
    option : str
    expected_value, worth : float or None
        Of the other branch; its worth is its certain equivalent with risk.
    difference : float or None
        Of expected totals.
    parts : tuple of Part
        A value node each, in file order.
    """

    option: str
    expected_value: float | None
    worth: float | None
    difference: float | None
    parts: tuple[Part, ...]

    @property
    def waterfall(self) -> list[Part]:
        """The parts, largest gain first and largest loss last."""
        return sorted(self.parts, key=lambda part: -part.points)


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """Why the best branch of a decision is best.

    Attributes
    ----------
    model : InfluenceDiagram
    by : str
        The decision.
    best : str or None
        Its best option; None where none can be taken in every situation.
    ties : tuple of str
        Options that do as well.
    expected_value, worth : float or None
        Of the best branch.
    gaps : tuple of Gap
        One for each other option, in file order.
    reversals : tuple of Reversal
        The nearest changes of one input that would undo the preference: of a probability,
        and of a value or a weight if that is nearer.
    waiting : float
        What choosing by what is known first adds to always taking the best option.
    optimality : {"global", "local"}
    """

    model: InfluenceDiagram
    by: str
    best: str | None
    ties: tuple[str, ...]
    expected_value: float | None
    worth: float | None
    gaps: tuple[Gap, ...]
    reversals: tuple[Reversal, ...]
    waiting: float
    optimality: str

    @cached_property
    def text(self) -> str:
        """The explanation in one paragraph of plain words."""
        return paragraph(self)

    @cached_property
    def values(self) -> pd.DataFrame:
        """Differences split over value nodes, in the order of a waterfall.

        Returns
        -------
        DataFrame
            Index `option`, `value`: for each other option the value nodes, largest gain
            first, largest loss last. Columns `best` and `other` (expectations in `unit`),
            `unit`, `points` (what it adds to the difference), `start` and `end` (the
            waterfall's steps: from 0 to the difference).
        """
        import pandas as pd

        rows = []
        for gap in self.gaps:
            end = 0.0
            for part in gap.waterfall:
                start, end = end, end + part.points
                unit = self.model.node(part.value).unit
                rows.append(
                    (gap.option, part.value, part.best, part.other, unit, part.points, start, end)
                )
        columns = ["option", "value", "best", "other", "unit", "points", "start", "end"]
        return pd.DataFrame(rows, columns=columns).set_index(["option", "value"])

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Differences split over value nodes, their parents and these nodes' outcomes.

        Returns
        -------
        DataFrame
            Index `option`, `value`, `node`, `outcome`; columns `best` and `other` (chance
            of the outcome under the two branches) and `points` that it carries. They sum,
            within an option and a value, to `points` of `values`; grouped by option and
            node they say through which nodes the difference comes.

        Notes
        -----
        `decision.analysis.attribution` says how the points are shared out.
        """
        import pandas as pd

        rows = [
            (gap.option, part.value, *outcome)
            for gap in self.gaps
            for part in gap.waterfall
            for outcome in part.outcomes
        ]
        columns = ["option", "value", "node", "outcome", "best", "other", "points"]
        return pd.DataFrame(rows, columns=columns).set_index(columns[:4])

    def __repr__(self) -> str:
        return f"<Explanation of {self.by}: {self.text}>"

    def _repr_html_(self) -> str:
        from html import escape  # only notebooks need it

        shown = self.values[["best", "other", "unit", "points"]].round(4)
        return f"<div><p>{escape(self.text)}</p>{shown.to_html()}</div>"


def explain(
    model: InfluenceDiagram,
    by: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Explanation:
    """Say why the best option is best: against each other, and what would undo it.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are compared; default the first.
    progress : callable, optional
        Told how many inputs were tried for a reversal, and of how many.

    Returns
    -------
    Explanation
        `text`, and the tables `values` (differences split over value nodes) and
        `outcomes` (and further over the nodes these depend on).

    Raises
    ------
    ModelError
        For an unknown decision.

    Examples
    --------
    >>> import decision as da
    >>> why = da.explain(da.read_model("data/examples/oil_wildcatter"))
    >>> why.values["points"].round(6).to_dict()
    {('no', 'payoff'): 12.5, ('no', 'test_cost'): -10.0}
    """
    whole = solve(model)  # says what is wrong with a model that has no answer
    by = model.decisions[0].name if by is None else by
    by = model.node(by, ("decision",), COMMAND_LINE).name
    branches = dict(whole.branch_solutions(by))
    preferred = whole.preferred(by)
    best, ties = (preferred[0], preferred[1:]) if preferred else (None, ())
    first = None if best is None else branches[best]
    looked = {} if first is None else {o: _looked(s) for o, s in branches.items() if s is not None}
    gaps = []
    for option, branch in branches.items():
        if option == best:
            continue
        if first is None or branch is None:
            gaps.append(Gap(option, None, None, None, ()))
            continue
        parts = tuple(_parts(model, looked[str(best)], looked[option]))
        difference = first.expected_value - branch.expected_value
        gaps.append(Gap(option, branch.expected_value, branch.worth, difference, parts))
    alone = ties or all(gap.worth is None for gap in gaps)
    found: tuple[Reversal, ...] = ()
    if first is not None and not alone:
        found = reversals(model, by, str(best), progress)
    local = any(s is not None and s.optimality == "local" for s in branches.values())
    return Explanation(
        model,
        by,
        best,
        ties,
        None if first is None else first.expected_value,
        None if first is None else first.worth,
        tuple(gaps),
        found,
        0.0 if first is None else whole.worth - first.worth,
        "local" if local else "global",
    )


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """Return what `decision explain` prints, to the contract's letter.

    A branch that cannot be taken in every situation has null for every number.
    """
    against = []
    for gap in explanation.gaps:
        points = {part.value: part.points for part in gap.parts}
        by_value = {v.name: points.get(v.name) for v in explanation.model.values}
        row = {"option": gap.option, "difference": gap.difference, "by_value": by_value}
        against.append(row)
    return {"best": explanation.best, "against": against, "text": explanation.text}


def _looked(branch: Solution) -> list[Array]:
    """Return the joint chances of each value node's parents under a branch."""
    queries = [(v.given, "", "") for v in branch.model.values]
    return answer(branch.model, branch.policy, queries, limit=branch.limit)


def _parts(model: InfluenceDiagram, best: list[Array], other: list[Array]) -> Iterator[Part]:
    for value, one, two in zip(model.values, best, other, strict=True):
        utility = np.asarray(model.utility(value.name))
        points = float(((one - two) * utility).sum()) + 0.0
        amounts = [float((p * value.table).sum()) + 0.0 for p in (one, two)]
        outcomes = []
        for axis, each in enumerate(carried(utility, one, two)):
            name = value.given[axis]
            rest = tuple(n for n in range(one.ndim) if n != axis)
            rows = zip(
                model.states(name), one.sum(axis=rest), two.sum(axis=rest), each, strict=True
            )
            outcomes += [(name, s, float(p), float(q), float(x) + 0.0) for s, p, q, x in rows]
        yield Part(value.name, amounts[0], amounts[1], points, tuple(outcomes))
