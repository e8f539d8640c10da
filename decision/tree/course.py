"""The course of events: in what order things become known, and what still matters.

A path of the tree reveals one variable after another. Which of those already revealed
still matter for what is to come follows from structure alone: the parents of values
not yet settled, what opens an option, and whatever tells something about a variable
not yet revealed (the factors that hang together with it through unrevealed variables;
d-separation read off the factors, Koller and Friedman 2009, *Probabilistic Graphical
Models*, ch. 9). Two histories that agree on what matters lead to equal subtrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from decision.model.dataclass import dataclass
from decision.model.diagram import InfluenceDiagram

__all__ = ["Course", "Evidence", "Level", "course_of"]


@dataclass(frozen=True)
class Evidence:
    """The tables that tell about some unrevealed variables, by name of the chance node.

    `known` are the revealed variables in them, `hidden` the unrevealed ones.
    """

    factors: tuple[str, ...]
    known: tuple[str, ...]
    hidden: tuple[str, ...]


@dataclass(frozen=True)
class Level:
    """One variable of the tree.

    `matters` are the variables revealed before it that matter from here on, `settled`
    the values whose last parent it is, `pending` the values not settled before it.
    `evidence` gives a chance node's branch probabilities.
    """

    name: str
    kind: str
    states: tuple[str, ...]
    matters: tuple[str, ...]
    evidence: Evidence
    settled: tuple[str, ...]
    pending: tuple[str, ...]


@dataclass(frozen=True)
class Course:
    """The levels of the tree; `fold` is the first one after the last decision."""

    model: InfluenceDiagram
    given: Mapping[str, str]
    levels: tuple[Level, ...]
    fold: int

    def revealed(self, level: int) -> tuple[str, ...]:
        """Variables known before a level."""
        return tuple(entry.name for entry in self.levels[:level])

    def matters(self, level: int) -> tuple[str, ...]:
        """Variables known before a level that matter from there on."""
        return self.levels[level].matters if level < len(self.levels) else ()

    def evidence(self, level: int, about: Iterable[str]) -> Evidence:
        """The tables that tell about some variables, given what is known before a level."""
        return _evidence(self.model, self.revealed(level), about)


def course_of(
    model: InfluenceDiagram,
    given: Mapping[str, str],
    consulted: Mapping[str, tuple[str, ...]],
) -> Course:
    """Return the course of events of a diagram.

    Parameters
    ----------
    model : InfluenceDiagram
    given : mapping of decision to option
        Decisions that are set.
    consulted : mapping of decision to variables
        What a policy given from outside looks at.
    """
    order = _order(model)
    fold = 1 + max(order.index(d.name) for d in model.decisions)
    settled_at = {
        value.name: max(order.index(parent) for parent in value.given)
        for value in model.values
        if value.given
    }
    levels: list[Level] = []
    later: set[str] = set()
    for k in reversed(range(len(order))):
        name, before = order[k], order[:k]
        node = model.nodes[name]
        settled = tuple(v for v, level in settled_at.items() if level == k)
        pending = tuple(v for v, level in settled_at.items() if level >= k)
        evidence = Evidence((), (), ())
        later = later.union(*(model.given(v) for v in settled))
        if node.kind == "chance":
            evidence = _evidence(model, before, [name])
            later |= set(evidence.known)
        else:
            later |= _guards(model, name) | set(consulted.get(name, ()))
        later.discard(name)
        matters = tuple(variable for variable in before if variable in later)
        levels.append(
            Level(name, node.kind, model.states(name), matters, evidence, settled, pending)
        )
    return Course(model, dict(given), tuple(reversed(levels)), fold)


def _order(model: InfluenceDiagram) -> list[str]:
    """Decisions and observations in time order, then what values depend on, unobserved."""
    observed = {name for decision in model.decisions for name in decision.observes}
    relevant = set().union(*(model.structure.ancestors[v.name] for v in model.values))
    return [
        name
        for name in model.time_order
        if model.nodes[name].kind == "decision" or name in observed or name in relevant
    ]


def _guards(model: InfluenceDiagram, decision: str) -> set[str]:
    return {name for needs in model.nodes[decision].only_when.values() for name in needs}  # type: ignore[attr-defined]


def _evidence(model: InfluenceDiagram, known: Iterable[str], about: Iterable[str]) -> Evidence:
    revealed = set(known)
    chances = {chance.name: {*chance.given, chance.name} for chance in model.chances}
    told = {name for name in revealed if name in chances} | set(about)
    alive = told.union(*(model.structure.ancestors[name] for name in told)) & set(chances)
    factors, hidden = _connected({n: chances[n] for n in chances if n in alive}, revealed, about)
    scopes: set[str] = set().union(*(chances[name] for name in factors))
    return Evidence(
        factors,
        tuple(name for name in model.time_order if name in scopes and name in revealed),
        tuple(name for name in model.time_order if name in hidden),
    )


def _connected(
    scopes: Mapping[str, Set[str]], revealed: Set[str], about: Iterable[str]
) -> tuple[tuple[str, ...], set[str]]:
    """Return the factors linked to some variables through unrevealed ones, and those."""
    hidden, found = set(about), set[str]()
    while True:
        new = {n for n, scope in scopes.items() if n not in found and scope & hidden}
        if not new:
            return tuple(name for name in scopes if name in found), hidden
        found |= new
        hidden = hidden.union(*(scopes[name] - revealed for name in new))
