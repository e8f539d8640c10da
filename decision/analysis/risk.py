"""How sure is it: what a branch may come to, not on average but with what probability.

A branch's expectation hides whether it is a safe thing or a gamble. Its distribution (the
*risk profile*), of the total or of one value in its own unit, shows it; quantiles and the
mean of the worst cases say it in numbers. Sometimes no attitude to risk has to be known:
a branch that is better at every probability is preferred by all who want more
(first-order stochastic dominance), one with the smaller integrated chance of falling
short by all who also dislike risk (second-order; Hadar and Russell 1969, "Rules for
ordering uncertain prospects", American Economic Review 59(1); Levy 1992, Management
Science 38(4), doi:10.1287/mnsc.38.4.555). Where neither holds, the risk tolerances at
which the choice changes (`tolerances`) say how much the attitude matters.

A branch's later decisions, and earlier ones, are those that the model prefers, whatever
value is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.distribution import SLACK, Distribution, distribution, gathered
from decision.analysis.tolerances import Switch, switches
from decision.analysis.wording import unit_of_total
from decision.model.dataclass import dataclass, replace
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import COMMAND_LINE
from decision.solve.solution import solve

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Findings",
    "distributions",
    "dominance",
    "findings",
    "risk",
    "risk_json",
    "risk_profile",
]

QUANTILES = (0.05, 0.5, 0.95)
WORST = (0.05,)
"""Shares of probability whose mean outcome is told."""

Array = NDArray[np.float64]
Profiles = list[tuple[str, Distribution | None]]


@dataclass(frozen=True, eq=False)
class Findings:
    """How sure the branches of a decision are.

    Parameters
    ----------
    by : str
        The decision.
    value : str or None
        The value node that is looked at; None for the total.
    less : bool
        Whether less of it is better.
    profiles : list of (option, Distribution or None)
        None for a branch that is closed.
    dominance : list of (better, worse, order)
    switches : list of Switch or None
        None for a value node.
    """

    by: str
    value: str | None
    less: bool
    profiles: Profiles
    dominance: list[tuple[str, str, int]]
    switches: list[Switch] | None


def risk(model: InfluenceDiagram, value: str | None = None, by: str | None = None) -> pd.DataFrame:
    """Return how sure each branch is: quantiles, worst cases and what dominates it.

    Parameters
    ----------
    model : InfluenceDiagram
    value : str, optional
        A value node, in its natural unit; the weighted total if left out.
    by : str, optional
        The decision whose options are the branches; default the first in time order.

    Returns
    -------
    DataFrame
        Index: the options, named by the decision. Columns `mean`; `0.05`, `0.5`, `0.95`,
        the quantiles (the least amount with P(X ≤ x) ≥ q); `cvar 0.05`, the mean over the
        worst 5% of probability; `dominated by` and `dominated in second order by`, tuples
        of options. A branch that is closed is a row of NaN. The tolerances at which the
        choice changes are `findings`'.

    Raises
    ------
    ModelError
        For an unknown decision or value, and where a total has too many amounts.

    Notes
    -----
    Worst is low, except for a value node whose `worst` is above its `best`. Second order
    is told only where first order does not hold.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> da.risk(oil)[["mean", "0.05", "0.5", "0.95", "cvar 0.05"]].round(6)
          mean  0.05   0.5   0.95  cvar 0.05
    test
    yes   22.5 -80.0 -10.0  190.0      -80.0
    no    20.0 -70.0 -70.0  200.0      -70.0
    """
    import pandas as pd

    found = _profiles(model, value, by)
    rows = []
    for option, one in found.profiles:
        told = _told(one, found.less)
        row = {"mean": told["mean"], **told["quantiles"]}
        row |= {f"cvar {a}": amount for a, amount in told["cvar"].items()}
        for column, order in (("dominated by", 1), ("dominated in second order by", 2)):
            row[column] = tuple(b for b, w, o in found.dominance if (w, o) == (option, order))
        rows.append(row)
    index = pd.Index([option for option, _ in found.profiles], name=found.by)
    frame = pd.DataFrame(rows, index=index)
    return frame.astype({c: float for c in frame if not str(c).startswith("dominated")})


def risk_profile(
    model: InfluenceDiagram, value: str | None = None, by: str | None = None
) -> pd.DataFrame:
    """Return the distribution of the total, or of one value, for each branch.

    Parameters
    ----------
    model : InfluenceDiagram
    value : str, optional
        A value node, in its natural unit; the weighted total if left out.
    by : str, optional
        The decision whose options are the branches; default the first in time order.

    Returns
    -------
    DataFrame
        A row for each amount that a branch may come to, ascending. Columns: the
        decision's name (the option), `x`, `p` and `cumulative`, P(X ≤ x). A branch that
        is closed has no rows. Its `attrs` say the `name` and the `unit` of what x is, and
        all the `options`.

    Raises
    ------
    ModelError
        As `risk`.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> da.risk_profile(oil).round(6).query("test == 'yes'")
      test      x     p  cumulative
    0  yes  -80.0  0.20        0.20
    1  yes  -10.0  0.41        0.61
    2  yes   40.0  0.21        0.82
    3  yes  190.0  0.18        1.00
    """
    import pandas as pd

    found = _profiles(model, value, by)
    name = found.by
    columns: dict[str, list[Any]] = {name: [], "x": [], "p": [], "cumulative": []}
    for option, one in found.profiles:
        if one is not None:
            columns[name] += [option] * len(one.x)
            columns["x"] += one.x.tolist()
            columns["p"] += one.p.tolist()
            columns["cumulative"] += one.cumulative.tolist()
    types = {name: object, "x": float, "p": float, "cumulative": float}
    frame = pd.DataFrame(columns).astype(types)
    node: Any = None if value is None else model.nodes[value]
    frame.attrs["options"] = tuple(option for option, _ in found.profiles)
    frame.attrs["name"] = "Total" if node is None else node.caption
    frame.attrs["unit"] = unit_of_total(model) if node is None else node.unit
    return frame


def risk_json(found: Findings) -> dict[str, Any]:
    """Return what `decision risk` prints, to the contract's letter.

    For the total `value` is "total"; for a value node `switch_tolerance`, which is about
    the total, is null. A branch that is closed has null for every number and an empty
    distribution.
    """
    changes = found.switches
    return {
        "value": found.value or "total",
        "branches": [
            {"option": option, **_told(one, found.less)} for option, one in found.profiles
        ],
        "dominance": [
            {"better": better, "worse": worse, "order": order}
            for better, worse, order in found.dominance
        ],
        "switch_tolerance": None if changes is None else [each.tolerance for each in changes],
    }


def _told(one: Distribution | None, less: bool) -> dict[str, Any]:
    if one is None:
        return {
            "mean": None,
            "distribution": [],
            "quantiles": {str(q): None for q in QUANTILES},
            "cvar": {str(a): None for a in WORST},
        }
    pairs = zip(one.x.tolist(), one.p.tolist(), strict=True)
    return {
        "mean": one.mean,
        "distribution": [{"x": x, "p": p} for x, p in pairs],
        "quantiles": {str(q): one.quantile(q) for q in QUANTILES},
        "cvar": {str(a): one.shortfall(a, less) for a in WORST},
    }


def findings(
    model: InfluenceDiagram,
    value: str | None = None,
    by: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Findings:
    """Return all that `risk_json` tells; `progress` is told how many tolerances are done."""
    found = _profiles(model, value, by)
    changes = None if value is not None else switches(model, found.by, progress)
    return replace(found, switches=changes)


def _profiles(model: InfluenceDiagram, value: str | None, by: str | None) -> Findings:
    """Return the findings without the tolerances, which take longer."""
    less = False
    if value is not None:
        node: Any = model.node(value, ("value",), COMMAND_LINE)
        less = node.worst is not None and node.worst > node.best
    by = model.decisions[0].name if by is None else by
    found = distributions(model, value, by)
    return Findings(by, value, less, found, dominance(found, less), None)


def distributions(
    model: InfluenceDiagram, value: str | None = None, by: str | None = None
) -> Profiles:
    """Return the distribution of each branch; None for one that is closed."""
    by = model.decisions[0].name if by is None else by
    model.node(by, ("decision",), COMMAND_LINE)
    return [
        (option, None if branch is None else distribution(branch, value))
        for option, branch in solve(model).branch_solutions(by)
    ]


# -- dominance ------------------------------------------------------------------


def dominance(found: Profiles, less: bool = False) -> list[tuple[str, str, int]]:
    """Return which branches dominate which: (better, worse, order 1 or 2).

    Parameters
    ----------
    found : list of (option, Distribution or None)
    less : bool
        Whether less is better.
    """
    there = [(option, one) for option, one in found if one is not None]
    if len(there) < 2:
        return []
    x, p = gathered([one for _, one in there])
    if less:
        x, p = -x[::-1], [one[::-1] for one in p]
    curves = [np.cumsum(one) for one in p]
    pairs = permutations(range(len(there)), 2)
    orders = ((i, j, _order(x, curves[i], curves[j])) for i, j in pairs)
    return [(there[i][0], there[j][0], order) for i, j, order in orders if order is not None]


def _order(x: Array, better: Array, worse: Array) -> int | None:
    """Return the order in which one cumulative curve dominates another, strictly somewhere."""
    gain = (worse - better)[:-1]  # after the last amount both are 1
    if gain.min(initial=0.0) >= -SLACK:
        return 1 if gain.max(initial=0.0) > SLACK else None
    area = np.cumsum(gain * np.diff(x))
    least = SLACK * float(x[-1] - x[0])
    return 2 if area.min() >= -least and area.max() > least else None
