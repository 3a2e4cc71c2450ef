"""Cutscore: a timed certification mock-exam simulator. The house is described in docs/architecture.md."""

import os

# Before numpy is loaded anywhere: the threads of its linear algebra wait busily for one another. On arrays as small
# as ours that took two to three times the processor time, and none of the others that a server answers at once.
for _library in ("OPENBLAS", "OMP"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
