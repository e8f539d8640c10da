"""Where the page's markup is kept: one template for the page, one for each kind of table."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

__all__ = ["TEMPLATES", "environment", "partial"]

TEMPLATES = Path(__file__).parents[1] / "templates"


@cache
def environment() -> Environment:
    """Return what renders templates; all text is escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["state"] = lambda name: str(name).replace("_", " ")
    return made


def partial(name: str, **content: Any) -> Markup:
    """Return a part of the page."""
    return Markup(environment().get_template(f"page/{name}.html.j2").render(**content))
