"""A broker without sockets, threads or clock, for runs in virtual time; held to the same suite as the real ones.

It keeps what nats-server keeps: QoS 1 sessions that outlive connections, one window of unacknowledged messages a
subscription, redelivery on reconnect and after `ack_wait_ms`, users with topics of their own, a refused subscription by
the SUBACK, a denied publish that is acknowledged all the same. Nothing happens by itself: `deliver(now_ms)` does.
"""

import itertools
from collections import Counter, deque
from dataclasses import dataclass, field

from watchword_bridge.mqtt import BrokerRefused, Credentials, Message, SessionPlan


@dataclass(frozen=True)
class Permissions:
    """Topic filters that a user may publish to and subscribe with; `+` stands for one level."""

    password: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


@dataclass
class _Stored:
    """What the broker keeps of a client id, also while nobody is connected."""

    filters: tuple[str, ...] = ()
    waiting: deque[tuple[str, bytes]] = field(default_factory=deque)
    unacked: dict[int, tuple[str, bytes, int]] = field(default_factory=dict)  # packet id: topic, payload, sent_ms
    live: "MemorySession | None" = None


class MemoryBroker:
    """A SessionFactory. `users` as in the embedded broker; unknown ones are refused."""

    def __init__(self, users: dict[str, Permissions], max_ack_pending: int = 1024, ack_wait_ms: int = 60_000) -> None:
        self._users = users
        self._window = max_ack_pending
        self._ack_wait_ms = ack_wait_ms
        self._stored: dict[str, _Stored] = {}
        self._wanting: list[MemorySession] = []  # started, whether or not connected
        self._packet_ids = itertools.count(1)
        self.up = True
        self.counters: Counter[str] = Counter()

    def session(self, plan: SessionPlan) -> "MemorySession":
        return MemorySession(self, plan)

    def kill(self) -> None:
        """Every connection ends; sessions and messages stay, as in a store on disk."""
        self.up = False
        for stored in self._stored.values():
            if stored.live:
                stored.live.disconnected()

    def restart(self) -> None:
        """Clients come back with the next `deliver`."""
        self.up = True

    def deliver(self, now_ms: int) -> int:
        """Connect who wants to be, deliver all that windows allow until nothing is left; how many messages."""
        if not self.up:
            return 0
        for session in list(self._wanting):
            self._connect(session)
        total = 0
        while delivered := sum(self._deliver_to(stored, now_ms) for stored in list(self._stored.values())):
            total += delivered
        return total

    def started(self, session: "MemorySession") -> None:
        self._wanting.append(session)

    def stopped(self, session: "MemorySession") -> None:
        if session in self._wanting:
            self._wanting.remove(session)
        session.disconnected()

    def publish(self, credentials: Credentials, topic: str, payload: bytes) -> None:
        if not _allowed(self._users[credentials.user].publish, topic):
            self.counters["publish_denied"] += 1
            return
        for stored in self._stored.values():
            if any(_matches(wanted, topic) for wanted in stored.filters):
                stored.waiting.append((topic, payload))

    def _connect(self, session: "MemorySession") -> None:
        if session.connected or session.refused:
            return
        user = self._users.get(session.plan.credentials.user)
        if user is None or user.password != session.plan.credentials.password:
            session.refuse(f"broker refused user {session.plan.credentials.user}: check password")
            return
        stored = self._stored.setdefault(session.plan.client_id, _Stored())
        if stored.live:
            stored.live.disconnected()  # a client id is taken over (MQTT 3.1.1, section 3.1.4)
        for topic, payload, _ in reversed(stored.unacked.values()):
            stored.waiting.appendleft((topic, payload))
        stored.unacked.clear()
        granted = tuple(wanted for wanted in session.plan.subscriptions if wanted in user.subscribe)
        stored.filters = tuple(dict.fromkeys((*stored.filters, *granted)))
        stored.live = session
        session.connected_with(granted)

    def _deliver_to(self, stored: _Stored, now_ms: int) -> int:
        session = stored.live
        if session is None or not session.connected:
            return 0
        for packet, (topic, payload, sent_ms) in list(stored.unacked.items()):
            if now_ms - sent_ms >= self._ack_wait_ms:
                stored.unacked[packet] = (topic, payload, now_ms)
                session.deliver(stored.unacked, packet, topic, payload)
        delivered = 0
        while stored.waiting and len(stored.unacked) < self._window and session.connected:
            topic, payload = stored.waiting.popleft()
            packet = next(self._packet_ids)
            stored.unacked[packet] = (topic, payload, now_ms)
            session.deliver(stored.unacked, packet, topic, payload)
            delivered += 1
        return delivered


class MemorySession:
    """`Session` on a MemoryBroker; single-threaded: `on_message` runs inside `deliver`."""

    def __init__(self, broker: MemoryBroker, plan: SessionPlan) -> None:
        self.plan = plan
        self.counters: Counter[str] = Counter()
        self.refused: str | None = None
        self.connected = False
        self.ready = False
        self._broker = broker
        self._connection = 0

    def start(self) -> None:
        self._broker.started(self)

    def stop(self) -> None:
        self._broker.stopped(self)

    def wait_ready(self, timeout_s: float) -> None:
        if self.refused:
            raise BrokerRefused(self.refused)
        if not self.ready:
            raise TimeoutError("memory broker: nobody called deliver since start")

    def publish(self, topic: str, payload: bytes) -> bool:
        if not self.connected:
            self.counters["publish_unconnected"] += 1
            return False
        self.counters["published"] += 1
        self._broker.publish(self.plan.credentials, topic, payload)
        return True

    def refuse(self, why: str) -> None:
        self.refused = why
        self.counters["refused"] += 1

    def connected_with(self, granted: tuple[str, ...]) -> None:
        self._connection += 1
        self.connected = True
        self.counters["connected"] += 1
        for wanted in self.plan.subscriptions:
            if wanted not in granted:
                self.refuse(
                    f"broker refused subscription to {wanted}: check permissions of {self.plan.credentials.user}"
                )
                return
        self.ready = True
        self.plan.on_ready()

    def disconnected(self) -> None:
        if self.connected:
            self.counters["disconnected"] += 1
        self._connection += 1
        self.connected = self.ready = False

    def deliver(self, unacked: dict[int, tuple[str, bytes, int]], packet: int, topic: str, payload: bytes) -> None:
        connection = self._connection
        self.counters["received"] += 1

        def ack() -> None:
            if connection != self._connection or unacked.pop(packet, None) is None:
                self.counters["stale_acks"] += 1
            else:
                self.counters["acked"] += 1

        self.plan.on_message(Message(topic, payload, ack))


def _allowed(filters: tuple[str, ...], topic: str) -> bool:
    return any(_matches(wanted, topic) for wanted in filters)


def _matches(wanted: str, topic: str) -> bool:
    if "#" in wanted:
        raise NotImplementedError(f"memory broker: {wanted!r} holds '#', which Watchword does not use")
    levels, given = wanted.split("/"), topic.split("/")
    return len(levels) == len(given) and all(a in ("+", b) for a, b in zip(levels, given, strict=True))
