"""kill -9 of each part, in mid-visit and in mid-SOS, started again after a few seconds.

Each time: no press is lost and none counted twice, no deadline moves, and Ana is told the truth throughout (the
fixture's witness checks each pattern against the hub's disk at the moment it is felt).
"""

from collections.abc import Awaitable, Callable

import pytest
from ana_at_work import BACK_S, GIVEN_UP_S, AnaAtWork
from waiting import until_async
from watchword_core import visit

pytestmark = pytest.mark.anyio


# -- the hub


async def test_hub_killed_in_mid_visit__at_the_hub_is_felt_only_when_the_next_one_has_it(ana: AnaAtWork) -> None:
    before = ana.record.deadlines(ana.case)
    ana.stage.hub.kill()

    pressed_us = await ana.press_ok()
    await ana.feels("kept", pressed_us)
    assert "at the hub" not in ana.felt_since(pressed_us)
    await ana.stage.start_hub()

    await _the_press_arrives(ana, pressed_us, before)


async def test_hub_killed_in_mid_sos__ana_feels_that_it_is_not_through_and_then_that_it_is(ana: AnaAtWork) -> None:
    async with ana.holding_sos() as held_us:
        ana.stage.hub.kill()
    await ana.feels("kept", held_us)
    await ana.feels("not getting through", held_us, GIVEN_UP_S)
    assert "at the hub" not in ana.felt_since(held_us)
    await ana.stage.start_hub()
    await ana.feels("at the hub", held_us, BACK_S)

    await _killed_again_with_the_alarm_open(ana, ana.hub_restarts)


# -- the broker, which the hub starts again by itself


async def test_broker_killed_in_mid_visit__the_press_arrives_by_the_next_one(ana: AnaAtWork) -> None:
    before = ana.record.deadlines(ana.case)
    killed = ana.kill_broker()
    pressed_us = await ana.press_ok()
    await ana.feels("kept", pressed_us)
    await ana.broker_is_back(killed)
    await _the_press_arrives(ana, pressed_us, before)


async def test_broker_killed_in_mid_sos__the_sos_arrives_by_the_next_one(ana: AnaAtWork) -> None:
    async with ana.holding_sos() as held_us:
        killed = ana.kill_broker()
    await ana.feels("kept", held_us)
    await ana.broker_is_back(killed)
    await ana.feels("at the hub", held_us, BACK_S)

    await _killed_again_with_the_alarm_open(ana, ana.broker_restarts)


# -- the phone


async def test_phone_killed_in_mid_visit__the_press_arrives_by_the_next_run(ana: AnaAtWork) -> None:
    before = ana.record.deadlines(ana.case)
    ana.stage.phone.kill()

    pressed_us = await ana.press_ok()
    await ana.feels("kept", pressed_us)
    assert "at the hub" not in ana.felt_since(pressed_us)
    ana.stage.start_phone()

    await _the_press_arrives(ana, pressed_us, before)


async def test_phone_killed_in_mid_sos__the_sos_arrives_by_the_next_run(ana: AnaAtWork) -> None:
    async with ana.holding_sos() as held_us:
        ana.stage.phone.kill()
    await ana.feels("kept", held_us)
    assert "at the hub" not in ana.felt_since(held_us)
    ana.stage.start_phone()
    await ana.feels("at the hub", held_us, BACK_S)

    await _killed_again_with_the_alarm_open(ana, ana.phone_restarts)


# -- the pendant's firmware


async def test_pendant_killed_in_mid_visit__what_ana_felt_kept_is_sent_from_its_flash(ana: AnaAtWork) -> None:
    before = ana.record.deadlines(ana.case)
    ana.stage.air.air.down = True
    pressed_us = await ana.press_ok()
    await ana.feels("kept", pressed_us)
    await ana.stage.board.kill()
    ana.stage.air.air.down = False
    await ana.stage.start_board()

    await _the_press_arrives(ana, pressed_us, before)


async def test_pendant_killed_in_mid_sos__ana_is_told_again_where_it_stands(ana: AnaAtWork) -> None:
    async with ana.holding_sos() as held_us:
        pass
    await ana.feels("kept", held_us)
    await _pendant_restarts(ana)
    await ana.alarm_is_at_hub()
    await ana.feels("at the hub", held_us, BACK_S)

    await _killed_again_with_the_alarm_open(ana, lambda: _pendant_restarts(ana))


async def _pendant_restarts(ana: AnaAtWork) -> None:
    """Whatever the earlier run still had to say, the next one says by itself."""
    restarted_us = ana.stage.now_us()
    await ana.pendant_restarts()
    await ana.feels("at the hub", restarted_us, BACK_S)
    assert "kept" not in ana.felt_since(restarted_us)


# -- what holds for each of them


async def _the_press_arrives(ana: AnaAtWork, pressed_us: int, before: dict[str, int]) -> None:
    """Ana feels it; it is there once, and it has moved nothing."""
    await ana.feels("at the hub", pressed_us, BACK_S)
    ana.counted_once()
    ana.nothing_moved(before)
    assert ana.visit_state() == visit.INSIDE
    assert "nobody watching" not in ana.felt_since(pressed_us)


async def _killed_again_with_the_alarm_open(ana: AnaAtWork, kill_and_start: Callable[[], Awaitable[None]]) -> None:
    """The part goes and comes back while nobody has taken the alarm; then a person takes it and ends it."""
    await ana.alarm_is_at_hub()
    ana.counted_once()
    before, told = ana.record.deadlines(ana.case), ana.told_of_sos()
    await kill_and_start()

    ana.nothing_moved(before)
    assert told
    assert ana.told_of_sos() == told
    await until_async(lambda: ana.outside.told("Ben", "SOS"), "Ben's telephone")
    await ana.acknowledge()
    await ana.resolve()
