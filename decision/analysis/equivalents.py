"""Certain equivalents: what each branch is worth for sure, by somebody's attitude to risk.

The certain equivalent of a gamble is the amount that is as good as it: u(c) = E u(X).
Three ways to say what u is: exponential, −exp(−x/t), with the risk tolerance t; power,
w^(1−a)/(1−a), or ln w where a = 1, over final wealth w, with the relative aversion a
(Pratt 1964, "Risk aversion in the small and in the large", Econometrica 32(1-2),
doi:10.2307/1913738); and a table of amounts and their utilities, as assessed with somebody
(Keeney and Raiffa 1976, *Decisions with Multiple Objectives*, ch. 4), straight between.

With exponential utility what is already gained or lost doesn't change later choices, so
the policy is the best one for it. With the other two it may; there the policy is the one
that the model prefers, and the best may be worth more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from decision.analysis.distribution import Distribution
from decision.analysis.risk import distributions
from decision.analysis.tolerances import branches_at
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import COMMAND_LINE, ModelError, problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["certain_equivalents"]

Array = NDArray[np.float64]


def certain_equivalents(
    model: InfluenceDiagram,
    *,
    tolerance: float | None = None,
    aversion: float | None = None,
    wealth: float = 0.0,
    utilities: Mapping[float, float] | None = None,
    by: str | None = None,
) -> pd.Series[float]:
    """Return what each branch's total is worth for certain.

    Parameters
    ----------
    model : InfluenceDiagram
    tolerance : float, optional
        Of exponential utility, in the unit of the total, above 0.
    aversion : float, optional
        Of power utility: 0 for none, 1 for the logarithm, more for the cautious.
    wealth : float
        With `aversion`: what is there before, in the unit of the total.
    utilities : mapping of amount to utility, optional
        A table, rising in both; every total that may come about lies within it.
    by : str, optional
        The decision whose options are the branches; default the first in time order.

    Returns
    -------
    Series
        Over the options, named `certain_equivalent`; NaN for a branch that is closed.

    Raises
    ------
    ModelError
        Unless just one of the three attitudes is given; where wealth would not stay above
        0; where a table does not rise, or leaves out a total.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> da.certain_equivalents(oil, tolerance=200.0).round(3).to_dict()
    {'yes': 5.9, 'no': 0.0}
    >>> da.certain_equivalents(oil, aversion=1.0, wealth=300.0).round(3).to_dict()
    {'yes': 11.827, 'no': 4.704}
    """
    import pandas as pd

    given = [each is not None for each in (tolerance, aversion, utilities)]
    if sum(given) != 1:
        what = f"{sum(given)} attitudes to risk are given"
        raise _refusal(what, "give one of tolerance, aversion and utilities")
    by = model.decisions[0].name if by is None else by
    model.node(by, ("decision",), COMMAND_LINE)
    if tolerance is not None:
        if not (tolerance > 0 and np.isfinite(tolerance)):
            raise _refusal(f"the risk tolerance is {tolerance:g}", "use a number above 0")
        worth = branches_at(model, by, np.array([tolerance], dtype=float))[:, 0]
    else:
        worth = np.full(len(model.states(by)), np.nan)
        for i, (_, one) in enumerate(distributions(model, by=by)):
            if one is not None and aversion is not None:
                worth[i] = _power(one, aversion, wealth)
            elif one is not None and utilities is not None:
                worth[i] = _table(one, utilities)
    index = pd.Index(model.states(by), name=by)
    return pd.Series(worth + 0.0, index=index, name="certain_equivalent")


def _power(one: Distribution, aversion: float, wealth: float) -> float:
    after = one.x + wealth
    if not (np.isfinite(after).all() and after[0] > 0):
        what = f"wealth of {wealth:g} may become {after[0]:g}"
        raise _refusal(what, "power utility is for wealth above 0: say what is there before")
    if not np.isfinite(aversion):
        raise _refusal(f"the aversion is {aversion:g}", "use a number")
    most = after[0] if aversion > 1 else after[-1]  # so that no power overflows
    logs = np.log(after / most)
    if abs(aversion - 1.0) < 1e-9:
        mean = float(one.p @ logs)
    else:
        mean = float(np.log(one.p @ np.exp((1 - aversion) * logs))) / (1 - aversion)
    return float(most) * float(np.exp(mean)) - wealth


def _table(one: Distribution, utilities: Mapping[float, float]) -> float:
    amounts = np.array(sorted(utilities), dtype=float)
    heights = np.array([utilities[x] for x in sorted(utilities)], dtype=float)
    if len(amounts) < 2 or not (np.diff(heights) > 0).all() or not np.isfinite(heights).all():
        raise _refusal("the table of utilities does not rise", "give more to larger amounts")
    near = 1e-9 * max(abs(amounts[0]), abs(amounts[-1]))
    for x in (one.x[0], one.x[-1]):
        if not amounts[0] - near <= x <= amounts[-1] + near:
            what = f"the table of utilities leaves out {x:g}, which the total may be"
            raise _refusal(what, "give amounts as low and as high as the total may be")
    mean = float(one.p @ np.interp(one.x, amounts, heights))
    return float(np.interp(mean, heights, amounts))


def _refusal(what: str, do: str) -> ModelError:
    return ModelError([problem(COMMAND_LINE, what, do)])
