"""Power that fails at any moment of a sweep: nothing that was told as done is lost, and no byte differs in the end.

Kills of the process (test_sweep.py) leave what the system had; here it loses what was not flushed, too.
"""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sweep_work
from disk import FOLDER, Disk, Event, recorded, write_image
from soaking import Soak, soak
from test_sweep import left_over, small, tables

from experiments.designs.design import Design
from experiments.sweeps.store import Store
from experiments.sweeps.sweep import run_sweep

PLACE = "results/sweep"  # below what was there before, so that folders are made, too
CRASHES = 1000  # of the soak
KEPT, LOST = (lambda _: True), (lambda _: False)


@pytest.fixture(scope="module")
def design(tmp_path_factory) -> Design:
    """Four runs that cost nothing."""
    return small(tmp_path_factory.mktemp("design"))


@pytest.fixture(scope="module")
def undisturbed(design, tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed")
    run_sweep(design, folder, sweep_work.free_of_charge)
    return tables(folder)


@pytest.fixture(scope="module")
def events(design, tmp_path_factory) -> list[Event]:
    """All that a whole sweep does to the disk, and when it tells a run as done."""
    root = tmp_path_factory.mktemp("recorded")
    with recorded(root) as found:
        told = [0]

        def count(done: int, _: int) -> None:
            found.extend([Event("told")] * (done - told[0]))
            told[0] = done

        run_sweep(design, root / PLACE, sweep_work.free_of_charge, count=count)
    return found


def crashes(events: list[Event]) -> Iterator[tuple[Disk, int]]:
    """The disk before and after every event, and how many runs had been told as done."""
    disk, done = Disk(), 0
    yield disk, done
    for event in events:
        disk.do(event)
        done += event.kind == "told"
        yield disk, done


def goes_on(image: dict[str, bytes | None], done: int, design: Design, root: Path) -> dict[str, bytes]:
    """Resume from what a crash left; the tables of the end."""
    write_image(image, root)
    folder = root / PLACE
    sweep = run_sweep(design, folder, sweep_work.free_of_charge)
    assert sweep.rejected == 0, "a torn shard under its true name"
    assert sweep.simulated <= len(sweep.keys) - done, "a run that was told as done is lost"
    assert left_over(folder) == []
    assert Store(folder).keys() == set(sweep.keys)
    found = tables(folder)
    shutil.rmtree(root)
    return found


def test_power_that_fails_at_any_moment_loses_nothing_that_was_told(events, design, undisturbed, tmp_path):
    """At every event; with all unflushed names there or gone, and unflushed files empty, half or whole."""
    seen = set()
    for disk, done in crashes(events):
        for happened in (KEPT, LOST):
            for share in (0.0, 0.5, 1.0):
                image = disk.after_crash(happened, lambda share=share: share)
                if (what := (done, *sorted(image.items()))) not in seen:
                    seen.add(what)
                    assert goes_on(image, done, design, tmp_path / str(len(seen))) == undisturbed
    assert len(seen) > 30


LEFT_OUT = {
    "of every shard": lambda event: event.more is not FOLDER and "/shards/" in event.path,
    "of the folder of shards": lambda event: event.more is FOLDER and event.path.endswith("shards"),
    "of the folders above": lambda event: event.more is FOLDER and not event.path.endswith("shards"),
}


@pytest.mark.parametrize("left_out", LEFT_OUT.values(), ids=LEFT_OUT)
def test_a_flush_that_is_left_out_is_noticed(left_out, events, design, tmp_path):
    """So that the test above says something."""
    disk, done = [*crashes([event for event in events if not (event.kind == "flush" and left_out(event))])][-1]
    with pytest.raises(AssertionError, match=r"lost|torn"):
        goes_on(disk.after_crash(LOST, lambda: 0.5), done, design, tmp_path / "out")


@pytest.mark.soak
def test_power_that_fails_anyhow(events, design, undisturbed, tmp_path):
    """Any of the unflushed names there, any beginning of each unflushed file, over and over."""
    chance, number = random.Random(9), 0
    with soak("Power failures at random moments", "随机时刻断电", script=__file__, seed=9) as found:
        while found.trials < CRASHES:
            for disk, done in crashes(events):
                image = disk.after_crash(lambda _: chance.random() < 0.5, chance.random)
                number += 1
                found.trial()
                tried(found, number, image, done, design, undisturbed, tmp_path)
        found.told = {"events_of_a_sweep": len(events)}


def tried(found: Soak, number: int, image, done, design, undisturbed, tmp_path) -> None:
    """One crash of the soak, a failure counted."""
    try:
        found.check(goes_on(image, done, design, tmp_path / str(number)) == undisturbed, f"{number}: other bytes")
    except AssertionError as error:
        found.check(False, f"{number}: {error}")
