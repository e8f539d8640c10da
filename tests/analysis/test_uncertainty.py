"""Uncertainty: shares, totals and rank correlations against a plain reading of the contract."""

from __future__ import annotations

import json
import math
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision import Chance, Decision, InfluenceDiagram, Value, read_model, uncertainty
from decision.analysis import ranking, shares
from decision.analysis.ranking import Ranked, ranks, standard_error
from decision.analysis.shares import Uncertainty, uncertainty_json
from decision.cli import main
from decision.model.problems import ModelError
from decision.model.records import Input
from decision.solve.inputs import scale_of
from tests.analysis.drawn_plainly import Z95, branch_worths, log_odds, redrawn
from tests.analysis.ranged import ranged
from tests.analysis.test_draws import normals, rained, three
from tests.models import oil_guarded, seeded, umbrella

OIL = "data/examples/oil_wildcatter"
KOREA = "data/korea_2018"
SEED = 5
ROWS = 7
GAP = 1e-9


# -- against a plain reading -------------------------------------------------------


def best_of(worths: np.ndarray, scale: float) -> int:
    """The option listed first among those that tie with the best."""
    top = max(w for w in worths if not math.isnan(w))
    ties = [i for i, w in enumerate(worths) if top - w <= GAP * max(abs(w), abs(top), 1e-3 * scale)]
    return ties[0]


def rank_plainly(numbers: list[float]) -> list[float]:
    """How many are less, and the middle of those that are equal."""
    return [sum(b < a for b in numbers) + (sum(b == a for b in numbers) + 1) / 2 for a in numbers]


def spearman(one: list[float], other: list[float]) -> float | None:
    a, b = rank_plainly(one), rank_plainly(other)
    middle = (len(a) + 1) / 2
    above = sum((x - middle) * (y - middle) for x, y in zip(a, b, strict=True))
    below = sum((x - middle) ** 2 for x in a) * sum((y - middle) ** 2 for y in b)
    return above / math.sqrt(below) if below else None


def drawn_numbers(model: InfluenceDiagram, z: dict[str, np.ndarray]) -> dict[str, list[float]]:
    """What each standard normal makes of its input, in an order that ranks need."""
    found = {name: list(map(float, numbers)) for name, numbers in z.items()}
    for row in model.inputs:
        if row.low is not None and row.name in found:
            one_sided = row.low == row.number, row.high == row.number
            found[row.name] = [_bent(x, *one_sided) for x in found[row.name]]
    for value in model.values:
        name = f"weight({value.name})"
        if name in found:
            low = value.weight if value.weight_low is None else value.weight_low
            high = value.weight if value.weight_high is None else value.weight_high
            found[name] = [
                max(
                    0.0,
                    value.weight + x * ((high if x > 0 else low) - value.weight) * (1, -1)[x < 0],
                )
                for x in (y / Z95 for y in found[name])
            ]
    return found


def _bent(z: float, none_below: bool, none_above: bool) -> float:
    return 0.0 if (z < 0 and none_below) or (z > 0 and none_above) else z


@pytest.mark.parametrize("draw", ["independent", "linked"])
@given(model=ranged())
@seeded(100)
def test_figures_are_those_of_a_plain_reading(draw: str, model: InfluenceDiagram) -> None:
    try:
        found = uncertainty(model, draws=ROWS, seed=SEED, draw=draw)
    except ModelError:
        return  # no answer, or none in some draw
    by, scale = model.decisions[0].name, scale_of(model)
    z = normals(model, draw == "linked", SEED, ROWS)
    each = [{name: float(x[i]) for name, x in z.items()} for i in range(ROWS)]
    worths = np.array([branch_worths(redrawn(model, one, draw == "linked"), by) for one in each])
    winners = [best_of(row, scale) for row in worths]
    assert found.winner.tolist() == winners
    content = uncertainty_json(found)
    for i, option in enumerate(model.states(by)):
        assert content["best_share"][option] == winners.count(i) / ROWS
        there = sorted(w for w in worths[:, i] if not math.isnan(w))
        if not there:
            assert list(content["total"][option].values()) == [None] * 4
            continue
        wanted = [sum(there) / len(there), there[0], there[(len(there) - 1) // 2], there[-1]]
        assert list(content["total"][option].values()) == pytest.approx(
            wanted, rel=1e-9, abs=1e-9 * scale
        )
    _against_brute_correlations(model, draw, found, worths, z)


def _against_brute_correlations(
    model: InfluenceDiagram,
    draw: str,
    found: Uncertainty,
    worths: np.ndarray,
    z: dict[str, np.ndarray],
) -> None:
    base = branch_worths(model, found.by)
    order = sorted((i for i in range(len(base)) if not math.isnan(base[i])), key=lambda i: -base[i])
    if len(order) < 2 or abs(base[order[0]] - base[order[1]]) < 1e-6 or len(order) > 2:
        return  # ties have tests of their own
    assert (found.best, found.second) == tuple(found.options[i] for i in order)
    gap = worths[:, order[0]] - worths[:, order[1]]
    there = ~np.isnan(gap)
    steps = np.diff(np.sort(gap[there]))
    if ((steps > 0) & (steps < 1e-6)).any():
        return  # differences that only rounding ranks
    numbers = drawn_numbers(model, z)
    if draw == "linked":
        chances = {c.name for c in model.chances}
        numbers |= {n: list(map(float, z[n])) for n in z if n in chances}
    assert set(found.correlations) == set(numbers)
    for name, drawn in numbers.items():
        wanted = spearman([d for d, t in zip(drawn, there, strict=True) if t], list(gap[there]))
        got = found.correlations[name]
        assert (None if math.isnan(got) else got) == pytest.approx(wanted, abs=1e-9)


@given(st.lists(st.integers(0, 5).map(float), min_size=1, max_size=12))
def test_ranks_are_those_of_the_definition(numbers: list[float]) -> None:
    assert ranks(np.array(numbers)).tolist() == rank_plainly(numbers)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12))
def test_correlations_are_those_of_the_definition(pairs: list[tuple[int, int]]) -> None:
    one, other = ([float(pair[i]) for pair in pairs] for i in (0, 1))
    got = Ranked(np.array(one)).correlation(np.array(other))
    assert (None if math.isnan(got) else got) == pytest.approx(spearman(one, other), abs=1e-12)


def test_a_published_rank_correlation() -> None:
    """Ten pairs of intelligence and hours of television, known for -29/165."""
    quotient = np.array([106, 100, 86, 101, 99, 103, 97, 113, 112, 110], dtype=float)
    hours = np.array([7, 27, 2, 50, 28, 29, 20, 12, 6, 17], dtype=float)
    assert Ranked(quotient).correlation(hours) == pytest.approx(-29 / 165, abs=1e-12)


def test_the_standard_error_is_the_scatter_of_correlations() -> None:
    random, draws, tilt = np.random.default_rng(1), 200, 0.6
    x = random.normal(size=(1000, draws))
    y = tilt * x + math.sqrt(1 - tilt**2) * random.normal(size=x.shape)
    found = np.array([Ranked(a).correlation(b) for a, b in zip(x, y, strict=True)])
    assert found.std() == pytest.approx(standard_error(float(found.mean()), draws), rel=0.08)
    assert math.isnan(standard_error(0.5, 3))


# -- answers that are known ---------------------------------------------------------


def test_the_share_of_one_input_is_the_probability_of_its_side() -> None:
    """One probability alone: the advice turns where the two options are worth the same."""
    model = rained(0.1, 0.3, 0.6)
    take = model.node("comfort").table
    yes, no = take  # worth of taking it and not, by rain
    even = (no[1] - yes[1]) / ((yes[0] - yes[1]) - (no[0] - no[1]))
    spread = log_odds(0.6) - log_odds(0.3) if even > 0.3 else log_odds(0.3) - log_odds(0.1)
    above = 1 - NormalDist().cdf((log_odds(even) - log_odds(0.3)) / (spread / Z95))
    found = uncertainty(model, draws=40_000, seed=2)
    frame = found.branches
    share, error = frame.loc["yes", ["best_share", "standard_error"]]
    assert 0.001 < above < 0.999
    assert abs(share - above) < 4 * error
    assert error == pytest.approx(math.sqrt(share * (1 - share) / 40_000))
    sign = 1 if found.best == "yes" else -1
    assert found.correlations["P(rain=yes)"] == pytest.approx(sign, abs=1e-12)


def test_of_options_that_tie_the_first_is_best_but_for_rounding() -> None:
    row = Input("x", (), "a", 0.3, "0.3", 0.1, 0.5)
    model = InfluenceDiagram(
        decisions=[Decision("d", ["one", "two", "three"])],
        chances=[Chance("x", ["a", "b"], table=[0.3, 0.7])],
        values=[
            Value("v", ["d", "x"], [[0.1, 0.7], [0.1, 0.7], [0.0, 0.6]]),
            Value("w", ["d"], [0.2, 0.3 - 0.1, 0.1]),
        ],
        rows={"x": (row,)},
    )
    found = uncertainty(model, draws=500, seed=1)
    assert found.best_share.tolist() == [1.0, 0.0, 0.0]
    assert (found.best, found.second) == ("one", "two")
    assert math.isnan(found.correlations["P(x=a)"])  # the difference is rounding alone
    assert uncertainty_json(found)["flips"] == [{"input": "P(x=a)", "rank_correlation": None}]
    assert found.branches["regret"].round(9).tolist() == [0.0, 0.0, 0.2]


def test_without_ranges_every_draw_is_the_base() -> None:
    model = umbrella()
    found = uncertainty(model, draws=30, seed=0)
    assert sorted(found.best_share) == [0.0, 1.0]
    assert found.options[int(found.best_share.argmax())] == found.best
    assert found.flips.empty
    assert found.branches["mean_error"].max() < 1e-12


def test_a_range_that_is_a_point_has_no_correlation() -> None:
    model = three({"a": (0.2, 0.2), "b": (0.1, 0.6)}, [0.2, 0.2, 0.6])
    flips = uncertainty_json(uncertainty(model, draws=50, seed=1))["flips"]
    assert [f["input"] for f in flips] == ["P(x=b)", "P(x=a)"]
    assert flips[1]["rank_correlation"] is None


def test_a_branch_that_cannot_be_had_is_never_best() -> None:
    found = uncertainty(oil_guarded(), "drill", draws=20, seed=1)
    assert found.best_share.sum() == 1.0
    one = InfluenceDiagram(
        decisions=[Decision("d", ["only"])],
        chances=[Chance("x", ["a", "b"], table=[0.3, 0.7])],
        values=[Value("v", ["x"], [0.0, 1.0])],
        rows={"x": (Input("x", (), "a", 0.3, "0.3", 0.1, 0.5),)},
    )
    alone = uncertainty(one, draws=20, seed=1)
    assert (alone.best, alone.second, dict(alone.correlations)) == ("only", None, {})
    assert alone.differences.empty
    assert np.isnan(alone.difference()).all()


@pytest.mark.parametrize(
    ("draw", "wanted"), [("independent", (8, 10, 31, 51)), ("linked", (6, 3, 30, 60))]
)
def test_shares_of_the_korea_model(draw: str, wanted: tuple[int, ...]) -> None:
    """Whatever the seed: within four standard errors and the rounding to whole per cent."""
    for seed in (11, 12):
        found = uncertainty(read_model(KOREA), draws=4000, seed=seed, draw=draw)
        assert (100 * found.best_share).tolist() == pytest.approx(wanted, abs=3.7)
        assert (found.best, found.second) == ("off_ramp_and_restraint", "restrained_rhetoric")
        assert found.flips.index[0] == "weight(nonproliferation)"


# -- laws ---------------------------------------------------------------------------


def test_frames_agree_with_each_other() -> None:
    found = uncertainty(read_model(OIL), draws=1234, seed=3)
    frame, running = found.branches, found.running
    assert frame["best_share"].sum() == pytest.approx(1.0, abs=1e-15)
    assert running.index[-1] == 1234
    assert len(running) == 100
    pd.testing.assert_series_equal(
        running.iloc[-1], frame["best_share"], check_names=False, check_exact=False
    )
    some = running.index[40]
    assert running.loc[some, "yes"] == (found.winner[:some] == 0).sum() / some
    gap = found.differences.loc["no"]
    assert gap["mean"] == pytest.approx(frame.loc["yes", "mean"] - frame.loc["no", "mean"])
    assert gap["ahead"] == frame.loc["yes", "best_share"]
    regret = found.worths.max(axis=0).mean() - found.worths.mean(axis=1)
    assert frame["regret"].tolist() == pytest.approx(regret.tolist())
    assert frame["regret"].min() >= 0
    errors = found.worths.std(axis=1, ddof=1) / math.sqrt(1234)
    assert frame["mean_error"].tolist() == pytest.approx(errors.tolist())
    strengths = found.flips["rank_correlation"].abs()
    assert strengths.is_monotonic_decreasing
    assert "yes" in repr(found)
    assert "<table" in found._repr_html_()


def test_shares_settle_as_their_standard_errors_say() -> None:
    model = read_model(OIL)
    each = [uncertainty(model, draws=400, seed=seed).best_share[0] for seed in range(150)]
    error = math.sqrt(np.mean(each) * (1 - np.mean(each)) / 400)
    assert np.std(each) == pytest.approx(error, rel=0.25)


def test_another_unit_of_the_total_changes_no_share() -> None:
    model = read_model(OIL)
    larger = model.rebuilt(
        values=[v.__class__(v.name, v.given, v.table, weight=7.0) for v in model.values]
    )
    one, other = (uncertainty(m, draws=600, seed=1) for m in (model, larger))
    assert one.winner.tolist() == other.winner.tolist()
    assert dict(one.correlations) == pytest.approx(dict(other.correlations), abs=1e-9)
    assert other.branches["mean"].tolist() == pytest.approx((7 * one.branches["mean"]).tolist())


def same(one: Uncertainty, other: Uncertainty) -> bool:
    return uncertainty_json(one) == uncertainty_json(other)


@pytest.mark.parametrize("draw", ["independent", "linked"])
@pytest.mark.parametrize("pool", [ProcessPoolExecutor, ThreadPoolExecutor])
def test_pools_give_the_same_figures(pool: type[Executor], draw: str) -> None:
    model = read_model(OIL)
    alone = uncertainty(model, draws=9000, seed=SEED, draw=draw)
    with pool(2) as executor:  # type: ignore[call-arg]
        assert same(uncertainty(model, draws=9000, seed=SEED, draw=draw, executor=executor), alone)
    assert not same(uncertainty(model, draws=9000, seed=SEED + 1, draw=draw), alone)


def test_several_passes_give_the_same_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    model = read_model(OIL)
    alone = uncertainty(model, draws=500, seed=SEED)
    monkeypatch.setattr(room_module(), "KEPT", 8 * 500 * 5)
    told: list[tuple[int, int]] = []
    ranked: list[tuple[int, int]] = []
    again = uncertainty(
        model,
        draws=500,
        seed=SEED,
        progress=lambda done, of: told.append((done, of)),
        ranking=lambda done, of: ranked.append((done, of)),
    )
    assert same(again, alone)
    inputs = len(alone.correlations)
    assert told[-1] == (500 * math.ceil(inputs / 5), 500 * math.ceil(inputs / 5))
    assert ranked[-1] == (inputs, inputs)
    assert told == sorted(told)
    assert ranked == sorted(ranked)


def room_module() -> object:
    import importlib

    return importlib.import_module("decision.analysis.uncertainty")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"draws": 0}, "draws is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"draw": "linkt"}, "did you mean 'linked'"),
        ({"by": "tset"}, "did you mean 'test'"),
    ],
)
def test_what_is_asked_wrongly_is_said(asked: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        uncertainty(read_model(OIL), **{"draws": 3, "seed": 1, **asked})  # type: ignore[arg-type]


# -- the command line -----------------------------------------------------------------


def test_json_is_to_the_letter(capsys: pytest.CaptureFixture[str]) -> None:
    typed = [OIL, "--draws", "300", "--seed", "0", "--draw", "linked", "--format", "json"]
    assert main(["uncertainty", *typed]) == 0
    content = json.loads(capsys.readouterr().out)
    assert list(content) == ["draws", "seed", "draw", "best_share", "total", "flips"]
    assert (content["draws"], content["seed"], content["draw"]) == (300, 0, "linked")
    assert list(content["best_share"]) == list(content["total"]) == ["yes", "no"]
    assert sum(content["best_share"].values()) == pytest.approx(1.0, abs=1e-15)
    assert list(content["total"]["yes"]) == ["mean", "0.05", "0.5", "0.95"]
    names = [flip["input"] for flip in content["flips"]]
    assert {"oil", "seismic"} <= set(names)
    assert all(list(flip) == ["input", "rank_correlation"] for flip in content["flips"])
    strengths = [abs(flip["rank_correlation"]) for flip in content["flips"]]
    assert strengths == sorted(strengths, reverse=True)


def test_tables_for_people_and_spreadsheets(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["uncertainty", OIL, "--draws", "50"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("50 independent draws, seed 1; base's best: yes\n")
    assert "What goes with yes less no" in out
    assert "P(oil=dry)" in out
    assert main(["uncertainty", OIL, "--draws", "50", "--format", "csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "test,best_share,standard_error,mean,0.05,0.5,0.95"
    assert len(lines) == 3


@pytest.mark.parametrize("typed", [["--draws", "0"], ["--seed", "-1"], ["--draw", "linkt"]])
def test_what_is_typed_wrongly_ends_with_2(typed: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["uncertainty", OIL, *typed])
    assert stopped.value.code == 2


def test_an_interrupt_stops_it_cleanly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(Ranked, "correlation", interrupted)
    assert main(["uncertainty", OIL, "--draws", "50"]) == 130
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.startswith("stopped")


# -- mutants: the tests above tell wrong ways ---------------------------------------------


def test_ties_to_the_last_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def last(worths: np.ndarray, largest: np.ndarray) -> np.ndarray:
        best = np.isclose(worths, np.nanmax(worths, axis=0))
        return best & (np.cumsum(best[::-1], axis=0)[::-1] == 1)

    monkeypatch.setattr(room_module(), "tied", last)
    with pytest.raises(AssertionError):
        test_of_options_that_tie_the_first_is_best_but_for_rounding()


def test_ranks_that_do_not_share_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def in_order(numbers: np.ndarray, margin: float = 0.0) -> np.ndarray:
        return numbers.argsort(kind="stable").argsort().astype(float) + 1

    monkeypatch.setattr(ranking, "ranks", in_order)
    with pytest.raises(AssertionError):
        test_of_options_that_tie_the_first_is_best_but_for_rounding()


def test_a_quantile_that_is_another_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "QUANTILES", (0.05, 0.7, 0.95))
    with pytest.raises(AssertionError):
        test_figures_are_those_of_a_plain_reading("independent")
