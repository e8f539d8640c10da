"""The ledger: every number with its range, sources and reason, also after changes.

A model keeps the rows it was read with. What a change made of them is worked out only
when somebody looks: a row whose combinations a change made unequal is split, each part
keeping its provenance; the range moves with the number, in log-odds for a probability
and by the same difference for a value; at 0 or 1 it is dropped.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import replace
from decision.model.nodes import Chance, Value, tabled
from decision.model.numbers import write_number
from decision.model.problems import PYTHON, ModelError, problem
from decision.model.records import ClaimRow, Input, Where
from decision.model.tables import Axis

if TYPE_CHECKING:
    import pandas as pd

    from decision.model.diagram import InfluenceDiagram

__all__ = ["current_inputs", "differences", "same_model"]

LARGEST = sys.float_info.max
SAME = (
    *("decisions", "chances", "values", "title", "question", "memory", "weights"),
    *("provenance", "information_date", "horizon", "risk", "sources"),
)
Array = NDArray[np.float64]
Key = tuple[int, ...]


def current_inputs(model: InfluenceDiagram) -> tuple[Input, ...]:
    """Return every number of the model as it stands now, node by node."""
    nodes = tabled(model.chances, model.values)
    return tuple(row for node in nodes for row in _of_node(model, node))


def _of_node(model: InfluenceDiagram, node: Chance | Value) -> Iterator[Input]:
    rows = model.rows.get(node.name)
    if rows is None:
        yield from _one_a_cell(model, node)
        return
    before = model.read[node.name]
    if before is node.table:
        yield from rows
        return
    split = _Split(model, node, rows, before)
    for row in rows:
        yield from split.parts(row)


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


class _Split:
    """The rows of a node some of whose numbers a change moved."""

    def __init__(
        self,
        model: InfluenceDiagram,
        node: Chance | Value,
        rows: Sequence[Input],
        before: Array,
    ) -> None:
        self.model, self.node, self.rows, self.before = model, node, rows, before
        self.parents = _parents(model, node)
        moved = before != node.table
        self.dropped = model.dropped.get(node.name, np.zeros(moved.shape, dtype=bool))
        touched = moved | self.dropped
        self.touched = touched.any(axis=-1) if isinstance(node, Chance) else touched

    def parts(self, row: Input) -> Iterator[Input]:
        """Yield a row, or its parts with equal numbers where a change made them unequal."""
        cells = covered(row.where, self.parents)
        last: Key = ()
        if isinstance(self.node, Chance):
            last = (self.node.states.index(row.state or ""),)
        groups: dict[tuple[float, float, bool] | None, list[Key]] = {}
        for key in cells:
            was, now = float(self.before[key + last]), float(self.node.table[key + last])
            gone = bool(self.dropped[key + last])
            kept = not self.touched[key] or (row.text != "rest" and was == now and not gone)
            groups.setdefault(None if kept else (was, now, gone), []).append(key)
        for group, keys in groups.items():
            whole = len(keys) == len(cells)
            for where in [row.where] if whole else as_products(keys, self.parents):
                part = replace(row, where=where)
                yield part if group is None else self._moved(part, *group)

    def _moved(self, row: Input, was: float, now: float, gone: bool) -> Input:
        low, high = row.low, row.high
        if row.state is None:
            low = None if low is None else max(min(low + (now - was), now), -LARGEST)
            high = None if high is None else min(max(high + (now - was), now), LARGEST)
        elif gone or now in (0.0, 1.0) or was in (0.0, 1.0) or low is None or high is None:
            low = high = None
        else:
            shift = log_odds(now) - log_odds(was)
            low = min(from_log_odds(log_odds(low) + shift), now)
            high = max(from_log_odds(log_odds(high) + shift), now)
        moved = replace(row, number=now, text=write_number(now), low=low, high=high)
        if row.text == "rest":
            return self._cited(moved, "What the other states leave, after a change.")
        if "definition" in row.sources and now not in (0.0, 1.0):
            return self._cited(moved, "True by definition until a change.")
        return moved

    def _cited(self, row: Input, rationale: str) -> Input:
        """Return a row that had no judged number with what the contract asks of one that has.

        Where provenance is required, its sources are those of the other states, else of
        the other rows of the node, else the model's first: the judgement was theirs.
        """
        sources = tuple(source for source in row.sources if source != "definition")
        if self.model.provenance != "required":
            return replace(row, sources=sources)
        near = [other for other in self.rows if overlaps(other.where, row.where)]
        candidates = (
            sources,
            *(
                tuple(
                    dict.fromkeys(s for other in rows for s in other.sources if s != "definition")
                )
                for rows in (near, self.rows)
            ),
            tuple(self.model.sources)[:1],
        )
        chosen = next((listed for listed in candidates if listed), ())
        return replace(row, sources=chosen, rationale=row.rationale or rationale)


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
        tabled(was.chances, was.values), tabled(now.chances, now.values), strict=True
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


def same_model(left: InfluenceDiagram, right: InfluenceDiagram) -> bool:
    """Whether two models say the same, wherever their rows stand."""
    return all(getattr(left, key) == getattr(right, key) for key in SAME) and all(
        said(left) == said(right) for said in (_sets, _claims, _rows)
    )


def _sets(model: InfluenceDiagram) -> list[dict[str, list[tuple[str, str]]]]:
    return [
        {name: [(row.change, row.rationale) for row in rows] for name, rows in sets.items()}
        for sets in (model.perspectives, model.scenarios)
    ]


def _claims(model: InfluenceDiagram) -> list[ClaimRow]:
    return [replace(row, file="", line=1) for row in model.claim_rows]


def _rows(model: InfluenceDiagram) -> list[Input]:
    # 1/3 and 0.3333333333333333 are the same number; `rest` is not the number it stands for.
    return [
        replace(row, file="", line=1, text="rest", number=0.0)
        if row.text == "rest"
        else replace(row, file="", line=1, text="")
        for row in model.inputs
    ]
