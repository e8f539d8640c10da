"""The influence graph: what influences what, and who knows what when.

Decisions are rectangles, chance nodes ovals, values drawn-out diamonds; an arc into a
decision is dashed, since it is what the decision knows and no influence (Howard and
Matheson 1984). Time runs from left to right where decisions order it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from matplotlib.patches import PathPatch

from decision.draw.alt import describe, listed
from decision.draw.layout.placement import Arc, Box, place
from decision.draw.lines import draw_arcs, draw_arrow
from decision.draw.marks import Mark, hover
from decision.draw.shapes import outline, reach, size_of
from decision.draw.style import (
    FAINT,
    INK,
    KINDS,
    QUIET,
    measure,
    paper,
    plain,
    wrap,
    write,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from decision.model.diagram import InfluenceDiagram

__all__ = ["influence_graph"]

TYPE, LEADING = 10.0, 12.0
CAPTION_WIDTH, CAPTION_LINES = 66.0, 5
WIDER = 110.0
KEY_TYPE, KEY_HEIGHT = 8.0, 30.0


def influence_graph(
    model: InfluenceDiagram,
    ax: Axes | None = None,
    *,
    highlight: str | Iterable[str] | None = None,
) -> Axes:
    """Draw a model as an influence graph.

    Parameters
    ----------
    model : InfluenceDiagram
    ax : Axes, optional
        Drawn into, scaled to fit; else a figure of the right size is made.
    highlight : str or iterable of str, optional
        Nodes to show with the arcs that touch them; all else turns pale.

    Returns
    -------
    Axes

    Raises
    ------
    ModelError
        If `highlight` names a node that is not there.

    Notes
    -----
    Arcs of no-forgetting are not drawn: a decision knows what earlier decisions knew.
    Arcs from one node share a line until they part.

    Examples
    --------
    >>> from decision import read_model
    >>> ax = influence_graph(read_model("data/examples/oil_wildcatter"))
    >>> len([patch for patch in ax.patches if str(patch.get_gid()).startswith("node-")])
    6
    """
    graph = model.to_networkx()
    kinds = {name: node.kind for name, node in model.nodes.items()}
    captions = {name: _caption(node.caption) for name, node in model.nodes.items()}
    lit = _lit(model, highlight)
    sizes = {name: size_of(kinds[name], captions[name], TYPE, LEADING) for name in graph}
    placed = place(
        graph,
        [decision.name for decision in model.decisions],
        sizes,
        lambda name, box, dy: reach(kinds[name], box, dy),
    )
    key = _key_of(kinds.values(), placed.arcs)
    width = max(placed.width, _key_width(key) + 12)
    ax, scale = paper(ax, width, placed.height + KEY_HEIGHT)
    spoken = {name: plain(node.caption) for name, node in model.nodes.items()}
    draw_arcs(ax, placed.arcs, kinds, lit, scale, spoken)
    near = {end for a in placed.arcs if lit & {a.source, a.target} for end in (a.source, a.target)}
    for name, box in placed.boxes.items():
        pale = bool(lit) and name not in lit | near
        gid = hover(f"node-{name}", _says(model, name))
        _draw_node(ax, gid, kinds[name], box, captions[name], pale, name in lit, scale)
    _draw_key(ax, key, 6.0, placed.height + KEY_HEIGHT / 2, scale)
    describe(ax, _account(model, lit))
    return ax


def _caption(text: str) -> tuple[str, ...]:
    """Return a caption in lines, in wider ones where it would be cut."""
    lines = wrap(text, CAPTION_WIDTH, TYPE, CAPTION_LINES)
    whole = "".join("".join(lines).split()) == "".join(plain(text).split())
    return lines if whole else wrap(text, WIDER, TYPE, CAPTION_LINES)


def _says(model: InfluenceDiagram, name: str) -> str:
    """Return what a node is, for who points at it."""
    node = model.nodes[name]
    states = [] if node.kind == "value" else [s.replace("_", " ") for s in model.states(name)]
    kind = {"chance": "chance node"}.get(node.kind, node.kind)
    told = f"{node.caption}, {kind}" + (f": {', '.join(states)}" if states else "")
    unit = getattr(node, "unit", "")
    return f"{told}: in {unit}" if unit else told


def _lit(model: InfluenceDiagram, highlight: str | Iterable[str] | None) -> frozenset[str]:
    names = [highlight] if isinstance(highlight, str) else list(highlight or ())
    return frozenset(model.node(name).name for name in names)


def _draw_node(
    ax: Axes,
    gid: Mark,
    kind: str,
    box: Box,
    lines: Sequence[str],
    pale: bool,
    lit: bool,
    scale: float,
) -> None:
    fill, edge = KINDS[kind]
    thick = {"decision": 1.7, "value": 1.3}.get(kind, 1.0) + (1.2 if lit else 0.0)
    ax.add_patch(
        PathPatch(
            outline(kind, box),
            facecolor="white" if pale else fill,
            edgecolor=FAINT if pale else edge,
            linewidth=thick * scale,
            joinstyle="miter",
            zorder=4,
            gid=gid,
        )
    )
    first = box.y - LEADING * (len(lines) - 1) / 2 + 0.36 * TYPE
    for i, line in enumerate(lines):
        colour = QUIET if pale else INK
        look = {"ha": "center", "color": colour, "gid": hover("", gid.says)}
        write(ax, box.x, first + i * LEADING, line, TYPE * scale, **look)


KEY = (
    ("decision", "decision"),
    ("chance", "chance"),
    ("value", "value"),
    ("arc", "influences"),
    ("information", "is known when deciding"),
)
_SYMBOL, _SPACE = 22.0, 16.0


def _key_of(kinds: Iterable[str], arcs: Iterable[Arc]) -> list[tuple[str, str]]:
    shown = {*kinds, *("information" if a.kind == "information" else "arc" for a in arcs)}
    return [(symbol, text) for symbol, text in KEY if symbol in shown]


def _key_width(key: Iterable[tuple[str, str]]) -> float:
    return sum(_SYMBOL + 5 + measure(text, KEY_TYPE) + _SPACE for _, text in key)


def _draw_key(ax: Axes, key: Iterable[tuple[str, str]], x: float, y: float, scale: float) -> None:
    for symbol, text in key:
        if symbol in KINDS:
            fill, edge = KINDS[symbol]
            box = Box(x + _SYMBOL / 2, y, _SYMBOL, 11.0)
            path = outline(symbol, box, slant=6.0)
            ax.add_patch(PathPatch(path, facecolor=fill, edgecolor=edge, linewidth=scale, zorder=4))
        else:
            draw_arrow(ax, (x, y), (x + _SYMBOL, y), symbol == "information", scale)
        write(ax, x + _SYMBOL + 5, y + 0.36 * KEY_TYPE, text, KEY_TYPE * scale, color=QUIET)
        x += _SYMBOL + 5 + measure(text, KEY_TYPE) + _SPACE


def _account(model: InfluenceDiagram, lit: frozenset[str] = frozenset()) -> str:
    """Return the graph in words: its size, who knows what, and what values depend on."""
    graph = model.to_networkx()
    caption = {name: plain(node.caption) for name, node in model.nodes.items()}
    counts = (
        (len(model.decisions), "decision"),
        (len(model.chances), "chance node"),
        (len(model.values), "value"),
        (graph.number_of_edges(), "arc"),
    )
    sizes = listed(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts)
    words = [f"Influence graph of {model.title or 'a model'}: {sizes}."]
    for name in (name for name in model.nodes if name in lit):
        before = [caption[n] for n in graph.predecessors(name)]
        after = [caption[n] for n in graph.successors(name)]
        words.append(f"Highlighted: {caption[name]}, from {listed(before)} to {listed(after)}.")
    for decision in model.decisions:
        known = [caption[name] for name in decision.observes]
        seen = f"is taken knowing {listed(known)}" if known else "observes nothing new"
        words.append(f"{caption[decision.name]} {seen}.")
    for node in (*model.chances, *model.values):
        verb = "depends on" if node.kind == "chance" else "is valued by"
        given = model.given(node.name)
        if given:
            words.append(f"{caption[node.name]} {verb} {listed(caption[n] for n in given)}.")
    return " ".join(words)
