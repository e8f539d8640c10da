"""The ledger: every number of the files, how much it matters and how well it is founded.

What to research next is what matters much and is founded little: assessment is worth its
price only where it can change the advice (Matheson 1968, "The economic value of analysis
and computation", IEEE Trans. SSC 4(3); Howard 1988,
Management Science 34(6), doi:10.1287/mnsc.34.6.679). How much an input matters is read off
`sensitivity`: whether the advice changes inside its range, how far the best total swings
between the ends, and how far off the nearest break-even is, in units of the range. How
well it is founded is the kind of its sources: data, literature, judgement, nothing.

Inputs are moved one at a time. Two that change nothing alone can change the advice
together, and a range that was judged too narrow hides what matters: the order is where to
begin to look, no proof that the rest is sound. Weights are no rows of the files; they are
asked of those whose values they are, not researched, and stand in `sensitivity`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from decision.analysis.likelihood import worded
from decision.analysis.sensitivity import Finding, findings
from decision.model.diagram import InfluenceDiagram
from decision.model.records import Input
from decision.solve.inputs import scale_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Entry",
    "entries",
    "entries_of",
    "ledger",
    "ledger_json",
    "researched",
    "tabulated",
]

KINDS = ("data", "literature", "judgement")
"""Of sources, the best founded first."""
LITTLE = ("judgement", "nothing")
"""What an input that is founded little rests on."""
NOTHING = 1e-9
"""Share of the largest |total| below which a swing is the rounding of sums."""


@dataclass(frozen=True)
class Entry:
    """A number of the files: what it rests on, and what moving it over its range does.

    Attributes
    ----------
    row : Input
    kinds : tuple of str
        Kinds of its sources, each once: "data", "literature", "judgement".
    finding : Finding or None
        None without a range.
    scale : float
        The largest |total|.
    """

    row: Input
    kinds: tuple[str, ...]
    finding: Finding | None
    scale: float

    @property
    def founded(self) -> str:
        """The best kind of its sources, "definition" for what is true by it, or "nothing"."""
        if self.kinds:
            return self.kinds[0]
        return "definition" if "definition" in self.row.sources else "nothing"

    @property
    def likelihood(self) -> str | None:
        """A probability in words, with the number; None for a value."""
        return None if self.row.state is None else worded(self.row.number)

    @property
    def nearest(self) -> float | None:
        """The break-even nearest to the base, the lower of two as near."""
        return None if self.finding is None else self.finding.nearest

    @property
    def distance(self) -> float | None:
        """How far off that is, in units of the range; None where the range is a point."""
        return None if self.finding is None else self.finding.distance

    @property
    def flips(self) -> bool:
        """Whether the advice changes inside the range."""
        f = self.finding
        return f is not None and any(f.low <= x <= f.high for x in f.break_even)

    @property
    def matters(self) -> bool:
        """Whether anything changes within the range."""
        swings = self.finding is not None and self.finding.swing > NOTHING * self.scale
        return self.flips or swings


def ledger(model: InfluenceDiagram, by: str | None = None) -> pd.DataFrame:
    """List every number of a model by how much it matters, with what it rests on.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are compared; default the first.

    Returns
    -------
    DataFrame
        Index `input` (in the small language): first those inside whose range the advice
        changes, then by swing, then those without a range. Columns: `base`, `low`, `high`;
        `likelihood` (a probability in words, with the number); `sources`, `kinds` (tuples);
        `founded` (the best kind, "definition" or "nothing"); `swing` (points of the best total);
        `nearest_break_even`, `distance` of it from the base in units of the range;
        `flips` (whether the advice changes inside the range); `research` (1 for what to
        research first: inputs that matter and rest on judgement or nothing).

    Examples
    --------
    >>> import decision as da
    >>> oil = da.read_model("data/examples/oil_wildcatter")
    >>> da.ledger(oil).loc["P(oil=dry)", ["likelihood", "founded"]].tolist()
    ['roughly even chance (50%)', 'literature']
    """
    return tabulated(entries(model, by))


def tabulated(found: Sequence[Entry]) -> pd.DataFrame:
    """Return entries as `ledger` gives them."""
    import pandas as pd

    found = by_matter(found)
    rank = {e.row.name: i for i, e in enumerate(researched(found), 1)}
    rows = [
        {
            "input": e.row.name,
            "base": e.row.number,
            "low": e.row.low,
            "high": e.row.high,
            "likelihood": e.likelihood,
            "sources": e.row.sources,
            "kinds": e.kinds,
            "founded": e.founded,
            "swing": None if e.finding is None else e.finding.swing,
            "nearest_break_even": e.nearest,
            "distance": e.distance,
            "flips": e.flips,
            "research": rank.get(e.row.name),
        }
        for e in found
    ]
    columns = ["input", "base", "low", "high", "likelihood", "sources", "kinds", "founded"]
    columns += ["swing", "nearest_break_even", "distance", "flips", "research"]
    numbers = ["base", "low", "high", "swing", "nearest_break_even", "distance"]
    types = dict.fromkeys(numbers, "float64") | {"flips": "bool", "research": "Int64"}
    return pd.DataFrame(rows, columns=columns).astype(types).set_index("input")


def ledger_json(found: Sequence[Entry]) -> dict[str, Any]:
    """Return what `decision ledger` prints of some entries, to the contract's letter."""
    inputs = [
        {
            "input": e.row.name,
            "base": e.row.number,
            "low": e.row.low,
            "high": e.row.high,
            "sources": list(e.row.sources),
            "kinds": list(e.kinds),
            "swing": None if e.finding is None else e.finding.swing,
            "nearest_break_even": e.nearest,
        }
        for e in found
    ]
    counts = {kind: sum(e.founded == kind for e in found) for kind in KINDS}
    return {"inputs": inputs, "counts": counts}


def entries(
    model: InfluenceDiagram,
    by: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Entry]:
    """Return every number of the files but `rest`, in file order.

    Parameters
    ----------
    model : InfluenceDiagram
    by : str, optional
        Decision whose options are compared; default the first.
    progress : callable, optional
        Told how many inputs have been moved, and of how many.
    """
    return entries_of(model, findings(model, by, progress))


def entries_of(model: InfluenceDiagram, found: Sequence[Finding]) -> list[Entry]:
    """Return every number of the files but `rest`, with what moving it was found to do."""
    moved = {f.input: f for f in found}
    scale = scale_of(model)
    return [
        Entry(row, _kinds(model, row), moved.get(row.name), scale)
        for row in model.inputs
        if row.text != "rest"
    ]


def by_matter(found: Sequence[Entry]) -> list[Entry]:
    """Return entries with those that matter most first."""

    def place(e: Entry) -> tuple[bool, float]:
        return (not e.flips, 1.0 if e.finding is None else -e.finding.swing)

    return sorted(found, key=place)


def researched(found: Sequence[Entry]) -> list[Entry]:
    """Return what to research next: what matters and is founded little, most first."""
    return [e for e in by_matter(found) if e.matters and e.founded in LITTLE]


def _kinds(model: InfluenceDiagram, row: Input) -> tuple[str, ...]:
    cited = {model.sources[name].kind for name in row.sources if name in model.sources}
    return tuple(kind for kind in KINDS if kind in cited)
