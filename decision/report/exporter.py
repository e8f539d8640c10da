"""The notebook as one HTML file that needs nothing else: no network, no script of ours.

Stock nbconvert asks a content delivery network for require.js and MathJax, stays white
under a dark preference and prints without care. This exporter puts formulas in MathML,
local pictures in the page, links to other notebooks to their exported pages, what is not
the base on top, and the house's style around it; scripts in outputs stay alive. A
Content-Security-Policy in the page holds the promise even for what an author writes.

It is an entry point of ``nbconvert.exporters``: JupyterLab shows it under File, Save and
Export Notebook As; ``jupyter nbconvert --to decision`` is the same. The template is
in templates/decision beside this file and extends Jupyter's ``lab``.
"""

from __future__ import annotations

import base64
import copy
import mimetypes
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.exporters.html import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from traitlets import default

from decision.report.formulas import mathml

__all__ = [
    "DecisionExporter",
    "contents_page",
    "export",
    "first_words_of",
    "minutes_of",
    "title_of",
]

_DEPARTURE = '<aside class="changed mathjax_ignore"'
"""Begins what words.changed_here shows; the words themselves would take a second to load."""
_HEADING = re.compile(r"^#\s+(.+?)\s*#*$", re.MULTILINE)


def title_of(notebook: NotebookNode, otherwise: str = "Notebook") -> str:
    r"""Return the notebook's title: its metadata's, else its first heading.

    Examples
    --------
    >>> import nbformat.v4 as new
    >>> title_of(new.new_notebook(cells=[new.new_markdown_cell("# What if?\n\nText.")]))
    'What if?'
    """
    if notebook.metadata.get("title"):
        return str(notebook.metadata["title"])
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (heading := _HEADING.search(cell.source)):
            return re.sub(r"[*_`$]", "", heading[1])
    return otherwise


def export(notebook: NotebookNode, resources: dict[str, Any]) -> str:
    """Return a notebook as one HTML page.

    Parameters
    ----------
    notebook : NotebookNode
        With its outputs; left as it is.
    resources : dict
        ``metadata`` with ``name`` and ``path`` (the folder that pictures are relative
        to); ``report`` with ``before``, ``after`` (pages) and ``changed`` (texts), if the
        page is one of several.
    """
    page, _ = DecisionExporter().from_notebook_node(notebook, resources)
    return page


def first_words_of(notebook: NotebookNode, length: int = 500) -> str:
    """Return what a notebook says first, as plain text: its computed answer if it has one.

    The answer is the first Markdown that a cell has put out; else the first paragraph
    under the title stands in.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "text/markdown" in output.get("data", {}):
                said = _plain(output.data["text/markdown"], length)
                return re.sub(r"^[►▷] [\w ]+\. ", "", said)  # the mark of what kind it is
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (text := _HEADING.sub("", cell.source).strip()):
            return _plain(text.split("\n\n")[0], length)
    return ""


def minutes_of(notebook: NotebookNode) -> float:
    """Return how long a notebook takes to read, its code left aside.

    Words, those of outputs and tables too unless they are folded, at 238 a minute (Brysbaert
    2019, "How many words do we read per minute?", doi:10.1016/j.jml.2019.104047); half a
    minute for a figure.

    Examples
    --------
    >>> import nbformat.v4 as new
    >>> minutes_of(new.new_notebook(cells=[new.new_markdown_cell("word " * 476)]))
    2.0
    """
    words = figures = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            words += len(re.sub(r"\]\(\S*\)", "]", cell.source).split())
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            shown = BeautifulSoup(str(data.get("text/html", "")), "html.parser")
            figures += len(shown("svg")) + ("image/png" in data)
            for part in shown.select("svg, script, style, details:not([open])"):
                part.decompose()
            plain = data.get("text/markdown") or data.get("text/plain", "")
            text = shown.get_text(" ") if "text/html" in data else str(plain)
            words += len(text.split())
    return words / 238 + figures / 2


def contents_page(
    *, title: str, models: Sequence[Any], notebooks: Sequence[Any], changed: Sequence[str]
) -> str:
    """Return the index of a folder of pages as HTML.

    Parameters
    ----------
    title : str
        The heading.
    models, notebooks : sequence of Page
        Listed in this order, notebooks first.
    changed : sequence of str
        What the run changed, as one would type it.
    """
    environment = DecisionExporter().environment
    style = environment.loader.get_source(environment, "static/decision.css")[0]
    return str(
        environment.get_template("contents.html.j2").render(
            title=title, style=style, models=models, notebooks=notebooks, changed=changed
        )
    )


def _plain(markdown: str, length: int) -> str:
    """Markdown without its marks, cut between words."""
    html = str(MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(markdown))
    text = " ".join(BeautifulSoup(html, "html.parser").get_text().replace("¶", "").split())
    text = re.sub(r"\$([^$]+)\$", r"\1", text)
    return text if len(text) <= length else text[: length - 1].rsplit(" ", 1)[0] + " …"


class _Renderer(IPythonRenderer):
    """Markdown to HTML that is whole in itself."""

    def block_math(self, body: str) -> str:
        return mathml(body, "block")

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Lead to the exported page where the notebook leads to a notebook."""
        parts = urlsplit(url)
        if not parts.scheme and not parts.netloc and parts.path.endswith(".ipynb"):
            url = parts._replace(path=parts.path.removesuffix(".ipynb") + ".html").geturl()
        return str(super().link(text, url, title))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Put a local picture in the page; whatever isn't a picture stays a link."""
        parts = urlsplit(url)
        kind, _ = mimetypes.guess_type(parts.path)
        if not parts.scheme and not parts.netloc and kind and kind.startswith("image/"):
            file = Path(self.path) / unquote(parts.path)
            if file.is_file():
                url = f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"
        return str(super().image(text, url, title))


class DecisionExporter(HTMLExporter):
    """Exports a notebook as one offline HTML page in the house's style."""

    export_from_notebook = "Decision report (offline HTML)"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "decision"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(Path(__file__).with_name("templates"))]

    @default("exclude_input_prompt")
    def _exclude_input_prompt_default(self) -> bool:
        return True

    @default("exclude_output_prompt")
    def _exclude_output_prompt_default(self) -> bool:
        return True

    @default("exclude_anchor_links")
    def _exclude_anchor_links_default(self) -> bool:
        return True

    def default_filters(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Add formulas to the filters of the template."""
        yield from super().default_filters()
        yield "latex2mathml", _formula_output

    @pass_context
    def markdown2html(self, context: Context, source: str) -> str:
        """Turn Markdown to HTML, formulas to MathML, local pictures to data."""
        renderer = _Renderer(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            path=context.get("resources", {}).get("metadata", {}).get("path", ""),
            anchor_link_text=self.anchor_link_text,
            exclude_anchor_links=self.exclude_anchor_links,
        )
        return str(MarkdownWithMath(renderer=renderer).render(source))

    def from_notebook_node(  # type: ignore[override]  # as HTMLExporter has it
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert a notebook; what it was given is left as it was."""
        titled = copy.deepcopy(nb)
        known = dict(resources or {})
        titled.metadata["title"] = title_of(nb, known.get("metadata", {}).get("name", "Notebook"))
        known["departure"] = _taken_out(titled)
        page, resources = super().from_notebook_node(titled, known, **kw)
        return page, resources


def _taken_out(notebook: NotebookNode) -> str:
    """Take the mark of a page that is not the base out of its cell, to stand on top."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            html = str(output.get("data", {}).get("text/html", ""))
            if html.startswith(_DEPARTURE):
                cell.outputs.remove(output)
                return html
    return ""


def _formula_output(latex: str) -> str:
    """A ``text/latex`` output: its dollars off, set apart."""
    return mathml(latex.strip().strip("$"), "block")
