"""What can be said in the small language: questions, changes and claims, as records."""

from __future__ import annotations

from decision.model.dataclass import dataclass

__all__ = ["Assignment", "Change", "Claim", "Condition", "Question", "Term", "Test"]


@dataclass(frozen=True)
class Assignment:
    """``name=state`` or ``name=state|state``."""

    name: str
    states: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}={'|'.join(self.states)}"


@dataclass(frozen=True)
class Condition:
    """What stands behind a bar: an assignment, ``do(…)`` or a bare name (no states)."""

    name: str
    states: tuple[str, ...] = ()
    do: bool = False

    def __str__(self) -> str:
        text = f"{self.name}={'|'.join(self.states)}" if self.states else self.name
        return f"do({text})" if self.do else text


@dataclass(frozen=True)
class Question:
    """A question: kind "P", "E", "V" or "weight"."""

    kind: str
    event: tuple[Assignment, ...] = ()
    node: str = ""
    conditions: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        head = ", ".join(map(str, self.event)) or self.node
        behind = ", ".join(map(str, self.conditions))
        return f"{self.kind}({head} | {behind})" if behind else f"{self.kind}({head})"


@dataclass(frozen=True)
class Change:
    """A change: kind "P", "odds", "V" or "weight"; operator "=", "*=", "+=" or "-="."""

    kind: str
    node: str
    state: str | None
    conditions: tuple[Assignment, ...]
    operator: str
    number: float
    text: str

    @property
    def target(self) -> str:
        """The left side."""
        head = self.node if self.state is None else f"{self.node}={self.state}"
        behind = ", ".join(map(str, self.conditions))
        return f"{self.kind}({head} | {behind})" if behind else f"{self.kind}({head})"


Term = tuple[float, Question | None]


@dataclass(frozen=True)
class Test:
    """``for all …: side < side``; a side is a sum of terms (factor, question or None)."""

    for_all: tuple[str, ...]
    left: tuple[Term, ...]
    operator: str
    right: tuple[Term, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions of both sides, from left to right."""
        return tuple(q for _, q in (*self.left, *self.right) if q is not None)


@dataclass(frozen=True)
class Claim:
    """Tests that all have to hold."""

    tests: tuple[Test, ...]
