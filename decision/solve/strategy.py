"""The strategy written out: a row for each situation that happens under a policy.

With perfect memory, situations are grown in time order: each row branches into the
states that a chance node can have there, P(X | known so far) > 0, and a decision adds
the option that its rule says. What the total is worth in a situation is M(R, chosen),
what the decision has a part in, plus what the rest is expected to be.

The rows are counted before they are written: rows that agree in all that still matters
are counted together, so that the number is known even where it is astronomical.

With limited memory, and when only requisite information is asked for, a decision's
situations are the states of a few variables, and their joint table is read off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError, Problem
from decision.solve.inputs import scale_of
from decision.solve.queries import answer
from decision.solve.rules import Rule, Worths
from decision.solve.ties import FLOOR, TIE

__all__ = ["ROWS", "Row", "Situations", "listed", "situations"]

ROWS = 100_000
"""The most rows that are written out."""

Array = NDArray[Any]
Columns = dict[str, NDArray[np.intp]]


@dataclass(frozen=True)
class Row:
    """A situation, as numbers: states known, option chosen, which others tie."""

    known: tuple[int, ...]
    choice: int
    expected_value: float
    certain_equivalent: float | None
    probability: float
    ties: tuple[int, ...]


def looked_up(table: Array, scope: Sequence[str], columns: Columns, rows: int) -> Array:
    """Return a table's cell for each row; names that no column has stay axes, at the end."""
    taken = [name for name in scope if name in columns]
    left = [name for name in scope if name not in columns]
    moved = table.transpose([scope.index(name) for name in (*taken, *left)])
    if not taken:
        return np.broadcast_to(moved, (rows, *moved.shape))
    cells: Array = moved[tuple(columns[name] for name in taken)]
    return cells


def tied(
    name: str, options: int, worths: Worths, columns: Columns, total: Array, scale: float
) -> NDArray[np.bool_]:
    """Return which options tie with the chosen one in each row."""
    rows = len(total)
    others = {n: c for n, c in columns.items() if n != name}
    found = np.ones((rows, options), dtype=bool)
    if worths.worths is not None:
        scope, table = worths.worths
        cells = looked_up(table, scope, others, rows)
        chosen = np.take_along_axis(cells, columns[name][:, None], axis=1)
        reached = total[:, None] + (cells - chosen)
        bound = np.maximum(np.maximum(abs(reached), abs(total)[:, None]), FLOOR * scale)
        found = abs(cells - chosen) <= TIE * bound
    if worths.allowed is not None:
        scope, table = worths.allowed
        found = found & (looked_up(table, scope, others, rows) > 0)
    return found


def refuse_rows(number: float) -> None:
    """Refuse to write out more rows than anybody reads."""
    if number > ROWS:
        many = f"{number:.0f}" if number < 1e15 else f"{number:.3g}"
        what = f"the strategy has {many} rows, more than {ROWS}"
        do = "ask for what can matter to each choice only (--requisite)"
        raise ModelError([Problem("model.toml", 1, what, do)])


@dataclass(frozen=True, eq=False)
class Situations:
    """What `situations` needs: tables by scope, from a plan that was run.

    Parameters
    ----------
    model : InfluenceDiagram
    rules : mapping of decision to Rule
    worths : mapping of decision to Worths
    chances : mapping of name to (scope, table)
        Probability of each observed chance node, given what is known before it.
    means : mapping of decision to list of (scope, table)
        Tables that add up to the expected total in a situation.
    equivalents : mapping, optional
        The same for the certain equivalent.
    """

    model: InfluenceDiagram
    rules: Mapping[str, Rule]
    worths: Mapping[str, Worths]
    chances: Mapping[str, tuple[tuple[str, ...], Array]]
    means: Mapping[str, list[tuple[tuple[str, ...], Array]]]
    equivalents: Mapping[str, list[tuple[tuple[str, ...], Array]]] | None = None


def situations(source: Situations) -> Iterator[tuple[str, list[Row]]]:
    """Return the rows of each decision, in the order decisions are taken."""
    refuse_rows(count(source))
    model = source.model
    order, scale = model.time_order, scale_of(model)
    columns: Columns = {}
    mass = np.ones(1)
    for name in order[: 1 + max(order.index(d.name) for d in model.decisions)]:
        if name not in source.rules:
            columns, row, chance = _branched(source, name, columns, len(mass))
            mass = mass[row] * chance
            continue
        rule = source.rules[name]
        known = dict(columns)
        columns[name] = _chosen(rule, columns, len(mass))
        mean = _added(source.means[name], columns, len(mass))
        total, equivalent = mean, None
        if source.equivalents is not None:
            total = equivalent = _added(source.equivalents[name], columns, len(mass))
        ties = tied(name, len(rule.options), source.worths[name], columns, total, scale)
        yield name, _rows(known, columns[name], mean, equivalent, mass, ties)


def _rows(
    known: Columns, chosen: Array, mean: Array, equivalent: Array | None, mass: Array, ties: Array
) -> list[Row]:
    states = list(zip(*(c.tolist() for c in known.values()), strict=True)) or [()]
    equivalents = [None] * len(mass) if equivalent is None else (equivalent + 0.0).tolist()
    others = [
        tuple(int(i) for i in np.flatnonzero(tie) if i != choice)
        for tie, choice in zip(ties, chosen.tolist(), strict=True)
    ]
    columns = (chosen.tolist(), (mean + 0.0).tolist(), equivalents, mass.tolist(), others)
    return [Row(s, *cells) for s, *cells in zip(states, *columns, strict=True)]


def _chosen(rule: Rule, columns: Columns, rows: int) -> NDArray[np.intp]:
    return np.ascontiguousarray(looked_up(rule.choices, rule.given, columns, rows))


def _added(
    tables: list[tuple[tuple[str, ...], Array]], columns: Columns, rows: int
) -> NDArray[np.float64]:
    total = np.zeros(rows)
    for scope, table in tables:
        total = total + looked_up(table, scope, columns, rows)
    return total


def _branched(
    source: Situations, name: str, columns: Columns, rows: int
) -> tuple[Columns, NDArray[np.intp], Array]:
    """Return the rows with a chance node known, which row each comes from, and P."""
    scope, table = source.chances[name]
    chance = looked_up(table, scope, columns, rows)
    row, state = np.nonzero(chance > 0)
    grown = {other: column[row] for other, column in columns.items()}
    grown[name] = state
    return grown, row, chance[row, state]


def count(source: Situations) -> float:
    """Return how many rows there are, without growing those that will not differ."""
    order = source.model.time_order
    names = order[: 1 + max(order.index(d.name) for d in source.model.decisions)]
    looked_at: list[set[str]] = [set()]
    for name in reversed(names):
        scope = source.rules[name].given if name in source.rules else source.chances[name][0]
        looked_at.append(looked_at[-1] | set(scope))
    columns: Columns = {}
    number, total = np.ones(1), 0.0
    for name, later in zip(names, reversed(looked_at[:-1]), strict=True):
        if name in source.rules:
            total += float(number.sum())
            columns[name] = _chosen(source.rules[name], columns, len(number))
        else:
            columns, row, _ = _branched(source, name, columns, len(number))
            number = number[row]
        columns, number = _merged(columns, number, later)
        refuse_rows(len(number))
    return total


def _merged(columns: Columns, number: Array, later: set[str]) -> tuple[Columns, Array]:
    kept = {name: column for name, column in columns.items() if name in later}
    if not kept:
        return {}, number.sum(keepdims=True)
    keys, where = np.unique(np.array(list(kept.values())), axis=1, return_inverse=True)
    return dict(zip(kept, keys, strict=True)), np.bincount(where.reshape(-1), weights=number)


def listed(
    model: InfluenceDiagram,
    rules: Mapping[str, Rule],
    worths: Mapping[str, Worths],
    known: Mapping[str, tuple[str, ...]],
    limit: int,
) -> Iterator[tuple[str, list[Row]]]:
    """Return the rows of each decision over some of what it knows, from joint tables.

    Parameters
    ----------
    known : mapping of decision to names
        In time order; what each decision's rows tell apart.
    """
    scale, total = scale_of(model), 0.0
    found = []
    for name, names in known.items():
        queries = [(names, "", ""), (names, "total", "")]
        mass, mean = answer(model, rules, queries, limit=limit)
        logs = None
        if model.risk is not None:
            logs = answer(model, rules, [(names, "all", "")], logarithmic=True, limit=limit)[0]
        total += np.count_nonzero(mass)
        refuse_rows(total)
        found.append((name, mass, mean, logs))
    for name, mass, mean, logs in found:
        rows = np.nonzero(mass) if mass.ndim else (np.zeros(1, dtype=np.intp),)
        columns: Columns = dict(zip(known[name], rows, strict=False))
        weight = np.atleast_1d(mass)[rows]
        means = np.atleast_1d(mean)[rows] / weight
        totals, equivalent = means, None
        if logs is not None and model.risk is not None:
            totals = equivalent = -model.risk * (np.atleast_1d(logs)[rows] - np.log(weight))
        rule = rules[name]
        before = dict(columns)
        columns[name] = _chosen(rule, columns, len(weight))
        ties = tied(name, len(rule.options), worths[name], columns, totals, scale)
        yield name, _rows(before, columns[name], means, equivalent, weight, ties)
