"""A figure as SVG text: small, the same every time, safe inside a page.

matplotlib's own SVG carries its version, a date and ids that clash when two pictures
stand in one page. Here a figure is drawn into text by a renderer of our own: numbers
have at most two decimals, so that they are equal from one library version to the next;
text stays text (`textLength` holds its width where the reader has another font); ids
begin with a digest of the picture; whatever comes from a model is escaped.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.path import Path

from decision.draw.attributes import fill_of, line_of, number, step
from decision.draw.hatches import tile
from decision.draw.marks import Mark
from decision.draw.style import FONT_FAMILY, INK, measure, plain, said

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.text import Text
    from matplotlib.transforms import Transform

__all__ = ["svg_text"]

_LENGTHS: dict[Any, int] = {
    Path.MOVETO: 1,
    Path.LINETO: 1,
    Path.CURVE3: 2,
    Path.CURVE4: 3,
    Path.CLOSEPOLY: 1,
}
_PREFIX = "\x00"
"""No text of ours holds it: `plain` takes control characters out."""
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


def svg_text(figure: Figure, label: str) -> str:
    """Return a figure as an inline ``<svg>`` element.

    Parameters
    ----------
    figure : Figure
    label : str
        Alternative text.
    """
    dpi = figure.dpi
    figure.dpi = 72.0  # so that a pixel of the renderer is a point of the page
    try:
        width, height = (float(n) for n in figure.get_size_inches() * 72)
        ink = _Ink(width, height)
        figure.draw(ink)
    finally:
        figure.dpi = dpi
    body = "\n".join(ink.lines)
    digest = hashlib.sha256(f"{label}\n{body}".encode()).hexdigest()[:8]
    body = body.replace(_PREFIX, f"d{digest}-")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{_attribute(label)}" '
        f'width="{number(width)}pt" height="{number(height)}pt" '
        f'viewBox="0 0 {number(width)} {number(height)}" '
        f'font-family="{FONT_FAMILY}" fill="{INK}">\n{body}\n</svg>'
    )


def _attribute(text: str) -> str:
    return escape(plain(text), quote=True)


class _Ink(RendererBase):
    """Draws into lines of SVG. Its unit is a point; y runs upwards, as matplotlib's."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height
        self.lines: list[str] = []
        self._clips: dict[str, str] = {}
        self._tiles: dict[tuple[str, str, str], str] = {}
        self._ids: Counter[str] = Counter()
        self._groups: list[bool] = []

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self.width, self.height

    def points_to_pixels(self, points: Any) -> Any:
        return points

    def flipy(self) -> bool:
        return True

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Only what we named ourselves, or have words for, becomes a group."""
        named = bool(gid and _ID.fullmatch(gid))
        says = gid.says if isinstance(gid, Mark) else ""
        self._groups.append(named or bool(says))
        if not self._groups[-1]:
            return
        own = ""
        if named:
            self._ids[str(gid)] += 1  # panels have rows of the same names
            count = self._ids[str(gid)]
            own = f' id="{_PREFIX}{gid}{f"_{count}" if count > 1 else ""}"'
        self.lines.append(f"<g{own}>" + (f"<title>{escape(says)}</title>" if says else ""))

    def close_group(self, s: str) -> None:
        if self._groups.pop():
            self.lines.append("</g>")

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,
    ) -> None:
        outline = "".join(self._pieces(path.transformed(transform)))
        if not outline:
            return
        clip = self._clip(gc)
        filled = fill_of(gc, rgbFace)
        self.lines.append(f'<path d="{outline}"{filled}{line_of(gc)}{clip}/>')
        hatched = self._hatched(gc)
        if hatched:
            self.lines.append(f'<path d="{outline}" fill="url(#{hatched})"{clip}/>')

    def draw_markers(
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Transform,
        path: Path,
        trans: Transform,
        rgbFace: Any = None,
    ) -> None:
        """Draw a marker at every corner of a path; a dot as a circle, in a tenth of the text."""
        if marker_path is not Path.unit_circle():
            super().draw_markers(gc, marker_path, marker_trans, path, trans, rgbFace)
            return
        radius = number(marker_trans.transform([(1.0, 0.0)])[0][0])
        look = f"{fill_of(gc, rgbFace)}{line_of(gc)}{self._clip(gc)}"
        for x, y in np.asarray(path.transformed(trans).vertices, dtype=float):
            if np.isfinite((x, y)).all():
                place = f'cx="{number(x)}" cy="{number(self.height - y)}" r="{radius}"'
                self.lines.append(f"<circle {place}{look}/>")

    def _pieces(self, path: Path) -> Iterator[str]:
        points = np.asarray(path.vertices, dtype=float)
        codes = [Path.MOVETO, *[Path.LINETO] * (len(points) - 1)]
        if path.codes is not None:
            codes = np.asarray(path.codes).tolist()
        i, last, broken = 0, ("", ""), False
        while i < len(points):
            code = Path.MOVETO if broken and codes[i] == Path.LINETO else codes[i]
            if code == Path.STOP:
                return
            count = _LENGTHS[code]
            if code == Path.CLOSEPOLY:
                yield "Z"
            elif np.isfinite(points[i : i + count]).all():
                ends = [(number(x), number(self.height - y)) for x, y in points[i : i + count]]
                yield step(code, ends, last)
                last, broken = ends[-1], False
            else:
                broken = True  # a line begins anew after a gap
            i += count

    def _hatched(self, gc: GraphicsContextBase) -> str:
        """Return the id of the pattern that a hatch is drawn with."""
        hatch = gc.get_hatch()
        if not hatch:
            return ""
        look = (hatch, to_hex(gc.get_hatch_color()), number(gc.get_hatch_linewidth()))
        if look not in self._tiles:
            name = f"{_PREFIX}hatch{len(self._tiles)}"
            drawn = tile(*look, name)
            self._tiles[look] = name if drawn else ""
            self.lines += [drawn] if drawn else []
        return self._tiles[look]

    def _clip(self, gc: GraphicsContextBase) -> str:
        box = gc.get_clip_rectangle()
        if box is None:
            return ""
        x, y, wide, high = box.bounds
        shape = (
            f'<rect x="{number(x)}" y="{number(self.height - y - high)}" '
            f'width="{number(wide)}" height="{number(high)}"/>'
        )
        if shape not in self._clips:
            self._clips[shape] = f"{_PREFIX}clip{len(self._clips)}"
            self.lines.append(f'<clipPath id="{self._clips[shape]}">{shape}</clipPath>')
        return f' clip-path="url(#{self._clips[shape]})"'

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Text | None = None,
    ) -> None:
        """Write text that is anchored where it was asked for, not where it was measured."""
        text, anchor, size = s, "", prop.get_size_in_points()
        if mtext is not None and "\n" not in mtext.get_text():
            text = said(mtext)
            if not angle:
                x, y, anchor = self._anchored(mtext, y)
        bold = str(prop.get_file() or "").endswith("Bold.ttf") or prop.get_weight() in (
            "bold",
            700,
        )
        turn = f' transform="rotate({number(-angle)} {number(x)} {number(y)})"' if angle else ""
        wide = f' textLength="{number(measure(text, size, bold))}"' if len(text) > 1 else ""
        self.lines.append(
            f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}"'
            + (f' fill="{fill}"' if (fill := to_hex(gc.get_rgb())) != INK else "")
            + (f' text-anchor="{anchor}"' if anchor else "")
            + (' font-weight="bold"' if bold else "")
            + f"{wide}{turn}>{escape(text)}</text>"
        )

    def _anchored(self, text: Text, y: float) -> tuple[float, float, str]:
        """Where a text was put, whatever its width came out as, and by which of its ends."""
        place = text.get_transform().transform(text.get_unitless_position())
        anchors = {"center": "middle", "right": "end"}
        if text.get_verticalalignment() == "baseline":
            y = self.height - float(place[1])
        return float(place[0]), y, anchors.get(text.get_horizontalalignment(), "")

    def draw_image(
        self, gc: GraphicsContextBase, x: float, y: float, im: Any, transform: Any = None
    ) -> None:
        """Put a picture of pixels in, such as a heat map's."""
        from PIL import Image

        pixels = np.asarray(im, dtype=np.uint8)[::-1]
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "png")
        data = base64.b64encode(buffer.getvalue()).decode()
        high, wide = pixels.shape[:2]
        self.lines.append(
            f'<image x="{number(x)}" y="{number(self.height - y - high)}" '
            f'width="{number(wide)}" height="{number(high)}" '
            f'href="data:image/png;base64,{data}"{self._clip(gc)}/>'
        )
