"""Genuine frames, sealed with a test's key."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from watchword_core import frames
from watchword_core.frames import PRESS, Report, Status
from watchword_core.seal import Siv

ANA = 7
DEV = 8
BOOT = (1 << 64) - 5  # random and 64 bits wide: more than SQLite's integers hold
REPORT = Report(1, 0, 3700, 1000, 0, 0, 0, frames.NO_POSITION, frames.NO_POSITION, 0, frames.NO_AGE, 0)
# Carriers read the header alone, whatever fields a status has.
_STATUS = Status(**dict.fromkeys(Status._fields, 1) | {"snapshot": b""})


class _Aes:
    def __init__(self, key: bytes, mode: int, iv: bytes | None = None) -> None:
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(iv) if iv else modes.ECB()).encryptor()

    def encrypt(self, blocks: bytes) -> bytes:
        return self._cipher.update(blocks)


_SIV = Siv(bytes(range(32)), _Aes)


def up(count: int, pendant: int = ANA, lane: int = PRESS, ticks_ms: int = 1000) -> bytes:
    return frames.seal_report(_SIV, lane, pendant, BOOT, count, REPORT._replace(ticks_ms=ticks_ms))


def down(count: int, pendant: int = ANA, ack: tuple[int, int] = (0, 0)) -> bytes:
    """`ack`: lane and count of the frame that is durable."""
    return frames.seal_status(_SIV, pendant, BOOT, count, *ack, _STATUS)
