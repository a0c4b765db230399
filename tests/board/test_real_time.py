"""The board in real time: edges in, motor and buzzer out, power cut at any moment."""

import asyncio

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
