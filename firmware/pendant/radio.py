"""BLE: frames to and from whichever phone carries for us; knows nothing of what they say.

One of these happens after a notify: the stack takes it (and may still lose it), it has no room (ENOMEM: again after a
pause), the link is gone (ENOTCONN: dropped; the logic repeats what matters). Its success is never delivery.
"""

import asyncio
import errno

from watchword_core import frames

from . import gatt
from .bonds import Bonds
from .clock import stamp
from .links import AUTHENTICATE_MS, STRANGER, Links

ADVERTISE_US = 100_000
MTU = 247
MAX_OUT = 16
MAX_IN = 16
MAX_NEWS = 64  # of links; what is dropped is found out when the link's time is over
NO_ROOM_PAUSE_MS = 20
STEP_MS = 1_000
PAIRING_MS = 30_000  # for a stranger in the technician's mode: a person has to confirm on the phone
MODE_LINGER_MS = 1_000  # after a new phone's first secret: the others are on their way
KEY_BYTES = 16  # of an encrypted link; Bluetooth lets a peer negotiate fewer
NO_INPUT_OUTPUT = 3  # the pendant can neither show nor take a passkey

_CONNECT = 1
_DISCONNECT = 2
_WRITE = 3
_MTU_EXCHANGED = 21
_ENCRYPTION_UPDATE = 28
_GET_SECRET = 29
_SET_SECRET = 30

# What was written, among the news of links. Not its handle: the stack gives those as it likes, the numbers above too.
_FRAME = -1
_ALERT = -2


def _nobody(*news):
    """Stands for whoever `attach` will name."""


class Radio:
    """`ble` is active already. `attach` before `run`.

    linked(up, missed): a carrier listens, or none does any more; `missed`: it had asked that its loss be felt.
    received(frame, now_ms) returns whether the frame was genuine and new. A link on which none was for patience_ms() is
    ended, whatever else is written, so that a phone which is dead or hostile can't keep others away.

    Once a phone is known (`know`), only known ones are sent anything, over encrypted links; with alarm_open() all are,
    because then any carrier will do.
    """

    def __init__(self, ble, clock, log):
        self.counts = {}
        self._ble = ble
        self._clock = clock
        self._log = log
        self._out = []
        self._events = []  # (code, link's number, what, stamp), appended by the interrupt handler
        self._flag = asyncio.ThreadSafeFlag()
        self._links = Links()
        self._hearing = []  # links that get frames
        self._on_air = False
        self._bonds = Bonds()
        self._mode_ends_ms = 0  # of the technician's mode
        self._patience_ms = self._alarm_open = self._save = _nobody
        self._linked = self._received = _nobody
        ble.config(mtu=MTU, gap_name="pendant")
        ble.config(bond=False, mitm=False, le_secure=True, io=NO_INPUT_OUTPUT)
        ble.irq(self._on_event)
        self._up_handle, self._down_handle, self._level_handle, self._alert_handle = gatt.register(ble)

    def attach(self, linked, received, patience_ms, alarm_open):
        self._linked = linked
        self._received = received
        self._patience_ms = patience_ms
        self._alarm_open = alarm_open

    def know(self, bonds, save):
        """The phones that are known; `save(content)` keeps their file."""
        self._bonds = bonds
        self._save = save

    def let_pair(self, mode_ms):
        """The technician's mode: for so long the next new phone is made known."""
        self._bonds.allow(True)
        self._mode_ends_ms = self._clock.now_ms() + mode_ms
        self._ble.config(bond=True)

    def send(self, frame):
        """Notifies a frame, or queues it while there is no room: presses before routine ones, and a full queue loses a
        routine one first.
        """
        if not self._hearing:
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
        if self._out or len(self._links) > len(self._hearing):
            self._flag.set()

    def show_battery(self, percent):
        self._ble.gatts_write(self._level_handle, bytes([percent]), bool(self._hearing))

    def stop(self):
        """Before deep sleep; only a boot begins again."""
        self._ble.active(False)

    async def run(self, progress):
        """For ever; `progress` is called at least every second."""
        while True:
            progress()
            self._drain_events()
            self._end_overdue()
            self._settle_bonds()
            self._settle_hearing()
            self._settle_advert()
            pause_ms = self._drain_out()
            due_ms = self._links.next_ms()
            if due_ms is not None:
                pause_ms = max(1, min(pause_ms, due_ms - self._clock.now_ms()))
            try:
                await asyncio.wait_for_ms(self._flag.wait(), pause_ms)
            except asyncio.TimeoutError:
                continue

    # -- between two steps of the program: copies and leaves; must not raise, or the stack ends it for good

    def _on_event(self, event, values):
        try:
            if event == _CONNECT or event == _DISCONNECT:
                self._put(event, values[0], None, MAX_NEWS)
            elif event == _MTU_EXCHANGED:
                self._put(event, values[0], values[1], MAX_NEWS)
            elif event == _ENCRYPTION_UPDATE:
                encrypted, _, bonded, key_bytes = values[1:]
                self._put(event, values[0], encrypted and bonded and key_bytes >= KEY_BYTES, MAX_NEWS)
            elif event == _GET_SECRET:
                return self._bonds.get(values[0], values[1], None if values[2] is None else bytes(values[2]))
            elif event == _SET_SECRET:
                self._flag.set()
                return self._bonds.put(values[0], bytes(values[1]), None if values[2] is None else bytes(values[2]))
            elif event == _WRITE and values[1] in (self._down_handle, self._alert_handle):
                written = _FRAME if values[1] == self._down_handle else _ALERT
                self._put(written, values[0], bytes(self._ble.gatts_read(values[1])), MAX_IN)
        except Exception:  # noqa: BLE001 -- see above
            self._count("handler failed")
        return None

    def _put(self, event, number, what, most):
        if len(self._events) >= most:
            self._count("in dropped")
            return
        self._events.append((event, number, what, stamp()))
        self._flag.set()

    # -- in the task

    def _drain_events(self):
        while self._events:
            event, number, what, stamped = self._events.pop(0)
            if event == _CONNECT:
                self._on_air = False  # the stack ends the advert with each connection
                self._meet(number)
            elif event == _DISCONNECT:
                self._on_air = False  # one that failed to be established ended the advert too, and is told as an end
                self._bonds.link_ended()
                self._lost(number)
            else:
                self._of_link(event, number, what, stamped)

    def _of_link(self, event, number, what, stamped):
        link = self._links.of(number)
        if link is None:  # its connecting was among the news that had no room
            link = self._meet(number)
        if event == _MTU_EXCHANGED:
            self._fit(link, what)
        elif event == _ENCRYPTION_UPDATE:
            if what:
                self._links.recognise(link, self._clock.now_ms(), self._patience_ms())
            else:
                self._count("not bonded")
        elif event == _ALERT:
            link.alert_level = what[0] if what else 0
        elif event == _FRAME and self._received(what, self._clock.at(stamped)):
            for other in self._links.prove(link, self._clock.now_ms(), self._patience_ms()):
                if other.standing != STRANGER or not self._bonds.making:  # else it may be about to be made known
                    self._end(other, "taken over")

    def _meet(self, number):
        link = self._links.add(number, self._clock.now_ms(), PAIRING_MS if self._bonds.making else AUTHENTICATE_MS)
        if self._bonds.making or self._bonds.known():
            try:
                self._ble.gap_pair(number)  # the phone encrypts with the bond that it has, or asks to make one
            except OSError as e:
                self._count("can't ask to encrypt")
                self._log.say("can't ask to encrypt:", e)
        return link

    def _fit(self, link, mtu):
        """Only now does a whole frame fit: before, a notify would be cut to 20 bytes without a word."""
        if mtu < frames.DOWN_BYTES + 3:
            self._count("mtu too small")
        elif not link.fits:
            link.fits = True
            self._settle_hearing()

    def _lost(self, number):
        link = self._links.remove(number)
        if link is not None:
            self._ble.gatts_write(self._alert_handle, bytes(1))  # each link sets its own
            self._settle_hearing(link.standing != STRANGER and link.alert_level > 0)

    def _settle_hearing(self, missed=False):
        before = self._hearing
        self._hearing = self._links.hearing(not self._bonds.known() or self._alarm_open())
        if [link for link in self._hearing if link not in before]:
            self._linked(True, False)
        elif before and not self._hearing:
            self._out = []
            self._linked(False, missed)

    def _settle_bonds(self):
        content, now_ms = self._bonds.changed(), self._clock.now_ms()
        if content is not None:
            self._save(content)
            self._mode_ends_ms = min(self._mode_ends_ms, now_ms + MODE_LINGER_MS)
            self._log.say("a phone is known")
        if self._bonds.making and now_ms >= self._mode_ends_ms:
            self._bonds.allow(False)
            self._ble.config(bond=False)
            self._log.say("no more phones are made known")

    def _settle_advert(self):
        """On the air until a carrier is in use, so that no stranger keeps it from coming."""
        wanted = (not self._links.in_use() or self._bonds.making) and self._links.has_room()
        if wanted == self._on_air:
            return
        try:
            if wanted:
                self._ble.gap_advertise(ADVERTISE_US, gatt.advert())
            else:
                self._ble.gap_advertise(None)
            self._on_air = wanted
        except OSError as e:  # again in a second
            self._count("not advertising")
            self._log.say("can't advertise:", e)

    def _end_overdue(self):
        for link in self._links.overdue(self._clock.now_ms(), self._patience_ms()):
            self._end(link, "strangers" if link.standing == STRANGER else "hogged")

    def _end(self, link, why):
        self._count(why)
        self._links.end(link, self._clock.now_ms())
        self._settle_hearing()
        try:
            known = self._ble.gap_disconnect(link.number)
        except OSError:  # EALREADY: out of range it ends only when the peer's supervision timeout is over, up to 32 s
            self._count("can't end")
            return
        if not known:
            self._lost(link.number)  # the stack has forgotten it, and its end went unheard

    def _drain_out(self):
        """Notifies what waits; how long to wait before looking again."""
        while self._out and self._hearing:
            if not self._notify(self._out[0]):
                return NO_ROOM_PAUSE_MS
            self._out.pop(0)
        return STEP_MS

    def _notify(self, frame):
        """To each that hears; False when it is to be tried again, since none had room."""
        taken = full = False
        for link in self._hearing:
            try:
                self._ble.gatts_notify(link.number, self._up_handle, frame)
                taken = True
            except OSError as e:
                if e.errno == errno.ENOMEM:
                    full = True
                    self._count("no room")
                else:
                    self._count("not connected" if e.errno == errno.ENOTCONN else "notify failed")
        return taken or not full

    def _count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1
