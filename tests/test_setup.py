"""Setting up on an unfit machine stops with one sentence that says what to do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

OLD = 'case "$*" in *"sys.exit(sys.version_info"*) exit 1;; *) printf 3.9.18;; esac'
WITHOUT_VENV = 'case "$*" in *ensurepip*) exit 1;; *) exec {python} "$@";; esac'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.lock").touch()
    return tmp_path


def make(checkout: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run make as a person would, without the flags of the make that runs the tests."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}
    }
    command = ["make", *arguments]
    return subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def complaint(checkout: Path, python: str) -> str:
    """Return what `make setup` says on this Python, after checking that it stopped and left nothing behind."""
    run = make(checkout, "setup", f"PYTHON={python}")
    assert run.returncode != 0
    assert not (checkout / ".venv").exists()
    return run.stderr


def script(checkout: Path, body: str) -> str:
    path = checkout / "python"
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_an_old_python_is_named(checkout):
    found = complaint(checkout, script(checkout, OLD))
    assert "Python 3.11 or newer is needed" in found
    assert "is 3.9.18" in found


def test_a_missing_python_is_named(checkout):
    assert "Python was not found as 'no-such-python'" in complaint(checkout, "no-such-python")


def test_a_python_that_does_not_start_is_named(checkout):
    assert "does not start" in complaint(checkout, script(checkout, "exit 127"))


def test_a_python_without_venv_is_named(checkout):
    assert "apt install python3-venv" in complaint(
        checkout, script(checkout, WITHOUT_VENV.format(python=sys.executable))
    )


def test_a_second_call_has_nothing_to_do_until_the_lock_changes(checkout):
    (checkout / ".venv").mkdir()
    for age, name in enumerate(
        ("requirements.lock", "pyproject.toml", ".venv/.locked", ".venv/.installed", ".venv/.warm")
    ):
        (checkout / name).touch()
        os.utime(checkout / name, (age, age))
    assert make(checkout, "--question", "setup").returncode == 0
    (checkout / "requirements.lock").touch()
    assert make(checkout, "--question", "setup").returncode == 1


def test_a_missing_program_of_the_tests_is_named(checkout):
    (checkout / ".venv").mkdir()
    (checkout / ".venv/.locked").touch()
    bare = checkout / "bin"
    bare.mkdir()
    for name in ("bash", "mkdir", "rm", "tail", "touch"):
        (bare / name).symlink_to(shutil.which(name))
    run = make(checkout, "--old-file=.venv/.locked", ".venv/.proxy", f"PATH={bare}")
    assert run.returncode != 0
    assert "apt-get install openssl" in run.stderr or "apt-get install nginx" in run.stderr
    assert not (checkout / ".venv/.proxy").exists()
