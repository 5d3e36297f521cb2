"""Fingerprints of what a small run of the plan writes: SHA-256 of each canonical CSV of its bundle.

    python tests/fingerprints.py FIRMS UNTIL REPLICATES WORKERS

prints them as JSON, so that another process, machine or Python can be asked for its own.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SMALL = (300, "2022Q4", 4, 1)  # firms, last quarter, replicates of two populations, workers
TINY = (70, "2021Q4", 1, 1)  # so small that it can run without compiler


def fingerprints(firms: int, until: str, replicates: int, workers: int) -> dict[str, str]:
    """SHA-256 by file name; micro data of the first replicate are among them."""
    from sim.ensemble import simulate
    from sim.scenario import Scenario
    from sim.shared_past import KEPT

    KEPT.forget()  # every fingerprint is of whole runs
    scenario = Scenario.load("plan", firms=firms, until=until, parameters="prior")
    ensemble = simulate(scenario, replicates, min(replicates, 2), workers=workers, micro=0)
    with tempfile.TemporaryDirectory() as folder:
        files = sorted(ensemble.save(folder).glob("*.csv"))
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def told(size: tuple[int, str, int, int], python: str = sys.executable, **environment: str) -> dict[str, str]:
    """The fingerprints that a fresh process finds, in an environment of its own."""
    words = [python, str(Path(__file__).resolve()), *map(str, size)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_", "PYTHON"))}
    own = inherited | {"PYTHONPATH": str(ROOT), "PYTHONNOUSERSITE": "1"} | environment
    found = subprocess.run(words, cwd=ROOT, env=own, check=True, capture_output=True, text=True)
    return dict(json.loads(found.stdout))


def main() -> None:
    """Print the fingerprints of one run."""
    firms, until, replicates, workers = sys.argv[1:]
    print(json.dumps(fingerprints(int(firms), until, int(replicates), int(workers)), indent=1))


if __name__ == "__main__":
    main()
