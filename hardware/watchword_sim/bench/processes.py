"""The processes of `bench intake`: the hub with its taps, whoever sends, whoever only receives."""

from __future__ import annotations

import json
import mmap
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from watchword_sim.bench import taps
from watchword_sim.processes import Child

START_S = 60.0
PHASE_S = 240.0
POLL_S = 0.02


class BenchError(RuntimeError):
    """A part did not come up or did not finish; says which."""


def until(what: str, done: Callable[[], bool], within_s: float) -> None:
    """Looks every POLL_S; raises BenchError."""
    deadline = time.monotonic() + within_s
    while not done():
        if time.monotonic() > deadline:
            raise BenchError(f"{what} not within {within_s:.0f} s")
        time.sleep(POLL_S)


class Counter:
    """The number in a file that another process counts up."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            path.write_bytes(taps.COUNT.pack(0))
        with path.open("rb") as file:
            self._shared = mmap.mmap(file.fileno(), taps.COUNT.size, prot=mmap.PROT_READ)

    @property
    def value(self) -> int:
        return int(taps.COUNT.unpack_from(self._shared)[0])


class TappedHub:
    """`watchword hub` on a data directory, with taps. `with` it."""

    def __init__(self, data_dir: Path, *, stages: bool = False) -> None:
        self.data_dir = data_dir
        self.folder = data_dir / "taps"
        self.folder.mkdir(exist_ok=True)
        self.child = tapped_child(self.folder, data_dir, {taps.STAGES: "1"} if stages else {})
        self._phase = 0

    def __enter__(self) -> TappedHub:
        self.child.start()
        try:
            until(f"hub: {self.child.last_words()}", self._is_up, START_S)
        except BaseException:
            self.child.kill()
            raise
        self.durable = Counter(self.folder / taps.COUNT_FILE)
        return self

    def __exit__(self, *_exception: object) -> None:
        self.child.stop()

    def _is_up(self) -> bool:
        if not self.child.running:
            raise BenchError(f"hub ended: {self.child.last_words()}")
        return any("Log in" in line for line in self.child.lines)

    def begin(self) -> None:
        """A phase."""
        os.kill(self.child.pid, signal.SIGUSR1)
        until("the hub's taps", lambda: self.durable.value == 0, START_S)
        self._phase += 1
        self._broker_s = cpu_s(self.broker_pid)

    def end(self) -> dict[str, Any]:
        """What the phase took: `threads_s`, `stages_s`, `broker_s`; its stamps lie in `frames_file`."""
        broker_s = cpu_s(self.broker_pid) - self._broker_s
        return {**end_phase(self.child, self.folder, self._phase), "broker_s": broker_s}

    @property
    def frames_file(self) -> Path:
        return self.folder / f"phase-{self._phase}.frames"

    @property
    def broker_pid(self) -> int:
        return int((self.data_dir / "broker" / "pid").read_text())


def tapped_child(folder: Path, data_dir: Path, env: dict[str, str]) -> Child:
    """The process of a hub with taps that write to `folder`."""
    command = ["-m", "watchword_sim.bench.taps", str(folder), "hub", "--data", str(data_dir), "--port", "0"]
    return Child("hub", command, {"WATCHWORD_LOG_FORMAT": "text", "WATCHWORD_LOG_LEVEL": "warning", **env})


def end_phase(child: Child, folder: Path, number: int) -> dict[str, Any]:
    """Has a tapped hub write phase `number` to `folder`; phase 0 is from its start to its first `begin`."""
    os.kill(child.pid, signal.SIGUSR2)
    path = folder / f"phase-{number}.json"
    until("the hub's stamps", path.exists, PHASE_S)
    told: dict[str, Any] = json.loads(path.read_text())
    return told


class Helper:
    """A process of ours that answers each line on its standard input by one on its output."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._module = module

    def __enter__(self) -> Helper:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.kill()
        self._process.wait()

    def ask(self, line: str) -> str:
        """The next line that it prints."""
        self.tell(line)
        return self.answer()

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        """Raises BenchError when it ended instead."""
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer:
            raise BenchError(f"{self._module} ended with status {self._process.wait()}")
        return answer.strip()


def cpu_s(pid: int) -> float:
    """Seconds of processor that a process has used, from /proc (Linux); 0 elsewhere."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
