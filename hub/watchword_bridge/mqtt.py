"""One MQTT 3.1.1 session, for the hub and for the bridge: what both need of a broker and nothing else.

The hub imports this file too, so that the rules of a session are written once:

1. The broker keeps the session (`clean_session` false): what arrives while we are away is delivered afterwards.
2. Every connect subscribes again, and the SUBACK is read: brokers refuse by a code, not by an error.
3. A message is acknowledged when its owner says so, from any thread, and only on the connection that brought it:
   after a reconnect the same packet id may mean another message, so a late acknowledgement is dropped and counted,
   and the broker delivers that message again.
4. A publish that the broker acknowledged is not proof of anything: a denied one is acknowledged too.
"""

import hashlib
import ipaddress
import logging
import socket
import ssl
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from .mqtt_client import Client

QOS = 1
KEEPALIVE_S = 15  # a broker or network that died in silence is noticed within 1.5 times this
CONNECT_TIMEOUT_S = 5.0
RECONNECT_MIN_S = 1
RECONNECT_MAX_S = 15
MAX_INFLIGHT = 256  # published and not yet acknowledged by the broker
MAX_QUEUED = 1024  # published and waiting for room in flight
MAX_MESSAGE_BYTES = 64 * 1024

log = logging.getLogger(__name__)


class BrokerAddressError(ValueError):
    """A broker URL that can't be used as written; the message says what to write instead."""


class BrokerRefused(Exception):
    """The broker was reached and said no; `permanent` because only a person can change its permissions."""

    permanent = True


@dataclass(frozen=True)
class Credentials:
    """A broker's user. The password is never shown, logged or put into a URL."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r}, password=…)"


@dataclass(frozen=True)
class BrokerAddress:
    """Where a broker is. `ca_file`: the authority its certificate is checked against, None: the system's."""

    host: str
    port: int
    tls: bool = False
    ca_file: Path | None = None

    @classmethod
    def parse(cls, url: str, ca_file: Path | None = None) -> "BrokerAddress":
        """`mqtt://host[:1883]` on loopback, `mqtts://host[:8883]` anywhere; raises BrokerAddressError."""
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts"):
            raise BrokerAddressError(f"broker {url!r}: write mqtt://host:port or mqtts://host:port")
        if parts.username or parts.password:
            raise BrokerAddressError("broker URL: leave user and password out of it; give them by file or environment")
        if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise BrokerAddressError(f"broker {url!r}: only scheme, host and port belong here")
        try:
            port = parts.port
        except ValueError as e:
            raise BrokerAddressError(f"broker {url!r}: {e}") from e
        tls = parts.scheme == "mqtts"
        if not tls and not is_loopback(parts.hostname):
            raise BrokerAddressError(
                f"broker {url!r} is not on this machine: write mqtts:// (TLS), since users and passwords travel with it"
            )
        return cls(parts.hostname, port or (8883 if tls else 1883), tls, ca_file)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether `host` can only be this machine; a name other than localhost is not trusted to be."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Message(NamedTuple):  # half the cost of a frozen dataclass, for each message
    """One message from the broker; `ack()` may be called from any thread, once, when it may be forgotten there."""

    topic: str
    payload: bytes
    ack: Callable[[], None]


def private_client_id(name: str, credentials: Credentials) -> str:
    """`name` and a part that only the holder of the password can tell, the same at every start.

    A broker hands a session over to whoever connects under its client id (MQTT 3.1.1, section 3.1.4), whatever user
    that is: with a guessable one, any bridge could take the hub's session, and with it the frames in it.
    """
    digest = hashlib.sha256(f"client id of {name}\n{credentials.password}".encode()).hexdigest()
    return f"{name}-{digest[:10]}"


class Session(Protocol):
    """What hub and bridge use of a broker; `MqttSession` is the real one, the simulator's is held to the same suite."""

    counters: Counter[str]

    @property
    def ready(self) -> bool:
        """Connected, and every subscription granted."""

    def start(self) -> None:
        """Connect, and go on connecting until `stop`; returns at once."""

    def stop(self) -> None:
        """Disconnect; the broker keeps the session."""

    def wait_ready(self, timeout_s: float) -> None:
        """For a start that must not go on without the broker; raises BrokerRefused or TimeoutError."""

    def publish(self, topic: str, payload: bytes) -> bool:
        """Hand a message to the connection; False: not connected or too much waiting, nothing was kept."""


@dataclass(frozen=True)
class SessionPlan:
    """What a session does, the same for every kind of broker."""

    client_id: str
    credentials: Credentials
    subscriptions: Sequence[str]
    on_message: Callable[[Message], None]  # called on the session's own thread
    on_ready: Callable[[], None] = lambda: None  # after each connect, once all subscriptions are granted


class SessionFactory(Protocol):
    """Makes the sessions of one broker: `MqttBroker(address)`, or the simulator's memory broker."""

    def session(self, plan: SessionPlan) -> Session: ...


@dataclass(frozen=True)
class MqttBroker:
    """A broker that is reached over TCP."""

    address: BrokerAddress

    def session(self, plan: SessionPlan) -> "MqttSession":
        return MqttSession(self.address, plan)


class MqttSession:
    """`SessionPlan` carried out by paho, in a thread of its own."""

    def __init__(self, address: BrokerAddress, plan: SessionPlan) -> None:
        self._address = address
        self._plan = plan
        self._connection = 0  # counts connects; a message may be acknowledged only on the one that brought it
        self._granted: set[str] = set()
        self._asked: dict[int, str] = {}  # mid of a SUBSCRIBE: its topic
        self._ready = threading.Event()
        self._answered = threading.Event()  # the broker has said yes or no
        self._lock = threading.Lock()  # between a late ack and a reconnect
        self.refused: str | None = None  # what the broker said no to, for people
        self.counters: Counter[str] = Counter()
        self._client = self._make_client()

    @property
    def ready(self) -> bool:
        return self._ready.is_set()

    def start(self) -> None:
        self._client.connect_async(self._address.host, self._address.port, keepalive=KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        self._ready.clear()

    def wait_ready(self, timeout_s: float) -> None:
        if not self._answered.wait(timeout_s):
            raise TimeoutError(f"broker {self._address} did not answer within {timeout_s} s: is it running?")
        if self.refused:
            raise BrokerRefused(self.refused)

    def publish(self, topic: str, payload: bytes) -> bool:
        if len(payload) > MAX_MESSAGE_BYTES:
            raise ValueError(f"message of {len(payload)} bytes; a broker takes {MAX_MESSAGE_BYTES}")
        if not self._client.is_connected():
            self.counters["publish_unconnected"] += 1
            return False
        if self._client.publish(topic, payload, qos=QOS).rc == paho.MQTT_ERR_QUEUE_SIZE:
            self.counters["publish_dropped_full"] += 1
            return False
        self.counters["published"] += 1
        return True

    def _make_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._plan.client_id,
            clean_session=False,
            protocol=paho.MQTTv311,
            manual_ack=True,
        )
        client.username_pw_set(self._plan.credentials.user, self._plan.credentials.password)
        if self._address.tls:
            client.tls_set_context(ssl.create_default_context(cafile=self._address.ca_file))
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)
        client.max_inflight_messages_set(MAX_INFLIGHT)
        client.max_queued_messages_set(MAX_QUEUED)
        client.on_socket_open = _send_at_once
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.arrived = self._on_arrival
        return client

    def _on_connect(self, client: paho.Client, _user: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._refuse(f"broker {self._address} refused user {self._plan.credentials.user}: {reason}; check password")
            return
        with self._lock:
            self._connection += 1
        self.counters["connected"] += 1
        self.refused = None
        self._granted.clear()
        self._asked.clear()
        for topic in self._plan.subscriptions:
            _, mid = client.subscribe(topic, QOS)
            if mid is not None:
                self._asked[mid] = topic
        self._announce_if_ready()

    def _on_connect_fail(self, _client: paho.Client, _user: Any) -> None:
        # paho calls this inside its `except`, and says the reason nowhere else.
        self.counters["connect_failed"] += 1
        log.warning("broker %s not reached: %s; trying again", self._address, sys.exc_info()[1])

    def _on_disconnect(self, _client: paho.Client, _user: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._ready.clear()
        self._answered.clear()
        with self._lock:
            self._connection += 1
        self.counters["disconnected"] += 1
        log.info("broker %s: %s disconnected: %s", self._address, self._plan.client_id, reason)

    def _on_subscribe(self, _client: paho.Client, _user: Any, mid: int, reasons: Any, _properties: Any) -> None:
        topic = self._asked.pop(mid, None)
        if topic is None:
            return  # a SUBACK of a connection that is gone
        if any(reason.is_failure for reason in reasons):
            self._refuse(f"broker refused subscription to {topic}: check permissions of {self._plan.credentials.user}")
            return
        self._granted.add(topic)
        self._announce_if_ready()

    def _refuse(self, why: str) -> None:
        self.refused = why
        self.counters["refused"] += 1
        self._answered.set()
        log.error(why)

    def _announce_if_ready(self) -> None:
        if self._granted.issuperset(self._plan.subscriptions):
            self._ready.set()
            self._answered.set()
            log.info("broker %s: %s ready", self._address, self._plan.client_id)
            self._plan.on_ready()

    def _on_arrival(self, topic: str, payload: bytes, mid: int) -> None:
        self.counters["received"] += 1
        connection, acked = self._connection, False

        def ack() -> None:
            nonlocal acked
            with self._lock:
                if acked or connection != self._connection:
                    self.counters["stale_acks"] += 1
                    return
                acked = True
                self._client.ack(mid, QOS)
                self.counters["acked"] += 1

        self._plan.on_message(Message(topic, payload, ack))


def _send_at_once(_client: paho.Client, _user: Any, connection: Any) -> None:
    # Else a frame behind an acknowledgement waits for the peer's delayed TCP ack: measured, 38 ms of 40.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
