"""Server-sent events for all open consoles. An event's id is its journal number, so that a browser that was away says
with `Last-Event-ID` where to go on.

    change   a journal row of a case          {"seq", "case", "kind", "text"}
    alarm    the same, where it is an alarm
    tick     the engine lives                 {"now_ms", "seq"}; no id
    reset    too much was missed to replay: load the page again

Ticks come from the engine's `publish` alone: a console that hears none must not believe what it shows.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from typing import Any

from watchword_core import words as w

from .views import JournalLine, Reader

MAX_WAITING = 256  # commits that one slow console may fall behind; then it is cut off, returns and replays
MAX_REPLAY = 1000
MAX_CONSOLES = 64
READ_ROWS = 500
TICK_MS = 1000  # at most one a second, however busy the engine is

_ALARMS = (w.SOS, w.MAN_DOWN, w.DURESS, w.CALL_DURESS)


class TooManyConsoles(Exception):
    """MAX_CONSOLES are open."""


class _Console:
    """One browser's queue; None ends it."""

    def __init__(self, sent_seq: int) -> None:
        self.queue: asyncio.Queue[str | None] = asyncio.Queue(MAX_WAITING)
        self.sent_seq = sent_seq


class Stream:
    """`publish` is for the engine's thread, everything else for the event loop given to `bind`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scheduled = False
        self._now_ms = 0
        self._last_seq = 0
        self._consoles: set[_Console] = set()
        self._read_seq = 0
        self.banners: tuple[str, ...] = ()  # what everyone must see now, as "store_full"
        self._ticked_ms = 0
        self.dropped = 0  # consoles cut off because they were slow

    def bind(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """From now on events are sent in `loop`; None: no more."""
        with self._lock:
            self._loop, self._scheduled = loop, False
        if loop is None:
            self._end_all()
        else:
            self._read_seq = self._reader.last_seq()

    def close(self) -> None:
        """Ends all events, so that the web server can stop; any thread."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._end_all)

    def publish(self, last_seq: int, now_ms: int, banners: tuple[str, ...] = ()) -> None:
        """The engine has committed up to `last_seq`, or is idle and well, at `now_ms`. Never blocks; any thread."""
        with self._lock:
            self._now_ms, self._last_seq, self.banners = now_ms, last_seq, banners
            if self._loop is None or self._scheduled:
                return
            self._scheduled = True
            self._loop.call_soon_threadsafe(self._pump)

    @property
    def consoles(self) -> int:
        return len(self._consoles)

    async def events(self, after_seq: int) -> AsyncIterator[str]:
        """What was missed after `after_seq`, then everything as it happens, as text of the event stream.

        Raises TooManyConsoles before the first event.
        """
        if len(self._consoles) >= MAX_CONSOLES:
            raise TooManyConsoles(f"{MAX_CONSOLES} consoles are open: close one")
        console = _Console(after_seq)
        missed = self._replay(console)  # before it joins, and nothing awaited in between: no row is lost or doubled
        self._consoles.add(console)
        try:
            yield "".join(["retry: 1000\n\n", *missed])
            while (waiting := await console.queue.get()) is not None:
                yield waiting
        finally:
            self._consoles.discard(console)

    def _replay(self, console: _Console) -> list[str]:
        rows = self._reader.journal_after(console.sent_seq, MAX_REPLAY + 1)
        last = self._reader.last_seq()
        if len(rows) > MAX_REPLAY or console.sent_seq > last:  # a restored store may be behind the browser
            console.sent_seq = last
            return [_event("reset", {"seq": last}, last)]
        if rows:
            console.sent_seq = rows[-1].seq
        return [_row_event(row) for row in rows]

    def _pump(self) -> None:
        with self._lock:
            self._scheduled = False
            now_ms, last_seq = self._now_ms, self._last_seq
        full = last_seq > self._read_seq  # else it was a tick alone: there is nothing to read
        while full:
            rows = self._reader.journal_after(self._read_seq, READ_ROWS)
            self._send_rows([(row.seq, _row_event(row)) for row in rows])
            full = len(rows) == READ_ROWS  # no second look for the sake of it: consoles wait meanwhile
        if not 0 <= now_ms - self._ticked_ms < TICK_MS:
            self._ticked_ms = now_ms
            tick = _event("tick", {"now_ms": now_ms, "seq": self._read_seq})
            for console in list(self._consoles):
                self._send(console, tick)

    def _send_rows(self, events: list[tuple[int, str]]) -> None:
        """One piece of text a commit: each costs its way through the web server, and an alarm has several rows."""
        if not events:
            return
        self._read_seq = events[-1][0]
        for console in list(self._consoles):
            if text := "".join(text for seq, text in events if seq > console.sent_seq):  # the others were replayed
                console.sent_seq = self._read_seq
                self._send(console, text)

    def _send(self, console: _Console, text: str) -> None:
        try:
            console.queue.put_nowait(text)
        except asyncio.QueueFull:
            self.dropped += 1
            self._end(console)

    def _end(self, console: _Console) -> None:
        self._consoles.discard(console)
        while not console.queue.empty():
            console.queue.get_nowait()
        console.queue.put_nowait(None)

    def _end_all(self) -> None:
        for console in list(self._consoles):
            self._end(console)


def _row_event(row: JournalLine) -> str:
    kind = "alarm" if row.kind in _ALARMS else "change"
    return _event(kind, {"seq": row.seq, "case": row.case, "kind": row.kind, "text": row.text}, row.seq)


def _event(kind: str, body: dict[str, Any], seq: int | None = None) -> str:
    """One event of the WHATWG event stream format; JSON has no line breaks of its own, so one data line holds it."""
    head = f"id: {seq}\n" if seq is not None else ""
    return f"{head}event: {kind}\ndata: {json.dumps(body, separators=(',', ':'))}\n\n"
