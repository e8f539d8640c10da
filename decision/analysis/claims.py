"""Claims: statements about the model, tested; what it assumes apart from what follows.

A claim is *assumed* where its test only reads back numbers of the model and *derived*
where the answer follows from many of them; the two are never added up in one figure.
The contract is docs/spec/questions.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from decision.analysis.questions import ImpossibleError, Oracle
from decision.model.dataclass import dataclass, field
from decision.model.diagram import InfluenceDiagram
from decision.model.language import Question, Term, Test, parse_claim
from decision.model.problems import ModelError, Place, Problem
from decision.model.records import ClaimRow
from decision.model.shipped import Setting, varied

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Verdict", "claims", "verdicts"]

EVERY = "every perspective"
RELATIVE, ABSOLUTE = 1e-12, 1e-15
"""Sides closer than this are equal: what rounding alone can make of equal numbers."""


@dataclass(frozen=True)
class Verdict:
    """What became of a claim.

    Attributes
    ----------
    row : ClaimRow
    verdict : {"holds", "fails", "untested"}
    basis : {"assumed", "derived"} or None
        None without a test.
    left, right : float or None
        Sides of the first failing case, else of the narrowest.
    where : dict
        That case: states, and `test` and `perspective` where there are several.
    left_out : int
        Cases in which a condition has probability 0.
    """

    row: ClaimRow
    verdict: str
    basis: str | None = None
    left: float | None = None
    right: float | None = None
    where: dict[str, Any] = field(default_factory=dict)
    left_out: int = 0


@dataclass(frozen=True)
class _Case:
    left: float
    right: float
    holds: bool
    where: dict[str, Any]

    @property
    def margin(self) -> float:
        return abs(self.left - self.right)


def claims(
    model: InfluenceDiagram,
    perspective: str | None = None,
    *,
    scenario: str | None = None,
    changes: Sequence[str] = (),
) -> pd.DataFrame:
    """Test every claim of a model.

    Parameters
    ----------
    model : InfluenceDiagram
        As read; claims asked of every perspective need it unchanged.
    perspective : str, optional
        Asked instead of base; claims asked of every perspective stay as they are.
    scenario : str, optional
    changes : sequence of str
        Made to base and to every perspective.

    Returns
    -------
    DataFrame
        Index `id`; columns `verdict` (holds, fails, untested), `basis` (assumed,
        derived), `claim`, `left`, `right`, `where`, `left_out`, `paragraph`, `kind`,
        `test`.

    Raises
    ------
    ModelError
        With file and line of a test that has no answer.
    """
    import pandas as pd

    settings = [("perspective", perspective), ("scenario", scenario)]
    found = verdicts(model, [(kind, name) for kind, name in settings if name], changes)
    rows = [
        {
            "id": v.row.id,
            "verdict": v.verdict,
            "basis": v.basis,
            "claim": v.row.claim,
            "left": v.left,
            "right": v.right,
            "where": v.where,
            "left_out": v.left_out,
            "paragraph": v.row.paragraph,
            "kind": v.row.kind,
            "test": v.row.test,
        }
        for v in found
    ]
    columns = ("id", "verdict", "basis", "claim", "left", "right", "where", "left_out")
    frame = pd.DataFrame(rows, columns=[*columns, "paragraph", "kind", "test"])
    return frame.set_index("id")


def verdicts(
    model: InfluenceDiagram, settings: Sequence[Setting] = (), changes: Sequence[str] = ()
) -> list[Verdict]:
    """Return a verdict for each claim of a model, in file order."""
    base = Oracle(varied(model, settings, changes))
    rest = [setting for setting in settings if setting[0] != "perspective"]
    others: dict[str, Oracle] = {}
    found: list[Problem] = []
    results = []
    for row in model.claim_rows:
        if not row.test:
            results.append(Verdict(row, "untested"))
            continue
        asked = {"": base}
        try:
            if row.asked_of == EVERY:
                for name in sorted(model.perspectives):
                    if name not in others:
                        others[name] = Oracle(
                            varied(model, [("perspective", name), *rest], changes)
                        )
                asked = others
            results.append(_judge(row, asked))
        except ModelError as error:
            found += error.problems
    if found:
        raise ModelError(found)
    return results


def _judge(row: ClaimRow, asked: dict[str, Oracle]) -> Verdict:
    place = (row.file, row.line)
    tests = parse_claim(row.test, place).tests
    cases: list[_Case] = []
    left_out, untested = 0, not asked
    for name, oracle in asked.items():
        for number, test in enumerate(tests, start=1):
            before = len(cases)
            for states in _combinations(oracle.model, test):
                where: dict[str, Any] = dict(states)
                if len(tests) > 1:
                    where["test"] = number
                if len(asked) > 1:
                    where["perspective"] = name
                try:
                    cases.append(_case(oracle, test, states, where, place))
                except ImpossibleError:
                    left_out += 1
            untested = untested or len(cases) == before
    model = next((oracle.model for oracle in asked.values()), None)
    basis = None if model is None else _basis(model, tests)
    failing = [case for case in cases if not case.holds]
    shown = failing[0] if failing else min(cases, key=lambda c: c.margin, default=None)
    verdict = "fails" if failing else "untested" if untested else "holds"
    if shown is None:
        return Verdict(row, verdict, basis, left_out=left_out)
    return Verdict(row, verdict, basis, shown.left, shown.right, shown.where, left_out)


def _combinations(model: InfluenceDiagram, test: Test) -> Iterator[dict[str, str]]:
    for states in product(*(model.states(name) for name in test.for_all)):
        yield dict(zip(test.for_all, states, strict=True))


def _case(
    oracle: Oracle, test: Test, states: dict[str, str], where: dict[str, Any], place: Place
) -> _Case:
    left = _side(oracle, test.left, states, place)
    right = _side(oracle, test.right, states, place)
    equal = abs(left - right) <= max(RELATIVE * max(abs(left), abs(right)), ABSOLUTE)
    holds = {
        "<": left < right and not equal,
        "<=": left < right or equal,
        ">": left > right and not equal,
        ">=": left > right or equal,
    }[test.operator]
    return _Case(left, right, holds, where)


def _side(oracle: Oracle, terms: Sequence[Term], states: dict[str, str], place: Place) -> float:
    return sum(
        factor * (1.0 if question is None else oracle.answer(question, place, states))
        for factor, question in terms
    )


def _basis(model: InfluenceDiagram, tests: Sequence[Test]) -> str:
    questions = [question for test in tests for question in test.questions]
    return "assumed" if all(_reads_back(model, q) for q in questions) else "derived"


def _reads_back(model: InfluenceDiagram, question: Question) -> bool:
    """Whether a question only reads back a number of the model."""
    if question.kind in ("V", "weight"):
        return True
    if question.kind != "P" or len(question.event) != 1:
        return False
    node = model.nodes[question.event[0].name]
    behind = {condition.name for condition in question.conditions}
    plain = not any(condition.do for condition in question.conditions)
    return node.kind == "chance" and plain and behind == set(model.structure.given[node.name])
