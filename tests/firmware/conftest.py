"""The firmware's modules import by bare name, as on the board; its tests run on MicroPython too."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

for folder in (ROOT / "tests" / "core", ROOT / "firmware", Path(__file__).parent):
    sys.path.insert(0, str(folder))
