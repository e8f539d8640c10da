"""What every branch of a decision is worth in each of many draws of the model's numbers.

Each draw is a model of its own, solved anew: in it the branches of the named decision are
compared with all later decisions at their best for that draw (probabilistic sensitivity
analysis; Doubilet, Begg, Weinstein, Braun and McNeil 1985, "Probabilistic sensitivity
analysis using Monte Carlo simulation", Medical Decision Making 5(2),
doi:10.1177/0272989X8500500205).

Draws go through in chunks (`mapping`): each draws its tables into buffers (`sampling`), runs
the plan over them with the draws on the last axis (`branches`), and gives back options ×
draws.

How many draws make a chunk follows from the model and the way of drawing, never from who
runs it: the same seed gives the same figures, on any executor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.branches import DrawnBranches
from decision.analysis.sampling import Around, Sampler, points, sampler
from decision.model.dataclass import dataclass, replace
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import PYTHON, ModelError, nearest, problem
from decision.solve.mapping import Chunk, Progress, mapped
from decision.solve.openness import dead_ends
from decision.solve.solution import solve

__all__ = ["Drawn", "drawn_worths", "worths_given"]

Array = NDArray[np.float64]
LIVE = 2**22
"""Bytes of a chunk's tables: they stay near the processor (a run is cut further: `run`)."""
FEWEST, MOST = 16, 4096
"""Draws of a chunk: with few, calls cost more than arithmetic; many wait for each other."""


@dataclass(frozen=True, eq=False, repr=False)
class Drawn:
    """What branches are worth in each draw.

    Attributes
    ----------
    by : str
        The decision whose options are the branches.
    options : tuple of str
    worths : ndarray (options, draws)
        Expected total, or certain equivalent with risk; nan where a branch cannot be had.
    numbers : mapping of name to ndarray (draws)
        What was drawn of the inputs that were asked for. A probability stands there as it
        was drawn, before its row is scaled; linked, a node's standard normal.
    """

    by: str
    options: tuple[str, ...]
    worths: Array
    numbers: Mapping[str, Array]

    def __repr__(self) -> str:
        options, draws = self.worths.shape
        return f"<Drawn: {draws} draws of {options} options of {self.by}>"


def drawn_worths(
    model: InfluenceDiagram,
    by: str | None = None,
    *,
    draws: int,
    seed: int,
    draw: str | Around = "independent",
    keep: Iterable[str] | None = (),
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Drawn:
    """Draw a model's numbers many times, and find what every branch is worth in each draw.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are the branches; default the first.
    draws, seed : int
        Zero or more. The same seed gives the same figures, whoever runs them.
    draw : "independent", "linked" or Around
        Numbers within their ranges, each on its own or linked by node; or every number
        around where it is.
    keep : iterable of str, optional
        Inputs of which the drawn numbers are wanted; None: all.
    executor : Executor, optional
        Who runs the chunks: threads, processes, a Dask cluster; default this process.
    progress : callable, optional
        Called with the draws that are done, and how many there are.

    Returns
    -------
    Drawn

    Raises
    ------
    ModelError
        For a model that has no answer, or has none in some draw; a name that is none.

    Examples
    --------
    >>> from decision import read_model
    >>> oil = read_model("data/examples/oil_wildcatter")
    >>> drawn = drawn_worths(oil, draws=1000, seed=1, draw=Around(concentration=100))
    >>> drawn
    <Drawn: 1000 draws of 2 options of test>
    >>> drawn.worths.shape
    (2, 1000)
    """
    for name, number in (("draws", draws), ("seed", seed)):
        if number < 0:
            raise ModelError([problem(PYTHON, f"{name} is {number}", "give 0 or more")])
    solve(model)  # says what is wrong with a model that has no answer
    by = model.node(model.decisions[0].name if by is None else by, ("decision",)).name
    first = sampler(model, draw)
    stuck = dead_ends(model.with_numbers(_of_chances(model, first)))
    if stuck:
        raise ModelError([replace(p, what=f"in some draws, {p.what}") for p in stuck])
    names = first.names if keep is None else tuple(dict.fromkeys(keep))
    for name in names:
        if name not in first.names:
            what = f"there is no drawn input '{name}'"
            raise ModelError([problem(PYTHON, what, nearest(name, first.names))])
    work = _Work(model, by, draw, tuple(first.names.index(name) for name in names))
    worths = np.empty((len(model.states(by)), draws))
    numbers = np.empty((len(names), draws))
    start = 0
    size = chunk_rows(model, first.cells)
    chunks = mapped(work, draws, size=size, seed=seed, executor=executor, progress=progress)
    with closing(chunks):
        for worth, kept in chunks:
            stop = start + worth.shape[1]
            worths[:, start:stop] = worth
            numbers[:, start:stop] = kept
            start = stop
    return Drawn(by, model.states(by), worths, dict(zip(names, numbers, strict=True)))


def worths_given(
    model: InfluenceDiagram, tables: Mapping[str, Array], by: str | None = None
) -> Array:
    """Return what every branch is worth for tables that are given.

    Parameters
    ----------
    model : InfluenceDiagram
    tables : mapping of node to ndarray
        Axes as the node's table and a last one for the draws: rows that sum to 1, amounts
        in natural units. Nodes that are left out stay as they are.
    by : str, optional
        Decision whose options are the branches; default the first.

    Returns
    -------
    ndarray (options, draws)
        Expected total, or certain equivalent with risk; nan where a branch cannot be had.

    Examples
    --------
    >>> import numpy as np
    >>> from decision import read_model
    >>> oil = read_model("data/examples/oil_wildcatter")
    >>> dry = np.array([0.5, 0.6])
    >>> worths_given(oil, {"oil": np.stack([dry, 0.6 * (1 - dry), 0.4 * (1 - dry)])}).round(2)
    array([[22.5, 10.4],
           [20. ,  2. ]])
    """
    by = model.node(model.decisions[0].name if by is None else by, ("decision",)).name
    solve(model)  # says what is wrong with a model that has no answer
    moved = {
        name: points(model.node(name), table, model.weight(name))
        if model.node(name, ("chance", "value")).kind == "value"
        else table
        for name, table in tables.items()
    }
    rows = max((table.shape[-1] for table in moved.values()), default=1)
    return DrawnBranches(model, by).worths(moved, rows)


# -- a chunk ------------------------------------------------------------------------


def _of_chances(model: InfluenceDiagram, drawing: Sampler) -> dict[str, Array]:
    middle = drawing.middle()
    return {c.name: middle[c.name][..., 0] for c in model.chances if c.name in middle}


def chunk_rows(model: InfluenceDiagram, cells: int) -> int:
    """Return how many draws make a chunk: it follows from the work alone."""
    if model.memory == "limited":
        return FEWEST
    return min(MOST, max(FEWEST, LIVE // (8 * max(cells, 1))))


class _Work:
    """A chunk drawn and solved; what threads share of it is made once, and not pickled."""

    def __init__(
        self, model: InfluenceDiagram, by: str, draw: str | Around, kept: tuple[int, ...]
    ) -> None:
        self.model, self.by, self.draw, self.kept = model, by, draw, list(kept)
        self.idle: list[Sampler] = []
        self.branches = DrawnBranches(model, by)

    def __getstate__(self) -> dict[str, Any]:
        return {n: getattr(self, n) for n in ("model", "by", "draw", "kept")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def __call__(self, chunk: Chunk) -> tuple[Array, Array]:
        try:
            drawing = self.idle.pop()  # no other thread has it then
        except IndexError:
            drawing = sampler(self.model, self.draw)
        drawn, tables = drawing.draw(chunk.generator(), chunk.rows)
        worths, kept = self.branches.worths(tables, chunk.rows), drawn[self.kept]
        self.idle.append(drawing)
        return worths, kept
