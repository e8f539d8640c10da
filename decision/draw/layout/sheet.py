"""The sheet of a decision tree: how wide its columns are, and what its branches say.

A column is as wide as what its branches say: state and probability above the line, where
the fan has spread out, and the expected value below it, or behind where a branch has but
one row to itself. Everything is measured before it is drawn, so no label can meet another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from decision.draw.layout.tidy import Fork
from decision.draw.numbers import (
    amount,
    decimals,
    decimals_of_range,
    probability,
    signed,
    unit_of_total,
)
from decision.draw.style import measure, plain, shortened, wrap

if TYPE_CHECKING:
    from decision.tree import Tree

__all__ = ["FAN", "HEADING", "NODE", "ROW", "TYPE", "Sheet", "Words"]

TYPE, HEADING, LEADING = 8.0, 8.5, 10.5
ROW = 14.0
NODE = 4.2
"""Half a symbol's side."""
FAN = 20.0
"""Room for branches to fan out before their labels begin."""
SPACE = 10.0
LABEL = 150.0
"""Width at which a label is cut."""
END_HEADING = 84.0
MORE = 2
"""Decimals beyond three digits of the range, at most: hundreds of options differ by nothing."""


@dataclass(frozen=True)
class Words:
    """What is written at one branch."""

    state: str
    odds: str
    value: str
    behind: str
    """How much less an option has than the best one."""
    then: str
    """The best option of a decision that is folded away."""

    @property
    def start_width(self) -> float:
        """Of state and probability; bold, since the best choice is."""
        return measure(self.state, TYPE, True) + (5 + measure(self.odds, TYPE) if self.odds else 0)

    @property
    def end_width(self) -> float:
        """Of value and difference."""
        behind = 4 + measure(self.behind, TYPE) if self.behind else 0
        return measure(self.value, TYPE, True) + behind


class Sheet:
    """Columns, rows and words of a tree that was spread out."""

    def __init__(self, tree: Tree, root: Fork) -> None:
        self.model, self.root = tree.model, root
        self.forks = list(root.walk())
        self.measure = "Expected total" if tree.model.risk is None else "Certain equivalent"
        self.unit = unit_of_total(tree.model)
        names = {fork.node.name for fork in self.forks if fork.children}
        self.names = [name for name in tree.model.time_order if name in names]
        self.settle(self._places())

    def settle(self, places: int) -> None:
        """Write all values with so many decimals, and find the columns that this needs."""
        self.places = places
        self.words = {id(fork): self._words(fork) for fork in self.forks}
        self.lefts = [2 * SPACE + measure(self.of(self.root).value, TYPE, True) + NODE]
        for name in self.names:
            self.lefts.append(self.lefts[-1] + self._column(name))

    def _places(self) -> int:
        choices = [f for f in self.forks if f.children and f.node.kind == "decision"]
        groups = [[self.worth(child) for child in fork.children] for fork in choices]
        seen = [self.worth(fork) for fork in self.forks]
        least = decimals_of_range(seen)
        needed = max(decimals(groups), decimals(groups[:1], significant=2))
        return max(min(needed, least + MORE), least)

    def worth(self, fork: Fork) -> float:
        """What choices go by: the expected total, or with risk its certain equivalent."""
        certain = fork.node.certain_equivalent
        return fork.node.expected_value if certain is None else certain

    def _words(self, fork: Fork) -> Words:
        then, behind = "", ""
        if fork.node.branches and not fork.children and fork.node.kind == "decision":
            then = _spoken(next(b.label for b in fork.node.branches if b.chosen))
        if fork.parent and fork.chosen is False:
            best = next(c for c in fork.parent.children if c.chosen)
            behind = f"({signed(self.worth(fork) - self.worth(best), self.places)})"
        return Words(
            state=_spoken(fork.label),
            odds="" if fork.odds is None else probability(fork.odds),
            value=("≤ " if fork.others and fork.odds is None else "")
            + amount(self.worth(fork), self.places),
            behind=behind,
            then=then,
        )

    def says(self, fork: Fork) -> str:
        """What a branch is and its numbers, for who points at it."""
        words, parent = self.of(fork), fork.parent
        told = [f"{self.measure.lower()} {words.value} {self.unit}"]
        if words.odds:
            told.insert(0, f"probability {words.odds}")
        told += ["the best choice"] if fork.chosen else []
        told += [f"{words.behind.strip('()')} from the best"] if words.behind else []
        told += [f"{fork.holds:,} branches are folded here"] if fork.holds > 1 else []
        label = plain(fork.label.replace("_", " "))
        name = plain(self.model.nodes[parent.node.name].caption) if parent else ""
        return f"{name} – {label}: {', '.join(told)}" if parent else ", ".join(told)

    def of(self, fork: Fork) -> Words:
        """What is written at a fork's branch."""
        return self.words[id(fork)]

    def _column(self, name: str) -> float:
        children = [c for f in self.forks if f.node.name == name for c in f.children]
        written = FAN + max(map(self._written, children)) + SPACE + NODE
        words = plain(self.model.nodes[name].caption).split(" ")
        heading = 1.1 * min(max(measure(w, HEADING, True) for w in words), LABEL) + 18
        return max(written, heading)

    def _written(self, fork: Fork) -> float:
        """Width of what stands along a branch: the value under it, if there is room."""
        words = self.of(fork)
        if not fork.children:
            return words.start_width
        if fork.lone:
            return words.start_width + SPACE + words.end_width
        return max(words.start_width, words.end_width)

    @cached_property
    def headings(self) -> tuple[tuple[str, ...], ...]:
        """Of the columns, of the values at the end, and of what is best then."""
        spans = [right - left for left, right in pairwise(self.lefts)]
        heads = [
            wrap(self.model.nodes[name].caption, (span - 18) / 1.1, HEADING)
            for name, span in zip(self.names, spans, strict=True)
        ]
        heads.append(wrap(f"{self.measure} ({self.unit})", END_HEADING, HEADING))
        then = {f.node.name for f in self.forks if self.of(f).then}
        decided = [name for name in self.model.time_order if name in then]
        if decided:
            captions = ", ".join(self.model.nodes[name].caption for name in decided)
            heads.append(wrap(f"Best then: {captions}", END_HEADING, HEADING))
        return tuple(heads)

    @cached_property
    def top(self) -> float:
        """Height of the headings."""
        return SPACE + LEADING * max(len(lines) for lines in self.headings) + 6.0

    @cached_property
    def then_left(self) -> float:
        """Where the column of what is best then begins."""
        leaves = [self.of(fork).end_width for fork in self.forks if not fork.children]
        return self.end_left + max(*leaves, _widest(self.headings[len(self.names)])) + 2 * SPACE

    @property
    def end_left(self) -> float:
        """Where the values at the end begin."""
        return self.lefts[-1] + NODE + 8.0

    @cached_property
    def width(self) -> float:
        """Of the picture, in points."""
        then = max(measure(words.then, TYPE) for words in self.words.values())
        if not then:
            return self.then_left - SPACE
        return self.then_left + max(then, _widest(self.headings[-1])) + SPACE

    @cached_property
    def bottom(self) -> float:
        """Where the rows end."""
        return self.top + ROW * (max(fork.row for fork in self.forks) + 0.7)

    def x(self, fork: Fork) -> float:
        """The middle of a fork's symbol; leaves share the last column."""
        return self.lefts[self.names.index(fork.node.name) if fork.children else -1]

    def y(self, fork: Fork) -> float:
        """The height of a fork's row."""
        return self.top + ROW * fork.row


def _spoken(name: str) -> str:
    return shortened(name.replace("_", " "), LABEL, TYPE)


def _widest(lines: Sequence[str]) -> float:
    return max(measure(line, HEADING, True) for line in lines)
