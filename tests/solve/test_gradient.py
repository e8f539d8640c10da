"""Derivatives against brute force: a path at a time, and by moving each number a little."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import decision as da
from decision.model.covariation import covary
from decision.solve import gradient as room
from decision.solve import reverse
from decision.solve.engine import using
from decision.solve.enumeration import enumerate_solve
from decision.solve.gradient import along, derivatives, gradient, rows_of
from decision.solve.inputs import arrays_for, scale_of
from decision.solve.openness import dead_ends
from decision.solve.plan import plan
from decision.solve.reverse import slopes
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
    """The polynomial is linear in each number: a difference over 1 is its derivative.

    What dividing the row by its sum takes away again is Σ p times these.
    """
    policy, found = solve(model).policy, derivatives(model)
    tables, utilities = numbers_of(model)
    base = polynomial(model, policy, tables, utilities)
    slack = 1e-9 * max(scale_of(model), 1.0)
    assert found.value == pytest.approx(base, abs=slack)
    for name, table in tables.items():
        for row in list(np.ndindex(*table.shape[:-1]))[:6]:
            slopes_ = []
            for state in range(table.shape[-1]):
                moved = table.copy()
                moved[(*row, state)] += 1.0
                moved_to = polynomial(model, policy, {**tables, name: moved}, utilities)
                slopes_.append(moved_to - base)
            centred = np.array(slopes_) - table[row] @ np.array(slopes_)
            assert found.raw[name][row] == pytest.approx(centred, abs=slack)
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


@seeded(160)
@given(models(memory=None, cells=400), st.sampled_from(["numpy", "numba"]))
def test_against_every_path(model, engine):
    assume(not dead_ends(model))
    with using(engine):
        assert_raw(model)
        assert_along(model)
        assert_weights(model)


@seeded(80)
@given(models(memory="perfect", guards=True, cells=400), st.sampled_from(["numpy", "numba"]))
def test_of_the_optimum_and_of_its_policy(model, engine):
    """Going back through the optimum's plan is going back through that of its policy."""
    assume(not dead_ends(model))
    with using(engine):
        one, other = derivatives(model), derivatives(model, solve(model).policy)
    slack = 1e-9 * max(scale_of(model), 1.0)
    for which in ("raw", "covaried", "amounts", "weights"):
        found, expected = getattr(one, which), getattr(other, which)
        assert list(found) == list(expected)
        for name in found:
            assert found[name] == pytest.approx(expected[name], abs=slack)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("make", [oil, lambda: stages(5), lambda: seen_late()])
def test_a_batch_is_its_rows(monkeypatch, engine, make):
    model = make()
    found = plan(model.structure)
    arrays, rng = arrays_for(found, model), np.random.default_rng(3)
    rows = 45
    for key, array in arrays.items():
        if key[0] == "chance":
            wide = array * rng.uniform(0.7, 1.3, (*array.shape[:-1], rows))
            arrays[key] = wide / wide.sum(axis=-2, keepdims=True)
        elif key[0] == "value":
            arrays[key] = array * rng.uniform(0.7, 1.3, (*array.shape[:-1], rows))
    monkeypatch.setattr(reverse, "FEWEST", 7)
    monkeypatch.setattr(reverse, "NEAREST", 0)
    monkeypatch.setattr(reverse, "CACHE", 0)
    with using(engine):
        whole = slopes(found, arrays)
        raw, covaried = along(rows_of(found), whole.numbers, whole.flat)
        for row in (0, 1, 6, 7, 44):
            taken = {k: a if a.shape[-1] == 1 else a[..., [row]] for k, a in arrays.items()}
            alone = slopes(found, taken)
            assert np.array_equal(alone.value, whole.value[[row]])
            assert alone.flat[:, 0] == pytest.approx(whole.flat[:, row], rel=1e-12, abs=1e-12)
            one = along(rows_of(found), alone.numbers[:, 0], alone.flat[:, 0])
            assert one[0] == pytest.approx(raw[:, row], abs=1e-11)
            assert one[1] == pytest.approx(covaried[:, row], abs=1e-11)


def seen_late():
    """A hidden state that three tests tell of: divided by what tests say."""
    chances = [
        da.Chance("state", ["good", "bad"], table=[0.3, 0.7]),
        *(
            da.Chance(
                f"test_{i}", ["yes", "no"], ["state"], [[0.9, 0.1], [0.2 + i / 10, 0.8 - i / 10]]
            )
            for i in range(3)
        ),
    ]
    decisions = [
        da.Decision("first", ["a", "b"], observes=["test_0"]),
        da.Decision("then", ["a", "b", "c"], observes=["test_1", "test_2"]),
    ]
    values = [
        da.Value("early", ["state", "first"], table=[[9.0, 2.0], [-4.0, 1.0]]),
        da.Value("late", ["state", "then"], table=[[7.0, 0.0, 3.0], [-5.0, 1.0, -1.0]]),
    ]
    return da.InfluenceDiagram(decisions=decisions, chances=chances, values=values)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_what_never_happens_is_followed_by_its_policy(engine):
    """Where a test never says yes, what it would lead to is divided by 0."""
    model = seen_late().changed("P(test_0=yes | state=good) = 0", "P(test_0=yes | state=bad) = 0")
    with using(engine):
        assert any(step.kind == "ratio" for step in plan(model.structure).steps)
        assert_raw(model)
        assert_along(model)


def sides_of(model, text, step=1e-6):
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
        below, above = sides_of(model, row.name)
        assert below == pytest.approx(above, abs=1e-3), "a kink"
        assert found[row.name] == pytest.approx(above, abs=2e-4 * max(1.0, abs(above)))
        looked_at += 1
    assert looked_at >= 10


def test_oil_by_hand():
    """Test, and drill unless diffuse: 0.5·(−70·0.4) + 0.3·(50·0.7) + 0.2·(200·0.9) − 10."""
    found = derivatives(oil())
    assert found.value == pytest.approx(22.5)
    whole = 0.5 * -38 + 0.3 * 25 + 0.2 * 170
    assert found.raw["oil"] == pytest.approx([-38 - whole, 25 - whole, 170 - whole])
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


@pytest.mark.parametrize("mutant", ["factor", "sum", "quotient", "shares", "empty"])
def test_mutants_are_caught(monkeypatch, mutant):
    never = seen_late().changed("P(test_0=yes | state=good) = 0", "P(test_0=yes | state=bad) = 0")
    if mutant == "factor":  # the other factors of a product forgotten
        share = reverse._share

        def forgotten(step, place, inputs, slope):
            inputs = [np.ones_like(table) for table in inputs] if step.kind == "product" else inputs
            return share(step, place, inputs, slope)

        monkeypatch.setattr(reverse, "_share", forgotten)
    elif mutant == "sum":  # one of the axes not summed over but picked
        real = reverse._gathered

        def first(gather, part):
            if gather.summed:
                index = [slice(None)] * part.ndim
                index[gather.summed[0]] = slice(0, 1)
                part = part[tuple(index)]
            return real(gather, part)

        monkeypatch.setattr(reverse, "_gathered", first)
    elif mutant == "quotient":  # what is divided by taken for constant
        monkeypatch.setitem(reverse.MOVES, "ratio", 1)
        reverse._returns.cache_clear()
    elif mutant == "shares":  # the rest of a row in equal parts
        real_along = room.along
        monkeypatch.setattr(
            room, "along", lambda rows, p, flat: real_along(rows, np.full_like(p, 1 / 3), flat)
        )
    else:  # nobody looks whether something was divided by 0
        nothing = {"empty": False, "near": np.zeros(1, bool)}
        monkeypatch.setattr(room, "slopes", lambda *args: replace(slopes(*args), **nothing))
    with using("numpy"), pytest.raises(AssertionError):
        assert_both((oil(), stages(3), seen_late(), never))
    reverse._returns.cache_clear()


def assert_both(of):
    for model in of:
        assert_raw(model)
        assert_along(model)
