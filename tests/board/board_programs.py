"""The small programs that the board's tests run as firmware."""

from pathlib import Path

from watchword_sim.board_model import REPOSITORY
from watchword_sim.firmware_process import Firmware

PROGRAMS = Path(__file__).parent / "firmware"


def program(module: str) -> Firmware:
    """That program of `firmware/`, with the simulated board's declarations and the pendant's modules beside it."""
    return Firmware(folders=(PROGRAMS, REPOSITORY / "firmware/boards/sim", REPOSITORY / "firmware"), module=module)
