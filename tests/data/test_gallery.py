"""The model folders of the gallery are whole, and give the published answers.

Every row of every published.csv is answered by brute force, with the strategy found by
maximising over the full joint table, and has to agree with the exact answer, which the
other gallery files work out by hand. The same rows go through the compiled solver and the
analyses as well.
"""

import csv
import math
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from decision.analysis.information import information_json
from decision.analysis.questions import ask
from decision.analysis.sensitivity import findings
from decision.model import InfluenceDiagram, read_model
from decision.model.language import parse_question
from decision.model.problems import COMMAND_LINE
from decision.solve.enumeration import Enumerated, enumerate_solve
from decision.solve.solution import solve

DATA = Path(__file__).parents[2] / "data"
FOLDERS = sorted(path for path in (DATA / "examples").iterdir() if path.is_dir())
COLUMNS = [
    "ask", "answer", "printed", "tolerance", "changes", "source", "page", "confirmed", "note",
]  # fmt: skip
Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def every_row() -> Iterator[object]:
    """Each row of each published.csv."""
    for folder in FOLDERS:
        for row in rows_of(folder / "published.csv"):
            name = f"{folder.name}: {row['ask']}" + (f" if {row['changes']}" * bool(row["changes"]))
            yield pytest.param(folder, row, id=name)


@pytest.mark.parametrize("folder", [*FOLDERS, DATA / "korea_2018"], ids=lambda path: path.name)
def test_folder_tells_what_a_reader_wants_to_know(folder: Path) -> None:
    model = read_model(folder)
    assert model.title
    assert model.question.endswith("?")
    for node in (*model.decisions, *model.chances, *model.values):
        assert node.label, node.name
        assert len(node.definition) > 20, node.name
    for value in model.values:
        assert value.unit
    # perspectives and scenarios can be applied: each is legal on the base model
    for name in model.perspectives:
        assert model.perspective(name).changes_from(model).shape[0] > 0
    for name in model.scenarios:
        assert model.scenario(name).changes_from(model).shape[0] > 0


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_published_rows_say_how_they_were_confirmed(folder: Path) -> None:
    model = read_model(folder)
    assert model.sources
    assert all(source.citation and source.date for source in model.sources.values())
    rows = rows_of(folder / "published.csv")
    assert rows
    assert list(rows[0]) == COLUMNS
    for row in rows:
        assert row["source"] in model.sources
        assert row["confirmed"]
        assert float(row["tolerance"]) > 0
        # a printed number names its place, or says that it is from memory
        assert not row["printed"] or row["page"] or row["note"] or "printed" in row["confirmed"]


def changed(folder: Path, row: Row) -> InfluenceDiagram:
    model = read_model(folder)
    return model.changed(*row["changes"].split(" ; ")) if row["changes"] else model


def worth(model: InfluenceDiagram, given: Mapping[str, str]) -> float:
    """What the preference goes by: the certain equivalent, or without [risk] the expectation."""
    found = enumerate_solve(model, given)
    return found.expected_value if found.certain_equivalent is None else found.certain_equivalent


def informed(model: InfluenceDiagram, node: str, before: str) -> float:
    """The worth of a model in which a root node is known just before a decision.

    The states are taken one at a time. What is decided earlier is decided without it: here
    no earlier decision observes anything, so its options are simply tried.
    """
    names = [decision.name for decision in model.decisions]
    earlier = model.decisions[: names.index(before)]
    assert not model.given(node)
    assert not any(decision.observes for decision in earlier)
    chances = enumerate_solve(model).probabilities([node])
    best = -math.inf
    for options in product(*(decision.options for decision in earlier)):
        given = dict(zip((decision.name for decision in earlier), options, strict=True))
        known = [worth(model.changed(f"P({node}={s}) = 1"), given) for s in model.states(node)]
        if model.risk is None:
            value = float(sum(p * x for p, x in zip(chances, known, strict=True)))
        else:
            tolerance = model.risk
            mean = sum(p * math.exp(-x / tolerance) for p, x in zip(chances, known, strict=True))
            value = -tolerance * math.log(mean)
        best = max(best, value)
    return best


def answered(model: InfluenceDiagram, asked: str) -> float:
    """One answer by brute force: a verb, or a question in the small language."""
    verb, _, setting = asked.partition(" | ")
    given = dict(part.split("=") for part in setting.split(", ")) if setting else {}
    if verb == "solve":
        return enumerate_solve(model, given).expected_value
    if verb == "certain equivalent":
        return worth(model, given)
    if found := re.fullmatch(r"voi (\w+) before (\w+)", asked):
        return informed(model, *found.groups()) - worth(model, {})
    question = parse_question(asked, COMMAND_LINE)
    behind = {c.name: c.states[0] for c in question.conditions}
    decisions = {d.name for d in model.decisions}
    solved = enumerate_solve(model, {n: s for n, s in behind.items() if n in decisions})
    observed = {n: s for n, s in behind.items() if n not in decisions}
    if question.kind == "E":
        return solved.expectation(None if question.node == "total" else question.node, observed)
    return probability(solved, {a.name: a.states for a in question.event}, observed)


def probability(
    solved: Enumerated, event: Mapping[str, tuple[str, ...]], observed: Mapping[str, str]
) -> float:
    table = solved.probabilities(list(event), observed)
    for axis, (name, states) in enumerate(event.items()):
        every = solved.model.states(name)
        table = table.take([every.index(state) for state in states], axis=axis)
    return float(table.sum())


@pytest.mark.parametrize(("folder", "row"), list(every_row()))
def test_published_answer(folder: Path, row: Row) -> None:
    model = changed(folder, row)
    answer = float(Fraction(row["answer"]))
    if found := re.fullmatch(r"break-even (.+)", row["ask"]):
        # on the two sides of a break-even a different first option is chosen
        chosen = set()
        for side in (-1e-6, 1e-6):
            solved = enumerate_solve(model.changed(f"{found[1]} = {answer + side}"))
            first = model.decisions[0].name
            chosen.add(int(solved.policy[first].flat[0]))
        assert len(chosen) == 2
        return
    assert answered(model, row["ask"]) == pytest.approx(answer, abs=float(row["tolerance"]), rel=0)


@pytest.mark.parametrize(("folder", "row"), list(every_row()))
def test_published_answer_of_the_solver(folder: Path, row: Row) -> None:
    """The same through `solve`, `ask`, `voi` and `sensitivity`."""
    verb, _, setting = row["ask"].partition(" | ")
    model = changed(folder, row)
    given = dict(part.split("=") for part in setting.split(", ")) if setting else {}
    answer, tolerance = float(Fraction(row["answer"])), float(row["tolerance"])
    if found := re.fullmatch(r"break-even (.+)", row["ask"]):
        (moved,) = [f for f in findings(model) if f.input == found[1]]
        value = min(moved.break_even, key=lambda x: abs(x - answer), default=math.nan)
    elif found := re.fullmatch(r"voi (\w+) before (\w+)", row["ask"]):
        (known,) = information_json(model, [found[1]], found[2])["information"]
        value = known["value"]
    elif verb == "solve":
        value = solve(model, given=given).expected_value
    elif verb == "certain equivalent":
        value = solve(model, given=given).certain_equivalent
    else:
        value = ask(model, row["ask"])
    assert value == pytest.approx(answer, abs=tolerance, rel=0)
