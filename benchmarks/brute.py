"""What the answers have to be, found without the engine.

Small models by `enumeration`; pigs by following the doctor's belief through every history;
processes by backward induction over the state.
"""

from __future__ import annotations

import numpy as np

from decision.model.diagram import InfluenceDiagram


def pigs_value(model: InfluenceDiagram) -> float:
    """Return what the best treatment is worth, history by history."""
    tables = {c.name: c.table for c in model.chances}
    months = sum(name.startswith("health") for name in tables)
    price = model.nodes["price"].table

    def best(belief: np.ndarray, t: int) -> np.ndarray:
        """Worth, times the probability of what is known, of weighed beliefs (…, health)."""
        if t == months:
            return belief @ price
        total = 0.0
        for seen in range(2):
            after = belief * tables[f"test_{t}"][:, seen]
            cost = model.nodes[f"cost_{t}"].table
            options = [
                best(after @ tables[f"health_{t + 1}"][:, choice], t + 1)
                + cost[choice] * after.sum(axis=-1)
                for choice in range(2)
            ]
            total = total + np.maximum(*options)
        return np.asarray(total)

    return float(best(tables["health_1"], 1))


def process_value(model: InfluenceDiagram) -> float:
    """Return what the best policy of a process is worth, by backward induction."""
    worth = np.zeros(len(model.chances[0].states))
    for t in reversed(range(len(model.decisions))):
        future = 0.0
        if t + 1 < len(model.decisions):
            future = model.nodes[f"x{t + 1}"].table @ worth
        worth = (model.nodes[f"v{t}"].table + future).max(axis=1)
    return float(model.nodes["x0"].table @ worth)
