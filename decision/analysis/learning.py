"""What an outcome teaches about the model's numbers, and whether the first choice turns on it.

Numbers are drawn from their ranges, and each draw says how probable an outcome is under the
plan. Weighed by that, the draws are what is believed of the numbers after the outcome was
seen (importance sampling of the posterior; Smith and Gelfand 1992, "Bayesian statistics
without tears: a sampling-resampling perspective", The American Statistician 46(2), 84-88,
doi:10.1080/00031305.1992.10475856), and the weighed mean of what a branch is worth is what it
is worth then, in another round in which chance falls anew. An outcome teaches much about
a number that it was drawn by: after an inflammatory tone one believes less in restraint.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.branches import DrawnBranches
from decision.analysis.draws import chunk_rows, drawn_worths
from decision.analysis.sampling import Around, sampler
from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.solve.inputs import arrays_for
from decision.solve.mapping import Chunk, Progress, mapped
from decision.solve.plan import refuse
from decision.solve.queries import query_plan
from decision.solve.run import run
from decision.solve.solution import LIMIT, Solution
from decision.solve.steps import Key

__all__ = ["Lesson", "lessons"]

Array = NDArray[np.float64]
Rules = Mapping[str, tuple[tuple[str, ...], Array]]
SURE = 2.0
"""Standard errors by which an option must be ahead."""


@dataclass(frozen=True)
class Lesson:
    """An outcome after which another option is worth most.

    Attributes
    ----------
    node, state : str
    option : int
        What is worth most after it.
    probability : float
        Of the outcome, over the draws.
    margin, error : float
        By how much, with its standard error for so many draws.
    """

    node: str
    state: str
    option: int
    probability: float
    margin: float
    error: float


def lessons(
    solution: Solution,
    by: str,
    usual: int,
    *,
    draws: int,
    seed: int,
    draw: str | Around,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> list[Lesson]:
    """Return the outcomes after which another option than the usual one is worth most.

    Parameters
    ----------
    solution : Solution
        Its policy is the plan.
    by : str
        The decision that would be taken anew, which observes nothing.
    usual : int
        What it does in the plan.
    draws, seed, draw, executor, progress
        As in `drawn_worths`.

    Returns
    -------
    list of Lesson
        None of a node whose every outcome says so: there it is no outcome that teaches.
    """
    model = solution.model
    drawn_worths(model, by, draws=0, seed=seed, draw=draw)  # says what is wrong
    rules = {name: (rule.given, rule.table) for name, rule in solution.policy.items()}
    work = _Work(model, by, draw, rules)
    size = chunk_rows(model, sampler(model, draw).cells)
    chunks = mapped(work, draws, size=size, seed=seed, executor=executor, progress=progress)
    with closing(chunks):
        parts = list(chunks)
    if not parts:
        return []
    worths = np.concatenate([worth for worth, _ in parts], axis=1)
    chances = np.concatenate([chance for _, chance in parts], axis=1)
    found, first = [], 0
    for node in model.chances:
        last = first + len(node.states)
        told = [_lesson(worths, weights, usual) for weights in chances[first:last]]
        first = last
        if all(lesson is not None and lesson[0] != usual for lesson in told if lesson):
            continue
        for state, lesson in zip(node.states, told, strict=True):
            if lesson is not None and lesson[0] != usual and lesson[2] > SURE * lesson[3]:
                found.append(Lesson(node.name, state, *lesson))
    return found


def _lesson(worths: Array, weights: Array, usual: int) -> tuple[int, float, float, float] | None:
    """Return what is worth most, P(outcome), its margin and error; None if it never happens."""
    mass = float(weights.sum())
    if not mass > 0:
        return None
    means = (worths * weights).sum(axis=1) / mass
    means[np.isnan(means)] = -np.inf
    best = int(means.argmax())
    if not means[best] > means[usual]:
        best = usual
    if np.isinf(means[usual]):
        return None
    gap = worths[best] - worths[usual]
    margin = float(means[best] - means[usual])
    error = float(np.sqrt((weights**2 * (gap - margin) ** 2).sum()) / mass)
    return best, mass / len(weights), margin, error


class _Work:
    """A chunk drawn: what branches are worth, and how probable each outcome is in the plan."""

    def __init__(self, model: InfluenceDiagram, by: str, draw: str | Around, rules: Rules) -> None:
        self.model, self.by, self.draw, self.rules = model, by, draw, rules
        self.branches = DrawnBranches(model, by)
        self.plan = query_plan(
            model.structure,
            tuple((name, given) for name, (given, _) in rules.items()),
            tuple(((chance.name,), "", "") for chance in model.chances),
        )

    def __getstate__(self) -> dict[str, Any]:
        return {n: getattr(self, n) for n in ("model", "by", "draw", "rules")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def __call__(self, chunk: Chunk) -> tuple[Array, Array]:
        tables = sampler(self.model, self.draw).draw(chunk.generator(), chunk.rows)[1]
        refuse(self.plan, LIMIT)
        extra: dict[Key, Array] = {
            ("rule", name): table[..., None] for name, (_, table) in self.rules.items()
        }
        arrays = arrays_for(self.plan, self.model, extra)
        for kind, name in arrays:
            if kind == "chance" and name in tables:
                arrays[kind, name] = tables[name]
        made = run(self.plan, arrays)
        found = [
            np.broadcast_to(made[output], (len(chance.states), chunk.rows))
            for chance, output in zip(self.model.chances, self.plan.outputs, strict=True)
        ]
        empty = np.empty((0, chunk.rows))
        return self.branches.worths(tables, chunk.rows), np.concatenate([empty, *found])
