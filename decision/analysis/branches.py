"""Branches over many drawn models at once: what each option is worth in every draw.

Where the first decision observes nothing one run serves all its branches: what a branch
lacks to the best is what its option lacks. Elsewhere each option is set in a run of its
own. Decisions that forget are solved draw by draw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Value
from decision.solve.inputs import arrays_for, set_options
from decision.solve.plan import Plan, plan, refuse
from decision.solve.run import run, trimmed
from decision.solve.solution import LIMIT, solve

__all__ = ["DrawnBranches"]

Array = NDArray[np.float64]


class DrawnBranches:
    """The branches of a decision, for tables with draws on the last axis.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str
        The decision whose options are the branches.
    """

    def __init__(self, model: InfluenceDiagram, by: str) -> None:
        utilities = {v.name: np.asarray(model.utility(v.name)) for v in model.values}
        values = tuple(Value(v.name, v.given, utilities[v.name]) for v in model.values)
        self.model = model.rebuilt(values=values, weights="plain", rows={})
        self.by, self.options = by, model.states(by)
        first = by == model.decisions[0].name and not model.information(by)
        self.together = first and model.memory != "limited"

    def worths(self, tables: Mapping[str, Array], rows: int) -> Array:
        """Return what branches are worth (options, rows); values are in points."""
        if self.model.memory == "limited":
            return self._one_by_one(tables, rows)
        if self.together:
            return self._all_options(tables, rows)
        return np.stack([self._option(option, tables, rows) for option in self.options])

    def _all_options(self, tables: Mapping[str, Array], rows: int) -> Array:
        found = plan(self.model.structure)
        choice, value = found.choices[0], found.value
        assert value is not None
        place = choice.worths
        if place is not None and self.by not in found.scopes[place]:
            place = None
        made = self._run(found, {}, tables, (value,) if place is None else (value, place))
        worth = np.empty((len(self.options), rows))
        worth[...] = made[value]
        if place is not None:
            worth += made[place] - made[place].max(axis=0)
        return worth

    def _option(self, option: str, tables: Mapping[str, Array], rows: int) -> Array:
        found = plan(self.model.structure, frozenset({self.by}))
        value = found.value
        assert value is not None
        made = self._run(found, {self.by: option}, tables, (value, *found.dead))
        worth = np.array(np.broadcast_to(made[value], rows))
        for mark in found.dead:
            worth[np.broadcast_to(made[mark] > 0, rows)] = np.nan
        return worth

    def _run(
        self,
        found: Plan,
        forced: Mapping[str, str],
        tables: Mapping[str, Array],
        outputs: tuple[int, ...],
    ) -> Sequence[Any]:
        refuse(found, LIMIT)
        arrays = arrays_for(found, self.model, set_options(self.model, [forced]))
        for kind, name in arrays:
            table = tables.get(name)
            if table is None or kind not in ("chance", "value", "support"):
                continue
            if kind == "support":
                table = (table > 0).astype(np.float64)
            elif found.logarithmic and kind == "chance":
                with np.errstate(divide="ignore"):
                    table = np.log(table)
            elif found.logarithmic:
                table = table / -(self.model.risk or 1.0)
            arrays[kind, name] = table
        return run(trimmed(found, outputs), arrays)

    def _one_by_one(self, tables: Mapping[str, Array], rows: int) -> Array:
        worth = np.full((len(self.options), rows), np.nan)
        for row in range(rows):
            one = {n: t[..., row if t.shape[-1] > 1 else 0] for n, t in tables.items()}
            solution = solve(self.model.with_numbers(one))
            for i, (_, branch) in enumerate(solution.branch_solutions(self.by)):
                if branch is not None:
                    worth[i, row] = branch.worth
        return worth
