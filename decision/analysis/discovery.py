"""Scenario discovery: in which corner of the inputs a branch loses.

All inputs are drawn many times (`draws`); the draws in which another branch is better are the
cases of interest, and boxes of few inputs that hold many of them are peeled out (`peeling`;
Bryant and Lempert 2010, doi:10.1016/j.techfore.2009.08.002). A box is told in the small
language, as the conditions under which the advice is not to be trusted.

Peeling finds corners in noise too, the more so among hundreds of inputs (Friedman and Fisher
1999). Therefore half of the draws find the boxes, and the other half, which finding never
saw, says how dense they are, what they cover and whether a limit adds anything. Only the
inputs whose ranks go most with the branch's lead are peeled: all others are told apart from
noise by nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from decision.analysis.cornering import Cases, corners, lead_of
from decision.analysis.corners import Discovery
from decision.analysis.draws import Drawn, drawn_worths, worths_given
from decision.analysis.envelope import tied
from decision.analysis.limits import Wording
from decision.analysis.ranking import Ranked
from decision.analysis.sampling import Around, sampler
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import PYTHON, ModelError, nearest, problem
from decision.solve.inputs import scale_of
from decision.solve.mapping import Progress

__all__ = ["Discovery", "discover"]

Array = NDArray[np.float64]
AMONG = 30
"""Inputs that are peeled."""
KEPT = 2**30
"""Bytes of drawn inputs that are kept at once; more are drawn in several passes."""
ROUNDING = 1e-12
"""Share of the largest |total| within which two leads are one but for rounding."""


def discover(
    model: InfluenceDiagram,
    option: str | None = None,
    by: str | None = None,
    *,
    draws: int = 10_000,
    seed: int,
    draw: str | Around = "linked",
    inputs: Iterable[str] | None = None,
    boxes: int = 3,
    restricted: int = 3,
    density: float | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Discovery:
    """Find the corners of the inputs in which a branch is not the best.

    Parameters
    ----------
    model : InfluenceDiagram
    option : str, optional
        The branch that is to lose; default the best at base.
    by : str, optional
        Decision whose options are the branches; default the first.
    draws : int
        Two or more. Half of them find the boxes, the other half judges them.
    seed : int
        Zero or more. The same seed gives the same figures, whoever runs them.
    draw : "linked", "independent" or Around
        As in `uncertainty`.
    inputs : iterable of str, optional
        Inputs that a box may restrict, in the small language; linked, a chance node by its
        name. Default: those 30 whose ranks go most with the branch's lead.
    boxes : int
        How many are sought, at most.
    restricted : int
        How many inputs a box may restrict.
    density : float, optional
        Of the boxes on the way the largest that is so dense is taken; default the one
        with the highest weighted accuracy. Denser boxes cover less.
    executor : Executor, optional
        Who runs the draws.
    progress : callable, optional
        Told how many draws are done, and of how many.

    Returns
    -------
    Discovery
        Its `boxes` and `limits` are DataFrames, its `text` says them.

    Raises
    ------
    ModelError
        For a model that has no answer, or has none in some draw; a name that is none.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> found = da.discover(oil, draws=2000, seed=1)
    >>> found.option, found.boxes["density"].iloc[0] > found.share
    ('yes', np.True_)
    """
    for name, number, least in (("draws", draws, 2), ("boxes", boxes, 1)):
        if number < least:
            raise ModelError([problem(PYTHON, f"{name} is {number}", f"give {least} or more")])
    if restricted < 1:
        raise ModelError([problem(PYTHON, f"restricted is {restricted}", "give 1 or more")])
    by = model.node(model.decisions[0].name if by is None else by, ("decision",)).name
    scale = scale_of(model)
    option = _branch(model, by, option, scale)
    names = sampler(model, draw).names if inputs is None else tuple(dict.fromkeys(inputs))
    found, numbers = _drawn(
        model, by, option, names, draws, seed, draw, executor, progress, most=inputs is None
    )
    ties = tied(found.worths, np.full(draws, scale))
    cases = Cases(
        tuple(numbers),
        np.stack(list(numbers.values())) if numbers else np.empty((0, draws)),
        ~ties[found.options.index(option)],
        found,
        option,
        ties.argmax(axis=0),
    )
    return Discovery(
        by,
        option,
        draws,
        seed,
        draw,
        tuple(numbers),
        int(cases.loses[cases.half :].sum()) / (draws - cases.half),
        tuple(corners(cases, boxes, restricted, density, Wording(model, draw))),
    )


# -- what is drawn ------------------------------------------------------------------


def _branch(model: InfluenceDiagram, by: str, option: str | None, scale: float) -> str:
    """Return the branch that is to lose."""
    options = model.states(by)
    if option is None:
        base = worths_given(model, {}, by)
        return options[int(tied(base, np.array([scale])).argmax())]
    if option not in options:
        what = f"{by} has no option '{option}'"
        raise ModelError([problem(PYTHON, what, nearest(option, options))])
    return option


def _drawn(
    model: InfluenceDiagram,
    by: str,
    option: str,
    names: Sequence[str],
    draws: int,
    seed: int,
    draw: str | Around,
    executor: Executor | None,
    progress: Progress | None,
    most: bool,
) -> tuple[Drawn, Mapping[str, Array]]:
    """Draw; return what was drawn of the inputs that go most with the branch's lead."""
    size = max(1, KEPT // (8 * draws))
    passes = [names[i : i + size] for i in range(0, len(names), size)] or [()]
    kept: dict[str, Array] = {}
    strength: dict[str, float] = {}
    for number, part in enumerate(passes):

        def told(done: int, _: int, before: int = number * draws) -> None:
            if progress is not None:
                progress(before + done, len(passes) * draws)

        found = drawn_worths(
            model, by, draws=draws, seed=seed, draw=draw, keep=part, executor=executor,
            progress=told,
        )  # fmt: skip
        if not most:
            kept |= found.numbers
            continue
        # By the half that finds: the half that judges is not to have chosen the inputs.
        lead = lead_of(found, option)[: draws // 2]
        there = ~np.isnan(lead)
        ranked = Ranked(lead[there], ROUNDING * scale_of(model))
        for name, drawn in found.numbers.items():
            r = ranked.correlation(drawn[: draws // 2][there]) if there.any() else np.nan
            strength[name] = 0.0 if np.isnan(r) else abs(r)
        kept |= found.numbers
        strongest = sorted(kept, key=lambda name: -strength[name])[:AMONG]
        kept = {name: np.array(kept[name]) for name in strongest if strength[name]}
    return found, kept
