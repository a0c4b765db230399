"""paho alone, for the floors."""

from __future__ import annotations

import threading
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from watchword_bridge.mqtt import BrokerAddress

CONNECT_S = 10.0


def connect(
    url: str, client_id: str, user: str, password: str, topics: tuple[str, ...], on_message: Any
) -> paho.Client:
    """A bare session of paho's own client, subscribed; raises TimeoutError."""
    address = BrokerAddress.parse(url)
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv311)
    client.username_pw_set(user, password)
    client.on_message = on_message
    ready = threading.Event()
    granted: list[int] = []

    def on_connect(*_: Any) -> None:
        for topic in topics:
            client.subscribe(topic, 1)
        if not topics:
            ready.set()

    def on_subscribe(_c: Any, _u: Any, mid: int, reasons: Any, _p: Any) -> None:
        if not any(reason.is_failure for reason in reasons):
            granted.append(mid)
        if len(granted) == len(topics):
            ready.set()

    client.on_connect, client.on_subscribe = on_connect, on_subscribe
    client.connect(address.host, address.port)
    client.loop_start()
    if not ready.wait(CONNECT_S):
        raise TimeoutError(f"broker {url} did not let {user} in and subscribe within {CONNECT_S} s")
    return client
