"""Unrolling a diagram into its decision tree: forward, back, and into records."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from decision.model.diagram import InfluenceDiagram
from decision.model.problems import COMMAND_LINE, ModelError, problem
from decision.tree.merging import Batch, merged
from decision.tree.nodes import Branch, Tree, TreeNode
from decision.tree.situations import Policy, TooManyError
from decision.tree.steps import steps_of
from decision.tree.unfolding import Unfolding, unfolding_of

__all__ = ["unroll"]


def unroll(
    model: InfluenceDiagram,
    *,
    given: Mapping[str, str] | None = None,
    depth: int | None = None,
    fold: bool = False,
    strategy_only: bool = False,
    limit: int = 100_000,
    policy: Policy | None = None,
) -> Tree:
    """Return the decision tree of a diagram, rolled back.

    Decisions and observations stand in the order in which they become known; chance
    nodes that no decision observes follow the last decision in file order, without
    those that no value depends on. An impossible branch is not there, and a node with a
    single branch (an outcome that is certain, the only open option) is passed over.
    Equal subtrees are one node.

    Parameters
    ----------
    model : InfluenceDiagram
    given : mapping of decision to option, optional
        Decisions that are set.
    depth : int, optional
        Forks on a path after which what follows is folded into its expected value.
    fold : bool
        Whether to end after the last decision, with conditional expectations.
    strategy_only : bool
        Whether to show the chosen branches alone.
    limit : int
        Refuse above so many nodes.
    policy : mapping, optional
        A rule for each decision, as `Solution.policy` has it; without one, the best
        options by roll-back (perfect memory) or the solver's policy (limited memory:
        what a decision does not know it cannot go by, so its tree takes one as given).

    Returns
    -------
    Tree

    Raises
    ------
    ModelError
        Above the limit, with the number of nodes; where no option is open.

    Examples
    --------
    >>> from decision import read_model, unroll
    >>> unroll(read_model("data/examples/oil_wildcatter"))
    <Tree 'Oil wildcatter': 5 decisions, 9 chance nodes, 8 ends; expected value 22.5>
    """
    if policy is None:
        policy = _policy_of_solver(model, given or {}) if model.memory == "limited" else {}
    try:
        unfolding = unfolding_of(model, given or {}, policy, depth, fold, strategy_only)
    except TooManyError as error:
        what = f"the tree has more than {error.count:,} branches before its last decision"
        do = "let decisions observe less, or set some with given"
        raise ModelError([problem(COMMAND_LINE, what, do)]) from None
    try:
        steps = steps_of(unfolding)
    except TooManyError as error:
        raise _refusal(f"more than {error.count:,}", limit) from None
    batches = merged(unfolding, steps)
    count = sum(len(batch.expected) for batch in batches)
    if count > limit:
        raise _refusal(f"{count:,}", limit)
    return Tree(model, _records(unfolding, batches), 0, unfolding)


def _policy_of_solver(model: InfluenceDiagram, given: Mapping[str, str]) -> Policy:
    from decision.solve.solution import solve

    return solve(model, given=given).policy


def _refusal(count: str, limit: int) -> ModelError:
    what = f"the tree has {count} nodes, above the limit of {limit:,}"
    do = "unroll it to a depth (--depth), or show the strategy alone (--strategy-only)"
    return ModelError([problem(COMMAND_LINE, what, do)])


def _records(unfolding: Unfolding, batches: list[Batch]) -> tuple[TreeNode, ...]:
    """Return the nodes numbered from the root on, level by level, as first reached."""
    levels, risk = unfolding.course.levels, unfolding.course.model.risk
    place = {batch.first + i: (batch, i) for batch in batches for i in range(len(batch.expected))}
    waiting: list[dict[int, None]] = [{} for _ in range(len(levels) + 1)]
    root = len(place) - 1
    waiting[place[root][0].level][root] = None
    order: list[int] = []
    for bucket in waiting:
        for old in bucket:
            order.append(old)
            batch, i = place[old]
            for child in batch.child[i][batch.shown[i]].tolist():
                waiting[place[child][0].level][child] = None
    number = {old: new for new, old in enumerate(order)}
    nodes = []
    for new, old in enumerate(order):
        batch, i = place[old]
        equivalent = None if risk is None else float(batch.certain[i])
        expected = float(batch.expected[i])
        if batch.level < 0:
            nodes.append(TreeNode(new, "end", "", expected, (), equivalent))
            continue
        level = levels[batch.level]
        chance = level.kind == "chance"
        branches = tuple(
            Branch(
                level.states[s],
                float(batch.probability[i, s]) if chance else None,
                None if chance else bool(s == batch.pick[i]),
                number[int(batch.child[i, s])],
            )
            for s in np.flatnonzero(batch.shown[i])
        )
        nodes.append(TreeNode(new, level.kind, level.name, expected, branches, equivalent))
    return tuple(nodes)
