"""A batch of k rows has the bits of k single runs, whatever batch a row stands in."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.solve import code
from decision.solve.engine import using
from decision.solve.inputs import arrays_for, set_options
from decision.solve.kernels import _product, _product_of_logarithms
from decision.solve.plan import plan
from decision.solve.run import run, trimmed
from tests.models import models, oil, seeded, stages

module = sys.modules["decision.solve.run"]


def drawn(model, found, rows, rng, extra=None):
    """Return a plan's inputs with a batch of perturbed tables, some left without a batch."""
    arrays = arrays_for(found, model, extra)
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


ENGINES = st.sampled_from(["numpy", "numba"])


@seeded(80)
@given(models(cells=3000), st.integers(2, 9), st.integers(0, 2**32 - 1), ENGINES)
def test_batch_is_its_rows(model, rows, seed, engine):
    found = plan(model.structure)
    arrays = drawn(model, found, rows, np.random.default_rng(seed))
    with using(engine):
        assert_same_bits(found, arrays, rows)


def assert_engines_agree(found, arrays):
    with using("numpy"):
        one = run(found, arrays)
    with using("numba"):
        other = run(found, arrays)
    for number in found.outputs:
        shape = np.broadcast_shapes(one[number].shape, other[number].shape)
        assert one[number].dtype == other[number].dtype
        assert np.array_equal(*(np.broadcast_to(t[number], shape) for t in (one, other)))


@seeded(120)
@given(models(cells=3000), st.integers(1, 80), st.integers(0, 2**32 - 1), st.booleans())
def test_engines_give_the_same_bits(model, rows, seed, situations):
    found = plan(model.structure, situations=situations)
    assert_engines_agree(found, drawn(model, found, rows, np.random.default_rng(seed)))


@seeded(80)
@given(models(cells=3000, guards=True), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_engines_close_the_same_options(model, rows, seed):
    first = model.decisions[0].name
    for forced in (frozenset(), frozenset([first])):
        found = plan(model.structure, forced)
        extra = set_options(model, [{first: model.states(first)[0]}]) if forced else {}
        arrays = drawn(model, found, rows, np.random.default_rng(seed), extra)
        assert_engines_agree(found, arrays)


def test_a_long_batch_goes_in_pieces(monkeypatch):
    model = stages(6, states=9)
    found = plan(model.structure)
    arrays = drawn(model, found, 67, np.random.default_rng(1))
    whole = run(found, arrays)
    for engine in ("numpy", "numba"):
        for piece in (1, 7, 66, 67):
            monkeypatch.setattr(module, "CACHE", piece * found.cost.bytes)
            monkeypatch.setattr(module, "FEWEST", piece)
            monkeypatch.setattr(module, "NEAREST", 0)
            with using(engine):
                cut = run(found, arrays)
            for number in found.outputs:
                shape = np.broadcast_shapes(cut[number].shape, whole[number].shape)
                assert np.array_equal(*(np.broadcast_to(t[number], shape) for t in (cut, whole))), (
                    engine,
                    piece,
                    number,
                )


def test_a_trimmed_plan_keeps_what_is_asked_for():
    model = stages(6, states=9)
    found = plan(model.structure)
    arrays = drawn(model, found, 5, np.random.default_rng(1))
    short = trimmed(found, (found.value,))
    assert len(short.steps) < len(found.steps)
    for engine in ("numpy", "numba"):
        with using(engine):
            value, whole = run(short, arrays)[found.value], run(found, arrays)[found.value]
            assert np.array_equal(value, whole)
            one = {key: array[..., :1] for key, array in arrays.items()}
            for _ in range(2):  # the second time in a workspace
                assert np.array_equal(run(short, one)[found.value][..., 0], whole[..., 0])


@pytest.mark.parametrize("mutant", ["fused", "axis", "stretch"])
def test_mutants_of_the_code_are_caught(monkeypatch, mutant):
    """A code that reads another cell, or uses a stretch that is still needed."""
    model = stages(6, states=3)
    found = plan(model.structure)
    arrays = drawn(model, found, 5, np.random.default_rng(1))
    assert_engines_agree(found, arrays)
    if mutant == "fused":  # options of the best are taken in another order
        real = code._lowered

        def swapped(step, scopes):
            for kind, inputs, output, scope, summed in real(step, scopes):
                kind = {"best": "near", "near": "best"}.get(kind, kind)
                yield kind, inputs, output, scope, summed

        monkeypatch.setattr(code, "_lowered", swapped)
    elif mutant == "axis":
        operands = code._operands
        monkeypatch.setattr(code, "_operands", lambda *args: operands(*args)[::-1])
    else:
        placed = code._placed

        def early(steps, cells, kept, first):
            seen = [(kind, inputs[:1], *rest) for kind, inputs, *rest in steps]
            return placed(seen, cells, kept, first)

        monkeypatch.setattr(code, "_placed", early)
    code.encoded.cache_clear()
    try:
        with pytest.raises((AssertionError, IndexError)):
            assert_engines_agree(found, arrays)
    finally:
        code.encoded.cache_clear()


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
