"""What the tests of the gallery share: reading published.csv and comparing with it."""

import csv
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "data" / "examples"
Number = int | float | Fraction


def published(example: str) -> list[dict[str, str]]:
    """The rows of an example's published.csv."""
    with (EXAMPLES / example / "published.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def asked(row: Mapping[str, str]) -> str:
    """What a row asks, with the changes under which it asks."""
    return f"{row['ask']} if {row['changes']}" if row["changes"] else row["ask"]


@pytest.fixture
def agrees() -> Callable[[str, Mapping[str, Number]], None]:
    """Compare numbers worked out by hand with an example's published.csv: all, and no others.

    A printed answer that differs from the exact one by more than rounding has a note that
    says why.
    """

    def compare(example: str, by_hand: Mapping[str, Number]) -> None:
        rows = {asked(row): row for row in published(example)}
        assert set(rows) == set(by_hand)
        for ask, row in rows.items():
            answer = float(Fraction(row["answer"]))
            assert abs(answer - by_hand[ask]) <= float(row["tolerance"]), (ask, by_hand[ask])
            if row["printed"]:
                printed = Fraction(row["printed"])
                decimals = len(row["printed"].partition(".")[2])
                rounding = Fraction(1, 2 * 10**decimals)
                rounded = abs(printed - Fraction(row["answer"])) <= rounding
                assert rounded or "rounded" in row["note"], (ask, row["printed"])

    return compare
