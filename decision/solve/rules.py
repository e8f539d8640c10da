"""Rules: what a policy says for one decision, in every situation, and why.

A rule looks only at what can matter to the choice (the requisite information) and is
total: it says something in situations that never happen too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass

__all__ = ["Found", "Rule", "Worths"]

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Rule:
    """Which option to choose, by the states of what matters.

    Parameters
    ----------
    decision : str
    options : tuple of str
    given : tuple of str
        Names the choice depends on, in time order.
    choices : ndarray of int
        Number of the option, one axis for each of `given`, over its states.

    Examples
    --------
    >>> Rule("drill", ("yes", "no"), ("test",), np.array([0, 1]))
    <Rule: drill by test>
    """

    decision: str
    options: tuple[str, ...]
    given: tuple[str, ...]
    choices: NDArray[np.intp]

    def __post_init__(self) -> None:
        fixed = np.array(self.choices, dtype=np.intp)
        fixed.setflags(write=False)
        object.__setattr__(self, "choices", fixed)

    @cached_property
    def table(self) -> NDArray[np.float64]:
        """The rule as a table of zeros and ones, the options on the last axis."""
        return np.eye(len(self.options))[self.choices]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rule):
            return NotImplemented
        return (self.decision, self.options, self.given) == (
            other.decision,
            other.options,
            other.given,
        ) and np.array_equal(self.choices, other.choices)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        by = f" by {', '.join(self.given)}" if self.given else ""
        if not self.given:
            by = f" = {self.options[int(self.choices)]}"
        return f"<Rule: {self.decision}{by}>"


@dataclass(frozen=True, eq=False)
class Worths:
    """What the options of a decision are worth, as far as it has a part in it.

    Parameters
    ----------
    worths, allowed : (scope, ndarray) or None
        None: all the same; all allowed.
    """

    worths: tuple[tuple[str, ...], Array] | None = None
    allowed: tuple[tuple[str, ...], Array] | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """The best policy that was found, and whether none is better.

    Attributes
    ----------
    policy : mapping of decision to Rule
    worths : mapping of decision to Worths
    value : float
        Expected total, or with risk the certain equivalent.
    optimality : {"global", "local"}
    upper_bound : float or None
        Where `optimality` is "local": no policy is worth more.
    """

    policy: Mapping[str, Rule]
    worths: Mapping[str, Worths]
    value: float
    optimality: str = "global"
    upper_bound: float | None = None
