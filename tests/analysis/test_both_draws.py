"""Independent and linked draws side by side are those of each on its own."""

from __future__ import annotations

import numpy as np

from decision import both_draws, read_model, uncertainty


def test_each_kind_is_as_on_its_own():
    model = read_model("data/examples/drug_test")
    both = both_draws(model, draws=700, seed=3)
    for kind in ("independent", "linked"):
        alone = uncertainty(model, draws=700, seed=3, draw=kind)
        for name in ("branches", "differences"):
            mine = getattr(both, name).xs(kind, level="draw")
            assert mine.equals(getattr(alone, name).loc[mine.index])
        assert np.array_equal(getattr(both, kind).worths, alone.worths)


def test_kinds_stand_below_one_another_in_the_order_of_the_file():
    both = both_draws(read_model("data/korea_2018"), draws=50, seed=1)
    options = both.linked.options
    assert both.branches.index.names == ["strategy", "draw"]
    assert both.branches.index.tolist() == [
        (option, kind) for option in options for kind in ("independent", "linked")
    ]
    assert "independent" in both._repr_html_()
    assert "(linked)" in repr(both)


def test_progress_counts_both():
    told = []
    both_draws(
        read_model("data/examples/umbrella"),
        draws=100,
        seed=1,
        progress=lambda done, of: told.append((done, of)),
    )
    assert told[-1] == (200, 200)
    assert told == sorted(told)
