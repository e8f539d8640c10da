"""Corners in which a branch loses: planted ones, counted anew, and none where there is none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from decision import Chance, Decision, InfluenceDiagram, ModelError, Value, discover, read_model
from decision.analysis import cornering
from decision.analysis.draws import drawn_worths
from decision.analysis.limits import Wording
from decision.analysis.ranges import RangeSampler
from decision.analysis.sampling import Around
from decision.model.records import Input


def bet() -> InfluenceDiagram:
    """Bet on `up`: it wins 1 or loses 1; passing is worth 0. Break-even at P(up) = 1/2.

    `side` has a range that means nothing; a fee is taken whatever is done.
    """
    rows = {
        "coin": (Input("coin", (), "up", 0.6, "0.6", 0.4, 0.8),),
        "side": (Input("side", (), "a", 0.5, "0.5", 0.2, 0.8),),
        "fee": (Input("fee", (), None, -1.0, "-1", -3.0, 0.0),),
    }
    return InfluenceDiagram(
        decisions=[Decision("act", ["bet", "pass"])],
        chances=[
            Chance("coin", ["up", "down"], table=[0.6, 0.4]),
            Chance("side", ["a", "b"], table=[0.5, 0.5]),
        ],
        values=[
            Value("gain", ["act", "coin"], table=[[1, -1], [0, 0]]),
            Value("fee", ["side"], table=[-1, -1]),
        ],
    ).rebuilt(rows=rows)


class TestPlanted:
    @pytest.mark.parametrize("draw", ["independent", "linked"])
    def test_the_corner_ends_at_the_break_even(self, draw):
        found = discover(bet(), draws=4000, seed=2, draw=draw)
        (corner,) = found.corners
        (limit,) = corner.limits
        end = limit.high
        if draw == "linked":
            (rows,) = [r for r in RangeSampler(bet(), True).chances if r.name == "coin"]
            end = rows.filled(np.array([[end]]))[0, 0]
        assert found.option == "bet"
        assert corner.instead == "pass"
        assert end == pytest.approx(0.5, abs=0.02)
        assert corner.density > 0.9
        assert corner.coverage > 0.9
        assert limit.low is None

    def test_two_inputs_that_only_matter_together(self):
        """Passing pays `sure`: betting loses where the coin is bad and `sure` is high."""
        base = bet()
        values = [
            Value("gain", ["act", "coin"], table=[[4, 0], [0, 0]]),
            Value("sure", ["act"], table=[0, 2]),
        ]
        rows = {"coin": base.rows["coin"]}
        rows["sure"] = (Input("sure", (("act", ("pass",)),), None, 2.0, "2", 1.0, 3.0),)
        model = base.rebuilt(values=tuple(values), rows=rows)
        found = discover(model, draws=6000, seed=1, draw="independent", boxes=1)
        assert {limit.input for limit in found.corners[0].limits} == {
            "P(coin=up)",
            "V(sure | act=pass)",
        }
        assert "P(coin=up) < " in found.corners[0].says
        assert "V(sure | act=pass) > " in found.corners[0].says

    def test_what_does_nothing_has_no_corner(self):
        found = discover(bet(), draws=4000, seed=3, draw="independent", inputs=["P(side=a)"])
        assert found.corners == ()
        assert "No corner" in found.text
        assert len(found.boxes) == 0
        assert len(found.limits) == 0

    def test_noise_is_not_taken_for_a_corner(self):
        """Eighty inputs that do nothing beside one that does: it alone is named."""
        model = bet()
        idle = [Chance(f"n{i}", ["a", "b"], table=[0.5, 0.5]) for i in range(80)]
        rows = dict(model.rows)
        rows |= {c.name: (Input(c.name, (), "a", 0.5, "0.5", 0.1, 0.9),) for c in idle}
        model = model.rebuilt(chances=(*model.chances, *idle), rows=rows)
        found = discover(model, draws=2000, seed=1, draw="independent")
        assert [limit.input for c in found.corners for limit in c.limits] == ["P(coin=up)"]
        assert len(found.inputs) == 30

    def test_a_branch_that_never_loses(self):
        model = bet().changed("V(gain | act=pass) = -5")
        found = discover(model, draws=500, seed=1)
        assert (found.share, found.corners) == (0, ())

    def test_one_option_never_loses(self):
        model = read_model("data/examples/umbrella")
        only = replace(model.decisions[0], options=("take",))
        values = tuple(replace(v, table=np.take(v.table, [0], axis=v.given.index(only.name)))
                       for v in model.values)  # fmt: skip
        found = discover(model.rebuilt(decisions=(only,), values=values, rows={}), draws=50, seed=1)
        assert found.share == 0


class TestCountedAnew:
    @pytest.mark.parametrize("name", ["drug_test", "oil_wildcatter", "reactor"])
    @pytest.mark.parametrize("draw", ["independent", "linked"])
    def test_shares_are_those_of_the_second_half(self, name, draw):
        model = read_model(f"data/examples/{name}")
        draws = 3000
        found = discover(model, draws=draws, seed=4, draw=draw)
        again = drawn_worths(model, draws=draws, seed=4, draw=draw, keep=None)
        second = slice(draws // 2, None)
        worths = again.worths[:, second]
        own = worths[again.options.index(found.option)]
        lost = worths.max(axis=0) - own
        loses = lost > 1e-9 * np.abs(worths).max()
        assert found.share == pytest.approx(loses.mean())
        left = np.ones(len(loses), dtype=bool)
        assert found.corners
        for corner in found.corners:
            inside = left.copy()
            for limit in corner.limits:
                drawn = again.numbers[limit.input][second]
                inside &= drawn >= (-np.inf if limit.low is None else limit.low)
                inside &= drawn <= (np.inf if limit.high is None else limit.high)
            assert corner.cases == inside.sum()
            assert corner.density == pytest.approx(loses[inside].mean())
            assert corner.coverage == pytest.approx(loses[inside].sum() / loses.sum())
            assert corner.mass == pytest.approx(inside.mean())
            assert corner.regret == pytest.approx(lost[inside].mean())
            best = worths[:, inside].argmax(axis=0)
            counts = np.bincount(best[loses[inside]], minlength=len(again.options))
            assert corner.instead == again.options[counts.argmax()]
            left &= ~inside

    def test_the_same_seed_gives_the_same_on_any_executor(self):
        model = read_model("data/examples/drug_test")
        alone = discover(model, draws=2000, seed=1)
        with ThreadPoolExecutor(2) as threads:
            other = discover(model, draws=2000, seed=1, executor=threads)
        assert alone.boxes.equals(other.boxes)
        assert alone.limits.equals(other.limits)

    def test_several_passes_find_the_same(self, monkeypatch):
        from decision.analysis import discovery

        model = read_model("data/examples/drug_test")
        alone = discover(model, draws=2000, seed=1, draw="independent")
        monkeypatch.setattr(discovery, "KEPT", 8 * 2000 * 3)
        parts = discover(model, draws=2000, seed=1, draw="independent")
        assert alone.limits.equals(parts.limits)

    def test_around(self):
        model = read_model("data/examples/umbrella").rebuilt(rows={})
        found = discover(model, draws=2000, seed=1, draw=Around(5.0))
        assert found.corners[0].limits[0].input.startswith("P(weather=")


class TestAsked:
    def test_denser_covers_less(self):
        model = read_model("data/examples/oil_wildcatter")
        found = [
            discover(model, draws=6000, seed=1, density=density, boxes=1).corners[0]
            for density in (0.6, 0.75, 0.9)
        ]
        assert all(corner.density_found >= asked - 0.02 for corner, asked in
                   zip(found, (0.6, 0.75, 0.9), strict=True))  # fmt: skip
        coverage = [corner.coverage for corner in found]
        assert coverage == sorted(coverage, reverse=True)

    def test_no_more_inputs_than_asked(self):
        model = read_model("data/korea_2018")
        found = discover(model, draws=2000, seed=1, draw="independent", restricted=1)
        assert found.corners
        assert all(len(corner.limits) == 1 for corner in found.corners)

    def test_the_trajectory_leads_from_all_to_few(self):
        peeling = discover(bet(), draws=2000, seed=1).corners[0].peeling
        assert peeling["mass"].iloc[0] == 1
        assert peeling["coverage"].iloc[0] == 1
        assert peeling["density"].is_monotonic_increasing
        assert peeling["inputs"].iloc[-1] == "coin"

    @pytest.mark.parametrize(
        ("how", "said"),
        [
            ({"option": "beet"}, "act has no option 'beet'; did you mean 'bet'?"),
            ({"draws": 1}, "draws is 1; give 2 or more"),
            ({"boxes": 0}, "boxes is 0; give 1 or more"),
            ({"restricted": 0}, "restricted is 0; give 1 or more"),
            ({"inputs": ["coim"]}, "there is no drawn input 'coim'; did you mean 'coin'?"),
            ({"by": "atc"}, "act"),
        ],
    )
    def test_what_cannot_be(self, how, said):
        with pytest.raises(ModelError, match=r"\S") as raised:
            discover(bet(), **{"draws": 100, "seed": 1, **how})
        assert said in str(raised.value)


class TestWords:
    def test_the_paragraph(self):
        text = discover(bet(), draws=4000, seed=2).text
        assert text.startswith("“bet” is not the best in ")
        assert "of linked draws. It loses in " in text
        assert "where coin=up moved by less than −0." in text
        assert "(that is, P(coin=up) < " in text
        assert "“pass” is best most often" in text

    def test_limits_as_the_language_writes_them(self):
        words = Wording(read_model("data/korea_2018"), "independent")
        assert words.says("weight(alliance)", 4.0, 8.123) == "4 < weight(alliance) < 8.12"
        name = "P(offer=credible | strategy=off_ramp, tone=restrained)"
        assert words.says(name, None, 0.43219) == f"{name} < 0.432"
        assert words.means(name, None, 0.43) == ""
        assert words.base(name) == 0.62

    def test_linked_rows_are_worked_out(self):
        words = Wording(read_model("data/korea_2018"), "linked")
        said = words.means("tone", 1.6448536269514722, None)
        # One spread is a 1.645th of the way from base to the 95% point, which z reaches here.
        assert said == (
            "P(tone=restrained | strategy=restrained_rhetoric) > 0.707 (base 0.52); "
            "its 3 other rows likewise"
        )
        assert words.says("tone", -0.5, 1.0) == (
            "tone=restrained moved by more than −0.5 and less than +1 spreads"
        )
        assert words.base("tone") == 0

    def test_what_a_notebook_shows_is_escaped(self):
        html = discover(bet(), draws=2000, seed=1, draw="independent")._repr_html_()
        assert "where P(coin=up) &lt; " in html


class TestMutants:
    def test_judging_by_the_half_that_found_would_be_noticed(self, monkeypatch):
        monkeypatch.setattr(cornering.Cases, "half", property(lambda self: len(self.loses) // 3))
        with pytest.raises(AssertionError):
            TestCountedAnew().test_shares_are_those_of_the_second_half("drug_test", "linked")
