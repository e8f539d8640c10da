"""Which option comes first, by how much, and how others see it.

A margin is given three ways, since none is enough: in points of the total; as the
change of a named event's probability that would be worth as much; and as the range it
takes over the model's perspectives and scenarios, one at a time. Those are judgements of
what others hold or of how a mechanism works: how many of them agree is no probability.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from decision.draw.numbers import unit_of_total
from decision.model.diagram import InfluenceDiagram
from decision.report.words.outcomes import worth
from decision.report.words.settings import Model, Settings
from decision.report.words.showing import (
    Said,
    Shown,
    literal,
    names,
    places_of,
    result,
    rounded,
    sentence,
    spoken,
    two_figures,
    writer,
)

__all__ = ["Standing", "bold", "headline", "lead_places", "spread", "standing", "views"]

MOST_ROWS = 12
NAN = float("nan")


@dataclass(frozen=True)
class Standing:
    """Options of a decision by what they are worth, best first.

    `first` holds the best option and those that tie with it; `lead` is over `second`,
    the best of the rest (None and nan where all tie).
    """

    worths: Mapping[str, float]
    first: tuple[str, ...]
    second: str | None
    lead: float

    def ahead(self, option: str) -> float:
        """How far an option is ahead of the best other one; negative: behind it."""
        rest = [worth for other, worth in self.worths.items() if other != option]
        return self.worths.get(option, NAN) - max(rest, default=NAN)

    def behind(self, option: str) -> float:
        """How far an option is behind the first."""
        return max(self.worths.values()) - self.worths.get(option, NAN)


def standing(model: InfluenceDiagram, by: str | None = None) -> Standing:
    """Return how the options of a decision (default: the first) stand, by what is preferred."""
    from decision.solve.solution import solve

    worths = {}
    for option, branch in solve(model).branch_solutions(by):
        if branch is not None:
            certain = branch.certain_equivalent
            worths[option] = branch.expected_value if certain is None else certain
    top = max(worths.values())
    size = sum(float(abs(model.utility(value.name)).max()) for value in model.values)
    close = 1e-9 * max(abs(top), 1e-3 * size)
    first = tuple(option for option, worth in worths.items() if top - worth <= close)
    rest = {option: worth for option, worth in worths.items() if option not in first}
    second = max(rest, key=rest.__getitem__) if rest else None
    return Standing(worths, first, second, top - rest[second] if second else NAN)


def headline(
    model: Model,
    changes: Iterable[str] = (),
    perspective: str | None = None,
    scenario: str | None = None,
    *,
    event: str | None = None,
    by: str | None = None,
) -> Said:
    """Say which option comes first, by how much, and how far others see it otherwise.

    Parameters
    ----------
    model : InfluenceDiagram, path or name
        As read; the other three are those of `decision.open_model`.
    changes : iterable of str
    perspective, scenario : str, optional
    event : str, optional
        ``"P(node=state)"``: the lead is also told as a change of this probability.
    by : str, optional
        Decision whose options are compared; default the first.

    Returns
    -------
    Said
        Two sentences: the lead; its range over perspectives and scenarios.

    Examples
    --------
    >>> headline("oil_wildcatter")
    ► Model result. First comes yes, 2.5 thousand dollars ahead of no. Under the model's 2
    perspectives and 1 scenario, one at a time, its lead over the best other option runs
    from −10.0 to +5.7: it comes first in 1 of 3.
    """
    settings = Settings.of(model, changes, perspective, scenario)
    opened = settings.opened()
    now = standing(opened, by)
    return result(_lead(opened, now, event), _spread(now, settings, by=by))


def spread(
    model: Model,
    changes: Iterable[str] = (),
    perspective: str | None = None,
    scenario: str | None = None,
) -> Said:
    """Say how the lead runs over perspectives and scenarios: the second half of `headline`."""
    settings = Settings.of(model, changes, perspective, scenario)
    return result(_spread(standing(settings.opened()), settings, named=True))


def _lead(model: InfluenceDiagram, now: Standing, event: str | None = None) -> str:
    first = bold(now.first)
    if now.second is None:
        return f"{first} tie." if len(now.first) > 1 else f"{first} is the only option open."
    text = f"First come {first}, level," if len(now.first) > 1 else f"First comes {first},"
    text += f" **{two_figures(now.lead)} {literal(_unit(model))}** ahead of {spoken(now.second)}"
    told = worth(model, event) if event else None
    if told is not None:
        text += f" (worth as much as {two_figures(now.lead * told[0])} {literal(told[1])})"
    return f"{text}."


def bold(options: Sequence[str]) -> str:
    """Options in a sentence, in bold."""
    return sentence([f"**{spoken(option)}**" for option in options])


def _spread(now: Standing, settings: Settings, named: bool = False, by: str | None = None) -> str:
    found = settings.views()
    others = [standing(view.model, by) for view in found]
    if not others:
        return "The model has no perspective or scenario under which to look again."
    option = now.first[0]
    leads = [other.ahead(option) for other in others]
    there = [lead for lead in leads if lead == lead]
    if not there:
        return "There is no other option to compare it with."
    count = sum(option in other.first for other in others)
    places = lead_places(there, now)
    low, high = (rounded(lead, places, sign=True) for lead in (min(there), max(there)))
    ends = f"runs from **{low} to {high}**" if low != high else f"is **{low}**"
    own = len(now.first) == 1 and not named
    whose, of = ("its", "") if own else ("the", f" of {spoken(option)}")
    return (
        f"Under the model's {settings.counted(found)}, one at a time, {whose} lead{of} over the "
        f"best other option {ends}: it comes first in {count} of "
        f"{len(others)}.{settings.left_out(found)}"
    )


def lead_places(leads: Iterable[float], now: Standing) -> int:
    """Decimals for leads that are to be compared with the lead here."""
    wanted = places_of(leads)
    return wanted if now.second is None else max(wanted, places_of([now.lead]))


def _unit(model: InfluenceDiagram) -> str:
    unit = unit_of_total(model)
    return f"{unit} of 100" if model.weights == "normalised" else unit


def views(
    model: Model,
    changes: Iterable[str] = (),
    perspective: str | None = None,
    scenario: str | None = None,
    *,
    kind: str | None = None,
    reference: str | None = None,
) -> Shown:
    """Return what comes first under each perspective and scenario, one at a time.

    Parameters
    ----------
    model, changes, perspective, scenario
        As for `headline`.
    kind : {"perspective", "scenario"}, optional
        Only these.
    reference : str, optional
        An option: a column for each option then says how far it is ahead of this one.

    Returns
    -------
    Shown
        Index `view`, perspectives first; columns `comes first`, and the lead over the best
        other option of the one that comes first here; or a column for each option. At
        most twelve views: those in which the option that comes first here fares worst.
    """
    import pandas as pd

    settings = Settings.of(model, changes, perspective, scenario)
    now = standing(settings.opened())
    option = now.first[0]
    found = [(view, standing(view.model)) for view in settings.views()]
    found = [pair for pair in found if kind in (None, pair[0].kind)]
    rows = []
    for view, other in found:
        row: dict[str, object] = {"view": view.name.replace("_", " ")}
        if reference is None:
            row["comes first"] = names(other.first)
            row[f"{names([option])}: lead"] = other.ahead(option)
        else:
            base = other.worths.get(reference, NAN)
            for name, worth_ in other.worths.items():
                row[names([name])] = worth_ - base
        rows.append((other.ahead(option), row))
    if len(rows) > MOST_ROWS:
        rows = sorted(rows, key=lambda pair: pair[0])[:MOST_ROWS]
    frame = pd.DataFrame([row for _, row in rows])
    numbers = [name for name in frame.columns if frame[name].dtype == float]
    formats = {name: writer(lead_places(frame[name], now), sign=True) for name in numbers}
    frame = frame.set_index("view") if len(frame) else frame
    changed = [view.name for view, other in found if option not in other.first]
    here = f"Here {spoken(option)} comes first"
    told = (
        f"{here}; another option does under {len(changed)} of {len(found)} views: "
        f"{sentence([spoken(name) for name in changed])}."
        if changed
        else f"{here}, and so it does under all {len(found)} views."
    )
    note = "In points of each view's own total: its weights and values may differ from ours."
    return Shown(frame, result(told), formats, note)
