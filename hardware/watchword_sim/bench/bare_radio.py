"""The radio alone: a bare pendant's notify up and a bare write down, over the same air, at the same interval.

`python -m watchword_sim.bench.bare_radio --hci-port N --interval-ms X` is the phone's side, in a process of its own as
the bridge is: it prints the moment of each notify, on the simulator's clock, and writes back at once.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from bleak import BleakClient, BleakScanner
from watchword_core.frames import DOWN_BYTES

from watchword_sim import outputs
from watchword_sim.board import SimBoard, now_us
from watchword_sim.firmware_process import Firmware
from watchword_sim.radio import VirtualAir, make_backend

ADDRESS = "C0:FF:EE:00:00:99"
PHONE_ADDRESS = "F0:F1:F2:F3:F4:99"
SERVICE = "6d1a00ff-9a2b-4c53-8f7e-57a7c4b0d001"
UP = "6d1a00fe-9a2b-4c53-8f7e-57a7c4b0d001"
DOWN = "6d1a00fd-9a2b-4c53-8f7e-57a7c4b0d001"
START_S = 30.0
ROUND_S = 5.0


class Hops(NamedTuple):
    """Edge to the phone's callback; callback to the motor."""

    up_ms: float
    down_ms: float


class BareRadio:
    """`async with` it on a running air."""

    def __init__(self, air: VirtualAir, folder: Path, interval_ms: float) -> None:
        self._air = air
        self._interval_ms = interval_ms
        env = {"WW_BLE": air.firmware_address, "WW_BLE_ADDR": ADDRESS}
        self._board = SimBoard(folder, firmware=Firmware(module="bare_pendant"), env=env)

    async def __aenter__(self) -> Self:
        arguments = ("--hci-port", str(self._air.hci_port), "--interval-ms", str(self._interval_ms))
        self._phone = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, *arguments, stdout=asyncio.subprocess.PIPE
        )
        await self._board.start()
        await self._line(START_S)
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._phone.kill()
        await self._phone.wait()
        await self._board.kill()

    async def round(self) -> Hops:
        """One notify and the write that answers it; raises TimeoutError."""
        began_us = now_us()
        self._board.press("lanyard")
        notified_us = int(await self._line(ROUND_S))
        moved = await self._board.wait_for(_motor_moves, ROUND_S)
        self._board.release("lanyard")
        return Hops((notified_us - began_us) / 1000, (moved.at_us - notified_us) / 1000)

    async def _line(self, within_s: float) -> str:
        assert self._phone.stdout is not None
        async with asyncio.timeout(within_s):
            line = await self._phone.stdout.readline()
        if not line:
            raise TimeoutError("the bare phone ended")
        return line.decode()


def _motor_moves(output: outputs.Output) -> bool:
    return isinstance(output, outputs.MotorChanged) and output.duty_u16 > 0


async def answer_notifies(hci_port: int, interval_ms: float) -> None:
    """The phone's side, until it is killed."""
    backend = make_backend(hci_port, PHONE_ADDRESS, None, interval_ms)
    device = await BleakScanner.find_device_by_address(ADDRESS, timeout=START_S, backend=backend.scanner)
    if device is None:
        raise TimeoutError(f"no advert of {ADDRESS} within {START_S:.0f} s")
    notified = asyncio.Event()

    def on_notify(_characteristic: object, _value: bytearray) -> None:
        print(time.monotonic_ns() // 1000, flush=True)
        notified.set()

    async with BleakClient(device, backend=backend.client) as client:
        await client.start_notify(UP, on_notify)
        print("linked", flush=True)
        while True:
            await notified.wait()
            notified.clear()
            await client.write_gatt_char(DOWN, bytes(DOWN_BYTES), response=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--hci-port", type=int, required=True)
    parser.add_argument("--interval-ms", type=float, required=True)
    a = parser.parse_args()
    asyncio.run(answer_notifies(a.hci_port, a.interval_ms))
