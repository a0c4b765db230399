"""Takes what is due from the outbox and delivers it.

1. Read the rows that are due from the committed store; those under way are left out.
2. Deliver each by its channel, several at once, so that one slow service holds up nobody else.
3. Tell the engine how it went: only it writes. Delivered is what a channel said, not what we hope.
4. Wait for the engine's next beat. Nothing is kept here: killed at any point, the rows are still due.

A store that can't be read now is opened anew and read again: telling people never ends before the hub does.
"""

import logging
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from ..commands import Command, Delivered, Undelivered
from ..engine.messages import Message
from ..feed import Feed
from .channel import Channel, DeliveryError

MAX_AT_ONCE = 8
MAX_READ = 256  # rows of one look
MAX_FROM_MEMORY = 1_000  # messages told from memory that may wait for a free thread
BEAT_S = 5.0
LOOK_RETRY_S = 1.0  # after the store could not be read
UNRECORDED_MS = 5_000  # before what the engine could not record is tried again

_DUE = """SELECT o.id, o.kind, c.address, o.subject, o.body, o.idempotency_key FROM outbox o
    LEFT JOIN contact_method c ON c.person = o.person AND c.position = o.position
    WHERE o.state = 'queued' AND o.next_try_ms <= ? ORDER BY o.next_try_ms, o.id LIMIT ?"""

log = logging.getLogger(__name__)


class NotifyWorker:
    """`channels` by kind of contact method; `submit` is the engine's. `run` is for a thread of its own."""

    def __init__(
        self, path: Path, channels: Mapping[str, Channel], submit: Callable[[Command], "Future[Any]"], feed: Feed
    ) -> None:
        self.counters: Counter[str] = Counter()
        self._path = path
        self._channels = dict(channels)
        self._submit = submit
        self._feed = feed
        self._pool = ThreadPoolExecutor(MAX_AT_ONCE, thread_name_prefix="notify")
        self._lock = threading.Lock()
        self._under_way: set[int] = set()
        self._unrecorded: dict[int, tuple[Delivered | Undelivered, int]] = {}  # what a full store did not take, when
        self._from_memory = 0
        self._stopping = threading.Event()

    def run(self) -> None:
        """Until `stop`."""
        while not self._stopping.is_set():
            try:
                with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as connection:
                    self._follow(connection)
            except sqlite3.Error as e:
                self.counters["look_failed"] += 1
                log.error("the outbox can't be read: %s; trying again in %s s", e, LOOK_RETRY_S)
                self._stopping.wait(LOOK_RETRY_S)

    def _follow(self, connection: sqlite3.Connection) -> None:
        """Looks at each beat of the engine, the newest one first, which may have been missed."""
        beat = 0
        while not self._stopping.is_set():
            newest = self._feed.wait(beat, BEAT_S)
            if newest is not None:
                beat = newest.number
                self.look(connection, newest.now_ms)

    def stop(self) -> None:
        """Ends `run` within BEAT_S; deliveries under way go on to their own end."""
        self._stopping.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def look(self, connection: sqlite3.Connection, now_ms: int) -> int:
        """Starts a delivery for each row that is due; how many."""
        started = 0
        for row in connection.execute(_DUE, (now_ms, MAX_READ)).fetchall():
            message = Message(*row)
            with self._lock:
                known, at_ms = self._unrecorded.get(message.id, (None, 0))
                if message.id in self._under_way or len(self._under_way) >= MAX_READ:
                    continue
                if known is not None and now_ms - at_ms < UNRECORDED_MS:
                    continue
                self._unrecorded.pop(message.id, None)
                self._under_way.add(message.id)
            if isinstance(known, Delivered):
                self._report(known, now_ms)  # it went out: a full disk must not send it again with every beat
            else:
                self._pool.submit(self._carry, message, now_ms)
                started += 1
        return started

    def tell_now(self, messages: Sequence[Message]) -> None:
        """For the engine when no outbox can hold them: each is tried once by each of its ways. Does not block."""
        for message in messages:
            with self._lock:
                if self._from_memory >= MAX_FROM_MEMORY:
                    self.counters["from_memory_dropped"] += 1
                    continue
                self._from_memory += 1
            self._pool.submit(self._carry_from_memory, message)

    def _carry(self, message: Message, now_ms: int) -> None:
        command: Delivered | Undelivered
        try:
            self._deliver(message)
            command = Delivered(message.id)
        except DeliveryError as e:
            command = Undelivered(message.id, str(e), e.permanent)
        self._report(command, now_ms)

    def _report(self, command: Delivered | Undelivered, now_ms: int) -> None:
        # Until the engine has committed it, the row looks due: it must not go out a second time meanwhile.
        self._submit(command).add_done_callback(lambda answer: self._land(command, now_ms, answer))

    def _land(self, command: Delivered | Undelivered, now_ms: int, answer: "Future[Any]") -> None:
        with self._lock:
            if answer.cancelled() or answer.exception() is not None:
                self.counters["not_recorded"] += 1
                self._unrecorded[command.outbox] = command, now_ms
            self._under_way.discard(command.outbox)

    def _carry_from_memory(self, message: Message) -> None:
        try:
            self._deliver(message)
        except DeliveryError as e:
            log.error("a message told from memory failed by %s: %s", message.kind, e)
        finally:
            with self._lock:
                self._from_memory -= 1

    def _deliver(self, message: Message) -> None:
        channel = self._channels.get(message.kind)
        try:
            if channel is None:
                raise DeliveryError(f"no channel for {message.kind} is set up", permanent=True)
            if not message.address:
                raise DeliveryError("this contact method is gone", permanent=True)
            channel.deliver(message)
        except DeliveryError:
            self.counters["failed"] += 1
            raise
        except Exception as e:  # a library's own surprise: the message must still find another way
            self.counters["failed"] += 1
            log.exception("channel %s broke", message.kind)
            raise DeliveryError(f"channel broke: {type(e).__name__}") from e
        self.counters["delivered"] += 1
