"""What scenario discovery found: corners of the inputs, as tables and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from decision.analysis.boxes import Box
from decision.analysis.likelihood import percent
from decision.analysis.sampling import Around
from decision.analysis.wording import listed, quoted, signed
from decision.model.dataclass import dataclass

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Corner", "Discovery", "Limit"]


@dataclass(frozen=True)
class Limit:
    """The limits of one input.

    Attributes
    ----------
    input : str
    low, high : float or None
        What it lies between; linked, spreads of a chance node's rows.
    base : float
    low_rank, high_rank, base_rank : float
        Share of the draws below each.
    quasi_p : float
        How probable the corner's hits were, if its limit added nothing (Bryant and Lempert);
        the larger of the two, where there are two.
    says, means : str
        The limits in the small language; linked, what they mean for one of its rows.
    """

    input: str
    low: float | None
    high: float | None
    base: float
    low_rank: float
    high_rank: float
    base_rank: float
    quasi_p: float
    says: str
    means: str


@dataclass(frozen=True, eq=False)
class Corner:
    """A corner of the inputs in which the branch loses often.

    Attributes
    ----------
    limits : tuple of Limit
    coverage, density, mass : float
        Of the draws in which the branch loses, the share that lies here; of the draws here,
        the share in which it loses; of all draws, the share that lies here. All three in
        draws that were not used to find it.
    cases : int
        Draws that lie here.
    density_found : float
        The density in the draws that found it.
    instead : str
        The branch that is best here most often when the branch loses.
    instead_share : float
        Share of the draws here in which that one is best.
    regret : float
        What holding to the branch loses here, on average.
    inputs : tuple of str
        What was peeled.
    trajectory : tuple of Box
        On the way to it.
    """

    limits: tuple[Limit, ...]
    coverage: float
    density: float
    mass: float
    cases: int
    density_found: float
    instead: str
    instead_share: float
    regret: float
    inputs: tuple[str, ...]
    trajectory: tuple[Box, ...]

    @property
    def says(self) -> str:
        """The corner in the small language."""
        return " and ".join(limit.says for limit in self.limits)

    @property
    def peeling(self) -> pd.DataFrame:
        """The peeling trajectory: coverage, density, mass and the inputs restricted so far."""
        import pandas as pd

        rows = [
            {
                "coverage": box.coverage,
                "density": box.density,
                "mass": box.mass,
                "restricted": len(box.restricted),
                "inputs": ", ".join(self.inputs[i] for i in box.restricted),
            }
            for box in self.trajectory
        ]
        return pd.DataFrame(rows, index=pd.RangeIndex(len(rows), name="step"))


@dataclass(frozen=True, eq=False, repr=False)
class Discovery:
    """Where a branch loses.

    Attributes
    ----------
    by, option : str
        The decision, and the branch that loses.
    draws, seed : int
    draw : "linked", "independent" or Around
    inputs : tuple of str
        What was peeled, those that go most with the branch's lead first.
    share : float
        Of the draws in which it loses, anywhere.
    corners : tuple of Corner
        The first one found first; later ones hold none of its draws.
    """

    by: str
    option: str
    draws: int
    seed: int
    draw: str | Around
    inputs: tuple[str, ...]
    share: float
    corners: tuple[Corner, ...]

    def __repr__(self) -> str:
        corners = "".join(f"; {c.density:.1%} where {c.says}" for c in self.corners)
        return f"<Discovery: {self.option} loses in {self.share:.1%} of draws{corners}>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(self.text)}</p>{self.boxes.to_html()}{self.limits.to_html()}"

    @property
    def boxes(self) -> pd.DataFrame:
        """A row for each corner: coverage, density and mass in fresh draws, and what to do."""
        import pandas as pd

        columns = ["coverage", "density", "mass", "density_found", "cases", "instead"]
        columns += ["instead_share", "regret", "says"]
        rows = [[getattr(corner, name) for name in columns] for corner in self.corners]
        return pd.DataFrame(rows, columns=columns, index=_numbered(self.corners))

    @property
    def limits(self) -> pd.DataFrame:
        """A row for each limited input of each corner; `quasi_p` says whether it adds."""
        import pandas as pd

        columns = ["input", "low", "high", "base", "quasi_p", "says", "means"]
        rows, numbers = [], []
        for number, corner in enumerate(self.corners, 1):
            for limit in corner.limits:
                rows.append([getattr(limit, name) for name in columns])
                numbers.append(number)
        frame = pd.DataFrame(rows, columns=columns, index=pd.Index(numbers, name="box", dtype=int))
        return frame.astype({"low": float, "high": float})

    @property
    def text(self) -> str:
        """What was found, in a paragraph."""
        kind = self.draw if isinstance(self.draw, str) else "other"
        option = quoted(self.option)
        found = [f"{option} is not the best in {percent(self.share)} of {kind} draws."]
        if not self.corners:
            found.append("No corner of the inputs was found in which it loses more often.")
        for number, corner in enumerate(self.corners):
            first = "It loses" if number == 0 else "Of the rest it loses"
            says = listed(limit.says for limit in corner.limits)
            means = [limit.means for limit in corner.limits if limit.means]
            means_ = f" (that is, {'; '.join(means)})" if means else ""
            found.append(
                f"{first} in {percent(corner.density)} where {says}{means_}: "
                f"{percent(corner.mass)} of all draws, {percent(corner.coverage)} of those in "
                f"which it loses. There "
                f"{quoted(corner.instead)} is best most often, and holding to {option} costs "
                f"{signed(corner.regret, 2).lstrip('+')} on average."
            )
        return " ".join(found)


def _numbered(corners: Sequence[Corner]) -> pd.Index:
    import pandas as pd

    return pd.Index(np.arange(1, len(corners) + 1), name="box")
