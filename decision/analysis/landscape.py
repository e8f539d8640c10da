"""What a branch is worth as its model's probabilities move, and which way it rises.

For a fixed policy the total is linear in the whole table of one chance node, since every
path goes through one of its cells: multilinear in the tables. So the optimum is convex in
each table, and its slopes are those of the policy that is best (`gradient`).

With exponential utility the expected *disutility* E[exp(−total/t)] is what is multilinear.
It is the probability that coins all fall, one for each value node, whose chance is
exp(−(amount − least)/t): so the model is looked at with such coins in place of its values,
and minus that probability is maximised.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.branches import DrawnBranches
from decision.analysis.polytopes import RangedRows
from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Value
from decision.model.problems import ModelError, Problem
from decision.solve.compiled import CELL
from decision.solve.gradient import rows_of
from decision.solve.inputs import arrays_for, set_options
from decision.solve.plan import Plan, plan
from decision.solve.queries import query_plan
from decision.solve.reverse import cells, slopes
from decision.solve.rules import Rule
from decision.solve.run import run, trimmed
from decision.solve.solution import LIMIT, solve
from decision.solve.steps import Key

__all__ = ["Landscape", "Look", "at_end"]

Array = NDArray[np.float64]
Whole = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Look:
    """What branches are worth at some points, and their slopes there.

    Attributes
    ----------
    worth : ndarray (points)
        What is maximised (with risk: minus the expected disutility); nan where a branch
        cannot be had.
    slope : ndarray (inputs, points)
    """

    worth: Array
    slope: Array


def at_end(model: InfluenceDiagram, high: bool) -> InfluenceDiagram:
    """Return the model with every amount at the end of its range that is worth more, or less.

    An amount is worth its weight times its unit times the probability that it occurs: never
    less than nothing, or never more, whatever the policy and the probabilities.
    """
    from decision.model.rows import cells_of

    tables: dict[str, Array] = {}
    for row in model.inputs:
        node = model.nodes[row.node]
        if isinstance(node, Value) and row.low is not None and row.high is not None:
            falls = node.worst is not None and node.best is not None and node.worst > node.best
            table = tables.setdefault(node.name, np.array(node.table))
            table[cells_of(row, model.axes(node.name))] = row.high if high != falls else row.low
    return model.with_numbers(tables) if tables else model


class Landscape:
    """A model's branches as functions of the probabilities that have a range.

    Parameters
    ----------
    model : InfluenceDiagram
        Its amounts are taken as they are.
    by : str
        The decision whose options are the branches.
    rows : RangedRows
    told : callable, optional
        Told how many points are solved.

    Attributes
    ----------
    looks, most : int
        How many points were solved, and at how many a search ends.
    sure : bool
        Whether no better policy can have been missed, as it may be where decisions forget.
    """

    def __init__(
        self,
        model: InfluenceDiagram,
        by: str,
        rows: RangedRows,
        told: Callable[[int], None] | None = None,
    ) -> None:
        self.given, self.by, self.rows, self.looks = model, by, rows, 0
        self.most, self.told, self.sure = 2**62, told, True
        self.options = model.states(by)
        self.forgets = model.memory == "limited"
        self.model, self.least = _weighted(model), 0.0
        if model.risk is not None:
            self.model, self.least = _with_coins(model)
        self.relevant = self._relevant()

    def _relevant(self) -> list[str]:
        """Return the nodes with ranges that may matter to some branch."""
        found = plan(self.model.structure, frozenset({self.by})) if not self.forgets else None
        if found is None:
            return list(self.rows.tables)
        names = {name for (kind, name), _ in found.inputs if kind in ("chance", "support")}
        return [name for name in self.rows.tables if name in names]

    def exactly(self, option: int, x: Array) -> float:
        """Return what a branch is worth at one x (inputs): total, or certain equivalent."""
        tables = self._filled(x)
        return float(DrawnBranches(self.given, self.by).worths(tables, 1)[option, 0])

    @property
    def spent(self) -> bool:
        """Whether as many points are solved as may be."""
        return self.looks >= self.most

    def certain(self, worth: float) -> float:
        """Return the total, or the certain equivalent, of what is maximised."""
        tolerance = self.given.risk
        if tolerance is None:
            return worth
        return self.least - tolerance * log(-worth) if worth < 0 else inf

    def look(self, option: Whole, x: Array) -> Look:
        """Solve branches (points) at some x (inputs, points)."""
        self.looks += x.shape[1]
        if self.told is not None:
            self.told(self.looks)
        if self.forgets:
            return self._one_by_one(option, x)
        found = plan(self.model.structure, frozenset({self.by}))
        parts = [
            self._solved(found, option[part], x[:, part]) for part in _pieces(found, x.shape[1])
        ]
        return _joined(parts)

    def _solved(self, found: Plan, option: Whole, x: Array) -> Look:
        rows = [{self.by: self.options[i]} for i in option.tolist()]
        arrays = self._arrays(found, set_options(self.model, rows), x)
        moved = slopes(found, arrays)
        worth = moved.value.copy()
        if found.dead:
            marks = run(trimmed(found, found.dead), arrays)
            for mark in found.dead:
                worth[np.broadcast_to(marks[mark] > 0, worth.shape)] = np.nan
        return Look(worth, self._slope(found, moved.flat))

    def _arrays(self, found: Plan, extra: dict[Key, Array], x: Array) -> dict[Key, Array]:
        arrays = arrays_for(found, self.model, extra)
        for name, table in self.rows.filled(x).items():
            if ("chance", name) in arrays:
                arrays["chance", name] = table
            if ("support", name) in arrays:
                arrays["support", name] = (table > 0).astype(np.float64)
        return arrays

    def _slope(self, found: Plan, flat: Array) -> Array:
        parts = rows_of(found).parts
        own = {n: flat[parts["chance", n]] for n in self.rows.tables if ("chance", n) in parts}
        return self.rows.slope(own, flat.shape[1])

    # -- policies ---------------------------------------------------------------

    def policy(self, option: int, x: Array) -> dict[str, Rule] | None:
        """Return the best policy of a branch at one x (inputs); None where it cannot be had."""
        model = self.given.with_numbers({n: t[..., 0] for n, t in self._filled(x).items()})
        try:
            branch = solve(model, given={self.by: self.options[option]})
        except ModelError:  # not even with other earlier choices
            return None
        self.sure = self.sure and branch.optimality == "global"
        return dict(branch.policy)

    def _filled(self, x: Array) -> dict[str, Array]:
        return self.rows.filled(x[:, None])

    def follow(self, policy: dict[str, Rule], x: Array) -> Look:
        """Return what one policy is worth at some x (inputs, points), and its slopes."""
        looks = tuple((name, rule.given) for name, rule in policy.items())
        found = query_plan(self.model.structure, looks, (((), "total", ""),), ())
        extra: dict[Key, Array] = {("rule", n): r.table[..., None] for n, r in policy.items()}
        parts = []
        for part in _pieces(found, x.shape[1]):
            points = x[:, part]
            moved = slopes(found, self._arrays(found, extra, points))
            worth = np.broadcast_to(moved.value, points.shape[1:])
            flat = np.broadcast_to(moved.flat, (len(moved.flat), points.shape[1]))
            parts.append(Look(np.array(worth), self._slope(found, flat)))
        return _joined(parts)

    def _one_by_one(self, option: Whole, x: Array) -> Look:
        """Solve point by point: decisions that forget have no plan of their optimum."""
        worth, slope = np.full(x.shape[1], np.nan), np.zeros(x.shape)
        for i, branch in enumerate(option.tolist()):
            policy = self.policy(branch, x[:, i])
            if policy is not None:
                found = self.follow(policy, x[:, i : i + 1])
                worth[i], slope[:, i] = found.worth[0], found.slope[:, 0]
        return Look(worth, slope)


def _pieces(found: Plan, points: int) -> list[slice]:
    """Cut points into as many as fit: on the way back all tables are kept, and their slopes."""
    needed = 2 * CELL * cells(found)
    if needed > LIMIT:
        what = f"intervals need {needed:.3g} bytes at once, more than {LIMIT:.3g}"
        do = "cut an arc, merge states, or let a decision observe less"
        raise ModelError([Problem("model.toml", 1, what, do)])
    size = LIMIT // max(needed, 1)
    return [slice(start, start + size) for start in range(0, points, size)]


def _joined(parts: list[Look]) -> Look:
    if len(parts) == 1:
        return parts[0]
    worths, slopes_ = zip(*((part.worth, part.slope) for part in parts), strict=True)
    return Look(np.concatenate(worths), np.concatenate(slopes_, axis=1))


# -- what is maximised --------------------------------------------------------------------


def _weighted(model: InfluenceDiagram) -> InfluenceDiagram:
    values = [Value(v.name, v.given, np.array(model.utility(v.name))) for v in model.values]
    return model.rebuilt(values=tuple(values), weights="plain", rows={})


def _with_coins(model: InfluenceDiagram) -> tuple[InfluenceDiagram, float]:
    """Return a model whose expected total is minus the disutility, and the least total.

    Each coin lands only if the one before it did; the last tells of all.
    """
    tolerance = model.risk
    assert tolerance is not None
    coins: list[Chance] = []
    least = 0.0
    for value in model.values:
        amounts = np.array(model.utility(value.name))
        least += float(amounts.min())
        falls = np.exp((amounts.min() - amounts) / tolerance)
        table = np.stack([falls, 1.0 - falls], axis=-1)
        given = value.given
        if coins:
            never = np.stack([np.zeros_like(falls), np.ones_like(falls)], axis=-1)
            table, given = np.stack([table, never]), (coins[-1].name, *given)
        # A value node's name is free once the node has gone.
        coins.append(Chance(value.name, ("falls", "stands"), given, table))
    free = "disutility"
    while free in model.nodes:
        free += "_"
    kinds: dict[str, Any] = {
        "chances": (*model.chances, *coins),
        "values": (Value(free, (coins[-1].name,), [-1.0, 0.0]),),
        "weights": "plain",
        "risk": None,
        "rows": {},
    }
    return model.rebuilt(**kinds), least
