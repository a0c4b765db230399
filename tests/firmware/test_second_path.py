"""The second path's own part: when it connects, what it says of a connection, and that a failure stops nothing."""

import asyncio

import board_asyncio  # noqa: F401
from pendant import mqtt, second_path, sockets
from pendant.path_settings import Settings
from pendant.reports import Reports
from pendant.second_path import AGAIN_MAX_MS, SecondPath, client_id
from story import PENDANT, UP
from test_mqtt import CONNACK, SUBACK, Stream, publish
from watchword_core.frames import DOWN_BYTES

USER = "pendant-7"
DOWN_TOPIC = "ww/down/" + USER
FRAME = bytes(range(200)) + bytes(DOWN_BYTES - 200)
HEARTBEAT = Reports(PENDANT, 1, UP, lambda now_ms: None).heartbeat(0, 0, 0, 0)
MOST_ROUNDS = 3_000
LEAVING_ROUNDS = 20
REFUSED = 111


def settings(network="", password="secret"):
    return Settings("127.0.0.1", 1, "", USER, password, network, "", None)


class Quiet:
    def __init__(self):
        self.lines = []

    def say(self, *words):
        self.lines.append(" ".join([str(word) for word in words]).strip())


class Worn:
    """The pendant around the path, its board and its clock, which goes on by a second whenever it asks for `wanted`.

    `streams`: what each connection meets, a Stream or an error; then the network has nobody more.
    """

    def __init__(self, streams, network="", genuine=True, in_reach=True, patience_ms=60_000):
        self.ms = self.joined = self.left = self.rounds = 0
        self.want, self.genuine, self.in_reach, self.ended = True, genuine, in_reach, False
        self.linked, self.got, self.tried_ms, self.closed = [], [], [], 0
        self.log, self.streams = Quiet(), list(streams)
        self.path = SecondPath(settings(network), self, self, self.log)
        self.path.attach(self._wanted, self._linked, self._received, lambda: patience_ms)

    def now_ms(self):
        return self.ms

    async def join_network(self, name, password):
        self.joined += 1
        while not self.in_reach:
            await asyncio.sleep_ms(0)

    def leave_network(self):
        self.left += 1

    def close(self):
        self.closed += 1

    def play(self, over):
        """Runs until `over()`; then it is no longer wanted, and ends."""
        connect, reader = sockets.connect, asyncio.StreamReader
        pauses = second_path.STEP_MS, second_path.JOIN_MS, mqtt.PIECE_PAUSE_MS
        sockets.connect, asyncio.StreamReader = self._connect, lambda opened: self._stream
        second_path.STEP_MS, second_path.JOIN_MS, mqtt.PIECE_PAUSE_MS = 1, 5, 0
        try:
            asyncio.run(self._run(over))
        finally:
            sockets.connect, asyncio.StreamReader = connect, reader
            second_path.STEP_MS, second_path.JOIN_MS, mqtt.PIECE_PAUSE_MS = pauses
        return self

    async def _run(self, over):
        running = asyncio.create_task(self.path.run(self._progress))
        until = MOST_ROUNDS
        while not over() and self.rounds < until:
            await asyncio.sleep_ms(0)
        assert over(), "it never came to that"
        self.want, until = False, self.rounds + LEAVING_ROUNDS
        while self.rounds < until:
            await asyncio.sleep_ms(0)
        running.cancel()
        try:
            await running
        except asyncio.CancelledError:
            self.ended = True

    async def _connect(self, address, port, name, authority):
        self.tried_ms.append(self.ms)
        met = self.streams.pop(0) if self.streams else OSError(REFUSED)
        if isinstance(met, OSError):
            raise met
        self._stream = met
        return self

    def gaps_ms(self):
        """Between two connections that were tried."""
        return [self.tried_ms[i + 1] - self.tried_ms[i] for i in range(len(self.tried_ms) - 1)]

    def _progress(self):
        self.rounds += 1

    def _wanted(self, now_ms):
        self.ms += 1_000
        return self.want

    def _linked(self, up):
        self.linked.append(up)
        if up:
            self.path.send(HEARTBEAT)

    def _received(self, frame, now_ms):
        self.got.append(frame)
        return self.genuine


def brings(*payloads):
    return Stream(CONNACK + SUBACK + b"".join([publish(each, DOWN_TOPIC) for each in payloads]), stays=True)


def test_wanted__it_opens_carries_both_ways_and_leaves_a_while_after_it_is_not():
    stream = brings(FRAME)
    worn = Worn([stream], network="at home")
    worn.play(lambda: worn.got and len(stream.sent) > 2)
    assert worn.got == [FRAME] and worn.linked == [True, False]
    up = [sent for sent in stream.sent if sent[:1] == b"\x32"]
    assert len(up) == 1 and b"ww/up/pendant-7/routine" in up[0] and up[0].endswith(HEARTBEAT)
    assert (worn.joined, worn.left, worn.closed) == (1, 1, 1)
    assert worn.log.lines == ["second path: open", "second path: left"]
    sent = len(stream.sent)
    worn.path.send(HEARTBEAT)
    assert worn.ended and len(stream.sent) == sent, "nothing goes by a path that was left"


def test_not_wanted__it_never_connects():
    worn = Worn([brings()])
    worn.want = False
    assert worn.play(lambda: worn.rounds > LEAVING_ROUNDS).tried_ms == []


def test_nobody_there__it_asks_less_and_less_often():
    worn = Worn([])
    worn.play(lambda: len(worn.tried_ms) >= 9)
    gaps = worn.gaps_ms()
    assert worn.path.counters.by_reason["not connected"] >= 9 and worn.linked == []
    assert gaps[0] <= 5_000 and gaps[-1] >= AGAIN_MAX_MS // 2 and max(gaps) <= AGAIN_MAX_MS + 5_000


def test_the_broker_refuses_its_password__the_technician_is_told():
    worn = Worn([Stream(b"\x20\x02\x00\x05", stays=True)])
    worn.play(lambda: worn.path.counters.by_reason)
    assert worn.path.counters.by_reason["refused"] == 1 and worn.linked == [] and worn.closed == 1
    assert worn.log.lines[0] == "second path: refused connect: code 5"


def test_the_broker_breaks_off__it_is_said_and_tried_again():
    worn = Worn([Stream(CONNACK + SUBACK + b"\xf0\x00", stays=True), brings(FRAME)])
    worn.play(lambda: worn.got)
    assert worn.path.counters.by_reason["broken off"] == 1 and worn.linked == [True, False, True, False]


def test_the_network_is_out_of_reach__it_is_left_and_not_waited_for():
    worn = Worn([brings()], network="at home", in_reach=False)
    worn.play(lambda: worn.path.counters.by_reason)
    assert worn.path.counters.by_reason == {"timed out": 1} and worn.tried_ms == [] and worn.left == worn.joined >= 1


def test_a_broker_that_brings_nothing_genuine_is_left_and_asked_ever_later():
    worn = Worn([brings(FRAME) for _ in range(5)], genuine=False, patience_ms=3_000)
    worn.play(lambda: len(worn.tried_ms) == 5)
    assert worn.path.counters.by_reason["nothing genuine"] >= 4
    assert worn.gaps_ms()[-1] > worn.gaps_ms()[0]


def test_one_that_brought_something_genuine_is_asked_again_at_once():
    worn = Worn([brings(FRAME) for _ in range(5)], patience_ms=3_000)
    worn.play(lambda: len(worn.tried_ms) == 5)
    assert max(worn.gaps_ms()) <= 12_000


def test_its_id_at_the_broker_is_the_same_each_time_and_no_other_pendants():
    one = client_id(settings())
    assert one == client_id(settings()) != client_id(settings(password="other"))
    assert len(one) <= 23 and one[0] == "p"


def test_a_port_that_nobody_listens_on_is_an_error():
    async def connecting():
        await sockets.connect("127.0.0.1", 1, "", None)

    try:
        asyncio.run(connecting())
    except OSError:
        return
    raise AssertionError("connected")
