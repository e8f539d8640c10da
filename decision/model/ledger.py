"""The ledger: every number with its range, sources and reason, also after changes.

A model keeps the rows it was read with. What a change made of them is worked out only
when somebody looks: a row whose combinations a change made unequal is split, each part
keeping its provenance; the range moves with the number, in log-odds for a probability
and by the same difference for a value; at 0 or 1 it is dropped.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.model.nodes import Chance, Value
from decision.model.numbers import write_number
from decision.model.problems import PYTHON, ModelError, problem
from decision.model.records import Input, Where
from decision.model.tables import Axis

if TYPE_CHECKING:
    import pandas as pd

    from decision.model.diagram import InfluenceDiagram

__all__ = ["current_inputs", "differences", "same_ledger"]

Array = NDArray[np.float64]
Key = tuple[int, ...]


def current_inputs(model: InfluenceDiagram) -> tuple[Input, ...]:
    """Return every number of the model as it stands now, node by node."""
    return tuple(row for node in (*model.chances, *model.values) for row in _of_node(model, node))


def _of_node(model: InfluenceDiagram, node: Chance | Value) -> Iterator[Input]:
    rows = model.rows.get(node.name)
    if rows is None:
        yield from _one_a_cell(model, node)
        return
    before = model.read.get(node.name)
    if before is node.table or before is None or before.shape != node.table.shape:
        yield from rows
        return
    parents = _parents(model, node)
    for row in rows:
        yield from _split(model, node, row, before, parents)


def _parents(model: InfluenceDiagram, node: Chance | Value) -> list[Axis]:
    return [(name, model.states(name)) for name in node.given]


def _one_a_cell(model: InfluenceDiagram, node: Chance | Value) -> Iterator[Input]:
    parents = _parents(model, node)
    for key in np.ndindex(*(len(states) for _, states in parents)):
        where = tuple((n, (s[i],)) for (n, s), i in zip(parents, key, strict=True))
        if isinstance(node, Value):
            number = float(node.table[key])
            yield Input(node.name, where, None, number, write_number(number))
        else:
            for state, number in zip(node.states, node.table[key].tolist(), strict=True):
                yield Input(node.name, where, state, number, write_number(number))


def _split(
    model: InfluenceDiagram, node: Chance | Value, row: Input, before: Array, parents: list[Axis]
) -> Iterator[Input]:
    cells = covered(row.where, parents)
    last: Key = () if isinstance(node, Value) else (node.states.index(row.state or ""),)
    dropped = model.dropped.get(node.name)
    groups: dict[Any, list[Key]] = {}
    for key in cells:
        was, now = float(before[key + last]), float(node.table[key + last])
        gone = dropped is not None and bool(dropped[key + last])
        rest = row.text == "rest" and was == now and not gone
        groups.setdefault("kept" if rest else (was, now, gone), []).append(key)
    for group, keys in groups.items():
        if len(keys) == len(cells):
            wheres = [row.where]
        else:
            wheres = as_products(keys, parents)
        for where in wheres:
            if group == "kept" or (group[0] == group[1] and not group[2]):
                yield replace(row, where=where)
            elif row.text == "rest":
                siblings = [r for r in model.rows[node.name] if r.text != "rest"]
                yield _from_rest(model, row, where, group[1], siblings)
            else:
                yield _moved(model, row, where, *group)


def _moved(
    model: InfluenceDiagram, row: Input, where: Where, was: float, now: float, gone: bool
) -> Input:
    low, high = row.low, row.high
    if row.state is None:
        low = None if low is None else low + (now - was)
        high = None if high is None else high + (now - was)
    elif gone or now in (0.0, 1.0) or was in (0.0, 1.0):
        kept = now if model.provenance == "required" else None
        low = high = kept
    else:
        shift = log_odds(now) - log_odds(was)
        low = None if low is None else min(from_log_odds(log_odds(low) + shift), now)
        high = None if high is None else max(from_log_odds(log_odds(high) + shift), now)
    return replace(row, where=where, number=now, text=write_number(now), low=low, high=high)


def _from_rest(
    model: InfluenceDiagram, row: Input, where: Where, now: float, siblings: Sequence[Input]
) -> Input:
    """Return what was `rest` as a number; where provenance is required it takes its own.

    A required range is the number itself: the input that was judged is another state's.
    """
    plain = replace(row, where=where, number=now, text=write_number(now))
    if model.provenance != "required":
        return plain
    near = [r for r in siblings if overlaps(r.where, where)]
    sources = dict.fromkeys(source for r in near for source in r.sources if source != "definition")
    return replace(
        plain,
        low=now,
        high=now,
        sources=tuple(sources) or tuple(list(model.sources)[:1]),
        rationale="What the other states leave, after a change.",
    )


def log_odds(p: float) -> float:
    """Return log(p / (1 − p)), infinite at 0 and 1."""
    if p <= 0 or p >= 1:
        return -math.inf if p <= 0 else math.inf
    return math.log(p) - math.log1p(-p)


def from_log_odds(x: float) -> float:
    """Return the probability whose log-odds are x."""
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    return math.exp(x) / (1.0 + math.exp(x))


def covered(where: Where, parents: Sequence[Axis]) -> list[Key]:
    """Return the combinations of parents' states (as indices) that conditions match."""
    wanted = dict(where)
    lists = [
        [states.index(s) for s in wanted[name]] if name in wanted else range(len(states))
        for name, states in parents
    ]
    return list(product(*lists))


def overlaps(left: Where, right: Where) -> bool:
    """Whether some combination matches both."""
    other = dict(right)
    return all(name not in other or set(states) & set(other[name]) for name, states in left)


def as_products(keys: Sequence[Key], parents: Sequence[Axis]) -> list[Where]:
    """Return conditions that cover exactly the given combinations.

    One where they form a product of sets of states, else one for each combination.
    """
    sets = [sorted({key[i] for key in keys}) for i in range(len(parents))]
    if math.prod(map(len, sets)) == len(keys):
        return [
            tuple(
                (name, tuple(states[i] for i in chosen))
                for (name, states), chosen in zip(parents, sets, strict=True)
                if len(chosen) < len(states) or len(states) == 1
            )
        ]
    return [
        tuple((name, (states[i],)) for (name, states), i in zip(parents, key, strict=True))
        for key in keys
    ]


def differences(was: InfluenceDiagram, now: InfluenceDiagram) -> pd.DataFrame:
    """Return the numbers that differ between two models of the same structure."""
    import pandas as pd

    if was.structure != now.structure:
        what = "the two models differ in structure, not only in numbers"
        raise ModelError([problem(PYTHON, what, "compare models made by changed()")])
    rows: list[tuple[str, float, float]] = []
    for old, new in zip(
        (*was.chances, *was.values), (*now.chances, *now.values), strict=True
    ):
        rows += _node_differences(now, old.name, old.table, new.table, new)
        if isinstance(old, Value) and isinstance(new, Value) and old.weight != new.weight:
            rows.append((f"weight({new.name})", old.weight, new.weight))
    return pd.DataFrame(rows, columns=["input", "was", "now"])


def _node_differences(
    model: InfluenceDiagram, name: str, old: Array, new: Array, node: Chance | Value
) -> Iterator[tuple[str, float, float]]:
    parents = _parents(model, node)
    states: Sequence[str | None] = node.states if isinstance(node, Chance) else [None]
    for i, state in enumerate(states):
        before = old[..., i] if isinstance(node, Chance) else old
        after = new[..., i] if isinstance(node, Chance) else new
        groups: dict[tuple[float, float], list[Key]] = {}
        for index in np.argwhere(before != after):
            key = tuple(int(k) for k in index)
            groups.setdefault((float(before[key]), float(after[key])), []).append(key)
        for (x, y), keys in groups.items():
            for where in as_products(keys, parents):
                yield Input(name, where, state, y, "").name, x, y


def same_ledger(left: InfluenceDiagram, right: InfluenceDiagram) -> bool:
    """Whether two models have the same inputs, wherever they stand."""
    return _plain(left) == _plain(right)


def _plain(model: InfluenceDiagram) -> list[Mapping[str, Any]]:
    rows = []
    for row in model.inputs:
        number = "" if row.text == "rest" else repr(row.number)
        text = "rest" if row.text == "rest" else ""
        rows.append(replace(row, file="", line=1, number=0.0, text=number + text).__dict__)
    return rows
