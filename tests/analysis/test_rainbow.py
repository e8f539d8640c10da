"""Every branch along one input: exact points against algebra and brute force; Korea's figures."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision import rainbow, read_model
from decision.analysis import rainbow as rainbow_room
from decision.analysis.axes import axis
from decision.analysis.envelope import Course
from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError
from decision.solve.enumeration import enumerate_branches
from decision.solve.inputs import scale_of
from decision.solve.solution import solve
from tests.analysis.ranged import ranged, worth
from tests.analysis.test_pairs import beliefs, inputs_of, shifts
from tests.analysis.test_sensitivity_cases import gamble, scores, vee
from tests.models import oil, seeded

KINDS = ["low", "high", "base", "break-even", "crossing", "bend"]


def kinds(frame, kind: str) -> list[float]:
    return frame.index[frame["kind of point"].str.contains(kind)].tolist()


def test_oil_by_hand():
    """With p = P(dry): no test is worth max(0, 110 − 180p), a test max(0, 49 − 56p) +
    max(0, 44 − 65p) + max(0, 17 − 59p) − 10."""
    frame = rainbow(oil(), "P(oil=dry) = x in 0..1", points=41)
    p = frame.index.to_numpy()
    untested = np.maximum(0, 110 - 180 * p)
    tested = -10 + sum(np.maximum(0, a - b * p) for a, b in ((49, 56), (44, 65), (17, 59)))
    assert frame["no"].to_numpy() == pytest.approx(untested, abs=1e-9)
    assert frame["yes"].to_numpy() == pytest.approx(tested, abs=1e-9)
    assert kinds(frame, "bend") == pytest.approx([17 / 59, 11 / 18, 44 / 65, 49 / 56], abs=1e-12)
    assert kinds(frame, "break-even") == pytest.approx([27 / 59, 39 / 56], abs=1e-12)
    assert (kinds(frame, "low"), kinds(frame, "high"), kinds(frame, "base")) == ([0], [1], [0.5])
    assert frame.index.is_monotonic_increasing
    assert frame.index.is_unique


def test_a_normalised_weight_divides():
    frame = rainbow(scores(), "weight(one)", points=5)
    w = frame.index.to_numpy()
    assert frame["ours"].to_numpy() == pytest.approx(100 * w / (w + 1))
    assert frame["middle"].to_numpy() == pytest.approx(60)
    assert kinds(frame, "break-even") == pytest.approx([2 / 3, 1.5])


def test_with_risk_a_piece_is_curved():
    frame = rainbow(gamble(50.0), "P(coin=heads)", points=9)
    p = frame.index.to_numpy()
    assert frame["gamble"].to_numpy() == pytest.approx(-50 * np.log(1 - p + p * np.exp(-2)))
    assert kinds(frame, "bend") == []
    assert kinds(frame, "break-even") == pytest.approx([(1 - np.exp(-0.8)) / (1 - np.exp(-2))])


def test_a_tie_over_an_interval():
    frame = rainbow(vee(), "P(x=yes) = x in 0..1", points=3)
    assert kinds(frame, "break-even") == pytest.approx([0.3, 0.7])
    assert frame["best option"].tolist() == ["a", "a", "a", "a", "a", "b", "b"][: len(frame)]


def test_a_searched_line_has_its_crossings_too():
    model = read_model("data/korea_2018")
    frame = rainbow(model, "odds(tone=restrained) *= x in 0.1..10")
    places = kinds(frame, "crossing")
    assert len(places) >= 2
    for at in places:
        worths = [w for _, w in solve(model.changed(f"odds(tone=restrained) *= {at!r}")).branches()]
        assert min(abs(a - b) for a, b in combinations(worths, 2)) < 1e-8


# -- against brute force ------------------------------------------------------


def agrees(model: InfluenceDiagram, text: str) -> None:
    frame, moved = rainbow(model, text, points=4), axis(model, text)
    by = model.decisions[0]
    size = scale_of(model)

    def branches(number: float) -> list[float]:
        found = enumerate_branches(model.changed(moved.change(number)), by.name)
        return [np.nan if branch is None else worth(branch) for _, branch in found]

    shown = frame[list(by.options)].to_numpy()
    numbers = frame.index.tolist()
    for number, row in zip(numbers, shown, strict=True):
        size = max(size, scale_of(model.changed(moved.change(number))))
        assert row == pytest.approx(branches(number), abs=1e-9 * size, nan_ok=True)
    assert set(", ".join(frame["kind of point"]).split(", ")) <= {*KINDS, ""}
    straight = model.risk is None and "odds" not in text and model.weights == "plain"
    for k, (a, b) in enumerate(pairwise(numbers)):
        if not b - a > 1e-4 * (moved.high - moved.low):
            continue
        middle = np.array(branches(a + 0.37 * (b - a)))
        if straight and not (a == 0 or b == 1):  # nothing bends between two points
            between = 0.63 * shown[k] + 0.37 * shown[k + 1]
            assert middle == pytest.approx(between, abs=1e-8 * size, nan_ok=True)
        if "odds" not in text:
            assert_order(shown[k], middle, shown[k + 1], 1e-7 * size)


def assert_order(left, middle, right, near) -> None:
    """Two branches do not change places between two points."""
    for i, j in combinations(range(len(middle)), 2):
        ends = left[i] - left[j], right[i] - right[j]
        if min(ends) > -near and max(ends) > near:
            assert middle[i] > middle[j] - near
        if max(ends) < near and min(ends) < -near:
            assert middle[i] < middle[j] + near


def try_input(model: InfluenceDiagram, seed: int) -> None:
    rng = np.random.default_rng(seed)
    known = [*inputs_of(model), *shifts(model), *beliefs(model, rng)]
    if not known:
        return
    refused = ""
    try:
        agrees(model, str(rng.choice(known)).replace("LETTER", "x"))
    except ModelError as error:
        refused = str(error)
    assert all("no option of" in line for line in refused.splitlines())


@seeded(130)
@given(ranged(risk=False, guards=False), st.integers(0, 10**6))
def test_plain(model, seed):
    try_input(model, seed)


@seeded(60)
@given(ranged(risk=True, guards=False), st.integers(0, 10**6))
def test_risk(model, seed):
    try_input(model, seed)


@seeded(40)
@given(ranged(guards=True, risk=False), st.integers(0, 10**6))
def test_options_that_can_be_closed(model, seed):
    try_input(model, seed)


def only_where_it_matters(patch) -> None:
    matters = Course.matters

    def some(self):
        self.whole = False
        return matters(self)

    patch.setattr(Course, "matters", some)


def crossings_of_the_best_alone(patch) -> None:
    patch.setattr(rainbow_room, "_meetings", lambda course: [])


@pytest.mark.parametrize("mutant", [only_where_it_matters, crossings_of_the_best_alone])
def test_a_mutant_is_caught(mutant, monkeypatch):
    mutant(monkeypatch)
    with pytest.raises(AssertionError):
        witnesses()


def witnesses() -> None:
    agrees(oil(), "P(oil=dry) = x in 0..1")
    frame = rainbow(read_model("data/korea_2018"), f"{TONE} = x in 0..1", points=2)
    assert len(kinds(frame, "crossing")) == 2
    beaten = vee().changed("V(payoff | first=b) -= 5")
    frame = rainbow(beaten, "P(x=yes) = x in 0..1", points=2)
    assert kinds(frame, "bend") == pytest.approx([0.3, 0.7])


def test_without_a_mutant_the_witnesses_agree():
    witnesses()


# -- odd input ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "points", "says"),
    [
        ("P(oil=dri)", 9, "oil has no state 'dri'"),
        ("odds(oil=dry) *= y in 1..2", 9, "is called y; call it x"),
        ("P(oil=dry)", 1, "1 points are asked for"),
        ("P(oil=dry)", 10**9, "points are asked for; ask for 2 to"),
        (None, 9, "'None' is no input"),
        ("P(oil=dry) += x in 0..1", 9, "outside [0, 1]"),
    ],
)
def test_what_is_no_input_is_refused(text, points, says):
    with pytest.raises(ModelError) as error:
        rainbow(read_model("data/examples/oil_wildcatter"), text, points=points)
    assert says in str(error.value)


# -- Korea --------------------------------------------------------------------

TONE = "P(tone=restrained | strategy=restrained_rhetoric)"
BOTH = "off_ramp_and_restraint"


def test_korea_restraint_beats_pressure_where_it_comes_about_three_times_in_ten():
    model = read_model("data/korea_2018")
    frame = rainbow(model, f"{TONE} = x in 0..1")
    at = frame.index[(frame["restrained_rhetoric"] > frame["maximum_pressure"] + 1e-9)].min()
    (first, *_) = kinds(frame, "crossing")
    assert first == pytest.approx(0.309, abs=5e-4)
    assert at > first
    row = frame.loc[first]
    assert row["restrained_rhetoric"] == pytest.approx(row["maximum_pressure"], abs=1e-9)
    for p, wins in ((first - 1e-4, False), (first + 1e-4, True)):
        branches = dict(solve(model.changed(f"{TONE} = {p!r}")).branches())
        assert (branches["restrained_rhetoric"] > branches["maximum_pressure"]) == wins


@pytest.mark.parametrize("state", ["wedge_driving", "mixed", "tension_relief"])
def test_korea_no_prior_of_the_intent_flips_the_choice(state):
    frame = rainbow(read_model("data/korea_2018"), f"P(intent={state}) = x in 0..1")
    assert set(frame["best option"]) == {BOTH}
    assert kinds(frame, "break-even") == []


def test_korea_nor_does_any_prior_at_all():
    """The whole simplex. Each branch is convex in the prior, so no branch may be best inside
    unless it is so where its pieces end; every point in twentieths is looked at."""
    model = read_model("data/korea_2018")
    least = np.inf
    for wedge in range(21):
        for mixed in range(21 - wedge):
            p, q = wedge / 20, mixed / max(20 - wedge, 1)
            changes = [f"P(intent=wedge_driving) = {p!r}"]
            if wedge < 20:  # after it, mixed and relief share what is left
                changes.append(f"P(intent=mixed) = {(1 - p) * q!r}")
            branches = dict(solve(model.changed(*changes)).branches())
            best = branches.pop(BOTH)
            least = min(least, best - max(branches.values()))
    assert least > 0.01
