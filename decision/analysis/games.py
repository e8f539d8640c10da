"""Matrix games: how each side draws lots among its ways of playing (von Neumann 1928).

One side's best lots are the solution of a linear program, the other's its dual; both are
read off the last tableau of the simplex method with Bland's rule, which never cycles
(Chvátal 1983, *Linear Programming*, ch. 3 and 15). For games of some tens of rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["matrix_game"]

Array = NDArray[np.float64]
NOTHING = 1e-11
"""What is no gain and no pivot."""
PIVOTS = 2000


def matrix_game(gains: Array) -> tuple[Array, Array]:
    """Return the lots of the side that chooses the row and gains, and of the other.

    Parameters
    ----------
    gains : ndarray (rows, columns)

    Returns
    -------
    ndarray (rows), ndarray (columns)
        Probabilities; what they secure can be worked out from `gains` alone, so that
        rounding on the way can make them no more than a little worse than the best.

    Examples
    --------
    >>> rows, columns = matrix_game(np.array([[1.0, -1.0], [-1.0, 1.0]]))
    >>> rows.round(6), columns.round(6)
    (array([0.5, 0.5]), array([0.5, 0.5]))
    """
    rows, columns = gains.shape
    wide = float(np.ptp(gains)) or 1.0
    # Maximise Σy within gains·y ≤ 1: gains that are all above 0 have a bounded solution.
    tableau = np.zeros((rows + 1, columns + rows + 1))
    tableau[:rows, :columns] = (gains - gains.min()) / wide + 1.0
    tableau[:rows, columns:-1] = np.eye(rows)
    tableau[:rows, -1] = 1.0
    tableau[-1, :columns] = -1.0
    basis = np.arange(columns, columns + rows)
    for _ in range(PIVOTS):
        entering = np.flatnonzero(tableau[-1, :-1] < -NOTHING)
        if not len(entering):
            break
        column = tableau[:rows, entering[0]]
        able = np.flatnonzero(column > NOTHING)
        ratio = tableau[able, -1] / column[able]
        tied = able[ratio <= ratio.min() + NOTHING]
        _pivot(tableau, int(tied[basis[tied].argmin()]), int(entering[0]))
        basis[tied[basis[tied].argmin()]] = entering[0]
    lots = np.zeros(columns + rows)
    lots[basis] = tableau[:rows, -1]
    return _lots(tableau[-1, columns:-1]), _lots(lots[:columns])


def _pivot(tableau: Array, row: int, column: int) -> None:
    tableau[row] /= tableau[row, column]
    others = np.arange(len(tableau)) != row
    tableau[others] -= tableau[others, column][:, None] * tableau[row]


def _lots(numbers: Array) -> Array:
    there = np.maximum(numbers, 0.0)
    total = there.sum()
    return np.asarray(there / total if total > 0 else np.full(len(there), 1.0 / len(there)))
