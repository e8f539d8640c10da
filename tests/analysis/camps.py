"""Random models with perspectives, and what brute force says of their cruxes."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Decision, Value
from decision.model.problems import ModelError
from decision.model.records import ChangeRow
from decision.solve.enumeration import enumerate_branches, enumerate_solve
from decision.solve.inputs import scale_of
from decision.solve.openness import dead_ends
from tests.analysis.ranged import best_of, worth
from tests.models import models

Cruxes = dict[tuple[str, str], tuple[int | None, set[tuple[int, ...]]]]
"""Size and sets (of lines) of each perspective's crux toward each option."""


@st.composite
def divided(draw: st.DrawFn, perspectives: int = 2, rows: int = 5, **kinds) -> InfluenceDiagram:
    """Draw a small model with some perspectives, each legal, often only as a whole."""
    model = draw(models(**{"cells": 40, "decisions": 2, "chances": 4, **kinds}))
    assume(not dead_ends(model))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sets = {}
    for i in range(draw(st.integers(1, perspectives))):
        sets[f"p{i}"] = _rows(model, rng, f"perspectives/p{i}.csv", int(rng.integers(1, rows + 1)))
    return model.rebuilt(perspectives=sets)


def camps(seed: int) -> InfluenceDiagram:
    """Return a model whose options are close, so that its perspectives often disagree."""
    rng = np.random.default_rng(seed)
    states, options = ["a", "b", "c"], ["x", "y", "z"]
    eighths = rng.multinomial(8, np.ones(3) / 3, size=(1 + 9,)) / 8
    tables = eighths[0], eighths[1:].reshape(3, 3, 3)
    ends = {"worst": -4.0, "best": 4.0} if rng.random() < 0.4 else {}
    only_when = {"y": {"sign": ["a", "b"]}, "z": {"sign": ["c"]}, "x": {"sign": ["a"]}}
    first = Decision("first", options)
    later = Decision("later", options, ["sign"], only_when if rng.random() < 0.4 else {})
    amounts = rng.integers(-3, 4, size=(3, 3, 3)).astype(float)
    model = InfluenceDiagram(
        decisions=[first, later],
        chances=[
            Chance("cause", states, table=tables[0]),
            Chance("sign", states, ["cause", "first"], tables[1]),
        ],
        values=[
            Value("gain", ["first", "cause"], amounts[0], **ends),
            Value("loss", ["later", "sign"], amounts[1], weight=float(rng.integers(0, 2)), **ends),
            Value("cost", ["first"], amounts[2, 0], weight=float(rng.integers(1, 3)), **ends),
        ],
        weights="normalised" if ends and rng.random() < 0.7 else "plain",
        risk=float(rng.choice([3.0, 30.0])) if rng.random() < 0.3 else None,
    )
    sets = {name: _rows(model, rng, f"perspectives/{name}.csv", 5) for name in ("one", "other")}
    return model.rebuilt(perspectives=sets)


def _rows(
    model: InfluenceDiagram, rng: np.random.Generator, file: str, number: int
) -> tuple[ChangeRow, ...]:
    seen, heads, rows = model, [], []
    for _ in range(4 * number):
        if len(rows) == number:
            break
        again = heads and rng.random() < 0.4
        head = str(rng.choice(heads)) if again else _head(model, rng)
        change = f"{head} {_number(head, rng)}"
        try:
            seen = seen.changed(change)
        except ModelError:
            continue
        heads.append(head)
        rows.append(ChangeRow(change, "why", file, len(rows) + 2))
    return tuple(rows)


def _head(model: InfluenceDiagram, rng: np.random.Generator) -> str:
    kind = rng.choice(["P", "P", "odds", "V", "V", "weight"])
    chances = [c.name for c in model.chances if len(c.states) > 1]
    if kind in ("P", "odds") and chances:
        name = str(rng.choice(chances))
        return f"{kind}({name}={rng.choice(model.states(name))}{_where(model, rng, name)})"
    name = str(rng.choice([v.name for v in model.values]))
    return f"weight({name})" if kind == "weight" else f"V({name}{_where(model, rng, name)})"


def _number(head: str, rng: np.random.Generator) -> str:
    numbers = {
        "P": ["= 0", "= 1", "= 0.5", "= 0.9", "+= 0.5", "-= 0.5", "*= 2", "+= 0.25"],
        "o": ["*= 0.1", "*= 0.5", "*= 4", "*= 30"],
        "V": ["= 4", "= -4", "+= 8", "-= 8", "*= -1", "*= 4"],
        "w": ["= 0", "= 3", "*= 4", "+= 1", "-= 1", "-= 2"],
    }
    return str(rng.choice(numbers[head[0]]))


def _where(model: InfluenceDiagram, rng: np.random.Generator, name: str) -> str:
    listed = []
    for parent in model.given(name):
        states = model.states(parent)
        if rng.random() < 0.5:
            size = rng.integers(1, len(states) + 1)
            listed.append(f"{parent}={'|'.join(rng.choice(states, size, replace=False))}")
    return f" | {', '.join(listed)}" if listed else ""


# -- brute force --------------------------------------------------------------


class UnclearError(Exception):
    """Two options are so near that rounding says whether they tie."""


def brute_best(model: InfluenceDiagram, by: str) -> frozenset[int]:
    """Return which options are best, by enumerating every policy's paths."""
    found = [None if b is None else worth(b) for _, b in enumerate_branches(model, by)]
    best = best_of(found, scale_of(model))
    if best is None:
        raise UnclearError
    return best


def brute_without(
    model: InfluenceDiagram, rows: tuple[ChangeRow, ...], out: tuple[int, ...], by: str
) -> frozenset[int]:
    """Return which options are best with some rows left out; none where that is not legal."""
    try:
        changed = model.changed(*(row.change for i, row in enumerate(rows) if i not in out))
        enumerate_solve(changed)
    except ModelError:
        return frozenset()
    return brute_best(changed, by)


def brute_cruxes(model: InfluenceDiagram, by: str, events: set[str]) -> Cruxes:
    """Return the cruxes; what came up is added to the events."""
    options = model.states(by)
    seen = {"base": brute_best(model, by)}
    seen |= {n: brute_best(model.perspective(n), by) for n in model.perspectives}
    found = {}
    for name, rows in model.perspectives.items():
        without = cache(lambda out, rows=rows: brute_without(model, rows, out, by))
        own = min(seen[name], default=None)
        others = {min(best) for best in seen.values() if best}
        for target in others - {own}:
            found[name, options[target]] = _smallest(rows, without, target, events)
    return found


def _smallest(rows, without, target, events) -> tuple[int | None, set[tuple[int, ...]]]:
    for size in (1, 2, 3):
        sets = set()
        for out in combinations(range(len(rows)), size):
            best = without(out)
            if not best:
                events.add("illegal")
            elif target in best and len(best) > 1:
                events.add("tied")
            if best == {target}:
                sets.add(tuple(rows[i].line for i in out))
        if sets:
            events.add(f"size {size}" + (", several" if len(sets) > 1 else ""))
            return size, sets
    events.add("none")
    return None, set()


def with_rows(model: InfluenceDiagram, **sets: list[str]) -> InfluenceDiagram:
    """Return the model with perspectives made of changes."""
    made = {
        name: tuple(
            ChangeRow(change, f"why {i}", f"perspectives/{name}.csv", i + 2)
            for i, change in enumerate(changes)
        )
        for name, changes in sets.items()
    }
    return model.rebuilt(perspectives=made)
