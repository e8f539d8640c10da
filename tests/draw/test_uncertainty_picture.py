"""Shares of draws: dots where the shares are, error bars as long as two standard errors."""

from __future__ import annotations

import pytest

from decision import draw, read_model, uncertainty
from tests.draw.scenes import outside, overlapping, words_of


@pytest.mark.parametrize("model", ["data/korea_2018", "data/examples/oil_wildcatter"])
@pytest.mark.parametrize("kind", ["independent", "linked"])
def test_dots_and_bars_stand_where_they_are(model: str, kind: str) -> None:
    found = uncertainty(read_model(model), draws=400, seed=1, draw=kind)
    ax = draw.uncertainty(found)
    dots = {str(line.get_gid()): line for line in ax.lines}
    for row, (share, error) in enumerate(zip(found.best_share, found.share_errors, strict=True)):
        assert dots[f"dot-{row}"].get_xdata()[0] == pytest.approx(100 * share)
        low, high = dots[f"error-{row}"].get_xdata()
        assert high - low == pytest.approx(400 * error)
    assert overlapping(words_of(ax.figure)) == []
    assert outside(words_of(ax.figure), ax.figure) == []
    said = draw.alt_text(ax)
    assert f"Share of 400 {kind} draws" in said
    assert all(option.replace("_", " ") in said for option in found.options)


def test_an_option_that_is_always_best() -> None:
    found = uncertainty(read_model("data/examples/umbrella"), draws=20, seed=1)
    ax = draw.uncertainty(found)
    assert outside(words_of(ax.figure), ax.figure) == []
    assert draw.to_svg(ax) == draw.to_svg(draw.uncertainty(found))
