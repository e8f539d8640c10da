"""What is on a picture, measured from the ink itself and not from the layout's own books."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from decision import Chance, Decision, InfluenceDiagram, Value


def words_of(figure: Figure) -> list[tuple[str, Bbox]]:
    """Every text with its box as printed, in points."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    found = []
    for ax in figure.axes:
        for text in ax.texts:
            box = text.get_window_extent(renderer)
            found.append((text.get_text(), Bbox(box.get_points() * 72 / figure.dpi)))
    return found


def overlapping(boxes: list[tuple[str, Bbox]], slack: float = 0.2) -> list[tuple[str, str]]:
    """Pairs of named boxes that overlap by more than `slack` points in both directions."""
    found = []
    for (one, a), (other, b) in combinations(boxes, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        if wide > slack and high > slack:
            found.append((one, other))
    return found


def outside(boxes: list[tuple[str, Bbox]], figure: Figure) -> list[str]:
    """Names of boxes that leave the paper."""
    width, height = figure.get_size_inches() * 72
    return [
        name
        for name, b in boxes
        if b.x0 < -0.1 or b.y0 < -0.1 or b.x1 > width + 0.1 or b.y1 > height + 0.1
    ]


def in_points(ax: Axes, path: Path) -> Path:
    """A path in data as it lies on the paper, in points from the lower left."""
    return Path(ax.transData.transform(path.vertices) * 72 / ax.figure.dpi, path.codes)


def named(ax: Axes, prefix: str) -> dict[str, PathPatch | Polygon]:
    """Patches whose id begins so, by the rest of it."""
    return {
        str(patch.get_gid()).removeprefix(prefix): patch
        for patch in ax.patches
        if str(patch.get_gid()).startswith(prefix)
    }


def shapes(ax: Axes) -> dict[str, Path]:
    """Outline of every node's shape, in points."""
    return {name: in_points(ax, patch.get_path()) for name, patch in named(ax, "node-").items()}


def pieces(path: Path) -> list[np.ndarray]:
    """A path's strokes, each as close points along it."""
    found, current = [], []
    for vertices, code in path.iter_segments(curves=True, simplify=False):
        ends = vertices.reshape(-1, 2)
        if code == Path.MOVETO:
            if current:
                found.append(np.array(current))
            current = [ends[0]]
            continue
        points = np.array([current[-1], *ends])
        length = np.hypot(*np.diff(points, axis=0).T).sum()
        t = np.linspace(0, 1, max(int(length / 0.75), 2))[1:, None]
        current.extend(_on_curve(points, t))
    return [*found, np.array(current)]


def _on_curve(points: np.ndarray, t: np.ndarray) -> np.ndarray:
    """De Casteljau's points of a Bézier curve."""
    curves = [np.broadcast_to(point, (len(t), 2)) for point in points]
    while len(curves) > 1:
        curves = [(1 - t) * a + t * b for a, b in pairwise(curves)]
    return curves[0]


def shrunk(path: Path, by: float) -> Path:
    """A shape with its outline moved towards its middle by about `by` points."""
    middle = (path.vertices.max(0) + path.vertices.min(0)) / 2
    half = (path.vertices.max(0) - path.vertices.min(0)) / 2
    return Path(middle + (path.vertices - middle) * (1 - by / half), path.codes)


@st.composite
def structures(draw, most: int = 12) -> InfluenceDiagram:
    """A legal diagram of any shape; its numbers don't matter."""
    words = st.sampled_from(["Talks", "Off-ramp", "Escalation", "of", "the alliance", "test"])
    count = draw(st.integers(1, most))
    kinds = draw(st.lists(st.sampled_from(["chance", "decision"]), min_size=count, max_size=count))
    if "decision" not in kinds:
        kinds[draw(st.integers(0, count - 1))] = "decision"
    names, decisions, chances = [], [], []
    for i, kind in enumerate(kinds):
        name = f"{kind[0]}{i}"
        label = " ".join(draw(st.lists(words, min_size=1, max_size=4)))
        before = draw(st.lists(st.sampled_from(names), max_size=4, unique=True)) if names else []
        if kind == "decision":
            decisions.append(Decision(name, ["yes", "no"], before, label=label))
        else:
            table = np.full((2,) * (len(before) + 1), 0.5)
            chances.append(Chance(name, ["yes", "no"], before, table, label=label))
        names.append(name)
    values = []
    for i in range(draw(st.integers(1, 4))):
        before = draw(st.lists(st.sampled_from(names), max_size=8, unique=True))
        values.append(Value(f"v{i}", before, np.zeros((2,) * len(before)), label="What counts"))
    order = draw(st.permutations(chances))
    return InfluenceDiagram(decisions=decisions, chances=order, values=values)
