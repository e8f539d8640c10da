"""Risk on random models: against brute force over all paths, and what must always hold."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, permutations
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from decision import Chance, Decision, ModelError, Value
from decision.analysis import distribution as distributions
from decision.analysis import tolerances
from decision.analysis.distribution import Distribution, attainable, distribution
from decision.analysis.risk import Findings, dominance, findings
from decision.analysis.tolerances import Switch, branches_at, switches
from decision.model.diagram import InfluenceDiagram
from decision.solve.enumeration import Enumerated, enumerate_branches
from decision.solve.joint import chance_table, open_to, spread, total_table
from decision.solve.solution import Solution, solve
from tests.models import models, oil, seeded, stages

Atoms = list[tuple[float, float]]


def solvable(**kinds: Any) -> st.SearchStrategy[InfluenceDiagram]:
    """Random models, without those that leave a situation without an option."""
    return models(**kinds).filter(_solvable)


def _solvable(model: InfluenceDiagram) -> bool:
    try:
        solve(model)
    except ModelError:
        return False
    return True


def plainly(amounts: np.ndarray, joint: np.ndarray) -> Atoms:
    """Every path's amount, those that are equal put together one by one."""
    joint, amounts = np.broadcast_arrays(joint, amounts)
    paths = sorted((float(x), float(p)) for x, p in zip(amounts.flat, joint.flat, strict=True) if p)
    near = 1e-9 * max(abs(x) for x, _ in paths)
    atoms: Atoms = []
    for x, p in paths:
        if atoms and x - atoms[-1][0] <= near:
            atoms[-1] = (atoms[-1][0], atoms[-1][1] + p)
        else:
            atoms.append((x, p))
    return atoms


def amounts_of(model: InfluenceDiagram, value: str | None) -> np.ndarray:
    if value is None:
        return total_table(model)
    return spread(model, model.nodes[value].table, model.given(value))


def paths_of(solution: Solution) -> np.ndarray:
    """The probability of every path under the solver's own policy, multiplied out."""
    model = solution.model
    joint = chance_table(model)
    for name, rule in solution.policy.items():
        joint = joint * spread(model, rule.table, (*rule.given, name))
    return joint


def same(one: Distribution, atoms: Atoms) -> None:
    size = max(abs(x) for x, _ in atoms)
    assert one.x == pytest.approx([x for x, _ in atoms], rel=1e-9, abs=1e-9 * size)
    assert one.p == pytest.approx([p for _, p in atoms], rel=1e-9, abs=1e-13)
    assert (np.diff(one.x) > 0).all()
    assert (one.p > 0).all()


@given(solvable(memory=None), st.data())
@seeded(250)
def test_distributions_are_those_of_all_paths(model, data):
    by = data.draw(st.sampled_from([d.name for d in model.decisions]))
    event(f"memory {model.memory}")
    for _, branch in solve(model).branch_solutions(by):
        if branch is not None:
            joint = paths_of(branch)
            assert joint.sum() == pytest.approx(1)
            for value in (None, *(v.name for v in model.values)):
                found = distribution(branch, value)
                same(found, plainly(amounts_of(model, value), joint))
                assert found.mean == pytest.approx(branch.expectation(value), abs=1e-9)


@given(solvable(memory="perfect", cells=400))
@seeded(200)
def test_policies_of_brute_force_lead_to_the_same_totals(model):
    """Where no option ties, brute force's own policy has the same distribution."""
    found = solve(model).branch_solutions()
    for (_, branch), (_, other) in zip(found, enumerate_branches(model), strict=True):
        assert (branch is None) == (other is None)
        if branch is not None and other is not None and not tied(other):
            same(distribution(branch), plainly(total_table(model), other.joint))


def tied(found: Enumerated) -> bool:
    return any((tie.sum(axis=-1) > 1).any() for tie in found.ties.values())


# -- quantiles and the worst cases ----------------------------------------------

atoms_drawn = st.lists(
    st.tuples(st.integers(-50, 50), st.integers(1, 20)), min_size=1, max_size=8
).map(lambda rows: [(float(x), float(w)) for x, w in dict(rows).items()])


def made(rows: Atoms) -> Distribution:
    rows = sorted(rows)
    p = np.array([w for _, w in rows])
    return Distribution(np.array([x for x, _ in rows]), p / p.sum())


@given(atoms_drawn, st.integers(1, 100), st.booleans())
@seeded(300)
def test_quantiles_and_worst_cases_by_counting(rows, percent, high):
    """With 100 equally probable copies of each of w shares, both are found by counting."""
    one = made(rows)
    copies = sorted(x for x, w in rows for _ in range(int(w) * 100))
    count = percent * len(copies) // 100
    assert one.quantile(percent / 100) == copies[count - 1]
    worst = copies[::-1][:count] if high else copies[:count]
    assert one.shortfall(percent / 100, high) == pytest.approx(sum(worst) / count, abs=1e-9)


@given(solvable(memory="perfect", cells=300))
@seeded(100)
def test_the_worst_cases_get_better_with_their_share(model):
    for _, one in findings(model, model.values[0].name).profiles:
        if one is not None:
            shares = [0.001, 0.05, 0.3, 0.5, 0.9, 1.0]
            low = [one.shortfall(a) for a in shares]
            high = [one.shortfall(a, worst_is_high=True) for a in shares]
            size = np.abs(one.x).max()
            assert all(b >= a - 1e-12 * size for a, b in pairwise(low))
            assert all(b <= a + 1e-12 * size for a, b in pairwise(high))
            assert low[-1] == pytest.approx(one.mean, abs=1e-12 * size)
            assert high[-1] == pytest.approx(one.mean, abs=1e-12 * size)
            assert all(
                v <= one.quantile(a) + 1e-12 * size for v, a in zip(low, shares, strict=True)
            )


# -- dominance --------------------------------------------------------------------


def order_plainly(better: Distribution, worse: Distribution, less: bool) -> int | None:
    """By the definitions: at every amount P(X ≤ x), then E[max(x − X, 0)]."""
    sign = -1.0 if less else 1.0
    points = sign * np.concatenate([better.x, worse.x])

    def at(measure: Callable[[np.ndarray, float], np.ndarray]) -> np.ndarray:
        sums = [
            np.array([float(one.p @ measure(sign * one.x, x)) for x in points])
            for one in (better, worse)
        ]
        return sums[1] - sums[0]

    size = max(np.abs(points).max(), 1e-300)
    below = at(lambda xs, x: (xs <= x + 1e-9 * size).astype(float))
    if below.min() >= -1e-11:
        return 1 if below.max() > 1e-11 else None
    short = at(lambda xs, x: np.maximum(x - xs, 0.0)) / size
    return 2 if short.min() >= -1e-11 and short.max() > 1e-11 else None


def agree_on_dominance(found: Findings) -> None:
    there = [(option, one) for option, one in found.profiles if one is not None]
    expected = {
        (a, b, order)
        for (a, one), (b, other) in permutations(there, 2)
        if (order := order_plainly(one, other, found.less)) is not None
    }
    assert set(found.dominance) == expected
    assert len(found.dominance) == len(expected)


@given(solvable(memory=None, cells=300), st.data())
@seeded(250)
def test_dominance_by_the_definitions(model, data):
    by = data.draw(st.sampled_from([d.name for d in model.decisions]))
    for value in (v.name for v in model.values):
        found = findings(model, value, by)
        agree_on_dominance(found)
        for _, _, order in found.dominance:
            event(f"order {order}")


@given(st.lists(atoms_drawn.map(made), min_size=2, max_size=4), st.booleans())
@seeded(300)
def test_dominance_of_distributions_by_the_definitions(drawn, less):
    found = list(zip("abcd", drawn, strict=False))
    above = dominance(found, less)
    agree_on_dominance(Findings("d", None, less, found, above, None))
    pairs = {(better, worse) for better, worse, _ in above}
    means = {option: one.mean * (-1 if less else 1) for option, one in found}
    for better, worse in pairs:
        assert (worse, better) not in pairs
        assert means[better] >= means[worse] - 1e-9
        for even_worse in (w for b, w in pairs if b == worse):
            assert (better, even_worse) in pairs


@given(atoms_drawn.map(made), st.floats(0.1, 5.0))
@seeded(100)
def test_the_same_and_more_dominates_and_the_same_but_spread_is_dominated(one, step):
    more = Distribution(one.x + step, one.p)
    assert dominance([("more", more), ("one", one)]) == [("more", "one", 1)]
    assert dominance([("more", more), ("one", one)], less=True) == [("one", "more", 1)]
    assert dominance([("one", one), ("again", Distribution(one.x + 0, one.p + 0))]) == []
    x, p = np.concatenate([one.x - 300, one.x + 300]), np.concatenate([one.p, one.p]) / 2
    assert dominance([("spread", Distribution(x, p)), ("one", one)]) == [("one", "spread", 2)]


def test_a_mutant_that_forgets_which_way_is_better_is_found():
    found = [("a", made([(0.0, 1.0)])), ("b", made([(1.0, 1.0)]))]
    wrong = dominance(found, less=True)
    with pytest.raises(AssertionError):
        agree_on_dominance(Findings("d", None, False, found, wrong, None))


# -- tolerances ---------------------------------------------------------------------


def reach(model: InfluenceDiagram) -> tuple[float, float]:
    """The least and largest total of a path that can happen, whatever is chosen."""
    possible = chance_table(model) > 0
    for d in model.decisions:
        possible = possible & open_to(model, d.name, {})
    totals = total_table(model)[possible]
    return float(totals.min()), float(totals.max())


def equivalents(model: InfluenceDiagram, by: str, tolerance: float) -> np.ndarray:
    """What brute force says each branch is worth at a risk tolerance."""
    found = enumerate_branches(model.rebuilt(risk=tolerance), by)
    worth = [-np.inf if one is None else one.certain_equivalent for _, one in found]
    return np.array(worth, dtype=float)


@given(solvable(memory="perfect", cells=400))
@seeded(200)
def test_the_least_and_the_largest_total_are_those_of_all_paths(model):
    size = max(1.0, *map(abs, reach(model)))
    assert attainable(model) == pytest.approx(reach(model), abs=1e-9 * size)


def check_switches(model: InfluenceDiagram, by: str, found: list[Switch]) -> int:
    """Compare with brute force beside every change, and at points between; count these."""
    low, high = reach(model)
    spread_ = high - low
    size, options, looked = max(abs(low), abs(high)), model.states(by), 0
    ts = [change.tolerance for change in found]
    assert ts == sorted(ts)
    assert all(1e-3 * spread_ <= t <= 1e3 * spread_ for t in ts)
    assert all(one.above == other.below for one, other in pairwise(found))
    points = [(t, None) for t in spread_ * np.geomspace(1.1e-3, 0.9e3, 7)]
    for change in found:
        points += [(change.tolerance * (1 - 1e-6), change.below)]
        points += [(change.tolerance * (1 + 1e-6), change.above)]
    for t, expected in points:
        if spread_ <= 1e-9 * size:
            break
        worth = equivalents(model, by, t)
        if expected is None:
            before = [c for c in found if c.tolerance < t]
            after = [c for c in found if c.tolerance > t]
            expected = before[-1].above if before else after[0].below if after else None
        slack = 1e-12 * size + 1e-13 * t
        best = worth >= worth.max() - slack
        if expected is None:  # one branch is best everywhere: the first that ties
            expected = options[int((worth >= worth.max() - slack).argmax())]
            reference = expected_at_all(model, by, spread_)
            assert best[options.index(reference)]
        assert best[options.index(expected)]
        looked += 1
    return looked


def expected_at_all(model: InfluenceDiagram, by: str, spread_: float) -> str:
    worth = equivalents(model, by, spread_)
    return model.states(by)[int((worth >= worth.max() - 1e-12 * spread_).argmax())]


@given(solvable(memory="perfect", cells=60, chances=4), st.data())
@seeded(200)
def test_changes_of_the_best_branch_are_where_brute_force_has_them(model, data):
    by = data.draw(st.sampled_from([d.name for d in model.decisions]))
    assume(len(model.states(by)) > 1)
    found = switches(model, by)
    event(f"{len(found)} changes")
    check_switches(model, by, found)


@given(solvable(memory=None, cells=60, chances=3, decisions=2, risk=True), st.data())
@seeded(100)
def test_branches_in_a_batch_are_those_solved_alone(model, data):
    by = data.draw(st.sampled_from([d.name for d in model.decisions]))
    size = sum(abs(model.utility(v.name)).max() for v in model.values) or 1.0
    grid = size * np.array([0.01, 1.0, 30.0])
    batch = branches_at(model, by, grid)
    for column, t in zip(batch.T, grid.tolist(), strict=True):
        alone = [
            np.nan if one is None else one.certain_equivalent
            for _, one in solve(model.rebuilt(risk=t)).branch_solutions(by)
        ]
        assert column == pytest.approx(alone, abs=1e-9 * size, nan_ok=True)


def gambles(rng: np.random.Generator) -> InfluenceDiagram:
    """A choice between gambles of about the same mean: tolerances matter."""
    options, states = int(rng.integers(2, 5)), int(rng.integers(2, 5))
    amounts = rng.normal(scale=rng.uniform(0.2, 3, size=(options, 1)), size=(options, states))
    p = rng.dirichlet(np.ones(states), size=options)
    amounts -= (p * amounts).sum(axis=1, keepdims=True)
    amounts += rng.normal(scale=0.2, size=(options, 1)) + 1
    names = [f"o{i}" for i in range(options)]
    return InfluenceDiagram(
        decisions=[Decision("d", names)],
        chances=[Chance("x", [f"s{i}" for i in range(states)], ["d"], p)],
        values=[Value("v", ["d", "x"], amounts)],
    )


def test_changes_between_gambles_are_all_found():
    """Exponential utility of fixed gambles, on a grid twenty times as fine."""
    number = 0
    for seed in range(200):
        model = gambles(np.random.default_rng(seed))
        found = switches(model, "d")
        spread_ = float(np.ptp(model.nodes["v"].table))
        ts = spread_ * np.geomspace(1e-3, 1e3, 12001)[:, None, None]
        x, p = model.nodes["v"].table, model.nodes["x"].table
        least = x.min(axis=-1)
        with np.errstate(under="ignore"):
            sums = (p * np.exp(-(x - least[:, None]) / ts)).sum(axis=-1)
        best = (least - ts[..., 0] * np.log(sums)).argmax(axis=-1)
        at = np.flatnonzero(np.diff(best))
        ts = ts.ravel()
        assert len(found) == len(at)
        for change, i in zip(found, at.tolist(), strict=True):
            assert ts[i] * (1 - 1e-7) <= change.tolerance <= ts[i + 1] * (1 + 1e-7)
            assert (change.below, change.above) == (f"o{best[i]}", f"o{best[i + 1]}")
        number += len(found)
    assert number > 100


def test_a_mutant_that_keeps_one_policy_at_all_tolerances_is_found(monkeypatch):
    """Branches that are not solved anew say something else about later gambles."""

    def kept(model: InfluenceDiagram, by: str, grid: np.ndarray) -> np.ndarray:
        rows = [distribution(s) for _, s in solve(model.rebuilt(risk=None)).branch_solutions(by)]
        low = [one.x[0] for one in rows]
        return np.array(
            [
                [x0 - t * np.log(one.p @ np.exp((x0 - one.x) / t)) for t in grid]
                for one, x0 in zip(rows, low, strict=True)
            ]
        )

    model = oil()
    right = switches(model, "test")
    assert check_switches(model, "test", right)
    monkeypatch.setattr(tolerances, "branches_at", kept)
    with pytest.raises(AssertionError):
        check_switches(model, "test", switches(model, "test"))


def test_a_total_with_too_many_amounts_is_refused(monkeypatch):
    model = stages(4)
    assert len(distribution(solve(model)).x) > 50
    monkeypatch.setattr(distributions, "LARGEST", 50)
    with pytest.raises(ModelError, match="more than the limit of 50 amounts"):
        distribution(solve(model))


def test_many_paths_are_no_many_amounts():
    """Thirty coins: 2^30 paths, 31 amounts, binomial."""
    names = [f"c{i}" for i in range(30)]
    model = InfluenceDiagram(
        decisions=[Decision("d", ["go"])],
        chances=[Chance(n, ["no", "yes"], table=[0.7, 0.3]) for n in names],
        values=[Value(f"v{n}", [n, "d"], [[0.0], [0.1]]) for n in names],
    )
    found = distribution(solve(model))
    assert found.x == pytest.approx(np.arange(31) / 10)
    assert found.p == pytest.approx(
        [comb(30, k) * 0.3**k * 0.7 ** (30 - k) for k in range(31)], rel=1e-9
    )
