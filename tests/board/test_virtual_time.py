"""The board in virtual time: one seed is one run, and an hour costs seconds."""

from dataclasses import replace

import pytest
from board_outputs import mail
from board_programs import program
from watchword_sim.firmware_process import ROOMY_HEAP, Firmware
from watchword_sim.outputs import MailSent, MotorChanged


def play(board, *, step_ms=60_000):
    """A minute with every kind of input."""
    board.press("sos", at_ms=1500)
    board.release("sos", at_ms=1700)
    board.feed_gnss(b"$GNRMC,1\r\n$GNR", at_ms=2000)
    board.feed_gnss(b"MC,2\r\n", at_ms=2500)
    board.set_battery_mv(3300, at_ms=10_000)
    board.set_accel(0, 0, -1000, at_ms=20_000)
    board.send_mail(b"hello", at_ms=30_000)
    for at_ms in range(step_ms, 60_001, step_ms):
        board.run_until(at_ms)
    return board.trace_hash


def test_same_seed_twice__same_trace(make_virtual_board):
    with make_virtual_board("chatter", seed=7) as first, make_virtual_board("chatter", seed=7) as second:
        assert play(first) == play(second)
        assert mail(first) == mail(second)
        assert b"echo hello" in mail(first)
        assert b"gnss $GNRMC,2\r\n" in mail(first)


def test_run_in_small_steps__same_trace_as_in_one(make_virtual_board):
    with make_virtual_board("chatter", seed=7) as first, make_virtual_board("chatter", seed=7) as second:
        assert play(first) == play(second, step_ms=250)


def test_other_seed__other_random_bytes_and_other_trace(make_virtual_board):
    with make_virtual_board("chatter", seed=7) as first, make_virtual_board("chatter", seed=8) as second:
        assert play(first) != play(second)
        assert mail(first)[0] != mail(second)[0]


def test_motor_pulse__starts_at_the_press_and_lasts_300_ms(make_virtual_board):
    with make_virtual_board("chatter") as board:
        board.press("sos", at_ms=5000)
        on = board.run_to(lambda output: isinstance(output, MotorChanged) and output.duty_u16 > 0, 10_000)
        off = board.run_to(lambda output: isinstance(output, MotorChanged) and output.duty_u16 == 0, 10_000)
        assert 5_000_000 <= on.at_us < 5_001_000
        assert 299_000 <= off.at_us - on.at_us <= 301_000
        assert board.now_us < 5_400_000


def test_answer_planned_when_a_frame_comes__reaches_the_firmware_that_much_later(make_virtual_board):
    def answer(output):
        if isinstance(output, MailSent) and output.frame == b"echo hello":
            board.send_mail(b"later", at_ms=board.now_ms + 50)

    with make_virtual_board("chatter", on_output=answer) as board:
        board.send_mail(b"hello", at_ms=5000)
        board.run_until(60_000)
        first, second = (
            output for output in board.log.kept if isinstance(output, MailSent) and output.frame.startswith(b"echo")
        )
        assert 5_000_000 <= first.at_us < 5_001_000
        assert 5_050_000 <= second.at_us < 5_051_000


def test_overlay__replaces_a_module_of_the_simulators(make_virtual_board, tmp_path):
    (tmp_path / "bluetooth.py").write_text("NAME = b'in memory'")
    (tmp_path / "asks.py").write_text("import bluetooth, simlink\nsimlink.mailbox_send(bluetooth.NAME)")
    firmware = Firmware(folders=(tmp_path,), module="asks", overlays=(tmp_path,))
    with make_virtual_board("asks", firmware=firmware) as board:
        board.run_until(1000)
        assert mail(board) == [b"in memory"]


def test_hour_of_rest__takes_seconds(make_virtual_board):
    with make_virtual_board("idle_hour") as board:
        board.run_until(3_600_000)
        assert board.boots == 1
        assert board.now_ms == 3_600_000
        assert board.log.count >= 3600


@pytest.mark.parametrize("heap, threshold", [(ROOMY_HEAP, b"None"), ("384K", b"4096")])
def test_only_a_heap_that_stands_for_a_boards_is_collected_as_a_board_does(make_virtual_board, heap, threshold):
    with make_virtual_board("asks_collector", firmware=replace(program("asks_collector"), heap=heap)) as board:
        board.run_until(1000)
        assert mail(board) == [threshold]


def test_input_in_the_past__refused(make_virtual_board):
    with make_virtual_board("idle_hour") as board:
        board.run_until(1000)
        with pytest.raises(ValueError, match="already"):
            board.press("ok", at_ms=500)
