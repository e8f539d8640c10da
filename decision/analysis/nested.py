"""Partial perfect information by two levels of draws: outer ones of what is known, inner ones.

For each outer draw of the numbers that are to be known the others are drawn many times; the
means of the worths over these inner draws say what somebody would choose who knows the first
(Brennan, Kharroubi, O'Hagan and Chilcott 2007, "Calculating partial expected value of perfect
information via Monte Carlo sampling algorithms", Medical Decision Making 27(4),
doi:10.1177/0272989X07302555). No shape is assumed of how worths depend on numbers; what it
costs is a draw of the whole model for each inner draw, so that it serves to check a regression.

The largest of noisy means is too large: the *plug-in* errs high, by about 1/inner (Oakley,
Brennan, Tappenden and Chilcott 2010, "Simulation sample sizes for Monte Carlo partial EVPI
calculations", Journal of Health Economics 29(3), doi:10.1016/j.jhealeco.2010.03.006). By how
much is told by what half the inner draws would err more. *value* chooses by one half and
judges by the other, so that it errs low instead.

Numbers are drawn independently of each other, so what is drawn given some of them is what is
drawn anyway. All sets have the same outer draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import closing
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.branches import DrawnBranches
from decision.analysis.draws import chunk_rows
from decision.analysis.evppi import ALL, Gain, advantages, chosen, keeping_order, mean_and_error
from decision.analysis.ranges import RangeSampler
from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.solve.mapping import Chunk, Progress, mapped

__all__ = ["Nested", "nested_gains"]

Array = NDArray[np.float64]
Names = tuple[str, ...]


@dataclass(frozen=True)
class Nested:
    """How the draws are laid out.

    Attributes
    ----------
    outer, inner : int
        Draws of what is known; and of the rest, for each of them: an even number.
    seed : int
    linked : bool
    """

    outer: int
    inner: int
    seed: int
    linked: bool


def nested_gains(
    model: InfluenceDiagram,
    by: str,
    sets: Sequence[Names],
    how: Nested,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> list[Gain]:
    """Return what knowing each set is worth; the first is what all inputs are.

    What all are is the mean over the draws of every set; no set is said to be worth more.
    """
    found, every = [], []
    for number, names in enumerate(sets):
        more = _advantages(model, by, names, how, executor, _from(progress, number, len(sets)))
        found.append(_gain(names, more))
        every.append(more.max(axis=-1, initial=0.0).mean(axis=1))
    value, error = mean_and_error(np.mean(every, axis=0)) if every else (nan, nan)
    capped = [_capped(gain, value, error) for gain in keeping_order(found)]
    return [Gain((ALL,), value, error, value, error, 0.0), *capped]


def _capped(gain: Gain, most: float, error: float) -> Gain:
    if gain.value <= most:
        return gain
    rest = gain.plug_in, gain.plug_in_error, gain.plug_in_bias
    return Gain(gain.inputs, most, max(error, gain.standard_error), *rest)


def _from(progress: Progress | None, before: int, of: int) -> Progress | None:
    if progress is None:
        return None
    return lambda done, rows: progress(before * rows + done, of * rows)


def _advantages(
    model: InfluenceDiagram,
    by: str,
    names: Names,
    how: Nested,
    executor: Executor | None,
    progress: Progress | None,
) -> Array:
    """Return what other options are worth more than the best on average (outer, inner, others)."""
    work = _Work(model, by, names, how)
    each = how.inner * max(1, chunk_rows(model, work.sampler.cells) // how.inner)
    rows = how.outer * how.inner
    chunks = mapped(work, rows, size=each, seed=how.seed, executor=executor, progress=progress)
    with closing(chunks):
        worths = np.concatenate(list(chunks), axis=1)
    return advantages(worths).reshape(how.outer, how.inner, -1)


class _Work:
    """A chunk of whole outer draws, drawn and solved."""

    def __init__(self, model: InfluenceDiagram, by: str, names: Names, how: Nested) -> None:
        self.model, self.by, self.names, self.how = model, by, names, how
        self.sampler = RangeSampler(model, how.linked)
        self.branches = DrawnBranches(model, by)
        self.held = np.isin(self.sampler.names, names)

    def __getstate__(self) -> dict[str, Any]:
        return {n: getattr(self, n) for n in ("model", "by", "names", "how")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def __call__(self, chunk: Chunk) -> Array:
        # Threads may share this: what is drawn into buffers is their own.
        drawing = RangeSampler(self.model, self.how.linked)
        random = _Held(chunk.generator(), self.held, self.how.inner)
        _, tables = drawing.draw(random, chunk.rows)
        return self.branches.worths(tables, chunk.rows)


class _Held(np.random.Generator):
    """Standard normals, some rows of which stay the same for all inner draws."""

    def __init__(self, random: np.random.Generator, held: NDArray[np.bool_], inner: int) -> None:
        super().__init__(random.bit_generator)
        self.held, self.inner = held, inner

    def standard_normal(self, *_: Any, out: Array) -> Array:  # type: ignore[override]
        outer = super().standard_normal((len(out), out.shape[1] // self.inner))
        super().standard_normal(out=out)
        out[self.held] = outer[self.held].repeat(self.inner, axis=1)
        return out


def _gain(names: Names, more: Array) -> Gain:
    """Return both estimates for one set from what was drawn (outer, inner, others)."""
    if not more.shape[2]:
        return Gain(names, 0.0, 0.0, 0.0, 0.0, 0.0)
    half = more.shape[1] // 2
    one, other = more[:, :half].mean(axis=1), more[:, half:].mean(axis=1)
    value, error = mean_and_error((chosen(one, other) + chosen(other, one)) / 2)
    plug_in, sampling = mean_and_error(_largest((one + other) / 2))
    halves = float((_largest(one) + _largest(other)).mean()) / 2
    return Gain(names, value, error, plug_in, sampling, halves - plug_in)


def _largest(means: Array) -> Array:
    largest: Array = means.max(axis=1).clip(0)
    return largest
