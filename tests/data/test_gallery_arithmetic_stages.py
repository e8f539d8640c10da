"""The published answers of the gallery, worked out by hand: problems in several stages.

See test_gallery_arithmetic.py. Strategies are listed, orders of applicants are counted,
histories are walked backwards, all in fractions.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import permutations, product

Agrees = Callable[[str, Mapping[str, Fraction | float]], None]


def test_product_launch(agrees: Agrees) -> None:
    high_throughout, high_then_low, low = Fraction("0.6"), Fraction("0.1"), Fraction("0.3")
    first = high_throughout + high_then_low
    stays = high_throughout / first
    big = high_throughout * 10 * 1000 + high_then_low * (2 * 1000 + 8 * 100) + low * 10 * 100 - 3000
    expand = stays * 8 * 700 + (1 - stays) * 8 * 50 - 2200
    keep = stays * 8 * 300 + (1 - stays) * 8 * 400
    after_high = 2 * 450 - 1300
    small = first * (after_high + max(expand, keep)) + low * (10 * 400 - 1300)
    # the article's own arithmetic, with 0.86 and 0.14
    rounded = Fraction("0.86") * 5600 + Fraction("0.14") * 400 - 2200
    assert rounded == 2672
    assert round(Fraction("0.86") * 2400 + Fraction("0.14") * 3200) == 2512
    assert round(Fraction("0.7") * (rounded + 900) + Fraction("0.3") * 4000 - 1300) == 2400
    agrees(
        "product_launch",
        {
            "solve": max(big, small),
            "E(total | plant=small)": small,
            "E(total | plant=small, first_years=high)": after_high + max(expand, keep),
            "E(total | plant=small, expansion=no, first_years=high)": after_high + keep,
            "P(expansion=yes | plant=small, first_years=high)": Fraction(expand > keep),
        },
    )


def test_secretary_problem(agrees: Agrees) -> None:
    """All 120 orders of five applicants, under every rule "let k pass, then take a record"."""
    orders = list(permutations(range(1, 6)))  # 1 is the best

    def wins(passed: int) -> Fraction:
        hired_best = 0
        for order in orders:
            for place in range(passed, 5):
                if order[place] == min(order[: place + 1]):
                    hired_best += order[place] == 1
                    break
        return Fraction(hired_best, len(orders))

    chances = {passed: wins(passed) for passed in range(5)}
    best = max(chances, key=chances.__getitem__)
    assert chances[2] == Fraction(2, 5) * (Fraction(1, 2) + Fraction(1, 3) + Fraction(1, 4))
    # no rule that looks at ranks does better: stopping at place i wins i/5 if it is a record
    value = Fraction(0)
    for place in range(5, 0, -1):
        value = (
            Fraction(1, place) * max(Fraction(place, 5), value) + (1 - Fraction(1, place)) * value
        )
    assert value == chances[best]
    agrees(
        "secretary_problem",
        {
            "solve": value,
            "P(accept_3=yes | record_3=yes)": Fraction(best <= 2),
            "P(accept_2=yes | record_2=yes)": Fraction(best <= 1),
            "E(total | accept_1=yes)": chances[0],
            "E(total | accept_1=no, accept_2=no)": max(chances[k] for k in (2, 3, 4)),
        },
    )


ILL_NEXT = {  # ill next month, by ill and treated this month
    (True, True): Fraction("0.5"), (True, False): Fraction("0.9"),
    (False, True): Fraction("0.1"), (False, False): Fraction("0.2"),
}  # fmt: skip
POSITIVE = {True: Fraction("0.8"), False: Fraction("0.1")}


def month(weights: Mapping[bool, Fraction], positive: bool) -> dict[bool, Fraction]:
    """Weights of ill and healthy, with this result of the test."""
    return {
        ill: p * (POSITIVE[ill] if positive else 1 - POSITIVE[ill]) for ill, p in weights.items()
    }


def next_month(weights: Mapping[bool, Fraction], treated: bool) -> dict[bool, Fraction]:
    ill = sum((p * ILL_NEXT[was, treated] for was, p in weights.items()), Fraction(0))
    return {True: ill, False: sum(weights.values(), Fraction(0)) - ill}


def sale(weights: Mapping[bool, Fraction]) -> Fraction:
    return 300 * weights[True] + 1000 * weights[False]


BORN = {True: Fraction("0.1"), False: Fraction("0.9")}


def test_pig_breeding_limited(agrees: Agrees) -> None:
    """All 4³ strategies: in each month a choice for each result of that month's test."""

    def worth(
        strategy: tuple[tuple[bool, bool], ...], weights: Mapping[bool, Fraction]
    ) -> Fraction:
        if not strategy:
            return sale(weights)
        total = Fraction(0)
        for positive in (False, True):
            seen = month(weights, positive)
            treated = strategy[0][positive]
            total -= 100 * treated * sum(seen.values())
            total += worth(strategy[1:], next_month(seen, treated))
        return total

    choices = list(product((False, True), repeat=2))
    values = {strategy: worth(strategy, BORN) for strategy in product(choices, repeat=3)}
    best = max(values, key=values.__getitem__)
    assert list(values.values()).count(values[best]) == 1
    agrees(
        "pig_breeding_limited",
        {"solve": values[best]}
        | {f"P(treat_{k}=yes | test_{k}=positive)": Fraction(best[k - 1][True]) for k in (1, 2, 3)},
    )


def test_pig_breeding_full(agrees: Agrees) -> None:
    """Backwards over histories: the weights of ill and healthy are all that matters."""

    def act(seen: Mapping[bool, Fraction], months: int) -> dict[bool, Fraction]:
        return {
            treated: forward(next_month(seen, treated), months - 1)
            - 100 * treated * sum(seen.values(), Fraction(0))
            for treated in (False, True)
        }

    def forward(weights: Mapping[bool, Fraction], months: int) -> Fraction:
        if not months:
            return sale(weights)
        return sum(
            (max(act(month(weights, positive), months).values()) for positive in (False, True)),
            Fraction(0),
        )

    first = act(month(BORN, True), 3)
    agrees(
        "pig_breeding_full",
        {
            "solve": forward(BORN, 3),
            "P(treat_1=yes | test_1=positive)": Fraction(first[True] > first[False]),
        },
    )


def asia_cases() -> dict[tuple[bool, ...], Fraction]:
    """Joint probability of asia, smoking, tuberculosis, cancer, bronchitis, X-ray, breath."""
    cases = {}
    for a, s, t, c, b, x, d in product((True, False), repeat=7):
        either = t or c
        parts = (
            (a, Fraction("0.01")),
            (s, Fraction("0.5")),
            (t, Fraction("0.05") if a else Fraction("0.01")),
            (c, Fraction("0.1") if s else Fraction("0.01")),
            (b, Fraction("0.6") if s else Fraction("0.3")),
            (x, Fraction("0.98") if either else Fraction("0.05")),
            (d, {(True, True): Fraction("0.9"), (True, False): Fraction("0.7"),
                 (False, True): Fraction("0.8"), (False, False): Fraction("0.1")}[either, b]),
        )  # fmt: skip
        p = Fraction(1)
        for happens, chance in parts:
            p *= chance if happens else 1 - chance
        cases[a, s, t, c, b, x, d] = p
    return cases


def test_asia_treatment(agrees: Agrees) -> None:
    cases = asia_cases()

    def probability(of: Callable[[tuple[bool, ...]], bool]) -> Fraction:
        return sum((p for case, p in cases.items() if of(case)), Fraction(0))

    gain = {
        "none": lambda t, c, b: 0,
        "antituberculotic": lambda t, c, b: 36 if t else -4,
        "oncology": lambda t, c, b: 20 if c else -10,
        "bronchodilator": lambda t, c, b: 9 if b else -1,
    }
    total, chosen = Fraction(0), {}
    for known in product((True, False), repeat=4):  # asia, smoking, X-ray, breath
        fits = {k: p for k, p in cases.items() if (k[0], k[1], k[5], k[6]) == known}
        worth = {
            name: sum((p * points(*k[2:5]) for k, p in fits.items()), Fraction(0))
            for name, points in gain.items()
        }
        chosen[known] = max(worth, key=worth.__getitem__)
        total += worth[chosen[known]]
    evidence = probability(lambda k: k[0] and k[6] and k[5])
    smoker = "asia=no, smoking=yes, "
    agrees(
        "asia_treatment",
        {
            "P(tuberculosis=yes)": probability(lambda k: k[2]),
            "P(cancer=yes)": probability(lambda k: k[3]),
            "P(bronchitis=yes)": probability(lambda k: k[4]),
            "P(either=yes)": probability(lambda k: k[2] or k[3]),
            "P(xray=abnormal)": probability(lambda k: k[5]),
            "P(dyspnoea=yes)": probability(lambda k: k[6]),
            "P(tuberculosis=yes | asia=yes, dyspnoea=yes, xray=abnormal)": probability(
                lambda k: k[0] and k[6] and k[5] and k[2]
            )
            / evidence,
            f"P(treatment=bronchodilator | {smoker}xray=normal, dyspnoea=yes)": Fraction(
                chosen[False, True, False, True] == "bronchodilator"
            ),
            f"P(treatment=oncology | {smoker}xray=abnormal, dyspnoea=yes)": Fraction(
                chosen[False, True, True, True] == "oncology"
            ),
            "solve": total,
        },
    )
