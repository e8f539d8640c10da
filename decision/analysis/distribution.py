"""Distributions under a policy: of the total, or of one value in its own unit.

With a policy fixed, a diagram is a Bayesian network whose decisions are tables of zeros
and ones. Its variables are gone through one by one, parents first. What is carried is the
distribution of (the states that still matter, the amount settled so far); a value is
added when its last parent is known, a variable that nothing to come depends on is
dropped, and what has become equal is one row from there on (the propagation of a sum
along a junction of variables; Cowell, Dawid, Lauritzen and Spiegelhalter 1999,
*Probabilistic Networks and Expert Systems*, ch. 6). No path is listed, so the work goes
with the number of different amounts, not with that of the paths.

One value node needs no sums: the joint table of its parents says how probable each of
its amounts is.

Amounts are equal within 1e-9 of the largest |amount|. On the way rows are merged within
some roundings only, so that nothing drifts.

The conditional value at risk is Acerbi and Tasche's expected shortfall (2002, "On the
coherence of expected shortfall", Journal of Banking and Finance 26(7),
doi:10.1016/S0378-4266(02)00283-2): an atom at the quantile counts in part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil, log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import COMMAND_LINE, ModelError, problem
from decision.solve.inputs import open_options
from decision.solve.solution import Solution
from decision.tree.situations import distinct

__all__ = ["Distribution", "attainable", "distribution", "gathered"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
EQUAL = 1e-9
"""Share of the largest |amount| within which amounts are equal."""
SLACK = 1e-12
"""Of a cumulated probability: what its rounding may be."""
LARGEST = 2**22
"""Rows of (what still matters, amount) at once, at most: some 300 MB."""


@dataclass(frozen=True, eq=False)
class Distribution:
    """How probable each amount is.

    Parameters
    ----------
    x : (n,) array
        Amounts, ascending.
    p : (n,) array
        Their probabilities, all above 0.
    """

    x: Array
    p: Array

    @property
    def mean(self) -> float:
        """The expectation."""
        return float(self.p @ self.x) + 0.0

    @property
    def cumulative(self) -> Array:
        """P(X ≤ x) at each amount."""
        return np.asarray(np.minimum(np.cumsum(self.p), 1.0))

    def quantile(self, q: float) -> float:
        """Return the least amount with P(X ≤ x) ≥ q."""
        at = int(np.searchsorted(np.cumsum(self.p), q - SLACK))
        return float(self.x[min(at, len(self.x) - 1)]) + 0.0

    def shortfall(self, a: float, worst_is_high: bool = False) -> float:
        """Return the mean over the worst `a` of probability, an atom split if need be."""
        x, p = (self.x[::-1], self.p[::-1]) if worst_is_high else (self.x, self.p)
        before = np.cumsum(p) - p
        taken = np.clip(a - before, 0.0, p)
        return float(taken @ x / taken.sum()) + 0.0


def distribution(solution: Solution, value: str | None = None) -> Distribution:
    """Return the distribution of the total, or of one value, under a solution's policy.

    Parameters
    ----------
    solution : Solution
    value : str, optional
        A value node, in its natural unit; the weighted total if left out.

    Raises
    ------
    ModelError
        Where the total has more different amounts than can be carried.

    Examples
    --------
    >>> from decision import read_model, solve
    >>> found = distribution(solve(read_model("data/examples/oil_wildcatter")))
    >>> dict(zip(found.x.tolist(), found.p.round(6).tolist()))
    {-80.0: 0.2, -10.0: 0.41, 40.0: 0.21, 190.0: 0.18}
    """
    if value is not None:
        return _of_one(solution, value)
    rules = {name: (rule.given, rule.table) for name, rule in solution.policy.items()}
    amounts, p = _swept(solution.model, rules, extremes=False)
    return _merged(amounts[:, 0], p)


def attainable(model: InfluenceDiagram) -> tuple[float, float]:
    """Return the least and the largest total that any policy can come to."""
    guards = dict(model.structure.guards)
    rules = {d.name: (guards.get(d.name, ()), open_options(model, d.name)) for d in model.decisions}
    amounts, _ = _swept(model, rules, extremes=True)
    return float(amounts[:, 0].min()), float(amounts[:, 1].max())


def gathered(distributions: Sequence[Distribution]) -> tuple[Array, list[Array]]:
    """Return all amounts of several distributions, ascending, and each one's p at them."""
    x = np.concatenate([one.x for one in distributions])
    order = np.argsort(x, kind="stable")
    first = _firsts(x[order])
    number = np.empty(len(x), dtype=np.int64)
    number[order] = np.cumsum(first) - 1
    parts = np.split(number, np.cumsum([len(one.x) for one in distributions])[:-1])
    amounts = x[order][first]
    return amounts, [
        _added(part, one.p, len(amounts)) for part, one in zip(parts, distributions, strict=True)
    ]


def _of_one(solution: Solution, value: str) -> Distribution:
    node: Any = solution.model.node(value, ("value",), COMMAND_LINE)
    p = solution.probabilities(node.given)
    return _merged(np.ravel(node.table), np.ravel(p))


def _merged(amounts: Array, p: Array) -> Distribution:
    """Return a distribution of amounts that may come several times, or never."""
    there = p > 0
    amounts, p = amounts[there], p[there]
    order = np.argsort(amounts, kind="stable")
    amounts, p = amounts[order], p[order]
    first = _firsts(amounts)
    x = amounts[first] + 0.0
    return Distribution(x, _added(np.cumsum(first) - 1, p, len(x)))


def _added(number: Indices, p: Array, size: int) -> Array:
    """Return what is added up under each number."""
    return np.asarray(np.bincount(number, weights=p, minlength=size), dtype=np.float64)


def _firsts(ordered: Array) -> NDArray[np.bool_]:
    """Return which ascending amounts are not equal to the last that was not equal."""
    near = EQUAL * max(abs(float(ordered[0])), abs(float(ordered[-1])))
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = np.diff(ordered) > near
    # A long chain of small steps is not one amount: it is cut where it has gone too far.
    starts = np.flatnonzero(first)
    ends = np.append(starts[1:], len(ordered)) - 1
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        while ordered[end] - ordered[start] > near:
            start += int(np.searchsorted(ordered[start : end + 1] - ordered[start], near, "right"))
            first[start] = True
    return first


# -- along the variables --------------------------------------------------------

Rules = Mapping[str, tuple[tuple[str, ...], Array]]
"""Of each decision: what its options depend on, and a table with them on the last axis."""


def _swept(model: InfluenceDiagram, rules: Rules, extremes: bool) -> tuple[Array, Array]:
    """Return rows of amounts and their probabilities, all variables gone through.

    With `extremes` an amount is the least and the largest of what a row stands for, and
    a probability only says what is possible.
    """
    utilities = {v.name: np.asarray(model.utility(v.name)) for v in model.values}
    scopes = {n: model.given(n) for n, table in utilities.items() if table.any()}
    tables = {c.name: (c.given, np.asarray(c.table)) for c in model.chances} | dict(rules)
    scale = sum(float(np.abs(utilities[name]).max()) for name in scopes)
    amounts, p = np.zeros((1, 2 if extremes else 1)), np.ones(1)
    columns: dict[str, Indices] = {}
    waiting = dict(scopes)
    for name, kept in _order(model, tables, scopes):
        if name:
            given, table = tables[name]
            chance = table[tuple(columns[n] for n in given)]
            chance = np.broadcast_to(chance, (len(p), table.shape[-1]))
            if np.count_nonzero(chance) > LARGEST:
                raise _refusal()
            row, state = np.nonzero(chance > 0)
            columns = {other: column[row] for other, column in columns.items()} | {name: state}
            amounts, p = amounts[row], p[row] * chance[row, state]
        for value in [v for v, scope in waiting.items() if all(n in columns for n in scope)]:
            amounts = (
                amounts + utilities[value][tuple(columns[n] for n in waiting.pop(value))][..., None]
            )
        columns = {other: columns[other] for other in kept}
        columns, amounts, p = _joined(columns, amounts, p, scale, extremes)
    return amounts, p


def _order(
    model: InfluenceDiagram, tables: Rules, scopes: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the variables that some value depends on, parents first, and what then matters.

    Of those that can come next, the one that leaves the smallest table to carry. What
    depends on nothing comes first, under no name.
    """
    left = _above(tables, scopes)
    wanted = {**{n: {*tables[n][0], n} for n in left}, **{v: set(s) for v, s in scopes.items()}}
    done: list[str] = []
    yield "", ()
    while left:
        best: tuple[float, str, tuple[str, ...]] | None = None
        for name in left:
            if not all(parent in done for parent in tables[name][0]):
                continue
            seen = [*done, name]
            ahead = [needs for needs in wanted.values() if not needs <= set(seen)]
            kept = tuple(n for n in seen if any(n in needs for needs in ahead))
            size = float(np.prod([len(model.states(n)) for n in kept]))
            if best is None or size < best[0]:
                best = (size, name, kept)
        assert best is not None
        left.remove(best[1])
        done.append(best[1])
        yield best[1], best[2]


def _above(tables: Rules, scopes: Mapping[str, tuple[str, ...]]) -> list[str]:
    found: dict[str, None] = {}
    waiting = [name for scope in scopes.values() for name in scope]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting += tables[name][0]
    return [name for name in tables if name in found]


def _joined(
    columns: dict[str, Indices], amounts: Array, p: Array, scale: float, extremes: bool
) -> tuple[dict[str, Indices], Array, Array]:
    """Return rows with those that are equal made one."""
    keys = [*columns.values()]
    if not extremes:
        # 2^-44 of the scale: more than sums in another order differ, much less than 1e-9.
        step = 2.0 ** (ceil(log2(scale)) - 44) if scale > 0 else 1.0
        keys.append(np.rint(amounts[:, 0] / step).astype(np.int64))
    first, number = distinct(keys) if keys else (np.zeros(1, int), np.zeros(len(p), int))
    columns = {name: column[first] for name, column in columns.items()}
    if extremes:
        both = np.stack([np.full(len(first), np.inf), np.full(len(first), -np.inf)], axis=1)
        np.minimum.at(both[:, 0], number, amounts[:, 0])
        np.maximum.at(both[:, 1], number, amounts[:, 1])
        return columns, both, np.ones(len(first))
    return columns, amounts[first], _added(number, p, len(first))


def _refusal() -> ModelError:
    what = f"the total takes more than the limit of {LARGEST:,} amounts in different situations"
    do = "ask for one value (--value NODE), or round the model's amounts so that more are equal"
    return ModelError([problem(COMMAND_LINE, what, do)])
