"""`lvjin run` does what it says, says what it does, and leaves nothing half-done; documented commands work."""

import dataclasses
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numba
import pandas as pd
import pytest
from conftest import ROOT

import sim.ensemble
import sim.warmup
from experiments import cli, commands_run, progress
from experiments.commands_run import Order, default_folder, load_scenarios, read_settings
from experiments.figures import FIGURES
from experiments.results import Results
from experiments.summary import markdown, sections, span
from sim.configuration.problems import ConfigError
from sim.results.integrity import IntegrityError
from sim.results.parts import Failure
from sim.run import open_replicate, prepare_run
from sim.world import build_world

SMALL = ("--firms", "600", "--replicates", "4", "--populations", "2", "--until", "2022Q4")


def run(*words: object, code: int = 0, capfd) -> tuple[str, str]:
    """Run `lvjin run` in this process; return what it wrote to both streams."""
    with pytest.raises(SystemExit) as caught:
        cli.main(["run", *(str(word) for word in words)])
    told = capfd.readouterr()
    assert (caught.value.code or 0) == code, told.err
    assert "Traceback" not in told.err
    return told


@pytest.fixture
def no_run(monkeypatch):
    """Fail when anything is simulated."""

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("simulated before everything was checked")

    monkeypatch.setattr(sim.ensemble, "simulate", fail)


def test_the_main_job_runs_the_baseline_and_the_plan(tmp_path, capfd):
    out, err = run(*SMALL, "--out", tmp_path / "new" / "bundle", capfd=capfd)
    folder = tmp_path / "new" / "bundle"
    years = pd.read_csv(folder / "years.csv")
    assert sorted(years["scenario"].unique()) == ["baseline", "plan"]
    assert sorted(years["replicate"].unique()) == [0, 1, 2, 3]
    assert sorted(years["population"].unique()) == [0, 1]
    assert (folder / "figures" / "revenue_fan.zh.svg").exists()
    for words in ("绿色产业营收", "Revenue of green industry", "规划 Plan 2022", "对齐，不是验证", str(folder)):
        assert words in out
    assert "600 firms, 4 replicates over 2 populations" in out
    assert "Probability" not in out  # 2025 is not reached
    assert re.search(r"baseline: 4/4", err)
    assert not [path for path in folder.rglob("*") if ".writing-" in path.name]


def test_a_run_to_the_target_year_tells_the_probability_in_both_scopes(tmp_path, capfd):
    out, _ = run("plan", "--firms", 600, "--replicates", 6, "--out", tmp_path, capfd=capfd)
    assert "Probability of reaching 400 亿元 in 2025" in out
    for words in (
        "plan, all replicates",
        "base in its lowest third",
        "manufacturing, all replicates",
        "never measured",
    ):
        assert words in out
    assert re.search(r"Plan: \d+ \(\d+–\d+\) 亿元 in 2025, and a chance of \d+ % \(\d+–\d+ %\) of 400", out)
    figures = {path.name.split(".")[0] for path in (tmp_path / "figures").iterdir()}
    assert figures == set(FIGURES)
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert record["command"][:3] == ["lvjin", "run", "plan"]


@pytest.mark.parametrize(("firms", "size"), [(100, "toy"), (30_000, "benchmark")])
def test_a_size_that_is_no_forecast_prints_no_headline(firms, size, capfd, tmp_path):
    short = ("--firms", firms, "--replicates", 1, "--until", "2022Q4", "--parameters", "central")
    out, _ = run("baseline", *short, "--out", tmp_path, capfd=capfd)
    assert f"{size} size, not a forecast" in out
    assert "Revenue of green industry" not in out


def test_a_run_of_two_quarters_says_that_it_has_no_years(tmp_path, capfd):
    short = ("--firms", 600, "--replicates", 1, "--until", "2021Q2", "--out", tmp_path)
    out, _ = run("baseline", *short, capfd=capfd)
    assert "holds no complete year" in out
    assert (tmp_path / "quarters.csv").exists()


def test_settings_change_the_run_and_are_told(tmp_path, capfd):
    options = ("--replicates", 2, "--set", "policy.retrofit_grant.share=0.3", "--set", "model.lending=off")
    out, _ = run(
        "plan", *SMALL, *options, "--set", "policy.carbon_price.price@2022-07-01=80", "--out", tmp_path, capfd=capfd
    )
    assert "Changed by the user" in out
    assert "policy.retrofit_grant.share=0.3" in out
    assert "policy.carbon_price.price@2022-07-01=80" in out
    assert "Mechanisms switched off: lending" in out
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert record["scenarios"][0]["changes"]["policy.retrofit_grant.share"] == {"2022-01-01": 0.3}


@pytest.mark.parametrize(("words", "replicate"), [(["--micro"], 0), (["--micro", "1"], 1), (["--micro=1"], 1)])
def test_micro_keeps_the_firms_of_one_replicate(words, replicate, tmp_path, capfd):
    short = ("--firms", 600, "--replicates", 2, "--until", "2021Q4", "--quiet")
    run(*words, "baseline", *short, "--out", tmp_path, capfd=capfd)
    assert set(pd.read_csv(tmp_path / "firms.csv")["replicate"]) == {replicate}
    assert (tmp_path / "links.csv").exists()


def test_a_bare_micro_is_replicate_0_wherever_it_stands():
    assert cli.with_bare_values(["run", "--micro", "plan"]) == ["run", "--micro=0", "plan"]
    assert cli.with_bare_values(["run", "--micro"]) == ["run", "--micro=0"]
    assert cli.with_bare_values(["run", "--micro", "12"]) == ["run", "--micro", "12"]


def test_quiet_says_nothing(tmp_path, capfd):
    short = ("--firms", 600, "--replicates", 1, "--until", "2021Q2", "--quiet")
    assert run("baseline", *short, "--out", tmp_path, capfd=capfd) == ("", "")


def test_threads_change_no_byte_of_any_table_or_figure(tmp_path, capfd):
    for workers in (1, 3):
        run("baseline", *SMALL, "-q", "--workers", workers, "--out", tmp_path / str(workers), capfd=capfd)
    for path in sorted((tmp_path / "1").rglob("*.*")):
        if path.name != "run.json":
            assert path.read_bytes() == (tmp_path / "3" / path.relative_to(tmp_path / "1")).read_bytes(), path.name


def test_every_mistake_is_told_at_once_and_nothing_is_run(no_run, capfd):
    words = ["plan", "plam", "--until", "2025", "--micro", "9", "--replicates", "2", "--parameters", "posteriori"]
    settings = ["policy.retrofit_grant.shar=0.3", "policy.retrofit_grant.share=7", "nothing", "behaviour.slope@2023=2"]
    _, err = run(*words, *itertools.chain(*(("--set", one) for one in settings)), code=2, capfd=capfd)
    for part in (
        "SCENARIO: found 'plam'",
        "Did you mean plan?",
        "--until: found '2025'",
        "Write 2025Q4.",
        "--micro: found 9",
        "--parameters: found 'posteriori'",
        "--set: policy.retrofit_grant.shar: found an unknown key",
        "Did you mean policy.retrofit_grant.share?",
        "--set: policy.retrofit_grant.share: found 7",
        "--set: found 'nothing'; allowed: KEY=VALUE or KEY@DATE=VALUE",
    ):
        assert part in err


def test_too_few_firms_for_every_kind_are_refused(tmp_path, capfd):
    _, err = run("baseline", "--firms", 50, "--out", tmp_path / "out", code=2, capfd=capfd)
    assert "found 50" in err
    assert not (tmp_path / "out").exists()


def test_a_scenario_given_twice_is_refused_before_it_is_run(no_run, capfd):
    _, err = run("plan", "plan", code=2, capfd=capfd)
    assert "plan twice" in err


def test_a_setting_given_twice_is_refused():
    problems = []
    assert read_settings(["a=1", "a = 2", "b = 3"], problems) == {"a": "1", "b": "3"}
    assert [problem.key for problem in problems] == ["a"]


@pytest.mark.parametrize("words", [("--firms", "0"), ("--replicates", "many"), ("--nothing",), ("--workers", "0")])
def test_bad_usage_exits_with_2(words, no_run, capfd):
    run(*words, code=2, capfd=capfd)


def test_a_folder_that_cannot_be_written_is_found_before_anything_is_run(no_run, tmp_path, capfd):
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        _, err = run("baseline", *SMALL, "--out", place, code=3, capfd=capfd)
        assert "读写失败" in err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (IntegrityError("the books do not close"), 5, "the books do not close"),
        (MemoryError(), 3, "Not enough memory"),
        (KeyboardInterrupt(), 130, "no results were written"),
        (RuntimeError("broken"), 1, "defect"),
    ],
)
def test_a_run_that_fails_leaves_nothing_behind(error, code, words, monkeypatch, tmp_path, capfd):
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(sim.ensemble, "simulate", fail)
    _, err = run("baseline", *SMALL, "--out", tmp_path / "a" / "b", code=code, capfd=capfd)
    assert words in err
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_fails_leaves_an_earlier_bundle_as_it_was(monkeypatch, tmp_path, capfd):
    short = ("baseline", "--firms", 600, "--replicates", 1, "--until", "2021Q2", "-q", "--out", tmp_path)
    run(*short, capfd=capfd)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    monkeypatch.setattr(commands_run, "written_out", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    run(*short, "--seed", 2, code=130, capfd=capfd)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before


def test_figures_that_are_no_longer_made_are_taken_away(tmp_path, capfd):
    short = ("baseline", "--firms", 600, "--replicates", 1, "-q", "--out", tmp_path)
    run(*short, "--until", "2022Q4", capfd=capfd)
    assert (tmp_path / "figures" / "revenue_fan.en.png").exists()
    run(*short, "--until", "2021Q2", capfd=capfd)
    assert not (tmp_path / "figures" / "revenue_fan.en.png").exists()


def test_failed_replicates_are_told_and_exit_with_4(monkeypatch, tmp_path, capfd):
    true_simulate = sim.ensemble.simulate

    def one_fails(*words: object, **options: object):
        ensemble = true_simulate(*words, **options)
        part = ensemble.parts[0]
        failed = dataclasses.replace(part, replicates=part.replicates[1:], failures=(Failure("baseline", 0, "broken"),))
        return type(ensemble)((failed,), ensemble.seconds)

    monkeypatch.setattr(sim.ensemble, "simulate", one_fails)
    _, err = run("baseline", *SMALL, "--out", tmp_path, code=4, capfd=capfd)
    assert "replicate 0" in err
    assert "broken" in err
    assert (tmp_path / "years.csv").exists()


def test_an_interruption_of_a_real_run_exits_with_130_and_writes_nothing(tmp_path):
    words = ["run", "baseline", "--firms", "600", "--replicates", "100000", "--out", str(tmp_path / "out")]
    command = [sys.executable, "-m", "experiments.cli", *words]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_the_folder_is_named_by_scenarios_and_changes(tmp_path):
    def place(*scenarios: str, **options) -> str:
        return str(default_folder(load_scenarios(Order(scenarios=scenarios, **options))))

    assert place() == "results/baseline-plan"
    assert place("none") == place("none", firms=700, seed=2, until="2022Q4") == "results/none"
    changed = place("plan", changes=["policy.retrofit_grant.share=0.3"])
    assert re.fullmatch("results/plan-[0-9a-f]{6}", changed)
    assert changed != place("plan", changes=["policy.retrofit_grant.share=0.4"])
    assert place("plan", changes=["policy.retrofit_grant.share=0.1"]) == "results/plan"  # as the plan has it


def test_a_scenario_file_is_run_and_named_by_its_content(tmp_path):
    path = tmp_path / "mine.yaml"
    names = "name_zh: 试验\nname_en: Trial\nsentence_zh: 句。\nsentence_en: Sentence.\n"
    path.write_text(names + "changes: {policy.carbon_price.price: 80}\n", encoding="utf-8")
    (scenario,) = load_scenarios(Order(scenarios=[str(path)]))
    assert re.fullmatch("results/mine-[0-9a-f]{6}", str(default_folder([scenario])))


def test_an_order_that_is_wrong_in_the_ensemble_only_is_refused():
    with pytest.raises(ConfigError, match="--replicates"):
        load_scenarios(Order(replicates=0))


def test_lines_of_progress_are_few_and_end_with_the_whole(capfd, monkeypatch):
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    with progress.reporter() as tell:
        count = tell.counter("plan")
        for done in range(1, 101):
            count(done, 100)
    lines = capfd.readouterr().err.splitlines()
    assert 10 <= len(lines) <= 12
    assert lines[-1].startswith("plan: 100/100")
    assert "left" in lines[0]


def test_a_terminal_gets_bars(monkeypatch, capfd):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress.reporter() as tell:
        tell.counter("plan [1]")(1, 2)
        tell.say("a sentence")
    err = capfd.readouterr().err
    assert "plan [1]" in err
    assert "a sentence" in err


def test_durations_are_readable():
    assert [progress.written(seconds) for seconds in (0.4, 59.6, 61, 3700)] == [
        "0 s",
        "1 min 00 s",
        "1 min 01 s",
        "61 min 40 s",
    ]


def test_the_summary_tells_the_numbers_of_the_bundle(tmp_path, capfd):
    run(*SMALL, "-q", "--out", tmp_path, capfd=capfd)
    results = Results.read(tmp_path)
    found = sections(results, lambda zh, en: en)
    rows = pd.read_csv(tmp_path / "summary.csv").set_index(["scenario", "variable", "year"])
    told = rows.loc[("plan", "Revenue|Green Industry", 2022)]
    assert found[0].rows[0][-1] == f"{told['p50']:.0f} ({told['p5']:.0f}–{told['p95']:.0f})"
    costs = pd.read_csv(tmp_path / "years.csv").query("variable == 'Policy Cost|Government' and scenario == 'plan'")
    spent = costs[costs["period"] > 2021].groupby("replicate")["value"].sum() / 1e4
    assert found[1].rows[-1][-1] == span(spent.to_numpy(), 2)
    table = markdown(found[0])
    assert table[2].count("|") == table[3].count("|") == len(found[0].header) + 1


def test_a_cold_model_is_compiled_first_and_says_so(monkeypatch, tmp_path, capfd):
    monkeypatch.setattr(sim.warmup, "mark", lambda: tmp_path / "cache" / "complete")
    monkeypatch.setattr(sim.warmup, "all_steps", lambda: [sim.warmup.Step("a", lambda: None)])
    monkeypatch.setitem(sim.warmup.SETTINGS.__dict__, "DISABLE_JIT", 0)
    short = ("--firms", 600, "--replicates", 1, "--until", "2021Q2", "--out", tmp_path / "out")
    _, err = run("baseline", *short, capfd=capfd)
    assert "Compiling the model (once): 1/1" in err
    _, err = run("baseline", *short, capfd=capfd)
    assert "Compiling" not in err


@pytest.mark.kernels
def test_the_phases_to_compile_are_those_of_the_quarter():
    if os.environ.get("NUMBA_DISABLE_JIT") == "1":
        pytest.skip("nothing is compiled")
    names = sim.warmup.phases()
    assert names[0] == "advance_markets"
    assert names[-1] == "record_quarter"
    assert len(names) == len(set(names)) > 10


def test_an_empty_world_has_the_kinds_of_a_real_one():
    """Else the quarter would be compiled for arguments that it never gets."""
    scenario = sim.warmup.toy_scenario()
    world, run = build_world(scenario, 0), prepare_run(scenario, 0)
    opened, kinds = open_replicate(world, run), sim.warmup.quarter_arguments(scenario)
    real = {"world": world, "setting": run.setting, "state": opened.state, "record": opened.record}
    assert {name: numba.typeof(kinds[name]) for name in real} == {name: numba.typeof(one) for name, one in real.items()}


def test_help_of_run_has_every_option_of_the_interface(capfd):
    out, _ = run("--help", capfd=capfd)
    options = "firms until replicates populations parameters information set micro out seed workers quiet verbose debug"
    for option in options.split():
        assert f"--{option}" in out
    assert "Example: lvjin run plan" in out


@pytest.mark.parametrize("words", [["check"], ["list"], ["list", "levers"], ["explain", "policy.retrofit_grant.share"]])
def test_commands_beside_run_work_as_documented(words, capfd):
    with pytest.raises(SystemExit) as caught:
        cli.main(words)
    assert not caught.value.code
    assert capfd.readouterr().out


def test_the_default_folder_is_ignored_by_git():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert f"/{commands_run.RESULTS}/" in ignored
    assert Path(commands_run.RESULTS).name == commands_run.RESULTS
