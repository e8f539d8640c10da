"""Cruxes of models small enough for a reader to follow."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from decision import Chance, Decision, InfluenceDiagram, Value, cruxes
from decision.analysis import omission
from decision.analysis.cruxes import found_cruxes
from decision.analysis.disagreement import disagreement
from tests.analysis.camps import with_rows


def rain(**sets: list[str]) -> InfluenceDiagram:
    """Take an umbrella? yes 77, no 70; without rain 80 and 100, with it 70 and 0."""
    model = InfluenceDiagram(
        decisions=[Decision("take", ["yes", "no"])],
        chances=[Chance("rain", ["yes", "no"], table=[0.3, 0.7])],
        values=[
            Value("comfort", ["take", "rain"], table=[[70, 80], [0, 100]]),
            Value("style", ["take"], table=[0, 0]),
        ],
    )
    return with_rows(model, **sets)


def sets_of(model: InfluenceDiagram, name: str) -> list[tuple[str, ...]]:
    found = cruxes(model)
    return found[found["perspective"] == name]["set"].tolist()


def test_a_single_row_holds_it_up():
    """P(rain) = 0.2 makes it 78 to 80; the other row, 1 point for style, does nothing alone."""
    model = rain(dry=["P(rain=yes) = 0.2", "V(style | take=no) = 1"])
    assert sets_of(model, "dry") == [("P(rain=yes) = 0.2",)]


def test_either_or_both():
    """77 to 70: +4 and +4 for going without win together, so that either is enough to fall."""
    rows = ["V(style | take=no) += 4", "V(style | take=yes) -= 4"]
    assert sets_of(rain(stylish=rows), "stylish") == [(rows[0],), (rows[1],)]


def test_a_tie_is_not_enough():
    """Without the last row it is 77 to 77: a tie, that goes to the option listed first."""
    rows = ["V(style | take=no) += 7", "V(style | take=no) += 1"]
    model = rain(stylish=rows)
    assert disagreement(model).choices == ("yes", "no")
    assert sets_of(model, "stylish") == [(rows[0],)]


def test_one_who_ties_prefers_the_first_and_can_be_brought_to_the_other():
    """At 77 to 77 the first is preferred; without the row for yes it is 70 to 77."""
    model = rain(torn=["V(style | take=no) += 7", "V(style | take=yes) += 0.5"])
    model = with_rows(
        model.changed("V(style | take=no) = 1"),
        torn=["V(style | take=no) += 6", "V(style | take=yes) = 0"],
        sunny=["P(rain=yes) = 0"],
    )
    assert disagreement(model).choices == ("yes", "yes", "no")
    found = found_cruxes(disagreement(model))
    assert [(c.perspective, c.toward, c.size) for c in found] == [
        ("torn", "no", None),
        ("sunny", "yes", 1),
    ]


def test_four_rows_that_are_all_needed_have_no_size():
    rows = [f"V(style | take=no) += {n}" for n in (8, 9, 10, 11)]
    found = cruxes(rain(four=rows, three=rows[:3]))
    four, three = found.to_dict("records")
    assert four["perspective"] == "four"
    assert pd.isna(four["size"])
    assert (four["set"], four["facts"], four["values"]) == ((), (), ())
    assert (three["size"], three["set"]) == (3, tuple(rows[:3]))


def test_others_are_kept_in_order():
    """0.2 × 1.5 = 0.3 is base; in the other order leaving out the factor would give 0.2."""
    rows = ["P(rain=yes) *= 0.5", "P(rain=yes) = 0.25", "P(rain=yes) -= 0.05"]
    # 0.2: no 80 to 78. Without the middle: 0.1; without the last: 0.25, 77.5 to 75.
    assert sets_of(rain(dry=rows), "dry") == [(rows[2],)]


def test_a_set_without_which_another_row_is_not_legal_does_not_count():
    """Without the first row the second would make P(rain=yes) −0.2."""
    rows = ["P(rain=yes) = 0.6", "P(rain=yes) -= 0.5", "V(style | take=yes) = 1"]
    model = rain(dry=rows)
    assert sets_of(model, "dry") == [(rows[1],)]
    rows = ["P(rain=yes) = 0.6", "P(rain=yes) -= 0.5", "P(rain=yes) = 0.1"]
    assert sets_of(rain(dry=rows), "dry") == [(rows[1], rows[2])]


def test_weights_must_not_all_be_left_at_0():
    """Normalised: with `ease` at 0, the row that sets `dry` to 0 needs `style` to have one."""
    ends = {"worst": 0.0, "best": 1.0}
    model = InfluenceDiagram(
        decisions=[Decision("take", ["yes", "no"])],
        values=[
            Value("dry", ["take"], [1, 0], weight=1.0, **ends),
            Value("style", ["take"], [0, 1], weight=0.0, **ends),
        ],
        weights="normalised",
    )
    rows = ["weight(style) = 2", "weight(dry) = 0"]
    model = with_rows(model, dandy=rows)
    # Without the second it is still 1/3 to 2/3; without the first the second is refused.
    assert sets_of(model, "dandy") == [tuple(rows)]


def test_a_situation_without_an_open_option_must_stay_impossible():
    """A storm closes the only way; the file first rules it out where the sky is dark."""
    model = InfluenceDiagram(
        decisions=[
            Decision("go", ["stay", "out"]),
            Decision("way", ["path"], ["sky", "go"], only_when={"path": {"sky": ["calm", "grey"]}}),
        ],
        chances=[
            Chance("month", ["may", "june"], table=[0, 1]),
            Chance("sky", ["calm", "grey", "storm"], ["month"], [[0, 0, 1], [0.5, 0.5, 0]]),
        ],
        values=[Value("joy", ["go", "sky"], [[1, 1, 1], [2, -2, 0]])],
    )
    rows = ["P(sky=storm | month=may) = 0", "P(month=may) = 0.5", "P(sky=calm) = 0.9"]
    model = with_rows(model, walker=rows)
    # calm 0.9 makes out 1.6 to 1. Without the first row the second lets the storm happen.
    assert sets_of(model, "walker") == [(rows[2],)]
    model = with_rows(model, walker=[rows[0], rows[1], "V(joy | go=out, sky=calm) = 5"])
    found = disagreement(model)
    assert found.choices == ("stay", "out")
    assert omission.Omissions(model, model.perspectives["walker"]).variants(
        np.array([[True, False], [True, True], [True, True]])
    ).legal.tolist() == [True, False]


def test_rows_that_say_the_same_are_still_two():
    rows = ["V(style | take=no) += 4", "V(style | take=no) += 4"]
    (crux,) = found_cruxes(disagreement(rain(stylish=rows)))
    assert [[row.line for row in each] for each in crux.sets] == [[2], [3]]


def test_nobody_disagrees():
    assert cruxes(rain(same=["P(rain=yes) = 0.4"], empty=[])).empty
    assert list(cruxes(rain()).columns) == [
        *("perspective", "toward", "preferred_by", "size"),
        *("set", "facts", "values", "rationale"),
    ]


# -- many rows ----------------------------------------------------------------


def test_many_rows_are_looked_through_in_chunks(monkeypatch):
    """Of 40 rows of 1 point each the last three tip it: every set of three of them all."""
    monkeypatch.setattr("decision.analysis.draws.MOST", 500)
    rows = [f"V(style | take=no) += {n}" for n in [0.01] * 30 + [0.5] * 10 + [4.5]]
    told: list[tuple[int, int]] = []
    (crux,) = found_cruxes(disagreement(rain(many=rows)), lambda *at: told.append(at))
    # 9.8 − 7 = 2.8: the last row alone is enough.
    assert (crux.size, len(crux.sets)) == (1, 1)
    assert told[-1] == (41 + 820 + 10660, 41 + 820 + 10660)
    rows = [f"V(style | take=no) += {n}" for n in [0.01] * 30 + [0.75] * 12]
    (crux,) = found_cruxes(disagreement(rain(many=rows)))
    # 9.3 − 7 = 2.3 falls short of 0.75 × 3 = 2.25 by 0.05.
    assert (crux.size, crux.sets) == (None, ())
    rows = [f"V(style | take=no) += {n}" for n in [0.01] * 30 + [0.8] * 11]
    (crux,) = found_cruxes(disagreement(rain(many=rows)))
    # 9.1 − 7 = 2.1 is less than three of the larger: 11 × 10 × 9 / 6 sets.
    expected = {tuple(each) for each in combinations(range(32, 43), 3)}
    assert {tuple(row.line for row in each) for each in crux.sets} == expected
