"""Trees of any size: what is kept, what is folded, that nothing of it is lost or invented."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from decision import Chance, Decision, InfluenceDiagram, Value, draw, read_model, unroll
from decision.draw.layout.unfold import WIDE, follow, leaves_at, spread, unfolded
from tests.draw.scenes import outside, overlapping, words_of
from tests.tree.diagrams import diagrams


def wide(count: int = 500, risk: float | None = None) -> InfluenceDiagram:
    """So many sites, a test of 25 results, and the choice to build."""
    rng = np.random.default_rng(5)
    sites, results = [f"site_{i}" for i in range(count)], [f"r{i}" for i in range(25)]
    more = {} if risk is None else {"risk": risk}
    return InfluenceDiagram(
        decisions=[Decision("site", sites), Decision("build", ["yes", "no"], ["test"])],
        chances=[Chance("test", results, ["site"], rng.dirichlet([0.5] * 25, count))],
        values=[
            Value("gain", ["site", "test", "build"], rng.normal(50, 20, (count, 25, 2)).round(1))
        ],
        title="Many sites",
        **more,
    )


@pytest.fixture(scope="module")
def many():
    return unroll(wide())


def ends(root):
    return [fork for fork in root.walk() if not fork.children]


@pytest.mark.parametrize("likely", [False, True])
@pytest.mark.parametrize("leaves", [5, 25, 60])
def test_any_tree_has_room(many, leaves, likely):
    root = unfolded(many, leaves, likely=likely)
    assert 2 <= len(ends(root)) <= leaves
    ax = draw.tree(many, leaves=leaves, likely=likely)
    assert overlapping(words_of(ax.figure)) == []
    assert outside(words_of(ax.figure), ax.figure) == []


@pytest.mark.parametrize("likely", [False, True])
def test_what_is_folded_is_counted(many, likely):
    whole = leaves_at(many, 99)
    root = unfolded(many, 40, likely=likely)
    assert sum(max(fork.holds, 1) for fork in ends(root)) == whole == 500 * 25 * 2
    others = [fork for fork in root.walk() if fork.others]
    for fork in others:
        kept = [child for child in fork.parent.children if not child.others]
        node = many.nodes[fork.parent.node.id]
        assert fork.others + len(kept) == len(node.branches)


@pytest.mark.parametrize("risk", [None, 30.0])
def test_expectations_over_the_rows_are_those_of_their_fork(risk):
    tree = unroll(wide(30, risk))
    found = follow(tree, 60)
    forks = [f for f in found.walk() if f.children and f.node.kind == "chance"]
    assert any(child.others for fork in forks for child in fork.children)
    for fork in forks:
        odds = np.array([child.odds for child in fork.children])
        means = np.array([child.node.expected_value for child in fork.children])
        assert odds.sum() == pytest.approx(1)
        assert odds @ means == pytest.approx(fork.node.expected_value)
        if risk is not None:
            certain = np.array([child.node.certain_equivalent for child in fork.children])
            mixed = -risk * np.log(odds @ np.exp(-certain / risk))
            assert mixed == pytest.approx(fork.node.certain_equivalent)


def test_the_best_options_and_the_likeliest_states_are_kept(many):
    root = spread(many, 2, widest=6)
    worths = sorted((many.nodes[b.to].expected_value for b in root.node.branches), reverse=True)
    kept = [child for child in root.children if not child.others]
    assert sorted((c.node.expected_value for c in kept), reverse=True) == worths[:5]
    rest = next(child for child in root.children if child.others)
    assert rest.node.expected_value == worths[5]
    assert not rest.best
    best = next(child for child in kept if child.chosen)
    odds = sorted((b.probability for b in best.node.branches), reverse=True)
    shown = [child.odds for child in best.children if not child.others]
    assert sorted(shown, reverse=True) == odds[:5]


def test_by_likelihood_the_advice_is_followed_and_the_rest_folded():
    korea = unroll(read_model("data/korea_2018"), fold=True)
    root = follow(korea, 20)
    assert len(ends(root)) <= 20
    for child in root.children:
        assert bool(child.children) == (child.chosen is True)
    depth = max(fork.depth for fork in root.walk())
    assert depth > max(fork.depth for fork in unfolded(korea, 20).walk())
    text = draw.alt_text(draw.tree(korea, leaves=20, likely=True))
    assert "of them folded subtrees (9 to 1,944 branches)" in text


def test_a_tree_that_has_room_is_drawn_whole():
    oil = unroll(read_model("data/examples/oil_wildcatter"))
    for likely in (False, True):
        root = unfolded(oil, 60, likely=likely)
        assert not any(fork.folded for fork in root.walk())
        assert len(ends(root)) == 16


def test_others_say_at_most_how_good_they_are(many):
    texts = [text.get_text() for text in draw.tree(many, leaves=25).texts]
    assert "476 others" in texts
    assert any(text.startswith("≤ ") for text in texts)
    deep = unfolded(many, 200)
    for fork in deep.walk():
        assert len(fork.children) <= max(WIDE, 200)


def test_small_trees_are_on_one_scale():
    korea = read_model("data/korea_2018")
    tree = unroll(korea, fold=True)
    figure = draw.small_trees(tree)
    assert len(figure.axes) == 5
    assert overlapping(words_of(figure)) == []
    assert outside(words_of(figure), figure) == []
    sizes = {text.get_fontsize() for ax in figure.axes[:4] for text in ax.texts}
    assert min(sizes) >= 8
    places = [
        {
            t.get_text(): t.get_position()[0]
            for t in ax.texts
            if t.get_text() == "US presidential tone"
        }
        for ax in figure.axes[:4]
    ]
    assert len({tuple(p.values()) for p in places}) == 1
    text = draw.alt_text(figure)
    assert "off ramp and restraint 94.19, the best." in text
    assert "maximum pressure 93.73 (−0.46)." in text
    with pytest.raises(ValueError, match="fork"):
        draw.small_trees(unroll(_settled()))


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(diagrams())
def test_any_tree_is_drawn_well_by_likelihood_and_in_small(model):
    tree = unroll(model)
    figures = [draw.tree(tree, leaves=12, likely=True).figure]
    if tree.nodes[tree.root].branches:
        figures.append(draw.small_trees(tree, leaves=6))
    for figure in figures:
        assert overlapping(words_of(figure)) == []
        assert outside(words_of(figure), figure) == []


def _settled() -> InfluenceDiagram:
    return InfluenceDiagram(
        decisions=[Decision("go", ["on"])], values=[Value("gain", ["go"], [3.0])]
    )


def test_the_head_of_a_tree_without_branches_fits():
    model = InfluenceDiagram(
        decisions=[Decision("go", ["yes"], observes=["sky"])],
        chances=[Chance("sky", ["dry", "mild", "wet"], table=[0.5, 0.25, 0.25])],
        values=[Value("gain", table=0.0)],
    )
    figure = draw.small_trees(unroll(model), leaves=6)
    assert "probability 0.25, 0" in [text for text, *_ in words_of(figure)]
    assert overlapping(words_of(figure)) == []
    assert outside(words_of(figure), figure) == []
