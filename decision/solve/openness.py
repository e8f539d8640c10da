"""Situations in which no option is open.

An option may be open only in some situations (`only_when`). Where some open choices of
the earlier decisions lead with positive probability to a situation in which a decision
has no open option, the model is wrong. Choices may differ from path to path, so this
asks only whether there is one path: every chance state on it possible, every option on
it open. That is a product of zeros and ones, summed over all paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError, Problem
from decision.model.structure import Structure
from decision.solve.compiled import Plan, finished, refuse
from decision.solve.elimination import cheapest, eliminate, elimination_order
from decision.solve.inputs import arrays_for, open_options, set_options
from decision.solve.relevance import Network
from decision.solve.run import run
from decision.solve.steps import Draft

__all__ = ["dead_ends", "forced_dead_end"]


@lru_cache(maxsize=64)
def reach_plan(structure: Structure, decision: str, forced: frozenset[str] = frozenset()) -> Plan:
    """Return the plan that counts open paths into each state of a decision's guard.

    Parameters
    ----------
    structure : Structure
    decision : str
        One that has a guard.
    forced : frozenset of str
        Decisions that are set: on a path, they take that option.
    """
    draft = Draft(structure.time_order, structure.card)
    guards = dict(structure.guards)
    network = Network(structure, dict(structure.chances))
    names = [name for name, _ in structure.decisions]
    earlier = [name for name in names[: names.index(decision)] if name in guards]
    tables = {n: draft.input("support", n, (*p, n)) for n, p in structure.chances}
    opens = [draft.input("open", n, (*guards[n], n)) for n in earlier]
    opens += [draft.input("forced", n, (n,)) for n in names if n in forced and n != decision]
    kept = draft.mask(guards[decision])
    targets = [*guards[decision], *(n for o in opens for n in draft.scopes[o])]
    factors = [tables[n] for n in sorted(network.above(targets)) if n in tables] + opens
    masks = [draft.masks[f] for f in factors]
    hidden = draft.union(factors) & ~kept

    def plan(by_fill: bool) -> list[int]:
        order = elimination_order(draft.cards, masks, hidden, by_fill)
        left = eliminate(draft, factors, order)
        return [draft.product(left)] if left else []

    outputs = cheapest(draft, [lambda: plan(False), lambda: plan(True)])
    return finished(draft, outputs, structure.card)


def dead_ends(model: InfluenceDiagram, limit: int = 2 * 2**30) -> list[Problem]:
    """Return a problem for each decision that can be left without an open option.

    Each names the first such situation: the states that close all options.
    """
    found = []
    for name, guard in model.structure.guards:
        stuck = _reached(model, name, limit) & ~(open_options(model, name) > 0).any(axis=-1)
        if stuck.any():
            where = _situation(model, guard, tuple(np.argwhere(stuck)[0]))
            found.append(
                Problem(
                    "model.toml",
                    1,
                    f"no option of {name} is open{where}, which can happen",
                    "open one there in only_when, or close the earlier options that lead there",
                )
            )
    return found


def forced_dead_end(
    model: InfluenceDiagram, forced: Mapping[str, str], limit: int = 2 * 2**30
) -> ModelError:
    """Return the error for decisions set to an option that cannot be had everywhere.

    The last decision that is set is the one that cannot: what is set before it can be had.
    """
    for name, guard in reversed(model.structure.guards):
        if name in forced:
            option = model.states(name).index(forced[name])
            reached = _reached(model, name, limit, forced)
            closed = reached & ~(open_options(model, name)[..., option] > 0)
            if closed.any():
                where = _situation(model, guard, tuple(np.argwhere(closed)[0]))
                what = f"{name}={forced[name]} is closed{where}, and no earlier choice avoids that"
                do = f"set {name} to an option that is open there, or open this one"
                return ModelError([Problem("model.toml", 1, what, do)])
    raise AssertionError("a dead end without a closed option")


def _reached(
    model: InfluenceDiagram, name: str, limit: int, forced: Mapping[str, str] | None = None
) -> NDArray[np.bool_]:
    """Whether some open choices lead to each combination of states of a guard."""
    given = dict(forced or {})
    plan = reach_plan(model.structure, name, frozenset(given))
    refuse(plan, limit)
    guard = dict(model.structure.guards)[name]
    shape = [len(model.states(other)) for other in guard]
    if not plan.outputs:
        return np.ones(shape, dtype=bool)
    number = plan.outputs[0]
    tables = run(plan, arrays_for(plan, model, set_options(model, [given])))
    table = tables[number][..., 0] > 0
    scope = plan.scopes[number]
    inside = [other for other in guard if other in scope]
    table = table.transpose([scope.index(other) for other in inside])
    return np.broadcast_to(
        table.reshape([len(model.states(o)) if o in scope else 1 for o in guard]), shape
    )


def _situation(model: InfluenceDiagram, names: tuple[str, ...], key: tuple[int, ...]) -> str:
    states = (f"{n}={model.states(n)[k]}" for n, k in zip(names, key, strict=True))
    listed = "; ".join(states)
    return f" where {listed}" if listed else ""
