"""What is wrong with an input, where, and what to do about it.

Reading never stops at the first fault: every room collects `Problem` records and
raises them together as one `ModelError`, so that a user mends a file in one go.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["ModelError", "Place", "Problem", "nearest"]

Place = tuple[str, int]
COMMAND_LINE: Place = ("command line", 1)
PYTHON: Place = ("python", 1)


@dataclass(frozen=True)
class Problem:
    """One fault of an input.

    Parameters
    ----------
    file : str
        Name of the file as a user knows it, relative to the model folder.
    line : int
        Line to change, counted from 1.
    what : str
        What is wrong, with the numbers.
    do : str
        What to do about it.

    Examples
    --------
    >>> print(Problem("values.csv", 3, "the value 'ten' is no number", "write 10"))
    values.csv:3: the value 'ten' is no number; write 10
    """

    file: str
    line: int
    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {one_line(self.what)}; {one_line(self.do)}"


class ModelError(ValueError):
    """A model, a change or a name is wrong; carries every problem found.

    Attributes
    ----------
    problems : tuple of Problem
        In reading order.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[ModelError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


def problem(place: Place, what: str, do: str) -> Problem:
    """Return the problem at a place."""
    return Problem(place[0], place[1], what, do)


def one_line(text: str) -> str:
    """Return text with everything that would break a terminal line made visible."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def nearest(name: str, candidates: Iterable[str]) -> str:
    """Return what to do about an unknown name: the nearest one, or the list.

    Examples
    --------
    >>> nearest("tonne", ["tone", "talks"])
    "did you mean 'tone'?"
    >>> nearest("zzz", ["tone", "talks"])
    'use one of tone, talks'
    """
    known = list(candidates)
    close = difflib.get_close_matches(name[:100], known, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    if not known:
        return "there is none to choose from"
    listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    return f"use one of {listed}"


def shorten(text: object, width: int = 60) -> str:
    """Return a piece of input as a message quotes it."""
    quoted = str(text)
    return quoted if len(quoted) <= width else quoted[: width - 1] + "…"
