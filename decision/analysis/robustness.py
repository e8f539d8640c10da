"""How the advice stands up: branches over every perspective, scenario and draw, and in ranges.

Who does not trust any one set of numbers can ask which branch does least badly. *Maximin*
takes the branch whose lowest total is highest (Wald 1950, *Statistical Decision Functions*).
*Minimax regret* takes the branch that never lacks much to the best of a setting (Savage 1951,
"The theory of statistical decision", Journal of the American Statistical Association 46(253),
55-67); it compares totals within a setting only, while maximin lets the gloomiest setting
decide, and depends on settings being measured with one rule. Both know no probabilities of
settings, and both can be turned by adding a setting or, for regret, a branch that nobody
would take (Luce and Raiffa 1957, *Games and Decisions*, ch. 13).

A setting is the model as it stands, or with the changes of one perspective or one scenario
made to it. In each, later decisions are at their best for that setting. All settings that
change numbers go through in one batch.

Draws of the inputs from their ranges can stand beside them. The largest regret among draws
grows with their number, so that a quantile of it says more; both are given.

Intervals (`intervals`): how low and how high each branch can come when all probabilities and
amounts move within their ranges at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from decision.analysis.branches import DrawnBranches
from decision.analysis.draws import drawn_worths
from decision.analysis.intervals import intervals
from decision.analysis.regrets import Robustness, robustness_json
from decision.analysis.sampling import Around
from decision.model.diagram import InfluenceDiagram
from decision.model.shipped import varied
from decision.solve.inputs import scale_of
from decision.solve.mapping import Progress
from decision.solve.solution import solve

__all__ = ["Robustness", "robustness", "robustness_json"]

Array = NDArray[np.float64]
BASE = "base"


def robustness(
    model: InfluenceDiagram,
    by: str | None = None,
    *,
    draws: int = 0,
    seed: int = 1,
    draw: str | Around = "independent",
    progress: Progress | None = None,
    searching: Progress | None = None,
) -> Robustness:
    """Say how branches stand over perspectives and scenarios, over draws, and in ranges.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are the branches; default the first.
    draws, seed : int
        Draws from the ranges around base that are looked at besides; none by default.
    draw : "independent", "linked" or Around
        As in `uncertainty`.
    progress, searching : callable, optional
        Told how many draws are done, and of how many; then how many points are solved in
        the search for the intervals, and how many there are at most.

    Returns
    -------
    Robustness
        Its `totals`, `regret`, `branches` and `intervals` are pandas DataFrames.

    Raises
    ------
    ModelError
        For a model or a setting that has no answer; a name that is none.

    Examples
    --------
    >>> import decision as da
    >>> found = da.robustness(da.read_model("data/examples/umbrella"))
    >>> found
    <Robustness: 2 settings, minimax regret leave (10), maximin leave>
    >>> found.intervals["bound"].tolist(), found.intervals["lowest"].round(9).tolist()
    (['exact', 'exact'], [5.0, 50.0])
    """
    by = model.node(model.decisions[0].name if by is None else by, ("decision",)).name
    solve(model)  # says what is wrong with a model that has no answer
    models = _settings(model)
    stacked = {
        node.name: np.stack([_table(m, node.name) for m in models.values()], axis=-1)
        for node in (*model.chances, *model.values)
    }
    drawn = None
    if draws:
        drawn = drawn_worths(model, by, draws=draws, seed=seed, draw=draw, progress=progress)
    return Robustness(
        by,
        model.states(by),
        tuple(models),
        DrawnBranches(model, by).worths(stacked, len(models)),
        np.array([scale_of(m) for m in models.values()]),
        drawn,
        intervals(model, by, progress=searching),
    )


def _settings(model: InfluenceDiagram) -> dict[str, InfluenceDiagram]:
    """Return the model in every setting by name; kinds are named where names are not enough."""
    names = [BASE, *model.perspectives, *model.scenarios]
    found = {BASE: model}
    for kind, sets in (("perspective", model.perspectives), ("scenario", model.scenarios)):
        for name in sets:
            clear = names.count(name) == 1
            found[name if clear else f"{kind} {name}"] = varied(model, [(kind, name)])
    return found


def _table(model: InfluenceDiagram, name: str) -> Array:
    """Return a node's table; of a value node in points."""
    node = model.node(name)
    return np.asarray(model.utility(name) if node.kind == "value" else node.table)
