"""Claims: verdicts, cases left out, what is assumed and what is derived."""

from __future__ import annotations

import pytest

from decision.analysis.claims import claims, verdicts
from decision.model import Chance, Decision, InfluenceDiagram, ModelError, Value, read_model
from decision.model.records import ChangeRow, ClaimRow


def coin(*tests: str, asked_of: str = "") -> InfluenceDiagram:
    """A guess at a biased coin, with claims about it."""
    return InfluenceDiagram(
        decisions=[Decision("guess", ["heads", "tails"])],
        chances=[
            Chance("coin", ["heads", "tails", "edge"], table=[0.6, 0.4, 0.0]),
            Chance(
                "seen", ["heads", "tails"], ["coin"], table=[[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]]
            ),
        ],
        values=[Value("win", ["guess", "coin"], table=[[1, 0, 0], [0, 1, 0]])],
        perspectives={"sceptic": (ChangeRow("P(coin=heads) = 0.3"),)},
        claim_rows=[
            ClaimRow(f"c{i}", test=test, asked_of=asked_of) for i, test in enumerate(tests)
        ],
    )


@pytest.mark.parametrize(
    ("test", "verdict", "basis"),
    [
        ("P(coin=heads) > 0.5", "holds", "assumed"),
        ("P(seen=heads | coin=heads|tails) > 0.5", "holds", "assumed"),
        ("P(seen=heads) > 0.5", "holds", "derived"),
        ("P(coin=heads | seen=heads) > 0.9", "fails", "derived"),
        ("V(win | guess=heads, coin=heads) >= 1", "holds", "assumed"),
        ("weight(win) < 1", "fails", "assumed"),
        ("1 < 2 and 3 <= 3", "holds", "assumed"),
        ("E(win | guess=heads) - E(win | guess=tails) >= 0.2", "holds", "derived"),
        ("-1 * P(coin=heads) + 0.6 >= 0", "holds", "assumed"),
        ("P(seen=heads | coin=edge) > 0", "untested", "assumed"),
        ("1 < 2 and P(seen=heads | coin=edge) > 0", "untested", "assumed"),
        ("2 < 1 and P(seen=heads | coin=edge) > 0", "fails", "assumed"),
        ("P(seen=heads | do(coin=edge)) >= 0.5", "holds", "derived"),
    ],
)
def test_verdict_and_basis(test: str, verdict: str, basis: str) -> None:
    (found,) = verdicts(coin(test))
    assert (found.verdict, found.basis) == (verdict, basis)


def test_for_all_shows_the_narrowest_case_and_counts_what_cannot_happen() -> None:
    (found,) = verdicts(coin("for all coin: P(seen=heads | coin) >= 0.2"))
    assert found.verdict == "holds"
    assert (found.where, found.left, found.right) == ({"coin": "tails"}, 0.2, 0.2)
    assert found.left_out == 1


def test_for_all_shows_the_first_failing_case() -> None:
    (found,) = verdicts(coin("for all guess, coin: V(win | guess, coin) < 1 and 1 < 2"))
    assert found.verdict == "fails"
    assert found.where == {"guess": "heads", "coin": "heads", "test": 1}


def test_a_decision_among_for_all_is_set() -> None:
    (found,) = verdicts(coin("for all guess: E(win | guess) > 0.3"))
    assert found.verdict == "holds"
    assert found.where == {"guess": "tails"}
    assert found.left == pytest.approx(0.4)


def test_every_perspective_leaves_base_out() -> None:
    (found,) = verdicts(coin("P(coin=heads) > 0.5", asked_of="every perspective"))
    assert (found.verdict, found.left, found.where) == ("fails", pytest.approx(0.3), {})


def test_a_perspective_is_asked_instead_of_base() -> None:
    model = coin("P(coin=heads) > 0.5")
    assert claims(model).loc["c0", "verdict"] == "holds"
    assert claims(model, perspective="sceptic").loc["c0", "verdict"] == "fails"


def test_equal_sides_are_equal_in_spite_of_rounding() -> None:
    found = verdicts(coin("0.1 + 0.2 <= 0.3", "0.1 + 0.2 > 0.3"))
    assert [v.verdict for v in found] == ["holds", "fails"]


def test_entries_that_differ_are_an_error_with_file_and_line() -> None:
    with pytest.raises(ModelError, match=r"claims\.csv:1: the entries of win that match"):
        verdicts(coin("V(win) > 0"))


def test_korea() -> None:
    frame = claims(read_model("data/korea_2018"))
    assert len(frame) == 40
    assert frame.loc["c07", "verdict"] == "untested"
    fails = set(frame.index[frame["verdict"] == "fails"])
    assert fails == {"c05", "c35"}  # as two independent calculations found (fragilities.md)
    assert frame.loc["c23", "basis"] == "assumed"
    assert frame.loc["c00", "basis"] == "derived"
