"""What `decision robustness` does: branches over settings, and within all ranges at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from decision.analysis.regrets import QUANTILE, Robustness, robustness_json
from decision.analysis.robustness import robustness as robustness_
from decision.cli.printing import as_table, number
from decision.cli.verbs import open_model, print_rows, progress

if TYPE_CHECKING:
    import argparse

__all__ = ["robustness"]


def robustness(options: argparse.Namespace) -> None:
    """Print regrets by setting, what is least bad, and how low and high branches come."""
    found = robustness_(
        open_model(options),
        options.by,
        draws=options.draws,
        seed=options.seed,
        draw=options.draw,
        progress=progress("draws"),
        searching=progress("points solved at most"),
    )
    content = robustness_json(found)
    rows = _rows(found, content)
    if options.format == "table":
        print_rows(options, content, _intervals(found), _head(found, content))
    else:
        print_rows(options, content, rows)


def _rows(found: Robustness, content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each option: its regret in every setting, and its interval."""
    return [
        {
            found.by: option,
            **{f"regret in {name}": number for name, number in content["regret"][option].items()},
            "max_regret": content["max_regret"][option],
            **content["intervals"][option],
        }
        for option in found.options
    ]


def _intervals(found: Robustness) -> list[dict[str, Any]]:
    return [
        {
            found.by: i.option,
            "not below": _shown(i.outer_lowest),
            "lowest": _shown(i.lowest),
            "highest": _shown(i.highest),
            "not above": _shown(i.outer_highest),
            "bound": i.bound,
        }
        for i in found.found
    ]


def _shown(amount: float) -> float | None:
    return None if amount != amount else amount


def _head(found: Robustness, content: dict[str, Any]) -> str:
    """Return regrets with a row a setting, and what they come to."""
    settings: list[dict[str, Any]] = [
        {"regret in": name, **{o: content["regret"][o][name] for o in found.options}}
        for name in found.settings
    ]
    settings.append({"regret in": "at most", **content["max_regret"]})
    lowest = dict(zip(found.options, found.lowest.tolist(), strict=True))
    said = [
        f"Settings: base and {len(found.settings) - 1} perspectives and scenarios.",
        _said("Minimax regret", found.minimax_regret, content["max_regret"]),
        _said("Maximin", found.maximin, lowest),
    ]
    if "drawn" in content:
        drawn = content["drawn"]
        for q, part in ((QUANTILE, f"{QUANTILE:.0%}"), (1.0, "all")):
            least = drawn["minimax_regret"][str(q)]
            what = f"Minimax regret in {part} of {drawn['draws']} draws"
            said.append(_said(what, least, drawn["regret"][str(q)]))
    return "\n\n".join([as_table(settings), "\n".join(said), "Within all ranges at once:"])


def _said(what: str, option: str | None, amounts: dict[str, Any]) -> str:
    if option is None:
        return f"{what}: no branch can be had everywhere"
    return f"{what}: {option}, {number(amounts[option])}"
