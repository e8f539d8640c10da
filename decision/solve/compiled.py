"""Plans: steps in order, where their answers are kept, and what they cost.

The cost is known before it is paid: every step states its operations and the cells that
are alive while it runs, and a plan that would take more bytes than allowed is refused,
naming the nodes whose table is the largest.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from decision.model.dataclass import dataclass
from decision.model.problems import ModelError, Problem
from decision.solve.steps import Draft, Key, Step

__all__ = ["Choice", "Cost", "Plan", "finished", "refuse"]

CELL = 8
"""Bytes of a number."""
LARGEST_NAMED = 8
"""How many nodes a refusal names."""


@dataclass(frozen=True)
class Cost:
    """What a plan costs for one row of a batch.

    Attributes
    ----------
    steps, operations : int
    bytes : int
        The most that is alive at once, inputs left out.
    largest : int
        Cells of the largest table.
    scope : tuple of str
        Its axes: the nodes that cause it.
    """

    steps: int
    operations: int
    bytes: int
    largest: int
    scope: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """Where a plan keeps what it found for one decision.

    Attributes
    ----------
    decision : str
    given : tuple of str
        What the choice depends on, in time order.
    option : int or None
        Number of the table of chosen options; None: the first, whatever is known.
    worths : int or None
        What each option is worth, as far as the decision has a part in it; None: nothing.
    allowed : int or None
        Which options are allowed; None: all.
    rest : tuple of int
        Tables that add up to what else the total is worth in each situation.
    """

    decision: str
    given: tuple[str, ...] = ()
    option: int | None = None
    worths: int | None = None
    allowed: int | None = None
    rest: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Plan:
    """Steps from numbers to answers.

    Attributes
    ----------
    inputs : tuple of ((kind, name), scope)
        The tables that go in; table i is the i-th.
    steps : tuple of Step
    card : mapping of name to number of states
    outputs : tuple of int
        Tables that are kept.
    value : int or None
        Table of the expected total (with risk: the certain equivalent).
    choices : tuple of Choice
        For each free decision, in the order they are taken.
    dead : tuple of int
        Tables that are above 0 where a dead end cannot be avoided.
    scopes : tuple
        Axes of every table.
    near : int or None
        Table that is above 0 where options may tie once all of the total is counted.
    chances : tuple of (name, int)
        Tables of each observed chance node, given what is known before it.
    logarithmic : bool
        Whether probabilities and amounts go in as logarithms.
    """

    inputs: tuple[tuple[Key, tuple[str, ...]], ...]
    steps: tuple[Step, ...]
    card: dict[str, int]
    scopes: tuple[tuple[str, ...], ...]
    outputs: tuple[int, ...]
    value: int | None = None
    choices: tuple[Choice, ...] = ()
    dead: tuple[int, ...] = ()
    near: int | None = None
    chances: tuple[tuple[str, int], ...] = ()
    logarithmic: bool = False

    def cells(self, scope: Iterable[str]) -> int:
        """Return the cells of a table."""
        cells = 1
        for name in scope:
            cells *= self.card[name]
        return cells

    def choice(self, decision: str) -> Choice:
        """Return where what was found for a decision is kept."""
        return next(choice for choice in self.choices if choice.decision == decision)

    @cached_property
    def last_use(self) -> tuple[tuple[int, ...], ...]:
        """Tables that each step is the last to read, those that are kept left out."""
        last: dict[int, int] = {}
        for i, step in enumerate(self.steps):
            last.update(dict.fromkeys(step.inputs, i))
            last.setdefault(step.output, i)
        done: list[list[int]] = [[] for _ in self.steps]
        for number, i in last.items():
            if number not in self.outputs:
                done[i].append(number)
        return tuple(tuple(numbers) for numbers in done)

    @cached_property
    def cost(self) -> Cost:
        """Operations and bytes, before anything is allocated."""
        given = len(self.inputs)
        alive = most = largest = 0
        scope: tuple[str, ...] = ()
        for step, done in zip(self.steps, self.last_use, strict=True):
            most = max(most, alive + step.cells)
            alive += self.cells(step.scope)
            alive -= sum(self.cells(self.scopes[n]) for n in done if n >= given)
            made = self.cells(step.scope + step.summed)
            if made > largest:
                largest, scope = made, step.summed + step.scope
        operations = sum(step.operations for step in self.steps)
        return Cost(len(self.steps), operations, most * CELL, largest, scope)

    def __str__(self) -> str:
        rows = [("step", "operation", "from", "axes", "summed", "operations", "bytes")]
        names = [f"{kind} {name}".strip() for (kind, name), _ in self.inputs]
        for step in self.steps:
            name = f"t{step.output}"
            sources = [names[i] if i < len(names) else f"t{i}" for i in step.inputs]
            rows.append(
                (
                    name,
                    step.kind,
                    ", ".join(sources),
                    " ".join(step.scope) or "-",
                    " ".join(step.summed),
                    f"{step.operations}",
                    f"{step.cells * CELL}",
                )
            )
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = [
            "  ".join(
                cell.rjust(w) if i > 4 else cell.ljust(w)
                for i, (cell, w) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        cost = self.cost
        lines.append(
            f"{cost.steps} steps, {cost.operations} operations, at most {cost.bytes} bytes "
            f"at once; the largest table has {cost.largest} cells"
            + (f" over {', '.join(cost.scope)}" if cost.scope else "")
        )
        return "\n".join(lines)


def refuse(plan: Plan, limit: int, rows: int = 1) -> None:
    """Refuse a plan that would take more bytes than the limit, before it takes any."""
    needed = plan.cost.bytes * rows
    if needed > limit:
        scope = plan.cost.scope
        named = ", ".join(scope[:LARGEST_NAMED])
        more = len(scope) - LARGEST_NAMED
        named += f" and {more} more" if more > 0 else ""
        what = (
            f"solving needs {needed:.3g} bytes at once, more than {limit:.3g}: "
            f"one table goes over {named} ({plan.cost.largest:.3g} cells)"
        )
        do = "cut an arc between them, merge states, or let a decision observe less"
        raise ModelError([Problem("model.toml", 1, what, do)])


def finished(draft: Draft, outputs: Iterable[int], card: dict[str, int]) -> Plan:
    """Return a draft as a plan that keeps some of its tables."""
    return Plan(
        inputs=tuple((key, draft.scopes[i]) for key, i in draft.inputs.items()),
        steps=tuple(draft.steps),
        card=card,
        scopes=tuple(draft.scopes),
        outputs=tuple(dict.fromkeys(outputs)),
    )
