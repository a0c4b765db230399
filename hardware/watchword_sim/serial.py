"""A serial port with a board behind it: a pty in front of MicroPython with the simulated board's flash mounted.

mpremote and pyserial see a board that stands in its flash: `mpremote connect PORT fs cp FILE :NAME` writes
/flash/NAME, as it writes /NAME on the ESP32-S3. Ctrl-D restarts the interpreter, and a raw REPL stays raw across it.
"""

import contextlib
import os
import pty
import select
import subprocess
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

from .firmware_process import SIM_MODULES, FlashImage, find_micropython

_RAW, _FRIENDLY = 0x01, 0x02  # Ctrl-A and Ctrl-B choose the kind of REPL
_PROMPT = b">>> "
_CHUNK_BYTES = 4096


class _Prompt:
    """One interpreter at its prompt, on a terminal of its own."""

    def __init__(self, flash: FlashImage) -> None:
        self.terminal, theirs = pty.openpty()
        tty.setraw(theirs)
        self._process = subprocess.Popen(
            [find_micropython(), "-i", str(SIM_MODULES / "simserial.py")],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "MICROPYPATH": f"{SIM_MODULES}:.frozen", "WW_FLASH": str(flash.path)},
            start_new_session=True,
        )
        os.close(theirs)

    def wait_until_ready(self) -> bytes:
        """Everything up to and with the prompt; less when the interpreter ends before it."""
        heard = b""
        while not heard.endswith(_PROMPT):
            chunk = self.read()
            if not chunk:
                break
            heard += chunk
        return heard

    def read(self) -> bytes:
        """What it says; empty when it has ended."""
        try:
            return os.read(self.terminal, _CHUNK_BYTES)
        except OSError:  # Linux reports the end of a terminal's other side as EIO
            return b""

    def end(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        os.close(self.terminal)


class _Port(threading.Thread):
    """Carries bytes between the pty and the interpreter until `stop`, and starts a new interpreter after each end."""

    def __init__(self, flash: FlashImage) -> None:
        super().__init__(name="serial-board", daemon=True)
        self._flash = flash
        self._raw = False
        self._ours, self._theirs = pty.openpty()
        tty.setraw(self._theirs)  # kept open, so that a client's leaving isn't the end of the port
        self._stop_reading, self._stop_writing = os.pipe()
        self.path = Path(os.ttyname(self._theirs))
        self._prompt = _Prompt(flash)
        self._prompt.wait_until_ready()

    def run(self) -> None:
        """Until `stop`."""
        while True:
            ready, _, _ = select.select([self._ours, self._prompt.terminal, self._stop_reading], [], [])
            if self._stop_reading in ready:
                return
            if self._ours in ready:
                self._to_board(os.read(self._ours, _CHUNK_BYTES))
            if self._prompt.terminal in ready:
                said = self._prompt.read()
                if said:
                    _write_all(self._ours, said)
                else:
                    self._soft_reset()

    def stop(self) -> None:
        """End the thread and the interpreter, close the port."""
        os.write(self._stop_writing, b".")
        self.join()
        self._prompt.end()
        for number in (self._ours, self._theirs, self._stop_reading, self._stop_writing):
            os.close(number)

    def _to_board(self, content: bytes) -> None:
        for byte in content:
            if byte in (_RAW, _FRIENDLY):
                self._raw = byte == _RAW
        _write_all(self._prompt.terminal, content)

    def _soft_reset(self) -> None:
        self._prompt.end()
        self._prompt = _Prompt(self._flash)
        _write_all(self._ours, b"MPY: soft reboot\r\n")
        banner = self._prompt.wait_until_ready()
        if self._raw:
            _write_all(self._prompt.terminal, bytes((_RAW,)))
        else:
            _write_all(self._ours, banner)


def _write_all(number: int, content: bytes) -> None:
    while content:
        content = content[os.write(number, content) :]


@contextlib.contextmanager
def serial_board(state_dir: Path) -> Iterator[Path]:
    """The path of a pty that answers as the board whose state is in `state_dir`; the firmware must not run meanwhile.

    Raises FlashInUse when it does.
    """
    with FlashImage(state_dir) as flash:
        port = _Port(flash)
        port.start()
        try:
            yield port.path
        finally:
            port.stop()
