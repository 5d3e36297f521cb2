"""What a soak found, kept as a small file that docs/reliability.md is written from (`make reliability`)."""

import datetime
import json
import os
import platform
from pathlib import Path
from typing import Any

from sim.results.provenance import revision


def report(name: str, what: str, figures: dict[str, Any], seed: int | None = None) -> None:
    """Write down the figures of the test that runs, where LVJIN_SOAK_RESULTS names a folder.

    Args:
        name: of the file, `<name>.json`.
        what: what was tried, how large and how often, in a line.
        figures: what was counted, by what it is called.
        seed: of the random numbers, where the test draws any.
    """
    folder = os.environ.get("LVJIN_SOAK_RESULTS")
    if not folder:
        return
    content = {
        "what": what,
        "figures": figures,
        "script": os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0],
        "seed": seed,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": revision()["commit"],
        "python": platform.python_version(),
    }
    path = Path(folder) / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
