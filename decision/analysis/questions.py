"""Asking: the small language's questions put to a solved model.

Behind the bar a decision is *set*, a chance node is *observed* (the strategy stays
that of the unconditioned problem: asking does not let the decision-maker see), and
do(X=x) is asked of the model in which X is made to be x, with the decisions taken anew
(Pearl 2009, *Causality*, 2nd ed., §3.2 and §4.1). The contract is docs/spec/questions.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from decision.model.changes import intervene, selection
from decision.model.checking import check_question
from decision.model.diagram import InfluenceDiagram
from decision.model.language import Assignment, Condition, Question, parse_question
from decision.model.problems import COMMAND_LINE, ModelError, Place, Problem, problem
from decision.solve.solution import Solution, solve

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ImpossibleError", "Oracle", "answers", "ask"]

Array = NDArray[np.float64]
Key = tuple[tuple[str, str], ...]


class ImpossibleError(ModelError):
    """A condition of probability 0, or a setting that no earlier choice allows."""


def ask(model: InfluenceDiagram, *questions: str) -> float | pd.Series[float]:
    """Answer questions in the small language.

    Parameters
    ----------
    model : InfluenceDiagram
    *questions : str
        ``"P(oil=wet)"``, ``"E(total | test=no)"``, ``"V(payoff | drill=yes, oil=dry)"``,
        ``"weight(payoff)"``.

    Returns
    -------
    float or Series
        The answer to one question, or a Series indexed by the questions: probabilities
        in [0, 1], values in natural units, totals in points.

    Raises
    ------
    ModelError
        With a problem for each question that cannot be answered: unknown names, a
        condition of probability 0.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> round(da.ask(oil, "P(oil=soaking | seismic=closed, test=yes)"), 4)
    0.4167
    """
    found = answers(model, questions)
    if len(questions) == 1:
        return found[0]
    import pandas as pd

    return pd.Series(found, index=pd.Index(questions, name="question"), name="answer")


def answers(model: InfluenceDiagram, questions: Sequence[str]) -> list[float]:
    """Return the answers to questions, or raise with what is wrong with all of them."""
    found: list[Problem] = []
    parsed: list[Question] = []
    for text in questions:
        try:
            question = parse_question(text.strip(), COMMAND_LINE)
        except ModelError as error:
            found += error.problems
            continue
        found += check_question(model, question, COMMAND_LINE)
        parsed.append(question)
    if found:
        raise ModelError(found)
    oracle = Oracle(model)
    results: list[float] = []
    for question in parsed:
        try:
            results.append(oracle.answer(question, COMMAND_LINE))
        except ModelError as error:
            found += error.problems
    if found:
        raise ModelError(found)
    return results


class Oracle:
    """Answers many questions about one model, solving each setting of it once."""

    def __init__(self, model: InfluenceDiagram) -> None:
        self.model = model
        self._solutions: dict[tuple[Key, Key], Solution] = {}
        self._joints: dict[tuple[tuple[Key, Key], tuple[str, ...]], Array] = {}
        self._expectations: dict[tuple[tuple[Key, Key], str, Key], float | None] = {}

    def answer(
        self,
        question: Question,
        place: Place,
        states: Mapping[str, str] | None = None,
    ) -> float:
        """Return the answer to a checked question.

        Parameters
        ----------
        question : Question
        place : (str, int)
            For messages.
        states : mapping, optional
            States of the bare names behind the bar (of a `for all`).

        Raises
        ------
        ImpossibleError
            Where a condition has probability 0.
        """
        conditions = [self._filled(c, states or {}) for c in question.conditions]
        if question.kind == "weight":
            return float(self.model.node(question.node).weight)
        if question.kind == "V":
            return self._entry(question, conditions, place)
        key, observed = self._setting(conditions)
        if question.kind == "P":
            return self._probability(question, key, observed, place)
        return self._expectation(question, key, observed, place)

    @staticmethod
    def _filled(condition: Condition, states: Mapping[str, str]) -> Condition:
        if condition.states:
            return condition
        return Condition(condition.name, (states[condition.name],), condition.do)

    def _setting(self, conditions: Sequence[Condition]) -> tuple[tuple[Key, Key], list[Condition]]:
        made, given, observed = [], [], []
        for condition in conditions:
            if condition.do:
                made.append((condition.name, condition.states[0]))
            elif self.model.nodes[condition.name].kind == "decision":
                given.append((condition.name, condition.states[0]))
            else:
                observed.append(condition)
        return (tuple(sorted(made)), tuple(sorted(given))), observed

    def _solution(self, key: tuple[Key, Key], place: Place) -> Solution:
        if key not in self._solutions:
            made, given = key
            model = intervene(self.model, dict(made))
            try:
                self._solutions[key] = solve(model, given=dict(given))
            except ModelError as error:
                if not given:
                    raise
                raise ImpossibleError(
                    problem(place, p.what, p.do) for p in error.problems
                ) from None
        return self._solutions[key]

    def _entry(self, question: Question, conditions: Sequence[Condition], place: Place) -> float:
        node = self.model.node(question.node, ("value",))
        assignments = [Assignment(c.name, c.states) for c in conditions]
        entries = node.table[selection(self.model, node, assignments, place)]
        if entries.size and np.ptp(entries) > 0:
            what = (
                f"the entries of {node.name} that match {question} differ, from "
                f"{entries.min():g} to {entries.max():g}"
            )
            named = {c.name for c in conditions}
            free = [name for name in node.given if name not in named]
            do = f"name the state of {', '.join(free)} too" if free else "name one state each"
            raise ModelError([problem(place, what, do)])
        return float(entries.flat[0])

    def _joint(self, key: tuple[Key, Key], names: tuple[str, ...], place: Place) -> Array:
        """Return the joint table over some nodes under the strategy of a setting."""
        if (key, names) not in self._joints:
            self._joints[key, names] = self._solution(key, place).probabilities(names)
        return self._joints[key, names]

    def _probability(
        self,
        question: Question,
        key: tuple[Key, Key],
        observed: Sequence[Condition],
        place: Place,
    ) -> float:
        asked = [*question.event, *(Assignment(c.name, c.states) for c in observed)]
        names = tuple(sorted({a.name for a in asked}))
        table = self._joint(key, names, place)
        behind, below = self._observed(question, names, table, observed, place)
        above = float(table[behind & self._mask(names, question.event)].sum())
        return above / below if observed else above

    def _observed(
        self,
        question: Question,
        names: tuple[str, ...],
        table: Array,
        observed: Sequence[Condition],
        place: Place,
    ) -> tuple[NDArray[np.bool_], float]:
        """Return the cells in which the conditions hold, and their probability, above 0."""
        mask = self._mask(names, [Assignment(c.name, c.states) for c in observed])
        below = float(table[mask].sum())
        if below > 0:
            return mask, below
        behind = ", ".join(map(str, observed))
        what = f"{question} has no answer: {behind} has probability 0 under the best strategy"
        do = "ask with a condition that can happen, or use do(…)"
        raise ImpossibleError([problem(place, what, do)])

    def _mask(self, names: tuple[str, ...], assignments: Sequence[Assignment]) -> NDArray[np.bool_]:
        shape = tuple(len(self.model.states(name)) for name in names)
        mask = np.ones(shape, dtype=bool)
        for assignment in assignments:
            states = self.model.states(assignment.name)
            line = np.array([state in assignment.states for state in states])
            axis = names.index(assignment.name)
            mask &= line.reshape([-1 if i == axis else 1 for i in range(len(names))])
        return mask

    def _expectation(
        self,
        question: Question,
        key: tuple[Key, Key],
        observed: Sequence[Condition],
        place: Place,
    ) -> float:
        names = tuple(sorted({c.name for c in observed}))
        if not names:
            return self._expected(question.node, key, (), place)
        table = self._joint(key, names, place)
        mask, below = self._observed(question, names, table, observed, place)
        total = 0.0
        for cell in product(*(self.model.states(name) for name in names)):
            index = tuple(self.model.states(n).index(s) for n, s in zip(names, cell, strict=True))
            if mask[index] and table[index] > 0:
                seen = tuple(zip(names, cell, strict=True))
                total += table[index] * self._expected(question.node, key, seen, place)
        return float(total / below)

    def _expected(self, node: str, key: tuple[Key, Key], seen: Key, place: Place) -> float:
        if (key, node, seen) not in self._expectations:
            solution = self._solution(key, place)
            value = None if node == "total" else node
            self._expectations[key, node, seen] = solution.expectation(value, observed=dict(seen))
        result = self._expectations[key, node, seen]
        assert result is not None
        return result
