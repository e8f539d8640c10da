"""do(X = x): a chance node made to take a state, whatever it depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from decision.model.dataclass import replace
from decision.model.problems import COMMAND_LINE, ModelError, Place, problem
from decision.model.reach import dead_ends
from decision.model.records import Input
from decision.model.tables import read_only

if TYPE_CHECKING:
    from decision.model.diagram import InfluenceDiagram

__all__ = ["intervene"]


def intervene(
    model: InfluenceDiagram, settings: Mapping[str, str], place: Place = COMMAND_LINE
) -> InfluenceDiagram:
    """Return the model in which chance nodes are made to take a state.

    The node's table is replaced and the arcs into it are cut: do(X = x) of Pearl 2009,
    *Causality*, 2nd ed., §3.2. Decisions may be taken anew in the new model.

    Parameters
    ----------
    settings : mapping of chance node to state
    place : (str, int)
        For the message where that leaves a decision without an open option.
    """
    if not settings:
        return model
    chances = []
    rows = model.current_rows()
    for chance in model.chances:
        if chance.name in settings:
            table = np.array([float(state == settings[chance.name]) for state in chance.states])
            chance = replace(chance, given=(), table=read_only(table))
            rows[chance.name] = tuple(
                Input(chance.name, (), state, p, str(int(p)), sources=("definition",))
                for state, p in zip(chance.states, table.tolist(), strict=True)
            )
        chances.append(chance)
    made = model.rebuilt(chances=tuple(chances), rows=rows)
    names = ", ".join(f"do({name}={state})" for name, state in settings.items())
    stuck = dead_ends(made.decisions, made.chances, {c.name: c.table for c in made.chances})
    do = "open one there in only_when, or leave the do(…) out"
    found = [problem(place, f"with {names} no option of {d.name} is open{w}", do) for d, w in stuck]
    if found:
        raise ModelError(found)
    return made
