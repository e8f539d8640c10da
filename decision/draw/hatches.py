"""Hatches in SVG: a small tile for each stroke that matplotlib has a letter for.

matplotlib's own pattern fills a square inch with every stroke of it, 30 kB for dots. A tile
of a few points does the same; its strokes go a little past its edges, so that joints don't
show.
"""

from __future__ import annotations

__all__ = ["tile"]

SIDE = 6.0
_STROKES = {
    "/": "M-1 1L1 -1M0 6L6 0M5 7L7 5",
    "\\": "M-1 5L1 7M0 0L6 6M5 -1L7 1",
    "-": "M0 3H6",
    "|": "M3 0V6",
}
_CROSSED = {"x": "/\\", "+": "-|"}


def tile(hatch: str, colour: str, width: str, name: str) -> str:
    """Return a ``<pattern>`` for a hatch, "" for one that has no strokes we know.

    Parameters
    ----------
    hatch : str
        matplotlib's: how often a letter stands in it makes no difference.
    colour, width : str
        Of the strokes.
    name : str
        Id of the pattern.

    Examples
    --------
    >>> tile("///", "#0072b2", "0.6", "a")[:67]
    '<pattern id="a" patternUnits="userSpaceOnUse" width="6" height="6">'
    """
    letters = dict.fromkeys("".join(_CROSSED.get(letter, letter) for letter in hatch))
    strokes = "".join(_STROKES.get(letter, "") for letter in letters)
    drawn = f'<path d="{strokes}" stroke="{colour}" stroke-width="{width}"/>' if strokes else ""
    if "." in letters or "o" in letters:
        drawn += f'<circle cx="3" cy="3" r="0.8" fill="{colour}"/>'
    if not drawn:
        return ""
    return (
        f'<pattern id="{name}" patternUnits="userSpaceOnUse" width="{SIDE:g}" '
        f'height="{SIDE:g}">{drawn}</pattern>'
    )
