"""The explorer: change a number anywhere and see it move, in a page that is offline.

`explorer_html` gives the parts of a page, `explore` shows them in a notebook. The page
carries the compiled plan and all inputs as data and solves the model anew after each change
(plans.py says how, and for which models not); it asks no network for anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from decision.model.diagram import InfluenceDiagram
from decision.model.problems import COMMAND_LINE, ModelError, nearest, problem
from decision.model.shipped import Setting, varied

if TYPE_CHECKING:
    import pandas as pd

    from decision.analysis.finding import Finding

__all__ = ["Explorer", "Section", "explore", "explorer_html"]

SCRIPTS = (
    *("solver", "language", "changes", "model", "policies", "tree", "writing", "elements"),
    *("chart", "cells", "rules", "branching", "rows", "search", "controls", "address"),
    "explorer",
)
"""Files of the page's script, in this order."""
LARGEST = 1_000_000
"""Bytes of data beyond which a page does not solve anew."""


@dataclass(frozen=True)
class Section:
    """Parts of a page: each is safe to put into it as it is.

    Attributes
    ----------
    html : str
        Markup, with the data in it; no scripts that run, no styles.
    style : str
        Text for a `style` element: the same for every model.
    script : str
        Text for a `script` element after the markup: the same for every model. It makes
        alive every explorer on the page that is not yet.
    """

    html: str
    style: str
    script: str


def explorer_html(
    model: InfluenceDiagram,
    *,
    settings: Sequence[Setting] = (),
    changes: Sequence[str] = (),
    by: str | None = None,
    reference: str | None = None,
    found: Sequence[Finding] | pd.DataFrame | None = None,
    alone: bool = True,
    heading: str | None = None,
) -> Section:
    """Return the parts of a page in which a reader changes numbers of a model.

    Parameters
    ----------
    model : InfluenceDiagram
        As read: the base that changes are compared with.
    settings : sequence of (kind, name)
        Perspectives and scenarios that the page opens with.
    changes : sequence of str
        Changes in the small language that it opens with, made after them.
    by : str, optional
        Decision whose options are the branches; default the first.
    reference : str, optional
        Option that totals are compared with at first; default the first.
    found : sequence of Finding or DataFrame, optional
        What `findings` or `sensitivity` found of the model, for break-evens and the widest
        inputs; worked out here if left out.
    alone : bool
        Whether it is the only one of its page, whose address it may use.
    heading : str, optional
        Above it.

    Raises
    ------
    ModelError
        For a setting, change, decision or option that is wrong.

    Examples
    --------
    >>> import decision as da
    >>> section = explorer_html(da.open_model("oil_wildcatter"))
    >>> '<script type="application/json">' in section.html
    True
    """
    from decision.report.explorer.base import base_of
    from decision.report.explorer.data import explorer_data, findings_of, json_text
    from decision.report.explorer.plans import Ways, ways_of
    from decision.report.explorer.skeleton import markup

    by = model.decisions[0].name if by is None else by
    options = model.node(by, ("decision",), COMMAND_LINE).options
    if reference is not None and reference not in options:
        what = f"{by} has no option '{reference}'"
        raise ModelError([problem(COMMAND_LINE, what, nearest(reference, options))])
    shown = base_of(varied(model, settings, changes), by, reference)
    ways = ways_of(model, by)
    if found is None and ways.way != "still":
        found = findings_of(model, by)

    start = {"sets": [list(one) for one in settings], "changes": list(changes)}
    data = json_text(explorer_data(model, ways, shown, found, start, alone))
    if len(data) > LARGEST:
        ways = Ways("still", f"The page shows the base only: its data take {len(data):,} bytes.")
        data = json_text(explorer_data(model, ways, shown, None, start, alone))
    return Section(markup(shown, data, heading, ways), style_text(), script_text())


@cache
def style_text() -> str:
    """Return the style sheet, the same for every model."""
    return _template("explorer.css")


@cache
def script_text() -> str:
    """Return the script, the same for every model; in a scope of its own."""
    parts = "\n".join(_template(f"{name}.js") for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}\n}})();\n'


def _template(name: str) -> str:
    from decision.report.explorer.skeleton import TEMPLATES

    return (TEMPLATES / name).read_text(encoding="utf-8")


@dataclass(frozen=True, eq=False, repr=False)
class Explorer:
    """A model to explore, shown in a notebook as a cell's output.

    Examples
    --------
    >>> import decision as da
    >>> da.explore(da.open_model("umbrella"))
    <Explorer: Umbrella, by umbrella; show it as the last line of a notebook's cell>
    """

    model: InfluenceDiagram
    section: Section
    by: str

    def _repr_html_(self) -> str:
        style, html, script = self.section.style, self.section.html, self.section.script
        return f"<style>{style}</style>\n{html}\n<script>{script}</script>"

    def __repr__(self) -> str:
        title = self.model.title or "a model"
        return f"<Explorer: {title}, by {self.by}; show it as the last line of a notebook's cell>"


def explore(
    model: InfluenceDiagram,
    *,
    changes: Sequence[str] = (),
    by: str | None = None,
    reference: str | None = None,
    found: Sequence[Finding] | pd.DataFrame | None = None,
) -> Explorer:
    """Show a model as a cell's output in which numbers can be changed.

    Parameters
    ----------
    model : InfluenceDiagram
    changes : sequence of str
        Changes in the small language to begin with.
    by, reference : str, optional
        Decision whose options are the branches (default the first), and the option that
        totals are compared with (default the first).
    found : sequence of Finding or DataFrame, optional
        `sensitivity(model)`, if it is known already: it is not worked out twice then.

    Returns
    -------
    Explorer
        Shown where it is the last line of a cell. In a notebook that is not trusted it is
        the base's numbers as text.
    """
    section = explorer_html(
        model,
        changes=changes,
        by=by,
        reference=reference,
        found=found,
        alone=False,
        heading=f"Explore: {model.title}" if model.title else "Explore",
    )
    return Explorer(model, section, model.decisions[0].name if by is None else by)
