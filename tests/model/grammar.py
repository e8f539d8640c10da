"""The language by its grammar alone, run by lark: what the parser is held against."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lark import Lark
from lark.exceptions import UnexpectedInput

from decision.model.numbers import read_number
from decision.model.phrases import Assignment, Change, Claim, Condition, Question, Test


class Refused(Exception):  # noqa: N818
    """A text is not in the language; says from where on, or what is wrong."""


def read(start: str, text: str):
    """Return what a text says by the grammar."""
    try:
        tree = grammar().parse(text, start=start)
    except UnexpectedInput as error:
        ended = getattr(getattr(error, "token", None), "type", "") == "$END"
        at = getattr(error, "pos_in_stream", None)
        raise Refused("" if ended or at is None else text[at:].strip()) from None
    return {"question": _question, "change": _change, "claim": _claim}[start](tree, text)


@cache
def grammar() -> Lark:
    """Return the grammar of docs/spec/questions.md, ready to parse."""
    text = Path(__file__).with_name("language.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        start=["question", "change", "claim"],
        parser="lalr",
        lexer="contextual",
        maybe_placeholders=True,
    )


def _number(token, minus=None):
    number = read_number(str(token))
    if number is None:
        raise Refused(f"'{token}' is no finite number")
    return -number if minus is not None else number


def _assignments(tree):
    if tree is None:
        return ()
    return tuple(
        Assignment(str(child.children[0]), tuple(map(str, child.children[1:])))
        for child in map(_without_bars, tree.children)
    )


def _without_bars(tree):
    tree.children = [c for c in tree.children if getattr(c, "type", "") != "ALTERNATIVE"]
    return tree


def _conditions(tree):
    found = []
    for child in () if tree is None else tree.children:
        names = tuple(map(str, _without_bars(child).children))
        found.append(Condition(names[0], names[1:], do=child.data == "intervention"))
    return tuple(found)


def _question(tree, text=""):
    if tree.data == "probability":
        event, _, conditions = tree.children
        return Question("P", _assignments(event), conditions=_conditions(conditions))
    if tree.data == "weight":
        return Question("weight", node=str(tree.children[0]))
    name, _, conditions = tree.children
    kind = "E" if tree.data == "expectation" else "V"
    return Question(kind, node=str(name), conditions=_conditions(conditions))


def _change(tree, text):
    target, operator, minus, number = tree.children
    kind = {"probability_target": "P", "odds_target": "odds", "value_target": "V"}.get(
        target.data, "weight"
    )
    if kind == "odds" and operator != "*=":
        raise Refused("odds(…) takes *= only")
    node, state = str(target.children[0]), None
    if kind in ("P", "odds"):
        state = str(target.children[1])
    conditions = () if kind == "weight" else _assignments(target.children[-1])
    return Change(kind, node, state, conditions, str(operator), _number(number, minus), text)


def _claim(tree, text):
    return Claim(tuple(_test(child) for child in tree.children))


def _test(tree):
    for_all, left, operator, right = tree.children
    names = () if for_all is None else tuple(map(str, for_all.children))
    return Test(names, _side(left), str(operator), _side(right))


def _side(tree):
    first, *rest = tree.children
    terms = [_term(first)]
    for sign, term in zip(rest[::2], rest[1::2], strict=True):
        factor, question = _term(term)
        terms.append((-factor if sign.children[0] == "-" else factor, question))
    return tuple(terms)


def _term(tree):
    if tree.data == "opposite":
        factor, question = _term(tree.children[1])
        return -factor, question
    if len(tree.children) == 1:
        return 1.0, _question(tree.children[0])
    *minus, number, question = tree.children
    return _number(number, minus[0] if minus else None), question and _question(question)
