"""Branches along lines: what each is worth, and where its policy leads.

When one input moves and its row covaries, the value of a *fixed* policy is linear in
it; the best policy's is then the upper envelope of lines, convex and piecewise linear
(van der Gaag and Coupé 2000, "Sensitivity analysis for threshold decision making with
Bayesian belief networks", AI*IA 99, LNCS 1792). One run gives what the best policies are
worth at many points of many lines; another what those policies are worth where their
lines begin and end: the supporting lines.

Where the first decision observes nothing, one run serves all its branches: what a branch
lacks to the best is what its option lacks. Elsewhere each option is set in a run of its
own. Decisions that forget are solved point by point.

With exponential utility a policy's E[exp(−total/t)] is linear instead; what is given is
the certain equivalent all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Value
from decision.solve.inputs import arrays_for, set_options
from decision.solve.plan import Plan, plan, refuse
from decision.solve.queries import query_plan
from decision.solve.run import run
from decision.solve.solution import LIMIT, Solution, solve
from decision.solve.steps import Key

__all__ = ["Branches", "Line", "Point"]

Array = NDArray[Any]
Tables = Mapping[str, Array]
Rules = dict[str, tuple[tuple[str, ...], Array]]
"""Of each decision: what its rule looks at, and the rule as a table of zeros and ones."""

LIVE = 8 * 2**20
"""Bytes that a run may keep alive: what is larger leaves the processor's cache."""


class Line(Protocol):
    """An input that moves, from where its line begins to where it ends."""

    @property
    def first(self) -> float:
        """Where the line begins."""

    @property
    def last(self) -> float:
        """Where the line ends."""

    def at(self, number: float) -> Tables:
        """Return the tables that move, where the input is a number; values in points."""


Point = tuple[Line, float]


class Branches:
    """The branches of a decision at any points of lines.

    The lines of one call move the same nodes. In what is returned row i is the i-th
    option set, and the last row the optimum.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str
        The decision whose options are the branches.
    limit : int
        Bytes that solving may take at once.

    Attributes
    ----------
    solves : int
        How often the model was solved so far: a row of a batch is one, and so is each
        option set in a run of its own. Decisions that forget count one a point and branch.
    followed : int
        How often a policy that was found was followed elsewhere: nothing is chosen there.
    """

    def __init__(self, model: InfluenceDiagram, by: str, limit: int = LIMIT) -> None:
        self.solves = self.followed = 0
        values = [Value(v.name, v.given, np.array(model.utility(v.name))) for v in model.values]
        self.model = model.rebuilt(values=tuple(values), weights="plain", rows={})
        self.by, self.limit = by, limit
        self.options = model.states(by)
        self.forgets = model.memory == "limited"
        first = by == model.decisions[0].name and not model.information(by)
        self.together = first and not self.forgets

    def worths(self, points: Sequence[Point], wanted: Array | None = None) -> Array:
        """Return what every branch is worth at some points of lines.

        Parameters
        ----------
        points : sequence of Point
        wanted : ndarray of bool (options + 1, points), optional
            What is asked for; the rest may be left nan.

        Returns
        -------
        ndarray (options + 1, points)
            Expected total, or certain equivalent with risk; nan where a branch cannot be.
        """
        return self._looked(points, wanted, led=False)[0]

    def supports(self, points: Sequence[Point], wanted: Array | None = None) -> tuple[Array, Array]:
        """Return what every branch is worth, and its policy where the line begins and ends.

        Takes what `worths` takes.

        Returns
        -------
        worth : ndarray (options + 1, points)
        ends : ndarray (options + 1, points, 2)
        """
        return self._looked(points, wanted, led=True)

    def expectations(self, points: Sequence[Point]) -> Array:
        """Return the expected total of the best policy at some points of lines."""
        found = []
        for chunk in self._chunks(points):
            moved = _stacked(chunk)
            *_, (_, rules) = self._solved(moved, len(chunk), free=True)
            assert rules is not None
            found.append(self._followed(rules, moved, len(chunk), (), risk=False))
        return np.concatenate(found)

    # -- a chunk ----------------------------------------------------------------

    def _chunks(self, points: Sequence[Point]) -> Iterator[Sequence[Point]]:
        rows = 1
        if not self.forgets:
            cost = plan(self.model.structure).cost
            line, number = points[0]
            moved = sum(table.nbytes for table in line.at(number).values())
            rows = max(1, LIVE // (cost.bytes + 3 * moved))
        for start in range(0, len(points), rows):
            yield points[start : start + rows]

    def _looked(
        self, points: Sequence[Point], wanted: Array | None, led: bool
    ) -> tuple[Array, Array]:
        if wanted is None or wanted.all() or self.together or self.forgets:
            chunks = [self._chunk(chunk, led) for chunk in self._chunks(points)]
            worths, ends = zip(*chunks, strict=True)
            return np.concatenate(worths, axis=1), np.concatenate(ends, axis=1)
        worth = np.full(wanted.shape, np.nan)
        end = np.full((*wanted.shape, 2), np.nan)
        for row, option in enumerate((*self.options, None)):
            own = np.flatnonzero(wanted[row])
            if len(own):
                asked = [points[k] for k in own.tolist()]
                chunks = [self._chunk(c, led, (option,)) for c in self._chunks(asked)]
                worths, ends = zip(*chunks, strict=True)
                worth[row, own] = np.concatenate(worths, axis=1)[0]
                end[row, own] = np.concatenate(ends, axis=1)[0]
        return worth, end

    def _chunk(
        self, points: Sequence[Point], led: bool, rows: tuple[str | None, ...] = ()
    ) -> tuple[Array, Array]:
        number = len(points)
        sides = []
        if led:
            sides.append(_stacked([(line, line.first) for line, _ in points]))
            sides.append(_stacked([(line, line.last) for line, _ in points]))
        kept = (self.by,) if self.together else ()
        worths, ends = [], []
        for worth, rules in self._solved(_stacked(points), number, rows=rows):
            found = np.full((*worth.shape, 2), np.nan)
            if rules is not None:
                for i, side in enumerate(sides):
                    found[..., i] = self._followed(rules, side, number, kept)
            worths.append(worth)
            ends.append(found)
        worth, end = np.concatenate(worths), np.concatenate(ends)
        if self.together:
            best = worth.argmax(axis=0)[None]
            worth = np.concatenate([worth, np.take_along_axis(worth, best, 0)])
            end = np.concatenate([end, np.take_along_axis(end, best[..., None], 0)])
        end[np.isnan(worth)] = np.nan
        return worth, end

    def _solved(
        self,
        moved: Tables,
        number: int,
        free: bool = False,
        rows: tuple[str | None, ...] = (),
    ) -> Iterator[tuple[Array, Rules | None]]:
        """Yield what branches are worth (rows, points), and the rules of their policy."""
        if self.forgets:
            yield from self._point_by_point(moved)
        elif self.together:
            yield self._all_options(moved, number, free)
        else:
            for option in rows or (*(() if free else self.options), None):
                found, tables, value, extra = self._run(option, moved, number)
                for mark in found.dead:
                    value[np.broadcast_to(tables[mark] > 0, number)] = np.nan
                yield value[None], _rules(self.model, found, tables, extra)

    def _run(
        self, option: str | None, moved: Tables, number: int
    ) -> tuple[Plan, Sequence[Any], Array, dict[Key, Array]]:
        forced = {} if option is None else {self.by: option}
        self.solves += number
        found = plan(self.model.structure, frozenset(forced))
        refuse(found, self.limit, number)
        extra = set_options(self.model, [forced])
        tables = run(found, _arrays(found, self.model, extra, moved))
        assert found.value is not None
        return found, tables, np.array(np.broadcast_to(tables[found.value], number)), extra

    def _all_options(self, moved: Tables, number: int, free: bool) -> tuple[Array, Rules]:
        found, tables, value, _ = self._run(None, moved, number)
        rules = _rules(self.model, found, tables, {})
        worth = np.tile(value, (len(self.options), 1))
        choice = found.choices[0]
        if choice.worths is not None and self.by in found.scopes[choice.worths]:
            worths = tables[choice.worths]
            worth += worths - worths.max(axis=0)
        if not free:
            rules[self.by] = ((), np.ones((len(self.options), 1)))
        return worth, rules

    def _point_by_point(self, moved: Tables) -> Iterator[tuple[Array, Rules | None]]:
        solution = solve(self.model.with_numbers({n: t[..., 0] for n, t in moved.items()}))
        branches = [branch for _, branch in solution.branch_solutions(self.by)]
        self.solves += len(branches) + 1
        for branch in (*branches, solution):
            rules = None
            if branch is not None:
                rules = {
                    n: (rule.given, rule.table[..., None]) for n, rule in branch.policy.items()
                }
            yield np.array([[np.nan if branch is None else worth_of(branch)]]), rules

    def _followed(
        self,
        rules: Rules,
        moved: Tables,
        number: int,
        kept: tuple[str, ...],
        risk: bool = True,
    ) -> Array:
        """Return what following rules is worth (by option, where that is kept)."""
        self.followed += number
        tolerance = self.model.risk if risk else None
        queries = [(kept, "value", v.name) for v in self.model.values]
        if tolerance is not None:
            queries = [(kept, "all", "")]
        followed = query_plan(
            self.model.structure,
            tuple((name, given) for name, (given, _) in rules.items()),
            tuple(queries),
            (),
            tolerance is not None,
        )
        refuse(followed, self.limit, number)
        extra: dict[Key, Array] = {("rule", name): table for name, (_, table) in rules.items()}
        tables = run(followed, _arrays(followed, self.model, extra, moved))
        total = sum(np.asarray(tables[output]) for output in followed.outputs)
        shape = (len(self.options), number) if kept else (number,)
        worth = np.broadcast_to(total, shape)
        return worth if tolerance is None else -tolerance * worth


def worth_of(solution: Solution) -> float:
    """Return what a preference goes by: certain equivalent with risk, else expectation."""
    certain = solution.certain_equivalent
    return solution.expected_value if certain is None else certain


def _stacked(points: Sequence[Point]) -> dict[str, Array]:
    """Return the tables that move, the points on the last axis."""
    tables = [line.at(number) for line, number in points]
    return {name: np.stack([table[name] for table in tables], axis=-1) for name in tables[0]}


def _arrays(
    found: Plan, model: InfluenceDiagram, extra: Mapping[Key, Array], moved: Tables
) -> dict[Key, Array]:
    """Return a plan's inputs with the moving tables in place."""
    arrays = arrays_for(found, model, extra)
    for kind, name in arrays:
        if name not in moved or kind not in ("chance", "value", "support"):
            continue
        table = moved[name]
        if kind == "support":
            table = (table > 0).astype(np.float64)
        elif found.logarithmic and kind == "chance":
            with np.errstate(divide="ignore"):
                table = np.log(table)
        elif found.logarithmic:
            table = table / -(model.risk or 1.0)
        arrays[kind, name] = table
    return arrays


def _rules(
    model: InfluenceDiagram, found: Plan, tables: Sequence[Array], forced: Mapping[Key, Array]
) -> Rules:
    """Return every decision's rule, the points on its last axis."""
    rules: Rules = {name: ((), table) for (_, name), table in forced.items()}
    for choice in found.choices:
        options = np.arange(len(model.states(choice.decision)))[:, None]
        if choice.option is None:
            rules[choice.decision] = ((), (options == 0).astype(np.float64))
            continue
        scope = found.scopes[choice.option]
        axes = [scope.index(name) for name in choice.given]
        picked = tables[choice.option].transpose([*axes, len(axes)])
        table = (picked[..., None, :] == options).astype(np.float64)
        rules[choice.decision] = (choice.given, table)
    return rules
