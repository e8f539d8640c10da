"""A model as a notebook's parameters set it, and as each perspective and scenario sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError
from decision.model.shipped import Setting, model_folder, varied
from decision.report.words.showing import sentence

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
        """Read the model, if it is only named."""
        if not isinstance(model, InfluenceDiagram):
            from decision.model.folder import read_model

            model = read_model(model_folder(model))
        return cls(model, tuple(changes), perspective, scenario)

    def with_(self, perspective: str | None, scenario: str | None) -> InfluenceDiagram:
        """The model under these, the changes made."""
        pairs: list[tuple[str, str | None]] = [
            ("perspective", perspective),
            ("scenario", scenario),
        ]
        made: list[Setting] = [(kind, name) for kind, name in pairs if name]
        return varied(self.base, made, self.changes)

    def opened(self) -> InfluenceDiagram:
        """The model as it was asked for."""
        return self.with_(self.perspective, self.scenario)

    def views(self) -> list[View]:
        """Each perspective, with the scenario as it is, and the other way round.

        A view that a change makes illegal is left out.
        """
        wanted: list[tuple[str, str, tuple[str | None, str | None]]]
        wanted = [("perspective", name, (name, self.scenario)) for name in self.base.perspectives]
        wanted += [("scenario", name, (self.perspective, name)) for name in self.base.scenarios]
        found = []
        for kind, name, pair in wanted:
            try:
                found.append(View(name, kind, self.with_(*pair)))
            except ModelError:
                continue
        return found

    def counted(self, found: Sequence[View]) -> str:
        """How many perspectives and scenarios were looked at."""
        kinds = [view.kind for view in found]
        parts = [
            f"{kinds.count(kind)} {kind}{'' if kinds.count(kind) == 1 else 's'}"
            for kind in ("perspective", "scenario")
            if kinds.count(kind)
        ]
        return sentence(parts)

    def left_out(self, found: Sequence[View]) -> str:
        """How many were not."""
        count = len(self.base.perspectives) + len(self.base.scenarios) - len(found)
        return f" ({count} more cannot be combined with these changes.)" if count else ""
