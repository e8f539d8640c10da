"""Draws by several processes: the same text, to the last digit."""

from __future__ import annotations

import pytest

from decision.cli import main


def test_two_processes_print_what_one_does(capsys: pytest.CaptureFixture[str]) -> None:
    typed = ["uncertainty", "umbrella", "--draws", "5000", "--draw", "linked", "--format", "json"]
    told = []
    for jobs in ("1", "2"):
        assert main([*typed, "--jobs", jobs]) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]


def test_no_process_is_no_way_to_draw(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["uncertainty", "umbrella", "--jobs", "0"])
    assert end.value.code == 2
    assert "--jobs" in capsys.readouterr().err
