"""The answer in three sentences, with its margin and how firmly it holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from markupsafe import Markup

from decision.report.sections.parts import prose, said
from decision.report.sections.study import Study
from decision.report.words.showing import Said, percent, result, sentence
from decision.report.words.standing import standing

if TYPE_CHECKING:
    from decision.analysis.both import Both

__all__ = ["answer"]


def answer(study: Study) -> Markup:
    """Return what comes first, by how much, for how many others, and in which share of draws."""
    blocks = [*_sentences(study), _figures(study), _reservations(study)]
    return Markup("\n").join(block for block in blocks if block)


def _sentences(study: Study) -> Iterator[Markup]:
    from decision.report import words

    if not study.open:
        caption = study.shown.nodes[study.by].caption
        yield prose(f"No option of “{caption}” can be taken in every situation.")
        return
    yield said(
        words.headline(
            study.model,
            study.changes,
            study.named_setting("perspective"),
            study.named_setting("scenario"),
            event=study.event,
            by=study.by,
        )
    )
    if study.drawn is not None:
        yield said(_confidence(study, study.drawn))
    elif not study.ranged:
        yield prose("No number has a range, so nothing says how sure this is.")


def _confidence(study: Study, drawn: Both) -> Said:
    first = standing(study.shown, study.by).first[0]
    shares = [
        f"**{percent(float(found.branches['best_share'][first]))}** of {found.draws:,} "
        f"{found.draw} draws"
        for found in (drawn.independent, drawn.linked)
    ]
    return result(
        f"With every number drawn from its range at once it is best in {sentence(shares)}."
    )


def _figures(study: Study) -> Markup:
    """The same as a few figures to be seen at a glance."""
    rows: list[tuple[str, str, str]] = []
    total = f"{study.solution.expected_value:,.2f}".replace("-", "−")
    rows.append((total, "expected total", study.unit))
    if study.solution.certain_equivalent is not None:
        certain = f"{study.solution.certain_equivalent:,.2f}".replace("-", "−")
        rows.append((certain, "certain equivalent", study.unit))
    if study.several:
        now = standing(study.shown, study.by)
        if now.second is not None:
            second = f"ahead of {now.second.replace('_', ' ')}"
            rows.append((f"{now.lead:.2g}", second, study.unit))
        if study.drawn is not None:
            both = (study.drawn.independent, study.drawn.linked)
            shares = [float(found.branches["best_share"][now.first[0]]) for found in both]
            low, high = (percent(share, 0) for share in (min(shares), max(shares)))
            rows.append((low if low == high else f"{low} to {high}", "best in so many draws", ""))
    item = Markup("<div><dt>{}</dt><dd>{}{}</dd></div>")
    parts = [
        item.format(what, number, Markup(" <small>{}</small>").format(unit) if unit else "")
        for number, what, unit in rows
    ]
    return Markup('<dl class="figures">{}</dl>').format(Markup("").join(parts))


def _reservations(study: Study) -> Markup:
    text = Markup("")
    if study.solution.gap:
        gap = f"This is a local optimum: another policy may be better, by {study.solution.gap:.2g} "
        text += Markup("{}at most. ").format(gap)
    return Markup(
        '<p class="soft">{}The numbers are inputs to disagree with: each stands in the '
        '<a href="#ledger">ledger</a> with its range, source and reason.</p>'
    ).format(text)
