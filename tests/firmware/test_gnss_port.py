"""The receiver's port, on MicroPython's or CPython's asyncio: it fails, and is read again."""

import asyncio

import board_asyncio  # noqa: F401
from pendant import gnss

RMC = b"$GPRMC,120000,A,5130.0000,N,00007.0000,W,0.0,,010124,,"


class Over(Exception):
    pass


class Reader:
    """Fails twice, then brings a sentence, then ends the test."""

    def __init__(self, uart):
        self.left = [OSError(5), OSError(5), with_checksum(RMC), Over()]

    async def read(self, count):
        brought = self.left.pop(0)
        if isinstance(brought, bytes):
            return brought
        raise brought


def with_checksum(sentence):
    checksum = 0
    for byte in sentence[1:]:
        checksum ^= byte
    return sentence + b"*%02X\r\n" % checksum


def test_a_port_that_fails_is_counted_and_read_again():
    places, rounds, stream, idle_ms = [], [], asyncio.StreamReader, gnss.IDLE_MS
    asyncio.StreamReader, gnss.IDLE_MS = Reader, 1
    try:
        asyncio.run(gnss.run(None, lambda: True, lambda *place: places.append(place), lambda: rounds.append(1)))
    except Over:
        pass
    finally:
        asyncio.StreamReader, gnss.IDLE_MS = stream, idle_ms
    assert len(places) == 1 and places[0][0] == 515000000
    assert len(rounds) == 4, "the watchdog saw progress in each round"
