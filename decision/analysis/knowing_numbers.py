"""What it is worth to know some of a model's numbers, before choosing.

`information` values knowing how a chance node will turn out. Here it is the *numbers* that are
not known, each within its range, as in `uncertainty`: research can tell what a probability
is, and never what will happen. What knowing all of them is worth bounds what any research can
be worth (Raiffa and Schlaifer 1961; in health economics the expected value of partial perfect
information, Rothery et al. 2020, "Value of information analytical methods: report 2 of the
ISPOR task force", Value in Health 23(3), doi:10.1016/j.jval.2020.01.004). By one regression of
what branches are worth on the numbers (`evppi`), or to check that by two levels of draws
(`nested`).

Valued is knowing the numbers when the branch is chosen. Later decisions are taken, in every
draw, as if all numbers had become known by then, whoever chose the branch and on what grounds.

*Linked*, all rows of a node move together, and so are known together: name the node. A node
stands for all numbers of it that have a range; its name and one of its numbers are sets that
lie one in the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING

import numpy as np

from decision.analysis.draws import drawn_worths
from decision.analysis.evppi import as_frame, gains
from decision.analysis.nested import Nested, nested_gains
from decision.analysis.sampling import Around, sampler
from decision.model.dataclass import replace
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import PYTHON, ModelError, Problem, nearest, problem
from decision.solve.mapping import Progress

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["value_of_knowing_inputs"]

Names = tuple[str, ...]
METHODS = ("regression", "nested")


def value_of_knowing_inputs(
    model: InfluenceDiagram,
    inputs: str | Sequence[str | Sequence[str]] | None = None,
    by: str | None = None,
    *,
    draws: int = 10_000,
    seed: int,
    draw: str | Around = "independent",
    method: str = "regression",
    inner: int = 100,
    executor: Executor | None = None,
    progress: Progress | None = None,
    fitting: Progress | None = None,
) -> pd.DataFrame:
    """Value knowing a model's numbers when a branch is chosen.

    Parameters
    ----------
    model : InfluenceDiagram
    inputs : str, or sequence of names and of sequences of names, optional
        Inputs in the small language, or nodes for all of theirs: each valued on its own, a
        sequence within the sequence as one set. Default each node.
    by : str, optional
        Decision whose options are compared; default the first.
    draws : int
        Two or more. Errors go with 1/√draws; nested, it is outer times inner draws.
    seed : int
        Zero or more. The same seed gives the same figures, whoever runs them.
    draw : "independent", "linked" or Around
        As in `uncertainty`.
    method : "regression" or "nested"
    inner : int
        Nested: draws of what is not known, for each of what is; rounded to an even number.
    executor : Executor, optional
        Who runs the draws; default this process.
    progress, fitting : callable, optional
        Told how many draws are done, and of how many; then how many sets are fitted.

    Returns
    -------
    DataFrame
        Index `inputs` as they were asked for, and "all inputs"; columns `value` with its
        `standard_error` (errs low), `plug_in` with its `plug_in_error` and `plug_in_bias`
        (errs high by about that), in points of the total, of certain equivalent with risk.
        The largest value first; it never falls from a set to a larger one.

    Raises
    ------
    ModelError
        For a name that was not drawn, a model that has no answer.

    Examples
    --------
    >>> from decision import read_model, value_of_knowing_inputs
    >>> from decision.analysis.sampling import Around
    >>> oil = read_model("data/examples/oil_wildcatter")
    >>> found = value_of_knowing_inputs(oil, seed=1, draw=Around(concentration=10))
    >>> found["value"].round(1).to_dict()
    {'all inputs': 3.4, 'payoff': 1.5, 'seismic': 1.2, 'oil': 1.2, 'test_cost': 0.2}
    """
    by = model.node(model.decisions[0].name if by is None else by, ("decision",)).name
    drawn = sampler(model, draw).names
    labels, sets = _sets(model, inputs, drawn, draw)
    _look_at(draws, method, draw, inner)
    if method == "nested":
        half = max(1, min(inner, draws) // 2)
        how = Nested(max(2, draws // (2 * half)), 2 * half, seed, draw == "linked")
        solved = drawn_worths(model, by, draws=0, seed=seed, draw=draw)  # says what is wrong
        found = nested_gains(model, solved.by, sets, how, executor, progress)
    else:
        keep = dict.fromkeys(name for names in sets for name in names)
        sample = drawn_worths(
            model,
            by,
            draws=draws,
            seed=seed,
            draw=draw,
            keep=keep,
            executor=executor,
            progress=progress,
        )
        random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(draws,)))
        found = gains(sample.worths, sample.numbers, sets, random, fitting)
    named = [replace(gain, inputs=label) for gain, label in zip(found[1:], labels, strict=True)]
    return as_frame([found[0], *named])


# -- what is asked for ----------------------------------------------------------------


def _sets(
    model: InfluenceDiagram,
    inputs: str | Sequence[str | Sequence[str]] | None,
    drawn: Names,
    draw: str | Around,
) -> tuple[list[Names], list[Names]]:
    """Return the sets as they were asked for, and what is drawn of each."""
    if inputs is None:
        nodes = [*model.chances, *model.values]
        asked: list[Names] = [(n.name,) for n in nodes if _of_node(n.name, drawn)]
    else:
        listed = [inputs] if isinstance(inputs, str) else list(inputs)
        asked = [(item,) if isinstance(item, str) else tuple(item) for item in listed]
    found: list[Problem] = []
    sets = []
    for names in asked:
        own: list[str] = []
        for name in names:
            here = (name,) if name in drawn else _of_node(name, drawn)
            if not here:
                found.append(_unknown(model, name, drawn, draw))
            own += here
        sets.append(tuple(dict.fromkeys(own)))
    if found:
        raise ModelError(dict.fromkeys(found))
    return asked, sets


def _of_node(node: str, drawn: Names) -> Names:
    """Return what is drawn of a node's numbers."""
    starts = (f"P({node}=", f"V({node})", f"V({node} |", f"weight({node})")
    return tuple(name for name in drawn if name == node or name.startswith(starts))


def _unknown(model: InfluenceDiagram, name: str, drawn: Names, draw: str | Around) -> Problem:
    if name in model.nodes and model.nodes[name].kind != "decision":
        return problem(PYTHON, f"no number of {name} has a range", "give one, or name another node")
    row = next((row for row in model.inputs if row.name == name), None)
    if row is not None and draw == "linked" and row.node in drawn:
        what = f"linked, '{name}' moves with all rows of {row.node}"
        return problem(PYTHON, what, f"name {row.node}, or draw independently")
    if row is not None:
        return problem(PYTHON, f"'{name}' has no range", "give one, or name another input")
    return problem(PYTHON, f"there is no drawn input '{name}'", nearest(name, drawn))


def _look_at(draws: int, method: str, draw: str | Around, inner: int) -> None:
    found = []
    if draws < 2:
        found.append(problem(PYTHON, f"draws is {draws}", "give 2 or more"))
    if method not in METHODS:
        what = f"there is no method called '{method}'"
        found.append(problem(PYTHON, what, nearest(method, METHODS)))
    elif method == "nested":
        if isinstance(draw, Around):
            what = "two levels of draws take ranges, and what is drawn around has none"
            found.append(problem(PYTHON, what, "draw independent or linked, or by regression"))
        if inner < 2:
            found.append(problem(PYTHON, f"inner is {inner}", "give 2 or more"))
    if found:
        raise ModelError(found)
