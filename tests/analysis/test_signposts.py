"""Signposts: told by brute force on random models, and read off models known by heart."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given

from decision import Chance, Decision, InfluenceDiagram, ModelError, Value, read_model, signposts
from decision.analysis import signs as signs_
from decision.analysis.signs import Situation, signs
from decision.solve.enumeration import (
    Enumerated,
    enumerate_branches,
    enumerate_policy,
    enumerate_solve,
)
from decision.solve.inputs import scale_of
from tests.models import models, oil, seeded, umbrella

ALL = 10**6


def where_of(watch: str) -> dict[str, str]:
    return dict(part.split("=") for part in watch.split(" and "))


class TestInThePlan:
    @seeded(250)
    @given(models(cells=120))
    def test_signs_hold_by_brute_force(self, model):
        """After a sign its option is best; without any, what is done as a rule is."""
        truth = brute_force(model)
        if truth is None or ambiguous(truth):
            return
        found = signposts(model, most=ALL)
        found = found[found["kind"] == "plan"]
        for decision in model.decisions:
            own = [row for row in truth.strategy if row["decision"] == decision.name]
            mine = found[found["decision"] == decision.name]
            usual = as_a_rule(own)
            assert set(mine["before"]) <= {usual}
            for row in own:
                seen = mine[np.array([holds(row, w) for w in mine["watch"]], dtype=bool)]
                assert set(seen["after"]) <= {row["choose"]}
                assert (row["choose"] == usual) == seen.empty

    @seeded(250)
    @given(models(cells=120, memory="perfect", risk=False))
    def test_what_signs_are_worth_by_brute_force(self, model):
        truth = brute_force(model)
        if truth is None or ambiguous(truth):
            return
        found = signposts(model, most=ALL)
        found = found[found["kind"] == "plan"]
        for sign in found.itertuples():
            own = [row for row in truth.strategy if row["decision"] == sign.decision]
            mass = sum(row["probability"] for row in own if holds(row, sign.watch))
            assert sign.probability == pytest.approx(mass, abs=1e-12)
            if np.isnan(sign.worth):
                continue
            without = enumerate_policy(model, not_reacting(model, truth, sign))
            lost = truth.expected_value - without.expected_value
            assert sign.worth == pytest.approx(lost, abs=1e-9 * scale_of(model))
            assert sign.worth == pytest.approx(sign.probability * sign.margin)
            assert sign.worth > 0

    def test_the_wildcatter_does_not_drill_on_no_structure(self):
        sign = signposts(oil()).iloc[0]
        assert (sign["kind"], sign["watch"], sign["by"]) == ("plan", "seismic=diffuse", "drill")
        assert (sign["before"], sign["after"]) == ("yes", "no")
        assert sign["probability"] == pytest.approx(0.41)
        # 0.41 × what drilling loses there: 0.5·0.6·(−70) + 0.3·0.3·50 + 0.2·0.1·200 = −12.5.
        assert sign["worth"] == pytest.approx(12.5)

    def test_what_can_no_longer_be_done_has_no_margin(self):
        found = signposts(read_model("data/examples/monty_hall"))
        closed = found[found["kind"] == "plan"].iloc[0]
        assert closed["watch"] == "opened=door_2"
        assert np.isnan(closed["margin"])
        assert found["worth"].isna().tolist()[-1]

    def test_korea_in_a_few_rows(self):
        found = signposts(read_model("data/korea_2018"))
        assert len(found) <= 10
        assert found["worth"].is_monotonic_decreasing
        assert found["watch"].iloc[0] == "tone=restrained and channel=open and crisis=clash"
        assert list(found.iloc[0][["decision", "before", "after"]]) == [
            "response",
            "hold",
            "show_of_force",
        ]


class TestOfTheFirstChoice:
    @seeded(250)
    @given(models(cells=100, memory="perfect", risk=False, guards=False))
    def test_the_choice_anew_by_brute_force(self, model):
        first = model.decisions[0].name
        if model.information(first):
            return
        truth = enumerate_solve(model)
        if ambiguous(truth):
            return
        found = signposts(model, most=ALL)
        found = {row.watch: row for row in found.itertuples() if row.kind == "anew"}
        before = model.states(first)[int(truth.policy[first])]
        for chance in model.chances:
            close = 1e-7 * scale_of(model)
            gains = {}
            mass = truth.probabilities((chance.name,))
            for state, p in zip(chance.states, mass, strict=True):
                if p > 1e-9:
                    worths = dict(anew(model, truth, first, chance.name, state))
                    gains[state] = max(worths.values()) - worths[before], worths, p
            if all(gain > close for gain, _, _ in gains.values()):
                gains = {state: (0.0, worths, p) for state, (_, worths, p) in gains.items()}
            for state, (gain, worths, p) in gains.items():
                row = found.pop(f"{chance.name}={state}", None)
                if row is None:
                    assert gain <= close
                else:
                    assert row.before == before
                    assert row.probability == pytest.approx(p, abs=1e-9)
                    assert row.margin == pytest.approx(gain, abs=close)
                    assert worths[row.after] - worths[before] == pytest.approx(gain, abs=close)
        assert found == {}

    def test_what_changes_the_advice_whatever_is_seen_is_no_signpost(self):
        """Who knows the ground needs no test, whatever the ground is."""
        assert set(signposts(oil())["kind"]) == {"plan"}

    def test_a_disease_that_is_seen(self):
        found = signposts(read_model("data/examples/treatment_threshold"))
        assert found["watch"].tolist() == ["disease=absent"]
        assert found["worth"].iloc[0] == pytest.approx(14)

    def test_no_news_of_intent_turns_the_strategy(self):
        """As no prior of `intent` flips the choice, neither does anything that tells of it."""
        found = signposts(read_model("data/korea_2018"), most=ALL)
        assert not (found["decision"] == "strategy").any()

    def test_by_when_it_is_known(self):
        model = umbrella().rebuilt(horizon="2018-12-31")
        found = signposts(model)
        assert found["watch"].tolist() == ["rain=no"]
        assert found["by"].tolist() == ["2018-12-31"]
        seen = InfluenceDiagram(
            decisions=[Decision("go", ["yes", "no"]), Decision("late", ["a", "b"], ["news"])],
            chances=[
                Chance("state", ["good", "bad"], table=[0.6, 0.4]),
                Chance("news", ["up", "down"], ["state"], table=[[0.9, 0.1], [0.2, 0.8]]),
            ],
            values=[Value("pay", ["go", "state"], table=[[1, -1], [0, 0]])],
        )
        found = signposts(seen)
        assert ("news=down", "late", "no") in set(
            zip(found["watch"], found["by"], found["after"], strict=True)
        )

    def test_a_first_choice_that_observes_is_looked_at_in_the_plan(self):
        model = read_model("data/examples/asia_treatment")
        assert set(signposts(model)["kind"]) == {"plan"}


class TestFew:
    def test_as_many_as_asked(self):
        assert len(signposts(read_model("data/korea_2018"), most=2)) == 2
        with pytest.raises(ModelError, match="most is 0; give 1 or more"):
            signposts(oil(), most=0)

    def test_the_shortest_condition_is_taken(self):
        """React when b is 1, whatever a and c are."""
        found = [
            Situation((a, b, c), 0.125, frozenset({b}), (0.0, 2.0 * b - 1))
            for a, b, c in product((0, 1), repeat=3)
        ]
        (sign,) = signs(found, 1, 0)
        assert sign.where == ((1, 1),)
        assert (sign.probability, sign.margin, sign.worth) == pytest.approx((0.5, 1.0, 0.5))

    def test_two_reasons_are_two_signs(self):
        found = [
            Situation((a, b), 0.25, frozenset({int(a + b > 0)}), (0.0, a + b - 0.5))
            for a, b in product((0, 1), repeat=2)
        ]
        assert sorted(sign.where for sign in signs(found, 1, 0)) == [((0, 1),), ((1, 1),)]

    def test_what_ties_may_lie_within_a_sign(self):
        found = [
            Situation((0, 0), 0.4, frozenset({0}), (1.0, 0.0)),
            Situation((1, 0), 0.3, frozenset({0, 1}), (0.0, 0.0)),
            Situation((1, 1), 0.3, frozenset({1}), (0.0, 1.0)),
        ]
        assert [sign.where for sign in signs(found, 1, 0)] == [((0, 1),)]

    def test_more_states_than_a_condition_has_are_told_in_full(self):
        """Only where six things are all 1 is something else to be done."""
        found = [
            Situation(key, 1 / 64, frozenset({int(all(key))}), (0.0, 1.0 if all(key) else -1.0))
            for key in product((0, 1), repeat=6)
        ]
        (sign,) = signs(found, 1, 0)
        assert len(sign.where) == 6

    def test_a_condition_that_holds_elsewhere_too_would_be_noticed(self, monkeypatch):
        shortest = signs_._shortest

        def careless(states, wanted, wrong):
            return shortest(states, wanted, np.zeros_like(wrong))

        monkeypatch.setattr(signs_, "_shortest", careless)
        with pytest.raises(AssertionError):
            TestInThePlan().test_signs_hold_by_brute_force()


# -- brute force --------------------------------------------------------------


def brute_force(model) -> Enumerated | None:
    """Return the truth; None where no choice avoids a situation without an open option."""
    try:
        return enumerate_solve(model)
    except ModelError:
        return None


def ambiguous(truth: Enumerated) -> bool:
    """Whether options tie, or two are as probable: what is done as a rule is then open."""
    rows = truth.strategy
    if any(row["ties"] for row in rows):
        return True
    for decision in truth.model.decisions:
        shares = sorted(shares_of([r for r in rows if r["decision"] == decision.name]).values())
        if len(shares) > 1 and shares[-1] - shares[-2] < 1e-9:
            return True
    return False


def shares_of(rows):
    shares: dict[str, float] = {}
    for row in rows:
        shares[row["choose"]] = shares.get(row["choose"], 0.0) + row["probability"]
    return shares


def as_a_rule(rows) -> str:
    shares = shares_of(rows)
    return max(shares, key=lambda option: shares[option])


def holds(row, watch: str) -> bool:
    return all(row["given"].get(name) == state for name, state in where_of(watch).items())


def not_reacting(model, truth, sign):
    """Return the policy that does as a rule where the sign holds."""
    known = model.information(sign.decision)
    table = truth.policy[sign.decision].copy()
    where = where_of(sign.watch)
    key = tuple(
        model.states(name).index(where[name]) if name in where else slice(None) for name in known
    )
    table[key] = model.states(sign.decision).index(sign.before)
    return {**truth.policy, sign.decision: table}


def anew(model, truth, first, name, state):
    """Return what options are worth with what the outcome told of what nothing influences.

    The nodes that no decision is above are drawn one after the other from their joint
    distribution given the outcome.
    """
    free = [
        c.name
        for c in model.chances
        if not any(d.name in model.structure.ancestors[c.name] for d in model.decisions)
    ]
    free = [n for n in model.time_order if n in free]
    joint = truth.probabilities(tuple(free), {name: state})
    chances = []
    for chance in model.chances:
        if chance.name not in free:
            chances.append(chance)
            continue
        place = free.index(chance.name)
        table = joint.sum(axis=tuple(range(place + 1, len(free))))
        mass = table.sum(axis=-1, keepdims=True)
        even = np.ones_like(table) / table.shape[-1]
        table = np.where(mass > 0, table / np.where(mass > 0, mass, 1), even)
        table = table / table.sum(axis=-1, keepdims=True)
        chances.append(Chance(chance.name, chance.states, tuple(free[:place]), table))
    changed = model.rebuilt(chances=tuple(chances), rows={})
    for option, branch in enumerate_branches(changed, first):
        yield option, -np.inf if branch is None else branch.expected_value
