"""The command line: a thin door to all rooms (docs/spec/command-line.md).

Exit status: 0 done; 1 the model, a change or a name is wrong, with one line for each
problem on standard error; 2 the command line's own syntax. Rooms are entered only when
a verb needs them, so that ``decision --help`` is quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

__all__ = ["main"]

EPILOG = """\
A change is written in the small language:
  --set "P(oil=dry) = 0.4"   --set "odds(tone=restrained | strategy=off_ramp) *= 2"
  --set "V(cost | test=yes) = -12"   --set "weight(alliance) = 35"
"""


class _Setting(argparse.Action):
    """Keeps perspectives and scenarios in the order in which they were typed."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        kind = (option_string or "").lstrip("-")
        namespace.settings = [*namespace.settings, (kind, values)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        As typed; default ``sys.argv[1:]``.

    Returns
    -------
    int
        Exit status.
    """
    options = _parser().parse_args(arguments)
    from decision.model.problems import ModelError

    try:
        return _run(options)
    except ModelError as error:
        for line in map(str, error.problems):
            print(line, file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("stopped; what was written before stays as it was", file=sys.stderr)
        return 130


def _run(options: argparse.Namespace) -> int:
    from decision.cli import verbs

    verb = getattr(verbs, options.verb)
    verb(options)
    sys.stdout.flush()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="decision",
        description="Influence diagrams and decision trees from a folder of plain files.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def command(name: str, text: str, model: bool = True) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(
            name, help=text, description=text, allow_abbrev=False
        )
        if model:
            made.add_argument("model", metavar="MODEL", help="a model folder, or a shipped name")
        _add_settings(made)
        return made

    check = command("check", "every problem of the model at once, or its size")
    ask = command("ask", "answers to questions in the small language")
    ask.add_argument("questions", metavar="QUESTION", nargs="+", help="P(…), E(…), V(…), weight(…)")
    claims = command("claims", "a row for each claim: holds, fails, untested")
    solve = command("solve", "expected value and the optimal strategy")
    solve.add_argument(
        "--requisite", action="store_true", help="list only what can matter to each choice"
    )
    outcomes = command("outcomes", "a row for each branch: total, values, probabilities")
    tree = command("tree", "the decision tree, equal subtrees once")
    tree.add_argument("--depth", type=_depth, metavar="N", help="fold below N levels")
    tree.add_argument("--strategy-only", action="store_true", help="chosen branches alone")
    sensitivity = command("sensitivity", "every input over its range: swing, break-even, preferred")
    voi = command("voi", "value of perfect information on chance nodes")
    voi.add_argument("nodes", metavar="NODE", nargs="*", help="default: all that can be known")
    voi.add_argument("--before", metavar="DECISION", help="default: the first")
    for made in (check, ask, claims, solve, outcomes, tree, sensitivity, voi):
        _add_format(made)
    for made in (solve, outcomes, sensitivity):
        made.add_argument("--by", metavar="DECISION", help="branches by this decision's options")
    report = command("report", "the self-contained HTML report")
    report.add_argument("--out", metavar="FILE.html", required=True)
    report.add_argument("--by", metavar="DECISION", help="branches by this decision's options")
    rerun = command("rerun", "notebooks run anew and exported as offline HTML", model=False)
    rerun.add_argument("notebooks", metavar="NOTEBOOK", nargs="+")
    rerun.add_argument("--out", metavar="DIR", required=True)
    rerun.add_argument("--model", metavar="MODEL", help="put into the parameters cell")
    rerun.add_argument("--jobs", type=_depth, default=os.cpu_count() or 1, metavar="N")
    convert = command("convert", "the model, changes made, as a model folder")
    convert.add_argument("--out", metavar="PATH", required=True)
    convert.add_argument("--force", action="store_true", help="write over what is there")
    new = command("new", "a small commented model to start from", model=False)
    new.add_argument("path", metavar="PATH")
    return parser


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(settings=[])
    parser.add_argument(
        "--set",
        dest="changes",
        action="append",
        default=[],
        metavar="CHANGE",
        help="change a number (repeatable)",
    )
    for kind in ("perspective", "scenario"):
        parser.add_argument(
            f"--{kind}", action=_Setting, metavar="NAME", help=f"a {kind}'s changes"
        )


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table")


def _depth(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


_depth.__name__ = "whole number above 0"


def _version() -> str:
    from decision import __version__

    return f"decision {__version__}"
