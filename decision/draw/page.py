"""Pictures on their way out: into a page, a notebook or a file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

import matplotlib as mpl

from decision.draw.alt import alt_text
from decision.draw.svg import svg_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Shown", "fitted_svg", "save", "show", "to_svg"]

FORMATS = (".svg", ".png", ".pdf")
_FITS = "max-width:100%;height:auto"


def _figure_of(picture: Axes | Figure) -> Figure:
    # A subfigure's Axes belong to the figure around it.
    figure = getattr(picture, "figure", picture)
    while getattr(figure, "figure", figure) is not figure:
        figure = figure.figure
    return cast("Figure", figure)


def to_svg(picture: Axes | Figure) -> str:
    """Return a picture as inline SVG, the same text every time.

    Parameters
    ----------
    picture : Axes or Figure
        Of Axes, the whole figure.

    Returns
    -------
    str
        ``<svg role="img" aria-label="…">…</svg>``, with the alternative text as label. It has
        no ``style`` attribute, so that it may stand in a page whose Content-Security-Policy
        forbids inline styles; the page's style sheet says that it is no wider than its column.
    """
    return svg_text(_figure_of(picture), alt_text(_figure_of(picture)))


def fitted_svg(picture: Axes | Figure) -> str:
    """Return a picture as inline SVG that is never wider than what it stands in.

    For a notebook, which has no style sheet of ours: a wide picture would run out of its cell.
    """
    return to_svg(picture).replace("<svg ", f'<svg style="{_FITS}" ', 1)


class Shown:
    """A picture that a notebook shows as inline SVG, with its alternative text."""

    def __init__(self, picture: Axes | Figure) -> None:
        self._picture = picture

    def _repr_html_(self) -> str:
        return f"<figure>{fitted_svg(self._picture)}</figure>"

    def __repr__(self) -> str:
        return alt_text(_figure_of(self._picture))


def show(picture: Axes | Figure) -> Shown:
    """Return a picture as a notebook's cell should show it.

    Alternative text survives only in text/html, so that is all this object offers.
    """
    return Shown(picture)


def save(picture: Axes | Figure, path: str | Path, *, resolution: float = 200.0) -> Path:
    """Write a picture to a file, whole or not at all.

    Parameters
    ----------
    picture : Axes or Figure
    path : str or Path
        Ends in ``.svg``, ``.png`` or ``.pdf``. An existing file is replaced.

    resolution : float
        Of a PNG, in dots an inch.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ValueError
        For any other ending.
    OSError
        If the file cannot be written; an old one is left as it was.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise ValueError(f"a picture is saved as {', '.join(FORMATS)}, not '{path.name}'")
    figure, words = _figure_of(picture), alt_text(_figure_of(picture))
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=ending, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            if ending == ".svg":
                text = to_svg(picture)
                file.write(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode())
            elif ending == ".png":
                told = {"Description": words, "Software": None}
                # Letters at the widths that places were measured by, not at those of whole pixels.
                with mpl.rc_context({"text.hinting": "none"}):
                    figure.savefig(file, format="png", dpi=resolution, metadata=told)
            else:
                told = {"Subject": words, "CreationDate": None, "Creator": None, "Producer": None}
                figure.savefig(file, format="pdf", metadata=told)
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
