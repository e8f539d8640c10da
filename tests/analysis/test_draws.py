"""Draws: as the contract words them, and what branches are worth against brute force."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tracemalloc
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.models import policy12
from decision import Chance, Decision, InfluenceDiagram, Value, read_model
from decision.analysis import branches, draws
from decision.analysis.draws import Drawn, drawn_worths, worths_given
from decision.analysis.sampling import Around, Tables, sampler
from decision.model.problems import ModelError
from decision.model.records import Input
from decision.solve.mapping import Chunk
from tests.analysis.drawn_plainly import Z95, branch_worths, log_odds, redrawn
from tests.analysis.ranged import ranged
from tests.models import models, oil, oil_guarded, seeded, umbrella
from tests.solve.clusters import quiet_cluster

SEED = 5


def normals(model: InfluenceDiagram, linked: bool, seed: int, rows: int) -> dict[str, np.ndarray]:
    """The standard normals of the first chunk, by what is drawn, without our sampler."""
    inputs = [r for r in model.inputs if r.low is not None and r.text != "rest"]
    chances = {c.name for c in model.chances}
    names = [r.node if linked and r.node in chances else r.name for r in inputs]
    names = list(dict.fromkeys(names))
    for value in model.values:
        if value.weight_low is not None or value.weight_high is not None:
            names.append(f"weight({value.name})")
    random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
    return dict(zip(names, random.standard_normal((len(names), rows)), strict=True))


def against_brute_force(model: InfluenceDiagram, draw: str, rows: int = 3) -> None:
    by = model.decisions[-1].name
    for name in {model.decisions[0].name, by}:
        found = drawn_worths(model, name, draws=rows, seed=SEED, draw=draw)
        z = normals(model, draw == "linked", SEED, rows)
        for i in range(rows):
            one = redrawn(
                model, {n: float(numbers[i]) for n, numbers in z.items()}, draw == "linked"
            )
            wanted = branch_worths(one, name)
            np.testing.assert_allclose(found.worths[:, i], wanted, rtol=1e-9, atol=1e-9)


# -- against brute force -----------------------------------------------------------


@pytest.mark.parametrize("draw", ["independent", "linked"])
@given(model=ranged())
@seeded(50)
def test_draws_are_worth_what_brute_force_says(draw: str, model: InfluenceDiagram) -> None:
    try:
        drawn_worths(model, draws=0, seed=0, draw=draw)
    except ModelError:
        return  # some draw leaves a decision without an open option
    against_brute_force(model, draw)


@given(model=ranged(memory="limited", cells=10))
@seeded(15)
def test_draws_of_decisions_that_forget(model: InfluenceDiagram) -> None:
    try:
        drawn_worths(model, draws=0, seed=0)
    except ModelError:
        return
    against_brute_force(model, "independent", rows=2)


@given(model=models(cells=200), around=st.sampled_from([Around(3, 1), Around(200, 0.01)]))
@seeded(40)
def test_around_is_worth_what_brute_force_says(model: InfluenceDiagram, around: Around) -> None:
    by = model.decisions[0].name
    try:
        found = drawn_worths(model, draws=2, seed=SEED, draw=around, keep=None)
    except ModelError:
        return  # the model has no answer
    random = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(0,)))
    drawing = sampler(model, around)
    _, tables = drawing.draw(random, 2)
    for i in range(2):
        values = [v.__class__(v.name, v.given, tables[v.name][..., i]) for v in model.values]
        chances = {
            c.name: np.array(tables[c.name][..., i]) for c in model.chances if c.name in tables
        }
        one = model.rebuilt(values=tuple(values), weights="plain", rows={}).with_numbers(chances)
        wanted = branch_worths(one, by)
        np.testing.assert_allclose(found.worths[:, i], wanted, rtol=1e-9, atol=1e-9)


@given(model=models(cells=200), seed=st.integers(0, 99))
@seeded(40)
def test_tables_given_are_worth_what_brute_force_says(model: InfluenceDiagram, seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = [c for c in model.chances if (c.table > 0).all()]
    tables = {
        c.name: np.moveaxis(
            random.dirichlet(np.ones(len(c.states)), (3, *c.table.shape[:-1])), 0, -1
        )
        for c in rows
    }
    tables |= {
        v.name: v.table[..., None] + random.normal(size=(*v.table.shape, 3)) for v in model.values
    }
    try:
        worths = worths_given(model, tables)
    except ModelError:
        return  # the model has no answer
    for i in range(3):
        one = model.with_numbers({name: table[..., i] for name, table in tables.items()})
        wanted = branch_worths(one, model.decisions[0].name)
        np.testing.assert_allclose(worths[:, i], wanted, rtol=1e-9, atol=1e-9)


# -- what is drawn --------------------------------------------------------------------


def rained(low: float, base: float, high: float) -> InfluenceDiagram:
    model = umbrella()
    row = Input("rain", (), "yes", base, str(base), low, high)
    rain = Chance("rain", ["yes", "no"], table=[base, 1 - base])
    return model.rebuilt(chances=(rain,), rows={"rain": (row,)})


def test_log_odds_have_the_moments_of_a_split_normal() -> None:
    low, base, high = 0.1, 0.3, 0.4
    model = rained(low, base, high)
    drawn = drawn_worths(model, draws=200_000, seed=1, keep=None).numbers["P(rain=yes)"]
    x = np.log(drawn / (1 - drawn))
    below, above = (
        abs(log_odds(base) - log_odds(low)) / Z95,
        abs(log_odds(high) - log_odds(base)) / Z95,
    )
    mean = log_odds(base) + (above - below) / np.sqrt(2 * np.pi)
    square = (below**2 + above**2) / 2
    deviation = np.sqrt(square - (above - below) ** 2 / (2 * np.pi))
    assert x.mean() == pytest.approx(mean, abs=5 * deviation / np.sqrt(len(x)))
    assert x.std() == pytest.approx(deviation, rel=0.02)
    assert np.quantile(drawn, [0.05, 0.5, 0.95]) == pytest.approx([low, base, high], abs=2e-3)


def test_around_has_the_moments_of_a_dirichlet() -> None:
    model, around, rows = oil(), Around(20.0, 0.3), 100_000
    _, tables = sampler(model, around).draw(np.random.default_rng(1), rows)
    for chance in model.chances:
        table, p = tables[chance.name], chance.table
        np.testing.assert_allclose(table.sum(axis=-2), 1.0, rtol=0, atol=1e-12)
        np.testing.assert_allclose(table.mean(axis=-1), p, rtol=0, atol=5e-3)
        np.testing.assert_allclose(table.var(axis=-1), p * (1 - p) / 21, rtol=0.05, atol=1e-12)
        assert (table[p == 0] == 0).all()
    for value in model.values:
        wide = np.ptp(value.table) * 0.3
        table = tables[value.name]
        np.testing.assert_allclose(table.mean(axis=-1), value.table, rtol=0, atol=wide / 50)
        np.testing.assert_allclose(table.std(axis=-1), wide, rtol=0.02)


def korea() -> InfluenceDiagram:
    return read_model("data/korea_2018")


@pytest.mark.parametrize("draw", ["independent", "linked"])
def test_rows_of_the_korea_model_sum_to_one(draw: str) -> None:
    model = korea()
    _, tables = sampler(model, draw).draw(np.random.default_rng(1), 500)
    moved = [c for c in model.chances if c.name in tables]
    assert moved
    for chance in moved:
        np.testing.assert_allclose(tables[chance.name].sum(axis=-2), 1.0, rtol=0, atol=1e-9)
        assert (tables[chance.name] >= 0).all()


@pytest.mark.parametrize("draw", ["independent", "linked"])
def test_tables_of_the_korea_model_are_what_the_contract_says(draw: str) -> None:
    model, linked = korea(), draw == "linked"
    random = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(0,)))
    _, tables = sampler(model, draw).draw(random, 2)
    z = normals(model, linked, SEED, 2)
    for i in range(2):
        one = redrawn(model, {n: float(numbers[i]) for n, numbers in z.items()}, linked)
        for chance in one.chances:
            found = tables[chance.name][..., i] if chance.name in tables else chance.table
            np.testing.assert_allclose(found, chance.table, rtol=0, atol=1e-9)
        for value in one.values:
            found = tables[value.name][..., i] if value.name in tables else one.utility(value.name)
            np.testing.assert_allclose(found, one.utility(value.name), rtol=1e-9, atol=1e-9)


def test_linked_moves_the_first_state_that_has_a_range() -> None:
    model = three({"b": (0.1, 0.4), "c": (0.3, 0.9)}, [0.2, 0.2, 0.6])
    _, tables = sampler(model, "linked").draw(np.random.default_rng(1), 2000)
    x = tables["x"]
    np.testing.assert_allclose(x[2] / x[0], 3.0, rtol=1e-12)
    assert np.quantile(x[1], [0.05, 0.95]) == pytest.approx([0.1, 0.4], abs=0.02)


def test_linked_shifts_all_rows_by_one_amount_in_log_odds() -> None:
    """Where all rows spread alike; each by its own spread elsewhere."""
    shift = 1.0
    numbers = (0.2, 0.5, 0.7)
    rows = []
    for state, p in zip("abc", numbers, strict=True):
        low, high = (1 / (1 + np.exp(-(log_odds(p) + s))) for s in (-shift, shift))
        rows.append(Input("x", (("y", (state,)),), "yes", p, str(p), low, high))
    model = InfluenceDiagram(
        decisions=[Decision("d", ["do", "wait"])],
        chances=[
            Chance("y", list("abc"), table=[0.2, 0.3, 0.5]),
            Chance("x", ["yes", "no"], ["y"], [[p, 1 - p] for p in numbers]),
        ],
        values=[Value("v", ["d", "x"], [[1, 0], [0, 1]])],
        rows={"x": tuple(rows)},
    )
    drawn, tables = sampler(model, "linked").draw(np.random.default_rng(1), 1000)
    p = tables["x"][:, 0]
    moved = np.log(p / (1 - p)) - np.array([log_odds(n) for n in numbers])[:, None]
    np.testing.assert_allclose(moved, np.broadcast_to(drawn[0] * shift / Z95, (3, 1000)), atol=1e-9)
    assert sampler(model, "linked").names == ("x",)


def three(ranges: dict[str, tuple[float, float]], base: list[float]) -> InfluenceDiagram:
    states = ("a", "b", "c")
    rows = tuple(
        Input("x", (), s, p, str(p), *ranges.get(s, (None, None)))
        for s, p in zip(states, base, strict=True)
    )
    return InfluenceDiagram(
        decisions=[Decision("d", ["do", "wait"])],
        chances=[Chance("x", states, table=base)],
        values=[Value("v", ["d", "x"], [[1, 2, 3], [2, 2, 2]])],
        rows={"x": rows},
    )


def rows_of(model: InfluenceDiagram) -> tuple[np.ndarray, np.ndarray]:
    drawn, tables = sampler(model, "independent").draw(np.random.default_rng(1), 2000)
    return drawn, tables["x"]


def test_states_without_a_range_share_in_proportion() -> None:
    drawn, x = rows_of(three({"a": (0.1, 0.4)}, [0.2, 0.2, 0.6]))
    np.testing.assert_array_equal(x[0], drawn[0])
    np.testing.assert_allclose(x[2] / x[1], 3.0, rtol=1e-12)


def test_where_all_have_a_range_the_row_is_scaled() -> None:
    ranges = {"a": (0.1, 0.4), "b": (0.1, 0.4), "c": (0.3, 0.9)}
    drawn, x = rows_of(three(ranges, [0.2, 0.2, 0.6]))
    np.testing.assert_allclose(x, drawn / drawn.sum(axis=0), rtol=1e-12)


def test_where_too_little_is_left_the_row_is_scaled() -> None:
    drawn, x = rows_of(three({"a": (0.2, 0.9), "b": (0.2, 0.9)}, [0.45, 0.45, 0.1]))
    over = drawn.sum(axis=0) > 1
    assert 100 < over.sum() < 1900
    np.testing.assert_allclose(x[:2, over], (drawn / drawn.sum(axis=0))[:, over], rtol=1e-12)
    assert (x[2, over] == 0).all()
    np.testing.assert_array_equal(x[:2, ~over], drawn[:, ~over])


def test_what_is_impossible_stays_so() -> None:
    _, x = rows_of(three({"a": (0.2, 0.6), "b": (0.2, 0.9)}, [0.4, 0.6, 0.0]))
    assert (x[2] == 0).all()
    np.testing.assert_allclose(x.sum(axis=0), 1.0)
    _, x = rows_of(three({"a": (0.9, 1.0)}, [1.0, 0.0, 0.0]))  # else its range would say nothing
    np.testing.assert_array_equal(x[1], x[2])
    assert (x[1] > 0).all()


def test_a_weight_is_cut_at_0() -> None:
    model = umbrella()
    value = Value("comfort", ["take", "rain"], [[70, 80], [0, 100]], weight=1.0, weight_low=0.0)
    model = model.rebuilt(values=(value,))
    drawn = drawn_worths(model, draws=2000, seed=2, keep=["weight(comfort)"])
    weight = drawn.numbers["weight(comfort)"]
    assert weight.min() == 0.0
    assert 0.02 < (weight == 0).mean() < 0.08
    assert weight.max() == 1.0  # no range above
    np.testing.assert_allclose(drawn.worths, np.array([[77.0], [70.0]]) * weight, rtol=1e-12)


def test_draws_that_close_every_option_are_refused() -> None:
    model = oil_guarded()
    drill = Decision(
        "drill", ["yes"], ["seismic"], {"yes": {"seismic": ("closed", "open", "diffuse")}}
    )
    table = np.array(model.node("seismic").table)
    table[..., 2] += table[..., 3]
    table[..., 3] = 0.0
    where = (("oil", ("dry",)), ("test", ("yes",)))
    row = Input("seismic", where, "none", 0.0, "0", 0.0, 0.1, line=7, file="probabilities.csv")
    values = (Value("payoff", ["drill", "oil"], [[-70, 50, 200]]), model.values[1])
    seismic = Chance("seismic", model.states("seismic"), model.given("seismic"), table)
    model = InfluenceDiagram(
        decisions=(model.decisions[0], drill),
        chances=(model.chances[0], seismic),
        values=values,
        rows={"seismic": (row,)},
    )
    with pytest.raises(ModelError, match="in some draws, no option of drill is open"):
        drawn_worths(model, draws=1, seed=1)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"draw": "linkt"}, "did you mean 'linked'"),
        ({"by": "tset"}, "did you mean 'test'"),
        ({"keep": ["P(oil=wet)"]}, "there is no drawn input"),
        ({"seed": -1}, "seed is -1"),
        ({"draws": -1}, "draws is -1"),
    ],
)
def test_what_is_asked_wrongly_is_said(asked: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message.replace("(", r"\(").replace(")", r"\)")):
        drawn_worths(oil(), **{"draws": 3, "seed": 1, **asked})  # type: ignore[arg-type]


@pytest.mark.parametrize("numbers", [(0.0, 0.1), (float("nan"), 0.1), (5.0, -1.0)])
def test_around_refuses_what_is_no_spread(numbers: tuple[float, float]) -> None:
    with pytest.raises(ModelError):
        Around(*numbers)


# -- whoever runs it ------------------------------------------------------------------


ROWS = 6000


def drawn_by(executor: Executor | None, draw: str | Around = "independent") -> Drawn:
    model = korea() if isinstance(draw, str) else policy12()
    rows = 300 if isinstance(draw, str) else ROWS
    return drawn_worths(model, draws=rows, seed=SEED, draw=draw, keep=None, executor=executor)


def same(one: Drawn, other: Drawn) -> bool:
    numbers = all(one.numbers[n].tobytes() == other.numbers[n].tobytes() for n in one.numbers)
    return numbers and one.worths.tobytes() == other.worths.tobytes()


@pytest.mark.parametrize("draw", ["independent", "linked", Around()])
@pytest.mark.parametrize("pool", [ProcessPoolExecutor, ThreadPoolExecutor])
def test_pools_give_the_same_bits(pool: Callable[[int], Executor], draw: str | Around) -> None:
    with pool(2) as executor:
        assert same(drawn_by(executor, draw), drawn_by(None, draw))


def test_a_cluster_gives_the_same_bits() -> None:
    with quiet_cluster() as (_, client):
        for draw in ("linked", Around()):
            assert same(drawn_by(client.get_executor(), draw), drawn_by(None, draw))


class Killing(ProcessPoolExecutor):
    """Processes one of which is killed in the middle."""

    sent = 0

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        self.sent += 1
        if self.sent == 4:
            super().submit(os.kill, next(iter(self._processes)), signal.SIGKILL)
        return super().submit(fn, *args, **kwargs)


def test_a_killed_process_changes_no_figure() -> None:
    with Killing(2) as executor:
        assert same(drawn_by(executor, Around()), drawn_by(None, Around()))
        assert executor.sent > 4


def test_the_first_draws_do_not_depend_on_how_many_there_are() -> None:
    few = drawn_worths(policy12(), draws=1200, seed=SEED, draw=Around())
    more = drawn_by(None, Around())
    size = draws.chunk_rows(policy12(), sampler(policy12(), Around()).cells)
    whole = 1200 // size * size
    assert whole
    assert few.worths[:, :whole].tobytes() == more.worths[:, :whole].tobytes()


def test_progress_counts_draws() -> None:
    seen: list[tuple[int, int]] = []
    drawn_worths(
        policy12(), draws=ROWS, seed=1, draw=Around(), progress=lambda d, of: seen.append((d, of))
    )
    assert seen == sorted(seen)
    assert len(seen) > 2
    assert seen[-1] == (ROWS, ROWS)


def test_an_interrupt_leaves_no_process() -> None:
    def interrupt(done: int, of: int) -> None:
        raise KeyboardInterrupt

    before = set(multiprocessing.active_children())
    with ProcessPoolExecutor(2) as executor:
        with pytest.raises(KeyboardInterrupt):
            drawn_worths(
                policy12(),
                draws=10**6,
                seed=1,
                draw=Around(),
                executor=executor,
                progress=interrupt,
            )
        assert executor.submit(os.getpid).result() != os.getpid()  # nothing is in its way
    assert set(multiprocessing.active_children()) == before


def test_memory_is_bounded() -> None:
    model = policy12()
    drawn_worths(model, draws=2000, seed=1, draw=Around())
    tracemalloc.start()
    try:
        found = drawn_worths(model, draws=100_000, seed=1, draw=Around())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.worths.shape == (2, 100_000)
    assert peak - found.worths.nbytes < 48 * 2**20  # 10⁶ draws keep 16 MB of worths


# -- mutants: the tests above tell wrong ways ----------------------------------------------


def test_seeding_by_worker_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_worker(chunk: Chunk) -> np.random.Generator:
        return np.random.default_rng([chunk.seed, os.getpid()])

    monkeypatch.setattr(Chunk, "generator", by_worker)
    fork = multiprocessing.get_context("fork")  # the mutant goes along
    with ProcessPoolExecutor(2, mp_context=fork) as executor:
        assert not same(drawn_by(executor, Around()), drawn_by(None, Around()))


def test_a_swapped_axis_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = branches.DrawnBranches.worths

    def swapped(self: branches.DrawnBranches, tables: Tables, rows: int) -> np.ndarray:
        turned = {
            n: t.swapaxes(0, 1) if t.ndim == 3 and t.shape[0] == t.shape[1] else t
            for n, t in tables.items()
        }
        return right(self, turned, rows)

    model = wide_ranges()
    against_brute_force(model, "independent")
    monkeypatch.setattr(branches.DrawnBranches, "worths", swapped)
    with pytest.raises(AssertionError):
        against_brute_force(model, "independent")


def wide_ranges() -> InfluenceDiagram:
    model = umbrella()
    rows = tuple(
        Input("comfort", (("take", (t,)), ("rain", (r,))), None, x, str(x), x - 20, x + 5)
        for t, r, x in (("yes", "yes", 70.0), ("yes", "no", 80.0), ("no", "yes", 0.0))
    )
    last = Input("comfort", (("take", ("no",)), ("rain", ("no",))), None, 100.0, "100")
    return model.rebuilt(rows={"comfort": (*rows, last)})
