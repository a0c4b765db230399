"""BLE: one link at a time to whichever phone carries for us. Carries frames; knows nothing of what they say.

One of these happens after a notify: the stack takes it (and may still lose it), it has no room (ENOMEM: again after a
pause), the link is gone (ENOTCONN: dropped; the logic repeats what matters). Its success is never delivery.
"""

import asyncio
import errno

from watchword_core import frames

from . import gatt
from .clock import stamp

ADVERTISE_US = 100_000
MTU = 247
MAX_OUT = 16
MAX_IN = 16
NO_ROOM_PAUSE_MS = 20
STEP_MS = 1_000

_CONNECT = 1
_DISCONNECT = 2
_WRITE = 3
_MTU_EXCHANGED = 21


def _nobody(*news):
    """Stands for whoever `attach` will name."""


class Radio:
    """`ble` is active already. `attach` before `run`.

    linked(up); received(frame, now_ms) returns whether the frame was genuine and new. A link on which none was for
    patience_ms() is ended, whatever else is written, so that a phone which is dead or hostile can't keep others away.
    """

    def __init__(self, ble, clock, log):
        self.counts = {}
        self._ble = ble
        self._clock = clock
        self._log = log
        self._out = []
        self._events = []  # (code, what, stamp), appended by the interrupt handler
        self._flag = asyncio.ThreadSafeFlag()
        self._connection = None
        self._up = False
        self._ends_ms = 0  # of this link, unless something genuine comes
        self._patience_ms = _nobody
        self._linked = self._received = _nobody
        ble.config(mtu=MTU, gap_name="pendant")
        ble.irq(self._on_event)
        self._up_handle, self._down_handle, self._level_handle = gatt.register(ble)

    def attach(self, linked, received, patience_ms):
        self._linked = linked
        self._received = received
        self._patience_ms = patience_ms

    def send(self, frame):
        """Notifies a frame, or queues it while there is no room: presses before routine ones, and a full queue loses a
        routine one first.
        """
        if not self._up:
            self._count("not linked")
            return
        routine = frames.read_header(frame).lane == frames.ROUTINE
        if len(self._out) >= MAX_OUT:
            self._count("out dropped")
            if routine:
                return
            self._out.pop()
        if routine:
            self._out.append(frame)
        else:
            self._out.insert(len([f for f in self._out if frames.read_header(f).lane == frames.PRESS]), frame)
        self._drain_out()  # at once: a press need not wait for the task's turn
        if self._out:
            self._flag.set()

    def show_battery(self, percent):
        self._ble.gatts_write(self._level_handle, bytes([percent]), self._up)

    async def run(self, progress):
        """For ever; `progress` is called at least every second."""
        self._advertise()
        while True:
            progress()
            self._drain_events()
            self._end_if_hogged()
            pause_ms = self._drain_out()
            try:
                await asyncio.wait_for_ms(self._flag.wait(), pause_ms)
            except asyncio.TimeoutError:
                continue

    # -- between two steps of the program: copies and leaves; must not raise, or the stack ends it for good

    def _on_event(self, event, values):
        try:
            if event == _CONNECT or event == _DISCONNECT:
                self._put(event, values[0])
            elif event == _MTU_EXCHANGED:
                self._put(event, values[1])
            elif event == _WRITE and values[1] == self._down_handle:
                self._put(event, bytes(self._ble.gatts_read(self._down_handle)))
        except Exception:  # noqa: BLE001 -- see above
            self._count("handler failed")

    def _put(self, event, what):
        if event == _WRITE and len(self._events) >= MAX_IN:
            self._count("in dropped")
            return
        self._events.append((event, what, stamp()))
        self._flag.set()

    # -- in the task

    def _drain_events(self):
        while self._events:
            event, what, stamped = self._events.pop(0)
            if event == _CONNECT:
                self._connection = what
                self._renew()
            elif event == _DISCONNECT:
                self._lost()
            elif event == _MTU_EXCHANGED:
                self._open(what)
            elif event == _WRITE:
                if self._received(what, self._clock.at(stamped)):
                    self._renew()

    def _open(self, mtu):
        """Only now does a whole frame fit: before, a notify would be cut to 20 bytes without a word."""
        if mtu < frames.DOWN_BYTES + 3 or self._connection is None:
            self._count("mtu too small")
            return
        if not self._up:
            self._up = True
            self._linked(True)

    def _lost(self):
        self._connection = None
        self._out = []
        if self._up:
            self._up = False
            self._linked(False)
        self._advertise()

    def _advertise(self):
        try:
            self._ble.gap_advertise(ADVERTISE_US, gatt.advert())
        except OSError as e:
            self._count("not advertising")
            self._log.say("can't advertise:", e)

    def _renew(self):
        self._ends_ms = self._clock.now_ms() + self._patience_ms()

    def _end_if_hogged(self):
        if self._connection is None:
            return
        now_ms = self._clock.now_ms()
        # A visit or alarm shortens it, but not to a moment that went by before it was short.
        self._ends_ms = min(self._ends_ms, now_ms + self._patience_ms())
        if now_ms > self._ends_ms:
            self._count("hogged")
            self._renew()
            self._ble.gap_disconnect(self._connection)

    def _drain_out(self):
        """Notifies what waits; how long to wait before looking again."""
        while self._out and self._connection is not None:
            try:
                self._ble.gatts_notify(self._connection, self._up_handle, self._out[0])
            except OSError as e:
                if e.errno == errno.ENOMEM:
                    self._count("no room")
                    return NO_ROOM_PAUSE_MS
                self._count("not connected" if e.errno == errno.ENOTCONN else "notify failed")
            self._out.pop(0)
        return STEP_MS

    def _count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1
