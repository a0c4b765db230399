"""docs/bridge.md states the limits that the code has."""

import re
from pathlib import Path

from watchword_bridge import bridge, down, link, spool
from watchword_core.frames import DOWN_BYTES, UP_BYTES

DOCUMENT = Path(__file__).parents[2] / "docs" / "bridge.md"


def test_every_limit_in_the_document_is_the_codes() -> None:
    stated = re.findall(r"^\| ([A-Z_]+) \| (\d+) \|", DOCUMENT.read_text(), re.MULTILINE)
    assert len(stated) == 10
    ours = {name: value for module in (down, link, spool, bridge) for name, value in vars(module).items()}
    ours["MAX_PENDANTS"] = link.MAX_PENDANTS  # down.py has one of its own
    assert {name: int(value) for name, value in stated} == {name: ours.get(name) for name, _ in stated}


def test_the_frames_in_the_document_are_as_long_as_the_codes() -> None:
    stated = re.findall(r"(\d+) bytes", DOCUMENT.read_text())
    assert [int(n) for n in stated] == [UP_BYTES, DOWN_BYTES]
