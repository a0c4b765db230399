"""The stage's other processes: hub and phone, each started, watched and killed on its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence

KEPT_LINES = 500
STOP_TIMEOUT_S = 10.0


class Ended(RuntimeError):
    """A process of the stage ended by itself; says its last words."""


class Child:
    """One process of ours, its output kept in a bounded ring. `start` again after `kill` gives the next run."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.command = [sys.executable, *command]
        self._env = dict(env or {})
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def pid(self) -> int:
        """Raises Ended when it does not run."""
        if self._process is None or self._process.poll() is not None:
            raise Ended(f"{self.name} does not run: {self.last_words()}")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts it; does not wait until it is ready."""
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self._env},
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._gone()

    def stop(self) -> None:
        """SIGTERM; SIGKILL when that is not heeded within STOP_TIMEOUT_S."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._gone()

    def freeze(self) -> None:
        """SIGSTOP: it hangs, and holds what it held."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def last_words(self, number: int = 8) -> str:
        """The last lines that it printed."""
        return " | ".join(list(self.lines)[-number:]) or "it said nothing"

    def _gone(self) -> None:
        if self._process is not None:
            self._process.wait()
        if self._reader is not None:
            self._reader.join(timeout=2)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as out:
            for line in out:
                self.lines.append(line.rstrip())


def watchword(*arguments: str) -> list[str]:
    """`watchword ...` in this environment, whether or not its script is on the path."""
    return ["-c", "from watchword_hub.cli import main; main()", *arguments]
