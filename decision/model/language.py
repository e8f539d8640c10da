"""The small language: one grammar and one parser for asking, changing and claiming.

The grammar stands in ``language.lark`` beside this file and is the one of
docs/spec/questions.md. Every entry to the program comes through `parse_question`,
`parse_change` or `parse_claim`: Python, the command line, notebook parameters,
perspective files and claims. Nothing in a text is ever evaluated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from decision.model.numbers import read_number
from decision.model.problems import ModelError, Place, Problem, shorten

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

__all__ = [
    "Assignment",
    "Change",
    "Claim",
    "Condition",
    "Question",
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


@dataclass(frozen=True)
class Assignment:
    """``name=state`` or ``name=state|state``."""

    name: str
    states: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}={'|'.join(self.states)}"


@dataclass(frozen=True)
class Condition:
    """What stands behind a bar: an assignment, ``do(…)`` or a bare name (no states)."""

    name: str
    states: tuple[str, ...] = ()
    do: bool = False

    def __str__(self) -> str:
        text = f"{self.name}={'|'.join(self.states)}" if self.states else self.name
        return f"do({text})" if self.do else text


@dataclass(frozen=True)
class Question:
    """A question: kind "P", "E", "V" or "weight"."""

    kind: str
    event: tuple[Assignment, ...] = ()
    node: str = ""
    conditions: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        head = ", ".join(map(str, self.event)) or self.node
        behind = ", ".join(map(str, self.conditions))
        return f"{self.kind}({head} | {behind})" if behind else f"{self.kind}({head})"


@dataclass(frozen=True)
class Change:
    """A change: kind "P", "odds", "V" or "weight"; operator "=", "*=", "+=" or "-="."""

    kind: str
    node: str
    state: str | None
    conditions: tuple[Assignment, ...]
    operator: str
    number: float
    text: str

    @property
    def target(self) -> str:
        """The left side."""
        head = self.node if self.state is None else f"{self.node}={self.state}"
        behind = ", ".join(map(str, self.conditions))
        return f"{self.kind}({head} | {behind})" if behind else f"{self.kind}({head})"


Term = tuple[float, Question | None]


@dataclass(frozen=True)
class Test:
    """``for all …: side < side``; a side is a sum of terms (factor, question or None)."""

    for_all: tuple[str, ...]
    left: tuple[Term, ...]
    operator: str
    right: tuple[Term, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions of both sides, from left to right."""
        return tuple(q for _, q in (*self.left, *self.right) if q is not None)


@dataclass(frozen=True)
class Claim:
    """Tests that all have to hold."""

    tests: tuple[Test, ...]


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


class _RefusedError(Exception):
    def __init__(self, what: str, do: str) -> None:
        super().__init__(what)
        self.what, self.do = what, do


def _parse(start: str, text: str, place: Place) -> Any:
    try:
        if not isinstance(text, str):
            raise _RefusedError(f"{shorten(repr(text))} is no {start}", f"{HOW[start]}, as text")
        return _parsed(start, text)
    except _RefusedError as error:
        raise ModelError([Problem(*place, error.what, error.do)]) from None


@lru_cache(maxsize=4096)
def _parsed(start: str, text: str) -> Any:
    from lark.exceptions import UnexpectedInput

    quoted = f"'{shorten(text)}' is no {start}"
    if len(text) > LONGEST:
        raise _RefusedError(quoted, f"use at most {LONGEST} characters")
    try:
        tree = _lark().parse(text, start=start)
    except UnexpectedInput as error:
        raise _RefusedError(*_explained(start, text, quoted, error)) from None
    return _READ[start](tree, text)


@cache
def _lark() -> Lark:
    from lark import Lark

    grammar = Path(__file__).with_name("language.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        start=["question", "change", "claim"],
        parser="lalr",
        lexer="contextual",
        maybe_placeholders=True,
    )


def _explained(start: str, text: str, quoted: str, error: Any) -> tuple[str, str]:
    if _TIGHT_BAR.search(text):
        return quoted, "put spaces around the bar"
    at = getattr(error, "pos_in_stream", None)
    ended = getattr(getattr(error, "token", None), "type", "") == "$END"
    if ended or at is None or not text[at:].strip():
        return f"{quoted}: it ends too early", HOW[start]
    return f"{quoted}: '{shorten(text[at:].strip(), 20)}' is unexpected", HOW[start]


def _number(token: Any, minus: Any = None) -> float:
    number = read_number(str(token))
    if number is None:
        raise _RefusedError(f"'{shorten(token)}' is no finite number", "write it like 0.25 or 1/4")
    return -number if minus is not None else number


def _assignments(tree: Tree[Token] | None) -> tuple[Assignment, ...]:
    if tree is None:
        return ()
    return tuple(
        Assignment(str(child.children[0]), tuple(map(str, child.children[1:])))
        for child in map(_without_bars, cast(Any, tree.children))
    )


def _without_bars(tree: Any) -> Any:
    tree.children = [c for c in tree.children if getattr(c, "type", "") != "ALTERNATIVE"]
    return tree


def _conditions(tree: Any) -> tuple[Condition, ...]:
    found = []
    for child in () if tree is None else tree.children:
        names = tuple(map(str, _without_bars(child).children))
        found.append(Condition(names[0], names[1:], do=child.data == "intervention"))
    return tuple(found)


def _question(tree: Any, text: str = "") -> Question:
    if tree.data == "probability":
        event, _, conditions = tree.children
        return Question("P", _assignments(event), conditions=_conditions(conditions))
    if tree.data == "weight":
        return Question("weight", node=str(tree.children[0]))
    name, _, conditions = tree.children
    kind = "E" if tree.data == "expectation" else "V"
    return Question(kind, node=str(name), conditions=_conditions(conditions))


def _change(tree: Any, text: str) -> Change:
    target, operator, minus, number = tree.children
    kind = {"probability_target": "P", "odds_target": "odds", "value_target": "V"}.get(
        target.data, "weight"
    )
    if kind == "odds" and operator != "*=":
        raise _RefusedError(f"'{shorten(text)}' is no change", "odds(…) takes *= only")
    node, state = str(target.children[0]), None
    if kind in ("P", "odds"):
        state = str(target.children[1])
    conditions = () if kind == "weight" else _assignments(target.children[-1])
    return Change(kind, node, state, conditions, str(operator), _number(number, minus), text)


def _claim(tree: Any, text: str) -> Claim:
    return Claim(tuple(_test(child) for child in tree.children))


def _test(tree: Any) -> Test:
    for_all, left, operator, right = tree.children
    names = () if for_all is None else tuple(map(str, for_all.children))
    return Test(names, _side(left), str(operator), _side(right))


def _side(tree: Any) -> tuple[Term, ...]:
    first, *rest = tree.children
    terms = [_term(first)]
    for sign, term in zip(rest[::2], rest[1::2], strict=True):
        factor, question = _term(term)
        terms.append((-factor if sign.children[0] == "-" else factor, question))
    return tuple(terms)


def _term(tree: Any) -> Term:
    if tree.data == "opposite":
        factor, question = _term(tree.children[1])
        return -factor, question
    if len(tree.children) == 1:
        return 1.0, _question(tree.children[0])
    *minus, number, question = tree.children
    return _number(number, minus[0] if minus else None), question and _question(question)


_READ: dict[str, Any] = {"question": _question, "change": _change, "claim": _claim}
