"""What a sweep is a sweep of: design, code, settings, data and libraries, so that nothing else is mixed into it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.sweeps.store import MANIFEST
from sim.configuration.problems import Problem, refuse_if
from sim.results.atomic import Folder

LABELS = {
    "design_sha256": ("设计", "the design", "the design as it was"),
    "code_sha256": ("代码", "the code of the model", "the code as it was"),
    "settings_sha256": ("配置", "configs/*.yaml, policies and scenarios", "the configuration as it was"),
    "data_sha256": ("数据表", "configs/tables/", "the tables as they were"),
    "libraries": ("软件库版本", "versions of libraries", "the libraries as they were"),
}
SHORT = 12


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """What lies in a folder, None where no sweep was begun.

    Raises:
        ConfigError: the file cannot be read.
    """
    path = folder / MANIFEST
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_bytes())
        assert isinstance(content, dict)
    except (ValueError, AssertionError):
        refuse_if([Problem(str(path), None, "", "no record of a sweep", "a folder of its own: --out OTHER")])
    return dict(content)


def claim(folder: Path, made_of: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    """Begin a sweep in a folder, or go on with the same one.

    Args:
        folder: of the sweep.
        made_of: what must not change while it runs, by the keys of LABELS.
        told: what else the record tells.

    Raises:
        ConfigError: the folder holds a sweep of something else; each difference is told.
    """
    found = read_manifest(folder)
    if found is not None:
        refuse_if(differences(folder, found, made_of))
        return
    content = json.dumps({**made_of, **told}, ensure_ascii=False, indent=2) + "\n"
    with Folder(folder) as into:
        into.write(MANIFEST, content.encode())
        into.publish()


def differences(folder: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[Problem]:
    """What differs between the sweep in a folder and the one asked for."""
    problems = []
    for key, (zh, en, allowed) in LABELS.items():
        if found.get(key) != wanted.get(key):
            was, now = _short(found.get(key)), _short(wanted.get(key))
            what = f"{zh} {en} changed since the sweep began ({was} → {now})"
            problems.append(Problem(str(folder / MANIFEST), None, key, what, allowed, "Or begin anew: --out OTHER."))
    return problems


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {version}" for name, version in value.items())
    return str(value)[:SHORT]
