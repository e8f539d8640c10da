"""How an option looks, the same in every picture: colour, tint, hatch, dash and marker.

The place of an option in its model says how it looks, whatever the picture; what is best is
told by weight (bold, heavy, a frame), never by another colour. Colours are near Okabe and
Ito's, darkened until a line or a letter in them stands out from white (three to one at
least); areas take a tint of a third, on which dark text stands (seven to one). Under
simulated protanopia, deuteranopia and tritanopia neighbours in the list stay apart, and a
hatch, a dash or a marker always says the same, so that grey paper tells options apart.
Options beyond the seventh begin anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D, ScaledTranslation

from decision.draw.style import FAINT, measure, shortened, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

__all__ = ["Look", "draw_key", "from_corner", "key_lines", "look_of", "named", "shade"]

SWATCH = 11.0
NAME = 260.0


@dataclass(frozen=True)
class Look:
    """Colour of a line, a marker or an edge, tint and hatch of an area, dash, marker."""

    colour: str
    tint: str
    hatch: str
    dash: Any
    marker: str


LOOKS = (
    Look("#0072B2", "#B3D5E8", "", "-", "o"),
    Look("#CA8000", "#F1DBB3", "///", (0, (5, 2)), "s"),
    Look("#00664F", "#B3D1CA", "...", (0, (1.5, 1.5)), "^"),
    Look("#C2578F", "#EDCDDD", "\\\\\\", (0, (6, 2, 1.5, 2)), "D"),
    Look("#333333", "#D2D2D2", "---", (0, (3, 1)), "v"),
    Look("#A03A00", "#E3C4B3", "xxx", (0, (1, 3)), "P"),
    Look("#2A8DBF", "#BFDDEC", "|||", (0, (8, 3)), "X"),
)
NONE = Look(FAINT, "#FFFFFF", "", (0, (1, 4)), ".")


def look_of(option: str | None, options: Sequence[str]) -> Look:
    """Return how an option looks among others; white where none can be had."""
    if option is None:
        return NONE
    return LOOKS[list(options).index(option) % len(LOOKS)]


def shade(share: float) -> tuple[float, float, float]:
    """Return white to a middle grey, for a table's cell: black type stands on it."""
    red, green, blue = (1 - share * (1 - part / 255) for part in (0x9A, 0xA5, 0xAE))
    return red, green, blue


def named(option: str | None, size: float, width: float = NAME) -> str:
    """Return an option's name as a picture writes it."""
    if option is None:
        return "no option"
    return shortened(option.replace("_", " "), width, size)


def key_lines(
    options: Iterable[str | None], size: float, width: float
) -> list[list[tuple[str | None, float]]]:
    """Return options in lines, each with how far right its swatch stands, in points."""
    lines: list[list[tuple[str | None, float]]] = [[]]
    right = 0.0
    for option in options:
        wide = SWATCH + 5 + measure(named(option, size), size) + 16
        if lines[-1] and right + wide > width:
            lines.append([])
            right = 0.0
        lines[-1].append((option, right))
        right += wide
    return lines


def draw_key(
    ax: Axes,
    lines: list[list[tuple[str | None, float]]],
    options: Sequence[str],
    size: float,
    place: tuple[float, float],
    transform: Transform,
) -> None:
    """Draw a swatch and a name for each option.

    Parameters
    ----------
    ax : Axes
    lines : list
        As `key_lines` gives them.
    options : sequence of str
        All of them: their order says how each looks.
    size : float
        Of the type, in points.
    place : pair of float
        Upper left corner, in points.
    transform : Transform
        From points to the picture.
    """
    left, down = place
    for line in lines:
        for option, right in line:
            look = look_of(option, options)
            x, y = left + right, down
            swatch = Rectangle((x, y - SWATCH), SWATCH, SWATCH, facecolor=look.tint)
            swatch.set(hatch=look.hatch, edgecolor=look.colour, linewidth=0.9, clip_on=False)
            swatch.set_transform(transform)
            ax.add_patch(swatch)
            write(ax, x + SWATCH + 5, y - 9, named(option, size), size, transform=transform)
        down -= 15.0


def from_corner(ax: Axes, scale: float) -> Transform:
    """Return a transform that takes points from the lower right corner of some Axes."""
    points = Affine2D().scale(scale / 72) + ax.figure.dpi_scale_trans
    corner: Any = ax.transAxes
    return points + ScaledTranslation(1.0, 0.0, corner)
