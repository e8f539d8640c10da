"""The sections of a model's page, in the order in which a reader meets them.

Each takes the study, in which every result is worked out once, and gives a section, or
None where the model has nothing to say on its question.
"""

from __future__ import annotations

from collections.abc import Callable

from decision.report.sections import firmness, sources, structure, verdicts, views
from decision.report.sections.parts import Section
from decision.report.sections.study import Study

__all__ = ["SECTIONS", "Section", "Study"]

SECTIONS: tuple[Callable[[Study], Section | None], ...] = (
    structure.graph,
    structure.tree,
    structure.outcomes,
    structure.strategy,
    firmness.why,
    firmness.change,
    firmness.sure,
    views.worth,
    views.camps,
    views.robust,
    verdicts.claims,
    verdicts.signposts,
    sources.ledger,
    sources.sources,
    sources.method,
    sources.reproduce,
)
