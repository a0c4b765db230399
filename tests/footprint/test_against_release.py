"""What the firmware takes is compared with what the last release took."""

from pathlib import Path
from typing import Any

import pytest
from watchword_sim.footprint_change import COMPARED, MOST_MODULES, change, keep, kept, told

THEN: dict[str, Any] = {
    "release": "0.1.0",
    "heap_of": "384K",
    "mpy_bytes": 900,
    "after_boot_bytes": 500,
    "worst_bytes": 700,
    "least_free_block_bytes": 9_000,
    "modules": {"main.mpy": 400, "pendant/felt.mpy": 300, "pendant/old.mpy": 200},
}
NOW = THEN | {
    "mpy_bytes": 1_250,
    "least_free_block_bytes": 8_900,
    "modules": {"main.mpy": 390, "pendant/felt.mpy": 300, "pendant/gnss_clock.mpy": 560},
}


def test_every_figure_is_printed_with_its_difference_and_the_modules_that_changed_most_first() -> None:
    assert told(NOW, THEN) == [
        "Against 0.1.0:",
        "   +350 bytes of .mpy in all (900 then)",
        "     +0 bytes of heap live after boot (500 then)",
        "     +0 bytes live at its worst (700 then)",
        "   -100 bytes at least in the largest free block (9000 then)",
        "   +560 pendant/gnss_clock.mpy (new)",
        "   -200 pendant/old.mpy (gone)",
        "    -10 main.mpy",
    ]


def test_of_many_modules_the_rest_are_counted() -> None:
    many = THEN | {"modules": {f"m{i}.mpy": 100 + i for i in range(MOST_MODULES + 3)}}
    lines = told(many, THEN | {"modules": {}})
    assert len(lines) == 1 + len(COMPARED) + MOST_MODULES + 1
    assert lines[-1] == "        and 3 modules that changed less"


def test_for_programs_only_what_differs() -> None:
    differs = change(NOW, THEN)
    assert differs["modules"] == {"main.mpy": -10, "pendant/gnss_clock.mpy": 560, "pendant/old.mpy": -200}
    assert (differs["mpy_bytes"], differs["worst_bytes"], differs["release"]) == (350, 0, "0.1.0")


def test_a_release_keeps_its_figures_for_the_next(tmp_path: Path) -> None:
    file = tmp_path / "footprint.json"
    keep("0.2.0", NOW, file)
    assert kept(file) == NOW | {"release": "0.2.0"}
    file.write_text('{"release": "0.2.0"}')
    with pytest.raises(ValueError, match=r"footprint\.json lacks heap_of, modules, mpy_bytes"):
        kept(file)


def test_the_figures_that_are_kept_can_be_read() -> None:
    figures = kept()
    assert figures["mpy_bytes"] == sum(figures["modules"].values())
    assert "pendant/wearable.mpy" in figures["modules"]
