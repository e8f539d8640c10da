"""The evidence tables of the Korea model agree with one another.

`evidence/base_rates.csv` holds shares and rates counted in the other tables; each is
counted here again.
"""

import csv
import datetime
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

KOREA = Path(__file__).parents[2] / "data" / "korea_2018"
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


@pytest.mark.parametrize(
    ("told", "value"),
    [
        pytest.param("0.019", (0 + 0.5) / (26 + 1), id="no war after 26 incidents, Jeffreys"),
        pytest.param("0.115", 3 / 26, id="no war after 26 incidents, rule of three"),
        pytest.param("0.57", (3 + 1) / (5 + 2), id="halts after off-ramps, Laplace"),
        pytest.param("0.20", (0 + 1) / (3 + 2), id="halts without, Laplace"),
        pytest.param("0.875", (6 + 1) / (6 + 2), id="windows with a launch, Laplace"),
        pytest.param("0.08", (0 + 1) / (10 + 2), id="halts after rounds of sanctions, Laplace"),
        pytest.param("0.12", 7 / 12 * 3 / 15, id="casualties in seven months, 2003-2017"),
        pytest.param("0.23", 7 / 12 * 11 / 28, id="casualties in seven months, 1990-2017"),
    ],
)
def test_small_samples_in_the_rationales(told: str, value: float) -> None:
    assert value == pytest.approx(float(told), abs=0.5 * 10.0 ** -len(told[2:]))


def test_ten_rounds_of_sanctions() -> None:
    assert sum(int(row["sanctions_round"]) for row in evidence("unsc_resolutions")) == 10


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
