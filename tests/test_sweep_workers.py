"""Workers on a leash: what raises, dies or hangs spoils its own run only."""

import os
import subprocess
import sys
import time
from pathlib import Path

import conftest
import pytest
import sweep_work

from experiments.sweeps import workers as workers_module
from experiments.sweeps.store import DONE, FAILED
from experiments.sweeps.work import ERROR, KILLED, MEMORY, TIME, Limits
from experiments.sweeps.workers import Pool, WorkersError

QUICK = Limits(seconds=1.0, gigabytes=4.0)


def kinds(shards) -> dict[int, str]:
    return {int(key): shard.header["kind"] for key, shard in shards.items() if shard.status == FAILED}


def test_a_raising_a_killed_and_a_hanging_run_in_100_leave_97_rows_and_3_records():
    orders = ["plain"] * 100
    orders[10], orders[40], orders[70] = "raise", "die", "hang"
    started = time.monotonic()
    shards = sweep_work.outcomes(orders, limits=QUICK)
    assert time.monotonic() - started < 60.0
    assert len(shards) == 100
    assert kinds(shards) == {10: ERROR, 40: KILLED, 70: TIME}
    assert sum(shard.status == DONE for shard in shards.values()) == 97
    raised = shards[f"{10:064d}"]
    assert raised.header["message"] == "ValueError: a run that raises"
    assert b"Traceback" in raised.payload


@pytest.mark.parametrize("place", [0, 1, 3, 4])
def test_wherever_it_stands_a_bad_run_takes_none_along(place):
    orders = ["plain"] * 5
    orders[place] = "die"
    assert kinds(sweep_work.outcomes(orders, limits=QUICK)) == {place: KILLED}


def test_a_worker_that_dies_once_costs_nothing(tmp_path):
    shards = sweep_work.outcomes(["plain", f"die-once {tmp_path / 'mark'}", "plain"], limits=QUICK)
    assert kinds(shards) == {}
    assert shards[f"{1:064d}"].payload == b"second time"


def test_a_run_that_ends_its_process_is_a_failure():
    assert kinds(sweep_work.outcomes(["exit", "plain"], limits=QUICK)) == {0: KILLED}


def test_a_run_that_wants_too_much_memory_is_a_failure():
    limits = Limits(seconds=60.0, gigabytes=2.0)
    assert kinds(sweep_work.outcomes(["plain", "memory", "plain"], limits=limits)) == {1: MEMORY}


def test_nothing_to_do_starts_no_process(monkeypatch):
    monkeypatch.setattr(workers_module, "Worker", None)
    assert sweep_work.outcomes([]) == {}


def test_workers_work_side_by_side():
    shards = sweep_work.outcomes(["sleep 0.5"] * 4, workers=4)
    assert len({shard.header["pid"] for shard in shards.values()}) == 4


def test_workers_that_never_start_are_an_error(monkeypatch):
    monkeypatch.setattr(workers_module, "serve", os._exit)  # cannot even take its arguments
    with pytest.raises(WorkersError, match="before they are ready"):
        list(Pool(sweep_work.faulty, 1, QUICK).outcomes(sweep_work.tasks(["plain"])))


def test_workers_die_with_their_parent(tmp_path):
    """Kill the parent of a hanging run, and see that nothing of it is left."""
    code = "import sys; sys.path[:0] = [{!r}, {!r}]\nimport sweep_work\nfrom experiments.sweeps.workers import *\n"
    code += "if __name__ == '__main__':\n    pool = Pool(sweep_work.faulty, 2, Limits(seconds=999.0))\n"
    code += "    import threading\n    threading.Timer(1.5, lambda: print(*[w.process.pid for w in pool.workers], "
    code += "flush=True)).start()\n    list(pool.outcomes(sweep_work.tasks(['hang', 'hang'])))\n"
    script = tmp_path / "script.py"
    script.write_text(code.format(str(conftest.ROOT), str(conftest.ROOT / "tests")), encoding="utf-8")
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    workers = [int(word) for word in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    assert len(workers) == 2
    deadline = time.monotonic() + 10.0
    while any(map(alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, workers))


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
