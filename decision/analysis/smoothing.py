"""Smoothing: what numbers that are known lead one to expect of something noisy.

Each input has its splines in the order of their roughness (`splines`): the first is the straight
line, each next one bends once more. Several inputs have the products of theirs whose orders add
up to no more than some number, or where they are many, sums alone. What is rougher is shrunk
more; by how much, and how many products, is chosen by generalised cross-validation (Craven and
Wahba 1979, Numerische Mathematik 31, doi:10.1007/BF01404567). The mean is never shrunk, so that
residuals sum to 0.

Many inputs together are fitted twice: a second time by what the first fit, to the draws of other
folds, expects of each column (stacking: Wolpert 1992, doi:10.1016/S0893-6080(05)80023-1), which
bends where a later choice turns. The better of the two, by what is left out, is kept.

Fits are linear in what is fitted, so that what each draw would be expected to be *had it been
left out* follows without another fit (Allen 1974, "PRESS").

n draws, k functions; one column for each thing that is fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from decision.analysis.splines import NOTHING, spline_basis
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
FOLDS = 5
PATIENCE = 2
"""Richer lists that are tried in vain: a corner needs even orders, a wave odd ones."""
SHRINKING = np.geomspace(1e-7, 1e2, 46)
TINY = float(np.finfo(float).tiny)


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

    def redrawn(self, random: np.random.Generator, times: int, rows: int) -> Iterator[Array]:
        """Yield what might as well have been expected: draws from the fit's posterior.

        Of the first rows only, and several at once: (rows, times, columns).
        """
        fitted, scores = self.fitted[:rows], self.scores[:rows]
        root = np.linalg.cholesky(self.correlation + 1e-9 * np.eye(len(self.correlation)))
        rows, columns = fitted.shape
        size = max(1, REDRAWN // fitted.size)
        for start in range(0, times, size):
            shape = (len(self.deviations), min(size, times - start), columns)
            off = random.standard_normal(shape) @ root.T * self.deviations[:, None]
            moved = scores @ off[:-1].reshape(len(off) - 1, shape[1] * columns)
            yield moved.reshape(rows, *shape[1:]) + (fitted[:, None] + off[-1])


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
    fit, directions = _fitted(inputs, columns)
    if len(inputs) <= TOGETHER or not fit.scores.shape[1]:
        return fit
    # What many inputs do together bends along few directions: those that the first fit found.
    bent, _ = _fitted(list(directions().T), columns)
    return bent if _error(bent, columns) < _error(fit, columns) else fit


def _error(fit: Fit, columns: Array) -> float:
    """Return the share of what is fitted that is not told to those who leave a draw out."""
    total = np.maximum(((columns - columns.mean(axis=0)) ** 2).mean(axis=0), TINY)
    return float((((columns - fit.left_out) ** 2).mean(axis=0) / total).sum())


def _fitted(inputs: Sequence[Array], columns: Array) -> tuple[Fit, Callable[[], Array]]:
    """Return a fit, and what gives its columns as fitted to the draws of other folds."""
    draws, mean = len(columns), columns.mean(axis=0)
    most = max(len(inputs), min(MOST, draws // EACH, CELLS // draws))
    knots = KNOTS if len(inputs) <= FEW else FEWER if 2 * len(inputs) <= most else 0
    bases = [
        basis for x in inputs if (basis := spline_basis(np.asarray(x, float), knots)) is not None
    ]
    if not bases:
        return _constant(columns, mean), lambda: np.empty((draws, 0))
    designs = _designs([basis.shape[1] for basis in bases], most)
    every = {orders: i for i, orders in enumerate(dict.fromkeys(o for d in designs for o in d))}
    functions, centred = _functions(bases, list(every)), columns - mean
    # Of each list only what is summed over draws is looked at; these sums are made once.
    gram = functions.T @ functions / draws
    moments, total = functions.T @ centred / draws, (centred**2).mean(axis=0)
    best: tuple[float, list[int], _Ridge] | None = None
    worse = 0
    for design in designs:
        own = [every[orders] for orders in design]
        sums = gram[np.ix_(own, own)], moments[own], total
        tried = _Ridge(*sums, _penalties(design), draws)
        if best is None or tried.score < best[0]:
            best, worse = (tried.score, own, tried), 0
        else:
            worse += 1
        if worse == PATIENCE:
            break
    assert best is not None
    _, own, ridge = best
    chosen = functions[:, own]
    return ridge.fit(chosen, columns, mean), lambda: ridge.elsewhere(chosen, centred)


# -- the functions ------------------------------------------------------------------


def _designs(sizes: Sequence[int], most: int) -> list[list[Orders]]:
    """Return lists of functions, each with more of them than the one before."""
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
        self.gram, self.moments, self.penalties = gram, moments, penalties
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
        largest = np.maximum(total, TINY)
        self.score = float((scores[chosen, every] / largest).sum())
        self.shrinking = SHRINKING[chosen]
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

    def elsewhere(self, functions: Array, centred: Array) -> Array:
        """Return what is expected of each draw by a fit to the draws of all other folds.

        Not by a fit without that draw alone: what is left of a mean without it says what it is.
        """
        draws = len(centred)
        found = np.empty_like(centred)
        for fold in range(FOLDS):
            own = slice(fold, draws, FOLDS)
            inside, known = functions[own], centred[own]
            rest = draws - len(inside)
            gram = (draws * self.gram - inside.T @ inside) / rest
            moments = (draws * self.moments - inside.T @ known) / rest
            for column, shrinking in enumerate(self.shrinking):
                ridge = gram + np.diag(shrinking * self.penalties)
                found[own, column] = inside @ np.linalg.solve(ridge, moments[:, column])
        return found


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
