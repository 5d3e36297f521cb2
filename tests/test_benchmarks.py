"""Benchmarks measure what they say, on worlds small enough to try them here."""

import os
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import measures, scaling
from benchmarks.lever import clicks
from benchmarks.machine import machine
from benchmarks.marks import Mark, Result, row
from benchmarks.measures import ROOT
from benchmarks.profiles.index import QUARTER
from benchmarks.sweeping import efficiencies
from sim.shared_past import KEPT


def test_every_measure_of_this_process_works_on_a_small_world():
    assert all(one > 0 for one in measures.building(100, 2))
    stepped = measures.stepping([(100, 3), (600, 2)], 2)
    assert {firms: len(values) for firms, values in stepped.items()} == {100: 2, 600: 2}
    assert all(one > 0 for one in measures.replicates(100, 4, 1))
    assert all(one > 0 for one in measures.speedups(100, 4, 2, 1))
    assert all(one > 0 for one in measures.answering(100, 4, 1, 1))
    before = KEPT.served
    assert measures.answering(100, 8, 1, 2, kept=False)
    assert KEPT.served == before
    assert measures.answering(100, 8, 1, 2)
    assert KEPT.served >= before + 2
    assert all(0 < one < 100 for one in measures.memory_per_row(600))


def test_a_run_of_its_own_tells_its_memory():
    told = measures.largest_run(600, 2)
    assert set(told) == {"build", "step", "peak"}
    assert 0.05 < told["peak"][0] < 4
    assert len(told["step"]) == 1


def test_sizes_count_every_array_once():
    assert measures.size_of((np.zeros(4), (np.zeros(2), 3.0))) == 48


def test_a_run_of_so_many_quarters_ends_in_the_right_one():
    assert [measures.scenario_of(600, n).until for n in (1, 4, 5, 21)] == ["2021Q1", "2021Q4", "2022Q1", "2026Q1"]


@pytest.mark.parametrize(
    ("values", "more", "verdict"),
    [
        ([0.1], False, "aim"),
        ([0.7], False, "must"),
        ([2.0], False, "missed"),
        ([2.0], True, "aim"),
        ([0.1], True, "missed"),
    ],
)
def test_a_line_says_what_was_reached(values, more, verdict):
    must, aim = (0.5, 1.5) if more else (1.0, 0.5)
    result = Result("a thing", values, "s", Mark(must, aim, QUARTER, more))
    led = "" if verdict == "aim" else ", [profile](#phases-of-a-quarter)"
    assert row(result).endswith(f"| {verdict}{led} |")
    assert result.missing == (None if verdict == "aim" else QUARTER)


def test_a_line_without_a_mark_claims_nothing():
    assert row(Result("a thing", [1.0, 2.0, 3.0], "s")) == "| a thing | 2 s | 1.5–2.5 | 3 |  |  |  |"


def test_the_machine_is_named():
    text = "\n".join(machine())
    assert "processors" in text
    assert "Python 3." in text


def test_the_twin_is_slower_than_the_core():
    ratios = [twin / core for twin, core in measures.twin_times(100, 2)]
    assert len(ratios) == 2
    assert min(ratios) > 10


def test_every_phase_of_the_quarter_is_watched():
    code = """if True:
        from benchmarks.measures import scenario_of
        from benchmarks.phases import phase_times
        for phase, values in phase_times(scenario_of(70, 1), 1).items():
            print(phase, values[0])
    """
    plain = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=plain, check=True, capture_output=True, text=True)
    told = dict(line.split() for line in done.stdout.splitlines())
    assert next(iter(told)) == "advance_markets"
    assert next(reversed(told)) == "record_quarter"
    assert all(float(time) >= 0 for time in told.values())
    assert sum(map(float, told.values())) > 0


def test_a_sweep_of_short_tasks_and_a_moved_lever_are_timed():
    (efficiency,) = efficiencies(0.005, 60, 2, 1)
    assert 0 < efficiency < 1.2
    sketches, bands = clicks(100, 20, 2, 1)
    assert 0 < sketches[0] <= bands[0]


def test_points_become_a_table_and_a_figure_in_both_languages(tmp_path, monkeypatch):
    monkeypatch.setattr(scaling, "FOLDER", tmp_path)
    monkeypatch.setattr(scaling, "DATA", tmp_path / "scaling.csv")
    points = [*scaling.memory([100, 200]), scaling.point(scaling.MODEL, 100, [800.0, 1000.0, 1200.0])]
    scaling.write(points)
    assert [one.firms for one in scaling.read()] == [100, 100, 200, 200, 100]
    assert scaling.read()[-1] == scaling.Point(scaling.MODEL, 100, 900.0, 1000.0, 1100.0)
    assert next(iter(scaling.table(points))) == (
        "| firms | memory, shared, KiB per firm | memory, replicate, KiB per firm | quarter, model, ns per firm |"
    )
    assert list(scaling.table(points))[2].endswith(" 1,000 |")
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == [
        f"scaling.{language}.{kind}" for language in ("en", "zh") for kind in ("png", "svg")
    ]
