"""Disagreement: who prefers what, what that costs whom, and whether facts or values divide.

A *perspective* is base with somebody's changes made: what they believe and what they value.
Each has a total for every option, in its own points: with other weights a point is worth
something else, so totals are compared within a perspective and not between them. What is
compared is what a choice costs by each one's own lights: the *gap* of an option to the
perspective's best, and the *regret* of adopting another's choice (Savage 1951, "The theory
of statistical decision", Journal of the American Statistical Association 46,
doi:10.1080/01621459.1951.10500768).

Facts are told apart from values as far as the files do so: probabilities are beliefs about
facts, amounts and weights are taken for values. Each one's facts are put together with each
other's values (Hammond and Adelman 1976, "Science, values, and human judgment", Science
194(4263), 389-396). Two who disagree are divided by *facts* if they
would agree on the choice once they agreed on the facts, whichever of the two prevailed; by
*values* if they would once they agreed on the values; else by both. An amount in its natural
unit can hold a belief too (how many would die): such a row counts as a value here.

Preferences go by certain equivalent with risk, and totals are certain equivalents then.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.perspectives import compared, first_of, perspective_models
from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import COMMAND_LINE
from decision.solve.solution import solve

if TYPE_CHECKING:
    import pandas as pd

    from decision.analysis.cruxes import Crux

__all__ = ["Disagreement", "disagreement", "disagreement_json"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Disagreement:
    """What base and every perspective prefer, and what divides them.

    Attributes
    ----------
    model : InfluenceDiagram
    by : str
        The decision whose options are compared.
    options : tuple of str
    names : tuple of str
        "base" first, then the perspectives.
    models : tuple of InfluenceDiagram
        The model as each of them sees it.
    worths : ndarray (perspectives, options)
        Expected total, or certain equivalent with risk; nan where a branch cannot be had.
    ties : ndarray of bool (perspectives, options)
        Which options tie with the best.
    """

    model: InfluenceDiagram
    by: str
    options: tuple[str, ...]
    names: tuple[str, ...]
    models: tuple[InfluenceDiagram, ...]
    worths: Array
    ties: NDArray[np.bool_]

    def __repr__(self) -> str:
        choices = zip(self.names, self.choices, strict=True)
        return f"<Disagreement: {', '.join(f'{name} {best}' for name, best in choices)}>"

    def _repr_html_(self) -> str:
        return f"<p>What each option lacks to each perspective's best</p>{self.gaps.to_html()}"

    @property
    def choices(self) -> tuple[str | None, ...]:
        """What each prefers, of options that tie the first; None where none can be had."""
        return tuple(first_of(self.options, ties) for ties in self.ties)

    def others_choices(self, name: str) -> list[str]:
        """Return what base and the others prefer where that is not what one prefers."""
        own = dict(zip(self.names, self.choices, strict=True))[name]
        listed = dict.fromkeys(choice for choice in self.choices if choice is not None)
        return [option for option in listed if option != own]

    def who_prefer(self, option: str) -> tuple[str, ...]:
        """Return who, base and perspectives, prefers an option."""
        pairs = zip(self.names, self.choices, strict=True)
        return tuple(name for name, choice in pairs if choice == option)

    @property
    def best(self) -> pd.Series[str]:
        """What each perspective prefers: a Series over the perspectives."""
        import pandas as pd

        index = pd.Index(self.names, name="perspective")
        return pd.Series(self.choices, index=index, name=self.by, dtype=object)

    @property
    def totals(self) -> pd.DataFrame:
        """A row for each perspective: what it holds each option to be worth, in its points."""
        return self._by_option(self.worths)

    @property
    def gaps(self) -> pd.DataFrame:
        """A row for each perspective: what each option lacks to its best; 0 for the best.

        A column is what each would regret if that option were chosen.
        """
        return self._by_option(self._lacking())

    @property
    def regret(self) -> pd.DataFrame:
        """What adopting another's choice costs: a row for each chooser, a column a judge.

        In the judge's points; nan where the judge holds that the choice cannot be had.
        """
        import pandas as pd

        gaps = self._lacking()
        rows = [
            np.full(len(self.names), np.nan) if best is None else gaps[:, self.options.index(best)]
            for best in self.choices
        ]
        chooser = pd.Index(self.names, name="chooser")
        return pd.DataFrame(rows, index=chooser, columns=pd.Index(self.names, name="judge"))

    @property
    def facts_and_values(self) -> pd.DataFrame:
        """What is best with one's facts (row) and another's values (column)."""
        import pandas as pd

        facts = pd.Index(self.names, name="facts")
        columns = pd.Index(self.names, name="values")
        return pd.DataFrame(self.mixed, index=facts, columns=columns, dtype=object)

    @property
    def divided(self) -> pd.DataFrame:
        """A row for each two who disagree, with what divides them.

        Columns `one`, `other`; `best_of_one`, `best_of_other`; `with_facts_of_one`, what
        the other would prefer with one's facts, and `with_facts_of_other`, what one would
        with the other's; `divided_by`: "facts" if agreeing on the facts (either's) would
        end it, "values" if agreeing on values would, "both" if neither alone is sure to.
        """
        import pandas as pd

        rows = []
        for i, j in combinations(range(len(self.names)), 2):
            one, other = self.choices[i], self.choices[j]
            if one == other:
                continue
            crossed = self.mixed[i][j], self.mixed[j][i]
            why = "both"
            if crossed in ((one, other), (other, one)):
                why = "facts" if crossed == (one, other) else "values"
            rows.append((self.names[i], self.names[j], one, other, *crossed, why))
        columns = ["one", "other", "best_of_one", "best_of_other", "with_facts_of_one"]
        columns += ["with_facts_of_other", "divided_by"]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def mixed(self) -> list[list[str | None]]:
        """What is best with the facts of each (rows) and the values of each (columns)."""
        size = len(self.names)
        facts, values = (index.ravel() for index in np.indices((size, size)))
        _, ties = compared(self.model, self.by, self.models, facts, values)
        best = [first_of(self.options, each) for each in ties.T]
        return [best[i * size : (i + 1) * size] for i in range(size)]

    def _lacking(self) -> Array:
        there = np.where(np.isnan(self.worths), -np.inf, self.worths)
        lack: Array = np.where(self.ties, 0.0, there.max(axis=1, keepdims=True) - self.worths)
        return lack

    def _by_option(self, numbers: Array) -> pd.DataFrame:
        import pandas as pd

        index = pd.Index(self.names, name="perspective")
        return pd.DataFrame(numbers, index=index, columns=pd.Index(self.options, name=self.by))


def disagreement(model: InfluenceDiagram, by: str | None = None) -> Disagreement:
    """Compare what base and every perspective prefer.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are compared; default the first.

    Returns
    -------
    Disagreement
        Its `totals`, `gaps`, `regret`, `best`, `facts_and_values` and `divided` are pandas.

    Raises
    ------
    ModelError
        For a model, or a perspective of it, that has no answer; an unknown decision.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> found = da.disagreement(oil)
    >>> found
    <Disagreement: base yes, cautious_partner no, optimist no>
    >>> found.gaps.round(2)
    test                yes   no
    perspective
    base               0.00  2.5
    cautious_partner   0.74  0.0
    optimist          10.00  0.0
    """
    by = model.decisions[0].name if by is None else by
    model.node(by, ("decision",), COMMAND_LINE)
    models = perspective_models(model)
    for seen in models.values():
        solve(seen)  # says what is wrong with a model that has no answer
    own = np.arange(len(models))
    worths, ties = compared(model, by, tuple(models.values()), own, own)
    options, names = model.states(by), tuple(models)
    return Disagreement(model, by, options, names, tuple(models.values()), worths.T, ties.T)


def disagreement_json(found: Disagreement, cruxes: Sequence[Crux]) -> dict[str, Any]:
    """Return what `decision disagreement` prints, to the contract's letter.

    The total of a branch that cannot be had is null.
    """
    perspectives = [
        {
            "name": name,
            "best": best,
            "totals": {
                option: None if np.isnan(worth) else float(worth) + 0.0
                for option, worth in zip(found.options, worths, strict=True)
            },
        }
        for name, best, worths in zip(found.names, found.choices, found.worths, strict=True)
    ]
    listed = [
        {
            "perspective": crux.perspective,
            "toward": crux.toward,
            "size": crux.size,
            "sets": [[row.change for row in rows] for rows in crux.sets],
        }
        for crux in cruxes
    ]
    return {"perspectives": perspectives, "cruxes": listed}
