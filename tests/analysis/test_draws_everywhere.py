"""Draws give the same bits with either engine, and where a cluster loses a worker."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.models import policy12
from decision import read_model
from decision.analysis import draws as module
from decision.analysis.draws import drawn_worths
from decision.analysis.sampling import Around
from decision.model.diagram import InfluenceDiagram
from decision.solve.engine import using
from decision.solve.mapping import Chunk
from tests.solve.clusters import quiet_cluster


def drawn(model: InfluenceDiagram, draw: str | Around, **how: Any) -> bytes:
    return drawn_worths(model, draws=2501, seed=3, draw=draw, **how).worths.tobytes()


@pytest.mark.parametrize(
    ("name", "draw"),
    [
        ("policy12", Around()),
        ("umbrella", "independent"),
        ("asia_treatment", "independent"),
        ("asia_treatment", "linked"),
        ("oil_wildcatter", Around(3.0, 0.5)),
    ],
)
def test_both_engines_give_the_same_bits(name: str, draw: str | Around) -> None:
    model = policy12() if name == "policy12" else read_model(f"data/examples/{name}")
    with using("numpy"):
        one = drawn(model, draw)
    with using("numba"):
        assert drawn(model, draw) == one


def test_a_last_chunk_of_one_draw_is_like_any_other() -> None:
    model = policy12()
    size = module.chunk_rows(model, module.sampler(model, Around()).cells)
    for engine in ("numpy", "numba"):
        with using(engine):
            found = [
                drawn_worths(model, draws=rows, seed=1, draw=Around()).worths
                for rows in (size, size + 1, size + 2)
            ]
        assert found[1].shape[1] == size + 1
        for each in found[1:]:
            assert each[:, :size].tobytes() == found[0].tobytes()


def killing(folder: Path, work: Callable[[Chunk], Any], chunk: Chunk) -> Any:
    """Kill the worker that takes the third chunk first, after it has drawn and solved it."""
    done, mark = work(chunk), folder / "killed"
    if chunk.position == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return done


def test_a_killed_worker_of_a_cluster_changes_no_figure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def mapped(work: Callable[[Chunk], Any], *args: Any, **how: Any) -> Any:
        return real(functools.partial(killing, tmp_path, work), *args, **how)

    wanted, real = drawn(policy12(), Around()), module.mapped
    monkeypatch.setattr(module, "mapped", mapped)
    with quiet_cluster() as (_, client):
        assert drawn(policy12(), Around(), executor=client.get_executor()) == wanted
    assert (tmp_path / "killed").exists()
