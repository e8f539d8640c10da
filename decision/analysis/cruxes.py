"""Cruxes: the fewest beliefs and values that keep a perspective from another's choice.

A perspective is base with some rows of changes. Where it prefers another option than
somebody else, the *crux* toward that option is a smallest set of its rows without which,
the others kept in order, the option is best, alone and not tied. It is where a conversation
should begin: whoever changes their mind on these, and on nothing else, changes sides. There
may be several; all of the smallest size are told (a minimum hitting set; as minimal
inconsistent sets in diagnosis, Reiter 1987, "A theory of diagnosis from first principles",
Artificial Intelligence 32(1), doi:10.1016/0004-3702(87)90062-2).

Every set of one, two and three rows is looked at, smallest first, so what is found is exact;
none of these is reported as no size. All models that leave out so many rows are solved in
one batch (`omission`). A set without which another row is not legal does not count: what
it would leave is no perspective.

A crux is relative to the rows as they were written: one belief written as two rows takes
two. And it says nothing of how hard a row is to give up, only of what it holds up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, islice
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from decision.analysis.branches import DrawnBranches
from decision.analysis.disagreement import Disagreement, disagreement
from decision.analysis.draws import chunk_rows
from decision.analysis.envelope import tied
from decision.analysis.omission import Omissions
from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.model.language import parse_change
from decision.model.records import ChangeRow
from decision.solve.mapping import Progress

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LARGEST", "Crux", "about_facts", "cruxes", "found_cruxes"]

LARGEST = 3
"""Rows of a crux that is looked for, at most."""

Sets = list[tuple[int, ...]]


@dataclass(frozen=True)
class Crux:
    """What keeps a perspective from an option.

    Attributes
    ----------
    perspective, toward : str
        The option is not the one that the perspective prefers.
    size : int or None
        Rows of each set; None where no set of up to three will do.
    sets : tuple of tuple of ChangeRow
        Every set of that size, rows in file order.
    """

    perspective: str
    toward: str
    size: int | None
    sets: tuple[tuple[ChangeRow, ...], ...]


def cruxes(model: InfluenceDiagram, by: str | None = None) -> pd.DataFrame:
    """List the fewest rows that keep each perspective from the others' choice.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are compared; default the first.

    Returns
    -------
    DataFrame
        A row for each set: `perspective`; `toward`, an option that base or another
        perspective prefers, `preferred_by` whom; `size`, the rows of the set; `set`, their
        changes in file order; `facts` and `values`, those of them that change
        probabilities, and those that change amounts or weights; `rationale` of each. Where
        no set of up to three rows will do there is one row, whose size is missing and
        whose sets are empty.

    Raises
    ------
    ModelError
        For a model, or a perspective of it, that has no answer.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> found = da.cruxes(oil)
    >>> found[found["perspective"] == "optimist"][["toward", "size", "set"]].values.tolist()
    [['yes', 1, ('P(oil=dry) = 0.3',)]]
    """
    import pandas as pd

    rows = []
    found = disagreement(model, by)
    for crux in found_cruxes(found):
        for each in crux.sets or ((),):
            facts = [about_facts(row) for row in each]
            rows.append(
                {
                    "perspective": crux.perspective,
                    "toward": crux.toward,
                    "preferred_by": found.who_prefer(crux.toward),
                    "size": crux.size,
                    "set": tuple(row.change for row in each),
                    "facts": tuple(r.change for r, f in zip(each, facts, strict=True) if f),
                    "values": tuple(r.change for r, f in zip(each, facts, strict=True) if not f),
                    "rationale": tuple(row.rationale for row in each),
                }
            )
    columns = ["perspective", "toward", "preferred_by", "size"]
    columns += ["set", "facts", "values", "rationale"]
    return pd.DataFrame(rows, columns=columns).astype({"size": "Int64"})


def about_facts(row: ChangeRow) -> bool:
    """Whether a row changes a belief about facts, not an amount or a weight."""
    return parse_change(row.change, (row.file, row.line)).kind in ("P", "odds")


def found_cruxes(found: Disagreement, progress: Progress | None = None) -> list[Crux]:
    """Return the cruxes of every perspective toward every option that another prefers.

    Parameters
    ----------
    found : Disagreement
    progress : callable, optional
        Told how many sets of rows have been looked at, and of how many at most.
    """
    model = found.model
    asked = [(name, found.others_choices(name)) for name in model.perspectives]
    counts = [_sets_up_to(len(model.perspectives[n]), LARGEST) if t else 0 for n, t in asked]
    branches = DrawnBranches(model, found.by)
    listed: list[Crux] = []
    before = 0
    for (name, targets), count in zip(asked, counts, strict=True):
        if targets:
            told = _from(progress, before, sum(counts))
            listed += _cruxes_of(model, branches, name, targets, told)
        before += count
        if progress is not None and count:
            progress(before, sum(counts))
    return listed


def _cruxes_of(
    model: InfluenceDiagram,
    branches: DrawnBranches,
    name: str,
    targets: Sequence[str],
    progress: Progress | None,
) -> Iterator[Crux]:
    """Yield the crux of one perspective toward each of some options."""
    rows = model.perspectives[name]
    search = _Search(model, branches, rows, progress)
    wanted = {option: branches.options.index(option) for option in targets}
    sets: dict[str, Sets] = {}
    for size in range(1, min(LARGEST, len(rows)) + 1):
        left = {option: place for option, place in wanted.items() if option not in sets}
        if not left:
            break
        found = search.sets_of(size, list(left.values()))
        sets |= {option: found[place] for option, place in left.items() if found[place]}
    for option in targets:
        chosen = sets.get(option, [])
        size_found = len(chosen[0]) if chosen else None
        listed = tuple(tuple(rows[i] for i in one) for one in chosen)
        yield Crux(name, option, size_found, listed)


class _Search:
    """All sets of rows of one perspective, solved in chunks."""

    def __init__(
        self,
        model: InfluenceDiagram,
        branches: DrawnBranches,
        rows: Sequence[ChangeRow],
        progress: Progress | None,
    ) -> None:
        self.omissions = Omissions(model, rows)
        self.branches, self.progress = branches, progress
        self.number, self.done = len(rows), 0
        self.chunk = chunk_rows(model, self.omissions.cells)

    def sets_of(self, size: int, places: Sequence[int]) -> dict[int, Sets]:
        """Return the sets of a size without which each option (by place) is best alone."""
        found: dict[int, Sets] = {place: [] for place in places}
        every = combinations(range(self.number), size)
        while chunk := list(islice(every, self.chunk)):
            best = self.best_without(np.array(chunk, dtype=np.intp))
            for place in places:
                found[place] += [chunk[i] for i in np.flatnonzero(best == place).tolist()]
            self.done += len(chunk)
            if self.progress is not None:
                self.progress(self.done, self.done)
        return found

    def best_without(self, sets: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the option that is best alone without each set; -1 where there is none."""
        kept = np.ones((self.number, len(sets)), dtype=bool)
        kept[sets.T, np.arange(len(sets))] = False
        variants = self.omissions.variants(kept)
        best = np.full(len(sets), -1)
        legal = np.flatnonzero(variants.legal)
        if len(legal):
            worths = self.branches.worths(variants.tables, len(legal))
            ties = tied(worths, variants.largest)
            best[legal] = np.where(ties.sum(axis=0) == 1, ties.argmax(axis=0), -1)
        return best


def _sets_up_to(rows: int, size: int) -> int:
    return sum(comb(rows, k) for k in range(1, size + 1))


def _from(progress: Progress | None, before: int, of: int) -> Progress | None:
    """Return what tells how far one perspective of several is."""
    if progress is None:
        return None
    return lambda done, _: progress(before + done, of)
