"""Value of imperfect information: what a signal that may err is worth before a decision.

A signal S on a chance node X is one more chance node, P(s | x), which the decision and by
no-forgetting every later one observes; it depends on nothing but X. Its value is what the
best expected total (certain equivalent with risk) gains: the expected value of sample
information (Raiffa and Schlaifer 1961, *Applied Statistical Decision Theory*, ch. 4;
Howard and Matheson 1984 for influence diagrams). It lies between 0 and the value of
perfect information, and a garbling of a signal is worth no more than the signal (Blackwell
1953, "Equivalent comparisons of experiments", Annals of Mathematical Statistics 24(2),
doi:10.1214/aoms/1177729032), where the optimum is global.

One number, the accuracy a, stands for the signal that shows the true one of n states with
probability a and each other with (1 − a) / (n − 1): worth nothing at 1/n, perfect at 1,
rising between. Below 1/n it misleads, and one who knows that learns from it too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decision.analysis.information import gain, knowing, unknowable
from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance
from decision.model.numbers import read_number
from decision.model.problems import COMMAND_LINE, PYTHON, ModelError, problem, shorten
from decision.solve.solution import Solution, solve

__all__ = ["read_signal", "value_by", "value_of_signal"]

Array = NDArray[np.float64]


def value_of_signal(
    model: InfluenceDiagram, node: str, accuracy: ArrayLike, before: str | None = None
) -> float:
    """Value an observation of a chance node that may err, just before a decision.

    Parameters
    ----------
    model : InfluenceDiagram
    node : str
        Chance node that can be known before the decision.
    accuracy : float or array (states, shown)
        The probability of its showing the true state, each other equally often; or the
        probability of each thing it can show (columns), given each state (rows).
    before : str, optional
        The decision; default the first.

    Returns
    -------
    float
        Points of the total, of certain equivalent with risk.

    Raises
    ------
    ModelError
        For a node that descends from the decision, naming the path; an accuracy that is
        no probability, a matrix whose rows are no distributions over what is shown.

    Examples
    --------
    The oil wildcatter's seismic test, if it were free (Raiffa 1968, ch. 2): 32.5 with it,
    20 without.

    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> untested = oil.changed("V(test_cost | test=yes) = -1000")
    >>> test = [[0.1, 0.3, 0.6], [0.3, 0.4, 0.3], [0.5, 0.4, 0.1]]
    >>> round(da.value_of_signal(untested, "oil", test, before="drill"), 9)
    12.5
    """
    first = model.decisions[0].name if before is None else before
    decision = model.node(first, ("decision",), COMMAND_LINE).name
    found = unknowable(model, node, decision)
    if found:
        raise ModelError(found)
    given = np.asarray(accuracy, dtype=np.float64)
    states = model.states(node)
    if given.ndim == 0:
        if not 0 <= float(given) <= 1:
            what = f"an accuracy of {float(given):g} is no probability"
            raise ModelError([problem(PYTHON, what, "give a number from 0 to 1")])
        return value_by(model, solve(model), node, float(given), decision)
    rows = given.shape == (len(states), given.shape[-1]) and given.shape[-1] > 0
    if not rows or not ((given >= 0) & (abs(given.sum(axis=-1, keepdims=True) - 1) < 1e-9)).all():
        what = f"the matrix of a signal on {node} gives no probabilities for each of its states"
        do = f"give a row for each of {', '.join(states)}, each summing to 1"
        raise ModelError([problem(PYTHON, what, do)])
    return _value(model, solve(model), node, given, decision)


def read_signal(model: InfluenceDiagram, text: str, decision: str) -> tuple[str, float]:
    """Return the node and the accuracy of ``"NODE 0.8"``.

    Raises
    ------
    ModelError
        For anything else, an accuracy that is no probability, a node that cannot be known.
    """
    name, _, number = text.strip().partition(" ")
    accuracy = read_number(number.strip())
    if accuracy is None or not 0 <= accuracy <= 1:
        what = f"'{shorten(text)}' is no signal: a node and a number from 0 to 1"
        do = 'write "NODE 0.8" if it shows the true state with probability 0.8'
        raise ModelError([problem(COMMAND_LINE, what, do)])
    found = unknowable(model, name, decision)
    if found:
        raise ModelError(found)
    return name, accuracy


def value_by(
    model: InfluenceDiagram, base: Solution, node: str, accuracy: float, decision: str
) -> float:
    """Return what a signal of some accuracy is worth; `base` is the model solved."""
    number = len(model.states(node))
    if number == 1:
        return 0.0
    shown = np.full((number, number), (1 - accuracy) / (number - 1))
    np.fill_diagonal(shown, accuracy)
    return _value(model, base, node, shown, decision)


def _value(
    model: InfluenceDiagram, base: Solution, node: str, shown: Array, decision: str
) -> float:
    if node in model.information(decision):
        return 0.0
    return gain(base, solve(_signalled(model, node, shown, decision)))


def _signalled(model: InfluenceDiagram, node: str, shown: Array, decision: str) -> InfluenceDiagram:
    """Return the model in which a decision observes a signal on a node."""
    name = f"{node}_signal"
    while name in model.nodes:
        name += "_"
    states = tuple(f"shown_{i}" for i in range(shown.shape[1]))
    chances = (*model.chances, Chance(name, states, (node,), shown))
    return knowing(model.rebuilt(chances=chances), name, decision)
