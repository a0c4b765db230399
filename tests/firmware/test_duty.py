"""When the pendant may sleep: never with a visit or an alarm open, and never sooner under duress."""

import board_asyncio  # noqa: F401
from pendant import felt
from pendant.duty import LOOK_MS, OFF_AFTER_MS, RESERVED_OFF_AFTER_MS, RESERVED_SLEEP_MS, SLEEP_MS, Duty
from pendant.power import LOW_MV, RESERVE_MV, Battery, Charge, LowBattery
from story import Ana, Hub, inside
from watchword_core import gestures


class Clock:
    ms = 0

    def now_ms(self):
        return self.ms


class Shift:
    """One boot's Duty, and for how long it slept; `kept` keeps it on duty."""

    def __init__(self, by_timer=False):
        self.clock, self.charge, self.kept, self.slept = Clock(), Charge(), False, []
        self.duty = Duty(by_timer, self.clock, self.charge, lambda reserved: self.kept, self.slept.append)

    def at(self, ms, kept=False):
        """Whether it sleeps then."""
        self.clock.ms, self.kept = ms, kept
        self.slept.clear()
        self.duty.look()
        return bool(self.slept)


def test_it_sleeps_when_nothing_has_kept_it_for_a_while():
    shift = Shift()
    assert not shift.at(1_000, kept=True)
    assert not shift.at(OFF_AFTER_MS)
    assert shift.at(1_000 + OFF_AFTER_MS) and shift.slept == [SLEEP_MS]


def test_woken_by_the_timer_it_looks_around_shortly__and_stays_when_something_keeps_it():
    assert Shift(by_timer=True).at(LOOK_MS)
    found = Shift(by_timer=True)
    assert not found.at(LOOK_MS - 1, kept=True)
    assert not found.at(OFF_AFTER_MS)


def test_with_the_reserve_alone_it_sleeps_sooner_and_longer():
    shift = Shift()
    shift.charge.reserved = True
    assert not shift.at(1, kept=True)
    assert shift.at(1 + RESERVED_OFF_AFTER_MS) and shift.slept == [RESERVED_SLEEP_MS]


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


def test_the_reserve_of_an_earlier_boot_goes_on_though_the_cell_has_rested():
    charge = Charge(reserved=True)
    charge.measured(RESERVE_MV + 30)
    assert charge.reserved
    charge.measured(LOW_MV + 1)
    assert not charge.reserved


def test_woken_by_the_timer_a_low_battery_is_felt_only_if_it_stays_awake():
    for by_timer, felt_at_once in ((False, [felt.LOW_BATTERY]), (True, [])):
        ana = Ana(Hub())
        if by_timer:
            ana.p.low_battery.hush(100)
        ana.perform(ana.p.measured(LOW_MV, 200))
        assert ana.felt() == felt_at_once
        ana.perform(ana.p.measured(LOW_MV, 200 + LowBattery.AGAIN_MS))
        assert ana.felt() == [felt.LOW_BATTERY]


def test_a_converter_that_fails_is_counted_and_stops_nothing():
    class Broken:
        def read_uv(self):
            raise OSError(5)

    battery, ana = Battery(Broken(), 2), Ana(Hub())
    assert battery.measure_mv() == 0 and battery.unread == 1
    ana.perform(ana.p.measured(battery.measure_mv(), 0))
    assert ana.felt() == [], "unknown is not low"
