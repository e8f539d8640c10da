"""Decision analysis: influence diagrams, decision trees and expected outcomes.

The public names are loaded when first used, so that ``import decision`` is quick.

Examples
--------
>>> import decision as da
>>> oil = da.read_model("data/examples/oil_wildcatter")
>>> round(da.solve(oil).expected_value, 9)
22.5
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

TYPE_CHECKING = False  # without `typing`, which ``decision --version`` does not need
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Chance": "decision.model.nodes",
    "Decision": "decision.model.nodes",
    "InfluenceDiagram": "decision.model.diagram",
    "ModelError": "decision.model.problems",
    "Problem": "decision.model.problems",
    "Solution": "decision.solve.solution",
    "Tree": "decision.tree",
    "Value": "decision.model.nodes",
    "ask": "decision.analysis.questions",
    "both_draws": "decision.analysis.both",
    "certain_equivalents": "decision.analysis.equivalents",
    "claims": "decision.analysis.claims",
    "cruxes": "decision.analysis.cruxes",
    "disagreement": "decision.analysis.disagreement",
    "discover": "decision.analysis.discovery",
    "explain": "decision.analysis.explanation",
    "explore": "decision.report.explorer",
    "gradient": "decision.solve.gradient",
    "ledger": "decision.analysis.ledger",
    "open_model": "decision.model.shipped",
    "outcomes": "decision.analysis.outcomes",
    "rainbow": "decision.analysis.rainbow",
    "pool": "decision.analysis.pooling",
    "read_model": "decision.model.folder",
    "risk": "decision.analysis.risk",
    "risk_profile": "decision.analysis.risk",
    "robustness": "decision.analysis.robustness",
    "sensitivity": "decision.analysis.sensitivity",
    "signposts": "decision.analysis.signposts",
    "sobol": "decision.analysis.sobol",
    "solve": "decision.solve.solution",
    "two_way": "decision.analysis.pairs",
    "uncertainty": "decision.analysis.uncertainty",
    "unroll": "decision.tree",
    "value_of_better_odds": "decision.analysis.partial_control",
    "value_of_control": "decision.analysis.control",
    "value_of_information": "decision.analysis.information",
    "value_of_knowing_inputs": "decision.analysis.knowing_numbers",
    "value_of_partial_control": "decision.analysis.partial_control",
    "value_of_signal": "decision.analysis.signals",
    "write_model": "decision.model.writing",
    "write_report": "decision.report.page",
}

__all__ = ["__version__", "draw", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name == "draw":
        return import_module("decision.draw")
    if name not in _HOME:
        raise AttributeError(f"module 'decision' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


class _Package(ModuleType):
    """The package, in which `solve` is the function.

    Importing the room ``decision.solve`` puts the room under that name, where it would
    hide the function; the room itself stays in ``sys.modules``, where imports look.
    """

    @property
    def solve(self) -> Any:
        return __getattr__("solve")

    @solve.setter
    def solve(self, room: ModuleType) -> None:
        """Leave the name to the function."""


sys.modules[__name__].__class__ = _Package
