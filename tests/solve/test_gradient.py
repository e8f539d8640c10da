"""Derivatives against brute force: a path at a time, and by moving each number a little."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given

import decision as da
from decision.model.covariation import covary
from decision.solve import gradient as room
from decision.solve.enumeration import enumerate_solve
from decision.solve.gradient import derivatives, gradient
from decision.solve.inputs import scale_of
from decision.solve.openness import dead_ends
from decision.solve.solution import solve
from tests.models import models, oil, seeded, stages


def polynomial(model, policy, tables, utilities):
    """Return Σ over paths of Π numbers × total, rows of probabilities as they come."""
    order = model.time_order
    sizes = [len(model.states(name)) for name in order]
    grid = dict(zip(order, np.indices(sizes), strict=True))
    mass = np.ones(sizes)
    for chance in model.chances:
        mass = mass * tables[chance.name][tuple(grid[n] for n in (*chance.given, chance.name))]
    for name, rule in policy.items():
        mass = mass * (rule.choices[tuple(grid[n] for n in rule.given)] == grid[name])
    total = np.zeros(sizes)
    for value in model.values:
        total = total + utilities[value.name][tuple(grid[n] for n in value.given)]
    return float((mass * total).sum())


def numbers_of(model):
    return (
        {c.name: c.table for c in model.chances},
        {v.name: np.asarray(model.utility(v.name)) for v in model.values},
    )


def assert_raw(model):
    """The polynomial is linear in each number: a difference over 1 is its derivative."""
    policy, found = solve(model).policy, derivatives(model)
    tables, utilities = numbers_of(model)
    base = polynomial(model, policy, tables, utilities)
    slack = 1e-9 * max(scale_of(model), 1.0)
    assert found.value == pytest.approx(base, abs=slack)
    for name, table in tables.items():
        for cell in list(np.ndindex(*table.shape))[:12]:
            moved = table.copy()
            moved[cell] += 1.0
            slope = polynomial(model, policy, {**tables, name: moved}, utilities) - base
            assert found.raw[name][cell] == pytest.approx(slope, abs=slack)
    for value in model.values:
        swing = 1.0 if value.worst is None else 100.0 / (value.best - value.worst)
        for cell in list(np.ndindex(*value.table.shape))[:12]:
            moved = utilities[value.name].copy()
            moved[cell] += model.weight(value.name) * swing
            slope = polynomial(model, policy, tables, {**utilities, value.name: moved}) - base
            assert found.amounts[value.name][cell] == pytest.approx(slope, abs=slack)


def assert_along(model):
    """A fixed policy's worth is linear along a row: its ends give the derivative."""
    policy, found = solve(model).policy, derivatives(model)
    tables, utilities = numbers_of(model)
    slack = 1e-9 * max(scale_of(model), 1.0)
    for name, table in tables.items():
        if table.shape[-1] == 1:
            assert not found.covaried[name].any()
            continue
        for cell in list(np.ndindex(*table.shape))[:12]:
            ends = []
            for number in (0.0, 1.0):
                moved = table.copy()
                moved[cell[:-1]] = covary(table[cell[:-1]], cell[-1], np.float64(number))
                ends.append(polynomial(model, policy, {**tables, name: moved}, utilities))
            assert found.covaried[name][cell] == pytest.approx(ends[1] - ends[0], abs=slack)


def assert_weights(model):
    found, policy = derivatives(model), solve(model).policy
    step = 1e-6
    for value in model.values:
        sides = []
        for sign in (1, -1):
            moved = replace(value, weight=value.weight + sign * step)
            changed = model.with_numbers({}, {value.name: moved})
            sides.append(polynomial(changed, policy, *numbers_of(changed)))
        slope = (sides[0] - sides[1]) / (2 * step)
        slack = 1e-7 * max(scale_of(model), 1.0)
        assert found.weights[value.name] == pytest.approx(slope, abs=slack, rel=1e-6)


@seeded(120)
@given(models(memory=None, cells=400))
def test_against_every_path(model):
    assume(not dead_ends(model))
    assert_raw(model)
    assert_along(model)
    assert_weights(model)


def slopes(model, text, step=1e-6):
    """Return the slopes of the best policy's worth on the two sides, by enumeration."""
    base = enumerate_solve(model).expected_value
    up = enumerate_solve(model.changed(f"{text} += {step!r}")).expected_value
    down = enumerate_solve(model.changed(f"{text} -= {step!r}")).expected_value
    return (base - down) / step, (up - base) / step


@pytest.mark.parametrize("make", [oil, lambda: stages(3), lambda: stages(4, states=2, seed=3)])
def test_of_the_optimum_by_finite_differences(make):
    """Where the best policy stays the best, its derivative is the optimum's."""
    model = make()
    found = gradient(model)["derivative"]
    looked_at = 0
    for row in model.inputs:
        if row.state is not None and not 0.01 < row.number < 0.99:
            continue
        below, above = slopes(model, row.name)
        assert below == pytest.approx(above, abs=1e-3), "a kink"
        assert found[row.name] == pytest.approx(above, abs=2e-4 * max(1.0, abs(above)))
        looked_at += 1
    assert looked_at >= 10


def test_oil_by_hand():
    """Test, and drill unless diffuse: 0.5·(−70·0.4) + 0.3·(50·0.7) + 0.2·(200·0.9) − 10."""
    found = derivatives(oil())
    assert found.value == pytest.approx(22.5)
    assert found.raw["oil"] == pytest.approx([-28 - 10, 35 - 10, 180 - 10])
    dry = -38 - (0.3 * 25 + 0.2 * 170) / 0.5
    assert found.covaried["oil"][0] == pytest.approx(dry)
    assert found.amounts["payoff"][0] == pytest.approx([0.5 * 0.4, 0.3 * 0.7, 0.2 * 0.9])
    assert found.weights == pytest.approx({"payoff": 32.5, "test_cost": -10.0})


def test_public_and_of_a_folder():
    model = da.read_model("data/examples/oil_wildcatter")
    found = gradient(model)
    assert list(found.columns) == ["derivative", "raw"]
    assert list(found.index[:-2]) == [row.name for row in model.inputs]
    assert list(found.index[-2:]) == ["weight(payoff)", "weight(test_cost)"]
    assert found.loc["P(oil=dry)", "derivative"] == pytest.approx(-121.0)
    # One row stands for all three states of oil.
    together = "P(seismic=none | oil=dry|wet|soaking, test=yes)"
    whole = derivatives(model).raw["seismic"][:, 0, -1].sum()
    assert found.loc[together, "raw"] == pytest.approx(whole)


def test_refused_above_a_limit():
    with pytest.raises(da.ModelError, match="derivatives need"):
        derivatives(oil(), solve(oil()).policy, limit=100)


@pytest.mark.parametrize("mutant", ["factor", "sum", "shares"])
def test_mutants_are_caught(monkeypatch, mutant):
    if mutant == "factor":  # the other factors of a product forgotten
        others = room._others

        def forgotten(step, place, inputs, slope):
            return others(step, place, [np.ones_like(table) for table in inputs], slope)

        monkeypatch.setattr(room, "_others", forgotten)
    elif mutant == "sum":  # one of the axes not summed over but picked
        real = room._gathered

        def first(gather, part):
            if gather.summed:
                index = [slice(None)] * part.ndim
                index[gather.summed[0]] = slice(0, 1)
                part = part[tuple(index)]
            return real(gather, part)

        monkeypatch.setattr(room, "_gathered", first)
    else:  # the rest of a row in equal parts
        real_along = room._along
        monkeypatch.setattr(room, "_along", lambda table, raw: real_along(np.ones_like(table), raw))
    with pytest.raises(AssertionError):
        assert_both((oil(), stages(3)))


def assert_both(of):
    for model in of:
        assert_raw(model)
        assert_along(model)
