"""What is worth knowing and controlling, who sees it otherwise, and how robust the advice is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from markupsafe import Markup

from decision.report.sections.parts import Section, figure, fold, heading, prose, said, table
from decision.report.sections.study import SEED, Study

if TYPE_CHECKING:
    from decision.analysis.regrets import Robustness

__all__ = ["camps", "robust", "worth"]

NOTHING = 1e-9


def worth(study: Study) -> Section | None:
    """What knowing and controlling is worth; None where nothing is left to chance."""
    from decision import draw
    from decision.analysis.control import value_of_control
    from decision.analysis.information import value_of_information
    from decision.analysis.partial_control import value_of_better_odds
    from decision.report import words

    model, anchors = study.shown, study.anchors
    if not model.chances:
        return None
    known = value_of_information(model, before=study.by)
    held = value_of_control(model)
    offers = {"known": known, "in hand": held}
    some = {
        name: frame
        for name, frame in offers.items()
        if len(frame) and (frame["value"] > NOTHING).any()
    }
    settled = words.control(model, held)
    return Section.of(
        "worth",
        "What is worth knowing, and what is worth getting in hand",
        said(words.knowing_or_controlling(model, known, held, study.event)) if len(known) else None,
        figure(draw.worth(model, some), settled.caption) if some else None,
        prose(
            "Perfect knowledge and full control are limits: no study tells more than the truth, no "
            "effort does more than settle it. They bound what either may cost.",
            "soft",
        ),
        fold("Knowing a matter of chance", table(words.information(model, known), anchors))
        if len(known)
        else None,
        fold("Settling a matter of chance", table(settled, anchors)),
        fold(
            "Twice the odds of a state",
            table(words.better_odds(model, value_of_better_odds(model)), anchors),
        ),
    )


def camps(study: Study) -> Section | None:
    """Who disagrees, and on what; None without perspectives or a choice."""
    from decision import draw
    from decision.analysis.cruxes import cruxes
    from decision.report import words

    found = study.disagreement
    if found is None:
        return None
    gaps = words.gap_table(found)
    blocks: list[Markup | None] = [
        said(words.camps(found)),
        figure(draw.disagreement(found), gaps.caption),
    ]
    if any(kind == "perspective" for kind, _ in study.settings):
        note = "Every perspective is asked in turn here, so the one this page was made with has "
        blocks.insert(0, prose(f"{note}no say.", "soft"))
    if len(set(found.choices)) > 1:
        blocks += [
            fold(
                "Facts or values: one's probabilities with another's amounts and weights",
                table(words.facts_or_values(found), study.anchors),
            ),
            heading("What holds them apart"),
            table(words.crux_table(cruxes(found.model, study.by)), study.anchors),
        ]
    return Section.of("camps", "Who disagrees, and on what", *blocks)


def robust(study: Study) -> Section | None:
    """How robust the advice is: over settings, in all ranges, and in which corner it loses."""
    from decision.analysis.robustness import robustness

    if not study.several:
        return None
    found = robustness(study.shown, study.by, searching=study.tell("points solved at most"))
    blocks: list[Markup] = []
    if len(found.settings) > 1:
        blocks += _settings(study, found)
    if study.ranged:
        blocks += _ranges(study, found, len(found.settings) > 1)
        blocks += _corners(study)
    return Section.of("robust", "How robust", *blocks) if blocks else None


def _settings(study: Study, found: Robustness) -> Iterator[Markup]:
    from decision import draw
    from decision.report import words

    yield said(words.robust(found, study.unit))
    yield figure(draw.robustness(found), words.worst(found, study.unit))


def _ranges(study: Study, found: Robustness, regret: bool) -> Iterator[Markup]:
    from decision import draw
    from decision.report import words

    shown = words.regrets(found, study.unit)
    yield figure(draw.intervals(found), shown.caption)
    if regret:
        yield fold("Regret, and the span of each option", table(shown, study.anchors))


def _corners(study: Study) -> Iterator[Markup]:
    """Where the best option loses; nothing where it never does."""
    from decision import draw
    from decision.analysis.discovery import discover
    from decision.report import words

    drawn = study.drawn
    if drawn is None or study.findings is None:
        return
    best = drawn.linked.best
    shares = drawn.linked.branches["best_share"]
    if best is None or float(shares[best]) >= 1.0:
        return
    found = discover(
        study.shown, by=study.by, draws=study.draws, seed=SEED, progress=study.tell("draws")
    )
    if len(found.boxes):
        yield heading("In which corner it loses")
        yield figure(draw.discovery(found), words.corners(found))
