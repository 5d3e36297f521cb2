"""The same seed writes the same bytes, whatever runs it: every cell of the matrix is compared by SHA-256.

Sweeps over processes and over Dask against single runs are compared in test_sweep.py and test_sweep_cluster.py, the
plain-Mesa twin in test_plain_twin.py. The long form (`make determinism`) compiles the model anew for other processors
and for other Pythons: those found in the path as python3.11 to 3.13, or listed in LVJIN_PYTHONS.
"""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fingerprints
import pytest
from fingerprints import ROOT, SMALL, TINY, told
from soaking import Soak, soak

from sim.results.replicating import processors

record = functools.partial(soak, script=__file__, seed=1)
PYTHONS = ("python3.11", "python3.12", "python3.13")


def dispatched() -> list[str]:
    """Sets of vector instructions that numpy uses on this machine beyond what it was built for."""
    from numpy._core import _multiarray_umath as core

    return [name for name in core.__cpu_dispatch__ if core.__cpu_features__[name]]


# An environment of its own for every cell; {cold} is an empty cache folder.
QUICK = {
    "another locale, time zone and hash seed": {"LC_ALL": "C", "TZ": "Asia/Shanghai", "PYTHONHASHSEED": "4711"},
}
LONG = QUICK | {
    "hash seed 0, UTF-8": {"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
    "C library without FMA and AVX2": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2,-AVX512F,-FMA4"},
    "numpy without vector instructions beyond its baseline": {"NPY_DISABLE_CPU_FEATURES": " ".join(dispatched())},
    "cold cache": {"NUMBA_CACHE_DIR": "{cold}"},
    "compiled for any processor": {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "NUMBA_CACHE_DIR": "{cold}"},
}


@functools.cache
def reference() -> dict[str, str]:
    """What this process finds, one worker."""
    return fingerprints.fingerprints(*SMALL)


def test_two_threads_write_the_same_bytes():
    firms, until, replicates, _ = SMALL
    assert len(reference()) > 15
    assert fingerprints.fingerprints(firms, until, replicates, 2) == reference()


@pytest.mark.parametrize("environment", QUICK.values(), ids=QUICK)
def test_a_fresh_process_elsewhere_writes_the_same_bytes(environment):
    assert told(SMALL, **environment) == reference()


def test_without_the_compiler_the_same_bytes_are_written():
    assert told(TINY, NUMBA_DISABLE_JIT="1") == fingerprints.fingerprints(*TINY)


def test_another_seed_writes_other_bytes(monkeypatch):
    """So that an equality above says something."""
    from sim.scenario import Scenario

    load = Scenario.load
    monkeypatch.setattr(Scenario, "load", lambda *names, **inputs: load(*names, **inputs, seed=2))
    other, same = fingerprints.fingerprints(*TINY), fingerprints.fingerprints
    monkeypatch.undo()
    assert other["years.csv"] != same(*TINY)["years.csv"]


@pytest.mark.soak
def test_the_whole_matrix_of_environments(tmp_path):
    cells = {}
    for number, (name, environment) in enumerate(LONG.items()):
        own = {key: value.format(cold=tmp_path / str(number)) for key, value in environment.items()}
        cells[name] = functools.partial(told, SMALL, **own)
    for workers in (2, 3, 8):
        cells[f"{workers} threads"] = functools.partial(told, (*SMALL[:3], workers))
    with record("Same bytes in every environment", "各种运行环境字节相同") as found:
        compare(found, cells)


@pytest.mark.soak
def test_every_python_that_is_there(tmp_path):
    pythons = other_pythons()
    if not pythons:
        pytest.skip("no other Python in the path or in LVJIN_PYTHONS")
    cells = {f"Python {version(one)}": functools.partial(told_by, one, tmp_path / version(one)) for one in pythons}
    with record("Same bytes from every Python", "各版本Python字节相同") as found:
        compare(found, cells)


def told_by(python: str, home: Path) -> dict[str, str]:
    """The fingerprints that another Python finds, with the locked libraries in an environment of its own."""
    subprocess.run([python, "-m", "venv", home], check=True, env=clean())
    words = ["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", "requirements.lock"]
    own = home / "bin" / "python"
    subprocess.run([own, *words], check=True, env=clean(), cwd=ROOT)
    return told(SMALL, str(own), NUMBA_CACHE_DIR=str(home / "cache"))


def compare(found: Soak, cells: dict[str, Callable[[], dict[str, str]]]) -> None:
    """Count the cells of the matrix, and note how each compares with this process."""
    wanted, said = reference(), []
    with ThreadPoolExecutor(processors()) as pool:
        for cell, files in zip(cells, pool.map(lambda work: work(), cells.values()), strict=True):
            astray = [name for name in {*files, *wanted} if files.get(name) != wanted.get(name)]
            found.trial()
            found.check(not astray, f"{cell}: {astray}")
            said.append(f"{cell}: {'different' if astray else 'same'}")
    found.told = {"files_compared": len(wanted), "environments": said}


def clean() -> dict[str, str]:
    """This environment without what would reach into another Python."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}


def other_pythons() -> list[str]:
    """Pythons of other versions than ours, each version once, that start and can make environments."""
    named = [*filter(None, os.environ.get("LVJIN_PYTHONS", "").split(os.pathsep)), *map(shutil.which, PYTHONS)]
    found = {version(python): python for python in filter(None, named)}
    ours = ".".join(map(str, sys.version_info[:2]))
    return [python for number, python in sorted(found.items()) if number and number != ours]


def version(python: str) -> str:
    """Version of a Python, such as `3.12`; empty for what does not start or is no Python."""
    words = [python, "-c", "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"]
    found = subprocess.run(words, check=False, capture_output=True, text=True, env=clean())
    return found.stdout.strip() if found.returncode == 0 and Path(python).exists() else ""
