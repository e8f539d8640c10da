"""A model as a notebook's parameters set it, and as each perspective and scenario sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from decision.model.diagram import InfluenceDiagram
from decision.model.shipped import Setting, model_folder, varied

__all__ = ["Model", "Settings", "View"]

Model = InfluenceDiagram | str | Path


@dataclass(frozen=True)
class View:
    """The model under one perspective or scenario; `kind` is "base" for neither."""

    name: str
    kind: str
    model: InfluenceDiagram


@dataclass(frozen=True)
class Settings:
    """A model as read and what a notebook's parameters make of it."""

    base: InfluenceDiagram
    changes: tuple[str, ...]
    perspective: str | None
    scenario: str | None

    @classmethod
    def of(
        cls, model: Model, changes: Iterable[str], perspective: str | None, scenario: str | None
    ) -> Settings:
        if not isinstance(model, InfluenceDiagram):
            from decision.model.folder import read_model

            model = read_model(model_folder(model))
        return cls(model, tuple(changes), perspective, scenario)

    def with_(self, perspective: str | None, scenario: str | None) -> InfluenceDiagram:
        pairs: list[tuple[str, str | None]] = [
            ("perspective", perspective),
            ("scenario", scenario),
        ]
        made: list[Setting] = [(kind, name) for kind, name in pairs if name]
        return varied(self.base, made, self.changes)

    def opened(self) -> InfluenceDiagram:
        return self.with_(self.perspective, self.scenario)
