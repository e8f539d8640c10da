"""Sentences and tables that notebooks show, each computed from a model.

Text that states a number must be true of the model it stands beside, whatever a reader
has changed. So a notebook calls one of these and shows what comes back. Nothing here
knows what a model is about: names, captions and units are the model's own. This is the
door; the words are kept by what they are about: `standing` (which option comes first),
`outcomes`, `changes` (a model before and after), `departure` (what is not the base),
`trees`, `structure` (and inputs), `firmness` (what turns the advice), `maps`, `knowing`
(and controlling), `camps` (who disagrees), `thin` (regret, claims, what to research).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from decision.report.words.camps import camps, crux_table, facts_or_values, gap_table
from decision.report.words.changes import along, differences, moved, regret, same_totals, what_moved
from decision.report.words.departure import changed_here
from decision.report.words.firmness import (
    behind,
    by_tolerance,
    firmness,
    flips,
    go_with,
    shares,
    tail,
    why,
    widest,
)
from decision.report.words.knowing import (
    better_odds,
    control,
    information,
    knowing_or_controlling,
    of_signal,
    worth_by_view,
    worth_table,
)
from decision.report.words.maps import first_along, regions, turns
from decision.report.words.outcomes import in_terms_of, outcome_table, ranking, runs, trade, worth
from decision.report.words.showing import Captioned, Said, Shown, together
from decision.report.words.standing import headline, spread, views
from decision.report.words.structure import clarity, in_figures, life, reach, who_knows_what
from decision.report.words.thin import (
    corners,
    failing_claims,
    founded,
    regrets,
    research,
    robust,
    watch,
    worst,
)
from decision.report.words.trees import agreement, close_calls, likeliest, rule, tree_in_figures

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "agreement",
    "along",
    "behind",
    "better_odds",
    "by_tolerance",
    "camps",
    "changed_here",
    "clarity",
    "close_calls",
    "control",
    "corners",
    "crux_table",
    "differences",
    "facts_or_values",
    "failing_claims",
    "figure",
    "firmness",
    "first_along",
    "flips",
    "founded",
    "gap_table",
    "go_with",
    "headline",
    "in_figures",
    "in_terms_of",
    "information",
    "knowing_or_controlling",
    "life",
    "likeliest",
    "moved",
    "of_signal",
    "outcome_table",
    "ranking",
    "reach",
    "regions",
    "regret",
    "regrets",
    "research",
    "robust",
    "rule",
    "runs",
    "same_totals",
    "shares",
    "spread",
    "table",
    "tail",
    "together",
    "trade",
    "tree_in_figures",
    "turns",
    "views",
    "watch",
    "what_moved",
    "who_knows_what",
    "why",
    "widest",
    "worst",
    "worth",
    "worth_by_view",
    "worth_table",
]


def figure(picture: Axes | Figure, *captions: Said) -> Captioned:
    """Return a picture with a caption that states what it shows."""
    return Captioned(picture, together(*captions))


def table(frame: pd.DataFrame, **formats: Callable[[float], str]) -> Shown:
    """Return a DataFrame as a table that shows all of its text; numbers as `formats` says."""
    return Shown(frame, None, formats)
