"""The radio from within the simulated board, whose time and polling stand in for the interpreter's."""

from pathlib import Path

import pytest
from radio_stage import PENDANT, PERIPHERAL, Stage, connect
from watchword_sim.board import SimBoard
from watchword_sim.firmware_process import Firmware

pytestmark = pytest.mark.anyio


async def test_board_with_a_radio__frames_pass_both_ways_before_and_after_its_power_is_cut(
    stage: Stage, tmp_path: Path
) -> None:
    env = {"WW_BLE": stage.radio.firmware_address, "WW_BLE_ADDR": PENDANT}
    firmware = Firmware(folders=(PERIPHERAL.parent,), module=PERIPHERAL.stem, heap="384K")
    phone = stage.phone()
    async with SimBoard(tmp_path / "board", firmware=firmware, env=env) as board:
        link = await connect(phone)
        await link.command(b"n" + bytes(78))
        assert await link.next() == bytes(78)
        await board.kill()
        await link.is_lost()
        await board.start()
        again = await connect(phone)
        await again.command(b"nback")
        assert await again.next() == b"back"
