"""One phone, on two airs: in memory and virtual time, and bleak on Bumble in real time. Used alike by the contract."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol

from bleak import BleakClient, BleakScanner
from waiting import until_async
from watchword_sim.agenda import Agenda
from watchword_sim.board import SimBoard
from watchword_sim.board_model import REPOSITORY
from watchword_sim.firmware_process import Firmware
from watchword_sim.memory_radio import MemoryRadio
from watchword_sim.outputs import MailSent, Output
from watchword_sim.radio import VirtualAir, make_backend
from watchword_sim.virtual_board import VirtualBoard, run_with
from watchword_sim.virtual_stage import MEMORY_BLUETOOTH

FOLDERS = (
    Path(__file__).parent / "firmware",
    REPOSITORY / "firmware/boards/sim",
    REPOSITORY / "firmware",
    REPOSITORY / "shared",
)
ADDRESS = "C0:FF:EE:00:00:01"
WITHIN_MS = 10_000
STEP_MS = 20


class Phone(Protocol):
    """Every call returns when it is done; `heard` has what was notified to a subscriber."""

    heard: list[bytes]

    def connect(self) -> None: ...

    def subscribe(self, uuid: str) -> None: ...

    def write(self, uuid: str, content: bytes) -> None: ...

    def read(self, uuid: str) -> bytes: ...

    def disconnect(self) -> None: ...

    def hears(self, count: int) -> None:
        """Waits until so many were heard."""

    def says(self, start: str) -> str:
        """The rest of the firmware's next mail that begins so."""

    def said(self) -> list[str]:
        """All its mails so far."""

    def blackout(self) -> None:
        """Until the link is lost on both sides; then the air is back."""


class MemoryPhone:
    """Over memory_radio."""

    def __init__(self, folder: Path, program: str) -> None:
        self.heard: list[bytes] = []
        self._said: list[str] = []
        self._read = 0
        firmware = Firmware(folders=FOLDERS, module=program, overlays=(MEMORY_BLUETOOTH,))
        self._board = VirtualBoard(folder / "board", firmware=firmware, on_output=self._took)
        self._agenda = Agenda()
        self._radio = MemoryRadio(self._board, self._agenda)
        self._radio.heard = lambda _, content: self.heard.append(content)
        self._linked = False
        self._radio.changed = self._changed
        self._board.start()

    def close(self) -> None:
        self._board.kill()

    def supervised_for(self, ms: int) -> None:
        """The supervision timeout of what it connects to from now on."""
        self._radio.supervision_timeout_ms = ms

    def connect(self) -> None:
        self._until(lambda: self._radio.advert is not None, "an advert")
        self._radio.connect()
        self._until(lambda: self._linked, "a link")

    def subscribe(self, uuid: str) -> None:
        self._radio.subscribe(self._radio.handle_of(uuid))
        self._run(100)

    def write(self, uuid: str, content: bytes) -> None:
        done: list[bool] = []
        self._radio.write(self._radio.handle_of(uuid), content, lambda: done.append(True))
        self._until(lambda: bool(done), "a response")

    def read(self, uuid: str) -> bytes:
        done: list[bytes] = []
        self._radio.read(self._radio.handle_of(uuid), done.append)
        self._until(lambda: bool(done), "a value")
        return done[0]

    def disconnect(self) -> None:
        self._radio.disconnect()
        self._until(lambda: not self._linked, "the end of the link")

    def hears(self, count: int) -> None:
        self._until(lambda: len(self.heard) >= count, f"{count} notifications")

    def says(self, start: str) -> str:
        found: list[str] = []

        def look() -> bool:
            while self._read < len(self._said) and not found:
                mail = self._said[self._read]
                self._read += 1
                if mail.startswith(start):
                    found.append(mail[len(start) :].strip())
            return bool(found)

        self._until(look, f"the firmware to say {start!r}")
        return found[0]

    def said(self) -> list[str]:
        return list(self._said)

    def blackout(self) -> None:
        self._radio.down = True
        self._until(lambda: not self._linked, "the loss of the link")
        self._radio.down = False

    def _changed(self, linked: bool) -> None:
        self._linked = linked

    def _took(self, output: Output) -> None:
        if isinstance(output, MailSent) and not self._radio.take(output.frame):
            self._said.append(output.frame.decode())

    def _run(self, ms: int) -> None:
        run_with(self._board, self._agenda, ms)

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        for _ in range(WITHIN_MS // STEP_MS):
            if condition():
                return
            self._run(STEP_MS)
        raise AssertionError(f"waited {WITHIN_MS} ms in vain for {what}; said: {self._said}; {self._board.stdout}")


class BumblePhone:
    """Over watchword_sim.radio, with bleak."""

    def __init__(self, folder: Path, program: str) -> None:
        self.heard: list[bytes] = []
        self._runner = asyncio.Runner()
        self._do(self._open(folder, program))

    async def _open(self, folder: Path, program: str) -> None:
        self._air = VirtualAir(random.Random(5))
        await self._air.start()
        self._backend = make_backend(self._air.hci_port, "F0:F1:F2:F3:F4:F5", None, 15)
        firmware = Firmware(folders=FOLDERS, module=program)
        env = {"WW_BLE": self._air.firmware_address, "WW_BLE_ADDR": ADDRESS}
        self._board = SimBoard(folder / "board", firmware=firmware, env=env)
        await self._board.start()
        self._client: BleakClient | None = None

    def close(self) -> None:
        self._do(self._close())
        self._runner.close()

    async def _close(self) -> None:
        await self._board.kill()
        await self._backend.close()
        await self._air.close()

    def connect(self) -> None:
        self._do(self._connect())

    async def _connect(self) -> None:
        device = await BleakScanner.find_device_by_address(ADDRESS, timeout=10, backend=self._backend.scanner)
        assert device is not None, self._board.stdout
        self._client = BleakClient(device, timeout=10, backend=self._backend.client)
        await self._client.connect()

    def subscribe(self, uuid: str) -> None:
        self._do(self._known.start_notify(uuid, lambda _, content: self.heard.append(bytes(content))))

    def write(self, uuid: str, content: bytes) -> None:
        self._do(self._known.write_gatt_char(uuid, content, response=True))

    def read(self, uuid: str) -> bytes:
        return bytes(self._do(self._known.read_gatt_char(uuid)))

    def disconnect(self) -> None:
        self._do(self._known.disconnect())

    def hears(self, count: int) -> None:
        self._do(until_async(lambda: len(self.heard) >= count, f"{count} notifications"))

    def says(self, start: str) -> str:
        found = self._do(self._board.wait_for(lambda o: isinstance(o, MailSent) and o.frame.startswith(start.encode())))
        return str(found.frame.decode()[len(start) :].strip())

    def said(self) -> list[str]:
        return [o.frame.decode() for o in self._board.log.kept if isinstance(o, MailSent)]

    def blackout(self) -> None:
        self._air.air.down = True
        self._do(until_async(lambda: not self._known.is_connected, "the loss of the link"))
        self._air.air.down = False

    @property
    def _known(self) -> BleakClient:
        assert self._client is not None
        return self._client

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)
