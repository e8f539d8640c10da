"""What a picture says, in words, kept with the picture.

Each drawing function tells its Axes an account as good as a caption, with the names and
the numbers; it becomes the alternative text wherever the picture goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from decision.draw.style import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["alt_text", "describe", "listed"]

_accounts: WeakKeyDictionary[Axes, str] = WeakKeyDictionary()


def describe(ax: Axes, account: str) -> None:
    """Keep what a picture says."""
    _accounts[ax] = plain(account)


def alt_text(picture: Axes | Figure) -> str:
    """Return what a picture shows, in words and numbers.

    Parameters
    ----------
    picture : Axes or Figure
        A figure says what all its Axes say.

    Returns
    -------
    str
        For Axes that none of our functions drew, their title and labels.

    Examples
    --------
    >>> from decision import draw, read_model
    >>> ax = draw.influence_graph(read_model("data/examples/oil_wildcatter"))
    >>> draw.alt_text(ax)[:41]
    'Influence graph of Oil wildcatter: 2 deci'
    """
    found = [_accounts.get(ax) or _labels(ax) for ax in _axes(picture)]
    return " ".join(text for text in found if text) or "A figure."


def _axes(picture: Axes | Figure) -> list[Axes]:
    from matplotlib.figure import Figure

    return list(picture.axes) if isinstance(picture, Figure) else [picture]


def _labels(ax: Axes) -> str:
    texts = (ax.get_title(), ax.get_xlabel(), ax.get_ylabel())
    words = [plain(text) for text in texts if text.strip()]
    return f"{'; '.join(words)}." if words else ""


def listed(words: Iterable[str], last: str = "and") -> str:
    """Join words as a sentence does.

    Examples
    --------
    >>> listed(["test", "drill", "sell"])
    'test, drill and sell'
    """
    *first, end = list(words) or ["nothing"]
    return f"{', '.join(first)} {last} {end}" if first else end
