"""The pendant's second path in a process of its own, on MicroPython, as the tests of this folder use it."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import waiting
from watchword_bridge.mqtt import Credentials
from watchword_core import frames

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).parent / "firmware" / "carrying.py"
WITHIN_S = 20.0


def up_frame(lane: int, count: int) -> bytes:
    """What firmware/carrying.py sends on its connection number `count`."""
    return bytes((frames.VERSION, lane)) + bytes(frames.UP_BYTES - 6) + count.to_bytes(4, "big")


class SecondPath:
    """`with` it: carries until the end, trying again and again. `lines`: what it told."""

    def __init__(
        self, folder: Path, port: int, credentials: Credentials, name: str = "", authority: bytes = b""
    ) -> None:
        self.lines: list[str] = []
        self._folder = folder / "pendant"
        self._folder.mkdir(exist_ok=True)
        settings = {
            "address": "127.0.0.1",
            "port": port,
            "name": name,
            "user": credentials.user,
            "password": credentials.password,
            "network": "van",
            "network_password": "van-password",
        }
        (self._folder / "path").write_text(json.dumps(settings))
        (self._folder / "path-ca").write_bytes(authority)

    def __enter__(self) -> "SecondPath":
        path = os.pathsep.join([*(str(ROOT / folder) for folder in ("firmware", "shared")), ".frozen"])
        self._process = subprocess.Popen(
            [Path(sys.executable).with_name("micropython"), str(PROGRAM)],
            env={"MICROPYPATH": path, "SETTINGS_FOLDER": str(self._folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def says(self, line: str, times: int = 1) -> None:
        """Waits until a line beginning so was printed so often."""

        def said() -> bool:
            assert not any("Traceback" in told for told in self.lines), self.lines
            return sum(told.startswith(line) for told in self.lines) >= times

        waiting.until(said, f"{line!r} of the second path", WITHIN_S)

    def received(self) -> list[bytes]:
        return [bytes.fromhex(line.split()[1]) for line in self.lines if line.startswith("received ")]

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stdout:
            for line in stdout:
                self.lines.append(line.rstrip())
