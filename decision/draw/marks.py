"""What a mark is, kept with its name: the words that a reader sees who points at it.

matplotlib hands a renderer no more of an artist than its group id, so the words travel in
it: a `Mark` is a string, the id, that also knows what to say. In SVG it becomes a group
with a ``<title>``, which browsers show on hover.
"""

from __future__ import annotations

from decision.draw.style import plain

__all__ = ["Mark", "hover"]


class Mark(str):
    """A group's id, or "" for none, and what it says."""

    says: str

    def __new__(cls, name: str, says: str) -> Mark:
        """Return the id with its words."""
        found = super().__new__(cls, name)
        found.says = plain(says)
        return found


def hover(name: str, says: str) -> Mark:
    """Return a group's id that says something.

    Examples
    --------
    >>> found = hover("dot-0", "off ramp: +0.12 points")
    >>> found, found.says
    ('dot-0', 'off ramp: +0.12 points')
    """
    return Mark(name, says)
