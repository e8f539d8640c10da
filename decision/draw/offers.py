"""What it is worth to know and to control: tables of values on one scale, a dot a row.

Tables stand below each other under their headings, the largest values first, so that knowing
what will happen, knowing the numbers and choosing what will happen can be compared: all are in
the unit of the expected total. The line across a dot reaches two standard errors to both
sides, or from the least to the most that the value can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

from decision.analysis.evppi import ALL
from decision.draw.alt import describe
from decision.draw.dots import (
    DARK,
    DOT,
    GAP,
    LEADING,
    ROW,
    TYPE,
    draw_scale,
    in_lines,
    shifted,
    widest,
)
from decision.draw.marks import hover
from decision.draw.numbers import amount, decimals_of_range, unit_of_total
from decision.draw.style import INK, framed, measure, plain, shortened, write

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from decision.model.diagram import InfluenceDiagram

__all__ = ["worth"]

PLOT = 320.0
NAME = 240.0


@dataclass(frozen=True)
class _Row:
    """A heading, or a value with the ends of its line and what is written beside it."""

    name: str
    value: float | None = None
    low: float = 0.0
    high: float = 0.0
    label: str = ""


def worth(
    model: InfluenceDiagram,
    tables: Mapping[str, pd.DataFrame],
    rows: int = 6,
    ax: Axes | None = None,
) -> Axes:
    """Draw what knowing and controlling is worth.

    Parameters
    ----------
    model : InfluenceDiagram
        Gives the names and the unit.
    tables : mapping of heading to DataFrame
        What `value_of_information`, `value_of_knowing_inputs`, `value_of_control` or
        `value_of_better_odds` give: a column `value`, and `standard_error`, or `at_least` and
        `at_most`.
    rows : int
        Of each table, at most; rows worth nothing are left out, but for the first.
    ax : Axes, optional
        Drawn into; else a figure of the right size is made. The x axis is in the total's unit.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        Where no table has a row.
    """
    listed = [_listed(model, *item, rows) for item in tables.items()]
    shown = [row for group in listed for row in group]
    if not any(row.value is not None for row in shown):
        raise ValueError("there is no value to draw")
    size = (PLOT, ROW * len(shown))
    ax = ax or _figure(shown, size)
    scale = _prepared(ax, shown, size)
    for place, row in enumerate(shown):
        _draw_row(ax, place, row, scale)
    unit = plain(unit_of_total(model))
    kind = "certain equivalent" if model.risk is not None else "expected total"
    said = shortened(f"What it adds to the {kind} ({unit})", PLOT + NAME, TYPE)
    below = shifted(ax, 0, -28 * scale, "below")
    write(ax, sum(ax.get_xlim()) / 2, 0.0, said, TYPE * scale, ha="center", transform=below)
    parts = [
        f"{group[0].name}: " + "; ".join(f"{r.name} {r.label}" for r in group[1:])
        for group in listed
        if len(group) > 1
    ]
    describe(ax, f"{said}. {'. '.join(parts)}.")
    return ax


# -- what is shown ------------------------------------------------------------------


def _listed(model: InfluenceDiagram, heading: str, table: pd.DataFrame, most: int) -> list[_Row]:
    """Return a heading and the rows below it."""
    kept = table[(table["value"] > 0).to_numpy()].head(most)
    kept = kept if len(kept) else table.head(1)
    columns = set(table.columns)
    spans: list[tuple[float, float, str]] = []
    values = [float(value) for value in kept["value"]]
    places = decimals_of_range([0.0, max(values)]) if values and max(values) > 0 else 0
    for value, (_, row) in zip(values, kept.iterrows(), strict=True):
        if "standard_error" in columns:
            reach = 2 * float(row["standard_error"])
            spans.append((max(0.0, value - reach), value + reach, f" ± {amount(reach, places)}"))
        elif "at_most" in columns and row["at_most"] > row["at_least"]:
            low, high = float(row["at_least"]), float(row["at_most"])
            spans.append((low, high, f" ({amount(low, places)} to {amount(high, places)})"))
        else:
            spans.append((value, value, ""))
    nodes = kept["node"] if "node" in columns else kept.index
    names = [_caption(model, str(name)) for name in nodes]
    if "state" in columns:  # of control: which state is chosen, or made likelier
        chosen = zip(names, kept["state"], strict=True)
        names = [f"{name}: {str(s).replace('_', ' ')}" if s else name for name, s in chosen]
    rows = [
        _Row(plain(name), value, low, high, amount(value, places) + more)
        for name, value, (low, high, more) in zip(names, values, spans, strict=True)
    ]
    nothing = "" if rows else ": nothing"
    return [_Row(plain(heading) + nothing), *rows]


def _caption(model: InfluenceDiagram, name: str) -> str:
    """Return the captions of the nodes that a row names; anything else as it stands."""
    if name == ALL and name not in model.nodes:
        return ALL.capitalize()
    parts = [str(model.nodes[p].caption) if p in model.nodes else p for p in name.split(" + ")]
    return " + ".join(parts)


# -- drawing ------------------------------------------------------------------------


def _figure(rows: list[_Row], size: tuple[float, float]) -> Axes:
    names = [(in_lines(row.name, NAME), row.value is None) for row in rows]
    left = max(widest([lines], bold) for lines, bold in names) + 28
    right, top, bottom = 20.0, 8.0, 38.0
    return framed(size, left, right, top, bottom)


def _prepared(ax: Axes, rows: list[_Row], size: tuple[float, float]) -> float:
    """Set the scale, with room for the numbers; return what type is multiplied by."""
    points = 72 / ax.figure.dpi
    width, height = ax.bbox.width * points, ax.bbox.height * points
    scale = min(1.0, width / size[0], height / size[1])
    far = max(max(row.high, row.value or 0.0) for row in rows) or 1.0
    inner = width / scale - DOT
    aside = max(measure(row.label, TYPE) for row in rows) + DOT / 2 + GAP + 4
    reach = far / max(0.25 * inner, inner - aside)
    ax.set_xlim(-reach * DOT, -reach * DOT + reach * width / scale)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    for side in ("top", "left", "right", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(left=False, labelleft=False, bottom=False, labelbottom=False)
    draw_scale(ax, 0.0, scale, 5)
    return scale


def _draw_row(ax: Axes, place: int, row: _Row, scale: float) -> None:
    down = -0.36 * TYPE * scale
    heading = row.value is None
    lines = in_lines(row.name, NAME)
    for i, line in enumerate(lines):
        up = ((len(lines) - 1) / 2 - i) * LEADING * scale
        beside = shifted(ax, -8 * scale, down + up, "left")
        how = {"ha": "right", "color": INK, "transform": beside, "bold": heading}
        write(ax, 0.0, place, line, TYPE * scale, **how)
    if row.value is None:
        return
    says = f"{row.name}: adds {row.label}"
    lead = Line2D([0.0, row.value], [place, place], color=DARK, linewidth=1.4 * scale)
    lead.set(solid_capstyle="butt", gid=hover("", says))
    ax.add_line(lead)
    if row.high > row.low:
        bar = Line2D([row.low, row.high], [place, place], color=INK, marker="|", zorder=4)
        bar.set(linewidth=1.0 * scale, markersize=9 * scale, markeredgewidth=1.0 * scale)
        bar.set_gid(hover(f"error-{place}", says))
        ax.add_line(bar)
    small = DOT - 2.5 if row.high > row.low else DOT  # the line's ends stand clear of it
    dot = Line2D([row.value], [place], marker="o", markersize=small * scale, zorder=3)
    dot.set(markerfacecolor=DARK, markeredgecolor=DARK, gid=hover(f"dot-{place}", says))
    ax.add_line(dot)
    right = shifted(ax, (DOT / 2 + GAP) * scale, down)
    write(ax, max(row.value, row.high), place, row.label, TYPE * scale, ha="left", transform=right)
