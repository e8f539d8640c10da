"""Us and pyAgrum side by side, and both against what the machine can do.

``make bench`` times every workload of `workloads.py` in interleaved rounds, so that what
else the machine does hits both alike, and writes results.json and the table of README.md.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # one thread each; read when numpy is first imported
