"""A fortnight of shifts on one pooled pendant: the whole firmware, compiled as it ships, and the hub.

Visits under every procedure, fades, falls, brown-outs, watchdog resets, flat batteries, nights asleep; duress,
practice, a hub that is down, phones and networks that come and go, a receiver that lies, a pendant taken off, left
behind, handed to another. Every SOS and man-down becomes one alarm of which people are told, by the right name; nothing
is felt that is not so; each press says when and where it was made, or that nobody knows; memory stays as on day 1.
"""

import json
import os
from pathlib import Path

import pytest
from shifts import VISITS, Life
from watchword_sim.board_model import REPOSITORY
from watchword_sim.firmware_process import Firmware
from watchword_sim.footprint import SIMULATED_BOARD, compile_firmware
from watchword_sim.virtual_stage import PROGRAMS
from witness import Look, WitnessedStage

SEED = int(os.environ.get("WATCHWORD_SEED", "1"))
GROWTH_BYTES = 10_240  # at most, of the heap after a sweep: what is felt of a visit is remembered, and fills up
GROWTH_IN_BOOT_BYTES = 6_144
FLASH_BLOCKS = 32  # of 256
HOUR = 3_600_000
ROOMY = "1M"
RARELY = "131072"  # bytes between two sweeps of the heap, in place of the firmware's own
FORGOTTEN_ON_DAY = 5
OWN_NETWORK = json.dumps(
    {
        "address": "192.0.2.1",  # whatever it is, memory_network is there
        "port": 1883,
        "name": "",
        "user": "pendant-000a11ce",
        "password": "p" * 32,
        "network": "site",
        "network_password": "p" * 16,
    }
).encode()


def stage_of(folder: Path) -> WitnessedStage:
    """The firmware as .mpy, with a diary; in a large heap that is seldom swept (tests/footprint has the board's)."""
    compile_firmware(folder / "mpy")
    firmware = Firmware((PROGRAMS, REPOSITORY / SIMULATED_BOARD, folder / "mpy"), module="diary", heap=ROOMY)
    stage = WitnessedStage(folder / "stage", SEED, firmware, path_settings=OWN_NETWORK)
    stage.board.env["WW_SWEEP_BYTES"] = RARELY
    return stage


def live(stage: WitnessedStage, test: str, days: int, day_ms: int, life: Life) -> None:
    """Shifts, and the nights between them; `life` on that stage."""
    print(f"replay: WATCHWORD_SEED={SEED} python -m pytest -m '' tests/virtual/test_fortnight.py -k {test}")
    with stage:
        try:
            for day in range(days):
                if day:
                    life.night(charger=day % 2 == 0, until_ms=day * day_ms)
                life.shift(day, forgotten=day + 1 == FORGOTTEN_ON_DAY)
                print(f"day {day + 1}: {', '.join(told(*look) for look in life.looks[-VISITS:])}")
                assert_flat(life.looks)
            life.end()
        except (AssertionError, TimeoutError) as e:
            at = f"day {day + 1}, at {stage.now_ms} ms"
            console = "\n".join(stage.board.stdout.splitlines()[-20:])
            raise AssertionError(f"{at}: {e}\n{dict(life.counts)}\n{console}") from e
    print("seed", SEED, dict(life.counts))
    assert life.counts["alarms resolved"] and life.counts["agreed"], "nothing happened"


def told(boot: int, look: Look) -> str:
    flash = f"{look.flash_blocks} blocks of flash, {look.segments} of the journal"
    return f"boot {boot}: {look.live_bytes} bytes of heap, {flash}"


def assert_flat(looks: list[tuple[int, Look]]) -> None:
    """`looks`: with the number of the boot, after each visit. The newest is held against the first, and its boot's."""
    boot, newest = looks[-1]
    since_day_1 = newest.live_bytes - looks[0][1].live_bytes
    assert since_day_1 <= GROWTH_BYTES, f"the heap has grown by {since_day_1} bytes since day 1"
    in_this_boot = newest.live_bytes - next(look.live_bytes for number, look in looks if number == boot)
    assert in_this_boot <= GROWTH_IN_BOOT_BYTES, f"the heap has grown by {in_this_boot} bytes since the visit before"
    assert newest.flash_blocks <= FLASH_BLOCKS, f"{newest.flash_blocks} blocks of flash are in use"


def test_two_days(tmp_path: Path) -> None:
    """A late shift, and the early one after it."""
    stage = stage_of(tmp_path)
    live(stage, "two_days", 2, 12 * HOUR, Life(stage, SEED))


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_fortnight(tmp_path: Path) -> None:
    stage = stage_of(tmp_path)
    live(stage, "a_fortnight", 14, 24 * HOUR, Life(stage, SEED))
