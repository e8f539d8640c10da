"""Numbers and names as a paragraph says them: true minus signs, as many digits as matter."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from decision.analysis.likelihood import percent

if TYPE_CHECKING:
    from decision.model.diagram import InfluenceDiagram

__all__ = [
    "amount",
    "apart",
    "listed",
    "percents",
    "quoted",
    "signed",
    "significant",
    "unit_of_total",
]

MINUS = "\N{MINUS SIGN}"
WHOLE = 1e15
"""From here on a number is written with an exponent."""


def quoted(text: str) -> str:
    """Return the model's word for something, in quotation marks."""
    words = "".join(c for c in text.replace("_", " ") if c.isprintable())
    return f"\N{LEFT DOUBLE QUOTATION MARK}{words}\N{RIGHT DOUBLE QUOTATION MARK}"


def unit_of_total(model: InfluenceDiagram) -> str:
    """Return the unit of the total: that of the values if they share one, else points.

    A value node with `worst` and `best` is in points, and so is a sum of unlike units. What a
    unit says after a comma ("points, 0 to 100") explains it, and is left out.
    """
    plain = all(value.worst is None and value.weight == 1.0 for value in model.values)
    units = {value.unit for value in model.values}
    unit = next(iter(units)) if plain and len(units) == 1 else ""
    short = unit.partition(",")[0]
    if short.count("(") != short.count(")"):  # "euros (2018, nominal)" is one phrase
        short = unit
    return "".join(c for c in short if c.isprintable()).strip() or "points"


def amount(value: float, places: int = 0) -> str:
    """Return a number with some decimals, a true minus sign and commas between thousands.

    Examples
    --------
    >>> amount(-1234.5, 2), amount(-0.001, 1)
    ('−1,234.50', '0.0')
    """
    if abs(value) >= WHOLE:
        return significant(value)
    text = f"{value:,.{places}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def signed(value: float, places: int = 0) -> str:
    """Return a difference with its sign, and with at least one digit that is not 0.

    Examples
    --------
    >>> signed(0.26, 1), signed(-0.004, 2)
    ('+0.3', '−0.004')
    """
    if value and abs(value) < 0.5 * 10**-places:
        places = min(-math.floor(math.log10(abs(value))), 12)
    text = amount(value, places)
    return text if text.startswith(MINUS) or not text.strip("0.,") else f"+{text}"


def significant(value: float, digits: int = 3) -> str:
    """Return a number with some significant digits.

    Examples
    --------
    >>> significant(6691.107), significant(0.00131519), significant(123.456, 4)
    ('6,690', '0.00132', '123.5')
    """
    kept = float(f"{value:.{digits}g}")
    text = f"{kept:.{digits}g}"
    if 100 <= abs(kept) < WHOLE:
        text = f"{kept:,.{max(0, digits - 1 - math.floor(math.log10(abs(kept))))}f}"
    return text.replace("-", MINUS)


def apart(one: float, other: float, suffix: str = "") -> tuple[str, str]:
    """Return two numbers with as many digits as tell them apart."""
    for digits in range(3, 8):
        texts = significant(one, digits) + suffix, significant(other, digits) + suffix
        if texts[0] != texts[1]:
            break
    return texts


def percents(one: float, other: float) -> tuple[str, str]:
    """Return two probabilities in per cent, with as many digits as tell them apart."""
    if percent(one) != percent(other):
        return percent(one), percent(other)
    return apart(100 * one, 100 * other, "%")


def listed(words: Iterable[str], last: str = "and") -> str:
    """Join words as a sentence does."""
    *first, end = list(words) or [""]
    return f"{', '.join(first)} {last} {end}" if first else end
