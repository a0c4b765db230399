"""The radio's tests: real bleak, real MicroPython, the simulated air between them, all within deadlines."""

import asyncio
import os
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from watchword_sim.radio import Backend, VirtualAir, make_backend

BLUETOOTH = Path(__file__).parents[2] / "hardware" / "watchword_sim" / "micropython" / "bluetooth.py"
PERIPHERAL = Path(__file__).with_name("peripheral.py")
PENDANT = "C0:FF:EE:00:00:01"
PHONE = "F0:F1:F2:F3:F4:F5"
SUPERVISION_TIMEOUT_MS = 720
LONG_TIMEOUT_MS = 3000  # where something must happen before it has passed, on a busy machine too
DEADLINE_S = 8.0

UP = "6d1a0002-9a2b-4c53-8f7e-57a7c4b0d001"
COMMAND = "6d1a0003-9a2b-4c53-8f7e-57a7c4b0d001"
SHORT = "6d1a0004-9a2b-4c53-8f7e-57a7c4b0d001"
SECRET = "6d1a0005-9a2b-4c53-8f7e-57a7c4b0d001"


class Pendant:
    """A MicroPython process running peripheral.py, and the lines that it printed."""

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self._process = process
        self.address = address

    async def says(self, start: str) -> str:
        """The rest of the next line that starts so; lines before it are passed over."""
        assert self._process.stdout is not None
        passed = []
        try:
            async with asyncio.timeout(DEADLINE_S):
                while line := (await self._process.stdout.readline()).decode():
                    passed.append(line)
                    if line.startswith(start):
                        return line[len(start) :].strip()
        except TimeoutError:
            raise AssertionError(f"pendant did not say {start!r}, but {passed}") from None
        raise AssertionError(f"pendant ended before it said {start!r}: {passed}")

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


class Stage:
    """The air with everything that was started on it."""

    def __init__(self, modules: Path) -> None:
        # the radio alone: the simulated board's modules beside it would want a board
        shutil.copy(BLUETOOTH, modules)
        self._modules = modules
        self.radio = VirtualAir(random.Random(20))
        self._pendants: list[Pendant] = []
        self._backends: list[Backend] = []
        self._repeated: list[asyncio.Task[None]] = []

    async def pendant(self, address: str = PENDANT, bonds: Path | None = None) -> Pendant:
        micropython = shutil.which("micropython", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        assert micropython, "tests/radio needs the micropython command of the [sim] extra"
        environment = {
            "WW_BLE": self.radio.firmware_address,
            "WW_BLE_ADDR": address,
            "MICROPYPATH": f"{self._modules}:.frozen",
        }
        if bonds:
            environment["TEST_BONDS"] = str(bonds)
        process = await asyncio.create_subprocess_exec(
            micropython, str(PERIPHERAL), env=environment, stdout=asyncio.subprocess.PIPE
        )
        pendant = Pendant(process, address)
        self._pendants.append(pendant)
        return pendant

    def phone(
        self,
        interval_ms: float = 15,
        keys: Path | None = None,
        timeout_ms: float = SUPERVISION_TIMEOUT_MS,
        address: str = PHONE,
    ) -> Backend:
        backend = make_backend(self.radio.hci_port, address, keys, interval_ms, timeout_ms)
        self._backends.append(backend)
        return backend

    def repeat(self, act: Callable[[], None], every_s: float = 0.05) -> None:
        """Does it again and again until the stage closes."""

        async def again() -> None:
            while True:
                act()
                await asyncio.sleep(every_s)

        self._repeated.append(asyncio.get_running_loop().create_task(again()))

    async def close(self) -> None:
        for task in self._repeated:
            task.cancel()
        for pendant in self._pendants:
            await pendant.kill()
        for backend in self._backends:
            await backend.close()
        await self.radio.close()


async def find(phone: Backend, address: str = PENDANT) -> BLEDevice:
    device = await BleakScanner.find_device_by_address(address, timeout=DEADLINE_S, backend=phone.scanner)
    assert device is not None, f"{address} was not heard"
    return device


class Link:
    """A phone's connection to one pendant: what came up, and when it was lost."""

    def __init__(self, phone: Backend, device: BLEDevice | str) -> None:
        self.lost = asyncio.Event()
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.client = BleakClient(
            device, disconnected_callback=lambda _: self.lost.set(), timeout=DEADLINE_S, backend=phone.client
        )

    async def open(self) -> "Link":
        await self.client.connect()
        return self

    async def subscribe(self) -> None:
        await self.client.start_notify(UP, lambda _, value: self.heard.put_nowait(bytes(value)))

    async def command(self, command: bytes) -> None:
        await self.client.write_gatt_char(COMMAND, command, response=True)

    async def next(self) -> bytes:
        async with asyncio.timeout(DEADLINE_S):
            return await self.heard.get()

    async def is_lost(self) -> float:
        """Waits for the loss; seconds that it took to be noticed."""
        loop = asyncio.get_running_loop()
        since_s = loop.time()
        async with asyncio.timeout(DEADLINE_S):
            await self.lost.wait()
        return loop.time() - since_s


async def connect(phone: Backend, address: str = PENDANT) -> Link:
    link = await Link(phone, await find(phone, address)).open()
    await link.subscribe()
    return link
