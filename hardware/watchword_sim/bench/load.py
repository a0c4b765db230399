"""A bridge that brings many pendants' frames, in a process of its own: `python -m watchword_sim.bench.load`.

Reads one JSON object a line (Task), seals all its frames first, sends them, and writes down when each was handed over.
Never more than `window` frames are on their way, so that what is measured is what is sustained.
"""

from __future__ import annotations

import json
import mmap
import struct
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from watchword_bridge.mqtt import BrokerAddress
from watchword_bridge.mqtt_client import Client
from watchword_core.frames import PRESS, ROUTINE, UP_BYTES, UP_HEADER_BYTES
from watchword_hub.keyring import KeyRing

from watchword_sim.bench.fleet import read_fleet, sealed
from watchword_sim.bench.taps import COUNT

SENT = struct.Struct(f">Q{UP_HEADER_BYTES}s")  # handed over ns, the frame's header
MAX_INFLIGHT = 1024
PAUSE_S = 0.0005
CONNECT_S = 10.0


@dataclass(frozen=True)
class Task:
    """One phase. `rate`: frames a second, 0: as fast as `window` allows; `press_every`: 0 for heartbeats only."""

    number: int
    rate: float
    window: int
    frames_per_message: int
    press_every: int
    sent_file: str  # gets SENT for each frame

    def line(self) -> str:
        """As `main` reads it."""
        return json.dumps(asdict(self))


class Load:
    """Connected as bridge `name` with `password`."""

    def __init__(self, data_dir: Path, url: str, name: str, password: str, count_file: Path) -> None:
        self._fleet = read_fleet(data_dir)
        self._keyring = KeyRing(data_dir / "keys")
        self._counts: dict[tuple[int, int], int] = {}
        self._topics = {lane: f"ww/up/{name}/{'press' if lane == PRESS else 'routine'}" for lane in (PRESS, ROUTINE)}
        self.answers = 0
        with count_file.open("rb") as file:
            self._durable = mmap.mmap(file.fileno(), COUNT.size, prot=mmap.PROT_READ)
        self._client = connect(url, name, name, password, (f"ww/down/{name}",), self._on_answer, Client)

    def run(self, task: Task) -> dict[str, Any]:
        """Sends a phase; returns when all was handed over."""
        messages = self._messages(task)
        print(json.dumps({"sealed": len(messages)}), flush=True)
        sys.stdin.readline()  # go
        cpu = time.process_time()
        sent: list[int] = []
        began = time.monotonic_ns()
        done = 0
        for topic, payload in messages:
            self._wait(task, began, done)
            sent.append(time.monotonic_ns())
            self._client.publish(topic, payload, qos=1)
            done += len(payload) // UP_BYTES
        cpu = time.process_time() - cpu
        with Path(task.sent_file).open("wb") as out:
            for sent_ns, (_, payload) in zip(sent, messages, strict=True):
                for at in range(0, len(payload), UP_BYTES):
                    out.write(SENT.pack(sent_ns, payload[at : at + UP_HEADER_BYTES]))
        return {"cpu_s": cpu, "answers": self.answers}

    def _messages(self, task: Task) -> list[tuple[str, bytes]]:
        lanes: dict[int, list[bytes]] = {PRESS: [], ROUTINE: []}
        messages = []
        for frame in sealed(self._keyring, self._fleet, task.number, task.press_every, self._counts):
            waiting = lanes[frame[1]]
            waiting.append(frame)
            if len(waiting) == task.frames_per_message:
                messages.append((self._topics[frame[1]], b"".join(waiting)))
                waiting.clear()
        messages += [(self._topics[lane], b"".join(rest)) for lane, rest in lanes.items() if rest]
        return messages

    def _wait(self, task: Task, began_ns: int, done: int) -> None:
        if task.rate:
            ahead_s = done / task.rate - (time.monotonic_ns() - began_ns) / 1e9
            if ahead_s > PAUSE_S:
                time.sleep(ahead_s)
        while done - COUNT.unpack_from(self._durable)[0] >= task.window:
            time.sleep(PAUSE_S)

    def _on_answer(self, _client: paho.Client, _user: Any, message: paho.MQTTMessage) -> None:
        self.answers += 1


def connect(
    url: str,
    client_id: str,
    user: str,
    password: str,
    topics: tuple[str, ...],
    on_message: Any,
    kind: type[paho.Client] = paho.Client,
) -> paho.Client:
    """A bare session, of paho's own client if nothing else is said, subscribed; raises TimeoutError."""
    address = BrokerAddress.parse(url)
    client = kind(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv311)
    client.username_pw_set(user, password)
    client.max_inflight_messages_set(MAX_INFLIGHT)
    client.max_queued_messages_set(0)
    client.on_message = on_message
    ready = threading.Event()
    left = {"topics": len(topics)}

    def on_connect(*_: Any) -> None:
        for topic in topics:
            client.subscribe(topic, 1)
        if not topics:
            ready.set()

    def on_subscribe(_c: Any, _u: Any, _mid: int, reasons: Any, _p: Any) -> None:
        left["topics"] -= 1
        if left["topics"] == 0 and not any(reason.is_failure for reason in reasons):
            ready.set()

    client.on_connect, client.on_subscribe = on_connect, on_subscribe
    client.connect(address.host, address.port)
    client.loop_start()
    if not ready.wait(CONNECT_S):
        raise TimeoutError(f"broker {url} did not let {user} in and subscribe within {CONNECT_S} s")
    return client


def main() -> None:
    """Serves the phases that standard input names."""
    given = json.loads(sys.stdin.readline())
    load = Load(Path(given["data"]), given["url"], given["user"], given["password"], Path(given["count_file"]))
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(load.run(Task(**json.loads(line)))), flush=True)


if __name__ == "__main__":
    main()
