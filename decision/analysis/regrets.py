"""What branches lack in each setting and draw, and what the least bad of them are.

Everything is worked out of the worths when it is looked at; frames are pandas, whatever the
command line prints is plain.
"""

from __future__ import annotations

from math import ceil, isnan, nan
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.draws import Drawn
from decision.analysis.envelope import tied
from decision.analysis.intervals import Interval
from decision.model.dataclass import dataclass
from decision.model.problems import PYTHON, ModelError, nearest, problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["QUANTILE", "Robustness", "robustness_json"]

Array = NDArray[np.float64]
QUANTILE = 0.95
"""Share of draws whose regret a branch does not exceed."""


@dataclass(frozen=True, eq=False, repr=False)
class Robustness:
    """How branches stand over settings, over draws and in ranges.

    Attributes
    ----------
    by : str
        The decision whose options are the branches.
    options, settings : tuple of str
    worths : ndarray (options, settings)
        Expected total, or certain equivalent with risk; nan where a branch cannot be had.
    scales : ndarray (settings)
        The largest |total| of each.
    drawn : Drawn or None
        Worths in draws from the ranges around base.
    found : tuple of Interval
        Of each option.
    """

    by: str
    options: tuple[str, ...]
    settings: tuple[str, ...]
    worths: Array
    scales: Array
    drawn: Drawn | None
    found: tuple[Interval, ...]

    def __repr__(self) -> str:
        most = self.most
        least = self.minimax_regret
        if least is None:
            return f"<Robustness: {len(self.settings)} settings, no branch in all of them>"
        regret = most[self.options.index(least)]
        said = f"minimax regret {least} ({regret:.4g}), maximin {self.maximin}"
        return f"<Robustness: {len(self.settings)} settings, {said}>"

    def _repr_html_(self) -> str:
        return f"<p>{len(self.settings)} settings</p>{self.branches.to_html()}"

    # -- plain ------------------------------------------------------------------

    @property
    def regrets(self) -> Array:
        """What each branch lacks to the best of each setting (options, settings)."""
        return _regrets(self.worths)

    @property
    def most(self) -> Array:
        """The largest regret of each option; nan where it cannot be had in some setting."""
        most: Array = self.regrets.max(axis=1)
        return most

    @property
    def lowest(self) -> Array:
        """The lowest total of each option; nan where it cannot be had in some setting."""
        lowest: Array = self.worths.min(axis=1)
        return lowest

    @property
    def minimax_regret(self) -> str | None:
        """The option whose largest regret is smallest; of those that tie the first."""
        return self._first(-self.most)

    @property
    def maximin(self) -> str | None:
        """The option whose lowest total is highest; of those that tie the first."""
        return self._first(self.lowest)

    @property
    def regrets_drawn(self) -> Array | None:
        """What each branch lacks to the best of each draw (options, draws)."""
        return None if self.drawn is None else _regrets(self.drawn.worths)

    def quantile_regret(self, q: float = QUANTILE) -> Array:
        """Return the regret that each option exceeds in at most 1 − q of the draws.

        The least regret that occurs with that property; q = 1: the largest.
        """
        regrets = self.regrets_drawn
        if regrets is None:
            raise ModelError([problem(PYTHON, "there are no draws", "give draws=1000, seed=1")])
        place = max(ceil(regrets.shape[1] * (q - 1e-12)) - 1, 0)
        quantiles = np.sort(regrets, axis=1)[:, place]
        quantiles[np.isnan(regrets).any(axis=1)] = nan
        return quantiles

    def minimax_regret_drawn(self, q: float = QUANTILE) -> str | None:
        """Return the option whose quantile of regret over the draws is smallest."""
        return self._first(-self.quantile_regret(q))

    def _first(self, worth: Array) -> str | None:
        if np.isnan(worth).all():
            return None
        scale = np.array([float(self.scales.max())])
        return self.options[int(tied(worth[:, None], scale).argmax())]

    # -- frames -----------------------------------------------------------------

    @property
    def totals(self) -> pd.DataFrame:
        """What each option (index) is worth in each setting (columns)."""
        return self._frame(self.worths)

    @property
    def regret(self) -> pd.DataFrame:
        """What each option (index) lacks to the best of each setting (columns)."""
        return self._frame(self.regrets)

    @property
    def max_regret(self) -> pd.Series[float]:
        """The largest regret of each option."""
        import pandas as pd

        return pd.Series(self.most, pd.Index(self.options, name=self.by), name="max_regret")

    @property
    def branches(self) -> pd.DataFrame:
        """A row for each option.

        Columns `lowest_total` and `max_regret`, each with the setting in which it is so
        (`lowest_in`, `max_regret_in`); with draws also `drawn_mean_regret`,
        `drawn_95_regret` (which 5% of the draws exceed) and `drawn_max_regret`.
        """
        import pandas as pd

        columns: dict[str, Any] = {
            "lowest_total": self.lowest,
            "lowest_in": self._where(self.worths.argmin(axis=1), self.lowest),
            "max_regret": self.most,
            "max_regret_in": self._where(self.regrets.argmax(axis=1), self.most),
        }
        regrets = self.regrets_drawn
        if regrets is not None:
            columns["drawn_mean_regret"] = regrets.mean(axis=1)
            columns["drawn_95_regret"] = self.quantile_regret()
            columns["drawn_max_regret"] = self.quantile_regret(1.0)
        return pd.DataFrame(columns, pd.Index(self.options, name=self.by))

    def _where(self, place: NDArray[np.intp], numbers: Array) -> list[str | None]:
        """Return the settings at some places, of options that can be had everywhere."""
        pairs = zip(place.tolist(), numbers.tolist(), strict=True)
        return [None if isnan(number) else self.settings[i] for i, number in pairs]

    @property
    def intervals(self) -> pd.DataFrame:
        """A row for each option: how low and how high it comes within all ranges at once.

        Columns `lowest` and `highest`, attained; `bound`: "inner" or "exact";
        `outer_lowest` and `outer_highest`, which nothing passes (nan: not known).
        """
        import pandas as pd

        names = ("lowest", "highest", "bound", "outer_lowest", "outer_highest")
        rows = [{self.by: i.option, **{n: getattr(i, n) for n in names}} for i in self.found]
        return pd.DataFrame(rows).set_index(self.by)

    def numbers(self, option: str) -> pd.DataFrame:
        """Return the probabilities at which one option is worth least and most.

        Index `input`, in file order; columns `at_lowest` and `at_highest`. A file's row of
        which all states have a range has all of them here.
        """
        import pandas as pd

        if option not in self.options:
            what = f"{self.by} has no option '{option}'"
            raise ModelError([problem(PYTHON, what, nearest(option, self.options))])
        found = self.found[self.options.index(option)]
        columns = {"at_lowest": found.lowest_at, "at_highest": found.highest_at}
        frame = pd.DataFrame(columns, index=list(found.lowest_at), dtype=float)
        return frame.rename_axis("input")

    def _frame(self, numbers: Array) -> pd.DataFrame:
        import pandas as pd

        index = pd.Index(self.options, name=self.by)
        return pd.DataFrame(numbers, index, pd.Index(self.settings, name="setting"))


def _regrets(worths: Array) -> Array:
    """Return what options lack to the best of each column; nan where one cannot be had."""
    there = np.where(np.isnan(worths), -np.inf, worths)
    regrets: Array = there.max(axis=0) - worths
    return regrets


def robustness_json(found: Robustness) -> dict[str, Any]:
    """Return what `decision robustness` prints, to the contract's letter.

    What a branch that cannot be had would be worth or lack is null. With draws there is
    `drawn` as well.
    """
    regrets = {
        option: dict(zip(found.settings, map(_or_none, row), strict=True))
        for option, row in zip(found.options, found.regrets.tolist(), strict=True)
    }
    content: dict[str, Any] = {
        "settings": list(found.settings),
        "regret": regrets,
        "max_regret": _by_option(found, found.most),
        "minimax_regret": found.minimax_regret,
        "maximin": found.maximin,
        "intervals": {
            i.option: {
                "lowest": _or_none(i.lowest),
                "highest": _or_none(i.highest),
                "bound": i.bound,
            }
            for i in found.found
        },
    }
    if found.drawn is not None:
        content["drawn"] = {
            "draws": found.drawn.worths.shape[1],
            "regret": {
                str(q): _by_option(found, found.quantile_regret(q)) for q in (QUANTILE, 1.0)
            },
            "minimax_regret": {str(q): found.minimax_regret_drawn(q) for q in (QUANTILE, 1.0)},
        }
    return content


def _by_option(found: Robustness, numbers: Array) -> dict[str, float | None]:
    return dict(zip(found.options, map(_or_none, numbers.tolist()), strict=True))


def _or_none(number: float) -> float | None:
    return None if isnan(number) else number
