r"""Formulas as MathML, so that a page shows them without a script or a network.

All browsers draw MathML Core since 2023; latex2mathml translates LaTeX to it. Three
habits of writers are met here first: ``aligned`` and ``equation`` are put in words that
it knows, and ``\arg`` (which it would print with its backslash) becomes an operator. A
formula it cannot read is shown as its source, never as half a formula.
"""

from __future__ import annotations

import html
import re
from typing import Literal
from xml.etree import ElementTree

__all__ = ["mathml"]

Display = Literal["inline", "block"]

_ENVIRONMENTS = (
    (re.compile(r"\\(begin|end)\{(?:aligned|align|gathered|gather\*?)\}"), r"\\\1{align*}"),
    (re.compile(r"\\(?:begin|end)\{(?:equation|displaymath|math)\*?\}"), ""),
    (re.compile(r"\\arg(?![a-z])"), r"\\operatorname{arg}"),
)


def mathml(latex: str, display: Display = "inline") -> str:
    r"""Return a formula as a ``<math>`` element, with its LaTeX as alternative text.

    Parameters
    ----------
    latex : str
        Without the dollar signs around it.
    display : {"inline", "block"}
        In the line of text, or set apart.

    Returns
    -------
    str
        Safe HTML: all text in it is escaped. Where the formula cannot be translated,
        its source in ``<code>``.

    Examples
    --------
    >>> mathml("p < 1")
    '<math ... alttext="p &lt; 1"><mrow><mi>p</mi><mo>&lt;</mo><mn>1</mn></mrow></math>'
    >>> mathml(r"\unknowable{x}")
    '<code>\\unknowable{x}</code>'
    """
    from latex2mathml.converter import convert_to_element

    source = latex.strip()
    known = source
    for pattern, instead in _ENVIRONMENTS:
        known = pattern.sub(instead, known)
    try:
        element = convert_to_element(known, display=display)
    # The library has a class of exception per fault, without a common base, and lets
    # IndexError and others through; whatever it is, the reader gets the source.
    except Exception:
        return _as_source(source, display)
    for part in element.iter():
        part.text = html.unescape(part.text) if part.text else part.text
        if part.text and part.text.startswith("\\"):  # a command it does not know
            return _as_source(source, display)
    element.set("alttext", " ".join(source.split()))
    return ElementTree.tostring(element, encoding="unicode")


def _as_source(source: str, display: Display) -> str:
    code = f"<code>{html.escape(source, quote=False)}</code>"
    return f"<pre>{code}</pre>" if display == "block" else code
