"""The package's own names: each is what it says, whatever was imported before."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

import decision


@pytest.mark.parametrize("name", sorted(decision._HOME))
def test_a_name_is_the_object_of_its_room(name: str) -> None:
    assert getattr(decision, name) is getattr(import_module(decision._HOME[name]), name)


def test_a_room_does_not_hide_the_function_of_the_same_name() -> None:
    code = (
        "import decision.solve.run, decision as da; from decision.solve import run\n"
        "from decision import solve\n"
        "assert da.solve is solve and callable(solve) and run.__name__ == 'decision.solve.run'"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
