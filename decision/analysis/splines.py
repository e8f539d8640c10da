"""Natural cubic splines of a number, in the order of their roughness.

Splines have their knots at the sample's quantiles and are straight lines beyond the outermost.
Turned so that they are orthonormal over the sample and each is as smooth as it can be, given
those before it, they are the basis of Demmler and Reinsch (1975, "Oscillation matrices with
spline smoothing", Numerische Mathematik 24, doi:10.1007/BF01437406): a straight line, then one
bend, two, …, as polynomials would be, without their tails.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["NOTHING", "spline_basis"]

Array = NDArray[np.float64]
NOTHING = 1e-10
"""Share of the largest eigenvalue below which a direction is one of rounding."""


def spline_basis(x: Array, most: int) -> Array | None:
    """Return orthonormal functions of an input, the smoothest first.

    Parameters
    ----------
    x : ndarray (n)
    most : int
        Knots, at most; 0 for the straight line alone.

    Returns
    -------
    ndarray (n, orders), or None
        Each of mean 0 and mean square 1 over the sample; None for an input that never moves.

    Examples
    --------
    >>> basis = spline_basis(np.linspace(0, 1, 101) ** 2, 6)
    >>> basis.shape
    (101, 5)
    >>> bool(np.allclose(basis.T @ basis / 101, np.eye(5)))
    True
    """
    spread = float(x.std())
    if not spread > 1e-12 * float(np.abs(x).max()):
        return None
    x = (x - x.mean()) / spread
    if not most:
        return x[:, None]
    knots = np.unique(np.quantile(x, np.linspace(0.005, 0.995, most)))
    line = x[:, None]
    if len(knots) < 4:
        return line
    values, roughness = _splines(x, knots)
    gram = values.T @ values / len(x)
    size, turned = np.linalg.eigh(gram)
    kept = size > NOTHING * size[-1]
    whitened = turned[:, kept] / np.sqrt(size[kept])
    _, turned = np.linalg.eigh(whitened.T @ roughness @ whitened)
    # The two smoothest are the constant and the line.
    return np.hstack([line, values @ whitened @ turned[:, 2:]])


def _splines(x: Array, knots: Array) -> tuple[Array, Array]:
    """Return natural cubic splines that are 1 at one knot and 0 at the others.

    And the integrals of the products of their second derivatives (Green and Silverman 1994,
    *Nonparametric Regression and Generalized Linear Models*, section 2.1).
    """
    step = np.diff(knots)
    number = len(knots)
    q = np.zeros((number, number - 2))
    r = np.zeros((number - 2, number - 2))
    for j in range(number - 2):
        q[j : j + 3, j] = 1 / step[j], -1 / step[j] - 1 / step[j + 1], 1 / step[j + 1]
        r[j, j] = (step[j] + step[j + 1]) / 3
        if j:
            r[j, j - 1] = r[j - 1, j] = step[j] / 6
    curvature = np.zeros((number, number))
    curvature[1:-1] = np.linalg.solve(r, q.T)
    inside = x.clip(knots[0], knots[-1])
    cell = np.searchsorted(knots, inside, side="right").clip(1, number - 1) - 1
    h = step[cell]
    right, left = (inside - knots[cell]) / h, (knots[cell + 1] - inside) / h
    heights, eye = np.eye(number), h[:, None] ** 2 / 6
    values = left[:, None] * heights[cell] + right[:, None] * heights[cell + 1]
    values += eye * (left**3 - left)[:, None] * curvature[cell]
    values += eye * (right**3 - right)[:, None] * curvature[cell + 1]
    for end, beyond in ((0, x - knots[0]), (-1, x - knots[-1])):
        out = beyond < 0 if end == 0 else beyond > 0
        at, nearer = (0, 1) if end == 0 else (-1, -2)
        last = (heights[-1] - heights[-2]) if end else (heights[1] - heights[0])
        slope = last / step[at] + (1 if end else -1) * step[at] / 6 * curvature[nearer]
        values[out] += beyond[out, None] * slope
    return values, q @ curvature[1:-1]
