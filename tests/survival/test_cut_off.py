"""Parts that live and don't reach each other: out of range, a frozen engine, two phones with the same frames."""

import time

import pytest
from ana_at_work import BACK_S, GIVEN_UP_S, SOON_S, AnaAtWork
from waiting import until_async
from watchword_core import alarm, visit
from watchword_sim.visitor import Visitor

NOTICED_S = 30.0
UNDER_WAY_US = 1_000_000  # what was sent before the engine froze may still arrive

pytestmark = pytest.mark.anyio


async def test_out_of_range_in_mid_visit__the_press_arrives_when_ana_is_back_and_moves_nothing(ana: AnaAtWork) -> None:
    before = ana.record.deadlines(ana.case)
    ana.stage.air.air.down = True
    pressed_us = await ana.press_ok()
    await ana.feels("kept", pressed_us)
    await ana.feels("not getting through", pressed_us, GIVEN_UP_S)
    assert "at the hub" not in ana.felt_since(pressed_us)
    ana.stage.air.air.down = False

    await ana.feels("at the hub", pressed_us, BACK_S)
    ana.counted_once()
    ana.nothing_moved(before)
    assert ana.visit_state() == visit.INSIDE


async def test_out_of_range_in_mid_sos__each_step_is_felt_when_it_is_true_and_not_before(ana: AnaAtWork) -> None:
    async with ana.holding_sos() as held_us:
        ana.stage.air.air.down = True
    await ana.feels("kept", held_us)
    await ana.feels("not getting through", held_us, GIVEN_UP_S)
    assert "at the hub" not in ana.felt_since(held_us)
    ana.stage.air.air.down = False
    await ana.feels("at the hub", held_us, BACK_S)

    # Away again, and Ben takes it meanwhile: Ana can't know, and knows as soon as she is back.
    ana.stage.air.air.down = True
    async with ana.ben() as ben:
        await ben.submit(*ana.acknowledging())
    assert ana.alarm_stage() == alarm.WITH_PERSON
    assert "a person has it" not in ana.felt_since(held_us)
    ana.stage.air.air.down = False
    await ana.feels("a person has it", held_us, BACK_S)
    await ana.resolve()


async def test_engine_frozen__ana_the_console_and_the_outside_notice_within_30_s(ana: AnaAtWork) -> None:
    before = ana.record.deadlines(ana.case)
    async with ana.ben() as ben:
        ben.listen()
        await ben.until_heard(lambda event: event.name == "tick", SOON_S)
        await until_async(lambda: ana.outside.signs_of_life() > 0, "a sign of life", SOON_S)

        ana.stage.hub.freeze()
        frozen_us = ana.stage.now_us()
        pressed_us = await ana.press_ok()
        await ana.feels("not getting through", pressed_us, GIVEN_UP_S)
        await ana.feels("nobody watching", frozen_us, NOTICED_S - (ana.stage.now_us() - frozen_us) / 1e6)
        quiet_from_us = frozen_us + UNDER_WAY_US
        assert _ticks(ben, quiet_from_us) == 0
        assert ana.outside.signs_of_life(quiet_from_us / 1e6) == 0
        assert "at the hub" not in ana.felt_since(frozen_us)

        ana.stage.hub.thaw()
        thawed_us, thawed_s = ana.stage.now_us(), time.monotonic()
        await ben.until_heard(lambda event: event.name == "tick" and event.at_us > thawed_us, SOON_S)
        await until_async(lambda: ana.outside.signs_of_life(thawed_s) > 0, "a sign of life again", SOON_S)
    await ana.feels("at the hub", pressed_us, BACK_S)
    ana.counted_once()
    ana.nothing_moved(before)


async def test_two_phones_carry_the_same_sos__one_alarm_and_nothing_moved(ana: AnaAtWork) -> None:
    """The first phone hangs with the SOS in its pocket; a second one carries it; then the first one does so too."""
    repeated = ana.record.counted("repeated_frame")
    ana.stage.phone.freeze()
    async with ana.holding_sos() as held_us:
        pass
    await ana.feels("kept", held_us)
    second = ana.stage.start_another_phone("phone-2", "F0:F1:F2:F3:F4:F6")
    ana.stage.air.drop_links()
    await ana.feels("at the hub", held_us, BACK_S)
    before, told = ana.record.deadlines(ana.case), ana.told_of_sos()

    ana.stage.phone.thaw()
    await until_async(lambda: ana.record.counted("repeated_frame") > repeated, "the first phone's copy", BACK_S)
    ana.counted_once()
    ana.nothing_moved(before)
    assert ana.told_of_sos() == told
    assert ana.alarm_stage() == alarm.AT_HUB
    await ana.acknowledge()
    second.kill()
    await ana.resolve()


def _ticks(ben: Visitor, since_us: float) -> int:
    return sum(1 for event in ben.heard if event.name == "tick" and event.at_us >= since_us)
