"""The whole firmware as .mpy in the heap that stands for the board's: after boot and through a visit with an SOS."""

import re
from pathlib import Path

import story
from pendant import felt
from test_virtual_visit import patterns
from virtual_pendant import Carried, provisioned
from watchword_core import words as w
from watchword_hub.procedures import load
from watchword_sim.board_model import REPOSITORY
from watchword_sim.firmware_process import Firmware
from watchword_sim.footprint import FREE_BLOCK_BYTES, HEAP, compile_firmware

BLOCK_BYTES = 32  # of the 64-bit interpreter's heap


def smallest_free_block(console: str) -> int:
    """The least that the largest free block ever was, in bytes."""
    blocks = [int(n) for n in re.findall(r"max free sz: (\d+)", console)]
    assert blocks, console[-2000:]
    return min(blocks) * BLOCK_BYTES


def test_a_visit_with_an_sos_leaves_a_free_block(tmp_path: Path) -> None:
    compile_firmware(tmp_path / "mpy")
    programs = Path(__file__).parent / "firmware"
    folders = (programs, REPOSITORY / "firmware/boards/sim", tmp_path / "mpy")
    ana = Carried(
        provisioned(tmp_path),
        story.Hub().visit(load("homemaker-enhanced").table),
        Firmware(folders=folders, module="measured", heap=HEAP),
    )
    with ana:
        ana.link(True)
        ana.run(5_000)
        ana.give_table()
        ana.run(10_000)
        ana.tap("ok")
        ana.run(5_000)
        ana.hub.person(w.SPOKE_ARRIVAL, ana.now_ms)
        ana.run(12_000)
        ana.link(False)
        for _ in range(70):  # a full queue, and then an SOS
            ana.tap("ok")
            ana.run(1_000)
        ana.board.pull_lanyard()
        ana.run(2_000)
        ana.link(True)
        ana.run(30_000)
        ana.hub.person(w.ACKNOWLEDGED, ana.now_ms)
        ana.run(10_000)
        assert felt.PERSON_HAS_IT in patterns(ana), ana.board.stdout[-3000:]
        assert smallest_free_block(ana.board.stdout) >= FREE_BLOCK_BYTES
