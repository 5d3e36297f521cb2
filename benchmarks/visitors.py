"""How long visitors wait: `python -m benchmarks.visitors`, many of them at once on one server, and one in a browser.

Visitors speak the page's own protocol over a socket, so that fifty of them cost less than the server that is measured:
each opens the page, then moves a lever or changes the language every few seconds, and notes when the page has followed
(the click) and when the first replicate of the new setting shows (the sketch). A real browser beside them notes when a
newcomer sees the first numbers. With the usual numbers of everything, what was found is written into docs/app.md.
"""

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import websockets

from experiments.marked import replaced
from sim.results.replicating import processors
from sim.warmup import is_warm, warm_up

LEVERS = ("policy.retrofit_grant.share", "policy.green_consumption.pull", "policy.conversion_grant.share")
START = 600.0  # seconds that a server may take
PATIENCE = 120.0  # seconds after which a click counts as unanswered
CHROMIUM = "/usr/bin/chromium"
PAGE = Path(__file__).resolve().parent.parent / "docs" / "app.md"
BEGIN, END = "<!-- visitors: begin, written by `python -m benchmarks.visitors` -->", "<!-- visitors: end -->"


class Wait(NamedTuple):
    """Something that visitors wait for, and how long each of them waited, s."""

    what: str
    what_zh: str
    seconds: list[float]


class Visitor:
    """One page, without a browser."""

    def __init__(self, address: str, seed: int) -> None:
        self.address, self.random = address, random.Random(seed)
        self.session = uuid.uuid4().hex
        self.kinds: dict[str, str] = {}  # of widgets by their id
        self.state: dict[str, dict[str, Any]] = {}
        self.changed = asyncio.Condition()
        self.clicks: list[float] = []
        self.sketches: list[float] = []
        self.paint = float("nan")
        self.failures = 0

    async def live(self, until: float, thinking: float) -> None:
        """Open the page, then click until the time is over."""
        host = self.address.removeprefix("http://")
        began = time.monotonic()
        cookie = await asyncio.to_thread(self.cookie)
        path = f"ws://{host}/jupyter/api/kernels/{uuid.uuid4()}/channels?session_id={self.session}"
        origin = self.address
        headers = {"Cookie": cookie}
        async with websockets.connect(path, origin=origin, additional_headers=headers, max_size=None) as connection:
            self.connection = connection
            listening = asyncio.create_task(self.listen())
            comm = uuid.uuid4().hex
            await self.send("comm_open", {"comm_id": comm, "target_name": "solara.control", "data": {}})
            arguments = {"path": "?lang=en", "appName": None}
            await self.send("comm_msg", {"comm_id": comm, "data": {"method": "run", "args": arguments}})
            if await self.until(lambda: self.tiles() is not None and self.tiles()[0]["number"] != "–"):
                self.paint = time.monotonic() - began
            while time.monotonic() < until:
                await asyncio.sleep(self.random.expovariate(1.0 / thinking))
                await self.click()
            listening.cancel()

    def cookie(self) -> str:
        """Fetch the page and keep its session."""
        with urllib.request.urlopen(f"{self.address}/", timeout=PATIENCE) as answer:
            answer.read()
            return str(answer.headers["Set-Cookie"]).split(";")[0]

    async def send(self, kind: str, content: dict[str, Any]) -> None:
        """Send a message as the page does."""
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "username": "",
            "session": self.session,
            "version": "5.2",
        }
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        await self.connection.send(json.dumps(message | {"buffers": []}))

    async def listen(self) -> None:
        """Keep the state of all widgets as the server tells it."""
        async for text in self.connection:
            if isinstance(text, bytes):
                continue
            message = json.loads(text)
            kind, content = message["header"]["msg_type"], message.get("content", {})
            async with self.changed:
                if kind == "comm_open" and "state" in content.get("data", {}):
                    self.state[content["comm_id"]] = content["data"]["state"]
                elif kind == "comm_msg" and content["data"].get("method") == "update":
                    self.state.setdefault(content["comm_id"], {}).update(content["data"]["state"])
                elif kind == "comm_close":
                    self.state.pop(content["comm_id"], None)
                self.changed.notify_all()

    def widget(self, *names: str) -> tuple[str, dict[str, Any]] | None:
        """The newest widget that has these properties."""
        for place, state in reversed(self.state.items()):
            if all(name in state for name in names):
                return place, state
        return None

    def tiles(self) -> list[dict[str, Any]] | None:
        """The tiles of the page Forecast, once they are there."""
        found = self.widget("tiles", "settling")
        return found[1]["tiles"] if found else None

    async def until(self, there: Any) -> bool:
        """Wait for something to be so; False if it never is."""
        try:
            async with self.changed:
                await asyncio.wait_for(self.changed.wait_for(there), PATIENCE)
            return True
        except TimeoutError:
            self.failures += 1
            return False

    async def click(self) -> None:
        """Move a lever or change the language, and wait until the page has followed."""
        if self.random.random() < 0.25:
            bar = self.widget("pages", "language")
            assert bar is not None
            wanted = "zh" if bar[1]["language"] == "en" else "en"
            began = await self.event(bar[0], "speak", wanted)
            if await self.until(lambda: self.widget("pages", "language")[1]["language"] == wanted):
                self.clicks.append(time.monotonic() - began)
            return
        levers, line = self.widget("presets", "sections"), self.widget("share", "can_go_on")
        assert levers is not None
        assert line is not None
        before = line[1]["run"]
        move = {"key": self.random.choice(LEVERS), "value": round(self.random.uniform(0.0, 0.3), 5)}
        began = await self.event(levers[0], "move", move)
        if not await self.until(lambda: self.widget("share", "can_go_on")[1]["run"] != before):
            return
        self.clicks.append(time.monotonic() - began)
        if await self.until(lambda: not self.widget("tiles", "settling")[1]["settling"]):
            self.sketches.append(time.monotonic() - began)

    async def event(self, widget: str, name: str, data: Any) -> float:
        """What the browser sends of a click; returns when."""
        content = {"event": name, "data": data}
        began = time.monotonic()
        await self.send("comm_msg", {"comm_id": widget, "data": {"method": "custom", "content": content}})
        return began


def first_paint(address: str, times: int) -> list[tuple[float, float]]:
    """Seconds until a newcomer in a real browser sees the first numbers, and until the page can be used."""
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for _ in range(times):
            context = browser.new_context(viewport={"width": 1366, "height": 768})
            page = context.new_page()
            began = time.monotonic()
            page.goto(f"{address}/?lang=en", wait_until="commit")
            ready = "(document.querySelector('.lv-tile-number') || {innerText: ''}).innerText.match(/[0-9]/) !== null"
            page.wait_for_function(ready, timeout=1000 * PATIENCE)
            seen = time.monotonic() - began
            page.wait_for_selector("#lv-front", state="detached", timeout=1000 * PATIENCE)
            found.append((seen, time.monotonic() - began))
            context.close()
        browser.close()
    return found


async def visits(address: str, number: int, seconds: float, thinking: float, arriving: float) -> list[Visitor]:
    """Visitors who come one after the other and stay to the end."""
    found = [Visitor(address, seed) for seed in range(number)]
    until = time.monotonic() + arriving + seconds

    async def coming(place: int) -> None:
        await asyncio.sleep(arriving * place / number)
        try:
            await found[place].live(until, thinking)
        except (OSError, websockets.WebSocketException, AssertionError, TypeError) as error:
            found[place].failures += 1
            sys.stderr.write(f"visitor {place}: {type(error).__name__}: {error}\n")

    await asyncio.gather(*(coming(place) for place in range(number)))
    return found


def serving(firms: int, replicates: int) -> tuple[subprocess.Popen[bytes], str]:
    """A server of its own, ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--port", str(port), "--firms", str(firms), "--replicates", str(replicates)]
    if not is_warm():
        warm_up(lambda done, in_all, name: None)
    server = subprocess.Popen([sys.executable, "-m", "viz.serve", *words], cwd=Path(__file__).parent.parent)
    address, began = f"http://127.0.0.1:{port}", time.monotonic()
    while time.monotonic() - began < START:
        try:
            said = urllib.request.urlopen(f"{address}/healthz", timeout=5).read()
            if said.startswith(b"ok"):
                return server, address
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server does not answer")


def measured(options: argparse.Namespace) -> tuple[list[Wait], int]:
    """What visitors of a server of its own waited for, and how often one of them stayed without an answer."""
    server, address = serving(options.firms, options.replicates)
    try:
        alone = first_paint(address, options.paints)
        arguments = (address, options.visitors, options.seconds, options.thinking, options.arriving)
        found, among = asyncio.run(together(arguments, options.arriving, options.paints))
    finally:
        server.terminate()
        server.wait(30)
    many, n = f"{options.visitors} visitors", options.visitors
    waits = [
        Wait(f"click, {many}", f"点击，{n} 位访客", [second for one in found for second in one.clicks]),
        Wait(
            f"first sketch of a moved lever, {many}",
            f"移动政策后的草图，{n} 位访客",
            [second for one in found for second in one.sketches],
        ),
        Wait("first numbers in a browser, alone", "浏览器看到首批数字，独自一人", [seen for seen, _ in alone]),
        Wait(f"first numbers in a browser, among {n}", f"浏览器看到首批数字，{n} 人之中", [seen for seen, _ in among]),
        Wait("the page can be used, browser, alone", "页面可操作，独自一人", [used for _, used in alone]),
        Wait(f"the page can be used, browser, among {n}", f"页面可操作，{n} 人之中", [used for _, used in among]),
        Wait(
            f"numbers over the page's own connection, {n} who arrive within {options.arriving:g} s",
            f"{n} 人在 {options.arriving:g} 秒内到来，经页面连接收到数字",
            [one.paint for one in found if one.paint == one.paint],
        ),
    ]
    return waits, sum(one.failures for one in found)


async def together(
    arguments: tuple[str, int, float, float, float], arriving: float, paints: int
) -> tuple[list[Visitor], list[tuple[float, float]]]:
    """Visitors, and newcomers in a real browser once all of them are there."""

    async def newcomers() -> list[tuple[float, float]]:
        await asyncio.sleep(arriving)
        return await asyncio.to_thread(first_paint, arguments[0], paints)

    beside = asyncio.create_task(newcomers())
    found = await visits(*arguments)
    return found, await beside


def block(options: argparse.Namespace, waits: list[Wait], unanswered: int, load: float, day: str) -> str:
    """What stands between the marks of the page."""
    rows = [[one.what, one.what_zh, *quantiles(one.seconds), str(len(one.seconds))] for one in waits]
    size = f"{options.firms:,} firms and {options.replicates} replicates, a click every {options.thinking:g} s"
    lines = [
        f"On {processors()} processors, load {load:.1f} at the start; {size} ({day}):",
        "",
        "| what | 内容 | median | 95 % below | n |",
        "| --- | --- | ---: | ---: | ---: |",
        *(f"| {' | '.join(cells)} |" for cells in rows),
        "",
        f"{unanswered or 'Nothing'} stayed unanswered.",
    ]
    return "\n".join(lines)


def quantiles(seconds: list[float]) -> list[str]:
    """Median and 95th percentile, in seconds."""
    if not seconds:
        return ["–", "–"]
    return [f"{value:.1f} s" if value >= 1.0 else f"{value:.2f} s" for value in np.percentile(seconds, (50, 95))]


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print, and write the page where nothing but the usual was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--thinking", type=float, default=10.0, help="mean seconds between two clicks of a visitor")
    parser.add_argument("--arriving", type=float, default=25.0, help="seconds in which they come")
    parser.add_argument("--firms", type=int, default=5000)
    parser.add_argument("--replicates", type=int, default=100)
    parser.add_argument("--paints", type=int, default=5, help="newcomers in a real browser, before and during")
    options = parser.parse_args(words)
    load, day = os.getloadavg()[0], datetime.now(UTC).date().isoformat()
    text = block(options, *measured(options), load, day)
    print(text)
    if options == parser.parse_args([]):
        PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), text, BEGIN, END), encoding="utf-8")


if __name__ == "__main__":
    main()
