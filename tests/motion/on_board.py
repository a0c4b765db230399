"""Scripts on MicroPython, with the firmware to import."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def on_board(script: str) -> list[str]:
    """The words that it prints."""
    ran = subprocess.run(
        [Path(sys.executable).with_name("micropython"), "-c", script],
        capture_output=True,
        text=True,
        env={"MICROPYPATH": f"{ROOT / 'firmware'}:{ROOT / 'shared'}:.frozen"},
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout.split()
