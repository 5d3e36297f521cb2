"""The shards of a sweep: complete or not there, and every spoilt one is found."""

import os
import stat
import subprocess
import sys
import time

import conftest
import crashes
import pytest
import sweep_work

from experiments.sweeps import store as store_module
from experiments.sweeps.filling import fill
from experiments.sweeps.store import DONE, FAILED, LOCK, REJECTED, BusyError, Shard, Store, locked, sealed, unsealed

KEY, OTHER = "a" * 64, "b" * 64


def shard(key: str = KEY, payload: bytes = bytes(range(256))) -> Shard:
    return Shard(key, DONE, {"shape": [4, 8]}, payload)


def prepared(tmp_path) -> Store:
    store = Store(tmp_path)
    store.prepare()
    return store


def test_a_shard_reads_back_as_it_was_written(tmp_path):
    store = prepared(tmp_path)
    store.write(shard())
    assert store.read(KEY) == shard()
    assert store.read(OTHER) is None
    assert store.keys() == {KEY}


def test_failures_are_counted_and_the_pace_is_told_without_touching_anything(tmp_path):
    store = prepared(tmp_path)
    assert (store.count_failed(), store.seconds_each()) == (0, 0.0)
    keys = [f"{number:064d}" for number in range(4)]
    for number, key in enumerate(keys):
        store.write(Shard(key, FAILED if number == 2 else DONE, {}, b""))
        os.utime(store.path(key), (0, 100.0 + 5.0 * number))
        assert store.seconds_each() == (5.0 if number > 0 else 0.0)
    store.path(keys[3]).write_bytes(b"spoilt")
    os.utime(store.path(keys[3]), (0, 115.0))
    assert (store.count_failed(), store.seconds_each()) == (1, 5.0)
    assert store.keys() == set(keys)


def test_every_flipped_bit_is_found():
    raw = sealed(shard())
    for place in range(len(raw)):
        for bit in range(8):
            spoilt = bytearray(raw)
            spoilt[place] ^= 1 << bit
            assert unsealed(bytes(spoilt), KEY) is None, (place, bit)


def test_every_cut_and_every_addition_is_found():
    raw = sealed(shard())
    assert all(unsealed(raw[:length], KEY) is None for length in range(len(raw)))
    assert unsealed(raw + b"\0", KEY) is None


def test_a_shard_under_another_name_is_found(tmp_path):
    store = prepared(tmp_path)
    store.write(shard())
    store.path(KEY).rename(store.path(OTHER))
    assert store.read(OTHER) is None
    assert (tmp_path / REJECTED / OTHER).exists()
    assert store.keys() == set()


def test_a_crash_at_any_write_leaves_a_shard_complete_or_not_there(tmp_path):
    dead = 0
    for number in range(1, 50):
        store = prepared(tmp_path)

        def job(number: int = number, store: Store = store) -> None:
            with crashes.armed(crashes.Fuse(number)):
                store.write(shard())

        done = crashes.survived(job)
        found = prepared(tmp_path).read(KEY)
        assert found in (None, shard())
        assert not (tmp_path / REJECTED).exists()
        assert {path.name for path in store.shards.iterdir()} <= {KEY}
        if done:
            assert found == shard()
            break
        dead += 1
        if store.path(KEY).exists():
            store.path(KEY).unlink()
    assert dead >= 4  # write, flush, rename, flush of the folder


def test_a_write_is_flushed_renamed_and_its_folder_flushed(tmp_path, monkeypatch):
    store, said = prepared(tmp_path), []
    true_fsync, true_replace = os.fsync, os.replace

    def flush(descriptor: int) -> None:
        said.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        true_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", flush)
    monkeypatch.setattr(os, "replace", lambda *paths: (said.append("rename"), true_replace(*paths)))
    store.write(shard())
    assert said == ["file", "rename", "folder"]


def test_a_disk_that_fails_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    store = prepared(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        fill(store, sweep_work.tasks(["a", "b"]), sweep_work_outcomes, lambda _: None)
    assert list(store.shards.iterdir()) == []


def sweep_work_outcomes(wanted):
    return (Shard(task.key, DONE, {}, b"x") for task in wanted)


def test_everything_written_is_told_once(tmp_path):
    store, told = prepared(tmp_path), []
    fill(store, sweep_work.tasks(map(str, range(200))), sweep_work_outcomes, told.append)
    assert len(told) == len({one.key for one in told}) == len(store.keys()) == 200


def test_a_shard_is_on_the_disk_before_the_next_run_ends(tmp_path):
    store = prepared(tmp_path)

    def slow_outcomes(wanted):
        for task in wanted:
            yield Shard(task.key, DONE, {}, b"x")
            latest = time.monotonic() + 20.0
            while store.read(task.key) is None:
                assert time.monotonic() < latest
                time.sleep(0.01)

    fill(store, sweep_work.tasks(["a", "b"]), slow_outcomes, lambda _: None)
    assert len(store.keys()) == 2


def test_a_crowd_shares_the_flush_of_its_folder(tmp_path, monkeypatch):
    store, said = prepared(tmp_path), []
    true_flush = store_module.flush_folder
    monkeypatch.setattr(store_module, "flush_folder", lambda folder: (said.append(folder), true_flush(folder)))
    fill(store, sweep_work.tasks(map(str, range(64))), sweep_work_outcomes, lambda _: None)
    assert len(store.keys()) == 64
    assert len(said) < 32


def test_a_folder_is_held_by_one_process_until_it_ends(tmp_path):
    code = f"import sys; sys.path.insert(0, {str(conftest.ROOT)!r})\n"
    code += "from pathlib import Path\nfrom experiments.sweeps.store import locked\n"
    code += f"with locked(Path({str(tmp_path)!r})):\n    print('held', flush=True); input()\n"
    other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=str(other.pid)), locked(tmp_path):
            pass
    finally:
        other.kill()
        other.wait()
    with locked(tmp_path):
        pass


def test_the_lock_names_its_holder_alone(tmp_path):
    (tmp_path / LOCK).write_text("1234567890 and whoever held it before\n")
    with locked(tmp_path):
        assert (tmp_path / LOCK).read_text() == f"{os.getpid()}\n"


def test_the_store_loads_nothing_heavy():
    code = "import sys, experiments.sweeps.store, experiments.sweeps.workers; "
    code += "print(sorted({'numba', 'pandas', 'numpy', 'mesa', 'pydantic'} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], cwd=conftest.ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
