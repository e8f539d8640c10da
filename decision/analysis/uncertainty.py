"""Uncertainty: how sure the advice is when every number is as uncertain as its range says.

All inputs are drawn at once and each draw is solved anew (`draws`). The share of draws in
which a branch is best is how often the advice would be the same, had one known the numbers
(probabilistic sensitivity analysis; Doubilet et al. 1985, doi:10.1177/0272989X8500500205;
the shares at one threshold of the acceptability curves of Fenwick, Claxton and Sculpher
2001, Health Economics 10(8), doi:10.1002/hec.635). It is no vote: a branch that is best less
often can have the higher mean. What holding to a branch loses on average is its *regret*;
the least of these is what perfect information on all inputs together is worth.

*Independent* noise in hundreds of rows averages out what the rows of a node share; *linked*
draws move them together. The truth lies between them or beyond: report both.

What goes with the flips is told by Spearman's correlation of each drawn input with the
difference of base's best branch and its second (`ranking`). It is a first look: it sees
inputs one by one, and among hundreds the largest of those that do nothing is about
3/√draws. Shares have the standard error √(s(1−s)/draws); where a branch is best in none,
its share is at most 3/draws with 95% confidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from math import nan
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from decision.analysis.draws import Drawn, drawn_worths, worths_given
from decision.analysis.envelope import tied
from decision.analysis.ranking import Ranked
from decision.analysis.sampling import Around, sampler
from decision.analysis.shares import Uncertainty, uncertainty_json
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import PYTHON, ModelError, problem
from decision.solve.inputs import scale_of
from decision.solve.mapping import Progress

__all__ = ["Uncertainty", "uncertainty", "uncertainty_json"]

Array = NDArray[np.float64]
KEPT = 2**30
"""Bytes of drawn inputs that are kept at once; more are drawn in several passes."""
EACH = 20
"""Inputs that are ranked between two words of progress."""
ROUNDING = 1e-12
"""Share of the largest |total| within which two differences are one but for rounding."""


def uncertainty(
    model: InfluenceDiagram,
    by: str | None = None,
    *,
    draws: int = 10_000,
    seed: int,
    draw: str | Around = "independent",
    executor: Executor | None = None,
    progress: Progress | None = None,
    ranking: Progress | None = None,
) -> Uncertainty:
    """Say how often each branch is best when all inputs are drawn from their ranges.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are compared; default the first.
    draws : int
        One or more.
    seed : int
        Zero or more. The same seed gives the same figures, whoever runs them.
    draw : "independent", "linked" or Around
        Each row of the files on its own, or all rows of a chance node together; or every
        number around where it is, for a model without ranges.
    executor : Executor, optional
        Who runs the draws: threads, processes, a Dask cluster; default this process.
    progress, ranking : callable, optional
        Told how many draws are done, and of how many; then how many inputs are ranked.

    Returns
    -------
    Uncertainty
        Its `branches`, `differences`, `flips` and `running` are pandas DataFrames.

    Raises
    ------
    ModelError
        For a model that has no answer, or has none in some draw; a name that is none.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> found = da.uncertainty(oil, draws=1000, seed=1)
    >>> found.branches["best_share"].sum()
    np.float64(1.0)
    >>> found.best, found.second
    ('yes', 'no')
    """
    if draws < 1:
        raise ModelError([problem(PYTHON, f"draws is {draws}", "give 1 or more")])
    by = model.node(model.decisions[0].name if by is None else by, ("decision",)).name
    scale = scale_of(model)
    order = _by_worth(worths_given(model, {}, by)[:, 0], scale)
    named = [model.states(by)[i] for i in order]
    passes = _passes(sampler(model, draw).names if len(order) > 1 else (), draws)
    correlations: dict[str, float] = {}
    for number, names in enumerate(passes):
        found = drawn_worths(
            model,
            by,
            draws=draws,
            seed=seed,
            draw=draw,
            keep=names,
            executor=executor,
            progress=_from(progress, number * draws, len(passes) * draws),
        )
        rest = sum(map(len, passes[:number]))
        told = _from(ranking, rest, sum(map(len, passes)))
        correlations |= _correlations(_Goal(found, order, scale), found.numbers, told)
    return Uncertainty(
        draws,
        seed,
        draw,
        by,
        found.options,
        found.worths,
        tied(found.worths, np.full(draws, scale)).argmax(axis=0),
        named[0] if named else None,
        named[1] if len(named) > 1 else None,
        correlations,
    )


# -- the parts ----------------------------------------------------------------------


def _by_worth(base: Array, scale: float) -> list[int]:
    """Return the options that can be had at base, the best first; of those that tie the first."""
    left, order = base.copy(), []
    while not np.isnan(left).all():
        best = int(tied(left[:, None], np.array([scale])).argmax())
        order.append(best)
        left[best] = np.nan
    return order


def _passes(names: Sequence[str], draws: int) -> list[Sequence[str]]:
    """Cut what is drawn into parts that are kept at once; the draws of all are the same."""
    size = max(1, KEPT // (8 * draws))
    return [names[i : i + size] for i in range(0, len(names), size)] or [()]


def _from(progress: Progress | None, before: int, of: int) -> Progress | None:
    """Return what tells how far one pass of several is."""
    if progress is None:
        return None
    return lambda done, _: progress(before + done, of)


class _Goal:
    """The difference of base's two best branches, with which inputs are compared."""

    def __init__(self, found: Drawn, order: Sequence[int], scale: float) -> None:
        self.ranked: Ranked | None = None
        if len(order) > 1:
            gap = found.worths[order[0]] - found.worths[order[1]]
            self.there = ~np.isnan(gap)
            if self.there.any():
                self.ranked = Ranked(gap[self.there], ROUNDING * scale)

    def correlation(self, numbers: Array) -> float:
        """Return Spearman's over the draws in which both branches can be had."""
        if self.ranked is None:
            return nan
        return self.ranked.correlation(numbers[self.there])


def _correlations(
    goal: _Goal, numbers: Mapping[str, Array], progress: Progress | None
) -> dict[str, float]:
    """Return the correlation of each input; threads sort side by side."""
    found: dict[str, float] = {}
    pool = ThreadPoolExecutor(cpu_count())
    try:
        each = pool.map(goal.correlation, numbers.values())
        for name, correlation in zip(numbers, each, strict=True):
            found[name] = correlation
            done = len(found)
            if progress is not None and (done % EACH == 0 or done == len(numbers)):
                progress(done, len(numbers))
    finally:
        pool.shutdown(cancel_futures=True)
    return found
