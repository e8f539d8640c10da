"""What matters: Bayes-ball, and which value nodes a decision can influence.

To compare the options of a decision, only the value nodes that descend from it count,
and of what it knows only the part that is not d-separated from them given the rest:
its *requisite* information. Bayes-ball finds that part, and the chance nodes whose
tables are needed, in one walk (Shachter 1998, "Bayes-ball: the rational pastime",
UAI-98; 1999, "Efficient value of information computation", UAI-99). A ball starts at
each variable a value depends on; it passes through an unknown node to its parents
and children, and bounces off a known one back to its parents if it came from above.

Decisions not yet worked out are either known roots (those taken earlier) or unknown
nodes that no ball reaches (those taken later, already replaced by their value).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from decision.model.dataclass import dataclass
from decision.model.structure import Structure

__all__ = ["Network", "Requisite", "requisite", "stages"]


@dataclass(frozen=True, eq=False)
class Network:
    """The variables that have a table: chance nodes, and decisions whose rule is set.

    Parameters
    ----------
    structure : Structure
    parents : mapping of name to names
        Scope of each variable's table, itself left out.
    """

    structure: Structure
    parents: Mapping[str, tuple[str, ...]]

    @cached_property
    def position(self) -> dict[str, int]:
        """Place of each variable in time order."""
        return {name: i for i, name in enumerate(self.structure.time_order)}

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """Variables whose table a variable stands in."""
        found: dict[str, list[str]] = {name: [] for name in self.position}
        for name, parents in self.parents.items():
            for parent in parents:
                found[parent].append(name)
        return found

    @cached_property
    def downward(self) -> tuple[str, ...]:
        """Variables, parents before children; a rule stands after what it looks at."""
        waiting = {name: len(self.parents.get(name, ())) for name in self.position}
        ready = [name for name in reversed(self.position) if not waiting[name]]
        order: list[str] = []
        while ready:
            name = ready.pop()
            order.append(name)
            for child in reversed(self.children[name]):
                waiting[child] -= 1
                if not waiting[child]:
                    ready.append(child)
        return tuple(order)

    @cached_property
    def first_seen(self) -> dict[str, int]:
        """Earliest place in time order of a variable or anything that descends from it."""
        seen: dict[str, int] = {}
        for name in reversed(self.downward):
            below = (seen[child] for child in self.children[name])
            seen[name] = min((self.position[name], *below))
        return seen

    def above(self, names: Iterable[str]) -> set[str]:
        """Return variables and their ancestors."""
        found: set[str] = set()
        stack = list(names)
        while stack:
            name = stack.pop()
            if name not in found:
                found.add(name)
                stack.extend(self.parents.get(name, ()))
        return found


@dataclass(frozen=True)
class Requisite:
    """What Bayes-ball marks.

    Attributes
    ----------
    tables : tuple of str
        Variables whose table is needed, in time order.
    known : frozenset of str
        The part of the known variables that matters.
    evidence : tuple of str
        Those of `tables` that say how likely the known variables are: to be divided by.
    """

    tables: tuple[str, ...]
    known: frozenset[str]
    evidence: tuple[str, ...]


def requisite(
    network: Network, targets: Iterable[str], known: Callable[[str], bool], before: int | None
) -> Requisite:
    """Return what matters to a function of the target variables.

    Parameters
    ----------
    network : Network
    targets : iterable of str
        Variables the function depends on.
    known : callable
        Whether a variable is known.
    before : int, optional
        Place in time order before which everything is known, and nothing after it but
        the decision itself; saves walking down where nothing is known. None: no such place.
    """
    top: set[str] = set()
    bottom: set[str] = set()
    hit: set[str] = set()
    balls = [(name, False) for name in targets]
    while balls:
        name, from_parent = balls.pop()
        if known(name):
            hit.add(name)
            if from_parent and name not in top and name in network.parents:
                top.add(name)
                balls.extend((parent, False) for parent in network.parents[name])
            continue
        if not from_parent and name not in top:
            top.add(name)
            balls.extend((parent, False) for parent in network.parents[name])
        if name not in bottom:
            bottom.add(name)
            balls.extend(
                (child, True)
                for child in network.children[name]
                if before is None or network.first_seen[child] < before
            )
    evidence = {name for name in top if known(name)}
    stack = list(evidence)
    while stack:
        for parent in network.parents[stack.pop()]:
            if parent in top and parent not in evidence:
                evidence.add(parent)
                stack.append(parent)
    place = network.position.__getitem__
    return Requisite(
        tuple(sorted(top, key=place)), frozenset(hit), tuple(sorted(evidence, key=place))
    )


def stages(structure: Structure, parents: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Return the number of the latest free decision above each variable, −1 for none.

    Parameters
    ----------
    structure : Structure
    parents : mapping of name to names
        Variables that have a table; decisions not among them are free.
    """
    number = {name: i for i, (name, _) in enumerate(structure.decisions)}
    found: dict[str, int] = {}
    for name in Network(structure, parents).downward:
        if name in parents:
            found[name] = max((found[parent] for parent in parents[name]), default=-1)
        else:
            found[name] = number[name]
    return found
