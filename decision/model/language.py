"""The small language: one parser for asking, changing and claiming.

The grammar is the one of docs/spec/questions.md. Every entry to the program comes through
`parse_question`, `parse_change` or `parse_claim`: Python, the command line, notebook
parameters, perspective files and claims. Nothing in a text is ever evaluated.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, cast

from decision.model import parsing
from decision.model.phrases import Assignment, Change, Claim, Condition, Question, Term, Test
from decision.model.problems import ModelError, Place, Problem, shorten

__all__ = [
    "Assignment",
    "Change",
    "Claim",
    "Condition",
    "Question",
    "Term",
    "Test",
    "parse_change",
    "parse_claim",
    "parse_question",
]

LONGEST = 10_000
_TIGHT_BAR = re.compile(r"\S\|\s|\s\|\S|\|(?:[a-z][a-z0-9_]*\s*=|do\s*\()")
HOW = {
    "question": "write P(node=state | parent=state), E(value), V(value | parent=state) "
    "or weight(value)",
    "change": "write P(node=state | parent=state) = 0.3, odds(…) *= 2, V(value) = 10 "
    "or weight(value) = 1",
    "claim": "write two sides with <, <=, > or >= between them, as in P(node=state | …) < 0.2",
}


def parse_question(text: str, place: Place) -> Question:
    """Return a question; a text that is none raises ModelError with its place."""
    return cast(Question, _parse("question", text, place))


def parse_change(text: str, place: Place) -> Change:
    """Return a change; a text that is none raises ModelError with its place.

    Examples
    --------
    >>> parse_change("odds(wedge=deep | talks=broad|narrow) *= 2.7", ("x.csv", 2)).target
    'odds(wedge=deep | talks=broad|narrow)'
    """
    return cast(Change, _parse("change", text, place))


def parse_claim(text: str, place: Place) -> Claim:
    """Return a claim; a text that is none raises ModelError with its place."""
    return cast(Claim, _parse("claim", text, place))


def _parse(start: str, text: str, place: Place) -> Any:
    found = _parsed(start, text) if isinstance(text, str) else _no_text(start, text)
    if isinstance(found, _Refused):
        raise ModelError([Problem(*place, found.what, found.do)])
    return found


class _Refused:
    """What is wrong with a text, and what to do."""

    def __init__(self, what: str, do: str) -> None:
        self.what, self.do = what, do


def _no_text(start: str, text: object) -> _Refused:
    return _Refused(f"{shorten(repr(text))} is no {start}", f"{HOW[start]}, as text")


@lru_cache(maxsize=4096)
def _parsed(start: str, text: str) -> Any:
    if len(text) > LONGEST:
        what = f"'{shorten(text)}' is no {start}"
        return _Refused(what, f"use at most {LONGEST} characters")
    try:
        found = _READ[start](text)
    except parsing.Stopped as stop:
        return _explained(start, text, stop.at)
    except parsing.NumberRefused as error:
        return _Refused(
            f"'{shorten(error.number)}' is no finite number", "write it like 0.25 or 1/4"
        )
    if isinstance(found, Change) and found.kind == "odds" and found.operator != "*=":
        return _Refused(f"'{shorten(text)}' is no change", "odds(…) takes *= only")
    return found


def _explained(start: str, text: str, at: int) -> _Refused:
    quoted = f"'{shorten(text)}' is no {start}"
    if _TIGHT_BAR.search(text):
        return _Refused(quoted, "put spaces around the bar")
    left = text[at:].strip()
    if not left:
        return _Refused(f"{quoted}: it ends too early", HOW[start])
    return _Refused(f"{quoted}: '{shorten(left, 20)}' is unexpected", HOW[start])


_READ: dict[str, Any] = {
    "question": parsing.question,
    "change": parsing.change,
    "claim": parsing.claim,
}
