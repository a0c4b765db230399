"""From the broker to the engine's queue, and the engine's answers back.

Two sessions, so that no backlog stands before an SOS, `hub-press-…` and `hub-routine-…`, each with its own connection,
thread and window of unacknowledged messages at the broker. A message is acknowledged by the engine, after its commit.

How the engine's queue stays short when the engine is slow or its disk is full:
1. Of ROUTINE at most ROUTINE_WINDOW messages stand in the queue. More are held here, unacknowledged.
2. The broker stops delivering at its own limit of unacknowledged messages (`max_ack_pending`): the session is not
   drained any more. PRESS goes on, since its session has a window of its own.
3. A broker that sets no such limit meets MAX_OUTSTANDING: what comes above it is acknowledged to the broker, not
   kept, and counted. Nothing is lost by it: a bridge repeats a frame until the hub's sealed acknowledgement.

A broker delivers again what stays unacknowledged (after a reconnect, or after `ack_wait`). While the first delivery
still stands in the queue, the second is only remembered, to be acknowledged together with it.
"""

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable
from typing import NamedTuple

from watchword_bridge.mqtt import Credentials, Message, SessionFactory, SessionPlan, private_client_id
from watchword_core.frames import PRESS, ROUTINE

ROUTINE_WINDOW = 512  # messages of ROUTINE in the engine's queue
MAX_OUTSTANDING = 4096  # messages of one lane not yet acknowledged, in the queue or held
MAX_REPEATS = 8  # deliveries of one message that are acknowledged together

log = logging.getLogger(__name__)


class Arrival(NamedTuple):
    """One broker message for the engine: `payload` is whole UP frames end to end, if the sender kept to the rules.

    `ack()` after the commit that makes it durable, from any thread; a second call does nothing.
    """

    bridge: str
    lane: int  # PRESS or ROUTINE, by the topic; the frames' own headers are what counts
    payload: bytes
    ack: Callable[[], None]


class Intake:
    """The hub's side of a broker. `put` hands an Arrival to the engine's queue and must not block."""

    def __init__(self, broker: SessionFactory, credentials: Credentials, put: Callable[[Arrival], None]) -> None:
        self.counters: Counter[str] = Counter()
        self._lanes = {
            PRESS: _Lane(PRESS, MAX_OUTSTANDING, put, self.counters),
            ROUTINE: _Lane(ROUTINE, ROUTINE_WINDOW, put, self.counters),
        }
        self._sessions = {
            lane: broker.session(
                SessionPlan(
                    private_client_id(f"hub-{name}", credentials),
                    credentials,
                    (f"ww/up/+/{name}",),
                    self._lanes[lane].on_message,
                )
            )
            for lane, name in ((PRESS, "press"), (ROUTINE, "routine"))
        }

    @property
    def ready(self) -> bool:
        """Both sessions are connected and subscribed."""
        return all(session.ready for session in self._sessions.values())

    def start(self) -> None:
        for session in self._sessions.values():
            session.start()

    def wait_ready(self, timeout_s: float) -> None:
        """Raises BrokerRefused (permissions, password) or TimeoutError; the sessions go on trying either way."""
        for session in self._sessions.values():
            session.wait_ready(timeout_s)

    def stop(self) -> None:
        for session in self._sessions.values():
            session.stop()

    def publish_down(self, bridge: str, payload: bytes, lane: int = PRESS) -> bool:
        """`payload` (whole DOWN frames end to end) to a bridge; answers to ROUTINE go by that lane's session, so that
        they never stand before an answer to an SOS. False: not connected or too much waiting; it was not kept and
        need not be, since the next status says the same and more."""
        if self._sessions[lane].publish(f"ww/down/{bridge}", payload):
            return True
        self.counters["down_dropped"] += 1
        return False


class _Lane:
    """The unacknowledged messages of one session: on their way through the engine, or waiting for room there."""

    def __init__(self, lane: int, window: int, put: Callable[[Arrival], None], counters: Counter[str]) -> None:
        self._lane = lane
        self._window = window
        self._put = put
        self._counters = counters
        self._lock = threading.RLock()  # the session's thread brings, the engine's acknowledges, maybe at once
        self._acks: dict[tuple[str, bytes], list[Callable[[], None]]] = {}
        self._held: deque[Arrival] = deque()  # bounded by MAX_OUTSTANDING
        self._in_engine = 0

    def on_message(self, message: Message) -> None:
        bridge = _bridge_of(message.topic)
        key = (message.topic, message.payload)
        with self._lock:
            repeats = self._acks.get(key)
            if repeats is not None:
                self._counters["delivered_again"] += 1
                repeats.append(message.ack)
                del repeats[:-MAX_REPEATS]  # the oldest are of connections that are gone
                return
            if bridge is None or len(self._acks) >= MAX_OUTSTANDING:
                self._counters["not_a_topic" if bridge is None else "over_limit"] += 1
                message.ack()
                return
            self._acks[key] = [message.ack]
            self._held.append(Arrival(bridge, self._lane, message.payload, lambda: self._acknowledge(key)))
            self._release()

    def _acknowledge(self, key: tuple[str, bytes]) -> None:
        with self._lock:
            acks = self._acks.pop(key, None)
            if acks is None:
                return
            self._in_engine -= 1
            self._release()
        for ack in acks:  # outside the lock: each writes to a socket, and the session's thread need not wait for that
            ack()

    def _release(self) -> None:
        while self._held and self._in_engine < self._window:
            self._in_engine += 1
            self._put(self._held.popleft())


def _bridge_of(topic: str) -> str | None:
    levels = topic.split("/")
    return levels[2] if len(levels) == 4 else None
