"""The MQTT 3.1.1 control packets that a pendant sends, as bytes (OASIS standard of 29 October 2014; sections named)."""

import struct

# The first byte of each packet: its type, and the flags that are fixed for it (table 2.2).
CONNECT = 0x10
CONNACK = 0x20
PUBLISH = 0x30  # its flags say how it is delivered
PUBACK = 0x40
SUBSCRIBE = 0x82
SUBACK = 0x90
PINGREQ = 0xC0
PINGRESP = 0xD0

QOS_1 = 0x02  # in the flags of a PUBLISH (3.3.1)
REFUSED = 0x80  # in a SUBACK (3.9.3)
MAX_PACKET_ID = 0xFFFF

_LEVEL = 4  # of the protocol, "3.1.1" (3.1.2.2)
_USER_PASSWORD_CLEAN = 0xC2  # connect flags (3.1.2.3)


def connect(client_id, user, password, keepalive_s):
    """3.1. A clean session: what matters is repeated by the pendant itself, and nothing of it waits at the broker."""
    head = _text("MQTT") + struct.pack(">BBH", _LEVEL, _USER_PASSWORD_CLEAN, keepalive_s)
    return _packet(CONNECT, head + _text(client_id) + _text(user) + _text(password))


def publish(topic, packet_id, payload):
    """3.3, at QoS 1."""
    return _packet(PUBLISH | QOS_1, _text(topic) + struct.pack(">H", packet_id) + payload)


def puback(packet_id):
    """3.4."""
    return _packet(PUBACK, struct.pack(">H", packet_id))


def subscribe(packet_id, topic):
    """3.8, one topic at QoS 1."""
    return _packet(SUBSCRIBE, struct.pack(">H", packet_id) + _text(topic) + b"\x01")


def pingreq():
    """3.12."""
    return _packet(PINGREQ, b"")


def _packet(first, body):
    left, length = len(body), b""
    while True:  # 2.2.3: seven bits a byte, lowest first, the top bit where another follows
        left, digit = left >> 7, left & 0x7F
        length += bytes((digit | (0x80 if left else 0),))
        if not left:
            return bytes((first,)) + length + body


def _text(text):
    encoded = text.encode()
    return struct.pack(">H", len(encoded)) + encoded
