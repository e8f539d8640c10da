"""Intervals of decision processes whose states are seen, against robust value iteration."""

from __future__ import annotations

import numpy as np
import pytest

from decision import InfluenceDiagram
from decision.analysis.intervals import intervals
from decision.model.records import Input
from tests.models import stages


def ranged_stages(number: int, states: int, options: int) -> InfluenceDiagram:
    """Return a decision process all of whose probabilities have a range."""
    model = stages(number, states, options, seed=1)
    rng = np.random.default_rng(1)
    rows = {}
    for chance in model.chances:
        rows[chance.name] = tuple(
            Input(
                chance.name,
                tuple((g, (model.states(g)[k],)) for g, k in zip(chance.given, key, strict=False)),
                chance.states[key[-1]],
                float(p),
                repr(float(p)),
                float(p) * rng.uniform(0.3, 1),
                float(p) + (1 - float(p)) * rng.uniform(0, 0.5),
            )
            for key, p in np.ndenumerate(chance.table)
        )
    return model.rebuilt(rows=rows)


def by_value_iteration(model: InfluenceDiagram, sign: int) -> list[float]:
    """Return branches' worths, nature choosing each row anew: for or against us."""
    later = 0.0
    for t in reversed(range(len(model.decisions))):
        worth = model.nodes[f"v{t}"].table + later
        ranges = {}
        for row in model.rows[f"x{t}"]:
            ranges.setdefault(tuple(s[0] for _, s in row.where), []).append((row.low, row.high))
        if t == 0:
            return [_filled(ranges[()], worth[:, a], sign) for a in range(worth.shape[1])]
        best = worth.max(axis=1)
        later = np.array([_filled(row, best, sign) for row in ranges.values()])
        later = later.reshape(model.nodes[f"x{t}"].table.shape[:2])
    raise AssertionError


def _filled(row: list[tuple[float, float]], worth: np.ndarray, sign: int) -> float:
    """Give what is left to the best states first (sign 1), or to the worst."""
    numbers = [low for low, _ in row]
    for i in sorted(range(len(row)), key=lambda i: -sign * worth[i]):
        numbers[i] += min(1.0 - sum(numbers), row[i][1] - row[i][0])
    return float(np.dot(numbers, worth))


@pytest.mark.parametrize(("number", "states", "options"), [(2, 2, 2), (3, 3, 2), (8, 3, 3)])
def test_a_process_whose_states_are_seen(number: int, states: int, options: int) -> None:
    # Givan, Leach and Dean 2000, "Bounded-parameter Markov decision processes", Artificial
    # Intelligence 122: the worst and the best rows can be chosen one by one.
    model = ranged_stages(number, states, options)
    found = intervals(model)
    assert {interval.bound for interval in found} == {"exact"}
    assert [i.lowest for i in found] == pytest.approx(by_value_iteration(model, -1), abs=1e-8)
    assert [i.highest for i in found] == pytest.approx(by_value_iteration(model, 1), abs=1e-8)
