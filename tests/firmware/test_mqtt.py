"""The MQTT session against a broker of bytes: what the standard has is done, and whatever else comes ends it."""

import asyncio
import gc
import random

import board_asyncio  # noqa: F401
from pendant import mqtt
from pendant import mqtt_packets as packets
from pendant.counters import Counters

TOPIC = "ww/down/ana"
CONNACK = b"\x20\x02\x00\x00"
SUBACK = b"\x90\x03\x00\x01\x01"
FUZZED = 20_000  # bytes
GROWTH_BYTES = 4096  # of the test's own names


class Clock:
    def __init__(self):
        self.ms = 0

    def now_ms(self):
        return self.ms


class Stream:
    """`said` is what the broker will say; at its end the connection is over, or stays open where `stays`."""

    def __init__(self, said, stays=False):
        self.said = said
        self.stays = stays
        self.most_asked = 0
        self.sent = []

    def write(self, packet):
        self.sent.append(bytes(packet))

    async def drain(self):
        await asyncio.sleep_ms(0)

    async def readexactly(self, n):
        self.most_asked = max(self.most_asked, n)
        await asyncio.sleep_ms(0)
        while len(self.said) < n and self.stays:
            await asyncio.sleep_ms(0)
        if len(self.said) < n:
            raise EOFError()
        taken, self.said = self.said[:n], self.said[n:]
        return taken


class Held:
    """A session over such a stream; `pieces`: what arrived."""

    def __init__(self, said, stays=False):
        self.stream = Stream(said, stays)
        self.clock = Clock()
        self.counters = Counters()
        self.pieces = []
        self.session = mqtt.Session(self.stream, self.pieces.append, self.clock, self.counters)

    def play(self, before_run=None):
        """Opens it and runs it to its end; the error."""

        async def both():
            await self.session.open("client", "ana", "secret", TOPIC)
            if before_run is not None:
                before_run()
            await self.session.run()

        mqtt.PIECE_PAUSE_MS = 0
        try:
            asyncio.run(both())
        except (mqtt.MqttError, OSError, EOFError) as e:
            return e
        raise AssertionError("it goes on for ever")


def publish(payload, topic=TOPIC, flags=2, packet_id=7):
    """As a broker would send it."""
    body = len(topic).to_bytes(2, "big") + topic.encode() + (packet_id.to_bytes(2, "big") if flags & 6 else b"")
    return bytes((0x30 | flags,)) + length(len(body) + len(payload)) + body + payload


def length(left):
    digits = b""
    while left > 127:
        digits += bytes((left & 127 | 128,))
        left >>= 7
    return digits + bytes((left,))


def test_connect_and_subscribe_are_as_the_standard_writes_them():
    held = Held(CONNACK + SUBACK)
    assert isinstance(held.play(), EOFError)
    assert held.stream.sent == [
        b"\x10\x1f\x00\x04MQTT\x04\xc2\x00\x1e\x00\x06client\x00\x03ana\x00\x06secret",
        b"\x82\x10\x00\x01\x00\x0bww/down/ana\x01",
    ]


def test_lengths_at_the_edges_of_one_two_and_three_bytes():
    for size, digits in ((127, b"\x7f"), (128, b"\x80\x01"), (16383, b"\xff\x7f"), (16384, b"\x80\x80\x01")):
        packet = packets.publish("a", 1, bytes(size - 5))
        assert packet[: 1 + len(digits)] == b"\x32" + digits and len(packet) == 1 + len(digits) + size


def test_a_message_is_handed_on_by_the_frame_and_acknowledged():
    whole = bytes(range(243)) + bytes(243)
    held = Held(CONNACK + SUBACK + publish(whole, packet_id=513) + publish(b"short", flags=0), stays=True)
    end_when(held, lambda: len(held.pieces) == 3 and len(held.stream.sent) >= 4)
    assert held.pieces == [whole[:243], whole[243:], b"short"]
    assert packets.puback(513) in held.stream.sent
    assert held.counters.of("received") == 1
    assert held.session._in_flight == []


def test_a_message_may_come_before_the_subscription_is_answered():
    held = Held(CONNACK + publish(b"pressed", packet_id=9) + SUBACK + publish(b"again", flags=0), stays=True)
    end_when(held, lambda: len(held.pieces) == 2 and packets.puback(9) in held.stream.sent)
    assert held.pieces == [b"pressed", b"again"] and packets.puback(9) in held.stream.sent


def end_when(held, done):
    """Plays until `done()`, then the broker ends it."""

    async def watch():
        for _ in range(10_000):
            if done():
                break
            await asyncio.sleep_ms(0)
        held.stream.stays = False

    def start():
        held.session.publish("up", b"press")  # the SUBSCRIBE was packet 1, so this is 2
        held.stream.said += b"\x40\x02\x00\x02"
        held.watching = asyncio.create_task(watch())

    error = held.play(start)
    assert isinstance(error, EOFError), repr(error)


def test_each_refusal_is_told_from_a_fault():
    for code in range(1, 6):
        assert isinstance(Held(b"\x20\x02\x00" + bytes((code,))).play(), mqtt.Refused)
    assert isinstance(Held(CONNACK + b"\x90\x03\x00\x01\x80").play(), mqtt.Refused)
    assert mqtt.Refused("").permanent and not mqtt.Malformed("").permanent


def test_what_the_standard_does_not_have_ends_the_connection():
    opened = CONNACK + SUBACK
    for said in (
        b"\x21\x02\x00\x00",  # flags of a CONNACK
        b"\x20\x03\x00\x00\x00",
        b"\x20\x02\x02\x00",
        b"\x90\x03\x00\x01\x01",  # SUBACK first
        CONNACK + b"\x90\x03\x00\x02\x01",  # of another SUBSCRIBE
        publish(b"") + CONNACK + SUBACK,
        CONNACK + publish(b"", flags=4) + SUBACK,
        opened + CONNACK,
        opened + SUBACK,
        opened + b"\xd0\x00",  # a PINGRESP that nobody asked for
        opened + b"\xd0\x01\x00",
        opened + b"\x40\x02\x00\x09",  # a PUBACK of nothing
        opened + b"\x40\x03\x00\x09\x00",
        opened + b"\x10\x00",  # a client's packet
        opened + b"\x00\x00",
        opened + b"\xf0\x00",
        opened + publish(b"", flags=4),  # QoS 2
        opened + publish(b"", flags=6),
        opened + publish(b"", packet_id=0),
        opened + b"\x30\xff\xff\xff\xff\x01",  # a length of five bytes
        opened + b"\x30\xff\xff\xff\x7f",  # 256 MB
        opened + b"\x30\x81\x80\x04",  # one above the limit
        opened + b"\x30\x01\x00",
        opened + b"\x30\x04\x00\x09ab",  # a topic longer than the packet
        opened + b"\x32\x03\x00\x01a",  # no room for its packet id
        opened + publish(b"", topic="t" * 65),
    ):
        held = Held(said)
        assert isinstance(held.play(), mqtt.Malformed), said
        assert held.pieces == []


def test_messages_on_another_topic_or_without_content_change_nothing():
    held = Held(CONNACK + SUBACK + publish(bytes(500), topic="ww/down/ben") + publish(b"", packet_id=8))
    assert isinstance(held.play(), EOFError)
    assert held.pieces == []
    assert held.counters.of("other topic") == 1 and held.counters.of("empty") == 1


def test_whatever_bytes_come_it_ends_in_one_of_three_errors_and_asks_for_no_more_than_a_piece():
    chance = random
    chance.seed(3)
    fuzzed = 0
    before = heap_bytes()
    while fuzzed < FUZZED:
        junk = bytes([chance.getrandbits(8) for _ in range(chance.getrandbits(6))])
        whole = publish(bytes(chance.getrandbits(9)))
        at = chance.getrandbits(16) % len(whole)
        bent = whole[:at] + bytes((chance.getrandbits(8),)) + whole[at + 1 :] + junk
        for said in (junk, CONNACK + junk, CONNACK + SUBACK + junk, CONNACK + SUBACK + bent):
            held = Held(said)
            held.play()  # raises what it may not
            assert held.stream.most_asked <= mqtt.PIECE_BYTES
            assert len(held.session._out) <= mqtt.MAX_OUT
            fuzzed += len(said)
    assert heap_bytes() - before < GROWTH_BYTES


def heap_bytes():
    """What lives; 0 where the interpreter can't say."""
    gc.collect()
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


def test_what_the_broker_does_not_acknowledge_is_bounded_and_counted():
    held = Held(b"")
    taken = [held.session.publish("up", b"frame") for _ in range(100)]
    assert sum(taken) == mqtt.MAX_IN_FLIGHT
    assert held.counters.of("publish dropped") == 100 - mqtt.MAX_IN_FLIGHT


def test_a_flood_that_asks_for_acknowledgements_fills_no_memory():
    held = Held(b"")
    for _ in range(100):
        held.session._put(packets.puback(1))
    assert held.counters.of("out dropped") == 100 - mqtt.MAX_OUT


def test_a_broker_that_owes_an_acknowledgement_too_long_is_left():
    held = Held(CONNACK + SUBACK, stays=True)

    def time_passes():
        held.session.publish("up", b"press")
        held.clock.ms += mqtt.ANSWER_MS + 1

    assert isinstance(held.play(time_passes), mqtt.Silent)


def test_a_quiet_connection_is_pinged_and_left_when_no_answer_comes():
    held = Held(CONNACK + SUBACK, stays=True)

    class Passing:
        """Every look at it, a while later."""

        ms = 0

        def now_ms(self):
            self.ms += 600
            return self.ms

    held.session._clock = Passing()
    mqtt.STEP_MS = 1
    try:
        assert isinstance(held.play(), mqtt.Silent)
    finally:
        mqtt.STEP_MS = 1_000
    assert held.stream.sent.count(packets.pingreq()) == 1


def test_a_broker_that_takes_nothing_is_left():
    held = Held(CONNACK + SUBACK)

    async def never():
        while True:
            await asyncio.sleep_ms(0)

    held.stream.drain = never
    mqtt.ANSWER_MS, limit_ms = 5, mqtt.ANSWER_MS
    try:
        assert isinstance(held.play(), mqtt.Silent)
    finally:
        mqtt.ANSWER_MS = limit_ms
