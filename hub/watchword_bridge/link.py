"""Bluetooth: every pendant in range, connected, subscribed, and known to be alive.

One scan that goes on, and one task a pendant that lives as long as its connection: after a loss the pendant advertises,
is heard, and gets a new task, which subscribes again, since neither side remembers a subscription.

bleak may believe itself connected for ever (hbldh/bleak pull request 2012), so a link is alive while frames come: a
pendant sends a heartbeat well within LINK_SILENCE_MS, and one that is silent longer is disconnected.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError

SERVICE_UUID = "6d1a0001-9a2b-4c53-8f7e-57a7c4b0d001"
UP_UUID = "6d1a0002-9a2b-4c53-8f7e-57a7c4b0d001"
DOWN_UUID = "6d1a0003-9a2b-4c53-8f7e-57a7c4b0d001"

MAX_PENDANTS = 8  # connected at a time; phones manage about this many
LINK_SILENCE_MS = 30_000
CONNECT_TIMEOUT_S = 10.0
WRITE_TIMEOUT_S = 5.0
DISCONNECT_TIMEOUT_S = 5.0
REST_MIN_MS = 500  # after a connection that failed or fell silent; twice as long each time
REST_MAX_MS = 10_000
MAX_RESTING = 64
SCAN_S = 600.0  # then the scan is started anew: systems let long ones starve
SCAN_RETRY_S = 2.0

_LINK_ERRORS = (BleakError, OSError, TimeoutError, EOFError)

log = logging.getLogger(__name__)


class Backend(Protocol):
    """bleak's two backend classes; None takes the platform's own."""

    @property
    def scanner(self) -> type[BaseBleakScanner] | None: ...

    @property
    def client(self) -> type[BaseBleakClient] | None: ...


@dataclass(frozen=True)
class PlatformBackend:
    """The Bluetooth of the machine that we run on."""

    scanner: type[BaseBleakScanner] | None = None
    client: type[BaseBleakClient] | None = None


class Carrier(Protocol):
    """Who takes the frames that pendants send, and has those for them."""

    def heard(self, address: str, frame: bytes) -> None: ...

    def next_down(self, address: str) -> bytes | None: ...

    def not_written(self, address: str, frame: bytes) -> None: ...


@dataclass
class _Link:
    address: str
    client: BleakClient
    heard_ms: int
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    frames: int = 0  # heard


@dataclass
class _Rest:
    until_ms: int
    wait_ms: int


class Links:
    """All pendants in range. `run` until cancelled; `wake(address)` when there is something to write."""

    def __init__(
        self,
        backend: Backend,
        carrier: Carrier,
        now_ms: Callable[[], int],
        silence_ms: int = LINK_SILENCE_MS,
    ) -> None:
        self.counters: Counter[str] = Counter()
        self._backend = backend
        self._carrier = carrier
        self._now_ms = now_ms
        self._silence_ms = silence_ms
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._links: dict[str, _Link] = {}
        self._resting: dict[str, _Rest] = {}
        self._scan_fault = ""  # the last one, while it lasts
        self._connecting = asyncio.Lock()  # adapters fail at two connection attempts at a time

    @property
    def connected(self) -> list[str]:
        """Addresses of the pendants that are linked and subscribed."""
        return list(self._links)

    def wake(self, address: str) -> None:
        if link := self._links.get(address):
            link.wake.set()

    async def run(self) -> None:
        try:
            while True:
                await self._scan()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _scan(self) -> None:
        try:
            async with BleakScanner(self._on_advert, [SERVICE_UUID], backend=self._backend.scanner):
                self._scan_fault = ""
                await asyncio.sleep(SCAN_S)
        except _LINK_ERRORS as e:
            self.counters["scan_failed"] += 1
            if str(e) != self._scan_fault:  # a phone whose Bluetooth is off all night says so once
                self._scan_fault = str(e)
                log.warning("Bluetooth scan failed: %s; is Bluetooth on? Trying every %s s", e, SCAN_RETRY_S)
            await asyncio.sleep(SCAN_RETRY_S)

    def _on_advert(self, device: BLEDevice, _advert: AdvertisementData) -> None:
        address = device.address
        rest = self._resting.get(address)
        if address in self._tasks or (rest and self._now_ms() < rest.until_ms):
            return
        if len(self._tasks) >= MAX_PENDANTS:
            self.counters["over_limit"] += 1
            return
        task = asyncio.get_running_loop().create_task(self._serve(device))
        self._tasks[address] = task
        task.add_done_callback(lambda done: self._ended(address, done))

    def _ended(self, address: str, task: asyncio.Task[None]) -> None:
        del self._tasks[address]
        if not task.cancelled() and (fault := task.exception()):
            self.counters["faults"] += 1
            self._rest(address)
            log.error("link to %s ended by a fault of ours", address, exc_info=fault)

    async def _serve(self, device: BLEDevice) -> None:
        """One connection, from the advert that was heard to its end."""
        link = self._make_link(device)
        try:
            await self._connect(link)
            self._links[link.address] = link
            link.wake.set()  # what waited while it was out of range
            await self._until_lost(link)
            if not link.frames:  # a pendant that doesn't know this phone, most likely
                self.counters["turned_away"] += 1
                self._rest(link.address)
        except _LINK_ERRORS as e:
            self.counters["link_failed"] += 1
            self._rest(link.address)
            log.warning("link to %s failed: %s", link.address, e or type(e).__name__)
        finally:
            self._links.pop(link.address, None)
            await self._disconnect(link)

    def _make_link(self, device: BLEDevice) -> _Link:
        gone = asyncio.Event()
        client = BleakClient(
            device,
            disconnected_callback=lambda _client: gone.set(),
            timeout=CONNECT_TIMEOUT_S,
            backend=self._backend.client,
        )
        return _Link(device.address, client, self._now_ms(), gone)

    async def _connect(self, link: _Link) -> None:
        def on_notify(_characteristic: BleakGATTCharacteristic, value: bytearray) -> None:
            link.heard_ms = self._now_ms()
            link.frames += 1
            self._resting.pop(link.address, None)
            self.counters["frames_up"] += 1
            self._carrier.heard(link.address, bytes(value))

        async with self._connecting, asyncio.timeout(CONNECT_TIMEOUT_S):
            await link.client.connect()
            await link.client.start_notify(UP_UUID, on_notify)
        link.heard_ms = self._now_ms()
        self.counters["linked"] += 1
        log.info("linked to %s", link.address)

    async def _until_lost(self, link: _Link) -> None:
        """Returns when the link is gone; raises one of _LINK_ERRORS when it was given up."""
        writing = asyncio.create_task(self._write(link))
        watching = asyncio.create_task(self._watch(link))
        try:
            done, _ = await asyncio.wait({writing, watching}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            writing.cancel()
            watching.cancel()
            await asyncio.gather(writing, watching, return_exceptions=True)

    async def _write(self, link: _Link) -> None:
        while True:
            await link.wake.wait()
            link.wake.clear()
            while (frame := self._carrier.next_down(link.address)) is not None:
                try:
                    async with asyncio.timeout(WRITE_TIMEOUT_S):
                        await link.client.write_gatt_char(DOWN_UUID, frame, response=True)
                except BaseException:
                    self._carrier.not_written(link.address, frame)
                    raise
                self.counters["frames_down"] += 1

    async def _watch(self, link: _Link) -> None:
        while not link.gone.is_set():
            left_ms = link.heard_ms + self._silence_ms - self._now_ms()
            if left_ms <= 0:
                self.counters["silent"] += 1
                raise TimeoutError(f"silent for {self._silence_ms} ms")
            try:
                async with asyncio.timeout(left_ms / 1000):
                    await link.gone.wait()
            except TimeoutError:
                continue
        log.info("link to %s lost", link.address)
        self.counters["lost"] += 1

    async def _disconnect(self, link: _Link) -> None:
        try:
            async with asyncio.timeout(DISCONNECT_TIMEOUT_S):
                await link.client.disconnect()
        except _LINK_ERRORS as e:
            self.counters["disconnect_failed"] += 1
            log.warning("%s did not disconnect: %s", link.address, e or type(e).__name__)

    def _rest(self, address: str) -> None:
        before = self._resting.pop(address, None)
        wait_ms = min(2 * before.wait_ms, REST_MAX_MS) if before else REST_MIN_MS
        self._resting[address] = _Rest(self._now_ms() + wait_ms, wait_ms)
        if len(self._resting) > MAX_RESTING:
            del self._resting[next(iter(self._resting))]
