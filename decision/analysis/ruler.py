"""How the worth of a fixed policy runs along an input: straight, in the right coordinate.

The expected total is linear in every number of the model. With exponential utility
E[exp(−total/t)] is linear in a probability, and in exp(−rate·x) where the input x is a
value, rate = w·u′/t. That is reckoned in logarithms, so that no tolerance is too small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ruler"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ruler:
    """How a fixed policy's worth runs between two numbers of an input.

    Parameters
    ----------
    tolerance : float, optional
        Of risk: worths are certain equivalents then.
    rate : float
        The coordinate that is straight then is exp(−rate·x); 0: x itself.
    """

    tolerance: float | None = None
    rate: float = 0.0

    def between(self, a: Array, b: Array, ends: Array, x: Array) -> Array:
        """Return the worth at x of what is worth ends[…, 0] at a and ends[…, 1] at b."""
        share = (x - a) / (b - a)
        if self.tolerance is None:
            return np.asarray((1 - share) * ends[..., 0] + share * ends[..., 1])
        logs = -ends / self.tolerance
        with np.errstate(divide="ignore", invalid="ignore"):  # log 0; a branch that is nan
            rest, part = np.log1p(-share), np.log(share)
            if self.rate:
                whole = _log_expm1(self.rate * (a - b))
                part = _log_expm1(self.rate * (a - x)) - whole
                rest = self.rate * (a - x) + _log_expm1(self.rate * (x - b)) - whole
            total = np.logaddexp(rest + logs[..., 0], part + logs[..., 1])
        return np.asarray(-self.tolerance * total)

    def meet(self, a: Array, b: Array, left: Array, right: Array) -> Array:
        """Return where between a and b two policies are worth the same; nan if nowhere."""
        gap = right - left
        crosses = gap[..., 0] * gap[..., 1] < 0
        with np.errstate(all="ignore"):
            if self.tolerance is None:
                x = a + gap[..., 0] / (gap[..., 0] - gap[..., 1]) * (b - a)
            else:
                size = np.abs(gap) / self.tolerance
                odds = _log_expm1(size) - np.maximum(left, right) / self.tolerance
                x = self._at_odds(a, b, odds[..., 0] - odds[..., 1])
        return np.where(crosses, x, np.nan)

    def _at_odds(self, a: Array, b: Array, odds: Array) -> Array:
        """Return the number whose share of the straight coordinate has these log-odds."""
        share = np.exp(-np.logaddexp(0.0, -odds))
        whole = self.rate * (b - a)
        if not self.rate:
            return np.asarray(a + share * (b - a))
        near = -np.log1p(np.expm1(-whole) * share)
        far = np.logaddexp(0.0, odds) - np.logaddexp(0.0, odds - whole)
        return np.asarray(a + np.where(np.abs(whole) < 1, near, far) / self.rate)


def _log_expm1(z: Array) -> Array:
    """Return log |exp(z) − 1|."""
    return np.asarray(np.maximum(z, 0.0) + np.log(-np.expm1(-np.abs(z))))
