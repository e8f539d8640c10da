"""The figures that fragilities.md tells about the Korea model are what the model says.

Each row of fragilities.csv asks something (a question of the small language, the difference
of two, the best strategy, or the value of knowing a root node), of the base or of a
perspective or scenario, under changes; `told` is how the text puts it.
"""

import csv
from functools import cache
from pathlib import Path

import pytest

from decision.analysis.questions import ask
from decision.model import InfluenceDiagram, read_model
from decision.solve.solution import solve

KOREA = Path(__file__).parents[2] / "data" / "korea_2018"
TEXT = " ".join((KOREA / "fragilities.md").read_text(encoding="utf-8").split())
with (KOREA / "fragilities.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
NAMES = {
    "maximum_pressure": "pressure",
    "off_ramp": "the off-ramp",
    "restrained_rhetoric": "restraint",
    "off_ramp_and_restraint": "the combined strategy",
}


@cache
def korea() -> InfluenceDiagram:
    return read_model(KOREA)


def in_setting(setting: str, changes: str) -> InfluenceDiagram:
    """The model of a perspective or scenario, with a change."""
    model = korea()
    if setting:
        model = (
            model.perspective(setting) if setting in model.perspectives else model.scenario(setting)
        )
    return model.changed(changes) if changes else model


def knowing(model: InfluenceDiagram, node: str) -> float:
    """The value of knowing a node without parents before anything is decided."""
    prior = [ask(model, f"P({node}={state})") for state in model.states(node)]
    known = [solve(model.changed(f"P({node}={s}) = 1")) for s in model.states(node)]
    informed = sum(p * s.expected_value for p, s in zip(prior, known, strict=True))
    return informed - solve(model).expected_value


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['item']}: {row['told']}")
def test_figure(row: dict[str, str]) -> None:
    assert row["told"] in TEXT
    model = in_setting(row["setting"], row["changes"])
    if row["ask"] == "best":
        branches = dict(solve(model).branches())
        assert max(branches, key=lambda option: branches[option]) == row["answer"]
        return
    if row["ask"].startswith("voi "):
        value = knowing(model, row["ask"].split()[1])
    else:
        value, *less = [float(ask(model, question)) for question in row["ask"].split(" - ")]
        value -= sum(less)
    assert value == pytest.approx(float(row["answer"]), abs=float(row["tolerance"]), rel=0)


def test_no_single_row_of_the_administration_makes_pressure_best() -> None:
    for row in korea().perspectives["maximum_pressure_administration"]:
        branches = dict(solve(korea().changed(row.change)).branches())
        assert max(branches, key=lambda option: branches[option]) != "maximum_pressure"


def test_gain_of_the_off_ramp_by_value() -> None:
    """+0.63 points before costs: halt +0.39, alliance +0.13, lives +0.11 (item 1)."""
    model = korea()
    weights = sum(value.weight for value in model.values)
    gain = {}
    for value in model.values:
        off, pressure = (
            ask(model, f"E({value.name} | strategy={option})")
            for option in ("off_ramp", "maximum_pressure")
        )
        scale = 100 * value.weight / weights / (value.best - value.worst)
        gain[value.name] = (off - pressure) * scale
    assert gain["nonproliferation"] == pytest.approx(0.39, abs=0.005)
    assert gain["alliance"] == pytest.approx(0.13, abs=0.005)
    assert gain["lives"] == pytest.approx(0.11, abs=0.005)
    assert sum(g for g in gain.values() if g > 0) == pytest.approx(0.63, abs=0.005)
    assert all(told in TEXT for told in ("+0.63", "+0.39", "+0.13", "lives add 0.11"))


def test_taking_away_what_an_offer_does_to_the_wedge() -> None:
    """Whichever of its two rows stands for both, the two best lie within 0.02 points (item 4)."""
    model = korea()
    wedge = model.nodes["wedge"]
    axis = wedge.given.index("offer")
    for keep in (0, 1):
        table = wedge.table.take([keep, keep], axis=axis)
        branches = dict(solve(replaced(model, table)).branches())
        two = branches["off_ramp_and_restraint"], branches["restrained_rhetoric"]
        assert abs(two[0] - two[1]) < 0.02
    swapped = dict(solve(replaced(model, wedge.table.take([1, 0], axis=axis))).branches())
    lead = swapped["restrained_rhetoric"] - swapped["off_ramp_and_restraint"]
    assert lead == pytest.approx(0.16, abs=0.005)


def replaced(model: InfluenceDiagram, table: object) -> InfluenceDiagram:
    """The model with another table for `wedge`, put there through its DataFrame."""
    frame = model.table("wedge")
    frame.loc[:, :] = table.reshape(frame.shape)  # type: ignore[attr-defined]
    return model.changed(table=frame)
