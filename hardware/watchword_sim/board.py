"""The simulated board in real time: the firmware runs on MicroPython, a test or a web page has its controls in hand."""

import asyncio
import contextlib
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from . import outputs
from .accelerometer import Unmodelled
from .board_model import BoardModel, Record, encode
from .firmware_process import Console, Firmware, FirmwareProcess, FlashImage
from .micropython import simwire
from .output_log import OutputLog

SUBSCRIPTION_OUTPUTS = 1_000


def now_us() -> int:
    """The real-time simulator's clock, which is also the one that the firmware's process reads."""
    return time.monotonic_ns() // 1000


class Subscription:
    """Outputs from the moment of subscribing on, for `async for`; a slow reader loses the oldest, counted."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[outputs.Output] = asyncio.Queue()
        self.dropped = 0

    def put(self, output: outputs.Output) -> None:
        """Called by the board."""
        if self._queue.qsize() >= SUBSCRIPTION_OUTPUTS:
            self._queue.get_nowait()
            self.dropped += 1
        self._queue.put_nowait(output)

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> outputs.Output:
        return await self._queue.get()


class SimBoard:
    """One pendant's board. Everything but `start`, `kill` and `wait_for` is immediate; use it from one event loop.

    `state_dir` holds the flash image; `env` is added to the firmware's environment (WW_BLE, WW_BLE_ADDR);
    `ticks_start_ms` is what ticks_ms() says at boot, so that a wrap at 2^30 can be brought near.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        firmware: Firmware | None = None,
        env: Mapping[str, str] | None = None,
        ticks_start_ms: int = 0,
    ) -> None:
        self.firmware = firmware or Firmware()
        self.env = dict(env or {})
        self.ticks_start_ms = ticks_start_ms
        self.console = Console()
        self.model = BoardModel(emit=self._emit)
        self.boots = 0
        self.log = OutputLog()
        self._subscriptions: list[Subscription] = []
        self._changed = asyncio.Event()
        self._flash = FlashImage(Path(state_dir))
        self._held = contextlib.ExitStack()
        self._process: FirmwareProcess | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._resetting: asyncio.Task[None] | None = None
        self._powered = False
        self._wake_pins = b""
        self._cut_after_writes = 0
        self._power = asyncio.Lock()  # one switching on or off at a time

    # -- power

    async def start(self, cut_after_writes: int = 0) -> None:
        """Switch the board on; the power goes in the middle of that flash write (0: it stays).

        Raises FlashInUse when another board holds its flash, RuntimeError when it is on.
        """
        if self._powered:
            raise RuntimeError("the board is on already: kill() it first")
        self._held.enter_context(self._flash)
        self._powered = True
        self._cut_after_writes = cut_after_writes
        async with self._power:
            await self._boot(simwire.PWRON_RESET)

    async def kill(self) -> None:
        """Cut the power (SIGKILL): what is closed in flash stays, RTC memory is lost. Nothing when it is off."""
        self._powered = False
        async with self._power:
            await self._end_process()
            self.model.let_go(now_us())
        self._held.close()

    async def __aenter__(self) -> "SimBoard":
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.kill()

    @property
    def running(self) -> bool:
        """Whether the power is on and the firmware's process runs (not so in deep sleep)."""
        return self._process is not None

    @property
    def pid(self) -> int | None:
        """Process id of the firmware, None when it doesn't run."""
        return None if self._process is None else self._process.pid

    # -- inputs

    def press(self, button: str) -> None:
        """Press `sos`, `ok` or `lanyard` (pulled) and keep it so."""
        self._set_level(button, 0)

    def release(self, button: str) -> None:
        """Let go of it."""
        self._set_level(button, 1)

    def pull_lanyard(self) -> None:
        """Tear the breakaway lanyard off; `release("lanyard")` puts it back."""
        self.press("lanyard")

    def set_battery_mv(self, battery_mv: int) -> None:
        """Voltage of the battery itself, before the divider."""
        self.model.battery_mv = battery_mv

    def set_accel(self, x_mg: int, y_mg: int, z_mg: int) -> None:
        """What the accelerometer measures from now on."""
        self.model.accelerometer.set_acceleration((x_mg, y_mg, z_mg), now_us())

    def play_motion(self, trace_mg: Sequence[tuple[int, int, int]]) -> None:
        """The accelerometer's samples from now on, at its rate; then the last of them stays."""
        self.model.accelerometer.play(trace_mg, now_us())

    def feed_gnss(self, content: bytes) -> None:
        """Bytes from the GNSS receiver; at most MAX_PAYLOAD_BYTES at once."""
        self._send(encode(simwire.UART_IN, self.model.pins.UART_GNSS_ID, payload=content))

    def send_mail(self, frame: bytes) -> None:
        """Put one opaque frame in the firmware's mailbox."""
        self._send(encode(simwire.MAIL_IN, payload=frame))

    # -- outputs

    def subscribe(self) -> Subscription:
        """A stream of the outputs from now on. Hand it back with `unsubscribe`."""
        subscription = Subscription()
        self._subscriptions.append(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """The stream gets nothing more."""
        self._subscriptions.remove(subscription)

    async def wait_for(self, predicate: Callable[[outputs.Output], bool], timeout_s: float = 5) -> outputs.Output:
        """The next output that fulfils `predicate`, searched from behind the one that wait_for returned last.

        Raises TimeoutError with what came instead, Unmodelled when the firmware used what isn't modelled.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    found = self.log.find(predicate)
                    self._check()
                    if found is not None:
                        return found
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise TimeoutError(
                f"no such output within {timeout_s} s. Outputs: {self.log.last(20)}. Console: {self.stdout[-2000:]}"
            ) from None

    @property
    def stdout(self) -> str:
        """The last lines that the firmware printed."""
        return self.console.text

    def _check(self) -> None:
        """Raise what went wrong behind the caller's back: unmodelled hardware used, or a senseless record."""
        if self.model.fault is not None:
            raise Unmodelled(*self.model.fault.args)
        if self._reading is not None and self._reading.done() and not self._reading.cancelled():
            self._reading.result()

    def _emit(self, output: outputs.Output) -> None:
        self.log.add(output)
        for subscription in self._subscriptions:
            subscription.put(output)
        self._changed.set()

    # -- the process behind it

    def _set_level(self, button: str, level: int) -> None:
        record = self.model.set_button(button, level)
        if record and self._powered and not self.running:
            if self.model.wakes(self._wake_pins):
                self._wake(simwire.DEEPSLEEP_RESET)
        elif record:
            self._send(record)

    def _send(self, record: bytes) -> None:
        if self._writer is not None:
            self._writer.write(record)

    async def _boot(self, cause: int) -> None:
        self.model.boot(cause)
        self.boots += 1
        env = {**self.env, "WW_FLASH_CUT": str(self._cut_after_writes)}
        self._cut_after_writes = 0
        self._process = FirmwareProcess(self.firmware, self._flash, self.console, env)
        reader, self._writer = await asyncio.open_connection(sock=self._process.link)
        self._reading = asyncio.create_task(self._serve(reader))
        self._reading.add_done_callback(lambda _: self._changed.set())

    async def _end_process(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._reading is not None and self._reading is not asyncio.current_task():
            self._reading.cancel()
            await asyncio.wait(
                [self._reading]
            )  # what it raised is for wait_for to raise: the power goes off all the same
        self._reading = None
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._process is not None:
            self._process.kill()
            self._process = None

    async def _serve(self, reader: asyncio.StreamReader) -> None:
        """Read records until the process ends or wants to be ended."""
        while self.model.restart is None:
            try:
                head = await reader.readexactly(simwire.HEAD_OUT_BYTES)
                kind, unit, value, length, at_us = struct.unpack(simwire.HEAD_OUT, head)
                payload = await reader.readexactly(length)
            except (asyncio.IncompleteReadError, ConnectionResetError):
                self._emit(outputs.FirmwareEnded(now_us(), failed=True))
                return
            self._take(Record(kind, unit, value, at_us, payload))
        restart = self.model.restart
        if restart.power_lost:
            await self.kill()
            self._emit(outputs.PowerLost(now_us()))
        else:
            self._wake_pins = restart.wake_pins
            at_once = restart.cause == simwire.DEEPSLEEP_RESET and self.model.wakes(self._wake_pins)
            if not at_once:
                self.model.wake_reason = simwire.TIMER_WAKE
            await self._restart(restart.cause, None if at_once else restart.sleep_ms, self.boots)

    def _take(self, record: Record) -> None:
        if record.kind == simwire.HELLO:
            self._emit(outputs.Booted(record.at_us, self.model.cause))
            self._send(self.model.greeting(virtual=False, seed=bytes(8), ticks_start_ms=self.ticks_start_ms, now_us=0))
            return
        self._send(self.model.handle(record))
        if record.kind == simwire.WDT_START:
            self._watch()

    def _watch(self) -> None:
        """Keep one timer for the watchdog; it looks at the deadline again when it runs out."""
        due_us = self.model.watchdog_due_us
        if due_us is None:
            return
        if now_us() >= due_us:
            self._wake(simwire.WDT_RESET)
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_later((due_us - now_us()) / 1e6, self._watch)

    def _wake(self, cause: int) -> None:
        self._resetting = asyncio.create_task(self._restart(cause, None, self.boots))

    async def _restart(self, cause: int, sleep_ms: int | None, boot: int) -> None:
        """End run number `boot` and start the next; nothing when that has been done meanwhile, or the power is off."""
        async with self._power:
            if not self._powered or self.boots != boot:
                return
            await self._end_process()
            self.model.let_go(now_us())
            self._emit(outputs.BoardReset(now_us(), cause))
            if sleep_ms is None:
                await self._boot(cause)
            elif sleep_ms > 0:
                self._alarm = asyncio.get_running_loop().call_later(sleep_ms / 1000, self._wake, cause)
