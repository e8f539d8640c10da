"""Which engine runs a plan: numpy, or numba where it is installed and worth starting.

Both give the same bits, so that it never matters which ran. Starting numba takes half a
second (the very first time on a machine, some seconds more, to compile); a process that
solves a small model once does not wait for that. So numba is started when this process
has done as much arithmetic as would have paid for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

from decision.model.problems import ModelError, Problem
from decision.solve.compiled import Plan
from decision.solve.steps import OVERHEAD

__all__ = ["interpreter", "using"]

WORTH = 5e8
"""Operations after which numba is started: about half a second of numpy's."""


class _Engine:
    """What this process has chosen, and what it has done so far."""

    def __init__(self) -> None:
        self.name = "auto"
        self.done = 0.0
        self.module: ModuleType | None = None

    def start(self) -> ModuleType | None:
        from importlib.util import find_spec  # most runs are too small to get here

        if find_spec("numba") is None:
            self.done = float("-inf")  # not asked again
            return None
        self.module = import_module("decision.solve.interpreter")
        return self.module


_engine = _Engine()


def interpreter(plan: Plan, rows: int = 1) -> ModuleType | None:
    """Return the numba interpreter if it is to run a plan of so many rows; None: numpy is."""
    if _engine.name == "numpy":
        return None
    if _engine.module is None:
        cost = plan.cost
        _engine.done += cost.operations * rows + OVERHEAD * cost.steps
        if _engine.done >= WORTH:
            return _engine.start()
    return _engine.module


@contextmanager
def using(name: str) -> Iterator[None]:
    """Choose the engine for a while: "numpy", "numba" or "auto".

    Raises
    ------
    ModelError
        If numba is asked for and not installed.

    Examples
    --------
    >>> from decision import read_model, solve
    >>> oil = read_model("data/examples/oil_wildcatter")
    >>> with using("numpy"):
    ...     round(solve(oil).expected_value, 9)
    22.5
    """
    before = _engine.name
    if name == "numba" and _engine.module is None and _engine.start() is None:
        what = "the engine 'numba' is not installed"
        raise ModelError([Problem("python", 1, what, "pip install 'decision[fast]'")])
    _engine.name = name
    try:
        yield
    finally:
        _engine.name = before
