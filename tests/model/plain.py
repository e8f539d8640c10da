"""A second, slow and plain reading of a model folder, to hold the real one against.

It expects a sound folder and shares no code with the model room: csv.DictReader, every row
expanded to the combinations it covers, probabilities as exact fractions.
"""

import csv
import tomllib
from fractions import Fraction
from itertools import product
from pathlib import Path

Cells = dict[tuple[str, ...], list[str]]


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, without spaces around cells."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = (line for line in file if line.strip().strip(","))
        return [
            {key.strip(): cell.strip() for key, cell in row.items()}
            for row in csv.DictReader(lines, skipinitialspace=True)
        ]


def expanded(rows: list[dict[str, str]], axes: dict[str, list[str]], own: str | None) -> Cells:
    """Every cell of a table with the texts of the rows that set it."""
    column = "value" if own is None else "p"
    cells: Cells = {key: [] for key in product(*axes.values())}
    for row in rows:
        wanted = {own: [row["state"]]} if own else {}
        for part in row["given"].split(";") if row["given"] else []:
            name, states = part.split("=")
            wanted[name.strip()] = [state.strip() for state in states.split("|")]
        for key in product(*(wanted.get(name, states) for name, states in axes.items())):
            cells[key].append(row[column])
    return cells


def read_plainly(folder: Path) -> dict[str, dict[tuple[str, ...], Fraction]]:
    """Each node's cells; a cell set twice or never, or a wrong sum, fails."""
    content = tomllib.loads((folder / "model.toml").read_text(encoding="utf-8-sig"))
    chances = content.get("chance", {})
    states = {name: entry["states"] for name, entry in chances.items()}
    states |= {name: entry["options"] for name, entry in content["decision"].items()}
    tables = {}
    for kind, file in (("chance", "probabilities.csv"), ("value", "values.csv")):
        rows = rows_of(folder / file) if content.get(kind) else []
        assert {row["node"] for row in rows} == set(content.get(kind, {}))
        for name, entry in content.get(kind, {}).items():
            own = name if kind == "chance" else None
            axes = {parent: states[parent] for parent in entry.get("given", [])}
            axes |= {own: states[own]} if own else {}
            listed = [row for row in rows if row["node"] == name]
            cells = expanded(listed, axes, own)
            assert all(len(texts) == 1 for texts in cells.values()), (name, cells)
            tables[name] = _numbers({key: texts[0] for key, texts in cells.items()}, own)
    return tables


def _numbers(cells: dict[tuple[str, ...], str], own: str | None) -> dict[tuple[str, ...], Fraction]:
    numbers = {key: Fraction(text) for key, text in cells.items() if text != "rest"}
    if own is None:
        return numbers
    for key in cells:
        if key not in numbers:
            others = [other for other in cells if other[:-1] == key[:-1] and other != key]
            numbers[key] = 1 - sum(numbers[other] for other in others)
    for key in cells:
        whole = sum(number for other, number in numbers.items() if other[:-1] == key[:-1])
        assert abs(whole - 1) <= Fraction(1, 10**9) * (1 + Fraction(1, 10**5)), (key, whole)
        assert numbers[key] + Fraction(1, 10**9) >= 0, (key, numbers[key])
    return numbers


def agree(folder: Path, model) -> None:
    """Fail unless a model has the numbers that the plain reading finds."""
    tables = read_plainly(folder)
    assert set(tables) == {node.name for node in (*model.chances, *model.values)}
    for node in (*model.chances, *model.values):
        axes = [model.states(name) for name in node.given]
        axes += [node.states] if node.kind == "chance" else []
        keys = list(product(*axes))
        assert set(keys) == set(tables[node.name])
        for key, number in zip(keys, node.table.ravel().tolist(), strict=True):
            exact = float(tables[node.name][key])
            assert abs(number - exact) <= 1e-14 * max(1.0, abs(exact)), (node.name, key)
