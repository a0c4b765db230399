"""The simulated board in virtual time: the firmware in lock-step, deterministic by seed, an hour in a few seconds.

The firmware keeps the clock while nothing can reach it, and asks before it passes the horizon: the next input, the
watchdog's deadline or the end of the present run. Between two calls of `run_until` it stands still.
"""

import hashlib
import heapq
import itertools
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from . import outputs
from .accelerometer import Unmodelled
from .agenda import Agenda
from .board_model import BoardModel, Record, encode
from .firmware_process import ROOMY_HEAP, Console, Firmware, FirmwareProcess, FlashImage
from .micropython import simwire
from .output_log import OutputLog

RESET_TO_BOOT_US = 500_000
STALL_S = 20.0
NEVER_US = 1 << 60


class FirmwareHung(RuntimeError):
    """The firmware neither waits nor reads the clock, and no watchdog is running that would end that."""


class VirtualBoard:
    """One pendant's board. Times are milliseconds since the board was made; `at_ms=None` means now.

    `on_output` is called with each output while the firmware stands still, and may plan inputs (at_ms >= now).
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        seed: int = 0,
        firmware: Firmware | None = None,
        env: Mapping[str, str] | None = None,
        ticks_start_ms: int = 0,
        stall_s: float = STALL_S,
        on_output: Callable[[outputs.Output], None] | None = None,
    ) -> None:
        self.seed = seed
        self.firmware = firmware or Firmware()
        self.env = dict(env or {})
        self.ticks_start_ms = ticks_start_ms
        self.stall_s = stall_s
        self.on_output = on_output
        self.console = Console()
        self.log = OutputLog()
        self.model = BoardModel(emit=self._emit)
        self.boots = 0
        self.now_us = 0
        self._flash = FlashImage(Path(state_dir))
        self._inputs: list[tuple[int, int, Callable[[], bytes]]] = []
        self._order = itertools.count()
        self._trace = hashlib.sha256()
        self._process: FirmwareProcess | None = None
        self._records: BinaryIO | None = None
        self._boot_us: int | None = None  # when it boots by itself
        self._target_us: int | None = None  # the firmware stands still and waits for this time
        self._silent = False  # the process is there, but will not speak again
        self._asleep = False
        self._wake_pins = b""
        self._cut_after_writes = 0

    # -- power

    def start(self, cut_after_writes: int = 0) -> None:
        """Switch the board on, now; the power goes in the middle of that flash write (0: it stays).

        Raises FlashInUse when another board holds the same flash.
        """
        self._flash.__enter__()
        self._cut_after_writes = cut_after_writes
        self._boot_us = self.now_us
        self.model.cause = simwire.PWRON_RESET

    def kill(self) -> None:
        """Cut the power, now (SIGKILL): what is closed in flash stays, RTC memory is lost."""
        self._end_process()
        self.model.let_go(self.now_us)
        self._boot_us = None
        self._asleep = False
        self._flash.__exit__(None, None, None)

    def hang(self) -> None:
        """The firmware stops dead, as in an endless loop: it hears nothing more, and only its watchdog ends that."""
        self._silent = True
        self._target_us = None

    @property
    def asleep(self) -> bool:
        """Whether it is in deep sleep."""
        return self._asleep

    def __enter__(self) -> "VirtualBoard":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.kill()

    # -- inputs

    def press(self, button: str, at_ms: int | None = None) -> None:
        """Press `sos`, `ok` or `lanyard` (pulled) and keep it so."""
        self._plan(at_ms, lambda: self.model.set_button(button, 0))

    def release(self, button: str, at_ms: int | None = None) -> None:
        """Let go of it."""
        self._plan(at_ms, lambda: self.model.set_button(button, 1))

    def pull_lanyard(self, at_ms: int | None = None) -> None:
        """Tear the breakaway lanyard off; `release("lanyard")` puts it back."""
        self.press("lanyard", at_ms)

    def set_battery_mv(self, battery_mv: int, at_ms: int | None = None) -> None:
        """Voltage of the battery itself, before the divider."""

        def change() -> bytes:
            self.model.battery_mv = battery_mv
            return b""

        self._plan(at_ms, change)

    def set_accel(self, x_mg: int, y_mg: int, z_mg: int, at_ms: int | None = None) -> None:
        """What the accelerometer measures from then on."""

        def change() -> bytes:
            self.model.accelerometer.set_acceleration((x_mg, y_mg, z_mg), self.now_us)
            return b""

        self._plan(at_ms, change)

    def play_motion(self, trace_mg: Sequence[tuple[int, int, int]], at_ms: int | None = None) -> None:
        """The accelerometer's samples from then on, at its rate; then the last of them stays."""

        def change() -> bytes:
            self.model.accelerometer.play(trace_mg, self.now_us)
            return b""

        self._plan(at_ms, change)

    def feed_gnss(self, content: bytes, at_ms: int | None = None) -> None:
        """Bytes from the GNSS receiver; at most MAX_PAYLOAD_BYTES at once."""
        self.feed_uart(self.model.pins.UART_GNSS_ID, content, at_ms)

    def feed_uart(self, port: int, content: bytes, at_ms: int | None = None) -> None:
        """Bytes that come in at a serial port; a port that isn't open hears nothing."""
        self._plan(at_ms, lambda: encode(simwire.UART_IN, port, payload=content))

    def send_mail(self, frame: bytes, at_ms: int | None = None) -> None:
        """Put one opaque frame in the firmware's mailbox."""
        self._plan(at_ms, lambda: encode(simwire.MAIL_IN, payload=frame))

    # -- time

    def run_until(self, at_ms: int) -> None:
        """Run to that time. Raises FirmwareHung, or Unmodelled when the firmware used what isn't modelled."""
        self._run(at_ms * 1000, lookahead=True, until=lambda: False)

    def run_to(self, predicate: Callable[[outputs.Output], bool], limit_ms: int) -> outputs.Output:
        """Run until an output fulfils `predicate`, searched from behind the one that run_to returned last.

        Time stands where the firmware next waits. Raises TimeoutError with what came instead at `limit_ms`.
        """
        found: list[outputs.Output] = []

        def search() -> bool:
            output = self.log.find(predicate)
            if output is not None:
                found.append(output)
            return bool(found)

        self._run(limit_ms * 1000, lookahead=False, until=search)
        if not found:
            raise TimeoutError(
                f"no such output before {limit_ms} ms. Outputs: {self.log.last(20)}. Console: {self.stdout[-2000:]}"
            )
        return found[0]

    @property
    def now_ms(self) -> int:
        """The time (`now_us` may be some microseconds past it: reading the clock costs the firmware that)."""
        return self.now_us // 1000

    @property
    def wakes_us(self) -> int:
        """When something will next happen on this board, if nobody plans another input; NEVER_US: not by itself."""
        planned = self._inputs[0][0] if self._inputs else None
        moments = (planned, self._boot_us, self._target_us, self.model.watchdog_due_us)
        return max(self.now_us, min((moment for moment in moments if moment is not None), default=NEVER_US))

    @property
    def stdout(self) -> str:
        """The last lines that the firmware printed."""
        return self.console.text

    @property
    def trace_hash(self) -> str:
        """SHA-256 over all inputs and outputs with their times, in hexadecimal."""
        return self._trace.hexdigest()

    # -- behind it

    def _plan(self, at_ms: int | None, change: Callable[[], bytes]) -> None:
        at_us = self.now_us if at_ms is None else at_ms * 1000
        if at_us // 1000 < self.now_ms:
            raise ValueError(f"an input at {at_ms} ms, but it is {self.now_ms} ms already")
        heapq.heappush(self._inputs, (max(at_us, self.now_us), next(self._order), change))

    def _emit(self, output: outputs.Output) -> None:
        self.log.add(output)
        if self.on_output is not None:
            self.on_output(output)

    def _run(self, limit_us: int, *, lookahead: bool, until: Callable[[], bool]) -> None:
        while True:
            self._hear()
            if self.model.fault is not None:
                raise Unmodelled(*self.model.fault.args)
            if until():
                return
            if self.wakes_us > limit_us:
                self.now_us = max(self.now_us, limit_us)
                return
            self.now_us = self.wakes_us
            self._step(limit_us if lookahead else self.now_us)

    def _step(self, limit_us: int) -> None:
        """What happens at `now_us`, one thing at a time, in a fixed order."""
        if self.model.watchdog_due_us is not None and self.model.watchdog_due_us <= self.now_us:
            self._reset(simwire.WDT_RESET, RESET_TO_BOOT_US)
            return
        news = self._due_inputs()
        if news and self._asleep and self.model.wakes(self._wake_pins):
            self._boot_us = self.now_us
        if self._boot_us is not None and self._boot_us <= self.now_us:
            self._boot()
        elif self._target_us is not None and (news or self._target_us <= self.now_us):
            self._target_us = None
            planned_us = self._inputs[0][0] if self._inputs else NEVER_US
            horizon_us = min(limit_us, planned_us, self.model.watchdog_due_us or NEVER_US)
            self._send(news + encode(simwire.TIME, payload=struct.pack("<QQ", self.now_us, horizon_us)))

    def _due_inputs(self) -> bytes:
        news = b""
        while self._inputs and self._inputs[0][0] <= self.now_us:
            news += heapq.heappop(self._inputs)[2]()
        if news:
            self._trace.update(struct.pack("<Q", self.now_us) + news)
        return news

    def _hear(self) -> None:
        """Take in what the firmware does until it stands still, ends, or asks for a reset."""
        while self._process is not None and self._target_us is None and not self._silent:
            record = self._next_record()
            if record is None:
                self._stalled()
                return
            if record.kind == simwire.HELLO:  # sent before the firmware knows that time is virtual
                self._greet()
                continue
            self.now_us = max(self.now_us, record.at_us)
            if record.kind == simwire.ADVANCE:
                (self._target_us,) = struct.unpack("<Q", record.payload)
                return
            self._take(record)

    def _greet(self) -> None:
        seed = hashlib.sha256(b"%d/%d" % (self.seed, self.boots)).digest()
        self._emit(outputs.Booted(self.now_us, self.model.cause))
        self._send(self.model.greeting(virtual=True, seed=seed, ticks_start_ms=self.ticks_start_ms, now_us=self.now_us))

    def _take(self, record: Record) -> None:
        self._trace.update(repr((record.kind, record.unit, record.value, record.at_us, record.payload)).encode())
        answer = self.model.handle(record)
        if answer:
            self._send(answer)
        self._silent = record.kind == simwire.ENDED
        if self.model.restart is not None and self.model.restart.power_lost:
            self.kill()
            self._emit(outputs.PowerLost(record.at_us))
        elif self.model.restart is not None:
            sleep_ms, self._wake_pins = self.model.restart.sleep_ms, self.model.restart.wake_pins
            self._reset(self.model.restart.cause, RESET_TO_BOOT_US if sleep_ms is None else sleep_ms * 1000)

    def _next_record(self) -> Record | None:
        """One record; None when the firmware stalls. A process that died says FirmwareEnded."""
        assert self._records is not None
        try:
            head = self._records.read(simwire.HEAD_OUT_BYTES)
            if len(head) < simwire.HEAD_OUT_BYTES:
                return Record(simwire.ENDED, 0, 1, self.now_us, b"")
            kind, unit, value, length, at_us = struct.unpack(simwire.HEAD_OUT, head)
            return Record(kind, unit, value, at_us, self._records.read(length))
        except TimeoutError:
            return None

    def _stalled(self) -> None:
        if self.model.watchdog_due_us is None:
            raise FirmwareHung(f"no sign of life for {self.stall_s} s at {self.now_ms} ms: {self.stdout[-2000:]}")
        self._silent = True

    def _send(self, record: bytes) -> None:
        if self._process is not None:
            self._process.link.sendall(record)

    def _boot(self) -> None:
        self._boot_us = None
        self._asleep = False
        self.model.boot(self.model.cause)
        self.boots += 1
        roomy = "1" if self.firmware.heap == ROOMY_HEAP else ""
        env = {**self.env, "WW_FLASH_CUT": str(self._cut_after_writes), "WW_ROOMY": roomy}
        self._cut_after_writes = 0
        self._process = FirmwareProcess(self.firmware, self._flash, self.console, env)
        self._process.link.settimeout(self.stall_s)
        self._records = self._process.link.makefile("rb")

    def _reset(self, cause: int, off_us: int) -> None:
        """End the process; boot after `off_us`, or at an input alone when that is 0."""
        self._end_process()
        self.model.let_go(self.now_us)
        self._emit(outputs.BoardReset(self.now_us, cause))
        self.model.boot(cause)
        self._asleep = cause == simwire.DEEPSLEEP_RESET
        if self._asleep and self.model.wakes(self._wake_pins):
            off_us = RESET_TO_BOOT_US
        elif self._asleep:
            self.model.wake_reason = simwire.TIMER_WAKE
        self._boot_us = self.now_us + off_us if off_us else None

    def _end_process(self) -> None:
        if self._records is not None:
            self._records.close()
            self._records = None
        if self._process is not None:
            self._process.kill()
            self._process = None
        self._target_us = None
        self._silent = False


def run_with(board: VirtualBoard, agenda: Agenda, ms: int) -> None:
    """Time passes for a board and for what is planned around it, each seeing what the other did before."""
    end_ms = board.now_ms + ms
    while True:
        wakes_ms = -(-board.wakes_us // 1000)
        board.run_until(max(board.now_ms, min(end_ms, wakes_ms, agenda.due_ms(end_ms))))
        agenda.run(board.now_ms)
        if board.now_ms >= end_ms and board.wakes_us > end_ms * 1000 and agenda.due_ms(end_ms + 1) > end_ms:
            return
