"""Ink, type and paper that all pictures share.

Colours are Okabe and Ito's (2008, "Color universal design"), which colour-blind readers
tell apart; a shape or a dash always says the same as a colour, so that nothing is lost in
grey. Type is DejaVu Sans as shipped with matplotlib, named by file: a reader's settings
don't move it, and its widths, known before anything is drawn, size the boxes.

A label comes from a model, so it may hold anything. `plain` takes out what would act on
its surroundings (control and direction characters), mathtext is switched off for every
text, and a character that DejaVu Sans lacks is shown as an empty square where matplotlib
draws the glyphs (PNG, PDF), while SVG keeps the character for the reader's own fonts.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "COLOURS",
    "FONT_FAMILY",
    "KINDS",
    "framed",
    "measure",
    "paper",
    "plain",
    "said",
    "wrap",
    "write",
]

COLOURS: Mapping[str, str] = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
}
INK = "#222222"
QUIET = "#6B6B6B"
FAINT = "#B8B8B8"

KINDS: Mapping[str, tuple[str, str]] = {
    "decision": ("#D6E8F5", COLOURS["blue"]),
    "chance": ("#FFFFFF", INK),
    "value": ("#D5EFE6", "#006B4E"),
}
"""Fill and outline by kind of node; the value's green is darkened to stand in grey."""

FONT_FAMILY = "'DejaVu Sans', Verdana, 'Bitstream Vera Sans', sans-serif"
"""For SVG: Verdana's widths are DejaVu's, and it stands on most desktops."""

MISSING = "\N{WHITE SQUARE}"
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_originals: WeakKeyDictionary[Text, str] = WeakKeyDictionary()


@lru_cache
def font(bold: bool = False) -> FontProperties:
    """DejaVu Sans, as the file that matplotlib ships."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return FontProperties(fname=str(Path(mpl.get_data_path()) / "fonts" / "ttf" / name))


def plain(text: str) -> str:
    r"""Return a label as one line of characters that only show themselves.

    Control, direction and private characters are dropped, runs of space become one.

    Examples
    --------
    >>> plain("two\nlines\u202e $x$")
    'two lines $x$'
    """
    kept = (
        " " if c.isspace() else c
        for c in str(text)
        if c.isspace() or c in _JOINERS or unicodedata.category(c)[0] != "C"
    )
    return " ".join("".join(kept).split())


@lru_cache(maxsize=4096)
def _has_glyph(character: str) -> bool:
    return bool(get_font(str(font().get_file())).get_char_index(ord(character)))


def printable(text: str) -> str:
    """Return the text with an empty square for each character that has no glyph."""
    return "".join(c if _has_glyph(c) else "" if c in _JOINERS else MISSING for c in text)


@lru_cache(maxsize=4096)
def measure(text: str, size: float, bold: bool = False) -> float:
    """Width in points of one line of text; a character without a glyph counts one em."""
    missing = sum(not _has_glyph(c) for c in text)
    known = "".join(c for c in text if _has_glyph(c))
    if not known.strip():
        return missing * size
    properties = font(bold).copy()
    properties.set_size(size)
    # The outline ends before the last letter's own space does.
    return float(text_to_path.get_text_width_height_descent(known, properties, False)[0]) + (
        missing * size
    )


def wrap(text: str, width: float, size: float, lines: int = 4) -> tuple[str, ...]:
    """Break a label into at most `lines` lines of about equal length.

    Parameters
    ----------
    text : str
    width : float
        In points; a word that is longer is broken.
    size : float
        Of the type, in points.
    lines : int
        What does not fit in so many ends in an ellipsis.

    Returns
    -------
    tuple of str
        At least one line.

    Examples
    --------
    >>> wrap("Credible off-ramp on the table", 70, 9)
    ('Credible', 'off-ramp on', 'the table')
    """
    words = _broken(plain(text).split(" "), width, size)
    rows = _filled(words, width, size)
    if len(rows) > lines:
        rows = [*rows[: lines - 1], _shortened(" ".join(rows[lines - 1 :]), width, size)]
        return tuple(rows)
    narrower = width
    while narrower > 1:  # the narrowest column that needs no further line
        narrower -= 1
        trial = _filled(words, narrower, size)
        if len(trial) > len(rows) or max(measure(r, size) for r in trial) > narrower:
            break
        rows = trial
    return tuple(rows)


def _filled(words: list[str], width: float, size: float) -> list[str]:
    rows = [words[0]]
    for word in words[1:]:
        if measure(f"{rows[-1]} {word}", size) <= width:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    return rows


def _broken(words: list[str], width: float, size: float) -> list[str]:
    pieces = []
    for word in words:
        while measure(word, size) > width and len(word) > 1:
            cut = next(
                (n for n in range(len(word) - 1, 1, -1) if measure(word[:n], size) <= width), 1
            )
            pieces.append(word[:cut])
            word = word[cut:]
        pieces.append(word)
    return pieces


def _shortened(text: str, width: float, size: float) -> str:
    while text and measure(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def shortened(text: str, width: float, size: float) -> str:
    """Return one line that is no wider than `width`, with an ellipsis if it was cut."""
    text = plain(text)
    return text if measure(text, size) <= width else _shortened(text, width, size)


def write(ax: Axes, x: float, y: float, text: str, size: float, **how: Any) -> Text:
    """Write one line of plain text; `y` is its baseline unless `va` says otherwise.

    Keywords are matplotlib's; `bold` chooses the bold face.
    """
    properties = font(how.pop("bold", False)).copy()
    properties.set_size(size)
    look: dict[str, Any] = {"va": "baseline", "color": INK, "zorder": 5.0} | how
    text = plain(text)
    drawn = ax.text(
        x, y, printable(text), fontproperties=properties, parse_math=False, usetex=False, **look
    )
    _originals[drawn] = text
    return drawn


def said(text: Text) -> str:
    """Return what a text says, with the characters that have no glyph."""
    return _originals.get(text, text.get_text())


def framed(size: tuple[float, float], left: float, right: float, top: float, bottom: float) -> Axes:
    """Return Axes of some size with margins around, in a figure unknown to pyplot; in points."""
    width, height = left + size[0] + right, top + size[1] + bottom
    figure = Figure(figsize=(width / 72, height / 72), dpi=144, facecolor="white")
    return figure.add_axes((left / width, bottom / height, size[0] / width, size[1] / height))


def paper(ax: Axes | None, width: float, height: float) -> tuple[Axes, float]:
    """Return Axes whose data unit is a point of the picture, y downwards, and its scale.

    Parameters
    ----------
    ax : Axes or None
        None makes a figure of just that size, unknown to pyplot.
    width, height : float
        Of the picture, in points.

    Returns
    -------
    ax : Axes
    scale : float
        By which type and line widths are to be multiplied: 1 unless `ax` was given, else
        what makes the picture fit into it.
    """
    if ax is None:
        figure = Figure(figsize=(width / 72, height / 72), dpi=144, facecolor="white")
        ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        scale = 1.0
        across, down = width, height
    else:
        points = 72 / ax.figure.dpi
        room_x, room_y = ax.bbox.width * points, ax.bbox.height * points
        scale = min(room_x / width, room_y / height)
        across, down = room_x / scale, room_y / scale
    left, top = (across - width) / 2, (down - height) / 2
    ax.set_xlim(-left, across - left)
    ax.set_ylim(down - top, -top)
    ax.set_axis_off()
    return ax, scale
