"""The world beyond the hub: a service that expects a sign of life, and people's telephones."""

import asyncio
import time
from collections import deque

KEPT = 500


class Outside:
    """A small HTTP server on loopback that says yes to everything; `async with` it."""

    def __init__(self) -> None:
        self.asked: deque[tuple[float, str, str]] = deque(maxlen=KEPT)  # (monotonic s, path, body)
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Outside":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_exception: object) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def still_alive_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/alive"

    def told_url(self, name: str) -> str:
        """Where this person is told, as Apprise takes it."""
        return f"json://127.0.0.1:{self._port}/told/{name}"

    def signs_of_life(self, since_s: float = 0) -> int:
        """How often the hub said that it lives, since that moment (monotonic s)."""
        return sum(1 for at_s, path, _ in self.asked if path == "/alive" and at_s >= since_s)

    def told(self, name: str, about: str) -> int:
        """How many messages with these words have reached that person."""
        return sum(1 for _, path, body in self.asked if path == f"/told/{name}" and about in body)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next((int(s.split(":")[1]) for s in head.split("\r\n") if s.lower().startswith("content-length")), 0)
        body = (await reader.readexactly(length)).decode()
        self.asked.append((time.monotonic(), head.split()[1], body))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
