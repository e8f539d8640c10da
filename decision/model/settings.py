"""Whether the settings of a model and the scales of its values are sound."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.nodes import Value
from decision.model.problems import Locate, Place, Problem, capped, problem, shorten

__all__ = ["overflow_problem", "overflows", "setting_problems", "too_large"]

CHOICES = {
    "memory": ("perfect", "limited"),
    "weights": ("plain", "normalised"),
    "provenance": ("optional", "required"),
}
BEYOND = 1e300
"""Points; totals of larger ones leave floating point."""
SCALE = ("worst", "best", "weight", "weight_low", "weight_high")


def setting_problems(
    whole: Mapping[str, Any], values: Sequence[Value], locate: Locate
) -> list[Problem]:
    """Return what is wrong with the settings of the whole model and with its weights.

    Parameters
    ----------
    whole : mapping
        The settings by key; one left out is as by default.
    values : sequence of Value
    locate : callable
        Place of a path.
    """
    return capped(_setting_problems(whole, values, locate))


def _setting_problems(
    whole: Mapping[str, Any], values: Sequence[Value], locate: Locate
) -> Iterator[Problem]:
    for key, allowed in CHOICES.items():
        setting = whole.get(key, allowed[0])
        if setting not in allowed:
            what = f"{key} is '{shorten(setting)}'"
            yield problem(locate(key), what, f"use {' or '.join(map(repr, allowed))}")
    tolerance = whole.get("risk")
    if tolerance is not None and not (_is_finite(tolerance) and tolerance > 0):
        shown = f"{tolerance:g}" if _is_finite(tolerance) else shorten(tolerance)
        what = f"the risk tolerance is {shown}"
        yield problem(locate("risk", "tolerance"), what, "use a finite number above 0")
    normalised = whole.get("weights") == "normalised"
    for value in values:
        yield from _scale_problems(value, normalised, locate)
    if normalised and values and not any(value.weight for value in values):
        yield problem(locate("weights"), "all weights are 0", "give one a weight above 0")


def _is_finite(number: Any) -> bool:
    try:
        return math.isfinite(number)
    except (TypeError, ValueError, OverflowError):
        return False


def _scale_problems(value: Value, normalised: bool, locate: Locate) -> Iterator[Problem]:
    path = ("value", value.name)
    numbers = {key: getattr(value, key) for key in SCALE if getattr(value, key) is not None}
    sound = True
    for key, number in numbers.items():
        if not _is_finite(number):
            what = f"{key} of {value.name} is {shorten(number)}"
            yield problem(locate(*path, key), what, "use a finite number")
            sound = False
        elif key.startswith("weight") and number < 0:
            what = f"{key} of {value.name} is {number:g}, below 0"
            do = "use 0 or more; for a cost, put worst above best or make the amounts negative"
            yield problem(locate(*path, key), what, do)
            sound = False
    if not sound:
        return
    if ("worst" in numbers) != ("best" in numbers):
        key = "worst" if "worst" in numbers else "best"
        what = f"{value.name} has {key} alone"
        yield problem(locate(*path, key), what, "give worst and best together")
    elif "worst" in numbers and numbers["worst"] == numbers["best"]:
        what = f"worst and best of {value.name} are both {numbers['worst']:g}"
        yield problem(locate(*path, "best"), what, "make them differ")
    elif "worst" not in numbers and normalised:
        what = f"{value.name} has no worst and best, which normalised weights need"
        yield problem(locate(*path), what, "give both")
    low, high = numbers.get("weight_low", value.weight), numbers.get("weight_high", value.weight)
    if not low <= value.weight <= high:
        what = f"the range {low:g} to {high:g} of the weight of {value.name} does not hold "
        what += f"{value.weight:g}"
        do = f"make weight_low ≤ {value.weight:g} ≤ weight_high"
        key = "weight_low" if "weight_low" in numbers else "weight_high"
        yield problem(locate(*path, key), what, do)


def overflows(value: Value, amounts: NDArray[np.float64], weight: float) -> bool:
    """Whether weighted amounts are too large for their total to be a number."""
    largest = float(np.abs(amounts).max())
    if value.worst is not None and value.best is not None:
        swing = float(value.best) - float(value.worst)
        largest = 100.0 * (largest + abs(value.worst)) / abs(swing) if swing else math.inf
    return not max(largest, largest * weight) < BEYOND


def overflow_problem(value: Value, amounts: NDArray[np.float64], place: Place) -> list[Problem]:
    """Return the problem of amounts that are too large, if they are."""
    if not overflows(value, amounts, value.weight):
        return []
    return [problem(place, *too_large(value))]


def too_large(value: Value) -> tuple[str, str]:
    """Return what is wrong with amounts that are too large, and what to do."""
    what = f"the weighted amounts of {value.name} reach beyond 1e300"
    return what, "use a larger unit, or a smaller weight"
