"""The firmware's modules import by bare name, as on the board: the pendant's side of a case is its own code."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

sys.path.insert(0, str(ROOT / "firmware"))
