"""What the pendant relies on in a carrier: BLE on the simulated air and the mailbox in its place, held to the same."""

import asyncio
import contextlib
import random
from pathlib import Path

import pytest
from bleak import BleakClient, BleakScanner
from waiting import until_async
from watchword_core.frames import DOWN_BYTES, UP_BYTES, read_header
from watchword_sim.board import SimBoard
from watchword_sim.board_model import REPOSITORY
from watchword_sim.firmware_process import Firmware
from watchword_sim.outputs import MailSent
from watchword_sim.radio import VirtualAir, make_backend
from watchword_sim.virtual_board import VirtualBoard

UP = "6d1a0002-9a2b-4c53-8f7e-57a7c4b0d001"
DOWN = "6d1a0003-9a2b-4c53-8f7e-57a7c4b0d001"
FOLDERS = (
    Path(__file__).parent / "firmware",
    REPOSITORY / "firmware/boards/sim",
    REPOSITORY / "firmware",
    REPOSITORY / "shared",
)
PROGRAM = Firmware(folders=FOLDERS, module="radio_contract")
FRAMES = [bytes(DOWN_BYTES - 1) + bytes([number]) for number in range(1, 6)]


def over_mailbox(folder: Path) -> tuple[list[bytes], str]:
    """(frames that came up, what the firmware said) in virtual time."""
    with VirtualBoard(folder / "board", firmware=PROGRAM, env={"WW_BLE": ""}) as board:
        board.run_until(1_000)
        for at_ms, mail in enumerate([b"\x01", *FRAMES, b"\x00"], 2):
            board.send_mail(mail, at_ms=at_ms * 1_000)
        board.run_until(10_000)
        outputs = [board.log.find(lambda o: isinstance(o, MailSent)) for _ in range(len(FRAMES) + 1)]
        return [o.frame for o in outputs if o is not None], board.stdout


def over_ble(folder: Path) -> tuple[list[bytes], str]:
    """The same through bleak on the simulated air."""
    return asyncio.run(_over_ble(folder))


async def _over_ble(folder: Path) -> tuple[list[bytes], str]:
    air = VirtualAir(random.Random(5))
    await air.start()
    phone = make_backend(air.hci_port, "F0:F1:F2:F3:F4:F5", None, 15)
    env = {"WW_BLE": air.firmware_address, "WW_BLE_ADDR": "C0:FF:EE:00:00:01"}
    try:
        async with SimBoard(folder / "board", firmware=PROGRAM, env=env) as board:
            device = await BleakScanner.find_device_by_address("C0:FF:EE:00:00:01", timeout=10, backend=phone.scanner)
            assert device is not None, board.stdout
            came: list[bytes] = []
            async with contextlib.AsyncExitStack() as stack:
                client = await stack.enter_async_context(BleakClient(device, timeout=10, backend=phone.client))
                await client.start_notify(UP, lambda _, frame: came.append(bytes(frame)))
                for number, frame in enumerate(FRAMES, 1):
                    await client.write_gatt_char(DOWN, frame, response=True)
                    await until_async(lambda n=number: len(came) >= n, f"the answer to frame {number}")
            await until_async(lambda: "linked False" in board.stdout, "the pendant to notice the loss")
            return came, board.stdout
    finally:
        await phone.close()
        await air.close()


@pytest.mark.parametrize("carry", [over_mailbox, over_ble])
def test_whole_frames_both_ways_in_order_between_linked_and_not(carry, tmp_path: Path) -> None:
    came, said = carry(tmp_path)
    assert [read_header(frame).pendant for frame in came] == [1, 2, 3, 4, 5]
    assert {len(frame) for frame in came} == {UP_BYTES}
    told = [line for line in said.splitlines() if line.startswith(("linked", "received"))]
    assert told == ["linked True", *[f"received {DOWN_BYTES} {n}" for n in range(1, 6)], "linked False"]
