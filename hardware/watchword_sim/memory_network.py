"""The pendant's own network in virtual time: a connection is a serial port of the board, since a socket's time is not
virtual, and at its other end is an MQTT 3.1.1 broker for one client that stores nothing.

The pendant's side is micropython/programs/serial_sockets.py. What real brokers do is proved elsewhere
(tests/broker/test_pendant_client.py); this one answers what the pendant sends, and raises ValueError on anything else.
"""

from collections.abc import Callable

from .agenda import Agenda
from .virtual_board import VirtualBoard

PORT = 7  # no board has so many
NAME = "own network"  # of this carrier, to the hub
DELAY_MS = 40  # one way, always the same: a stream keeps its order

_CONNECT, _PUBLISH, _PUBACK, _SUBSCRIBE, _PINGREQ = 0x10, 0x30, 0x40, 0x80, 0xC0  # the type of a packet (2.2.1)
_CONNACK = b"\x20\x02\x00\x00"
_PINGRESP = b"\xd0\x00"
_QOS_1 = 0x02


class MemoryNetwork:
    """`down`: nobody answers, as out of range; a session that was open then is over. It begins so.

    `carried(frames)` has what the pendant publishes. `sessions` counts those that came as far as their topic.
    """

    def __init__(self, board: VirtualBoard, agenda: Agenda, carried: Callable[[bytes], None]) -> None:
        self.sessions = 0
        self._down = True
        self._board = board
        self._agenda = agenda
        self._carried = carried
        self._topic: bytes | None = None  # of the session that is open; None: there is none
        self._connection = 0  # what is under way for an earlier one comes to nobody

    @property
    def down(self) -> bool:
        return self._down

    @down.setter
    def down(self, down: bool) -> None:
        self._down = down
        if down:
            self.end()

    def end(self) -> None:
        """The connection is over, as when the pendant has lost its power."""
        self._topic = None
        self._connection += 1

    def take(self, content: bytes) -> None:
        """What the pendant wrote to the port: whole packets, or nothing when it closes."""
        if not content:
            self.end()
        while content and not self._down:
            first, body, content = _split(content)
            self._handle(first, body)

    def carry_down(self, frame: bytes) -> None:
        """Publishes it to the pendant if a session is open."""
        if self._topic is not None:
            packet_id = b"\x00\x01"  # never more than one is looked at
            body = len(self._topic).to_bytes(2, "big") + self._topic + packet_id + frame
            self._tell(bytes((_PUBLISH | _QOS_1,)) + _length(len(body)) + body)

    def _handle(self, first: int, body: bytes) -> None:
        kind = first & 0xF0
        if kind == _CONNECT:
            self.end()
            self._tell(_CONNACK)
        elif kind == _SUBSCRIBE:
            self.sessions += 1
            self._topic = body[4:-1]
            self._tell(b"\x90\x03" + body[:2] + b"\x01")
        elif kind == _PUBLISH and self._topic is not None:
            at = 2 + int.from_bytes(body[:2], "big")
            self._tell(b"\x40\x02" + body[at : at + 2])
            self._later(lambda: self._carried(body[at + 2 :]))
        elif kind == _PINGREQ:
            self._tell(_PINGRESP)
        elif kind != _PUBACK:
            raise ValueError(f"the pendant sent its broker a packet {first:#x}, which is not modelled here")

    def _tell(self, packet: bytes) -> None:
        connection = self._connection

        def arrive() -> None:
            if connection == self._connection:
                self._board.feed_uart(PORT, packet)

        self._later(arrive)

    def _later(self, action: Callable[[], None]) -> None:
        self._agenda.plan(self._board.now_ms + DELAY_MS, action)


def _split(content: bytes) -> tuple[int, bytes, bytes]:
    """(first byte, body, what follows) of the first packet."""
    length, at = 0, 1
    while True:
        digit = content[at]
        length |= (digit & 0x7F) << 7 * (at - 1)
        at += 1
        if digit < 0x80:
            return content[0], content[at : at + length], content[at + length :]


def _length(length: int) -> bytes:
    """As a packet has it (2.2.3)."""
    coded = b""
    while True:
        length, digit = length >> 7, length & 0x7F
        coded += bytes((digit | (0x80 if length else 0),))
        if not length:
            return coded
