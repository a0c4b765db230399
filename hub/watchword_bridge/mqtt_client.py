"""paho's client, made cheaper: one system call for many small packets instead of several for each.

paho reads a packet by four `recv`, sends each by a `send`, and wakes its thread by another for each that is queued.
Every one of them hands Python's lock to whoever computes, and waits to get it back: measured, more than half of what
a frame cost the hub. Here bytes are read ahead, what waits to be sent is joined, a thread that was woken is not woken
again, and a message is handed on without paho's object for it, which makes a lock for each. These are paho's own inner
steps, so its version is pinned, and tests/broker and tests/bridge hold what comes of them.
"""

import contextlib
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import MessageType

READ_AHEAD_BYTES = 64 * 1024
JOIN_BYTES = 64 * 1024
READS = 2  # at one look: what is there, and the rest of a packet that it cut; then what waits is sent
_HAS_MORE_TO_DO = (MessageType.DISCONNECT, MessageType.PUBLISH)  # paho does something once such a packet is out


class Client(paho.Client):
    """Use as paho's, with `loop_start`. `arrived(topic, payload, mid)` is called for each message of QoS 1, instead of
    `on_message`; `ack(mid, 1)` acknowledges it. Publish with QoS 1.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._ahead = b""
        self._ahead_at = 0
        self._reads_left = READS
        self._woken = False
        self.arrived: Callable[[str, bytes, int], None] | None = None
        super().__init__(*arguments, **named)

    # -- reading

    def _create_socket(self) -> Any:
        self._ahead, self._ahead_at, self._reads_left = b"", 0, READS  # what was read ahead was another connection's
        self._woken = False
        return super()._create_socket()

    def loop_read(self, max_packets: int = 1) -> Any:
        self._reads_left = READS
        outcome = super().loop_read(max_packets)
        while outcome == paho.MQTT_ERR_SUCCESS and self._ahead_at < len(self._ahead):
            outcome = super().loop_read(max_packets)
        return outcome

    def _sock_recv(self, bufsize: int) -> bytes:
        if self._ahead_at == len(self._ahead):
            if not self._reads_left:
                raise BlockingIOError  # paho keeps what it has of a packet, and comes again
            self._reads_left -= 1
            self._ahead, self._ahead_at = super()._sock_recv(READ_AHEAD_BYTES), 0
        chunk: bytes = self._ahead[self._ahead_at : self._ahead_at + bufsize]
        self._ahead_at += len(chunk)
        return chunk

    def _handle_publish(self) -> Any:
        if self._in_packet["command"] >> 1 & 3 != 1 or self.arrived is None:  # MQTT 3.1.1, section 3.3.1.2: QoS
            return super()._handle_publish()
        packet = self._in_packet["packet"]
        body = 2 + int.from_bytes(packet[:2], "big")
        topic = packet[2:body].decode(errors="replace")
        self.arrived(topic, bytes(packet[body + 2 :]), int.from_bytes(packet[body : body + 2], "big"))
        return paho.MQTT_ERR_SUCCESS

    # -- writing

    def _packet_queue(self, command: Any, packet: Any, mid: int, qos: int, info: Any = None) -> Any:
        if self._thread is None or not self._woken:
            self._woken = self._thread is not None
            return super()._packet_queue(command, packet, mid, qos, info)
        self._out_packet.append(_waiting(command, packet, mid, qos, info))
        if not self._woken and self._sockpairW is not None:  # it looked just before: call it again
            self._woken = True
            with contextlib.suppress(BlockingIOError):  # full of calls that it has not heard yet
                self._sockpairW.send(b"0")
        return paho.MQTT_ERR_SUCCESS

    def _packet_write(self) -> Any:
        outcome = super()._packet_write()
        self._woken = False  # from here on whoever queues calls again
        if outcome == paho.MQTT_ERR_SUCCESS and self._out_packet:  # queued just before, without a call
            outcome = super()._packet_write()
        return outcome

    def _sock_send(self, buf: Any) -> int:
        """Sends what else waits in the same call; paho is told only of what it gave."""
        more = self._take_joined()
        try:
            sent = super()._sock_send(buf + more)
        except BaseException:
            self._put_back(more)
            raise
        self._put_back(more[max(0, sent - len(buf)) :])
        return min(sent, len(buf))

    def _take_joined(self) -> bytes:
        """All that wait in front and need nothing but to be sent."""
        joined = bytearray()
        while self._out_packet and len(joined) < JOIN_BYTES:
            packet = self._out_packet.popleft()
            if packet["command"] & 0xF0 in _HAS_MORE_TO_DO and not packet["qos"]:
                self._out_packet.appendleft(packet)
                break
            joined += packet["packet"][packet["pos"] :]
        return bytes(joined)

    def _put_back(self, rest: bytes) -> None:
        if rest:
            self._out_packet.appendleft(_waiting(MessageType.PUBACK, rest, 0, 0, None))


def _waiting(command: int, packet: Any, mid: int, qos: int, info: Any) -> Any:
    """A packet as paho's queue has it."""
    return {
        "command": command,
        "mid": mid,
        "qos": qos,
        "pos": 0,
        "to_process": len(packet),
        "packet": packet,
        "info": info,
    }
