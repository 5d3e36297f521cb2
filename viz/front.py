"""What a visitor sees while the browser loads the application: bar, numbers and frames, in the page that is sent first.

Drawn like the page that takes its place, from the runs that are there, so that nothing jumps when it comes.
"""

import gzip
from collections.abc import Callable
from html import escape
from typing import Any

import anyio.to_thread

from experiments.languages import Say, speaker
from viz.answers import Answers, shared_answers
from viz.forecast_page import SCOPE_NAMES, tiles
from viz.frame_words import LOOK, NAME, PAGE_NAMES, SUBTITLE
from viz.guard import ASSETS, App, Message, Receive, Send
from viz.service import SERVICE
from viz.view import HORIZONS, View, read_view, scenario_of

BODY = b'<div id="app"'  # before which the front is put; where it is missing the page is sent as it is
LEVEL = 5  # of compression
ECHARTS = "echarts@5.4.0/dist/echarts.min.js"
WORDS = 88  # pixels of title, table and note of a chart, about
# The library of charts is fetched beside the page, which asks for it only when its first chart is there.
EARLY = f'<link rel="preload" as="script" fetchpriority="low" href="{ASSETS}{ECHARTS}">'
CHARTED = ("forecast", "why", "compare")  # pages that always draw
# The front goes when the page, or the words that say why there is none, stands behind it.
LEAVE = """
const front = document.getElementById('lv-front');
const watch = setInterval(() => {
  if (!document.querySelector('#app .lv-main > *, #app .lv-broken')) return;
  clearInterval(watch);
  requestAnimationFrame(() => front.remove());
}, 30);
"""


class Front:
    """An ASGI application around another, which puts the front into the page.

    Args:
        app: what is wrapped.
        draw: the front for the query of an address.
    """

    def __init__(self, app: App, draw: Callable[[str], str]) -> None:
        self.app, self.draw = app, draw

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on; the answer to one for the page is kept until it is whole."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != "/":
            await self.app(scope, receive, send)
            return
        packed = any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
        plain = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        begun: list[Message] = []
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
            else:
                parts.append(message.get("body", b""))

        await self.app(dict(scope) | {"headers": plain}, receive, keep)
        body = b"".join(parts)
        if begun[0]["status"] == 200 and BODY in body:
            query = scope.get("query_string", b"").decode("latin-1")
            front = await anyio.to_thread.run_sync(self.draw, query)
            body = body.replace(BODY, front.encode() + BODY, 1).replace(b"<html>", html(query), 1)
        headers = [pair for pair in begun[0]["headers"] if pair[0] != b"content-length"]
        if packed:
            body = gzip.compress(body, LEVEL)
            headers.append((b"content-encoding", b"gzip"))
        await send(begun[0] | {"headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})


def html(query: str) -> bytes:
    """The first tag, which says the language."""
    return b'<html lang="zh-CN">' if read_view(query).language == "zh" else b'<html lang="en">'


def front(query: str) -> str:
    """The front of the page that an address asks for."""
    view = read_view(query)
    return drawn(view, told(view) if view.page == "forecast" else None)


def told(view: View) -> Answers | None:
    """What the runs that are there say of a setting; None where none are."""
    engine = SERVICE.engine
    try:
        own, base = (
            scenario_of(name, changes, view.until, SERVICE.firms, SERVICE.seed)
            for name, changes in ((view.scenario, view.changes), ("baseline", ()))
        )
    except ValueError:
        return None
    runs = tuple(engine.there(own)), () if own.changes == base.changes else tuple(engine.there(base))
    return shared_answers(own, *runs, engine.populations)


def drawn(view: View, found: Answers | None) -> str:
    """The front as HTML."""
    say = speaker("zh" if view.language == "zh" else "en")
    side = "" if view.page == "about" else '<div class="lv-side"></div>'
    inner = forecast(view, found, say) if view.page == "forecast" else line(say) + frame()
    return (
        f'<div id="lv-front" aria-hidden="true"><style>{LOOK}</style><div class="lv-page">{bar(view, say)}'
        f'<div class="lv-body lv-page-{view.page}">{side}<div class="lv-main">{inner}</div></div></div></div>'
        f"<script>{LEAVE}</script>{EARLY if view.page in CHARTED else ''}"
    )


def bar(view: View, say: Say) -> str:
    """Name, pages, languages."""
    pages = "".join(button(say(*words), "chosen" if name == view.page else "") for name, words in PAGE_NAMES.items())
    languages = "".join(
        f'<button tabindex="-1" aria-pressed="{str(code == view.language).lower()}">{word}</button>'
        for code, word in (("zh", "中文"), ("en", "EN"))
    )
    return (
        f'<header class="lv-bar"><div class="lv-name"><span class="lv-leaf"></span><b>{say(*NAME)}</b>'
        f'<span class="lv-sub">{say(*SUBTITLE)}</span></div><nav>{pages}</nav>'
        f'<div class="lv-language">{languages}</div></header>'
    )


def button(word: str, tone: str) -> str:
    """A word that looks like its button."""
    return f'<button tabindex="-1" class="{tone}">{escape(word)}</button>'


def line(say: Say) -> str:
    """The line that says how far the page is."""
    word = say("正在打开……", "Opening…")
    return f'<div class="lv-progress"><span class="lv-progress-text">{word}</span></div>'


def frame() -> str:
    """The empty frame of a chart."""
    return f'<div class="lv-panel"><div class="lv-tall"></div><div style="height:{WORDS}px"></div></div>'


def forecast(view: View, found: Answers | None, say: Say) -> str:
    """The page Forecast without its charts."""
    numbers = "".join(tile(one) for one in tiles(view, found, say))
    scopes = "".join(button(say(*words), "chosen" if name == view.scope else "") for name, words in SCOPE_NAMES.items())
    ends = "".join(
        button(say(f"至{until[:4]}年", f"to {until[:4]}"), "chosen" if until == view.until else "")
        for until in HORIZONS
    )
    return (
        f'{line(say)}<div class="lv-tiles">{numbers}</div><div class="lv-choices"><div class="lv-choice">{scopes}</div>'
        f'<div class="lv-choice">{ends}</div></div><div class="lv-panels">{frame()}{frame()}</div>'
    )


def tile(one: dict[str, Any]) -> str:
    """One of the few numbers that matter."""
    words = {name: escape(str(one[name])) for name in ("title", "number", "unit", "note", "tone")}
    interval = ""
    if one.get("interval"):
        low, middle, high = (f"{100 * end:.2f}%" for end in one["interval"])
        interval = (
            f'<div class="lv-interval"><span class="lv-interval-span" style="left:{low};right:calc(100% - {high})">'
            f'</span><span class="lv-interval-dot" style="left:{middle}"></span></div>'
        )
    return (
        f'<div class="lv-tile"><div class="lv-tile-title">{words["title"]}</div>'
        f'<div class="lv-tile-number {words["tone"]}">{words["number"]}'
        f'<span class="lv-tile-unit">{words["unit"]}</span></div>'
        f'<div class="lv-tile-note">{words["note"]}</div>{interval}</div>'
    )
