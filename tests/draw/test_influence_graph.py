"""The influence graph: what is on the paper, and that nothing lies upon anything else."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.path import Path

from decision import Chance, Decision, InfluenceDiagram, ModelError, Value, draw, read_model
from tests.draw.scenes import (
    in_points,
    named,
    outside,
    overlapping,
    pieces,
    shapes,
    shrunk,
    structures,
    words_of,
)

MODELS = ("korea_2018", "examples/oil_wildcatter", "examples/reactor", "examples/asia_treatment")


@pytest.fixture(scope="module", params=MODELS)
def scene(request) -> tuple[InfluenceDiagram, Axes]:
    model = read_model(f"data/{request.param}")
    return model, draw.influence_graph(model)


@pytest.fixture(scope="module")
def korea() -> tuple[InfluenceDiagram, Axes]:
    model = read_model("data/korea_2018")
    return model, draw.influence_graph(model)


def holds(model: InfluenceDiagram, ax: Axes) -> None:
    """All that has to hold for any graph."""
    everything_is_there(model, ax)
    nothing_overlaps(ax)
    no_arc_passes_through_a_node(ax)
    arcs_join_their_nodes(model, ax)
    no_line_lies_upon_another(ax)
    time_runs_rightwards(model, ax)


def everything_is_there(model: InfluenceDiagram, ax: Axes) -> None:
    graph = model.to_networkx()
    assert set(named(ax, "node-")) == set(graph)
    assert set(named(ax, "arc-")) == {f"{a}-{b}" for a, b in graph.edges}
    written = " ".join(text.get_text() for text in ax.texts).split()
    for node in model.nodes.values():
        assert set(node.caption.split()) <= set(written)


def nothing_overlaps(ax: Axes) -> None:
    words = words_of(ax.figure)
    assert overlapping(words) == []
    assert outside(words, ax.figure) == []
    outlines = {name: path.get_extents() for name, path in shapes(ax).items()}
    assert overlapping(list(outlines.items()), slack=-6) == []  # six points apart, at least
    assert outside(list(outlines.items()), ax.figure) == []


def no_arc_passes_through_a_node(ax: Axes) -> None:
    inner = {name: shrunk(shape, 1.0) for name, shape in shapes(ax).items()}
    for prefix in ("arcs-", "known-"):
        for source, patch in named(ax, prefix).items():
            points = np.vstack(pieces(in_points(ax, patch.get_path())))
            for name, shape in inner.items():
                inside = shape.contains_points(points)
                assert not inside.any(), f"a line of {source} passes through {name}"


def arcs_join_their_nodes(model: InfluenceDiagram, ax: Axes) -> None:
    """From every arc's head, which touches its target, strokes lead back to its source."""
    outlines = {name: np.vstack(pieces(shape)) for name, shape in shapes(ax).items()}
    nets = {
        prefix: {name: pieces(in_points(ax, p.get_path())) for name, p in named(ax, prefix).items()}
        for prefix in ("known-", "arcs-")
    }
    heads = named(ax, "arc-")
    for source, target in model.to_networkx().edges:
        strokes = nets["known-" if model.nodes[target].kind == "decision" else "arcs-"][source]
        head = in_points(ax, heads[f"{source}-{target}"].get_path())
        assert _distance(outlines[target], head.vertices[0]) < 0.5
        middle = head.vertices[:3].mean(0)
        ends = [i for i, s in enumerate(strokes) if np.hypot(*(s[-1] - middle)) < 4]
        assert len(ends) == 1
        at, steps = ends[0], 0
        while _distance(outlines[source], strokes[at][0]) > 0.5:  # it branches off another one
            start = strokes[at][0]
            trunks = [
                i
                for i, stroke in enumerate(strokes)
                if i != at and np.hypot(*(stroke - start).T).min() < 0.5
            ]
            assert trunks, f"the arc {source}-{target} begins in the air"
            at, steps = trunks[0], steps + 1
            assert steps < 50


def _distance(outline, point) -> float:
    return float(np.hypot(*(outline - point).T).min())


def no_line_lies_upon_another(ax: Axes) -> None:
    """Two nets may cross, but share no stretch, and nor do a line and a caption."""
    nets = {**named(ax, "arcs-"), **{f"?{k}": v for k, v in named(ax, "known-").items()}}
    runs = {name: _runs(in_points(ax, net.get_path())) for name, net in nets.items()}
    for one, other in combinations(runs, 2):
        for upright, at, low, high in runs[one]:
            for upright2, at2, low2, high2 in runs[other]:
                if upright == upright2 and abs(at - at2) < 2.5:
                    common = min(high, high2) - max(low, low2)
                    assert common < 1, f"{one} and {other} share {common:.1f} points"


def _runs(path) -> list[tuple[bool, float, float, float]]:
    """Straight upright and level stretches: (upright, where, from, to)."""
    found, last = [], None
    for vertices, code in path.iter_segments(simplify=False):
        end = vertices[-2:]
        if code == Path.LINETO and min(abs(end - last)) < 0.01:
            i = int(abs(end[0] - last[0]) < 0.01)
            found.append((bool(i), end[1 - i], *sorted((last[i], end[i]))))
        last = end
    return found


def time_runs_rightwards(model: InfluenceDiagram, ax: Axes) -> None:
    """What decisions order stands in columns of that order."""
    extents = {name: path.get_extents() for name, path in shapes(ax).items()}
    left = {name: box.x0 for name, box in extents.items()}
    half = {name: box.width / 2 for name, box in extents.items()}
    centre = {name: left[name] + half[name] for name in left}
    graph = model.to_networkx()
    for source, target in graph.edges:
        if {graph.nodes[source]["kind"], graph.nodes[target]["kind"]} == {"chance"}:
            assert centre[source] < centre[target] + 0.01
        else:
            assert centre[source] + half[source] < left[target]
    names = [decision.name for decision in model.decisions]
    for earlier, later in combinations(names, 2):
        assert centre[earlier] < left[later]
    for earlier in range(len(names)):
        for known in model.information(names[earlier]):
            assert centre[known] < left[names[earlier]]
    last = max(centre.values())
    assert all(abs(centre[value.name] - last) < 0.01 for value in model.values)


def test_shipped_models_are_drawn_well(scene):
    holds(*scene)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(structures())
def test_any_diagram_is_drawn_well(model):
    holds(model, draw.influence_graph(model))


def test_sixty_nodes_are_drawn_well():
    rng = np.random.default_rng(7)
    names, decisions, chances = [], [], []
    for i in range(48):
        recent = names[-10:]
        given_ = [str(n) for n in rng.permutation(recent)[: rng.integers(0, 4)]]
        if i % 12 == 11:
            decisions.append(Decision(f"d{i}", ["yes", "no"], given_, label="What we do about it"))
        else:
            table = np.full((2,) * (len(given_) + 1), 0.5)
            chances.append(Chance(f"c{i}", ["a", "b"], given_, table, label="Something uncertain"))
        names.append(f"d{i}" if i % 12 == 11 else f"c{i}")
    values = []
    for i in range(12):
        given_ = [str(n) for n in rng.permutation(names)[:3]]
        values.append(Value(f"v{i}", given_, np.zeros((2, 2, 2))))
    model = InfluenceDiagram(decisions=decisions, chances=chances, values=values)
    ax = draw.influence_graph(model)
    holds(model, ax)
    width, height = ax.figure.get_size_inches()
    assert width < 24
    assert height < 18


def test_a_node_of_many_parents_has_room_for_all_their_arrows():
    names = [f"c{i}" for i in range(11)]
    model = InfluenceDiagram(
        decisions=[Decision("d", ["yes", "no"])],
        chances=[Chance(name, ["a", "b"], table=[0.5, 0.5]) for name in names],
        values=[Value("v", ["d", *names], np.zeros((2,) * 12))],
    )
    holds(model, draw.influence_graph(model))


def test_captions_lie_within_their_shapes(scene):
    model, ax = scene
    words = words_of(ax.figure)
    for name, shape in shapes(ax).items():
        inside = [
            box
            for text, box in words
            if text
            and set(text.split()) <= set(model.nodes[name].caption.split())
            and shape.get_extents().contains(*((box.min + box.max) / 2))
        ]
        assert inside
        for box in inside:
            assert shape.contains_points(box.corners()).all(), name


def test_information_is_dashed_and_influence_is_not(scene):
    _, ax = scene
    known, arcs = named(ax, "known-"), named(ax, "arcs-")
    assert known
    assert arcs
    assert all(patch.get_linestyle() not in ("-", "solid") for patch in known.values())
    assert all(patch.get_linestyle() in ("-", "solid") for patch in arcs.values())


def test_kinds_differ_in_shape_as_well_as_in_colour(korea):
    model, ax = korea
    corners = {
        kind: {
            len(path.vertices)
            for name, path in shapes(ax).items()
            if model.nodes[name].kind == kind
        }
        for kind in ("decision", "chance", "value")
    }
    assert corners["decision"] == {5}
    assert corners["value"] == {7}
    assert corners["chance"].isdisjoint({5, 7})


def test_size_suits_a_page(korea):
    _, ax = korea
    width, height = ax.figure.get_size_inches()
    assert width < 14
    assert height < 8
    assert min(text.get_fontsize() for text in ax.texts) >= 8


def test_given_axes_are_filled_and_returned():
    model = read_model("data/examples/oil_wildcatter")
    figure = Figure(figsize=(4, 3))
    first, second = figure.subplots(1, 2)
    assert draw.influence_graph(model, second) is second
    assert not first.texts
    assert overlapping(words_of(figure)) == []
    assert outside(words_of(figure), figure) == []


def test_highlight_pales_what_does_not_touch_it():
    model = read_model("data/korea_2018")
    ax = draw.influence_graph(model, highlight="escalation")
    bright = {a for a, patch in named(ax, "arc-").items() if _dark(patch.get_facecolor())}
    assert bright == {f"{a}-{b}" for a, b in model.to_networkx().edges if "escalation" in (a, b)}
    assert named(ax, "node-")["escalation"].get_linewidth() > 2
    assert not _dark(named(ax, "node-")["wedge"].get_edgecolor())
    assert _dark(named(ax, "node-")["crisis"].get_edgecolor())


def _dark(colour) -> bool:
    return sum(colour[:3]) / 3 < 0.5


def test_unknown_highlight_names_the_nearest():
    model = read_model("data/korea_2018")
    with pytest.raises(ModelError, match="escalation"):
        draw.influence_graph(model, highlight=["escalations"])


def test_alt_text_tells_the_structure(korea):
    text = draw.alt_text(korea[1])
    assert "3 decisions, 14 chance nodes, 6 values and 57 arcs" in text
    assert (
        "US response to the crisis is taken knowing North-South line in daily use, "
        "Most serious DPRK test and Most severe crisis." in text
    )
    assert (
        "Lives lost is valued by Escalation, Most severe crisis and A nuclear weapon is used"
        in text
    )


def test_model_is_left_alone_and_the_picture_is_the_same_again():
    model = read_model("data/korea_2018")
    before = repr(model)
    assert draw.to_svg(draw.influence_graph(model)) == draw.to_svg(draw.influence_graph(model))
    assert repr(model) == before
