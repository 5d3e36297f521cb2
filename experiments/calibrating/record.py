"""What a calibration leaves: posterior.csv for runs, posterior.json for those who ask where it comes from."""

import csv
import hashlib
import importlib.metadata
import io
import platform
from collections.abc import Sequence
from typing import Any

from experiments.calibrating.calibration import Calibration, Estimate, Fit
from experiments.calibrating.fingerprint import fingerprint
from experiments.calibrating.recovery import Coverage
from experiments.calibrating.simulator import made_of
from sim.configuration.sampling import prior
from sim.results.provenance import revision, version

LIBRARIES = ("emcee", "numba", "numpy", "pandas", "pyabc", "scikit-learn", "scipy")
TABLE, RECORD = "posterior.csv", "posterior.json"


def posterior_bytes(calibration: Calibration) -> bytes:
    """The draws of the identified parameters: a column each, a row for each draw."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    kept = calibration.identified
    writer.writerow([one.entry.key for one in kept])
    writer.writerows(zip(*(map(repr, one.draws.tolist()) for one in kept), strict=True))
    return stream.getvalue().encode()


def record(calibration: Calibration, command: Sequence[str], day: str, quick: bool) -> dict[str, Any]:
    """Everything that the page tells, and what the posterior follows from."""
    content = posterior_bytes(calibration)
    return {
        "project": "lvjin",
        "version": version(),
        "day": day,
        "command": list(command),
        "quick": quick,
        "posterior_sha256": hashlib.sha256(content).hexdigest(),
        **made_of(),
        **revision(),
        "fingerprint": fingerprint(),
        "seed": calibration.settings.seed,
        "settings": calibration.settings.model_dump(mode="json", include={"free", "cut", "identified"}),
        "effort": calibration.effort.model_dump(mode="json"),
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "machine": {"system": platform.platform(), "processor": platform.machine()},
        "waves": [wave._asdict() for wave in calibration.matched.waves],
        "sampler": {"tolerances": list(calibration.particles.tolerances), "runs": calibration.particles.runs},
        "truths_ruled_out": calibration.recovery.ruled_out,
        "parameters": [_parameter(one) for one in calibration.estimates],
        "targets": [_target(one) for one in calibration.fits],
    }


def _parameter(one: Estimate) -> dict[str, Any]:
    return {
        "key": one.entry.key,
        "name_zh": one.entry.name_zh,
        "name_en": one.entry.name_en,
        "unit": one.entry.unit,
        "low_mode_high": list(prior(one.entry)),
        "prior": list(one.prior),
        "posterior": list(one.posterior),
        "second": list(one.second),
        "contraction": one.contraction,
        "identified": one.identified,
        "agree": one.agree,
        "coverage": _coverage(one.covered),
        "coverage_second": _coverage(one.covered_second),
        "draws": one.draws.tolist(),
    }


def _coverage(one: Coverage) -> list[float]:
    return [one.share, one.low, one.high]


def _target(one: Fit) -> dict[str, Any]:
    names = ("target", "name_zh", "name_en", "role", "fact", "tolerance", "unit", "scale")
    words = ("speaks_zh", "speaks_en", "source", "reason_zh", "reason_en")
    told = {name: getattr(one.target, name) for name in (*names, *words)}
    return told | {
        "prior": list(one.prior),
        "posterior": list(one.posterior),
        "within": one.within,
        "met": one.met,
    }
