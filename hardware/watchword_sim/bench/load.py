"""A bridge that brings many pendants' frames, in a process of its own: `python -m watchword_sim.bench.load`.

Reads one JSON object a line (Task), seals and encodes all its messages first, sends them, and writes down when each was
handed over. Never more than `window` frames are on their way, so that what is measured is what is sustained.

It speaks MQTT 3.1.1 by hand, QoS 1, to take as little as can be of the machine that it shares with the hub: real
bridges are elsewhere.
"""

from __future__ import annotations

import json
import mmap
import socket
import struct
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from watchword_bridge.mqtt import BrokerAddress
from watchword_core.frames import PRESS, ROUTINE, UP_BYTES, UP_HEADER_BYTES
from watchword_hub.keyring import KeyRing

from watchword_sim.bench.fleet import read_fleet, sealed
from watchword_sim.bench.taps import COUNT

SENT = struct.Struct(f">Q{UP_HEADER_BYTES}s")  # handed over ns, the frame's header
BURST = 32  # messages a system call when sending as fast as it goes
PAUSE_S = 0.0005
KEEPALIVE_S = 3600
READ_BYTES = 1 << 18
# MQTT 3.1.1, table 2.1 and sections 3.1 to 3.8: packet types with their flags.
CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 0x10, 0x20, 0x32, 0x40, 0x82, 0x90
USER_PASSWORD_CLEAN = 0xC2
MAX_PACKET_ID = 0xFFFF


class LoadRefused(Exception):
    """The broker did not let us in."""


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


@dataclass(frozen=True)
class Message:
    """One PUBLISH as it goes out, and the frames in it."""

    packet: bytes
    payload: bytes


class Load:
    """Connected as bridge `name` with `password`, subscribed to its answers, which it acknowledges and drops."""

    def __init__(self, data_dir: Path, url: str, name: str, password: str, count_file: Path) -> None:
        self._fleet = read_fleet(data_dir)
        self._keyring = KeyRing(data_dir / "keys")
        self._counts: dict[tuple[int, int], int] = {}
        self._topics = {lane: f"ww/up/{name}/{'press' if lane == PRESS else 'routine'}" for lane in (PRESS, ROUTINE)}
        self._packet_id = 0
        self._writing = threading.Lock()
        self._let_in = threading.Event()
        with count_file.open("rb") as file:
            self._durable = mmap.mmap(file.fileno(), COUNT.size, prot=mmap.PROT_READ)
        address = BrokerAddress.parse(url)
        self._socket = socket.create_connection((address.host, address.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=self._read, daemon=True).start()
        self._send(_connect(name, password) + _subscribe(f"ww/down/{name}"))
        if not self._let_in.wait(10):
            raise LoadRefused(f"broker {url} did not let {name} in and subscribe")

    def run(self, task: Task) -> dict[str, Any]:
        """Sends a phase; returns when all was handed over."""
        messages = self._messages(task)
        print(json.dumps({"sealed": len(messages)}), flush=True)
        sys.stdin.readline()  # go
        cpu = time.process_time()
        sent: list[int] = []
        burst = 1 if task.rate else BURST
        began, done = time.monotonic_ns(), 0
        for at in range(0, len(messages), burst):
            some = messages[at : at + burst]
            self._wait(task, began, done)
            sent += [time.monotonic_ns()] * len(some)
            self._send(b"".join([message.packet for message in some]))
            done += sum([len(message.payload) for message in some]) // UP_BYTES
        cpu = time.process_time() - cpu
        with Path(task.sent_file).open("wb") as out:
            for sent_ns, message in zip(sent, messages, strict=True):
                for start in range(0, len(message.payload), UP_BYTES):
                    out.write(SENT.pack(sent_ns, message.payload[start : start + UP_HEADER_BYTES]))
        return {"cpu_s": cpu}

    def _messages(self, task: Task) -> list[Message]:
        lanes: dict[int, list[bytes]] = {PRESS: [], ROUTINE: []}
        messages = []
        for frame in sealed(self._keyring, self._fleet, task.number, task.press_every, self._counts):
            waiting = lanes[frame[1]]
            waiting.append(frame)
            if len(waiting) == task.frames_per_message:
                messages.append(self._message(frame[1], waiting))
                waiting.clear()
        return messages + [self._message(lane, rest) for lane, rest in lanes.items() if rest]

    def _message(self, lane: int, frames: list[bytes]) -> Message:
        payload = b"".join(frames)
        self._packet_id = self._packet_id % MAX_PACKET_ID + 1
        body = _text(self._topics[lane]) + struct.pack(">H", self._packet_id) + payload
        return Message(_packet(PUBLISH, body), payload)

    def _wait(self, task: Task, began_ns: int, done: int) -> None:
        if task.rate:
            ahead_s = done / task.rate - (time.monotonic_ns() - began_ns) / 1e9
            if ahead_s > PAUSE_S:
                time.sleep(ahead_s)
        while done - COUNT.unpack_from(self._durable)[0] >= task.window:
            time.sleep(PAUSE_S)

    def _send(self, packets: bytes) -> None:
        with self._writing:
            self._socket.sendall(packets)

    def _read(self) -> None:
        """Takes what the broker sends; only answers need one of ours."""
        waiting = bytearray()
        while chunk := self._socket.recv(READ_BYTES):
            waiting += chunk
            at, acks = 0, bytearray()
            while (found := _whole_packet(waiting, at)) is not None:
                body, end = found
                kind = waiting[at] & 0xF0
                if kind == PUBLISH & 0xF0:
                    topic_bytes = struct.unpack_from(">H", waiting, body)[0]
                    acks += bytes((PUBACK, 2)) + waiting[body + 2 + topic_bytes : body + 4 + topic_bytes]
                elif kind == SUBACK and waiting[end - 1] < 0x80:
                    self._let_in.set()
                at = end
            del waiting[:at]
            if acks:
                self._send(bytes(acks))


def _whole_packet(waiting: bytearray, at: int) -> tuple[int, int] | None:
    """Where the body of the packet at `at` begins and ends; None while it has not come whole (section 2.2.3)."""
    length = shift = 0
    for i in range(at + 1, min(at + 5, len(waiting))):
        length |= (waiting[i] & 0x7F) << shift
        shift += 7
        if waiting[i] < 0x80:
            end = i + 1 + length
            return (i + 1, end) if end <= len(waiting) else None
    return None


def _packet(kind: int, body: bytes) -> bytes:
    head, length = bytearray((kind,)), len(body)
    while length >= 0x80:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + body


def _text(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()


def _connect(name: str, password: str) -> bytes:
    head = _text("MQTT") + bytes((4, USER_PASSWORD_CLEAN)) + struct.pack(">H", KEEPALIVE_S)
    return _packet(CONNECT, head + _text(f"load-{name}") + _text(name) + _text(password))


def _subscribe(topic: str) -> bytes:
    return _packet(SUBSCRIBE, struct.pack(">H", 1) + _text(topic) + b"\x01")


def main() -> None:
    """Serves the phases that standard input names."""
    given = json.loads(sys.stdin.readline())
    load = Load(Path(given["data"]), given["url"], given["user"], given["password"], Path(given["count_file"]))
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(load.run(Task(**json.loads(line)))), flush=True)


if __name__ == "__main__":
    main()
