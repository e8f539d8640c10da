"""What each option leads to: the total, every value in its own unit, every probability.

A branch is one option of a decision set in every situation; all other decisions,
earlier ones too, are taken optimally, knowing what they know (the forcing of
`Solution.branches`). Its row holds E[total | option], E[v | option] for each value node
in its natural unit and P(x | option) for each state of each chance node, all under the
strategy that is best with that option set. Under exponential utility the strategy goes
by certain equivalent, and expectations stay expectations.

Totals in points say little to most readers. `worth_of` gives the exchange rate between
points and the chance of an event, `equivalent` translates differences with it (a swing
weight read the other way round: von Winterfeldt and Edwards 1986, *Decision Analysis
and Behavioral Research*, ch. 8; "even swaps", Hammond, Keeney and Raiffa 1998, Harvard
Business Review 76(2)).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from decision.model.changes import intervene
from decision.model.checking import check_question
from decision.model.diagram import InfluenceDiagram
from decision.model.language import Assignment, parse_question
from decision.model.problems import COMMAND_LINE, ModelError, nearest, problem
from decision.solve.solution import Solution, solve

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["equivalent", "outcomes", "outcomes_json", "worth_of"]


def outcomes(
    model: InfluenceDiagram, by: str | None = None, reference: str | None = None
) -> pd.DataFrame:
    """Return what happens under each option of a decision, all else optimal.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        The decision; default the first in time order.
    reference : str, optional
        The option that `difference` compares with; default the first listed.

    Returns
    -------
    DataFrame
        Index: the options, named by the decision. Columns, in the small language:
        ``E(total)`` (weighted points), ``difference`` from the reference's total,
        ``certain_equivalent`` (with risk only), ``E(value)`` for each value node in its
        natural unit, ``P(node=state)`` for each chance node. A branch in which no
        earlier choice avoids a situation where the option is closed is a row of NaN.

    Raises
    ------
    ModelError
        For an unknown decision or option.

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> da.outcomes(oil)[["E(total)", "difference", "E(test_cost)"]].round(6)
          E(total)  difference  E(test_cost)
    test
    yes       22.5         0.0         -10.0
    no        20.0        -2.5           0.0
    """
    import pandas as pd

    whole = outcomes_json(model, by)
    options = model.states(whole["by"])
    if reference is not None and reference not in options:
        what = f"{whole['by']} has no option '{reference}'"
        raise ModelError([problem(COMMAND_LINE, what, nearest(reference, options))])
    rows = []
    for branch in whole["branches"]:
        row = {"E(total)": branch["expected_value"], "difference": None}
        if model.risk is not None:
            row["certain_equivalent"] = branch["certain_equivalent"]
        row |= {f"E({name})": amount for name, amount in branch["values"].items()}
        for name, states in branch["probabilities"].items():
            row |= {f"P({name}={state})": p for state, p in states.items()}
        rows.append(row)
    index = pd.Index(options, name=whole["by"])
    frame = pd.DataFrame(rows, index=index, dtype=float)
    totals = frame["E(total)"].to_numpy(dtype=float)
    frame["difference"] = totals - totals[options.index(reference or options[0])]
    return frame


def outcomes_json(model: InfluenceDiagram, by: str | None = None) -> dict[str, Any]:
    """Return the outcomes as plain lists and dicts, as `decision outcomes` prints them.

    A branch that is closed has null for every number.
    """
    by = by or model.decisions[0].name
    model.node(by, ("decision",), COMMAND_LINE)
    found = solve(model).branch_solutions(by)
    return {"by": by, "branches": [_branch(model, option, each) for option, each in found]}


def _branch(model: InfluenceDiagram, option: str, solution: Solution | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "option": option,
        "expected_value": None if solution is None else solution.expected_value,
    }
    if model.risk is not None:
        entry["certain_equivalent"] = None if solution is None else solution.certain_equivalent
    entry["values"] = {
        value.name: None if solution is None else solution.expectation(value.name)
        for value in model.values
    }
    entry["probabilities"] = {}
    for chance in model.chances:
        states = chance.states
        p = [None] * len(states) if solution is None else _marginal(solution, chance.name)
        entry["probabilities"][chance.name] = dict(zip(states, p, strict=True))
    return entry


def _marginal(solution: Solution, name: str) -> list[float]:
    marginal: list[float] = solution.probabilities([name]).tolist()
    return marginal


def worth_of(model: InfluenceDiagram, question: str) -> float:
    """Return how many points of the total the certainty of an event is worth.

    Parameters
    ----------
    model : InfluenceDiagram
    question : str
        The chance of states of one chance node: ``"P(escalation=major_war)"``.

    Returns
    -------
    float
        Points, negative for an event that is bad: ``0.01 * worth_of(...)`` is what one
        more percentage point of its probability adds to the total.

    Raises
    ------
    ModelError
        For anything but ``P(node=state)`` of a chance node, and where the node never is
        in, or never out of, these states.

    Notes
    -----
    With S the event and π the model's best strategy, held fixed,

        worth = Σ_{s in S} P(s | S) T(s) − Σ_{s not in S} P(s | not S) T(s),
        T(s) = E[total | do(node=s); π],

    where do(s) makes the node s and cuts the arcs into it: all that the node brings about
    counts (a war's deaths, that it may turn nuclear), its own causes do not (a war is not
    taken as a sign of bad talks before). Along proportional covariation of the node's
    marginal the total is linear, so the rate holds for any change of it.

    It is wrong as a price where a change of the chance would come with a change of its
    causes; where the event's effect depends on the node's parents (they are averaged over,
    as they are under π); and where so much changes that other decisions would be better:
    π stays. An equivalent larger than the probability itself can be stated but not had.
    """
    event = _event(model, question)
    best = solve(model)
    states = model.states(event.name)
    p = best.probabilities([event.name])
    inside = np.array([state in event.states for state in states])
    for part, what in ((inside, "never happens"), (~inside, "always happens")):
        if not p[part].sum() > 0:
            do = "ask for an event that may happen or not"
            raise ModelError([problem(COMMAND_LINE, f"{event} {what} in this model", do)])
    totals = np.array(
        [
            solve(intervene(model, {event.name: state})).expected_value_of(best.policy)
            if p[i] > 0
            else 0.0
            for i, state in enumerate(states)
        ]
    )
    means = [float((p * totals)[part].sum() / p[part].sum()) for part in (inside, ~inside)]
    return means[0] - means[1]


def equivalent(frame: pd.DataFrame, model: InfluenceDiagram, question: str) -> pd.Series[float]:
    """Return differences of the total as changes of a probability worth as much.

    Parameters
    ----------
    frame : DataFrame
        As `outcomes` gives it.
    model : InfluenceDiagram
        The model it is of.
    question : str
        ``"P(escalation=major_war)"``.

    Returns
    -------
    Series
        Over the options, named by the question: −0.003 says that the option is better
        than the reference by as much as 0.3 percentage points less chance of war, all
        else equal, would be.

    Raises
    ------
    ModelError
        As `worth_of`; and where the event makes no difference to the total.

    Notes
    -----
    difference / `worth_of`; its notes say when that is wrong.
    """
    worth = worth_of(model, question)
    scale = max(abs(model.utility(value.name)).max() for value in model.values)
    if abs(worth) <= 1e-12 * scale:
        what = f"the total does not depend on {question}"
        raise ModelError([problem(COMMAND_LINE, what, "ask for an event that matters")])
    return (frame["difference"] / worth + 0.0).rename(question)


def _event(model: InfluenceDiagram, text: str) -> Assignment:
    question = parse_question(text.strip(), COMMAND_LINE)
    found = check_question(model, question, COMMAND_LINE)
    if found:
        raise ModelError(found)
    single = question.kind == "P" and len(question.event) == 1 and not question.conditions
    if not single or model.nodes[question.event[0].name].kind != "chance":
        do = "ask for one chance node without conditions: P(node=state)"
        raise ModelError([problem(COMMAND_LINE, f"'{text}' is not the chance of one event", do)])
    return question.event[0]
