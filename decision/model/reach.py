"""Situations in which no option is open, although they can happen.

An option may be open only in some situations (`only_when`). Where the open choices of
the earlier decisions can lead, with positive probability, to a situation in which a
decision has no open option, the model is wrong. One path that leads there is enough:
every state on it possible, every option on it open. Whether there is one depends only on
which probabilities are 0, so tables of true and false are joined and projected onto the
variables that the decision's `only_when` names (as in a constraint network: Dechter 1999,
"Bucket elimination", Artificial Intelligence 113, doi:10.1016/S0004-3702(99)00059-4).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass
from decision.model.nodes import Chance, Decision, states_of

__all__ = ["dead_ends"]

Mask = NDArray[np.bool_]
LARGEST = 2**24
"""Cells; a problem that needs more is refused by the solver, which says so."""


@dataclass(frozen=True)
class Relation:
    """Which combinations of states of some variables are possible."""

    names: tuple[str, ...]
    mask: Mask


def dead_ends(
    decisions: Sequence[Decision],
    chances: Sequence[Chance],
    tables: Mapping[str, NDArray[np.float64]],
) -> Iterator[tuple[Decision, str]]:
    """Yield each decision that can be left without an open option, and where.

    Parameters
    ----------
    decisions, chances : sequence of nodes
        Sound.
    tables : mapping of chance node to array
        Probabilities.

    Yields
    ------
    decision, situation : Decision, str
        The first situation, in the order of the states: `` where talks=held``.
    """
    if not any(decision.only_when for decision in decisions):
        return
    states = states_of(decisions, chances)
    parents = {c.name: c.given for c in chances}
    opened: dict[str, Relation] = {}
    for decision in decisions:
        if not decision.only_when:
            continue
        relation = _openness(decision, states)
        guard = relation.names[:-1]
        closed = Relation(guard, np.asarray(~relation.mask.any(axis=-1)))
        if closed.mask.any():
            above = {name: r.names[:-1] for name, r in opened.items()} | parents
            factors = [closed]
            for name in _ancestors((*guard, *opened), above):
                if name in opened:
                    factors.append(opened[name])
                elif name in parents:
                    factors.append(Relation((*parents[name], name), tables[name] > 0))
            stuck = _projected(factors, guard, {n: len(s) for n, s in states.items()})
            if stuck is not None and stuck.any():
                key = np.argwhere(stuck)[0] if guard else ()
                named = [f"{n}={states[n][k]}" for n, k in zip(guard, key, strict=True)]
                yield decision, f" where {'; '.join(named)}" if named else ""
        opened[decision.name] = relation


def _openness(decision: Decision, states: Mapping[str, Sequence[str]]) -> Relation:
    """Return which options are open: variables that `only_when` names, then the options."""
    guard = tuple(dict.fromkeys(n for needs in decision.only_when.values() for n in needs))
    mask = np.ones([len(states[name]) for name in (*guard, decision.name)], dtype=bool)
    for option, needs in decision.only_when.items():
        column = mask[..., decision.options.index(option)]
        for name, allowed in needs.items():
            fits = np.array([state in allowed for state in states[name]])
            column &= fits.reshape([-1 if other == name else 1 for other in guard])
    return Relation((*guard, decision.name), mask)


def _ancestors(names: Sequence[str], above: Mapping[str, Sequence[str]]) -> list[str]:
    found = dict.fromkeys(names)
    queue = list(found)
    for name in queue:
        new = [parent for parent in above.get(name, ()) if parent not in found]
        found.update(dict.fromkeys(new))
        queue += new
    return queue


def _projected(
    factors: Sequence[Relation], kept: Sequence[str], cards: Mapping[str, int]
) -> Mask | None:
    """Return which states of the kept variables some combination of all others allows.

    None where that takes too large a table.
    """
    left = [_without_single(factor, cards) for factor in factors]
    near: dict[str, set[str]] = {}
    for factor in left:
        for name in factor.names:
            near.setdefault(name, set()).update(factor.names)
    hidden = sorted(set(near) - set(kept))
    while hidden:
        name = min(hidden, key=lambda n: math.prod(cards[m] for m in near[n]))
        touched = [factor for factor in left if name in factor.names]
        joined = _joined(touched, sorted(near[name]), cards)
        if joined is None:
            return None
        axis = joined.names.index(name)
        names = joined.names[:axis] + joined.names[axis + 1 :]
        left = [factor for factor in left if name not in factor.names]
        left.append(Relation(names, np.asarray(joined.mask.any(axis=axis))))
        for other in names:
            near[other] |= near[name]
            near[other].discard(name)
        hidden.remove(name)
    single = [name for name in kept if cards[name] > 1]
    whole = _joined(left, single, cards)
    return None if whole is None else whole.mask.reshape([cards[name] for name in kept])


def _without_single(factor: Relation, cards: Mapping[str, int]) -> Relation:
    names = tuple(name for name in factor.names if cards[name] > 1)
    return Relation(names, factor.mask.reshape([cards[name] for name in names]))


def _joined(
    factors: Sequence[Relation], names: Sequence[str], cards: Mapping[str, int]
) -> Relation | None:
    """Return the combinations of the named variables that all factors allow."""
    if math.prod(cards[name] for name in names) > LARGEST:
        return None
    mask = np.ones([cards[name] for name in names], dtype=bool)
    for factor in factors:
        order = sorted(range(len(factor.names)), key=lambda i: names.index(factor.names[i]))
        shape = [cards[name] if name in factor.names else 1 for name in names]
        mask &= factor.mask.transpose(order).reshape(shape)
    return Relation(tuple(names), mask)
