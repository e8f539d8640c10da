"""Claims with their verdicts, and what to watch for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from decision.report.sections.parts import Section, prose, table
from decision.report.sections.study import Study
from decision.report.sections.templates import partial

if TYPE_CHECKING:
    from decision.analysis.claims import Verdict

__all__ = ["claims", "signposts"]


def claims(study: Study) -> Section | None:
    """Every claim with its verdict; None where there is none."""
    from decision.analysis.claims import verdicts

    groups = _groups(verdicts(study.model, study.settings, study.changes))
    if not groups:
        return None
    intro = (
        "Statements in our own words, each with a test in the small language. What is derived is a "
        "finding; what is assumed is an input in other words. The two are never added up."
    )
    return Section.of("claims", "Claims", prose(intro), partial("claims", groups=groups))


def _groups(found: Sequence[Verdict]) -> list[dict[str, Any]]:
    groups = []
    for basis, caption in (
        ("derived", "Derived: they follow from many numbers together"),
        ("assumed", "Assumed: they only read back numbers of the model's own tables"),
        (None, "Without a test"),
    ):
        mine = [verdict for verdict in found if verdict.basis == basis]
        if mine:
            held = sum(verdict.verdict == "holds" for verdict in mine)
            groups.append({"caption": caption, "held": held, "verdicts": mine, "basis": basis})
    return groups


def signposts(study: Study) -> Section | None:
    """What to watch for; None where nothing is left to chance, or there is one option."""
    from decision.analysis.signposts import signposts as signposts_
    from decision.report import words

    if not study.shown.chances or not study.several:
        return None
    found = signposts_(study.shown, study.by, progress=study.tell("signposts"))
    return Section.of(
        "signposts", "What to watch for", table(words.watch(found, study.unit), study.anchors)
    )
