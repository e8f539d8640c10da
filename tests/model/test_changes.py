"""Changing numbers: operators, proportional covariation, partial conditions, all or nothing."""

import math
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.model import Chance, Decision, InfluenceDiagram, ModelError, Value, read_model
from decision.model.covariation import covary
from tests.model.strategies import changes, models, seeded

DATA = Path(__file__).parents[2] / "data"


def model(**more) -> InfluenceDiagram:
    """One decision, a chance node with three states and two parents, a value node."""
    rows = [[[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]], [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]]
    return InfluenceDiagram(
        decisions=[Decision("act", ["yes", "no"])],
        chances=[
            Chance("mood", ["calm", "tense"], table=[0.4, 0.6]),
            Chance("talks", ["good", "poor", "none"], ["act", "mood"], rows),
            Chance("fixed", ["so"], table=[1.0]),
        ],
        values=[
            Value("gain", ["act", "talks"], [[1, 2, 3], [4, 5, 6]], weight=2.0),
            Value("cost", [], 7.0, worst=0, best=10),
        ],
        **more,
    )


def refused(change: str, start: InfluenceDiagram | None = None) -> str:
    """The message with which a change is refused."""
    with pytest.raises(ModelError) as error:
        (start or model()).changed(change)
    text = str(error.value)
    assert text.startswith("command line:1: ")
    return text.removeprefix("command line:1: ")


def row(changed: InfluenceDiagram, act: str, mood: str) -> list[float]:
    return changed.table("talks").loc[(act, mood)].tolist()


# -- what a change makes -------------------------------------------------------


def test_the_other_states_keep_their_proportions():
    changed = model().changed("P(talks=good | act=yes, mood=calm) = 0.75")
    assert row(changed, "yes", "calm") == pytest.approx([0.75, 0.15, 0.1], abs=1e-15)
    for act, mood in [("yes", "tense"), ("no", "calm"), ("no", "tense")]:
        assert row(changed, act, mood) == row(model(), act, mood)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("P(talks=none | act=no, mood=calm) = 0.4", [0.3, 0.3, 0.4]),
        ("P(talks=good | act=no, mood=tense) = 0", [0.0, 0.5, 0.5]),
        ("P(talks=good | act=no, mood=tense) *= 1/4", [0.25, 0.375, 0.375]),
    ],
)
def test_others_that_were_all_0_share_the_rest_equally(change, expected):
    mood = "calm" if "calm" in change else "tense"
    assert row(model().changed(change), "no", mood) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("P(mood=calm) = 0.3", 0.3),
        ("P(mood=calm) = 1/3", 1 / 3),
        ("P(mood=calm) *= 1.5", 0.6),
        ("P(mood=calm) += 0.25", 0.65),
        ("P(mood=calm) -= 0.4", 0.0),
        ("P(mood=calm) = 1", 1.0),
        ("odds(mood=calm) *= 3", 2 / 3),
        ("odds(mood=calm) *= 1e-3", 0.4e-3 / (0.6 + 0.4e-3)),
        ("odds(mood=calm) *= 1e300", 1.0),
    ],
)
def test_every_operator_on_a_probability(change, expected):
    table = model().changed(change).nodes["mood"].table
    assert table.tolist() == pytest.approx([expected, 1 - expected], abs=1e-15)


def test_odds_leave_0_and_1_as_they_are():
    changed = model().changed("odds(talks=good) *= 5")
    assert row(changed, "no", "calm") == [0.0, 0.0, 1.0]
    assert row(changed, "no", "tense") == [1.0, 0.0, 0.0]
    assert row(changed, "yes", "calm") == pytest.approx([5 / 6, 0.1, 1 / 15], abs=1e-15)


@pytest.mark.parametrize(
    ("change", "amounts"),
    [
        ("V(gain | act=yes, talks=good) = -7", [[-7, 2, 3], [4, 5, 6]]),
        ("V(gain | talks=good|none) *= 10", [[10, 2, 30], [40, 5, 60]]),
        ("V(gain | act=no) += 1/2", [[1, 2, 3], [4.5, 5.5, 6.5]]),
        ("V(gain) -= 1", [[0, 1, 2], [3, 4, 5]]),
        ("V(gain | talks=poor, act=yes|no) *= 0", [[1, 0, 3], [4, 0, 6]]),
    ],
)
def test_every_operator_on_an_amount(change, amounts):
    assert model().changed(change).nodes["gain"].table.tolist() == amounts


def test_a_value_without_parents_and_a_weight_change():
    changed = model().changed("V(cost) *= 2", "weight(gain) *= 3", "weight(cost) = 1/2")
    assert float(changed.nodes["cost"].table) == 14.0
    assert (changed.weight("gain"), changed.weight("cost")) == (6.0, 0.5)
    assert float(changed.utility("cost")) == 70.0


def test_weights_of_a_normalised_model_are_divided_by_their_sum():
    scaled = [Value("a", ["act"], [0, 1], worst=0, best=1, weight=30.0)]
    scaled += [Value("b", ["act"], [0, 1], worst=1, best=0, weight=10.0)]
    whole = InfluenceDiagram([Decision("act", ["x", "y"])], [], scaled, weights="normalised")
    assert (whole.weight("a"), whole.utility("a").tolist()) == (0.75, [0.0, 75.0])
    changed = whole.changed("weight(b) *= 3")
    assert (changed.weight("a"), changed.weight("b")) == (0.5, 0.5)
    assert refused("weight(a) = 0", whole.changed("weight(b) = 0")) == (
        "'weight(a) = 0' makes all weights 0; keep one above 0"
    )


def test_changes_apply_one_after_another_so_order_matters():
    one = model().changed("P(talks=good | act=yes) = 0.5", "P(talks=none | act=yes) = 0.5")
    other = model().changed("P(talks=none | act=yes) = 0.5", "P(talks=good | act=yes) = 0.5")
    assert row(one, "yes", "calm") == pytest.approx([0.3125, 0.1875, 0.5])
    assert row(other, "yes", "calm") == pytest.approx([0.5, 3 / 22, 4 / 11])


def test_a_tiny_step_outside_is_clipped_and_a_larger_one_refused():
    almost = model().changed("P(mood=calm) = 1").changed("P(mood=calm) += 1e-12")
    assert almost.nodes["mood"].table.tolist() == [1.0, 0.0]
    message = refused("P(mood=calm) -= 0.400000000002")
    assert message.startswith("'P(mood=calm) -= 0.400000000002' makes P(mood=calm) -1.9999")
    assert "e-12, outside [0, 1]; use a number that stays in [0, 1], or odds" in message
    assert model().changed("P(mood=calm) -= 0.4000000000005").table("mood").loc[0, "calm"] == 0.0


@pytest.mark.parametrize("states", [2, 3, 7, 8, 20])
def test_one_row_and_many_are_moved_alike(states):
    """To the last bit, whichever way a row is worked out."""
    rng = np.random.default_rng(states)
    rows = rng.dirichlet(np.ones(states), size=60)
    rows[0], rows[1] = np.eye(states)[0], np.eye(states)[-1]
    after = rng.random(60)
    after[2:4] = 0.0, 1.0
    for state in range(states):
        many = covary(rows, state, after)
        assert many.sum(axis=1) == pytest.approx(1.0)
        for row, moved, number in zip(rows, many, after.tolist(), strict=True):
            assert covary(row, state, number).tolist() == moved.tolist()
            assert covary(row[None, None], state, number).shape == (1, 1, states)


def test_spaces_and_order_of_conditions_are_free():
    one = model().changed("P(talks=good | act=yes, mood=calm|tense) = 0.5")
    assert one == model().changed("P( talks = good\t|  mood=tense|calm ,act=yes )=0.5")


# -- all or nothing -------------------------------------------------------------


def test_a_failing_change_leaves_the_model_and_tells_every_failure():
    before = model()
    tables = [node.table.copy() for node in (*before.chances, *before.values)]
    with pytest.raises(ModelError) as error:
        before.changed(
            "P(mood=calm) = 0.9", "V(gain) *= 2", "P(mood=clam) = 0.1", "weight(gian) = 2"
        )
    assert str(error.value) == (
        "command line:1: mood has no state 'clam'; did you mean 'calm'?\n"
        "command line:1: there is no value node 'gian'; did you mean 'gain'?"
    )
    assert before == model()
    for node, table in zip((*before.chances, *before.values), tables, strict=True):
        assert np.array_equal(node.table, table)
        assert not node.table.flags.writeable


def test_a_changed_model_shares_what_did_not_change_and_cannot_be_written_to():
    before = model()
    changed = before.changed("P(mood=calm) = 0.9")
    assert changed.nodes["talks"] is before.nodes["talks"]
    assert changed.structure is before.structure
    with pytest.raises(ValueError, match="read-only"):
        changed.nodes["mood"].table[0] = 0.5


def test_no_change_gives_the_model_itself():
    start = model()
    assert start.changed() is start


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("P(tlaks=good) = 1", "there is no chance node 'tlaks'; did you mean 'talks'?"),
        ("P(act=yes) = 1", "'act' is a decision: it is chosen, not changed; "),
        ("P(gain=good) = 1", "'gain' is a value node and has no probability; "),
        ("V(talks) = 1", "'talks' is a chance node, not a value node; use one of gain, cost"),
        ("weight(talks) = 1", "'talks' is a chance node, not a value node; "),
        ("weight(total) = 1", "there is no value node 'total'; "),
        ("P(talks=god) = 1", "talks has no state 'god'; did you mean 'good'?"),
        (
            "P(talks=good | gain=yes) = 1",
            "'gain' is no parent of talks; its parents are act, mood",
        ),
        (
            "P(talks=good | moood=calm) = 1",
            "'moood' is no parent of talks; did you mean 'mood'? (its parents are act, mood)",
        ),
        ("P(mood=calm | act=yes) = 1", "'act' is no parent of mood; mood has no parents"),
        ("V(cost | act=yes) = 1", "'act' is no parent of cost; cost has no parents"),
        ("P(talks=good | act=yse) = 1", "act has no state 'yse'; did you mean 'yes'?"),
        ("P(talks=good | act=yes, act=no) = 1", "'act' is named twice in the conditions on talks"),
        ("P(fixed=so) = 1", "fixed has the single state 'so', whose probability is 1; leave it"),
        ("odds(fixed=so) *= 1", "fixed has the single state 'so', whose probability is 1; "),
        ("odds(mood=calm) *= 0", "'odds(mood=calm) *= 0' multiplies odds by 0; "),
        ("odds(mood=calm) *= -1", "'odds(mood=calm) *= -1' multiplies odds by -1; "),
        ("odds(mood=calm) = 2", "'odds(mood=calm) = 2' is no change; odds(…) takes *= only"),
        (
            "P(talks=poor) += 0.5",
            "'P(talks=poor) += 0.5' makes P(talks=poor given act=yes; mood=tense) 1.1, outside ",
        ),
        ("weight(gain) -= 3", "'weight(gain) -= 3' makes the weight of gain -1; "),
        ("weight(gain) *= 1e308", "'weight(gain) *= 1e308' makes the weight of gain inf; "),
        ("weight(gain) *= 1e300", "'weight(gain) *= 1e300' makes amounts of gain beyond 1e300; "),
        ("V(gain) *= 1e308", "'V(gain) *= 1e308' makes amounts of gain beyond 1e300; "),
        ("V(gain) = 1e999", "'1e999' is no finite number; "),
        ("P(mood=calm|act=yes) = 1", "'P(mood=calm|act=yes) = 1' is no change; put spaces around"),
    ],
)
def test_what_cannot_be_changed_is_refused_with_the_nearest_name(change, message):
    assert refused(change).startswith(message)


def test_what_is_no_text_is_refused():
    assert refused(["P(mood=calm) = 1"]).startswith("['P(mood=calm) = 1'] is no change; write P(")


def test_a_change_set_names_its_file_and_line():
    korea = read_model(DATA / "korea_2018")
    with pytest.raises(ModelError) as error:
        korea.perspective("moon_govenment")
    assert str(error.value) == (
        "command line:1: there is no perspective 'moon_govenment'; did you mean 'moon_government'?"
    )
    with pytest.raises(ModelError, match=r"there is no scenario '\.\./\.\./x'; use one of "):
        korea.scenario("../../x")


# -- against exact arithmetic ----------------------------------------------------


def exactly(table: dict, change: tuple, states: list[str]) -> dict | None:
    """The rows of a table after a change, in fractions; None where one leaves [0, 1]."""
    state, matches, operator, number = change
    result = {}
    for key, probabilities in table.items():
        result[key] = probabilities
        if not matches(key):
            continue
        p = probabilities[state]
        after = {
            "=": number,
            "*=": p * number,
            "+=": p + number,
            "-=": p - number,
            "odds": p * number / (1 - p + p * number),
        }[operator]
        if not 0 <= after <= 1:
            return None
        if after == p:
            continue
        others = [i for i in range(len(states)) if i != state]
        left = sum(probabilities[i] for i in others)
        shares = {i: probabilities[i] / left if left else Fraction(1, len(others)) for i in others}
        result[key] = [after if i == state else shares[i] * (1 - after) for i in range(len(states))]
    return result


@seeded(200)
@given(st.data())
def test_changes_agree_with_exact_arithmetic(data):
    states = ["a", "b", "c"][: data.draw(st.integers(2, 3))]
    parents = {"x": ["x0", "x1"], "y": ["y0", "y1", "y2"]}
    table = {}
    for key in product(*parents.values()):
        weights = data.draw(st.lists(st.integers(0, 5), min_size=len(states), max_size=len(states)))
        weights[0] += not any(weights)
        table[key] = [Fraction(w, sum(weights)) for w in weights]
    texts = []
    node = Chance(
        "n",
        states,
        [*parents],
        [[[float(p) for p in table[x, y]] for y in parents["y"]] for x in parents["x"]],
    )
    whole = InfluenceDiagram(
        [Decision("d", ["o"])],
        [*(Chance(k, s, table=[1 / len(s)] * len(s)) for k, s in parents.items()), node],
        [Value("v", ["n"], [0.0] * len(states))],
    )
    for _ in range(data.draw(st.integers(1, 3))):
        state = data.draw(st.integers(0, len(states) - 1))
        chosen = {
            name: data.draw(st.lists(st.sampled_from(listed), min_size=1, unique=True))
            for name, listed in parents.items()
            if data.draw(st.booleans())
        }

        def matches(key, chosen=chosen):
            named = dict(zip(parents, key, strict=True))
            return all(named[name] in listed for name, listed in chosen.items())

        operator = data.draw(st.sampled_from(["=", "*=", "+=", "-=", "odds"]))
        number = Fraction(data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9)))
        after = exactly(table, (state, matches, operator, number), states)
        behind = (
            " | " + ", ".join(f"{n}={'|'.join(s)}" for n, s in chosen.items()) if chosen else ""
        )
        head = "odds" if operator == "odds" else "P"
        text = f"{head}(n={states[state]}{behind}) {'*=' if head == 'odds' else operator} {number}"
        if after is None:
            with pytest.raises(ModelError, match=r"outside \[0, 1\]"):
                whole.changed(*texts, text)
        else:
            table = after
            texts.append(text)
    changed = whole.changed(*texts).nodes["n"].table.reshape(-1, len(states))
    exact = np.array([[float(p) for p in probabilities] for probabilities in table.values()])
    assert np.abs(changed - exact).max() <= 1e-14


@seeded(200)
@given(st.data())
def test_after_any_change_every_row_still_sums_to_1(data):
    start = data.draw(models())
    for _ in range(5):
        try:
            start = start.changed(data.draw(changes(start)))
        except ModelError:
            continue
    for chance in start.chances:
        assert np.abs(chance.table.sum(axis=-1) - 1).max() <= 1e-12
        assert (chance.table >= 0).all()
    assert all(math.isfinite(value.weight) and value.weight >= 0 for value in start.values)


@seeded(100)
@given(st.data())
def test_a_change_undone_gives_the_numbers_back(data):
    """Covariation is proportional, so that setting p and then the old p changes nothing."""
    start = data.draw(models())
    open_ = [c for c in start.chances if len(c.states) > 1 and (c.table > 0).all()]
    if not open_:
        return
    node = data.draw(st.sampled_from(open_))
    factor = data.draw(st.sampled_from(["3", "1/7", "1.01"]))
    inverse = {"3": "1/3", "1/7": "7", "1.01": "100/101"}[factor]
    state = node.states[0]
    back = start.changed(f"odds({node.name}={state}) *= {factor}").changed(
        f"odds({node.name}={state}) *= {inverse}"
    )
    assert np.abs(back.nodes[node.name].table - node.table).max() <= 1e-12


def test_changes_from_lists_each_number_once_in_the_language():
    korea = read_model(DATA / "korea_2018")
    changed = korea.changed(
        "P(intent=wedge_driving) = 0.7", "V(lives | escalation=none) -= 10", "weight(lives) = 50"
    )
    frame = changed.changes_from(korea)
    assert list(frame.columns) == ["input", "was", "now"]
    assert len(frame) == len(set(frame["input"]))
    by_input = frame.set_index("input")
    assert by_input.loc["P(intent=wedge_driving)", "now"] == 0.7
    assert by_input.loc["weight(lives)"].tolist() == [korea.nodes["lives"].weight, 50.0]
    assert korea.changes_from(korea).empty
    # What it lists, pasted back, gives the same numbers (P alone sets one state of a row).
    texts = [f"{row.input} = {row.now!r}" for row in frame.itertuples() if row.input[0] in "Vw"]
    again = korea.changed("P(intent=wedge_driving) = 0.7", *texts)
    assert again.changes_from(changed).empty


def test_models_of_different_structure_cannot_be_compared():
    other = InfluenceDiagram([Decision("act", ["a"])], [], [Value("gain", [], 1.0)])
    with pytest.raises(ModelError, match="differ in structure, not only in numbers"):
        model().changes_from(other)
