"""A model in which some decisions that forget do not: what no rules of theirs exceed.

The rules of other decisions are given, and chance nodes. Those that are free see what their
rule looks at and all that was seen before, so that one plan with perfect memory finds what
they are worth at most: whoever knows more can ignore it (Yuan, Wu and Hansen 2010, UAI-10;
what a rule need not look at is dropped first, which only lowers the bound).
"""

from __future__ import annotations

from functools import lru_cache

from decision.model.dataclass import dataclass, replace
from decision.model.structure import Structure
from decision.solve.plan import Plan, plan
from decision.solve.run import trimmed

__all__ = ["Relaxation", "relaxed"]


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The plan in which some decisions forget nothing; the same without rules as inputs."""

    plan: Plan
    unruled: Plan


@lru_cache(maxsize=256)
def relaxed(
    structure: Structure,
    scopes: tuple[tuple[str, tuple[str, ...]], ...],
    free: tuple[str, ...],
    given: frozenset[str],
) -> Relaxation:
    """Return the plan that bounds what beginnings lead to.

    Parameters
    ----------
    structure : Structure
    scopes : tuple of (decision, names)
        What each rule looks at.
    free : tuple of str
        The decision in hand and all that follow.
    given : frozenset of str
        Decisions that are set.
    """
    looks = dict(scopes)
    ruled = [n for n, _ in structure.decisions if n not in given and n not in free]
    guards = {n: guard for n, guard in structure.guards if n not in ruled}
    guards[free[0]] = looks[free[0]]
    remembering = replace(
        structure,
        decisions=tuple((n, looks[n]) for n, _ in structure.decisions if n not in ruled),
        chances=(*structure.chances, *((n, looks[n]) for n in ruled)),
        guards=tuple((n, guards[n]) for n, _ in structure.decisions if n in guards),
        memory="perfect",
    )
    whole = plan(remembering, given)
    assert whole.value is not None
    found = trimmed(whole, (whole.value, *whole.dead))
    kept = tuple((key, scope) for key, scope in found.inputs if key[1] not in ruled)
    return Relaxation(found, replace(found, inputs=kept))
