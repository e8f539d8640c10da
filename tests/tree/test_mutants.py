"""The comparison with the slow unrolling is sharp: each of these mutants fails it."""

from __future__ import annotations

import importlib
import inspect
import sys
import textwrap

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.tree.diagrams import diagrams
from tests.tree.test_random import agrees

MUTANTS = {
    "a sign tells nothing about its cause": (
        "course._evidence",
        "told = {name for name in revealed if name in chances} | set(about)",
        "told = set(about)",
    ),
    "what matters later is forgotten": (
        "course.course_of",
        "later |= set(evidence.known)",
        "pass",
    ),
    "only_when is dropped": (
        "situations._open",
        "open_[:, i] *= allowed[situations[:, level.matters.index(name)]]",
        "pass",
    ),
    "an impossible branch is kept": (
        "situations.next_layer",
        "np.nonzero(probability > 0)",
        "np.nonzero(probability >= 0)",
    ),
    "weights are ignored": (
        "situations.settled_by",
        "course.model.utility(value)",
        "table",
    ),
    "risk goes by expectation at the forks": (
        "merging._rolled_back",
        "sure = mean if tolerance is None else certain_equivalent(p, certain, tolerance)",
        "sure = mean",
    ),
    "risk goes by expectation where the rest is folded": (
        "filtering.remainder",
        "return expected, _certain(course, k, situations, pending, model.risk), amounts",
        "return expected, expected, amounts",
    ),
    "what was paid is forgotten in merging": (
        "steps._step",
        "rounded(gain[start, state], unfolding.scale)",
        "0 * start",
    ),
    "nodes are merged whatever their probabilities": (
        "merging._merged_level",
        "columns += [*np.rint(p[fork] * 10.0**DIGITS).astype(np.int64).T]",
        "pass",
    ),
    "equal nodes are not merged": (
        "merging._merged_level",
        "columns = [*child[fork].T, pick[fork]]",
        "columns = [*child[fork].T, pick[fork], fork]",
    ),
    "a certain outcome is a fork": (
        "merging._merged_level",
        "step.there[live].sum(axis=1) > 1",
        "step.there[live].sum(axis=1) > 0",
    ),
    "ties go to the option listed last": (
        "unfolding.Unfolding.choose",
        "np.argmax(tied, axis=1)",
        "tied.shape[1] - 1 - np.argmax(tied[:, ::-1], axis=1)",
    ),
    "the worst option is taken": (
        "unfolding.Unfolding.choose",
        "values = np.where(there, certain, -np.inf)",
        "values = np.where(there, -certain, -np.inf)",
    ),
    "a value no state decides is left out": (
        "unfolding.Unfolding.constant",
        "if not v.given",
        "if False",
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught(name, monkeypatch):
    place, old, new = MUTANTS[name]
    mutate(monkeypatch, place, old, new)

    @settings(
        max_examples=400,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(diagrams())
    def check(model):
        agrees(model, fold=False)
        agrees(model, fold=True)

    assert fails(check), name


def fails(check) -> bool:
    try:
        check()
    except Exception:
        return True
    return False


def mutate(monkeypatch, place: str, old: str, new: str) -> None:
    """Replace a function of the tree by its source with one thing changed."""
    module_name, *rest = place.split(".")
    module = importlib.import_module(f"decision.tree.{module_name}")
    owner = getattr(module, rest[0]) if len(rest) > 1 else module
    original = inspect.getattr_static(owner, rest[-1])
    function = original.fget if isinstance(original, property) else original
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(old) == 1, f"{place} no longer has {old!r}"
    scope: dict = {}
    exec(compile(source.replace(old, new), place, "exec"), module.__dict__, scope)
    mutant = scope[rest[-1]]
    if owner is not module:
        monkeypatch.setattr(owner, rest[-1], mutant)
        return
    for other in [m for n, m in sys.modules.items() if n.startswith("decision.tree")]:
        if getattr(other, rest[-1], None) is original:
            monkeypatch.setattr(other, rest[-1], mutant)
