"""The parser of the small language: from a text to what it says, or where it stops.

It is written by hand, one function for each rule of the grammar in docs/spec/questions.md,
because nearly every call of the package begins with a text: a parser made from the grammar
took as long as all the rest of changing a number and solving, and half of the time that
``decision solve`` takes. The grammar itself is what the tests hold it against.

Spaces are free, but a bar before conditions has one on each side and a bar between two
states has none.
"""

from __future__ import annotations

import re
from functools import lru_cache

from decision.model.numbers import read_number
from decision.model.phrases import Assignment, Change, Claim, Condition, Question, Term, Test

__all__ = ["NumberRefused", "Stopped", "change", "claim", "question"]

NAME = re.compile(r"\s*([a-z][a-z0-9_]*)")
STATE = re.compile(r"\s*([a-z0-9][a-z0-9_]*)")
ALTERNATIVE = re.compile(r"(?<!\s)\|(?!\s)")
BAR = re.compile(r"\s+\|\s+")
ASSIGNMENT = re.compile(r"\s*([a-z][a-z0-9_]*)\s*=\s*([a-z0-9][a-z0-9_]*)")
OPEN, CLOSE = re.compile(r"\s*\("), re.compile(r"\s*\)")
COMMA, COLON, EQUALS = re.compile(r"\s*,"), re.compile(r"\s*:"), re.compile(r"\s*=")
TIMES, MINUS = re.compile(r"\s*\*"), re.compile(r"\s*-")
OPERATOR = re.compile(r"\s*([*+-]?=)")
SIGN = re.compile(r"\s*([+-])")
COMPARISON = re.compile(r"\s*([<>]=?)")
NUMBER = re.compile(r"\s*([0-9]+/[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
ASKED = re.compile(r"\s*(P|E|V|weight)")
TARGET = re.compile(r"\s*(P|odds|V|weight)")
FOR_ALL = re.compile(r"\s*for\s+all\s+")
AND = re.compile(r"\s+and\s+")
END = re.compile(r"\s*\Z")


class Stopped(Exception):  # noqa: N818 (what is wrong with the text is said elsewhere)
    """The text is not what it should be from here on."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


class NumberRefused(Exception):  # noqa: N818
    """A text is right but for a number that is none."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class _Reader:
    """A text and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.refused: list[str] = []

    def taken(self, pattern: re.Pattern[str]) -> bool:
        """Whether the pattern comes next; it is read then."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return False
        self.at = found.end()
        return True

    def maybe(self, pattern: re.Pattern[str]) -> str | None:
        """Return what comes next, if it is of the pattern."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[1]

    def need(self, pattern: re.Pattern[str]) -> str:
        """Return what comes next, which has to be of the pattern."""
        found = pattern.match(self.text, self.at)
        if found is None:
            raise Stopped(self.at)
        self.at = found.end()
        return found[found.lastindex or 0]

    def number(self) -> float:
        """Return the number that comes next; one that is none is told of at the end."""
        text = self.need(NUMBER)
        number = read_number(text)
        if number is None:
            self.refused.append(text)
            return 0.0
        return number

    def end(self) -> None:
        """Refuse what comes after the end, and then numbers that are none."""
        if END.match(self.text, self.at) is None:
            raise Stopped(self.at)
        if self.refused:
            raise NumberRefused(self.refused[0])


def question(text: str) -> Question:
    """Return a question."""
    reader = _Reader(text)
    found = _question(reader, reader.need(ASKED))
    reader.end()
    return found


def _question(reader: _Reader, kind: str) -> Question:
    reader.need(OPEN)
    if kind == "P":
        event = _assignments(reader)
        conditions = _conditions(reader)
        found = Question("P", event, conditions=conditions)
    else:
        node = reader.need(NAME)
        conditions = () if kind == "weight" else _conditions(reader)
        found = Question(kind, node=node, conditions=conditions)
    reader.need(CLOSE)
    return found


def _assignments(reader: _Reader) -> tuple[Assignment, ...]:
    found = [_assignment(reader)]
    while reader.taken(COMMA):
        found.append(_assignment(reader))
    return tuple(found)


def _assignment(reader: _Reader) -> Assignment:
    name, state = _equated(reader)
    return Assignment(name, _states(reader, state))


def _equated(reader: _Reader) -> tuple[str, str]:
    found = ASSIGNMENT.match(reader.text, reader.at)
    if found is None:  # piece by piece, to stop where it is wrong
        name = reader.need(NAME)
        reader.need(EQUALS)
        return name, reader.need(STATE)
    reader.at = found.end()
    return found[1], found[2]


def _states(reader: _Reader, state: str) -> tuple[str, ...]:
    if not reader.taken(ALTERNATIVE):
        return (state,)
    states = [state, reader.need(STATE)]
    while reader.taken(ALTERNATIVE):
        states.append(reader.need(STATE))
    return tuple(states)


def _conditions(reader: _Reader) -> tuple[Condition, ...]:
    if not reader.taken(BAR):
        return ()
    found = [_condition(reader)]
    while reader.taken(COMMA):
        found.append(_condition(reader))
    return tuple(found)


def _condition(reader: _Reader) -> Condition:
    name = reader.need(NAME)
    if name == "do":
        reader.need(OPEN)
        name, state = _equated(reader)
        reader.need(CLOSE)
        return Condition(name, (state,), do=True)
    if not reader.taken(EQUALS):
        return Condition(name)
    return Condition(name, _states(reader, reader.need(STATE)))


Target = tuple[str, str, str | None, tuple[Assignment, ...], str]


def change(text: str) -> Change:
    """Return a change.

    Of a number that moves the left side stays, and is read once.
    """
    reader = _Reader(text)
    try:
        target, reader.at = _left(text[: text.rfind("=") + 1])
    except Stopped:
        target = _target(reader)  # stops where the whole text is wrong
    minus = reader.taken(MINUS)
    number = reader.number()
    if target[0] == "odds" and target[-1] != "*=":
        reader.refused.clear()  # that is what is said then, not what its number is
    reader.end()
    return Change(*target, -number if minus else number, text)


@lru_cache(maxsize=1024)
def _left(text: str) -> tuple[Target, int]:
    """Return what a left side says, its operator with it, and where that ends."""
    reader = _Reader(text)
    return _target(reader), reader.at


def _target(reader: _Reader) -> Target:
    kind = reader.need(TARGET)
    reader.need(OPEN)
    state: str | None = None
    conditions: tuple[Assignment, ...] = ()
    if kind in ("P", "odds"):
        node, state = _equated(reader)
    else:
        node = reader.need(NAME)
    if kind != "weight" and reader.taken(BAR):
        conditions = _assignments(reader)
    reader.need(CLOSE)
    return kind, node, state, conditions, reader.need(OPERATOR)


def claim(text: str) -> Claim:
    """Return a claim."""
    reader = _Reader(text)
    tests = [_test(reader)]
    while reader.taken(AND):
        tests.append(_test(reader))
    reader.end()
    return Claim(tuple(tests))


def _test(reader: _Reader) -> Test:
    names: list[str] = []
    if reader.taken(FOR_ALL):
        names.append(reader.need(NAME))
        while reader.taken(COMMA):
            names.append(reader.need(NAME))
        reader.need(COLON)
    left = _side(reader)
    operator = reader.need(COMPARISON)
    return Test(tuple(names), left, operator, _side(reader))


def _side(reader: _Reader) -> tuple[Term, ...]:
    minus = reader.taken(MINUS)
    terms = [_opposite(_term(reader)) if minus else _term(reader)]
    while sign := reader.maybe(SIGN):
        term = _term(reader)
        terms.append(_opposite(term) if sign == "-" else term)
    return tuple(terms)


def _opposite(term: Term) -> Term:
    return -term[0], term[1]


def _term(reader: _Reader) -> Term:
    """Return a factor and what it multiplies; behind a sign the factor may have its own."""
    if reader.taken(MINUS):
        return _opposite(_product(reader))
    kind = reader.maybe(ASKED)
    return (1.0, _question(reader, kind)) if kind else _product(reader)


def _product(reader: _Reader) -> Term:
    number = reader.number()
    if not reader.taken(TIMES):
        return number, None
    return number, _question(reader, reader.need(ASKED))
