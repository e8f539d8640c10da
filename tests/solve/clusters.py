"""A local Dask cluster of two workers that says nothing of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dask
from distributed import Client, LocalCluster


@contextmanager
def quiet_cluster(
    config: Mapping[str, object] | None = None,
) -> Iterator[tuple[LocalCluster, Client]]:
    """Give a cluster of two processes on this machine, and its client; close both after."""
    with (
        dask.config.set(config or {}),
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield cluster, client
