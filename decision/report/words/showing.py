"""What a notebook shows beside numbers: sentences, tables and figures that were computed.

Prose with a number typed into it is wrong after the first change. So a sentence with a
number is made by code (decision.report.words), and these records show it: as Markdown,
or as HTML with a caption. All text of a model is escaped; nothing here depends on the
time, the machine or an id, so that a rerun gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from math import floor, log10
from typing import TYPE_CHECKING

from decision.draw.alt import listed
from decision.draw.numbers import amount, signed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "Captioned",
    "Said",
    "Shown",
    "literal",
    "names",
    "percent",
    "places_of",
    "read_back",
    "result",
    "rounded",
    "sentence",
    "spoken",
    "together",
    "two_figures",
    "writer",
]

RESULT = "► **Model result.**"
READ_BACK = "▷ **In the model.**"
"""What computed sentences begin with: what follows from many numbers, and what only reads
back what the model's files say. Facts and judgements have marks of their own."""
COLUMN = ' style="max-width:46rem"'
"""Text beside a table is no wider than the text around it."""
MOST_PLACES, LEAST_PLACES = 6, -9
SPECIAL = frozenset("\\`*_{}[]()#+-.!|~^:=>&<\"'@")


def literal(text: str) -> str:
    r"""Return text as Markdown that shows it as it is: no markup, tag, link or formula.

    Examples
    --------
    >>> literal("2 * <b>")
    '2 &#42; &#60;b&#62;'
    """
    # A dollar alone in an element of its own is never paired with another one to a formula.
    shown = "".join(
        "<span>&#36;</span>" if c == "$" else f"&#{ord(c)};" if c in SPECIAL else c for c in text
    )
    return " ".join(shown.split())


def spoken(name: str) -> str:
    """Return a name of the model as a reader says it, as Markdown.

    Examples
    --------
    >>> spoken("off_ramp_and_restraint")
    'off ramp and restraint'
    """
    return literal(name.replace("_", " "))


def places_of(numbers: Iterable[float], figures: int | None = None) -> int:
    """Return decimals that show the spread of numbers with two figures; may be negative.

    Parameters
    ----------
    numbers : iterable of float
    figures : int, optional
        At most so many of the largest number, however close together the numbers are.

    Examples
    --------
    >>> places_of([10545.4, 9322.1, 6691.1]), places_of([93.73, 94.19]), places_of([7.0])
    (-2, 2, 1)
    >>> places_of([13.96, 13.33], figures=3)
    1
    """
    there = [x for x in numbers if x == x]
    spread = max(there, default=0.0) - min(there, default=0.0)
    largest = max(map(abs, there), default=0.0)
    if spread <= 1e-9 * largest:
        spread = largest
    if not spread > 0:
        return 0
    places = 1 - floor(log10(spread))
    if figures is not None:
        places = min(places, figures - 1 - floor(log10(largest)))
    return max(LEAST_PLACES, min(MOST_PLACES, places))


def rounded(number: float, places: int, sign: bool = False) -> str:
    """Write a number rounded to `places` decimals; to tens or hundreds below 0.

    Examples
    --------
    >>> rounded(10545.4, -2), rounded(-0.158, 2), rounded(0.158, 2, sign=True)
    ('10,500', '−0.16', '+0.16')
    """
    if number != number:
        return "–"
    number = round(number, places) if places < 0 else number
    return (signed if sign else amount)(number, max(places, 0))


def percent(p: float, places: int = 1, sign: bool = False) -> str:
    """Write a probability as a percentage.

    Examples
    --------
    >>> percent(0.0121), percent(0.4, 0), percent(-0.007, 1, sign=True)
    ('1.2%', '40%', '−0.7%')
    """
    text = rounded(100 * p, places, sign)
    return text if p != p else f"{text}%"


def two_figures(number: float, sign: bool = False) -> str:
    """Write one number with two figures.

    Examples
    --------
    >>> two_figures(0.1564), two_figures(-2437), two_figures(0.0)
    ('0.16', '−2,400', '0')
    """
    return rounded(number, places_of([number]), sign)


def names(options: Iterable[str]) -> str:
    """Write options in a cell of a table, with a sign between those that tie.

    Examples
    --------
    >>> names(["off_ramp", "pressure"])
    'off ramp = pressure'
    """
    return " = ".join(option.replace("_", " ") for option in options)


def writer(places: int, sign: bool = False) -> Callable[[float], str]:
    """Return what writes the numbers of a column with so many decimals."""
    return lambda number: rounded(number, places, sign)


@dataclass(frozen=True)
class Said:
    """A computed sentence or two, shown as Markdown."""

    markdown: str

    def _repr_markdown_(self) -> str:
        return self.markdown

    @property
    def html(self) -> str:
        """The same as HTML; our own Markdown has no markup but **bold**."""
        parts = self.markdown.split("**")
        return "".join(
            f"<strong>{part}</strong>" if i % 2 else part for i, part in enumerate(parts)
        )

    @property
    def text(self) -> str:
        """The same without markup."""
        return _plain(self.markdown)

    def __repr__(self) -> str:
        return self.text


def result(*sentences: str) -> Said:
    """Return sentences, as Markdown, that are marked as a result of the model."""
    return Said(f"{RESULT} {' '.join(filter(None, sentences))}")


def read_back(*sentences: str) -> Said:
    """Return sentences, as Markdown, that are marked as only reading the model back."""
    return Said(f"{READ_BACK} {' '.join(filter(None, sentences))}")


def together(*said: Said) -> Said:
    """Return what several said as one; a mark like the one before it is left out.

    Examples
    --------
    >>> together(result("One."), result("Two."), read_back("Three."))
    ► Model result. One. Two. ▷ In the model. Three.
    """
    texts, last = [], ""
    for one in said:
        mark = next((m for m in (RESULT, READ_BACK) if one.markdown.startswith(m)), "")
        texts.append(one.markdown.removeprefix(last).strip() if mark == last else one.markdown)
        last = mark
    return Said(" ".join(texts))


@dataclass(frozen=True, eq=False, repr=False)
class Shown:
    """A table for reading: the numbers in `frame`, and how each column is written.

    Parameters
    ----------
    frame : DataFrame
        What is shown, unrounded; its index, where named, is the first column.
    caption : Said or None
        What the table says.
    formats : mapping of column to callable
        How a cell of the column is written; text stays as it is.
    note : str
        Below the table, in plain text.
    """

    frame: pd.DataFrame
    caption: Said | None = None
    formats: Mapping[str, Callable[[float], str]] = field(default_factory=dict)
    note: str = ""

    def lines(self) -> tuple[list[str], list[list[str]], list[str]]:
        """Return heads, rows of cells as plain text, and on which side each column stands."""
        frame = self.frame.reset_index() if self.frame.index.name else self.frame
        columns, sides = [], []
        for name in frame.columns:
            number = name in self.formats or frame[name].dtype.kind in "iuf"
            write = self.formats.get(name, "{:,g}".format if number else str)
            columns.append([write(cell) for cell in frame[name]])
            sides.append("right" if number else "left")
        heads = [str(name) for name in frame.columns]
        return heads, [list(row) for row in zip(*columns, strict=True)], sides

    def _repr_html_(self) -> str:
        caption = "" if self.caption is None else f"<p{COLUMN}>{self.caption.html}</p>"
        note = f"<p{COLUMN}><small>{escape(self.note)}</small></p>" if self.note else ""
        return f'<div class="mathjax_ignore">{caption}{self._table()}{note}</div>'

    def _table(self) -> str:
        if self.frame.empty:
            return ""
        heads, rows, sides = self.lines()
        lines = [_line("th", 'scope="col"', heads, sides)]
        body = "".join(f"<tr>{_line('td', '', row, sides)}</tr>" for row in rows)
        return f"<table><thead><tr>{lines[0]}</tr></thead><tbody>{body}</tbody></table>"

    def __repr__(self) -> str:
        said = [] if self.caption is None else [self.caption.text]
        if not self.frame.empty:
            heads, rows, _ = self.lines()
            said += [" | ".join(line) for line in [heads, *rows]]
        return "\n".join([*said, *([self.note] if self.note else [])])


def _line(tag: str, scope: str, cells: Sequence[str], sides: Sequence[str]) -> str:
    """The cells of a row of a table; the first of a body's row is its head."""
    parts = []
    for i, (cell, side) in enumerate(zip(cells, sides, strict=True)):
        name, own = ("th", scope or 'scope="row"') if not i else (tag, scope)
        space = f" {own}" if own else ""
        parts.append(f'<{name}{space} style="text-align:{side}">{escape(cell)}</{name}>')
    return "".join(parts)


@dataclass(frozen=True, eq=False, repr=False)
class Captioned:
    """A figure, with its alternative text, and a caption that states what it shows."""

    picture: Axes | Figure
    caption: Said

    def _repr_html_(self) -> str:
        from decision.draw.page import fitted_svg

        caption = f"<figcaption>{self.caption.html}</figcaption>"
        return f'<figure class="mathjax_ignore">{fitted_svg(self.picture)}{caption}</figure>'

    def __repr__(self) -> str:
        from decision.draw import alt_text

        figure = getattr(self.picture, "figure", self.picture)
        return f"{self.caption.text}\n{alt_text(figure)}"


def _plain(markdown: str) -> str:
    text = markdown.replace("**", "").replace("<span>", "").replace("</span>", "")
    return unescape(text)


def sentence(words: Sequence[str], last: str = "and") -> str:
    """Join words as a sentence does; none give an empty text."""
    return listed(words, last) if words else ""
