"""Who depends on what, who knows what when; and models built wrong in Python."""

from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given

from decision.model import Chance, Decision, InfluenceDiagram, ModelError, Value, read_model
from tests.model.strategies import models, seeded

HALF = [0.5, 0.5]
YES_NO = ["yes", "no"]


def chance(name: str, *given_: str) -> Chance:
    table = HALF
    for _ in given_:
        table = [table, table]
    return Chance(name, YES_NO, given_, table)


def built(decisions=(), chances=(), values=None, **more) -> InfluenceDiagram:
    values = [Value("v", [], 1.0)] if values is None else values
    return InfluenceDiagram(decisions, chances, values, **more)


def messages(*arguments, **more) -> list[str]:
    with pytest.raises(ModelError) as error:
        built(*arguments, **more)
    for problem in error.value.problems:
        assert (problem.file, problem.line) == ("python", 1)
    return [f"{p.what}; {p.do}" for p in error.value.problems]


# -- time and knowledge --------------------------------------------------------------


def staged(memory: str = "perfect") -> InfluenceDiagram:
    return built(
        [
            Decision("first", YES_NO, ["b", "a"]),
            Decision("second", YES_NO),
            Decision("third", YES_NO, ["c", "first"]),
        ],
        [chance("z"), chance("a"), chance("b"), chance("c", "first", "second"), chance("y", "c")],
        memory=memory,
    )


def test_nodes_stand_in_the_order_in_which_they_become_known():
    assert staged().time_order == ("b", "a", "first", "second", "c", "third", "z", "y")


def test_with_perfect_memory_a_decision_knows_all_that_was_known_or_chosen():
    model = staged()
    assert model.information("first") == ("b", "a")
    assert model.information("second") == ("b", "a", "first")
    assert model.information("third") == ("b", "a", "first", "second", "c")


def test_with_limited_memory_a_decision_knows_what_it_lists():
    model = staged("limited")
    assert model.information("first") == ("b", "a")
    assert model.information("second") == ()
    assert model.information("third") == ("first", "c")  # in time order


def test_what_is_asked_of_a_model_by_a_wrong_name_is_refused():
    model = staged()
    for ask, message in [
        (lambda: model.states("v"), "'v' is a value node, not a decision or chance node; use one"),
        (lambda: model.states("frist"), "there is no decision or chance node 'frist'; did you"),
        (lambda: model.given("zz"), "there is no node 'zz'; "),
        (lambda: model.information("a"), "'a' is a chance node, not a decision node; use one of"),
        (lambda: model.table("first"), "'first' is a decision node, not a chance or value node; "),
        (lambda: model.utility("a"), "'a' is a chance node, not a value node; use one of v"),
    ]:
        with pytest.raises(ModelError) as error:
            ask()
        assert str(error.value).startswith(f"python:1: {message}")
    assert model.given("c") == ("first", "second")
    assert model.given("first") == ()
    assert model.states("first") == ("yes", "no")


@seeded(150)
@given(models())
def test_the_order_in_time_fits_the_arcs(model):
    order = {name: i for i, name in enumerate(model.time_order)}
    assert sorted(order) == sorted(n for n, node in model.nodes.items() if node.kind != "value")
    for one, other in pairwise(model.decisions):
        assert order[one.name] < order[other.name]
    for decision in model.decisions:
        assert {*decision.observes} <= {*model.information(decision.name)}
        assert all(
            order[known] < order[decision.name] for known in model.information(decision.name)
        )
    observed = {name for d in model.decisions for name in d.observes}
    unseen = [c.name for c in model.chances if c.name not in observed]
    assert [*model.time_order][len(order) - len(unseen) :] == unseen


@seeded(150)
@given(models())
def test_the_networkx_graph_has_every_node_and_arc(model):
    graph = model.to_networkx()
    assert [*graph] == [*model.nodes]
    assert nx.is_directed_acyclic_graph(model.to_networkx(no_forgetting=True))
    for name, node in model.nodes.items():
        attributes = graph.nodes[name]
        assert (attributes["kind"], attributes["label"]) == (node.kind, node.caption)
        assert attributes["states"] == (() if node.kind == "value" else node.states)
        above = node.observes if node.kind == "decision" else node.given
        assert {*graph.predecessors(name)} == {*above}
        kind = {"decision": "information", "chance": "probability", "value": "value"}[node.kind]
        assert {data["kind"] for *_, data in graph.in_edges(name, data=True)} <= {kind}
    full = model.to_networkx(no_forgetting=True)
    for decision in model.decisions:
        assert {*full.predecessors(decision.name)} == {*model.information(decision.name)}


def test_a_caption_is_the_label_or_the_name_with_spaces():
    assert Decision("off_ramp", ["a"]).caption == "off ramp"
    assert Decision("off_ramp", ["a"], label="Off-ramp").caption == "Off-ramp"


def test_a_single_name_may_stand_without_a_list():
    node = Decision("d", "only", "c", {"only": {"c": "yes"}})
    assert (node.options, node.observes, node.only_when["only"]["c"]) == (
        ("only",),
        ("c",),
        ("yes",),
    )
    assert Chance("c", "one", "d").given == ("d",)


# -- what is no influence diagram ------------------------------------------------------


def test_node_names():
    assert messages([Decision("do", YES_NO), Decision("Ask", YES_NO)], [chance("v")]) == [
        "'do' is a word of the small language; rename the node",
        "'Ask' is no name for a node; begin with a letter a-z and go on with a-z, 0-9 or _",
        "'v' names a chance node and a value node; rename one of them",
    ]
    for name in ["total", "for", "all", "and", "do"]:
        assert messages([Decision(name, YES_NO)])[0].startswith(f"'{name}' is a word of the")
    assert messages([Decision(7, YES_NO)])[0].startswith("'7' is no name for a node; ")


def test_states_may_have_the_words_of_the_language_and_begin_with_a_digit():
    model = built([Decision("act", ["all", "do", "total", "and", "for", "2018", "0_x"])])
    assert model.changed("V(v) = 2").states("act")[5] == "2018"


@pytest.mark.parametrize("state", ["", "_x", "Yes", "a b", "ä", "x-y", "a|b", "x=y", "\u202eab", 3])
def test_states_that_are_no_names(state):
    assert messages([Decision("act", ["yes", state])])[0].endswith(
        "is no name for an option of act; use a-z, 0-9 and _ only, and do not begin with _"
    )


def test_one_option_and_a_node_that_nothing_uses_are_allowed():
    assert built([Decision("act", ["only"])], [Chance("idle", ["so"], table=[1])]).size == (
        "1 decision, 1 chance node, 1 value node, 2 numbers"
    )


def test_a_model_needs_a_decision_and_a_value():
    assert messages(values=[])[0].startswith("there is no decision node; add [decision.drill]")
    assert messages(values=[])[1].startswith("there is no value node; add [value.profit]")


def test_cycles_are_named_once_each():
    assert messages(
        [Decision("act", YES_NO)],
        [chance("a", "c"), chance("b", "a"), chance("c", "b"), chance("x", "x"), chance("y", "a")],
    ) == [
        "the arcs form a cycle: x → x; remove one of its arcs",
        "the arcs form a cycle: a → b → c → a; remove one of its arcs",
    ]


def test_an_observed_descendant_names_the_shortest_path():
    assert messages(
        [Decision("act", YES_NO, ["far"]), Decision("later", YES_NO, ["far"])],
        [chance("far", "near", "mid"), chance("mid", "near"), chance("near", "later")],
    ) == [
        "act observes 'far' before 'later' is taken, but 'far' descends from it "
        "(later → near → far); observe it at a later decision, or cut the arc",
        "later observes 'far' before it is taken, but 'far' descends from it "
        "(later → near → far); observe it at a later decision, or cut the arc",
    ]


def test_only_when_names_what_is_known():
    only_when = {"yes": {"first": ["no"]}}
    nodes = [Decision("first", YES_NO), Decision("second", YES_NO, (), only_when)]
    assert built(nodes).nodes["second"].only_when["yes"]["first"] == ("no",)
    assert messages(nodes, memory="limited") == [
        "second's option 'yes' depends on 'first', which is not known to it; add it to observes"
    ]
    assert messages([Decision("act", YES_NO, (), {"yes": {"act": ["no"]}})]) == [
        "act's option 'yes' depends on 'act', which is not known to it; "
        "there is none to choose from"
    ]


def test_nodes_of_the_wrong_class_are_refused():
    assert messages([chance("act")], [Value("v", [], 1)], [3]) == [
        "Chance stands in decisions; give Decision nodes",
        "Value stands in chances; give Chance nodes",
        "int stands in values; give Value nodes",
    ]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"memory": "perfekt"}, "memory is 'perfekt'; use 'perfect' or 'limited'"),
        ({"weights": None}, "weights is 'None'; use 'plain' or 'normalised'"),
        ({"provenance": "no"}, "provenance is 'no'; use 'optional' or 'required'"),
        ({"risk": 0.0}, "the risk tolerance is 0; use a finite number above 0"),
        ({"risk": float("nan")}, "the risk tolerance is nan; use a finite number above 0"),
        ({"risk": "high"}, "the risk tolerance is high; use a finite number above 0"),
        ({"weights": "normalised"}, "v has no worst and best, which normalised weights need; "),
    ],
)
def test_settings(more, message):
    assert messages([Decision("act", YES_NO)], **more)[0].startswith(message)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"weight": -1}, "weight of v is -1, below 0; use 0 or more; for a cost, put worst above"),
        ({"weight": float("inf")}, "weight of v is inf; use a finite number"),
        ({"weight": "1"}, "weight of v is 1; use a finite number"),
        ({"worst": 1}, "v has worst alone; give worst and best together"),
        ({"best": 1}, "v has best alone; give worst and best together"),
        ({"worst": 1, "best": 1.0}, "worst and best of v are both 1; make them differ"),
        ({"worst": float("nan"), "best": 1}, "worst of v is nan; use a finite number"),
        ({"worst": 10**400, "best": 1}, "worst of v is 1000"),
        ({"weight_low": 2}, "the range 2 to 1 of the weight of v does not hold 1; make weight_low"),
        ({"weight_high": 0.5}, "the range 1 to 0.5 of the weight of v does not hold 1; "),
        ({"weight_low": -1}, "weight_low of v is -1, below 0; "),
    ],
)
def test_scales(more, message):
    value = Value("v", [], 1.0, **more)
    assert messages([Decision("act", YES_NO)], values=[value])[0].startswith(message)


def test_a_cost_may_have_worst_above_best():
    value = Value("v", ["act"], [10.0, 30.0], worst=30, best=10, weight=0.5)
    assert built([Decision("act", YES_NO)], values=[value]).utility("v").tolist() == [50.0, 0.0]


def test_utility_is_clipped_nowhere():
    value = Value("v", ["act"], [-10.0, 30.0], worst=0, best=10)
    assert built([Decision("act", YES_NO)], values=[value]).utility("v").tolist() == [-100.0, 300.0]


# -- large structures ------------------------------------------------------------------


def test_problems_of_a_large_structure_are_found_without_walking_every_path():
    """Sixty diamonds hold 2⁶⁰ paths; a chain of 3000 is deeper than a recursion may be."""
    ladder = [chance("c0", "last")]
    for i in range(60):
        ladder += [chance(f"l{i}", f"c{i}"), chance(f"r{i}", f"c{i}")]
        ladder.append(chance(f"c{i + 1}", f"l{i}", f"r{i}"))
    chain = [chance("n0"), *(chance(f"n{i}", f"n{i - 1}") for i in range(1, 3000))]
    found = messages(
        [Decision("first", YES_NO, ["c60", "n2999"]), Decision("last", YES_NO)], [*ladder, *chain]
    )
    assert len(found) == 1
    assert found[0].startswith("first observes 'c60' before 'last' is taken")
    assert " → … → " in found[0]
    loop = [chance("n0", "n2999"), *chain[1:]]
    assert " → … → " in messages([Decision("act", YES_NO)], loop)[0]


def test_at_most_a_thousand_problems_are_listed():
    wrong = [Decision(f"d{i}", ["Yes"]) for i in range(3000)]
    found = messages(wrong)
    assert len(found) == 1001
    assert found[-1] == "there are more than 1000 problems; mend these first"


# -- as a value ------------------------------------------------------------------------


def test_models_are_equal_by_value():
    assert staged() == staged()
    assert staged() != staged("limited")
    assert staged() != staged().changed("P(z=yes) = 0.6")
    assert staged().changed("P(z=yes) = 0.6", "P(z=yes) = 0.5") == staged()
    assert staged() != 3
    assert Decision("a", ["x"]) != Chance("a", ["x"])
    with pytest.raises(TypeError, match="unhashable"):
        hash(staged())


def test_a_model_and_its_nodes_cannot_be_changed():
    model = staged()
    with pytest.raises(AttributeError):
        model.title = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        model.nodes["z"].label = "x"
    with pytest.raises(TypeError):
        Decision("d", ["a"], only_when={"a": {}}).only_when["b"] = {}  # type: ignore[index]


def test_the_repr_is_one_line():
    assert repr(read_model("data/korea_2018")) == (
        "<InfluenceDiagram 'US choices toward North Korea, January 2018': "
        "3 decisions, 14 chance nodes, 6 value nodes, 914 numbers>"
    )
