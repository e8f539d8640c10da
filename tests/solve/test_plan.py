"""The plan: its cost is known before it is paid, and structure that is no use is left out."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Decision, Value
from decision.model.problems import ModelError
from decision.solve.inputs import arrays_for
from decision.solve.plan import plan
from decision.solve.run import run
from decision.solve.solution import solve
from tests.models import oil, stages


def blind(number: int, states: int = 4) -> InfluenceDiagram:
    """A decision that looks at many chance nodes, all of which matter to its value."""
    names = [f"s{i}" for i in range(states)]
    row = np.full(states, 1 / states)
    seen = [f"c{i}" for i in range(number)]
    values = [
        Value(f"v{i}", ["act", f"c{i}"], np.arange(2.0 * states).reshape(2, states))
        for i in range(number)
    ]
    return InfluenceDiagram(
        decisions=[Decision("act", ["a", "b"], seen)],
        chances=[Chance(name, names, (), row) for name in seen],
        values=values,
    )


def test_too_large_is_refused_before_anything_is_allocated():
    model = blind(30)
    tracemalloc.start()
    with pytest.raises(ModelError) as error:
        solve(model)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20e6
    (problem,) = error.value.problems
    assert str(problem).startswith("model.toml:1: solving needs ")
    assert "one table goes over act, c29, c28" in problem.what
    assert "23 more" in problem.what


def test_the_limit_is_the_callers():
    model = oil()
    needed = plan(model.structure).cost.bytes
    assert solve(model, limit=100 * needed).expected_value == pytest.approx(22.5)
    with pytest.raises(ModelError, match="solving needs"):
        solve(model, limit=needed - 1)


@pytest.mark.parametrize("make", [lambda: blind(7), lambda: stages(4, states=60, options=8)])
def test_bytes_are_as_stated(make):
    model = make()
    for changed in (model, model.rebuilt(risk=30.0)):
        found = plan(changed.structure)
        arrays = arrays_for(found, changed)
        run(found, arrays)
        tracemalloc.start()
        tables = run(found, arrays)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert tables[found.value] is not None
        assert peak <= found.cost.bytes + 300_000  # numpy's own buffers


def test_a_plan_prints_as_a_table():
    lines = str(plan(oil().structure)).splitlines()
    assert lines[0].split() == [
        "step",
        "operation",
        "from",
        "axes",
        "summed",
        "operations",
        "bytes",
    ]
    assert lines[-1].startswith(f"{len(lines) - 2} steps, ")
    assert lines[-1].endswith("the largest table has 48 cells over oil, drill, seismic, test")


def test_same_structure_same_plan():
    first, second = plan(oil().structure), plan(oil().rebuilt(title="again").structure)
    assert first is second
    plan.cache_clear()
    assert str(plan(oil().structure)) == str(first)


def test_barren_and_irrelevant_nodes_are_left_out():
    model = oil()
    extra = [
        Chance("core", ["a", "b"], ["oil", "drill"], np.full((3, 2, 2), 0.5)),
        Chance("weather", ["a", "b"], (), [0.5, 0.5]),
    ]
    other = model.rebuilt(
        decisions=tuple(
            Decision(d.name, d.options, (*d.observes, "weather")) for d in model.decisions
        ),
        chances=(*model.chances, *extra),
    )
    found = plan(other.structure)
    used = {n for step in found.steps for n in (*step.scope, *step.summed)}
    assert not used & {"core", "weather"}
    assert found.cost.operations == plan(model.structure).cost.operations


def test_no_history_is_carried_that_is_not_requisite():
    costs = [plan(stages(n).structure).cost for n in (10, 20, 40)]
    assert costs[0].largest == costs[2].largest
    assert costs[2].bytes <= 4 * costs[0].bytes
    assert costs[2].operations - costs[1].operations == 2 * (
        costs[1].operations - costs[0].operations
    )


def test_values_stay_factored():
    """Twenty amounts over one variable each never meet in one table."""
    names = [f"c{i}" for i in range(20)]
    model = InfluenceDiagram(
        decisions=[Decision("act", ["a", "b"])],
        chances=[Chance(n, ["x", "y"], ["act"], [[0.5, 0.5], [0.25, 0.75]]) for n in names],
        values=[Value(f"v{n}", [n], [0, 1]) for n in names],
    )
    assert plan(model.structure).cost.largest == 4
    assert solve(model).expected_value == pytest.approx(15.0)


def test_a_decision_that_is_set_keeps_values_factored():
    model = blind(30)
    found = solve(model, given={"act": "b"})
    assert found.expected_value == pytest.approx(30 * 5.5)
    assert [option for option, _ in solve(blind(4)).branches()] == ["a", "b"]


def test_fifty_stages():
    model = stages(50)
    solution = solve(model)
    value = np.zeros(3)
    for t in reversed(range(50)):  # backward induction, by hand
        amounts = model.nodes[f"v{t}"].table
        if t < 49:
            amounts = amounts + model.nodes[f"x{t + 1}"].table @ value
        value = amounts.max(axis=1)
    assert solution.expected_value == pytest.approx(float(model.nodes["x0"].table @ value))
    assert all(set(r.given) == {f"x{n[1:]}"} for n, r in solution.policy.items())
