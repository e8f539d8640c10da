"""What each verb of the command line does: open the model, call one room, print."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from decision.cli.printing import as_csv, as_json, as_table, number
from decision.model.diagram import InfluenceDiagram
from decision.model.folder import read_model
from decision.model.problems import ModelError, Problem, shorten
from decision.model.shipped import model_folder, varied

if TYPE_CHECKING:
    import argparse

    from decision.solve.solution import Solution

__all__ = [
    "ask",
    "check",
    "claims",
    "convert",
    "new",
    "open_model",
    "outcomes",
    "print_rows",
    "progress",
    "report",
    "rerun",
    "solve",
    "tree",
    "voi",
]


def _read(options: argparse.Namespace) -> InfluenceDiagram:
    return read_model(model_folder(options.model))


def open_model(options: argparse.Namespace) -> InfluenceDiagram:
    """Return the model that was named, with the changes that were typed."""
    return varied(_read(options), options.settings, options.changes)


def print_rows(
    options: argparse.Namespace, content: Any, rows: Sequence[Mapping[str, Any]], head: str = ""
) -> None:
    """Print JSON content, or rows with a heading for people."""
    if options.format == "json":
        print(as_json(content))
    elif options.format == "csv":
        print(as_csv(rows))
    else:
        if head:
            print(head, end="\n\n")
        print(as_table(rows))


def check(options: argparse.Namespace) -> None:
    """Print the size of a sound model; raise with every problem of another."""
    model = open_model(options)
    found = _situations_without_option(model) + _claims_without_answer(model)
    if found:
        raise ModelError(found)
    expected, agreed = _two_routes(model)
    content = {
        "model": model.title,
        "decisions": len(model.decisions),
        "chance_nodes": len(model.chances),
        "value_nodes": len(model.values),
        "inputs": len(model.inputs),
        "perspectives": len(model.perspectives),
        "scenarios": len(model.scenarios),
        "claims": len(model.claim_rows),
        "expected_value": expected,
        "tree_agrees": agreed,
    }
    if options.format == "table":
        counts = [(content[key], key) for key in ("perspectives", "scenarios", "claims")]
        sets = ", ".join(f"{n} {key[:-1] if n == 1 else key}" for n, key in counts)
        print(f"{model.title}: {model.size}; {sets}. No problem found.")
        if expected is None:
            print("It is too large to be solved within the limit of 2 GiB.")
        elif agreed:
            print(f"Diagram and rolled-back tree agree on the expected value {number(expected)}.")
    else:
        print_rows(options, content, [content])


def _situations_without_option(model: InfluenceDiagram) -> list[Problem]:
    """Return decisions left without an open option, in the model or one of its sets."""
    from decision.solve.openness import dead_ends

    found = dead_ends(model)
    if not model.structure.guards:
        return found
    for kind, sets in (("perspective", model.perspectives), ("scenario", model.scenarios)):
        for name in sets:
            file = f"{kind}s/{name}.csv"
            stuck = dead_ends(varied(model, [(kind, name)]))
            found += [Problem(file, 1, f"with it, {p.what}", p.do) for p in stuck]
    return found


def _claims_without_answer(model: InfluenceDiagram) -> list[Problem]:
    """Return the claims whose test has no answer, whatever the verdicts of the others."""
    from decision.analysis.claims import verdicts

    try:
        verdicts(model)
    except ModelError as error:
        return [p for p in error.problems if p.file == "claims.csv"]
    return []


def _two_routes(model: InfluenceDiagram) -> tuple[float | None, bool | None]:
    """Return the expected value, and whether the rolled-back tree gives the same.

    None where the model is too large to be solved, or unrolled.
    """
    from decision.solve.solution import solve as solve_
    from decision.tree import unroll

    try:
        expected = solve_(model).expected_value
    except ModelError:
        return None, None
    try:
        rolled = unroll(model, fold=True).expected_value
    except ModelError:
        return expected, None
    if abs(rolled - expected) > 1e-9 * max(1.0, abs(expected)):
        what = f"the tree rolls back to {rolled!r}, the solver gives {expected!r}"
        raise ModelError([Problem("model.toml", 1, what, "report this as a fault of decision")])
    return expected, True


def ask(options: argparse.Namespace) -> None:
    """Print the answers to questions."""
    from decision.analysis.questions import answers

    found = answers(open_model(options), options.questions)
    rows = [
        {"question": question, "value": value}
        for question, value in zip(options.questions, found, strict=True)
    ]
    print_rows(options, {"answers": rows}, rows)


def claims(options: argparse.Namespace) -> None:
    """Print a row for each claim."""
    from decision.analysis.claims import verdicts

    found = verdicts(_read(options), options.settings, options.changes)
    rows = [
        {
            "id": v.row.id,
            "verdict": v.verdict,
            "basis": v.basis,
            "left": v.left,
            "right": v.right,
            "where": v.where,
            "left_out": v.left_out,
        }
        for v in found
    ]
    parts = []
    for basis in ("assumed", "derived"):
        mine = [v.verdict for v in found if v.basis == basis]
        parts.append(f"{basis}: {mine.count('holds')} of {len(mine)} hold")
    told = [{**row, "claim": v.row.claim} for row, v in zip(rows, found, strict=True)]
    print_rows(options, {"claims": rows}, told, "; ".join(parts))


def solve(options: argparse.Namespace) -> None:
    """Print the expected value, the strategy and the branches."""
    from decision.solve.solution import solve as solve_

    solution = solve_(open_model(options))
    content = _solution_json(solution, options.by, options.requisite)
    known = list(dict.fromkeys(name for row in content["strategy"] for name in row["given"]))
    rows = [
        {
            "decision": row["decision"],
            **{name: row["given"].get(name) for name in known},
            "choose": row["choose"],
            **{key: row[key] for key in row if key not in ("decision", "given", "choose")},
        }
        for row in content["strategy"]
    ]
    head = [f"{content['model']}: expected value {number(content['expected_value'])}"]
    if content["certain_equivalent"] is not None:
        head.append(f"certain equivalent {number(content['certain_equivalent'])}")
    if content.get("optimality") == "local":
        most, gap = number(content["upper_bound"]), number(solution.gap)
        head.append(f"a local optimum, at most {most} is possible ({gap} more)")
    title = f"{', '.join(head)}\n\n{as_table(content['branches'])}"
    print_rows(options, content, rows, title)


def _solution_json(solution: Solution, by: str | None, requisite: bool) -> dict[str, Any]:
    branches = []
    for option, branch in solution.branch_solutions(by):
        row = {
            "option": option,
            "expected_value": None if branch is None else branch.expected_value,
        }
        if solution.model.risk is not None:
            row["certain_equivalent"] = None if branch is None else branch.certain_equivalent
        branches.append(row)
    content = {
        "model": solution.model.title,
        "expected_value": solution.expected_value,
        "certain_equivalent": solution.certain_equivalent,
        "strategy": solution.strategy_rows(requisite=requisite),
        "branches": branches,
    }
    if solution.model.memory == "limited":
        content["optimality"] = solution.optimality
        if solution.optimality == "local":
            content["upper_bound"] = solution.upper_bound
    return content


def outcomes(options: argparse.Namespace) -> None:
    """Print a row for each branch."""
    from decision.analysis.outcomes import outcomes_json

    content = outcomes_json(open_model(options), options.by)
    rows = []
    for branch in content["branches"]:
        row = {
            content["by"]: branch["option"],
            "E(total)": branch["expected_value"],
            **{f"E({name})": value for name, value in (branch["values"] or {}).items()},
        }
        for node, states in (branch["probabilities"] or {}).items():
            row |= {f"P({node}={state})": p for state, p in states.items()}
        rows.append(row)
    if options.format == "table":
        names = list(dict.fromkeys(key for row in rows for key in row))[1:]
        columns = [str(row[content["by"]]) for row in rows]
        rows = [
            {"outcome": name, **{c: r.get(name) for c, r in zip(columns, rows, strict=True)}}
            for name in names
        ]
    print_rows(options, content, rows)


def tree(options: argparse.Namespace) -> None:
    """Print the tree."""
    from decision.tree import unroll

    model = open_model(options)
    made = unroll(model, depth=options.depth, strategy_only=options.strategy_only)
    content = made.to_json()
    if options.format == "table":
        from decision.tree.outline import outline

        print(outline(made))
        return
    rows = [
        {
            "id": node["id"],
            "kind": node["kind"],
            "name": node["name"],
            "expected_value": node["expected_value"],
            "branch": branch.get("label"),
            "probability": branch.get("probability"),
            "chosen": branch.get("chosen"),
            "to": branch.get("to"),
        }
        for node in content["nodes"]
        for branch in node["branches"] or [{}]
    ]
    print_rows(options, content, rows)


def voi(options: argparse.Namespace) -> None:
    """Print the value of information, perfect or by signals, and of control."""
    from decision.analysis.information import information_json

    model, content = open_model(options), {}
    if options.signals or not options.control:
        found = information_json(model, options.nodes, options.before, options.signals)
        content.update(found)
    if options.control:
        from decision.analysis.control import control_json

        before = None if options.signals else options.before
        content.update(control_json(model, options.nodes, before, progress("nodes")))
    rows = [row for listed in content.values() for row in listed]
    print_rows(options, content, rows)


def progress(what: str) -> Callable[[int, int], None]:
    """Return a function that tells a terminal how far a long run is, after two seconds."""
    began = time.monotonic()

    def tell(done: int, of: int) -> None:
        if time.monotonic() - began > 2:
            end = "\n" if done == of else "\r"
            print(f"{done} of {of} {what}", end=end, file=sys.stderr, flush=True)

    return tell


def report(options: argparse.Namespace) -> None:
    """Write the HTML report."""
    from decision.report.page import write_report

    model = _read(options)
    write_report(
        model,
        options.out,
        settings=options.settings,
        changes=options.changes,
        by=options.by,
        event=options.event,
        named=options.model,
        tell=progress,
    )
    print(f"wrote {options.out}", file=sys.stderr)


def rerun(options: argparse.Namespace) -> None:
    """Run notebooks anew and export them."""
    from pathlib import Path

    from decision.report.notebooks import rerun as rerun_

    chosen: dict[str, str] = {}
    for kind, name in options.settings:
        if kind in chosen:
            what = f"two {kind}s are named, '{chosen[kind]}' and '{shorten(name)}'"
            raise ModelError(
                [Problem("command line", 1, what, "a notebook takes one of each; name one")]
            )
        chosen[kind] = name
    rerun_(
        [Path(path) for path in options.notebooks],
        Path(options.out),
        model=options.model,
        changes=options.changes,
        perspective=chosen.get("perspective"),
        scenario=chosen.get("scenario"),
        jobs=options.jobs,
        progress=lambda line: print(line, file=sys.stderr, flush=True),
    )


def convert(options: argparse.Namespace) -> None:
    """Write the model, changes made, as a model folder."""
    from decision.model.writing import write_model

    suffix = os.path.splitext(options.out)[1]
    if suffix:
        what = f"'{shorten(suffix)}' is no format that is written"
        do = "name a folder, without an ending"
        raise ModelError([Problem("command line", 1, what, do)])
    write_model(open_model(options), options.out, force=options.force)
    print(f"wrote {options.out}", file=sys.stderr)


def new(options: argparse.Namespace) -> None:
    """Write a small commented model to start from."""
    from decision.model.starter import write_starter

    write_starter(options.path)
    print(f"wrote {options.path}; next: decision solve {options.path}", file=sys.stderr)
