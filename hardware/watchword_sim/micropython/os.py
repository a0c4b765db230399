"""`os` for the simulated board: the unix port's, with random bytes that follow the seed in virtual time."""

import hashlib

import simlink
import uos
from uos import *  # noqa: F403

_drawn = 0


def urandom(count):
    """`count` random bytes; in virtual time the same ones for the same seed, boot and call."""
    global _drawn
    link = simlink.link
    if link is None or not link.virtual:
        return uos.urandom(count)
    stream = b""
    while len(stream) < count:
        _drawn += 1
        stream += hashlib.sha256(link.seed + _drawn.to_bytes(8, "big")).digest()
    return stream[:count]
