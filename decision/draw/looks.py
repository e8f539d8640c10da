"""How an option looks, the same in every picture of one kind: colour, hatch and dash.

The colours are Okabe and Ito's; a hatch or a dash always says the same, so that grey paper
tells options apart. Options beyond the seventh begin anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D, ScaledTranslation

from decision.draw.style import COLOURS, INK, measure, shortened, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

__all__ = ["Look", "draw_key", "from_corner", "key_lines", "look_of", "named"]

SWATCH = 11.0
NAME = 190.0


@dataclass(frozen=True)
class Look:
    """Colour of an area or a line, hatch of an area, dash of a line."""

    colour: str
    hatch: str
    dash: Any


LOOKS = (
    Look(COLOURS["blue"], "", "-"),
    Look(COLOURS["orange"], "///", (0, (5, 2))),
    Look(COLOURS["sky"], "...", (0, (1.5, 1.5))),
    Look(COLOURS["vermilion"], "\\\\\\", (0, (6, 2, 1.5, 2))),
    Look(COLOURS["yellow"], "", (0, (3, 1))),
    Look(COLOURS["green"], "xxx", (0, (1, 3))),
    Look(COLOURS["purple"], "---", (0, (8, 3))),
)
NONE = Look("#FFFFFF", "", (0, (1, 4)))


def look_of(option: str | None, options: Sequence[str]) -> Look:
    """Return how an option looks among others; white where none can be had."""
    if option is None:
        return NONE
    return LOOKS[list(options).index(option) % len(LOOKS)]


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
            swatch = Rectangle((x, y - SWATCH), SWATCH, SWATCH, facecolor=look.colour)
            swatch.set(hatch=look.hatch, edgecolor=INK, linewidth=0.6, clip_on=False)
            swatch.set_transform(transform)
            ax.add_patch(swatch)
            write(ax, x + SWATCH + 5, y - 9, named(option, size), size, transform=transform)
        down -= 15.0


def from_corner(ax: Axes, scale: float) -> Transform:
    """Return a transform that takes points from the lower right corner of some Axes."""
    points = Affine2D().scale(scale / 72) + ax.figure.dpi_scale_trans
    corner: Any = ax.transAxes
    return points + ScaledTranslation(1.0, 0.0, corner)
