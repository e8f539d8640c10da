"""Presentation attributes of SVG: fills, strokes and steps of paths, in short numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.colors import to_hex
from matplotlib.path import Path

__all__ = ["fill_of", "line_of", "number", "step"]

_LETTERS: dict[Any, str] = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}


def number(value: float) -> str:
    """Write a number with at most two decimals."""
    # Twice, so that noise in the last digits of a float cannot tip an exact half.
    text = f"{round(round(float(value), 6), 2):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def step(code: Any, ends: Sequence[tuple[str, str]], last: tuple[str, str]) -> str:
    """One piece of a path, level and upright lines in short."""
    (x, y), *_ = ends
    if code == Path.LINETO and y == last[1]:
        return f"H{x}"
    if code == Path.LINETO and x == last[0]:
        return f"V{y}"
    return _LETTERS[code] + " ".join(f"{a} {b}" for a, b in ends)


def fill_of(gc: GraphicsContextBase, face: Any) -> str:
    """Return what a shape is filled with."""
    if face is None or (len(face) == 4 and face[3] == 0):
        return ' fill="none"'
    alpha = gc.get_alpha() if gc.get_forced_alpha() or len(face) == 3 else face[3]
    seen = f' fill-opacity="{number(alpha)}"' if alpha != 1 else ""
    return f' fill="{to_hex(face[:3])}"{seen}'


def line_of(gc: GraphicsContextBase) -> str:
    """Return what a shape is outlined with, nothing if it is not."""
    if not gc.get_linewidth():
        return ""
    colour = gc.get_rgb()
    alpha = gc.get_alpha() if gc.get_forced_alpha() else (*colour, 1.0)[3]
    if not alpha:
        return ""
    offset, dashes = gc.get_dashes()
    parts = [f' stroke="{to_hex(colour)}" stroke-width="{number(gc.get_linewidth())}"']
    if alpha != 1:
        parts.append(f' stroke-opacity="{number(alpha)}"')
    if dashes is not None:
        parts.append(
            f' stroke-dasharray="{" ".join(map(number, np.asarray(dashes, dtype=float)))}"'
        )
        if offset:
            parts.append(f' stroke-dashoffset="{number(offset)}"')
    if gc.get_capstyle() != "butt":
        parts.append(f' stroke-linecap="{gc.get_capstyle().replace("projecting", "square")}"')
    if gc.get_joinstyle() != "miter":
        parts.append(f' stroke-linejoin="{gc.get_joinstyle()}"')
    return "".join(parts)
