"""Numbers as the files and the small language write them: JSON's, or a fraction."""

from __future__ import annotations

import math
import re

__all__ = ["read_number", "write_number"]

JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
FRACTION = re.compile(r"(-?[0-9]{1,300})/([0-9]{1,300})")


def read_number(text: str) -> float | None:
    """Return the number that a text writes, or None.

    Examples
    --------
    >>> read_number("1/4"), read_number("1e-3"), read_number("0,5"), read_number("1e999")
    (0.25, 0.001, None, None)
    """
    if JSON_NUMBER.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else None
    fraction = FRACTION.fullmatch(text)
    if not fraction:
        return None
    above, below = int(fraction[1]), int(fraction[2])
    return above / below if below else None


def write_number(number: float) -> str:
    """Return the shortest text that reads back as the same number.

    Examples
    --------
    >>> write_number(0.1), write_number(-3.0), write_number(1e-07)
    ('0.1', '-3', '1e-07')
    """
    text = repr(float(number))
    return text[:-2] if text.endswith(".0") else text
