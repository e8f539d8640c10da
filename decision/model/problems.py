"""What is wrong with an input, where, and what to do about it.

Reading never stops at the first fault: every room collects `Problem` records and
raises them together as one `ModelError`, so that a user mends a file in one go. Of one
file it collects a thousand at most: a file of a million faults is another file by
mistake, and is refused as quickly as any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from decision.model.dataclass import dataclass, replace

__all__ = ["Faults", "Locate", "ModelError", "Place", "Problem", "capped", "nearest"]

Place = tuple[str, int]
Locate = Callable[..., Place]
"""Place of a path: ``locate("decision", "drill", "observes", "seismic")``."""
COMMAND_LINE: Place = ("command line", 1)
PYTHON: Place = ("python", 1)
MOST = 1000
"""Problems of one file."""


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
        return f"{one_line(self.file)}:{self.line}: {one_line(self.what)}; {one_line(self.do)}"


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


class Faults:
    """The problems of one file, as they are found."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.lines: set[int] = set()
        """Of the problems."""
        self.stopped = False
        """Whether the file could not be read to its end."""

    @property
    def full(self) -> bool:
        """Whether there are as many as are collected."""
        return len(self.problems) > MOST

    def wrong(self, line: int, what: str, do: str) -> None:
        """Note a problem of a line."""
        self.lines.add(line)
        if len(self.problems) < MOST:
            self.problems.append(Problem(self.file, line, what, do))
        elif not self.full:
            self.problems.append(_more(Problem(self.file, line, what, do)))


def capped(problems: Iterable[Problem]) -> list[Problem]:
    """Return the first thousand problems, and one that says where there are more."""
    found = list(islice(problems, MOST + 1))
    return found if len(found) <= MOST else [*found[:MOST], _more(found[MOST])]


def _more(first: Problem) -> Problem:
    return replace(first, what=f"there are more than {MOST} problems", do="mend these first")


def problem(place: Place, what: str, do: str) -> Problem:
    """Return the problem at a place."""
    return Problem(place[0], place[1], what, do)


def one_line(text: str) -> str:
    """Return text with everything that would break or turn a terminal line made visible."""
    if text.isprintable():
        return text
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
    if not known:
        return "there is none to choose from"
    close = closest(name, known)
    if close is not None:
        return f"did you mean '{shorten(close)}'?"
    listed = ", ".join(map(shorten, known[:12])) + (", …" if len(known) > 12 else "")
    return f"use one of {listed}"


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that a misspelt name means, if any is close."""
    short = name[:100]
    known = list(candidates)
    if len(known) > 300:  # comparing takes a second for 10⁵ names; a typo keeps its beginning
        known = list(islice((k for k in known if k[:1] == short[:1]), 300))
    import difflib  # only a misspelt name needs it

    close = difflib.get_close_matches(short, known, n=1, cutoff=0.6)
    return close[0] if close else None


def shorten(text: object, width: int = 60) -> str:
    """Return a piece of input as a message quotes it."""
    quoted = str(text)
    return quoted if len(quoted) <= width else quoted[: width - 1] + "…"
