"""What the machine can do, measured in the same run: operations and bytes a second."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from time import perf_counter

import numpy as np

from decision.solve.compiled import Plan

SMALL, LARGE = 4096, 4 * 2**20


@dataclass(frozen=True)
class Machine:
    """Limits of one thread of numpy.

    Attributes
    ----------
    operations : float
        Multiplications a second of arrays that stay in the nearest cache.
    bytes : float
        Bytes a second, read and written, of arrays that do not fit any cache.
    """

    operations: float
    bytes: float

    def least(self, plan: Plan) -> float:
        """Return the seconds below which a plan cannot be run for one row.

        Its operations at the rate of the cache, or its inputs once from memory.
        """
        inputs = sum(plan.cells(scope) for _, scope in plan.inputs) * 8
        return max(plan.cost.operations / self.operations, inputs / self.bytes)


def measured() -> Machine:
    """Measure the machine."""
    a, b, c = (np.ones(SMALL) for _ in range(3))
    wide, other = np.ones(LARGE), np.ones(LARGE)
    fast = _best(lambda: [np.multiply(a, b, out=c) for _ in range(100)], 30)
    slow = _best(lambda: np.copyto(wide, other), 8)
    return Machine(100 * SMALL / fast, 16 * LARGE / slow)


def _best(call: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return min(times)


def described() -> dict[str, str]:
    """Return the machine and the versions."""
    model = platform.processor() or platform.machine()
    about = Path("/proc/cpuinfo")
    if about.exists():
        named = [s for s in about.read_text().splitlines() if s.startswith("model name")]
        model = named[0].split(":", 1)[1].strip() if named else model
    return {
        "processor": f"{model}, {cpu_count()} cores",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pyagrum": version("pyagrum"),
        "decision": version("decision"),
    }
