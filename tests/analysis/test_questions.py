"""Questions against the joint table of brute force, and the contract's fine print."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from decision.analysis.questions import answers, ask
from decision.model import Chance, Decision, InfluenceDiagram, ModelError, Value, read_model
from decision.solve.enumeration import enumerate_solve


@pytest.fixture(scope="module")
def oil() -> InfluenceDiagram:
    return read_model("data/examples/oil_wildcatter")


def brute(model: InfluenceDiagram, given: dict[str, str], event: dict, behind: dict) -> float:
    """P(event | behind) by adding up paths of the joint table."""
    joint = enumerate_solve(model, given=given).joint
    order = model.time_order
    above = below = 0.0
    for cell in product(*(range(len(model.states(name))) for name in order)):
        states = {n: model.states(n)[i] for n, i in zip(order, cell, strict=True)}
        if all(states[n] in s for n, s in behind.items()):
            below += joint[cell]
            if all(states[n] in s for n, s in event.items()):
                above += joint[cell]
    return above / below


@pytest.mark.parametrize(
    ("question", "given", "event", "behind"),
    [
        ("P(oil=dry)", {}, {"oil": ["dry"]}, {}),
        ("P(drill=yes)", {}, {"drill": ["yes"]}, {}),
        ("P(drill=yes | test=no)", {"test": "no"}, {"drill": ["yes"]}, {}),
        ("P(test=no | test=yes)", {"test": "yes"}, {"test": ["no"]}, {}),
        (
            "P(oil=wet|soaking, drill=yes | test=yes)",
            {"test": "yes"},
            {"oil": ["wet", "soaking"], "drill": ["yes"]},
            {},
        ),
        (
            "P(oil=soaking | test=yes, seismic=closed|open)",
            {"test": "yes"},
            {"oil": ["soaking"]},
            {"seismic": ["closed", "open"]},
        ),
        (
            "P(seismic=closed | seismic=closed|open)",
            {},
            {"seismic": ["closed"]},
            {"seismic": ["closed", "open"]},
        ),
    ],
)
def test_probabilities_are_those_of_the_joint_table(
    oil: InfluenceDiagram, question: str, given: dict, event: dict, behind: dict
) -> None:
    assert ask(oil, question) == pytest.approx(brute(oil, given, event, behind), abs=1e-12)


def test_raiffas_figures(oil: InfluenceDiagram) -> None:
    questions = ["E(total)", "E(total | test=no)", "V(payoff | drill=yes, oil=soaking)"]
    assert answers(oil, questions) == pytest.approx([22.5, 20.0, 200.0], abs=1e-9)


def test_observing_a_child_speaks_of_its_cause_but_making_it_so_does_not(
    oil: InfluenceDiagram,
) -> None:
    seen = ask(oil, "P(oil=soaking | seismic=closed)")
    made = ask(oil, "P(oil=soaking | do(seismic=closed))")
    assert seen == pytest.approx(0.2 * 0.5 / 0.24)
    assert made == pytest.approx(0.2)


def test_an_expectation_over_alternatives_weighs_them(oil: InfluenceDiagram) -> None:
    parts = answers(
        oil,
        [
            "E(total | test=yes, seismic=closed)",
            "E(total | test=yes, seismic=open)",
            "P(seismic=closed | test=yes)",
            "P(seismic=open | test=yes)",
            "E(total | test=yes, seismic=closed|open)",
        ],
    )
    weighed = (parts[0] * parts[2] + parts[1] * parts[3]) / (parts[2] + parts[3])
    assert parts[4] == pytest.approx(weighed, abs=1e-9)


def test_do_takes_decisions_anew() -> None:
    """Knowing that the coin is made to show heads, the guess changes."""
    model = InfluenceDiagram(
        decisions=[Decision("guess", ["heads", "tails"])],
        chances=[Chance("coin", ["heads", "tails"], table={"heads": 0.4, "tails": 0.6})],
        values=[Value("win", ["guess", "coin"], table=[[1, 0], [0, 1]])],
    )
    assert ask(model, "E(win | coin=heads)") == 0.0
    assert ask(model, "E(win | do(coin=heads))") == 1.0


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (
            "P(oil=dry | seismic=none, test=yes)",
            "P(oil=dry | seismic=none, test=yes) has no answer: seismic=none has probability 0 "
            "under the best strategy; ask with a condition that can happen, or use do(…)",
        ),
        ("P(oyl=dry)", "there is no node 'oyl'; did you mean 'oil'?"),
        ("P(oil=dri)", "oil has no state 'dri'; did you mean 'dry'?"),
        (
            "P(payoff=1)",
            "'payoff' is a value node and has no state; ask E(payoff | …) or V(payoff | …)",
        ),
        ("E(oil)", "'oil' is a chance node, not a value node; ask P(oil=state)"),
        (
            "P(oil=dry | test)",
            "'test' stands behind the bar without a state; "
            "write test=state, or begin with `for all test:`",
        ),
        (
            "P(oil=dry | do(test=yes))",
            "do(test=…) names a decision, which is set by test=option behind the bar; "
            "write test=… without do",
        ),
        (
            "V(payoff | seismic=open)",
            "'seismic' is no parent of payoff; its parents are drill, oil",
        ),
        (
            "V(payoff | drill=yes)",
            "the entries of payoff that match V(payoff | drill=yes) differ, from -70 to 200; "
            "name the state of oil too",
        ),
        (
            "E(total | do(oil=dry), do(oil=wet))",
            "do(oil=…) stands twice behind the bar; keep one",
        ),
    ],
)
def test_a_question_without_answer_says_why(
    oil: InfluenceDiagram, question: str, message: str
) -> None:
    with pytest.raises(ModelError) as error:
        ask(oil, question)
    assert [str(p) for p in error.value.problems] == [f"command line:1: {message}"]


def test_all_faulty_questions_are_told_at_once(oil: InfluenceDiagram) -> None:
    with pytest.raises(ModelError) as error:
        ask(oil, "P(oil=x)", "P(oil=dry)", "E(nothing)")
    assert len(error.value.problems) == 2


def test_several_answers_are_a_named_series(oil: InfluenceDiagram) -> None:
    series = ask(oil, "P(oil=dry)", "weight(payoff)")
    assert series.to_dict() == {"P(oil=dry)": 0.5, "weight(payoff)": 1.0}


def test_korea_questions_agree_with_the_reference() -> None:
    korea = read_model("data/korea_2018")
    found = ask(
        korea,
        "P(escalation=major_war | strategy=off_ramp)",
        "E(lives | strategy=off_ramp)",
        "E(total | strategy=maximum_pressure)",
    )
    reference = [0.0168699860308, 9322.06576284, 93.7292772571]
    assert np.allclose(found, reference, rtol=1e-11)
