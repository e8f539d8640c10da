"""Work over many draws, cut in chunks that any executor may run, with the same figures.

What a chunk is depends on the work alone: its position, its rows and its seed, which is
`numpy.random.SeedSequence(seed, spawn_key=(position,))`: streams that hashing keeps apart
(O'Neill 2015, "Developing a seed_seq alternative"; L'Ecuyer, Munger, Oreshkin and Simard
2017, "Random numbers for parallel computers", Mathematics and Computers in Simulation 135,
doi:10.1016/j.matcom.2016.05.005). Nothing of who runs it, or when, goes into it, and what
comes back is given in order. So one process, a pool of threads or processes and a Dask
cluster (`distributed.Client(…).get_executor()`) give the same bits.

Only so many chunks are on their way at once. Where a worker dies, what it took with it is
run in this process. Closing the generator, Ctrl-C or an error cancels what is on its way
and waits for what cannot be cancelled: no call outlives the generator. The executor is
the caller's: it is not shut down.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import uuid4

import numpy as np

from decision.model.dataclass import dataclass

__all__ = ["Chunk", "Progress", "mapped"]

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Called with the rows that are done, and the rows there are."""

WINDOW = 64
"""Chunks that are on their way at once, at most."""


@dataclass(frozen=True)
class Chunk:
    """Some rows of the work.

    Attributes
    ----------
    position : int
        Its place among the chunks, from 0.
    start, stop : int
        Its rows: from start up to stop, that left out.
    seed : int
        Of the whole work.

    Examples
    --------
    >>> Chunk(2, 200, 250, seed=7).generator().integers(100, size=3)
    array([39, 63, 78])
    """

    position: int
    start: int
    stop: int
    seed: int

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.stop - self.start

    def generator(self) -> np.random.Generator:
        """Return the random numbers of this chunk, from their beginning."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(self.position,)))


def mapped(
    work: Callable[[Chunk], T],
    rows: int,
    *,
    size: int,
    seed: int,
    executor: Executor | None = None,
    progress: Progress | None = None,
    window: int = WINDOW,
) -> Generator[T, None, None]:
    """Yield what each chunk of some work gives, in order.

    Parameters
    ----------
    work : callable
        From a chunk to what it gives; for other processes it must be possible to pickle.
    rows : int
    size : int
        Rows of a chunk; the last may have fewer. It must follow from the work alone.
    seed : int
        Zero or more.
    executor : Executor, optional
        Who runs the chunks: threads, processes, a Dask cluster; default: this process.
    progress : callable, optional
        Called with (rows done, rows) whenever the next chunk in order is back.
    window : int
        Chunks that are on their way at once, at most.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> def work(chunk):
    ...     return chunk.start, chunk.generator().integers(100)
    >>> alone = list(mapped(work, 10, size=4, seed=1))
    >>> with ThreadPoolExecutor(2) as threads:
    ...     list(mapped(work, 10, size=4, seed=1, executor=threads)) == alone
    True
    """
    chunks = _chunks(rows, size, seed)
    given = (work(chunk) for chunk in chunks)
    if executor is not None:
        given = _sent(work, chunks, executor, window)
    done = 0
    try:
        for result in given:
            done = min(rows, done + size)
            if progress is not None:
                progress(done, rows)
            yield result
    finally:
        given.close()


def _chunks(rows: int, size: int, seed: int) -> Iterator[Chunk]:
    for position, start in enumerate(range(0, rows, size)):
        yield Chunk(position, start, min(rows, start + size), seed)


def _sent(
    work: Callable[[Chunk], T], chunks: Iterator[Chunk], executor: Executor, window: int
) -> Generator[T, None, None]:
    """Yield what each chunk gives, so many at once on their way to an executor."""
    parcel = _Parcel(work)
    away: deque[tuple[Chunk, Future[T] | None]] = deque()
    try:
        while True:
            while len(away) < window and (chunk := next(chunks, None)) is not None:
                away.append((chunk, None))  # here already if submitting is interrupted
                away[-1] = (chunk, _submitted(executor, parcel, chunk))
            if not away:
                return
            # What is waited for stays among what is away, to be cancelled with it.
            result = _back(*away[0], work)
            away.popleft()
            yield result
    finally:
        left = [future for _, future in away if future is not None and not future.cancel()]
        away.clear()
        wait(left)
        left.clear()  # an error's traceback holds this frame, and a cluster what a future holds


def _submitted(executor: Executor, parcel: _Parcel[T], chunk: Chunk) -> Future[T] | None:
    """Send a chunk on its way; None where the executor is broken."""
    try:
        return executor.submit(parcel, chunk)
    except BrokenExecutor:
        return None


def _back(chunk: Chunk, future: Future[T] | None, work: Callable[[Chunk], T]) -> T:
    """Return what a chunk gives; it is run here if its worker died."""
    if future is not None:
        try:
            return future.result()
        except Exception as error:
            if not _died(error):
                raise
    return work(chunk)


def _died(error: Exception) -> bool:
    """Whether an error says that a worker died, not that the work is wrong."""
    if isinstance(error, BrokenExecutor):
        return True
    # Dask's executor says so with a KilledWorker, or stumbles over a result that was lost
    # while it came (it asks for its state twice, and unpacks it as an error); both are
    # raised in that module, errors of the work are raised deeper.
    trace, deepest = error.__traceback__, ""
    while trace is not None:
        deepest = trace.tb_frame.f_globals.get("__name__", "")
        trace = trace.tb_next
    return deepest == "distributed.cfexecutor"


class _Parcel(Generic[T]):
    """Work that is pickled once for all chunks, and unpickled once by each process.

    Threads of this process call it as it is.
    """

    def __init__(self, work: Callable[[Chunk], T]) -> None:
        self.work = work
        self.name = uuid4().hex
        self.packed: bytes | None = None

    def __call__(self, chunk: Chunk) -> T:
        return self.work(chunk)

    def __reduce__(self) -> tuple[Any, ...]:
        if self.packed is None:
            self.packed = pickle.dumps(self.work)
        return _unpacked, (self.packed,)

    def __dask_tokenize__(self) -> str:
        # Dask names a call by what is called: work that was cancelled is not to be met again.
        return self.name


@lru_cache(maxsize=4)
def _unpacked(packed: bytes) -> Any:
    return pickle.loads(packed)
