"""Profiles measure what they say, on worlds small enough to try them here, and explain every mark that is missed."""

import math
import pickle
import pkgutil
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import benchmarks.__main__ as bench
from benchmarks import headlines, measures, scaling
from benchmarks.profiles import answering, building, compiling, memory, quarter, starting, sweeping, threads
from benchmarks.profiles.index import PROFILES, QUARTER
from benchmarks.profiles.watch import PROCESSOR, WALL, watching
from benchmarks.tables import largest, milliseconds, number
from sim.world import build_world

WATCHED = (answering.REPLICATE, answering.AROUND, answering.CLICK, building.STAGES, compiling.STAGES, sweeping.STAGES)


def unexplained(page):
    """Lines of the table that miss their aim and do not lead to a heading of the page."""
    anchors = {f"#{anchor(heading)}" for heading in re.findall(r"^#+ .+$", page, re.MULTILINE)}
    missed = [line for line in page.splitlines() if re.search(r"\| (must|missed)\b[^|]*\|$", line)]
    return [line for line in missed if not anchors & set(re.findall(r"\((#[^)]+)\) \|$", line))]


def anchor(heading):
    """Where a reader of Markdown finds a heading."""
    return heading.lstrip("# ").lower().replace(" ", "-")


def columns(lines):
    """The cells of the lines of tables by their first one."""
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    return {row[0]: row[1:] for row in rows}


def test_whatever_misses_its_aim_leads_to_its_profile(monkeypatch):
    """Nothing is measured here: no value is a number, so none reaches its mark."""
    nan = math.nan
    for name in ("building", "replicates", "speedups", "answering", "starting", "processes"):
        monkeypatch.setattr(measures, name, lambda *_, **__: [nan])
    monkeypatch.setattr(measures, "stepping", lambda *_: {5000: [nan], 100_000: [nan]})
    monkeypatch.setattr(measures, "largest_run", lambda *_: {"build": [nan], "step": [nan], "peak": [nan]})
    monkeypatch.setattr(measures, "twin_times", lambda *_: [(nan, nan)])
    monkeypatch.setattr(measures, "memory_per_row", lambda _: (nan, nan))
    monkeypatch.setattr(scaling, "rivals", lambda *_: [])
    monkeypatch.setattr(bench, "choice_times", lambda *_: [(nan, nan)])
    monkeypatch.setattr(bench, "clicks", lambda *_: ([nan], [nan]))
    monkeypatch.setattr(bench, "efficiencies", lambda *_: [nan])
    monkeypatch.setattr(bench, "cold_compilation", lambda: [compiling.Step("", nan, nan)])
    monkeypatch.setattr(bench, "scales", lambda _: [])
    monkeypatch.setattr(bench, "PROFILES", [Unmeasured(profile) for profile in PROFILES])
    page = "\n".join(bench.page(quick=False))
    assert page.count("| missed") >= 18
    assert unexplained(page) == []
    assert all(profile.title in page for profile in PROFILES)
    assert unexplained(page.replace("### Two threads", "")) == [
        line for line in page.splitlines() if "#two-threads" in line
    ]


class Unmeasured:
    """A profile's heading."""

    def __init__(self, profile):
        self.profile = profile

    def __hash__(self):
        return hash(self.profile)

    def __eq__(self, other):
        return self.profile == other

    def section(self):
        return [f"### {self.profile.title}"]


def test_the_page_explains_what_it_misses():
    assert unexplained(bench.PAGE.read_text(encoding="utf-8")) == []


def test_notes_say_what_each_missed_mark_would_take():
    notes = (bench.PAGE.parent / "notes.md").read_text(encoding="utf-8")
    told = set(re.findall(r"README\.md#([\w-]+)", notes))
    missed = set(re.findall(r"\[profile\]\(#([\w-]+)\)", bench.PAGE.read_text(encoding="utf-8")))
    assert told == missed | {QUARTER.anchor, anchor(bench.PROFILED.splitlines()[0])}
    (asked,) = re.findall(r"notes\.md#([\w-]+)", bench.PROFILED)
    assert asked in {anchor(line) for line in notes.splitlines() if line.startswith("#")}


def test_a_line_without_a_profile_is_found():
    assert unexplained("| a | 1 s | must, [profile](#b) |\n| c | 1 s | missed |\n| d | 1 s | aim |\n## B") == [
        "| c | 1 s | missed |"
    ]
    assert unexplained("| a | 1 s | must, [profile](#b) |\n## C") != []


@pytest.mark.parametrize("function", sorted({one for stages in WATCHED for group in stages.values() for one in group}))
def test_what_is_watched_exists(function):
    assert callable(pkgutil.resolve_name(function))


def test_a_stage_counts_what_is_not_counted_within_it():
    stages = {"outer": ("benchmarks.measures.rows",), "inner": ("benchmarks.measures.build_world",)}
    build, rows = measures.build_world, measures.rows
    with watching(stages) as watch, watch.stage("rest"):
        started = time.perf_counter()
        measures.rows(100)
        measures.rows(150)
        took = time.perf_counter() - started
    wall, processor = watch.told(WALL), watch.told(PROCESSOR)
    assert 0.0 < wall["outer"] < wall["inner"]
    assert sum(wall.values()) == pytest.approx(took, rel=0.2)
    assert all(processor[name] >= 0.0 for name in wall)
    assert (measures.build_world, measures.rows) == (build, rows)


def test_the_bytes_of_arrays_add_up_to_those_of_the_table(monkeypatch):
    monkeypatch.setattr(memory, "FIRMS", 100)
    world = build_world(measures.scenario_of(100, 1), 0)
    assert sum(memory.arrays(world).values()) == measures.size_of(world)
    sums = [float(line.split(" | ")[1].strip("| ")) for line in memory.memory() if line.startswith("| all")]
    assert sums == pytest.approx([1024 * kibibytes for kibibytes in measures.memory_per_row(100)], rel=0.01)


def test_stages_of_a_population_are_all_of_it(monkeypatch):
    monkeypatch.setattr(building, "SIZES", {100: 1, 200: 1})
    told = columns(building.building())
    assert set(building.STAGES) < set(told)
    assert told["all"][1] == told["all"][3] == "100%"
    assert float(told["links: suppliers"][0]) > 0.0


def test_a_process_tells_what_its_start_is_made_of():
    told = starting.first_quarter()
    assert sum(told.values()) == pytest.approx(2.0 * told[starting.ALL])
    assert min(told[name] for name in (*starting.LOADED, *starting.STAGES)) > 0.0


def test_steps_of_a_compilation_are_what_lies_between_two_looks():
    looks = [("produce", 12.0, 1.0), ("lend", 15.0, 2.5), ("", 19.0, 3.0)]
    assert compiling.steps_between(10.0, looks, 20.0) == [
        ("Python and its modules", 2.0, 1.0),
        ("`produce`", 3.0, 1.5),
        ("`lend`", 4.0, 0.5),
        ("end of the process", 1.0, 0.0),
    ]


def test_an_answer_is_told_by_its_parts(monkeypatch):
    for name, value in (("FIRMS", 100), ("ROUNDS", 1), ("REPLICATES", 2)):
        monkeypatch.setattr(answering, name, value)
    told = columns(answering.lever())
    assert set(answering.REPLICATE) | set(answering.AROUND) | set(answering.CLICK) < set(told)
    assert all(float(value) > 0.0 for value in told["sixteen quarters since 2022"][::2])


def test_two_pieces_of_work_are_compared_with_both_at_once(monkeypatch):
    for name, value in (("FIRMS", 100), ("ROUNDS", 2), ("EACH", 1), ("QUARTERS", 2), ("TURNS", 1000)):
        monkeypatch.setattr(threads, name, value)
    scenario = measures.scenario_of(100, 2)
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        for pieces in (lambda: [threads.spin] * 2, lambda: threads.opened(scenario), lambda: threads.whole(scenario)):
            assert len(threads.gains([one, other], pieces)) == 2
    assert pickle.loads(pickle.dumps(threads.whole(scenario)))  # they go to other processes


def test_the_overhead_of_a_sweep_is_told_by_cause(monkeypatch, tmp_path):
    for name, value in (("SECONDS", 0.005), ("TASKS", 60)):
        monkeypatch.setattr(sweeping, name, value)
    told = sweeping.causes(tmp_path)
    assert told.pop(sweeping.ALL) == pytest.approx(sum(told.values()))
    assert min(told[name] for name in (sweeping.WORKER, *sweeping.STAGES)) > 0.0


def test_phases_are_told_per_row():
    assert quarter.told("`lend`", 20.0, 30.0, 200.0, 150.0) == ["`lend`", "20.0", "10.0%", "30.0", "20.0%", "1.50"]


def test_numbers_are_written_shortly():
    assert largest({"a": 1.0, "b": 5.0, "c": 2.0, "d": 0.5}, 2) == {"b": 5.0, "c": 2.0, "2 others": 1.5}
    assert [milliseconds(value) for value in (1.5, 0.0123, 0.00123)] == ["1,500", "12.3", "1.23"]
    assert [number(value) for value in (1234.5, 0.05678)] == ["1234", "0.0568"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_front_pages_tell_what_the_page_tells(language):
    page, front = headlines.PAGE.read_text(encoding="utf-8"), headlines.FRONT[language].read_text(encoding="utf-8")
    table = "\n".join(headlines.headlines(page, language))
    assert f"{headlines.BEGIN}\n{table}\n{headlines.END}" in front
