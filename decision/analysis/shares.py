"""What many draws say of the branches: shares, totals, differences and what goes with them.

Everything is worked out of the draws when it is looked at; frames are pandas, whatever the
command line prints is plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, inf, isnan, nan, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.ranking import standard_error
from decision.analysis.sampling import Around
from decision.model.dataclass import dataclass

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["QUANTILES", "Uncertainty", "strongest", "uncertainty_json"]

Array = NDArray[np.float64]
QUANTILES = (0.05, 0.5, 0.95)
POINTS = 100
"""Points of the running shares."""


@dataclass(frozen=True, eq=False, repr=False)
class Uncertainty:
    """What many draws of a model's numbers say of its branches.

    Attributes
    ----------
    draws, seed : int
    draw : "independent", "linked" or Around
    by : str
        The decision whose options are the branches.
    options : tuple of str
    worths : ndarray (options, draws)
        Expected total, or certain equivalent with risk; nan where a branch cannot be had.
    winner : ndarray (draws)
        Position of the option that is best in each draw; of those that tie the first.
    best, second : str or None
        The two best branches at base; None where there are not so many.
    correlations : mapping of input to float
        Spearman's, of what was drawn with `best` less `second`; nan where one never moves.
    """

    draws: int
    seed: int
    draw: str | Around
    by: str
    options: tuple[str, ...]
    worths: Array
    winner: NDArray[np.intp]
    best: str | None
    second: str | None
    correlations: Mapping[str, float]

    def __repr__(self) -> str:
        counts = zip(self.options, self.best_share, strict=True)
        shares = ", ".join(f"{option} {share:.1%}" for option, share in counts)
        return f"<Uncertainty: best in {self.draws} draws ({self.draw}): {shares}>"

    def _repr_html_(self) -> str:
        head = f"{self.draws} draws ({self.draw}), seed {self.seed}"
        return f"<p>{head}</p>{self.branches.to_html()}"

    @property
    def best_share(self) -> Array:
        """Share of draws in which each option is best; they sum to 1."""
        shares: Array = np.bincount(self.winner, minlength=len(self.options)) / self.draws
        return shares

    @property
    def share_errors(self) -> Array:
        """Standard error of each share."""
        shares = self.best_share
        errors: Array = np.sqrt(shares * (1 - shares) / self.draws)
        return errors

    def difference(self, option: str | None = None) -> Array:
        """Return, draw by draw, what base's best branch is worth more than another (second)."""
        other = self.second if option is None else option
        if self.best is None or other is None:
            return np.full(self.draws, nan)
        rows = dict(zip(self.options, self.worths, strict=True))
        gap: Array = rows[self.best] - rows[other]
        return gap

    @property
    def branches(self) -> pd.DataFrame:
        """A row for each option.

        Columns `best_share` with its `standard_error`; of the total `mean` with its
        `mean_error`, and quantiles; `regret`, what holding to the option loses on average.
        Where a branch cannot be had in some draws its total is over the others.
        """
        import pandas as pd

        top = self.worths[self.winner, np.arange(self.draws)]
        rows = []
        numbers = zip(self.options, self.best_share, self.share_errors, self.worths, strict=True)
        for option, share, error, worth in numbers:
            row = {self.by: option, "best_share": share, "standard_error": error}
            rows.append({**row, **_described(worth), "regret": _mean(top - worth)})
        return pd.DataFrame(rows).set_index(self.by)

    @property
    def differences(self) -> pd.DataFrame:
        """How much better base's best branch is than each other, over the draws.

        Columns `mean` with its `mean_error`, quantiles, and `ahead`, the share of draws in
        which base's best is worth more.
        """
        import pandas as pd

        rows = []
        for option in self.options:
            if option != self.best:
                gap = self.difference(option)
                ahead = _mean((gap[~np.isnan(gap)] > 0).astype(float))
                rows.append({self.by: option, **_described(gap), "ahead": ahead})
        columns = [self.by, "mean", "mean_error", *map(str, QUANTILES), "ahead"]
        return pd.DataFrame(rows, columns=columns).set_index(self.by)

    @property
    def flips(self) -> pd.DataFrame:
        """Index `input`; columns `rank_correlation`, `standard_error`; the strongest first."""
        import pandas as pd

        count = int((~np.isnan(self.difference())).sum())
        rows = [
            {"input": name, "rank_correlation": r, "standard_error": standard_error(r, count)}
            for name, r in strongest(self.correlations)
        ]
        columns = ["input", "rank_correlation", "standard_error"]
        return pd.DataFrame(rows, columns=columns).set_index("input")

    @property
    def running(self) -> pd.DataFrame:
        """The shares after so many draws: index `draws`, a column for each option."""
        import pandas as pd

        steps = np.linspace(0, self.draws, min(POINTS, self.draws) + 1)[1:].astype(np.intp)
        shares = {
            option: np.cumsum(self.winner == i)[steps - 1] / steps
            for i, option in enumerate(self.options)
        }
        return pd.DataFrame(shares, index=pd.Index(steps, name="draws"))


def uncertainty_json(found: Uncertainty) -> dict[str, Any]:
    """Return what `decision uncertainty` prints, to the contract's letter.

    What is not a number is null: the total of a branch that cannot be had in any draw, the
    correlation of an input whose range is a point.
    """
    total = {}
    for option, worth in zip(found.options, found.worths, strict=True):
        row = _described(worth)
        del row["mean_error"]
        total[option] = {name: _or_none(number) for name, number in row.items()}
    flips = [
        {"input": name, "rank_correlation": _or_none(r)}
        for name, r in strongest(found.correlations)
    ]
    return {
        "draws": found.draws,
        "seed": found.seed,
        "draw": found.draw,
        "best_share": dict(zip(found.options, found.best_share.tolist(), strict=True)),
        "total": total,
        "flips": flips,
    }


def _described(amounts: Array) -> dict[str, float]:
    """Return the mean with its standard error, and quantiles, of the amounts that are there.

    A quantile is the least amount that so large a share of the draws does not exceed.
    """
    there = np.sort(amounts[~np.isnan(amounts)])
    count = len(there)
    row = {"mean": _mean(there)}
    row["mean_error"] = float(there.std(ddof=1)) / sqrt(count) if count > 1 else nan
    for q in QUANTILES:
        place = ceil(count * (q - 1e-12)) - 1
        row[str(q)] = float(there[place]) if count else nan
    return row


def _mean(amounts: Array) -> float:
    there = amounts[~np.isnan(amounts)]
    return float(there.mean()) if len(there) else nan


def strongest(correlations: Mapping[str, float]) -> list[tuple[str, float]]:
    """Return inputs, those that go most with the difference first and those without last."""
    return sorted(correlations.items(), key=lambda item: inf if isnan(item[1]) else -abs(item[1]))


def _or_none(number: float) -> float | None:
    return None if isnan(number) else number
