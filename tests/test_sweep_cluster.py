"""A sweep on a cluster: a real scheduler and two workers on this machine, one of them killed on the way."""

import subprocess
import sys
import time
from pathlib import Path

import conftest
import pytest

from experiments.designs.design import load_design
from experiments.sweeps.sweep import run_sweep

distributed = pytest.importorskip("distributed")

from test_sweep import TEXT, design_file, lvjin, tables  # noqa: E402 - after the skip

MODULES = {"scheduler": "distributed.cli.dask_scheduler", "worker": "distributed.cli.dask_worker"}


def started(kind: str, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", MODULES[kind], *words]
    return subprocess.Popen(command, cwd=conftest.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def cluster(tmp_path):
    """The address of a scheduler, and its two workers."""
    file = tmp_path / "scheduler.json"
    scheduler = started(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)
    )
    words = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--scheduler-file", str(file)]
    workers = [started("worker", *words, "--local-directory", str(tmp_path / name)) for name in ("one", "two")]
    try:
        with distributed.Client(scheduler_file=str(file), timeout=60, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            yield client.scheduler.address, workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def sweep_with_a_killed_worker(address: str, workers: list[subprocess.Popen[bytes]], place: Path) -> tuple[Path, Path]:
    """The design and the folder of a sweep on a cluster that lost a worker on the way."""
    path = design_file(place, TEXT.replace("replicates: 2", "replicates: 30"))
    folder = place / "out"
    command = [sys.executable, "-m", "experiments.cli", "sweep", str(path), "--out", str(folder), "--cluster", address]
    process = subprocess.Popen(command, cwd=conftest.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    shards = folder / "shards"
    deadline = time.monotonic() + 120
    while not _some(shards) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    workers[0].kill()
    assert process.poll() is None  # it was still at work
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert "60 次完成 done" in out
    return path, folder


def test_a_killed_worker_costs_no_run_and_no_byte_differs(cluster, tmp_path, capfd):
    address, workers = cluster
    path, folder = sweep_with_a_killed_worker(address, workers, tmp_path)
    run_sweep(load_design(path), tmp_path / "alone", workers=2)
    assert tables(folder) == tables(tmp_path / "alone")
    lvjin("sweep", path, "--out", folder, "--cluster", address, capfd=capfd)


def _some(shards: Path) -> bool:
    return shards.is_dir() and any(shards.iterdir())


def test_a_scheduler_that_does_not_answer_is_told(tmp_path, capfd, monkeypatch):
    monkeypatch.setattr("experiments.sweeps.cluster.PATIENCE", 1)
    words = ("sweep", design_file(tmp_path), "--out", tmp_path / "out", "--cluster", "tcp://127.0.0.1:9")
    _, err = lvjin(*words, code=2, capfd=capfd)
    assert "--cluster" in err
    lvjin(*words, "--workers", 2, code=2, capfd=capfd)
