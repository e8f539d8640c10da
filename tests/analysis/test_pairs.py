"""Two inputs at once: published borders, brute force on random models, odd pairs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from decision import Chance, Decision, InfluenceDiagram, Value, read_model, two_way
from decision.analysis import borders as borders_room
from decision.analysis import pairs
from decision.analysis.axes import axis
from decision.model.problems import ModelError
from decision.model.records import Input
from decision.solve.enumeration import enumerate_branches
from decision.solve.inputs import scale_of
from decision.solve.solution import solve
from tests.analysis.ranged import best_of, ranged, worth
from tests.models import oil, seeded

KOREA = "data/korea_2018"
TONE = "P(tone=restrained | strategy=off_ramp_and_restraint)"
OFFER = "P(offer=credible | strategy=off_ramp_and_restraint, tone=restrained)"


# -- published ----------------------------------------------------------------


def test_the_threshold_of_pauker_and_kassirer():
    """Treat above p = C / (C + B) (1975, NEJM 293(5), 229-234), whatever the cost C."""
    model = read_model("data/examples/treatment_threshold")
    well = "V(health | treat=treat, disease=absent)"
    found = two_way(model, "P(disease=present)", well, steps=11)
    assert set(found.borders["how"]) == {"exact"}
    rows = found.borders[found.borders["along"] == "x"]
    assert len(rows) == len(found.ys)
    for p, health in zip(rows["x"], rows["y"], strict=True):
        cost = 100 - health
        assert p == pytest.approx(cost / (cost + 60), abs=1e-12)
    assert set(rows["before"]) == {("wait",)}
    assert set(rows["after"]) == {("treat",)}
    assert found.base == (0.3, 80.0)


def eagle() -> InfluenceDiagram:
    """A plane for charters, or the money market (Clemen and Reilly 2014, ch. 5).

    800 hours a year, half of them charters at 325 dollars; else five seats at 100 dollars an
    hour, each sold with p = 1/2; 245 an hour to fly, 24,025 a year for insurance and
    interest. The market pays 4,200.
    """
    buy = ("buy", ("yes",))
    seats = Chance("seat", ["sold", "empty"], table=[0.5, 0.5])
    values = [
        Value("fares", ["buy", "seat"], [[330_000.0, 130_000.0], [0.0, 0.0]]),
        Value("flying", ["buy"], [-245.0 * 800, 0.0]),
        Value("other", ["buy"], [-24_025.0, 4200.0]),
    ]
    rows = {
        "seat": (Input("seat", (), "sold", 0.5, "0.5", 0.4, 0.6),),
        "flying": (Input("flying", (buy,), None, -196e3, "", -260 * 800.0, -230 * 800.0),),
    }
    return InfluenceDiagram([Decision("buy", ["yes", "no"])], [seats], values, rows=rows)


def test_the_line_of_eagle_airlines():
    """Their equation, profit = 4,200: operating cost = 127.22 + 250 × capacity."""
    found = two_way(eagle(), "P(seat=sold)", "V(flying | buy=yes)")
    assert found.total("yes").loc[-196e3].iloc[10] == pytest.approx(9975)
    assert len(found.borders) > 20
    for share, flying in zip(found.borders["x"], found.borders["y"], strict=True):
        assert -flying / 800 == pytest.approx(101_775 / 800 + 250 * share, abs=1e-9)


# -- against brute force ------------------------------------------------------


def enumerated(model: InfluenceDiagram, by: str) -> frozenset[int] | None:
    found = enumerate_branches(model, by)
    worths = [None if branch is None else worth(branch) for _, branch in found]
    return best_of(worths, scale_of(model))


def agrees(model: InfluenceDiagram, x: str, y: str, steps: int = 3) -> None:
    """The grid is what enumeration finds, and between borders nothing changes."""
    found = two_way(model, x, y, steps=steps)
    across, up = axis(model, x), axis(model, y, "yx")

    def best(a: float, b: float) -> frozenset[int] | None:
        return enumerated(model.changed(across.change(a), up.change(b)), found.by)

    for i, b in enumerate(found.ys):
        for j, a in enumerate(found.xs):
            sure = best(a, b)
            if sure is not None:
                assert found.best[i, j] == min(sure, default=-1), (x, y, a, b)
    for along, lines, moving in (("x", found.ys, found.xs), ("y", found.xs, found.ys)):
        for i, still in enumerate(lines):
            mine = [c for c in found.crossings if (c.along, c.line) == (along, i)]
            marks = [getattr(c, along) for c in mine]
            for k, (a, b) in enumerate(pairwise([moving[0], *marks, moving[-1]])):
                if b - a < 1e-4 * (moving[-1] - moving[0]):
                    continue
                numbers = a + np.array([0.05, 0.95]) * (b - a)
                sets = {best(*((n, still) if along == "x" else (still, n))) for n in numbers}
                sets.discard(None)
                assert len(sets) <= 1, (x, y, along, still, a, b, sets)
                named = {tuple(found.options[o] for o in sorted(s)) for s in sets}
                assert named <= {
                    mine[k].before if k < len(mine) else mine[-1].after if mine else n
                    for n in named
                }


def inputs_of(model: InfluenceDiagram) -> list[str]:
    """Return the inputs of the files that can move."""
    rows = [r.name for r in model.inputs if r.low is not None and r.low < r.high]
    weighted = [v for v in model.values if v.weight_low is not None]
    return rows + [f"weight({v.name})" for v in weighted if v.weight_low < v.weight_high]


def shifts(model: InfluenceDiagram) -> list[str]:
    """Return changes that make one option better or worse."""
    return [
        f"V({v.name} | {d.name}={d.options[0]}) += LETTER in -20..20"
        for v in model.values
        for d in model.decisions
        if d.name in v.given
    ]


def beliefs(model: InfluenceDiagram, rng: np.random.Generator) -> list[str]:
    """Return changes of probabilities, some of which move several rows."""
    found = []
    for chance in model.chances:
        if len(chance.states) > 1:
            state = rng.choice(list(chance.states))
            found.append(f"odds({chance.name}={state}) *= LETTER in 0.05..20")
            found.append(f"P({chance.name}={state}) = LETTER in 0..1")
            found.append(f"P({chance.name}={state}) *= LETTER in 0.2..1")
    return found


def try_pair(model: InfluenceDiagram, seed: int) -> None:
    rng = np.random.default_rng(seed)
    kinds = [k for k in (inputs_of(model), shifts(model), beliefs(model, rng)) if k]
    assume(kinds)  # a model of which nothing can move has no pair
    first, second = (kinds[rng.integers(len(kinds))] for _ in range(2))
    x = str(rng.choice(first))
    others = [text for text in second if text != x]
    y = str(rng.choice(others or [f"V({model.values[0].name}) += LETTER in -1..1"]))
    try:
        agrees(model, x.replace("LETTER", "x"), y.replace("LETTER", "y"))
    except ModelError as error:
        said = ("no option of", "sets all that", "makes all weights 0")
        for line in str(error).splitlines():
            assert any(part in line for part in said), (x, y, line)


@seeded(120)
@given(ranged(risk=False, guards=False), st.integers(0, 10**6))
def test_plain(model, seed):
    try_pair(model, seed)


@seeded(60)
@given(ranged(risk=True, guards=False), st.integers(0, 10**6))
def test_risk(model, seed):
    try_pair(model, seed)


@seeded(60)
@given(ranged(guards=True, risk=False), st.integers(0, 10**6))
def test_options_that_can_be_closed(model, seed):
    try_pair(model, seed)


@seeded(5)
@given(ranged(memory="limited", cells=24, chances=3), st.integers(0, 10**6))
def test_decisions_that_forget(model, seed):
    try_pair(model, seed)


# -- what a pair is -----------------------------------------------------------


def seasons() -> InfluenceDiagram:
    """Three states of one row, each paid for by one option."""
    ranges = [("wet", 0.2, 0.9), ("mild", 0.05, 0.6), ("dry", 0.1, 0.8)]
    rows = tuple(Input("sky", (), s, 1 / 3, "1/3", low, high) for s, low, high in ranges)
    return InfluenceDiagram(
        decisions=[Decision("sow", ["rice", "oats", "millet"])],
        chances=[Chance("sky", ["wet", "mild", "dry"], table=[1 / 3, 1 / 3, 1 / 3])],
        values=[Value("crop", ["sow", "sky"], np.diag([10.0, 11.0, 12.0]))],
        rows={"sky": rows},
    )


def test_two_states_of_one_row_are_two_changes_one_after_the_other():
    """After P(mild) = y, wet and dry share 1 − y as they did after P(wet) = x."""
    found = two_way(seasons(), "P(sky=wet)", "P(sky=mild)", steps=8)
    for i, y in enumerate(found.ys):
        for j, x in enumerate(found.xs):
            wet, dry = x, (1 - x) / 2
            wet, dry = wet * (1 - y) / (wet + dry), dry * (1 - y) / (wet + dry)
            worths = [10 * wet, 11 * y, 12 * dry]
            assert found.totals[:, i, j] == pytest.approx(worths)
            assert found.options[found.best[i, j]] == found.options[int(np.argmax(worths))]
    how = found.borders.groupby("along")["how"].unique()
    assert list(how["x"]) == ["searched"]
    assert list(how["y"]) == ["exact"]
    agrees(seasons(), "P(sky=wet)", "P(sky=mild)", steps=5)


def test_the_second_is_made_after_the_first():
    """Odds doubled of what was set are no setting of what was doubled."""
    model = oil()
    set_first = two_way(
        model, "P(oil=dry) = x in 0.2..0.8", "odds(oil=dry) *= y in 0.5..2", steps=3
    )
    for i, k in enumerate(set_first.ys.tolist()):
        for j, p in enumerate(set_first.xs.tolist()):
            branches = dict(
                solve(model.changed(f"P(oil=dry) = {p!r}", f"odds(oil=dry) *= {k!r}")).branches()
            )
            assert set_first.totals[:, i, j] == pytest.approx(list(branches.values()))


def test_the_second_need_not_be_possible_without_the_first():
    """P(dry) is 1/2: alone it cannot be multiplied by 4."""
    model = oil()
    found = two_way(model, "P(oil=dry) = x in 0.1..0.2", "P(oil=dry) *= y in 1..4", steps=3)
    assert found.totals.shape == (2, 3, 3)
    agrees(model, "P(oil=dry) = x in 0.1..0.2", "P(oil=dry) *= y in 1..4")


def test_a_weight_and_an_amount_that_it_weighs():
    model = oil()
    x, y = "weight(payoff) = x in 0.1..2", "V(payoff | drill=yes, oil=soaking) = y in 100..300"
    found = two_way(model, x, y, steps=5)
    assert set(found.borders["how"]) == {"exact"}
    agrees(model, x, y, steps=5)


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        ("P(oil=dry)", "P(oil=dry)", "is the same input twice; name two that differ"),
        ("P(oil=dry)", "P( oil = dry )", "is the same input twice"),
        ("P(oil=dri)", "P(oil=dry)", "oil has no state 'dri'; did you mean 'dry'?"),
        ("P(oli=dry)", "P(oil=dry)", "there is no chance node 'oli'"),
        ("V(payof)", "P(oil=dry)", "there is no value node 'payof'"),
        ("P(oil=dry | test=yes)", "P(oil=dry)", "'test' is no parent of oil"),
        ("P(oil=soaking)", "V(test_cost | test=yes)", "no row of the files that has a range"),
        ("weight(payoff)", "P(oil=dry)", "no row of the files that has a range"),
        ("odds(oil=dry)", "P(oil=dry)", "is no input; write P(node=state | …)"),
        ("P(oil=dry) = 0.4", "P(oil=dry)", "is no input"),
        ("", "P(oil=dry)", "'' is no input"),
        ("odds(oil=dry) *= y in 1..2", "P(oil=dry)", "is called y; call it x"),
        ("odds(oil=dry) *= x in 2..1", "P(oil=dry)", "no change with a free number"),
        ("odds(oil=dry) *= x in -1..1", "P(oil=dry)", "multiplies odds by -1"),
        ("V(payoff) += x in 1..1", "P(oil=dry)", "has the range 1 to 1 and cannot move"),
        ("P(oil=dry)", "P(oil=dry) = y in 0..1", "sets all that 'P(oil=dry)' changes"),
        ("P(oil=dry)", "P(oil=wet) += y in 0..1", "at x = 0.4, y = 1: 'P(oil=wet) += 1' makes"),
        ("V(payoff) += x in 0..1", "V(payoff) += y in 0..1e400", "no change with a free number"),
    ],
)
def test_what_is_no_pair_is_refused(x, y, says):
    model = read_model("data/examples/oil_wildcatter")
    with pytest.raises(ModelError) as error:
        two_way(model, x, y, steps=3)
    assert says in str(error.value)
    assert len(error.value.problems) == 1


def test_two_states_of_a_row_of_two_are_one_number():
    model = eagle()
    both = (*model.inputs[:1], Input("seat", (), "empty", 0.5, "0.5", 0.4, 0.6))
    model = model.rebuilt(rows={"seat": both})
    with pytest.raises(
        ModelError, match=r"'P\(seat=empty\)' sets all that 'P\(seat=sold\)' changes"
    ):
        two_way(model, "P(seat=sold)", "P(seat=empty)")


@pytest.mark.parametrize("steps", [1, 0, -3, 1002, 10**12])
def test_steps_are_within_reason(steps):
    with pytest.raises(ModelError, match="steps are asked for; ask for 2 to 1001"):
        two_way(oil(), "P(oil=dry) = x in 0..1", "V(test_cost) += y in -5..5", steps=steps)


def test_names_in_any_order_and_spacing():
    model = read_model(KOREA)
    turned = "P( offer=credible | tone = restrained,strategy=off_ramp_and_restraint )"
    assert axis(model, turned).row == axis(model, OFFER).row


# -- a fault in it is found ---------------------------------------------------


def orders_do_not_matter(patch):
    patch.setattr(borders_room, "_commute", lambda model, x, y: True)


def y_is_forgotten_on_the_lines(patch):
    beside = borders_room._beside

    def still(changed, moving, names):
        base = oil() if "oil" in changed.nodes else seasons()
        return beside(base, moving, names)

    patch.setattr(borders_room, "_beside", still)


def the_first_is_made_last(patch):
    patch.setattr(pairs, "_changed", lambda m, x, y, a, b: m.changed(y.change(b), x.change(a)))


def rows_are_columns(patch):
    solved = pairs._solved

    def turned(*arguments):
        totals, best = solved(*arguments)
        return totals.transpose(0, 2, 1), best.T

    patch.setattr(pairs, "_solved", turned)


def witnesses() -> None:
    test_two_states_of_one_row_are_two_changes_one_after_the_other()
    agrees(oil(), "P(oil=dry) = x in 0.3..0.7", "V(test_cost | test=yes) = y in -20..-5", 4)


def test_without_a_mutant_the_witnesses_agree():
    witnesses()


@pytest.mark.parametrize(
    "mutant",
    [orders_do_not_matter, y_is_forgotten_on_the_lines, the_first_is_made_last, rows_are_columns],
)
def test_a_mutant_is_caught(mutant, monkeypatch):
    mutant(monkeypatch)
    with pytest.raises(AssertionError):
        witnesses()


# -- Korea --------------------------------------------------------------------


def test_korea_words_and_offers():
    """One call each way: two rows of the files, or the shares that all rows have in common."""
    model = read_model(KOREA)
    found = two_way(model, TONE, OFFER)
    assert found.base == (0.56, 0.68)
    assert set(found.preferred.to_numpy().ravel()) == {
        "restrained_rhetoric",
        "off_ramp_and_restraint",
    }
    # a better offer makes up for worse words
    rows = found.borders[found.borders["along"] == "x"]
    assert rows["x"].is_monotonic_decreasing
    words = "P(tone=restrained | strategy=restrained_rhetoric|off_ramp_and_restraint) = x in 0..1"
    offers = "P(offer=credible | strategy=off_ramp|off_ramp_and_restraint) = y in 0..1"
    whole = two_way(model, words, offers, steps=11)
    assert set(whole.borders["how"]) == {"exact"}
    for border in whole.crossings:
        changes = (
            f"{words.split(' x in')[0]} {border.x!r}",
            f"{offers.split(' y in')[0]} {border.y!r}",
        )
        worths = sorted((w for _, w in solve(model.changed(*changes)).branches()), reverse=True)
        assert worths[0] - worths[1] < 1e-9
