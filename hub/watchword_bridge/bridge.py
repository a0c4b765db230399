"""The phone's side: frames from pendants to the broker and back, with a spool between. It can't open a frame.

1. A frame is notified by a pendant. It is published at once and written to disk if the hub hasn't answered soon after:
   the pendant keeps it until the hub's sealed acknowledgement, so nothing is gained by waiting for the disk.
2. Until a DOWN header acknowledges it, it is published again, at growing intervals, and at once after a reconnect.
3. A DOWN frame is read for its acknowledgement and written to the pendant, or held for it.

One event loop owns all state. paho's thread only posts to it; disk writes run on a thread of their own.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

from watchword_core.frames import DOWN, DOWN_BYTES, PRESS, FrameError, read_header, split

from .clock import now_ms as clock_now_ms
from .down import DownQueue
from .link import LINK_SILENCE_MS, Backend, Links, PlatformBackend
from .mqtt import Credentials, Message, SessionFactory, SessionPlan, private_client_id
from .spool import Spool, SpoolError

MAX_FRAMES_PER_MESSAGE = 64  # in one publish of repeated frames
RESEND_CHECK_S = 0.5
WRITE_AFTER_S = 0.25  # most are acknowledged by then, and cost the phone's disk nothing
DISK_RETRY_S = 2.0

log = logging.getLogger(__name__)


class Bridge:
    """`await run()` until cancelled. `broker`: MqttBroker(address); `spool_path`: one file of this bridge's own.

    Raises SpoolInUse when another bridge has that file.
    """

    def __init__(
        self,
        bridge_id: str,
        broker: SessionFactory,
        credentials: Credentials,
        spool_path: Path,
        backend: Backend | None = None,
        now_ms: Callable[[], int] = clock_now_ms,
        silence_ms: int = LINK_SILENCE_MS,
    ) -> None:
        self._id = bridge_id
        self._now_ms = now_ms
        self._bridge_counters: Counter[str] = Counter()
        self._spool = Spool(spool_path)
        self._down = DownQueue()
        self._links = Links(backend or PlatformBackend(), self, now_ms, silence_ms)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()  # the spool has something to write
        self._disk = ThreadPoolExecutor(1, "spool")
        self._session = broker.session(
            SessionPlan(
                private_client_id(f"bridge-{bridge_id}", credentials),
                credentials,
                (f"ww/down/{bridge_id}",),
                self._on_message,
                self._on_broker_ready,
            )
        )

    @property
    def counters(self) -> Counter[str]:
        """Everything counted, by part: `link.linked`, `spool.duplicates`, `broker.published`, ..."""
        parts = {
            "bridge": self._bridge_counters,
            "link": self._links.counters,
            "spool": self._spool.counters,
            "down": self._down.counters,
            "broker": self._session.counters,
        }
        return Counter({f"{part}.{name}": n for part, counts in parts.items() for name, n in counts.items()})

    @property
    def ready(self) -> bool:
        """The broker lets us in and through."""
        return self._session.ready

    @property
    def connected(self) -> list[str]:
        """Addresses of the pendants linked now."""
        return self._links.connected

    @property
    def kept(self) -> int:
        """Frames that the hub has not acknowledged."""
        return len(self._spool)

    async def run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._session.start()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._links.run())
                tasks.create_task(self._repeat())
                tasks.create_task(self._write())
        finally:
            self._close()

    # What pendants send and get: link.Carrier

    def heard(self, address: str, frame: bytes) -> None:
        try:
            header = read_header(frame)
        except FrameError as e:
            self._bridge_counters["not_a_frame"] += 1
            log.warning("%s sent what is not a frame: %s", address, e)
            return
        if header.lane == DOWN:
            self._bridge_counters["not_a_frame"] += 1
            return
        if self._spool.keep(frame, header, self._now_ms()):
            self._publish(header.lane, [frame])
            if header.lane == PRESS:
                self._changed.set()
        if self._down.heard(header.pendant, address):
            self._links.wake(address)

    def next_down(self, address: str) -> bytes | None:
        return self._down.take(address)

    def not_written(self, address: str, frame: bytes) -> None:
        self._down.put_back(address, frame)

    # What the broker brings, on the session's thread

    def _on_message(self, message: Message) -> None:
        self._post(lambda: self._on_down(message))

    def _on_broker_ready(self) -> None:
        self._post(self._publish_everything)

    def _post(self, act: Callable[[], None]) -> None:
        if self._loop is None or self._loop.is_closed():
            return  # the broker brings it again next time
        self._loop.call_soon_threadsafe(act)

    # On the loop again

    def _on_down(self, message: Message) -> None:
        message.ack()  # held from here on; a status lost to a kill is followed by the next
        try:
            for frame in split(message.payload, DOWN_BYTES):
                self._on_down_frame(frame)
        except FrameError as e:
            self._bridge_counters["not_a_frame"] += 1
            log.warning("broker brought what is not a frame: %s", e)

    def _on_down_frame(self, frame: bytes) -> None:
        header = read_header(frame)
        if self._spool.acknowledged(header):
            self._bridge_counters["acknowledged"] += 1
            self._changed.set()
        for address in self._down.put(header.pendant, frame):
            self._links.wake(address)

    def _publish_everything(self) -> None:
        self._spool.all_due(self._now_ms())
        self._publish_due()

    def _publish_due(self) -> None:
        if not self._session.ready:
            return
        for lane, frames in groupby(self._spool.due(self._now_ms()), key=lambda due: due[0]):
            self._bridge_counters["repeated"] += self._publish(lane, [frame for _, frame in frames])

    def _publish(self, lane: int, frames: list[bytes]) -> int:
        """How many were handed to the broker; the others stay in the spool and come again."""
        topic = f"ww/up/{self._id}/{'press' if lane == PRESS else 'routine'}"
        return sum(len(part) for part in _parts(frames) if self._session.publish(topic, b"".join(part)))

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(RESEND_CHECK_S)
            self._publish_due()

    async def _write(self) -> None:
        assert self._loop is not None
        while True:
            await self._changed.wait()
            await asyncio.sleep(WRITE_AFTER_S)
            self._changed.clear()
            try:
                await self._loop.run_in_executor(self._disk, self._spool.write)
            except SpoolError as e:
                log.error("%s", e)
                self._changed.set()
                await asyncio.sleep(DISK_RETRY_S)

    def _close(self) -> None:
        self._session.stop()
        self._disk.shutdown()
        try:
            self._spool.write()
        except SpoolError as e:
            log.error("%s", e)
        self._spool.close()


def _parts(frames: list[bytes]) -> Iterable[list[bytes]]:
    return (frames[i : i + MAX_FRAMES_PER_MESSAGE] for i in range(0, len(frames), MAX_FRAMES_PER_MESSAGE))
