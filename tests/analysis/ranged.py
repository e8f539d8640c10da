"""Random models whose inputs have ranges, and what brute force says along each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from hypothesis import strategies as st

from decision.analysis.sensitivity import Finding
from decision.model.changes import covary
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError
from decision.model.records import Input
from decision.solve.enumeration import Enumerated, enumerate_branches, enumerate_solve
from decision.solve.inputs import scale_of
from tests.models import models

# -- models with ranges -------------------------------------------------------


@st.composite
def ranged(draw: st.DrawFn, **kinds: object) -> InfluenceDiagram:
    """Draw a small model, up to three inputs of which have a range."""
    model = draw(models(**{"cells": 60, "decisions": 2, "chances": 4, **kinds}))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows: dict[str, list[Input]] = {}
    for name in sorted(draw(st.sets(st.sampled_from(_movable(model)), min_size=1, max_size=2))):
        model, row = _with_row(model, name, rng)
        rows.setdefault(name, []).append(row)
    if rng.random() < 0.4:
        model = _with_weight(model, rng)
    return model.rebuilt(rows={name: tuple(listed) for name, listed in rows.items()})


def _movable(model: InfluenceDiagram) -> list[str]:
    chances = [c.name for c in model.chances if len(c.states) > 1]
    return chances + [v.name for v in model.values]


def _with_row(
    model: InfluenceDiagram, name: str, rng: np.random.Generator
) -> tuple[InfluenceDiagram, Input]:
    """Return the model with a row that may cover several combinations, and the row."""
    node = model.nodes[name]
    where, index = [], []
    for parent in model.given(name):
        states = model.states(parent)
        kept = [i for i in range(len(states)) if rng.random() < 0.5] or [rng.integers(len(states))]
        index.append(kept)
        if len(kept) < len(states) or rng.random() < 0.5:
            where.append((parent, tuple(states[i] for i in kept)))
    cells = np.ix_(*index) if index else ()
    table = np.array(node.table)
    if node.kind == "value":
        number = float(table[cells].flat[0])
        table[cells] = number
        spread = float(rng.choice([0.0, 1.0, 5.0, 30.0]))
        low, high = number - spread * rng.random(), number + spread
        row = Input(name, tuple(where), None, number, repr(number), float(low), float(high))
    else:
        rows, state = table[cells], int(rng.integers(len(node.states)))
        number = float(rows[..., state].flat[0])
        table[cells] = covary(rows, state, np.full(rows.shape[:-1], number))
        low = float(rng.choice([0.0, number / 2, number]))
        high = float(rng.choice([1.0, (1 + number) / 2, number]))
        row = Input(name, tuple(where), node.states[state], number, repr(number), low, high)
    kind = "values" if node.kind == "value" else "chances"
    nodes = [replace(n, table=table) if n.name == name else n for n in getattr(model, kind)]
    return model.rebuilt(**{kind: tuple(nodes)}), row


def _with_weight(model: InfluenceDiagram, rng: np.random.Generator) -> InfluenceDiagram:
    values = list(model.values)
    i = int(rng.integers(len(values)))
    weight = values[i].weight
    others = sum(v.weight for v in values) - weight
    low = weight * float(rng.choice([0.0, 0.5])) if others else weight / 2
    values[i] = replace(values[i], weight_low=low, weight_high=weight + float(rng.choice([0, 3])))
    return model.rebuilt(values=tuple(values))


# -- brute force along an input -----------------------------------------------


@dataclass(frozen=True, eq=False)
class Along:
    """What brute force says where one input is a number."""

    model: InfluenceDiagram
    finding: Finding
    by: str

    @cached_property
    def line(self) -> tuple[float, float]:
        """Where break-evens are asked for."""
        if self.finding.input.startswith("P("):
            return 0.0, 1.0
        return self.finding.low, self.finding.high

    def changed(self, number: float) -> InfluenceDiagram:
        return self.model.changed(f"{self.finding.input} = {number!r}")

    def optimum(self, number: float) -> float:
        return worth(enumerate_solve(self.changed(number)))

    def branches(self, number: float) -> list[float | None]:
        found = enumerate_branches(self.changed(number), self.by)
        return [None if branch is None else worth(branch) for _, branch in found]

    def best(self, number: float) -> frozenset[int] | None:
        """Return the options that are best; None where it is not clear which tie."""
        return best_of(self.branches(number), scale_of(self.changed(number)))

    def legal(self, number: float) -> bool:
        try:
            enumerate_solve(self.changed(number))
        except ModelError:
            return False
        return True


def worth(solved: Enumerated) -> float:
    certain = solved.certain_equivalent
    return solved.expected_value if certain is None else certain


def best_of(worths: list[float | None], scale: float) -> frozenset[int] | None:
    """Return which are best; None where a gap is too near the one that is a tie."""
    known = [w for w in worths if w is not None]
    if not known:
        return frozenset()
    top, found = max(known), set()
    for i, w in enumerate(worths):
        if w is None:
            continue
        bound = max(abs(top), abs(w), 1e-3 * scale)
        if 1e-11 * bound < top - w < 1e-7 * bound:
            return None
        if top - w <= 1e-9 * bound:
            found.add(i)
    return frozenset(found)
