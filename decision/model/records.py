"""The life of a number: an input's value, range, source and reason, and where it stands.

An `Input` is a row of probabilities.csv or values.csv. It may cover several
combinations of the node's parents; its `name` is how the small language names it, so
that what an analysis prints can be pasted into ``--set``.
"""

from __future__ import annotations

from decision.model.dataclass import dataclass

__all__ = ["ChangeRow", "ClaimRow", "Input", "Source"]

Where = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Source:
    """Where numbers come from: data, literature or judgement, and when it was known."""

    id: str
    kind: str
    citation: str
    date: str = ""
    note: str = ""


@dataclass(frozen=True)
class ChangeRow:
    """A row of a perspective or scenario: a change in the small language, and why."""

    change: str
    rationale: str = ""
    file: str = "python"
    line: int = 1


@dataclass(frozen=True)
class ClaimRow:
    """A row of claims.csv: a statement in our words, and the test of it."""

    id: str
    paragraph: str = ""
    claim: str = ""
    kind: str = ""
    test: str = ""
    asked_of: str = ""
    file: str = "claims.csv"
    line: int = 1


@dataclass(frozen=True, slots=True)
class Input:
    """One number of the model with its range, sources and reason.

    Parameters
    ----------
    node : str
        Chance or value node.
    where : tuple of (parent, states)
        Conditions in the order of the node's `given`; a parent left out means any state.
    state : str or None
        State of the chance node; None for a value.
    number : float
        Probability in [0, 1], or amount in the value's unit; nan for ``rest`` that
        differs among the combinations covered.
    text : str
        As written: ``1/3``, ``rest``, ``0.3``.
    low, high : float or None
        Plausible range.
    sources : tuple of str
        Ids in sources.csv.
    rationale : str
        Why, in a sentence.
    file, line : str, int
        Where it stands.
    """

    node: str
    where: Where
    state: str | None
    number: float
    text: str
    low: float | None = None
    high: float | None = None
    sources: tuple[str, ...] = ()
    rationale: str = ""
    file: str = "python"
    line: int = 1

    @property
    def name(self) -> str:
        """The input as the left side of a change.

        Examples
        --------
        >>> Input("oil", (), "dry", 0.5, "0.5").name
        'P(oil=dry)'
        >>> Input("cost", (("test", ("yes",)),), None, -10.0, "-10").name
        'V(cost | test=yes)'
        """
        conditions = ", ".join(f"{parent}={'|'.join(states)}" for parent, states in self.where)
        head = f"V({self.node}" if self.state is None else f"P({self.node}={self.state}"
        return f"{head} | {conditions})" if conditions else f"{head})"
