"""Sweeps under long fire: kills by the thousand, flipped bits, bad runs, full disks; `make soak` runs them."""

import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import crashes
import pandas as pd
import pytest
import sweep_work
from soaking import Soak, soak
from test_sweep import TEXT, command, design_file, left_over, small, tables
from test_sweep_cluster import cluster, sweep_with_a_killed_worker  # noqa: F401 - a fixture

from experiments.designs.design import Design, load_design
from experiments.sweeps.store import DONE, BusyError, Shard, Store, sealed, unsealed
from experiments.sweeps.sweep import Sweep, run_sweep

KILLS, COMMAND_KILLS, FLIPS, BAD_ROUNDS, FULL_DISKS, CROWDS = 1000, 200, 10_000, 3, 100, 50
WRITERS_AT_ONCE = 4
SIDES = 2  # commands that are killed side by side
NOBODY = 65534
record = partial(soak, script=__file__)

free = sweep_work.free_of_charge


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict[str, bytes]:
    """The tables of a sweep of runs that cost nothing, which nobody disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    run_sweep(small(folder), folder, free)
    return tables(folder)


def same(found: Soak, folder: Path, sweep: Sweep, wanted: dict[str, bytes], what: object) -> None:
    """Check that nothing is lost, doubled, torn or left over."""
    found.check(sweep.rejected == 0, f"{what}: a torn shard")
    found.check(tables(folder) == wanted, f"{what}: other bytes")
    found.check(left_over(folder) == [], f"{what}: passing files")
    found.check(Store(folder).keys() == set(sweep.keys), f"{what}: other shards")


@pytest.mark.soak
def test_random_kills_of_a_sweep(tmp_path, undisturbed):
    design, chance, folder = small(tmp_path), random.Random(1), tmp_path / "out"
    started = time.monotonic()
    run_sweep(design, tmp_path / "timed", free)
    usual = time.monotonic() - started
    with record("Sweep killed at random moments", "批量运行在随机时刻被杀", seed=1) as found:
        while found.trials < KILLS:
            kills = chance.randint(1, 5)
            for _ in range(kills):
                died = not crashes.survived(partial(run_sweep, design, folder, free), chance.uniform(0.0, 1.2 * usual))
                found.trial(int(died))
            same(found, folder, run_sweep(design, folder, free), undisturbed, found.trials)
            shutil.rmtree(folder)


@pytest.mark.soak
def test_a_kill_at_every_write_of_a_sweep(tmp_path):
    """Of twenty runs, so that shards come in crowds; resumed at once, and killed again at every write of that."""
    design = load_design(design_file(tmp_path, TEXT.replace("replicates: 2", "replicates: 10")))
    run_sweep(design, tmp_path / "alone", free)
    wanted = tables(tmp_path / "alone")
    with record("Sweep killed at every enumerated write", "批量运行在每一次写盘时被杀", seed=0) as found:
        for number in range(1, 2000):
            folder = tmp_path / "out"

            def job(number: int = number, folder: Path = folder) -> None:
                with crashes.armed(crashes.Fuse(number)):
                    run_sweep(design, folder, free)

            if crashes.survived(job):
                break
            found.trial()
            if not crashes.survived(partial(job, max(1, number // 3))):  # the resumed one dies, too
                found.trial()
            same(found, folder, run_sweep(design, folder, free), wanted, number)
            shutil.rmtree(folder)
        else:
            found.check(False, "it never came to its end")


@pytest.mark.soak
def test_kills_of_the_whole_command(tmp_path):
    """The command and its workers, from the first import to the tables, with true runs of the model; two at a time."""
    path = design_file(tmp_path, TEXT.replace("replicates: 2", "replicates: 10"))
    run_sweep(load_design(path), tmp_path / "alone", workers=1)  # the first time it compiles, too
    wanted = tables(tmp_path / "alone")
    with ThreadPoolExecutor(SIDES) as pool:
        usual = max(pool.map(lambda side: seconds_of(path, tmp_path / f"timed{side}"), range(SIDES)))
        with record("Command killed at random moments", "整条命令在随机时刻被杀", seed=3) as found:
            for killed, complaints in pool.map(lambda side: killed_commands(path, usual, wanted, side), range(SIDES)):
                found.trial(killed)
                found.failures += complaints
            found.told = {"runs_in_each": load_design(path).size}


def seconds_of(path: Path, folder: Path) -> float:
    """How long the command takes that nobody disturbs."""
    started = time.monotonic()
    assert command(path, folder).wait(timeout=900) == 0
    return time.monotonic() - started


def killed_commands(path: Path, usual: float, wanted: dict[str, bytes], side: int) -> tuple[int, list[str]]:
    """Sweeps that are killed a few times and then let go on; how many kills met a living one, and what was wrong."""
    chance, killed, complaints = random.Random(f"3 {side}"), 0, []
    while killed < COMMAND_KILLS / SIDES:
        folder = path.parent / f"out{side}-{killed}"
        for _ in range(chance.randint(2, 8)):
            process = command(path, folder)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0.05, 1.1) * usual)
            killed += process.poll() is None
            process.kill()
            process.communicate()
        good = command(path, folder).wait(timeout=600) == 0 and tables(folder) == wanted and left_over(folder) == []
        complaints += [] if good else [f"{folder.name}: it did not go on, or to other bytes"]
        shutil.rmtree(folder, ignore_errors=True)
    return killed, complaints


@pytest.mark.soak
def test_flipped_bits_and_cuts_of_shards():
    chance, key = random.Random(1), "a" * 64
    with record("Bit flips and cuts of shards", "分片的比特翻转与截断", seed=1) as found:
        for number in range(2 * FLIPS):
            raw = bytearray(sealed(Shard(key, DONE, {"shape": [4, 8]}, chance.randbytes(chance.randint(0, 9000)))))
            if number < FLIPS:
                raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
            else:
                del raw[chance.randrange(len(raw)) :]
            found.trial()
            found.check(unsealed(bytes(raw), key) is None, number)
        found.told = {"bit_flips": FLIPS, "cuts": FLIPS}


@pytest.mark.soak
def test_bad_runs_among_a_hundred(tmp_path):
    """One raises, one is killed, one hangs: 97 rows and 3 records, wherever they stand."""
    chance = random.Random(5)
    text = (
        TEXT.replace("replicates: 2", "replicates: 50") + "seconds: 30.0\n"
    )  # a good run must not seem to hang on a busy machine
    design = load_design(design_file(tmp_path, text))
    with record("Raising, killed and hanging run in 100", "百次运行中各有一次报错、被杀、卡死", seed=5) as found:
        for number in range(BAD_ROUNDS):
            raising, dying, hanging = chance.sample(range(design.size), 3)
            bad = {raising: "raise", dying: "die", hanging: "hang"}
            folder = tmp_path / str(number)
            sweep = run_sweep(design, folder, sweep_work.bad_among_good(design, bad))
            found.trial()
            found.check(
                sweep.failures
                and {place: kind for place, kind, _ in sweep.failures}
                == {raising: "error", dying: "killed", hanging: "time"},
                f"{number}: {sweep.failures}",
            )
            runs, years = pd.read_csv(folder / "runs.csv"), pd.read_csv(folder / "years.csv")
            found.check((runs["status"] == "done").sum() == 97, f"{number}: rows")
            found.check(set(years["run"]) == set(range(100)) - set(bad), f"{number}: values")
        found.told = {"runs_in_each": design.size}


@pytest.mark.soak
def test_processes_and_dask_with_a_killed_worker(cluster, tmp_path):  # noqa: F811 - the fixture
    with record("Same bytes on processes and on Dask", "进程与Dask字节相同", seed=0) as found:
        path, folder = sweep_with_a_killed_worker(*cluster, tmp_path)
        for workers in (1, 2, 3):
            alone = tmp_path / f"alone{workers}"
            run_sweep(load_design(path), alone, workers=workers)
            found.trial()
            found.check(tables(folder) == tables(alone), workers)
        found.told = {"runs_in_each": load_design(path).size}


@pytest.mark.soak
def test_a_full_disk(tmp_path, undisturbed):
    """No file may grow beyond a random size: the sweep is told so, leaves nothing torn, and goes on with more room."""
    design, chance, folder = small(tmp_path), random.Random(7), tmp_path / "out"
    with record("Full disk at a random size", "磁盘在随机大小处写满", seed=7) as found:
        for number in range(FULL_DISKS):
            code = exit_code(partial(_in_little_room, design, folder, chance.randint(0, 9000)))
            found.trial()
            found.check(code in (0, 3), f"{number}: exit {code}")
            same(found, folder, run_sweep(design, folder, free), undisturbed, number)
            shutil.rmtree(folder)


def _in_little_room(design: Design, folder: Path, size: int) -> int:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then a write says so
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        run_sweep(design, folder, free)
    except OSError:
        return 3
    return 0


@pytest.mark.soak
def test_a_crowd_in_one_folder(tmp_path, undisturbed):
    """Several sweeps begun in one folder at the same moment: one works, the others are refused, no byte differs."""
    design, folder = small(tmp_path), tmp_path / "out"
    with record("Concurrent sweeps in one folder", "多个批量运行同写一个目录", seed=0) as found:
        for number in range(CROWDS):
            children = [forked(partial(_busy_or_done, design, folder)) for _ in range(WRITERS_AT_ONCE)]
            codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
            found.trial()
            found.check(set(codes) <= {0, 3} and 0 in codes, f"{number}: exits {codes}")
            same(found, folder, run_sweep(design, folder, free), undisturbed, number)
            shutil.rmtree(folder)


def _busy_or_done(design: Design, folder: Path) -> int:
    try:
        run_sweep(design, folder, free)
    except BusyError:
        return 3
    return 0


@pytest.mark.soak
def test_a_folder_that_must_not_be_written(tmp_path):
    design, folder = small(tmp_path), tmp_path / "out"
    folder.mkdir()
    for place in (tmp_path, *tmp_path.parents[:2]):
        place.chmod(0o755)
    folder.chmod(0o555)
    with record("Read-only folder", "只读目录", seed=0) as found:
        code = exit_code(partial(_as_nobody, design, folder))
        found.trial()
        found.check(code == 3, f"exit {code}")
        found.check(list(folder.iterdir()) == [], "something was written")


def _as_nobody(design: Design, folder: Path) -> int:
    if os.getuid() == 0:  # whom no mode keeps from writing
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    try:
        run_sweep(design, folder, lambda tasks: iter([*map(pytest.fail, tasks)]))
    except OSError:
        return 3
    return 0


def forked(job) -> int:
    """Do a job in a child process, which ends with the code that the job returns; its number."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = job()
        finally:
            os._exit(code)
    return child


def exit_code(job) -> int:
    """Do a job in a child process and wait for its code."""
    return os.waitstatus_to_exitcode(os.waitpid(forked(job), 0)[1])
