"""Signposts: the few outcomes after which the advice changes, and what they are worth.

A *signpost* is an observable outcome that marks a change in the validity of what a plan rests
on (Dewar, Builder, Hix and Levin 1993, *Assumption-Based Planning*, RAND MR-114-A). Two
kinds are looked for, and a third where draws are asked for.

*In the plan*: a later decision observes outcomes, and chooses after some of them what it
would not choose as a rule. As a rule is what it chooses most probably. The situations that
lead it elsewhere are told by the shortest conditions that tell them apart from all others
(prime implicants; Quine 1952, American Mathematical Monthly 59(8),
doi:10.1080/00029890.1952.11988183), as few as cover them. What a sign is worth is what
reacting to it gains over doing as a rule.

*Of the first choice*: an outcome tells something about nodes that no decision influences. If
the first decision were taken anew, by one who has seen that outcome once under the plan,
would it choose otherwise? Seeing it is a signal with the likelihood P(outcome | those nodes,
plan), so this is the signal of `signals`, read state by state. Where it would choose
otherwise whatever is seen, it is knowing that changes the advice and no outcome is a signpost.
Such a choice can rarely be taken anew in full: the worth says which outcomes call for it.

*Of the numbers*: an outcome also teaches what to believe of numbers that have a range
(`learning`), and after some the numbers that are believed then favour another branch.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.information import knowing, unknowable
from decision.analysis.learning import Lesson, lessons
from decision.analysis.sampling import Around
from decision.analysis.signs import Sign, Situation, signs
from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance
from decision.model.problems import PYTHON, ModelError, problem
from decision.solve.mapping import Progress
from decision.solve.solution import Solution, solve
from decision.solve.strategy import listed, looked_up

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["signposts"]

Array = NDArray[np.float64]
COLUMNS = ("kind", "watch", "by", "decision", "before", "after", "probability", "margin", "worth")
LARGEST = 100_000
"""Cells of a likelihood; an outcome that needs more is left out."""


def signposts(
    model: InfluenceDiagram,
    by: str | None = None,
    *,
    most: int = 10,
    draws: int = 0,
    seed: int = 1,
    draw: str | Around = "linked",
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """List the outcomes after which the advice changes.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        The choice that could be taken anew; default the first. A decision that observes
        something reacts as it is, and is looked at in the plan alone.
    most : int
        Rows, at most.
    draws : int
        How often the numbers are drawn, to see what outcomes teach of them; 0: not at all.
    seed, draw, executor, progress
        As in `uncertainty`.

    Returns
    -------
    DataFrame
        The row worth most first. `kind`: "plan", "anew" or "numbers"; `watch`: what is to be seen
        (``talks=broad``); `by`: the decision by which it is known, the horizon where none
        observes it; `decision`: whose advice changes, from `before` to `after`;
        `probability` of seeing it under the plan; `margin`: how much better the new advice
        is then (nan where the old one is closed); `worth`: probability × margin, what it
        gains to react. Signs may hold together, so that worths don't add up. Points of the
        total; with risk of the certain equivalents of the situations.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> da.signposts(oil)[["kind", "watch", "decision", "before", "after", "probability"]]
       kind            watch decision before after  probability
    0  plan  seismic=diffuse    drill    yes    no         0.41
    """
    import pandas as pd

    for name, number, least in (("most", most, 1), ("draws", draws, 0)):
        if number < least:
            raise ModelError([problem(PYTHON, f"{name} is {number}", f"give {least} or more")])
    first = model.node(model.decisions[0].name if by is None else by, ("decision",)).name
    solution = solve(model)
    rows = [row for d in model.decisions for row in _in_plan(solution, d.name)]
    if not model.information(first):
        rows += _anew(solution, first)
        if draws:
            usual = int(solution.policy[first].choices)
            rows += [
                _learnt(model, first, usual, lesson)
                for lesson in lessons(
                    solution, first, usual, draws=draws, seed=seed, draw=draw,
                    executor=executor, progress=progress,
                )
            ]  # fmt: skip
    rows.sort(key=lambda row: -row["worth"] if row["worth"] == row["worth"] else np.inf)
    return pd.DataFrame(rows[:most], columns=list(COLUMNS))


# -- in the plan --------------------------------------------------------------------


def _in_plan(solution: Solution, decision: str) -> Iterator[dict[str, Any]]:
    """Yield the signs after which a decision does not do what it does as a rule."""
    found, names, usual = _situations(solution, decision)
    model = solution.model
    options = model.states(decision)
    for option in range(len(options)):
        for sign in signs(found, option, usual):
            yield _row(
                "plan",
                " and ".join(
                    f"{names[i]}={model.states(names[i])[state]}" for i, state in sign.where
                ),
                decision,
                decision,
                options[usual],
                options[option],
                sign,
            )


def _row(
    kind: str, watch: str, by: str, decision: str, before: str, after: str, sign: Sign
) -> dict[str, Any]:
    values = (kind, watch, by, decision, before, after, sign.probability, sign.margin, sign.worth)
    return dict(zip(COLUMNS, values, strict=True))


def _situations(solution: Solution, decision: str) -> tuple[list[Situation], tuple[str, ...], int]:
    """Return a decision's situations, what they are told by, and what it does as a rule."""
    model = solution.model
    names, options = solution.policy[decision].given, model.states(decision)
    table = dict(listed(model, solution.policy, solution.worths, {decision: names}, solution.limit))
    rows = table[decision]
    columns = {n: np.array([row.known[i] for row in rows]) for i, n in enumerate(names)}
    worths, allowed = _options(solution, decision, columns, len(rows))
    mass = [row.probability for row in rows]
    chosen = [row.choice for row in rows]
    usual = int(np.bincount(chosen, weights=mass, minlength=len(options)).argmax())
    worths[~allowed] = np.nan
    found = [
        Situation(row.known, row.probability, frozenset([row.choice, *row.ties]), tuple(amounts))
        for row, amounts in zip(rows, worths.tolist(), strict=True)
    ]
    return found, names, usual


def _options(
    solution: Solution, decision: str, columns: dict[str, NDArray[np.intp]], rows: int
) -> tuple[Array, NDArray[np.bool_]]:
    """Return what each option is worth in each situation, and whether it is open."""
    found, number = solution.worths[decision], len(solution.model.states(decision))
    worths, allowed = np.zeros((rows, number)), np.ones((rows, number), dtype=bool)
    if found.worths is not None:
        worths = np.array(looked_up(found.worths[1], found.worths[0], columns, rows))
    if found.allowed is not None:
        allowed = np.array(looked_up(found.allowed[1], found.allowed[0], columns, rows)) > 0
    return worths, allowed


# -- of the first choice ------------------------------------------------------------


def _anew(solution: Solution, first: str) -> Iterator[dict[str, Any]]:
    """Yield the outcomes after which a first choice would be another one."""
    model = solution.model
    free = {c.name for c in model.chances if not unknowable(model, c.name, first)}
    rule = solution.policy[first]
    usual = int(rule.choices)
    for chance in model.chances:
        seen = _having_seen(solution, chance.name, first, free)
        if seen is None:
            continue
        model_, sign = seen
        found, names, _ = _situations(solve(model_), first)
        if sign not in names or not any(usual in situation.best for situation in found):
            continue
        for option in range(len(rule.options)):
            for situation in found:
                if option != min(situation.best) or usual in situation.best:
                    continue
                one = Sign.of(((0, situation.states[0]),), [situation], option, usual)
                yield _row(
                    "anew",
                    f"{chance.name}={chance.states[situation.states[names.index(sign)]]}",
                    _known_by(model, chance.name),
                    first,
                    rule.options[usual],
                    rule.options[option],
                    one,
                )


def _learnt(model: InfluenceDiagram, first: str, usual: int, lesson: Lesson) -> dict[str, Any]:
    options = model.states(first)
    sign = Sign((), lesson.probability, lesson.margin, lesson.probability * lesson.margin)
    return _row(
        "numbers",
        f"{lesson.node}={lesson.state}",
        _known_by(model, lesson.node),
        first,
        options[usual],
        options[lesson.option],
        sign,
    )


def _having_seen(
    solution: Solution, name: str, first: str, free: set[str]
) -> tuple[InfluenceDiagram, str] | None:
    """Return the model in which the first decision has seen an outcome once, and the sign."""
    model = solution.model
    if name in free:
        return knowing(model, name, first), name
    above = {*model.structure.ancestors[name], name}
    told = [
        other
        for other in free
        if any(other in _parents(model, solution, child) for child in above - free)
    ]
    told = [n for n in model.time_order if n in told]
    shape = tuple(len(model.states(n)) for n in (*told, name))
    if not told or prod(shape) > LARGEST:
        return None
    joint = solution.probabilities((*told, name))
    mass = joint.sum(axis=-1, keepdims=True)
    likelihood = np.where(mass > 0, joint / np.where(mass > 0, mass, 1.0), 1.0 / shape[-1])
    likelihood /= likelihood.sum(axis=-1, keepdims=True)
    sign = f"{name}_seen"
    while sign in model.nodes:
        sign += "_"
    chance = Chance(sign, model.states(name), tuple(told), likelihood)
    return knowing(model.rebuilt(chances=(*model.chances, chance)), sign, first), sign


def _parents(model: InfluenceDiagram, solution: Solution, name: str) -> tuple[str, ...]:
    if model.nodes[name].kind == "decision":
        return solution.policy[name].given
    return model.given(name)


def _known_by(model: InfluenceDiagram, name: str) -> str:
    for decision in model.decisions:
        if name in model.information(decision.name):
            return decision.name
    return str(model.horizon or "")
