"""Gives a pendant its key over a serial line, by mpremote. The key is never shown, and leaves no file behind.

The file on the pendant is `key`: the key up, the key down, the pendant's id as 32 bits (docs/protocol.md). Beside it
those of its second path (second_path.py).
"""

import hashlib
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

KEY_FILE = "key"
PAIRING_FILE = "pairing"  # there at its next start: the pendant makes the next new phone known
MPREMOTE_S = 60.0

Run = Callable[[Sequence[str]], str]


class ProvisionError(Exception):
    """The pendant did not take its key; says what the technician can do."""


def key_file(keys: bytes, pendant: int) -> bytes:
    """The file's content: 64 bytes of keys and the pendant's id."""
    return keys + struct.pack(">I", pendant)


def mpremote(arguments: Sequence[str]) -> str:
    """Runs mpremote; what it printed. Raises ProvisionError."""
    command = [sys.executable, "-m", "mpremote", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=MPREMOTE_S, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as e:
        raise ProvisionError(f"the board gave no answer within {MPREMOTE_S:.0f} s: unplug it, plug it in again") from e
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise ProvisionError(f"mpremote: {said}")
    return done.stdout


def check_board(port: str, run: Run = mpremote) -> None:
    """Raises ProvisionError where no MicroPython answers on `port`; to be asked before a key is made."""
    if run(["connect", port, "eval", "1+1"]).strip() != "2":
        raise ProvisionError(f"what answers on {port} is no MicroPython: is the firmware on the board?")


def write_key(
    port: str, keys: bytes, pendant: int, run: Run = mpremote, *, beside: Mapping[str, bytes] | None = None
) -> None:
    """Writes the key file, and `beside` it others by name, first; checks that each arrived whole, and restarts the
    pendant. Raises ProvisionError.
    """
    with tempfile.TemporaryDirectory() as folder:  # 0700, and gone afterwards
        for name, content in {**(beside or {}), KEY_FILE: key_file(keys, pendant)}.items():
            file = Path(folder) / name
            file.touch(0o600)
            file.write_bytes(content)
            run(["connect", port, "fs", "cp", str(file), f":{name}"])
            if hashlib.sha256(content).hexdigest() not in run(["connect", port, "fs", "sha256sum", f":{name}"]):
                raise ProvisionError(f"the {name} file did not arrive whole on the pendant: provision it again")
    let_pair(port, run)


def let_pair(port: str, run: Run = mpremote) -> None:
    """Restarts the pendant in its technician's mode; raises ProvisionError."""
    run(["connect", port, "fs", "touch", f":{PAIRING_FILE}", "+", "reset"])
