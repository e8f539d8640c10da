"""Pooling: the probabilities of several perspectives put together, as a model of its own.

The *linear* pool is Σ w P(x), the *logarithmic* one proportional to Π P(x)^w; weights sum
to 1 (Genest and Zidek 1986, "Combining probability distributions: a critique and an
annotated bibliography", Statistical Science 1(1), 114-135, doi:10.1214/ss/1177013825).
The linear pool keeps whatever anybody holds possible; the logarithmic one gives each a
veto: what one holds impossible is so for all. The linear pool of an event's probability
depends on what each says of that event alone, but does not commute with learning from
evidence; the logarithmic one does.

Rows are pooled, each conditional distribution by itself. *That is not pooling the joint
distribution*: who gave the causes that came about more credit would count for more there
(their weight in a row would be w P(the row's condition)), and the pool of two models with
an independence need not have it. Row by row the pooled model keeps every arrow and no more;
only of a node without parents is it what the perspectives' joint distributions pool to.

Values are not pooled. Beliefs are asked of those who know, values of those who decide: an
average of weights is nobody's, and on scales of which each has its own it says nothing. So
amounts and weights are those of one, base or a perspective that is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from decision.analysis.perspectives import BASE, perspective_models
from decision.model.dataclass import replace
from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance
from decision.model.problems import PYTHON, ModelError, Problem, nearest, problem
from decision.model.records import Input, Source
from decision.model.rows import DEFINITION, cells_of
from decision.model.tables import combination
from decision.solve.openness import dead_ends

__all__ = ["pool"]

Array = NDArray[np.float64]
WAYS = ("linear", "logarithmic")
CITED = "Genest and Zidek 1986, Statistical Science 1(1), 114-135, doi:10.1214/ss/1177013825"


def pool(
    model: InfluenceDiagram,
    weights: Mapping[str, float],
    how: str = "linear",
    *,
    values: str = BASE,
) -> InfluenceDiagram:
    """Pool the probabilities of several perspectives into a model of its own.

    Parameters
    ----------
    model : InfluenceDiagram
    weights : mapping of perspective to float
        "base" for the model without any. Not negative; they are divided by their sum.
    how : "linear" or "logarithmic"
        Whether probabilities are averaged, or multiplied and scaled.
    values : str
        Whose amounts and weights stand; default base's.

    Returns
    -------
    InfluenceDiagram
        Each row in which those pooled differ is pooled. Its range holds what each of them
        says, its sources add one that states the weights, its rationale says who holds
        what. The model has no perspectives, scenarios and claims: those are changes of base
        and statements about it.

    Raises
    ------
    ModelError
        For a name or a weight that is none; where those pooled logarithmically hold
        nothing possible together; where the pool lets a situation happen in which no
        option is open.

    Notes
    -----
    Pooling each conditional distribution by itself is not pooling the joint distribution:
    see the module. Probabilities of what depends on several nodes are not those that the
    perspectives' own pool to.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> pooled = da.pool(oil, {"base": 1, "optimist": 1})
    >>> pooled.table("oil").round(3)
    oil  dry   wet  soaking
    0    0.4  0.36     0.24
    >>> pooled.sources["pool"].citation.split(";")[0]
    'Linear pool, row by row, of the probabilities of base (weight 0.5), optimist (weight 0.5)'
    """
    models = perspective_models(model)
    shares = _shares(models, weights, how, values)
    members = [models[name] for name in shares]
    tables = {}
    for chance in model.chances:
        seen = np.stack([m.node(chance.name).table for m in members])
        table = _pooled(model, chance, seen, np.array([*shares.values()]), how)
        if not np.array_equal(table, chance.table):
            tables[chance.name] = table
    held = models[values]
    source = _source(model, shares, how)
    rows = {**model.current_rows(), **_rows(model, tables, members, shares, how, source.id)}
    rows |= {v.name: held.current_rows()[v.name] for v in held.values if v.name in held.rows}
    chances = [replace(c, table=tables.get(c.name, c.table)) for c in model.chances]
    found = model.rebuilt(
        chances=tuple(chances),
        values=held.values,
        rows=rows,
        sources={**model.sources, source.id: source},
        title=f"{model.title} ({how} pool)".strip(),
        perspectives={},
        scenarios={},
        claim_rows=(),
    )
    stuck = dead_ends(found)
    if stuck:
        raise ModelError([replace(p, what=f"in the pool, {p.what}") for p in stuck])
    return found


def _shares(
    models: Mapping[str, InfluenceDiagram], weights: Mapping[str, float], how: str, values: str
) -> dict[str, float]:
    """Return the weights that are above 0, divided by their sum."""
    found: list[Problem] = []
    if how not in WAYS:
        what = f"there is no way to pool called '{how}'"
        found.append(problem(PYTHON, what, nearest(how, WAYS)))
    for name in (*weights, values):
        if name not in models:
            what = f"there is no perspective '{name}'"
            found.append(problem(PYTHON, what, nearest(name, models)))
    for name, weight in weights.items():
        if not (isfinite(weight) and weight >= 0):
            what = f"the weight of {name} is {weight:g}"
            found.append(problem(PYTHON, what, "give a finite number, 0 or more"))
    whole = sum(weights.values())
    if not found and not (isfinite(whole) and whole > 0):
        what, do = f"the weights sum to {whole:g}", "give one above 0, and none that is huge"
        found.append(problem(PYTHON, what, do))
    if found:
        raise ModelError(found)
    return {name: weight / whole for name, weight in weights.items() if weight > 0}


def _pooled(model: InfluenceDiagram, node: Chance, seen: Array, shares: Array, how: str) -> Array:
    """Return the pooled table of a node; rows in which all agree stay as they are."""
    across = shares.reshape(-1, *[1] * (seen.ndim - 1))
    if how == "linear":
        table = (across * seen).sum(axis=0)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = (across * np.log(seen)).sum(axis=0)
            table = np.exp(logs - logs.max(axis=-1, keepdims=True))
    agreed = (seen == seen[0]).all(axis=(0, -1))
    nothing = ~np.isfinite(table).all(axis=-1) & ~agreed
    if nothing.any():
        key = np.argwhere(nothing)[0].tolist()
        where = combination(model.axes(node.name)[:-1], key)
        what = f"those pooled hold no state of {node.name} possible together{where}"
        raise ModelError([problem(PYTHON, what, "pool linearly, or leave one of them out")])
    table /= table.sum(axis=-1, keepdims=True)
    return np.asarray(np.where(agreed[..., None], seen[0], table))


# -- provenance ---------------------------------------------------------------------


def _source(model: InfluenceDiagram, shares: Mapping[str, float], how: str) -> Source:
    listed = ", ".join(f"{name} (weight {share:.4g})" for name, share in shares.items())
    name, number = "pool", 1
    while name in model.sources:
        number += 1
        name = f"pool_{number}"
    # Where provenance is required a source has a date: what was pooled was known by then.
    date = "" if model.information_date is None else model.information_date.isoformat()
    date = date or max((source.date for source in model.sources.values()), default="")
    citation = f"{how.capitalize()} pool, row by row, of the probabilities of {listed}; {CITED}"
    note = "Pooling each conditional distribution is not pooling the joint distribution."
    return Source(name, "judgement", citation, date, note)


def _rows(
    model: InfluenceDiagram,
    tables: Mapping[str, Array],
    members: Sequence[InfluenceDiagram],
    shares: Mapping[str, float],
    how: str,
    source: str,
) -> dict[str, tuple[Input, ...]]:
    """Return the inputs of the nodes that are pooled, with who holds what."""
    rows: dict[str, list[Input]] = {name: [] for name in tables}
    for row in model.with_numbers(tables).inputs:
        if row.node not in tables:
            continue
        cells = cells_of(row, model.axes(row.node))
        if np.array_equal(tables[row.node][cells], model.node(row.node).table[cells]):
            rows[row.node].append(row)
            continue
        told = [m.node(row.node).table[cells] for m in members]
        ends = [float(row.number), *(float(p) for each in told for p in (each.min(), each.max()))]
        listed = ", ".join(
            f"{name} {_range(each)} (weight {share:.4g})"
            for (name, share), each in zip(shares.items(), told, strict=True)
        )
        before = f" Base: {row.rationale}" if row.rationale else ""
        rows[row.node].append(
            replace(
                row,
                low=min(ends if row.low is None else [row.low, *ends]),
                high=max(ends if row.high is None else [row.high, *ends]),
                sources=(*(s for s in row.sources if s != DEFINITION), source),
                rationale=f"{how.capitalize()} pool of {listed}.{before}",
            )
        )
    return {name: tuple(listed) for name, listed in rows.items()}


def _range(numbers: Array) -> str:
    low, high = numbers.min(), numbers.max()
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
