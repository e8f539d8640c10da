"""The tree picture: rows, columns, widths, words, and that no word meets a line or a word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from matplotlib.figure import Figure
from matplotlib.path import Path

from decision import Chance, Decision, InfluenceDiagram, Tree, Value, draw, read_model, unroll
from decision.draw.layout.sheet import Sheet
from decision.draw.layout.unfold import deepest, leaves_at, spread
from tests.draw.scenes import in_points, named, outside, overlapping, pieces, words_of
from tests.tree.diagrams import diagrams


@pytest.fixture(scope="module")
def korea() -> Tree:
    return unroll(read_model("data/korea_2018"), depth=5)


@pytest.fixture(scope="module")
def oil() -> Tree:
    return unroll(read_model("data/examples/oil_wildcatter"))


def nothing_overlaps(ax) -> None:
    words = words_of(ax.figure)
    assert overlapping(words) == []
    assert outside(words, ax.figure) == []
    for name, patch in named(ax, "branch-").items():
        points = np.vstack(pieces(in_points(ax, patch.get_path())))
        half = patch.get_linewidth() / 2
        for text, box in words:
            low, high = box.min - half + 0.3, box.max + half - 0.3
            inside = ((points > low) & (points < high)).all(1)
            assert not inside.any(), f"branch {name} runs through '{text}'"


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_forty_eight_branches_are_readable(korea):
    ax = draw.tree(korea)
    nothing_overlaps(ax)
    assert len(named(ax, "branch-talks-")) == 48
    assert min(text.get_fontsize() for text in ax.texts) >= 8
    width, height = ax.figure.get_size_inches()
    assert width < 10
    assert height < 12.5


def test_sixty_leaves_are_readable():
    tree = _plain_tree(60)
    ax = draw.tree(tree)
    nothing_overlaps(ax)
    assert len(named(ax, "branch-second-")) == 60
    assert deepest(tree, leaves=59) == 1


def _plain_tree(count: int) -> Tree:
    """Two decisions with 60 outcomes in all."""
    options = [f"option_{i}" for i in range(count // 12)]
    later = [f"choice_{i}" for i in range(12)]
    rng = np.random.default_rng(0)
    table = rng.normal(size=(len(options), 12)).round(3)
    return unroll(
        InfluenceDiagram(
            decisions=[Decision("first", options), Decision("second", later)],
            values=[Value("gain", ["first", "second"], table, unit="points")],
        )
    )


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(diagrams())
def test_any_tree_is_drawn_well(model):
    tree = unroll(model)
    ax = draw.tree(tree, leaves=40)
    nothing_overlaps(ax)
    assert draw.alt_text(ax).startswith("Decision tree of a model")


def test_the_strategy_alone_is_drawn_well():
    model = read_model("data/korea_2018")
    tree = unroll(model, strategy_only=True, fold=True)
    ax = draw.tree(tree)
    nothing_overlaps(ax)
    assert "off ramp and restraint" in texts(ax)
    assert "restrained rhetoric" not in texts(ax)


def test_columns_stand_in_the_order_of_time_under_their_headings(korea, oil):
    for tree in (korea, oil):
        root = spread(tree, 4)
        sheet = Sheet(tree, root)
        order = [name for name in tree.model.time_order if name in sheet.names]
        assert sheet.names == order
        assert sheet.lefts == sorted(sheet.lefts)
        ax = draw.tree(tree, depth=4)
        boxes = dict(words_of(ax.figure))
        heads = [
            boxes[tree.model.nodes[name].caption.split()[0] + rest].x0
            for name, rest in _first_lines(ax, tree, order)
        ]
        assert heads == sorted(heads)


def _first_lines(ax, tree, order):
    """Each heading's first line, as what follows the caption's first word."""
    for name in order:
        word = tree.model.nodes[name].caption.split()[0]
        line = next(t for t in texts(ax) if t.split()[:1] == [word])
        yield name, line[len(word) :]


def test_a_child_stands_right_of_its_parent_and_rows_keep_apart(oil):
    root = spread(oil, 9)
    sheet = Sheet(oil, root)
    for fork in root.walk():
        for child in fork.children:
            assert sheet.x(child) > sheet.x(fork)
        if fork.children:
            rows = [child.row for child in fork.children]
            assert rows == sorted(rows)
            assert min(rows) <= fork.row <= max(rows)
    leaves = [fork.row for fork in root.walk() if not fork.children]
    assert (np.diff(leaves) >= 1).all()


def test_chosen_branches_are_heavier_blue_and_bold(korea):
    ax = draw.tree(korea)
    branches = named(ax, "branch-strategy-")
    chosen = [p for name, p in branches.items() if name.startswith("off_ramp_and_restraint")]
    others = [p for name, p in branches.items() if not name.startswith("off_ramp_and_restraint")]
    assert len(chosen) == 1
    assert len(others) == 3
    assert chosen[0].get_linewidth() > 3 * max(p.get_linewidth() for p in others)
    red, _, blue, _ = chosen[0].get_edgecolor()
    assert blue > red
    bold = {t.get_text() for t in ax.texts if "Bold" in str(t.get_fontproperties().get_file())}
    assert {"off ramp and restraint", "94.19"} <= bold
    assert "maximum pressure" not in bold


def test_chance_branches_are_as_wide_as_they_are_probable(oil):
    ax = draw.tree(oil)
    root = spread(oil, 9)
    seen = []
    for fork in root.walk():
        if fork.odds is not None:
            name = f"{fork.parent.node.name}-{fork.label}-{round(4 * fork.row)}"
            seen.append((fork.odds, named(ax, "branch-")[name].get_linewidth()))
    seen.sort()
    widths = [width for _, width in seen]
    assert len(seen) > 10
    assert widths == sorted(widths)
    assert widths[-1] > 2 * widths[0]


def test_folded_subtrees_are_hollow_and_outcomes_filled(korea, oil):
    whole, folded = draw.tree(oil), draw.tree(oil, depth=2)
    assert "outcome" in texts(whole)
    assert not any("folded" in text for text in texts(whole))
    assert "folded subtree, with its expected total (3 to 4 branches)" in texts(folded)
    assert "folded subtrees" in draw.alt_text(folded)
    triangles = [p for p in folded.patches if len(p.get_path().vertices) == 4]
    hollow = [p for p in triangles if p.get_facecolor()[:3] == (1, 1, 1)]
    assert len(hollow) >= 4
    cut = draw.tree(unroll(korea.model, depth=2))
    assert "folded subtree, with its expected total" in texts(cut)
    end = draw.tree(unroll(oil.model, fold=True))
    assert "folded subtree, with its expected total" in texts(end)


def test_what_makes_no_difference_is_passed_over(oil):
    root = spread(oil, 9)
    assert sum(not fork.children for fork in root.walk()) == 16
    for fork in root.walk():
        if fork.label == "no" and fork.parent.node.name == "drill":
            assert not fork.children
            assert fork.history[-1] == "oil"


def test_an_outcome_is_told_from_what_was_cut_off(oil):
    def folded(tree):
        return {fork.label for fork in spread(tree, 9).walk() if fork.folded}

    assert folded(oil) == set()
    cut = spread(unroll(oil.model, depth=3), 9)
    ends = {(f.parent.label, f.label): f.folded for f in cut.walk() if not f.children}
    assert ends["closed", "yes"]
    assert not ends["no", "no"]  # not tested, not drilled: what oil there is makes no odds
    noise = InfluenceDiagram(
        decisions=[Decision("first", ["a", "b"]), Decision("second", ["c", "d"], ["noise"])],
        chances=[Chance("noise", ["loud", "low"], table=[0.5, 0.5])],
        values=[Value("gain", ["first", "second"], [[1.0, 2.0], [3.0, 5.0]])],
    )
    assert folded(unroll(noise, depth=2)) == {"a", "b"}


def test_what_the_strategy_never_comes_to_is_grey(oil):
    ax = draw.tree(oil)
    for name, patch in named(ax, "branch-test-").items():
        assert _pale(patch) == name.startswith("no")
    drill = named(ax, "branch-drill-").items()
    assert [_pale(patch) for name, patch in drill if name.startswith("yes")].count(True) == 2
    assert [_pale(patch) for name, patch in drill if name.startswith("no")].count(True) == 3


def _pale(patch) -> bool:
    """Light and grey."""
    red, green, blue, _ = patch.get_edgecolor()
    return red == green == blue and red > 0.5


def test_a_branch_with_one_row_has_its_value_behind_the_label():
    model = InfluenceDiagram(
        decisions=[Decision("first", ["a", "b"]), Decision("second", ["c", "d"])],
        values=[Value("gain", ["first", "second"], [[123456.25, 2.0], [3.0, 5.5]])],
    )
    ax = draw.tree(unroll(model, strategy_only=True))
    nothing_overlaps(ax)
    assert texts(ax).count("123,456") == 3


def test_a_folded_decision_says_what_is_best_then(korea):
    ax = draw.tree(korea)
    assert "Best then:" in " ".join(texts(ax))
    assert texts(ax).count("scaled") + texts(ax).count("full") == 48


def test_values_show_as_many_digits_as_differ(korea):
    found = texts(draw.tree(korea))
    for value in ("93.73", "93.85", "94.04", "94.19", "(−0.46)", "(−0.34)", "(−0.16)"):
        assert value in found
    assert "Expected" in " ".join(found)
    assert "total (points)" in " ".join(found)


def test_probabilities_stand_on_the_branches(oil):
    found = texts(draw.tree(oil))
    assert {"0.24", "0.35", "0.41", "77.5", "22.5", "190.0"} <= set(found)
    assert "(thousand dollars)" in found


def test_depth_and_leaves_limit_what_is_drawn(korea):
    assert leaves_at(korea, 4) == 48
    assert deepest(korea, leaves=60) == 4
    assert deepest(korea, leaves=20) == 3
    assert deepest(korea, leaves=1) == 1
    assert deepest(korea, leaves=10**9) == 5
    assert len(named(draw.tree(korea, depth=2), "branch-")) == 4 + 8
    with pytest.raises(ValueError, match="at least one"):
        draw.tree(korea, depth=0)
    with pytest.raises(ValueError, match="at least one"):
        draw.tree(korea, leaves=0)


def test_alt_text_has_names_and_numbers(oil):
    text = draw.alt_text(draw.tree(oil))
    assert "Expected total 22.5 (thousand dollars)." in text
    assert "Seismic test: yes 22.5 (the best choice); no 20.0 (−2.5 from the best)." in text
    assert "Oil in the ground" in text


def test_with_risk_certain_equivalents_are_shown():
    model = InfluenceDiagram(
        decisions=[Decision("bet", ["yes", "no"])],
        chances=[Chance("coin", ["heads", "tails"], table=[0.5, 0.5])],
        values=[Value("money", ["bet", "coin"], [[110.0, -100.0], [0.0, 0.0]], unit="dollars")],
        risk=100.0,
    )
    ax = draw.tree(unroll(model))
    text = draw.alt_text(ax)
    assert "Certain equivalent 0" in text
    assert "no 0 (the best choice)" in text.replace("0.0", "0").replace("0.00", "0")
    assert {"Certain equivalent", "(dollars)"} <= set(texts(ax))


def test_given_axes_are_filled_and_returned(korea):
    figure = Figure(figsize=(9, 11), dpi=200)
    ax = figure.add_subplot()
    assert draw.tree(korea, ax) is ax
    assert overlapping(words_of(figure)) == []
    assert outside(words_of(figure), figure) == []
    assert isinstance(named(ax, "branch-").popitem()[1].get_path(), Path)


def test_a_tree_without_forks_is_one_triangle():
    model = InfluenceDiagram(
        decisions=[Decision("go", ["on"])], values=[Value("gain", ["go"], [3.0])]
    )
    ax = draw.tree(unroll(model))
    nothing_overlaps(ax)
    assert "3" in texts(ax)
