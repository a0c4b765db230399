"""What a simulated board gives out, as typed events. `at_us` is the simulator's clock when the firmware did it."""

from dataclasses import dataclass
from typing import TypeAlias

BOOT_CLOCK_MHZ = 160  # of MicroPython's ESP32-S3 build
RESET_CAUSES = {1: "power on", 2: "hard reset", 3: "watchdog", 4: "deep sleep", 5: "soft reset"}


@dataclass(frozen=True, slots=True)
class Booted:
    """The firmware's process has connected and is about to run its first line."""

    at_us: int
    cause: int


@dataclass(frozen=True, slots=True)
class MotorChanged:
    """The haptic motor; a duty of 0 is off, 65535 is full."""

    at_us: int
    frequency_hz: int
    duty_u16: int


@dataclass(frozen=True, slots=True)
class BuzzerChanged:
    """The buzzer; a duty of 0 is silent."""

    at_us: int
    frequency_hz: int
    duty_u16: int


@dataclass(frozen=True, slots=True)
class LedChanged:
    """The LED; driven as a plain output it is at 0 or 65535."""

    at_us: int
    duty_u16: int


@dataclass(frozen=True, slots=True)
class PinChanged:
    """An output that has no name on this board."""

    at_us: int
    pin: int
    level: int


@dataclass(frozen=True, slots=True)
class WatchdogStarted:
    """The watchdog runs: from now on the board is reset when it isn't fed for `timeout_ms`."""

    at_us: int
    timeout_ms: int


@dataclass(frozen=True, slots=True)
class WatchdogFed:
    """The firmware has fed the watchdog."""

    at_us: int


@dataclass(frozen=True, slots=True)
class BoardReset:
    """The firmware's process was ended; `cause` is what reset_cause() will say after it (see RESET_CAUSES)."""

    at_us: int
    cause: int


@dataclass(frozen=True, slots=True)
class PowerLost:
    """The power went at the flash write that `start(cut_after_writes=…)` named; the board is off."""

    at_us: int


@dataclass(frozen=True, slots=True)
class FirmwareEnded:
    """main returned, raised (its traceback is in stdout) or its process died: the board does nothing any more."""

    at_us: int
    failed: bool


@dataclass(frozen=True, slots=True)
class UartSent:
    """Bytes that the firmware wrote to a serial port."""

    at_us: int
    port: int
    content: bytes


@dataclass(frozen=True, slots=True)
class ClockChanged:
    """The processor's clock was set; after each boot it is BOOT_CLOCK_MHZ."""

    at_us: int
    mhz: int


@dataclass(frozen=True, slots=True)
class NetworkChanged:
    """The chip's Wi-Fi was switched, on or off; each boot finds it off."""

    at_us: int
    on: bool


@dataclass(frozen=True, slots=True)
class MailSent:
    """One opaque frame that the firmware put in the mailbox."""

    at_us: int
    frame: bytes


Output: TypeAlias = (
    Booted
    | MotorChanged
    | BuzzerChanged
    | LedChanged
    | PinChanged
    | WatchdogStarted
    | WatchdogFed
    | BoardReset
    | PowerLost
    | FirmwareEnded
    | UartSent
    | MailSent
    | ClockChanged
    | NetworkChanged
)
