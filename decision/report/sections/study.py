"""What the page is about, each result worked out once and when it is first asked for.

Sections share results: the inputs are moved once for the tornado, the flips, the map and
the ledger, and all draws are made once. What would take long on a large model is bounded
by what the plan costs, not by a clock: the same model gives the same page everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from decision.model.diagram import InfluenceDiagram
from decision.model.problems import COMMAND_LINE, ModelError
from decision.model.shipped import Setting, varied
from decision.report.sections.parts import canonical

if TYPE_CHECKING:
    import pandas as pd

    from decision.analysis.both import Both
    from decision.analysis.disagreement import Disagreement
    from decision.analysis.explanation import Explanation
    from decision.analysis.finding import Finding
    from decision.solve.solution import Solution
    from decision.tree import Tree

__all__ = ["Study", "Tell", "silent"]

Tell = Callable[[str], Callable[[int, int], None]]
"""Given what is counted, gives what is told how many are done, and of how many."""
SEED = 1
MOST_DRAWS, LEAST_DRAWS = 10_000, 200
FORGETFUL_DRAWS = 200
"""With limited memory a solution is a search, some ten milliseconds of it."""
OPERATIONS = 1.2e9
"""What all draws of one kind, or all inputs, may take: some seconds."""
FINDINGS = 5e9


def silent(what: str) -> Callable[[int, int], None]:
    """Tell nobody."""
    return lambda done, of: None


@dataclass(frozen=True, eq=False)
class Study:
    """A model as read, what is made of it, and what was found.

    Attributes
    ----------
    model : InfluenceDiagram
        As read.
    settings, changes
        As `decision.report.page.write_report` takes them.
    asked, chosen_event
        The decision and the event that were asked for, if they were.
    named : str
        What the reader calls the model on the command line.
    tell : callable
        Makes what is told of progress.
    """

    model: InfluenceDiagram
    settings: tuple[Setting, ...] = ()
    changes: tuple[str, ...] = ()
    asked: str | None = None
    chosen_event: str | None = None
    named: str = "MODEL"
    tell: Tell = silent

    # -- the model ----------------------------------------------------------------

    @cached_property
    def shown(self) -> InfluenceDiagram:
        """The model with perspectives, scenarios and changes made."""
        return varied(self.model, self.settings, self.changes)

    @cached_property
    def by(self) -> str:
        """The decision whose options are the branches."""
        if self.asked is None:
            return self.model.decisions[0].name
        name: str = self.model.node(self.asked, ("decision",), COMMAND_LINE).name
        return name

    @cached_property
    def first(self) -> bool:
        """Whether that is the first decision, about which some words only speak."""
        return self.by == self.model.decisions[0].name

    def named_setting(self, kind: str) -> str | None:
        """The last perspective or scenario that was named."""
        return next((name for k, name in reversed(self.settings) if k == kind), None)

    @cached_property
    def unit(self) -> str:
        """Of the total."""
        from decision.analysis.wording import unit_of_total

        return unit_of_total(self.shown)

    @cached_property
    def ranged(self) -> int:
        """How many numbers have a range."""
        rows = sum(row.low is not None for row in self.shown.inputs)
        return rows + sum(value.weight_low is not None for value in self.shown.values)

    @cached_property
    def anchors(self) -> dict[str, str]:
        """Where in the ledger each input stands by its name, and the inputs of each node."""
        names = [row.name for row in self.shown.inputs]
        names += [f"weight({value.name})" for value in self.shown.values]
        found = {name: f"input-{i}" for i, name in enumerate(dict.fromkeys(names), 1)}
        nodes = (*self.shown.chances, *self.shown.values)
        tables = {node.name: f"inputs-{i}" for i, node in enumerate(nodes, 1)}
        return tables | {canonical(name): anchor for name, anchor in found.items()} | found

    # -- the answer ---------------------------------------------------------------

    @cached_property
    def solution(self) -> Solution:
        """The best strategy and what it is worth."""
        from decision.solve.solution import solve

        return solve(self.shown)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Outcomes by branch."""
        from decision.analysis.outcomes import outcomes

        return outcomes(self.shown, by=self.by)

    @cached_property
    def open(self) -> tuple[str, ...]:
        """Branches that can be had."""
        branches = self.solution.branch_solutions(self.by)
        return tuple(option for option, branch in branches if branch is not None)

    @property
    def several(self) -> bool:
        """Whether there is anything to choose."""
        return len(self.open) > 1

    @cached_property
    def tree(self) -> Tree | None:
        """The tree up to the last decision; None where it is too large to unroll."""
        from decision.tree import unroll

        try:
            return unroll(self.shown, fold=True)
        except ModelError:
            return None

    @cached_property
    def event(self) -> str | None:
        """The event in whose chance a lead is told as well: the one that costs most.

        Points of a total that adds unlike things mean nothing by themselves. Of all states
        of chance nodes the one is taken whose certainty would lower the total most. None
        where the total has a unit, or no event lowers it.
        """
        if self.chosen_event is not None or self.unit != "points":
            return self.chosen_event
        from decision.analysis.outcomes import worth_of

        found: list[tuple[float, str]] = []
        for chance in self.shown.chances:
            for state in chance.states:
                event = f"P({chance.name}={state})"
                try:
                    found.append((float(worth_of(self.shown, event)), event))
                except ModelError:  # always or never so
                    continue
        costs = [pair for pair in found if pair[0] < -1e-9]
        return min(costs)[1] if costs else None

    # -- what moves it --------------------------------------------------------------

    @cached_property
    def operations(self) -> int:
        """What solving it once takes."""
        from decision.solve.plan import plan

        return max(1, plan(self.shown.structure).cost.operations)

    @cached_property
    def findings(self) -> list[Finding] | None:
        """What each input with a range does; None where that would take long."""
        from decision.analysis.sensitivity import findings

        if self.ranged * self.operations > FINDINGS:
            return None
        return findings(self.shown, self.by, self.tell("inputs"))

    @cached_property
    def alone(self) -> pd.DataFrame | None:
        """The findings as a table; None without a range, or where they would take long."""
        from decision.analysis.sensitivity import tabulated

        return tabulated(self.shown, self.findings, self.by) if self.findings else None

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """Every number, how much it matters and what it rests on."""
        from decision.analysis.ledger import entries_of, tabulated

        return tabulated(entries_of(self.shown, self.findings or []))

    @cached_property
    def explanation(self) -> Explanation:
        """Why the best branch is best."""
        from decision.analysis.explanation import explain

        return explain(self.shown, self.by, self.tell("inputs"))

    @cached_property
    def draws(self) -> int:
        """How many draws of each kind the model affords."""
        if self.shown.memory == "limited":
            return FORGETFUL_DRAWS
        afforded = int(OPERATIONS / self.operations) // 100 * 100
        return max(LEAST_DRAWS, min(MOST_DRAWS, afforded))

    @cached_property
    def drawn(self) -> Both | None:
        """All inputs drawn, in both ways; None without a range or a choice."""
        from decision.analysis.both import both_draws

        if not self.ranged or not self.several:
            return None
        return both_draws(
            self.shown, self.by, draws=self.draws, seed=SEED, progress=self.tell("draws")
        )

    @cached_property
    def disagreement(self) -> Disagreement | None:
        """What perspectives prefer, each on the base with scenario and changes."""
        from decision.analysis.disagreement import disagreement

        if not self.model.perspectives or not self.several:
            return None
        rest = [setting for setting in self.settings if setting[0] != "perspective"]
        return disagreement(varied(self.model, rest, self.changes), self.by)

    def command(self, out: str = "FILE.html") -> Sequence[str]:
        """What was typed, or would be, to make this page."""
        words = ["decision", "report", self.named]
        for kind, name in self.settings:
            words += [f"--{kind}", name]
        for change in self.changes:
            words += ["--set", change]
        for flag, asked in (("--by", self.asked), ("--event", self.chosen_event)):
            words += [flag, asked] if asked is not None else []
        return [*words, "--out", out]
