"""One connection to an MQTT 3.1.1 broker: publish and subscribe at QoS 1, one topic down. Sections are of the standard.

The broker is not trusted: whatever it sends ends in bytes for `arrived`, or in an error that ends the connection. What
is held of it never exceeds one piece. A payload is handed on in pieces of PIECE_BYTES, one down frame each, however
long the whole is; a publish that the broker acknowledged is proof of nothing (it may have denied it).

Nothing is sent again from here, since the session is clean (4.4): the logic repeats each press until the hub's own
acknowledgement, and a new connection is told everything anew.
"""

import asyncio

from watchword_core.frames import DOWN_BYTES

from . import mqtt_packets as packets

KEEPALIVE_S = 30  # told to the broker, which gives up after 1.5 times this (3.1.2.10)
PING_MS = 15_000  # after so long without anything sent
ANSWER_MS = 5_000  # for each answer that the broker owes: then the connection is dead
STEP_MS = 1_000
PIECE_BYTES = DOWN_BYTES
PIECE_PAUSE_MS = 10  # a broker that floods has at most 100 seals a second looked at
MAX_IN_FLIGHT = 16  # published and not acknowledged by the broker
MAX_OUT = 32  # packets that wait for the socket: those, a ping, and acknowledgements
MAX_PUBLISH_BYTES = 64 * 1024  # the hub's own limit of one message
MAX_TOPIC_BYTES = 64


class MqttError(Exception):
    """The connection is of no more use; `permanent`: until a person changes something."""

    permanent = False


class Refused(MqttError):
    """The broker said no to user, password or topic."""

    permanent = True


class Malformed(MqttError):
    """The broker sent what the standard doesn't have, or not here."""


class Silent(MqttError):
    """The broker owes an answer, or takes nothing, for ANSWER_MS."""


class Session:
    """`stream` has readexactly, write and drain. `arrived(piece)` for each piece that comes on the topic down."""

    def __init__(self, stream, arrived, clock, counters):
        self._stream = stream
        self._arrived = arrived
        self._clock = clock
        self._counters = counters
        self._topic = b""
        self._out = []
        self._in_flight = []  # (packet id, when it was sent)
        self._last_id = 0
        self._sent_ms = clock.now_ms()
        self._pinged_ms = None  # while its answer is owed
        self._error = None
        self._wake = asyncio.Event()

    async def open(self, client_id, user, password, topic):
        """CONNECT and SUBSCRIBE, each answered; raises MqttError, OSError or EOFError. The caller limits the time."""
        await self._send(packets.connect(client_id, user, password, KEEPALIVE_S))
        flags, code = await self._answer(packets.CONNACK, 2)
        if flags > 1:  # 3.2.2: the other bits are reserved
            raise Malformed("connack")
        if code:
            raise Refused("connect: code %d" % code)
        self._topic = topic.encode()
        await self._send(packets.subscribe(self._next_id(), topic))
        high, low, granted = await self._answer(packets.SUBACK, 3)
        if high << 8 | low != self._last_id:
            raise Malformed("suback")
        if granted >= packets.REFUSED:
            raise Refused("subscribe")

    async def run(self):
        """Carries until the connection ends, and raises why: MqttError, OSError or EOFError. After `open`."""
        reading = asyncio.create_task(self._read())
        try:
            while self._error is None:
                self._wake.clear()
                self._keep_alive()
                while self._out and self._error is None:
                    await self._send(self._out.pop(0))
                await self._pause()
        finally:
            reading.cancel()
        raise self._error

    def publish(self, topic, payload):
        """Queues one message; False: too much is unanswered, nothing was kept."""
        if len(self._in_flight) >= MAX_IN_FLIGHT:
            self._counters.count("publish dropped")
            return False
        packet_id = self._next_id()
        if not self._put(packets.publish(topic, packet_id, payload)):
            return False
        self._in_flight.append((packet_id, self._clock.now_ms()))
        return True

    # -- out

    def _put(self, packet):
        if len(self._out) >= MAX_OUT:
            self._counters.count("out dropped")
            return False
        self._out.append(packet)
        self._wake.set()
        return True

    async def _send(self, packet):
        self._stream.write(packet)
        try:
            await asyncio.wait_for_ms(self._stream.drain(), ANSWER_MS)
        except asyncio.TimeoutError:
            raise Silent("takes nothing")
        self._sent_ms = self._clock.now_ms()

    def _keep_alive(self):
        now_ms = self._clock.now_ms()
        owed_ms = self._in_flight[0][1] if self._in_flight else now_ms
        if self._pinged_ms is not None:
            owed_ms = min(owed_ms, self._pinged_ms)
        elif now_ms - self._sent_ms >= PING_MS and self._put(packets.pingreq()):
            self._pinged_ms = now_ms
        if now_ms - owed_ms > ANSWER_MS:
            raise Silent("owes an answer")

    async def _pause(self):
        if self._out or self._error is not None:
            return
        try:
            await asyncio.wait_for_ms(self._wake.wait(), STEP_MS)
        except asyncio.TimeoutError:
            return

    def _next_id(self):
        """Of those that are free, since fewer are in flight than there are; never 0 (2.3.1)."""
        self._last_id = self._last_id % packets.MAX_PACKET_ID + 1
        return self._last_id

    # -- in

    async def _read(self):
        try:
            while True:
                await self._packet()
        except (MqttError, OSError, EOFError) as e:
            self._error = e
            self._wake.set()

    async def _packet(self):
        first = (await self._stream.readexactly(1))[0]
        left = await self._length()
        if first & 0xF0 == packets.PUBLISH:
            await self._publish(first >> 1 & 3, left)
        elif first == packets.PUBACK and left == 2:
            self._acknowledged(_number(await self._stream.readexactly(2)))
        elif first == packets.PINGRESP and left == 0 and self._pinged_ms is not None:
            self._pinged_ms = None
        else:
            raise Malformed("packet %02x" % first)

    async def _length(self):
        length = 0
        for shift in (0, 7, 14, 21):  # 2.2.3: four bytes at most
            digit = (await self._stream.readexactly(1))[0]
            length |= (digit & 0x7F) << shift
            if digit < 0x80:
                return length
        raise Malformed("length")

    async def _answer(self, first, length):
        """The body of the one packet that may come now; once subscribed, messages may come before it (3.8.4)."""
        got = (await self._stream.readexactly(1))[0]
        while self._topic and got & 0xF0 == packets.PUBLISH:
            await self._publish(got >> 1 & 3, await self._length())
            got = (await self._stream.readexactly(1))[0]
        if got != first or await self._length() != length:
            raise Malformed("packet %02x" % got)
        return await self._stream.readexactly(length)

    async def _publish(self, qos, left):
        if qos > 1 or left > MAX_PUBLISH_BYTES:  # 3.8.4: never above the QoS that was asked for
            raise Malformed("publish")
        named = _number(await self._field(2, left))
        left -= 2
        if named > MAX_TOPIC_BYTES:
            raise Malformed("topic")
        topic = await self._field(named, left)
        left -= named
        packet_id = 0
        if qos:
            packet_id = _number(await self._field(2, left))
            left -= 2
            if not packet_id:  # 2.3.1
                raise Malformed("packet id")
        await self._pieces(left, topic == self._topic)
        if qos and self._put(packets.puback(packet_id)):
            self._counters.count("received")

    async def _pieces(self, left, ours):
        if not ours or not left:
            self._counters.count("other topic" if left else "empty")
            await asyncio.sleep_ms(PIECE_PAUSE_MS)
        while left:
            piece = await self._stream.readexactly(min(left, PIECE_BYTES))
            left -= len(piece)
            if ours:
                self._arrived(piece)
            await asyncio.sleep_ms(PIECE_PAUSE_MS)

    async def _field(self, length, left):
        if length > left:
            raise Malformed("publish")
        return await self._stream.readexactly(length)

    def _acknowledged(self, packet_id):
        for i, sent in enumerate(self._in_flight):
            if sent[0] == packet_id:
                self._in_flight.pop(i)
                return
        raise Malformed("puback")


def _number(two_bytes):
    return two_bytes[0] << 8 | two_bytes[1]
