"""What outlives what: flash a power cut, RTC memory a reset, nothing a program that hangs."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from board_outputs import an, mail, mail_that
from watchword_sim.board import SimBoard
from watchword_sim.firmware_process import FlashInUse
from watchword_sim.outputs import BoardReset, FirmwareEnded, PowerLost
from watchword_sim.serial import serial_board
from watchword_sim.virtual_board import FirmwareHung


def test_file_closed_before_sigkill__is_there_after_it(make_board):
    async def scenario():
        board = make_board("count_boots")
        for boot in (1, 2, 3):
            await board.start()
            await board.wait_for(mail_that(b"boots %d " % boot))
            board.send_mail(b"written before the cut")
            await board.wait_for(mail_that(b"kept"))
            await board.kill()

    asyncio.run(scenario())


def test_power_goes_in_the_middle_of_any_write__what_was_closed_is_found(make_virtual_board):
    board = make_virtual_board("writer")
    told = 0
    for write in range(1, 13):
        board.start(cut_after_writes=write)
        found = int(board.run_to(mail_that(b"found"), board.now_ms + 1000).frame.split()[1])
        assert found in (told, told + 1), f"after a cut in write {write - 1}"
        board.run_to(an(PowerLost), board.now_ms + 1000)
        told = max([found] + [int(frame.split()[1]) for frame in mail(board) if frame.startswith(b"wrote")])


def test_power_goes_in_real_time__board_is_off_until_it_is_started(make_board):
    async def scenario():
        board = make_board("count_boots")
        await board.start(cut_after_writes=1)
        await board.wait_for(an(PowerLost))
        assert not board.running
        await board.start()
        await board.wait_for(mail_that(b"boots 1 "))
        await board.kill()

    asyncio.run(scenario())


def test_key_copied_by_mpremote__firmware_reads_it(make_board, tmp_path):
    key = tmp_path / "key"
    key.write_bytes(b"\x01secret")
    with serial_board(tmp_path / "board") as port:
        copy = [Path(sys.executable).with_name("mpremote"), "connect", port, "fs", "cp", key, ":key"]
        subprocess.run(copy, check=True, timeout=30, capture_output=True)

    async def scenario():
        async with make_board("count_boots") as board:
            await board.wait_for(mail_that(b"boots 1 key \x01secret"))

    asyncio.run(scenario())


def test_mpremote_session__runs_lists_and_reads_across_a_soft_reset(tmp_path):
    (tmp_path / "key").write_text("for the pendant")
    words = ["fs", "cp", tmp_path / "key", ":key", "+", "soft-reset", "+", "fs", "cat", ":key", "+"]
    words += ["exec", "import os; print(os.getcwd(), os.listdir())"]
    with serial_board(tmp_path / "board") as port:
        session = [Path(sys.executable).with_name("mpremote"), "connect", port, *words]
        said = subprocess.run(session, check=True, timeout=30, capture_output=True, text=True).stdout
    assert "for the pendant" in said
    assert "/flash ['key']" in said


def test_port_while_firmware_runs__refused(make_board, tmp_path):
    async def scenario():
        async with make_board("count_boots") as board:
            await board.wait_for(mail_that(b"boots 1"))
            with pytest.raises(FlashInUse, match="in use"), serial_board(tmp_path / "board"):
                pass
            with pytest.raises(FlashInUse):
                await SimBoard(tmp_path / "board").start()

    asyncio.run(scenario())


def test_firmware_spins_or_sleeps__watchdog_resets_the_board_each_time(make_board):
    async def scenario():
        async with make_board("hungry") as board:
            for boots in (0, 1, 2):
                await board.wait_for(mail_that(b"cause %d boots %d" % (3 if boots else 1, boots)))
                reset = await board.wait_for(an(BoardReset))
                assert reset.cause == 3

    asyncio.run(scenario())


def test_firmware_spins_in_virtual_time__watchdog_resets_it_at_its_deadline(make_virtual_board):
    with make_virtual_board("hungry", stall_s=1) as board:
        board.run_to(mail_that(b"cause 1 boots 0"), 1000)
        reset = board.run_to(an(BoardReset), 5000)
        assert 500_000 <= reset.at_us < 510_000
        board.run_to(mail_that(b"cause 3 boots 1"), 5000)
        assert board.run_to(an(BoardReset), 5000).at_us - reset.at_us == pytest.approx(1_000_000, abs=10_000)


def test_deep_sleep__boots_again_after_its_time_or_at_a_button(make_virtual_board):
    with make_virtual_board("sleeper") as board:
        board.run_to(mail_that(b"cause 1 boots 1"), 1000)
        board.press("ok", at_ms=25_000)
        second = board.run_to(mail_that(b"cause 4 boots 2"), 60_000)
        third = board.run_to(mail_that(b"cause 4 boots 3"), 60_000)
        fourth = board.run_to(mail_that(b"cause 4 boots 4"), 60_000)
        assert [mail.at_us // 1_000_000 for mail in (second, third, fourth)] == [10, 20, 25]
        assert "never printed" not in board.stdout


def test_power_cut__rtc_memory_is_lost(make_virtual_board):
    board = make_virtual_board("sleeper")
    for start_ms in (0, 20_000):
        board.run_until(start_ms)
        with board:
            board.run_to(mail_that(b"cause 1 boots 1"), start_ms + 1000)
            board.run_to(mail_that(b"cause 4 boots 2"), start_ms + 11_000)


def test_handler_raises__printed_and_the_rest_goes_on__main_raises__board_stands_still(make_virtual_board):
    with make_virtual_board("failing") as board:
        board.run_to(mail_that(b"ready"), 1000)
        board.press("ok")
        ended = board.run_to(an(FirmwareEnded), 1000)
        assert ended.failed
        board.run_until(10_000)
        board.kill()
        assert "ValueError: in the handler" in board.stdout
        assert "RuntimeError: in main" in board.stdout


def test_firmware_hangs_without_watchdog__said_instead_of_waited_for(make_virtual_board, tmp_path):
    with make_virtual_board("hangs", stall_s=0.5) as board, pytest.raises(FirmwareHung, match="no sign of life"):
        board.run_until(1000)
