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

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from decision.analysis.gaps import Gap, looked_at, parted
from decision.analysis.outcomes import worth_of
from decision.analysis.paragraph import paragraph
from decision.analysis.reversals import Reversal, reversals
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import COMMAND_LINE, ModelError, problem
from decision.solve.inputs import scale_of
from decision.solve.solution import solve
from decision.solve.ties import TIE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Explanation", "explain", "explanation_json"]


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
    event : str or None
        ``P(node=state)`` that leads are expressed in, and what its certainty is worth.
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
    event: str | None = None
    event_worth: float = math.nan

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
    *,
    event: str | None = None,
) -> Explanation:
    """Say why the best option is best: against each other, and what would undo it.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are compared; default the first.
    progress : callable, optional
        Told how many inputs were tried for a reversal, and of how many.
    event : str, optional
        What the reader cares about, ``"P(escalation=major_war)"``: the lead is then also
        said as a change of its chance (`decision.analysis.outcomes.worth_of`).

    Returns
    -------
    Explanation
        `text`, and the tables `values` (differences split over value nodes) and
        `outcomes` (and further over the nodes these depend on).

    Raises
    ------
    ModelError
        For an unknown decision; for an event that is none, or makes no difference.

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
    looked = (
        {} if first is None else {o: looked_at(s) for o, s in branches.items() if s is not None}
    )
    gaps = []
    for option, branch in branches.items():
        if option == best:
            continue
        if first is None or branch is None:
            gaps.append(Gap(option, None, None, None, ()))
            continue
        parts = tuple(parted(model, looked[str(best)], looked[option]))
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
        event,
        math.nan if event is None else _worth_of(model, event),
    )


def _worth_of(model: InfluenceDiagram, event: str) -> float:
    worth = worth_of(model, event)
    if abs(worth) <= TIE * scale_of(model):
        what = f"the total does not depend on {event}"
        raise ModelError([problem(COMMAND_LINE, what, "ask for an event that matters")])
    return worth


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
