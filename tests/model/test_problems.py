"""What a message looks like, and which name it suggests."""

import pickle

import pytest

from decision.model import Chance, Decision, InfluenceDiagram, ModelError, Problem, Value
from decision.model.problems import MOST, Faults, capped, nearest, one_line, shorten


def test_a_problem_is_one_line_of_file_line_what_and_what_to_do():
    problem = Problem("values.csv", 3, "the value 'ten' is no number", "write 10")
    assert str(problem) == "values.csv:3: the value 'ten' is no number; write 10"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, é, 🎲, مرحبا, 漢字 and \\n", "plain, é, 🎲, مرحبا, 漢字 and \\n"),
        ("a\nb\tc\r\0\x7f\x1b[31m", "a\\nb\\tc\\r\\x00\\x7f\\x1b[31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2028\u2029\x85\ufeff\u200f", "\\u2028\\u2029\\x85\\ufeff\\u200f"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_would_break_or_turn_a_line_is_shown(text, shown):
    assert one_line(text) == shown
    assert str(Problem(text, 1, text, text)) == f"{shown}:1: {shown}; {shown}"


def test_an_error_carries_its_problems_also_through_a_pickle():
    problems = (Problem("a.csv", 1, "x", "y"), Problem("b.csv", 2, "x", "z"))
    error = ModelError(problems)
    assert str(error) == "a.csv:1: x; y\nb.csv:2: x; z"
    again = pickle.loads(pickle.dumps(error))
    assert again.problems == problems
    assert isinstance(again, ValueError)


@pytest.mark.parametrize(
    ("name", "candidates", "message"),
    [
        ("tonne", ["talks", "tone"], "did you mean 'tone'?"),
        ("zzz", ["tone", "talks"], "use one of tone, talks"),
        ("x", [], "there is none to choose from"),
        (
            "zzz",
            [f"n{i}" for i in range(20)],
            "use one of n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, …",
        ),
        ("n123x", [f"n{i}" for i in range(100_000)], "did you mean 'n123'?"),
        ("a" * 10_000, ["a" * 99], "did you mean '" + "a" * 59 + "…'?"),
    ],
)
def test_the_nearest_name_or_the_list(name, candidates, message):
    assert nearest(name, candidates) == message


def test_a_long_piece_of_input_is_cut():
    assert shorten("x" * 60) == "x" * 60
    assert shorten("x" * 61) == "x" * 59 + "…"


def test_of_one_file_a_thousand_problems_are_collected():
    faults = Faults("a.csv")
    for line in range(1, MOST + 10):
        faults.wrong(line, "x", "y")
    assert faults.full
    assert len(faults.problems) == MOST + 1
    assert faults.problems == capped(Problem("a.csv", i, "x", "y") for i in range(1, 10**9))


def test_the_card_of_a_model_escapes_every_text_of_it():
    nasty = "<img src=x onerror=alert(1)> & \"quoted\" 'so'"
    model = InfluenceDiagram(
        [Decision("act", ["yes"], label=nasty)],
        [Chance("sign", ["red"], table=[1], label=nasty)],
        [Value("gain", [], 1, label=nasty)],
        title=nasty,
        question=nasty,
    )
    card = model._repr_html_()
    assert "<img" not in card
    assert card.count("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quoted&quot;") == 5
    assert "2 inputs, 0 with a range" in card
