"""Words for probabilities, by the bands that United States intelligence agrees on.

Intelligence Community Directive 203, "Analytic Standards" (2 January 2015), section
D.6.e.2.a, gives seven bands from 1 to 99%, which meet at 5, 20, 45, 55, 80 and 95%; a
number on a border belongs here to the band farther from one half. Of the two columns of
words the first is used, as the directive asks not to mix them. What lies beyond 1 and 99%
has no word there: it takes that of the outer band, and 0 and 1 are "impossible" and
"certain".

Readers take such words for quite different numbers, even with the table beside them
(Budescu, Broomell and Por 2009, Psychological Science 20(3), 299-308,
doi:10.1111/j.1467-9280.2009.02284.x): a word never goes without its number.
"""

from __future__ import annotations

from math import isnan

__all__ = ["BANDS", "likelihood", "percent", "worded"]

BANDS = (
    ("almost no chance", 0.0, 0.05),
    ("very unlikely", 0.05, 0.20),
    ("unlikely", 0.20, 0.45),
    ("roughly even chance", 0.45, 0.55),
    ("likely", 0.55, 0.80),
    ("very likely", 0.80, 0.95),
    ("almost certain", 0.95, 1.0),
)
"""Word, lowest and highest probability of each band."""

CLOSE = 1e-12
"""Distance from a border within which a number stands on it, whatever its rounding."""


def likelihood(p: float) -> str:
    """Return the word for a probability.

    Parameters
    ----------
    p : float
        In [0, 1].

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> [likelihood(p) for p in (0, 0.012, 0.2, 0.5)]
    ['impossible', 'almost no chance', 'very unlikely', 'roughly even chance']
    >>> [likelihood(p) for p in (0.55, 0.8, 1)]
    ['likely', 'very likely', 'certain']
    """
    if isnan(p) or not 0 <= p <= 1:
        raise ValueError(f"{p!r} is no probability: it lies outside 0 and 1")
    if p in (0, 1):
        return "certain" if p else "impossible"
    if p < 0.5:
        return next(word for word, _, high in BANDS if p <= high + CLOSE)
    return next(word for word, low, _ in reversed(BANDS) if p >= low - CLOSE)


def percent(p: float) -> str:
    """Return a probability in per cent: whole, with a decimal or more near 0 and 100.

    Examples
    --------
    >>> [percent(p) for p in (0, 0.0121, 0.0994, 0.4638, 0.9968, 1, 1e-9)]
    ['0%', '1.2%', '9.9%', '46%', '99.7%', '100%', '1e-07%']
    """
    small = min(p, 1 - p)
    if small <= 0:
        return f"{100 * p:.0f}%"
    if small < 1e-6:
        return f"{100 * p:.0e}%" if p < 0.5 else "more than 99.9999%"
    places = 0 if small >= 0.0995 else 1
    while float(f"{100 * p:.{places}f}") in (0, 100):
        places += 1
    return f"{100 * p:.{places}f}%"


def worded(p: float) -> str:
    """Return a probability with its word: "almost no chance (1.2%)"."""
    return f"{likelihood(p)} ({percent(p)})"
