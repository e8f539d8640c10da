"""A second look by another program: pyAgrum's Shafer-Shenoy LIMID inference.

It is a peer, not an oracle: on some diagrams with no-forgetting it finds a worse policy
than brute force. So it may never find a better one than ours, and on most models it has
to find one that is worth the same.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import Phase, given, settings

from decision.model.diagram import InfluenceDiagram
from decision.solve.inputs import scale_of
from decision.solve.solution import solve
from tests.models import models, oil, seeded, stages, umbrella

with warnings.catch_warnings():
    # Its wrapper's types lack __module__: a warning, and a crash where warnings are errors.
    warnings.simplefilter("ignore")
    import pyagrum

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def peer_value(model: InfluenceDiagram) -> float:
    """Return the expected total of the policy that pyAgrum finds with perfect memory."""
    diagram = pyagrum.InfluenceDiagram()
    for decision in model.decisions:
        variable = pyagrum.LabelizedVariable(decision.name, "", list(decision.options))
        diagram.addDecisionNode(variable)
    for chance in model.chances:
        diagram.addChanceNode(pyagrum.LabelizedVariable(chance.name, "", list(chance.states)))
    for value in model.values:
        diagram.addUtilityNode(pyagrum.LabelizedVariable(value.name, "", 1))
    for node in (*model.chances, *model.values):
        for parent in node.given:
            diagram.addArc(parent, node.name)
    for decision in model.decisions:
        for name in decision.observes:
            diagram.addArc(name, decision.name)
    for chance in model.chances:
        _fill(diagram.cpt(chance.name), (*chance.given, chance.name), chance.table)
    first = model.decisions[0]
    for value in model.values:
        utility, given = model.utility(value.name), value.given
        if not given:  # it takes no value node without parents
            diagram.addArc(first.name, value.name)
            utility, given = np.full(len(first.options), utility), (first.name,)
        _fill(diagram.utility(value.name), given, utility)
    inference = pyagrum.ShaferShenoyLIMIDInference(diagram)
    inference.addNoForgettingAssumption([decision.name for decision in model.decisions])
    inference.makeInference()
    return float(inference.MEU()["mean"])


def _fill(potential, names, table) -> None:
    instance = pyagrum.Instantiation(potential)
    for key in np.ndindex(*table.shape):
        for name, state in zip(names, key, strict=True):
            instance.chgVal(name, int(state))
        potential.set(instance, float(table[key]))


@pytest.mark.parametrize("make", [umbrella, oil, lambda: stages(2)])
def test_small_models(make):
    model = make()
    assert peer_value(model) == pytest.approx(solve(model).expected_value)


def test_never_better_and_mostly_equal():
    found: list[int] = []

    @settings(seeded(80), phases=[Phase.generate])
    @given(models(risk=False, guards=False, cells=400))
    def look(model):
        try:
            theirs = peer_value(model)
        except pyagrum.GumException:  # nor a decision on which nothing depends
            return
        ours = solve(model).expected_value
        slack = 1e-9 * max(abs(ours), scale_of(model), 1e-12)
        assert theirs <= ours + slack
        found.append(theirs >= ours - slack)

    look()
    assert len(found) >= 40
    assert sum(found) >= 0.75 * len(found)
