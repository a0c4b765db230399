"""A process for test_durable.py to trace: one hub takes one SOS and acknowledges it by a write to standard output."""

import os
import sys
from pathlib import Path

from stage import FakePendant, Stage
from watchword_core import words as w
from watchword_hub.intake import Arrival

ACKNOWLEDGED = b"ACKNOWLEDGED\n"


def main(folder: Path) -> None:
    stage = Stage(folder / "data", folder / "none", synced=True)
    ana: FakePendant = stage.visit()
    os.write(1, b"READY\n")
    stage.engine.put(Arrival("phone", 1, ana.frame(w.SOS), lambda: _say(ACKNOWLEDGED)))
    stage.engine.step()
    stage.close()


def _say(word: bytes) -> None:
    os.write(1, word)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
