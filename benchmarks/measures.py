"""What is counted rather than timed, and what takes whole processes: memory, solves, shares.

Each is run in a process of its own, ``python -m benchmarks.measures NAME``, which prints one
number.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.models import pigs, policy12
from decision.analysis.draws import drawn_worths
from decision.analysis.sampling import Around
from decision.analysis.sensitivity import findings
from decision.model.diagram import InfluenceDiagram
from decision.model.records import Input
from decision.solve.engine import using
from decision.solve.lines import Branches
from decision.solve.solution import solve

DRAWS = 1_000_000
STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Measure:
    """A number to be found.

    Attributes
    ----------
    name, what, unit : str
    asked : str
        What it is to reach.
    find : callable
    """

    name: str
    what: str
    unit: str
    asked: str
    find: Callable[[], float]


def memory() -> float:
    """Return the most memory this process had, in megabytes.

    Not `getrusage`'s, which counts what the process had before it became this program.
    """
    (line,) = [s for s in STATUS.read_text().splitlines() if s.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def drawn_memory() -> float:
    """Draw and solve a million; the memory over that of a process that drew a thousand."""
    with using("numba"):
        model = policy12()
        drawn_worths(model, draws=1000, seed=1, draw=Around())
        base = memory()
        drawn_worths(model, draws=DRAWS, seed=1, draw=Around())
    return memory() - base


def pigs_memory() -> float:
    """Solve twelve months of pigs; the memory over that of a process that solved two."""
    solve(pigs(2))
    base = memory()
    solve(pigs(12))
    return memory() - base


def pigs_seconds() -> float:
    """Return the seconds that twelve months take."""
    solve(pigs(2))
    start = perf_counter()
    solve(pigs(12))
    return perf_counter() - start


def ranged(model: InfluenceDiagram) -> InfluenceDiagram:
    """Return a model each of whose numbers has a range: all of [0, 1], and 10 either way."""
    rows: dict[str, tuple[Input, ...]] = {}
    for node in (*model.chances, *model.values):
        chance = node.kind == "chance"
        rows[node.name] = tuple(
            Input(i.node, i.where, i.state, i.number, i.text, *((0.0, 1.0) if chance else span(i)))
            for i in model.inputs
            if i.node == node.name
        )
    return InfluenceDiagram(
        decisions=model.decisions, chances=model.chances, values=model.values, rows=rows
    )


def span(row: Input) -> tuple[float, float]:
    """Return the range of an amount."""
    return row.number - 10, row.number + 10


def break_even_solves(by: str) -> float:
    """Return the solves that all break-evens of all rows take: rows of all batches."""
    counted = 0
    ran = Branches._run

    def counting(self, option, moved, number):  # type: ignore[no-untyped-def]
        nonlocal counted
        counted += number
        return ran(self, option, moved, number)

    Branches._run = counting  # type: ignore[method-assign]
    findings(ranged(policy12()), by)
    return float(counted)


def two_processes() -> float:
    """Return how many times as fast two processes draw and solve a million as one does."""
    model = policy12()

    def timed(workers: int) -> float:
        with using("numba"), ProcessPoolExecutor(workers) as pool:
            drawn_worths(model, draws=50_000, seed=1, draw=Around(), executor=pool)
            start = perf_counter()
            drawn_worths(model, draws=DRAWS, seed=1, draw=Around(), executor=pool)
            return perf_counter() - start

    times = [(timed(1), timed(2)) for _ in range(2)]
    return min(one for one, _ in times) / min(two for _, two in times)


MEASURES = (
    Measure(
        "drawn_memory", "policy12: 10⁶ draws, all tables, drawn and solved: live memory over base",
        "MB", "≤ 64", drawn_memory,
    ),
    Measure(
        "pigs_memory", "pigs, 12 months, full memory: memory over base", "MB", "≤ 250", pigs_memory
    ),
    Measure("pigs_seconds", "pigs, 12 months, full memory", "s", "", pigs_seconds),
    *(
        Measure(
            f"break_evens_{by}", f"policy12: all break-evens of all rows, branches of {by}",
            "solves", "≤ 4000", lambda by=by: break_even_solves(by),
        )
        for by in ("d0", "d1", "d2")
    ),
    Measure(
        "two_processes", "policy12: 10⁶ draws drawn and solved, two processes against one",
        "times", "≥ 1.7", two_processes,
    ),
)  # fmt: skip


def measured(name: str) -> float:
    """Return a measure, found in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.measures", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    (found,) = (measure for measure in MEASURES if measure.name == sys.argv[1])
    print(found.find())
