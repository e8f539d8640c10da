"""Which engine runs is a matter of how much there is to do, never of the answer."""

from __future__ import annotations

import subprocess
import sys

import pytest

from decision.model.problems import ModelError
from decision.solve import engine
from decision.solve.engine import interpreter, using
from decision.solve.plan import plan
from decision.solve.solution import solve
from tests.models import oil, stages


def test_a_short_process_does_not_wait_for_numba():
    code = (
        "import sys; from tests.models import oil; from decision import solve; solve(oil()); "
        "print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


def test_numba_is_started_when_it_pays(monkeypatch):
    fresh = engine._Engine()
    monkeypatch.setattr(engine, "_engine", fresh)
    found = plan(oil().structure)
    assert interpreter(found) is None
    assert interpreter(found, rows=10**7) is not None
    assert interpreter(found) is fresh.module
    with using("numpy"):
        assert interpreter(found, rows=10**9) is None


@pytest.mark.parametrize("error", [ImportError("No module named 'numba'"), RuntimeError("no room")])
def test_without_numba_all_goes_on_with_numpy(monkeypatch, error):
    monkeypatch.setattr(engine, "_engine", engine._Engine())
    asked = []

    def missing(name):
        asked.append(name)
        raise error

    monkeypatch.setattr(engine, "import_module", missing)
    monkeypatch.setattr(engine, "WORTH", 0)
    expected = solve(stages(5)).expected_value
    for _ in range(3):
        assert solve(stages(5)).expected_value == expected
    assert len(asked) == 1, "it is not tried again and again"
    with pytest.raises(ModelError, match=f"cannot be started: {error}"), using("numba"):
        pass


def test_an_engine_that_is_none_is_refused():
    with pytest.raises(ModelError, match="there is no engine 'cuda'"), using("cuda"):
        pass
