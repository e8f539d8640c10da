"""What `decision uncertainty` does: how often each branch is best, and what turns it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from decision.analysis.shares import Uncertainty, strongest, uncertainty_json
from decision.analysis.uncertainty import uncertainty as uncertainty_
from decision.cli.printing import as_table
from decision.cli.verbs import open_model, print_rows, progress
from decision.solve.mapping import Progress

if TYPE_CHECKING:
    import argparse
    from concurrent.futures import Executor

__all__ = ["uncertainty"]

SHOWN = 15
"""Inputs in the table for people; JSON has all."""


def uncertainty(options: argparse.Namespace) -> None:
    """Print shares of draws, totals, and the inputs that go with the difference."""
    with _workers(options.jobs) as executor:
        found = uncertainty_(
            open_model(options),
            options.by,
            draws=options.draws,
            seed=options.seed,
            draw=options.draw,
            executor=executor,
            progress=progress("draws"),
            ranking=_when_it_begins("inputs ranked"),
        )
    content = uncertainty_json(found)
    branches = [
        {
            found.by: option,
            "best_share": content["best_share"][option],
            "standard_error": error,
            **content["total"][option],
        }
        for option, error in zip(found.options, found.share_errors.tolist(), strict=True)
    ]
    if options.format == "table":
        print_rows(options, content, _flips(found), _head(found, as_table(branches)))
    else:
        print_rows(options, content, branches)


def _workers(jobs: int) -> AbstractContextManager[Executor | None]:
    """Return processes that draw, or nobody: this process then draws alone."""
    if jobs == 1:
        return nullcontext()
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Started afresh: a process that is forked copies locks that other threads may hold.
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))


def _when_it_begins(what: str) -> Progress:
    """Return what tells how far work is whose two seconds begin with its first word."""
    tell: list[Progress] = []

    def told(done: int, of: int) -> None:
        if not tell:
            tell.append(progress(what))
        tell[0](done, of)

    return told


def _flips(found: Uncertainty) -> list[dict[str, Any]]:
    return [
        {"input": name, "rank_correlation": correlation}
        for name, correlation in strongest(found.correlations)[:SHOWN]
        if correlation == correlation
    ]


def _head(found: Uncertainty, branches: str) -> str:
    words = [f"{found.draws} {found.draw} draws, seed {found.seed}; base's best: {found.best}"]
    if found.second is None:
        return f"{words[0]}\n\n{branches}"
    if not found.correlations:
        words.append("No input has a range: every draw is the base.")
    words += [
        "",
        branches,
        "",
        f"What goes with {found.best} less {found.second} (rank correlation; "
        f"within ±{2 / found.draws**0.5:.2g} it may be chance):",
    ]
    return "\n".join(words)
