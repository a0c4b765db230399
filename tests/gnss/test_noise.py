"""Noise of every kind into the pendant's receiver, on MicroPython: it never raises, and memory stays as it was."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PIECE = 100

# Half sentence-like characters, half any byte; cut sentences come of themselves. Memory is looked at after each tenth.
_NOISE = """
import gc, sys
from pendant.gnss import Receiver
receiver, state, pieces = Receiver(), int(sys.argv[1]), int(sys.argv[2])
likely, noise, live = b"$*,\\r\\nGPRMCAVNSEW0123456789.$GPGGA,*", bytearray(100), []
for piece in range(pieces):
    for i in range(100):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        noise[i] = likely[(state >> 16) % len(likely)] if state & 64 else state >> 16 & 0xFF
    receiver.feed(noise)
    if piece % (pieces // 10) == pieces // 10 - 1:
        gc.collect()
        live.append(gc.mem_alloc())
print(receiver.lines.bad, max(live) - min(live))
"""


def feed(seed: int, size: int) -> tuple[int, int]:
    """(sentences refused, bytes that live memory moved by)."""
    path = f"{ROOT / 'firmware'}:{ROOT / 'shared'}:.frozen"
    ran = subprocess.run(
        [Path(sys.executable).with_name("micropython"), "-c", _NOISE, str(seed), str(size // PIECE)],
        capture_output=True,
        text=True,
        env={"MICROPYPATH": path},
        check=False,
    )
    assert ran.returncode == 0, f"seed {seed}: {ran.stdout}{ran.stderr}"
    bad, moved = ran.stdout.split()
    return int(bad), int(moved)


def test_noise_never_raises_and_memory_stays() -> None:
    bad, moved = feed(seed=1, size=100_000)
    assert bad > 1_000 and moved < 1_024


@pytest.mark.soak
def test_ten_million_bytes_of_noise() -> None:
    bad, moved = feed(seed=7, size=10_000_000)
    print(f"{bad} sentences refused; live memory moved by {moved} bytes")
    assert bad > 100_000 and moved < 1_024
