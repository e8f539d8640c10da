"""The shapes of nodes: rectangle, oval and a diamond drawn out so that it holds text.

Each is just large enough for its caption: no corner of a line of text comes nearer to the
outline than `PADDING`. An oval's quarters are cubic curves a little fuller than an
ellipse's; a diamond's points are `SLANT` long.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.path import Path

from decision.draw.layout.placement import Box
from decision.draw.style import measure

__all__ = ["outline", "reach", "size_of"]

PADDING = 5.0
SLANT = 10.0
FULLNESS = 0.62
"""Of an oval; 0.552 is an ellipse, 1 nearly a rectangle."""
ASCENT, DESCENT = 0.76, 0.24
"""What letters take above and below the baseline, in parts of the size of type."""


def size_of(kind: str, lines: Sequence[str], size: float, leading: float) -> tuple[float, float]:
    """Return width and height of the shape that holds some lines of text."""
    tall = leading * (len(lines) - 1) + (ASCENT + DESCENT) * size
    height = tall + 2 * PADDING + {"chance": 7.0, "value": 3.0}.get(kind, 2.0)
    width = 0.0
    for i, line in enumerate(lines):
        far = abs(leading * (i - (len(lines) - 1) / 2)) + (ASCENT + DESCENT) / 2 * size
        width = max(width, 2 * _half_width(kind, measure(line, size) / 2, far, height / 2))
    return width + 2 * PADDING, height


def _half_width(kind: str, text: float, far: float, rise: float) -> float:
    """Half the width of a shape that is `text` wide at a height of `far`."""
    if kind == "chance":
        return text / _oval(far / rise)
    return text + SLANT * far / rise if kind == "value" else text


def _oval(height: float) -> float:
    """Half width of an oval at a height, both in parts of the largest."""
    low, high = 0.0, 1.0
    for _ in range(40):  # where on the curve the height is reached
        t = (low + high) / 2
        s = 1 - t
        reached = 3 * s * s * t * FULLNESS + 3 * s * t * t + t**3
        low, high = (t, high) if reached < height else (low, t)
    s = 1 - low
    return s**3 + 3 * s * s * low + 3 * s * low * low * FULLNESS


def reach(kind: str, box: Box, dy: float) -> float:
    """Return how far from its middle a shape reaches to either side, `dy` up or down."""
    part = min(abs(dy) / (box.height / 2), 1.0)
    half = box.width / 2
    if kind == "chance":
        return half * _oval(part)
    return half - SLANT * part if kind == "value" else half


def outline(kind: str, box: Box, slant: float = SLANT) -> Path:
    """Return a shape's outline."""
    x, y, a, b = box.x, box.y, box.width / 2, box.height / 2
    if kind == "chance":
        f = FULLNESS
        quarter = [(1, 0), (1, f), (f, 1), (0, 1), (-f, 1), (-1, f), (-1, 0)]
        points = [*quarter, *((-u, -v) for u, v in quarter[1:])]
        codes = [Path.MOVETO, *[Path.CURVE4] * 12, Path.CLOSEPOLY]
        return Path([(x + a * u, y + b * v) for u, v in (*points, points[0])], codes)
    corners = [(-a, -b), (a, -b), (a, b), (-a, b)]
    if kind == "value":
        flat = a - slant
        corners = [(-a, 0), (-flat, -b), (flat, -b), (a, 0), (flat, b), (-flat, b)]
    return Path([(x + u, y + v) for u, v in (*corners, corners[0])], closed=True)
