"""What the application computes and whom it lets in, without a browser: view, cards, answers, charts, engine, guard."""

import asyncio
import contextlib
import gzip
import io
import itertools
import math
import re
import tempfile
import threading
import time
import zipfile

import numpy as np
import pandas as pd
import pytest
import small_runs
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from experiments import commands_app
from experiments.languages import inside, speaker
from experiments.results import member_name
from sim.configuration.parameters import load_declarations
from sim.configuration.scenario_files import scenario_names, scenario_problems
from sim.ensemble import simulate
from sim.results.reducing import StoppedError
from sim.results.variable_list import load_variables
from sim.scenario import Scenario, levers
from viz import cards, charts, engine, files, forecast_page, front, serve, why_page
from viz.answers import answers, shared_answers
from viz.district import titles
from viz.engine import Engine, FullError, ensemble_of
from viz.follow import Snapshot, follow
from viz.guard import ASSETS, Guard
from viz.view import CHOICES, MOST_SAVED, View, address, bounds, path_of, preset_levers, read_view, scenario_of

SHARE = "policy.retrofit_grant.share"
GREEN, YEAR = "Revenue|Green Industry", 2025
ENGLISH, CHINESE = speaker("en"), speaker("zh")

# View ----------------------------------------------------------------------------------------------------------------


@given(
    st.sampled_from(CHOICES["page"]),
    st.sampled_from(CHOICES["language"]),
    st.sampled_from(CHOICES["scope"]),
    st.sampled_from(CHOICES["until"]),
    st.sampled_from(scenario_names()),
    st.dictionaries(st.sampled_from(sorted(bounds())), st.floats(0, 1), max_size=5),
)
def test_an_address_restores_the_view(page, language, scope, until, scenario, shares):
    view = View(language=language, page=page, scope=scope, until=until, scenario=scenario)
    for key, share in shares.items():
        low, high = bounds()[key]
        view = view.moved(key, float(f"{low + share * (high - low):.6g}"))
    assert read_view(address(view)) == view
    assert read_view("?" + address(view)) == view


@given(st.text(max_size=300) | st.none())
def test_any_address_is_read_without_an_error(search):
    view = read_view(search)
    assert view.scenario in scenario_names()


@given(
    st.sampled_from(sorted(bounds())),
    st.floats() | st.integers() | st.text() | st.none() | st.booleans() | st.lists(st.integers()),
)
def test_nothing_that_a_browser_sends_leaves_the_bounds(key, value):
    moved = dict(View().moved(key, value).changes)
    assert set(moved) <= {key}
    assert all(bounds()[key][0] <= number <= bounds()[key][1] for number in moved.values())


@pytest.mark.parametrize("value", [math.nan, math.inf, True, "", "x", None, [1]])
def test_what_is_no_number_moves_nothing(value):
    assert View().moved(SHARE, value) == View()


def test_an_unknown_lever_moves_nothing():
    assert View().moved("model.lending", 0) == View()
    assert View().moved("policy.no.such", 1) == View()
    assert read_view("model.lending=0&seed=7") == View()


def test_a_lever_put_where_it_stood_is_not_moved():
    view = View().moved(SHARE, 0.3)
    assert view.moved(SHARE, preset_levers("plan")[SHARE].value) == View()
    assert view.put_back(SHARE) == View()
    assert view.preset("baseline").changes == ()


def test_a_dated_path_is_not_mistaken_for_its_first_value():
    key = "policy.emission_limits.coverage"
    path = path_of(Scenario.load("plan"), key)
    assert path[0] == (2022, 0.2)
    assert path[-1] == (2025, 0.5)
    assert View().moved(key, 0.2).changes == ((key, 0.2),)
    assert path_of(Scenario.load("baseline"), key) == ()


def test_a_later_day_is_kept_and_restored():
    view = View().moved(f"{SHARE}@2024-01-01", 0.3)
    assert view.moved_keys() == {SHARE}
    assert read_view(address(view)) == view
    assert scenario_of(view.scenario, view.changes, view.until, 300).steps[SHARE][-1][1] == 0.3
    assert view.put(SHARE, 0.2).changes == ((SHARE, 0.2),)
    assert view.put_back(SHARE) == View()


@pytest.mark.parametrize("day", ["2021-01-01", "2022-01-01", "2036-01-01", "2024-13-01", "2024Q1", "", "x", "20240101"])
def test_what_is_no_later_day_moves_nothing(day):
    assert View().moved(f"{SHARE}@{day}", 0.3) == View()


@pytest.mark.parametrize("end", [0, 1])
def test_every_lever_may_stand_at_either_bound_in_every_scenario(end):
    for name in scenario_names():
        view = View().preset(name)
        for key in bounds():
            view = view.moved(key, bounds()[key][end])
        scenario_of(view.scenario, view.changes, view.until, 300)


def test_a_view_runs_what_the_command_line_runs():
    view = View().moved(SHARE, 0.3)
    ours = scenario_of(view.scenario, view.changes, view.until, 300, 7)
    assert ours.digest() == Scenario.load("plan", firms=300, seed=7, changes={SHARE: "0.3"}).digest()


# Cards ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("say", [ENGLISH, CHINESE])
def test_every_lever_has_one_card_with_all_that_is_known_of_it(say):
    found = [card for part in cards.sections(View(), say)[1:] for card in part["levers"]]
    assert sorted(card["key"] for card in found) == [lever.key for lever in levers()]
    for card in found:
        assert card["lower"] <= card["value"] <= card["upper"]
        assert card["name"]
        assert not card["moved"]
        assert all(len(row) == 2 and all(row) for row in card["details"])


def test_sections_come_in_the_order_of_the_plan():
    first, *parts = cards.sections(View(), ENGLISH)
    assert [card["key"] for card in first["levers"]] == list(cards.USUAL)
    names = [part["section"] for part in parts]
    assert names == sorted(names, key=lambda name: [int(part) for part in name.split(".")])
    assert all(part["title"] for part in cards.sections(View(), CHINESE))


def test_every_section_of_a_lever_has_a_name():
    from viz.plan_sections import SECTIONS

    assert {lever.plan_section for lever in levers()} <= set(SECTIONS)


def test_shares_are_shown_in_per_cent_and_read_back():
    view = View().moved(SHARE, 0.3)
    card = next(c for part in cards.sections(view, ENGLISH) for c in part["levers"] if c["key"] == SHARE)
    assert (card["value"], card["preset"], card["unit"], card["factor"]) == (30.0, 10.0, "%", 100.0)
    assert card["moved"]


def test_every_scenario_is_a_preset_with_a_sentence():
    found = cards.presets(View(), CHINESE)
    assert sorted(one["name"] for one in found) == scenario_names()
    assert [one["name"] for one in found if one["chosen"]] == ["plan"]
    assert all(one["title"] and one["sentence"] for one in found)


# Answers and charts --------------------------------------------------------------------------------------------------


def told(scope: str = "plan"):
    plan, baseline = small_runs.ensemble("plan").parts[0], small_runs.ensemble("baseline").parts[0]
    found = answers(plan.scenario, plan.replicates, baseline.replicates, 2)
    return found, found.scopes[scope]


@pytest.mark.parametrize(("scope", "variable"), [("plan", GREEN), ("manufacturing", f"{GREEN}|Manufacturing")])
def test_a_page_says_what_the_ensemble_says(scope, variable):
    found, of_scope = told(scope)
    summary = small_runs.ensemble("plan").summary
    row = summary[(summary["variable"] == variable) & (summary["year"] == YEAR)].iloc[0]
    assert tuple(of_scope.target_year) == pytest.approx((row["p5"], row["p50"], row["p95"]), rel=1e-12)
    assert of_scope.bands[2, -1] == pytest.approx(row["p50"], rel=1e-12)
    assert of_scope.odds == small_runs.ensemble("plan").probability(variable)
    assert found.n == small_runs.REPLICATES


def test_the_gain_is_paired_replicate_by_replicate():
    _, scope = told()
    plan, baseline = (small_runs.ensemble(name).parts[0].values(GREEN, YEAR) for name in ("plan", "baseline"))
    assert tuple(scope.gain) == pytest.approx(np.percentile(plan - baseline, (5, 50, 95)), rel=1e-9)


def test_costs_and_clusters_add_up():
    plan = small_runs.ensemble("plan").parts[0]
    found = answers(plan.scenario, plan.replicates[:1], (), 1)
    assert sum(bar.now.middle for bar in found.programmes) == pytest.approx(found.cost.middle, rel=1e-9)
    assert sum(bar.now.middle for bar in found.clusters) == pytest.approx(
        found.scopes["plan"].target_year.middle, rel=1e-9
    )
    first = found.clusters[: charts.MANUFACTURING]
    assert sum(bar.now.middle for bar in first) == pytest.approx(
        found.scopes["manufacturing"].target_year.middle, rel=1e-9
    )


def test_answers_are_worked_out_once_for_all_who_see_the_same_replicates():
    plan, baseline = small_runs.ensemble("plan").parts[0], small_runs.ensemble("baseline").parts[0]
    first, again = (shared_answers(plan.scenario, plan.replicates, baseline.replicates, 2) for _ in range(2))
    assert first is again
    fewer = shared_answers(plan.scenario, plan.replicates[:1], baseline.replicates[:1], 2)
    assert fewer is not None
    assert first is not None
    assert (fewer.n, first.n) == (1, len(plan.replicates))


def test_nothing_is_told_before_the_first_replicate():
    plan = small_runs.ensemble("plan").parts[0]
    assert answers(plan.scenario, (), (), 2) is None


def test_the_fan_holds_the_bands_and_the_target():
    found, scope = told()
    chart = charts.fan(found, View(), ENGLISH)
    series = {one["name"]: one for one in chart.option["series"]}
    low, rise = (np.array(series[f"90-{end}"]["data"]) for end in ("low", "high"))
    assert low == pytest.approx(scope.bands[0], abs=0.06)
    assert low + rise == pytest.approx(scope.bands[4], abs=0.11)
    assert series["Plan"]["data"] == pytest.approx(scope.bands[2], abs=0.06)
    assert series["Baseline"]["data"] == pytest.approx(scope.ghost, abs=0.06)
    assert series["Plan"]["markLine"]["data"] == [{"yAxis": 400.0}]
    assert len(chart.readings) == len(chart.rows) == len(found.quarters) == 17
    assert all(len(row) == len(chart.columns) for row in chart.rows)


def test_a_number_stands_at_its_bar_or_behind_a_mark_that_it_would_cover():
    bar = told()[0].clusters[0]._replace(now=charts.Span(40.0, 50.0, 60.0), first=0.0)
    shown = [bar._replace(baseline=after) for after in (40.0, 53.0, 100.0)]
    assert [one["value"][0] for one in charts.numbers_beside(shown, 1)["data"]] == [50.0, 53.0, 50.0]


def test_a_setting_that_costs_nothing_has_a_chart_of_nothing():
    chart = charts.bars([], "programme", View(scenario="none"), ENGLISH, 2)
    assert chart.rows == []


@pytest.mark.parametrize(("last", "years"), [(2025, 1), (2030, 3), (2035, 2)])
def test_an_axis_tells_its_first_and_last_year(last, years):
    quarters = [f"{year}Q4" for year in range(2021, last + 1)]
    axis = charts.year_labels([quarter for year in quarters for quarter in [*[""] * 3, year]][3:])
    told = quarters[:: (axis["interval"] + 1) // 4]
    assert (told[0], told[-1], len(told) - 1) == ("2021Q4", f"{last}Q4", (last - 2021) // years)


def test_differences_carry_a_minus_and_nothing_has_no_sign():
    assert [charts.signed(number) for number in (1.25, -1234.5, 0.04, -0.04)] == ["+1.2", "−1,234.5", "0.0", "0.0"]
    assert charts.between(-0.5, 0.0, 2, ENGLISH) == "−0.50 to 0.00"


def test_names_in_english_are_in_sentence_case_and_places_keep_their_capitals():
    named = {one.name: member_name(one, "en") for one in load_variables()}
    assert named["Adoption by Group|PV and Storage"] == "PV and storage"
    assert named["By-products by Park|Degan to Luohuang"] == "Degan to Luohuang"
    assert titles("streams")["S03"] == ("脱硫石膏", "FGD gypsum")
    assert [inside(name) for name in ("Steel scrap", "FGD gypsum")] == ["steel scrap", "FGD gypsum"]


def test_one_replicate_is_a_line_without_bands():
    plan = small_runs.ensemble("plan").parts[0]
    chart = charts.fan(answers(plan.scenario, plan.replicates[:1], (), 1), View(), CHINESE)
    assert [one["name"] for one in chart.option["series"]] == ["规划"]


@pytest.mark.parametrize(("scope", "n"), [("plan", 9), ("manufacturing", 5)])
def test_clusters_are_those_of_the_scope(scope, n):
    chart = charts.clusters(told()[0], View(scope=scope), ENGLISH)
    assert len(chart.rows) == len(chart.readings) == n
    assert len(chart.option["yAxis"]["data"]) == n


# Engine --------------------------------------------------------------------------------------------------------------


class Desk:
    """Replicates that end when a test says so."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, int]] = []
        self.free = threading.Semaphore(0)
        self.changed = threading.Condition()
        self.failing = ""

    def run(self, scenario, world, population, replicate, with_micro=False, stop=None):
        with self.changed:
            self.begun.append((scenario.name, replicate))
            self.changed.notify_all()
        if scenario.name == self.failing:
            raise RuntimeError("a defect")
        while not self.free.acquire(timeout=0.005):
            if stop.is_set():
                raise StoppedError
        return replicate

    def wait_for(self, n: int) -> list[tuple[str, int]]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.begun) >= n, 5), self.begun
            return list(self.begun)


@pytest.fixture
def desk(monkeypatch):
    found = Desk()
    monkeypatch.setattr(engine, "run_and_reduce", found.run)
    monkeypatch.setattr(engine, "build_world", lambda scenario, population: None)
    return found


@pytest.fixture
def engines():
    made = []

    def make(**options):
        made.append(Engine(**{"workers": 1, "replicates": 4} | options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def named(name: str) -> Scenario:
    return small_runs.renamed(name)


def test_the_engine_returns_what_simulate_returns(engines):
    scenario = small_runs.scenario("plan")
    made = engines(workers=2, replicates=small_runs.REPLICATES)
    with made.asking(scenario) as job:
        assert made.wait([job], small_runs.REPLICATES - 1, 60)
        found = ensemble_of(scenario, made.so_far(job), 2)
    expected = simulate(scenario, replicates=small_runs.REPLICATES, populations=2)
    assert found.years.equals(expected.years)


def test_a_new_setting_gets_its_sketch_before_others_get_their_bands(desk, engines):
    made = engines()
    with made.asking(named("first")):
        desk.wait_for(1)
        desk.free.release()
        desk.wait_for(2)
        with made.asking(named("second")):
            desk.free.release()
            assert desk.wait_for(3)[2] == ("second", 0)


def test_equal_settings_are_run_once(desk, engines):
    made = engines()
    with made.asking(named("same")) as one, made.asking(named("same")) as other:
        assert one is other
        desk.free.release(4)
        assert made.wait([one], 3, 5)
        assert one.complete
    assert len(desk.begun) == 4


def test_a_run_that_nobody_waits_for_stops_and_goes_on_where_it_was(desk, engines):
    made = engines()
    with made.asking(named("left")) as job:
        desk.free.release()
        desk.wait_for(2)
    time.sleep(0.1)
    assert len(desk.begun) == 2
    assert made.working() == 0
    with made.asking(named("left")) as again:
        assert again is job
        desk.free.release(3)
        assert made.wait([again], 3, 5)
    assert desk.begun[2:] == [("left", 1), ("left", 2), ("left", 3)]


def test_what_is_run_ahead_gives_way(desk, engines):
    made = engines()
    made.prepare(named("ahead"))
    desk.wait_for(1)
    with made.asking(named("asked")) as job:
        desk.free.release(5)
        assert made.wait([job], 3, 5)
        assert [name for name, _ in desk.wait_for(5)[:5]] == ["ahead", *["asked"] * 4]


def test_a_full_queue_refuses(desk, engines):
    made = engines(most_jobs=1)
    with made.asking(named("one")), pytest.raises(FullError), made.asking(named("two")):
        pass


def test_an_error_ends_one_run_with_a_reference_and_no_other(desk, engines, caplog):
    made = engines()
    desk.failing = "bad"
    desk.free.release(4)
    with made.asking(named("bad")) as bad, made.asking(named("good")) as good:
        assert made.wait([bad, good], 3, 5)
        assert len(bad.trouble) == 8
        assert bad.trouble in caplog.text
        assert good.complete
        assert not good.trouble


def test_a_run_has_a_time_limit(desk, engines):
    made = engines(seconds=0.0)
    desk.free.release(4)
    with made.asking(named("long")) as job:
        assert made.wait([job], 0, 5)
        time.sleep(0.05)
        assert job.trouble == "limit"
        assert 0 < len(job.done) < 4


def test_a_run_that_used_its_time_goes_on_when_asked_again(desk, engines):
    made = engines(seconds=0.0)
    desk.free.release(8)
    for _ in range(8):
        with made.asking(named("long")) as job:
            assert made.wait([job], len(job.done), 5)
        if job.complete:
            break
    assert job.complete
    assert [r for _, r in desk.begun] == [0, 1, 2, 3]


def test_old_runs_are_forgotten(desk, engines):
    made, few = engines(replicates=1), engine.Kind("few", kept=3)
    desk.free.release(100)
    for place in range(8):
        with made.asking(named(f"run-{place}"), few) as job:
            assert made.wait([job], 0, 5)
    assert len(made._jobs) <= 4


def test_following_tells_until_all_is_there(desk, engines):
    made, heard = engines(), []
    desk.free.release(8)
    follow(made, (named("one"), named("two")), threading.Event(), heard.append)
    assert [len(run.replicates) for run in heard[-1].runs] == [4, 4]
    assert all(run.over for run in heard[-1].runs)
    assert [run.digest for run in heard[-1].runs] == [named("one").digest(), named("two").digest()]


def test_following_ends_when_nobody_looks(desk, engines):
    made, heard, gone = engines(), [], threading.Event()
    thread = threading.Thread(target=follow, args=(made, (named("one"),), gone, heard.append))
    thread.start()
    desk.free.release()
    desk.wait_for(2)
    gone.set()
    thread.join(5)
    assert not thread.is_alive()
    assert made.working() == 0


def test_following_waits_for_room(desk, engines):
    made, heard, gone = engines(most_jobs=1), [], threading.Event()
    with made.asking(named("one")):
        thread = threading.Thread(target=follow, args=(made, (named("two"),), gone, heard.append))
        thread.start()
        for _ in range(500):
            if heard:
                break
            time.sleep(0.01)
        assert heard[0] == Snapshot(sharing=1, waiting=True)
        gone.set()
    thread.join(5)
    assert not thread.is_alive()


# Guard ---------------------------------------------------------------------------------------------------------------


async def passed_on(scope, receive, send):
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def ask(path: str = "/", assets=None, kind: str = "http", **headers: str):
    """Status and headers of the answer to a request; a refused socket is 403 as a client sees it."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": f"{kind}.connect"}

    given_headers = {"host": "localhost:8765"} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": kind,
        "method": headers.pop("method", "GET"),
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in given_headers.items() if name != "method"],
    }
    asyncio.run(Guard(passed_on, ["lvjin.example"], assets)(scope, receive, send))
    first = sent[0]
    return (403 if first["type"] == "websocket.close" else first["status"]), dict(first.get("headers", []))


def test_a_page_is_served_with_a_policy_that_keeps_the_browser_here():
    status, headers = ask()
    assert status == 299
    assert b"default-src 'self'" in headers[b"content-security-policy"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:8765", "lvjin.example", "LVJIN.example:443"])
def test_own_names_are_answered(host):
    assert ask(host=host)[0] == 299


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example", "evil.example:8765", "lvjin.example.evil"]
)
def test_a_foreign_name_is_not_answered(host):
    assert ask(host=host)[0] == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "http://localhost:1", "http://localhost:8765.evil.example", "x"]
)
def test_a_socket_from_another_page_is_refused(origin):
    assert ask("/jupyter/api/kernels/x/channels", kind="websocket", origin=origin)[0] == 403


def test_a_socket_without_origin_is_refused():
    assert ask("/jupyter/api/kernels/x/channels", kind="websocket")[0] == 403


def test_a_socket_from_the_own_page_is_passed_on():
    assert ask("/jupyter/api/kernels/x/channels", kind="websocket", origin="http://localhost:8765")[0] == 299


def test_another_page_cannot_write():
    assert ask("/_solara/api/close/x", method="POST", origin="http://evil.example")[0] == 403
    assert ask("/_solara/api/close/x", method="POST", origin="http://localhost:8765")[0] == 299


@pytest.mark.parametrize("length", ["2000001", "-1", "x", "9" * 30])
def test_a_large_body_is_refused(length):
    assert ask(content_length=length)[0] == 413


@pytest.mark.parametrize(
    "name", ["no/such.js", "../outside.js", "..%2foutside.js", "%2e%2e/outside.js", "", "folder", "/etc/passwd", "a\0b"]
)
def test_no_asset_is_fetched_or_read_from_elsewhere(name, tmp_path):
    (tmp_path / "assets" / "folder").mkdir(parents=True)
    (tmp_path / "outside.js").touch()
    assert ask(ASSETS + name, tmp_path / "assets")[0] == 404


def test_an_asset_that_lies_here_is_passed_on(tmp_path):
    (tmp_path / "a.js").touch()
    assert ask(f"{ASSETS}a.js", tmp_path)[0] == 299


def test_health_has_an_address():
    assert ask("/healthz")[0] == 200
    assert ask("/resourcez")[0] == 404


# Start ---------------------------------------------------------------------------------------------------------------


def test_the_server_starts_closed_quiet_and_tidy():
    assert serve.SETTINGS["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] == "false"
    assert serve.SETTINGS["SOLARA_SESSION_HTTP_ONLY"] == "true"
    assert serve.SETTINGS["SOLARA_KERNEL_CULL_TIMEOUT"] == "10m"
    assert serve.SETTINGS["SOLARA_MODE"] == "production"
    assert serve.parser().parse_args([]).host == "127.0.0.1"


def test_a_missing_application_is_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(commands_app, "NEEDED", ("no_such_library",))
    assert commands_app.start_app("127.0.0.1", 1, (), 300, 4, 1) == commands_app.NOT_INSTALLED
    assert "make app" in capsys.readouterr().err


def test_a_taken_port_is_a_sentence(monkeypatch, capsys):
    import socket

    monkeypatch.setattr(commands_app, "NEEDED", ("numpy",))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert commands_app.start_app("127.0.0.1", port, (), 300, 4, 1) == commands_app.NOT_INSTALLED
    assert f"--port {port + 1}" in capsys.readouterr().err


def test_no_file_of_the_page_names_another_server():
    files = [path for path in (ROOT / "viz").rglob("*") if path.suffix in (".vue", ".css")]
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "http:" not in text
        assert "https:" not in text
        assert "//cdn" not in text


# Front ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_front_shows_the_numbers_of_the_page_that_follows(language):
    found, _ = told()
    html = front.drawn(View(language=language), found)
    for tile in forecast_page.tiles(View(language=language), found, speaker(language)):
        assert f">{tile['title']}<" in html
        assert f">{tile['number']}<" in html
        assert f">{tile['note']}<" in html
    assert all(f">{words[language == 'en']}<" in html for words in front.PAGE_NAMES.values())
    assert "http" not in html.replace(front.LOOK, "")
    assert "–" in front.drawn(View(language=language), None)


@given(st.text(max_size=200))
def test_nothing_of_an_address_gets_into_the_front(text):
    view = read_view(text + "<script>x</script>&scenario=<b>&pick=<i>")
    assert "<script>x" not in front.drawn(view, None)
    assert front.html(text) in (b'<html lang="zh-CN">', b'<html lang="en">')


def page_through_front(path: str = "/", **headers: str) -> tuple[dict[bytes, bytes], bytes]:
    """What the front makes of a page."""

    async def page(scope, receive, send):
        assert b"accept-encoding" not in dict(scope["headers"]) or path != "/"
        body = b'<html><body><div id="app"></div></body></html>'
        headers = [(b"content-length", str(len(body)).encode()), (b"set-cookie", b"a"), (b"set-cookie", b"b")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body[:9], "more_body": True})
        await send({"type": "http.response.body", "body": body[9:]})

    sent = []

    async def send(message):
        sent.append(message)

    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"lang=en", "headers": pairs}
    asyncio.run(front.Front(page, lambda query: f"<p>{query}</p>")(scope, None, send))
    body = b"".join(one.get("body", b"") for one in sent[1:])
    assert sum(name == b"set-cookie" for name, _ in sent[0]["headers"]) == 2
    return dict(sent[0]["headers"]), body


def test_the_front_is_put_into_the_page_and_nowhere_else():
    headers, body = page_through_front()
    assert body == b'<html lang="en"><body><p>lang=en</p><div id="app"></div></body></html>'
    assert headers[b"content-length"] == str(len(body)).encode()
    packed, small = page_through_front(accept_encoding="gzip, br")
    assert packed[b"content-encoding"] == b"gzip"
    assert gzip.decompress(small) == body
    assert b"<p>" not in page_through_front("/static/x")[1]


# Files ---------------------------------------------------------------------------------------------------------------


def moved_view() -> View:
    view = View().moved(SHARE, 0.3).moved("policy.carbon_price.price@2024-07-01", 90)
    return view.put("policy.emission_limits.coverage", 0.4)


def same_run(one: View, other: View) -> bool:
    first, second = (scenario_of(view.scenario, view.changes, view.until, 300) for view in (one, other))
    return first.changes == second.changes


@pytest.mark.parametrize("name", scenario_names())
def test_a_saved_setting_comes_back_as_it_was(name):
    view = View().preset(name)
    assert files.read_setting(files.scenario_text(view), View()).changes == ()
    view = view.with_changes(moved_view().changes)
    again = files.read_setting(files.scenario_text(view), View())
    assert same_run(view, again)
    assert len(again.changes) <= len(view.changes)


def test_a_saved_setting_is_a_scenario_that_the_command_line_runs(tmp_path):
    path = tmp_path / "my_scenario.yaml"
    path.write_text(files.scenario_text(moved_view()), encoding="utf-8")
    assert scenario_problems(path, load_declarations()) == []
    ours = scenario_of("plan", moved_view().changes, "2025Q4", 300)
    assert Scenario.load(str(path), firms=300).changes == ours.changes


def test_a_setting_that_takes_a_policy_away_comes_back():
    text = files.scenario_text(View().preset("baseline").moved(SHARE, 0.2))
    again = files.read_setting(text, View(scenario="none"))
    assert (again.scenario, again.changes) == ("baseline", ((SHARE, 0.2),))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * 200_000, "too large"),
        ("", "cannot be used"),
        ("\0\1\2", "cannot be used"),
        ("- a\n- b", "cannot be used"),
        ("&a [*a, *a]", "cannot be used"),
        ("!!python/object/apply:os.system ['true']", "cannot be used"),
        ("name_zh: a\nname_en: b\nsentence_zh: c\nsentence_en: d\nchanges: {policy.no.such: 1}", "policy.no.such"),
        ("name_zh: a\nname_en: b\nsentence_zh: c\nsentence_en: d\nchanges: {policy.retrofit_grant.share: 9}", "0.6"),
        ("name_zh: a\nname_en: b\nsentence_zh: c\nsentence_en: d\nchanges: {model.lending: off}", "Only policies"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(text, said):
    with pytest.raises(files.RefusedError) as refused:
        files.read_setting(text, View())
    assert said in str(refused.value)
    assert tempfile.gettempdir() not in str(refused.value)


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(files.RefusedError):
        files.read_setting(text, View())


def test_the_command_that_is_shown_gives_the_same_run():
    view = moved_view().turned(until="2030Q4")
    words = files.command(view, 300, 8, 7).split()
    changes = dict(pair.split("=") for flag, pair in itertools.pairwise(words) if flag == "--set")
    ours = Scenario.load(words[2], firms=300, until="2030Q4", seed=7, changes=changes)
    assert ours.changes == scenario_of(view.scenario, view.changes, view.until, 300, 7).changes
    assert "--until 2030Q4 --firms 300 --replicates 8 --seed 7" in " ".join(words)
    assert files.command(View(), 5000, 100, 1) == "lvjin run plan"


def test_the_bundle_is_that_of_a_run():
    ensemble = small_runs.both()
    with zipfile.ZipFile(io.BytesIO(files.bundle(ensemble, "lvjin run"))) as archive:
        years = pd.read_csv(archive.open("lvjin/years.csv"))
        names = archive.namelist()
    assert len(years) == len(ensemble.years)
    assert {"lvjin/summary.csv", "lvjin/indicators.csv", "lvjin/datapackage.json", "lvjin/run.json"} <= set(names)


def test_the_figures_are_drawn_apart_in_one_language():
    with zipfile.ZipFile(io.BytesIO(files.figures(small_runs.both(), "lvjin run", "zh"))) as archive:
        names = archive.namelist()
        assert archive.read("figures/revenue_fan.zh.png").startswith(b"\x89PNG")
    assert names
    assert all(".zh." in name for name in names)


def test_the_summary_opens_in_a_spreadsheet():
    raw = files.spreadsheet(files.named(small_runs.ensemble("plan"), files.OWN))
    assert raw.startswith("\ufeff".encode())
    table = pd.read_csv(io.BytesIO(raw))
    assert set(table["scenario"]) == {files.OWN}
    words = {str(word) for name in ("scenario", "variable", "unit") for word in table[name]}
    assert not [word for word in words if word[:1] in "=+-@"]


# Compare -------------------------------------------------------------------------------------------------------------


def test_saved_settings_are_kept_once_and_restored():
    view = View(page="files", language="en").moved(SHARE, 0.3)
    view = view.keeping(view).keeping(view).preset("none").keeping(view)
    assert len(view.saved) == 1
    assert read_view(address(view)) == view
    assert read_view(view.saved[0]) == View().moved(SHARE, 0.3)
    assert view.without(view.saved[0]).saved == ()
    first = View().keeping(View())
    assert read_view(address(first)) == first
    assert len(first.saved) == 1


def test_only_a_few_settings_are_kept():
    view = View()
    for share in range(1, 9):
        view = view.keeping(View().moved(SHARE, share / 100))
    assert len(view.saved) == MOST_SAVED
    assert len(read_view("&".join([address(view)] * 3)).saved) == MOST_SAVED


# Why -----------------------------------------------------------------------------------------------------------------


def test_the_terms_of_a_change_add_up():
    plan = small_runs.ensemble("plan").parts[0]
    chart = why_page.bridge(plan.replicates, View(), ENGLISH)
    floor, bars = (series["data"] for series in chart.option["series"])
    ends = [low + bar["value"] for low, bar in zip(floor, bars, strict=True)]
    assert ends[0] == pytest.approx(np.mean(plan.values(GREEN, 2021)), abs=0.02)
    assert ends[-1] == pytest.approx(np.mean(plan.values(GREEN, YEAR)), abs=0.02)
    terms = [float(text.replace("−", "-")) for _, text in chart.rows[1:-1]]
    assert ends[0] + sum(terms) == pytest.approx(ends[-1], abs=0.05 * len(terms))


def test_reasons_share_out_all_firms_that_may_act():
    plan = small_runs.ensemble("plan").parts[0]
    shares = why_page.reason_shares(plan.replicates)
    assert sum(shares.values()) == pytest.approx(np.full(len(plan.replicates), 100.0))
    assert why_page.UNFIT not in shares


def test_what_is_paid_for_adds_up_to_the_cost():
    found, _ = told()
    names = why_page.spending(found, View(), ENGLISH).option["yAxis"]["data"]
    assert 0 < len(names) <= len(found.programmes)


def test_every_note_of_a_policy_is_told_in_both_languages():
    policies = [entry for entry in load_declarations().values() if entry.group == "policy"]
    assert [entry.key for entry in policies if bool(entry.note) != bool(entry.note_zh)] == []
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert [entry.key for entry in policies if entry.note and not chinese.search(entry.note_zh)] == []
