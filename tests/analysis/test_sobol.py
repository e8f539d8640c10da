"""Sobol indices: analytic ones, SALib's own points, and what holds for any model."""

from __future__ import annotations

import sys
from dataclasses import replace
from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision import Chance, Decision, InfluenceDiagram, ModelError, Value, read_model, sobol
from decision.analysis import sobol as module
from decision.analysis.ranges import QUANTILE, RangeSampler
from decision.model.records import Input
from tests.analysis.ranged import ranged
from tests.models import seeded


def amount(name: str, number: float, below: float, above: float) -> tuple[Value, Input]:
    """Return a value that only `act=yes` has, with its spreads."""
    ends = number - below * QUANTILE, number + above * QUANTILE
    row = Input(name, (("act", ("yes",)),), None, number, repr(number), *ends)
    return Value(name, ["act"], table=[number, 0]), row


def additive(*parts: tuple[float, float, float], weights=None) -> InfluenceDiagram:
    """Acting is worth the sum of some amounts (number, spread below, spread above)."""
    made = [amount(f"v{i}", *part) for i, part in enumerate(parts)]
    values = [value for value, _ in made]
    for i, (weight, spread) in (weights or {}).items():
        values[i] = replace(
            values[i],
            weight=weight,
            weight_low=weight - spread * QUANTILE,
            weight_high=weight + spread * QUANTILE,
        )
    model = InfluenceDiagram(decisions=[Decision("act", ["yes", "no"])], chances=[], values=values)
    return model.rebuilt(rows={row.node: (row,) for _, row in made})


def close(found, first, total=None):
    """Within four standard errors, and near at that."""
    for name, share in first.items():
        row = found.loc[name]
        assert row["first"] == pytest.approx(share, abs=max(4 * row["first_error"], 0.01))
        assert row["total"] == pytest.approx((total or first)[name], abs=0.03)


class TestAnalytic:
    def test_a_sum_of_normals(self):
        """Var of a sum is the sum of variances: shares 1 : 4 : 9 : 0."""
        model = additive((100, 1, 1), (50, 2, 2), (0, 3, 3), (10, 0, 0))
        found = sobol(model, samples=2048, seed=1)
        close(found, {"v0": 1 / 14, "v1": 4 / 14, "v2": 9 / 14, "v3": 0.0})
        assert found.index.tolist() == ["v2", "v1", "v0", "v3"]

    def test_a_split_normal_has_the_variance_of_its_two_halves(self):
        """(1 − 2/π)(above − below)² + above·below (John 1982)."""
        model = additive((100, 1, 5), (50, 2, 2))
        split = (1 - 2 / pi) * 16 + 5
        found = sobol(model, samples=4096, seed=2)
        close(found, {"v0": split / (split + 4), "v1": 4 / (split + 4)})

    def test_a_product_interacts(self):
        """Weight × amount: Var = m²s² + w²d² + s²d², the last of both together."""
        model = additive((3, 1, 1), weights={0: (20, 5)})
        only_weight, only_amount, both = (3 * 5) ** 2, (20 * 1) ** 2, 5**2
        whole = only_weight + only_amount + both
        found = sobol(model, samples=4096, seed=1)
        close(
            found,
            {"weight(v0)": only_weight / whole, "v0": only_amount / whole},
            {"weight(v0)": (only_weight + both) / whole, "v0": (only_amount + both) / whole},
        )

    def test_a_probability_moves_in_log_odds(self):
        """One probability alone is all of the variance, though the difference is not linear."""
        row = Input("coin", (), "up", 0.5, "0.5", 0.2, 0.9)
        model = InfluenceDiagram(
            decisions=[Decision("act", ["yes", "no"])],
            chances=[Chance("coin", ["up", "down"], table=[0.5, 0.5])],
            values=[Value("gain", ["act", "coin"], table=[[1, -1], [0, 0]])],
        ).rebuilt(rows={"coin": (row,)})
        for draw in ("independent", "linked"):
            found = sobol(model, samples=512, seed=1, draw=draw)
            assert found.loc["coin", ["first", "total"]].tolist() == pytest.approx([1, 1], abs=0.02)

    def test_the_total_of_a_branch_and_any_difference(self):
        model = additive((100, 1, 1), (50, 2, 2))
        close(sobol(model, "yes", samples=1024, seed=1), {"v0": 0.2, "v1": 0.8})
        close(sobol(model, "no", "yes", samples=1024, seed=1), {"v0": 0.2, "v1": 0.8})
        assert sobol(model, "no", samples=64, seed=1).isna().all(axis=None)


class TestGroups:
    def test_numbers_of_a_node_are_one_unless_each_is_asked_for(self):
        model = read_model("data/examples/oil_wildcatter")
        assert set(sobol(model, samples=16, seed=1).index) == {
            "oil",
            "seismic",
            "payoff",
            "test_cost",
        }
        alone = sobol(model, samples=16, seed=1, each=True)
        assert "P(oil=dry)" in alone.index
        assert len(alone) == sum(row.low is not None for row in model.inputs)

    def test_a_group_has_the_variance_of_its_members(self):
        rows = (
            amount("v0", 10, 2, 2)[1],
            Input("v0", (("act", ("no",)),), None, 0.0, "0", -QUANTILE, QUANTILE),
        )
        model = additive((10, 2, 2), (5, 2, 2))
        model = model.rebuilt(rows={**model.rows, "v0": rows})
        close(sobol(model, samples=2048, seed=1), {"v0": 5 / 9, "v1": 4 / 9})

    def test_what_is_not_asked_for_stays_at_base(self):
        model = additive((100, 1, 1), (50, 2, 2), (0, 3, 3))
        asked = [row.name for row in model.inputs if row.node != "v2"]
        found = sobol(model, samples=1024, seed=1, inputs=asked)
        close(found, {"v0": 0.2, "v1": 0.8})

    def test_linked_rows_cancel_where_both_branches_have_them(self):
        """Whether the president keeps his tone: two rows apart tell, moved together they don't."""
        model = read_model("data/korea_2018")
        apart, linked = (
            sobol(model, samples=128, seed=1, draw=draw) for draw in ("independent", "linked")
        )
        assert apart.loc["tone", "total"] > 0.2
        assert linked.loc["tone", "total"] < 0.02


class TestPoints:
    @pytest.mark.parametrize("groups", [["a", "b", "c"], ["a", "b", "a"]])
    def test_they_are_those_of_salib(self, groups):
        """SALib's sample in its order, as standard normals; however they are cut in chunks."""
        from SALib.sample.sobol import sample
        from scipy.special import ndtri

        names = list(dict.fromkeys(groups))
        asked = {"num_vars": 3, "names": ["x", "y", "z"], "bounds": [[0, 1]] * 3, "groups": groups}
        theirs = ndtri(sample(asked, 32, calc_second_order=False, seed=np.random.default_rng(7)))
        for rows in (5, 17, 10_000):
            parts = list(module._points(32, [0, 1, 2], groups, names, 3, 7, rows))
            assert pytest.approx(theirs) == np.concatenate(parts, axis=1).T

    def test_the_same_seed_gives_the_same(self):
        model = additive((100, 1, 1), (50, 2, 2))
        one, again, other = (sobol(model, samples=64, seed=seed) for seed in (0, 0, 1))
        assert one.equals(again)
        assert not one.equals(other)

    def test_progress(self):
        told = []
        model = additive((100, 1, 1), (50, 2, 2))
        sobol(model, samples=64, seed=0, progress=lambda done, of: told.append((done, of)))
        assert told[-1] == (256, 256)


class TestLaws:
    @seeded(60)
    @given(ranged(guards=False), st.sampled_from(["independent", "linked"]))
    def test_of_any_model(self, model, draw):
        """Within what so few points can tell: none below 0, first orders sum to at most 1."""
        if not RangeSampler(model, draw == "linked").names:
            return
        found = sobol(model, samples=256, seed=1, draw=draw)
        if found.isna().any(axis=None):
            return
        wide = 5 * found[["first_error", "total_error"]].max(axis=1) + 0.05
        assert (found["first"] >= -wide).all()
        assert (found["total"] >= 0).all()
        assert (found["total"] >= found["first"] - wide).all()
        assert found["first"].sum() <= 1 + sqrt((wide**2).sum())
        assert found["total"].sum() >= 1 - sqrt((wide**2).sum())


class TestAsked:
    @pytest.mark.parametrize(
        ("how", "said"),
        [
            ({"samples": 100}, "give a power of 2"),
            ({"seed": -1}, "seed is -1"),
            ({"draw": "linkt"}, "did you mean 'linked'?"),
            ({"option": "yess"}, "act has no option 'yess'; did you mean 'yes'?"),
            ({"against": "n"}, "act has no option 'n'"),
            ({"inputs": ["V(v0)"]}, "there is no drawn input 'V(v0)'"),
            ({"inputs": []}, "no input has a range"),
        ],
    )
    def test_what_cannot_be(self, how, said):
        with pytest.raises(ModelError, match=r"\S") as raised:
            sobol(additive((1, 1, 1)), **{"samples": 4, "seed": 1, **how})
        assert said in str(raised.value)

    def test_without_salib_the_extra_is_named(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "SALib.analyze.sobol", None)
        with pytest.raises(ImportError, match=r"decision\[sobol\]"):
            sobol(additive((1, 1, 1)), samples=4, seed=1)


class TestMutants:
    def test_points_in_another_order_would_be_noticed(self, monkeypatch):
        points = module._points

        def turned(*asked):
            for part in points(*asked):
                yield part[:, ::-1]

        monkeypatch.setattr(module, "_points", turned)
        with pytest.raises(AssertionError):
            TestAnalytic().test_a_sum_of_normals()
