"""Solve a model, and give the answer back in its own words.

The best policy maximises the expected total, or with an attitude to risk the certain
equivalent of the total (Howard and Matheson 1972, "Risk-sensitive Markov decision
processes", Management Science 18(7), doi:10.1287/mnsc.18.7.356): the amount whose
utility 1 − exp(−x/t) is the expected utility.

Two totals tie when |a − b| ≤ 1e-9 · max(|a|, |b|, 1e-3 · the largest |total|), where the
largest |total| is the sum over value nodes of the largest |weight × u|. Of options that
tie with the best, the one listed first is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from decision.model.dataclass import dataclass, field
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError, Problem, nearest
from decision.solve.inputs import scale_of, too_large
from decision.solve.openness import dead_ends, forced_dead_end
from decision.solve.perfect import situations_of, solve_perfect
from decision.solve.queries import answer, expected_total
from decision.solve.rules import Found, Rule, Worths
from decision.solve.strategy import Row, listed, situations
from decision.solve.ties import FLOOR, TIE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Solution", "solve"]

LIMIT = 2 * 2**30
"""Bytes that solving may take at once."""

Array = NDArray[Any]
Policy = Mapping[str, Rule]


@dataclass(frozen=True, eq=False, repr=False)
class Solution:
    """The best policy of a model and what it leads to.

    Attributes
    ----------
    model : InfluenceDiagram
    given : mapping of decision to option
        Decisions that are set in every situation.
    expected_value : float
        Of the total, under the policy.
    certain_equivalent : float or None
        With an attitude to risk: what the total is worth for certain.
    policy : mapping of decision to Rule
        Total: says something in every situation, also those that never happen.
    optimality : {"global", "local"}
    upper_bound : float or None
        Where the policy may not be the best: no policy is worth more than this.
    """

    model: InfluenceDiagram
    given: Mapping[str, str]
    expected_value: float
    certain_equivalent: float | None
    policy: Policy
    worths: Mapping[str, Worths] = field(repr=False)
    limit: int = LIMIT
    optimality: str = "global"
    upper_bound: float | None = None

    @property
    def worth(self) -> float:
        """What a preference goes by: the certain equivalent with risk, else the expectation."""
        if self.certain_equivalent is None:
            return self.expected_value
        return self.certain_equivalent

    @property
    def gap(self) -> float:
        """By how much another policy may be better, at most; 0 if the policy is the best."""
        return 0.0 if self.upper_bound is None else max(0.0, self.upper_bound - self.worth)

    # -- what it leads to -----------------------------------------------------

    def probabilities(
        self, names: Iterable[str], observed: Mapping[str, str] | None = None
    ) -> NDArray[np.float64]:
        """Return the joint table over some variables under the policy.

        Parameters
        ----------
        names : iterable of str
            Chance nodes and decisions; the axes stand in this order.
        observed : mapping of chance node to state, optional
            What is observed. It conditions; the policy stays.

        Raises
        ------
        ModelError
            For a condition of probability 0.
        """
        names = tuple(names)
        seen = self._observed(observed)
        for name in names:
            self.model.node(name, ("chance", "decision"))
        first = tuple(dict.fromkeys(names))
        queries = [(first, "", "")] + ([((), "", "")] if seen else [])
        joint, *mass = answer(self.model, self.policy, queries, seen, limit=self.limit)
        if mass:
            joint = joint / _positive(float(mass[0]), seen)
        if first != names:
            raise ModelError([_typed("a node is named twice", "name it once")])
        return np.ascontiguousarray(joint)

    def expectation(
        self, value: str | None = None, observed: Mapping[str, str] | None = None
    ) -> float:
        """Return the expectation of a value node, or of the total, under the policy.

        Parameters
        ----------
        value : str, optional
            A value node, in its natural unit; the weighted total if left out.
        observed : mapping of chance node to state, optional
            What is observed. It conditions; the policy stays.

        Raises
        ------
        ModelError
            For a condition of probability 0.
        """
        seen = self._observed(observed)
        if value is None:
            queries = [((), "total", "")]
        else:
            queries = [((), "amount", self.model.node(value, ("value",)).name)]
        if seen:
            queries.append(((), "", ""))
        found = answer(self.model, self.policy, queries, seen, limit=self.limit)
        mass = _positive(float(found.pop()), seen) if seen else 1.0
        return float(found[0]) / mass + 0.0

    def _observed(self, observed: Mapping[str, str] | None) -> dict[str, str]:
        seen = dict(observed or {})
        for name, state in seen.items():
            states = self.model.node(name, ("chance",)).states
            if state not in states:
                raise ModelError([_typed(f"{name} has no state '{state}'", nearest(state, states))])
        return seen

    # -- the strategy ---------------------------------------------------------

    @cached_property
    def strategy(self) -> pd.DataFrame:
        """The strategy: a row for each situation that happens.

        Returns
        -------
        DataFrame
            Columns `decision`, one for each variable that some decision knows (in time
            order; None where it is not known yet), `choose`, `expected_value` (of the
            total, in that situation), `certain_equivalent` (with an attitude to risk),
            `probability` and `ties` (tuple of other options that do as well).
        """
        import pandas as pd

        rows = self.strategy_rows()
        seen = {name for row in rows for name in row["given"]}
        names = [name for name in self.model.time_order if name in seen]
        numbers = ["expected_value", "probability"]
        if self.model.risk is not None:
            numbers.insert(1, "certain_equivalent")
        table = [
            [row["decision"], *(row["given"].get(name) for name in names), row["choose"]]
            + [row[number] for number in numbers]
            + [tuple(row["ties"])]
            for row in rows
        ]
        labels = ["decision", *names, "choose", *numbers, "ties"]
        columns = {
            label: pd.Series(column, dtype=float if label in numbers else object)
            for label, column in zip(labels, zip(*table, strict=True), strict=True)
        }
        return pd.DataFrame(columns)

    def strategy_rows(self, requisite: bool = False) -> list[dict[str, Any]]:
        """Return the strategy as plain rows, as `decision solve` prints it.

        Parameters
        ----------
        requisite : bool
            Whether a decision's rows tell apart only what can matter to its choice.

        Raises
        ------
        ModelError
            Above 100 000 rows, with their number.
        """
        model = self.model
        rows = []
        for name, found in self._rows(requisite):
            known = self.policy[name].given if requisite else model.information(name)
            states = [model.states(other) for other in known]
            options = model.states(name)
            for row in found:
                entry: dict[str, Any] = {
                    "decision": name,
                    "given": {
                        other: listed_states[k]
                        for other, listed_states, k in zip(known, states, row.known, strict=True)
                    },
                    "choose": options[row.choice],
                    "expected_value": row.expected_value,
                }
                if row.certain_equivalent is not None:
                    entry["certain_equivalent"] = row.certain_equivalent
                entry["probability"] = row.probability
                entry["ties"] = [options[i] for i in row.ties]
                rows.append(entry)
        return rows

    def _rows(self, requisite: bool) -> Iterator[tuple[str, list[Row]]]:
        model = self.model
        if requisite or model.memory == "limited":
            known = {
                d.name: self.policy[d.name].given if requisite else model.information(d.name)
                for d in model.decisions
            }
            return listed(model, self.policy, self.worths, known, self.limit)
        return situations(situations_of(model, self.given, self.policy, self.worths, self.limit))

    # -- other choices --------------------------------------------------------

    def branches(self, by: str | None = None) -> list[tuple[str, float | None]]:
        """Return what each option of a decision is worth, all other decisions optimal.

        Parameters
        ----------
        by : str, optional
            A decision; the first in time order if left out.

        Returns
        -------
        list of (option, float or None)
            The expected total with that option set in every situation; None where no
            earlier choice avoids a situation in which it is closed.
        """
        return [
            (option, None if found is None else found.expected_value)
            for option, found in self.branch_solutions(by)
        ]

    def branch_solutions(self, by: str | None = None) -> list[tuple[str, Solution | None]]:
        """Return the solution with each option of a decision set; None where it cannot be."""
        by = self.model.decisions[0].name if by is None else by
        options = self.model.node(by, ("decision",)).options
        rows = [{**self.given, by: option} for option in options]
        return list(zip(options, _solved(self.model, rows, self.limit), strict=True))

    def preferred(self, by: str | None = None) -> tuple[str, ...]:
        """Return the best branches of a decision: the best and all that tie with it.

        They go by certain equivalent where there is an attitude to risk. The first is the
        one to prefer; there is none if no branch can be had.
        """
        worths = {
            option: found.worth for option, found in self.branch_solutions(by) if found is not None
        }
        top, floor = max(worths.values(), default=0.0), FLOOR * scale_of(self.model)
        return tuple(
            option
            for option, worth in worths.items()
            if top - worth <= TIE * max(abs(top), abs(worth), floor)
        )

    def expected_value_of(self, policy: Policy) -> float:
        """Return the expected total of a policy in this model's world.

        Parameters
        ----------
        policy : mapping of decision to Rule
            That of a solution of any model of the same structure.
        """
        missing = [d.name for d in self.model.decisions if d.name not in policy]
        if missing:
            what = f"the policy has no rule for {', '.join(missing)}"
            raise ModelError([_typed(what, "take the policy of a model of the same structure")])
        return expected_total(self.model, policy, self.limit)

    # -- as a value -----------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        proxies = {key: dict(getattr(self, key)) for key in ("given", "policy", "worths")}
        return {**self.__dict__, **proxies}

    def __setstate__(self, state: dict[str, Any]) -> None:
        proxies = {key: MappingProxyType(state[key]) for key in ("given", "policy", "worths")}
        self.__dict__.update(state, **proxies)

    def __repr__(self) -> str:
        title = f" of {self.model.title!r}" if self.model.title else ""
        first = self.model.decisions[0].name
        rule = self.policy[first]
        choice = f", {first}={rule.options[int(rule.choices)]}" if not rule.given else ""
        local = ""
        if self.optimality == "local":
            local = f", a local optimum at most {self.gap:.3g} below the best"
        return f"<Solution{title}: {self._worths_in_words}{choice}{local}>"

    @property
    def _worths_in_words(self) -> str:
        if self.certain_equivalent is None:
            return f"expected value {self.expected_value:.6g}"
        return (
            f"certain equivalent {self.certain_equivalent:.6g} "
            f"(expected value {self.expected_value:.6g})"
        )

    def _repr_html_(self) -> str:
        from html import escape  # only notebooks need it

        title = escape(self.model.title or "Solution")
        rows = []
        for decision in self.model.decisions:
            rule = self.policy[decision.name]
            by = ", ".join(self.model.nodes[name].caption for name in rule.given)
            says = rule.options[int(rule.choices)] if not rule.given else f"depends on {by}"
            set_ = " (set)" if decision.name in self.given else ""
            rows.append(
                f"<tr><th scope='row' style='text-align:left'>{escape(decision.caption)}</th>"
                f"<td style='text-align:left'>{escape(says + set_)}</td></tr>"
            )
        local = ""
        if self.optimality == "local":
            local = (
                f"<p>A local optimum: another policy may do better, by {self.gap:.3g} at most "
                f"(up to {self.upper_bound:.6g}).</p>"
            )
        return (
            f"<div><strong>{title}</strong>: {escape(self._worths_in_words)}"
            f"<table>{''.join(rows)}</table>{local}</div>"
        )


def solve(
    model: InfluenceDiagram, *, given: Mapping[str, str] | None = None, limit: int = LIMIT
) -> Solution:
    """Find the best policy of a model.

    Parameters
    ----------
    model : InfluenceDiagram
    given : mapping of decision to option, optional
        Decisions that are set in every situation; all others, earlier ones too, are
        optimal and avoid situations in which a set option is closed.
    limit : int
        Bytes that solving may take at once; a model that needs more is refused before
        anything is allocated.

    Raises
    ------
    ModelError
        For an unknown decision or option, a situation in which no option is open, and a
        model above the limit.

    Examples
    --------
    >>> from decision import Chance, Decision, InfluenceDiagram, Value
    >>> umbrella = InfluenceDiagram(
    ...     decisions=[Decision("take", ["yes", "no"])],
    ...     chances=[Chance("rain", ["yes", "no"], table={"yes": 0.3, "no": 0.7})],
    ...     values=[Value("comfort", ["take", "rain"], table=[[70, 80], [0, 100]])],
    ... )
    >>> solve(umbrella)
    <Solution: expected value 77, take=yes>
    >>> solve(umbrella).branches()
    [('yes', 77.0), ('no', 70.0)]
    """
    forced = dict(given or {})
    found = [p for name, option in forced.items() for p in _wrong_option(model, name, option)]
    found = found or too_large(model) or dead_ends(model, limit)
    if found:
        raise ModelError(found)
    (solution,) = _solved(model, [forced], limit)
    if solution is None:
        raise forced_dead_end(model, _fewest(model, forced, limit), limit)
    return solution


def _fewest(model: InfluenceDiagram, forced: dict[str, str], limit: int) -> dict[str, str]:
    """Return as much of what is set, in time order, as it takes to run into a dead end."""
    guarded = [name for name, _ in model.structure.guards if name in forced]
    tried = {name: option for name, option in forced.items() if name not in guarded}
    for name in guarded:
        tried[name] = forced[name]
        if _solved(model, [tried], limit)[0] is None:
            break
    return tried


def _wrong_option(model: InfluenceDiagram, name: str, option: str) -> list[Problem]:
    try:
        options = model.node(name, ("decision",)).options
    except ModelError as error:
        return list(error.problems)
    if option in options:
        return []
    return [_typed(f"{name} has no option '{option}'", nearest(option, options))]


def _typed(what: str, do: str) -> Problem:
    return Problem("command line", 1, what, do)


def _positive(mass: float, observed: Mapping[str, str]) -> float:
    if mass > 0:
        return mass
    listed_states = ", ".join(f"{name}={state}" for name, state in observed.items())
    what = f"the condition {listed_states} has probability 0"
    raise ModelError([_typed(what, "condition on something that can happen")])


def _solved(
    model: InfluenceDiagram, rows: Sequence[Mapping[str, str]], limit: int
) -> list[Solution | None]:
    """Solve a model once for each row of decisions that are set."""
    if model.memory == "limited":
        from decision.solve.limited import solve_limited  # the rarer case

        found = [solve_limited(model, given, limit) for given in rows]
    else:
        found = solve_perfect(model, rows, limit)
    return [
        None if best is None else _solution(model, given, best, limit)
        for given, best in zip(rows, found, strict=True)
    ]


def _solution(
    model: InfluenceDiagram, given: Mapping[str, str], found: Found, limit: int
) -> Solution:
    risk = model.risk is not None
    return Solution(
        model=model,
        given=MappingProxyType(dict(given)),
        expected_value=expected_total(model, found.policy, limit) if risk else found.value,
        certain_equivalent=found.value if risk else None,
        policy=MappingProxyType(found.policy),
        worths=MappingProxyType(found.worths),
        limit=limit,
        optimality=found.optimality,
        upper_bound=found.upper_bound,
    )
