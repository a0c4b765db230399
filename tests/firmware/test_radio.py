"""The radio's own decisions, on a stack that has no room, loses links, refuses and says odd things."""

import asyncio
import errno
import sys

import board_asyncio  # noqa: F401
from pendant.bonds import Bonds
from pendant.links import AUTHENTICATE_MS
from pendant.reports import Reports
from story import PENDANT, UP
from watchword_core import words as w
from watchword_core.frames import DOWN_BYTES


class Bluetooth:
    """What the GATT table asks of the module of that name, which the interpreters lack."""

    UUID = str
    FLAG_READ, FLAG_NOTIFY, FLAG_WRITE = 2, 16, 8


sys.modules["bluetooth"] = Bluetooth  # type: ignore[assignment]
from pendant import radio as r  # noqa: E402

del sys.modules["bluetooth"]

UP_HANDLE, DOWN_HANDLE, LEVEL, ALERT = 1, 2, 3, 4
CONNECT, DISCONNECT, WRITE, MTU, ENCRYPTED, GET_SECRET, SET_SECRET = 1, 2, 3, 21, 28, 29, 30
BEN, DEV = 11, 12
REPORTS = Reports(PENDANT, 1, UP, lambda now_ms: None)
NEVER_MS = 1_000_000


def heartbeats(count):
    return [REPORTS.heartbeat(0, i, 0, 0) for i in range(count)]


def presses(count):
    return [REPORTS.press(w.CHECKED_IN, 0, i, 0, 0, 0, 0)[2] for i in range(count)]


class Over(Exception):
    pass


class Stack:
    """`room`: how many notifications it takes; `gone`: links that it knows no more; `refuses`: what raises, by name."""

    def __init__(self):
        self.room, self.gone, self.refuses = 1_000, set(), set()
        self.notified, self.did, self.written = [], [], b""

    def irq(self, handler):
        self.event = handler

    def config(self, **what):
        self.did += ["%s=%s" % (name, what[name]) for name in what if name == "bond"]

    def gatts_register_services(self, services):
        return (UP_HANDLE, DOWN_HANDLE), (LEVEL,), (ALERT,), (5, 6, 7)

    def gatts_set_buffer(self, handle, size):
        assert (handle, size) == (DOWN_HANDLE, DOWN_BYTES)

    def gatts_write(self, handle, content, notify=False):
        assert isinstance(content, bytes)

    def gatts_read(self, handle):
        return memoryview(self.written)

    def gatts_notify(self, number, handle, frame):
        if not self.room:
            raise OSError(errno.ENOMEM, "no room")
        if number in self.gone:
            raise OSError(errno.ENOTCONN, "gone")
        self.room -= 1
        self.notified.append((number, frame))

    def gap_advertise(self, interval_us, content=None):
        self._do("off air" if interval_us is None else "on air")

    def gap_disconnect(self, number):
        self._do("end %d" % number)
        return number not in self.gone

    def gap_pair(self, number):
        self._do("pair %d" % number)

    def _do(self, what):
        self.did.append(what)
        if what in self.refuses:
            raise OSError(errno.EALREADY, what)


class Aired:
    """A radio over such a stack; `play` does each step between two of its turns."""

    def __init__(self, bonds=None):
        self.ms, self.linked, self.got, self.kept, self.said = 0, [], [], [], []
        self.stack = Stack()
        r.stamp = lambda: self.ms
        self.radio = r.Radio(self.stack, self, self)
        self.radio.attach(lambda up, missed: self.linked.append(up), self._received, lambda: NEVER_MS, lambda: False)
        if bonds is not None:
            self.radio.know(bonds, self.kept.append)

    def now_ms(self):
        return self.ms

    def at(self, stamped):
        return stamped

    def say(self, *words):
        self.said.append(words)

    def connect(self, number=BEN, mtu=r.MTU):
        self.stack.event(CONNECT, (number, 0, b"phone"))
        self.stack.event(MTU, (number, mtu))

    def send(self, some):
        for frame in some:
            self.radio.send(frame)

    def play(self, *steps):
        left = list(steps)

        def progress():
            if not left:
                raise Over()
            left.pop(0)()

        pauses, r.STEP_MS, r.NO_ROOM_PAUSE_MS = (r.STEP_MS, r.NO_ROOM_PAUSE_MS), 1, 1
        try:
            asyncio.run(self.radio.run(progress))
        except Over:
            return self
        finally:
            r.STEP_MS, r.NO_ROOM_PAUSE_MS = pauses

    def later(self, ms):
        self.ms += ms

    def room(self, count):
        self.stack.room = count

    def sent(self):
        return [frame for _, frame in self.stack.notified]

    def _received(self, frame, now_ms):
        self.got.append(frame)
        return True


def nothing():
    """A turn for the radio."""


def test_without_a_link_a_frame_is_dropped_and_counted():
    aired = Aired()
    aired.play(lambda: aired.send(presses(1)))
    assert aired.sent() == [] and aired.radio.counts == {"not linked": 1}


def test_no_room__presses_go_before_heartbeats_as_soon_as_there_is():
    aired = Aired()
    (beat,), (one, two) = heartbeats(1), presses(2)
    aired.play(
        aired.connect,
        lambda: aired.room(0),
        lambda: aired.send((beat, one, two)),
        nothing,
        lambda: aired.room(9),
        nothing,
    )
    assert aired.sent() == [one, two, beat] and aired.radio.counts["no room"] > 0


def test_a_full_queue_loses_a_heartbeat_and_no_press():
    aired = Aired()
    beats, (press,) = heartbeats(r.MAX_OUT + 1), presses(1)

    def all_at_once():
        aired.send(beats)
        aired.send((press,))

    aired.play(aired.connect, lambda: aired.room(0), all_at_once, lambda: aired.room(99), nothing)
    first, *others = aired.sent()
    assert first == press and others == beats[: r.MAX_OUT - 1] and aired.radio.counts["out dropped"] == 2


def test_a_link_that_is_gone_takes_nothing_and_holds_up_nothing():
    aired = Aired()
    one, two = presses(2)

    def goes():
        aired.stack.gone.add(BEN)
        aired.send((one,))
        aired.connect(DEV)

    aired.play(aired.connect, goes, nothing, lambda: aired.send((two,)), nothing)
    assert aired.stack.notified == [(DEV, two)] and aired.radio.counts["not connected"] == 2


def test_a_phone_whose_mtu_is_too_small_gets_no_cut_frame():
    aired = Aired()
    aired.play(lambda: aired.connect(mtu=100), lambda: aired.send(presses(1)), nothing)
    assert aired.sent() == [] and aired.radio.counts["mtu too small"] == 1 and aired.linked == []


def test_the_advert_fails__it_is_tried_again_and_said():
    aired = Aired()
    aired.stack.refuses.add("on air")
    aired.play(nothing, nothing, aired.stack.refuses.clear, nothing)
    assert aired.stack.did.count("on air") == 3 and aired.radio.counts["not advertising"] == 2
    assert aired.said[0][0] == "can't advertise:"


def test_a_link_that_can_not_be_ended_is_asked_again__one_that_the_stack_forgot_is_over():
    aired = Aired()
    aired.stack.refuses.add("end %d" % BEN)
    overdue = [lambda: aired.later(AUTHENTICATE_MS), nothing] * 2

    def forgotten():
        aired.stack.refuses.clear()
        aired.stack.gone.add(BEN)
        aired.later(AUTHENTICATE_MS)

    aired.play(aired.connect, nothing, overdue[0], overdue[1], overdue[2], overdue[3], forgotten, nothing)
    assert aired.stack.did.count("end %d" % BEN) == 3 and aired.radio.counts["can't end"] == 2
    assert aired.linked == [True, False] and len(aired.radio._links) == 0


def test_odd_news_from_the_stack_raise_nothing():
    aired = Aired()
    for event, values in ((CONNECT, ()), (MTU, (BEN,)), (ENCRYPTED, (BEN, 1)), (WRITE, (BEN, 99)), (99, ())):
        assert aired.stack.event(event, values) is None
    assert aired.radio.counts["handler failed"] == 3


def test_more_news_than_it_keeps__a_link_that_was_not_told_is_met_by_what_it_does():
    aired = Aired()

    def floods():
        for _ in range(r.MAX_NEWS):
            aired.stack.event(MTU, (DEV, 23))
        aired.stack.event(CONNECT, (BEN, 0, b"phone"))

    aired.play(floods, lambda: aired.stack.event(MTU, (BEN, r.MTU)), lambda: aired.send(presses(1)), nothing)
    assert aired.radio.counts["in dropped"] == 1 and [number for number, _ in aired.stack.notified] == [BEN]


def test_what_is_written_is_copied_before_the_stack_writes_over_it():
    aired = Aired()

    def two_writes():
        for content in (b"first", b"second"):
            aired.stack.written = bytearray(content)
            aired.stack.event(WRITE, (BEN, DOWN_HANDLE))
            aired.stack.written[:] = bytes(len(content))

    aired.play(aired.connect, two_writes, nothing)
    assert aired.got == [b"first", b"second"]


def written_to(down, alert):
    """A radio to which a frame and an alert level were written, where the stack gave them these handles."""
    aired = Aired()
    aired.radio._down_handle, aired.radio._alert_handle = down, alert
    aired.stack.written = b"\x01"
    written = [lambda: aired.stack.event(WRITE, (BEN, alert)), lambda: aired.stack.event(WRITE, (BEN, down))]
    return aired.play(aired.connect, written[0], written[1], nothing)


def test_the_stack_gives_a_handle_that_is_an_events_number_too__what_is_written_is_what_it_is():
    for down, alert in ((MTU, ENCRYPTED), (ENCRYPTED, MTU), (DISCONNECT, CONNECT)):
        aired = written_to(down, alert)
        assert aired.got == [b"\x01"] and aired.linked == [True] and aired.radio._links.of(BEN).alert_level == 1


def known():
    bonds = Bonds()
    bonds.allow(True)
    assert bonds.put(2, b"ben", b"peer") and bonds.put(1, b"ben", b"ours")
    bonds.allow(False)
    bonds.changed()
    return bonds


def test_once_a_phone_is_known_nobody_hears_without_its_whole_key():
    aired = Aired(known())

    def encrypts(encrypted, authenticated, bonded, key_bytes):
        return lambda: aired.stack.event(ENCRYPTED, (BEN, encrypted, authenticated, bonded, key_bytes))

    def says():
        aired.send(presses(1))

    aired.play(
        aired.connect, says, encrypts(1, 0, 0, 16), encrypts(1, 0, 1, 7), says, encrypts(1, 0, 1, 16), says, nothing
    )
    assert "pair %d" % BEN in aired.stack.did and aired.radio.counts["not bonded"] == 2
    assert len(aired.sent()) == 1 and aired.radio.counts["not linked"] == 2


def test_the_stack_does_not_take_it_that_a_link_is_to_be_encrypted__said_and_borne():
    aired = Aired(known())
    aired.stack.refuses.add("pair %d" % BEN)
    aired.play(aired.connect, nothing)
    assert aired.radio.counts["can't ask to encrypt"] == 1 and aired.said[0][0] == "can't ask to encrypt:"


def test_the_technicians_mode__a_new_phone_is_kept_and_the_mode_ends_soon_after():
    aired = Aired(Bonds())
    aired.radio.let_pair(60_000)

    def pairs():
        assert aired.stack.event(SET_SECRET, (2, b"ben", b"peer"))

    def asks():
        assert aired.stack.event(GET_SECRET, (2, 0, b"ben")) == b"peer"

    aired.play(aired.connect, pairs, asks, lambda: aired.later(r.MODE_LINGER_MS), nothing)
    assert len(aired.kept) == 1 and aired.stack.did[-1] == "bond=False" and "bond=True" in aired.stack.did
    assert not aired.stack.event(SET_SECRET, (2, b"dev", b"peer")), "the mode is over"
