"""The parser against the grammar: sentences made from it, and the same with mistakes in them."""

from __future__ import annotations

import random
import re

import pytest

from decision.model import language
from decision.model.language import HOW, parse_change, parse_claim, parse_question
from decision.model.problems import ModelError, Problem, shorten
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


def message(start: str, text: str, refused: str) -> tuple[str, str]:
    """Return what is wrong and what to do, of a text that the grammar refuses."""
    quoted = f"'{shorten(text)}' is no {start}"
    if refused.endswith("is no finite number"):
        return refused, "write it like 0.25 or 1/4"
    if refused.endswith("takes *= only"):
        return quoted, refused
    if any(tight(text, at) for at, sign in enumerate(text) if sign == "|"):
        return quoted, "put spaces around the bar"
    if not refused:
        return f"{quoted}: it ends too early", HOW[start]
    return f"{quoted}: '{shorten(refused, 20)}' is unexpected", HOW[start]


def tight(text: str, at: int) -> bool:
    """Whether the bar there has one space only, or none though it opens conditions."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if before and after and before.isspace() != after.isspace():
        return True
    return re.match(r"[a-z][a-z0-9_]*\s*=|do\s*\(", text[at + 1 :]) is not None


def assert_as_the_grammar_says(start: str, text: str) -> bool:
    """Hold the parser against the grammar; return whether the text is in the language."""
    try:
        expected = read(start, text)
    except Refused as refused:
        with pytest.raises(ModelError) as error:
            PARSE[start](text, HERE)
        said = message(start, text, str(refused))
        assert str(error.value) == str(Problem(*HERE, *said))
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


TIGHT = [
    ("claim", "1 < 2and 3 < 4"),
    ("claim", "1 < 2 and3 < 4"),
    ("claim", "1 < 2 and 3 < 4"),
    ("claim", "E(a) < V(b)and 3 < 4"),
    ("claim", "for alla: 1 < 2"),
    ("claim", "forall a: 1 < 2"),
    ("claim", "for\tall\na:1<2"),
    ("question", "P(a=x|y)"),
    ("question", "P(a=x |y)"),
    ("question", "P(a=x| y)"),
    ("question", "P(a=x | y)"),
    ("question", "E(a|b=x)"),
    ("question", "P(a=x | b=x | c=x)"),
]


@pytest.mark.parametrize(("start", "text"), TIGHT)
def test_spaces_that_count(start, text):
    assert_as_the_grammar_says(start, text)


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
