"""Whatever else of the pendant is broken, an SOS goes out: the whole firmware on a board that fails."""

from collections.abc import Callable
from pathlib import Path

from watchword_sim.board_model import SIM_BOARD_FILE
from watchword_sim.firmware_process import Firmware
from watchword_sim.footprint import NO_BROKER
from watchword_sim.outputs import RESET_CAUSES, BoardReset
from watchword_sim.virtual_stage import VirtualStage

SECOND = 1_000
MINUTE = 60 * SECOND
SAFE_FOR_MS = 10 * MINUTE
Make = Callable[..., VirtualStage]


def broken_board(folder: Path) -> Firmware:
    """Its sensor's task raises whenever it runs: a number that the driver divides by is none."""
    declared = SIM_BOARD_FILE.read_text()
    assert declared.count("BATTERY_DIVIDER = 2") == 1
    (folder / "board.py").write_text(declared.replace("BATTERY_DIVIDER = 2", "BATTERY_DIVIDER = None"))
    return Firmware(overlays=(folder,))


HANGS = """
import asyncio
from pendant import power


async def hangs(self, measured, progress):
    progress()
    await asyncio.sleep_ms(1 << 28)


power.Battery.run = hangs
"""


def hard_resets(stage: VirtualStage) -> int:
    causes = [RESET_CAUSES[at.cause] for at in stage.resets if isinstance(at, BoardReset)]
    assert set(causes) <= {"hard reset"}, causes
    return len(causes)


def sos_goes_out(stage: VirtualStage) -> None:
    sos = stage.hold_sos()
    stage.until_felt("kept", SECOND, sos)
    stage.until_felt("at the hub", 15 * SECOND, sos)


def test_a_task_that_raises_at_every_boot__three_resets_and_an_sos_goes_out_without_it(
    make: Make, tmp_path: Path
) -> None:
    (tmp_path / "broken").mkdir()
    with make(firmware=broken_board(tmp_path / "broken")) as stage:
        stage.run(15 * SECOND)
        assert hard_resets(stage) == 3 and "safe boot 1" in stage.board.stdout
        stage.run(SAFE_FOR_MS + MINUTE)
        assert hard_resets(stage) == 7, "after a while it tries everything again, and ends in a safe boot once more"
        sos_goes_out(stage)
        stage.run(2 * SAFE_FOR_MS)
        assert hard_resets(stage) == 7, "not while an alarm is open"


def test_a_task_that_hangs__the_watchdog_resets_it_three_times_and_an_sos_goes_out_without_it(
    make: Make, tmp_path: Path
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "board.py").write_text(SIM_BOARD_FILE.read_text() + HANGS)
    with make(firmware=Firmware(overlays=(tmp_path / "broken",))) as stage:
        stage.run(MINUTE)
        resets = [(at.at_us // 1_000_000, RESET_CAUSES[at.cause]) for at in stage.resets if isinstance(at, BoardReset)]
        assert [cause for _, cause in resets] == ["watchdog"] * 3 and resets[0][0] <= 17, resets
        assert "stuck: battery" in stage.board.stdout and "safe boot 1" in stage.board.stdout
        sos_goes_out(stage)


def test_in_a_safe_boot_no_phone_brings_an_sos__the_second_path_is_tried_and_all_else_goes_on(
    make: Make, tmp_path: Path
) -> None:
    (tmp_path / "broken").mkdir()
    with make(firmware=broken_board(tmp_path / "broken"), path_settings=NO_BROKER) as stage:
        stage.run(15 * SECOND)
        stage.radio.down = True
        stage.hold_sos()
        stage.run(50 * SECOND)
        assert "second path" not in stage.board.stdout, "a phone is waited for at first"
        stage.run(30 * SECOND)
        assert "second path: not connected" in stage.board.stdout
        back = stage.now_ms
        stage.radio.down = False
        stage.until_felt("at the hub", 15 * SECOND, back)
        assert hard_resets(stage) == 3


def test_a_safe_boot_does_not_end_while_a_press_waits(make: Make, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    with make(firmware=broken_board(tmp_path / "broken")) as stage:
        stage.run(15 * SECOND)
        stage.radio.down = True
        stage.tap_ok()
        stage.run(SAFE_FOR_MS + MINUTE)
        assert hard_resets(stage) == 3
        stage.radio.down = False
        stage.run(MINUTE)
        assert hard_resets(stage) > 3


def test_six_boots_fail_while_an_alarm_is_open__it_is_still_open(make: Make, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    # A name that every boot needs, a safe one too, is missing while TEST_BROKEN is set.
    missing = '\nimport os\n\nif os.getenv("TEST_BROKEN"):\n    del PIN_CHARGER\n'
    (tmp_path / "broken" / "board.py").write_text(SIM_BOARD_FILE.read_text() + missing)
    with make(firmware=Firmware(overlays=(tmp_path / "broken",))) as stage:
        stage.run(5 * SECOND)
        sos_goes_out(stage)
        stage.lose_power()
        stage.board.env["TEST_BROKEN"] = "1"
        stage.power_on()
        stage.run(4 * SECOND)
        assert hard_resets(stage) >= 7, stage.board.stdout
        del stage.board.env["TEST_BROKEN"]
        since = stage.now_ms
        stage.until_felt("at the hub", 15 * SECOND, since)  # where it stands is said after a restart in an alarm
        assert "safe boot 5" in stage.board.stdout


def test_every_sensor_dead__an_sos_goes_out(make: Make) -> None:
    with make() as stage:
        stage.board.model.adc_broken = True
        stage.board.model.accelerometer.broken = True
        stage.board.feed_gnss(b"\xff\x00$GPRMC" * 100)
        stage.run(MINUTE)
        sos_goes_out(stage)
        assert stage.resets == []


def test_all_of_the_flash_is_worn__an_sos_goes_out_and_is_never_felt_as_kept(make: Make) -> None:
    stage = make()
    stage.board.env["WW_FLASH_WORN"] = ",".join(str(block) for block in range(256))
    with stage:
        stage.run(10 * SECOND)
        sos = stage.hold_sos()
        stage.until_felt("at the hub", 15 * SECOND, sos)
        assert "kept" not in stage.felt_since(sos) and "not getting through" in stage.felt_since(sos)


def test_half_of_the_flash_is_worn__what_was_felt_as_kept_is_kept(make: Make) -> None:
    stage = make()
    stage.board.env["WW_FLASH_WORN"] = ",".join(str(block) for block in range(2, 256, 2))
    with stage:
        stage.run(10 * SECOND)
        stage.radio.down = True
        sos = stage.hold_sos()
        stage.until_felt("kept", 2 * SECOND, sos)
        stage.lose_power()
        stage.radio.down = False
        stage.run(5 * SECOND)
        stage.power_on()
        on = stage.now_ms
        stage.until_felt("at the hub", 20 * SECOND, on)
