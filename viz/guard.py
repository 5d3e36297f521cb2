"""The door of the server: which hosts and origins may enter, what is never fetched, and what browsers are told.

Solara accepts a socket from any page and fetches missing assets from the internet; this wrapper does neither.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

ASSETS = "/_solara/cdn/"
HEALTH = "/healthz"
LARGEST_BODY = 2_000_000  # bytes that a request may declare
# What a page loads and calls is this server's alone; the browser itself refuses everything else.
POLICY = (
    b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'self'"
)
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", POLICY),
)
LOCAL = ("localhost", "127.0.0.1", "[::1]")


class Guard:
    """An ASGI application around another.

    Args:
        app: what is guarded.
        hosts: names that a request may be addressed to, without ports; the local ones are always allowed.
        assets: folder of the offline assets.
        health: what the health address says.
    """

    def __init__(
        self, app: App, hosts: Iterable[str] = (), assets: Path | None = None, health: Callable[[], str] = lambda: "ok"
    ) -> None:
        self.app, self.assets, self.health = app, assets, health
        self.hosts = {*LOCAL, *(host.lower() for host in hosts)}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        status, text = self.verdict(scope)
        if status == 0:
            await self.app(scope, receive, self.with_headers(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": text})  # before accept: HTTP 403
        else:
            await answer(send, status, text)

    def verdict(self, scope: Message) -> tuple[int, str]:
        """Status and text of the answer given here; 0 to pass the request on."""
        headers = {name: value for name, value in scope["headers"] if name in (b"host", b"origin", b"content-length")}
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if bare(host) not in self.hosts:
            return 421, "this server does not answer to that name"
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        foreign = urlsplit(origin).netloc != host
        if scope["type"] == "websocket" and foreign:
            return 403, "a page of another origin may not connect"
        if scope["type"] == "http" and origin and foreign and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            return 403, "a page of another origin may not write"
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            return 413, "too large"
        return self.path_verdict(scope["path"])

    def path_verdict(self, path: str) -> tuple[int, str]:
        """What a path alone decides."""
        if path == HEALTH:
            return 200, self.health()
        if path == "/resourcez":
            return 404, "not found"
        if path.startswith(ASSETS) and not self.held(unquote(path.removeprefix(ASSETS))):
            return 404, "not an asset of this server"
        return 0, ""

    def held(self, name: str) -> bool:
        """Whether an asset lies on this machine; nothing is fetched from elsewhere."""
        if self.assets is None or "\0" in name:
            return False
        root = self.assets.resolve()
        path = (root / name).resolve()
        return path.is_relative_to(root) and path.is_file()

    def with_headers(self, send: Send) -> Send:
        """A `send` that adds the headers of every answer."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *HEADERS]
            await send(message)

        return sending


def bare(host: str) -> str:
    """A host without its port."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


async def answer(send: Send, status: int, text: str) -> None:
    """A short answer in plain text."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
