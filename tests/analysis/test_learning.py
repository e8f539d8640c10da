"""What outcomes teach of numbers: by hand, draw by draw, and by brute force."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision import Chance, Decision, InfluenceDiagram, ModelError, Value, signposts, solve
from decision.analysis import learning
from decision.analysis.draws import drawn_worths
from decision.analysis.learning import lessons
from decision.analysis.sampling import sampler
from decision.model.records import Input
from decision.solve.enumeration import enumerate_branches, enumerate_policy, enumerate_solve
from decision.solve.inputs import scale_of
from decision.solve.mapping import Chunk
from tests.analysis.drawn_plainly import redrawn
from tests.analysis.ranged import ranged
from tests.models import seeded


def bet(p: float = 0.55, low: float = 0.2, high: float = 0.85) -> InfluenceDiagram:
    """Bet on `up`, or pass: a coin that is hardly known."""
    row = Input("coin", (), "up", p, repr(p), low, high)
    return InfluenceDiagram(
        decisions=[Decision("act", ["bet", "pass"])],
        chances=[Chance("coin", ["up", "down"], table=[p, 1 - p])],
        values=[Value("gain", ["act", "coin"], table=[[1, -1], [0, 0]])],
        horizon="2030-01-01",
    ).rebuilt(rows={"coin": (row,)})


class TestByHand:
    def test_a_coin_that_falls_down_is_believed_in_less(self):
        """After `down`, E[2p − 1] is weighed by 1 − p: passing is then worth more."""
        model = bet()
        (lesson,) = lessons(solve(model), "act", 0, draws=4000, seed=1, draw="independent")
        p = drawn_worths(model, draws=4000, seed=1, keep=None).numbers["P(coin=up)"]
        weights = 1 - p
        mean = ((2 * p - 1) * weights).sum() / weights.sum()
        assert (lesson.node, lesson.state, lesson.option) == ("coin", "down", 1)
        assert lesson.probability == pytest.approx(weights.mean())
        assert lesson.margin == pytest.approx(-mean)
        assert lesson.error == pytest.approx(
            np.sqrt((weights**2 * (1 - 2 * p + mean) ** 2).sum()) / weights.sum()
        )

    def test_it_is_a_signpost(self):
        # Knowing one fall of the coin beforehand is another matter, and a row of its own.
        found = signposts(bet(), draws=2000, seed=1)
        assert found["kind"].tolist() == ["anew", "numbers"]
        row = found.iloc[1]
        assert list(row[["watch", "by", "before", "after"]]) == [
            "coin=down",
            "2030-01-01",
            "bet",
            "pass",
        ]
        assert row["worth"] == pytest.approx(row["probability"] * row["margin"])

    def test_a_coin_that_is_known_teaches_nothing(self):
        assert lessons(solve(bet(high=0.56, low=0.54)), "act", 0, draws=500, seed=1,
                       draw="independent") == []  # fmt: skip

    def test_what_few_draws_cannot_tell_is_not_told(self):
        assert lessons(solve(bet()), "act", 0, draws=5, seed=1, draw="independent") == []

    def test_linked_rows_are_learnt_together(self):
        """One branch tells of the other: a fall of its own coin lowers both where linked."""
        rows = [
            Input("coin", (("act", (act,)),), "up", p, repr(p), 0.2, 0.9)
            for act, p in (("one", 0.6), ("other", 0.59))
        ]
        model = InfluenceDiagram(
            decisions=[Decision("act", ["one", "other"])],
            chances=[Chance("coin", ["up", "down"], ["act"], [[0.6, 0.4], [0.59, 0.41]])],
            values=[Value("gain", ["coin"], table=[1, -1])],
        ).rebuilt(rows={"coin": tuple(rows)})
        apart, linked = (
            lessons(solve(model), "act", 0, draws=3000, seed=1, draw=draw)
            for draw in ("independent", "linked")
        )
        assert [lesson.state for lesson in apart] == ["down"]
        assert linked == []

    def test_the_same_on_any_executor(self):
        how = {"draws": 9000, "seed": 3, "draw": "linked"}
        alone = lessons(solve(bet()), "act", 0, **how)
        with ThreadPoolExecutor(2) as threads:
            assert lessons(solve(bet()), "act", 0, executor=threads, **how) == alone

    def test_no_fewer_draws_than_none(self):
        with pytest.raises(ModelError, match="draws is -1; give 0 or more"):
            signposts(bet(), draws=-1)


class TestByBruteForce:
    @seeded(200)
    @given(
        ranged(memory="perfect", risk=False, guards=False),
        st.sampled_from(["independent", "linked"]),
    )
    def test_every_draw(self, model, draw):
        first = model.decisions[0].name
        if model.information(first):
            return
        number = 12
        solution = solve(model)
        usual = int(solution.policy[first].choices)
        names, drawn = standard_normals(model, draw, number)
        told = told_by_brute_force(model, draw, first, dict(zip(names, drawn, strict=True)))
        close = 1e-9 * max(scale_of(model), np.nanmax(np.abs(told[0])))
        work = learning._Work(
            model, first, draw, {n: (r.given, r.table) for n, r in solution.policy.items()}
        )
        worths, chances = work(Chunk(0, 0, number, 5))
        assert worths == pytest.approx(told[0], abs=close)
        truth = enumerate_solve(model)
        if any(row["ties"] for row in truth.strategy) or usual != int(truth.policy[first]):
            return  # another plan may be as good, and make other outcomes as probable
        assert chances == pytest.approx(told[1], abs=1e-9)


def standard_normals(model, draw, number):
    """Return what is drawn, by name, in the order of the draws of one chunk."""
    names = sampler(model, draw).names
    return names, Chunk(0, 0, number, 5).generator().standard_normal((len(names), number))


def told_by_brute_force(model, draw, first, normals):
    """Return branches' worths, and outcomes' probabilities under the plan, of each draw."""
    truth = enumerate_solve(model)
    number = len(next(iter(normals.values()), np.zeros(12)))
    worths, chances = [], []
    for i in range(number):
        one = redrawn(model, {name: z[i] for name, z in normals.items()}, draw == "linked")
        branches = enumerate_branches(one, first)
        worths.append([np.nan if b is None else b.expected_value for _, b in branches])
        followed = enumerate_policy(one, truth.policy)
        shares = [followed.probabilities((c.name,)) for c in model.chances]
        chances.append(np.concatenate([np.empty(0), *shares]))
    return np.array(worths).T, np.array(chances).T
