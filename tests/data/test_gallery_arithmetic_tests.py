"""The published answers of the gallery, worked out by hand: problems with a test before the act.

See test_gallery_arithmetic.py. All in fractions: joint probabilities of state and result,
the best act for each result, summed.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

Agrees = Callable[[str, Mapping[str, Fraction | float]], None]
Table = Mapping[str, Mapping[str, Fraction]]


def joint(prior: Mapping[str, Fraction], likelihood: Table, result: str) -> dict[str, Fraction]:
    return {state: p * likelihood[state].get(result, Fraction(0)) for state, p in prior.items()}


def expected(weights: Mapping[str, Fraction], profit: Mapping[str, Fraction]) -> Fraction:
    return sum((p * profit[state] for state, p in weights.items()), Fraction(0))


def test_oil_wildcatter(agrees: Agrees) -> None:
    prior = {"dry": Fraction("0.5"), "wet": Fraction("0.3"), "soaking": Fraction("0.2")}
    drill = {"dry": Fraction(-70), "wet": Fraction(120 - 70), "soaking": Fraction(270 - 70)}
    likelihood = {
        "dry": {"diffuse": Fraction("0.6"), "open": Fraction("0.3"), "closed": Fraction("0.1")},
        "wet": {"diffuse": Fraction("0.3"), "open": Fraction("0.4"), "closed": Fraction("0.3")},
        "soaking": {"diffuse": Fraction("0.1"), "open": Fraction("0.4"), "closed": Fraction("0.5")},
    }
    seen = {r: joint(prior, likelihood, r) for r in ("closed", "open", "diffuse")}
    shown = {r: sum(weights.values(), Fraction(0)) for r, weights in seen.items()}
    gain = {r: expected(weights, drill) for r, weights in seen.items()}
    tested = sum(max(Fraction(0), g) for g in gain.values()) - 10
    untested = expected(prior, drill)
    value = max(tested, untested)
    informed = expected(prior, {state: max(Fraction(0), x) for state, x in drill.items()})
    agrees(
        "oil_wildcatter",
        {
            "solve": value,
            "E(total | test=no)": untested,
            "E(total | test=yes)": tested,
            "E(total | test=yes, seismic=closed)": gain["closed"] / shown["closed"] - 10,
            "voi oil before drill": informed - value,
            "voi oil before test": informed - value,
        }
        | {f"P(seismic={r} | test=yes)": p for r, p in shown.items()}
        | {f"P(drill=yes | test=yes, seismic={r})": Fraction(g > 0) for r, g in gain.items()},
    )


def test_used_car_buyer(agrees: Agrees) -> None:
    """Defects are drawn without replacement: one of ten in a peach, six of ten in a lemon."""
    prior = {"peach": Fraction(8, 10), "lemon": Fraction(2, 10)}
    bad = {"peach": 1, "lemon": 6}
    profit = {
        "without": {"peach": Fraction(100 - 40), "lemon": Fraction(100 - 200)},
        "with": {"peach": Fraction(100 - 60 - 20), "lemon": Fraction(100 - 60)},
        "no": {"peach": Fraction(0), "lemon": Fraction(0)},
    }

    def buy(weights: Mapping[str, Fraction]) -> Fraction:
        return max(expected(weights, p) for p in profit.values())

    def look(
        weights: Mapping[str, Fraction], found: int, looked: int
    ) -> tuple[dict[str, Fraction], ...]:
        """Weights after one more subsystem: it is sound, or it is defective."""
        defective = {car: p * Fraction(bad[car] - found, 10 - looked) for car, p in weights.items()}
        return {car: p - defective[car] for car, p in weights.items()}, defective

    sound, defective = look(prior, 0, 0)
    steering = buy(sound) + buy(defective) - 9
    both_sound, second_bad = look(sound, 0, 1)
    first_bad, both_bad = look(defective, 1, 1)
    one_bad = {car: second_bad[car] + first_bad[car] for car in prior}
    fuel = buy(both_sound) + buy(one_bad) + buy(both_bad) - 13
    go_on_sound = buy(both_sound) + buy(second_bad) - 4 * sum(sound.values())
    go_on_defective = buy(first_bad) + buy(both_bad) - 4 * sum(defective.values())
    transmission = max(buy(sound), go_on_sound) + max(buy(defective), go_on_defective) - 10
    value = max(buy(prior), steering, fuel, transmission)
    assert value == fuel
    informed = prior["peach"] * 60 + prior["lemon"] * 40
    assert informed - buy(prior) == 28  # the printed value of a clairvoyant
    also = "second_test=differential | first_test=transmission, first_result="
    agrees(
        "used_car_buyer",
        {
            "solve": value,
            "E(total | first_test=none)": buy(prior),
            "E(total | first_test=steering)": steering,
            "E(total | first_test=transmission)": transmission,
            f"P({also}no_defect)": Fraction(go_on_sound > buy(sound)),
            f"P({also}one_defect)": Fraction(go_on_defective > buy(defective)),
            "E(total | first_test=none, buy=with_guarantee)": expected(prior, profit["with"]),
            "voi car before first_test": informed - value,
        },
    )


def test_reactor(agrees: Agrees) -> None:
    prior = {"success": Fraction("0.660"), "limited": Fraction("0.244"), "major": Fraction("0.096")}
    advanced = {"success": Fraction(12), "limited": Fraction(-6), "major": Fraction(-10)}
    conventional = Fraction("0.98") * 8 - Fraction("0.02") * 4
    likelihood = {
        "success": {"good": Fraction("0.182"), "excellent": Fraction("0.818")},
        "limited": {
            "bad": Fraction("0.288"),
            "good": Fraction("0.565"),
            "excellent": Fraction("0.147"),
        },
        "major": {
            "bad": Fraction("0.313"),
            "good": Fraction("0.437"),
            "excellent": Fraction("0.250"),
        },
    }
    assert all(sum(row.values()) == 1 for row in likelihood.values())
    seen = {r: joint(prior, likelihood, r) for r in ("bad", "good", "excellent")}
    shown = {r: sum(weights.values(), Fraction(0)) for r, weights in seen.items()}
    built = {r: r != "bad" and expected(seen[r], advanced) > shown[r] * conventional for r in seen}
    tested = -1 + sum(
        expected(seen[r], advanced) if built[r] else shown[r] * conventional for r in seen
    )
    untested = max(Fraction(0), conventional, expected(prior, advanced))
    agrees(
        "reactor",
        {
            "solve": max(tested, untested),
            "E(total | test=no)": untested,
            "E(total | test=no, build=advanced)": expected(prior, advanced),
            "P(build=advanced | test=yes, result=excellent)": Fraction(built["excellent"]),
            "P(build=conventional | test=yes, result=good)": Fraction(not built["good"]),
            "P(build=conventional | test=yes, result=bad)": Fraction(not built["bad"]),
        }
        | {f"P(result={r} | test=yes)": p for r, p in shown.items()},
    )


def test_thompson_lumber(agrees: Agrees) -> None:
    prior = {"favourable": Fraction("0.5"), "unfavourable": Fraction("0.5")}
    plants = {
        "large": {"favourable": Fraction(200_000), "unfavourable": Fraction(-180_000)},
        "small": {"favourable": Fraction(100_000), "unfavourable": Fraction(-20_000)},
        "none": {"favourable": Fraction(0), "unfavourable": Fraction(0)},
    }
    likelihood = {
        "favourable": {"positive": Fraction("0.7"), "negative": Fraction("0.3")},
        "unfavourable": {"positive": Fraction("0.2"), "negative": Fraction("0.8")},
    }
    seen = {r: joint(prior, likelihood, r) for r in ("positive", "negative")}
    shown = {r: sum(weights.values(), Fraction(0)) for r, weights in seen.items()}
    best = {r: max(expected(seen[r], p) for p in plants.values()) for r in seen}
    untested = max(expected(prior, p) for p in plants.values())
    informed = expected(prior, {m: max(p[m] for p in plants.values()) for m in prior})
    # the book's own arithmetic, with posteriors of two digits
    printed = Fraction("0.45") * (Fraction("0.78") * 190_000 - Fraction("0.22") * 190_000)
    printed += Fraction("0.55") * (Fraction("0.27") * 90_000 - Fraction("0.73") * 30_000)
    assert printed == 49_200
    agrees(
        "thompson_lumber",
        {
            "solve": max(untested, sum(best.values()) - 10_000),
            "E(total | survey=no)": untested,
            "E(total | survey=no, plant=large)": expected(prior, plants["large"]),
            "P(finding=positive | survey=yes)": shown["positive"],
            "voi market before plant if P(finding=no_survey | survey=yes) = 1": informed - untested,
        }
        | {
            f"P(market=favourable | survey=yes, finding={r})": seen[r]["favourable"] / shown[r]
            for r in seen
        }
        | {
            f"E(total | survey=yes, finding={r})": best[r] / shown[r] - 10_000 for r in seen
        },
    )  # fmt: skip


def test_drug_test(agrees: Agrees) -> None:
    """The frequencies are counts of athletes; the four values are ours."""
    users, users_positive, clean, clean_positive = 100, 50, 900, 9
    everybody, positive = users + clean, users_positive + clean_positive
    missed, accused, sampled = Fraction(-20), Fraction(-50), Fraction(-1, 2)
    ban = clean_positive * accused
    let_go = users_positive * missed
    tested = (max(ban, let_go) + (users - users_positive) * missed + clean * sampled) / everybody
    untested = users * missed / everybody
    agrees(
        "drug_test",
        {
            "P(user=yes | test=yes, result=positive)": Fraction(users_positive, positive),
            "P(result=positive | test=yes)": Fraction(positive, everybody),
            "P(user=yes | test=yes, result=negative)": Fraction(
                users - users_positive, everybody - positive
            ),
            "solve": max(tested, untested),
            "E(total | test=no)": untested,
            "P(ban=yes | test=yes, result=positive)": Fraction(ban > let_go),
        },
    )


def test_monty_hall(agrees: Agrees) -> None:
    doors = (1, 2, 3)
    seen: dict[tuple[int, int, int], Fraction] = {}  # car, pick, opened, for each pick on its own
    for car in doors:
        for pick in doors:
            free = [door for door in doors if door not in (car, pick)]
            for opened in free:
                seen[car, pick, opened] = Fraction(1, 3) / len(free)

    def posterior(car: int, pick: int, opened: int) -> Fraction:
        weights = {c: seen.get((c, pick, opened), Fraction(0)) for c in doors}
        return weights[car] / sum(weights.values())

    def win(pick: int) -> Fraction:
        return sum(
            (
                max(
                    seen.get((final, pick, opened), Fraction(0))
                    for final in doors
                    if final != opened
                )
                for opened in doors
            ),
            Fraction(0),
        )

    value = max(win(pick) for pick in doors)
    stay, switch = posterior(1, 1, 3), posterior(2, 1, 3)
    agrees(
        "monty_hall",
        {
            "solve": value,
            "P(car=door_1 | pick=door_1, opened=door_3)": stay,
            "P(car=door_2 | pick=door_1, opened=door_3)": switch,
            "P(final=door_2 | pick=door_1, opened=door_3)": Fraction(switch > stay),
            "voi car before pick": 1 - value,
        },
    )
