"""Risk by hand: published profiles, tolerances in closed form, and what is printed."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from decision import Chance, Decision, InfluenceDiagram, ModelError, Value, read_model
from decision.analysis.distribution import attainable, distribution
from decision.analysis.risk import findings, risk, risk_json, risk_profile
from decision.cli import main
from decision.solve.solution import solve
from tests.models import oil, oil_guarded, umbrella

OIL = "data/examples/oil_wildcatter"
KOREA = "data/korea_2018"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["risk", *arguments, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def atoms(branch: dict[str, Any]) -> dict[float, float]:
    return {row["x"]: row["p"] for row in branch["distribution"]}


def test_the_profile_of_the_oil_wildcatter():
    """Test, and drill unless the structure is diffuse or there is none.

    A test for 10 shows closed or open with 0.1 + 0.3, 0.3 + 0.4, 0.5 + 0.4 by dry, wet and
    soaking: −80 with 0.5 × 0.4, 40 with 0.3 × 0.7, 190 with 0.2 × 0.9, else −10.
    """
    yes, no = risk_json(findings(oil()))["branches"]
    assert atoms(yes) == pytest.approx({-80: 0.2, -10: 0.41, 40: 0.21, 190: 0.18})
    assert atoms(no) == pytest.approx({-70: 0.5, 50: 0.3, 200: 0.2})
    assert yes["mean"] == pytest.approx(22.5)
    assert yes["quantiles"] == {"0.05": -80.0, "0.5": -10.0, "0.95": 190.0}
    assert no["quantiles"] == {"0.05": -70.0, "0.5": -70.0, "0.95": 200.0}
    assert (yes["cvar"], no["cvar"]) == ({"0.05": -80.0}, {"0.05": -70.0})


def test_an_atom_is_split():
    one = distribution(dict(solve(oil()).branch_solutions())["yes"])
    assert one.shortfall(0.5) == pytest.approx((0.2 * -80 + 0.3 * -10) / 0.5)
    assert one.shortfall(0.2, worst_is_high=True) == pytest.approx((0.18 * 190 + 0.02 * 40) / 0.2)
    assert one.shortfall(1.0) == pytest.approx(22.5)


def test_a_quantile_at_the_very_step_is_the_least_amount():
    one = distribution(dict(solve(oil()).branch_solutions())["yes"])
    assert [one.quantile(q) for q in (0.2, 0.2 + 1e-9, 0.61, 0.82, 1.0)] == [-80, -10, -10, 40, 190]


def test_the_tolerance_at_which_the_wildcatter_stops_testing():
    """Where E exp(−x/t) of the two profiles is the same, both well drilled as above."""
    (change,) = findings(oil()).switches or ()
    t = change.tolerance
    yes = {-80: 0.2, -10: 0.41, 40: 0.21, 190: 0.18}
    no = {-70: 0.5, 50: 0.3, 200: 0.2}

    def equivalent(atoms: dict[int, float], t: float) -> float:
        return -t * float(np.log(sum(p * np.exp(-x / t) for x, p in atoms.items())))

    for side, branch in ((1 - 1e-6, change.below), (1 + 1e-6, change.above)):
        best = max(equivalent(yes, t * side), 0.0), max(equivalent(no, t * side), 0.0)
        worth = [s.certain_equivalent for _, s in solve(oil_at(t * side)).branch_solutions()]
        assert branch == ("yes", "no")[int(np.argmax(worth))]
        assert best[0] >= -1e-9
        assert best[1] >= -1e-9


def oil_at(tolerance: float) -> InfluenceDiagram:
    return oil().rebuilt(risk=tolerance)


def test_a_tolerance_in_closed_form():
    """10 for sure or 0 and 30 evenly: indifferent where 2 exp(−10/t) = 1 + exp(−30/t).

    With z = exp(−10/t): z³ − 2z + 1 = (z − 1)(z² + z − 1), so z is the golden section.
    """
    model = InfluenceDiagram(
        decisions=[Decision("take", ["sure", "gamble"])],
        chances=[Chance("coin", ["heads", "tails"], table=[0.5, 0.5])],
        values=[Value("gain", ["take", "coin"], [[10, 10], [0, 30]])],
    )
    (change,) = findings(model).switches or ()
    golden = (5**0.5 - 1) / 2
    assert change.tolerance == pytest.approx(-10 / np.log(golden), rel=1e-6)
    assert (change.below, change.above) == ("sure", "gamble")
    risky = findings(model.rebuilt(risk=3.0)).switches or ()
    assert [c.tolerance for c in risky] == [change.tolerance]


def test_less_is_better_where_worst_is_above_best():
    """Deaths: the worst 5% are the most, and fewer dominates."""
    model = InfluenceDiagram(
        decisions=[Decision("act", ["early", "late"])],
        chances=[Chance("war", ["no", "yes"], ["act"], [[0.99, 0.01], [0.9, 0.1]])],
        values=[Value("lives", ["war"], [0, 1000], worst=1000, best=0, weight=100)],
    )
    found = risk_json(findings(model, "lives"))
    assert found["dominance"] == [{"better": "early", "worse": "late", "order": 1}]
    assert [b["cvar"]["0.05"] for b in found["branches"]] == pytest.approx([200, 1000])
    assert found["switch_tolerance"] is None
    turned = replace(model.values[0], worst=0, best=1000)
    found = risk_json(findings(model.rebuilt(values=[turned]), "lives"))
    assert found["dominance"] == [{"better": "late", "worse": "early", "order": 1}]
    assert [b["cvar"]["0.05"] for b in found["branches"]] == [0, 0]


def test_second_order_is_told_where_the_mean_is_the_same():
    model = InfluenceDiagram(
        decisions=[Decision("take", ["sure", "gamble"])],
        chances=[Chance("coin", ["heads", "tails"], table=[0.5, 0.5])],
        values=[Value("gain", ["take", "coin"], [[10, 10], [0, 20]])],
    )
    found = risk_json(findings(model))
    assert found["dominance"] == [{"better": "sure", "worse": "gamble", "order": 2}]
    assert found["switch_tolerance"] == []
    frame = risk(model)
    assert frame.loc["gamble", "dominated in second order by"] == ("sure",)
    assert frame.loc["gamble", "dominated by"] == ()


def test_amounts_equal_within_a_billionth_are_one():
    values = [1.0, 1.0 + 5e-10, 2.0, 2.0 + 5e-9]
    model = InfluenceDiagram(
        decisions=[Decision("d", ["go"])],
        chances=[Chance("x", ["a", "b", "c", "e"], table=[0.1, 0.2, 0.3, 0.4])],
        values=[Value("v", ["x", "d"], [[v] for v in values])],
    )
    (branch,) = risk_json(findings(model, "v"))["branches"]
    assert list(atoms(branch).values()) == pytest.approx([0.3, 0.3, 0.4])


def test_a_closed_branch_has_no_numbers(capsys, tmp_path):
    from decision.model.writing import write_model

    write_model(oil_guarded(), tmp_path / "guarded")
    found = printed(capsys, str(tmp_path / "guarded"), "--by", "drill")
    yes, no = found["branches"]
    assert yes == {
        "option": "yes",
        "mean": None,
        "distribution": [],
        "quantiles": {"0.05": None, "0.5": None, "0.95": None},
        "cvar": {"0.05": None},
    }
    assert no["mean"] == 0
    frame = risk(oil_guarded(), by="drill")
    assert frame.loc["yes"].drop(["dominated by", "dominated in second order by"]).isna().all()
    assert set(risk_profile(oil_guarded(), by="drill")["drill"]) == {"no"}


def test_a_total_that_never_varies():
    model = umbrella().rebuilt(values=[Value("comfort", ["take"], [5, 5])])
    found = risk_json(findings(model))
    assert [atoms(b) for b in found["branches"]] == [{5.0: 1.0}, {5.0: 1.0}]
    assert (found["dominance"], found["switch_tolerance"]) == ([], [])
    assert attainable(model) == (5.0, 5.0)


def test_the_contracts_keys(capsys):
    found = printed(capsys, OIL)
    assert list(found) == ["value", "branches", "dominance", "switch_tolerance"]
    assert found["value"] == "total"
    assert [list(b) for b in found["branches"]] == [
        ["option", "mean", "distribution", "quantiles", "cvar"]
    ] * 2
    assert list(found["branches"][0]["distribution"][0]) == ["x", "p"]
    found = printed(capsys, OIL, "--value", "payoff", "--by", "test")
    assert (found["value"], found["switch_tolerance"]) == ("payoff", None)
    assert list(atoms(found["branches"][0])) == [-70, 0, 50, 200]


def test_for_people_and_for_spreadsheets(capsys):
    assert main(["risk", OIL]) == 0
    text = capsys.readouterr().out
    assert "no branch dominates another" in text
    assert "best up to a risk tolerance of 135.604 is no, above it yes" in text
    assert main(["risk", OIL, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 7
    assert [row["x"] for row in rows[:2]] == ["-80.0", "-10.0"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--value", "payof"], "there is no value node 'payof'; did you mean 'payoff'?"),
        (["--value", "oil"], "'oil' is a chance node, not a value node"),
        (["--by", "dril"], "did you mean 'drill'?"),
    ],
)
def test_a_wrong_name_is_one_line(capsys, arguments, message):
    assert main(["risk", OIL, *arguments]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_wrong_names_in_python():
    with pytest.raises(ModelError, match="there is no value node 'x'"):
        risk(oil(), "x")


def test_korea():
    """Both is better than all else in lives at every probability, not so in the total."""
    model = read_model(KOREA)
    lives = findings(model, "lives")
    both = "off_ramp_and_restraint"
    assert {w for b, w, order in lives.dominance if (b, order) == (both, 1)} == {
        option for option, _ in lives.profiles if option != both
    }
    frame = risk(model, "lives")
    assert frame.loc[both, "mean"] == pytest.approx(6691.107, abs=1e-3)
    assert frame.loc[both, "0.5"] == 0
    total = findings(model)
    changes = total.switches or ()
    assert [c.tolerance for c in changes] == pytest.approx([0.496439, 2.100855], rel=1e-5)
    assert [changes[0].below, *(c.above for c in changes)] == [
        "maximum_pressure",
        "restrained_rhetoric",
        both,
    ]
    for change in changes:
        for side, branch in ((1 - 1e-6, change.below), (1 + 1e-6, change.above)):
            near = model.rebuilt(risk=change.tolerance * side)
            found = solve(near).branch_solutions()
            assert max(found, key=lambda row: row[1].certain_equivalent)[0] == branch
