"""Partial perfect information from a sample: published cases, closed forms, laws, mutants."""

from __future__ import annotations

from collections.abc import Callable
from math import erf, exp, pi, sqrt

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from decision.analysis import evppi as room
from decision.analysis import smoothing, splines
from decision.analysis.evppi import evppi
from decision.analysis.smoothing import smooth
from decision.model.problems import ModelError
from tests.models import seeded

Array = NDArray[np.float64]


# -- closed forms ---------------------------------------------------------------


def loss(units: float) -> float:
    """Return the unit normal loss integral (Raiffa and Schlaifer 1961, table IV)."""
    density = exp(-units * units / 2) / sqrt(2 * pi)
    return density - units * (1 - erf(units / sqrt(2))) / 2


def test_the_table_of_the_loss_integral():
    """What Raiffa and Schlaifer print: N(0), N(0.5), N(1)."""
    assert [loss(u) for u in (0, 0.5, 1)] == pytest.approx([0.3989, 0.1978, 0.08332], abs=5e-5)


def two_normals(draws: int, seed: int) -> tuple[Array, dict[str, Array]]:
    """A treatment whose effect is N(1, 1) and whose cost is N(0, 2), and none."""
    rng = np.random.default_rng(seed)
    effect, cost = rng.normal(1, 1, draws), rng.normal(0, 2, draws)
    return np.stack([np.zeros(draws), effect - cost]), {"effect": effect, "cost": cost}


@pytest.mark.parametrize("seed", range(4))
def test_two_normal_numbers_of_one_difference(seed):
    """Known of N(1, σ) are s of it: s times the loss at 1/s.

    The package `voi` (Jackson, Heath and others) prints, of this its first example, 0.082 and
    0.390 with 10 000 draws, and 0.4798 exactly for both numbers.
    """
    found = evppi(*two_normals(20_000, seed), seed=seed)
    for name, spread in (("effect", 1), ("cost", 2), ("all inputs", sqrt(5))):
        row, exact = found.loc[name], spread * loss(1 / spread)
        assert row["value"] == pytest.approx(exact, abs=3.5 * row["standard_error"])
        assert row["plug_in"] == pytest.approx(exact, abs=3.5 * row["plug_in_error"])
        assert row["standard_error"] < 0.011


def test_the_errors_are_what_many_samples_show():
    found = [evppi(*two_normals(1000, seed), seed=1).loc["effect"] for seed in range(200)]
    for name, error in (("value", "standard_error"), ("plug_in", "plug_in_error")):
        spread = np.std([row[name] for row in found])
        assert np.mean([row[error] for row in found]) == pytest.approx(spread, rel=0.3)
        assert np.mean([row[name] for row in found]) == pytest.approx(loss(1), abs=0.01)


# -- published ------------------------------------------------------------------


def depression(draws: int, seed: int) -> tuple[Array, dict[str, Array]]:
    """No treatment, CBT or antidepressants (Fang et al. 2022, doi:10.1177/0272989X211026305)."""
    rng = np.random.default_rng(seed)
    recover = rng.multivariate_normal([0.99, 1.33], [[0.22, 0.15], [0.15, 0.20]], draws).T
    relapse = rng.multivariate_normal([-1.48, -0.4], [[0.14, 0.05], [0.05, 0.11]], draws).T
    base = {"recovery": rng.beta(6, 200, draws), "relapse": rng.beta(2, 100, draws)}
    cost = rng.normal([1000, 2000, 2500], [50, 100, 125], (draws, 3)).T
    quality = rng.normal([26, 23, 20], [2, 3, 4], (draws, 3)).T

    def with_treatments(p: Array, effects: Array) -> Array:
        logit = np.log(p / (1 - p))
        return np.stack([p, *(1 / (1 + np.exp(-logit - effect)) for effect in effects)])

    well = with_treatments(base["recovery"], recover)
    back = with_treatments(base["relapse"], relapse)
    shares = np.stack([well * (1 - back), well * back, 1 - well])
    worth = ((20_000 * quality - cost)[:, None] * shares).sum(axis=0)
    numbers = {
        **base,
        **{f"recovery {i}": recover[i] for i in (0, 1)},
        **{f"relapse {i}": relapse[i] for i in (0, 1)},
        **{f"cost {i}": cost[i] for i in range(3)},
        **{f"quality {i}": quality[i] for i in range(3)},
    }
    return worth - np.array([[0], [300], [30]]), numbers


def test_treatments_of_depression():
    """Their multilevel Monte Carlo: 575.0 (± 0.5) in all; 274.1, 287.8, 6.4 and 0.3 (± 1)."""
    worths, numbers = depression(40_000, 1)
    sets = {
        274.06: [
            "recovery",
            "relapse",
            *(f"{n} {i}" for n in ("recovery", "relapse") for i in (0, 1)),
        ],
        287.81: [name for name in numbers if name.startswith(("cost", "quality"))],
        6.37: ["recovery 0", "relapse 0"],
        0.27: ["recovery 1", "relapse 1"],
    }
    found = evppi(worths, numbers, list(sets.values()), seed=1)
    row = found.loc["all inputs"]
    assert row["value"] == pytest.approx(575.01, abs=3 * row["standard_error"] + 1)
    for published, names in sets.items():
        row = found.loc[" + ".join(names)]
        assert row["value"] == pytest.approx(published, abs=3 * row["standard_error"] + 2)
        assert row["plug_in"] - row["plug_in_bias"] == pytest.approx(
            published, abs=3 * row["plug_in_error"] + 2
        )


def two_treatments(draws: int, rng: np.random.Generator) -> tuple[Array, dict[str, Array]]:
    """Brennan, Kharroubi, O'Hagan and Chilcott 2007, doi:10.1177/0272989X07302555: 19 numbers.

    Two groups of them are correlated by 0.6; £10 000 are paid for a year of full health.
    """
    spread = [0.1, 0.1, 0.5, 1.0]
    cover = np.outer(spread, spread) * (0.6 + 0.4 * np.eye(4))
    t5, t14, t7, t16 = rng.multivariate_normal([0.7, 0.8, 3, 3], cover, draws).T
    pair = [[0.01, 0.6 * 0.1 * 0.05], [0.6 * 0.1 * 0.05, 0.0025]]
    t6, t15 = rng.multivariate_normal([0.3, 0.3], pair, draws).T
    normal = {
        1: (1000, 1), 2: (0.1, 0.02), 3: (5.2, 1), 4: (400, 200), 8: (0.25, 0.1), 9: (-0.1, 0.02),
        10: (0.5, 0.2), 11: (1500, 1), 12: (0.08, 0.02), 13: (6.1, 1), 17: (0.2, 0.05),
        18: (-0.1, 0.02), 19: (0.5, 0.2),
    }  # fmt: skip
    t = {i: rng.normal(*of, draws) for i, of in normal.items()}
    t |= {5: t5, 6: t6, 7: t7, 14: t14, 15: t15, 16: t16}
    one = 10_000 * (t[5] * t[6] * t[7] + t[8] * t[9] * t[10]) - t[1] - t[2] * t[3] * t[4]
    two = 10_000 * (t[14] * t[15] * t[16] + t[17] * t[18] * t[19]) - t[11] - t[12] * t[13] * t[4]
    return np.stack([one, two]), {str(i): column for i, column in sorted(t.items())}


def known_in_two_treatments(names: tuple[str, ...], draws: int) -> float:
    """Return what knowing 5, 14, perhaps 6, 15, is worth, with the inner mean in closed form."""
    rng = np.random.default_rng(99)
    _, t = two_treatments(draws, rng)
    # Given 5 and 14, correlated by 0.6 with each other and with 7 and 16: weights 3/8 each.
    z = 3 / 8 * ((t["5"] - 0.7) / 0.1 + (t["14"] - 0.8) / 0.1)
    t6, t15 = (t["6"], t["15"]) if "6" in names else (0.3, 0.3)
    gap = 10_000 * (t["14"] * t15 * (3 + z) - t["5"] * t6 * (3 + 0.5 * z))
    gap += 10_000 * (0.2 - 0.25) * -0.1 * 0.5 - 500 - (0.08 * 6.1 - 0.1 * 5.2) * 400
    return float(np.maximum(gap, 0).mean() - max(gap.mean(), 0))


def test_two_treatments_of_nineteen_numbers():
    worths, numbers = two_treatments(40_000, np.random.default_rng(2))
    sets = [("5", "14"), ("5", "6", "14", "15")]
    found = evppi(worths, numbers, sets, seed=2)
    for names in sets:
        row, exact = found.loc[" + ".join(names)], known_in_two_treatments(names, 10**6)
        assert exact > 100
        assert row["value"] == pytest.approx(exact, abs=3 * row["standard_error"])
        assert row["plug_in"] == pytest.approx(exact, abs=3 * row["plug_in_error"])


# -- laws -----------------------------------------------------------------------


@st.composite
def samples(draw: st.DrawFn) -> tuple[Array, dict[str, Array]]:
    """Draw a sample of up to four numbers and of worths that bend and interact."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    draws, count = int(rng.integers(20, 300)), int(rng.integers(1, 5))
    options = draw(st.integers(1, 4))
    numbers = rng.normal(size=(count, draws))
    if rng.random() < 0.3:
        numbers[0] = np.round(numbers[0])
    if rng.random() < 0.2:
        numbers[-1] = 3.0
    inner = rng.normal(size=(options, count)) @ numbers
    worths = inner + np.abs(rng.normal(size=(options, count)) @ numbers)
    worths += rng.normal(size=(options, 1)) + rng.choice([0.0, 2.0]) * rng.normal(
        size=(options, draws)
    )
    return worths, {f"n{i}": column for i, column in enumerate(numbers)}


@seeded(200)
@given(samples(), st.integers(0, 2**32 - 1))
def test_none_is_below_0_nor_above_all_and_more_is_worth_no_less(sample, seed):
    worths, numbers = sample
    rng = np.random.default_rng(seed)
    order = rng.permutation(list(numbers)).tolist()
    sets = [tuple(order[:size]) for size in range(len(order), 0, -1)]
    found = evppi(worths, numbers, sets, seed=1)
    values = [found.loc[" + ".join(names), "value"] for names in sets]
    assert values == sorted(values, reverse=True)
    assert values[-1] >= 0
    assert values[0] <= found.loc["all inputs", "value"] + 1e-12
    assert (found["plug_in"] >= -1e-9).all()
    event("worth something" if values[0] > 0 else "worth nothing")


@seeded(60)
@given(samples(), st.floats(0.1, 50), st.floats(-100, 100))
def test_the_unit_and_what_all_options_share_do_not_matter(sample, factor, shift):
    worths, numbers = sample
    found = evppi(worths, numbers, seed=1)
    shared = shift + np.random.default_rng(0).normal(size=worths.shape[1])
    moved = evppi(factor * (worths[::-1] + shared), numbers, seed=1)
    near = 1e-6 * np.abs(worths).max()
    for name in found.index:
        for column in ("value", "standard_error"):
            assert moved.loc[name, column] == pytest.approx(
                factor * found.loc[name, column], abs=factor * near
            )


def test_what_has_nothing_to_do_with_it_is_worth_nothing():
    rng = np.random.default_rng(5)
    worths = np.stack([np.zeros(4000), rng.normal(0, 3, 4000)])
    noise = {f"noise {i}": rng.normal(size=4000) for i in range(6)}
    found = evppi(worths, noise, [*noise, tuple(noise)], seed=1).drop("all inputs")
    assert (found["value"] <= 2.5 * found["standard_error"] + 1e-12).all()
    assert (found["plug_in"] <= 3 * found["plug_in_error"] + found["plug_in_bias"]).all()


@pytest.mark.parametrize("seed", range(6))
def test_many_numbers_that_tell_nothing(seed):
    """A fit of what another fit says must not see, in what that says of a draw, the draw."""
    rng = np.random.default_rng(seed)
    noise = {f"noise {i}": rng.normal(size=2000) for i in range(8)}
    worths = np.stack([np.zeros(2000), *rng.normal(0, 3, (2, 2000))])
    row = evppi(worths, noise, [tuple(noise)], seed=1).loc[" + ".join(noise)]
    assert row["value"] <= 3 * row["standard_error"]


def test_one_option_or_none_that_is_always_there():
    numbers = {"n": np.arange(5.0)}
    alone = evppi([[1, 2, 3, 4, 5]], numbers, seed=0)
    hole = evppi([[1, 2, 3, 4, 5], [9, 9, 9, 9, np.nan]], numbers, seed=0)
    assert (alone == 0).all().all()
    assert (hole == 0).all().all()


def test_never_moves():
    rng = np.random.default_rng(1)
    found = evppi(rng.normal(size=(2, 50)), {"still": np.ones(50)}, seed=0)
    assert found.loc["still", "value"] >= 0
    assert found.loc["still", "plug_in"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("worths", "numbers", "sets", "says"),
    [
        ([1, 2], {}, [], "worths have the shape (2,)"),
        ([[1], [2]], {}, [], "worths have the shape (2, 1)"),
        ([[1, 2], [2, 1]], {"a": [1, 2, 3]}, None, "a has the shape (3,); give 2 draws"),
        (
            [[1, 2], [2, 1]],
            {"alpha": [1, 2]},
            ["alpa"],
            "'alpa' was not drawn; did you mean 'alpha'",
        ),
    ],
)
def test_what_is_no_sample_is_refused(worths, numbers, sets, says):
    with pytest.raises(ModelError) as error:
        evppi(worths, numbers, sets, seed=1)
    assert says in str(error.value)


# -- smoothing ------------------------------------------------------------------


SHAPES: dict[str, Callable[[Array, Array], Array]] = {
    "line": lambda x, y: 2 * x,
    "corner": lambda x, y: np.maximum(x, 0.3),
    "wave": lambda x, y: np.sin(2 * x),
    "product": lambda x, y: x * y,
    "both bend": lambda x, y: np.exp(x / 2) * np.maximum(y, 0),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_are_found_in_noise(shape):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 8000))
    truth = SHAPES[shape](x, y)
    fit = smooth([x, y], (truth + rng.normal(size=8000))[:, None])
    assert np.sqrt(((fit.fitted[:, 0] - truth) ** 2).mean()) < 0.15
    assert fit.fitted.mean() == pytest.approx((truth.mean()), abs=0.04)


def test_left_out_is_what_a_fit_without_the_draw_expects():
    """To the sharing of knots, directions and shrinkage, which all draws have a hand in."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=400)
    column = (x + rng.normal(size=400))[:, None]
    fit = smooth([x], column)
    for i in range(0, 400, 50):
        rest = np.arange(400) != i
        design = np.stack([np.ones(399), x[rest]], axis=1)
        line = np.linalg.lstsq(design, column[rest, 0], rcond=None)[0]
        assert fit.left_out[i, 0] == pytest.approx(line[0] + line[1] * x[i], abs=0.15)
    assert ((fit.left_out - column) ** 2).mean() > ((fit.fitted - column) ** 2).mean()


# -- mutants --------------------------------------------------------------------


def _law() -> None:
    test_none_is_below_0_nor_above_all_and_more_is_worth_no_less()


MUTANTS = {
    "a larger set may be worth less": ("keeping_order", lambda found: list(found), _law),
    "choices are judged by their own draw": (
        "smooth",
        lambda inputs, columns: _overfitted(inputs, columns),
        test_what_has_nothing_to_do_with_it_is_worth_nothing,
    ),
    "the second best is chosen": (
        "chosen",
        lambda expected, more: np.where(expected.max(axis=1) < 0, more[:, 0], 0.0),
        lambda: test_two_normal_numbers_of_one_difference(0),
    ),
}


def _overfitted(inputs: list[Array], columns: Array) -> object:
    fit = smooth([*inputs, np.random.default_rng(1).normal(size=len(columns))], columns)
    return type(fit)(columns, columns, fit.scores, fit.deviations, fit.correlation)


def test_a_second_fit_that_sees_the_draw_is_caught(monkeypatch):
    def seeing(ridge, functions, centred):
        return ridge.fit(functions, centred, np.zeros(centred.shape[1])).left_out

    monkeypatch.setattr(smoothing._Ridge, "elsewhere", seeing)
    with pytest.raises(AssertionError):
        test_many_numbers_that_tell_nothing(1)


def test_many_inputs_that_bend_along_one_direction():
    """Of 40 numbers the largest of their sum and 0, in noise: no input alone bends."""
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(40, 6000))
    truth = np.maximum(inputs.sum(axis=0) / 40**0.5, 0)
    fit = smooth(list(inputs), (truth + 0.5 * rng.normal(size=6000))[:, None])
    assert np.sqrt(((fit.fitted[:, 0] - truth) ** 2).mean()) < 0.15  # a straight fit: 0.30


def test_splines_are_those_of_scipy():
    """And their roughness is the integral of the second derivative's square."""
    x = np.sort(np.random.default_rng(0).normal(size=400))
    knots = np.quantile(x, np.linspace(0.005, 0.995, 8))
    values, roughness = splines._splines(x, knots)
    inside = x.clip(knots[0], knots[-1])
    fine = np.linspace(knots[0], knots[-1], 20_001)
    for j, height in enumerate(np.eye(8)):
        spline = CubicSpline(knots, height, bc_type="natural")
        straight = spline(inside) + (x - inside) * spline(inside, 1)
        assert values[:, j] == pytest.approx(straight, abs=1e-10)
        square = np.trapezoid(spline(fine, 2) ** 2, fine)
        assert roughness[j, j] == pytest.approx(square, rel=1e-5)


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught(name, monkeypatch):
    target, mutant, check = MUTANTS[name]
    monkeypatch.setattr(room, target, mutant)
    with pytest.raises(AssertionError):
        check()
