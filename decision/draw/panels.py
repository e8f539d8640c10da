"""Outcomes in natural units, a panel for each: what the points are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from decision.draw.alt import describe, listed
from decision.draw.dots import (
    ROW,
    TYPE,
    Dot,
    draw_dots,
    option_lines,
    shifted,
    widest,
    write_options,
)
from decision.draw.looks import look_of
from decision.draw.numbers import amount, decimals
from decision.draw.style import QUIET, shortened, wrap, write

if TYPE_CHECKING:
    import pandas as pd

    from decision.model.diagram import InfluenceDiagram

__all__ = ["outcome_panels"]

PLOT, NAME = 170.0, 150.0
LEADING = 11.0
ACROSS = 3


@dataclass(frozen=True)
class _Panel:
    column: str
    title: str
    unit: str
    more: float = 0.0
    """1 if more is better, −1 if less is, 0 for a chance node's state."""

    @property
    def below(self) -> str:
        """The unit, and what is better where that is not plain."""
        return f"{self.unit}; less is better" if self.more < 0 else self.unit


def outcome_panels(
    frame: pd.DataFrame, model: InfluenceDiagram, nodes: Iterable[str] | None = None
) -> Figure:
    """Draw outcomes by option in their natural units, a small panel for each.

    Parameters
    ----------
    frame : DataFrame
        As `decision.outcomes` gives it: index option, columns ``E(value)``,
        ``P(node=state)``.
    model : InfluenceDiagram
        The model it is of: captions, units, states.
    nodes : iterable of str, optional
        Value nodes, and chance nodes (a panel for every state); default all value nodes.

    Returns
    -------
    Figure
        Its Axes stand in the order of `nodes`. Each panel has a scale of its own; what is
        best for a value is large and bold.

    Raises
    ------
    ModelError
        If a node is not there.
    """
    names = [value.name for value in model.values] if nodes is None else list(nodes)
    panels = [panel for name in names for panel in _panels_of(model, name)]
    if not panels:
        raise ValueError("no node was named: there is nothing to draw")
    every = [str(option) for option in frame.index]
    frame = frame.dropna(subset=[panels[0].column])
    options = [shortened(str(o).replace("_", " "), NAME, TYPE) for o in frame.index]
    written = [option_lines(str(option), NAME) for option in frame.index]
    looks = [look_of(str(option), every) for option in frame.index]
    titles = [wrap(panel.title, PLOT / 1.1, TYPE, 2) for panel in panels]
    units = [wrap(panel.below, PLOT, TYPE - 1, 2) for panel in panels]
    top = 12.0 + LEADING * max(len(t) + len(u) for t, u in zip(titles, units, strict=True))
    across, rows = min(ACROSS, len(panels)), -(-len(panels) // ACROSS)
    left = widest(written) + 18
    cell, band = PLOT + 22.0, top + ROW * len(options) + 24.0
    width, height = left + cell * across, band * rows + 4.0
    figure = Figure(figsize=(width / 72, height / 72), dpi=144, facecolor="white")
    for i, panel in enumerate(panels):
        row, column = divmod(i, across)
        bottom = height - band * row - top - ROW * len(options)
        ax = figure.add_axes(
            (
                (left + cell * column) / width,
                bottom / height,
                PLOT / width,
                ROW * len(options) / height,
            )
        )
        values = [float(v) for v in frame[panel.column]]
        places = decimals([values])
        best = max(panel.more * value for value in values) if panel.more else None
        unit = f" {panel.unit}" if panel.unit else ""
        dots = [
            Dot(
                v,
                amount(v, places),
                best=panel.more * v == best,
                look=look,
                says=f"{option}: {panel.title} {amount(v, places)}{unit}",
            )
            for option, look, v in zip(options, looks, values, strict=True)
        ]
        draw_dots(ax, dots, (PLOT, ROW * len(options)), origin=None, ticks=4)
        if not column:
            write_options(ax, written, 1.0)
        lines = [(line, True) for line in titles[i]] + [(line, False) for line in units[i] if line]
        for up, (line, bold) in enumerate(reversed(lines)):
            place = shifted(ax, 0, 8 + LEADING * up, "left")
            look = {"bold": True} if bold else {"color": QUIET}
            size = TYPE if bold else TYPE - 1
            write(ax, 0.0, -0.5, line, size, transform=place, **look)
        told = [f"{o} {amount(v, places)}" for o, v in zip(options, values, strict=True)]
        unit = f" ({panel.below})" if panel.below else ""
        ahead = [o for o, v in zip(options, values, strict=True) if panel.more * v == best]
        finding = f" Best is {listed(ahead)}." if panel.more and len(ahead) < len(values) else ""
        describe(ax, f"{panel.title}{unit}: {'; '.join(told)}.{finding}")
    return figure


def _panels_of(model: InfluenceDiagram, name: str) -> list[_Panel]:
    node = model.node(name, ("chance", "value"))
    if node.kind == "value":
        turned = node.worst is not None and node.worst > node.best
        return [_Panel(f"E({name})", node.caption, node.unit, -1.0 if turned else 1.0)]
    return [
        _Panel(f"P({name}={state})", f"{node.caption}: {state.replace('_', ' ')}", "probability")
        for state in node.states
    ]
