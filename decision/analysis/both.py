"""Independent and linked draws side by side: between them, or beyond, lies the truth.

Independent noise in the rows of a table averages out what the rows share; linked draws move
them all by one amount. How far the two differ says how much depends on what rows share,
which no range of a single row tells. Both are the draws of `uncertainty`, with one seed.
"""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING

from decision.analysis.shares import Uncertainty
from decision.analysis.uncertainty import uncertainty
from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.solve.mapping import Progress

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Both", "both_draws"]


@dataclass(frozen=True, eq=False, repr=False)
class Both:
    """What independent and linked draws say of the same branches.

    Attributes
    ----------
    independent, linked : Uncertainty
    """

    independent: Uncertainty
    linked: Uncertainty

    def __repr__(self) -> str:
        return f"<Both: {self.independent!r}, {self.linked!r}>"

    def _repr_html_(self) -> str:
        head = f"{self.linked.draws} draws of each kind, seed {self.linked.seed}"
        return f"<p>{head}</p>{self.branches.to_html()}"

    @property
    def branches(self) -> pd.DataFrame:
        """A row for each option and kind of draw: shares and totals, kinds below one another."""
        return self._joined("branches")

    @property
    def differences(self) -> pd.DataFrame:
        """A row for each other option and kind of draw: base's best branch less that option."""
        return self._joined("differences")

    def _joined(self, name: str) -> pd.DataFrame:
        import pandas as pd

        kinds = {found.draw: getattr(found, name) for found in (self.independent, self.linked)}
        frame: pd.DataFrame = pd.concat(kinds, names=["draw"]).swaplevel()
        order = kinds["linked"].index
        return frame.reindex([(option, kind) for option in order for kind in kinds])


def both_draws(
    model: InfluenceDiagram,
    by: str | None = None,
    *,
    draws: int = 10_000,
    seed: int,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Both:
    """Draw all inputs independently, and linked; give both side by side.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are compared; default the first.
    draws : int
        Of each kind; one or more.
    seed : int
        Zero or more.
    executor : Executor, optional
        Who runs the draws.
    progress : callable, optional
        Told how many draws of both kinds are done, and of how many.

    Returns
    -------
    Both

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> found = da.both_draws(oil, draws=2000, seed=1)
    >>> found.branches["best_share"].round(1)
    test  draw
    yes   independent    0.5
          linked         0.6
    no    independent    0.5
          linked         0.4
    Name: best_share, dtype: float64
    """
    found = []
    for part, draw in enumerate(("independent", "linked")):

        def told(done: int, of: int, before: int = part) -> None:
            if progress is not None:
                progress(before * of + done, 2 * of)

        found.append(
            uncertainty(
                model, by, draws=draws, seed=seed, draw=draw, executor=executor, progress=told
            )
        )
    return Both(*found)
