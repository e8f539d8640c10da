"""A plan run again gives the bits of a plan run afresh, whatever changed in between."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.solve import inputs, run, workspace
from decision.solve.engine import using
from decision.solve.enumeration import enumerate_solve
from decision.solve.inputs import arrays_for
from decision.solve.plan import plan
from decision.solve.solution import solve
from tests.models import models, oil, seeded, stages


def edited(model, rng):
    """Return a model with one table replaced, as a change leaves it."""
    nodes = [*model.chances, *model.values]
    node = nodes[int(rng.integers(len(nodes)))]
    if node.kind == "chance":
        table = rng.dirichlet(np.ones(len(node.states)), size=node.table.shape[:-1])
        table = np.where(node.table > 0, table + 1e-3, 0)
        table = table / table.sum(axis=-1, keepdims=True)
    else:
        table = node.table + rng.integers(-2, 3, size=node.table.shape)
    table.setflags(write=False)
    if node.kind == "value" and rng.random() < 0.3:
        weighted = replace(node, weight=node.weight + 0.5)
        return model.with_numbers({}, {node.name: weighted})
    return model.with_numbers({node.name: table})


def assert_as_afresh(model, found):
    arrays = arrays_for(found, model)
    again = run.run(found, arrays)
    afresh = run._run(found, {key: array.copy() for key, array in arrays.items()})
    for number in found.outputs:
        assert np.array_equal(again[number], afresh[number])
        assert again[number].shape == afresh[number].shape
    plain = {key: inputs._array(found, model, key, {}) for key, _ in found.inputs}
    assert all(np.array_equal(arrays[key], plain[key]) for key in arrays)


@seeded(60)
@given(models(cells=3000), st.integers(0, 2**32 - 1), st.sampled_from(["numpy", "numba"]))
def test_changes_one_after_another(model, seed, engine):
    with using(engine):
        changes_one_after_another(model, seed)


def changes_one_after_another(model, seed):
    rng = np.random.default_rng(seed)
    found = plan(model.structure)
    earlier = [model]
    for _ in range(6):
        assert_as_afresh(model, found)
        model = edited(model, rng)
        earlier.append(model)
        if rng.random() < 0.3:
            model = earlier[int(rng.integers(len(earlier)))]


def test_only_what_follows_from_a_change_is_run():
    model = stages(8)
    found = plan(model.structure)
    space = workspace.Workspace(found)
    ran = []

    def counted(i, call):
        return lambda: (ran.append(i), call())

    space.calls = [counted(i, call) for i, call in enumerate(space.calls)]
    space.run(arrays_for(found, model))
    assert len(ran) == len(found.steps)
    ran.clear()
    space.run(arrays_for(found, model))
    assert not ran
    changed = model.changed("P(x0=s0) = 0.5")
    space.run(arrays_for(found, changed))
    assert 0 < len(ran) <= 3


def test_answers_given_earlier_stay():
    model = oil()
    first = [solve(model) for _ in range(3)][-1]
    rule, value = first.policy["drill"].choices.copy(), first.expected_value
    kept = first.worths["drill"].worths[1].copy()
    solve(model.changed("V(payoff | drill=yes) -= 500"))
    assert first.expected_value == value
    assert np.array_equal(first.policy["drill"].choices, rule)
    assert np.array_equal(first.worths["drill"].worths[1], kept)


def test_a_solution_is_pickled_whole():
    first = solve(oil())
    again = pickle.loads(pickle.dumps(first))
    assert dict(again.policy) == dict(first.policy)
    assert again.strategy.equals(first.strategy)


def test_a_failed_run_leaves_no_workspace_behind(monkeypatch):
    model = oil().changed("P(oil=dry) = 0.41")
    expected = solve(model).expected_value
    solve(oil())
    with monkeypatch.context() as patch:
        patch.setattr(workspace.Kept, "__init__", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            solve(model)
    assert solve(model).expected_value == expected


def test_threads_have_their_own():
    model = stages(12)
    texts = [f"P(x{i % 12}=s0) = {0.1 + 0.001 * i}" for i in range(96)]
    changed = [model.changed(text) for text in texts]
    alone = [solve(m).expected_value for m in changed]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda m: solve(m).expected_value, changed)) == alone


CHANGES = ("P(oil=dry) = 0.4", "V(test_cost | test=yes) = -2", "weight(payoff) = 0.5")


def sequence(answer=lambda model: solve(model).expected_value):
    """Solve a model, change it, and solve."""
    model = oil()
    changed = [model, model, model, *(model.changed(text) for text in CHANGES)]
    return [answer(m) for m in changed]


def test_a_sequence_of_changes():
    brute = sequence(lambda model: enumerate_solve(model).expected_value)
    assert sequence() == pytest.approx(brute, abs=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("mutant", ["input", "source", "step"])
def test_mutants_are_caught(monkeypatch, mutant, engine):
    with using(engine):
        _caught(monkeypatch, mutant)


def _caught(monkeypatch, mutant):
    truth = sequence()
    if mutant == "input":  # an input is not read again
        real = workspace.Workspace.run

        def stale(self, arrays):
            arrays = {
                key: array if self.given[i] is None else self.given[i]
                for i, (key, array) in enumerate(arrays.items())
            }
            return real(self, arrays)

        monkeypatch.setattr(workspace.Workspace, "run", stale)
    elif mutant == "source":  # what was made of a node is taken for what is made of another
        real_stale = inputs._Fed.stale
        monkeypatch.setattr(
            inputs._Fed,
            "stale",
            lambda self, model, last: [] if last else real_stale(self, model, last),
        )
    else:  # the first of the steps that follow is not run
        real_sequence = workspace.Workspace._sequence

        def short(self, changed):
            steps = real_sequence(self, changed)
            return steps if changed >> len(self.keys) else steps[1:]

        monkeypatch.setattr(workspace.Workspace, "_sequence", short)
    run.pool_of.cache_clear()
    inputs._fed.cache_clear()
    try:
        assert sequence() != pytest.approx(truth)
    finally:
        run.pool_of.cache_clear()
        inputs._fed.cache_clear()
