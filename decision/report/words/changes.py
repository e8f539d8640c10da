"""What a change moved: each option before and after, and whether the advice flips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from decision.draw.numbers import unit_of_total
from decision.model.diagram import InfluenceDiagram
from decision.report.words.showing import (
    Said,
    Shown,
    literal,
    names,
    places_of,
    read_back,
    result,
    spoken,
    two_figures,
    writer,
)
from decision.report.words.standing import Standing, bold, lead_places, standing

__all__ = ["along", "differences", "moved", "regret", "same_totals", "what_moved"]

MOST_ROWS = 12
NAN = float("nan")


def what_moved(before: InfluenceDiagram, after: InfluenceDiagram) -> Shown:
    """Return each option before and after a change, and whether the advice flips.

    Parameters
    ----------
    before, after : InfluenceDiagram
        Of the same structure.

    Returns
    -------
    Shown
        Index the options; columns `was`, `now` (expected total, or certain equivalent
        with an attitude to risk), and how far each is behind the first, before and after.

    Examples
    --------
    >>> from decision import read_model
    >>> oil = read_model("data/examples/oil_wildcatter")
    >>> what_moved(oil, oil.changed("V(test_cost | test=yes) = -14")).caption
    ► Model result. The advice flips: yes led no by 2.5; now no leads yes by 1.5. 1 number
    differs.
    """
    import pandas as pd

    was, now = standing(before), standing(after)
    options = before.decisions[0].options
    frame = pd.DataFrame(
        {
            "was": [was.worths.get(option, NAN) for option in options],
            "now": [now.worths.get(option, NAN) for option in options],
            "behind the first: was": [was.behind(option) for option in options],
            "behind the first: now": [now.behind(option) for option in options],
        },
        index=pd.Index([names([option]) for option in options], name="option"),
    )
    places = max(places_of(stand.worths.values()) for stand in (was, now))
    formats = {name: writer(places) for name in frame.columns}
    return Shown(frame, moved(before, after), formats, _scales(before, after))


def moved(before: InfluenceDiagram, after: InfluenceDiagram) -> Said:
    """Say whether the advice flips between two models of the same structure."""
    was, now = standing(before), standing(after)
    count = len(after.changes_from(before))
    if not count:
        return result(f"Nothing differs: {_led(was, 'leads', 'tie')}.")
    differ = f"{count} number{'' if count == 1 else 's'} differ{'s' if count == 1 else ''}."
    if was.first == now.first:
        return result(f"The advice stays: {_led(now, 'leads', 'tie')}{_before(was, now)}.", differ)
    verb = "flips" if not set(was.first) & set(now.first) else "splits"
    return result(
        f"The advice {verb}: {_led(was, 'led', 'tied')}; now {_led(now, 'leads', 'tie')}.", differ
    )


def _led(stand: Standing, verb: str, tied: str) -> str:
    """Which option leads which other one by how much, with the verbs to say it."""
    first, many = bold(stand.first), len(stand.first) > 1
    if stand.second is None:
        return f"{first} {tied}" if many else f"{first} is the only option open"
    if many:
        return f"{first} {tied}, {two_figures(stand.lead)} ahead of {spoken(stand.second)}"
    return f"{first} {verb} {spoken(stand.second)} by {two_figures(stand.lead)}"


def _before(was: Standing, now: Standing) -> str:
    """What the lead was, and over which option if that is another one now."""
    if was.second is None or now.second is None:
        return ""
    over = "" if was.second == now.second else f" over {spoken(was.second)}"
    return f" (it was {two_figures(was.lead)}{over})"


def _scales(before: InfluenceDiagram, after: InfluenceDiagram) -> str:
    same = all(
        (before.utility(value.name) == after.utility(value.name)).all() for value in before.values
    )
    if same:
        return ""
    return "Values or weights differ: the two totals are on different scales; compare the gaps."


def differences(before: InfluenceDiagram, after: InfluenceDiagram) -> Shown:
    """Return the numbers that differ between two models, at most twelve, as a change names them.

    Returns
    -------
    Shown
        Index `input`; columns `was`, `now`.
    """
    frame = after.changes_from(before)
    head = frame.head(MOST_ROWS)
    if "input" in head.columns:
        head = head.set_index("input")
    if not len(frame):
        return Shown(head, read_back("No number differs."))
    said = f"**{len(frame)}** number{'' if len(frame) == 1 else 's'} differ"
    said += "s" if len(frame) == 1 else ""
    more = f"; the first {MOST_ROWS} are shown" if len(frame) > MOST_ROWS else ""
    formats = dict.fromkeys(("was", "now"), _figures)
    return Shown(head[["was", "now"]], read_back(f"{said}{more}."), formats)


def _figures(number: float) -> str:
    return f"{number:.4g}".replace("-", "−") if abs(number) < 1e4 else f"{number:,.0f}"


def regret(before: InfluenceDiagram, after: InfluenceDiagram) -> Said:
    """Say what it costs to follow the best strategy of one model in the world of another.

    Parameters
    ----------
    before : InfluenceDiagram
        Whose strategy is followed.
    after : InfluenceDiagram
        Whose numbers hold; expectations, also with an attitude to risk.
    """
    from decision.solve.solution import solve

    ours = solve(before)
    theirs = solve(after)
    lost = theirs.expected_value - theirs.expected_value_of(ours.policy)
    if abs(lost) <= 1e-9 * max(1.0, abs(theirs.expected_value)):
        return result("Following the old strategy with the new numbers loses **nothing**.")
    return result(
        "Following the old strategy with the new numbers loses "
        f"**{two_figures(lost)} {literal(unit_of_total(after))}**, against the strategy that is "
        "best for them."
    )


def same_totals(one: InfluenceDiagram, other: InfluenceDiagram) -> Said:
    """Say whether two models give the options of their first decision the same totals."""
    ours, theirs = standing(one).worths, standing(other).worths
    apart = [option for option in ours if option not in theirs or _differ(ours, theirs, option)]
    if set(ours) == set(theirs) and not apart:
        return result(
            f"The two models give all {len(ours)} options **the same totals**, to nine figures."
        )
    told = ", ".join(spoken(option) for option in apart) or literal("their options")
    return result(f"The two models **differ** on {told}.")


def _differ(ours: Mapping[str, float], theirs: Mapping[str, float], option: str) -> bool:
    a, b = ours[option], theirs[option]
    return abs(a - b) > 1e-9 * max(1.0, abs(a), abs(b))


def along(model: InfluenceDiagram, change: str, numbers: Iterable[float]) -> Shown:
    """Return what comes first as a change grows.

    Parameters
    ----------
    model : InfluenceDiagram
    change : str
        In the small language, without its number: ``"odds(oil=dry) *="``.
    numbers : iterable of float
        At most twelve, in order.

    Returns
    -------
    Shown
        Index the number; columns `comes first`, and how far the option that comes first
        without the change is ahead of the best other one.

    Examples
    --------
    >>> from decision import read_model
    >>> oil = read_model("data/examples/oil_wildcatter")
    >>> along(oil, "V(test_cost | test=yes) =", [-8, -10, -12, -14]).caption
    ► Model result. First comes yes up to −12, then no from −14 on.
    """
    import pandas as pd

    now = standing(model)
    option = now.first[0]
    tried = [float(number) for number in numbers]
    stands = [standing(model.changed(f"{change} {number:.12g}")) for number in tried]
    name = f"{names([option])}: lead"
    frame = pd.DataFrame(
        {
            "comes first": [names(stand.first) for stand in stands],
            name: [stand.ahead(option) for stand in stands],
        },
        index=pd.Index([f"{change} {number:g}" for number in tried], name="change"),
    )
    runs: list[tuple[str, float, float]] = []
    for number, stand in zip(tried, stands, strict=True):
        first = bold(stand.first)
        if runs and runs[-1][0] == first:
            runs[-1] = (first, runs[-1][1], number)
        else:
            runs.append((first, number, number))
    places = lead_places(frame[name], now)
    return Shown(frame, _turns(runs), {name: writer(places, sign=True)})


def _turns(runs: list[tuple[str, float, float]]) -> Said:
    if len(runs) == 1:
        return result(f"{runs[0][0]} comes first at every step.")
    parts = []
    for i, (first, start, end) in enumerate(runs):
        if not i:
            parts.append(f"{first} up to {end:g}")
        elif i == len(runs) - 1:
            parts.append(f"then {first} from {start:g} on")
        else:
            parts.append(f"then {first} from {start:g} to {end:g}")
    return result(f"First comes {', '.join(parts)}.".replace("-", "−"))
