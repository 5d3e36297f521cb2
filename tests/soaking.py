"""What a soak found, kept as docs/reliability/NAME.json, which docs/reliability.md is made of."""

import contextlib
import datetime
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import conftest

from sim.results.provenance import CODE, digest

FOLDER = conftest.ROOT / "docs" / "reliability"
WHOLE = (*CODE, ("experiments", "**/*.py"))


class Soak:
    """Trials and failures as they are counted."""

    def __init__(self) -> None:
        self.trials = 0
        self.failures: list[str] = []
        self.told: dict[str, Any] = {}

    def trial(self, number: int = 1) -> None:
        """Count trials."""
        self.trials += number

    def check(self, good: bool, what: object) -> None:
        """Count a failure where something is not as it must be; the soak goes on."""
        if not good:
            self.failures.append(str(what))


@contextlib.contextmanager
def soak(name: str, name_zh: str, script: str, seed: int, allowed: float = 0.0) -> Iterator[Soak]:
    """Count what a soak does, write its record, however it ends, and fail where anything failed.

    Args:
        name: what is tried, in English; the file is named after it.
        name_zh: the same in Chinese.
        script: the file that does it.
        seed: of its chance.
        allowed: share of the trials that may fail.
    """
    found, started = Soak(), time.monotonic()
    try:
        yield found
    except BaseException as error:
        found.failures.append(f"{type(error).__name__}: {error}")
        raise
    finally:
        record = {
            "name": name,
            "name_zh": name_zh,
            "script": Path(script).resolve().relative_to(conftest.ROOT).as_posix(),
            "seed": seed,
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
            "trials": found.trials,
            "failures": len(found.failures),
            "seconds": round(time.monotonic() - started, 1),
            "code": digest(WHOLE),
            **found.told,
        }
        FOLDER.mkdir(parents=True, exist_ok=True)
        path = FOLDER / f"{'_'.join(name.lower().replace(',', '').split())}.json"
        path.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert len(found.failures) <= allowed * found.trials, found.failures[:5]
