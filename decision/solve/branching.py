"""The best rules of decisions that forget, by branch and bound.

A policy is a word: the option in each situation of the first decision, then of the second,
and so on; the last decision's rule follows from all others. Words are tried in order, depth
first, letter by letter. What a beginning can still lead to is bounded by a *relaxation*
in which the decisions not yet settled know more: from the one in hand on they forget
nothing. Whoever knows more can ignore it, so no rules that begin like this are worth more
(Yuan, Wu and Hansen 2010, "Solving multistage influence diagrams using branch-and-bound
search", UAI-10; Khaled, Hansen and Yuan 2013, "Solving limited memory influence diagrams
using branch-and-bound search", UAI-13; finding the best policy is NP-hard, Mauá, de Campos
and Zaffalon 2012, JAIR 44). It is one model with perfect memory:

- decisions whose letters are all written are chance nodes that follow their rule, and are
  remembered by no one who does not list them: the bound falls as letters are written;
- the decision in hand is closed to all but its letter in situations that have one;
- the others are free and see what their rule looks at and all that was seen before.

With only the last decision free nothing is relaxed, and the bound is what the word is worth.

A beginning is dropped if it cannot reach the best that is known, at first what improving
one rule at a time found; after a word that does, if it cannot do better than tie. So the
first of the words that tie with the best is taken. Many beginnings are one batch.

It stops after so many solves and operations, whatever the clock says, so that an answer is
the same on every machine. The largest bound of what was not looked at is then what no
policy exceeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass
from decision.solve.choosing import Array, Problem
from decision.solve.inputs import arrays_for, set_options
from decision.solve.plan import refuse
from decision.solve.relaxed import Relaxation, relaxed
from decision.solve.run import run

__all__ = ["OPERATIONS", "SOLVES", "Searched", "search"]

SOLVES = 200_000
"""Relaxations that are solved, at most: enough for any 100 000 words of two letters or more."""
OPERATIONS = 2**32
"""Operations that they take, at most."""
LIVE = 2**26
"""Bytes of one batch, unless one row takes more."""
WIDE = 64
"""Beginnings looked at in one batch before there is reason to look at more."""
MANY = 1024
"""Beginnings looked at in one batch, at most."""


@dataclass(frozen=True, eq=False)
class Searched:
    """What a search found.

    Attributes
    ----------
    tables : mapping of decision to table, or None
        The best rules found; None if there are none that avoid a dead end.
    bound : float or None
        No rules are worth more; None where none are better than those found.
    solves : int
        Relaxations solved.
    """

    tables: dict[str, Array] | None
    bound: float | None
    solves: int


@dataclass(frozen=True, eq=False)
class _Beginnings:
    """Beginnings of one length, in order, and what each can lead to at most."""

    letters: NDArray[np.intp]
    bounds: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.bounds)

    def of(self, which: slice | NDArray[np.bool_]) -> _Beginnings:
        """Return some of them."""
        return _Beginnings(self.letters[which], self.bounds[which])

    def longer(self, options: NDArray[np.intp]) -> _Beginnings:
        """Return each with each of some letters after it."""
        letters = np.repeat(self.letters, len(options), axis=0)
        last = np.tile(options, len(self))[:, None]
        return _Beginnings(np.hstack([letters, last]), np.repeat(self.bounds, len(options)))


class _Words:
    """The words of a problem: what each letter may be, and what a beginning can lead to."""

    def __init__(self, problem: Problem, tables: Mapping[str, Array], left: Sequence[str]) -> None:
        self.problem, self.tables, self.left = problem, tables, left
        self.openings = {name: _rows(problem.openings(name)) for name in left}
        self.options = [np.flatnonzero(row) for n in left[:-1] for row in self.openings[n]]
        starts = np.cumsum([0, *(len(self.openings[n]) for n in left)])
        self.length = len(self.options)
        self.starts = [int(start) for start in starts]

    def hand(self, length: int) -> int:
        """Return the number of the first decision that has letters left to write."""
        return next(i for i in range(len(self.left)) if length < self.starts[i + 1])

    def relaxation(self, hand: int) -> Relaxation:
        """Return what bounds the beginnings that have a certain decision in hand."""
        scopes, given = tuple(self.problem.scopes.items()), frozenset(self.problem.given)
        return relaxed(self.problem.model.structure, scopes, tuple(self.left[hand:]), given)

    def most(self, hand: int) -> int:
        """Return how many beginnings may be looked at at once."""
        bytes_ = max(self.relaxation(hand).plan.cost.bytes, 1)
        return max(1, min(MANY, LIVE // bytes_, self.problem.limit // bytes_))

    def rules(self, letters: NDArray[np.intp], hand: int) -> dict[str, Array]:
        """Return the rules that are written out, with a batch of the beginnings."""
        rules = {}
        for i, name in enumerate(self.left[:hand]):
            written = letters[:, self.starts[i] : self.starts[i + 1]]
            if (written == written[0]).all():
                written = written[:1]
            shape = [len(self.problem.model.states(n)) for n in self.problem.scopes[name]]
            table = np.eye(len(self.problem.model.states(name)))[written]
            table = table.reshape([len(written), *shape, table.shape[-1]])
            rules[name] = np.ascontiguousarray(np.moveaxis(table, 0, -1))
        return rules

    def opened(self, letters: NDArray[np.intp], hand: int) -> Array:
        """Return which options of the decision in hand are left, by its situations."""
        name = self.left[hand]
        written = letters[:, self.starts[hand] :]
        opened = np.repeat(self.openings[name][None].astype(float), len(letters), axis=0)
        opened[:, : written.shape[1]] = np.eye(opened.shape[-1])[written]
        shape = [len(self.problem.model.states(n)) for n in self.problem.scopes[name]]
        opened = opened.reshape([len(letters), *shape, opened.shape[-1]])
        return np.ascontiguousarray(np.moveaxis(opened, 0, -1))

    def bounds(self, letters: NDArray[np.intp], hand: int) -> NDArray[np.float64]:
        """Return what beginnings of one length can lead to at most; −∞ at a dead end."""
        most = self.most(hand)
        pieces = [letters[start : start + most] for start in range(0, len(letters), most)]
        return np.concatenate([self.piece(some, hand) for some in pieces])

    def piece(self, letters: NDArray[np.intp], hand: int) -> NDArray[np.float64]:
        """Return the same for as many as may be looked at at once."""
        relaxed, model, given = self.relaxation(hand), self.problem.model, self.problem.given
        found, rules = relaxed.plan, {**self.tables, **self.rules(letters, hand)}
        arrays = arrays_for(relaxed.unruled, model, set_options(model, [given]) if given else {})
        for key, _ in found.inputs:
            kind, name = key
            if kind == "open" and name == self.left[hand]:
                arrays[key] = self.opened(letters, hand)
            elif key not in arrays and kind == "support":
                arrays[key] = np.asarray(rules[name] > 0, dtype=np.float64)
            elif key not in arrays:
                arrays[key] = _logarithm(rules[name]) if found.logarithmic else rules[name]
        made = run(found, arrays)
        bounds = np.broadcast_to(made[found.value], (len(letters),)).copy()  # type: ignore[index]
        for end in found.dead:
            bounds[np.broadcast_to(made[end] > 0, bounds.shape)] = -inf
        return bounds


def _rows(openings: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the open options of each situation, the first where none is open."""
    rows = openings.reshape(-1, openings.shape[-1]).copy()
    rows[~rows.any(axis=-1), 0] = True
    return rows


def _logarithm(table: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(table))


def search(
    problem: Problem,
    tables: Mapping[str, Array],
    left: Sequence[str],
    known: tuple[float, dict[str, Array]] | None,
) -> Searched:
    """Search the best rules of some decisions together.

    Parameters
    ----------
    problem : Problem
    tables : mapping of decision to table
        Rules that stay.
    left : sequence of str
        The decisions whose rules are sought, in time order.
    known : (float, rules) or None
        What some rules are worth; the search looks for none that are worth less.
    """
    words = _Words(problem, tables, left)
    reached, best = (-inf, None) if known is None else known
    word: NDArray[np.intp] | None = None
    stack = [_Beginnings(np.zeros((1, 0), dtype=np.intp), np.array([inf]))]
    solves = operations = 0
    while stack:
        batch = stack.pop()
        batch = batch.of(_promising(problem, batch.bounds, reached, word is not None))
        if not len(batch):
            continue
        longer, rest = _lengthened(words, batch)
        hand = words.hand(longer.letters.shape[1])
        found = words.relaxation(hand).plan
        ended = longer.letters.shape[1] == words.length
        if ended:
            refuse(found, problem.limit)
        bounded = found.cost.bytes <= problem.limit
        solves += len(longer) * bounded
        operations += len(longer) * found.cost.operations * bounded
        if solves > SOLVES or operations > OPERATIONS or len(stack) > SOLVES:
            stack.append(batch)
            break
        if len(rest):
            stack.append(rest)
        if bounded:
            bounds = np.minimum(longer.bounds, words.bounds(longer.letters, hand))
            longer = _Beginnings(longer.letters, bounds)
        if not ended:
            stack.append(longer)
            continue
        reached, word = _bettered(problem, longer, reached, word)
    if word is not None:
        best = {**tables, **words.rules(word[None], len(left) - 1)}
        best[left[-1]] = problem.best(left[-1], best)
    if not stack:
        return Searched(best, None, solves)
    bound = max(reached, *(float(part.bounds.max()) for part in stack))
    return Searched(best, bound, solves)


def _bettered(
    problem: Problem, words: _Beginnings, reached: float, word: NDArray[np.intp] | None
) -> tuple[float, NDArray[np.intp] | None]:
    """Return the best word so far, after some whole ones, and what it is worth."""
    while (better := _promising(problem, words.bounds, reached, word is not None)).any():
        first = int(better.argmax())
        reached, word = float(words.bounds[first]), words.letters[first]
        words = words.of(slice(first + 1, None))
    return reached, word


def _promising(problem: Problem, bounds: Array | float, reached: float, worded: bool) -> Array:
    """Whether beginnings can lead to more than was reached; to a tie, if by no word so far."""
    if worded:
        return np.asarray(problem.exceeds(bounds, reached))
    return np.asarray(~problem.exceeds(reached, bounds) & np.greater(bounds, -inf))


def _lengthened(words: _Words, batch: _Beginnings) -> tuple[_Beginnings, _Beginnings]:
    """Return the first beginnings with letters added, and the rest of the batch as it is.

    One letter that leaves a choice is added, or as many as it takes to fill a small batch.
    """
    letters = words.options[batch.letters.shape[1] :]
    most = words.most(words.hand(batch.letters.shape[1]))
    fan = next((len(options) for options in letters if len(options) > 1), 1)
    take = max(1, most // fan)
    longer, rest = batch.of(slice(take)), batch.of(slice(take, None))
    before = len(longer)
    for options in letters:
        grown = len(longer) * len(options)
        if len(options) > 1 and len(longer) > before and grown > min(WIDE, most):
            break
        longer = longer.longer(options)
    return longer, rest
