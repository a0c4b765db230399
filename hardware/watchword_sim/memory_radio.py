"""The air in virtual time: one pendant, one phone, and between them a link that delays, fades and is lost.

It stands for watchword_sim.radio (Bumble, real time) and keeps the same contract towards firmware and phone
(tests/virtual/test_bluetooth_contract.py). The pendant's stack is micropython/memory/bluetooth.py.

A packet goes at the next connection event. While the air is down packets wait, as the link layer repeats them; when it
was down for the supervision timeout the link is lost, and each side learns that by itself.
"""

import json
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from .agenda import Agenda
from .micropython import memwire
from .virtual_board import VirtualBoard

INTERVAL_MS = 15
SUPERVISION_TIMEOUT_MS = 720
MAX_HELD = 64  # packets that wait for the air; the stacks' own buffers are smaller
SHORT_UUID_DIGITS = 4
BASE_UUID = "00001000800000805f9b34fb"  # behind the first 32 bits (Core specification, volume 3, part B, 2.5.1)
PHONE = b"\xf0\xf1\xf2\xf3\xf4\xf5"


class NoLink(ConnectionError):
    """The phone has no link to the pendant (any more)."""


@dataclass
class Link:
    """One connection; what the phone found out over it."""

    number: int
    mtu: int = memwire.DEFAULT_MTU
    accepted: bool = False
    subscribed: set[int] = field(default_factory=set)
    held: list[Callable[[], None]] = field(default_factory=list)


class MemoryRadio:
    """`heard(handle, content)` has what a subscribed value notifies, `changed(linked)` the state of the link.

    Everything that a phone does is answered later, by a callback, and raises NoLink when there is no link.
    """

    def __init__(self, board: VirtualBoard, agenda: Agenda, interval_ms: int = INTERVAL_MS) -> None:
        self.interval_ms = interval_ms
        self.supervision_timeout_ms = SUPERVISION_TIMEOUT_MS
        self.counts: Counter[str] = Counter()
        self.heard: Callable[[int, bytes], None] = lambda handle, content: None
        self.changed: Callable[[bool], None] = lambda linked: None
        self.advert: bytes | None = None
        self.link: Link | None = None
        self.services: list[tuple[str, list[tuple[str, int, int]]]] = []
        self._board = board
        self._agenda = agenda
        self._links = 0
        self._down_since_ms: int | None = None
        self._waits: dict[tuple[int, int], Callable[[bytes], None]] = {}  # (opcode, handle) -> who is answered

    # -- the world's side

    @property
    def down(self) -> bool:
        """Whether nothing gets through the air."""
        return self._down_since_ms is not None

    @down.setter
    def down(self, down: bool) -> None:
        if down and not self.down:
            self._down_since_ms = now_ms = self._board.now_ms
            self._agenda.plan(now_ms + self.supervision_timeout_ms, lambda: self._end_if_down_since(now_ms))
        elif not down and self.down:
            self._down_since_ms = None
            self._agenda.plan(self._next_event_ms(), self._let_go_of_held)

    def pendant_lost_power(self) -> None:
        """Nobody says goodbye: the phone learns it by the supervision timeout."""
        self.advert = None
        link = self.link
        if link is not None:
            link.held.clear()
            self._agenda.plan(self._board.now_ms + self.supervision_timeout_ms, lambda: self._forget(link))

    def take(self, mail: bytes) -> bool:
        """A mail from the firmware; whether it was the radio's."""
        if not mail or mail[0] < memwire.FIRST_OF_RADIO:
            return False
        handler = _TAKES.get(mail[0])
        if handler is None:
            raise ValueError(f"the firmware's radio sent a mail of unknown kind {mail[0]:#x}")
        handler(self, mail)
        return True

    # -- the phone's side

    def connect(self) -> None:
        """Answers the advert that is on the air; `changed(True)` when link and MTU stand, else `changed(False)`.

        NoLink without an advert, or with a link already.
        """
        if self.advert is None or self.down or self.link is not None:
            raise NoLink("no advert to answer" if self.link is None else "there is a link already")
        self._links += 1
        self.link = link = Link(self._links)
        self._agenda.plan(self._board.now_ms + self.supervision_timeout_ms, lambda: self._give_up(link))
        self._to_pendant(struct.pack(memwire.CONNECTION, memwire.CONNECT, link.number) + PHONE)

    def disconnect(self) -> None:
        """Ends the link properly: both sides know at the next event."""
        link = self._linked()
        self._over_air(lambda: self._end(link))

    def handle_of(self, uuid: str) -> int:
        """The value handle of a characteristic, in the usual notation. KeyError when the pendant has none such."""
        for _, characteristics in self.services:
            for found, _, handle in characteristics:
                if found == uuid:
                    return handle
        raise KeyError(uuid)

    def subscribe(self, handle: int) -> None:
        """From now on `heard` is called for it. Forgotten with the link."""
        link = self._linked()
        link.subscribed.add(handle)
        self._to_pendant(struct.pack(memwire.VALUE_STATUS, memwire.SUBSCRIBE, link.number, handle, 1))

    def write(self, handle: int, content: bytes, done: Callable[[], None]) -> None:
        """With response: `done` when the pendant's handler has run."""
        link = self._linked()
        self._waits[memwire.WRITTEN, handle] = lambda _: done()
        self._to_pendant(struct.pack(memwire.VALUE, memwire.WRITE, link.number, handle) + content)

    def read(self, handle: int, done: Callable[[bytes], None]) -> None:
        """`done` with the value."""
        link = self._linked()
        self._waits[memwire.READ_DONE, handle] = done
        self._to_pendant(struct.pack(memwire.VALUE, memwire.READ, link.number, handle))

    # -- between them

    def _linked(self) -> Link:
        if self.link is None or not self.link.accepted:
            raise NoLink("no link to the pendant")
        return self.link

    def _to_pendant(self, mail: bytes) -> None:
        self._over_air(lambda: self._board.send_mail(mail))

    def _over_air(self, arrive: Callable[[], None]) -> None:
        link = self.link

        def event() -> None:
            if link is None or link is not self.link:
                self.counts["lost with the link"] += 1
            elif not self.down and not link.held:
                arrive()
            elif len(link.held) < MAX_HELD:
                link.held.append(arrive)
            else:
                raise OverflowError(f"{MAX_HELD} packets wait for the air: the stacks' own limits don't hold")

        self._agenda.plan(self._next_event_ms(), event)

    def _next_event_ms(self) -> int:
        return (self._board.now_ms // self.interval_ms + 1) * self.interval_ms

    def _let_go_of_held(self) -> None:
        link = self.link
        if link is None or self.down:
            return
        held, link.held = link.held, []
        for arrive in held:
            arrive()

    # -- the link's end

    def _end_if_down_since(self, at_ms: int) -> None:
        if self._down_since_ms == at_ms and self.link is not None:
            self._end(self.link)

    def _give_up(self, link: Link) -> None:
        if link is self.link and not link.accepted:
            self._forget(link)

    def _end(self, link: Link) -> None:
        if link is self.link:
            self._board.send_mail(struct.pack(memwire.CONNECTION, memwire.LINK_LOST, link.number))
            self._forget(link)

    def _forget(self, link: Link) -> None:
        if link is self.link:
            self.counts["lost with the link"] += len(link.held)
            self.link = None
            self._waits.clear()
            self.changed(False)

    # -- what the pendant's stack says

    def _advertised(self, mail: bytes) -> None:
        interval_us = struct.unpack_from(memwire.ADVERT, mail)[1]
        self.advert = mail[memwire.ADVERT_BYTES :] if interval_us else None

    def _registered(self, mail: bytes) -> None:
        self.services = [
            (_usual(service), [(_usual(uuid), flags, handle) for uuid, flags, handle in characteristics])
            for service, characteristics in json.loads(mail[1:])
        ]

    def _accepted(self, mail: bytes) -> None:
        link = self._of(mail)
        if link is not None:
            link.accepted = True
            self.advert = None
            self._exchange_mtu(link)

    def _exchange_mtu(self, link: Link) -> None:
        self._to_pendant(struct.pack(memwire.CONNECTION_NUMBER, memwire.MTU, link.number, memwire.PHONE_MTU))
        self._over_air(lambda: self.changed(True))

    def _notified(self, mail: bytes) -> None:
        link, handle = self._of(mail), struct.unpack_from(memwire.VALUE, mail)[2]

        def arrive() -> None:
            assert link is not None
            self._board.send_mail(struct.pack(memwire.CONNECTION_NUMBER, memwire.SENT, link.number, 1))
            if handle in link.subscribed:
                self.heard(handle, mail[memwire.VALUE_BYTES :])
            else:
                self.counts["notified to nobody"] += 1

        if link is not None:
            self._over_air(arrive)

    def _responded(self, mail: bytes) -> None:
        self._respond(mail, memwire.WRITTEN, b"")

    def _read_done(self, mail: bytes) -> None:
        self._respond(mail, memwire.READ_DONE, mail[memwire.VALUE_STATUS_BYTES :])

    def _respond(self, mail: bytes, kind: int, content: bytes) -> None:
        if self._of(mail) is not None:
            handle = struct.unpack_from(memwire.VALUE, mail)[2]
            self._over_air(lambda: self._waits.pop((kind, handle), _nobody)(content))

    def _end_asked(self, mail: bytes) -> None:
        link = self._of(mail)
        if link is not None:
            self._over_air(lambda: self._end(link))

    def _of(self, mail: bytes) -> Link | None:
        number = struct.unpack_from(memwire.CONNECTION, mail)[1]
        return self.link if self.link is not None and self.link.number == number else None


def _usual(uuid: str) -> str:
    """The usual notation of one as it comes: hexadecimal, least byte first, the assigned ones with 2 bytes."""
    text = bytes.fromhex(uuid)[::-1].hex()
    if len(text) == SHORT_UUID_DIGITS:
        text = f"0000{text}{BASE_UUID}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _nobody(content: bytes) -> None:
    """Whoever asked is gone."""


_TAKES: dict[int, Callable[[MemoryRadio, bytes], None]] = {
    memwire.ADVERTISE: MemoryRadio._advertised,
    memwire.TABLE: MemoryRadio._registered,
    memwire.ACCEPTED: MemoryRadio._accepted,
    memwire.NOTIFY: MemoryRadio._notified,
    memwire.WRITTEN: MemoryRadio._responded,
    memwire.READ_DONE: MemoryRadio._read_done,
    memwire.END_LINK: MemoryRadio._end_asked,
}
