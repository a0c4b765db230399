"""The hardware around the firmware, without a process and without a clock: records in, answers and outputs out."""

import importlib.util
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from errno import EIO, ENODEV, ENXIO
from pathlib import Path
from types import ModuleType

from . import outputs
from .accelerometer import Lis2dw12, Unmodelled
from .micropython import simwire

REPOSITORY = Path(__file__).resolve().parents[2]
SIM_BOARD_FILE = REPOSITORY / "firmware/boards/sim/board.py"
FULL_DUTY = 65535
ADC_MOST_UV = {0: 850_000, 1: 1_100_000, 2: 1_600_000, 3: 2_900_000}  # by attenuation: ESP32-S3 datasheet, "ADC"
BUTTONS = {"sos": "PIN_SOS", "ok": "PIN_OK", "lanyard": "PIN_LANYARD", "charger": "PIN_CHARGER"}


@dataclass(frozen=True, slots=True)
class Record:
    """One record from the firmware."""

    kind: int
    unit: int
    value: int
    at_us: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Restart:
    """The firmware wants to be ended: it boots again with `cause`, after `sleep_ms` (None: at once; 0: on a pin).

    With `power_lost` it stays off until it is started again.
    """

    cause: int
    sleep_ms: int | None
    power_lost: bool = False
    wake_pins: bytes = b""  # low on one of them ends the sleep


def load_pins(board_file: Path = SIM_BOARD_FILE) -> ModuleType:
    """The board's declarations, from the file that the firmware itself imports: pins stand in one place."""
    spec = importlib.util.spec_from_file_location("watchword_sim_pins", board_file)
    if spec is None or spec.loader is None or not board_file.exists():
        raise FileNotFoundError(f"no board file at {board_file}: the simulator runs from a clone, beside the firmware")
    pins = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pins)
    return pins


def encode(kind: int, unit: int = 0, value: int = 0, payload: bytes = b"") -> bytes:
    """One record for the firmware. ValueError when the payload is too long."""
    if len(payload) > simwire.MAX_PAYLOAD_BYTES:
        raise ValueError(f"{len(payload)} bytes in one record; at most {simwire.MAX_PAYLOAD_BYTES}")
    return struct.pack(simwire.HEAD_IN, kind, unit, value, len(payload)) + payload


@dataclass
class BoardModel:
    """Levels, battery, devices and watchdog of one board. `emit` is called with each output."""

    emit: Callable[[outputs.Output], None]
    pins: ModuleType = field(default_factory=load_pins)
    unique_id: bytes = b"\x24\x6f\x28\x00\x00\x01"
    battery_mv: int = 3900
    adc_broken: bool = False  # the converter answers with an error
    levels: dict[int, int] = field(default_factory=dict)
    accelerometer: Lis2dw12 = field(default_factory=Lis2dw12)
    rtc_memory: bytes = b""
    cause: int = simwire.PWRON_RESET
    watchdog_us: int = 0
    watchdog_due_us: int | None = None
    wake_reason: int = 0
    restart: Restart | None = None
    fault: Unmodelled | None = None
    _driven: set[int] = field(default_factory=set)  # pins of the motor, LED and buzzer that are not at 0

    def boot(self, cause: int) -> None:
        """Power is back, or the reset is over: what a reset clears is clear; RTC memory outlives all but power loss."""
        self.cause = cause
        if cause != simwire.DEEPSLEEP_RESET:
            self.wake_reason = 0
        self.watchdog_due_us = None
        self.restart = None
        if cause == simwire.PWRON_RESET:
            self.rtc_memory = b""
            self.accelerometer = self.accelerometer.after_power_on()

    def let_go(self, at_us: int) -> None:
        """The processor drives nothing any more (reset, sleep or power cut): what was on goes off."""
        for pin in sorted(self._driven):
            self._drive(pin, 0, 0, at_us)
        self.watchdog_due_us = None

    def greeting(self, *, virtual: bool, seed: bytes, ticks_start_ms: int, now_us: int) -> bytes:
        """Everything that the firmware's side must know before its first line: inputs first, then the answer."""
        held = b"".join(encode(simwire.EDGE, pin, level) for pin, level in self.levels.items() if level == 0)
        head = struct.pack(
            simwire.GREETING, virtual, self.cause, self.wake_reason, self.unique_id, seed[:8], ticks_start_ms, now_us
        )
        return held + encode(simwire.ANSWER, payload=head + self.rtc_memory)

    def set_button(self, button: str, level: int) -> bytes:
        """A control's new level (0 is pressed); the record that tells the firmware, empty when nothing changed."""
        pin = getattr(self.pins, BUTTONS[button])
        if self.levels.get(pin, 1) == level:
            return b""
        self.levels[pin] = level
        return encode(simwire.EDGE, pin, level)

    def wakes(self, wake_pins: bytes) -> bool:
        """Whether a pin that ends the sleep is low; if so, it is the reason."""
        low = any(self.levels.get(pin, 1) == 0 for pin in wake_pins)
        if low:
            self.wake_reason = simwire.EXT1_WAKE
        return low

    def handle(self, record: Record) -> bytes:
        """Take one record in; the answer for the firmware, empty where none is due. Raises ValueError on nonsense."""
        handler = _HANDLERS.get(record.kind)
        if handler is None:
            raise ValueError(f"the firmware sent a record of unknown kind {record.kind}")
        return handler(self, record)

    def _pin(self, record: Record) -> bytes:
        if not self._drive(record.unit, 0, FULL_DUTY * record.value, record.at_us):
            self.emit(outputs.PinChanged(record.at_us, record.unit, record.value))
        return b""

    def _pwm(self, record: Record) -> bytes:
        (frequency_hz,) = struct.unpack("<I", record.payload)
        if not self._drive(record.unit, frequency_hz, record.value, record.at_us):
            self.fault = Unmodelled(ENXIO, f"PWM on pin {record.unit}: nothing is wired there")
        return b""

    def _drive(self, pin: int, frequency_hz: int, duty_u16: int, at_us: int) -> bool:
        """Whether motor, LED or buzzer hang on that pin; if so, they follow."""
        if pin == self.pins.PIN_MOTOR:
            self.emit(outputs.MotorChanged(at_us, frequency_hz, duty_u16))
        elif pin == self.pins.PIN_BUZZER:
            self.emit(outputs.BuzzerChanged(at_us, frequency_hz, duty_u16))
        elif pin == self.pins.PIN_LED:
            self.emit(outputs.LedChanged(at_us, duty_u16))
        else:
            return False
        (self._driven.add if duty_u16 else self._driven.discard)(pin)
        return True

    def _watchdog_started(self, record: Record) -> bytes:
        (timeout_ms,) = struct.unpack("<I", record.payload)
        self.watchdog_us = timeout_ms * 1000
        self.watchdog_due_us = record.at_us + self.watchdog_us
        self.emit(outputs.WatchdogStarted(record.at_us, timeout_ms))
        return b""

    def _watchdog_fed(self, record: Record) -> bytes:
        self.watchdog_due_us = record.at_us + self.watchdog_us
        self.emit(outputs.WatchdogFed(record.at_us))
        return b""

    def _i2c_read(self, record: Record) -> bytes:
        register, count = record.payload
        return self._ask(record, lambda: self.accelerometer.read(register, count, record.at_us))

    def _i2c_write(self, record: Record) -> bytes:
        def write() -> bytes:
            self.accelerometer.write(record.payload[0], record.payload[1:], record.at_us)
            return b""

        return self._ask(record, write)

    def _ask(self, record: Record, access: Callable[[], bytes]) -> bytes:
        if record.value != self.pins.ACCEL_ADDR:
            return encode(simwire.ANSWER, value=ENODEV)
        try:
            return encode(simwire.ANSWER, payload=access())
        except Unmodelled as fault:
            self.fault = fault
            return encode(simwire.ANSWER, value=ENXIO)
        except OSError as failure:  # of the part itself, which the firmware has to bear
            return encode(simwire.ANSWER, value=failure.errno or EIO)

    def _adc_read(self, record: Record) -> bytes:
        if record.unit != self.pins.PIN_BATTERY_ADC:
            self.fault = Unmodelled(ENXIO, f"ADC on pin {record.unit}: nothing is wired there")
            return encode(simwire.ANSWER, value=ENXIO)
        if self.adc_broken:
            return encode(simwire.ANSWER, value=EIO)
        microvolts = min(self.battery_mv * 1000 // self.pins.BATTERY_DIVIDER, ADC_MOST_UV[record.value])
        return encode(simwire.ANSWER, payload=struct.pack("<I", microvolts))

    def _uart_out(self, record: Record) -> bytes:
        self.emit(outputs.UartSent(record.at_us, record.unit, record.payload))
        return b""

    def _mail_out(self, record: Record) -> bytes:
        self.emit(outputs.MailSent(record.at_us, record.payload))
        return b""

    def _rtc_store(self, record: Record) -> bytes:
        self.rtc_memory = record.payload
        return b""

    def _reset(self, record: Record) -> bytes:
        self.restart = Restart(record.value, None)
        return b""

    def _sleep(self, record: Record) -> bytes:
        (sleep_ms,) = struct.unpack_from("<Q", record.payload)
        self.restart = Restart(simwire.DEEPSLEEP_RESET, sleep_ms, wake_pins=record.payload[8:])
        return b""

    def _power_lost(self, record: Record) -> bytes:
        self.restart = Restart(simwire.PWRON_RESET, None, power_lost=True)
        return b""

    def _frequency(self, record: Record) -> bytes:
        self.emit(outputs.ClockChanged(record.at_us, record.value))
        return b""

    def _network(self, record: Record) -> bytes:
        self.emit(outputs.NetworkChanged(record.at_us, bool(record.value)))
        return b""

    def _ended(self, record: Record) -> bytes:
        self.emit(outputs.FirmwareEnded(record.at_us, failed=bool(record.value)))
        return b""


_HANDLERS: dict[int, Callable[[BoardModel, Record], bytes]] = {
    simwire.PIN: BoardModel._pin,
    simwire.PWM: BoardModel._pwm,
    simwire.WDT_START: BoardModel._watchdog_started,
    simwire.WDT_FEED: BoardModel._watchdog_fed,
    simwire.I2C_READ: BoardModel._i2c_read,
    simwire.I2C_WRITE: BoardModel._i2c_write,
    simwire.ADC_READ: BoardModel._adc_read,
    simwire.UART_OUT: BoardModel._uart_out,
    simwire.MAIL_OUT: BoardModel._mail_out,
    simwire.RTC_STORE: BoardModel._rtc_store,
    simwire.RESET: BoardModel._reset,
    simwire.SLEEP: BoardModel._sleep,
    simwire.ENDED: BoardModel._ended,
    simwire.POWER_LOST: BoardModel._power_lost,
    simwire.FREQUENCY: BoardModel._frequency,
    simwire.NETWORK: BoardModel._network,
}
