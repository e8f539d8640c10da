"""The published answers of the gallery, worked out again by hand: one choice, one uncertainty.

Nothing of the package is used, and the numbers of each problem are typed here from the
source and not read from the model folder, so that a slip in either shows. The other two
files of this name do the same for problems with a test before the act, and with
several stages.
"""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

Agrees = Callable[[str, Mapping[str, Fraction | float]], None]
HERE = Path(__file__).parent


def test_every_example_is_worked_out() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_gallery_a*.py"))
    folders = [path for path in (HERE.parents[1] / "data" / "examples").iterdir() if path.is_dir()]
    assert len(folders) >= 16
    for folder in folders:
        assert f'agrees("{folder.name}"' in text or f'agrees(\n        "{folder.name}"' in text


def test_umbrella(agrees: Agrees) -> None:
    rain = Fraction("0.3")
    forecast = {
        "rain": {"sunny": Fraction("0.15"), "cloudy": Fraction("0.25"), "rainy": Fraction("0.60")},
        "no_rain": {"sunny": Fraction("0.7"), "cloudy": Fraction("0.2"), "rainy": Fraction("0.1")},
    }
    take = {"rain": 70, "no_rain": 20}
    leave = {"rain": 0, "no_rain": 100}
    prior = {"rain": rain, "no_rain": 1 - rain}
    total = Fraction(0)
    given: dict[str, Fraction] = {}
    taken: dict[str, bool] = {}
    wet: dict[str, Fraction] = {}
    for heard in ("sunny", "cloudy", "rainy"):
        joint = {w: prior[w] * forecast[w][heard] for w in prior}
        with_it = sum(joint[w] * take[w] for w in joint)
        without = sum(joint[w] * leave[w] for w in joint)
        total += max(with_it, without)
        given[heard] = max(with_it, without) / sum(joint.values())
        taken[heard] = with_it > without
        wet[heard] = joint["rain"] / sum(joint.values())
    agrees(
        "umbrella",
        {
            "solve": total,
            "E(total | umbrella=leave)": 100 * (1 - rain),
            "E(total | umbrella=take)": 70 * rain + 20 * (1 - rain),
            "E(total | forecast=sunny)": given["sunny"],
            "E(total | forecast=rainy)": given["rainy"],
            "P(umbrella=take | forecast=rainy)": Fraction(taken["rainy"]),
            "P(umbrella=take | forecast=cloudy)": Fraction(taken["cloudy"]),
            "P(weather=rain | forecast=rainy)": wet["rainy"],
            "voi weather before umbrella": 70 * rain + 100 * (1 - rain) - total,
        },
    )


def test_party_problem(agrees: Agrees) -> None:
    """Utility 4/3 (1 − 2^(−x/50)): any exponential with that tolerance gives the same."""

    def utility(x: float) -> float:
        return 4 / 3 * (1 - 2 ** (-x / 50))

    def certain(u: float) -> float:
        return -50 * math.log2(1 - 3 / 4 * u)

    sun = 0.4
    prospects = {"outdoors": (100, 0), "porch": (90, 20), "indoors": (40, 50)}
    worth = {
        place: certain(sun * utility(dry) + (1 - sun) * utility(wet))
        for place, (dry, wet) in prospects.items()
    }
    mean = {
        place: Fraction(2, 5) * dry + Fraction(3, 5) * wet
        for place, (dry, wet) in prospects.items()
    }
    assert max(worth, key=worth.__getitem__) == "indoors"
    assert round(certain(utility(50) / 2), 2) == 20.75  # the coin of the story
    informed = certain(sun * utility(100) + (1 - sun) * utility(50))
    agrees(
        "party_problem",
        {
            "certain equivalent": worth["indoors"],
            "solve": mean["indoors"],
            "E(total | location=outdoors)": mean["outdoors"],
            "E(total | location=porch)": mean["porch"],
            "certain equivalent | location=porch": worth["porch"],
            "certain equivalent | location=outdoors": worth["outdoors"],
            "voi weather before location": informed - worth["indoors"],
        },
    )


def test_newsvendor(agrees: Agrees) -> None:
    words = {6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}
    profit = {
        ordered: sum(
            Fraction(1, 5) * (25 * min(ordered, wanted) - 20 * ordered) for wanted in words
        )
        for ordered in words
    }
    informed = sum(Fraction(1, 5) * 5 * wanted for wanted in words)
    agrees(
        "newsvendor",
        {
            "solve": max(profit.values()),
            "voi demand before order": informed - max(profit.values()),
        }
        | {f"E(total | order={words[n]})": profit[n] for n in words},
    )


def test_treatment_threshold(agrees: Agrees) -> None:
    sick, benefit, cost = Fraction("0.3"), 80 - 20, 100 - 80
    threshold = Fraction(cost, cost + benefit)

    def wait(p: Fraction) -> Fraction:
        return p * 20 + (1 - p) * 100

    def treat(p: Fraction) -> Fraction:
        return p * 80 + (1 - p) * 80

    assert wait(threshold) == treat(threshold)
    at = " if P(disease=present) = 1/4"
    agrees(
        "treatment_threshold",
        {
            "solve": max(wait(sick), treat(sick)),
            "E(total | treat=wait)": wait(sick),
            "E(total | treat=treat)" + at: treat(threshold),
            "E(total | treat=wait)" + at: wait(threshold),
            "break-even P(disease=present)": threshold,
            "voi disease before treat": sick * 80 + (1 - sick) * 100 - treat(sick),
        },
    )


def test_texaco_pennzoil(agrees: Agrees) -> None:
    accepts, refuses, counters = Fraction("0.17"), Fraction("0.50"), Fraction("0.33")
    court = {
        Fraction("10.3"): Fraction("0.2"),
        Fraction(5): Fraction("0.5"),
        Fraction(0): Fraction("0.3"),
    }
    expected = sum(award * p for award, p in court.items())

    def ask_for_5(in_court: Fraction) -> Fraction:
        return accepts * 5 + refuses * in_court + counters * max(Fraction(3), in_court)

    value = max(Fraction(2), ask_for_5(expected))
    informed = sum(p * max(Fraction(2), ask_for_5(award)) for award, p in court.items())
    agrees(
        "texaco_pennzoil",
        {
            "solve": value,
            "E(total | offer=accept_2)": Fraction(2),
            "E(total | offer=counter_5, reply=refuses)": expected,
            "P(answer=refuse | offer=counter_5, reply=counters_3)": Fraction(expected > 3),
            "voi court before offer": informed - value,
        },
    )


def test_climbing_game(agrees: Agrees) -> None:
    """Nine pairs; and one member at a time, from any start but a, ends below the best."""
    payoff = {
        ("a", "a"): 11, ("a", "b"): -30, ("a", "c"): 0,
        ("b", "a"): -30, ("b", "b"): 7, ("b", "c"): 6,
        ("c", "a"): 0, ("c", "b"): 0, ("c", "c"): 5,
    }  # fmt: skip
    best = max(payoff, key=payoff.__getitem__)
    for start in payoff:
        first, second = start
        for _ in range(3):
            first = max("abc", key=lambda x, s=second: payoff[x, s])
            second = max("abc", key=lambda y, f=first: payoff[f, y])
        assert (payoff[first, second] == 11) is (start[1] == "a")
    agrees(
        "climbing_game",
        {
            "solve": Fraction(payoff[best]),
            "P(first=a)": Fraction(best[0] == "a"),
            "P(second=a)": Fraction(best[1] == "a"),
            "E(total | first=b)": Fraction(max(payoff["b", y] for y in "abc")),
        },
    )
