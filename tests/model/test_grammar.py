"""The parser against the grammar: sentences made from it, and the same with mistakes in them."""

from __future__ import annotations

import random

import pytest

from decision.model import language
from decision.model.language import parse_change, parse_claim, parse_question
from decision.model.problems import ModelError
from tests.model.grammar import Refused, read

HERE = ("command line", 1)
PARSE = {"question": parse_question, "change": parse_change, "claim": parse_claim}
WORDS = ["a", "b2", "do", "done", "weight", "odds", "p", "for", "all", "and", "x_1", "e"]
STATES = ["x", "yes", "2018", "0_5", "do", "and", "all", "for", "0", "e5"]
NUMBERS = ["0", "1", "0.25", "1/3", "1e3", "2E-2", "10", "1/0", "1e999", "0/7"]
LITTER = [*"()=|,*+-<>:./ 0aZ_", " | ", " and ", "for all ", "do(", "e", "\t", "\n", "é", "=="]


class Speaker:
    """Sentences of the grammar, drawn at random."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)

    def some(self, part, joined: str = ",") -> str:
        return self.glued([part() for _ in range(self.draw.choice([1, 1, 2, 3]))], joined)

    def glued(self, parts: list[str], joined: str) -> str:
        return (self.space() + joined + self.space()).join(parts)

    def space(self) -> str:
        return self.draw.choice(["", "", "", " ", "  ", "\t"])

    def bracketed(self, word: str, inside: str) -> str:
        return self.glued([word, "(", inside, ")"], "")

    def name(self) -> str:
        return self.draw.choice(WORDS)

    def state(self) -> str:
        return self.draw.choice(STATES)

    def assignment(self) -> str:
        states = "|".join(self.state() for _ in range(self.draw.choice([1, 1, 1, 2, 3])))
        return self.glued([self.name(), states], "=")

    def condition(self) -> str:
        kind = self.draw.choice(["assignment", "assignment", "do", "bare"])
        if kind == "do":
            return self.bracketed("do", self.glued([self.name(), self.state()], "="))
        return self.assignment() if kind == "assignment" else self.name()

    def behind(self, part) -> str:
        return self.draw.choice(["", self.draw.choice([" | ", "  |\t"]) + self.some(part)])

    def question(self) -> str:
        kind = self.draw.choice(["P", "P", "E", "V", "weight"])
        if kind == "weight":
            return self.bracketed(kind, self.name())
        head = self.some(self.assignment) if kind == "P" else self.name()
        return self.bracketed(kind, head + self.behind(self.condition))

    def change(self) -> str:
        kind = self.draw.choice(["P", "P", "odds", "V", "weight"])
        head = self.name()
        if kind in ("P", "odds"):
            head = self.glued([head, self.state()], "=")
        if kind != "weight":
            head += self.behind(self.assignment)
        operator = self.draw.choice(["=", "*=", "*=", "+=", "-="])
        minus = self.draw.choice(["", "", "-"])
        return self.glued(
            [self.bracketed(kind, head), operator, minus, self.draw.choice(NUMBERS)], ""
        )

    def term(self) -> str:
        number = self.draw.choice(NUMBERS)
        return self.draw.choice(
            [number, self.question(), self.glued([number, self.question()], "*")]
        )

    def negative(self) -> str:
        number = self.draw.choice(NUMBERS)
        return self.draw.choice(["-" + number, self.glued(["-", number, "*", self.question()], "")])

    def side(self) -> str:
        first = self.draw.choice([self.term(), "-" + self.term(), "-" + self.negative()])
        rest = [
            self.draw.choice("+-") + self.draw.choice([self.term(), self.negative()])
            for _ in range(self.draw.choice([0, 0, 1, 2]))
        ]
        return self.glued([first, *rest], "")

    def test(self) -> str:
        sides = self.glued([self.side(), self.side()], self.draw.choice(["<", "<=", ">", ">="]))
        if self.draw.random() < 0.3:
            return "for all " + self.some(self.name) + self.space() + ":" + self.space() + sides
        return sides

    def claim(self) -> str:
        return " and ".join(self.test() for _ in range(self.draw.choice([1, 1, 2])))

    def mistaken(self, text: str) -> str:
        for _ in range(self.draw.choice([1, 1, 2])):
            at = self.draw.randrange(len(text) + 1)
            end = min(len(text), at + self.draw.choice([0, 0, 1, 1, 2, 5]))
            text = text[:at] + self.draw.choice(["", *LITTER]) + text[end:]
        return text


def assert_as_the_grammar_says(start: str, text: str) -> bool:
    """Hold the parser against the grammar; return whether the text is in the language."""
    try:
        expected = read(start, text)
    except Refused as refused:
        with pytest.raises(ModelError) as error:
            PARSE[start](text, HERE)
        (problem,) = error.value.problems
        left = str(refused)
        if left.endswith(("takes *= only", "is no finite number")):
            assert left in (problem.what, problem.do), text
        elif language._TIGHT_BAR.search(text):
            assert problem.do == "put spaces around the bar"
        elif left:
            shown = language.shorten(left, 20)
            assert problem.what.endswith(f": '{shown}' is unexpected"), (text, left)
        else:
            assert problem.what.endswith(": it ends too early"), text
        return False
    assert PARSE[start](text, HERE) == expected
    return True


@pytest.mark.parametrize("start", sorted(PARSE))
def test_sentences(start):
    speaker = Speaker(1)
    said = [getattr(speaker, start)() for _ in range(1500)]
    good = sum(assert_as_the_grammar_says(start, text) for text in said)
    assert good > 500  # the others have a number that is none


@pytest.mark.parametrize("start", sorted(PARSE))
def test_sentences_with_mistakes(start):
    speaker = Speaker(2)
    said = [speaker.mistaken(getattr(speaker, start)()) for _ in range(4000)]
    good = sum(assert_as_the_grammar_says(start, text) for text in said)
    assert 100 < good < 3000


def hold(speaker: Speaker) -> None:
    for start in PARSE:
        for _ in range(600):
            assert_as_the_grammar_says(start, speaker.mistaken(getattr(speaker, start)()))
            assert_as_the_grammar_says(start, getattr(speaker, start)())


@pytest.mark.parametrize("mutant", ["spaces around a bar", "a second sign", "what is left"])
def test_mutants_are_caught(monkeypatch, mutant):
    parsing = language.parsing
    if mutant == "spaces around a bar":
        monkeypatch.setattr(parsing, "BAR", parsing.re.compile(r"\s*\|\s*"))
    elif mutant == "a second sign":
        monkeypatch.setattr(parsing, "_opposite", lambda term: term)
    else:
        monkeypatch.setattr(parsing, "END", parsing.re.compile(""))
    language._parsed.cache_clear()
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        hold(Speaker(3))
    language._parsed.cache_clear()
