"""Draws as the contract words them: row by row and number by number, to compare with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from decision.model.diagram import InfluenceDiagram
from decision.model.records import Input
from decision.solve.enumeration import enumerate_branches
from tests.analysis.ranged import worth

Z95 = 1.6448536269514722


def log_odds(p: float) -> float:
    p = min(max(p, 1e-6), 1 - 1e-6)
    return float(np.log(p / (1 - p)))


def probability(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def split(low: float, base: float, high: float, z: float) -> float:
    return base + z * ((high - base) if z > 0 else (base - low)) / Z95


def in_log_odds(row: Input, z: float) -> float:
    if row.low == row.high:
        return row.number
    assert row.low is not None
    assert row.high is not None
    return probability(split(log_odds(row.low), log_odds(row.number), log_odds(row.high), z))


def ranged(model: InfluenceDiagram, name: str) -> list[Input]:
    return [r for r in model.inputs if r.node == name and r.low is not None and r.text != "rest"]


def covers(row: Input, where: dict[str, str]) -> bool:
    return all(where[parent] in states for parent, states in row.where)


def filled(row: np.ndarray, drawn: dict[int, float]) -> np.ndarray:
    """A row of probabilities in which some states were drawn."""
    if not drawn:
        return row
    new = np.array([drawn.get(k, 0.0) for k in range(len(row))])
    others = [k for k in range(len(row)) if k not in drawn]
    share = row[others]
    if len(drawn) == 1 and not share.any():
        share = np.ones(len(others))
    left = 1 - new.sum()
    if others and share.any() and left >= 0:
        new[others] = share / share.sum() * left
        return new
    return new / new.sum()


def redrawn(model: InfluenceDiagram, z: dict[str, float], linked: bool) -> InfluenceDiagram:
    """The model of one draw, from the standard normals of its inputs (or nodes)."""
    chances = []
    for node in model.chances:
        table = np.array(node.table)
        rows = ranged(model, node.name)
        parents = [model.states(p) for p in node.given]
        for key in np.ndindex(*map(len, parents)):
            where = {p: s[i] for p, s, i in zip(node.given, parents, key, strict=True)}
            here = sorted(
                (r for r in rows if covers(r, where)), key=lambda r: node.states.index(r.state)
            )
            here = here[:1] if linked else here
            drawn = {
                node.states.index(r.state): in_log_odds(r, z[node.name if linked else r.name])
                for r in here
            }
            table[key] = filled(table[key], drawn)
        chances.append(replace(node, table=table))
    values = []
    for value in model.values:
        table = np.array(value.table)
        for row in ranged(model, value.name):
            parents = [model.states(p) for p in value.given]
            for key in np.ndindex(*map(len, parents)):
                where = {p: s[i] for p, s, i in zip(value.given, parents, key, strict=True)}
                if covers(row, where):
                    table[key] = split(row.low, row.number, row.high, z[row.name])
        weight = value.weight
        if value.weight_low is not None or value.weight_high is not None:
            low = weight if value.weight_low is None else value.weight_low
            high = weight if value.weight_high is None else value.weight_high
            weight = max(0.0, split(low, weight, high, z[f"weight({value.name})"]))
        values.append(replace(value, table=table, weight=weight, weight_low=None, weight_high=None))
    return model.rebuilt(chances=tuple(chances), values=tuple(values), rows={})


def branch_worths(model: InfluenceDiagram, by: str) -> np.ndarray:
    found = enumerate_branches(model, by)
    return np.array([np.nan if branch is None else worth(branch) for _, branch in found])
