"""The command line: a thin door to all rooms (docs/spec/command-line.md).

Exit status: 0 done; 1 the model, a change or a name is wrong, with one line for each
problem on standard error; 2 the command line's own syntax. Rooms are entered only when
a verb needs them, so that ``decision --help`` is quick.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

TYPE_CHECKING = False  # without `typing`, which ``decision --version`` does not need
if TYPE_CHECKING:
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


class _Help(argparse.HelpFormatter):
    """Help as wide as the terminal.

    The standard library asks `shutil` for the width, with every argument that is added:
    importing it, with the formats of all archives, takes as long as reading a small model.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


class _WholeHelp(_Help, argparse.RawDescriptionHelpFormatter):
    """Help that keeps the lines of the epilog."""


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
    typed = sys.argv[1:] if arguments is None else list(arguments)
    options = _options(typed)
    if arguments is None:
        _settle(options.verb)
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


def _settle(verb: str) -> None:
    """Set up a process that runs one verb and ends."""
    # Nearly all that a verb loads stays to the end: looking through it for garbage, while it
    # is loaded and once more at exit, takes longer than solving a small model.
    gc.set_threshold(20_000)
    atexit.register(gc.freeze)
    # Nor does a verb multiply matrices, for which numpy would start a thread on every core.
    # Notebooks may, in kernels that inherit what is set here.
    if verb != "rerun":
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _run(options: argparse.Namespace) -> int:
    from decision.cli import verbs

    verb = getattr(verbs, options.verb, None)
    if verb is None:  # the later analyses, a file each
        verb = getattr(import_module(f"decision.cli.{options.verb}"), options.verb)
    verb(options)
    sys.stdout.flush()
    return 0


def _options(typed: Sequence[str]) -> argparse.Namespace:
    """Return what is typed; nothing but a verb, or a question about verbs, can come first."""
    verb = typed[0] if typed else ""
    if verb not in VERBS:
        return _parser().parse_args(typed)
    text, add_arguments = VERBS[verb]
    parser = argparse.ArgumentParser(
        prog=f"decision {verb}", description=text, formatter_class=_Help, allow_abbrev=False
    )
    parser.set_defaults(verb=verb)
    add_arguments(parser)
    return parser.parse_intermixed_args(typed[1:])


def _parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs, which takes as long to make as a small model to solve."""
    parser = argparse.ArgumentParser(
        prog="decision",
        description="Influence diagrams and decision trees from a folder of plain files.",
        epilog=EPILOG,
        formatter_class=_WholeHelp,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, (text, add_arguments) in VERBS.items():
        made: argparse.ArgumentParser = commands.add_parser(
            verb, help=text, description=text, formatter_class=_Help, allow_abbrev=False
        )
        add_arguments(made)
    return parser


def _check(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    _add_format(parser)


def _ask(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument(
        "questions", metavar="QUESTION", nargs="+", help="P(…), E(…), V(…), weight(…)"
    )
    _add_format(parser)


def _solve(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument(
        "--requisite", action="store_true", help="list only what can matter to each choice"
    )
    _add_format(parser)
    _add_by(parser)


def _outcomes(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    _add_format(parser)
    _add_by(parser)


def _tree(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument("--depth", type=_depth, metavar="N", help="fold below N levels")
    parser.add_argument("--strategy-only", action="store_true", help="chosen branches alone")
    _add_format(parser)


def _sensitivity(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument(
        "--change",
        dest="inputs",
        action="append",
        default=[],
        metavar='"… *= x in A..B"',
        help="a change with a free number x, one more input (repeatable)",
    )
    parser.add_argument(
        "--pair",
        dest="pairs",
        action="append",
        nargs=2,
        default=[],
        metavar="INPUT",
        help="the best branch all over the ranges of two inputs, or of changes in x and in y",
    )
    parser.add_argument(
        "--steps", type=_depth, metavar="N", help="points along each of a pair, default 21"
    )
    _add_format(parser)
    _add_by(parser)


def _voi(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument("nodes", metavar="NODE", nargs="*", help="default: all that can be known")
    parser.add_argument("--before", metavar="DECISION", help="default: the first")
    parser.add_argument(
        "--signal",
        dest="signals",
        action="append",
        default=[],
        metavar='"NODE 0.8"',
        help="an observation that shows the true state with that probability (repeatable)",
    )
    parser.add_argument(
        "--control", action="store_true", help="what choosing the state of a node is worth"
    )
    _add_format(parser)


def _uncertainty(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    _add_format(parser)
    _add_by(parser)
    parser.add_argument("--draws", type=_depth, default=10_000, metavar="N", help="default 10000")
    parser.add_argument("--seed", type=_seed, default=1, metavar="S", help="default 1")
    parser.add_argument(
        "--draw",
        choices=("independent", "linked"),
        default="independent",
        help="each row on its own (default), or the rows of a chance node together",
    )
    parser.add_argument(
        "--jobs", type=_depth, default=1, metavar="N", help="processes that draw (default 1)"
    )


def _robustness(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    _add_format(parser)
    _add_by(parser)
    parser.add_argument(
        "--draws", type=_seed, default=0, metavar="N", help="look at so many draws besides"
    )
    parser.add_argument("--seed", type=_seed, default=1, metavar="S", help="default 1")
    parser.add_argument(
        "--draw",
        choices=("independent", "linked"),
        default="independent",
        help="each row on its own (default), or the rows of a chance node together",
    )


def _risk(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument("--value", metavar="NODE", help="in its own unit; default: the total")
    _add_format(parser)
    _add_by(parser)


def _report(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument("--out", metavar="FILE.html", required=True)
    _add_by(parser)
    parser.add_argument(
        "--event", metavar="P(NODE=STATE)", help="tell the lead as a change of its chance too"
    )


def _rerun(parser: argparse.ArgumentParser) -> None:
    _add_settings(parser)
    parser.add_argument("notebooks", metavar="NOTEBOOK", nargs="+")
    parser.add_argument("--out", metavar="DIR", required=True)
    parser.add_argument("--model", metavar="MODEL", help="put into the parameters cell")
    parser.add_argument("--jobs", type=_depth, default=os.cpu_count() or 1, metavar="N")


def _convert(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument("--out", metavar="PATH", required=True)
    parser.add_argument("--force", action="store_true", help="write over what is there")


def _new(parser: argparse.ArgumentParser) -> None:
    _add_settings(parser)
    parser.add_argument("path", metavar="PATH")


VERBS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "check": ("every problem of the model at once, or its size", _check),
    "ask": ("answers to questions in the small language", _ask),
    "claims": ("a row for each claim: holds, fails, untested", _check),
    "solve": ("expected value and the optimal strategy", _solve),
    "outcomes": ("a row for each branch: total, values, probabilities", _outcomes),
    "tree": ("the decision tree, equal subtrees once", _tree),
    "explain": ("why the best branch is best", _outcomes),
    "disagreement": ("who prefers what, at what price, and which rows it turns on", _outcomes),
    "sensitivity": ("every input over its range: swing, break-even, preferred", _sensitivity),
    "voi": ("value of information on chance nodes, and of control", _voi),
    "ledger": ("every number: how much it matters, what it rests on", _outcomes),
    "uncertainty": ("how often each branch is best, all inputs drawn", _uncertainty),
    "robustness": ("regret in every setting, and how low and high branches come", _robustness),
    "risk": ("what each branch may come to, and how probably", _risk),
    "report": ("the self-contained HTML report", _report),
    "rerun": ("notebooks run anew and exported as offline HTML", _rerun),
    "convert": ("the model, changes made, as a model folder", _convert),
    "new": ("a small commented model to start from", _new),
}
"""What each verb does, and what adds its arguments."""


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a model folder, or a shipped name")
    _add_settings(parser)


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


def _add_by(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", metavar="DECISION", help="branches by this decision's options")


def _depth(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


_depth.__name__ = "whole number above 0"


def _seed(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number


_seed.__name__ = "whole number from 0"


def _columns() -> int:
    """Return the width of the terminal, as `shutil.get_terminal_size` finds it."""
    typed = os.environ.get("COLUMNS", "")
    if typed.isdecimal() and int(typed) > 0:
        return int(typed)
    try:
        return os.get_terminal_size().columns or 80
    except OSError:  # no terminal
        return 80


def _version() -> str:
    from decision import __version__

    return f"decision {__version__}"
