"""Sweeps end to end: the same bytes whatever happened on the way, and nothing mixed into them."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import conftest
import crashes
import numpy as np
import pandas as pd
import pytest
import sweep_work

import sim.results.provenance
from experiments import cli
from experiments.designs.design import load_design
from experiments.sweeps import sweep as sweep_module
from experiments.sweeps.store import Store
from experiments.sweeps.sweep import run_sweep
from sim.configuration.problems import ConfigError

TEXT = """\
name_zh: 试
name_en: Try
question_zh: 试？
question_en: Try?
kind: grid
scenario: plan
firms: 300
until: 2021Q4
replicates: 2
populations: 2
factors:
  policy.retrofit_grant.share: {values: [0.0, 0.3]}
"""
TABLES = ("runs.csv", "years.csv", "datapackage.json")
RANDOM_KILLS = 30


def design_file(folder: Path, text: str = TEXT) -> Path:
    path = folder / "design.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def small(folder: Path):
    """A design of four runs that cost nothing."""
    return load_design(design_file(folder))


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in TABLES}


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if ".writing-" in path.name]


def lvjin(*words: object, code: int = 0, capfd) -> tuple[str, str]:
    with pytest.raises(SystemExit) as caught:
        cli.main([str(word) for word in words])
    told = capfd.readouterr()
    assert (caught.value.code or 0) == code, told.err
    assert "Traceback" not in told.err
    return told


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The tables of a sweep of runs that cost nothing, which nobody disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    run_sweep(small(folder), folder, sweep_work.free_of_charge)
    return tables(folder)


def test_the_tables_are_the_same_for_any_number_of_workers_and_equal_to_single_runs(tmp_path):
    from sim import simulate

    design = small(tmp_path)
    for workers in (1, 3):
        run_sweep(design, tmp_path / str(workers), workers=workers)
    assert tables(tmp_path / "1") == tables(tmp_path / "3")
    years = pd.read_csv(tmp_path / "1" / "years.csv")
    for point in design.points:
        alone = simulate(point.scenario, replicates=2, populations=2, workers=1).years
        for row in years[years["point"] == point.number].itertuples():
            wanted = alone.query("variable == @row.variable and replicate == @row.replicate and period == @row.period")
            assert wanted["value"].tolist() == [row.value]


def test_a_second_time_nothing_is_simulated_and_no_byte_changes(tmp_path, undisturbed):
    folder, design = tmp_path / "out", small(tmp_path)
    first = run_sweep(design, folder, sweep_work.free_of_charge)
    second = run_sweep(design, folder, lambda tasks: iter([*map(pytest.fail, tasks)]))
    assert (first.simulated, second.simulated) == (4, 0)
    assert tables(folder) == undisturbed
    values = second.values("Revenue|Green Industry", 2021)
    assert values.shape == (2, 2)
    assert np.isfinite(values).all()


def test_equal_runs_are_done_once_and_told_as_often_as_they_are_asked_for(tmp_path):
    text = TEXT.replace("[0.0, 0.3]", "[0.1, 0.3]") + "  scenario: {values: [plan, baseline]}\n"
    text += "  model.lending: {values: [on]}\n  population: {values: [0, 1]}\n"
    design = load_design(design_file(tmp_path, text.replace("replicates: 2", "replicates: 1")))
    sweep = run_sweep(design, tmp_path / "out", sweep_work.free_of_charge)
    assert len(sweep.keys) == 8
    twice = design_file(tmp_path, TEXT.replace("kind: grid", "kind: list").partition("factors")[0])
    twice.write_text(twice.read_text() + "points: [{scenario: plan}, {policy.retrofit_grant.share: 0.1}]\n")
    sweep = run_sweep(load_design(twice), tmp_path / "twice", sweep_work.free_of_charge)
    assert sweep.simulated == 2  # the plan's share is 0.1
    assert len(pd.read_csv(tmp_path / "twice" / "runs.csv")) == 4


def test_random_kills_lose_double_and_tear_nothing(tmp_path, undisturbed):
    design, chance, folder = small(tmp_path), random.Random(1), tmp_path / "out"
    started = time.monotonic()
    run_sweep(design, tmp_path / "timed", sweep_work.free_of_charge)
    usual = time.monotonic() - started
    dead = 0
    for number in range(RANDOM_KILLS):
        job = lambda: run_sweep(design, folder, sweep_work.free_of_charge)  # noqa: E731
        dead += not crashes.survived(job, after=chance.uniform(0.0, 1.2 * usual))
        if number % 5 == 4:  # then to its end, and from the start again
            sweep = run_sweep(design, folder, sweep_work.free_of_charge)
            assert sweep.rejected == 0
            assert tables(folder) == undisturbed
            assert left_over(folder) == []
            assert Store(folder).keys() == set(sweep.keys)
            shutil.rmtree(folder)
    assert dead > RANDOM_KILLS // 4


def test_a_kill_at_any_write_loses_doubles_and_tears_nothing(tmp_path, undisturbed):
    """Every write, flush, rename, removal and new folder of a whole sweep, one after the other."""
    design, places = small(tmp_path), 0
    for number in range(1, 200):
        folder = tmp_path / str(number)

        def job(number: int = number, folder: Path = folder) -> None:
            with crashes.armed(crashes.Fuse(number)):
                run_sweep(design, folder, sweep_work.free_of_charge)

        if crashes.survived(job):
            break
        places += 1
        sweep = run_sweep(design, folder, sweep_work.free_of_charge)
        assert sweep.rejected == 0
        assert tables(folder) == undisturbed, number
        assert left_over(folder) == []
        shutil.rmtree(folder)
    assert 30 <= places < 199


def test_a_spoilt_shard_is_put_aside_told_and_done_again(tmp_path, undisturbed):
    design, folder = small(tmp_path), tmp_path / "out"
    first = run_sweep(design, folder, sweep_work.free_of_charge)
    path = Store(folder).path(first.keys[1])
    raw = bytearray(path.read_bytes())
    raw[-3] ^= 4
    path.write_bytes(bytes(raw))
    again = run_sweep(design, folder, sweep_work.free_of_charge)
    assert (again.rejected, again.simulated) == (1, 1)
    assert (folder / "rejected" / first.keys[1]).exists()
    assert tables(folder) == undisturbed


@pytest.mark.parametrize(
    ("place", "word"), [("CODE", "code_sha256"), ("SETTINGS", "settings_sha256"), ("DATA", "data")]
)
def test_changed_code_settings_or_data_are_refused_and_named(tmp_path, monkeypatch, place, word):
    design, folder = small(tmp_path), tmp_path / "out"
    run_sweep(design, folder, sweep_work.free_of_charge)
    before = tables(folder)
    monkeypatch.setattr(sweep_module, place, (("sim", "run.py"),))
    with pytest.raises(ConfigError, match=word) as caught:
        run_sweep(design, folder, sweep_work.free_of_charge)
    assert len(caught.value.problems) == 1
    assert "--out OTHER" in str(caught.value)
    assert tables(folder) == before
    assert sim.results.provenance.digest((("sim", "run.py"),)) != sim.results.provenance.digest((("sim", "world.py"),))


def test_a_changed_design_is_refused_but_its_words_may_change(tmp_path):
    folder = tmp_path / "out"
    run_sweep(small(tmp_path), folder, sweep_work.free_of_charge)
    reworded = load_design(design_file(tmp_path, TEXT.replace("Try?", "Try again?") + "seconds: 5.0\n"))
    assert run_sweep(reworded, folder, sweep_work.free_of_charge).simulated == 0
    larger = load_design(design_file(tmp_path, TEXT.replace("0.3]", "0.3, 0.4]")))
    with pytest.raises(ConfigError, match="design"):
        run_sweep(larger, folder, sweep_work.free_of_charge)


def test_failed_runs_are_told_kept_and_tried_again_when_asked(tmp_path, capfd, monkeypatch):
    path, folder = design_file(tmp_path), tmp_path / "out"
    true_outcomes = sweep_work.free_of_charge

    def one_fails(tasks):
        from experiments.sweeps.work import failure

        for number, shard in enumerate(true_outcomes(tasks)):
            yield failure(shard.key, "time", "longer than 5 s") if number == 1 else shard

    class Fake:
        def __init__(self, *_: object) -> None:
            self.outcomes = Fake.way

    monkeypatch.setattr(sweep_module, "Pool", Fake)
    Fake.way = staticmethod(one_fails)
    out, err = lvjin("sweep", path, "--out", folder, code=4, capfd=capfd)
    assert "3 次完成 done, 1 次失败 failed" in out
    assert "run 1 失败 failed (time): longer than 5 s" in err
    runs = pd.read_csv(folder / "runs.csv")
    assert runs["status"].tolist() == ["done", "failed", "done", "done"]
    assert set(pd.read_csv(folder / "years.csv")["run"]) == {0, 2, 3}
    lvjin("sweep", path, "--out", folder, code=4, capfd=capfd)
    out, _ = lvjin("sweep", path, "--out", folder, "--status", capfd=capfd)
    assert "4 / 4 次运行已完成 runs done, 其中失败 of which failed 1; 未在运行 not running" in out
    Fake.way = staticmethod(true_outcomes)
    out, _ = lvjin("sweep", path, "--out", folder, "--retry", capfd=capfd)
    assert "1 次为本次新算" in out
    assert pd.read_csv(folder / "runs.csv")["status"].unique().tolist() == ["done"]
    package = json.loads((folder / "datapackage.json").read_bytes())
    assert [resource["name"] for resource in package["resources"]] == ["runs", "years"]


def test_a_broken_identity_exits_with_5(tmp_path, capfd, monkeypatch):
    from experiments.sweeps.work import failure

    class Fake:
        def __init__(self, *_: object) -> None:
            self.outcomes = lambda tasks: (failure(task.key, "integrity", "books") for task in tasks)

    monkeypatch.setattr(sweep_module, "Pool", Fake)
    lvjin("sweep", design_file(tmp_path), "--out", tmp_path / "out", code=5, capfd=capfd)


def test_mistakes_exit_with_2_and_busy_folders_with_3(tmp_path, capfd):
    _, err = lvjin("sweep", design_file(tmp_path, "kind: grid\n"), "--out", tmp_path / "out", code=2, capfd=capfd)
    assert "question_zh" in err
    assert not (tmp_path / "out").exists()
    _, err = lvjin("sweep", design_file(tmp_path), "--out", tmp_path / "no", "--status", code=2, capfd=capfd)
    assert "no sweep" in err
    (tmp_path / "file").write_text("in the way")
    lvjin("sweep", design_file(tmp_path), "--out", tmp_path / "file" / "out", code=3, capfd=capfd)


def test_an_interrupted_sweep_says_how_to_go_on_and_goes_on(tmp_path):
    """The real command, stopped by a signal, then by the strongest one, then run to its end."""
    text = TEXT.replace("replicates: 2", "replicates: 40").replace("2021Q4", "2025Q4")
    path, folder = design_file(tmp_path, text), tmp_path / "out"
    for sent, code, delay in ((signal.SIGINT, 130, 8.0), (signal.SIGTERM, 143, 6.0), (signal.SIGKILL, -9, 6.0)):
        process = command(path, folder)
        _wait_for_shards(folder, process, delay)
        process.send_signal(sent)
        _, err = process.communicate(timeout=60)
        if process.returncode == 0:
            pytest.skip("this machine was too fast to be interrupted")
        assert process.returncode == code, err
        if code > 0:
            assert "lvjin sweep" in err
    kept = len(Store(folder).keys())
    assert kept > 0
    process = command(path, folder)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert f"{80 - kept} 次为本次新算" in out
    run_sweep(load_design(path), tmp_path / "alone", workers=2)
    assert tables(folder) == tables(tmp_path / "alone")
    assert left_over(folder) == []


def command(path: Path, folder: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "experiments.cli", "sweep", str(path), "--out", str(folder), "--workers", "1"]
    return subprocess.Popen(words, cwd=conftest.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _wait_for_shards(folder: Path, process: subprocess.Popen[str], delay: float) -> None:
    before, end = len(Store(folder).keys()), time.monotonic() + 10 * delay
    while len(Store(folder).keys()) < before + 3 and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)


def test_the_design_examples_are_where_the_help_says(capfd):
    out, _ = lvjin("sweep", "--help", capfd=capfd)
    assert "configs/designs/" in out
    named = "configs/designs/grant_and_carbon_price.yaml"
    assert named in " ".join(out.split())
    assert (conftest.ROOT / named).exists()
