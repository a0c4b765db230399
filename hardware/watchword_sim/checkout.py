"""What the simulator's commands need beyond its own package."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from watchword_hub.cli.refusal import CommandRefused

from .board_model import REPOSITORY, SIM_BOARD_FILE


def need_checkout() -> None:
    """Raises CommandRefused where the radio's library is not installed, or no firmware stands beside the simulator."""
    if find_spec("bumble") is None or not SIM_BOARD_FILE.exists():
        raise CommandRefused("the simulated pendant runs the firmware of a checkout: there, make setup (or make demo)")


def by_firmware(program: str, part: str, *arguments: str | Path) -> list[str]:
    """The lines that `program` prints on MicroPython, with the firmware to import and `arguments` in `sys.argv`.

    Raises CommandRefused where it stopped; `part` says in that which of the firmware's it tried.
    """
    ran = subprocess.run(
        [Path(sys.executable).with_name("micropython"), "-c", program, *arguments],
        capture_output=True,
        text=True,
        env={"MICROPYPATH": f"{REPOSITORY / 'firmware'}:{REPOSITORY / 'shared'}:.frozen"},
        check=False,
    )
    if ran.returncode:
        raise CommandRefused(f"the firmware's {part} stopped: {(ran.stdout + ran.stderr).strip().splitlines()[-1:]}")
    return ran.stdout.splitlines()
