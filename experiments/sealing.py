"""Seals of published folders: what was published, file by file, so that a reader can see that nothing changed since."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sim.configuration.problems import Problem, refuse_if
from sim.results.atomic import Folder

SEAL = "seal.json"
LEFT_OUT = {SEAL, "lock"}  # what a seal does not cover


class Difference(NamedTuple):
    """A file that is not as it was sealed."""

    name: str
    what: str  # changed, missing or new


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a folder by name, in order; passing names and the seal itself are left out."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in LEFT_OUT and not path.name.startswith("."):
            yield name, path


def seal(folder: Path, told: dict[str, Any]) -> dict[str, Any]:
    """Write the seal of a folder: size and SHA-256 of every file.

    Args:
        folder: that is published.
        told: what else the seal says.

    Returns:
        What was written.
    """
    listed = {name: _described(path) for name, path in files_of(folder)}
    content = {**told, "files": listed, "sha256": _together(listed)}
    with Folder(folder) as into:
        into.write(SEAL, (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode())
        into.publish()
    return content


def read_seal(folder: Path) -> dict[str, Any]:
    """The seal of a folder; raises `ConfigError` where there is none that can be read."""
    try:
        content = json.loads((folder / SEAL).read_bytes())
        assert isinstance(content["files"], dict)
    except (OSError, ValueError, KeyError, TypeError, AssertionError):
        allowed = "a folder that `lvjin publish` sealed"
        refuse_if([Problem(str(folder), None, "", f"no {SEAL} that can be read", allowed)])
    return dict(content)


def differences(folder: Path, sealed: dict[str, Any]) -> list[Difference]:
    """What is not as it was sealed; an edited seal shows as well."""
    listed, found = sealed["files"], dict(files_of(folder))
    wrong = [] if sealed.get("sha256") == _together(listed) else [Difference(SEAL, "changed")]
    for name, described in listed.items():
        if name not in found:
            wrong.append(Difference(name, "missing"))
        elif _described(found[name]) != described:
            wrong.append(Difference(name, "changed"))
    return wrong + [Difference(name, "new") for name in found if name not in listed]


def _described(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _together(listed: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()
