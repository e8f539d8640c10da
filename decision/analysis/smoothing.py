"""Smoothing: what numbers that are known lead one to expect of something noisy.

Each input has a basis of natural cubic splines with knots at its quantiles, put in the order
of their roughness (Demmler and Reinsch 1975, "Oscillation matrices with spline smoothing",
Numerische Mathematik 24, doi:10.1007/BF01437406): the first is the straight line, each next
one bends once more. Several inputs have the products of theirs whose orders add up to no
more than some number, or where they are many, sums alone. What is rougher is shrunk more; by
how much, and how many products, is chosen by generalised cross-validation (Craven and Wahba
1979, Numerische Mathematik 31, doi:10.1007/BF01404567). The mean is never shrunk, so that
residuals sum to 0.

Fits are linear in what is fitted, so that what each draw would be expected to be *had it been
left out* follows without another fit (Allen 1974, "PRESS").

n draws, k functions; one column for each thing that is fitted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass

__all__ = ["Fit", "smooth"]

Array = NDArray[np.float64]
Orders = tuple[tuple[int, int], ...]
"""Of one function: inputs and the order of each one's factor."""

KNOTS, FEWER, FEW = 10, 5, 10
"""Of an input's splines: a worth is a smooth function with few bends. Fewer for many inputs."""
MOST = 300
"""Functions of a fit; more take long, and hardly ever help."""
EACH = 12
"""Draws for each function, at least."""
CELLS = 2**24
"""Numbers of a fit, at most: one for each function and draw."""
REDRAWN = 2**22
"""Numbers of draws from the posterior that are kept at once."""
TOGETHER = 3
"""Inputs in one product, at most."""
PATIENCE = 2
"""Richer lists that are tried in vain: a corner needs even orders, a wave odd ones."""
SHRINKING = np.geomspace(1e-7, 1e2, 46)
NOTHING = 1e-10
"""Share of the largest eigenvalue below which a direction is one of rounding."""


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """What is expected of some columns, and how sure that is.

    Attributes
    ----------
    fitted, left_out : ndarray (n, columns)
        Expected given the inputs: all draws fitted, and without the very draw.
    scores : ndarray (n, k)
        Orthogonal directions of the fit, each of mean square 1.
    deviations : ndarray (k + 1, columns)
        How far the fit's part along each direction may be off, one standard deviation; the
        last row is that of the mean.
    correlation : ndarray (columns, columns)
        Of the residuals.
    """

    fitted: Array
    left_out: Array
    scores: Array
    deviations: Array
    correlation: Array

    def redrawn(self, random: np.random.Generator, times: int) -> Iterator[Array]:
        """Yield what might as well have been expected: draws from the fit's posterior.

        Several at once: (n, draws, columns).
        """
        root = np.linalg.cholesky(self.correlation + 1e-9 * np.eye(len(self.correlation)))
        draws, columns = self.fitted.shape
        size = max(1, REDRAWN // self.fitted.size)
        for start in range(0, times, size):
            shape = (len(self.deviations), min(size, times - start), columns)
            off = random.standard_normal(shape) @ root.T * self.deviations[:, None]
            moved = self.scores @ off[:-1].reshape(len(off) - 1, shape[1] * columns)
            yield moved.reshape(draws, *shape[1:]) + (self.fitted[:, None] + off[-1])


def smooth(inputs: Sequence[Array], columns: Array) -> Fit:
    """Fit columns by smooth functions of inputs.

    Parameters
    ----------
    inputs : sequence of ndarray (n)
        One that never moves tells nothing.
    columns : ndarray (n, columns)

    Examples
    --------
    >>> x = np.linspace(-1, 1, 500)
    >>> fit = smooth([x], np.abs(x)[:, None])
    >>> bool(abs(fit.fitted[:, 0] - abs(x)).max() < 0.1)
    True
    """
    knots = KNOTS if len(inputs) <= FEW else FEWER
    bases = [basis for x in inputs if (basis := _basis(np.asarray(x, float), knots)) is not None]
    mean = columns.mean(axis=0)
    if not bases:
        return _constant(columns, mean)
    designs = _designs([basis.shape[1] for basis in bases], len(columns))
    every = {orders: i for i, orders in enumerate(dict.fromkeys(o for d in designs for o in d))}
    functions, centred = _functions(bases, list(every)), columns - mean
    # Of each list only what is summed over draws is looked at; these sums are made once.
    gram = functions.T @ functions / len(columns)
    moments, total = functions.T @ centred / len(columns), (centred**2).mean(axis=0)
    best: tuple[float, list[int], _Ridge] | None = None
    worse = 0
    for design in designs:
        own = [every[orders] for orders in design]
        sums = gram[np.ix_(own, own)], moments[own], total
        tried = _Ridge(*sums, _penalties(design), len(columns))
        if best is None or tried.score < best[0]:
            best, worse = (tried.score, own, tried), 0
        else:
            worse += 1
        if worse == PATIENCE:
            break
    assert best is not None
    _, own, ridge = best
    return ridge.fit(functions[:, own], columns, mean)


# -- the functions ------------------------------------------------------------------


def _basis(x: Array, most: int) -> Array | None:
    """Return orthonormal functions of an input (n, orders), the smoothest first."""
    spread = float(x.std())
    if not spread > 1e-12 * float(np.abs(x).max()):
        return None
    x = (x - x.mean()) / spread
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


def _designs(sizes: Sequence[int], draws: int) -> list[list[Orders]]:
    """Return lists of functions, each with more of them than the one before."""
    most = max(len(sizes), min(MOST, draws // EACH, CELLS // draws))
    designs: list[list[Orders]] = []
    for order in range(1, max(sizes) + TOGETHER):
        orders = _products(sizes, order, most)
        if orders is None:
            orders = [((i, k),) for i, n in enumerate(sizes) for k in range(1, min(n, order) + 1)]
        if len(orders) > most or (designs and orders == designs[-1]):
            break
        designs.append(orders)
    return designs


def _products(sizes: Sequence[int], order: int, most: int) -> list[Orders] | None:
    """Return the products whose orders add up to no more; None where they are too many."""
    found: list[Orders] = []
    for together in range(1, min(TOGETHER, order, len(sizes)) + 1):
        for chosen in combinations(range(len(sizes)), together):
            each = product(*(range(1, min(sizes[i], order) + 1) for i in chosen))
            found.extend(tuple(zip(chosen, e, strict=True)) for e in each if sum(e) <= order)
            if len(found) > most:
                return None
    return found


def _functions(bases: Sequence[Array], orders: Sequence[Orders]) -> Array:
    made = np.empty((len(bases[0]), len(orders)))
    for column, factors in enumerate(orders):
        made[:, column] = np.prod([bases[i][:, k - 1] for i, k in factors], axis=0)
    made -= made.mean(axis=0)
    return made


def _penalties(orders: Sequence[Orders]) -> Array:
    """Return how much each function is shrunk: as the fourth power of its order."""
    return np.array([float(sum(k for _, k in factors)) ** 4 for factors in orders])


# -- the fit ------------------------------------------------------------------------


class _Ridge:
    """A penalised least-squares fit of centred columns, shrunk as cross-validation says.

    Parameters
    ----------
    gram, moments, total : ndarray (k, k), (k, columns), (columns)
        Means over draws of the functions' products with each other and with the columns, and
        of the columns' squares.
    penalties : ndarray (k)
    draws : int
    """

    def __init__(
        self, gram: Array, moments: Array, total: Array, penalties: Array, draws: int
    ) -> None:
        lighter = 1 / np.sqrt(penalties)
        size, turned = np.linalg.eigh(gram * lighter * lighter[:, None])
        kept = size > NOTHING * size[-1]
        size = size[kept]
        self.turned: Array = lighter[:, None] * turned[:, kept] / np.sqrt(size)
        self.parts = self.turned.T @ moments
        kept_share = size / (size + SHRINKING[:, None])  # (shrinkings, k)
        freedom = 1.0 + kept_share.sum(axis=1)
        left = total - (self.parts**2).sum(axis=0)
        left = left.clip(0) + (1 - kept_share) ** 2 @ self.parts**2  # (shrinkings, columns)
        scores = left / (1 - np.minimum(freedom / draws, 0.9))[:, None] ** 2
        chosen = scores.argmin(axis=0)
        every = np.arange(len(total))
        largest = np.maximum(total, np.finfo(float).tiny)
        self.score = float((scores[chosen, every] / largest).sum())
        self.share = kept_share[chosen].T  # (k, columns)
        self.noise = left[chosen, every] / np.maximum(1 - freedom[chosen] / draws, 0.1)

    def fit(self, functions: Array, columns: Array, mean: Array) -> Fit:
        """Return the fit, what it is without each draw, and how far it may be off."""
        draws = len(columns)
        scores = functions @ self.turned
        fitted = mean + scores @ (self.share * self.parts)
        leverage = (1.0 + scores**2 @ self.share) / draws
        left_out = fitted - leverage / (1 - leverage.clip(max=0.9)) * (columns - fitted)
        spread = np.sqrt(self.noise / draws)
        deviations = np.vstack([np.sqrt(self.share), np.ones_like(mean)]) * spread
        return Fit(fitted, left_out, scores, deviations, _correlation(columns - fitted))


def _correlation(residuals: Array) -> Array:
    size = np.sqrt((residuals**2).mean(axis=0))
    scaled = residuals / np.where(size > 0, size, 1.0)
    return scaled.T @ scaled / len(residuals)


def _constant(columns: Array, mean: Array) -> Fit:
    draws = len(columns)
    fitted = np.broadcast_to(mean, columns.shape)
    left_out = (mean * draws - columns) / max(draws - 1, 1)
    deviations = np.sqrt(((columns - mean) ** 2).mean(axis=0) / draws)[None]
    return Fit(fitted, left_out, np.empty((draws, 0)), deviations, _correlation(columns - mean))
