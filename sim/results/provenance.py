"""What made a result: code, parameters, data, seeds, versions and machine, so that it can be made again."""

import hashlib
import importlib.metadata
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.configuration.posterior import posterior_digest, read_posterior
from sim.population.builder import label

if TYPE_CHECKING:
    from sim.ensemble import Ensemble
    from sim.results.parts import Part
    from sim.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]
CODE = (("agents", "**/*.py"), ("sim", "**/*.py"))
DATA = (("configs/tables", "*.csv"), ("configs/tables", "*.yaml"))
SETTINGS = (("configs", "*.yaml"), ("configs/policy", "*.yaml"), ("configs/scenarios", "*.yaml"))
LIBRARIES = ("numpy", "pandas", "numba", "llvmlite")
PATIENCE = 10  # seconds for git


def version() -> str:
    """Version of this project."""
    try:
        return importlib.metadata.version("lvjin")
    except importlib.metadata.PackageNotFoundError:
        return "0"


def digest(places: Iterable[tuple[str, str]]) -> str:
    """SHA-256 of files by name and content."""
    total = hashlib.sha256()
    for folder, pattern in places:
        for path in sorted((ROOT / folder).glob(pattern)):
            total.update(f"{path.relative_to(ROOT).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()


def revision() -> dict[str, Any]:
    """The commit of the checkout and whether sources differ from it; nulls where there is no git."""
    folders = ("agents", "sim", "configs")
    commit, changed = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "--", *folders)
    if commit is None or changed is None:
        return {"commit": None, "dirty": None}
    return {"commit": commit, "dirty": changed != ""}


def _git(*words: str) -> str | None:
    if not (ROOT / ".git").exists():
        return None
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, timeout=PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace").strip()


def run_record(ensemble: "Ensemble", command: Sequence[str]) -> dict[str, Any]:
    """The content of run.json: everything that may differ between two runs stands here and nowhere else."""
    return {
        "project": "lvjin",
        "version": version(),
        "command": list(command or (Path(sys.argv[0]).name, *sys.argv[1:])),
        "seconds": round(ensemble.seconds, 3),
        "code": {"sha256": digest(CODE), **revision()},
        "settings_sha256": digest(SETTINGS),
        "data_sha256": digest(DATA),
        "scenarios": [scenario_record(part) for part in ensemble.parts],
        "residuals": {"books_fen": 0, "bridge_fen": 0},
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "machine": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "processors": os.cpu_count(),
        },
    }


def posterior_record(scenario: "Scenario") -> dict[str, Any]:
    """The posterior that a scenario is drawn from: its hash and number of rows; empty for priors and central values."""
    if scenario.parameters != "posterior":
        return {}
    root = scenario.declarations.root
    return {"sha256": posterior_digest(root), "draws": len(read_posterior(root))}


def scenario_record(part: "Part") -> dict[str, Any]:
    """What was run of one scenario, with the hash of its parameters; replicate r took row r mod `draws`."""
    scenario = part.scenario
    posterior = posterior_record(scenario)
    made_of = (scenario.digest(), scenario.declarations.digest(), *(str(part) for part in posterior.values()))
    return scenario.as_dict() | {
        "parameter_sha256": hashlib.sha256(" ".join(made_of).encode()).hexdigest(),
        "posterior": posterior or None,
        "size": label(scenario.firms),
        "populations": part.populations,
        "replicates": len(part.replicates) + len(part.failures),
        "failures": [failure._asdict() for failure in part.failures],
        "notice": scenario.notice,
    }
