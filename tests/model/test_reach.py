"""Situations in which no option is open, found as listing every path finds them."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.model import Chance, Decision, InfluenceDiagram, ModelError, Value, read_model
from decision.model.changes import intervene
from decision.model.reach import dead_ends
from decision.model.writing import write_model
from tests.model.strategies import nested, seeded


def is_open(decision: Decision, option: str, seen: dict[str, str]) -> bool:
    needs = decision.only_when.get(option, {})
    return all(seen[name] in allowed for name, allowed in needs.items())


def stuck_by_listing(decisions, chances) -> list[str]:
    """Decisions that some path of possible states and open options leaves without an option."""
    nodes = [*decisions, *chances]
    found = set()
    for states in product(*(node.states for node in nodes)):
        seen = dict(zip((node.name for node in nodes), states, strict=True))
        possible = all(
            c.table[tuple(_index(nodes, name, seen) for name in (*c.given, c.name))] > 0
            for c in chances
        )
        if not possible:
            continue
        for decision in decisions:
            if not any(is_open(decision, option, seen) for option in decision.options):
                found.add(decision.name)
            if not is_open(decision, seen[decision.name], seen):
                break  # what comes later is not on an open path
    return [d.name for d in decisions if d.name in found]


def _index(nodes, name: str, seen: dict[str, str]) -> int:
    return next(node.states.index(seen[name]) for node in nodes if node.name == name)


@st.composite
def guarded(draw):
    """Three decisions, three chance nodes, guards on whatever may be known."""
    names = {"c0": ["a", "b"], "c1": ["a", "b"], "c2": ["a", "b"]}
    names |= {f"d{i}": ["x", "y", "z"][: draw(st.integers(1, 3))] for i in range(3)}
    order = draw(st.permutations(["c0", "c1", "c2"]))
    chances = []
    for i, name in enumerate(order):
        given_ = draw(st.lists(st.sampled_from([*order[:i], "d0", "d1"]), max_size=2, unique=True))
        count = int(np.prod([len(names[p]) for p in given_]))
        rows = [draw(st.sampled_from([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])) for _ in range(count)]
        table = nested(rows, [len(names[p]) for p in given_])
        chances.append(Chance(name, names[name], given_, np.array(table)))
    decisions = []
    known = ["c0", "c1", "c2"]
    for i in range(3):
        only_when = {}
        for option in names[f"d{i}"]:
            if draw(st.booleans()):
                seen = draw(st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True))
                only_when[option] = {
                    name: tuple(
                        draw(st.lists(st.sampled_from(names[name]), min_size=1, unique=True))
                    )
                    for name in seen
                }
        decisions.append(Decision(f"d{i}", names[f"d{i}"], (), only_when))
        known.append(f"d{i}")
    return decisions, chances


@seeded(200)
@given(guarded())
def test_dead_ends_are_those_that_listing_finds(nodes):
    decisions, chances = nodes
    found = list(dead_ends(decisions, chances, {c.name: c.table for c in chances}))
    assert [decision.name for decision, _ in found] == stuck_by_listing(decisions, chances)


FOLDER = """[decision.talk]
options = ["yes", "no"]

[decision.drills]
options = ["hold", "postpone"]
observes = ["talks"]

[decision.drills.only_when]
hold = { talks = "none" }
postpone = { talks = ["held"], talk = "yes" }

[chance.talks]
states = ["held", "failed", "none"]
given = ["talk"]

[value.peace]
given = ["drills"]
"""
ROWS = """node,given,state,p
talks,talk=yes,held,{held}
talks,talk=yes,failed,{failed}
talks,talk=yes,none,rest
talks,talk=no,none,1
talks,talk=no,held|failed,0
"""


def folder(tmp_path, held="0.6", failed="0"):
    (tmp_path / "model.toml").write_text(FOLDER)
    rows = ROWS.format(held=held, failed=failed).replace(
        "talks,talk=no,held|failed,0\n", "talks,talk=no,held,0\ntalks,talk=no,failed,0\n"
    )
    (tmp_path / "probabilities.csv").write_text(rows)
    (tmp_path / "values.csv").write_text("node,given,value\npeace,,1\n")
    return tmp_path


def test_a_situation_without_an_open_option_is_an_error_that_names_it(tmp_path):
    with pytest.raises(ModelError) as error:
        read_model(folder(tmp_path, failed="0.1"))
    assert str(error.value) == (
        "model.toml:8: no option of drills is open where talks=failed; talk=yes, which can "
        "happen; open one there in only_when, or close the earlier options that lead there"
    )


def test_it_is_looked_at_again_after_every_change(tmp_path):
    model = read_model(folder(tmp_path))
    fine = model.changed("P(talks=held | talk=yes) = 0.9", "P(talks=held | talk=yes) *= 0")
    assert fine.table("talks").loc["yes"].tolist() == [0.0, 0.0, 1.0]
    for change in ["P(talks=failed | talk=yes) = 0.01", "P(talks=held | talk=no) += 0.5"]:
        with pytest.raises(ModelError) as error:
            model.changed(change)
        assert str(error.value).startswith(
            f"command line:1: after '{change}' no option of drills is open where talks="
        )
    # Also where a later change would mend it: nothing is changed by halves.
    with pytest.raises(ModelError, match="after 'P"):
        model.changed("P(talks=failed | talk=yes) = 0.01", "P(talks=failed | talk=yes) = 0")


def test_also_after_a_table_and_after_do(tmp_path):
    model = read_model(folder(tmp_path))
    table = model.table("talks")
    table.loc["yes"] = [0.5, 0.25, 0.25]
    with pytest.raises(ModelError, match="with these tables no option of drills is open where"):
        model.changed(table=table)
    with pytest.raises(ModelError) as error:
        intervene(model, {"talks": "failed"})
    assert str(error.value) == (
        "command line:1: with do(talks=failed) no option of drills is open where talks=failed; "
        "talk=yes; open one there in only_when, or leave the do(…) out"
    )
    done = intervene(model, {"talks": "none"})
    assert done.given("talks") == ()
    assert done.nodes["talks"].table.tolist() == [0.0, 0.0, 1.0]
    assert [i.sources for i in done.inputs if i.node == "talks"] == [("definition",)] * 3


def test_a_perspective_that_leads_there_is_named_with_its_row(tmp_path):
    model = read_model(folder(tmp_path))
    (tmp_path / "perspectives").mkdir()
    (tmp_path / "perspectives" / "gloomy.csv").write_text(
        "change\nP(talks=held | talk=yes) = 0.5\nP(talks=failed | talk=yes) = 0.2\n"
    )
    with pytest.raises(ModelError) as error:
        read_model(tmp_path)
    assert str(error.value).startswith(
        "perspectives/gloomy.csv:3: after 'P(talks=failed | talk=yes) = 0.2' no option of drills"
    )
    write_model(model, tmp_path / "again")
    assert read_model(tmp_path / "again") == model


def test_a_problem_too_large_to_look_at_is_left_to_the_solver():
    """Twenty-six variables joined at once take more than is looked at; nothing is said."""
    names = [f"c{i}" for i in range(26)]
    wide = [Chance(name, ["a", "b"], table=np.array([0.5, 0.5])) for name in names]
    guards = {"x": dict.fromkeys(names[:13], ("a",)), "y": dict.fromkeys(names[:13], ("b",))}
    decision = Decision("d", ["x", "y"], names, guards)
    found = list(dead_ends([decision], wide, {c.name: c.table for c in wide}))
    assert [d.name for d, _ in found] == ["d"]  # thirteen are looked at
    hub = Chance("hub", ["a", "b"], names[:22], np.full((2,) * 23, 0.5))
    late = Decision("late", ["x"], ["hub"], {"x": {"hub": ("a",)}})
    chances = [*wide, hub]
    assert len(list(dead_ends([late], chances, {c.name: c.table for c in chances}))) == 1


def test_a_decision_that_cannot_be_reached_there_is_fine():
    closed = Decision("a", ["go", "stay"], (), {})
    later = Decision("b", ["x"], (), {"x": {"a": ("go",)}})
    with_choice = InfluenceDiagram([closed, later], [], [Value("v", [], 1)])
    assert [where for _, where in dead_ends(with_choice.decisions, [], {})] == [" where a=stay"]
    forced = Decision("a", ["go", "stay"], ["c"], {"stay": {"c": ("never",)}})
    sign = Chance("c", ["always", "never"], table=np.array([1.0, 0.0]))
    assert list(dead_ends([forced, later], [sign], {"c": sign.table})) == []
