"""Drawing every table of a model at once: numbers within their ranges, or around them.

Within ranges see `ranges`. *Around*, for a model without ranges: each row of probabilities
is a Dirichlet draw whose mean is the row, each amount a normal draw. A Dirichlet is made of
gamma draws, divided by their sum (Devroye 1986, *Non-Uniform Random Variate Generation*,
ch. XI.4).

Draws stand on the last axis. Tables are drawn into buffers that are used again, so that
drawing takes no memory but theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from decision.analysis.ranges import RangeSampler
from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Value
from decision.model.problems import ModelError, Problem, nearest
from decision.model.records import Input

__all__ = ["Around", "Sampler", "Tables", "sampler"]

Array = NDArray[np.float64]
Tables = dict[str, Array]
LEAST = 0.1
"""Concentration below which all gamma draws of a row might be 0."""


@dataclass(frozen=True)
class Around:
    """How far numbers without a range are drawn from where they are.

    Parameters
    ----------
    concentration : float
        Of each row's Dirichlet, at least 0.1: a probability p has the variance
        p (1 − p) / (concentration + 1).
    deviation : float
        Standard deviation of each amount, as a share of what lies between the largest
        and the smallest of its node.
    """

    concentration: float = 50.0
    deviation: float = 0.1

    def __post_init__(self) -> None:
        if not (isfinite(self.concentration) and self.concentration >= LEAST):
            raise _typed(f"the concentration is {self.concentration}", "give 0.1 or more")
        if not (isfinite(self.deviation) and self.deviation >= 0):
            raise _typed(f"the deviation is {self.deviation}", "give 0 or more")


class Sampler(Protocol):
    """What draws tables; its buffers serve one chunk at a time.

    Attributes
    ----------
    names : tuple of str
        What is drawn, in the small language; linked draws of a chance node by its name.
    cells : int
        Numbers of a draw, in all tables and on the way to them.
    """

    names: tuple[str, ...]
    cells: int

    def draw(self, random: np.random.Generator, rows: int) -> tuple[Array, Tables]:
        """Draw some rows: what was drawn (names, rows), and the tables that are made of it.

        Tables of values are in points of the total. All of it is written over by the next
        draw.
        """

    def middle(self) -> Tables:
        """Return tables that hold possible whatever some draw may hold possible."""


def sampler(model: InfluenceDiagram, draw: str | Around) -> Sampler:
    """Return what draws the tables of a model.

    Parameters
    ----------
    model : InfluenceDiagram
    draw : "independent", "linked" or Around

    Examples
    --------
    >>> from decision import read_model
    >>> oil = read_model("data/examples/oil_wildcatter")
    >>> drawn, tables = sampler(oil, Around()).draw(np.random.default_rng(1), 4)
    >>> tables["oil"].shape, bool(np.allclose(tables["oil"].sum(axis=0), 1))
    ((3, 4), True)
    """
    if isinstance(draw, Around):
        return _AroundSampler(model, draw)
    if draw not in ("independent", "linked"):
        do = nearest(draw, ("independent", "linked"))
        raise _typed(f"there is no way to draw called '{draw}'", do)
    return RangeSampler(model, draw == "linked")


def _typed(what: str, do: str) -> ModelError:
    return ModelError([Problem("python", 1, what, do)])


class _AroundSampler:
    """Draws every row of probabilities and every amount around where it is."""

    def __init__(self, model: InfluenceDiagram, around: Around) -> None:
        chances = [c for c in model.chances if len(c.states) > 1]
        nodes: list[Chance | Value] = [*chances, *model.values]
        self.shapes = {n.name: n.table.shape for n in nodes}
        self.shapes_of_rows = {c.name: (-1, len(c.states)) for c in chances}
        self.weights = {v.name: model.weight(v.name) for v in model.values}
        self.values = model.values
        self.gammas = [
            float(p) for c in chances for p in (c.table * around.concentration).reshape(-1)
        ]
        amounts = [np.asarray(v.table).reshape(-1) for v in model.values]
        self.mean = np.concatenate([np.empty(0), *amounts])[:, None]
        wide = [np.full(a.size, around.deviation * np.ptp(a)) for a in amounts]
        self.wide = np.concatenate([np.empty(0), *wide])[:, None]
        self.names = tuple(_cell_names(model, [n.name for n in nodes]))
        self.cells = len(self.names)
        self.middles = {c.name: c.table[..., None] for c in chances}
        self.buffer = np.empty((0, 0))

    def draw(self, random: np.random.Generator, rows: int) -> tuple[Array, Tables]:
        if self.buffer.shape != (self.cells, rows):
            self.buffer = np.empty((self.cells, rows))
        # One call for each number: with one shape a call is quicker than with many.
        for shape, out in zip(self.gammas, self.buffer, strict=False):
            random.standard_gamma(shape, out=out)
        amounts = self.buffer[len(self.gammas) :]
        random.standard_normal(out=amounts)
        amounts *= self.wide
        amounts += self.mean
        return self.buffer, self._tables(rows)

    def _tables(self, rows: int) -> Tables:
        tables, first = {}, 0
        for name, shape in self.shapes.items():
            last = first + int(np.prod(shape))
            table = self.buffer[first:last]
            if name in self.shapes_of_rows:
                by_row = table.reshape(*self.shapes_of_rows[name], rows)
                by_row /= by_row.sum(axis=1, keepdims=True)
            tables[name], first = table.reshape(*shape, rows), last
        for value in self.values:
            tables[value.name] = points(value, tables[value.name], self.weights[value.name])
        return tables

    def middle(self) -> Tables:
        return self.middles


def points(value: Value, amounts: Array, weight: float) -> Array:
    """Return what amounts add to the total; themselves, where that is the same."""
    if value.worst is not None and value.best is not None:
        amounts = 100.0 * (amounts - value.worst) / (value.best - value.worst)
    return amounts if weight == 1.0 else weight * amounts


def _cell_names(model: InfluenceDiagram, names: Sequence[str]) -> Iterator[str]:
    chances = {c.name for c in model.chances}
    for name in names:
        axes = model.axes(name)
        chance = name in chances
        for key in np.ndindex(*(len(states) for _, states in axes)):
            where = tuple((n, (s[i],)) for (n, s), i in zip(axes, key, strict=True))
            state = where[-1][1][0] if chance else None
            yield Input(name, where[:-1] if chance else where, state, 0.0, "").name
