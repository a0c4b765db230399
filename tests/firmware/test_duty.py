"""When the pendant may sleep: never with a visit or an alarm open, and never sooner under duress."""

import board_asyncio  # noqa: F401
from pendant.duty import LOOK_MS, OFF_AFTER_MS, RESERVED_OFF_AFTER_MS, Duty, sleep_ms
from pendant.power import LOW_MV, RESERVE_MV, Battery, Charge
from story import Ana, Hub, inside
from watchword_core import gestures


def test_it_sleeps_when_nothing_has_kept_it_for_a_while():
    duty = Duty(False, 0)
    assert not duty.is_over(True, False, 1_000)
    assert not duty.is_over(False, False, OFF_AFTER_MS)
    assert duty.is_over(False, False, 1_000 + OFF_AFTER_MS)


def test_woken_by_the_timer_it_looks_around_shortly__and_stays_when_something_keeps_it():
    assert Duty(True, 0).is_over(False, False, LOOK_MS)
    found = Duty(True, 0)
    assert not found.is_over(True, False, LOOK_MS - 1)
    assert not found.is_over(False, False, OFF_AFTER_MS)


def test_with_the_reserve_alone_it_sleeps_sooner_and_longer():
    duty = Duty(False, 0)
    assert duty.is_over(False, True, RESERVED_OFF_AFTER_MS)
    assert not duty.is_over(True, True, RESERVED_OFF_AFTER_MS)
    assert sleep_ms(True) > sleep_ms(False) > 0


def test_at_rest_and_unlinked_nothing_keeps_it():
    assert not Ana(Hub()).p.keeps_on_duty(False)


def test_a_link_keeps_it_but_not_on_the_reserve():
    ana = Ana(Hub())
    ana.connect()
    assert ana.p.keeps_on_duty(False) and not ana.p.keeps_on_duty(True)


def test_a_visit_keeps_it_without_a_link_and_on_the_reserve():
    ana, _ = inside()
    ana.disconnect()
    assert ana.p.keeps_on_duty(False) and ana.p.keeps_on_duty(True)


def test_an_sos_keeps_it_whether_the_hub_has_it_or_not():
    ana = Ana(Hub())
    ana.press(gestures.SOS)
    assert ana.p.keeps_on_duty(True)
    ana.connect()
    ana.wait(10_000)
    ana.disconnect()
    assert ana.p.keeps_on_duty(True)


def test_a_press_that_waits_keeps_it_until_the_reserve__under_duress_as_ever():
    for gesture in (gestures.OK, gestures.DURESS):
        ana = Ana(Hub())
        ana.press(gesture)
        assert (ana.p.keeps_on_duty(False), ana.p.keeps_on_duty(True)) == (True, False)


def test_the_reserve_begins_with_two_low_measurements_and_ends_with_charging():
    charge, said = Charge(), []
    for mv in (RESERVE_MV, RESERVE_MV + 1, RESERVE_MV, 0, RESERVE_MV, RESERVE_MV, LOW_MV, LOW_MV + 1):
        charge.measured(mv)
        said.append(charge.reserved)
    assert said == [False, False, False, False, False, True, True, False]


def test_a_converter_that_fails_is_counted_and_stops_nothing():
    class Broken:
        def read_uv(self):
            raise OSError(5)

    battery, ana = Battery(Broken(), 2), Ana(Hub())
    assert battery.measure_mv() == 0 and battery.unread == 1
    ana.perform(ana.p.measured(battery.measure_mv(), 0))
    assert ana.felt() == [], "unknown is not low"
