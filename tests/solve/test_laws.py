"""Laws of decision theory that any solution obeys, on random models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Decision, Value
from decision.solve.inputs import scale_of
from decision.solve.solution import solve
from tests.models import models, seeded
from tests.solve.test_agreement import assert_same_rows, close

PLAIN = {"guards": False, "risk": False}


def worth(solution):
    """What the policy is judged by: certain equivalent with risk, else expected total."""
    if solution.certain_equivalent is None:
        return solution.expected_value
    return solution.certain_equivalent


def not_less(left, right, model):
    """Whether an amount is not below another but for rounding."""
    return left >= right or close(left, right, model)


def with_table(model: InfluenceDiagram, name: str, table) -> InfluenceDiagram:
    """Return the model with one chance node's table replaced."""
    chances = [replace(c, table=table) if c.name == name else c for c in model.chances]
    return model.rebuilt(chances=tuple(chances))


@seeded(40)
@given(models(guards=False), st.randoms(use_true_random=False))
def test_names_and_file_order_do_not_matter(model, random):
    names = [*model.nodes]
    fresh = [f"n{i}" for i in range(len(names))]
    random.shuffle(fresh)
    new = dict(zip(names, fresh, strict=True))

    def again(given):
        return tuple(new[name] for name in given)

    decisions = [Decision(new[d.name], d.options, again(d.observes)) for d in model.decisions]
    chances = [replace(c, name=new[c.name], given=again(c.given)) for c in model.chances]
    values = [replace(v, name=new[v.name], given=again(v.given)) for v in model.values]
    random.shuffle(chances)
    random.shuffle(values)
    other = model.rebuilt(decisions=tuple(decisions), chances=tuple(chances), values=tuple(values))
    mine, theirs = solve(model), solve(other)
    assert close(worth(mine), worth(theirs), model)
    rows = [
        {
            **row,
            "decision": new[row["decision"]],
            "given": {new[name]: state for name, state in row["given"].items()},
        }
        for row in mine.strategy_rows()
    ]
    assert_same_rows(model, rows, theirs.strategy_rows())


@seeded(30)
@given(models(guards=False), st.randoms(use_true_random=False))
def test_order_of_states_does_not_matter(model, random):
    assume(model.chances)
    name = random.choice(model.chances).name
    order = list(range(len(model.states(name))))
    random.shuffle(order)

    def turned(node):
        axes = [*node.given, node.name]
        table = node.table
        if name in axes:
            table = np.take(table, order, axis=axes.index(name))
        if node.name == name:
            node = replace(node, states=tuple(node.states[i] for i in order))
        return replace(node, table=table)

    other = model.rebuilt(
        chances=tuple(map(turned, model.chances)), values=tuple(map(turned, model.values))
    )
    mine, theirs = solve(model), solve(other)
    assert close(worth(mine), worth(theirs), model)

    def sort(rows):
        return sorted(rows, key=lambda r: (r["decision"], sorted(r["given"].items())))

    assert_same_rows(model, sort(mine.strategy_rows()), sort(theirs.strategy_rows()))


@seeded(40)
@given(models(guards=False), st.floats(0.1, 50), st.floats(-100, 100))
def test_scale_and_origin_of_the_total_do_not_matter(model, factor, constant):
    values = [Value(v.name, v.given, factor * model.utility(v.name)) for v in model.values]
    values.append(Value("constant", (), constant))
    risk = None if model.risk is None else factor * model.risk
    other = model.rebuilt(values=tuple(values), weights="plain", risk=risk)
    assert close(worth(solve(other)), factor * worth(solve(model)) + constant, other)


@seeded(40)
@given(models(guards=False), st.randoms(use_true_random=False))
def test_fewer_options_are_never_worth_more(model, random):
    decision = random.choice(model.decisions)
    assume(len(decision.options) > 1)
    kept = list(range(len(decision.options)))
    kept.remove(random.choice(kept))

    def cut(node):
        axes = [*node.given, node.name]
        if decision.name not in axes:
            return node
        return replace(node, table=np.take(node.table, kept, axis=axes.index(decision.name)))

    options = tuple(decision.options[i] for i in kept)
    other = model.rebuilt(
        decisions=tuple(
            replace(d, options=options) if d.name == decision.name else d for d in model.decisions
        ),
        chances=tuple(map(cut, model.chances)),
        values=tuple(map(cut, model.values)),
    )
    assert not_less(worth(solve(model)), worth(solve(other)), model)


@seeded(40)
@given(models(guards=False), st.randoms(use_true_random=False))
def test_knowing_more_is_never_worth_less(model, random):
    decision = random.choice(model.decisions)
    later = {d.name for d in model.decisions[model.decisions.index(decision) :]}
    free = [
        c.name
        for c in model.chances
        if not later & model.structure.ancestors[c.name] and c.name not in decision.observes
    ]
    assume(free)
    observes = (*decision.observes, random.choice(free))
    other = model.rebuilt(
        decisions=tuple(
            replace(d, observes=observes) if d.name == decision.name else d for d in model.decisions
        )
    )
    assert not_less(worth(solve(other)), worth(solve(model)), model)


@seeded(30)
@given(models(guards=False))
def test_what_bears_on_nothing_is_worth_nothing_to_know(model):
    noise = Chance("noise", ["a", "b", "c"], (), [0.2, 0.3, 0.5])
    echo = Chance("echo", ["a", "b"], ["noise"], [[0.1, 0.9], [0.5, 0.5], [0.7, 0.3]])
    other = model.rebuilt(
        decisions=tuple(replace(d, observes=(*d.observes, "echo")) for d in model.decisions),
        chances=(*model.chances, noise, echo),
    )
    mine, theirs = solve(model), solve(other)
    assert worth(mine) == worth(theirs)
    assert all("echo" not in rule.given for rule in theirs.policy.values())


@seeded(40)
@given(models(**PLAIN), st.randoms(use_true_random=False), st.integers(0, 2**32 - 1))
def test_along_a_row_a_policy_is_linear_and_the_best_convex(model, random, seed):
    assume(model.chances)
    node = random.choice(model.chances)
    rng = np.random.default_rng(seed)
    other = node.table.copy()
    row = tuple(rng.integers(n) for n in other.shape[:-1])
    other[row] = rng.dirichlet(np.ones(other.shape[-1]))
    ends = [model, with_table(model, node.name, other)]
    share = rng.random()
    between = with_table(model, node.name, (1 - share) * node.table + share * other)
    policy = solve(between).policy
    low, high = (solve(end).expected_value_of(policy) for end in ends)
    fixed = solve(between).expected_value_of(policy)
    assert close(fixed, (1 - share) * low + share * high, model)
    assert close(fixed, solve(between).expected_value, model)
    best = [solve(end).expected_value for end in ends]
    assert not_less((1 - share) * best[0] + share * best[1], solve(between).expected_value, model)
    for end, reached in zip(ends, (low, high), strict=True):  # regret is not negative
        assert not_less(solve(end).expected_value, reached, model)


@seeded(30)
@given(models(risk=True, guards=False))
def test_who_is_averse_to_risk_gives_something_for_certainty(model):
    solution = solve(model)
    assert not_less(solution.expected_value, solution.certain_equivalent, model)
    neutral = solve(model.rebuilt(risk=None)).expected_value
    assert not_less(neutral, solution.expected_value, model)
    calm = solve(model.rebuilt(risk=1e6 * (scale_of(model) or 1.0)))
    assert abs(calm.certain_equivalent - neutral) <= 1e-5 * scale_of(model)


@seeded(30)
@given(models(guards=False))
def test_the_best_branch_is_the_value(model):
    solution = solve(model)
    first = model.decisions[0].name
    branches = [worth(found) for _, found in solution.branch_solutions(first)]
    for branch in branches:
        assert not_less(worth(solution), branch, model)
    if not model.information(first):
        assert close(max(branches), worth(solution), model)


@seeded(20)
@given(models())
def test_nothing_given_is_changed_and_twice_is_the_same(model):
    before = {
        name: node.table.copy() for name, node in model.nodes.items() if node.kind != "decision"
    }
    given_ = {model.decisions[0].name: model.decisions[0].options[0]}
    kept = dict(given_)
    try:
        first, second = solve(model, given=given_), solve(model, given=given_)
    except ValueError:
        assume(False)
    assert given_ == kept
    assert first.expected_value == second.expected_value
    assert first.strategy_rows() == second.strategy_rows()
    for name, table in before.items():
        assert np.array_equal(model.nodes[name].table, table)


@seeded(30)
@given(models(memory="limited", cells=300, chances=4, guards=False, risk=False))
def test_forgetting_is_never_worth_more(model):
    remembering = solve(model.rebuilt(memory="perfect"))
    assert not_less(remembering.expected_value, solve(model).expected_value, model)
