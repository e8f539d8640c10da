"""What holds for all tests: how hypothesis looks for counterexamples, how kernels start."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from typing import Any

import nbval.kernel
from hypothesis import HealthCheck, settings
from jupyter_client.manager import KernelManager

# A slow machine is no fault of the code, so no example has a deadline. In CI the examples
# are the same in every run; at home each run tries others.
settings.register_profile(
    "decision",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("decision")


def over_socket_files(**options: Any) -> KernelManager:
    """Give a kernel sockets in a folder of its own.

    nbval's go over TCP: ports are chosen before the kernel binds them, and with several
    kernels starting at once another now and then takes one of them in between.
    """
    folder = tempfile.mkdtemp(prefix="kernel-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return KernelManager(transport="ipc", connection_file=f"{folder}/k.json", **options)


if os.name == "posix":
    nbval.kernel.KernelManager = over_socket_files
