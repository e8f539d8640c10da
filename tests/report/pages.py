"""Pages of models, made once, and read as a tree of what a reader meets."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import decision as da
from decision.report.page import report_html

__all__ = ["EXAMPLES", "Elements", "page_of", "section_of", "sections_of", "visible"]

EXAMPLES = sorted(
    folder.name for folder in Path("data/examples").iterdir() if (folder / "model.toml").exists()
)


class Elements(HTMLParser):
    """Start tags with their attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@cache
def page_of(name: str) -> str:
    """Return the page of a shipped model."""
    return report_html(da.open_model(name), named=name)


def sections_of(html: str) -> list[str]:
    """Return the anchors of the sections, in order."""
    return re.findall(r'<section id="([^"]*)"', html)


def section_of(html: str, anchor: str) -> str:
    """Return a section as its markup."""
    start = html.index(f'<section id="{anchor}"')
    return html[start : html.index("</section>", start)]


def visible(html: str) -> str:
    """Return the text of a page, alternative texts too, without scripts and styles."""
    from html import unescape

    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.DOTALL)
    spoken = re.sub(r'<[^>]*aria-label="([^"]*)"[^>]*>', r" \1 ", bare)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", spoken)).split())
