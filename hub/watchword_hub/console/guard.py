"""What every request passes: the right host, no posts from elsewhere, and headers that keep a page to itself."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer a form's Origin would be "null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",  # a page from a cache would be an old truth
}
MAX_BODY_BYTES = 64 * 1024
_READS = ("GET", "HEAD")


class Guard:
    """`hosts`: the names that this console may be called by, against pages that rebind their own name to loopback."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        why = self._refusal(scope["method"], Headers(scope=scope))
        if why:
            await PlainTextResponse(why, status_code=403)(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)

    def _refusal(self, method: str, headers: Headers) -> str | None:
        host = headers.get("host", "")
        if urlsplit(f"//{host}").hostname not in self._hosts:
            return f"This console does not answer to the name {host!r}; add it to console_names.\n"
        if method in _READS:
            return None
        if urlsplit(headers.get("origin", "")).netloc != host:
            return "A form of another page was refused: open the console itself and try again.\n"
        if not headers.get("content-length", "").isdecimal() or int(headers["content-length"]) > MAX_BODY_BYTES:
            return f"A form must say its length, at most {MAX_BODY_BYTES} bytes.\n"
        return None
