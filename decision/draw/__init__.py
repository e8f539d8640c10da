"""Pictures: one a file, matplotlib Axes in and Axes out, or SVG text.

matplotlib is loaded when a picture is first drawn, and never through pyplot: a picture
leaves no figure behind that somebody would have to close.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decision.draw.alt import alt_text
    from decision.draw.areas import regions
    from decision.draw.camps import disagreement
    from decision.draw.corners import discovery
    from decision.draw.curves import rainbow
    from decision.draw.differences import outcomes
    from decision.draw.founding import ledger
    from decision.draw.frequencies import uncertainty
    from decision.draw.gains import waterfall
    from decision.draw.gaps import differences_drawn
    from decision.draw.graph import influence_graph
    from decision.draw.multiples import small_trees
    from decision.draw.offers import worth
    from decision.draw.page import save, show, to_svg
    from decision.draw.panels import outcome_panels
    from decision.draw.profiles import risk_profile
    from decision.draw.regrets import intervals, robustness
    from decision.draw.swings import tornado
    from decision.draw.trees import tree
    from decision.draw.variances import sobol

_HOME = {
    "alt_text": "alt",
    "differences_drawn": "gaps",
    "discovery": "corners",
    "disagreement": "camps",
    "influence_graph": "graph",
    "intervals": "regrets",
    "ledger": "founding",
    "outcome_panels": "panels",
    "outcomes": "differences",
    "rainbow": "curves",
    "regions": "areas",
    "risk_profile": "profiles",
    "robustness": "regrets",
    "save": "page",
    "show": "page",
    "small_trees": "multiples",
    "sobol": "variances",
    "to_svg": "page",
    "tornado": "swings",
    "tree": "trees",
    "uncertainty": "frequencies",
    "waterfall": "gains",
    "worth": "offers",
}

__all__ = [
    "alt_text",
    "differences_drawn",
    "disagreement",
    "discovery",
    "influence_graph",
    "intervals",
    "ledger",
    "outcome_panels",
    "outcomes",
    "rainbow",
    "regions",
    "risk_profile",
    "robustness",
    "save",
    "show",
    "small_trees",
    "sobol",
    "to_svg",
    "tornado",
    "tree",
    "uncertainty",
    "waterfall",
    "worth",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'decision.draw' has no attribute {name!r}")
    return getattr(import_module(f"decision.draw.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
