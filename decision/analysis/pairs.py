"""Two inputs at once: which branch is best where, and the borders between.

A two-way sensitivity analysis (Clemen and Reilly 2014, *Making Hard Decisions*, ch. 5;
Owens, Shachter and Nease 1997, "Representation and analysis of medical decision problems
with influence diagrams", Medical Decision Making 17(3), 241-262). Every point of a grid is
solved, later decisions taken anew, all other inputs at base; the model at a point is that
of two changes, first x's and then y's, so that two states of one row are well defined.

What is exact: the best option and every branch's worth at each point of the grid; the
borders along its rows and columns where `borders` says so. Two states of one row have no
straight line along x, since y's change moves x's number too; those, odds and the weights of
a model with risk are searched for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.axes import Axis, axis
from decision.analysis.borders import Border, borders_of, moved_nodes, tables_of
from decision.analysis.envelope import tied
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import COMMAND_LINE, ModelError, Problem, shorten
from decision.solve.inputs import scale_of
from decision.solve.lines import Branches
from decision.solve.solution import solve

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Regions", "pair_json", "two_way"]

Array = NDArray[np.float64]
MOST = 1001
"""Steps of a grid, at most."""
SAME = 1e-12
"""How far apart numbers may be that differ by rounding alone."""


@dataclass(frozen=True, eq=False)
class Regions:
    """Which branch is best where, of two inputs.

    Attributes
    ----------
    by : str
        The decision whose options are the branches.
    options : tuple of str
    x, y : str
        The inputs, as typed.
    xs, ys : ndarray
        The numbers of the grid, both ends included.
    totals : ndarray (options, ys, xs)
        What each branch is worth; nan where it cannot be.
    best : ndarray of int (ys, xs)
        The best option, of several that tie the one listed first; -1 where none can be.
    base : pair of float
        Where the model stands; nan where no number changes nothing.
    crossings : tuple of Border
        Along the rows and then along the columns of the grid.
    """

    by: str
    options: tuple[str, ...]
    x: str
    y: str
    xs: Array
    ys: Array
    totals: Array
    best: NDArray[np.intp]
    base: tuple[float, float]
    crossings: tuple[Border, ...]

    def _repr_html_(self) -> str:
        return str(self.preferred._repr_html_())  # type: ignore[operator]

    @property
    def preferred(self) -> pd.DataFrame:
        """The best option: a row for each number of y, a column for each of x."""
        names = np.array([*self.options, None], dtype=object)
        return self._frame(names[self.best])

    @property
    def margin(self) -> pd.DataFrame:
        """How much better the best is than the second, in points; nan where there is one."""
        low = np.where(np.isnan(self.totals), -np.inf, self.totals)
        ordered = np.sort(low, axis=0)
        alone = len(ordered) < 2 or np.isinf(ordered[-2])
        with np.errstate(invalid="ignore"):
            gap = ordered[-1] - (ordered[-2] if len(ordered) > 1 else np.nan)
        return self._frame(np.where(alone, np.nan, gap))

    def total(self, option: str) -> pd.DataFrame:
        """What one branch is worth: a row for each number of y, a column for each of x."""
        return self._frame(self.totals[self.options.index(option)])

    @property
    def borders(self) -> pd.DataFrame:
        """Where the best options change along the rows and columns of the grid.

        Columns `x`, `y`, `along` ("x" or "y"), `before`, `after` (tuples: several tie),
        `how` ("exact" or "searched").
        """
        import pandas as pd

        columns = ["x", "y", "along", "before", "after", "how"]
        rows = [{c: getattr(border, c) for c in columns} for border in self.crossings]
        return pd.DataFrame(rows, columns=columns)

    def _frame(self, cells: NDArray[Any]) -> pd.DataFrame:
        import pandas as pd

        index, columns = pd.Index(self.ys, name=self.y), pd.Index(self.xs, name=self.x)
        return pd.DataFrame(cells, index=index, columns=columns)


def two_way(
    model: InfluenceDiagram,
    x: str,
    y: str,
    steps: int = 21,
    by: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    borders: bool = True,
) -> Regions:
    """Find the best branch all over the ranges of two inputs.

    Parameters
    ----------
    model : InfluenceDiagram
    x, y : str
        Inputs that have a range (``"P(oil=dry)"``), or changes with a free number:
        ``"odds(oil=dry) *= x in 0.25..4"`` (`y` in the second). The second is made after
        the first.
    steps : int
        Points along each, ends included.
    by : str, optional
        Decision whose options are compared; default the first.
    progress : callable, optional
        Told how many lines of the grid are done, and of how many.
    borders : bool
        Whether borders are looked for, which takes longer than the grid.

    Returns
    -------
    Regions
        `preferred`, `margin` and `total(option)` over the grid, which are exact, and
        `borders`, which are where they say so.

    Raises
    ------
    ModelError
        For a text that is no input, two that cannot both move, and points at which the
        changes cannot be made.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> found = da.two_way(oil, "P(oil=dry)", "V(test_cost | test=yes)", steps=3)
    >>> found.preferred.loc[-12.5].tolist()
    ['no', 'yes', 'yes']
    """
    solve(model)  # says what is wrong with a model that has no answer
    by = model.decisions[0].name if by is None else by
    by = model.node(by, ("decision",), COMMAND_LINE).name
    across, up = axis(model, x), axis(model, y, "yx")
    if not isinstance(steps, int) or not 2 <= steps <= MOST:
        raise _refused(f"{steps} steps are asked for", f"ask for 2 to {MOST}, both ends counted")
    _refuse_one_number(model, across, up)
    xs, ys = (np.linspace(one.low, one.high, steps) for one in (across, up))
    xs[-1], ys[-1] = across.high, up.high
    done = 0

    def tell(lines: int = 1) -> None:
        nonlocal done
        done += lines
        if progress is not None:
            progress(done, 3 * steps if borders else steps)

    totals, best = _solved(model, by, across, up, xs, ys, tell)
    found = borders_of(model, by, across, up, (xs, ys), tell) if borders else []
    options = tuple(model.states(by))
    base = across.base, up.base
    return Regions(by, options, x, y, xs, ys, totals, best, base, tuple(found))


def pair_json(found: Regions) -> dict[str, Any]:
    """Return what `decision sensitivity --pair` prints, to the contract's letter."""
    names = [*found.options, None]
    return {
        "x": {"input": found.x, "values": found.xs.tolist()},
        "y": {"input": found.y, "values": found.ys.tolist()},
        "grid": [[names[i] for i in row] for row in found.best.tolist()],
    }


def _solved(
    model: InfluenceDiagram,
    by: str,
    x: Axis,
    y: Axis,
    xs: Array,
    ys: Array,
    tell: Callable[[], None],
) -> tuple[Array, NDArray[np.intp]]:
    """Return what every branch is worth on the grid, and which is best."""
    branches, names = Branches(model, by), moved_nodes(model, x, y)
    totals = np.empty((len(branches.options), len(ys), len(xs)))
    best = np.empty((len(ys), len(xs)), dtype=np.intp)
    for i, number in enumerate(ys.tolist()):
        row = _Row([_changed(model, x, y, a, number) for a in xs.tolist()], names)
        totals[:, i] = branches.worths([(row, k) for k in range(len(xs))])[:-1]
        tops = tied(totals[:, i], np.array([scale_of(made) for made in row.models]))
        best[i] = np.where(tops.any(axis=0), tops.argmax(axis=0), -1)
        tell()
    return totals, best


@dataclass(frozen=True, eq=False)
class _Row:
    """The models of a row of the grid, as points of a line."""

    models: list[InfluenceDiagram]
    names: tuple[str, ...]
    first: float = 0.0
    last: float = 0.0

    def at(self, number: float) -> dict[str, Array]:
        return tables_of(self.models[int(number)], self.names)


def _changed(model: InfluenceDiagram, x: Axis, y: Axis, a: float, b: float) -> InfluenceDiagram:
    """Return the model at a point of the grid; one that cannot be is refused with the point."""
    try:
        return model.changed(x.change(a), y.change(b))
    except ModelError as error:
        where = f"at x = {a:g}, y = {b:g}: "
        problems = [Problem(*COMMAND_LINE, where + p.what, p.do) for p in error.problems]
        raise ModelError(problems) from None


def _refuse_one_number(model: InfluenceDiagram, x: Axis, y: Axis) -> None:
    """Refuse two inputs of which the second sets all that the first changes."""
    if (x.left, x.row) == (y.left, y.row) and (x.low, x.high) == (y.low, y.high):
        what = f"'{shorten(y.text)}' is the same input twice"
        raise _refused(what, "name two that differ")
    if x.node != y.node:
        return
    names = moved_nodes(model, x, y)
    for b in (y.low, y.high):
        ends = [tables_of(_changed(model, x, y, a, b), names) for a in (x.low, x.high)]
        if any((np.abs(ends[0][name] - ends[1][name]) > SAME).any() for name in names):
            return
    what = f"'{shorten(y.text)}' sets all that '{shorten(x.text)}' changes"
    raise _refused(what, "name two that can both move")


def _refused(what: str, do: str) -> ModelError:
    return ModelError([Problem(*COMMAND_LINE, what, do)])
