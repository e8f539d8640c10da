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

from decision.model.problems import PYTHON, ModelError, Problem, shorten
from decision.solve.compiled import Plan
from decision.solve.steps import OVERHEAD

__all__ = ["interpreter", "using"]

ENGINES = ("auto", "numpy", "numba")
WORTH = 5e8
"""Operations after which numba is started: about half a second of numpy's."""


class _Engine:
    """What this process has chosen, and what it has done so far."""

    def __init__(self) -> None:
        self.name = "auto"
        self.done = 0.0
        self.module: ModuleType | None = None
        self.why = ""

    def start(self) -> ModuleType | None:
        """Start numba; None where it is not installed, or cannot run here.

        It refuses a numpy that is newer than it knows (ImportError), and a machine on which
        there is nowhere to keep what it compiles (RuntimeError).
        """
        try:
            self.module = import_module("decision.solve.interpreter")
        except (ImportError, RuntimeError) as error:
            self.done = float("-inf")  # not tried again
            self.why = str(error) or type(error).__name__
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
        If numba is asked for and not installed, or cannot run here.

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
        what = f"the engine 'numba' cannot be started: {shorten(_engine.why, 200)}"
        do = "install the extra 'fast' of decision, or use the engine 'numpy'"
        raise ModelError([Problem(*PYTHON, what, do)])
    if name not in ENGINES:
        what = f"there is no engine '{shorten(name)}'"
        raise ModelError([Problem(*PYTHON, what, f"use one of {', '.join(ENGINES)}")])
    _engine.name = name
    try:
        yield
    finally:
        _engine.name = before
