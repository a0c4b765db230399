"""Every module of tests/firmware again, on MicroPython: what ships is tested on what it ships on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [ROOT / "shared", ROOT / "firmware", ROOT / "tests" / "firmware", ROOT / "tests" / "core"]
MODULES = sorted(path.stem for path in (ROOT / "tests" / "firmware").glob("test_*.py"))


@pytest.mark.parametrize("module", MODULES)
def test_on_micropython(module: str) -> None:
    ran = subprocess.run(
        [Path(sys.executable).parent / "micropython", ROOT / "tests" / "core" / "run_on.py", module],
        env={"PATH": os.environ["PATH"], "MICROPYPATH": os.pathsep.join([*map(str, FOLDERS), ".frozen"])},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
