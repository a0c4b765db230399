"""Ticks wrap as on the board; devices answer as their datasheets say, and refuse what isn't modelled."""

import asyncio
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from board_outputs import an, mail, mail_that
from board_programs import PROGRAMS
from watchword_sim.accelerometer import Unmodelled
from watchword_sim.board_model import BUTTONS, REPOSITORY, BoardModel, Record, encode, load_pins
from watchword_sim.micropython import simwire
from watchword_sim.outputs import FirmwareEnded

BEFORE_WRAP_MS = (1 << 30) - 100


def check_ticks(board):
    lines = [sent.split() for sent in mail(board)]
    assert lines.pop() == [b"done"]
    readings = [[int(word) for word in line] for line in lines]
    assert any(after < before for before, after, _ in readings), "the wrap was not crossed"
    assert all(0 <= after < 1 << 30 for _, after, _ in readings)
    return [slept_ms for _, _, slept_ms in readings]


def test_ticks_wrap_in_virtual_time__sleeps_last_as_long_as_before(make_virtual_board):
    with make_virtual_board("tick", ticks_start_ms=BEFORE_WRAP_MS) as board:
        board.run_until(1000)
        assert check_ticks(board) == [20] * 10


def test_ticks_wrap_in_real_time__sleeps_last_as_long_as_before(make_board):
    async def scenario():
        async with make_board("tick", ticks_start_ms=BEFORE_WRAP_MS) as board:
            await board.wait_for(mail_that(b"done"))
            assert all(20 <= slept_ms < 1000 for slept_ms in check_ticks(board))

    asyncio.run(scenario())


def test_accelerometer__identity_scale_and_fifo(make_virtual_board):
    with make_virtual_board("motion") as board:
        board.set_accel(0, 0, -2000, at_ms=200)
        board.run_to(mail_that(b"who 44"), 1000)
        board.run_to(mail_that(b"nobody 19"), 1000)
        minus_2_g = 0x10000 - 2 * 8192
        board.run_to(mail_that(b"fifo 10 first 8192 last %d" % minus_2_g), 1000)


def test_register_that_is_not_modelled__the_test_is_told(make_virtual_board):
    with make_virtual_board("motion") as board:
        board.run_to(mail_that(b"fifo"), 1000)
        board.send_mail(b"go on")
        with pytest.raises(Unmodelled, match="0x3f"):
            board.run_until(2000)


def test_accelerometers_own_driver__reads_whole_samples_and_counts_what_it_missed(make_virtual_board):
    with make_virtual_board("driver") as board:
        board.set_accel(0, 1000, -2000)
        board.run_to(mail_that(b"read 20, overruns 0, 0 1000 -2000"), 1000)
        board.run_to(mail_that(b"read 32, overruns 1, 0 1000 -2000"), 2000)


def test_accelerometers_own_driver__refuses_another_part_and_one_that_forgets(make_virtual_board, monkeypatch):
    with monkeypatch.context() as patch, make_virtual_board("driver") as board:
        patch.setattr("watchword_sim.accelerometer.CHIP_ID", 0x33)
        board.run_to(mail_that(b"refused "), 1000)
        assert b"WHO_AM_I is 33" in mail(board)[-1]
    with make_virtual_board("driver") as board:
        monkeypatch.setattr("watchword_sim.accelerometer.Lis2dw12.write", lambda *written: None)
        board.run_to(mail_that(b"refused "), 1000)
        assert b"forgets" in mail(board)[-1]


def test_task_queue__keeps_the_contract_of_the_interpreters_own(make_virtual_board):
    printed = subprocess.run(
        [Path(sys.executable).with_name("micropython"), PROGRAMS / "queue_contract.py"],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    ).stdout
    with make_virtual_board("queue_contract") as board:
        board.run_to(an(FirmwareEnded), 60_000)
        board.kill()
    own, ours = ([line for line in text.splitlines() if line.startswith("case")] for text in (printed, board.stdout))
    assert own.pop() == "case of Python's queue: False"
    assert ours.pop() == "case of Python's queue: True"
    assert len(own) == 9
    assert ours == own


def test_every_board__declares_the_same_names_and_no_pin_twice():
    boards = sorted((REPOSITORY / "firmware/boards").glob("*/board.py"))
    declared = [{name for name in vars(load_pins(path)) if not name.startswith("_")} for path in boards]
    assert len(boards) >= 2
    assert all(names == declared[0] for names in declared)
    for path in boards:
        pins = vars(load_pins(path))
        numbers = [pins[name] for name in pins if name.startswith("PIN_") or name in ("I2C_SDA", "I2C_SCL")]
        numbers += [pins["UART_GNSS_TX"], pins["UART_GNSS_RX"]]
        assert len(set(numbers)) == len(numbers), path
        assert set(BUTTONS.values()) <= set(pins)


def test_walters_pins__are_free_and_the_chip_has_them_for_that():
    pins = vars(load_pins(REPOSITORY / "firmware/boards/walter_rev_a/board.py"))
    used = {pins[name] for name in pins if name.startswith("PIN_") or name in ("I2C_SDA", "I2C_SCL")}
    used |= {pins["UART_GNSS_TX"], pins["UART_GNSS_RX"]}
    of_the_chip = {*range(22), *range(33, 49)}  # ESP32-S3: 22 to 25 aren't there, 26 to 32 are flash and PSRAM
    taken = {0, 3, 45, 46, 19, 20, 14, 48, 21, 47}  # strapping, USB, the modem
    assert used <= of_the_chip - taken
    assert pins["PIN_BATTERY_ADC"] in range(1, 11), "ADC1"
    assert max(pins["WAKES"]) <= 21, "an RTC pin"


@pytest.mark.parametrize(("atten", "seen_uv"), [(3, 2_100_000), (0, 850_000)])
def test_converter__sees_no_more_than_its_attenuation_lets_through(atten, seen_uv):
    model = BoardModel(emit=lambda output: None, battery_mv=4_200)
    read = Record(simwire.ADC_READ, model.pins.PIN_BATTERY_ADC, atten, 0, b"")
    assert model.handle(read) == encode(simwire.ANSWER, payload=struct.pack("<I", seen_uv))
