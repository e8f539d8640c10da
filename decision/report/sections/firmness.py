"""Why the answer is what it is, what would change it, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from decision.model.problems import ModelError
from decision.report.sections.parts import Section, figure, fold, heading, prose, said, table
from decision.report.sections.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from decision.analysis.pairs import Regions
    from decision.model.nodes import Value

__all__ = ["change", "sure", "why"]

NO_RANGES = (
    "No number of this model has a range, so nothing says how far one could be off: what would "
    "change the answer, and how sure it is, cannot be told. Columns low and high of the model's "
    "files give ranges."
)
TOO_LARGE = (
    "This model is so large that moving each of its {count} ranged inputs would take long; "
    "the verb sensitivity does it."
)
ONE_OPTION = "There is one option only, so no number can turn the advice; what it comes to moves."
ORDERS = 1000
"""Largest amount over the smallest from which on a value is looked at in powers of ten."""
TRIED = 6


def why(study: Study) -> Section | None:
    """Why the best branch is best; None where there is no other."""
    from decision import draw
    from decision.report import words

    reasons = study.explanation
    if reasons.best is None or not study.several:
        return None
    gaps = [gap for gap in reasons.gaps if gap.difference is not None]
    parted = any(abs(part.points) > 1e-12 for gap in gaps for part in gap.parts)
    picture = draw.waterfall(reasons) if parted and len(study.shown.values) > 1 else None
    bars = (
        "Bars to the right are what the best option gains over the one that comes closest, value "
        "by value; hollow bars are what it pays."
    )
    return Section.of("why", "Why", said(words.why(reasons)), figure(picture, bars))


def change(study: Study) -> Section:
    """What would change the answer: each input alone, and two at once."""
    from decision import draw
    from decision.report import words

    title = "What would change the answer"
    frame = study.alone
    if frame is None:
        why_not = TOO_LARGE.format(count=study.ranged) if study.ranged else NO_RANGES
        return Section.of("change", title, prose(why_not))
    tornado = figure(draw.tornado(frame, unit=study.unit), words.widest(frame))
    if not study.several:
        tornado = figure(draw.tornado(frame, unit=study.unit))
        return Section.of("change", title, prose(ONE_OPTION), tornado)
    flips = words.flips(frame)
    return Section.of(
        "change",
        title,
        said(words.firmness(frame)),
        tornado,
        table(flips, study.anchors, caption=False) if not flips.frame.empty else None,
        *_map(study, frame),
    )


def _map(study: Study, frame: pd.DataFrame) -> Iterator[Markup]:
    """Two inputs at once: those that have the least way to go to another option."""
    from decision import draw
    from decision.report import words

    found = _two(study, frame)
    if found is None:
        return
    yield heading("Two numbers at once")
    if len(np.unique(found.best[found.best >= 0])) == 1:
        both = f"{found.x} and {found.y}, which have the least way to go,"
        yield prose(f"Moved together over their ranges, {both} do not turn the advice either.")
        return
    yield prose("The two with the least way to go, over their ranges, all else as it is:")
    yield figure(draw.regions(found), words.regions(found))


def _two(study: Study, frame: pd.DataFrame) -> Regions | None:
    """Return the map of the first pair that may move together; None if none turns anything."""
    from decision.analysis.pairs import two_way

    away = frame["distance"].abs().dropna().sort_values(kind="stable")
    if not len(away):
        return None
    names = [str(name) for name in dict.fromkeys([*away.index, *frame.index])][:TRIED]
    for x, y in sorted(combinations(names, 2), key=lambda pair: sum(map(names.index, pair))):
        try:
            found = two_way(study.shown, x, y, by=study.by, progress=study.tell("lines"))
        except ModelError:  # two states of one row
            continue
        return found if (found.best >= 0).any() else None
    return None


# -- how sure ----------------------------------------------------------------------


def sure(study: Study) -> Section | None:
    """How sure the answer is: all inputs drawn at once, and what may come of each branch."""
    from decision import draw
    from decision.report import words

    drawn = study.drawn
    blocks: list[Markup] = []
    if drawn is not None:
        both = (drawn.independent, drawn.linked)
        blocks += [
            prose(
                "All numbers drawn from their ranges at once, each draw solved anew: one by one, "
                "so that errors of neighbouring rows cancel, and linked, so that all rows of a "
                "node err the same way."
            ),
            table(words.shares(*both), study.anchors),
            figure(draw.differences_drawn(*both, unit=study.unit), words.behind(*both)),
            prose(
                "A share is no probability that the advice is right: ranges are judgement, and so "
                "is the structure that all draws share.",
                "soft",
            ),
            table(words.go_with(drawn.independent), study.anchors),
        ]
    blocks += _profiles(study)
    return Section.of("sure", "How sure", *blocks) if blocks else None


def _profiles(study: Study) -> Iterator[Markup]:
    """What may come of each branch, where chance has a say."""
    from decision import draw
    from decision.analysis.risk import risk_profile
    from decision.report import words

    model = study.shown
    if not model.chances or not study.open:
        return
    total = risk_profile(model, None, study.by)
    yield heading("What may come of it")
    yield figure(
        draw.risk_profile(total),
        "What the total may come to and how probably, a curve for each branch.",
    )
    for value in model.values if len(model.values) > 1 else ():
        if _spans_orders(value):
            profile = risk_profile(model, value.name, study.by)
            yield figure(draw.risk_profile(profile), words.tail(model, value.name, study.by))
    if study.first and study.several and model.risk is None:
        shown = words.by_tolerance(model)
        yield fold("For somebody who minds risk", table(shown, study.anchors))


def _spans_orders(value: Value) -> bool:
    """Whether amounts of one sign are some a thousand times others: a mean then hides them."""
    amounts = np.asarray(value.table, dtype=float)
    sizes = np.abs(amounts[amounts != 0])
    one_sign = bool((amounts >= 0).all() or (amounts <= 0).all())
    return one_sign and bool(len(sizes)) and bool(sizes.max() >= ORDERS * sizes.min())
