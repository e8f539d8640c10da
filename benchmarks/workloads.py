"""What is timed: pairs of calls, ours and the peer's, and the answer both should give."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from benchmarks.brute import pigs_value, process_value
from benchmarks.models import pigs, policy12, process
from benchmarks.peer import Peer
from decision.analysis.sensitivity import findings
from decision.model.covariation import covary
from decision.model.diagram import InfluenceDiagram
from decision.model.folder import read_model
from decision.solve.compiled import Plan
from decision.solve.enumeration import enumerate_solve
from decision.solve.gradient import derivatives
from decision.solve.inputs import arrays_for
from decision.solve.plan import plan
from decision.solve.reverse import slopes
from decision.solve.run import run, trimmed
from decision.solve.solution import solve

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Workload:
    """A pair of calls.

    Attributes
    ----------
    name : str
    ours, peer : callable
        Each returns its answer; the peer's is None where it has none to give.
    answer : callable or None
        What brute force says both should answer at the first call.
    plan : Plan or None
        What our call cannot do without: one run of it for each row.
    rounds : int
    engine : str
        Of ours: "numpy" or "numba".
    rows, peer_rows : int
        Rows that a call of ours, and of the peer, goes through; the peer's time is
        scaled up to ours.
    said : str
        What the peer is, where it is not pyAgrum.
    """

    name: str
    ours: Callable[[], float | None]
    peer: Callable[[], float | None] | None = None
    answer: Callable[[], float] | None = None
    plan: Plan | None = None
    rounds: int = 25
    engine: str = "numpy"
    rows: int = 1
    peer_rows: int = 1
    said: str = ""


def workloads() -> Iterator[Workload]:
    """Yield every workload, built when its turn comes."""
    korea = read_model(ROOT / "data" / "korea_2018")
    for engine in ("numpy", "numba"):
        model = policy12()
        yield _edited("policy12: change one number and solve", model, "c6", 41, engine=engine)
        yield _solved("policy12: solve, nothing changed", model, 41, engine)
        yield _drawn(model, 10_000, engine)
        yield _derived("policy12", model, "c6", engine)
        yield _derived_batch(model, 2_000, engine)
        yield _derived("Korea", korea, korea.chances[-1].name, engine)
        last = korea.chances[-1].name
        yield _edited("Korea: change one number and solve", korea, last, 15, engine=engine)
        yield Workload(
            f"Korea: sensitivity, all {len(findings(korea))} ranges and their break-evens",
            lambda: float(len(findings(korea))),
            rounds=5,
            engine=engine,
        )
        yield _edited(
            "pigs, 10 months: change and solve", pigs(10), "health_2", 5, pigs_value, engine=engine
        )
        for stages, rounds in ((50, 15), (100, 9), (200, 7), (500, 5)):
            for node in ("x1", f"x{stages - 1}"):
                yield _edited(
                    f"process of {stages} stages: change in {node} and solve",
                    process(stages),
                    node,
                    rounds,
                    process_value,
                    remembers=False,
                    engine=engine,
                )
    yield _processes()


def _drawn(model: InfluenceDiagram, number: int, engine: str, few: int = 20) -> Workload:
    """Every table drawn anew for each row: tables ready, the optimum asked for."""
    rng = np.random.default_rng(0)
    tables = {
        c.name: rng.dirichlet(np.ones(len(c.states)), size=(number, *c.table.shape[:-1]))
        for c in model.chances
    }
    tables |= {
        v.name: v.table * rng.uniform(0.5, 1.5, size=(number, *v.table.shape)) for v in model.values
    }
    found = plan(model.structure)
    assert found.value is not None
    optimum = trimmed(found, (found.value,))
    arrays = {
        key: np.ascontiguousarray(np.moveaxis(tables[key[1]], 0, -1)) if key[1] else array
        for key, array in arrays_for(optimum, model).items()
    }
    peer = Peer(model)

    def brute() -> float:
        drawn = model.with_numbers({name: table[0] for name, table in tables.items()})
        return enumerate_solve(drawn).expected_value

    def theirs() -> float:
        rows = ({n: t[i] for n, t in tables.items()} for i in range(few))
        answers = [peer.solve_tables(row) for row in rows]
        return answers[0]

    return Workload(
        f"policy12: {number:,} draws of every table",
        lambda: float(run(optimum, arrays)[found.value][0]),  # type: ignore[index]
        theirs,
        brute,
        optimum,
        9,
        engine,
        number,
        few,
    )


def _derived(name: str, model: InfluenceDiagram, node: str, engine: str) -> Workload:
    """Change a number and ask for the value and all derivatives, or for the solution alone."""
    target, _, _ = _target(model, node)
    moves = [count(1), count(1)]
    return Workload(
        f"{name}: change, value and all derivatives",
        lambda: derivatives(model.changed(f"{target} = {_number(next(moves[0]))!r}")).value,
        lambda: solve(model.changed(f"{target} = {_number(next(moves[1]))!r}")).expected_value,
        rounds=41,
        engine=engine,
        said="our own change and solve",
    )


def _derived_batch(model: InfluenceDiagram, number: int, engine: str) -> Workload:
    """The same for a batch of draws."""
    rng = np.random.default_rng(0)
    found = plan(model.structure)
    arrays = {}
    for key, array in arrays_for(found, model).items():
        wide = array * rng.uniform(0.7, 1.3, size=(*array.shape[:-1], number)) if key[1] else array
        arrays[key] = wide / wide.sum(axis=-2, keepdims=True) if key[0] == "chance" else wide
    return Workload(
        f"policy12: value and all derivatives of {number:,} draws",
        lambda: float(slopes(found, arrays).value[0]),
        lambda: float(run(found, arrays)[found.value][0]),  # type: ignore[index]
        rounds=9,
        engine=engine,
        said="our own solving of them",
    )


def _edited(
    name: str,
    model: InfluenceDiagram,
    node: str,
    rounds: int,
    brute: Callable[[InfluenceDiagram], float] = lambda model: (
        enumerate_solve(model).expected_value
    ),
    remembers: bool = True,
    engine: str = "numpy",
) -> Workload:
    """Change a row of a node to other numbers at each call, and solve.

    We parse a change that was never parsed before; the peer is given the finished row.
    """
    target, key, state = _target(model, node)
    chance = model.node(node, ("chance",))
    row = chance.table[key]
    peer = Peer(model, remembers)
    peer.row(node, dict(zip(chance.given, key, strict=True)))
    moves = [count(1), count(1)]

    def ours() -> float:
        moved = model.changed(f"{target} = {_number(next(moves[0]))!r}")
        return solve(moved).expected_value

    def theirs() -> float:
        number = np.float64(_number(next(moves[1])))
        return peer.solve(covary(row, state, number).tolist())

    def answer() -> float:
        return brute(model.changed(f"{target} = {_number(1)!r}"))

    found = plan(model.structure)
    return Workload(name, ours, theirs, answer, found, rounds, engine)


def _number(step: int) -> float:
    return 0.3 + (step * 0.0618033988749 % 0.4)


def _target(model: InfluenceDiagram, node: str) -> tuple[str, tuple[int, ...], int]:
    """Return the left side of a change of a node, and the row and the state that it changes."""
    chance = model.node(node, ("chance",))
    key = _row(chance.table)
    row = chance.table[key]
    state = int(np.argmax((row > 0.02) & (row < 0.98)))
    pairs = zip(chance.given, key, strict=True)
    behind = ", ".join(f"{parent}={model.states(parent)[k]}" for parent, k in pairs)
    return f"P({node}={chance.states[state]}{' | ' + behind if behind else ''})", key, state


def _row(table: np.ndarray) -> tuple[int, ...]:
    """Return the first row that is not certain."""
    open_ = ((table > 0.02) & (table < 0.98)).any(axis=-1)
    return tuple(int(k) for k in np.argwhere(open_)[0])


def _solved(name: str, model: InfluenceDiagram, rounds: int, engine: str) -> Workload:
    peer = Peer(model)
    peer.row(model.chances[0].name, {})
    return Workload(
        name,
        lambda: solve(model).expected_value,
        lambda: peer.solve(model.chances[0].table.tolist()),
        lambda: enumerate_solve(model).expected_value,
        plan(model.structure),
        rounds,
        engine,
    )


def _processes() -> Workload:
    """`decision solve` of a small model against a Python that imports numpy."""
    program = Path(sys.executable).with_name("decision")
    example = ROOT / "data" / "examples" / "umbrella"
    solved = [str(program), "solve", str(example)]

    # A Python that may not write bytecode would compile our files anew, not numpy's.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def run(command: list[str]) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=kept)

    return Workload(
        "`decision solve` of a small model, whole process",
        lambda: run(solved),
        lambda: run([sys.executable, "-c", "import numpy"]),
        rounds=25,
        said="`python -c 'import numpy'`",
    )
