"""Boxes by peeling: the EMA workbench's figures, planted boxes, and what holds for any."""

from __future__ import annotations

from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.analysis import boxes, peeling
from decision.analysis.boxes import judged, quasi_p
from decision.analysis.peeling import peel
from tests.models import seeded

FIRST = (0.4274528917193834, 0.6037365484106374)
WAY = [0.20833333, 0.30379747, 0.44015444, 0.65680473, 0.99082569]
SECOND = (0, 2, 3, 4, 5)
QUASI = [0.012339, 0.261186, 0.39673, 0.42468, 0.463517]


def golden(cases: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Return six inputs that fill the cube evenly, and cases of interest in two corners of it."""
    steps = np.sqrt([2, 3, 5, 7, 11, 13])
    inputs = (np.arange(1, cases + 1) * steps[:, None]) % 1
    a, b, c, d, *_ = inputs
    return inputs, ((a < 0.45) & (b > 0.6)) | ((c > 0.9) & (d < 0.3))


class TestAsTheWorkbench:
    """What ema_workbench 2.5.3's Prim gives for the same cases, printed once."""

    def test_the_first_box(self):
        inputs, interest = golden()
        found = peel(inputs, interest)
        last = found[-1]
        assert len(found) == 34
        assert last.restricted == (0, 1)
        assert (last.coverage, last.density, last.mass) == pytest.approx((0.824, 1.0, 103 / 600))
        assert last.high[0] == pytest.approx(FIRST[0], abs=1e-12)
        assert last.low[1] == pytest.approx(FIRST[1], abs=1e-12)

    def test_the_way_to_the_first_box(self):
        found = peel(*golden())
        assert [box.density for box in found[::8]] == pytest.approx(WAY, abs=1e-6)

    def test_the_second_box(self):
        inputs, interest = golden()
        there = ~peel(inputs, interest)[-1].holds(inputs)
        found = peel(inputs, interest, there=there)
        last = found[-1]
        assert len(found) == 20
        assert (last.coverage, last.density) == pytest.approx((0.16, 1 / 9))
        assert last.restricted == SECOND
        tests = quasi_p(last, inputs, interest, there)
        assert np.sort(tests[~np.isnan(tests)]) == pytest.approx(QUASI, abs=1e-5)

    def test_its_quantiles(self):
        """The cases of the workbench's own tests: a limit lies between two that differ."""
        ten = np.arange(10.0)
        uneven = np.array([1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9.0])
        for share, of_ten, of_uneven in [
            (0.9, 8.5, 8.5),
            (0.95, 8.5, 8.5),
            (0.1, 0.5, 1.5),
            (0.05, 0.5, 1.5),
        ]:
            assert peeling._quantiles(ten[None], share) == of_ten
            assert peeling._quantiles(uneven[None], share) == of_uneven
            assert peeling._quantiles(np.ones((1, 1)), share) == 1


class TestMeaning:
    def test_a_planted_box_is_found(self):
        rng = np.random.default_rng(5)
        inputs = rng.random((20, 4000))
        interest = (inputs[3] > 0.7) & (inputs[11] < 0.4)
        last = peel(inputs, interest)[-1]
        assert last.restricted == (3, 11)
        assert last.low[3] == pytest.approx(0.7, abs=0.03)
        assert last.high[11] == pytest.approx(0.4, abs=0.03)
        assert last.density > 0.99

    def test_an_input_that_never_moves_has_no_limit(self):
        inputs = np.stack([np.linspace(0, 1, 200), np.full(200, 3.0)])
        assert peel(inputs, inputs[0] > 0.5)[-1].restricted == (0,)

    def test_no_case_of_interest_leaves_the_whole(self):
        inputs = np.random.default_rng(1).random((3, 50))
        assert len(peel(inputs, np.zeros(50, dtype=bool))) == 1
        assert len(peel(inputs, np.ones(50, dtype=bool))) == 1
        assert len(peel(inputs[:0], inputs[0] > 0.5)) == 1

    def test_quasi_p_is_the_binomial_test(self):
        inputs = np.linspace(0, 1, 41)[None]
        interest = inputs[0] > 0.6
        box = peel(inputs, interest)[-1]
        p = interest.mean()
        exact = sum(
            comb(box.cases, k) * p**k * (1 - p) ** (box.cases - k)
            for k in range(box.hits, box.cases + 1)
        )
        assert quasi_p(box, inputs, interest)[0, 0] == pytest.approx(exact, rel=1e-9)

    @pytest.mark.parametrize(("hits", "p", "said"), [(0, 0.5, 1.0), (3, 1.0, 1.0), (3, 0.0, 0.0)])
    def test_quasi_p_at_its_ends(self, hits, p, said):
        assert boxes._as_many(hits, 5, p) == said


@st.composite
def clouds(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inputs = rng.random((draw(st.integers(1, 5)), draw(st.integers(1, 120))))
    if draw(st.booleans()):  # cases that are equal
        inputs = np.round(inputs * draw(st.integers(1, 12)))
    return inputs, rng.random(inputs.shape[1]) < draw(st.sampled_from([0.1, 0.5, 0.9]))


class TestLaws:
    @seeded(300)
    @given(clouds(), st.sampled_from([0.02, 0.05, 0.1, 0.3]))
    def test_of_any_trajectory(self, cloud, alpha):
        inputs, interest = cloud
        found = peel(inputs, interest, alpha=alpha)
        density = [box.density for box in found]
        assert density == sorted(density)
        for box in found:
            inside = box.holds(inputs)
            assert box.cases == inside.sum()
            assert box.hits == interest[inside].sum()
            assert box.mass >= 0.05 or box is found[0]
            assert box.coverage * interest.sum() == pytest.approx(box.density * box.cases)
            again = judged(box, inputs, interest)
            assert (again.cases, again.hits) == (box.cases, box.hits)

    @seeded(200)
    @given(clouds())
    def test_each_peel_is_the_best_of_all_by_brute_force(self, cloud):
        inputs, interest = cloud
        found = peel(inputs, interest)
        for box, smaller in pairwise(found):
            if smaller.cases >= box.cases:
                break  # pasting has begun
            assert gain(box, smaller) == pytest.approx(best_gain(box, inputs, interest), rel=1e-9)

    @seeded(100)
    @given(clouds())
    def test_any_rising_scale_gives_as_good_a_box(self, cloud):
        """A limit lies half way between two cases, so that no case changes sides."""
        inputs, interest = cloud
        plain, moved = peel(inputs, interest), peel(np.exp(3 * inputs / 12), interest)
        assert [box.hits for box in plain] == [box.hits for box in moved]


def gain(box, smaller):
    return (smaller.density - box.density) / (box.cases - smaller.cases)


def best_gain(box, inputs, interest):
    """Try both ends of every input, one case at a time."""
    inside = box.holds(inputs)
    found = []
    for values in inputs[:, inside]:
        for sign in (1, -1):
            limit = sign_quantile(sign * values, 0.05)
            kept = interest[inside][sign * values >= limit]
            if 0 < len(kept) < len(values):
                found.append((kept.mean() - box.density) / (len(values) - len(kept)))
    return max(found)


def sign_quantile(values, share):
    ordered = np.sort(values)
    at = ordered[int((len(ordered) - 1) * share)]
    later = ordered[ordered > at]
    upper = int(np.ceil((len(ordered) - 1) * share))
    other = ordered[upper] if ordered[upper] > at else (later[0] if len(later) else at)
    return (at + other) / 2


class TestMutants:
    def test_an_interpolated_quantile_would_be_noticed(self, monkeypatch):
        def tail(values, share):
            return np.quantile(values, share, axis=1)

        monkeypatch.setattr(peeling, "_quantiles", tail)
        with pytest.raises(AssertionError):
            TestAsTheWorkbench().test_its_quantiles()
