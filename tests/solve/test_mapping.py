"""Chunks give the same figures whoever runs them, and leave nothing behind."""

from __future__ import annotations

import functools
import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from pathlib import Path

import numpy as np
import pytest
from distributed import Client, LocalCluster
from distributed import Future as DaskFuture

from decision.solve.mapping import Chunk, mapped
from tests.solve.clusters import quiet_cluster

ROWS, SIZE, SEED = 1000, 64, 11


def drawn(chunk: Chunk) -> np.ndarray:
    return chunk.generator().standard_normal(chunk.rows)


def drawn_slowly(chunk: Chunk) -> np.ndarray:
    time.sleep(0.02 if chunk.position % 3 else 0.0)  # so that chunks overtake each other
    return drawn(chunk)


def place(chunk: Chunk) -> tuple[int, int]:
    return os.getpid(), threading.get_ident()


def whole(work: Callable[[Chunk], np.ndarray], executor: Executor | None = None) -> bytes:
    parts = mapped(work, ROWS, size=SIZE, seed=SEED, executor=executor)
    return np.concatenate(list(parts)).tobytes()


def expected() -> bytes:
    """The figures as NumPy says, without our code."""
    parts = []
    for position, start in enumerate(range(0, ROWS, SIZE)):
        seeds = np.random.SeedSequence(SEED, spawn_key=(position,))
        parts.append(np.random.default_rng(seeds).standard_normal(min(SIZE, ROWS - start)))
    return np.concatenate(parts).tobytes()


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[LocalCluster, Client]]:
    with quiet_cluster() as found:
        yield found


# -- the same figures -------------------------------------------------------------


def test_this_process_gives_what_numpy_says() -> None:
    assert whole(drawn) == expected()


def test_spawned_as_numpy_spawns() -> None:
    children = np.random.SeedSequence(SEED).spawn(3)
    wanted = np.random.default_rng(children[2]).random(4)
    assert np.array_equal(Chunk(2, 0, 4, SEED).generator().random(4), wanted)


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("pool", [ProcessPoolExecutor, ThreadPoolExecutor])
def test_pools_give_the_same_bits(pool: Callable[[int], Executor], workers: int) -> None:
    with pool(workers) as executor:
        assert whole(drawn_slowly, executor) == expected()


def test_a_cluster_gives_the_same_bits(cluster: tuple[LocalCluster, Client]) -> None:
    executor = cluster[1].get_executor()
    assert whole(drawn_slowly, executor) == expected()
    pids = {pid for pid, _ in mapped(place, 40, size=1, seed=0, executor=executor)}
    assert len(pids) == 2
    assert os.getpid() not in pids


def test_it_runs_where_it_is_said_to() -> None:
    with ProcessPoolExecutor(2) as executor:
        pids = {pid for pid, _ in mapped(place, 40, size=1, seed=0, executor=executor)}
    assert os.getpid() not in pids
    assert {pid for pid, _ in mapped(place, 4, size=1, seed=0)} == {os.getpid()}


@pytest.mark.parametrize("rows", [0, 1, 63, 64, 65])
def test_rows_are_covered_once(rows: int) -> None:
    with ThreadPoolExecutor(2) as executor:
        found = list(mapped(lambda c: (c.start, c.stop), rows, size=64, seed=0, executor=executor))
    assert [row for start, stop in found for row in range(start, stop)] == list(range(rows))


def test_the_first_rows_do_not_depend_on_how_many_there_are() -> None:
    few = np.concatenate(list(mapped(drawn, 128, size=SIZE, seed=SEED)))
    assert few.tobytes() == expected()[: few.nbytes]


# -- mutants: the tests above tell wrong ways ----------------------------------------


def by_worker(chunk: Chunk) -> np.ndarray:
    """Seed by who runs it: what must not be."""
    return np.random.default_rng([chunk.seed, os.getpid()]).standard_normal(chunk.rows)


def one_stream(random: np.random.Generator, chunk: Chunk) -> np.ndarray:
    """Draw on where the last chunk of this process left off: what must not be."""
    time.sleep(0.02)  # so that no process takes all
    return random.standard_normal(chunk.rows)


def test_seeding_by_worker_is_caught() -> None:
    with ProcessPoolExecutor(2) as executor:
        assert whole(by_worker, executor) != whole(by_worker)
        stream = functools.partial(one_stream, np.random.default_rng(SEED))
        assert whole(stream, executor) != whole(stream)


# -- a worker that dies ----------------------------------------------------------------


def killed_once(folder: Path, chunk: Chunk) -> np.ndarray:
    """Kill the worker that takes chunk 5 first."""
    mark = folder / "killed"
    if chunk.position == 5 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return drawn(chunk)


def killed_away(home: int, chunk: Chunk) -> np.ndarray:
    """Kill every worker that takes chunk 5, but not the process that asked."""
    if chunk.position == 5 and os.getpid() != home:
        os.kill(os.getpid(), signal.SIGKILL)
    return drawn(chunk)


def test_a_killed_process_is_survived(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2) as executor:
        assert whole(functools.partial(killed_once, tmp_path), executor) == expected()
        assert (tmp_path / "killed").exists()
        with pytest.raises(BrokenExecutor):
            executor.submit(os.getpid)
        assert whole(drawn, executor) == expected()  # of a pool that was broken before


def test_a_killed_worker_of_a_cluster_is_survived(tmp_path: Path) -> None:
    with quiet_cluster() as (_, client):
        work = functools.partial(killed_once, tmp_path)
        assert whole(work, client.get_executor()) == expected()
        assert (tmp_path / "killed").exists()


def test_a_chunk_that_a_cluster_gives_up_is_run_here() -> None:
    with quiet_cluster({"distributed.scheduler.allowed-failures": 0}) as (_, client):
        work = functools.partial(killed_away, os.getpid())
        assert whole(work, client.get_executor()) == expected()


def wrong(chunk: Chunk) -> np.ndarray:
    if chunk.position == 3:
        raise ValueError("chunk 3 is wrong")
    return drawn(chunk)


def test_a_result_that_a_cluster_loses_on_its_way_is_found_here(
    cluster: tuple[LocalCluster, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dask's executor looks at a result's state after it has it; meanwhile its worker may die."""

    async def forgotten(self: DaskFuture, raiseit: bool = True) -> object:
        result = await whole_result(self, raiseit)
        self._state.lose()
        return result

    whole_result = DaskFuture._result
    monkeypatch.setattr(DaskFuture, "_result", forgotten)
    assert whole(drawn, cluster[1].get_executor()) == expected()


def test_an_error_of_the_work_on_a_cluster_is_raised(cluster: tuple[LocalCluster, Client]) -> None:
    with pytest.raises(ValueError, match="chunk 3 is wrong"):
        whole(wrong, cluster[1].get_executor())
    assert left_after_a_while(cluster[1]) == 0


@pytest.mark.parametrize("pool", [None, ProcessPoolExecutor, ThreadPoolExecutor])
def test_an_error_of_the_work_is_raised(pool: Callable[[int], Executor] | None) -> None:
    executor = None if pool is None else pool(2)
    with pytest.raises(ValueError, match="chunk 3 is wrong"):
        whole(wrong, executor)
    if executor is not None:
        assert whole(drawn, executor) == expected()  # the pool goes on
        executor.shutdown()


# -- progress, cancelling, and how much is on its way -------------------------------------


class Watched(ThreadPoolExecutor):
    """Threads that remember what was submitted."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.futures: list[Future[object]] = []

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        future = super().submit(fn, *args, **kwargs)
        self.futures.append(future)
        return future


@pytest.mark.parametrize("threads", [0, 2])
def test_progress_counts_up_to_all(threads: int) -> None:
    seen: list[tuple[int, int]] = []
    executor = ThreadPoolExecutor(threads) if threads else None
    parts = mapped(
        drawn,
        ROWS,
        size=SIZE,
        seed=SEED,
        executor=executor,
        progress=lambda done, of: seen.append((done, of)),
    )
    assert len(list(parts)) == len(seen)
    assert seen == [(min(ROWS, done + SIZE), ROWS) for done in range(0, ROWS, SIZE)]
    if executor:
        executor.shutdown()


def test_only_a_window_is_on_its_way() -> None:
    with Watched(2) as executor:
        parts = mapped(drawn, ROWS, size=10, seed=SEED, executor=executor, window=5)
        for taken, _ in enumerate(parts, start=1):
            assert len(executor.futures) <= taken + 4
        assert len(executor.futures) == 100


def test_closing_cancels_what_is_on_its_way() -> None:
    with Watched(2) as executor:
        parts = mapped(drawn_slowly, ROWS, size=10, seed=SEED, executor=executor, window=20)
        next(parts)
        parts.close()
        assert all(future.done() for future in executor.futures)
        assert sum(future.cancelled() for future in executor.futures) > 10


def interrupt(done: int, of: int) -> None:
    if done > 2 * SIZE:
        raise KeyboardInterrupt


def test_an_interrupt_leaves_no_process_behind() -> None:
    before = set(multiprocessing.active_children())
    with ProcessPoolExecutor(2) as executor:
        parts = mapped(
            drawn_slowly, 10**6, size=SIZE, seed=SEED, executor=executor, progress=interrupt
        )
        with pytest.raises(KeyboardInterrupt):
            list(parts)
        assert executor.submit(os.getpid).result() != os.getpid()  # nothing is in its way
    assert set(multiprocessing.active_children()) == before


def test_a_progress_that_fails_cancels_what_is_on_its_way() -> None:
    with Watched(2) as executor:
        parts = mapped(
            drawn_slowly, 10**6, size=SIZE, seed=SEED, executor=executor, progress=interrupt
        )
        with pytest.raises(KeyboardInterrupt) as held:
            list(parts)
        assert all(future.done() for future in executor.futures)
        assert held.value.__traceback__ is not None  # it holds the generators all the while


def test_an_interrupt_while_waiting_cancels_the_rest() -> None:
    def waits(chunk: Chunk) -> None:
        if chunk.position == 3:
            started.set()
            over.wait(20)

    def press() -> None:
        started.wait(20)
        until = time.monotonic() + 20
        while len(executor.futures) < 60 and time.monotonic() < until:
            time.sleep(0.001)  # else there is hardly a rest yet that could be cancelled
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        while not executor.futures[-1].cancelled() and time.monotonic() < until:
            time.sleep(0.001)
        over.set()

    started, over = threading.Event(), threading.Event()
    with Watched(1) as executor:
        parts = mapped(waits, 100, size=1, seed=0, executor=executor)
        keys = threading.Thread(target=press)
        keys.start()
        with pytest.raises(KeyboardInterrupt):
            list(parts)
        keys.join()
        assert all(future.done() for future in executor.futures)
        assert sum(future.cancelled() for future in executor.futures) > 50


def test_closing_leaves_nothing_on_a_cluster(cluster: tuple[LocalCluster, Client]) -> None:
    client = cluster[1]
    parts = mapped(drawn_slowly, 10**6, size=10, seed=SEED, executor=client.get_executor())
    next(parts)
    parts.close()
    assert left_after_a_while(client) == 0
    assert whole(drawn, client.get_executor()) == expected()


def tasks_held(dask_scheduler: object) -> int:
    """Return how many tasks a scheduler holds; an error stays with Dask's own traceback."""
    tasks = dask_scheduler.tasks.values()  # type: ignore[attr-defined]
    return sum(task.state != "erred" for task in tasks)


def left_after_a_while(client: Client) -> int:
    """Return how many tasks a scheduler still holds when it had the time to let go of them."""
    until = time.monotonic() + 20
    while (held := client.run_on_scheduler(tasks_held)) and time.monotonic() < until:
        gc.collect()  # Dask's own tracebacks go round in circles
        time.sleep(0.02)
    return int(held)
