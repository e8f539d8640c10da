"""When two totals tie: a difference that is nothing next to them.

|a − b| ≤ TIE · max(|a|, |b|, FLOOR · the largest |total|). It is one rule for all engines.
"""

from __future__ import annotations

__all__ = ["FLOOR", "TIE"]

TIE = 1e-9
"""Relative difference at which two totals tie."""
FLOOR = 1e-3
"""Share of the largest |total| below which a difference is not relative any more."""
