"""The tree against a slow unrolling of every history, on random diagrams."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from decision import InfluenceDiagram, solve, unroll
from decision.solve.enumeration import enumerate_solve
from decision.tree import Tree
from tests.tree.diagrams import diagrams
from tests.tree.plain import Subtree, plain_tree

RANDOM = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def close(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)


def same(tree: Tree, id_: int, plain: Subtree) -> None:
    """Both subtrees tell the same story with the same numbers."""
    node = tree.nodes[id_]
    assert (node.kind, node.name) == (plain.kind, plain.name)
    assert close(node.expected_value, plain.expected)
    if tree.model.risk is not None:
        assert node.certain_equivalent is not None
        assert close(node.certain_equivalent, plain.certain)
    assert [b.label for b in node.branches] == [b[0] for b in plain.branches]
    for branch, (_, probability, chosen, child) in zip(node.branches, plain.branches, strict=True):
        assert branch.chosen == chosen
        assert (branch.probability is None) == (probability is None)
        assert probability is None or close(branch.probability, probability)
        same(tree, branch.to, child)


def agrees(model: InfluenceDiagram, fold: bool) -> None:
    tree = unroll(model, fold=fold)
    plain = plain_tree(model, fold=fold)
    same(tree, tree.root, plain)
    assert len(tree.nodes) == len({subtree.key() for subtree in plain.walk()})


@RANDOM
@given(diagrams(), st.booleans())
def test_tree_is_the_plain_one_with_equal_subtrees_once(model, fold):
    agrees(model, fold)


@RANDOM
@given(diagrams())
def test_three_routes_agree(model):
    """The rolled-back tree, however it is cut, is elimination and brute force."""
    brute, solved = enumerate_solve(model), solve(model)
    assert close(solved.expected_value, brute.expected_value)
    for options in ({}, {"fold": True}, {"strategy_only": True}, {"depth": 1}, {"depth": 0}):
        tree = unroll(model, **options)
        assert close(tree.expected_value, brute.expected_value), options
        if model.risk is not None:
            assert close(tree.certain_equivalent, brute.certain_equivalent), options


@RANDOM
@given(diagrams())
def test_the_strategy_is_the_solvers(model):
    assume(any(model.utility(value.name).any() for value in model.values))
    paths = unroll(model).paths()
    for row in solve(model).strategy_rows():
        here = paths
        for name, state in row["given"].items():
            here = here[here[name] == state]
        assert set(here[row["decision"]]) == {row["choose"]}
        assert close(here["probability"].sum(), row["probability"])
        mean = (here["probability"] * here["total"]).sum() / here["probability"].sum()
        assert close(mean, row["expected_value"])


@RANDOM
@given(diagrams(), st.booleans())
def test_paths_of_the_best_strategy_add_up(model, fold):
    # with risk and nothing at stake, brute force breaks a tie of zeros by rounding
    assume(any(model.utility(value.name).any() for value in model.values))
    tree = unroll(model, fold=fold)
    paths = tree.paths(fold=fold)
    brute = enumerate_solve(model)
    assert close(paths["probability"].sum(), 1)
    assert close((paths["probability"] * paths["total"]).sum(), tree.expected_value)
    for value in model.values:
        mean = (paths["probability"] * paths[value.name]).sum()
        assert close(mean, brute.expectation(value.name)), value.name
    for name in paths.columns[: paths.columns.get_loc("probability")]:
        for state, p in zip(model.states(name), brute.probabilities([name]), strict=True):
            assert close(paths.loc[paths[name] == state, "probability"].sum(), p)


@RANDOM
@given(diagrams(), st.integers(0, 4), st.booleans())
def test_a_tree_to_a_depth_is_the_top_of_the_whole_one(model, depth, fold):
    whole, top = unroll(model, fold=fold), unroll(model, fold=fold, depth=depth)

    def compare(left: int, right: int, level: int) -> None:
        a, b = top.nodes[left], whole.nodes[right]
        assert close(a.expected_value, b.expected_value)
        if level == depth:
            assert a.kind == "end"
            return
        assert (a.kind, a.name) == (b.kind, b.name)
        for one, other in zip(a.branches, b.branches, strict=True):
            assert (one.label, one.chosen) == (other.label, other.chosen)
            compare(one.to, other.to, level + 1)

    compare(top.root, whole.root, 0)


@RANDOM
@given(diagrams(), st.booleans())
def test_the_strategy_alone_is_the_whole_tree_without_other_options(model, fold):
    whole, alone = unroll(model, fold=fold), unroll(model, fold=fold, strategy_only=True)

    def compare(left: int, right: int) -> None:
        a, b = alone.nodes[left], whole.nodes[right]
        assert (a.kind, a.name) == (b.kind, b.name)
        kept = [branch for branch in b.branches if branch.chosen is not False]
        for one, other in zip(a.branches, kept, strict=True):
            assert (one.label, one.chosen) == (other.label, other.chosen)
            compare(one.to, other.to)

    compare(alone.root, whole.root)


@RANDOM
@given(diagrams(asymmetric=False), st.data())
def test_a_set_decision_is_no_fork(model, data):
    decision = data.draw(st.sampled_from(model.decisions))
    option = data.draw(st.sampled_from(decision.options))
    tree = unroll(model, given={decision.name: option})
    assert all(node.name != decision.name for node in tree.nodes)
    brute = enumerate_solve(model, {decision.name: option})
    assert close(tree.expected_value, brute.expected_value)
    assert set(tree.paths()[decision.name]) == {option}


@RANDOM
@given(diagrams())
def test_json_is_a_tree_in_reading_order(model):
    tree = unroll(model)
    whole = tree.to_json()
    assert whole == unroll(model).to_json()
    assert whole["root"] == 0
    reached = {0}
    for i, node in enumerate(whole["nodes"]):
        assert node["id"] == i
        assert i in reached
        assert node["kind"] in ("decision", "chance", "end")
        assert (node["name"] == "") == (node["kind"] == "end")
        assert len(node["branches"]) != 1
        assert [b["chosen"] for b in node["branches"]].count(True) == (node["kind"] == "decision")
        if node["kind"] == "chance":
            assert close(sum(b["probability"] for b in node["branches"]), 1)
            assert all(b["probability"] > 0 for b in node["branches"])
        for branch in node["branches"]:
            assert branch["to"] > i
            reached.add(branch["to"])


@pytest.mark.parametrize("fold", [False, True])
@RANDOM
@given(diagrams())
def test_every_path_is_there_with_all_branches(fold, model):
    paths = unroll(model).paths(all_branches=True, fold=fold)
    strategy = unroll(model).paths(fold=fold)
    names = list(paths.columns[: paths.columns.get_loc("probability")])
    assert not paths.duplicated(names).any()
    both = strategy.merge(paths, on=names, suffixes=("", "_all"))
    assert len(both) == len(strategy)
    assert all(close(a, b) for a, b in zip(both["total"], both["total_all"], strict=True))
