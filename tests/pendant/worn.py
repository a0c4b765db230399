"""The whole firmware on the simulated board and radio, a real bleak as the phone, and a hub of a few lines."""

import asyncio
import contextlib
import random
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from bleak import BleakClient, BleakScanner
from watchword_sim.board import SimBoard
from watchword_sim.board_model import REPOSITORY
from watchword_sim.firmware_process import Firmware
from watchword_sim.outputs import MailSent
from watchword_sim.radio import Backend, VirtualAir, make_backend

for folder in ("tests/core", "tests/firmware", "firmware"):
    sys.path.insert(0, str(REPOSITORY / folder))

import story  # noqa: E402

ADDRESS = "C0:FF:EE:00:00:01"
KEY_FILE = bytes(range(64)) + struct.pack(">I", story.PENDANT)
UP = "6d1a0002-9a2b-4c53-8f7e-57a7c4b0d001"
DOWN = "6d1a0003-9a2b-4c53-8f7e-57a7c4b0d001"
WITHIN_S = 10
OURS = "6d1a0001-9a2b-4c53-8f7e-57a7c4b0d001"
LATE_S = 2.5  # a busy machine's share of noticing that a link is over


class Carrier:
    """A phone, and behind it a hub of a few lines."""

    def __init__(self, air: VirtualAir, hub: story.Hub, phone: Backend) -> None:
        self.air = air
        self.hub = hub
        self.phone = phone
        self.answers = True  # whether the hub is heard
        self.client: BleakClient | None = None
        self.heard: list[bytes] = []
        self._answering: set[asyncio.Task[None]] = set()

    async def connect(self) -> None:
        """Finds the pendant by our service, subscribes, and answers what comes as the hub does."""
        device = await BleakScanner.find_device_by_filter(
            lambda _, advert: OURS in advert.service_uuids, timeout=WITHIN_S, backend=self.phone.scanner
        )
        assert device is not None, "no pendant is on the air"
        assert device.name is None
        self.client = BleakClient(device, timeout=WITHIN_S, backend=self.phone.client)
        await self.client.connect()
        await self.client.start_notify(UP, self._heard)

    def _heard(self, _: object, frame: bytearray) -> None:
        self.heard.append(bytes(frame))
        if not self.answers:
            return
        now_ms = int(asyncio.get_running_loop().time() * 1000)
        task = asyncio.create_task(self._answer(self.hub.hear(bytes(frame), now_ms)))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, frame: bytes) -> None:
        assert self.client is not None
        with contextlib.suppress(Exception):  # the link may be gone: the pendant asks again
            await self.client.write_gatt_char(DOWN, frame, response=True)

    async def disconnect(self) -> None:
        if self.client is not None and self.client.is_connected:
            await self.client.disconnect()
        self.client = None

    async def end(self) -> None:
        """Nothing of it is left."""
        for task in list(self._answering):
            task.cancel()
        with contextlib.suppress(Exception):
            await self.disconnect()
        await self.phone.close()


class Worn(Carrier):
    """A pendant on a board of its own, and the phone that carries for it."""

    def __init__(self, air: VirtualAir, state_dir: Path, ticks_start_ms: int = 0) -> None:
        super().__init__(air, story.Hub(), make_backend(air.hci_port, "F0:F1:F2:F3:F4:F5", None, 15))
        self.state_dir = state_dir
        env = {"WW_BLE": air.firmware_address, "WW_BLE_ADDR": ADDRESS}
        self.board = SimBoard(state_dir, env=env, ticks_start_ms=ticks_start_ms)

    async def provision(self) -> None:
        await self._at_the_serial_line({"TEST_KEY": KEY_FILE.hex()})

    async def let_pair(self) -> None:
        """What a technician does with the pendant, which is off, to have a new phone made known."""
        await self._at_the_serial_line({"TEST_PAIRING": "1"})

    async def _at_the_serial_line(self, env: dict[str, str]) -> None:
        folders = (Path(__file__).parent / "firmware", REPOSITORY / "firmware/boards/sim")
        firmware = Firmware(folders=folders, module="provision")
        async with SimBoard(self.state_dir, firmware=firmware, env=env) as board:
            await board.wait_for(lambda output: isinstance(output, MailSent), WITHIN_S)

    async def hold(self, button: str, until_felt: int) -> None:
        """Holds a button until a pattern is felt."""
        self.board.press(button)
        await self.feels(until_felt)
        self.board.release(button)

    async def feels(self, pattern: int, within_s: float = WITHIN_S) -> int:
        """Waits until the motor starts this pattern; when, in microseconds."""
        from pendant.feel import MOTOR_HZ, MOTOR_STEP_HZ
        from watchword_sim.outputs import MotorChanged

        hz = MOTOR_HZ + MOTOR_STEP_HZ * pattern
        found = await self.board.wait_for(
            lambda o: isinstance(o, MotorChanged) and o.duty_u16 > 0 and o.frequency_hz == hz, within_s
        )
        return found.at_us

    async def close(self) -> None:
        await self.end()
        await self.board.kill()


class Stranger:
    """Connects to every pendant in range, and knows no key."""

    def __init__(self, ana: Worn, number: int = 0, supervision_timeout_ms: float = 2_000) -> None:
        self.lost = asyncio.Event()
        address = f"E0:00:00:00:00:{number:02X}"
        self.backend: Backend = make_backend(ana.air.hci_port, address, None, 15, supervision_timeout_ms)

    async def __aenter__(self) -> "Stranger":
        device = await BleakScanner.find_device_by_filter(
            lambda _, advert: OURS in advert.service_uuids, timeout=WITHIN_S, backend=self.backend.scanner
        )
        assert device is not None
        self.client = BleakClient(
            device, disconnected_callback=lambda _: self.lost.set(), timeout=WITHIN_S, backend=self.backend.client
        )
        await self.client.connect()
        self.since_s = asyncio.get_running_loop().time()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.backend.close()

    async def is_let_go(self) -> float:
        """Seconds since it was connected."""
        async with asyncio.timeout(WITHIN_S):
            await self.lost.wait()
        return asyncio.get_running_loop().time() - self.since_s


@contextlib.asynccontextmanager
async def worn(state_dir: Path, provisioned: bool = True, ticks_start_ms: int = 0) -> AsyncIterator[Worn]:
    air = VirtualAir(random.Random(3))
    await air.start()
    ana = Worn(air, state_dir, ticks_start_ms)
    try:
        if provisioned:
            await ana.provision()
        await ana.board.start()
        yield ana
    finally:
        await ana.close()
        await air.close()
