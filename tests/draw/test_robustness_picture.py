"""Regret as a table, darker the more is lacked; intervals as lines that end where they end."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from decision import Chance, Decision, InfluenceDiagram, Value, draw, read_model, robustness
from decision.analysis.regrets import Robustness
from decision.model.records import ChangeRow, Input
from tests.draw.scenes import named, outside, overlapping, words_of
from tests.models import oil_guarded


def hostile(options: int) -> InfluenceDiagram:
    """Long names, and a scenario whose name would act on a page or as a formula."""
    names = ["an_option_with_a_very_long_name_that_does_not_end", *(f"o{i}" for i in range(9))]
    row = ChangeRow("P(c=x) = 0.9", "", "scenarios/s.csv", 2)
    return InfluenceDiagram(
        decisions=[Decision("d", names[:options])],
        chances=[Chance("c", ["x", "y"], table=[0.5, 0.5])],
        values=[Value("v", ["d", "c"], [[100.0 * i, 1e4 - 30 * i] for i in range(options)])],
        rows={"c": (Input("c", (), "x", 0.5, "0.5", 0.2, 0.7),)},
        scenarios={"$s<i>$ " + "long " * 20: (row,)},
    )


@pytest.fixture(scope="module", params=["korea", "umbrella", "two", "six"])
def found(request: pytest.FixtureRequest) -> Robustness:
    if request.param == "korea":
        return robustness(read_model("data/korea_2018"))
    if request.param == "umbrella":
        return robustness(read_model("data/examples/umbrella"))
    return robustness(hostile(2 if request.param == "two" else 6))


def lightness(colour: tuple[float, ...]) -> float:
    return float(np.dot(to_rgb(colour), [0.2126, 0.7152, 0.0722]))


def test_the_more_is_lacked_the_darker(found: Robustness) -> None:
    ax = draw.robustness(found)
    cells = named(ax, "cell-")
    assert len(cells) == len(found.options) * (len(found.settings) + 1)
    numbers = {f"{j}-{i}": r for (i, j), r in np.ndenumerate(found.regrets)}
    order = sorted(numbers, key=lambda key: numbers[key])
    shades = [lightness(cells[key].get_facecolor()) for key in order]
    assert shades == sorted(shades, reverse=True)
    framed = {key for key, cell in cells.items() if cell.get_linewidth() > 1}
    assert {key for key, r in numbers.items() if r == 0} == framed & set(numbers)
    words = words_of(ax.figure)
    assert overlapping(words) == []
    assert outside(words, ax.figure) == []
    said = draw.alt_text(ax)
    assert f"in {len(found.settings)} settings" in said
    assert all(option.replace("_", " ") in said for option in found.options)


def test_lines_go_from_the_lowest_to_the_highest(found: Robustness) -> None:
    ax = draw.intervals(found)
    lines = {str(line.get_gid()): line for line in ax.lines}
    for row, interval in enumerate(found.found):
        ends = lines[f"interval-{row}"].get_xdata()
        assert list(ends) == [interval.lowest, interval.highest]
        assert lines[f"dot-{row}"].get_xdata()[0] == pytest.approx(found.worths[row, 0])
    words = words_of(ax.figure)
    assert overlapping(words) == []
    assert outside(words, ax.figure) == []
    assert draw.to_svg(ax) == draw.to_svg(draw.intervals(found))
    assert all(f"({interval.bound}; base" in draw.alt_text(ax) for interval in found.found)


def test_in_smaller_axes_type_is_smaller() -> None:
    found = robustness(hostile(2))
    for picture in (draw.robustness, draw.intervals):
        figure = Figure(figsize=(3, 1.5))
        ax = figure.add_axes((0.3, 0.3, 0.6, 0.6))
        assert picture(found, ax) is ax
        large = max(text.get_fontsize() for text in picture(found).texts)
        assert max(text.get_fontsize() for text in ax.texts) < large


def test_a_branch_that_cannot_be_had() -> None:
    found = robustness(oil_guarded(), "drill")
    assert "cannot be had everywhere" in draw.alt_text(draw.robustness(found))
    assert [line.get_gid() for line in draw.intervals(found).lines].count("interval-0") == 1
