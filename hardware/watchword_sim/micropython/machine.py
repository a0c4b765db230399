"""`machine` for the simulated board: what the pendant uses of the ESP32 port's, and nothing else.

Anything that isn't modelled raises (AttributeError here, OSError from the simulator's devices).
"""

import io
import select
import struct

import simlink
import simwire
from simwire import (  # noqa: F401
    DEEPSLEEP_RESET,
    EXT1_WAKE,
    HARD_RESET,
    PWRON_RESET,
    SOFT_RESET,
    TIMER_WAKE,
    WDT_RESET,
)

_FREQUENCIES_HZ = (20000000, 40000000, 80000000, 160000000, 240000000)
_frequency_hz = 160000000


class Pin:
    """A GPIO. An input reads high unless the simulator pulls it low; outputs are told to the simulator."""

    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, id, mode=-1, pull=-1, *, value=None):
        self.id = id
        self._mode = mode
        self._level = 1 if pull == Pin.PULL_UP else 0
        self._handler = None
        self._trigger = 0
        if mode in (Pin.OUT, Pin.OPEN_DRAIN) and value is not None:
            self._level = None
            self.value(value)

    def value(self, level=None):
        """Read the level (0 or 1), or set it."""
        if level is not None:
            level = 1 if level else 0
            if level != self._level:
                self._level = level
                simlink.link.post(simwire.PIN, self.id, level)
            return None
        if self._mode == Pin.IN:
            simlink.link.look()
            return simlink.link.levels.get(self.id, self._level)
        return self._level or 0

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def irq(self, handler=None, trigger=IRQ_FALLING | IRQ_RISING, *, wake=None, hard=False):
        """Have `handler(pin)` called at edges, between two steps of the program; None stops that."""
        if hard or wake is not None:
            raise NotImplementedError("the simulated Pin has neither hard handlers nor wake=")
        self._handler = handler
        self._trigger = trigger
        if handler is not None:
            simlink.link.pins[self.id] = self
        elif simlink.link.pins.get(self.id) is self:
            del simlink.link.pins[self.id]

    def edge(self, level):
        """The simulator has changed the level."""
        if not self._trigger & (Pin.IRQ_RISING if level else Pin.IRQ_FALLING):
            return
        try:
            self._handler(self)
        except Exception as error:  # noqa: BLE001  as on the board: it is printed, and the program goes on
            simlink.handler_failed(error)


class PWM:
    """Pulse width on a pin; each change of duty or frequency is told to the simulator."""

    def __init__(self, dest, *, freq=5000, duty_u16=32768):
        self._pin = dest.id if isinstance(dest, Pin) else dest
        self._freq_hz = freq
        self._duty_u16 = duty_u16
        self._tell()

    def init(self, *, freq=None, duty_u16=None):
        """Change both at once."""
        self._change(self._freq_hz if freq is None else freq, self._duty_u16 if duty_u16 is None else duty_u16)

    def freq(self, frequency_hz=None):
        if frequency_hz is None:
            return self._freq_hz
        self._change(frequency_hz, self._duty_u16)

    def duty_u16(self, duty=None):
        if duty is None:
            return self._duty_u16
        self._change(self._freq_hz, duty)

    def deinit(self):
        self._change(self._freq_hz, 0)

    def _change(self, frequency_hz, duty):
        if not (1 <= frequency_hz <= 40000000 and 0 <= duty <= 65535):
            raise ValueError("PWM of %d Hz, duty %d: 1..40000000 Hz and 0..65535" % (frequency_hz, duty))
        if (frequency_hz, duty) != (self._freq_hz, self._duty_u16):
            self._freq_hz = frequency_hz
            self._duty_u16 = duty
            self._tell()

    def _tell(self):
        simlink.link.post(simwire.PWM, self._pin, self._duty_u16, struct.pack("<I", self._freq_hz))


class ADC:
    """One channel; the simulator knows what is wired to it."""

    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3

    def __init__(self, pin, *, atten=ATTN_0DB):
        self._pin = pin.id if isinstance(pin, Pin) else pin
        self._atten = atten

    def read_uv(self):
        """Microvolts at the pin, up to what the attenuation lets through. Raises OSError where nothing is wired."""
        return struct.unpack("<I", simlink.link.call(simwire.ADC_READ, self._pin, self._atten))[0]


class I2C:
    """A bus whose devices are register maps in the simulator."""

    def __init__(self, id=0, *, scl=None, sda=None, freq=400000):
        self._bus = id

    def readfrom_mem(self, address, register, count):
        """`count` bytes from `register`. Raises OSError(19) when no device answers there."""
        return simlink.link.call(simwire.I2C_READ, self._bus, address, bytes((register, count)))

    def readfrom_mem_into(self, address, register, buffer):
        buffer[:] = self.readfrom_mem(address, register, len(buffer))

    def writeto_mem(self, address, register, content):
        """Raises OSError(19) when no device answers there."""
        simlink.link.call(simwire.I2C_WRITE, self._bus, address, bytes((register,)) + bytes(content))


class UART(io.IOBase):
    """A serial port: what the simulator feeds is read here, as a stream that asyncio can wait for."""

    def __init__(self, id, baudrate=115200, *, tx=None, rx=None, rxbuf=256, timeout=0):
        self._port = id
        self._room = rxbuf
        self._received = b""
        self.overruns = 0  # bytes lost because nobody read in time
        simlink.link.uarts[id] = self

    def receive(self, content):
        """Bytes from the simulator; what doesn't fit in the receive buffer is lost, as on the wire."""
        fits = self._room - len(self._received)
        self.overruns += max(0, len(content) - fits)
        self._received += content[:fits]

    def any(self):
        return len(self._received)

    def read(self, size=-1):
        """What has come, at most `size` bytes; None when nothing has."""
        if not self._received:
            return None
        if size < 0:
            size = len(self._received)
        taken = self._received[:size]
        self._received = self._received[size:]
        return taken

    def readline(self):
        end = self._received.find(b"\n")
        return self.read(end + 1 if end >= 0 else -1)

    def readinto(self, buffer, size=-1):
        taken = self.read(len(buffer) if size < 0 else size)
        if taken is None:
            return None
        buffer[: len(taken)] = taken
        return len(taken)

    def write(self, content):
        simlink.link.post(simwire.UART_OUT, self._port, 0, bytes(content), reactive=True)
        return len(content)

    def ioctl(self, request, flags):
        """Request 3 is MP_STREAM_POLL; a port can always be written to."""
        if request != 3:
            return 0
        return flags & ((select.POLLIN if self._received else 0) | select.POLLOUT)


class WDT:
    """The watchdog: the simulator resets the board when it isn't fed in time. It can't be stopped."""

    def __init__(self, id=0, timeout=5000):
        simlink.link.post(simwire.WDT_START, payload=struct.pack("<I", timeout), reactive=True)

    def feed(self):
        simlink.link.post(simwire.WDT_FEED)


class RTC:
    """Only the memory that survives resets and deep sleep, but not a loss of power."""

    def memory(self, content=None):
        """Read it, or store at most 2,048 bytes (as the ESP32 port does)."""
        if content is None:
            return simlink.link.rtc_memory
        if len(content) > 2048:
            raise ValueError("buffer too long")
        simlink.link.rtc_memory = bytes(content)
        simlink.link.post(simwire.RTC_STORE, payload=simlink.link.rtc_memory)


def reset():
    """Reset the board; never returns."""
    simlink.link.last_words(simwire.RESET, HARD_RESET)


def soft_reset():
    """Restart the program; never returns."""
    simlink.link.last_words(simwire.RESET, SOFT_RESET)


def deepsleep(time_ms=0):
    """Sleep, and boot again after `time_ms` (0: never) or when a pin of esp32.wake_on_ext1 is low; never returns."""
    simlink.link.last_words(simwire.SLEEP, 0, struct.pack("<Q", time_ms) + bytes(simlink.link.wake_pins))


def lightsleep(time_ms=0):
    raise NotImplementedError("lightsleep stops Bluetooth on the ESP32 (micropython issue 6396): don't use it")


def reset_cause():
    return simlink.link.reset_cause


def wake_reason():
    """EXT1_WAKE or TIMER_WAKE after deep sleep, else 0."""
    return simlink.link.wake_reason


def unique_id():
    """Six bytes, as on the ESP32."""
    return simlink.link.unique_id


def freq(frequency_hz=None):
    """Read the processor's clock in Hz, or set it to one that the ESP32-S3 has."""
    global _frequency_hz
    if frequency_hz is None:
        return _frequency_hz
    if frequency_hz not in _FREQUENCIES_HZ:
        raise ValueError("frequency must be 20MHz, 40MHz, 80Mhz, 160MHz or 240MHz")
    _frequency_hz = frequency_hz
    simlink.link.post(simwire.FREQUENCY, value=frequency_hz // 1000000)


def idle():
    """Let a millisecond pass, or less when an input comes."""
    simlink.link.wait_until(simlink.link.clock_us() + 1000)
