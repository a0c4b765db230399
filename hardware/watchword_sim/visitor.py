"""Somebody at the console, as a program: logs in by the one-time link, reads, presses buttons, hears the stream."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

REQUEST_TIMEOUT_S = 15.0
KEPT_EVENTS = 2_000


@dataclass(frozen=True)
class Heard:
    """One server-sent event. `at_us` on the simulator's clock."""

    at_us: int
    seq: int
    name: str
    content: dict[str, Any]


class Visitor:
    """One logged-in browser without a screen. `async with` it."""

    def __init__(self, link: str) -> None:
        parts = urlsplit(link)
        self.base = f"{parts.scheme}://{parts.netloc}"
        self._token = parse_qs(parts.query)["token"][0]
        self._client = httpx.AsyncClient(base_url=self.base, timeout=REQUEST_TIMEOUT_S, trust_env=False)
        self._csrf = ""
        self._listening: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self.heard: list[Heard] = []

    async def __aenter__(self) -> Visitor:
        answer = await self._client.post("/login", data={"token": self._token}, headers={"Origin": self.base})
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise PermissionError(f"the console did not let us in: status {answer.status_code}")
        await self.overview()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, httpx.HTTPError):
                await self._listening
        await self._client.aclose()

    async def overview(self) -> dict[str, Any]:
        """What the first page shows, as JSON."""
        answer = await self._client.get("/api/overview")
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        self._csrf = body["csrf"]
        return body

    async def submit(self, path: str, form: dict[str, str]) -> httpx.Response:
        """Sends a form as its page would; raises RuntimeError with the page's words when it is refused."""
        answer = await self._client.post(
            path, data={**form, "csrf": self._csrf}, headers={"Origin": self.base}, follow_redirects=False
        )
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise RuntimeError(f"{path}: status {answer.status_code}: {answer.text[:300]}")
        return answer

    async def page(self, path: str) -> str:
        """A page's HTML."""
        answer = await self._client.get(path)
        answer.raise_for_status()
        return answer.text

    # -- the stream

    def listen(self) -> None:
        """From now on events are kept in `heard` (the last KEPT_EVENTS)."""
        self._listening = asyncio.create_task(self._listen())

    async def until_heard(self, wanted: Callable[[Heard], bool], timeout_s: float) -> Heard:
        """The first kept event that fits, waiting for it; raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while True:
                for event in self.heard:
                    if wanted(event):
                        return event
                self._changed.clear()
                await self._changed.wait()

    async def _listen(self) -> None:
        timeout = httpx.Timeout(REQUEST_TIMEOUT_S, read=None)
        async with self._client.stream("GET", "/events", timeout=timeout) as answer:
            answer.raise_for_status()
            fields: dict[str, str] = {}
            async for line in answer.aiter_lines():
                if line:
                    name, _, value = line.partition(":")
                    fields[name] = value.removeprefix(" ")
                    continue
                self._keep(fields)
                fields = {}

    def _keep(self, fields: dict[str, str]) -> None:
        if "data" not in fields:
            return
        seq = int(fields["id"]) if fields.get("id", "").isdecimal() else 0
        content = json.loads(fields["data"]) if fields["data"].startswith("{") else {"text": fields["data"]}
        self.heard.append(Heard(time.monotonic_ns() // 1000, seq, fields.get("event", "message"), content))
        del self.heard[:-KEPT_EVENTS]
        self._changed.set()
