"""What a model is: nodes, diagram, language, changes, and the folder it is kept in."""

from decision.model.diagram import InfluenceDiagram
from decision.model.nodes import Chance, Decision, Value
from decision.model.problems import ModelError, Problem

__all__ = ["Chance", "Decision", "InfluenceDiagram", "ModelError", "Problem", "Value", "read_model"]


def __getattr__(name: str) -> object:
    if name == "read_model":
        from decision.model.folder import read_model

        return read_model
    raise AttributeError(f"module 'decision.model' has no attribute {name!r}")
