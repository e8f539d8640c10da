"""Which compiled plans a page needs to solve a model anew, and which model is too much for it.

The page runs the very steps that `decision.solve` compiles (solver.js), so that its numbers
are Python's to rounding. How it finds the best rules is its *way*:

`search`
    With perfect memory the plan itself finds the best option in every situation.
`list`
    Decisions that forget have few combinations of rules: all are followed and compared.
`follow`
    They have many: the page follows the rules of the base and looks for no others.
`still`
    Too large, or a mixture that none of these covers: the page shows the base alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from typing import Any

from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError
from decision.solve.compiled import Plan
from decision.solve.inputs import open_options
from decision.solve.plan import plan
from decision.solve.queries import Query, query_plan

__all__ = ["Ways", "plan_data", "stuck_somewhere", "ways_of"]

FEW = 4096
"""Combinations of rules that a page follows one by one."""
OPERATIONS = 20_000_000
"""Of all runs that one change takes: about a tenth of a second."""
TREE = 300_000
"""Cells of the table over all that the last decision knows."""

Rules = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Ways:
    """How a page answers for a model.

    Attributes
    ----------
    way : {"search", "list", "follow", "still"}
    why : str
        What a reader has to know about that; may be empty.
    plans : mapping of name to Plan
    rules : tuple of (decision, names)
        What the other decisions' rules look at where one is set.
    free : tuple of (decision, names)
        What all decisions' rules look at where none is; nothing where that is no other
        question, because the decision that is set knows nothing.
    levels : tuple of str
        The variables of the tree in time order; none where it is left out.
    no_tree : str
        Why it is left out.
    """

    way: str
    why: str = ""
    plans: dict[str, Plan] = field(default_factory=dict)
    rules: Rules = ()
    free: Rules = ()
    levels: tuple[str, ...] = ()
    no_tree: str = ""


def ways_of(model: InfluenceDiagram, by: str) -> Ways:
    """Return how a page answers for a model, with the plans that it takes."""
    try:
        found = _limited(model, by) if model.memory == "limited" else _perfect(model, by)
    except ModelError as error:
        return Ways("still", f"The page does not solve anew: {error.problems[0].what}.")
    if found.way == "still":
        return found
    cost = sum(
        each.cost.operations * (_runs(model, by) if name in ("forced", "follow") else 1)
        for name, each in found.plans.items()
        if name not in ("tree", "worth", "worthFree")
    )
    if cost > OPERATIONS:
        why = f"The page shows the base only: each change would take {cost:,} operations"
        return Ways("still", f"{why}, more than it can do while you wait.")
    return found


def _runs(model: InfluenceDiagram, by: str) -> int:
    return len(model.states(by))


def _perfect(model: InfluenceDiagram, by: str) -> Ways:
    structure = model.structure
    together = model.decisions[0].name == by and not model.information(by)
    best = plan(structure, frozenset() if together else frozenset([by]))
    plans = {"best" if together else "forced": best}
    looks = {c.decision: c.given if c.option is not None else () for c in best.choices} | {by: ()}
    rules = tuple(looks.items())
    others = tuple((name, given) for name, given in rules if name != by)
    plans["follow"] = _follow(model, by, rules, others)
    free: Rules = ()
    if not together:
        plans["free"] = whole = plan(structure)
        free = tuple((c.decision, c.given if c.option is not None else ()) for c in whole.choices)
        plans["whole"] = _follow(model, by, free, free)
    levels, no_tree = _levels(model)
    if levels:
        plans["tree"] = _tree(model, levels)
    return Ways("search", "", plans, others, free, levels, no_tree)


def _limited(model: InfluenceDiagram, by: str) -> Ways:
    no_tree = "Decisions here forget what earlier ones knew, so there is no tree to roll back."
    if model.risk is not None or model.structure.guards:
        mix = "an attitude to risk" if model.risk is not None else "options that may be closed"
        why = f"The page shows the base only: it does not search rules that forget with {mix}."
        return Ways("still", why, no_tree=no_tree)
    every = tuple((d.name, d.observes) for d in model.decisions)
    others = tuple((name, looks) for name, looks in every if name != by)
    rules = tuple((name, () if name == by else looks) for name, looks in every)
    plans = {"worth": _worth(model, rules), "follow": _follow(model, by, rules, others)}
    runs = _combinations(model, others) * _runs(model, by)
    operations = runs * plans["worth"].cost.operations
    free = every if dict(every)[by] else ()
    if free:
        plans |= {"worthFree": _worth(model, free), "whole": _follow(model, by, free, free)}
        runs += _combinations(model, free)
        operations += _combinations(model, free) * plans["worthFree"].cost.operations
    found = Ways("list", "", plans, others, free, no_tree=no_tree)
    if runs <= FEW and operations <= OPERATIONS:
        return found
    why = (
        "After a change the page follows the rules that are best in the base and does not look "
        "for better ones: the true totals may be higher."
    )
    return replace(found, way="follow", why=why)


def _combinations(model: InfluenceDiagram, rules: Rules) -> int:
    """Return how many combinations of rules there are; where there are too many, any number so."""
    found = 1
    for decision, looks in rules:
        situations = prod(len(model.states(name)) for name in looks)
        if situations > FEW:
            return FEW + 1
        found *= len(model.states(decision)) ** situations
    return found


def _worth(model: InfluenceDiagram, rules: Rules) -> Plan:
    return query_plan(model.structure, rules, (((), "total", ""),))


def _follow(model: InfluenceDiagram, by: str, rules: Rules, asked: Rules) -> Plan:
    """Return the plan of what follows under rules: amounts, marginals, situations."""
    queries: list[Query] = [((), "amount", value.name) for value in model.values]
    queries += [((name,), "", "") for name in model.time_order if name != by]
    queries += [(looks, "", "") for _, looks in asked]
    return query_plan(model.structure, rules, tuple(queries))


def _levels(model: InfluenceDiagram) -> tuple[tuple[str, ...], str]:
    last = model.decisions[-1].name
    known = {*model.information(last), last}
    levels = tuple(name for name in model.time_order if name in known)
    cells = prod(len(model.states(name)) for name in levels)
    if cells > TREE:
        return (), f"The tree is left out of the page: it would have {cells:,} ends."
    return levels, ""


def _tree(model: InfluenceDiagram, levels: tuple[str, ...]) -> Plan:
    """Return the plan of how likely the tree's ends are, and what they are worth in all."""
    rules = tuple((d.name, ()) for d in model.decisions)
    logarithmic = model.risk is not None
    queries = [(levels, "", ""), (levels, "all" if logarithmic else "total", "")]
    return query_plan(model.structure, rules, tuple(queries), logarithmic=logarithmic)


def plan_data(found: Plan, axes: tuple[str, ...]) -> dict[str, Any]:
    """Return a plan as plain lists, axes by number.

    The step that looks whether options may tie once all of the total is counted is left out:
    it changes no number by more than rounding.
    """
    number = {name: i for i, name in enumerate(axes)}
    return {
        "inputs": [list(key) for key, _ in found.inputs],
        "scopes": [[number[name] for name in scope] for scope in found.scopes],
        "steps": [
            [
                step.kind,
                list(step.inputs),
                step.output,
                [number[name] for name in step.summed],
                int(step.logarithmic),
            ]
            for step in found.steps
            if step.kind != "near" and step.output != found.near
        ],
        "value": found.value,
        "outputs": list(found.outputs),
        "dead": list(found.dead),
        "logarithmic": found.logarithmic,
        "choices": [[c.decision, list(c.given), c.option, c.worths] for c in found.choices],
    }


def stuck_somewhere(model: InfluenceDiagram) -> bool:
    """Whether a decision has no open option in some situation, be it an impossible one."""
    for decision in model.decisions:
        if decision.only_when:
            table = open_options(model, decision.name)
            rows = product(*(range(n) for n in table.shape[:-1]))
            if any(not table[row].any() for row in rows):
                return True
    return False
