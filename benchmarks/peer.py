"""pyAgrum, used as its documentation says, on one thread.

An edited diagram is solved anew after ``clear()``; without it the old answer comes back.
``clear()`` forgets that decisions remember, so that is said again before each inference.
A row is edited by setting its cells through an instantiation kept from before, the fastest
of its documented calls (``fillWith`` takes twice as long, ``cpt[{…}] = row`` forty times).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from decision.model.diagram import InfluenceDiagram

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyagrum

pyagrum.setNumberOfThreads(1)


class Peer:
    """A model in pyAgrum.

    Parameters
    ----------
    model : InfluenceDiagram
    remembers : bool
        Whether to ask for no-forgetting: not where what is observed is all that matters.
    """

    def __init__(self, model: InfluenceDiagram, remembers: bool = True) -> None:
        self.diagram = diagram = pyagrum.InfluenceDiagram()
        for node in (*model.decisions, *model.chances):
            variable = pyagrum.LabelizedVariable(node.name, "", list(node.states))
            add = diagram.addDecisionNode if node.kind == "decision" else diagram.addChanceNode
            add(variable)
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
        for value in model.values:
            utility, given = model.utility(value.name), value.given
            if not given:  # it takes no value node without parents
                first = model.decisions[0]
                diagram.addArc(first.name, value.name)
                utility, given = np.full(len(first.options), utility), (first.name,)
            _fill(diagram.utility(value.name), given, utility)
        self.inference = pyagrum.ShaferShenoyLIMIDInference(diagram)
        self.order = [d.name for d in model.decisions] if remembers else []

        self.model = model
        self.orders: list[tuple[pyagrum.Tensor, str, tuple[int, ...]]] = []
        for chance in model.chances:
            self._ordered(diagram.cpt(chance.name), chance.name, (*chance.given, chance.name))
        for value in model.values:
            self._ordered(diagram.utility(value.name), value.name, value.given)

    def _ordered(self, potential: pyagrum.Tensor, name: str, axes: tuple[str, ...]) -> None:
        """Keep in which order `fillWith` wants a table: its first variable changes fastest."""
        mine = [v.name() for v in potential.variablesSequence() if v.name() in axes]
        self.orders.append((potential, name, tuple(axes.index(n) for n in reversed(mine))))

    def solve_tables(self, tables: dict[str, np.ndarray]) -> float:
        """Put every table in place, whole (``fillWith``, quickest for that), and solve."""
        for potential, name, order in self.orders:
            potential.fillWith(tables[name].transpose(order).ravel().tolist())
        return self._answer()

    def row(self, name: str, where: dict[str, int]) -> None:
        """Name the row that `solve` edits."""
        self.potential = self.diagram.cpt(name)
        self.cells = []
        for state in range(self.diagram.variable(name).domainSize()):
            instance = pyagrum.Instantiation(self.potential)
            for other, index in {**where, name: state}.items():
                instance.chgVal(other, index)
            self.cells.append(instance)

    def solve(self, row: Sequence[float]) -> float:
        """Edit the row and solve."""
        put = self.potential.set
        for instance, number in zip(self.cells, row, strict=True):
            put(instance, number)
        return self._answer()

    def _answer(self) -> float:
        self.inference.clear()
        if self.order:
            self.inference.addNoForgettingAssumption(self.order)
        self.inference.makeInference()
        return float(self.inference.MEU()["mean"])


def _fill(potential: pyagrum.Tensor, names: Sequence[str], table: np.ndarray) -> None:
    instance = pyagrum.Instantiation(potential)
    for key in np.ndindex(*table.shape):
        for name, state in zip(names, key, strict=True):
            instance.chgVal(name, int(state))
        potential.set(instance, float(table[key]))
