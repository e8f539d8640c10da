"""The small language: what it says, and with which words it refuses the rest."""

import math
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from decision.model import Chance, Decision, InfluenceDiagram, ModelError, Value
from decision.model.checking import check_claims, check_question
from decision.model.language import (
    Assignment,
    Condition,
    Question,
    parse_change,
    parse_claim,
    parse_question,
)
from decision.model.numbers import read_number, write_number
from decision.model.records import ClaimRow
from tests.model.strategies import seeded

HERE = ("command line", 1)
NAMES = st.sampled_from(["a", "b2", "long_name", "weight", "odds", "p", "e", "v", "rest", "donut"])
STATES = st.sampled_from(["x", "yes", "2018", "0_5", "do", "and", "all", "for", "total", "weight"])


def refusal(parse, text: str) -> str:
    with pytest.raises(ModelError) as error:
        parse(text, HERE)
    message = str(error.value)
    assert message.isprintable()
    assert message.startswith("command line:1: ")
    return message.removeprefix("command line:1: ")


# -- numbers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0.0),
        ("-0", 0.0),
        ("12", 12.0),
        ("-1.5", -1.5),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("1e+3", 1000.0),
        ("0.1", 0.1),
        ("1/3", 1 / 3),
        ("-2/8", -0.25),
        ("0/5", 0.0),
        ("1e-400", 0.0),
        ("1" + "0" * 300, 1e300),
        ("0." + "3" * 5000, 1 / 3),
        ("9" * 299 + "/" + "9" * 299, 1.0),
    ],
)
def test_a_number_is_what_json_calls_one_or_a_fraction(text, number):
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1_000",
        "50%",
        "0,5",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        "1e999",
        "-1e999",
        "+1",
        ".5",
        "5.",
        "01",
        "-01",
        "0x1",
        "1e",
        "e1",
        "1e1.5",
        "--1",
        "- 1",
        "1 ",
        "1/0",
        "0/0",
        "1/",
        "/2",
        "1/2/3",
        "1 / 2",
        "1/-2",
        "1.5/2",
        "one",
        "1e5/2",
        "\u0661",
        "１",
        "1\u00a0000",
        "1'000",
        "0b1",
        "1j",
        "True",
        "null",
        "1" + "0" * 309,
        "9" * 400 + "/1",
        "1\n",
    ],
)
def test_everything_else_is_none(text):
    assert read_number(text) is None


@seeded(300)
@given(st.floats(allow_nan=False, allow_infinity=False))
@example(-0.0)
@example(5e-324)
def test_a_number_written_reads_back_to_the_last_bit(number):
    text = write_number(number)
    again = read_number(text)
    assert again == number
    assert math.copysign(1, again) == math.copysign(1, number)


@seeded(200)
@given(st.fractions())
def test_a_fraction_is_rounded_once(fraction):
    text = f"{fraction.numerator}/{fraction.denominator}"
    assert read_number(text) == fraction.numerator / fraction.denominator


# -- questions ----------------------------------------------------------------------------


@st.composite
def assignments(draw, most=2):
    names = draw(st.lists(NAMES, min_size=1, max_size=most, unique=True))
    alternatives = st.lists(STATES, min_size=1, max_size=3)
    return [Assignment(name, tuple(draw(alternatives))) for name in names]


@st.composite
def questions(draw):
    kind = draw(st.sampled_from(["P", "E", "V", "weight"]))
    if kind == "weight":
        return Question("weight", node=draw(NAMES))
    conditions = []
    if draw(st.booleans()):
        for assignment in draw(assignments(3)):
            form = draw(st.sampled_from(["seen", "done", "bare"]))
            states = {"seen": assignment.states, "done": assignment.states[:1], "bare": ()}[form]
            conditions.append(Condition(assignment.name, states, do=form == "done"))
    if kind == "P":
        return Question("P", tuple(draw(assignments())), conditions=tuple(conditions))
    name = draw(NAMES) if kind == "V" else draw(st.one_of(NAMES, st.just("total")))
    return Question(kind, node=name, conditions=tuple(conditions))


@seeded(400)
@given(questions())
def test_a_question_written_is_read_again(question):
    assert parse_question(str(question), HERE) == question
    spaced = str(question).replace("(", " ( ").replace(")", " )\t").replace(",", "\n,  ")
    spaced = spaced.replace("=", " = ").replace(" | ", " \n | ")
    assert parse_question(spaced, HERE) == question


HOW_QUESTION = (
    "write P(node=state | parent=state), E(value), V(value | parent=state) or weight(value)"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("P(a=x|b=y)", "'P(a=x|b=y)' is no question; put spaces around the bar"),
        ("P(a=x| b=y)", "'P(a=x| b=y)' is no question; put spaces around the bar"),
        ("P(a=x |b=y)", "'P(a=x |b=y)' is no question; put spaces around the bar"),
        ("P(a=x| y | b=y)", "'P(a=x| y | b=y)' is no question; put spaces around the bar"),
        ("E(a|do(b=y))", "'E(a|do(b=y))' is no question; put spaces around the bar"),
        ("", f"'' is no question: it ends too early; {HOW_QUESTION}"),
        ("P(a=x", f"'P(a=x' is no question: it ends too early; {HOW_QUESTION}"),
        ("P(a=x))", f"'P(a=x))' is no question: ')' is unexpected; {HOW_QUESTION}"),
        ("E(a=x)", f"'E(a=x)' is no question: '=x)' is unexpected; {HOW_QUESTION}"),
        ("p(a=x)", f"'p(a=x)' is no question: 'p(a=x)' is unexpected; {HOW_QUESTION}"),
        ("P(A=x)", f"'P(A=x)' is no question: 'A=x)' is unexpected; {HOW_QUESTION}"),
        ("P(a=x | do(b=y|z))", "'P(a=x | do(b=y|z))' is no question: '|z))' is unexpected; "),
        ("P(a=x\n| b=y)\u202e", "'P(a=x\\n| b=y)\\u202e' is no question: '\\u202e' is unexpected"),
        ("P(a=x) = 1", "'P(a=x) = 1' is no question: '= 1' is unexpected; "),
        ("__import__('os')", "'__import__('os')' is no question: '__import__('os')' is unexpected"),
        ("P(" + "a" * 10_000, "'P(" + "a" * 57 + "…' is no question; use at most 10000 characters"),
    ],
)
def test_what_is_no_question(text, message):
    assert refusal(parse_question, text).startswith(message)


# -- changes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("P(a=x) = 0.3", ("P", "a", "x", (), "=", 0.3)),
        ("P(a=x)=1/4", ("P", "a", "x", (), "=", 0.25)),
        ("V(a) -= -2", ("V", "a", None, (), "-=", -2.0)),
        ("weight( odds ) *= 1e2", ("weight", "odds", None, (), "*=", 100.0)),
        (
            "odds(a=0 | b=x|y, c=z) *= 2.7",
            ("odds", "a", "0", (("b", ("x", "y")), ("c", ("z",))), "*=", 2.7),
        ),
    ],
)
def test_changes(text, read):
    change = parse_change(text, HERE)
    conditions = tuple((c.name, c.states) for c in change.conditions)
    assert (change.kind, change.node, change.state, conditions) == read[:4]
    assert (change.operator, change.number, change.text) == (*read[4:], text)
    assert parse_change(f"{change.target} *= 2", HERE).target == change.target


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("P(a=x | b) = 1", "'P(a=x | b) = 1' is no change: ') = 1' is unexpected; write P(node"),
        ("P(a=x | do(b=y)) = 1", "'P(a=x | do(b=y)) = 1' is no change: '"),
        ("P(a=x|y) = 1", "'P(a=x|y) = 1' is no change: '|y) = 1' is unexpected; "),
        ("P(a=x, b=y) = 1", "'P(a=x, b=y) = 1' is no change: ', b=y) = 1' is unexpected; "),
        ("E(a) = 1", "'E(a) = 1' is no change: 'E(a) = 1' is unexpected; "),
        ("P(a=x) == 1", "'P(a=x) == 1' is no change: '= 1' is unexpected; "),
        ("P(a=x) /= 2", "'P(a=x) /= 2' is no change: '/= 2' is unexpected; "),
        ("P(a=x) = rest", "'P(a=x) = rest' is no change: 'rest' is unexpected; "),
        ("P(a=x) = 1e999", "'1e999' is no finite number; write it like 0.25 or 1/4"),
        ("P(a=x) = 1/0", "'1/0' is no finite number; write it like 0.25 or 1/4"),
        ("odds(a=x) = 2", "'odds(a=x) = 2' is no change; odds(…) takes *= only"),
        ("odds(a=x) += 2", "'odds(a=x) += 2' is no change; odds(…) takes *= only"),
        ("odds(a) *= 2", "'odds(a) *= 2' is no change: ') *= 2' is unexpected; "),
        ("weight(a | b=x) = 2", "'weight(a | b=x) = 2' is no change: '| b=x) = 2' is unexpected"),
    ],
)
def test_what_is_no_change(text, message):
    assert refusal(parse_change, text).startswith(message)


@pytest.mark.parametrize(
    "number",
    ["1_000", "50%", "0,5", "nan", "inf", "+1", ".5", "5.", "01", "0x1", "1e", "1 / 2", "²", "1j"],
)
def test_what_is_no_number_is_no_number_in_a_change(number):
    assert "is no change" in refusal(parse_change, f"P(a=x) = {number}")


# -- claims -------------------------------------------------------------------------------


def sides(text: str) -> tuple[list, list]:
    test = parse_claim(text, HERE).tests[0]
    return tuple(
        [(f, None if q is None else str(q)) for f, q in s] for s in (test.left, test.right)
    )


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("P(a=x) < 0.2", [(1.0, "P(a=x)")], [(0.2, None)]),
        ("1/2*E(a) - 3 >= -E(b)", [(0.5, "E(a)"), (-3.0, None)], [(-1.0, "E(b)")]),
        ("- 2 * V(a) + -1 > - -3", [(-2.0, "V(a)"), (-1.0, None)], [(3.0, None)]),
        ("0 <= weight(a) - -2*E(b)", [(0.0, None)], [(1.0, "weight(a)"), (2.0, "E(b)")]),
    ],
)
def test_the_sides_of_a_claim(text, left, right):
    assert sides(text) == (left, right)


def test_a_claim_of_several_tests():
    claim = parse_claim(
        "for all  a, b : P(c=x | a, b) < 1 and E(d | a=and) > 0 and for all c: E(d | c) <= 2", HERE
    )
    assert [test.for_all for test in claim.tests] == [("a", "b"), (), ("c",)]
    assert [test.operator for test in claim.tests] == ["<", ">", "<="]
    assert [len(test.questions) for test in claim.tests] == [1, 1, 1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P(a=x)",
        "P(a=x) = 1",
        "E(a) < 1 < 2",
        "E(a) <",
        "E(a) < 1 and",
        "E(a) < 1 and and",
        "forall a: E(a) < 1",
        "for all: E(a) < 1",
        "for all a E(a) < 1",
        "E(a) < 1and E(b) > 2",
        "E(a) < 2 3",
        "E(a) * 2 < 1",
        "2 * 3 < 1",
        "E(a) < 1 or E(b) < 1",
        "E(a) != 1",
        "--E(a) < 1",
        "E(a) => 1",
        "(E(a)) < 1",
        "E(a) < P(b=x|c=y)",
    ],
)
def test_what_is_no_claim(text):
    assert "is no claim" in refusal(parse_claim, text)


@seeded(300)
@given(
    st.text(
        st.sampled_from("PEV( )|=,<>*+-/:.0123456789abxdoweightfr all and\n\t\u202e\"'\\"),
        max_size=60,
    )
)
def test_no_text_does_worse_than_a_message(text):
    for parse in (parse_question, parse_change, parse_claim):
        try:
            parse(text, HERE)
        except ModelError as error:
            messages = error.problems
        else:
            continue
        assert len(messages) == 1
        assert str(messages[0]).isprintable()


# -- names, looked up ------------------------------------------------------------------------


def model(**more) -> InfluenceDiagram:
    return InfluenceDiagram(
        [Decision("act", ["yes", "no"], ["sign"])],
        [Chance("sign", ["red", "green"], [], [0.5, 0.5])],
        [Value("gain", ["act"], [1, 2])],
        **more,
    )


@pytest.mark.parametrize(
    "text",
    [
        "P(sign=red|green, act=yes | act=no, sign=red)",
        "P(sign=red | do(sign=green), act=yes)",
        "E(total | do(sign=red), sign=red)",
        "E(gain | act=yes)",
        "V(gain | act=yes|no)",
        "weight(gain)",
    ],
)
def test_questions_that_fit_a_model(text):
    assert check_question(model(), parse_question(text, HERE), HERE) == []


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("P(sgin=red)", ["there is no node 'sgin'; did you mean 'sign'?"]),
        (
            "P(gain=red)",
            ["'gain' is a value node and has no state; ask E(gain | …) or V(gain | …)"],
        ),
        (
            "P(sign=rde | act=yse)",
            [
                "sign has no state 'rde'; did you mean 'red'?",
                "act has no option 'yse'; did you mean 'yes'?",
            ],
        ),
        ("E(sign)", ["'sign' is a chance node, not a value node; ask P(sign=state)"]),
        ("E(totl)", ["there is no value node 'totl'; did you mean 'total'?"]),
        ("V(total)", ["there is no value node 'total'; use one of gain"]),
        ("weight(act)", ["'act' is a decision node, not a value node; ask P(act=state)"]),
        ("V(gain | sign=red)", ["'sign' is no parent of gain; its parents are act"]),
        (
            "V(gain | cat=red)",
            ["'cat' is no parent of gain; did you mean 'act'? (its parents are act)"],
        ),
        (
            "V(gain | do(act=yes))",
            ["do(act=…) stands in V(…), which only reads the model; ask E(gain | …)"],
        ),
        (
            "E(gain | do(act=yes))",
            [
                "do(act=…) names a decision, which is set by act=option behind the bar; "
                "write act=… without do"
            ],
        ),
        (
            "E(gain | do(gain=yes))",
            ["'gain' is a value node and has no state; ask E(gain | …) or V(gain | …)"],
        ),
        (
            "E(gain | do(sign=red), do(sign=green))",
            ["do(sign=…) stands twice behind the bar; keep one"],
        ),
        ("E(gain | act=yes, act=no)", ["'act' stands twice behind the bar; keep one"]),
        (
            "E(gain | act=yes|no)",
            ["the decision 'act' is set to one option, not to either of several; name one option"],
        ),
        (
            "E(gain | sign)",
            [
                "'sign' stands behind the bar without a state; "
                "write sign=state, or begin with `for all sign:`"
            ],
        ),
    ],
)
def test_questions_that_do_not(text, messages):
    found = check_question(model(), parse_question(text, HERE), HERE)
    assert [f"{p.what}; {p.do}" for p in found] == messages


def test_claims_are_checked_with_their_line():
    rows = [
        ClaimRow("c1", test="for all act, act: E(gain | act) > 0", line=2),
        ClaimRow("c2", test="", line=3),
        ClaimRow("c3", test="for all gain: E(total) > 0", line=4),
        ClaimRow("c4", test="for all act: E(gain | act) > 0 and P(sign=rde) < 1", line=5),
        ClaimRow("c5", test="rubbish", line=6),
    ]
    found = check_claims(model(claim_rows=rows))
    assert [(p.file, p.line) for p in found] == [("claims.csv", line) for line in (2, 4, 5, 6)]


def test_the_language_evaluates_nothing():
    """A fraction is a number, not a division; there are no names but those of the model."""
    assert parse_change("P(a=x) = 1/3", HERE).number == float(Fraction(1, 3))
    assert "is no change" in refusal(parse_change, "P(a=x) = 1/3*2")
