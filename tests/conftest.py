"""What holds for all tests: how hypothesis looks for counterexamples."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

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
