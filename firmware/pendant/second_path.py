"""The second path: frames over the board's own network to the broker, while no phone gets a press through.

Off until it is wanted; then a network, a connection and a session, for as long as it is. It carries frames as a phone's
bridge does, under a user of its own, and knows as little of what they say (docs/second-path.md).
"""

import asyncio
import binascii
import hashlib
import os

from watchword_core import frames

from . import mqtt, sockets
from .counters import Counters

STEP_MS = 1_000
JOIN_MS = 20_000  # until the board is on its network
CONNECT_MS = 10_000
OPEN_MS = 10_000  # handshake, CONNECT and SUBSCRIBE
LINGER_MS = 5_000  # after it is no longer wanted: what the hub still says of the last press
AGAIN_MS = 1_000  # the pause after a failure, doubled each time
AGAIN_MAX_MS = 60_000
CLIENT_ID_CHARS = 21  # 3.1.3.1: a broker must take up to 23 of letters and digits


def _nobody(*news):
    """Stands for whoever `attach` will name."""


def client_id(settings):
    """The same at every start, and told by nobody else: a broker ends the connection of an id that comes again."""
    digest = hashlib.sha256(("client id of " + settings.user + "\n" + settings.password).encode()).digest()
    return "p" + binascii.hexlify(digest).decode()[: CLIENT_ID_CHARS - 1]


class SecondPath:
    """`board` has join_network(name, password), a coroutine, and leave_network(). `attach` before `run`."""

    def __init__(self, settings, board, clock, log):
        self.counters = Counters()
        self._settings = settings
        self._board = board
        self._clock = clock
        self._log = log
        self._client_id = client_id(settings)
        self._topics = {
            frames.PRESS: "ww/up/" + settings.user + "/press",
            frames.ROUTINE: "ww/up/" + settings.user + "/routine",
        }
        self._session = None
        self._ends_ms = 0  # of this connection, unless something genuine comes
        self._proved = False  # on this connection
        self._again_ms = 0
        self._pause_ms = AGAIN_MS
        self._wanted = self._linked = self._received = self._patience_ms = _nobody

    def attach(self, wanted, linked, received, patience_ms):
        """wanted(now_ms); linked(up); received(frame, now_ms): whether it was genuine and new; patience_ms(): how long
        a connection may bring nothing that is.
        """
        self._wanted = wanted
        self._linked = linked
        self._received = received
        self._patience_ms = patience_ms

    def send(self, frame):
        """Publishes a frame if a session is open; its success is not delivery."""
        if self._session is not None:
            self._session.publish(self._topics[frames.read_header(frame).lane], frame)

    async def run(self, progress):
        """For ever; `progress` is called at least every second."""
        while True:
            progress()
            now_ms = self._clock.now_ms()
            if self._wanted(now_ms) and now_ms >= self._again_ms:
                await self._carry_while_wanted(progress)
            else:
                await asyncio.sleep_ms(STEP_MS)

    # -- one connection

    async def _carry_while_wanted(self, progress):
        wanted_ms = self._ends_ms = self._clock.now_ms()
        self._ends_ms += JOIN_MS + CONNECT_MS + OPEN_MS
        self._proved = False
        carrying = asyncio.create_task(self._carry())
        while not carrying.done():
            progress()
            now_ms = self._clock.now_ms()
            if self._wanted(now_ms):
                wanted_ms = now_ms
            if now_ms - wanted_ms > LINGER_MS:
                self._log.say("second path: left")
                carrying.cancel()
            elif now_ms > self._ends_ms:
                self.counters.count("nothing genuine")
                carrying.cancel()
            await asyncio.sleep_ms(STEP_MS)
        self._rest()

    def _rest(self):
        """A broker that is down is asked less and less often, and not by all pendants in one moment."""
        if self._proved:
            self._pause_ms = AGAIN_MS
        jitter = os.urandom(1)[0]
        self._again_ms = self._clock.now_ms() + self._pause_ms // 2 + self._pause_ms * jitter // 512
        self._pause_ms = min(2 * self._pause_ms, AGAIN_MAX_MS)

    async def _carry(self):
        opened = None
        try:
            s = self._settings
            if s.network:
                await asyncio.wait_for_ms(self._board.join_network(s.network, s.network_password), JOIN_MS)
            connecting = sockets.connect(s.address, s.port, s.name, s.authority)
            opened = await asyncio.wait_for_ms(connecting, CONNECT_MS)
            await self._talk(asyncio.StreamReader(opened))
        except asyncio.TimeoutError:
            self._failed("timed out")
        except mqtt.MqttError as e:
            self._failed("refused" if e.permanent else "broken off", e)
        except (OSError, EOFError, ValueError) as e:  # ValueError: of TLS, a certificate that doesn't fit
            self._failed("not connected", e)
        finally:
            self._end(opened)

    async def _talk(self, stream):
        session = mqtt.Session(stream, self._arrived, self._clock, self.counters)
        topic = "ww/down/" + self._settings.user
        opening = session.open(self._client_id, self._settings.user, self._settings.password, topic)
        await asyncio.wait_for_ms(opening, OPEN_MS)
        self._session = session
        self._ends_ms = self._clock.now_ms() + self._patience_ms()
        self._log.say("second path: open")
        self._linked(True)
        await session.run()

    def _arrived(self, frame):
        now_ms = self._clock.now_ms()
        if self._received(frame, now_ms):
            self._proved = True
            self._ends_ms = now_ms + self._patience_ms()

    def _failed(self, reason, error=""):
        self.counters.count(reason)
        self._log.say("second path:", reason, error)

    def _end(self, opened):
        if opened is not None:
            opened.close()
        if self._session is not None:
            self._session = None
            self._linked(False)
        if self._settings.network:
            self._board.leave_network()
