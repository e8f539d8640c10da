"""Expected value of partial perfect information, from draws of numbers and of worths.

Somebody who will know some of a model's numbers, X, before choosing among options with the
worths W gains, on average, E[max over d of E(W_d | X)] − max over d of E(W_d) (Felli and Hazen
1998, "Sensitivity analysis and the expected value of perfect information", Medical Decision
Making 18(1), doi:10.1177/0272989X9801800117). One sample of both is enough: the inner
expectation is a regression of worths on X (Strong, Oakley and Brennan 2014, "Estimating
multiparameter partial expected value of perfect information from a probabilistic sensitivity
analysis sample", Medical Decision Making 34(3), doi:10.1177/0272989X13505910; here `smoothing`).

Two estimates are made of each fit:

- *plug-in*, the paper's: the mean of the largest fitted worth, less the largest mean. It errs
  high, since the largest of several noisy fits is too large: `plug_in_bias` says by how much,
  by draws from the fit's posterior, as the paper's appendix does for the error. To that error
  the sampling error of X is added. Where a fit is too stiff for the shape it errs low: by
  how much, if it is below `value`, the two together tell.
- *value*: what the choices are worth to which the fit leads, each made without the draw that
  it is judged by. They are some policy of somebody who knows X, so that it errs low, if at all
  (van der Laan and Luedtke 2015, "Targeted learning of the mean outcome under an optimal
  dynamic treatment rule", Journal of Causal Inference 3(1), doi:10.1515/jci-2013-0022). Its
  error is that of a mean over draws.

Whoever knows more can ignore the rest: policies for a set that was asked for are policies for
every larger one, and so is none at all. So `value` never falls from a set to a larger one
asked with it, is never below 0, and never above what knowing all numbers is worth: no choice
is worth more than the best in each draw. The plug-in keeps only the second of these laws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import nan, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decision.analysis.smoothing import Fit, smooth
from decision.model.dataclass import dataclass
from decision.model.problems import PYTHON, ModelError, nearest, problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ALL",
    "Gain",
    "advantages",
    "as_frame",
    "chosen",
    "evppi",
    "gains",
    "keeping_order",
    "mean_and_error",
]

Array = NDArray[np.float64]
Names = tuple[str, ...]
ALL = "all inputs"
POSTERIOR, ROWS = 200, 10_000
"""Draws from a fit's posterior, and of what is fitted in each: the error is known within 5%."""


@dataclass(frozen=True)
class Gain:
    """What knowing some inputs is worth, by two estimates."""

    inputs: Names
    value: float
    standard_error: float
    plug_in: float = nan
    plug_in_error: float = nan
    plug_in_bias: float = nan


def evppi(
    worths: ArrayLike,
    numbers: Mapping[str, ArrayLike],
    sets: Sequence[str | Sequence[str]] | None = None,
    *,
    seed: int,
) -> pd.DataFrame:
    """Value knowing some numbers before a choice, from a sample of numbers and worths.

    Parameters
    ----------
    worths : array (options, draws)
        What each option is worth in each draw of the numbers.
    numbers : mapping of name to array (draws)
        What was drawn.
    sets : sequence of names, or of sequences of names
        What is to be known, each on its own; default every name.
    seed : int
        Of the draws from the fits' posteriors, which give the errors of the plug-in.

    Returns
    -------
    DataFrame
        Index `inputs` (names of a set joined by " + "; "all inputs" is what all are worth);
        columns `value`, `standard_error`, `plug_in`, `plug_in_error`, `plug_in_bias` in the
        worths' unit; the largest value first.

    Raises
    ------
    ModelError
        For a name that was not drawn, draws of unlike number, fewer than two.

    Examples
    --------
    A treatment's effect is N(1, 1), its cost N(0, 2). Exact are 0.083 and 0.396; 0.480 in all
    (Raiffa and Schlaifer 1961, section 5.4: the unit normal loss integral).

    >>> rng = np.random.default_rng(1)
    >>> effect, cost = rng.normal(1, 1, 20_000), rng.normal(0, 2, 20_000)
    >>> found = evppi([0 * effect, effect - cost], {"effect": effect, "cost": cost}, seed=1)
    >>> found["value"].round(2).to_dict()
    {'all inputs': 0.47, 'cost': 0.39, 'effect': 0.08}
    >>> found["standard_error"].round(3).to_dict()
    {'all inputs': 0.007, 'cost': 0.007, 'effect': 0.006}
    """
    table = np.asarray(worths, dtype=np.float64)
    drawn = {name: np.asarray(column, dtype=np.float64) for name, column in numbers.items()}
    if table.ndim != 2 or table.shape[1] < 2:
        what = f"worths have the shape {table.shape}"
        raise ModelError([problem(PYTHON, what, "give a row for each option, two draws or more")])
    found = [
        problem(PYTHON, f"{name} has the shape {column.shape}", f"give {table.shape[1]} draws")
        for name, column in drawn.items()
        if column.shape != table.shape[1:]
    ]
    wanted = [(s,) if isinstance(s, str) else tuple(s) for s in (drawn if sets is None else sets)]
    for name in dict.fromkeys(name for names in wanted for name in names):
        if name not in drawn:
            what = f"'{name}' was not drawn"
            found.append(problem(PYTHON, what, nearest(name, drawn)))
    if found:
        raise ModelError(found)
    random = np.random.default_rng(seed)
    return as_frame(gains(table, drawn, wanted, random))


def gains(
    worths: Array,
    numbers: Mapping[str, Array],
    sets: Sequence[Names],
    random: np.random.Generator,
    progress: Callable[[int, int], None] | None = None,
) -> list[Gain]:
    """Return what knowing each set is worth; the first is what all inputs are."""
    more = advantages(worths)
    every = everything(more)
    found = []
    for done, names in enumerate(sets, 1):
        fit = smooth([numbers[name] for name in dict.fromkeys(names)], more)
        found.append(_gain(names, more, fit, random))
        if progress is not None:
            progress(done, len(sets))
    return [every, *keeping_order(found)]


def advantages(worths: Array) -> Array:
    """Return what each other option is worth more than the one best on average (draws, others).

    An option that cannot be had in some draw is left out: whoever does not know all numbers
    cannot count on it.
    """
    able = worths[~np.isnan(worths).any(axis=1)]
    if len(able) < 2:
        return np.zeros((worths.shape[1], 0))
    best = int(able.mean(axis=1).argmax())
    more: Array = (np.delete(able, best, axis=0) - able[best]).T
    return more


def everything(more: Array) -> Gain:
    """Return what knowing all inputs is worth: in each draw the best option of that draw."""
    largest = more.max(axis=1, initial=0.0)
    value, error = mean_and_error(largest)
    return Gain((ALL,), value, error, value, error, 0.0)


def keeping_order(found: Sequence[Gain]) -> list[Gain]:
    """Return gains in which a larger set, which can ignore what is more, gains no less."""
    kept = []
    for gain in found:
        known = set(gain.inputs)
        best = max((g for g in found if set(g.inputs) <= known), key=lambda g: g.value)
        value, error = gain.value, gain.standard_error
        if best.value > value:
            value, error = best.value, best.standard_error
        rest = gain.plug_in, gain.plug_in_error, gain.plug_in_bias
        kept.append(Gain(gain.inputs, max(0.0, value), error, *rest))
    return kept


def as_frame(found: Iterable[Gain]) -> pd.DataFrame:
    """Return gains as a table, the largest first."""
    import pandas as pd

    rows = [(" + ".join(g.inputs), *(getattr(g, name) for name in COLUMNS)) for g in found]
    frame = pd.DataFrame(rows, columns=["inputs", *COLUMNS]).set_index("inputs")
    return frame.sort_values("value", ascending=False, kind="stable")


COLUMNS = ("value", "standard_error", "plug_in", "plug_in_error", "plug_in_bias")


# -- one set ------------------------------------------------------------------------


def _gain(names: Names, more: Array, fit: Fit, random: np.random.Generator) -> Gain:
    if not more.shape[1]:
        return Gain(names, 0.0, 0.0, 0.0, 0.0, 0.0)
    value, error = mean_and_error(chosen(fit.left_out, more))
    plug_in, sampling = mean_and_error(fit.fitted.max(axis=1).clip(0))
    parts = []
    for might in fit.redrawn(random, POSTERIOR, ROWS):  # (rows, times, others)
        known = might.max(axis=-1).clip(0).mean(axis=0)
        parts.append(known - might.mean(axis=0).max(axis=-1).clip(0))
    redrawn = np.concatenate(parts)
    spread = sqrt(sampling**2 + float(redrawn.var()))
    here = float(fit.fitted[:ROWS].max(axis=1).clip(0).mean())
    here -= max(0.0, float(fit.fitted[:ROWS].mean(axis=0).max()))
    return Gain(names, value, error, plug_in, spread, float(redrawn.mean()) - here)


def chosen(expected: Array, more: Array) -> Array:
    """Return what choosing by expectations gains in each draw, over the best on average."""
    option = expected.argmax(axis=1)
    rows = np.arange(len(more))
    gained: Array = np.where(expected[rows, option] > 0, more[rows, option], 0.0)
    return gained


def mean_and_error(gained: Array) -> tuple[float, float]:
    """Return a mean and its standard error."""
    return float(gained.mean()), float(gained.std(ddof=1)) / sqrt(len(gained))
