"""Base and the perspectives on it as models, and their options compared in one run.

Facts (chance tables) of one model go with values (amounts and weights) of another: each
pair is a row of one batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from decision.analysis.branches import DrawnBranches
from decision.analysis.envelope import tied
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError, Problem
from decision.solve.inputs import scale_of

__all__ = ["BASE", "compared", "first_of", "perspective_models"]

Array = NDArray[np.float64]
BASE = "base"
"""What the model without any perspective is called."""


def perspective_models(model: InfluenceDiagram) -> dict[str, InfluenceDiagram]:
    """Return the model as base and each of its perspectives see it, base first.

    Raises
    ------
    ModelError
        For a perspective that is not legal, or is called "base".
    """
    rows = model.perspectives.get(BASE)
    if rows is not None:
        file = rows[0].file if rows else "python"
        what, do = "a perspective is called 'base', as is the model without any", "rename it"
        raise ModelError([Problem(file, 1, what, do)])
    return {BASE: model, **{name: model.perspective(name) for name in model.perspectives}}


def compared(
    model: InfluenceDiagram,
    by: str,
    models: Sequence[InfluenceDiagram],
    facts: NDArray[np.intp],
    values: NDArray[np.intp],
) -> tuple[Array, NDArray[np.bool_]]:
    """Return what options are worth with the facts of some models and the values of others.

    Returns
    -------
    worths, ties : ndarray (options, pairs)
    """
    branches = DrawnBranches(model, by)
    tables: dict[str, Array] = {}
    for chance in model.chances:
        seen = [m.node(chance.name).table for m in models]
        if any(table is not chance.table for table in seen):
            tables[chance.name] = np.stack(seen, axis=-1)[..., facts]
    for value in model.values:
        own = [m.utility(value.name) for m in models]
        if any(not np.array_equal(table, own[0]) for table in own):
            tables[value.name] = np.stack(own, axis=-1)[..., values]
    worths = branches.worths(tables, len(facts))
    largest = np.array([scale_of(m) for m in models])[values]
    return worths, tied(worths, largest)


def first_of(options: Sequence[str], ties: NDArray[np.bool_]) -> str | None:
    """Return the first of the options that tie with the best; None if there is none."""
    return options[int(ties.argmax())] if ties.any() else None
