"""The report of a model: one HTML page that opens offline and traces every number.

A reader meets, in this order: the question, the answer with its margin and confidence,
the diagram, the tree, outcomes, why, what would change it, how sure it is, what is worth
knowing, who disagrees, how robust it is, claims, signposts, the ledger of inputs, method,
and how to make the page anew. Sections (decision.report.sections) that a model has
nothing to say on are left out. The page asks for nothing from outside: styles, script
and pictures stand in it, and its Content-Security-Policy allows no more than these, by
their digests. All text of a model is escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from decision.model.diagram import InfluenceDiagram
from decision.model.files import replace_file
from decision.model.problems import ModelError, Problem, shorten
from decision.model.shipped import Setting
from decision.report import explorer
from decision.report.sections import SECTIONS, Section, Study
from decision.report.sections.opening import answer
from decision.report.sections.study import Tell, silent
from decision.report.sections.templates import TEMPLATES, environment

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["report_html", "write_report"]

SHEETS = ("decision/static/decision.css", "page/figures.css", "page/page.css", "page/paper.css")


def write_report(
    model: InfluenceDiagram,
    path: str | Path,
    *,
    settings: Sequence[Setting] = (),
    changes: Sequence[str] = (),
    by: str | None = None,
    event: str | None = None,
    named: str = "MODEL",
    tell: Tell | None = None,
) -> None:
    """Write the report of a model as one HTML file.

    Parameters
    ----------
    model : InfluenceDiagram
        As read.
    path : str or Path
        The file; replaced whole or not at all.
    settings : sequence of (kind, name)
        Perspectives and scenarios to make first, ``[("perspective", "moon_government")]``.
    changes : sequence of str
        Changes in the small language, made after them.
    by : str, optional
        Decision whose options are the branches; default the first.
    event : str, optional
        ``"P(node=state)"``: the lead is also told as a change of its chance. Default, where
        the total is in points: the state whose certainty would lower it most.
    named : str
        What the model is called in the command that makes the page anew.
    tell : callable, optional
        Given what is counted ("draws"), gives what is told how many are done, and of how many.

    Raises
    ------
    ModelError
        For a setting or change that is wrong, or a file that cannot be written.

    Examples
    --------
    >>> import decision as da, tempfile
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     da.write_report(oil, f"{folder}/oil.html")
    """
    html = report_html(
        model, settings=settings, changes=changes, by=by, event=event, named=named, tell=tell
    )
    try:
        replace_file(Path(path), html)
    except OSError as error:
        what = f"it cannot be written ({error.strerror or error})"
        found = Problem(shorten(path, 200), 1, what, "name a file that can be written")
        raise ModelError([found]) from None


def report_html(
    model: InfluenceDiagram,
    *,
    settings: Sequence[Setting] = (),
    changes: Sequence[str] = (),
    by: str | None = None,
    event: str | None = None,
    named: str = "MODEL",
    tell: Tell | None = None,
) -> str:
    """Return the report of a model as the text of one HTML page; see `write_report`."""
    study = Study(model, tuple(settings), tuple(changes), by, event, named, tell or silent)
    told = study.tell("sections")
    opened, live = answer(study), _explorer(study)
    sections = [Section("explore", "Change a number, see it move", Markup(live.html))]
    for i, section in enumerate(SECTIONS, 1):
        found = section(study)
        if found is not None:
            sections.append(found)
        told(i, len(SECTIONS))
    styles = [f"{_style()}\n{live.style}"]
    scripts = [_script(), live.script]
    return str(
        environment()
        .get_template("page.html.j2")
        .render(
            model=study.shown,
            caption=study.shown.nodes[study.by].caption,
            answer=opened,
            sections=sections,
            settings=[f"{kind} {name}" for kind, name in settings] + list(changes),
            moved=_moved(study),
            styles=list(map(Markup, styles)),
            scripts=list(map(Markup, scripts)),
            policy=_policy(styles, scripts),
        )
    )


def _explorer(study: Study) -> explorer.Section:
    """Return what moves: it opens with the page's settings, and compares with the base."""
    same = study.shown is study.model
    return explorer.explorer_html(
        study.model,
        settings=study.settings,
        changes=study.changes,
        by=study.by,
        found=study.findings if same else None,
    )


def _style() -> str:
    return "\n".join((TEMPLATES / sheet).read_text(encoding="utf-8") for sheet in SHEETS)


def _script() -> str:
    return (TEMPLATES / "page" / "page.js").read_text(encoding="utf-8")


def _policy(styles: Sequence[str], scripts: Sequence[str]) -> str:
    """Return what the page may do: nothing but these styles and scripts, and its pictures."""
    parts = [
        "default-src 'none'",
        f"style-src {' '.join(map(_source, styles))}",
        f"script-src {' '.join(map(_source, scripts))}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(parts)


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _moved(study: Study) -> pd.DataFrame | None:
    """Return the numbers that are not the base's."""
    if study.shown is study.model:
        return None
    return study.shown.changes_from(study.model)
