"""Numbers in the page are Python's: random changes, made in both, over every shipped model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from decision.analysis.outcomes import outcomes
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError
from decision.model.shipped import open_model, shipped_models, varied
from decision.solve.solution import solve
from decision.tree import unroll
from tests.browser.exploring import Changes, written

MODELS = sorted(shipped_models())
CLOSE = 1e-9
TAKE = """([sets, changes]) => {
    const {explorer} = document.querySelector('.explorer');
    const taken = explorer.take({sets, changes});
    const free = explorer.now.free?.worth ?? null;
    return {taken, free, said: document.querySelector('.explorer-error').textContent,
        cells: [...document.querySelectorAll('[data-cell]')].map(
            (cell) => [cell.dataset.cell, cell.dataset.value])};
}"""


def rounds(name: str) -> int:
    """How many random sets of changes: more where there is more to change."""
    return 60 if name == "korea_2018" else 16


def drawn(model: InfluenceDiagram, name: str) -> Iterator[tuple[list[list[str]], list[str]]]:
    rng = np.random.default_rng(MODELS.index(name))
    changes = Changes(model, rng)
    sets = [["perspective", n] for n in model.perspectives]
    sets += [["scenario", n] for n in model.scenarios]
    for one in sets:
        yield [one], []
    for _ in range(rounds(name)):
        chosen = [sets[rng.integers(len(sets))]] if sets and rng.random() < 0.4 else []
        yield chosen, changes.some()


@pytest.mark.parametrize("name", MODELS)
def test_random_changes_give_the_numbers_of_python_or_are_refused_by_both(
    name: str, tmp_path: Path, open_offline: Callable[..., Any]
) -> None:
    model = open_model(name)
    opened = open_offline(written(model, tmp_path))
    before = opened.page.evaluate(TAKE, [[], []])["cells"]
    made = 0
    for sets, changes in drawn(model, name):
        told = opened.page.evaluate(TAKE, [sets, changes])
        try:
            there = varied(model, [(kind, n) for kind, n in sets], changes)
        except ModelError:
            assert not told["taken"], changes
            assert told["said"]
            assert told["cells"] == before, "a refused change leaves all as it is"
            continue
        assert told["taken"], (changes, told["said"])
        before, made = told["cells"], made + 1
        check(there, told["cells"])
        if told["free"] is not None:  # the best strategy is none of the branches
            assert told["free"] == pytest.approx(solve(there).worth, rel=CLOSE, abs=1e-12)
    assert made >= rounds(name) // 2
    assert opened.asked() == []
    assert opened.heard.complaints == []


def check(model: InfluenceDiagram, cells: list[list[str]]) -> None:
    frame = outcomes(model)
    worth = frame["E(total)" if model.risk is None else "certain_equivalent"]
    columns = {"worth": worth, "expected": frame["E(total)"]}
    columns["difference"] = worth - worth.iloc[0]
    for cell, shown in cells:
        kind, option, *rest = cell.split(" ")
        if kind == "chance" and model.nodes[rest[0]].kind == "decision":
            continue
        named = f"E({rest[0]})" if kind == "value" else f"P({'='.join(rest)})"
        column = columns.get(kind, frame.get(named))
        number = float(column[option])
        if np.isnan(number):
            assert shown == "", cell
            continue
        beside = worth.abs().max() if kind == "difference" else abs(number)
        slack = 1e-12 * max(1.0, float(column.abs().max()))  # what cancels has rounding of its own
        assert abs(float(shown) - number) <= CLOSE * beside + slack, (cell, shown, number)


UNFOLD = """async () => {
    const tree = document.querySelector('[data-part=tree] > details');
    tree.open = true;
    const {items} = document.querySelector('.explorer').explorer.tree;
    while (!items.length) await new Promise((done) => setTimeout(done, 5));
    const closed = () => [...tree.querySelectorAll('.explorer-tree details:not([open])')];
    while (closed().length) {
        for (const one of closed()) one.open = true;
        await new Promise((done) => setTimeout(done, 5));
    }
    await new Promise((done) => setTimeout(done, 50));
    return items.filter((item) => !item.element.closest('[hidden]')).map((item) => [
        item.k, item.path, Number(item.element.dataset.worth),
        item.element.classList.contains('explorer-first')]);
}"""
TREES = ["asia_treatment", "drug_test", "monty_hall", "oil_wildcatter", "party_problem", "reactor"]
TREES += ["pig_breeding_full", "secretary_problem", "used_car_buyer"]


@pytest.mark.parametrize("name", TREES)
def test_every_branch_of_the_tree_is_worth_what_the_unrolled_tree_says(
    name: str, tmp_path: Path, open_offline: Callable[..., Any]
) -> None:
    model = open_model(name)
    page = open_offline(written(model, tmp_path)).page
    changes = legal(model, name)
    assert page.evaluate(TAKE, [[], changes])["taken"]
    items = page.evaluate(UNFOLD)
    levels = page.evaluate("document.querySelector('.explorer').explorer.model.levels")
    found = by_fork(items, [(level, model.states(level)) for level in levels])
    compared = walk(model.changed(*changes), levels, found)
    assert compared > len(levels)


def by_fork(
    items: list[Any], levels: list[tuple[str, tuple[str, ...]]]
) -> dict[tuple[Any, ...], tuple[float, bool]]:
    """The page's lines by the forks that lead to them: what is certain is none."""
    places = {(k, path) for k, path, _, _ in items}

    def forks(k: int, path: int) -> Iterator[tuple[str, str]]:
        for level in range(k, 0, -1):
            name, states = levels[level - 1]
            parent, number = divmod(path, len(states))
            if sum((level, parent * len(states) + i) in places for i in range(len(states))) > 1:
                yield name, states[number]
            path = parent

    deepest_first = sorted(items, reverse=True)  # of what is certain after it, the fork stays
    return {
        tuple(sorted(forks(k, path))): (worth, chosen) for k, path, worth, chosen in deepest_first
    }


def legal(model: InfluenceDiagram, name: str) -> list[str]:
    """A few random changes that Python takes."""
    changes = Changes(model, np.random.default_rng(len(name)))
    while True:
        try:
            some = changes.some()
            model.changed(*some)
        except ModelError:
            continue
        return some


def walk(
    model: InfluenceDiagram, levels: list[str], found: dict[tuple[Any, ...], tuple[float, bool]]
) -> int:
    """Compare along every path of Python's tree whose nodes are levels of the page's."""
    tree = unroll(model)
    compared, queue = 0, [(tree.root, ())]
    while queue:
        number, path = queue.pop()
        node = tree.nodes[number]
        if node.name not in levels:
            continue
        for branch in node.branches:
            if branch.probability == 0:
                continue
            further = (*path, (node.name, branch.label))
            after = tree.nodes[branch.to]
            worth = after.expected_value if model.risk is None else after.certain_equivalent
            entry = found[tuple(sorted(further))]
            queue.append((branch.to, further))
            assert entry[0] == pytest.approx(worth, rel=1e-9, abs=1e-9)
            assert branch.chosen is None or entry[1] == branch.chosen
            compared += 1
    return compared
