"""What sections are made of: sentences, tables and figures as safe markup.

Words come from decision.report.words, which computes and escapes them; here they get
elements. No element has a style of its own: the page's Content-Security-Policy allows
its one style sheet and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from decision.report.words.showing import READ_BACK, RESULT, Said, Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Section", "canonical", "figure", "fold", "heading", "linked", "prose", "said", "table"]

NAMED = re.compile(r"(odds|P|V|weight)\(([^()|]*)(?:\|([^()]*))?\)(.*)", re.DOTALL)
"""An input as the small language writes it, or a change of it."""


@dataclass(frozen=True)
class Section:
    """A section of the page.

    Attributes
    ----------
    id : str
        Its anchor.
    title : str
        A question or a noun; plain text.
    body : Markup
    """

    id: str
    title: str
    body: Markup

    @classmethod
    def of(cls, id: str, title: str, *blocks: Markup | None) -> Section:
        """Return a section of the blocks that are there."""
        return cls(id, title, Markup("\n").join(block for block in blocks if block))


def said(*words: Said | None) -> Markup:
    """Return computed sentences as a paragraph, without the mark that a notebook needs.

    In a notebook a mark tells a result from prose; on this page all sentences with a number
    are results, and the page says so once.

    Examples
    --------
    >>> from decision.report.words.showing import result
    >>> said(result("First comes **yes**."), result("It stays."))
    Markup('<p>First comes <strong>yes</strong>. It stays.</p>')
    """
    return Markup("<p>{}</p>").format(_plain(*words)) if any(words) else Markup("")


def _plain(*words: Said | None) -> Markup:
    texts = []
    for word in words:
        if word:
            markdown = word.markdown
            for mark in (RESULT, READ_BACK):
                markdown = markdown.removeprefix(mark)
            texts.append(Markup(Said(markdown.strip()).html))
    return Markup(" ").join(texts)


def prose(text: str, *classes: str) -> Markup:
    """Return our own words, or a model's, as a paragraph: escaped."""
    named = Markup(' class="{}"').format(" ".join(classes)) if classes else Markup("")
    return Markup("<p{}>{}</p>").format(named, text)


def heading(text: str) -> Markup:
    """Return a heading within a section."""
    return Markup("<h3>{}</h3>").format(text)


def fold(summary: str | Markup, *blocks: Markup | None) -> Markup:
    """Return blocks that a reader opens; on paper they are open."""
    inside = Markup("\n").join(block for block in blocks if block)
    if not inside:
        return Markup("")
    return Markup("<details><summary>{}</summary>\n{}</details>").format(summary, inside)


def figure(
    picture: Axes | Figure | str | None, *words: Said | str | None, zoom: str = ""
) -> Markup:
    """Return a picture with a caption.

    Parameters
    ----------
    picture : Axes, Figure, SVG text or None
        Nothing is shown for None.
    *words : Said or str
        The caption: computed sentences, or plain text.
    zoom : str
        A name for controls that make it larger without a script; one of its page.
    """
    from decision import draw

    if picture is None:
        return Markup("")
    svg = picture if isinstance(picture, str) else draw.to_svg(picture)
    told = [_plain(word) if isinstance(word, Said) else escape(word) for word in words if word]
    caption = Markup(" ").join(told)
    below = Markup("<figcaption>{}</figcaption>").format(caption) if caption else Markup("")
    # What scrolls can be focused, so that the keyboard can scroll it.
    held = Markup('<div class="canvas" tabindex="0" role="group" aria-label="{}">{}</div>')
    label = f"{zoom.capitalize()} picture" if zoom else "Picture"
    return Markup('<figure class="paper{}">{}{}{}</figure>').format(
        " zoomed" if zoom else "",
        _zoom(zoom) if zoom else Markup(""),
        held.format(label, Markup(svg)),
        below,
    )


def _zoom(name: str) -> Markup:
    choices = [("fit", "Fit"), ("full", "100%"), ("large", "150%"), ("double", "200%")]
    radio = Markup('<label><input type="radio" name="zoom-{}" value="{}"{}><span>{}</span></label>')
    parts = [
        radio.format(name, value, Markup(" checked") if not i else "", label)
        for i, (value, label) in enumerate(choices)
    ]
    return Markup('<fieldset class="zoom"><legend>Size of the {}</legend>{}</fieldset>').format(
        name, Markup("").join(parts)
    )


def table(shown: Shown | None, anchors: Mapping[str, str], *, caption: bool = True) -> Markup:
    """Return a table, with the names of inputs linked to the ledger, and what it says.

    Parameters
    ----------
    shown : Shown or None
        Of an empty one only the sentence is left.
    anchors : mapping of input to anchor
        As `decision.report.sections.study.Study.anchors`.
    caption : bool
        Whether to say what the table says above it.
    """
    if shown is None:
        return Markup("")
    above = said(shown.caption) if caption else Markup("")
    if shown.frame.empty:
        return above
    heads, rows, sides = shown.lines()
    note = prose(shown.note, "soft") if shown.note else Markup("")
    return Markup("\n").join([above, grid(heads, rows, sides, anchors), note])


def grid(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    sides: Sequence[str],
    anchors: Mapping[str, str],
) -> Markup:
    """Return lines of text as a table that scrolls on its own where it is wide."""
    text = [Markup(' class="text"') if side == "left" else Markup("") for side in sides]
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(side, name)
        for name, side in zip(heads, text, strict=True)
    )
    body = Markup("\n").join(
        Markup("<tr>{}</tr>").format(_cells(row, text, anchors)) for row in rows
    )
    return Markup(
        '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>'
        "<thead><tr>{}</tr></thead>\n<tbody>{}</tbody></table></div>"
    ).format(head, body)


def _cells(row: Sequence[str], sides: Sequence[Markup], anchors: Mapping[str, str]) -> Markup:
    cells = []
    for i, (cell, side) in enumerate(zip(row, sides, strict=True)):
        name, scope = ("td", "") if i else ("th", Markup(' scope="row"'))
        parts = [linked(part, anchors) for part in cell.split("; ")] if side else [escape(cell)]
        words = Markup("; ").join(parts)
        cells.append(Markup("<{0}{1}{2}>{3}</{0}>").format(name, scope, side, words))
    return Markup("").join(cells)


def linked(text: str, anchors: Mapping[str, str]) -> Markup:
    """Return text, as a link to the ledger where it names an input or changes some of a node.

    Examples
    --------
    >>> linked("odds(rain=yes) *= 2", {"P(rain=yes)": "input-3"})
    Markup('<a href="#input-3"><code>odds(rain=yes) *= 2</code></a>')
    >>> linked("umbrella", {})
    Markup('umbrella')
    """
    found = NAMED.fullmatch(text)
    anchor = anchors.get(text) or anchors.get(canonical(text))
    if anchor is None and found:  # many rows of one node
        anchor = anchors.get(found[2].partition("=")[0].strip())
    if anchor is None:
        return escape(text)
    return Markup('<a href="#{}"><code>{}</code></a>').format(anchor, text)


def canonical(text: str) -> str:
    """Return the name of an input that is named or changed, its conditions in one order.

    Examples
    --------
    >>> canonical("odds(wet=yes | b=2, a=1) *= 3")
    'P(wet=yes | a=1, b=2)'
    """
    found = NAMED.fullmatch(text)
    if not found:
        return text
    kind, head, given, _ = found.groups()
    kind = "P" if kind == "odds" else kind
    parts = sorted(part.strip() for part in (given or "").split(",") if part.strip())
    inside = " | ".join(part for part in (head.strip(), ", ".join(parts)) if part)
    return f"{kind}({inside})"
