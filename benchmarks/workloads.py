"""What is timed: pairs of calls, ours and the peer's, and the answer both should give."""

from __future__ import annotations

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
from decision.solve.plan import plan
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
        What our call cannot do without: one run of it.
    rounds : int
    """

    name: str
    ours: Callable[[], float | None]
    peer: Callable[[], float | None] | None = None
    answer: Callable[[], float] | None = None
    plan: Plan | None = None
    rounds: int = 25


def workloads() -> Iterator[Workload]:
    """Yield every workload, built when its turn comes."""
    model = policy12()
    yield _edited("policy12: change one number and solve", model, "c6", 41)
    yield _solved("policy12: solve, nothing changed", model, 41)
    korea = read_model(ROOT / "data" / "korea_2018")
    yield _edited("Korea: change one number and solve", korea, korea.chances[-1].name, 15)
    yield Workload(
        f"Korea: sensitivity, all {len(findings(korea))} ranges and their break-evens",
        lambda: float(len(findings(korea))),
        rounds=5,
    )
    yield _edited("pigs, 10 months: change and solve", pigs(10), "health_2", 5, pigs_value)
    for stages, rounds in ((50, 15), (100, 9), (200, 7), (500, 5)):
        yield _edited(
            f"process of {stages} stages: change and solve",
            process(stages),
            "x1",
            rounds,
            process_value,
            remembers=False,
        )
    yield _processes()


def _edited(
    name: str,
    model: InfluenceDiagram,
    node: str,
    rounds: int,
    brute: Callable[[InfluenceDiagram], float] = lambda model: (
        enumerate_solve(model).expected_value
    ),
    remembers: bool = True,
) -> Workload:
    """Change a row of a node to other numbers at each call, and solve.

    We parse a change that was never parsed before; the peer is given the finished row.
    """
    chance = model.node(node, ("chance",))
    key = _row(chance.table)
    row = chance.table[key]
    state = int(np.argmax((row > 0.02) & (row < 0.98)))
    where = [(parent, k) for parent, k in zip(chance.given, key, strict=True)]
    behind = ", ".join(f"{parent}={model.states(parent)[k]}" for parent, k in where)
    target = f"P({node}={chance.states[state]}{' | ' + behind if behind else ''})"
    peer = Peer(model, remembers)
    peer.row(node, dict(where))
    moves = [count(1), count(1)]

    def number(step: int) -> float:
        return 0.3 + (step * 0.0618033988749 % 0.4)

    def ours() -> float:
        moved = model.changed(f"{target} = {number(next(moves[0]))!r}")
        return solve(moved).expected_value

    def theirs() -> float:
        return peer.solve(covary(row, state, np.float64(number(next(moves[1])))).tolist())

    def answer() -> float:
        return brute(model.changed(f"{target} = {number(1)!r}"))

    return Workload(name, ours, theirs, answer, plan(model.structure), rounds)


def _row(table: np.ndarray) -> tuple[int, ...]:
    """Return the first row that is not certain."""
    open_ = ((table > 0.02) & (table < 0.98)).any(axis=-1)
    return tuple(int(k) for k in np.argwhere(open_)[0])


def _solved(name: str, model: InfluenceDiagram, rounds: int) -> Workload:
    peer = Peer(model)
    peer.row(model.chances[0].name, {})
    return Workload(
        name,
        lambda: solve(model).expected_value,
        lambda: peer.solve(model.chances[0].table.tolist()),
        lambda: enumerate_solve(model).expected_value,
        plan(model.structure),
        rounds,
    )


def _processes() -> Workload:
    """`decision solve` of a small model against a Python that imports numpy."""
    program = Path(sys.executable).with_name("decision")
    example = ROOT / "data" / "examples" / "umbrella"
    solved = [str(program), "solve", str(example)]

    def run(command: list[str]) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    return Workload(
        "`decision solve` of a small model, whole process; peer: `python -c 'import numpy'`",
        lambda: run(solved),
        lambda: run([sys.executable, "-c", "import numpy"]),
        rounds=15,
    )
