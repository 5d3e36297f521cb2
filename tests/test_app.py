"""The application as a visitor meets it: `lvjin app` and a real browser, which a guard keeps on this machine."""

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from sim.ensemble import Ensemble, simulate
from sim.scenario import Scenario
from viz import serve
from viz.front import ECHARTS
from viz.serve import asset_folder

FIRMS, REPLICATES, SEED = 300, 30, 5
SHARE, PULL = "policy.retrofit_grant.share", "policy.green_consumption.pull"
GREEN, YEAR = "Revenue|Green Industry", 2025
NAME = "lvjin.example"  # of the server, for visitors who come through nginx
START = 300  # seconds, in which a machine that is not warmed up compiles the model
PATIENCE = 120_000  # milliseconds that a loaded machine may take

# Imported by every Python that the server starts: whoever looks for an address outside is written down.
WATCH = """
import os, sys

def outside(event, arguments):
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "local"
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host not in (None, "", "local", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::"):
        with open(os.environ["LVJIN_TEST_OUTSIDE"], "a") as file:
            file.write(f"{event} {host}\\n")

sys.addaudithook(outside)
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Server:
    """A running application."""

    def __init__(self, folder: Path, replicates: int = REPLICATES, **limits: int) -> None:
        self.outside, self.log = folder / "outside.txt", folder / "log.txt"
        (folder / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        paths = [str(folder), str(ROOT), os.environ.get("PYTHONPATH", "")]
        environment = (
            os.environ
            | {
                "PYTHONPATH": os.pathsep.join(filter(None, paths)),
                "LVJIN_TEST_OUTSIDE": str(self.outside),
            }
            | {f"LVJIN_APP_{name.upper()}": str(value) for name, value in limits.items()}
        )
        words = ["app", "--port", self.port, "--firms", FIRMS, "--replicates", replicates, "--seed", SEED]
        words += ["--allow", NAME]
        command = [sys.executable, "-m", "experiments.cli", *map(str, words)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def answers(self) -> bool:
        try:
            return self.ask("/healthz")[0] == 200
        except OSError:
            return False

    def says(self, path: str) -> str:
        with urllib.request.urlopen(f"{self.address}{path}", timeout=20) as answer:
            return answer.read().decode()

    def ask(self, path: str, **headers: str) -> tuple[int, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()


def serving(found: Server) -> Iterator[Server]:
    """A server from its first answer to its end."""
    try:
        started = time.monotonic()
        while not found.answers():
            assert found.process.poll() is None, found.log.read_text(encoding="utf-8")
            assert time.monotonic() - started < START, "the server does not answer"
            time.sleep(0.1)
        yield found
    finally:
        found.process.send_signal(signal.SIGTERM)
        found.process.wait(30)
    assert not found.answers(), "the server outlived the command"
    assert not found.outside.exists(), found.outside.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    yield from serving(Server(tmp_path_factory.mktemp("server")))


@pytest.fixture
def small_server(tmp_path) -> Iterator[Server]:
    """Room for two runs, each of few seconds and too many replicates."""
    yield from serving(Server(tmp_path, replicates=2000, queue=2, seconds=4))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "Chromium is missing: `make setup-test` installs it"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
        )
        yield found
        found.close()


class Visitor:
    """A browser of its own, and what it complained about."""

    def __init__(self, browser: Browser, server: "Server | Proxy") -> None:
        self.server, self.complaints = server, list[str]()
        self.context: BrowserContext = browser.new_context(
            viewport={"width": 1366, "height": 768}, ignore_https_errors=True
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", lambda said: self.complain(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complain(str(error)))
        self.page.on("request", lambda asked: self.complain(asked.url) if self.leaves(asked.url) else None)
        self.page.on("response", lambda got: self.complain(f"{got.status} {got.url}") if got.status >= 400 else None)

    def complain(self, text: str) -> None:
        self.complaints.append(text)

    def leaves(self, url: str) -> bool:
        return not url.startswith((self.server.address, "data:", "blob:", self.server.address.replace("http", "ws")))

    def visit(self, query: str = "lang=en") -> "Visitor":
        self.page.goto(f"{self.server.address}/?{query}")
        self.page.wait_for_selector("#app .lv-bar")
        self.page.wait_for_selector("#lv-front", state="detached")
        return self

    def wait_for(self, scenario: Scenario) -> "Visitor":
        """Until all replicates of a scenario are there."""
        self.page.wait_for_selector(f'.lv-progress[data-run="{scenario.digest()[:12]}"][data-over="true"]')
        return self

    def type(self, key: str, value: str) -> None:
        field = self.page.locator(f'[data-key="{key}"] .lv-value')
        field.fill(value)
        field.press("Enter")

    def value(self, key: str) -> float:
        return float(self.page.locator(f'[data-key="{key}"] .lv-value').input_value())

    def tile(self, name: str) -> str:
        return self.page.locator(f'[data-tile="{name}"]').inner_text()

    def last_row(self) -> list[float]:
        """Median, 5, 25, 75 and 95 % of the last quarter, from the table below the fan."""
        row = self.page.locator(".lv-wide .lv-numbers tbody tr").last
        return [float(cell) for cell in row.locator("td").all_text_contents()[1:6]]

    def take(self, title: str, folder: Path) -> Path:
        """A file of the page Files, saved."""
        with self.page.expect_download() as told:
            self.page.get_by_role("button", name=title).click()
        path = folder / told.value.suggested_filename
        told.value.save_as(path)
        return path

    def bring(self, path: Path) -> None:
        self.page.locator(".lv-take input").set_input_files(path)

    def leave(self) -> None:
        self.context.close()


@pytest.fixture
def visitors(browser, server) -> Iterator:
    met: list[Visitor] = []

    def meet(query: str = "lang=en") -> Visitor:
        met.append(Visitor(browser, server))
        return met[-1].visit(query)

    yield meet
    for one in met:
        one.leave()
    assert [text for one in met for text in one.complaints] == []


def setting(name: str = "plan", until: str = "2025Q4", **changes: float) -> Scenario:
    named = {key.replace("__", "."): value for key, value in changes.items()}
    return Scenario.load(name, firms=FIRMS, seed=SEED, until=until, changes=named)


def with_share(value: float) -> Scenario:
    return Scenario.load("plan", firms=FIRMS, seed=SEED, changes={SHARE: value})


@cache
def expected(scenario: Scenario) -> tuple[Ensemble, list[float]]:
    """What `simulate` says, as the table below the fan shows it."""
    found = simulate(scenario, replicates=REPLICATES, populations=2)
    values = found.parts[0].values(GREEN, YEAR)
    return found, [round(float(np.percentile(values, share)), 1) for share in (50, 5, 25, 75, 95)]


def test_moving_a_lever_changes_the_chart_to_what_simulate_says(visitors):
    visitor = visitors()
    visitor.wait_for(setting())
    before = visitor.last_row()
    assert before == pytest.approx(expected(setting())[1], abs=0.051)
    visitor.type(PULL, "10")
    moved = Scenario.load("plan", firms=FIRMS, seed=SEED, changes={PULL: 0.1})
    visitor.wait_for(moved)
    after = visitor.last_row()
    ensemble, numbers = expected(moved)
    assert after == pytest.approx(numbers, abs=0.051)
    assert after != before
    odds = ensemble.probability(GREEN)
    assert f"{100 * odds.estimate:.0f}" in visitor.tile("chance")
    assert f"{100 * odds.low:.0f}–{100 * odds.high:.0f} %" in visitor.tile("chance")
    gains = ensemble.parts[0].values(GREEN, YEAR) - expected(setting("baseline"))[0].parts[0].values(GREEN, YEAR)
    assert f"{np.median(gains):+.1f}" in visitor.tile("gain")
    visitor.page.reload()
    visitor.wait_for(moved)
    assert visitor.value(PULL) == 10
    assert visitor.last_row() == after


def test_the_page_speaks_both_languages_and_remembers_which(visitors):
    visitor = visitors("")
    page = visitor.page
    assert page.locator(".lv-bar nav").inner_text().split() == [
        "预测",
        "指标",
        "原因",
        "园区",
        "比较",
        "寻找",
        "文件",
        "说明",
    ]
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.get_by_role("button", name="EN", exact=True).click()
    page.get_by_role("button", name="Forecast").wait_for()
    page.locator('[data-tile="revenue"]', has_text="Green revenue in 2025").wait_for()
    page.reload()
    page.get_by_role("button", name="Indicators").click()
    page.get_by_text("The eighteen indicators of the plan").wait_for()
    page.locator(".lv-table tbody tr").first.wait_for()
    assert page.locator(".lv-table tbody tr").count() >= 18
    page.get_by_role("button", name="中文").click()
    page.get_by_text("规划十八项指标").wait_for()
    page.get_by_role("button", name="说明", exact=True).click()
    page.get_by_text("不能回答").wait_for()
    assert "page=about" in page.url
    assert not re.search(r"[A-Za-z]{12,} [A-Za-z]+ [A-Za-z]+", page.locator(".lv-text section").first.inner_text())


def test_a_preset_sets_all_levers(visitors):
    visitor = visitors()
    assert visitor.value(SHARE) == 10
    visitor.page.get_by_role("radio", name="Baseline").click()
    visitor.wait_for(setting("baseline"))
    assert visitor.value(SHARE) == 6
    assert "this is the baseline" in visitor.tile("gain")
    visitor.page.get_by_role("radio", name="to 2030").click()
    visitor.wait_for(setting("baseline", "2030Q4"))
    assert visitor.page.locator(".lv-wide .lv-numbers tbody tr").count() == 37


def test_a_number_out_of_bounds_is_held_within_them(visitors):
    visitor = visitors(f"lang=en&{SHARE}=1e9&{PULL}=nan&scenario=../../x&page=nowhere")
    assert visitor.value(SHARE) == 60
    visitor.type(SHARE, "-5")
    visitor.wait_for(with_share(0.0))
    assert visitor.value(SHARE) == 0
    visitor.page.get_by_role("button", name="Put all back").click()
    visitor.wait_for(setting())
    assert visitor.value(SHARE) == 10
    assert SHARE not in visitor.page.url


def test_levers_are_found_and_explained(visitors):
    visitor = visitors()
    visitor.page.get_by_role("searchbox").fill("carbon_price 碳价")
    keys = visitor.page.locator("[data-key]").evaluate_all("found => found.map(one => one.dataset.key)")
    assert keys
    assert all("carbon_price" in key for key in keys)
    visitor.page.locator('[data-key="policy.carbon_price.price"] .lv-info').click()
    told = visitor.page.locator(".lv-details").inner_text()
    assert "policy.carbon_price.price" in told
    assert "2022-01-01" in told
    visitor.page.get_by_role("searchbox").fill("no such policy")
    visitor.page.get_by_text("No policy matches.").wait_for()


def test_the_first_answer_of_the_server_shows_the_numbers(visitors, server):
    visitor = visitors().wait_for(setting())
    html = server.says("/?lang=en")
    for name in ("revenue", "chance", "gain", "cost"):
        number = visitor.page.locator(f'[data-tile="{name}"] .lv-tile-number').inner_text()
        assert f">{re.match(r'[+-]?[0-9.,]+', number)[0]}<" in html


def test_a_visitor_by_keyboard_gets_past_the_levers(visitors):
    page = visitors().page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('.lv-main'))")


# Texts that stand out less than the guidelines for accessible pages ask for, and controls that have no name.
HARD_TO_READ = """() => {
  const light = (c) => c.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4));
  const luminance = (c) => { const [r, g, b] = light(c); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const found = [];
  const walk = document.createTreeWalker(document.querySelector('#app'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || element.closest('svg, :disabled')) continue;
    if (!element.getBoundingClientRect().width || getComputedStyle(element).visibility === 'hidden') continue;
    let behind = element, ground = [255, 255, 255];
    for (; behind; behind = behind.parentElement) {
      const colour = parts(getComputedStyle(behind).backgroundColor);
      if (colour.length < 4 || colour[3] > 0.5) { ground = colour.slice(0, 3); break; }
    }
    const both = [luminance(parts(getComputedStyle(element).color).slice(0, 3)), luminance(ground)];
    const contrast = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
    if (contrast < 4.5) found.push([contrast.toFixed(2), element.className, element.innerText.slice(0, 30)].join(' '));
  }
  for (const one of document.querySelectorAll('#app button, #app input, #app [role=button]')) {
    const name = one.innerText || one.textContent || one.getAttribute('aria-label') || (one.labels || []).length;
    if (!name && one.getBoundingClientRect().width) found.push('no name: ' + one.outerHTML.slice(0, 80));
  }
  return found;
}"""
SHIFTS = """window.shifted = 0;
const added = (one) => { if (!one.hadRecentInput) window.shifted += one.value; };
new PerformanceObserver((told) => told.getEntries().forEach(added)).observe({type: 'layout-shift', buffered: true});"""


def test_every_page_can_be_read_and_does_not_jump(browser, server):
    visitor = Visitor(browser, server)
    visitor.page.add_init_script(SHIFTS)
    visitor.visit().wait_for(setting())
    assert visitor.page.evaluate("window.shifted") < 0.1  # what counts as good in browsers' own measure
    for place in range(8):
        visitor.page.locator(".lv-bar nav button").nth(place).click()
        visitor.page.locator(f".lv-bar nav button:nth-child({place + 1}).chosen").wait_for()
        visitor.page.locator(".lv-panel").first.wait_for()
        assert visitor.page.evaluate(HARD_TO_READ) == []
    visitor.leave()
    assert visitor.complaints == []


def test_the_keyboard_moves_a_lever(visitors):
    visitor = visitors()
    slider = visitor.page.locator(f'[data-key="{SHARE}"] input[type=range]')
    slider.focus()
    slider.press("End")
    visitor.wait_for(with_share(0.6))


def test_stop_stops_and_go_on_goes_on(visitors):
    visitor = visitors("lang=en&until=2035Q4")
    page = visitor.page
    page.get_by_role("button", name="Stop").click()
    page.get_by_text(re.compile("stopped")).wait_for()
    time.sleep(1.0)  # what was told at the same moment arrives
    said = page.locator(".lv-progress-text").inner_text()
    assert int(said.split()[0]) < REPLICATES
    time.sleep(1.0)
    assert page.locator(".lv-progress-text").inner_text() == said
    page.get_by_role("button", name="Go on").click()
    visitor.wait_for(setting(until="2035Q4"))


def test_two_visitors_do_not_mix(visitors):
    one, other = visitors(), visitors("scenario=baseline")
    other.wait_for(setting("baseline"))
    before = other.last_row()
    one.type(SHARE, "44")
    one.wait_for(with_share(0.44))
    assert other.value(SHARE) == 6
    assert other.last_row() == before
    assert "44" not in urlsplit(other.page.url).query
    other.page.get_by_role("button", name="EN", exact=True).click()
    other.page.get_by_role("button", name="Forecast").wait_for()
    assert one.value(SHARE) == 44
    assert one.page.get_by_role("radio", name="The plan", exact=True).get_attribute("aria-checked") == "true"


def test_results_are_taken_along_and_open_in_pandas(visitors, tmp_path):
    visitor = visitors(f"lang=en&page=files&{SHARE}=0.3").wait_for(with_share(0.3))
    taken = visitor.take("Bundle", tmp_path)
    with zipfile.ZipFile(taken) as archive:
        years = pd.read_csv(archive.open("lvjin/years.csv"))
    green = years[(years["variable"] == GREEN) & (years["period"] == YEAR)].groupby("scenario")["value"].median()
    assert set(green.index) == {"baseline", "my_setting"}
    visitor.page.get_by_role("button", name="Forecast").click()
    visitor.page.locator(".lv-wide .lv-numbers tbody tr").last.wait_for(state="attached")
    assert visitor.last_row()[0] == pytest.approx(green["my_setting"], abs=0.051)


def test_a_setting_is_taken_along_and_brought_back(visitors, tmp_path):
    visitor = visitors(f"lang=en&page=files&{SHARE}=0.3")
    taken = visitor.take("Scenario file (YAML)", tmp_path)
    other = visitors("lang=en&page=files&scenario=none")
    other.bring(taken)
    other.page.get_by_text("The setting of the file is in use.").wait_for()
    other.wait_for(with_share(0.3))
    assert other.value(SHARE) == 30
    assert f"{SHARE}=0.3" in other.page.url
    bad = tmp_path / "bad.yaml"
    bad.write_text("name_zh: <b>x</b>\nchanges: {policy.no.such: 1}", encoding="utf-8")
    other.bring(bad)
    other.page.locator(".lv-files .lv-trouble", has_text="The file cannot be used").wait_for()
    assert other.value(SHARE) == 30
    large = tmp_path / "large.yaml"
    large.write_bytes(b"x" * 3_000_000)
    other.bring(large)
    other.page.get_by_text("The file is too large.").wait_for()


def test_saved_settings_stand_side_by_side(visitors):
    visitor = visitors("lang=en&page=compare")
    visitor.page.get_by_role("button", name="Save the present setting").click()
    visitor.page.get_by_text("The present setting is saved").wait_for()
    visitor.type(SHARE, "60")
    visitor.wait_for(with_share(0.6))
    header = visitor.page.locator(".lv-table thead th")
    visitor.page.wait_for_function("document.querySelectorAll('.lv-table thead th').length === 4")
    assert header.all_text_contents()[1:] == [
        "Present: Plan; Retrofit grant, share of equipment 60 %",
        "Baseline",
        "Plan",
    ]
    visitor.page.reload()
    visitor.wait_for(with_share(0.6))
    assert visitor.page.locator(".lv-saved-one").count() == 1
    revenue = visitor.page.locator(".lv-table tbody tr").first.locator(".lv-cell").all_text_contents()
    values = [
        expected(one)[0].parts[0].values(GREEN, YEAR) for one in (with_share(0.6), setting("baseline"), setting())
    ]
    assert revenue[1:] == [f"{np.median(of_one):,.0f}" for of_one in values]
    visitor.page.get_by_role("button", name="Remove").click()
    visitor.page.wait_for_function("document.querySelectorAll('.lv-table thead th').length === 3")


def test_the_queue_is_seen_and_a_run_that_takes_too_long_says_so(small_server, browser):
    first = Visitor(browser, small_server).visit("lang=en")
    first.page.get_by_text(re.compile("[1-9][0-9]* of 2000 replicates")).wait_for()  # two runs: the plan, the baseline
    second = Visitor(browser, small_server).visit(f"lang=en&{SHARE}=0.3")
    second.page.get_by_text("Waiting: 2 runs are at work").wait_for()
    first.page.get_by_text("the time allowed is used up").wait_for()
    second.page.get_by_text(re.compile("[1-9][0-9]* of 2000 replicates")).wait_for()
    second.page.get_by_role("button", name="Stop").click()
    before = int(first.page.locator(".lv-progress-text").inner_text().split()[0])
    first.page.get_by_role("button", name="Go on").click()
    first.page.wait_for_function(
        "before => Number(document.querySelector('.lv-progress-text').innerText.split(' ')[0]) > before", arg=before
    )
    assert first.complaints == second.complaints == []
    first.leave()
    second.leave()


def test_the_map_leads_to_a_firm_and_its_twin(visitors):
    visitor = visitors("lang=en&page=map")
    page = visitor.page
    bubble = page.locator(".lv-bubble").first
    bubble.focus()  # without a mouse
    bubble.press("Enter")
    page.locator(".lv-bubble.chosen").wait_for()
    firms = page.locator(".lv-list .lv-link")
    firms.first.click()
    page.get_by_text("Beside its twin without district policies").wait_for()
    page.locator(".lv-facts dd").first.wait_for()
    title = page.locator(".lv-map-side h2").first.inner_text()
    number = int(re.search(r"No\. (\d+):", title)[1])
    assert f"pick=f{number}" in page.url
    micro = run_with_firms(setting()).firms
    output = micro[(micro["firm"] == number) & (micro["year"] == YEAR)]["output"].iloc[0]
    assert f"{output:,.0f} 万元" in page.locator(".lv-facts").inner_text()
    page.reload()
    page.get_by_text("Beside its twin without district policies").wait_for()
    assert page.locator(".lv-map-side h2").first.inner_text() == title
    page.locator(".lv-bubble[role=button][tabindex='0']").first.click()  # a partner in its chain
    page.wait_for_function(
        "number => !location.search.includes('pick=f' + number + '&') && /pick=f/.test(location.search)", arg=number
    )


def test_by_products_are_shown_by_stream(visitors):
    visitor = visitors("lang=en&page=map&layer=streams")
    page = visitor.page
    page.locator(".lv-list .lv-link").first.click()
    links = run_with_firms(setting()).by_product_links
    tonnes = links[links["year"] == YEAR].groupby("stream", observed=True)["tonnes"].sum()
    page.wait_for_function("document.querySelectorAll('.lv-list').length === 2")
    assert f"pick={tonnes.idxmax()}" in page.url
    assert f"{tonnes.max():,.0f}" in page.locator(".lv-list tr.chosen").inner_text()


def test_shares_are_worked_out_on_demand(visitors):
    visitor = visitors(f"lang=en&page=why&scenario=baseline&{SHARE}=0.5&{PULL}=0.08")
    page = visitor.page
    page.get_by_role("button", name="Share it out").click()
    page.locator('.lv-ask[data-over="true"]').wait_for()
    rows = page.locator(".lv-span").first.locator(".lv-numbers tbody tr")
    rows.last.wait_for(state="attached")
    told = [float(rows.nth(place).locator("td").nth(1).text_content()) for place in range(rows.count())]
    few = REPLICATES // 5
    changes = {SHARE: 0.5, PULL: 0.08}
    moved = Scenario.load("baseline", firms=FIRMS, seed=SEED, changes=changes)
    values = [expected(one)[0].parts[0].values(GREEN, YEAR)[:few] for one in (moved, setting("baseline"))]
    assert told[-1] == pytest.approx(float((values[0] - values[1]).mean()), abs=0.051)
    assert sum(told[:-1]) == pytest.approx(told[-1], abs=0.151)
    address = page.url
    page.reload()  # nobody has to ask again, neither here nor where another asks the same
    page.locator('.lv-ask[data-over="true"]').wait_for()
    other = visitors(address.partition("?")[2])
    other.page.locator('.lv-ask[data-over="true"]').wait_for()
    assert "complete" in other.page.locator(".lv-ask").inner_text()


def test_that_no_package_reaches_the_target_is_said(visitors):
    visitor = visitors("lang=en&page=find&scope=manufacturing&wish=80")
    page = visitor.page
    page.get_by_role("button", name="Find it").click()
    page.get_by_role("button", name="Stop").last.click()
    page.get_by_text(re.compile("runs; stopped")).or_(page.get_by_text(re.compile("takes .* runs"))).wait_for()
    page.locator(".lv-ask button").first.click()
    page.reload()  # it goes on by itself
    page.locator('.lv-ask[data-over="true"]').wait_for()
    assert "None found" in page.locator(".lv-outcome h2").inner_text()
    page.locator(".lv-outcome").get_by_role("button", name="Package 1").click()
    page.get_by_role("button", name="Put all back (8)").wait_for()
    assert f"{SHARE}=" in page.url
    assert "page=find" not in page.url


@cache
def run_with_firms(scenario: Scenario) -> Ensemble:
    """The first replicate with its firms."""
    return simulate(scenario, replicates=1, populations=1, micro=0)


def test_a_run_ends_with_the_visitor_who_asked_for_it(server, browser):
    visitor = Visitor(browser, server).visit(f"lang=en&until=2035Q4&{SHARE}=0.123")
    visitor.page.wait_for_selector('.lv-progress[data-over="false"]')
    visitor.leave()
    ended = time.monotonic() + 30
    while (said := server.says("/healthz")) != "ok, 0 runs at work":
        assert time.monotonic() < ended, said
        time.sleep(0.2)


def test_a_browser_in_a_narrow_window_still_shows_everything(visitors):
    visitor = visitors()
    for width in (700, 1024, 1920):
        visitor.page.set_viewport_size({"width": width, "height": 900})
        wide = visitor.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width


def socket_status(server: Server, origin: str) -> int:
    """Status that a socket from a page of this origin is answered with."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        lines = [
            "GET /jupyter/api/kernels/0123/channels?session_id=x HTTP/1.1",
            f"Host: 127.0.0.1:{server.port}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            f"Origin: {origin}",
        ]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return int(connection.recv(200).split()[1])


def test_the_door_is_shut_to_others(server):
    assert socket_status(server, server.address) == 101
    assert socket_status(server, "http://evil.example") == 403
    assert server.ask("/", Host="evil.example")[0] == 421
    status, headers = server.ask("/")
    assert status == 200
    assert "httponly" in headers["set-cookie"].lower()
    assert "default-src 'self'" in headers["content-security-policy"]
    for path in (
        "/_solara/cdn/no-such@1/file.js",
        "/_solara/cdn/..%2f..%2f..%2fpyvenv.cfg",
        "/static/..%2f..%2fapp.py",
    ):
        assert server.ask(path)[0] == 404


class Proxy:
    """The nginx of docs/app.md before a server, with a certificate that nobody vouches for."""

    def __init__(self, folder: Path, behind: Server) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"https://{NAME}:{self.port}"
        request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={NAME}"]
        subprocess.run([tool("openssl"), *request, "-keyout", "lvjin.key", "-out", "lvjin.pem"], cwd=folder, check=True)
        text = (ROOT / "docs/app.md").read_text(encoding="utf-8")
        example = re.search(r"```nginx\n(.*?)```", text, re.DOTALL)[1]
        changes = {
            "listen 443": f"listen 127.0.0.1:{self.port}",
            "/etc/ssl": str(folder),
            f"127.0.0.1:{serve.parser().parse_args([]).port}": f"127.0.0.1:{behind.port}",
        }
        for old, new in changes.items():
            assert old in example
            example = example.replace(old, new)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")  # folders that the user of the tests may make
        paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
        head = f"daemon off;\nmaster_process off;\npid {folder}/pid;\nevents {{}}\n"
        content = f"{head}http {{\naccess_log off;\n{paths}{example}\n}}\n"
        (folder / "nginx.conf").write_text(content, encoding="utf-8")
        self.command = [tool("nginx"), "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]

    def ask(self, path: str, host: str = NAME, **headers: str) -> tuple[int, str, dict[str, str]]:
        """Status, text and headers of an answer."""
        trusting = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=trusting)
        try:
            connection.request("GET", path, headers={"Host": host} | headers)
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, answer.read().decode(errors="replace"), told
        finally:
            connection.close()


def tool(name: str) -> str:
    """A program that the tests need: of this machine, or unpacked by make."""
    unpacked = ROOT / ".venv/debian/usr"
    places = [os.environ["PATH"], "/usr/sbin", str(unpacked / "sbin"), str(unpacked / "bin")]
    path = shutil.which(name, path=os.pathsep.join(places))
    assert path, f"{name} is missing: `make setup-test` fetches it"
    return path


@pytest.fixture
def proxy(server, tmp_path) -> Iterator[Proxy]:
    found = Proxy(tmp_path, server)
    subprocess.run([*found.command, "-t"], check=True)
    process = subprocess.Popen(found.command)
    try:
        ended = time.monotonic() + START
        while True:
            try:
                socket.create_connection(("127.0.0.1", found.port)).close()
                break
            except OSError:
                assert process.poll() is None, "nginx does not start"
                assert time.monotonic() < ended, "nginx does not answer"
                time.sleep(0.05)
        yield found
    finally:
        process.terminate()
        process.wait(30)


def test_visitors_come_through_nginx_as_the_docs_set_it_up(proxy, browser):
    visitor = Visitor(browser, proxy)
    sockets: list[str] = []
    visitor.page.on("websocket", lambda found: sockets.append(found.url))
    visitor.visit().wait_for(setting())
    assert visitor.last_row() == pytest.approx(expected(setting())[1], abs=0.051)
    assert sockets
    assert all(url.startswith(f"wss://{NAME}:{proxy.port}/") for url in sockets)
    cookies = [one for one in visitor.context.cookies() if one["name"].startswith("solara-session")]
    assert cookies
    assert all(one["httpOnly"] and one["secure"] and one["domain"] == NAME for one in cookies)
    visitor.leave()
    assert visitor.complaints == []


def test_nginx_lets_nobody_in_whom_the_door_would_refuse(proxy):
    status, text, _ = proxy.ask("/healthz")
    assert (status, text[:2]) == (200, "ok")
    assert proxy.ask("/", host="evil.example")[0] == 421
    socket_path = "/jupyter/api/kernels/0123/channels?session_id=x"
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    upgrade["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    assert proxy.ask(socket_path, **upgrade, Origin="https://evil.example")[0] == 403
    assert "default-src 'self'" in proxy.ask("/")[2]["content-security-policy"]


def test_all_assets_that_the_page_names_lie_here():
    import solara.server

    folder = asset_folder()
    template = Path(solara.server.__file__).parent / "templates" / "solara.html.j2"
    named = set(re.findall(r"\{\{cdn\}\}/((?:@widgetti/)?[a-z0-9-]+@[\d.]+)/", template.read_text(encoding="utf-8")))
    named = {name for name in named if "vuetify3" not in name}  # of the other major version
    assert any("solara-vuetify-app@" in name for name in named)
    assert [name for name in sorted(named) if not (folder / name).is_dir()] == []
    assert (folder / ECHARTS).is_file()
    assert f"'/{ECHARTS}'" in (ROOT / "viz/components/chart.vue").read_text(
        encoding="utf-8"
    )  # one library, fetched once
