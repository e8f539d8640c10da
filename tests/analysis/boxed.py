"""Random models whose rows have ranges, and what plain code says within them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from decision import InfluenceDiagram
from decision.analysis.intervals import Interval
from decision.model.records import Input
from decision.model.rows import cells_of
from decision.solve.enumeration import enumerate_branches
from decision.solve.inputs import scale_of
from decision.solve.openness import dead_ends
from tests.analysis.ranged import worth
from tests.models import models

Rows = dict[str, tuple[Input, ...]]

# -- models whose rows have ranges -------------------------------------------------


@st.composite
def boxed(draw: st.DrawFn, nodes: int = 2, crossed: bool = False, **kinds: object):
    """Draw a small model, some rows of which have ranges on one state or more."""
    options = {"cells": 40, "decisions": 2, "chances": 3, "memory": "perfect", **kinds}
    model = draw(models(**options))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    chances = [c.name for c in model.chances if len(c.states) > 1]
    rows: Rows = {}
    for name in rng.permutation(chances).tolist()[:nodes]:
        model, rows[name] = _ranged_row(model, name, rng, crossed)
    value = model.values[int(rng.integers(len(model.values)))]
    key = tuple(int(rng.integers(n)) for n in value.table.shape)
    where = tuple((p, (model.states(p)[k],)) for p, k in zip(value.given, key, strict=True))
    number = float(value.table[key])
    if rng.random() < 0.5:
        rows[value.name] = (
            Input(value.name, where, None, number, repr(number), number - 2.0, number + 1.0),
        )
    model = model.rebuilt(rows=rows)
    assume(not dead_ends(model))
    return model


def _ranged_row(model, name, rng, crossed):
    """Give a row that may cover several combinations the same numbers, and them ranges.

    Crossed: the first state covers every combination, the others only the row's.
    """
    node = model.nodes[name]
    axes = [(p, model.states(p)) for p in node.given]
    kept = [[int(rng.integers(len(s)))] if rng.random() < 0.6 else range(len(s)) for _, s in axes]
    where = tuple((p, tuple(s[i] for i in k)) for (p, s), k in zip(axes, kept, strict=True))
    table = np.array(node.table)
    row = rng.dirichlet(np.ones(len(node.states)))
    cells = np.ix_(*kept) if kept else ()
    table[cells] = row
    if crossed:
        left = table[..., 1:].sum(axis=-1, keepdims=True)
        table[..., 1:] *= np.divide(1 - row[0], left, out=np.zeros_like(left), where=left > 0)
        table[..., 1] += np.where(left[..., 0] > 0, 0.0, 1 - row[0])
        table[..., 0] = row[0]
        row = table[cells].reshape(-1, len(row))[0] if kept else table
    count = int(rng.integers(1, len(row) + 1))
    inputs = []
    for state in sorted(rng.permutation(len(row))[: max(count, 2 if crossed else 1)].tolist()):
        number = float(row[state])
        low = float(rng.choice([0.0, number / 2, number]))
        high = float(rng.choice([1.0, (1 + number) / 2, min(1.0, number + 0.1)]))
        covers = () if crossed and state == 0 else where
        text = repr(number)
        inputs.append(Input(name, covers, node.states[state], number, text, low, high))
    nodes = [replace(c, table=table) if c.name == name else c for c in model.chances]
    return model.rebuilt(chances=tuple(nodes)), tuple(inputs)


# -- what plain code says ---------------------------------------------------------------


def with_numbers(model: InfluenceDiagram, numbers: dict[str, float]) -> InfluenceDiagram | None:
    """Put numbers in place of inputs; None where a row of them is none."""
    tables = {n.name: np.array(n.table) for n in (*model.chances, *model.values)}
    drawn = {name: np.zeros(table.shape, bool) for name, table in tables.items()}
    for row in model.inputs:
        if row.name in numbers:
            cells = cells_of(row, model.axes(row.node))
            tables[row.node][cells] = numbers[row.name]
            drawn[row.node][cells] = True
    for chance in model.chances:
        table = tables[chance.name].reshape(-1, len(chance.states))
        base = np.array(chance.table).reshape(table.shape)
        for p, was, own in zip(table, base, drawn[chance.name].reshape(table.shape), strict=True):
            if not own.any():
                continue
            rest = was * ~own
            if rest.sum() == 0 and own.sum() == 1:
                rest = 1.0 * ~own
            left = 1.0 - p[own].sum()
            if left < -1e-11 or (rest.sum() == 0 and abs(left) > 1e-11):
                return None
            if rest.sum() > 0:
                p[~own] = max(left, 0.0) * (rest / rest.sum())[~own]
    return model.with_numbers(tables)


def worths(model: InfluenceDiagram, by: int = 0) -> list[float]:
    branches = enumerate_branches(model, model.decisions[by].name)
    return [np.nan if branch is None else worth(branch) for _, branch in branches]


def ranged_inputs(model: InfluenceDiagram) -> list[Input]:
    return [row for row in model.inputs if row.low is not None]


def somewhere(
    model: InfluenceDiagram, rng: np.random.Generator, tries: int, by: int = 0
) -> Iterator[list]:
    """Yield what branches are worth at random numbers within the ranges."""
    inputs = ranged_inputs(model)
    yield worths(model, by)
    for _ in range(tries):
        share = rng.choice([0.0, 1.0, rng.random()], size=len(inputs))
        ends = {r.name: r.low + s * (r.high - r.low) for r, s in zip(inputs, share, strict=True)}
        pull = rng.random() ** 2
        for strength in (1.0, pull):  # towards base, all is legal at last
            numbers = {r.name: r.number + strength * (ends[r.name] - r.number) for r in inputs}
            changed = with_numbers(model, numbers) or with_numbers(model, filled(inputs, numbers))
            if changed is not None:
                yield worths(changed, by)


def filled(inputs: list[Input], numbers: dict[str, float]) -> dict[str, float]:
    """Let, of each node whose states all have a range, one that can make up for the others."""
    found = dict(numbers)
    for name in {row.node for row in inputs if row.state is not None}:
        own = [row for row in inputs if row.node == name]
        for row in own:
            left = 1.0 - sum(numbers[r.name] for r in own if r is not row)
            if row.low <= left <= row.high:
                found[row.name] = left
                break
    return found


def corner_highest(model: InfluenceDiagram) -> list[float]:
    """Return the highest worths at numbers of which all but one a node are at their ends."""
    each = []
    for name in {row.node for row in ranged_inputs(model)}:
        own = [row for row in ranged_inputs(model) if row.node == name]
        listed = [
            dict(zip([r.name for r in own], ends, strict=True))
            for ends in product(*((r.low, r.high) for r in own))
        ]
        if own[0].state is not None:
            listed += [
                {**one, r.name: 1.0 - sum(v for n, v in one.items() if n != r.name)}
                for one in listed
                for r in own
            ]
            listed = [one for one in listed if all(r.low <= one[r.name] <= r.high for r in own)]
        each.append(listed)
    found = [
        worths(changed)
        for parts in product(*each)
        if (changed := with_numbers(model, {k: v for p in parts for k, v in p.items()}))
    ]
    return [max(column) for column in zip(*found, strict=True)]


def holds(model: InfluenceDiagram, found: tuple[Interval, ...], seen: list[float]) -> None:
    """Nothing is beyond an outer bound, or beyond what is exact."""
    close = 2e-9 * scale_of(model) + 1e-9
    for interval, number in zip(found, seen, strict=True):
        if np.isnan(number) or np.isnan(interval.lowest):
            continue
        assert not number < interval.outer_lowest - close
        assert not number > interval.outer_highest + close
        if interval.proved_lowest:
            assert number >= interval.lowest - close
        if interval.proved_highest:
            assert number <= interval.highest + close


def amounts(model: InfluenceDiagram, high: bool) -> dict[str, float]:
    """Return every amount at the end of its range that is worth more, or less."""
    found = {}
    for row in ranged_inputs(model):
        node = model.nodes[row.node]
        if node.kind == "value":
            falls = node.worst is not None and node.worst > node.best
            found[row.name] = row.high if high != falls else row.low
    return found
