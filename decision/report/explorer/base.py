"""A model's answers by branch, before anything is changed in the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from decision.draw.numbers import decimals, unit_of_total
from decision.model.diagram import InfluenceDiagram
from decision.report.words.showing import places_of, rounded
from decision.solve.solution import Solution, solve

__all__ = ["Base", "answer_text", "base_of", "settled", "spoken"]


@dataclass(frozen=True)
class Base:
    """A model's answers before anything is changed in the page.

    Attributes
    ----------
    model : InfluenceDiagram
    by : str
        Decision whose options are the branches.
    reference : str
        The option that differences are from.
    branches : list of (option, Solution or None)
    unit : str
        Of the total.
    free : Solution or None
        The best strategy, where it is none of the branches: the decision knows something, and
        need not choose the same in every situation.
    """

    model: InfluenceDiagram
    by: str
    reference: str
    branches: Sequence[tuple[str, Solution | None]]
    preferred: tuple[str, ...]
    unit: str
    free: Solution | None = None

    @property
    def places(self) -> dict[str, int]:
        """Decimals of each row of numbers."""
        worths = [found.worth for _, found in self.branches if found is not None]
        together = max(decimals([worths], significant=2), 0)
        expected = [found.expected_value for _, found in self.branches if found is not None]
        found = {"total": together, "difference": together}
        found["expected"] = max(decimals([expected], significant=2), 0)
        for value in self.model.values:
            amounts = [b.expectation(value.name) for _, b in self.branches if b is not None]
            found[f"value {value.name}"] = places_of(amounts, figures=5)
        return found

    def branch(self, option: str) -> Solution | None:
        """Return the solution with an option set."""
        return dict(self.branches)[option]


def base_of(model: InfluenceDiagram, by: str | None, reference: str | None) -> Base:
    """Return the answers of a model by branch; the reference is at first the first option."""
    solution = solve(model)
    by = model.decisions[0].name if by is None else by
    branches = solution.branch_solutions(by)
    preferred = solution.preferred(by)
    if reference is None:
        reference = next((o for o, found in branches if found is not None), branches[0][0])
    forgets = model.memory == "limited"
    knows = model.node(by, ("decision",)).observes if forgets else model.information(by)
    free = solution if knows else None
    return Base(model, by, reference, branches, preferred, unit_of_total(model), free)


def settled(number: float, places: int) -> float:
    """Return a number rounded as a browser does: by its decimals as written, halves to even.

    Python and the page add up in different orders, so its last digits go first.
    """
    return float(round(Decimal(f"{number:.12g}"), places))


def answer_text(base: Base) -> str:
    """Return which option comes first, and by how much."""
    if not base.preferred:
        return "No option can be had."
    worths = {o: found.worth for o, found in base.branches if found is not None}
    first = " and ".join(spoken(option) for option in base.preferred)
    rest = {o: w for o, w in worths.items() if o not in base.preferred}
    verb = "come" if len(base.preferred) > 1 else "comes"
    lead = ""
    if rest:
        second = max(rest, key=lambda option: rest[option])
        gap = settled(worths[base.preferred[0]] - rest[second], 12)
        lead = f", {rounded(gap, places_of([gap]))} {base.unit} ahead of {spoken(second)}"
    if base.free is None:
        return f"First {verb} {first}{lead}."
    best = rounded(settled(base.free.worth, base.places["total"]), base.places["total"])
    return (
        f"Deciding by what is known by then is worth {best} {base.unit}. "
        f"Of options taken whatever is known, first {verb} {first}{lead}."
    )


def spoken(name: str) -> str:
    """Return a name as a reader says it."""
    return name.replace("_", " ")
