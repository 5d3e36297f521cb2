"""The twin in a process of its own, without compiler: it takes a quarter for each line that it reads.

    NUMBA_DISABLE_JIT=1 python -m benchmarks.twin FILE

FILE holds the pickled world, run and opened district. It writes the seconds of each quarter, a line each.
"""

import pickle
import sys
import time
from pathlib import Path

from benchmarks.twin.district import District


def main() -> None:
    """Serve quarters until the input ends or the run does."""
    twin = District(*pickle.loads(Path(sys.argv[1]).read_bytes()))
    for _ in sys.stdin:
        started = time.perf_counter()
        twin.step()
        print(time.perf_counter() - started, flush=True)


if __name__ == "__main__":
    main()
