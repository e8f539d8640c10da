"""Sobol indices: how much of the doubt about a difference is due to which inputs.

The variance of a difference over independent draws falls apart into what each input adds
alone, its *first-order* share, and what it adds together with others; its *total* share is
what would be left if all others were known (Sobol 1993; Saltelli et al. 2010, "Variance based
sensitivity analysis of model output", Computer Physics Communications 181(2), 259-270,
doi:10.1016/j.cpc.2009.09.018). First-order shares sum to at most 1, and a total is at least
its first order; a gap between them is interaction. Inputs that are moved together as a group
have shares as one: all numbers of a node are a group, unless each is asked for.

The model is run at two sets of Sobol's points and at mixtures of them, samples × (groups + 2)
draws in all. Points are uniform numbers that become standard normals, and these the model's
tables, as in `ranges`. The estimates and their errors are SALib's (Iwanaga, Usher and Herman
2022, Socio-Environmental Systems Modelling 4, doi:10.18174/sesmo.18155).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.analysis.branches import DrawnBranches
from decision.analysis.draws import chunk_rows, worths_given
from decision.analysis.envelope import tied
from decision.analysis.ranges import RangeSampler
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import PYTHON, ModelError, nearest, problem
from decision.solve.inputs import scale_of
from decision.solve.solution import solve

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["sobol"]

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]
LARGEST = 10_600
"""Inputs that Sobol's points are known for, twice over."""
STILL = 1e-12
"""Share of the largest |total| below which a difference doesn't move."""
NORMAL = 1.959963984540054
"""Of the standard normal, at 97.5%: SALib's errors are half as wide as its intervals."""


def sobol(
    model: InfluenceDiagram,
    option: str | None = None,
    against: str | None = None,
    by: str | None = None,
    *,
    samples: int = 1024,
    seed: int,
    draw: str = "independent",
    inputs: Iterable[str] | None = None,
    each: bool = False,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Share out the variance of a difference between branches among the inputs.

    Parameters
    ----------
    model : InfluenceDiagram
        With ranges.
    option, against : str, optional
        The difference of which branches; `option` alone: its total. Default: the two best
        at base.
    by : str, optional
        Decision whose options are the branches; default the first.
    samples : int
        Of each group, a power of 2.
    seed : int
        Zero or more.
    draw : "independent" or "linked"
        As in `uncertainty`.
    inputs : iterable of str, optional
        What moves, in the small language (linked, a chance node by its name); all else
        stays at base. Default: all.
    each : bool
        Whether each input is a group of its own; else those of a node are one.
    progress : callable, optional
        Told how many draws are done, and of how many.

    Returns
    -------
    DataFrame
        Index `input` (a node, or an input); columns `first`, `first_error`, `total`,
        `total_error`: shares of the variance with their standard errors, the largest total
        first. Where the difference never moves the shares are nan.

    Raises
    ------
    ModelError
        For a model without ranges, a branch that cannot be had in some draw, a wrong name.
    ImportError
        Without SALib, which the extra `sobol` brings.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> da.sobol(oil, samples=256, seed=1)["total"].round(1)
    input
    test_cost    0.4
    seismic      0.4
    oil          0.3
    payoff       0.2
    Name: total, dtype: float64
    """
    analyze = _salib()
    if samples < 2 or samples & (samples - 1) or seed < 0:
        what = f"samples is {samples} and seed is {seed}"
        raise ModelError([problem(PYTHON, what, "give a power of 2, and 0 or more")])
    if draw not in ("independent", "linked"):
        what = f"there is no way to draw called '{draw}'"
        raise ModelError([problem(PYTHON, what, nearest(draw, ("independent", "linked")))])
    solve(model)  # says what is wrong with a model that has no answer
    by = model.node(model.decisions[0].name if by is None else by, ("decision",)).name
    goal = _goal(model, by, option, against)
    drawing = RangeSampler(model, draw == "linked")
    moved = _moved(drawing.names, inputs)
    groups = _groups(model, [drawing.names[i] for i in moved], each)
    names = list(dict.fromkeys(groups))
    done, rows = 0, samples * (len(names) + 2)
    found = np.empty(rows)
    branches = DrawnBranches(model, by)
    for normals in _points(samples, moved, groups, names, len(drawing.names), seed,
                           chunk_rows(model, drawing.cells)):  # fmt: skip
        tables = drawing.made_of(normals)[1]
        number = normals.shape[1]
        found[done : done + number] = goal(branches.worths(tables, number))
        done += number
        if progress is not None:
            progress(done, rows)
    if np.isnan(found).any():
        what = "the branch cannot be had in some draws"
        raise ModelError([problem(PYTHON, what, "ask for a branch that can always be had")])
    if np.ptp(found) <= STILL * scale_of(model):
        shares = {key: np.full(len(names), np.nan) for key in ("S1", "S1_conf", "ST", "ST_conf")}
    else:
        asked = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
        shares = analyze(asked, found, calc_second_order=False, seed=seed + 1)
    return _frame(names, shares)


def _salib() -> Callable[..., Any]:
    try:
        from SALib.analyze.sobol import analyze
    except ImportError as error:
        message = "Sobol indices need SALib: install it with pip install 'decision[sobol]'"
        raise ImportError(message) from error
    found: Callable[..., Any] = analyze
    return found


def _frame(names: Sequence[str], shares: Any) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "first": shares["S1"],
            "first_error": shares["S1_conf"] / NORMAL,
            "total": shares["ST"],
            "total_error": shares["ST_conf"] / NORMAL,
        },
        index=pd.Index(names, name="input"),
    )
    return frame.sort_values("total", ascending=False, kind="stable")


def _goal(
    model: InfluenceDiagram, by: str, option: str | None, against: str | None
) -> Callable[[Array], Array]:
    """Return what is asked of the branches' worths (options, rows)."""
    options = model.states(by)
    for name in (option, against):
        if name is not None and name not in options:
            what = f"{by} has no option '{name}'"
            raise ModelError([problem(PYTHON, what, nearest(name, options))])
    if option is None:
        worths = worths_given(model, {}, by)[:, 0]
        there = [i for i in _by_worth(worths, scale_of(model)) if options[i] != against]
        option = options[there[0]]
        against = against or (options[there[1]] if len(there) > 1 else None)
    one = options.index(option)
    other = None if against is None else options.index(against)

    def goal(worths: Array) -> Array:
        own: Array = worths[one]
        return own if other is None else own - worths[other]

    return goal


def _by_worth(worths: Array, scale: float) -> list[int]:
    """Return the options that can be had, the best first; of those that tie the first."""
    left, order = worths.copy(), []
    while not np.isnan(left).all():
        order.append(int(tied(left[:, None], np.array([scale])).argmax()))
        left[order[-1]] = np.nan
    return order


# -- what moves ---------------------------------------------------------------------


def _moved(names: Sequence[str], inputs: Iterable[str] | None) -> list[int]:
    """Return the positions of what moves."""
    asked = list(names) if inputs is None else list(dict.fromkeys(inputs))
    wrong = [name for name in asked if name not in names]
    if wrong:
        found = [
            problem(PYTHON, f"there is no drawn input '{name}'", nearest(name, names))
            for name in wrong
        ]
        raise ModelError(found)
    if not asked:
        raise ModelError([problem(PYTHON, "no input has a range", "give low and high")])
    if len(asked) > LARGEST:
        what = f"{len(asked)} inputs have a range, more than {LARGEST}"
        raise ModelError([problem(PYTHON, what, "ask for some of them: inputs=…")])
    place = {name: i for i, name in enumerate(names)}
    return [place[name] for name in asked]


def _groups(model: InfluenceDiagram, names: Sequence[str], each: bool) -> list[str]:
    """Return the group of each input: itself, or its node."""
    if each:
        return list(names)
    nodes = {row.name: row.node for row in model.inputs}
    return [nodes.get(name, name) for name in names]


def _points(
    samples: int,
    moved: Sequence[int],
    groups: Sequence[str],
    names: Sequence[str],
    number: int,
    seed: int,
    rows: int,
) -> Iterator[Array]:
    """Yield standard normals (inputs, rows) at Saltelli's points, some samples at once.

    Of each sample: its first point, for each group that point with the group's inputs of the
    second, the second. This is the order in which SALib expects what is found there.
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    base = qmc.Sobol(d=2 * len(moved), scramble=True, rng=seed).random(samples)
    base = ndtri(np.clip(base, 2.0**-53, 1 - 2.0**-53))
    first, second = base[:, : len(moved)], base[:, len(moved) :]
    member = np.array([[group == name for group in groups] for name in names])
    mixed = np.vstack([np.zeros(len(moved)), member, np.ones(len(moved))]).astype(bool)
    step = max(1, rows // len(mixed))
    for start in range(0, samples, step):
        a, b = first[start : start + step, None], second[start : start + step, None]
        part = np.where(mixed, b, a).reshape(-1, len(moved))
        normals = np.zeros((number, len(part)))
        normals[moved] = part.T
        yield normals
