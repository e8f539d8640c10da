"""A batch of k rows has the bits of k single runs, whatever batch a row stands in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.solve.inputs import arrays_for, set_options
from decision.solve.plan import plan
from decision.solve.run import _product, _product_of_logarithms, run
from tests.models import models, oil, seeded, stages


def drawn(model, found, rows, rng):
    """Return a plan's inputs with a batch of perturbed tables, some left without a batch."""
    arrays = arrays_for(found, model)
    for (kind, name), array in arrays.items():
        if kind not in ("chance", "value") or rng.random() < 0.2:
            continue
        wide = np.repeat(array, rows, axis=-1)
        if kind == "value":
            arrays[kind, name] = wide * rng.uniform(0.5, 1.5, size=wide.shape)
            continue
        table = np.exp(wide) if found.logarithmic else wide
        table = table * rng.uniform(0.5, 1.5, size=wide.shape)
        table = table / table.sum(axis=-2, keepdims=True)
        with np.errstate(divide="ignore"):
            arrays[kind, name] = np.log(table) if found.logarithmic else table
    return arrays


def taken(arrays, rows):
    """Return some rows of a batch, as copies that stand in memory on their own."""
    return {
        key: (array if array.shape[-1] == 1 else array[..., rows].copy())
        for key, array in arrays.items()
    }


def assert_same_bits(found, arrays, rows):
    together = run(found, arrays)
    parts = [[b] for b in range(rows)] + [[0, rows - 1], list(range(rows - 1, -1, -1))]
    for part in parts:
        alone = run(found, taken(arrays, part))
        for number in found.outputs:
            wide = together[number]
            expected = wide if wide.shape[-1] == 1 else wide[..., part]
            if alone[number].shape != expected.shape:
                expected = np.broadcast_to(expected, alone[number].shape)
            assert np.array_equal(alone[number], expected), (number, part)


@seeded(60)
@given(models(cells=3000), st.integers(2, 9), st.integers(0, 2**32 - 1))
def test_batch_is_its_rows(model, rows, seed):
    found = plan(model.structure)
    arrays = drawn(model, found, rows, np.random.default_rng(seed))
    assert_same_bits(found, arrays, rows)


@pytest.mark.parametrize("make", [oil, lambda: stages(6, states=9)])
def test_batch_of_many(make):
    model = make()
    for changed in (model, model.rebuilt(risk=20.0)):
        found = plan(changed.structure)
        arrays = drawn(changed, found, 67, np.random.default_rng(1))
        assert_same_bits(found, arrays, 67)


@pytest.mark.parametrize("terms", [1, 2, 3, 7, 8, 9, 20, 200])
@pytest.mark.parametrize("kept", [1, 2, 3])
def test_sums_add_one_term_after_another(terms, kept):
    rng = np.random.default_rng(terms)
    wide = rng.normal(size=(terms, kept, 5)) * 10.0 ** rng.integers(-9, 9, size=(terms, kept, 5))
    for rows in (1, 2, 5):
        table = wide[..., :rows].copy()
        plain = table[0].copy()
        for term in table[1:]:
            plain = plain + term
        assert np.array_equal(_product([table], ((kept,), terms)), plain)
        logs = _product_of_logarithms([np.log(abs(table))], ((kept,), terms))
        alone = np.concatenate(
            [
                _product_of_logarithms([np.log(abs(table[..., [b]]))], ((kept,), terms))
                for b in range(rows)
            ],
            axis=-1,
        )
        assert np.array_equal(logs, alone)


def test_branches_are_rows_of_one_batch():
    model = oil()
    found = plan(model.structure, frozenset(["drill"]))
    rows = [{"drill": "yes"}, {"drill": "no"}]
    both = run(found, arrays_for(found, model, set_options(model, rows)))[found.value]
    for b, row in enumerate(rows):
        one = run(found, arrays_for(found, model, set_options(model, [row])))[found.value]
        assert one[0] == both[b]
