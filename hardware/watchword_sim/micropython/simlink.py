"""The firmware's end of the link to the simulator: a socket inherited as the file descriptor WW_SIM_FD.

Inputs are delivered where a board would run scheduled interrupt handlers: while the program waits. Outputs carry
the time at which they happened. In real time the clock is the host's; in virtual time this file keeps the clock
and asks the simulator whenever time would pass the horizon, so that one seed gives one run.
"""

import io
import os
import select
import struct
import sys
from collections import deque

import simwire
import utime

READ_COST_US = 5  # virtual time charged for reading the clock, so that a busy wait comes to its end
MAX_MAIL_FRAMES = 64
READ_BYTES = 512  # the firmware's heap pays for it, where a board's drivers have memory of their own
FOREVER_US = 1 << 60

link = None  # set by connect(); `machine` and `time` speak through it
mailbox = None
own_heap_bytes = 0  # what the simulator's own modules take, set by simboot: subtract it from the firmware's heap


class SimulatorGone(SystemExit):
    """The simulator has closed the link: there is no board any more."""


class Mailbox(io.IOBase):
    """Opaque frames from the simulator, as a stream that asyncio can wait for; `read` gives one whole frame."""

    def __init__(self):
        self._frames = deque((), MAX_MAIL_FRAMES)
        self.dropped = 0

    def any(self):
        """Number of frames waiting."""
        return len(self._frames)

    def read(self, size=-1):
        """The oldest frame, or None; `size` only has to be large enough (ValueError otherwise)."""
        if not self._frames:
            return None
        frame = self._frames.popleft()
        if 0 <= size < len(frame):
            raise ValueError("a frame of %d bytes, but only %d asked for" % (len(frame), size))
        return frame

    def ioctl(self, request, flags):
        """Readable when a frame waits (request 3 = MP_STREAM_POLL)."""
        return flags & select.POLLIN if request == 3 and self._frames else 0

    def receive(self, frame):
        """Keep a frame; the newest is dropped, and counted, when the box is full."""
        if len(self._frames) >= MAX_MAIL_FRAMES:
            self.dropped += 1
        else:
            self._frames.append(frame)


class Link:
    """One connection: `post` tells, `call` asks, `wait_until` lets time pass and delivers inputs."""

    def __init__(self, stream, inbox):
        self.stream = stream
        self.levels = {}  # pin -> input level, where it isn't the idle level
        self.pins = {}  # pin -> Pin that wants its edges
        self.uarts = {}
        self.wake_pins = ()
        self.inbox = inbox
        self.poll = select.poll()
        self.poll.register(stream, select.POLLIN)
        self._in = bytearray()
        self._inputs = []
        self._answer = None
        self._delivering = False
        self.virtual = False
        self.now_us = self.horizon_us = self.boot_us = self.ticks_start_ms = 0

    def greet(self):
        """Say hello; take over what the board is before its first line of code runs."""
        reply = self.call(simwire.HELLO)
        greeting = struct.unpack(simwire.GREETING, reply[: simwire.GREETING_BYTES])
        virtual, self.reset_cause, self.wake_reason, self.unique_id, self.seed = greeting[:5]
        self.ticks_start_ms, self.now_us = greeting[5:]
        self.rtc_memory = reply[simwire.GREETING_BYTES :]
        self.virtual = bool(virtual)
        self.boot_us = self.now_us = self.now_us if self.virtual else utime.ticks_us()
        self.deliver()

    def clock_us(self):
        """The simulator's clock. In virtual time reading it costs a little time."""
        if not self.virtual:
            return utime.ticks_us()
        self.now_us += READ_COST_US
        if self.now_us >= self.horizon_us and not self._delivering:
            self._advance(self.now_us)
        return self.now_us

    def post(self, kind, unit=0, value=0, payload=b"", reactive=False):
        """Tell the simulator what happened now; `reactive` if an input could follow from it."""
        now_us = self.now_us if self.virtual else utime.ticks_us()
        if reactive:
            self.horizon_us = 0
        self._write(struct.pack(simwire.HEAD_OUT, kind, unit, value, len(payload), now_us) + payload)

    def call(self, kind, unit=0, value=0, payload=b""):
        """Ask, and wait for the answer. Raises OSError with the errno that the simulator gives."""
        self.post(kind, unit, value, payload)
        while self._answer is None:
            self._receive(-1)
        status, reply = self._answer
        self._answer = None
        if status:
            raise OSError(status)
        return reply

    def last_words(self, kind, value=0, payload=b""):
        """Tell of a reset: the simulator takes the power away, and nothing after this line ever runs."""
        self.post(kind, 0, value, payload)
        while True:
            self._receive(-1)
            self._inputs.clear()

    def wait_until(self, target_us):
        """Let time pass until `target_us` or the first input, and deliver that. True if there was one."""
        if self._inputs:
            return self.deliver()
        if self.virtual:
            self._advance(target_us)
        else:
            left_us = target_us - utime.ticks_us()
            self._receive(-1 if target_us >= FOREVER_US else max(0, left_us + 999) // 1000)
        return self.deliver()

    def look(self):
        """Take in what has already come, without waiting: a program that reads a level sees the present one."""
        if not self.virtual:
            self._receive(0)
        self.deliver()

    def sleep_us(self, duration_us):
        """Sleep as `time.sleep_us` does: interrupts are served meanwhile."""
        target_us = (self.now_us if self.virtual else utime.ticks_us()) + duration_us
        while (self.now_us if self.virtual else utime.ticks_us()) < target_us:
            if self._delivering:
                raise RuntimeError("a pin's handler sleeps: set a flag there and sleep in a task")
            self.wait_until(target_us)

    def deliver(self):
        """Run the handlers of the inputs that have come, in their order. True if there were any."""
        if self._delivering or not self._inputs:
            return False
        self._delivering = True
        try:
            while self._inputs:
                self._deliver_one(*self._inputs.pop(0))
        finally:
            self._delivering = False
        return True

    def _deliver_one(self, kind, unit, value, payload):
        if kind == simwire.EDGE:
            self.levels[unit] = value
            if unit in self.pins:
                self.pins[unit].edge(value)
        elif kind == simwire.UART_IN:
            if unit in self.uarts:  # a port that isn't open hears nothing
                self.uarts[unit].receive(payload)
        elif kind == simwire.MAIL_IN:
            self.inbox.receive(payload)
        else:
            raise ValueError("simulator sent a record of unknown kind %d: do both sides have the same version?" % kind)

    def _advance(self, target_us):
        if target_us < self.horizon_us:
            self.now_us = max(self.now_us, target_us)
            return
        self.post(simwire.ADVANCE, payload=struct.pack("<Q", target_us))
        while self._answer is None:
            self._receive(-1)
        self.now_us, self.horizon_us = self._answer
        self._answer = None

    def _receive(self, timeout_ms):
        """Read what has come within `timeout_ms` (-1: wait) and sort it into answers and inputs."""
        if not self.poll.poll(timeout_ms):
            return
        chunk = self.stream.read(READ_BYTES)
        if chunk == b"":
            raise SimulatorGone("the simulator has closed the link")
        self._in += chunk or b""
        at = 0
        while len(self._in) - at >= simwire.HEAD_IN_BYTES:
            kind, unit, value, length = struct.unpack_from(simwire.HEAD_IN, self._in, at)
            end = at + simwire.HEAD_IN_BYTES + length
            if end > len(self._in):
                break
            self._sort(kind, unit, value, bytes(self._in[end - length : end]))
            at = end
        self._in = self._in[at:]

    def _sort(self, kind, unit, value, payload):
        if kind == simwire.ANSWER:
            self._answer = (value, payload)
        elif kind == simwire.TIME:
            self._answer = struct.unpack("<QQ", payload)
        else:
            self._inputs.append((kind, unit, value, payload))

    def _write(self, record):
        written = self.stream.write(record)
        if written == len(record):
            return
        room = select.poll()  # the simulator is behind: wait for it, as nothing may be lost
        room.register(self.stream, select.POLLOUT)
        view = memoryview(record)[written or 0 :]
        while view:
            room.poll(-1)
            view = view[self.stream.write(view) or 0 :]


def connect():
    """Open the link that the simulator handed down. Raises RuntimeError when there is none."""
    global link, mailbox
    number = os.getenv("WW_SIM_FD")
    if number is None:
        raise RuntimeError("WW_SIM_FD is not set: this interpreter wasn't started by watchword_sim")
    mailbox = Mailbox()
    link = Link(open(int(number), "r+b"), mailbox)
    link.greet()


def mailbox_send(frame):
    """Send one opaque frame (bytes, at most MAX_PAYLOAD_BYTES) to the simulator."""
    if len(frame) > simwire.MAX_PAYLOAD_BYTES:
        raise ValueError("a frame of %d bytes; the mailbox takes %d" % (len(frame), simwire.MAX_PAYLOAD_BYTES))
    link.post(simwire.MAIL_OUT, payload=bytes(frame), reactive=True)


def handler_failed(error):
    """Say it as the ESP32 port does, and go on: a soft interrupt handler's exception stops nothing else."""
    print("Unhandled exception in a pin's handler:")
    sys.print_exception(error)
