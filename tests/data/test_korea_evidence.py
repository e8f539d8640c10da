"""The evidence tables of the Korea model agree with one another.

`evidence/base_rates.csv` holds shares and rates counted in the other tables; each is
counted here again. No fact outside hindsight/ is younger than the information date.
"""

import csv
import datetime
import math
import re
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

KOREA = Path(__file__).parents[2] / "data" / "korea_2018"
GOLDEN = Path(__file__).parents[1] / "golden" / "korea_base_outcomes.csv"
INFORMATION_DATE = "2018-01-04"
MARKS = ("from retrieved file", "from memory, to be verified")
Row = dict[str, str]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def evidence(name: str) -> list[Row]:
    return read(KOREA / "evidence" / f"{name}.csv")


LAUNCHES = evidence("missile_launches_1984_2017")
INCIDENTS = evidence("incidents_1990_2017")
NUCLEAR = [row["date"] for row in evidence("nuclear_tests")]
MEETINGS = {
    int(row["year"]): int(row["inter_korean_meetings"])
    for row in evidence("inter_korean_talks_by_year")
}
# ICBM-class missiles and space launchers, by the database's own names
LARGE = {"taepodong-1", "unha", "unha-3", "hwasong-14", "hwasong-15"}
MAJOR = sorted(NUCLEAR + [row["date"] for row in LAUNCHES if row["missile"] in LARGE])
LAUNCH_DAYS = sorted({row["date"] for row in LAUNCHES})


def years(dates: Iterable[str], first: int, last: int) -> set[int]:
    return {int(date[:4]) for date in dates if first <= int(date[:4]) <= last}


def incident_dates(column: str) -> list[str]:
    return [row["date"] for row in INCIDENTS if row[column] == "1"]


def windows(dates: list[str], last_month: str) -> tuple[int, int]:
    hit = {d[:4] for d in dates if "2012" <= d[:4] <= "2017" and "04" <= d[5:7] <= last_month}
    return len(hit), 6


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def near_exercises(padding: int) -> set[datetime.date]:
    """The days of 2008-2017 within `padding` days of a listed exercise."""
    near = set()
    for row in evidence("exercises_2008_2017"):
        start = day(row["start"]) - datetime.timedelta(padding)
        length = (day(row["end"]) - start).days + padding
        near |= {start + datetime.timedelta(n) for n in range(length + 1)}
    return {d for d in near if 2008 <= d.year <= 2017}


def after_exercises(shift: int) -> tuple[int, int]:
    """Windows from an exercise's start to 30 days after its end that hold a launch."""
    exercises = [r for r in evidence("exercises_2008_2017") if "Vigilant" not in r["exercise"]]
    hit = 0
    for row in exercises:
        start = day(row["start"]) - datetime.timedelta(shift)
        end = day(row["end"]) + datetime.timedelta(30 - shift)
        hit += any(start <= day(date) <= end for date in LAUNCH_DAYS)
    return hit, len(exercises)


def counts() -> dict[str, tuple[int, int]]:
    """Numerator and denominator of every measure, counted again."""
    found: dict[str, tuple[int, int]] = {}
    for column, words in [
        ("live_fire", "with live fire"),
        ("any_death", "with any death"),
        ("any_casualty", "with any casualty"),
    ]:
        dates = incident_dates(column)
        found[f"incidents {words} per year 1990-2017"] = len(dates), 28
        for first in (1990, 2003):
            name = f"share of years with at least one incident {words}, {first}-2017"
            found[name] = len(years(dates, first, 2017)), 2018 - first
    found["major wars following listed incidents"] = 0, len(INCIDENTS)
    large = "share of years with nuclear or ICBM/space launch, "
    found[large + "1990-2017"] = len(years(MAJOR, 1990, 2017)), 28
    found[large + "2012-2017 (Kim Jong Un)"] = len(years(MAJOR, 2012, 2017)), 6
    for months, last in (("Apr-Sep", "09"), ("Apr-Oct", "10")):
        share = f"share of {months} windows 2012-2017 with "
        found[share + "a nuclear test or ICBM/space launch"] = windows(MAJOR, last)
        found[share + "any listed launch"] = windows(LAUNCH_DAYS, last)
    for least in (5, 20):
        found |= by_dialogue(least)
    for padding in (0, 14, 30):
        near = near_exercises(padding)
        days = {day(date) for date in LAUNCH_DAYS if "2008" <= date[:4] <= "2017"}
        inside = f"launch-days per 100 days within {padding} d of a major exercise, 2008-2017"
        found[inside] = len(days & near), len(near)
        outside = f"launch-days per 100 days outside, pad {padding} d"
        found[outside] = len(days - near), 3653 - len(near)
    window = "P(at least one launch "
    found[window + "from start to 30 d after end of a major exercise) 2008-2017"] = after_exercises(
        0
    )
    found[window + "in the same windows 182 d earlier) 2008-2017"] = after_exercises(182)
    episodes = evidence("offramp_episodes")
    for with_offer, name in ((True, "off-ramp episodes"), (False, "episodes without an off-ramp")):
        halts = [int(r["halt"]) for r in episodes if r["type"].startswith("off-ramp") is with_offer]
        found[f"share of {name} with a halt of 12 months or more"] = sum(halts), len(halts)
    months_spoken = {
        row["date"][:7]
        for row in evidence("rhetoric_events")
        if row["counted"] == "1" and "2017-07" <= row["date"][:7] <= "2017-12"
    }
    found["share of months Jul-Dec 2017 with a counted presidential threat or insult"] = (
        len(months_spoken),
        6,
    )
    return found


def by_dialogue(least: int) -> dict[str, tuple[int, int]]:
    """Years with at least so many inter-Korean meetings against the quieter ones."""
    found: dict[str, tuple[int, int]] = {}
    busy = {year for year, meetings in MEETINGS.items() if meetings >= least}
    for chosen, name in ((busy, f"dialogue years (>= {least} meetings)"),
                         (set(MEETINGS) - busy, f"quiet years (< {least} meetings)")):  # fmt: skip
        for dates, words in (
            (MAJOR, "major test"),
            (incident_dates("any_death"), "death incident"),
            (incident_dates("any_casualty"), "casualty incident"),
        ):
            hit = chosen & years(dates, 1990, 2017)
            found[f"P({words} in year | {name})"] = len(hit), len(chosen)
        short = name.split(" (")[0] + (f" >= {least}" if chosen == busy else f" < {least}")
        launches = [row for row in LAUNCHES if int(row["date"][:4]) in chosen]
        found[f"launches per year | {short}"] = len(launches), len(chosen)
        late = {year for year in chosen if year >= 2003}
        found[f"P(major test | {short}, 2003-2017)"] = (
            len(late & years(MAJOR, 2003, 2017)),
            len(late),
        )
    return found


def test_base_rates_are_counted_again() -> None:
    counted = counts()
    rows = evidence("base_rates")
    assert {row["measure"] for row in rows} == set(counted)
    for row in rows:
        numerator, denominator = counted[row["measure"]]
        printed = int(row["numerator"]), int(row["denominator"])
        assert printed == (numerator, denominator), row["measure"]
        scale = 100 if row["measure"].startswith("launch-days") else 1
        value = scale * numerator / denominator
        assert float(row["value"]) == pytest.approx(value, abs=5.01e-4), row["measure"]


def test_notes_of_base_rates_name_the_years_they_count() -> None:
    """A note that lists years lists as many as the numerator."""
    for row in evidence("base_rates"):
        if row["note"].startswith("["):
            listed = re.findall(r"\d{4}", row["note"])
            assert len(listed) == int(row["numerator"]), row["measure"]


def test_small_samples_in_the_rationales() -> None:
    assert (0 + 0.5) / (26 + 1) == pytest.approx(0.019, abs=5e-4)  # Jeffreys
    assert 3 / 26 == pytest.approx(0.115, abs=5e-4)  # rule of three
    assert [(3 + 1) / (5 + 2), (0 + 1) / (3 + 2)] == pytest.approx([0.57, 0.20], abs=5e-3)
    assert (6 + 1) / (6 + 2) == pytest.approx(0.88, abs=6e-3)
    rounds = sum(int(row["sanctions_round"]) for row in evidence("unsc_resolutions"))
    assert rounds == 10
    assert (0 + 1) / (rounds + 2) == pytest.approx(0.08, abs=5e-3)
    assert [7 / 12 * 3 / 15, 7 / 12 * 11 / 28] == pytest.approx([0.12, 0.23], abs=5e-3)


def test_launches_by_year() -> None:
    tests: dict[str, Callable[[Row], bool]] = {
        "launches": lambda r: True,
        "success": lambda r: r["outcome"] == "success",
        "failure": lambda r: r["outcome"] == "failure",
        "unknown": lambda r: r["outcome"] == "unknown",
        "icbm_or_slv": lambda r: r["missile"] in LARGE,
    }
    for row in evidence("missile_tests_by_year"):
        of_year = [r for r in LAUNCHES if r["date"][:4] == row["year"]]
        for column, belongs in tests.items():
            assert int(row[column]) == sum(map(belongs, of_year)), (row["year"], column)
        assert int(row["launch_days"]) == len({r["date"] for r in of_year})
    assert len(LAUNCHES) == sum(int(r["launches"]) for r in evidence("missile_tests_by_year"))


def test_nuclear_tests_by_year() -> None:
    for row in evidence("provocations_by_year"):
        assert int(row["nuclear"]) == sum(date[:4] == row["year"] for date in NUCLEAR)


def test_nothing_is_younger_than_the_information_date() -> None:
    model = tomllib.loads((KOREA / "model.toml").read_text(encoding="utf-8"))
    assert model["information_date"].isoformat() == INFORMATION_DATE
    for source in read(KOREA / "sources.csv"):
        assert re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", source["date"]), source["id"]
        assert source["date"] <= INFORMATION_DATE, source["id"]
    for path in sorted((KOREA / "evidence").glob("*.csv")):
        for row in read(path):
            for column in ("date", "start", "end", "year", "period"):
                if column in row:
                    for date in re.findall(r"\d{4}(?:-\d\d){0,2}", row[column]):
                        assert date <= INFORMATION_DATE, (path.name, row)


def test_every_fact_says_what_it_rests_on() -> None:
    for path in sorted([*(KOREA / "evidence").glob("*.csv"), *(KOREA / "hindsight").glob("*.csv")]):
        for row in read(path):
            confidence = [text for column, text in row.items() if column.endswith("confidence")]
            if path.name in {"increments.csv", "observed.csv"}:  # judgements, and said so there
                assert not confidence
            else:
                assert confidence, path.name
                assert all(any(mark in c for mark in MARKS) for c in confidence), (path.name, row)
    for source in read(KOREA / "sources.csv"):
        note = source["note"].lower()
        if source["kind"] == "judgement":
            assert note.startswith("judgement")
        elif source["id"] != "E0":
            assert any(mark in note for mark in MARKS), source["id"]


def test_every_number_has_a_source_and_a_range_that_holds_it() -> None:
    sources = {row["id"]: row["kind"] for row in read(KOREA / "sources.csv")}
    for name, column in (("probabilities.csv", "p"), ("values.csv", "value")):
        for row in read(KOREA / name):
            if row[column] == "rest" or row["source"] == "definition":
                assert not row["low"]
                assert row[column] in {"rest", "0", "1"}
                continue
            assert set(row["source"].split(";")) <= set(sources), row
            assert float(row["low"]) <= float(row[column]) <= float(row["high"]), row
            assert row["rationale"], row


# half-widths of the ranges, in log-odds: how sure each table is held to be
HALF_WIDTHS = {
    "intent": 0.9, "rok_deterrence": 0.8, "tone": 0.8, "offer": 0.7, "talks": 0.6,
    "channel": 0.6, "test": 0.6, "crisis": 0.5, "escalation": 0.8, "wedge": 0.7,
    "concession": 0.7, "cooperation": 0.7, "programme": 0.7,
}  # fmt: skip


def test_ranges_have_the_half_widths_that_the_readme_tells() -> None:
    """Ranges are p shifted by the same log-odds both ways; four digits are kept."""
    readme = (KOREA.parent / "README.md").read_text(encoding="utf-8")
    for node, width in HALF_WIDTHS.items():
        assert re.search(rf"`{node}`[^|]*\| ±{width}", readme), node
        for row in read(KOREA / "probabilities.csv"):
            if row["node"] != node or not row["low"] or row["p"] == "0":
                continue
            p, low, high = (float(row[c]) for c in ("p", "low", "high"))
            for end, sign in ((low, -1), (high, 1)):
                exact = 1 / (1 + math.exp(-(math.log(p / (1 - p)) + sign * width)))
                assert end == pytest.approx(exact, abs=7e-5), row


def test_the_scale_of_lives_is_the_expected_toll_of_a_major_war() -> None:
    value = {r["given"]: float(r["value"]) for r in read(KOREA / "values.csv")}
    use = {r["given"]: r["p"] for r in read(KOREA / "probabilities.csv") if r["node"] == "nuclear_use"
           and r["state"] == "yes"}["escalation=major_war"]  # fmt: skip
    conventional = value["escalation=major_war; nuclear_use=no"]
    nuclear = value["escalation=major_war; nuclear_use=yes"]
    model = tomllib.loads((KOREA / "model.toml").read_text(encoding="utf-8"))
    expected = (1 - float(use)) * conventional + float(use) * nuclear
    assert model["value"]["lives"]["worst"] == pytest.approx(expected)
    toll = next(r for r in evidence("fatality_estimates") if r["scenario"].startswith("Conv"))
    assert conventional == (int(toll["deaths_low"]) + int(toll["deaths_high"])) / 2


def test_hindsight_scores() -> None:
    """The scores told in hindsight.md, from the base model's own probabilities."""
    observed = {row["node"]: row["observed"] for row in read(KOREA / "hindsight" / "observed.csv")}
    text = (KOREA / "hindsight" / "hindsight.md").read_text(encoding="utf-8")
    names = {
        "maximum_pressure": "maximum pressure",
        "off_ramp": "off-ramp",
        "restrained_rhetoric": "restrained rhetoric",
        "off_ramp_and_restraint": "off-ramp and restraint",
    }
    for outcome in read(GOLDEN):
        brier = log = 0.0
        for node, happened in observed.items():
            start = f"P_{node}="
            chances = {k[len(start) :]: float(v) for k, v in outcome.items() if k.startswith(start)}
            brier += sum((p - (state == happened)) ** 2 for state, p in chances.items())
            log -= math.log(chances[happened])
        n = len(observed)
        line = f"| {names[outcome['strategy']]} | {brier / n:.3f} | {log / n:.3f} |"
        assert line in text
