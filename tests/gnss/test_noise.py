"""Noise of every kind into the pendant's receiver, on MicroPython: it never raises, and memory stays as it was."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]

# By turns a hundred bytes, half of them sentence-like and half any, and a real sentence of which up to three bytes were
# changed, its end cut off now and then, and whose checksum is right all the same: so that every field is tried too.
# Memory is looked at after each tenth.
_NOISE = """
import gc, sys
from pendant import nmea
from pendant.gnss import Receiver
state, size = int(sys.argv[1]), int(sys.argv[2])
likely = b"$*,\\r\\nGPRMCAVNSEW0123456789.$GPGGA,*"
said = (
    b"GPRMC,132820.60,A,4134.49821229,N,09345.03351845,W,3.252,92.308,180320,11.5985,E,D",
    b"GPGGA,132820.60,4134.49821229,N,09345.03351845,W,2,09,1.0,278.020,M,-31.442,M,7.6,0133",
    b"GNGLL,4134.49821229,S,09345.03351845,E,132821.60,A,D",
    b"GNGNS,132821.60,4134.49,N,09345.03,W,ANR,14,0.6,161.5,48.0,,",
    b"GAVTG,92.3,T,,M,3.2,N,6.0,K,A",
    b"GPZDA,132821.60,18,03,2020,00,00",
)
def chance(below):
    global state
    state = (state * 1103515245 + 12345) & 0x7FFFFFFF
    return (state >> 16) % below
def noise():
    return bytes([likely[chance(len(likely))] if chance(2) else chance(256) for _ in range(100)])
def sentence():
    body = bytearray(said[chance(len(said))])
    for _ in range(chance(4)):
        body[chance(len(body))] = likely[chance(len(likely))]
    if not chance(8):
        body = body[: chance(len(body))]
    sum_ = 0
    for byte in body:
        sum_ ^= byte
    return b"$" + bytes(body) + b"*%02X\\r\\n" % sum_
receiver, fed, fixes, live = Receiver(), 0, 0, []
while fed < size:
    brought = sentence() if chance(2) else noise()
    fed += len(brought)
    fixes += len(receiver.feed(brought))
    if fed * 10 // size > len(live):
        gc.collect()
        live.append(gc.mem_alloc())
print(receiver.lines.bad, receiver.lines.refused[nmea.FIELDS], fixes, max(live) - min(live))
"""


class Fed(NamedTuple):
    """What became of the noise."""

    refused: int
    refused_for_a_field: int
    fixes: int
    moved_bytes: int  # of live memory


def feed(seed: int, size: int) -> Fed:
    """`size` bytes of it."""
    path = f"{ROOT / 'firmware'}:{ROOT / 'shared'}:.frozen"
    ran = subprocess.run(
        [Path(sys.executable).with_name("micropython"), "-c", _NOISE, str(seed), str(size)],
        capture_output=True,
        text=True,
        env={"MICROPYPATH": path},
        check=False,
    )
    assert ran.returncode == 0, f"seed {seed}: {ran.stdout}{ran.stderr}"
    return Fed(*map(int, ran.stdout.split()))


def test_noise_never_raises_and_memory_stays() -> None:
    fed = feed(seed=1, size=100_000)
    assert fed.refused > 1_000 and fed.refused_for_a_field > 50 and fed.fixes > 100 and fed.moved_bytes < 1_024


@pytest.mark.soak
def test_ten_million_bytes_of_noise() -> None:
    fed = feed(seed=7, size=10_000_000)
    print(f"10,000,000 bytes: {fed}")
    assert fed.refused > 100_000 and fed.refused_for_a_field > 5_000 and fed.moved_bytes < 1_024
