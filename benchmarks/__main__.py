"""``python -m benchmarks``: time everything, write results.json and README.md's table."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.machine import Machine, described, measured
from benchmarks.measures import MEASURES
from benchmarks.measures import measured as measured_alone
from benchmarks.workloads import Workload, workloads
from decision.solve.engine import using

HERE = Path(__file__).parent
ROUND = 0.02
"""Seconds that a side's turn in a round takes at least."""
DIGITS = 1e-9


def main() -> None:
    """Time, print and write."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=main.__doc__)
    parser.add_argument("--only", default="", help="workloads whose name holds this; not written")
    only = parser.parse_args().only
    machine, about = measured(), described()
    about["one thread of numpy"] = (
        f"{machine.operations / 1e9:.2f} billion multiplications a second in cache, "
        f"{machine.bytes / 1e9:.1f} GB a second through memory"
    )
    rows = []
    for workload in workloads():
        if only in workload.name:
            rows.append(timed(workload, machine))
            print(_line(rows[-1]), flush=True)
    measures = []
    for measure in MEASURES:
        if only in measure.what:
            found = measured_alone(measure.name)
            measures.append(
                {"what": measure.what, "found": found, "unit": measure.unit, "asked": measure.asked}
            )
            print(_measure_line(measures[-1]), flush=True)
    if not only:
        results = {"machine": about, "rows": rows, "measures": measures}
        text = json.dumps(results, indent=1, ensure_ascii=False)
        (HERE / "results.json").write_text(text + "\n", encoding="utf-8")
        _write_table(about, rows, measures)


def timed(workload: Workload, machine: Machine) -> dict[str, Any]:
    """Return a row: medians over interleaved rounds, and what the answers are worth."""
    with using(workload.engine):
        return _timed(workload, machine)


def _timed(workload: Workload, machine: Machine) -> dict[str, Any]:
    ours, peer = workload.ours, workload.peer
    answers = [ours(), peer() if peer else None]
    verdict = _verdict(answers, workload.answer() if workload.answer else None)
    calls = [ours] if peer is None else [ours, peer]
    turns = [_turns(call) for call in calls]
    times: list[list[float]] = [[] for _ in calls]
    for i in range(workload.rounds):
        for side in range(len(calls)) if i % 2 else reversed(range(len(calls))):
            times[side].append(_once(calls[side], turns[side]))
    mine, *others = (1e6 * median(t) for t in times)
    theirs = others[0] * workload.rows / workload.peer_rows if others else None
    least = None
    if workload.plan is not None:
        least = 1e6 * machine.least(workload.plan) * workload.rows
    return {
        "workload": workload.name,
        "engine": workload.engine,
        "peer": workload.said or "pyAgrum",
        "ours_us": round(mine, 1),
        "peer_us": None if theirs is None else round(theirs, 1),
        "ratio": None if theirs is None else round(theirs / mine, 3),
        "bound_share": None if least is None else round(least / mine, 4),
        "answers": verdict,
    }


def _turns(call: Callable[[], object]) -> int:
    """Return how often a side calls in its turn, found once it is warm."""
    time = _once(call, 1)
    if time < ROUND:
        time = min(_once(call, 3) for _ in range(3))
    return max(1, int(ROUND / time))


def _once(call: Callable[[], object], turns: int) -> float:
    start = perf_counter()
    for _ in range(turns):
        call()
    return (perf_counter() - start) / turns


def _verdict(answers: list[float | None], answer: float | None) -> str:
    """Return what brute force says of both answers."""
    if answer is None:
        return "not compared"
    ours, theirs = answers
    said = []
    for who, found in (("ours", ours), ("pyAgrum's", theirs)):
        right = found is not None and abs(found - answer) <= DIGITS * max(abs(answer), 1.0)
        said.append(f"{who} right" if right else f"{who} WRONG: {found}, not {answer}")
    return "both right" if all("WRONG" not in s for s in said) else "; ".join(said)


def _line(row: dict[str, Any]) -> str:
    peer = "–" if row["peer_us"] is None else f"{row['peer_us']:,.0f}"
    ratio = "–" if row["ratio"] is None else f"{row['ratio']:.3g}"
    share = "–" if row["bound_share"] is None else f"{100 * row['bound_share']:.1f} %"
    name = row["workload"] + ("" if row["peer"] == "pyAgrum" else f"; peer: {row['peer']}")
    cells = (name, row["engine"], f"{row['ours_us']:,.0f}", peer, ratio, share, row["answers"])
    return f"| {' | '.join(cells)} |"


def _measure_line(row: dict[str, Any]) -> str:
    return f"| {row['what']} | {row['found']:.3g} {row['unit']} | {row['asked']} |"


def _write_table(
    about: dict[str, str], rows: list[dict[str, Any]], measures: list[dict[str, Any]]
) -> None:
    readme = HERE / "README.md"
    lines = [f"{key}: {text}" for key, text in about.items()]
    table = [
        "; ".join(lines) + ".",
        "",
        "| workload | engine | ours, µs | peer, µs | peer / ours | of the bound | brute force |",
        "|---|---|---|---|---|---|---|",
        *map(_line, rows),
        "",
        "| counted, or in processes of their own | found | asked |",
        "|---|---|---|",
        *map(_measure_line, measures),
    ]
    begin, end = "<!-- table -->", "<!-- end -->"
    text = readme.read_text(encoding="utf-8")
    inside = f"{begin}\n" + "\n".join(table) + f"\n{end}"
    readme.write_text(
        re.sub(f"{begin}.*{end}", lambda _: inside, text, flags=re.DOTALL), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
